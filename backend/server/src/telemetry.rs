//! What the program says of itself: lines on standard error, and traces where somebody collects them (OpenTelemetry).
//!
//! - Every line that is said while a request is answered names the request.
//! - Each request is a span, and so is each look at the database and each change of it within; a caller's `traceparent` (W3C Trace
//!   Context) is continued. Routes are named as the document has them, and no span says who asked or what.

use actix_web::{
    Error as ActixError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::HeaderMap,
    middleware::Next,
};
use kernel::Error;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator as _},
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Instrument as _, Level, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What becomes spans of a trace.
const TRACED: &str = "zhidu";

/// Sends what is left when it is dropped.
pub struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Begins to speak: as `ZHIDU_LOG` says how much, as `ZHIDU_LOG_FORMAT` says in which form, and to a collector if one is named.
pub fn start(collector: Option<&str>) -> Result<Telemetry, Error> {
    let filter = EnvFilter::try_from_env("ZHIDU_LOG").unwrap_or_else(|_| "info,actix_server=warn".into());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if std::env::var("ZHIDU_LOG_FORMAT").is_ok_and(|form| form == "json") { lines.json().boxed() } else { lines.boxed() };
    let provider = collector.map(provider).transpose()?;
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(TRACED))
            .with_location(false)
            .with_threads(false)
            .with_filter(Targets::new().with_target(TRACED, Level::DEBUG))
    });
    tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces).init();
    Ok(Telemetry(provider))
}

/// Sends spans as OTLP over HTTP.
fn provider(collector: &str) -> Result<SdkTracerProvider, Error> {
    if !collector.starts_with("http://") {
        return Err(Error::internal(format!("{collector}: traces go to a collector by http:// only; let it send them on by TLS")));
    }
    let endpoint = format!("{}/v1/traces", collector.trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_endpoint(endpoint).build();
    let resource = Resource::builder()
        .with_service_name("zhidu")
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter.map_err(Error::internal)?).with_resource(resource).build())
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }
    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(actix_web::http::header::HeaderName::as_str).collect()
    }
}

/// The middleware: a request is a span, by the semantic conventions for HTTP servers.
pub async fn trace<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, ActixError> {
    // The level of an error, so that also a log of errors alone names the request.
    let span = tracing::error_span!(
        target: "zhidu::request",
        "request",
        request_id = %web::request_id(request.request()),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = request.method().as_str(),
        http.route = Empty,
        http.response.status_code = Empty,
    );
    // Without a collector nobody takes the parent, and that is no error.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(request.headers())));
    let method = request.method().clone();
    let response = next.call(request).instrument(span.clone()).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "other".to_owned());
    // What a span is called is said by the request's way through the server: it is known now.
    span.context().span().update_name(format!("{method} {route}"));
    span.record("http.route", route);
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    Ok(response)
}

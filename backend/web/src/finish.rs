//! The last step of every answer: problem documents in the reader's language, request id, security headers.

use actix_web::{
    Error as ActixError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderName, HeaderValue},
    middleware::Next,
    web,
};
use kernel::{Code, Error};

use crate::{
    ApiError, AppState, PREFIX, Problem,
    context::{is_secure, reads_chinese, receipts, request_id},
    problem::Pending,
};

/// Records that an answer names at most: clients do not take headers of any length.
const RECEIPTS: usize = 40;
const EVERYWHERE: &[(HeaderName, &str)] =
    &[(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "no-referrer"), (header::X_FRAME_OPTIONS, "DENY")];
/// antd writes its styles at run time, hence 'unsafe-inline' for styles, and only for styles.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; frame-src blob:; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Wraps the whole application.
pub async fn finish(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let id = request_id(request.request()).to_string();
    let api = request.path().starts_with(PREFIX);
    let early = refuse_early(&request);
    let mut response = match early {
        Some(error) => {
            let response = actix_web::ResponseError::error_response(&ApiError(error));
            request.into_response(response)
        }
        None => match next.call(request).await {
            Ok(response) => response.map_into_boxed_body(),
            Err(error) => return Err(error),
        },
    };
    let chinese = reads_chinese(response.request());
    let pending = response.response().extensions().get::<Pending>().map(|pending| {
        log(&pending.0, &id);
        serde_json::to_vec(&Problem::of(&pending.0, chinese, &id)).unwrap_or_default()
    });
    if let Some(body) = pending {
        response = response.map_body(|_, _| BoxBody::new(body));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json; charset=utf-8"));
    }
    let secure = is_secure(response.request());
    let receipts = if response.status().is_success() { receipts(response.request()).all() } else { Vec::new() };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    // A refusal has its record too, but who may not see something must not learn from it that it exists.
    if let Ok(value) = HeaderValue::from_str(&receipts.iter().take(RECEIPTS).map(String::as_str).collect::<Vec<_>>().join(", "))
        && !receipts.is_empty()
    {
        headers.insert(HeaderName::from_static("audit-record"), value);
    }
    for (name, value) in EVERYWHERE {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static("camera=(self), microphone=(), geolocation=()"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(if api { API_POLICY } else { PAGE_POLICY }));
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    if api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    }
    Ok(response)
}

/// Plain HTTP is for this machine only, unless the administrator has named the exception.
fn refuse_early(request: &ServiceRequest) -> Option<Error> {
    let state = request.app_data::<web::Data<AppState>>()?;
    let local = request.peer_addr().is_some_and(|peer| peer.ip().is_loopback());
    let insecure = !is_secure(request.request()) && !local && !state.allow_plain_http;
    insecure.then(|| Error::new(Code::InsecureTransport))
}

fn log(error: &Error, request_id: &str) {
    match error.code().status() {
        500.. => tracing::error!(request_id, %error, "a request failed"),
        _ => tracing::debug!(request_id, %error, "a request was refused"),
    }
}

/// A request that carries our cookie must come from our own page (the browser says from where).
pub fn foreign_origin(request: &actix_web::HttpRequest) -> Result<(), Error> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(Error::new(Code::ForeignOrigin));
    }
    if let (Some(origin), Some(host)) = (text("origin"), text("host"))
        && origin.split("//").nth(1) != Some(host)
    {
        return Err(Error::new(Code::ForeignOrigin));
    }
    Ok(())
}

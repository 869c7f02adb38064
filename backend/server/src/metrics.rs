//! What is measured, for Prometheus: requests as they are answered, everything else when it is asked for.

use std::{net::IpAddr, sync::Arc, time::Instant};

use actix_web::{
    Error as ActixError, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::Data,
};
use audit::Backlog;
use db::Database;
use ipnet::IpNet;
use kernel::{Actor, ActorKind, Code, Error};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use web::{ApiError, AppState};

/// Which requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    /// As the document has it, with `{id}`; so there are never more than there are operations.
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pool {
    pool: String,
    state: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Plan {
    plan: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Receiver {
    receiver: String,
}

/// Seconds: a lookup, a list, a report.
const BUCKETS: [f64; 9] = [0.002, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

/// The durations of requests, whose count is theirs too.
#[derive(Clone)]
pub struct Requests(Family<Route, Histogram, fn() -> Histogram>);

impl Default for Requests {
    fn default() -> Self {
        Self(Family::new_with_constructor(|| Histogram::new(BUCKETS)))
    }
}

/// Who may ask for measurements, besides this machine.
#[derive(Clone, Debug)]
pub struct Networks(pub Vec<IpNet>);

impl Networks {
    fn admit(&self, address: Option<IpAddr>) -> bool {
        address.is_some_and(|address| address.to_canonical().is_loopback() || self.0.iter().any(|network| network.contains(&address)))
    }
}

/// The middleware: outermost, so that refusals are measured too.
pub async fn measure(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let requests = request.app_data::<Data<Requests>>().cloned();
    let (method, begun) = (known(request.method()), Instant::now());
    let response = next.call(request).await?.map_into_boxed_body();
    if let Some(requests) = requests {
        let route = response.request().match_pattern().unwrap_or_else(|| "other".to_owned());
        let route = Route { method, route, status: response.status().as_u16() };
        requests.0.get_or_create(&route).observe(begun.elapsed().as_secs_f64());
    }
    Ok(response)
}

/// A request may name any method, and each that is counted stays in memory.
fn known(method: &Method) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// GET /metrics. Who may not ask finds nothing.
pub async fn metrics(
    request: HttpRequest,
    state: Data<AppState>,
    requests: Data<Requests>,
    networks: Data<Networks>,
    receivers: Data<Vec<forwarding::Receiver>>,
) -> Result<HttpResponse, ApiError> {
    if !networks.admit(web::client_address(&request)) {
        return Err(Error::new(Code::NotFound).into());
    }
    let mut registry = Registry::with_prefix("zhidu");
    registry.register_with_unit("http_request_duration", "Requests, from the first byte to the answer", Unit::Seconds, requests.0.clone());
    gather(&state.db, &receivers, &mut registry).await?;
    let mut text = String::new();
    encode(&mut text, &registry).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text))
}

/// What is counted at the moment of the question.
async fn gather(db: &Database, named: &[forwarding::Receiver], registry: &mut Registry) -> Result<(), Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "metrics"));
    let read = |tx: &mut db::ReadTx<'_>| {
        let (size, backlog) = (audit::size(tx)?, audit::backlog(tx)?);
        Ok((size, backlog, workflows::all_open_work(tx)?, backup::ages(tx)?, forwarding::standings(tx)?, db::archiving(tx)?, tx.now()))
    };
    let (size, Backlog { waiting, seconds }, open, plans, receivers, archiving, now) = db.read(&actor, read).await?;
    let mut set = |name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    set("log_size", "Records in the log", size);
    set("log_backlog", "Records that have no place in the log yet", waiting);
    set("log_backlog_seconds", "For how long the oldest of them has waited", seconds);
    set("open_work_items", "Work that waits for people", open);
    if let Some(archiving) = archiving.filter(|archiving| archiving.works) {
        set(
            "wal_archive_failures",
            "How often PostgreSQL could not archive a segment of its log since its statistics begin",
            archiving.failures,
        );
        if let Some((_, at)) = archiving.archived {
            let age = Gauge::<i64>::default();
            age.set((now.millis() - at.millis()) / 1_000);
            registry.register_with_unit("wal_archived_age", "Age of the last segment that PostgreSQL has archived", Unit::Seconds, age);
        }
    }
    let pools = Family::<Pool, Gauge>::default();
    for (pool, state, count) in db.pools() {
        pools.get_or_create(&Pool { pool: pool.to_owned(), state: state.to_owned() }).set(i64::from(count));
    }
    registry.register("database_connections", "Connections to the database", pools);
    let (ages, late) = (Family::<Plan, Gauge>::default(), Family::<Plan, Gauge>::default());
    for (plan, age, is_late) in plans {
        let plan = Plan { plan };
        if let Some(age) = age {
            ages.get_or_create(&plan).set(age);
        }
        late.get_or_create(&plan).set(i64::from(is_late));
    }
    let (behind, failing) = (Family::<Receiver, Gauge>::default(), Family::<Receiver, Gauge>::default());
    for standing in receivers.iter().filter(|standing| named.iter().any(|one| one.name == standing.name)) {
        let receiver = Receiver { receiver: standing.name.clone() };
        behind.get_or_create(&receiver).set((size - standing.next_leaf).max(0));
        failing.get_or_create(&receiver).set(i64::from(standing.failing_since.is_some()));
    }
    registry.register("forward_backlog", "Records that a receiver of the log has not confirmed", behind);
    registry.register("forward_failing", "Whether the last attempt to forward the log failed", failing);
    registry.register_with_unit("backup_age", "Age of the newest verified backup of each plan", Unit::Seconds, ages);
    registry.register("backup_late", "Whether the newest verified backup of a plan is too old", late);
    Ok(())
}

/// GET /livez: the process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_nobody_knows_are_counted_together() {
        let made: Vec<Method> = (0..100).map(|number| Method::from_bytes(format!("X{number}").as_bytes()).unwrap()).collect();
        assert!(made.iter().all(|method| known(method) == "other"));
        assert_eq!((known(&Method::GET), known(&Method::PATCH)), ("GET", "PATCH"));
    }

    #[test]
    fn only_this_machine_and_named_networks_may_ask() {
        let networks = Networks(vec!["10.1.0.0/16".parse().unwrap()]);
        for (address, admitted) in [("127.0.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.1.2.3", true), ("10.2.0.1", false)]
        {
            assert_eq!(networks.admit(Some(address.parse().unwrap())), admitted, "{address}");
        }
        assert!(!networks.admit(None));
    }
}

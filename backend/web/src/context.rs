//! What a request knows before anybody looks at its body: who, from where, in which language.

use std::{net::IpAddr, sync::Arc};

use actix_web::{HttpMessage as _, HttpRequest, http::header, web};
use db::Database;
use futures_util::future::LocalBoxFuture;
use kernel::{Actor, ActorKind, Error, Grants, Receipts, UnitId, Uuid};

/// Who a bearer token stands for.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// In the page, or a program.
    pub kind: ActorKind,
    /// The person.
    pub id: Uuid,
    /// The person's name now.
    pub name: String,
    /// The unit of the main post.
    pub unit: Option<UnitId>,
    /// The session or access token.
    pub session: Uuid,
    /// What they may do.
    pub grants: Arc<Grants>,
    /// True until the initial password is replaced: nothing else is open.
    pub must_change_password: bool,
}

/// Turns a bearer token into a person; `identity` implements it.
pub trait Authenticator: Send + Sync {
    /// Fails with 401 if the token is not valid now.
    fn authenticate<'a>(&'a self, token: &'a str, address: Option<IpAddr>) -> LocalBoxFuture<'a, Result<Authenticated, Error>>;
}

/// Which peers may speak for others, by `X-Forwarded-For` and `-Proto`.
#[derive(Clone, Debug, Default)]
pub struct Proxies(pub Vec<IpAddr>);

/// What all handlers share.
pub struct AppState {
    /// The database.
    pub db: Database,
    /// Who is who.
    pub authenticator: Arc<dyn Authenticator>,
    /// Named proxies.
    pub proxies: Proxies,
    /// The address under which people reach the product, for QR codes and links; from the request if not set.
    pub public_url: Option<String>,
    /// Serve plain HTTP to others than this machine.
    pub allow_plain_http: bool,
}

/// The id of the request, made once.
#[derive(Clone, Copy)]
pub(crate) struct RequestId(pub Uuid);

pub fn request_id(request: &HttpRequest) -> Uuid {
    if let Some(RequestId(id)) = request.extensions().get::<RequestId>() {
        return *id;
    }
    let id = kernel::PersonId::new().uuid();
    request.extensions_mut().insert(RequestId(id));
    id
}

/// Where the receipts of the request are collected.
pub(crate) fn receipts(request: &HttpRequest) -> Receipts {
    let mut extensions = request.extensions_mut();
    match extensions.get::<Receipts>() {
        Some(known) => known.clone(),
        None => {
            let new = Receipts::default();
            extensions.insert(new.clone());
            new
        }
    }
}

/// Chinese unless English is preferred: the first language of the list that we speak.
pub(crate) fn reads_chinese(request: &HttpRequest) -> bool {
    let wanted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    wanted
        .split(',')
        .map(str::trim)
        .find_map(|language| match language.get(..2) {
            Some("zh") => Some(true),
            Some("en") => Some(false),
            _ => None,
        })
        .unwrap_or(true)
}

fn state(request: &HttpRequest) -> Option<&web::Data<AppState>> {
    request.app_data::<web::Data<AppState>>()
}

fn from_proxy(request: &HttpRequest) -> bool {
    let peer = request.peer_addr().map(|address| address.ip());
    state(request).zip(peer).is_some_and(|(state, peer)| state.proxies.0.contains(&peer))
}

fn header_text<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The client's address. What a stranger claims to have forwarded is not believed: the last hop that is no proxy counts.
#[must_use]
pub fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr().map(|address| address.ip());
    if !from_proxy(request) {
        return peer;
    }
    let proxies = state(request).map(|state| state.proxies.0.clone()).unwrap_or_default();
    header_text(request, "x-forwarded-for")
        .into_iter()
        .flat_map(|hops| hops.rsplit(','))
        .filter_map(|hop| hop.trim().parse().ok())
        .find(|hop| !proxies.contains(hop))
        .or(peer)
}

/// Whether the client came by HTTPS, here or at a named proxy.
#[must_use]
pub fn is_secure(request: &HttpRequest) -> bool {
    if from_proxy(request) && header_text(request, "x-forwarded-proto") == Some("https") {
        return true;
    }
    request.app_config().secure()
}

/// The actor of a request: anonymous until a guard says more.
#[must_use]
pub fn context_actor(request: &HttpRequest, who: Option<Authenticated>) -> Actor {
    let mut actor = Actor::of_kind(ActorKind::Anonymous, "anonymous");
    actor.request_id = request_id(request);
    actor.address = client_address(request).map(|address| address.to_string());
    actor.user_agent = header_text(request, "user-agent").map(|agent| agent.chars().filter(|c| !c.is_control()).take(300).collect());
    actor.trace_id = header_text(request, "traceparent").and_then(trace_id);
    actor.operation = format!("{} {}", request.method(), request.match_pattern().unwrap_or_else(|| "unknown".to_owned()));
    actor.chinese = reads_chinese(request);
    actor.receipts = Some(receipts(request));
    if let Some(who) = who {
        actor.kind = who.kind;
        actor.id = Some(who.id);
        actor.name = who.name;
        actor.unit = who.unit;
        actor.session = Some(who.session);
        actor.grants = who.grants;
    }
    actor
}

/// The trace id of a W3C `traceparent` header, if it is one.
fn trace_id(value: &str) -> Option<String> {
    let id = value.split('-').nth(1)?;
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.to_ascii_lowercase())
}

//! The door for inventory agents, outside the API: Basic authentication, tolerant of what it does not know.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, dev,
    http::header,
    web::{Data, Payload},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use db::{Database, Event, Housekeeping};
use kernel::{Actor, ActorKind, Code, Error, Ts, may};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, AppState, Created, Fine, Guard, NoContent, Path, Secret, Valid, View, rules};

use crate::{
    inventory::{Inventory, Message, Shape, decode},
    model::{Credential, CredentialId},
    service, store,
};

/// What an agent sends at most, packed.
const LIMIT: usize = 16 << 20;

/// POST /inventory: a prolog is told to send, an inventory is taken.
pub async fn receive(request: HttpRequest, state: Data<AppState>, body: Payload) -> HttpResponse {
    let mut body = body.into_inner();
    let taken = take(&request, &state, &mut body).await;
    web::drain(body).await;
    match taken {
        Ok(answer) => answer,
        Err(error) if error.code() == Code::Unauthenticated => {
            HttpResponse::Unauthorized().insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"zhidu\"")).finish()
        }
        Err(error) => actix_web::ResponseError::error_response(&ApiError(error)),
    }
}

async fn take(request: &HttpRequest, state: &AppState, body: &mut dev::Payload) -> Result<HttpResponse, Error> {
    let credential = authenticate(request, &state.db).await?;
    let packed = web::collect(request, body.take(), LIMIT).await?;
    let (message, shape, encoding) = tokio_blocking(move || decode(&packed)).await?;
    let answer = match (message, shape) {
        (Message::Prolog, Shape::Xml) => {
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><REPLY><PROLOG_FREQ>24</PROLOG_FREQ><RESPONSE>SEND</RESPONSE></REPLY>"
        }
        (Message::Prolog, Shape::Json) => {
            "{\"status\":\"ok\",\"expiration\":24,\"tasks\":{\"inventory\":{\"server\":\"glpi\",\"version\":\"10.0.18\"}}}"
        }
        (Message::Inventory(report), shape) => {
            let mut actor = web::context_actor(request, None);
            actor.kind = ActorKind::DeviceAgent;
            actor.id = Some(credential.id.uuid());
            actor.name = credential.name.clone();
            keep(&state.db, &Arc::new(actor), *report).await?;
            if shape == Shape::Xml {
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><REPLY><RESPONSE>ACCOUNT_UPDATE</RESPONSE></REPLY>"
            } else {
                "{\"status\":\"ok\",\"expiration\":24}"
            }
        }
    };
    let media_type = match (shape, encoding) {
        (Shape::Json, _) => "application/json",
        (Shape::Xml, crate::inventory::Encoding::Zlib) => "application/x-compress-zlib",
        (Shape::Xml, crate::inventory::Encoding::Plain) => "application/xml",
    };
    let packed = if shape == Shape::Json { answer.as_bytes().to_vec() } else { encoding.pack(answer)? };
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, media_type)).body(packed))
}

async fn tokio_blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    actix_web::web::block(work).await.map_err(Error::internal)?
}

/// Takes a report and brings the software list up to date, chunk by chunk.
pub async fn keep(db: &Database, actor: &Arc<Actor>, report: Inventory) -> Result<(), Error> {
    let received = db.write(actor, move |tx| service::receive(tx, &report)).await?;
    let id = received.id;
    db.housekeep(Housekeeping::InventorySeen, move |rows| store::seen(rows, id)).await?;
    if let Some(packages) = received.packages {
        let packages = Arc::new(packages);
        loop {
            let packages = Arc::clone(&packages);
            if db.write(actor, move |tx| service::sync_software(tx, id, &packages)).await? {
                break;
            }
        }
    }
    Ok(())
}

async fn authenticate(request: &HttpRequest, db: &Database) -> Result<Credential, Error> {
    let refused = || Error::new(Code::Unauthenticated);
    let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(refused)?;
    let encoded = value.strip_prefix("Basic ").ok_or_else(refused)?;
    let pair = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(refused)?;
    let (user, secret) = pair.split_once(':').ok_or_else(refused)?;
    let (user, hash) = (user.to_owned(), Sha256::digest(secret).to_vec());
    let actor = Arc::new(Actor::of_kind(ActorKind::DeviceAgent, "inventory"));
    let found = db.read(&actor, move |tx| store::credential_by_name(tx, &user)).await?;
    let credential = found.filter(|credential| credential.secret_hash == hash).ok_or_else(refused)?;
    let id = credential.id;
    db.housekeep(Housekeeping::Sessions, move |rows| store::touch_credential(rows, id)).await?;
    Ok(credential)
}

/// A credential without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct CredentialView {
    id: CredentialId,
    name: String,
    /// The agent's `--user`.
    user_name: String,
    created_at: Ts,
    #[schema(required)]
    last_used_at: Option<Ts>,
}

impl From<Credential> for CredentialView {
    fn from(row: Credential) -> Self {
        Self { id: row.id, name: row.name, user_name: row.user_name, created_at: row.created_at, last_used_at: row.last_used_at }
    }
}

/// Credentials.
#[derive(Debug, Serialize, ToSchema)]
pub struct CredentialViews {
    items: Vec<CredentialView>,
}
impl View for CredentialViews {}

/// A new credential with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewCredentialView {
    #[serde(flatten)]
    view: CredentialView,
    /// The agent's `--password`; shown once.
    secret: String,
}

/// GET /inventory-credentials
pub async fn credentials(call: Guard<may::ConfigureEquipment>) -> Result<Fine<CredentialViews>, ApiError> {
    call.read(|tx| Ok(CredentialViews { items: store::credentials(tx)?.into_iter().map(Into::into).collect() })).await
}

/// A credential to be made.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCredential {
    /// Where it will be used.
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
}

/// POST /inventory-credentials
pub async fn create_credential(
    call: Guard<may::ConfigureEquipment>,
    body: Valid<CreateCredential>,
) -> Result<Created<Secret<NewCredentialView>>, ApiError> {
    let body = body.into_inner();
    let random = || {
        let mut bytes = [0u8; 24];
        rand::rng().fill(&mut bytes[..]);
        URL_SAFE_NO_PAD.encode(bytes)
    };
    let (secret, user) =
        (random(), format!("agent-{}", random().chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>().to_lowercase()));
    call.create(move |tx| {
        let row = Credential {
            id: CredentialId::new(),
            name: body.name.clone(),
            user_name: user.clone(),
            secret_hash: Sha256::digest(&secret).to_vec(),
            created_at: tx.now(),
            last_used_at: None,
            revoked_at: None,
            version: 1,
        };
        let event = Event::new("inventory_credential.created", row.id, row.name.clone()).created().set("user_name", &row.user_name);
        let recorded = tx.record(event, |rows| store::insert_credential(rows, &row))?;
        Ok(recorded.map(|()| Secret(NewCredentialView { view: row.clone().into(), secret: secret.clone() })))
    })
    .await
}

/// DELETE /inventory-credentials/{id}
pub async fn revoke_credential(call: Guard<may::ConfigureEquipment>, id: Path<CredentialId>) -> Result<NoContent, ApiError> {
    let id = *id;
    call.done(move |tx| {
        let row = store::find_credential(tx, id)?.ok_or_else(|| Error::absent(id))?;
        if row.revoked_at.is_some() {
            return Ok(tx.unchanged(()));
        }
        let event = Event::new("inventory_credential.revoked", id, row.name.clone()).step(row.version);
        tx.record(event, |rows| store::revoke_credential(rows, &row))
    })
    .await
}

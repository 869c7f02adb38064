//! Targets of messages to other systems.

use kernel::{Ts, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, Path, Valid, View, rules};

use crate::{
    model::{DeliveryId, Webhook, WebhookId},
    service::webhooks,
    store,
};

/// A target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookView {
    pub id: WebhookId,
    pub name: String,
    pub url: String,
    pub active: bool,
    pub version: i32,
    /// The newest messages.
    pub deliveries: Vec<DeliveryView>,
    /// Shown once, when it is made.
    #[schema(required)]
    pub secret: Option<String>,
}
impl View for WebhookView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
    fn secret(&self) -> bool {
        self.secret.is_some()
    }
}

/// A message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    pub id: DeliveryId,
    pub created_at: Ts,
    #[schema(required)]
    pub delivered_at: Option<Ts>,
    /// When it is tried again; null if it is not.
    #[schema(required)]
    pub next_at: Option<Ts>,
    pub attempts: i32,
    #[schema(required)]
    pub last_error: Option<String>,
}

/// All targets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookList {
    pub items: Vec<WebhookView>,
}
impl View for WebhookList {}

fn view(tx: &mut db::ReadTx<'_>, row: Webhook, secret: Option<String>) -> Result<WebhookView, kernel::Error> {
    let deliveries = store::deliveries(tx, row.id, 20)?
        .into_iter()
        .map(|one| DeliveryView {
            id: one.id,
            created_at: one.created_at,
            delivered_at: one.delivered_at,
            next_at: one.next_at,
            attempts: one.attempts,
            last_error: one.last_error,
        })
        .collect();
    Ok(WebhookView { id: row.id, name: row.name, url: row.url, active: row.active, version: row.version, deliveries, secret })
}

/// GET /webhooks
pub async fn list(call: Guard<may::ManageWebhooks>) -> Result<Fine<WebhookList>, ApiError> {
    call.read(|tx| {
        let rows = store::webhooks(tx)?;
        let items = rows.into_iter().map(|row| view(tx, row, None)).collect::<Result<_, _>>()?;
        Ok(WebhookList { items })
    })
    .await
}

/// A new target.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// `https://…`; `http://…` and addresses inside only where the server's settings allow them (`--webhook-network`).
    #[validate(length(min = 8, max = 500), custom(function = "address"))]
    #[schema(min_length = 8, max_length = 500)]
    url: String,
}

fn address(url: &str) -> Result<(), validator::ValidationError> {
    let fine = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme))
        && !url.contains(['@', ' ', '"'])
        && url.chars().all(|letter| !letter.is_control());
    if fine { Ok(()) } else { Err(validator::ValidationError::new("webhook.target_forbidden")) }
}

/// POST /webhooks
pub async fn create(call: Guard<may::ManageWebhooks>, body: Valid<CreateWebhook>) -> Result<Created<WebhookView>, ApiError> {
    let body = body.into_inner();
    call.create(move |tx| {
        webhooks::create(tx, &body.name, &body.url)?.and_then(|row| {
            let secret = row.secret.clone();
            view(tx, row, Some(secret))
        })
    })
    .await
}

/// What to change.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeWebhook {
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    #[validate(length(min = 8, max = 500), custom(function = "address"))]
    #[schema(min_length = 8, max_length = 500)]
    url: Option<String>,
    active: Option<bool>,
}

/// PATCH /webhooks/{id}
pub async fn change(
    call: Guard<may::ManageWebhooks>,
    id: Path<WebhookId>,
    expected: IfMatch,
    body: Valid<ChangeWebhook>,
) -> Result<Fine<WebhookView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| {
        webhooks::change(tx, id, expected.0, body.name.as_deref(), body.url.as_deref(), body.active)?.and_then(|()| {
            let row = store::webhook(tx, id)?.ok_or_else(|| kernel::Error::absent(id))?;
            view(tx, row, None)
        })
    })
    .await
}

//! The door for Prometheus Alertmanager: its webhook receiver posts here with somebody's access token.

use kernel::{Error, Uuid, may};
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, Fine, Guard, Valid, View};

use crate::{
    alerts::{self, AlertOutcome, Notification, Received},
    model::{Ticket, TicketId, TicketState},
    service,
};

/// The ticket of a group of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertTicket {
    id: TicketId,
    number: String,
    state: TicketState,
}

impl From<Ticket> for AlertTicket {
    fn from(row: Ticket) -> Self {
        Self { id: row.id, number: row.number, state: row.state }
    }
}

/// What became of a notification.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertsReceived {
    outcome: AlertOutcome,
    /// Null if there was nothing to report.
    #[schema(required)]
    ticket: Option<AlertTicket>,
}
impl View for AlertsReceived {}

impl From<Received> for AlertsReceived {
    fn from(received: Received) -> Self {
        Self { outcome: received.outcome, ticket: received.ticket.map(Into::into) }
    }
}

/// POST /alerts/alertmanager
pub async fn alertmanager(call: Guard<may::ReportTickets>, body: Valid<Notification>) -> Result<Fine<AlertsReceived>, ApiError> {
    let notification = body.into_inner();
    // Two that tell the same at the same time, as a cluster of Alertmanagers may, wait for each other instead of losing races.
    let key = alerts::key(call.actor().require_person()?, &notification.group_key);
    let group = key.first_chunk().copied().map(Uuid::from_bytes).ok_or_else(|| Error::internal("a hash of SHA-256 is longer"))?;
    call.behind(group).change(move |tx| service::receive_alerts(tx, &notification).map(|recorded| recorded.map(Into::into))).await
}

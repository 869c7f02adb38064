//! Handler and view.

use actix_web::web::Data;
use kernel::{Permission, Ts, may};
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, Fine, Guard, View};

use crate::{receiver::Receiver, store};

/// Whom the log is forwarded to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceiverView {
    /// As the server was told to call it.
    pub name: String,
    /// Where it is, without what may be a key; null if the server is no longer told to forward to it.
    #[schema(required)]
    pub address: Option<String>,
    /// How many records it has confirmed, from the first on.
    pub confirmed: i64,
    /// How many it has not.
    pub waiting: i64,
    /// When it last confirmed some.
    #[schema(required)]
    pub confirmed_at: Option<Ts>,
    /// Since when every attempt has failed.
    #[schema(required)]
    pub failing_since: Option<Ts>,
    /// Why the last one failed, in the words of the network.
    #[schema(required)]
    pub failure: Option<String>,
}

/// All of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceiversView {
    /// By name.
    pub items: Vec<ReceiverView>,
}
impl View for ReceiversView {}

/// GET /log/receivers
pub async fn list(call: Guard<may::ReadRecords>, named: Data<Vec<Receiver>>) -> Result<Fine<ReceiversView>, ApiError> {
    call.read(move |tx| {
        tx.actor().demand(Permission::ReadRecords, None)?;
        let size = audit::size(tx)?;
        let address = |name: &str| named.iter().find(|receiver| receiver.name == name).map(|receiver| receiver.address.to_string());
        let view = |standing: store::Standing| ReceiverView {
            address: address(&standing.name),
            name: standing.name,
            confirmed: standing.next_leaf,
            waiting: (size - standing.next_leaf).max(0),
            confirmed_at: standing.delivered_at,
            failing_since: standing.failing_since,
            failure: standing.failure,
        };
        Ok(ReceiversView { items: store::standings(tx)?.into_iter().map(view).collect() })
    })
    .await
}

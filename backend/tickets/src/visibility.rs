//! Who sees changes of tickets in the feed: who sees them in the list.

use std::collections::BTreeSet;

use audit::Visibility;
use db::ReadTx;
use kernel::{Error, Uuid};

use crate::{model::TicketId, service};

/// For tickets.
pub struct TicketVisibility;

impl Visibility for TicketVisibility {
    fn kind(&self) -> &'static str {
        "ticket"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        let ids: Vec<TicketId> = ids.iter().copied().map(TicketId::from_uuid).collect();
        Ok(service::visible_among(tx, &ids)?.into_iter().map(|id| id.uuid()).collect())
    }
}

//! Who sees changes of equipment in the feed: who sees it in the list.

use std::collections::BTreeSet;

use audit::Visibility;
use db::ReadTx;
use kernel::{Error, Uuid};

use crate::{model::EquipmentId, policy, store};

/// For equipment.
pub struct EquipmentVisibility;

impl Visibility for EquipmentVisibility {
    fn kind(&self) -> &'static str {
        "equipment"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        let ids: Vec<EquipmentId> = ids.iter().copied().map(EquipmentId::from_uuid).collect();
        let rows = store::by_ids(tx, &ids)?;
        Ok(rows.iter().filter(|row| policy::can_see(tx.actor(), row)).map(|row| row.id.uuid()).collect())
    }
}

//! Who sees changes of people and units in the feed: whoever may read the directory.

use std::collections::BTreeSet;

use audit::Visibility;
use db::ReadTx;
use kernel::{Error, Permission, Uuid};

/// For people.
pub struct PeopleVisibility;
/// For units.
pub struct UnitVisibility;

fn readers(tx: &ReadTx<'_>, ids: &[Uuid]) -> BTreeSet<Uuid> {
    if tx.actor().holds(Permission::ReadOrg) { ids.iter().copied().collect() } else { BTreeSet::new() }
}

impl Visibility for PeopleVisibility {
    fn kind(&self) -> &'static str {
        "person"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        Ok(readers(tx, ids))
    }
}
impl Visibility for UnitVisibility {
    fn kind(&self) -> &'static str {
        "org_unit"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        Ok(readers(tx, ids))
    }
}

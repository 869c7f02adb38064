//! Who sees changes of backups in the feed: who sees them in the lists.

use std::collections::BTreeSet;

use audit::Visibility;
use db::ReadTx;
use kernel::{Error, Uuid};

use crate::policy;

/// For one kind of this slice: `backup_plan`, `backup`, `backup_place`, `backup_medium`, `backup_handover`.
pub struct BackupVisibility(pub &'static str);

impl Visibility for BackupVisibility {
    fn kind(&self) -> &'static str {
        self.0
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        Ok(if policy::check_read(tx.actor()).is_ok() { ids.iter().copied().collect() } else { BTreeSet::new() })
    }
}

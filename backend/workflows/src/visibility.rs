//! Who sees changes of cases and processes in the feed: who sees them in the lists.

use std::collections::BTreeSet;

use audit::Visibility;
use db::ReadTx;
use kernel::{Error, Permission, Uuid};

use crate::{
    model::{CaseId, ProcessState},
    service::cases,
    store,
};

/// For cases.
pub struct CaseVisibility;

impl Visibility for CaseVisibility {
    fn kind(&self) -> &'static str {
        "case"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        let ids: Vec<CaseId> = ids.iter().copied().map(CaseId::from_uuid).collect();
        Ok(cases::visible_among(tx, &ids)?.into_iter().map(|id| id.uuid()).collect())
    }
}

/// For processes.
pub struct ProcessVisibility;

impl Visibility for ProcessVisibility {
    fn kind(&self) -> &'static str {
        "process"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        let designs = tx.actor().holds(Permission::DesignProcesses);
        let all = store::processes(tx)?;
        let seen = all.into_iter().filter(|process| designs || process.state != ProcessState::Draft).map(|process| process.id.uuid());
        Ok(seen.filter(|id| ids.contains(id)).collect())
    }
}

//! Who sees changes of runs and plans in the feed: who sees them in the lists.

use std::collections::BTreeSet;

use audit::Visibility;
use db::ReadTx;
use kernel::{Error, Uuid};

use crate::{
    kinds,
    model::{PlanId, RunId},
    policy,
    service::plans,
    store,
};

/// For runs.
pub struct RunVisibility;

impl Visibility for RunVisibility {
    fn kind(&self) -> &'static str {
        "report_run"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        let mut seen = BTreeSet::new();
        for id in ids {
            if let Some(run) = store::run(tx, RunId::from_uuid(*id))?
                && policy::can_see(tx.actor(), kinds::find(&run.report), run.unit_id)
            {
                seen.insert(*id);
            }
        }
        Ok(seen)
    }
}

/// For planned reports.
pub struct PlanVisibility;

impl Visibility for PlanVisibility {
    fn kind(&self) -> &'static str {
        "report_plan"
    }
    fn visible(&self, tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
        let mut seen = BTreeSet::new();
        for id in ids {
            if let Some(plan) = store::plan(tx, PlanId::from_uuid(*id))?
                && plans::can_see(tx, &plan)
            {
                seen.insert(*id);
            }
        }
        Ok(seen)
    }
}

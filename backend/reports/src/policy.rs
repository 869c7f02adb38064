//! Who may ask for what: the page shows the same answers that the services give.

use kernel::{Actor, Code, Error, Permission, UnitId};

use crate::{
    kinds::Kind,
    model::{Plan, ReportRunState, Run},
};

/// Whether a report can be asked for somewhere.
#[must_use]
pub fn may_ask_somewhere(actor: &Actor, kind: &Kind) -> bool {
    let reach = actor.reach(kind.permission);
    reach.all || kind.by_unit && !reach.closure.is_empty()
}

/// A report speaks of a unit, or of the whole company, to whoever holds its permission there.
pub fn check_ask(actor: &Actor, kind: &Kind, unit: Option<UnitId>) -> Result<(), Error> {
    if actor.may_in(kind.permission, unit) { Ok(()) } else { Err(Error::forbidden(Code::Forbidden).with("permission", kind.permission)) }
}

/// What was made is there for everybody who could ask for it.
#[must_use]
pub fn can_see(actor: &Actor, kind: Option<&Kind>, unit: Option<UnitId>) -> bool {
    kind.is_some_and(|kind| actor.may_in(kind.permission, unit))
}

/// Whoever asked for it, or who manages security, has the content deleted.
pub fn check_discard(actor: &Actor, run: &Run) -> Result<(), Error> {
    if !actor.is(run.requested_by) && !actor.may_in(Permission::ManageSecurity, run.unit_id) {
        return Err(Error::forbidden(Code::Forbidden).with("permission", Permission::ManageSecurity).about(run.id));
    }
    if run.state == ReportRunState::Made { Ok(()) } else { run.check_made() }
}

/// A plan is its owner's.
pub fn check_change_plan(actor: &Actor, plan: &Plan) -> Result<(), Error> {
    if actor.is(plan.owner_id) { Ok(()) } else { Err(Error::forbidden(Code::ReportPlanNotYours).about(plan.id)) }
}

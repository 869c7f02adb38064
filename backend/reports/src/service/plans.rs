//! Reports that come by themselves.

use db::{Event, ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, Ts, UnitId};

use super::{For, kind, queue};
use crate::{
    kinds::{self, Kind, Span},
    model::{Plan, PlanId, ReportParameters, ReportPeriod},
    policy, store,
};

/// What is to come by itself.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub report: String,
    pub name: String,
    pub period: ReportPeriod,
    pub unit_id: Option<UnitId>,
}

/// What is to be changed; none: left as it is.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub name: Option<String>,
    pub period: Option<ReportPeriod>,
    pub active: Option<bool>,
}

/// A plan that the actor may see: its owner, and whoever could ask for the report.
pub fn visible(tx: &mut ReadTx<'_>, id: PlanId) -> Result<Plan, Error> {
    let plan = store::plan(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if can_see(tx, &plan) { Ok(plan) } else { Err(Error::hidden(id)) }
}

/// Whether the actor may see it.
#[must_use]
pub fn can_see(tx: &ReadTx<'_>, plan: &Plan) -> bool {
    tx.actor().is(plan.owner_id) || policy::can_see(tx.actor(), kinds::find(&plan.report), plan.unit_id)
}

/// Has a report made after each day, week, month, quarter or year, by the right of whoever asks for it now.
pub fn create(tx: &mut WriteTx<'_>, wanted: &Wanted) -> Result<Recorded<PlanId>, Error> {
    let kind = kind(&wanted.report)?;
    if let Some(unit) = wanted.unit_id {
        if !kind.by_unit {
            return Err(Error::invalid("/unit_id", Code::ReportByUnit));
        }
        identity::directory::active_unit(tx, unit, "/unit_id")?;
    }
    policy::check_ask(tx.actor(), kind, wanted.unit_id)?;
    let plan = Plan {
        id: PlanId::new(),
        report: wanted.report.clone(),
        name: wanted.name.clone(),
        period: wanted.period,
        unit_id: wanted.unit_id,
        owner_id: tx.actor().require_person()?,
        owner_name: tx.actor().name.clone(),
        active: true,
        next_at: wanted.period.next(tx.now())?,
        problem: None,
        created_at: tx.now(),
        version: 1,
    };
    let event = Event::new("report_plan.created", plan.id, plan.name.clone())
        .created()
        .unit(plan.unit_id)
        .fact("report", &plan.report)
        .set("name", &plan.name)
        .set("period", &plan.period);
    tx.record(event, |rows| {
        store::insert_plan(rows, &plan)?;
        Ok(plan.id)
    })
}

/// Changes one, lets it rest, or wakes it: then it is made when the period is over in which it was woken.
pub fn change(tx: &mut WriteTx<'_>, id: PlanId, expected: i32, changes: &Changes) -> Result<Recorded<()>, Error> {
    let before = visible(tx, id)?;
    policy::check_change_plan(tx.actor(), &before)?;
    let mut after = before.clone();
    after.name = changes.name.clone().unwrap_or(after.name);
    after.period = changes.period.unwrap_or(after.period);
    after.active = changes.active.unwrap_or(after.active);
    let event = Event::new("report_plan.changed", id, after.name.clone())
        .step(before.version)
        .unit(before.unit_id)
        .fact("report", &before.report)
        .change("name", &before.name, &after.name)
        .change("period", &before.period, &after.period)
        .change("active", &before.active, &after.active);
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    if after.period != before.period || after.active && !before.active {
        (after.next_at, after.problem) = (after.period.next(tx.now())?, None);
    }
    tx.record(event, |rows| store::update_plan(rows, &after, expected))
}

/// What a planned report speaks of when it is made now.
fn parameters(kind: &Kind, plan: &Plan, now: Ts) -> Result<ReportParameters, Error> {
    let (from, to) = plan.period.before(now)?;
    Ok(ReportParameters { from: (kind.span == Span::Period).then_some(from), to: Some(to), unit_id: plan.unit_id })
}

/// Asks for a report in its owner's name, if the owner may still ask for it, and moves the plan on.
pub(super) fn due(tx: &mut WriteTx<'_>, plan: &Plan, next: Ts) -> Result<Recorded<()>, Error> {
    if store::plan(tx, plan.id)?.is_none_or(|now| now.next_at != plan.next_at || !now.active) {
        // Another replica came first, or its owner has changed it.
        return Ok(tx.unchanged(()));
    }
    let kind = kind(&plan.report)?;
    if !identity::directory::may_in(tx, plan.owner_id, kind.permission, plan.unit_id)? {
        return Err(Error::forbidden(Code::Forbidden).with("permission", kind.permission));
    }
    let parameters = parameters(kind, plan, tx.now())?;
    let who = For { person: plan.owner_id, name: plan.owner_name.clone(), plan: Some(plan.id) };
    let asked = queue(tx, kind, parameters, None, who, |rows| store::advance(rows, plan, next, None))?;
    Ok(asked.map(|_| ()))
}

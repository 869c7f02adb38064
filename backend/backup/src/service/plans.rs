//! Plans: what is backed up how often, who answers for it, how long backups stay.

use db::{Event, ReadTx, Recorded, WriteTx};
use equipment::EquipmentId;
use identity::directory;
use kernel::{Code, Error, PersonId, Ts};

use crate::{
    model::{DrillResult, Plan, PlanHealth, PlanId, PlanSubject, seconds_of_day},
    policy, store,
    targets::Targets,
};

/// When, and for how long.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub every_hours: Option<i32>,
    pub daily_at: Option<String>,
    pub keep_last: i32,
    pub keep_daily: i32,
    pub keep_weekly: i32,
    pub keep_monthly: i32,
    pub drill_days: Option<i32>,
    pub late_hours: i32,
}

/// What can be said of a plan.
#[derive(Clone, Debug)]
pub struct PlanFacts {
    pub name: String,
    pub subject: PlanSubject,
    pub equipment: Option<EquipmentId>,
    pub application: Option<String>,
    pub custodian: Option<PersonId>,
    pub schedule: Schedule,
    pub target: Option<String>,
    pub offsite: Option<String>,
    pub offsite_locked: bool,
    pub active: bool,
}

impl PlanFacts {
    /// What is said of a plan now.
    fn of(plan: &Plan) -> Self {
        Self {
            name: plan.name.clone(),
            subject: plan.subject,
            equipment: plan.equipment_id,
            application: plan.application.clone(),
            custodian: plan.custodian_id,
            schedule: Schedule {
                every_hours: plan.every_hours,
                daily_at: plan.daily_at.clone(),
                keep_last: plan.keep_last,
                keep_daily: plan.keep_daily,
                keep_weekly: plan.keep_weekly,
                keep_monthly: plan.keep_monthly,
                drill_days: plan.drill_days,
                late_hours: plan.late_hours,
            },
            target: plan.target.clone(),
            offsite: plan.offsite.clone(),
            offsite_locked: plan.offsite_locked,
            active: plan.active,
        }
    }
}

/// What belongs to the subject has to be there, and what does not must not.
fn check(tx: &mut ReadTx<'_>, own: Option<PlanId>, facts: &PlanFacts, targets: &Targets) -> Result<(), Error> {
    let required = |missing: bool, pointer: &str| if missing { Err(Error::invalid(pointer, Code::Required)) } else { Ok(()) };
    let foreign = |given: bool, pointer: &str| if given { Err(Error::invalid(pointer, Code::Unknown)) } else { Ok(()) };
    let schedule = &facts.schedule;
    if store::plan_named(tx, &facts.name)?.is_some_and(|other| Some(other) != own) {
        return Err(Error::invalid("/name", Code::AlreadyTaken));
    }
    if let Some(custodian) = facts.custodian {
        directory::active_person(tx, custodian, "/custodian_id")?;
    }
    if let Some(id) = facts.equipment {
        let found = equipment::service::references(tx, &[id])?;
        if found.is_empty() {
            return Err(Error::invalid("/equipment_id", Code::UnknownReference));
        }
    }
    if schedule.daily_at.as_deref().is_some_and(|at| seconds_of_day(at).is_none()) {
        return Err(Error::invalid("/daily_at", Code::BadFormat));
    }
    foreign(schedule.every_hours.is_some() && schedule.daily_at.is_some(), "/daily_at")?;
    required(facts.subject == PlanSubject::Equipment && facts.equipment.is_none(), "/equipment_id")?;
    required(facts.subject == PlanSubject::Application && facts.application.is_none(), "/application")?;
    foreign(facts.subject != PlanSubject::Equipment && facts.equipment.is_some(), "/equipment_id")?;
    foreign(facts.subject != PlanSubject::Application && facts.application.is_some(), "/application")?;
    let ours = facts.subject == PlanSubject::Zhidu;
    required(ours && schedule.every_hours.is_none() && schedule.daily_at.is_none(), "/daily_at")?;
    required(ours && facts.target.is_none(), "/target")?;
    for (place, pointer) in [(&facts.target, "/target"), (&facts.offsite, "/offsite")] {
        foreign(!ours && place.is_some(), pointer)?;
        if place.as_ref().is_some_and(|name| !targets.has(name)) {
            return Err(Error::invalid(pointer, Code::UnknownReference));
        }
    }
    foreign(facts.offsite.is_some() && facts.offsite == facts.target, "/offsite")?;
    foreign(facts.offsite_locked && facts.offsite.is_none(), "/offsite_locked")?;
    foreign(!ours && schedule.drill_days.is_some(), "/drill_days")
}

fn row(before: &Plan, facts: &PlanFacts, now: Ts) -> Plan {
    let schedule = &facts.schedule;
    let mut after = Plan {
        name: facts.name.clone(),
        subject: facts.subject,
        equipment_id: facts.equipment,
        application: facts.application.clone(),
        custodian_id: facts.custodian,
        every_hours: schedule.every_hours,
        daily_at: schedule.daily_at.clone(),
        keep_last: schedule.keep_last,
        keep_daily: schedule.keep_daily,
        keep_weekly: schedule.keep_weekly,
        keep_monthly: schedule.keep_monthly,
        target: facts.target.clone(),
        offsite: facts.offsite.clone(),
        offsite_locked: facts.offsite_locked,
        drill_days: schedule.drill_days,
        late_hours: schedule.late_hours,
        active: facts.active,
        updated_at: now,
        ..before.clone()
    };
    // Another name or custodian moves nothing that is due.
    if (before.every_hours, &before.daily_at, before.active) != (after.every_hours, &after.daily_at, after.active) {
        after.next_run_at = after.next_run(now);
    }
    if (before.drill_days, before.active) != (after.drill_days, after.active) {
        after.next_drill_at = after.next_drill(now);
    }
    after
}

fn described(event: Event, before: &Plan, after: &Plan) -> Event {
    event
        .fact("subject", after.subject)
        .fact("active", after.active)
        .fact("late_hours", after.late_hours)
        .change("name", &before.name, &after.name)
        .change("subject", &before.subject, &after.subject)
        .change("equipment_id", &before.equipment_id, &after.equipment_id)
        .change("application", &before.application, &after.application)
        .change("custodian_id", &before.custodian_id, &after.custodian_id)
        .change("every_hours", &before.every_hours, &after.every_hours)
        .change("daily_at", &before.daily_at, &after.daily_at)
        .change("keep_last", &before.keep_last, &after.keep_last)
        .change("keep_daily", &before.keep_daily, &after.keep_daily)
        .change("keep_weekly", &before.keep_weekly, &after.keep_weekly)
        .change("keep_monthly", &before.keep_monthly, &after.keep_monthly)
        .change("target", &before.target, &after.target)
        .change("offsite", &before.offsite, &after.offsite)
        .change("offsite_locked", &before.offsite_locked, &after.offsite_locked)
        .change("drill_days", &before.drill_days, &after.drill_days)
        .change("late_hours", &before.late_hours, &after.late_hours)
        .change("active", &before.active, &after.active)
}

/// Adds a plan.
pub fn create(tx: &mut WriteTx<'_>, facts: &PlanFacts, targets: &Targets) -> Result<Recorded<PlanId>, Error> {
    policy::check_manage(tx.actor())?;
    check(tx, None, facts, targets)?;
    let now = tx.now();
    let empty = Plan::empty(facts.subject, now);
    let after = row(&empty, facts, now);
    let event = described(Event::new("backup_plan.created", after.id, after.name.clone()).created(), &empty, &after);
    tx.record(event, |rows| store::insert_plan(rows, &after))?.and_then(|()| Ok(after.id))
}

/// Changes a plan: `becomes` makes what is said of it from what was. What it backs up stays what it is: its backups are of that.
pub fn change(
    tx: &mut WriteTx<'_>,
    id: PlanId,
    expected: i32,
    becomes: impl FnOnce(PlanFacts) -> PlanFacts,
    targets: &Targets,
) -> Result<Recorded<()>, Error> {
    policy::check_manage(tx.actor())?;
    let before = store::plan(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let facts = becomes(PlanFacts::of(&before));
    check(tx, Some(id), &facts, targets)?;
    let after = row(&before, &facts, tx.now());
    let event = described(Event::new("backup_plan.changed", id, after.name.clone()).step(before.version), &before, &after);
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_plan(rows, &after, expected))
}

/// Makes a backup due now; whichever replica comes first makes it.
pub fn request_run(tx: &mut WriteTx<'_>, id: PlanId) -> Result<Recorded<()>, Error> {
    let plan = store::plan(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_run(tx.actor(), &plan)?;
    let event = Event::new("backup_plan.run_requested", id, plan.name);
    tx.record(event, |rows| store::make_due(rows, id))
}

/// Says that the newest verified backup of a plan is older than it may be; once, whichever replica saw it first.
pub fn raise_alarm(tx: &mut WriteTx<'_>, id: PlanId, newest: Option<Ts>) -> Result<Recorded<()>, Error> {
    let now = tx.now();
    let Some(plan) = store::plan(tx, id)?.filter(|plan| plan.alarmed_at.is_none()) else { return Ok(tx.unchanged(())) };
    let event = Event::new("backup_plan.overdue", plan.id, plan.name.clone())
        .fact("subject", plan.subject)
        .fact("late_hours", plan.late_hours)
        .fact("newest_at", newest.map_or_else(|| "none".to_owned(), |at| at.to_string()));
    tx.record(event, |rows| store::alarmed(rows, plan.id, Some(now)))
}

/// Each active plan by name, with the age of its newest verified backup in seconds, and whether that is too old.
pub fn ages(tx: &mut ReadTx<'_>) -> Result<Vec<(String, Option<i64>, bool)>, Error> {
    let (now, newest) = (tx.now(), store::newest_verified(tx)?);
    let active = store::plans(tx)?.into_iter().filter(|plan| plan.active);
    let age = |plan: Plan| {
        let at = newest.get(&plan.id).copied();
        let late = plan.health(at, now) == PlanHealth::Late;
        (plan.name, at.map(|at| (now.micros() - at.micros()) / 1_000_000), late)
    };
    Ok(active.map(age).collect())
}

/// How a plan of the product itself is kept.
#[derive(Clone, Debug)]
pub struct OwnPlan {
    pub name: String,
    /// The places that it names.
    pub places: Vec<String>,
    /// That of them which must refuse deletions, if one must.
    pub locked: Option<String>,
    /// When the next drill is due, if it asks for any.
    pub drill_due: Option<Ts>,
    /// When its newest verified backup was begun.
    pub newest: Option<Ts>,
    /// Whether the last drill passed, and when it was done.
    pub last_drill: Option<(bool, Ts)>,
}

/// The active plans of the product itself.
pub fn own_plans(tx: &mut ReadTx<'_>) -> Result<Vec<OwnPlan>, Error> {
    let newest = store::newest_verified(tx)?;
    let own = store::plans(tx)?.into_iter().filter(|plan| plan.active && plan.subject == PlanSubject::Zhidu);
    let kept = |plan: Plan| {
        let last_drill = store::last_drill(tx, plan.id)?.map(|(drill, at)| (drill == DrillResult::Passed, at));
        Ok(OwnPlan {
            drill_due: plan.next_drill(last_drill.map_or(plan.created_at, |(_, at)| at)),
            locked: plan.offsite.clone().filter(|_| plan.offsite_locked),
            places: plan.target.into_iter().chain(plan.offsite).collect(),
            newest: newest.get(&plan.id).copied(),
            last_drill,
            name: plan.name,
        })
    };
    own.map(kept).collect()
}

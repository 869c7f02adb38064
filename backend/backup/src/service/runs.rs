//! Backups: begun, finished, drilled, reported by others, removed when their time is over.

use db::{Event, Recorded, WriteTx};
use kernel::{Code, Error, Ts};

use crate::{
    archive::{Failure, FailureCode, Report, folder_name},
    model::{Backup, BackupId, BackupState, DrillResult, MediumId, OffsiteState, Plan, PlanId},
    policy, store,
};

/// Explanations are for people; a long one of a tool is cut.
const EXPLANATION: usize = 500;

fn short(text: &str) -> String {
    text.chars().take(EXPLANATION).collect()
}

/// What a backup turned out to be.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub duration_ms: i64,
    pub size: i64,
    pub log_size: i64,
    pub sha256: String,
    pub encrypted: bool,
    pub offsite: Option<OffsiteState>,
    /// Why the second copy is not what it should be.
    pub reason: Option<(FailureCode, String)>,
}

fn event(action: &'static str, backup: &Backup, plan: &Plan) -> Event {
    Event::new(action, backup.id, plan.name.clone()).related(plan.id, "plan", plan.name.clone()).fact("subject", plan.subject)
}

/// A backup begins. Where it will lie is known from now on, so that whatever becomes of its maker, its files are found.
pub fn begin(tx: &mut WriteTx<'_>, plan: &Plan) -> Result<Recorded<Backup>, Error> {
    let mut row = Backup { target: plan.target.clone(), ..Backup::begun(plan.id, tx.now()) };
    row.folder = Some(folder_name(row.id.uuid(), row.started_at));
    let event = event("backup.started", &row, plan).created();
    tx.record(event, |rows| store::insert(rows, &row))?.and_then(|()| Ok(row.clone()))
}

/// A backup ends: it is whole and was read back, or it is not.
pub fn finish(tx: &mut WriteTx<'_>, plan: &Plan, before: &Backup, outcome: &Result<Outcome, Failed>) -> Result<Recorded<()>, Error> {
    let now = tx.now();
    let mut after = Backup { finished_at: Some(now), ..before.clone() };
    let event = match outcome {
        Ok(done) => {
            after.state = BackupState::Completed;
            after.duration_ms = Some(done.duration_ms);
            after.size = Some(done.size);
            after.log_size = Some(done.log_size);
            after.sha256 = Some(done.sha256.clone());
            after.encrypted = Some(done.encrypted);
            after.offsite = done.offsite;
            after.verified_at = Some(now);
            after.reason = done.reason.as_ref().map(|(code, _)| *code);
            after.explanation = done.reason.as_ref().map(|(_, text)| short(text));
            event("backup.completed", before, plan)
                .fact("size", done.size)
                .fact("duration_ms", done.duration_ms)
                .fact("log_size", done.log_size)
                .fact("encrypted", done.encrypted)
                .fact("offsite", done.offsite.map_or("none", OffsiteState::as_str))
                .set("sha256", &done.sha256)
                .set("folder", &before.folder)
        }
        Err(failed) => {
            after.state = BackupState::Failed;
            after.duration_ms = Some(failed.duration_ms);
            after.reason = Some(failed.code);
            after.explanation = Some(short(&failed.text));
            event("backup.failed", before, plan).fact("reason", failed.code).fact("duration_ms", failed.duration_ms)
        }
    };
    let event = event.step(before.version).change("state", &before.state, &after.state).set("explanation", &after.explanation);
    tx.record(event, |rows| store::update(rows, &after, before.version))
}

/// Why there is no backup.
#[derive(Clone, Debug)]
pub struct Failed {
    pub code: FailureCode,
    pub text: String,
    pub duration_ms: i64,
}

/// Backups that were begun by somebody who ended before them.
pub fn interrupt(tx: &mut WriteTx<'_>, plan: &Plan) -> Result<Recorded<()>, Error> {
    let mut recorded = tx.unchanged(());
    for row in store::running(tx, plan.id)? {
        let text = "whoever made it ended before it was whole".to_owned();
        let failed = Failed { code: FailureCode::Interrupted, text, duration_ms: (tx.now().micros() - row.started_at.micros()) / 1_000 };
        recorded = finish(tx, plan, &row, &Err(failed))?;
    }
    Ok(recorded)
}

/// A drill has restored a backup in a throw-away place, or could not.
pub fn drilled(tx: &mut WriteTx<'_>, plan: &Plan, id: BackupId, outcome: &Result<Report, Failure>) -> Result<Recorded<()>, Error> {
    let before = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let now = tx.now();
    let mut after = Backup { drilled_at: Some(now), drill_wanted: false, ..before.clone() };
    let event = event("backup.drilled", &before, plan);
    let event = match outcome {
        Ok(report) => {
            after.drill = Some(DrillResult::Passed);
            after.verified_at = Some(now);
            if before.drill == Some(DrillResult::Failed) {
                (after.reason, after.explanation) = (None, None);
            }
            after.recovery_ms = Some(report.recovery_ms);
            after.age_seconds = Some(report.age_seconds);
            event.fact("result", "passed").fact("recovery_ms", report.recovery_ms).fact("age_seconds", report.age_seconds)
        }
        Err(failure) => {
            after.drill = Some(DrillResult::Failed);
            // That a disk is full, or away, or a key not here, says nothing about the backup; a byte of it that is wrong or gone does.
            let broken = matches!(failure.code, FailureCode::Damaged | FailureCode::Mismatch | FailureCode::Gone);
            after.verified_at = before.verified_at.filter(|_| !broken);
            after.reason = Some(failure.code);
            after.explanation = Some(short(&failure.text));
            event.fact("result", "failed").fact("reason", failure.code)
        }
    };
    let event = event.step(before.version).change("drill", &before.drill, &after.drill).set("explanation", &after.explanation);
    tx.record(event, |rows| store::update(rows, &after, before.version))
}

/// Asks for a drill; whichever replica comes first does it.
pub fn request_drill(tx: &mut WriteTx<'_>, id: BackupId) -> Result<Recorded<()>, Error> {
    let before = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let plan = store::plan(tx, before.plan_id)?.ok_or_else(|| Error::absent(before.plan_id))?;
    policy::check_drill(tx.actor(), &plan, &before)?;
    if before.drill_wanted {
        return Err(Error::new(Code::NoChange));
    }
    let after = Backup { drill_wanted: true, ..before.clone() };
    let event = event("backup.drill_requested", &before, &plan).step(before.version).change("drill_wanted", &false, &true);
    tx.record(event, |rows| store::update(rows, &after, before.version))
}

/// The time of a backup is over by its plan; its folder is gone when this is recorded.
pub fn remove(tx: &mut WriteTx<'_>, plan: &Plan, id: BackupId) -> Result<Recorded<()>, Error> {
    let before = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let now = tx.now();
    let after = Backup { removed_at: Some(now), drill_wanted: false, ..before.clone() };
    let event = event("backup.expired", &before, plan).step(before.version).change("removed_at", &before.removed_at, &after.removed_at);
    tx.record(event, |rows| store::update(rows, &after, before.version))
}

/// That somebody took a copy with them.
pub fn downloaded(backup: &Backup, plan: &Plan) -> Event {
    event("backup.downloaded", backup, plan)
}

/// What the keeper of another system reports.
#[derive(Clone, Debug)]
pub struct Told {
    pub state: BackupState,
    pub started_at: Ts,
    pub finished_at: Option<Ts>,
    pub size: Option<i64>,
    pub sha256: Option<String>,
    /// Whether it was read back or restored.
    pub verified: bool,
    pub medium: Option<MediumId>,
    pub explanation: Option<String>,
}

/// Takes a result of another system's backup into the register.
pub fn report(tx: &mut WriteTx<'_>, id: PlanId, told: &Told) -> Result<Recorded<BackupId>, Error> {
    let plan = store::plan(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_report(tx.actor(), &plan)?;
    let (now, person) = (tx.now(), tx.actor().require_person()?);
    if told.state == BackupState::Running {
        return Err(Error::invalid("/state", Code::NotAChoice));
    }
    if told.started_at > now {
        return Err(Error::invalid("/started_at", Code::OutOfRange));
    }
    if told.finished_at.is_some_and(|at| at < told.started_at || at > now) {
        return Err(Error::invalid("/finished_at", Code::OutOfRange));
    }
    if let Some(medium) = told.medium
        && store::medium(tx, medium)?.is_none()
    {
        return Err(Error::invalid("/medium_id", Code::UnknownReference));
    }
    let completed = told.state == BackupState::Completed;
    let row = Backup {
        state: told.state,
        finished_at: told.finished_at.or(Some(now)),
        duration_ms: told.finished_at.map(|at| (at.micros() - told.started_at.micros()) / 1_000),
        size: told.size,
        sha256: told.sha256.clone(),
        reason: (!completed).then_some(FailureCode::Failed),
        explanation: told.explanation.clone(),
        verified_at: (completed && told.verified).then_some(now),
        reported_by: Some(person),
        medium_id: told.medium,
        ..Backup::begun(id, told.started_at)
    };
    let action = if completed { "backup.completed" } else { "backup.failed" };
    let event = event(action, &row, &plan)
        .created()
        .occurred_at(row.finished_at)
        .fact("reported", true)
        .fact("verified", row.verified_at.is_some())
        .fact("size", row.size.map_or_else(|| "unknown".to_owned(), |size| size.to_string()))
        .set("sha256", &row.sha256)
        .set("started_at", &row.started_at)
        .note(told.explanation.clone());
    tx.record(event, |rows| store::insert(rows, &row))?.and_then(|()| Ok(row.id))
}

//! What readers see.

use db::ReadTx;
use equipment::EquipmentRef;
use identity::{PersonRef, directory};
use kernel::{Error, Page, PageRequest, PersonId, Ts};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use crate::{
    archive::FailureCode,
    model::{
        Backup, BackupId, BackupState, DrillResult, HandOver, HandOverId, HandOverState, Medium, MediumId, MediumType, OffsiteState, Place,
        PlaceId, Plan, PlanHealth, PlanId, PlanSubject,
    },
    policy, store,
};

/// A plan with how it is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupPlanView {
    id: PlanId,
    name: String,
    subject: PlanSubject,
    #[schema(required)]
    equipment: Option<EquipmentRef>,
    #[schema(required)]
    application: Option<String>,
    #[schema(required)]
    custodian: Option<PersonRef>,
    #[schema(required)]
    every_hours: Option<i32>,
    /// On the office's clock (UTC+8).
    #[schema(required)]
    daily_at: Option<String>,
    keep_last: i32,
    keep_daily: i32,
    keep_weekly: i32,
    keep_monthly: i32,
    #[schema(required)]
    target: Option<String>,
    #[schema(required)]
    offsite: Option<String>,
    offsite_locked: bool,
    #[schema(required)]
    drill_days: Option<i32>,
    late_hours: i32,
    active: bool,
    /// Green, or the alarm.
    health: PlanHealth,
    /// When the newest verified backup was begun.
    #[schema(required)]
    newest_verified_at: Option<Ts>,
    #[schema(required)]
    next_run_at: Option<Ts>,
    #[schema(required)]
    next_drill_at: Option<Ts>,
    /// Whether a replica is at work on it.
    busy: bool,
    created_at: Ts,
    updated_at: Ts,
    allowed_actions: Vec<AllowedAction>,
    /// For If-Match.
    version: i32,
}
impl View for BackupPlanView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn plan_views(tx: &mut ReadTx<'_>, rows: Vec<Plan>) -> Result<Vec<BackupPlanView>, Error> {
    let people = directory::people(tx, rows.iter().filter_map(|row| row.custodian_id))?;
    let things: Vec<_> = rows.iter().filter_map(|row| row.equipment_id).collect();
    let things = equipment::service::references(tx, &things)?;
    let newest = store::newest_verified(tx)?;
    let (now, actor, chinese) = (tx.now(), tx.actor(), tx.actor().chinese);
    let view = |row: Plan| {
        let newest = newest.get(&row.id).copied();
        BackupPlanView {
            health: row.health(newest, now),
            newest_verified_at: newest,
            busy: row.busy_until.is_some_and(|until| until > now),
            allowed_actions: vec![
                AllowedAction::of("update", policy::check_manage(actor), chinese),
                AllowedAction::of("run", policy::check_run(actor, &row), chinese),
                AllowedAction::of("report", policy::check_report(actor, &row), chinese),
            ],
            equipment: things.iter().find(|thing| Some(thing.id) == row.equipment_id).cloned(),
            custodian: row.custodian_id.and_then(|id| people.get(&id).cloned()),
            id: row.id,
            name: row.name,
            subject: row.subject,
            application: row.application,
            every_hours: row.every_hours,
            daily_at: row.daily_at,
            keep_last: row.keep_last,
            keep_daily: row.keep_daily,
            keep_weekly: row.keep_weekly,
            keep_monthly: row.keep_monthly,
            target: row.target,
            offsite: row.offsite,
            offsite_locked: row.offsite_locked,
            drill_days: row.drill_days,
            late_hours: row.late_hours,
            active: row.active,
            next_run_at: row.next_run_at,
            next_drill_at: row.next_drill_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// All plans by name.
pub fn plans(tx: &mut ReadTx<'_>) -> Result<Vec<BackupPlanView>, Error> {
    let rows = store::plans(tx)?;
    plan_views(tx, rows)
}

/// One plan.
pub fn plan(tx: &mut ReadTx<'_>, id: PlanId) -> Result<BackupPlanView, Error> {
    let row = store::plan(tx, id)?.ok_or_else(|| Error::absent(id))?;
    plan_views(tx, vec![row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

/// A plan, a medium or a place as others refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupNamedRef {
    id: kernel::Uuid,
    name: String,
}

/// A backup.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupView {
    id: BackupId,
    plan: BackupNamedRef,
    subject: PlanSubject,
    state: BackupState,
    started_at: Ts,
    #[schema(required)]
    finished_at: Option<Ts>,
    #[schema(required)]
    duration_ms: Option<i64>,
    /// Bytes.
    #[schema(required)]
    size: Option<i64>,
    /// Records in the log that it holds.
    #[schema(required)]
    log_size: Option<i64>,
    #[schema(required)]
    target: Option<String>,
    /// Its folder there.
    #[schema(required)]
    folder: Option<String>,
    /// Of its manifest; of the whole, if somebody reported it.
    #[schema(required)]
    sha256: Option<String>,
    #[schema(required)]
    encrypted: Option<bool>,
    /// Why it failed, or its copy or drill.
    #[schema(required)]
    reason: Option<FailureCode>,
    /// The same in a sentence.
    #[schema(required)]
    explanation: Option<String>,
    #[schema(required)]
    offsite: Option<OffsiteState>,
    /// When every byte was last known to be right.
    #[schema(required)]
    verified_at: Option<Ts>,
    #[schema(required)]
    drill: Option<DrillResult>,
    #[schema(required)]
    drilled_at: Option<Ts>,
    /// From the backup to a database that can be used.
    #[schema(required)]
    recovery_ms: Option<i64>,
    /// How old the data were at the drill.
    #[schema(required)]
    age_seconds: Option<i64>,
    /// A drill was asked for.
    drill_wanted: bool,
    #[schema(required)]
    reported_by: Option<PersonRef>,
    #[schema(required)]
    medium: Option<BackupNamedRef>,
    /// When its time was over and it was removed.
    #[schema(required)]
    removed_at: Option<Ts>,
    allowed_actions: Vec<AllowedAction>,
    /// For If-Match.
    version: i32,
}
impl View for BackupView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// Views of backups.
pub fn backups(tx: &mut ReadTx<'_>, rows: &[Backup]) -> Result<Vec<BackupView>, Error> {
    let people = directory::people(tx, rows.iter().filter_map(|row| row.reported_by))?;
    let serials = store::serials(tx, rows.iter().filter_map(|row| row.medium_id).collect())?;
    let plans = store::plans(tx)?;
    let (actor, chinese) = (tx.actor(), tx.actor().chinese);
    rows.iter()
        .map(|row| {
            let plan = plans.iter().find(|plan| plan.id == row.plan_id).ok_or_else(|| Error::internal("a backup without its plan"))?;
            Ok(BackupView {
                id: row.id,
                plan: BackupNamedRef { id: plan.id.uuid(), name: plan.name.clone() },
                subject: plan.subject,
                state: row.state,
                started_at: row.started_at,
                finished_at: row.finished_at,
                duration_ms: row.duration_ms,
                size: row.size,
                log_size: row.log_size,
                target: row.target.clone(),
                folder: row.folder.clone(),
                sha256: row.sha256.clone(),
                encrypted: row.encrypted,
                reason: row.reason,
                explanation: row.explanation.clone(),
                offsite: row.offsite,
                verified_at: row.verified_at,
                drill: row.drill,
                drilled_at: row.drilled_at,
                recovery_ms: row.recovery_ms,
                age_seconds: row.age_seconds,
                drill_wanted: row.drill_wanted,
                reported_by: row.reported_by.and_then(|id| people.get(&id).cloned()),
                medium: row.medium_id.and_then(|id| Some(BackupNamedRef { id: id.uuid(), name: serials.get(&id)?.clone() })),
                removed_at: row.removed_at,
                allowed_actions: vec![
                    AllowedAction::of("drill", policy::check_drill(actor, plan, row), chinese),
                    AllowedAction::of("download", policy::check_download(actor, plan, row), chinese),
                ],
                version: row.version,
            })
        })
        .collect()
}

/// One backup.
pub fn backup(tx: &mut ReadTx<'_>, id: BackupId) -> Result<BackupView, Error> {
    let row = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    backups(tx, &[row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

/// A place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupPlaceView {
    id: PlaceId,
    name: String,
    #[schema(required)]
    location: Option<String>,
    #[schema(required)]
    custodian: Option<PersonRef>,
    inspect_days: i32,
    #[schema(required)]
    inspected_at: Option<Ts>,
    /// Whether the last inspection found it protected against all six.
    #[schema(required)]
    fit: Option<bool>,
    /// When the next inspection is due.
    due_at: Ts,
    /// Whether it is past that.
    overdue: bool,
    active: bool,
    /// Whether the reader may change and inspect it.
    allowed_actions: Vec<AllowedAction>,
    /// For If-Match.
    version: i32,
}
impl View for BackupPlaceView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn place_views(tx: &mut ReadTx<'_>, rows: Vec<Place>) -> Result<Vec<BackupPlaceView>, Error> {
    let people = directory::people(tx, rows.iter().filter_map(|row| row.custodian_id))?;
    let (now, actor, chinese) = (tx.now(), tx.actor(), tx.actor().chinese);
    let view = |row: Place| BackupPlaceView {
        due_at: row.due_at(),
        overdue: row.active && row.due_at() <= now,
        custodian: row.custodian_id.and_then(|id| people.get(&id).cloned()),
        allowed_actions: vec![AllowedAction::of("update", policy::check_manage(actor), chinese)],
        id: row.id,
        name: row.name,
        location: row.location,
        inspect_days: row.inspect_days,
        inspected_at: row.inspected_at,
        fit: row.fit,
        active: row.active,
        version: row.version,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// All places by name.
pub fn places(tx: &mut ReadTx<'_>) -> Result<Vec<BackupPlaceView>, Error> {
    let rows = store::places(tx)?;
    place_views(tx, rows)
}

/// One place.
pub fn place(tx: &mut ReadTx<'_>, id: PlaceId) -> Result<BackupPlaceView, Error> {
    let row = store::place(tx, id)?.ok_or_else(|| Error::absent(id))?;
    place_views(tx, vec![row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

/// An inspection: whether there was protection against each of the six.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaceInspectionView {
    at: Ts,
    by: PersonRef,
    fire: bool,
    heat: bool,
    damp: bool,
    dust: bool,
    magnetism: bool,
    theft: bool,
    #[schema(required)]
    note: Option<String>,
}

fn person(people: &std::collections::HashMap<PersonId, PersonRef>, id: PersonId) -> PersonRef {
    people.get(&id).cloned().unwrap_or_else(|| PersonRef { id, name: String::new() })
}

/// Inspections of a place, newest first.
pub fn inspections(tx: &mut ReadTx<'_>, id: PlaceId, page: &PageRequest) -> Result<Page<PlaceInspectionView>, Error> {
    store::place(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let rows = store::inspections(tx, id, page)?;
    let people = directory::people(tx, rows.iter().map(|row| row.by_id))?;
    Ok(page.page(rows, |row| (row.at, row.id)).map(|row| PlaceInspectionView {
        at: row.at,
        by: person(&people, row.by_id),
        fire: row.fire,
        heat: row.heat,
        damp: row.damp,
        dust: row.dust,
        magnetism: row.magnetism,
        theft: row.theft,
        note: row.note,
    }))
}

/// A medium.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupMediumView {
    id: MediumId,
    serial: String,
    kind: MediumType,
    #[schema(required)]
    seal_number: Option<String>,
    /// Where it is; none when it is out.
    #[schema(required)]
    place: Option<BackupNamedRef>,
    #[schema(required)]
    custodian: Option<PersonRef>,
    #[schema(required)]
    note: Option<String>,
    active: bool,
    /// Whether the reader may change and move it.
    allowed_actions: Vec<AllowedAction>,
    /// For If-Match.
    version: i32,
}
impl View for BackupMediumView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn place_ref(places: &[Place], id: Option<PlaceId>) -> Option<BackupNamedRef> {
    places.iter().find(|place| Some(place.id) == id).map(|place| BackupNamedRef { id: place.id.uuid(), name: place.name.clone() })
}

/// Views of media.
pub fn media(tx: &mut ReadTx<'_>, rows: Vec<Medium>) -> Result<Vec<BackupMediumView>, Error> {
    let people = directory::people(tx, rows.iter().filter_map(|row| row.custodian_id))?;
    let places = store::places(tx)?;
    let (actor, chinese) = (tx.actor(), tx.actor().chinese);
    let view = |row: Medium| BackupMediumView {
        place: place_ref(&places, row.place_id),
        custodian: row.custodian_id.and_then(|id| people.get(&id).cloned()),
        allowed_actions: vec![AllowedAction::of("update", policy::check_manage(actor), chinese)],
        id: row.id,
        serial: row.serial,
        kind: row.kind,
        seal_number: row.seal_number,
        note: row.note,
        active: row.active,
        version: row.version,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// One medium.
pub fn medium(tx: &mut ReadTx<'_>, id: MediumId) -> Result<BackupMediumView, Error> {
    let row = store::medium(tx, id)?.ok_or_else(|| Error::absent(id))?;
    media(tx, vec![row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

/// A move of a medium.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MediumMoveView {
    at: Ts,
    /// Who noted it, as they were called then.
    by: String,
    #[schema(required)]
    from_place: Option<BackupNamedRef>,
    #[schema(required)]
    to_place: Option<BackupNamedRef>,
    #[schema(required)]
    from_custodian: Option<PersonRef>,
    #[schema(required)]
    to_custodian: Option<PersonRef>,
    #[schema(required)]
    seal_number: Option<String>,
    #[schema(required)]
    reason: Option<String>,
}

/// Moves of a medium, newest first.
pub fn moves(tx: &mut ReadTx<'_>, id: MediumId, page: &PageRequest) -> Result<Page<MediumMoveView>, Error> {
    store::medium(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let rows = store::moves(tx, id, page)?;
    let people = directory::people(tx, rows.iter().flat_map(|row| [row.from_custodian_id, row.to_custodian_id]).flatten())?;
    let places = store::places(tx)?;
    Ok(page.page(rows, |row| (row.at, row.id)).map(|row| MediumMoveView {
        at: row.at,
        by: row.by_name,
        from_place: place_ref(&places, row.from_place_id),
        to_place: place_ref(&places, row.to_place_id),
        from_custodian: row.from_custodian_id.and_then(|id| people.get(&id).cloned()),
        to_custodian: row.to_custodian_id.and_then(|id| people.get(&id).cloned()),
        seal_number: row.seal_number,
        reason: row.reason,
    }))
}

/// A hand-over with both signatures, or one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupHandOverView {
    id: HandOverId,
    #[schema(required)]
    backup_id: Option<BackupId>,
    #[schema(required)]
    medium: Option<BackupNamedRef>,
    #[schema(required)]
    place: Option<BackupNamedRef>,
    giver: PersonRef,
    receiver: PersonRef,
    state: HandOverState,
    given_at: Ts,
    #[schema(required)]
    answered_at: Option<Ts>,
    #[schema(required)]
    note: Option<String>,
    /// What the receiver said.
    #[schema(required)]
    answer: Option<String>,
    allowed_actions: Vec<AllowedAction>,
    /// For If-Match.
    version: i32,
}
impl View for BackupHandOverView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// Views of hand-overs.
pub fn handovers(tx: &mut ReadTx<'_>, rows: &[HandOver]) -> Result<Vec<BackupHandOverView>, Error> {
    let people = directory::people(tx, rows.iter().flat_map(|row| [row.giver_id, row.receiver_id]))?;
    let serials = store::serials(tx, rows.iter().filter_map(|row| row.medium_id).collect())?;
    let places = store::places(tx)?;
    let (actor, chinese) = (tx.actor(), tx.actor().chinese);
    let view = |row: &HandOver| BackupHandOverView {
        id: row.id,
        backup_id: row.backup_id,
        medium: row.medium_id.and_then(|id| Some(BackupNamedRef { id: id.uuid(), name: serials.get(&id)?.clone() })),
        place: place_ref(&places, row.place_id),
        giver: person(&people, row.giver_id),
        receiver: person(&people, row.receiver_id),
        state: row.state,
        given_at: row.given_at,
        answered_at: row.answered_at,
        note: row.note.clone(),
        answer: row.answer.clone(),
        allowed_actions: vec![AllowedAction::of("receive", policy::check_answer(actor, row), chinese)],
        version: row.version,
    };
    Ok(rows.iter().map(view).collect())
}

/// One hand-over.
pub fn handover(tx: &mut ReadTx<'_>, id: HandOverId) -> Result<BackupHandOverView, Error> {
    let row = store::handover(tx, id)?.ok_or_else(|| Error::absent(id))?;
    handovers(tx, &[row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

//! Plans, and what others report of theirs.

use actix_web::web::Data;
use equipment::EquipmentId;
use kernel::{PersonId, Ts, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, Path, Valid, View, rules};

use super::views::{self, BackupPlanView, BackupView};
use crate::{
    keeper::Keeper,
    model::{BackupState, MediumId, PlanId, PlanSubject},
    policy,
    service::{self, PlanFacts, Schedule, Told},
};

/// All plans.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupPlanViews {
    items: Vec<BackupPlanView>,
}
impl View for BackupPlanViews {}

/// GET /backup-plans
pub async fn list(call: Guard<may::ReadBackups>) -> Result<Fine<BackupPlanViews>, ApiError> {
    call.read(|tx| {
        policy::check_read(tx.actor())?;
        Ok(BackupPlanViews { items: views::plans(tx)? })
    })
    .await
}

/// Where backups may go.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupTargetViews {
    /// Names that whoever runs the server gave.
    items: Vec<String>,
    /// Whether backups are encrypted.
    encrypted: bool,
    /// Whether this server can open encrypted backups, for drills.
    can_drill: bool,
}
impl View for BackupTargetViews {}

/// GET /backup-targets
pub async fn targets(call: Guard<may::ReadBackups>, keeper: Data<Keeper>) -> Result<Fine<BackupTargetViews>, ApiError> {
    let encrypted = !keeper.recipients.is_empty();
    let can_drill = !encrypted || !keeper.identities.is_empty();
    let names = keeper.targets.names();
    call.read(move |tx| {
        policy::check_read(tx.actor())?;
        Ok(BackupTargetViews { items: names.clone(), encrypted, can_drill })
    })
    .await
}

/// What can be said of a plan.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupPlanBody {
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// It stays so.
    subject: PlanSubject,
    /// Which computer; only for `equipment`.
    equipment_id: Option<EquipmentId>,
    /// Which system; only for `application`.
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    application: Option<String>,
    /// Who keeps the backups (B2.3).
    custodian_id: Option<PersonId>,
    /// Every so many hours; or `daily_at`.
    #[validate(range(min = 1, max = 744))]
    #[schema(minimum = 1, maximum = 744)]
    every_hours: Option<i32>,
    /// At this time of the office's day (UTC+8): `02:30`.
    #[validate(length(min = 5, max = 5))]
    #[schema(min_length = 5, max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    daily_at: Option<String>,
    /// The last so many stay; one always does.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000)]
    #[serde(default = "seven")]
    keep_last: i32,
    /// The newest of each of so many days stays.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000)]
    #[serde(default = "seven")]
    keep_daily: i32,
    /// The newest of each of so many weeks stays.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000)]
    #[serde(default = "five")]
    keep_weekly: i32,
    /// The newest of each of so many months stays.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000)]
    #[serde(default = "twelve")]
    keep_monthly: i32,
    /// Where to: one of `GET /backup-targets`. Only for `zhidu`.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    target: Option<String>,
    /// The second place (B2.1), another one of these.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    offsite: Option<String>,
    /// The second place must not let anything be deleted (B2.2); after each backup a deletion is tried there, which has to fail.
    #[serde(default)]
    offsite_locked: bool,
    /// The newest backup is restored in a throw-away place every so many days. Only for `zhidu`.
    #[validate(range(min = 1, max = 366))]
    #[schema(minimum = 1, maximum = 366)]
    drill_days: Option<i32>,
    /// The alarm is raised when the newest verified backup is older than so many hours.
    #[validate(range(min = 1, max = 8784))]
    #[schema(minimum = 1, maximum = 8784)]
    #[serde(default = "twenty_six")]
    late_hours: i32,
    /// A plan that rests is neither done nor late.
    #[serde(default = "super::yes")]
    active: bool,
}

const fn five() -> i32 {
    5
}
const fn seven() -> i32 {
    7
}
const fn twelve() -> i32 {
    12
}
/// A daily backup may be two hours late.
const fn twenty_six() -> i32 {
    26
}

impl From<BackupPlanBody> for PlanFacts {
    fn from(body: BackupPlanBody) -> Self {
        Self {
            name: body.name,
            subject: body.subject,
            equipment: body.equipment_id,
            application: body.application,
            custodian: body.custodian_id,
            schedule: Schedule {
                every_hours: body.every_hours,
                daily_at: body.daily_at,
                keep_last: body.keep_last,
                keep_daily: body.keep_daily,
                keep_weekly: body.keep_weekly,
                keep_monthly: body.keep_monthly,
                drill_days: body.drill_days,
                late_hours: body.late_hours,
            },
            target: body.target,
            offsite: body.offsite,
            offsite_locked: body.offsite_locked,
            active: body.active,
        }
    }
}

/// What is to change; what is left out stays. What a plan backs up cannot be changed.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBackupPlan {
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[schema(value_type = Option<EquipmentId>)]
    equipment_id: Option<Option<EquipmentId>>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    application: Option<Option<String>>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[schema(value_type = Option<PersonId>)]
    custodian_id: Option<Option<PersonId>>,
    /// Null clears it, as has to be done where `daily_at` takes its place.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(range(min = 1, max = 744))]
    #[schema(minimum = 1, maximum = 744)]
    every_hours: Option<Option<i32>>,
    /// Null clears it, as has to be done where `every_hours` takes its place.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 5, max = 5))]
    #[schema(min_length = 5, max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    daily_at: Option<Option<String>>,
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000)]
    keep_last: Option<i32>,
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000)]
    keep_daily: Option<i32>,
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000)]
    keep_weekly: Option<i32>,
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000)]
    keep_monthly: Option<i32>,
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    target: Option<String>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    offsite: Option<Option<String>>,
    offsite_locked: Option<bool>,
    /// Null: no drills.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(range(min = 1, max = 366))]
    #[schema(minimum = 1, maximum = 366)]
    drill_days: Option<Option<i32>>,
    #[validate(range(min = 1, max = 8784))]
    #[schema(minimum = 1, maximum = 8784)]
    late_hours: Option<i32>,
    active: Option<bool>,
}

impl ChangeBackupPlan {
    fn of(self, was: PlanFacts) -> PlanFacts {
        let schedule = was.schedule;
        PlanFacts {
            name: self.name.unwrap_or(was.name),
            subject: was.subject,
            equipment: self.equipment_id.unwrap_or(was.equipment),
            application: self.application.unwrap_or(was.application),
            custodian: self.custodian_id.unwrap_or(was.custodian),
            schedule: Schedule {
                every_hours: self.every_hours.unwrap_or(schedule.every_hours),
                daily_at: self.daily_at.unwrap_or(schedule.daily_at),
                keep_last: self.keep_last.unwrap_or(schedule.keep_last),
                keep_daily: self.keep_daily.unwrap_or(schedule.keep_daily),
                keep_weekly: self.keep_weekly.unwrap_or(schedule.keep_weekly),
                keep_monthly: self.keep_monthly.unwrap_or(schedule.keep_monthly),
                drill_days: self.drill_days.unwrap_or(schedule.drill_days),
                late_hours: self.late_hours.unwrap_or(schedule.late_hours),
            },
            target: self.target.or(was.target),
            offsite: self.offsite.unwrap_or(was.offsite),
            offsite_locked: self.offsite_locked.unwrap_or(was.offsite_locked),
            active: self.active.unwrap_or(was.active),
        }
    }
}

/// POST /backup-plans
pub async fn create(
    call: Guard<may::ManageBackups>,
    keeper: Data<Keeper>,
    body: Valid<BackupPlanBody>,
) -> Result<Created<BackupPlanView>, ApiError> {
    let facts: PlanFacts = body.into_inner().into();
    call.create(move |tx| service::create(tx, &facts, &keeper.targets)?.and_then(|id| views::plan(tx, id))).await
}

/// GET /backup-plans/{id}
pub async fn show(call: Guard<may::ReadBackups>, id: Path<PlanId>) -> Result<Fine<BackupPlanView>, ApiError> {
    let id = *id;
    call.read(move |tx| {
        policy::check_read(tx.actor())?;
        views::plan(tx, id)
    })
    .await
}

/// PATCH /backup-plans/{id}
pub async fn change(
    call: Guard<may::ManageBackups>,
    keeper: Data<Keeper>,
    id: Path<PlanId>,
    expected: IfMatch,
    body: Valid<ChangeBackupPlan>,
) -> Result<Fine<BackupPlanView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| {
        service::change(tx, id, expected.0, |was| body.clone().of(was), &keeper.targets)?.and_then(|()| views::plan(tx, id))
    })
    .await
}

/// POST /backup-plans/{id}/run
pub async fn run(call: Guard<may::ManageBackups>, id: Path<PlanId>) -> Result<Fine<BackupPlanView>, ApiError> {
    let id = *id;
    call.change(move |tx| service::request_run(tx, id)?.and_then(|()| views::plan(tx, id))).await
}

/// What came of a backup of another system.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupResultBody {
    /// `completed` or `failed`.
    state: BackupState,
    /// When it began.
    started_at: Ts,
    /// When it ended; now if absent.
    finished_at: Option<Ts>,
    /// Bytes.
    #[validate(range(min = 0, max = 9_007_199_254_740_991_i64))]
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    size: Option<i64>,
    /// Of what was written, hexadecimal (B2.2).
    #[validate(length(min = 64, max = 64), custom(function = "rules::code"))]
    #[schema(min_length = 64, max_length = 64, pattern = "^[A-Za-z0-9]+$")]
    sha256: Option<String>,
    /// Whether it was read back or restored; only such a backup counts.
    #[serde(default)]
    verified: bool,
    /// On which medium it is.
    medium_id: Option<MediumId>,
    /// What there is to say; why it failed.
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// POST /backup-plans/{id}/results
pub async fn report(
    call: Guard<may::ManageBackups>,
    id: Path<PlanId>,
    body: Valid<BackupResultBody>,
) -> Result<Created<BackupView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let told = Told {
        state: body.state,
        started_at: body.started_at,
        finished_at: body.finished_at,
        size: body.size,
        sha256: body.sha256,
        verified: body.verified,
        medium: body.medium_id,
        explanation: body.note,
    };
    call.create(move |tx| service::report(tx, id, &told)?.and_then(|id| views::backup(tx, id))).await
}

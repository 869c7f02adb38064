//! Backups, and what came of their drills.

use db::ReadTx;
use identity::{PersonRef, directory};
use kernel::{Error, Ts};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use super::BackupNamedRef;
use crate::{
    archive::FailureCode,
    model::{Backup, BackupId, BackupState, DrillResult, OffsiteState, PlanSubject},
    policy, store,
};

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

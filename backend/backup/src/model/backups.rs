//! Backups.

use kernel::{PersonId, Ts};

use super::{BackupId, MediumId, PlanId};
use crate::{archive::FailureCode, schema};

kernel::text_enum! {
    /// How far a backup is.
    pub enum BackupState {
        /// 进行中
        Running = "running",
        /// 成功
        Completed = "completed",
        /// 失败
        Failed = "failed",
    }
}

kernel::text_enum! {
    /// What became of the copy at the second place.
    pub enum OffsiteState {
        /// It is there, read back.
        Copied = "copied",
        /// It is there, but that place lets backups be deleted although the plan demands otherwise (B2.2).
        Unlocked = "unlocked",
        /// It is not there.
        Failed = "failed",
    }
}

kernel::text_enum! {
    /// How a restore drill ended.
    pub enum DrillResult {
        /// Everything was restored as it was.
        Passed = "passed",
        /// It could not be restored.
        Failed = "failed",
    }
}

/// A backup's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::backup, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Backup {
    pub id: BackupId,
    pub plan_id: PlanId,
    pub state: BackupState,
    pub started_at: Ts,
    pub finished_at: Option<Ts>,
    pub duration_ms: Option<i64>,
    pub size: Option<i64>,
    pub log_size: Option<i64>,
    pub target: Option<String>,
    pub folder: Option<String>,
    pub sha256: Option<String>,
    pub encrypted: Option<bool>,
    pub reason: Option<FailureCode>,
    pub explanation: Option<String>,
    pub offsite: Option<OffsiteState>,
    pub verified_at: Option<Ts>,
    pub drill: Option<DrillResult>,
    pub drilled_at: Option<Ts>,
    pub recovery_ms: Option<i64>,
    pub age_seconds: Option<i64>,
    pub drill_wanted: bool,
    pub reported_by: Option<PersonId>,
    pub medium_id: Option<MediumId>,
    pub removed_at: Option<Ts>,
    pub version: i32,
}

impl Backup {
    /// A row about which nothing is known yet.
    #[must_use]
    pub fn begun(plan: PlanId, started_at: Ts) -> Self {
        Self {
            id: BackupId::new(),
            plan_id: plan,
            state: BackupState::Running,
            started_at,
            finished_at: None,
            duration_ms: None,
            size: None,
            log_size: None,
            target: None,
            folder: None,
            sha256: None,
            encrypted: None,
            reason: None,
            explanation: None,
            offsite: None,
            verified_at: None,
            drill: None,
            drilled_at: None,
            recovery_ms: None,
            age_seconds: None,
            drill_wanted: false,
            reported_by: None,
            medium_id: None,
            removed_at: None,
            version: 1,
        }
    }
}

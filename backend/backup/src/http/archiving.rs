//! What PostgreSQL archives of what it writes, second by second.

use db::ArchivingState;
use kernel::{Ts, may};
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, Fine, Guard, View};

use crate::policy;

/// How the archiving of the write-ahead log stands (B2.1): with it a lost machine costs seconds instead of what came after the last backup.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct BackupArchivingView {
    /// None: the database is SQLite, which has no such archive, or the server's role may not see it.
    state: Option<ArchivingState>,
    /// Whether PostgreSQL has it, but the server's role may not see it (`grant select on pg_stat_archiver`).
    hidden: bool,
    /// When the last segment was archived.
    archived_at: Option<Ts>,
    /// Which could not be archived last, and when.
    failed: Option<String>,
    failed_at: Option<Ts>,
    /// Bytes that were written after the last segment that was archived; none if that cannot be told, as on a standby.
    waiting_bytes: Option<i64>,
}
impl View for BackupArchivingView {}

/// GET /backup-archiving
pub async fn show(call: Guard<may::ReadBackups>) -> Result<Fine<BackupArchivingView>, ApiError> {
    call.read(|tx| {
        policy::check_read(tx.actor())?;
        let Some(archiving) = db::archiving(tx)? else {
            return Ok(BackupArchivingView { hidden: tx.backend() == db::Backend::Postgres, ..BackupArchivingView::default() });
        };
        let state = Some(archiving.state(tx.now()));
        let (failed, failed_at) = archiving.failed.unzip();
        let archived_at = archiving.archived.map(|(_, at)| at);
        Ok(BackupArchivingView { state, hidden: false, archived_at, failed, failed_at, waiting_bytes: archiving.waiting_bytes })
    })
    .await
}

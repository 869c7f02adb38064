//! PostgreSQL's archiving of its write-ahead log (WAL), and base backups, which its own tool makes.

use std::{
    io::{BufRead as _, BufReader, Read},
    process::Stdio,
    thread,
};

use diesel::{
    QueryableByName, RunQueryDsl as _, sql_query,
    sql_types::{BigInt, Bool, Nullable, Text},
};
use kernel::{Error, Ts};

use crate::{Conn, ReadTx, snapshot::tool};

kernel::text_enum! {
    /// What is to be said of the archiving of PostgreSQL's write-ahead log, and so of what a lost machine costs.
    pub enum ArchivingState {
        /// It is not archived: all since the last backup would be lost.
        Off = "off",
        /// It is on, and nothing archives: what was written stays until the disk is full.
        Silent = "silent",
        /// The last segment could not be archived.
        Failing = "failing",
        /// Nothing was archived yet.
        Waiting = "waiting",
        /// More was written since, and the last segment was archived a quarter of an hour ago.
        Late = "late",
        /// A segment is archived only when it is full.
        WhenFull = "when_full",
        /// Each segment soon after it was written.
        Works = "works",
    }
}

/// Older than that, in seconds, nothing of worth should be that is only on one disk.
const LATE: i64 = 900;

/// How the archiving of a PostgreSQL stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archiving {
    /// As `archive_mode` says: `off`, `on`, `always`.
    pub mode: String,
    /// Whether it is on, and something archives: a command or a library.
    pub works: bool,
    /// After how many seconds a segment is archived that is not full; 0 for never.
    pub timeout_seconds: i64,
    /// The last file that was archived, and when.
    pub archived: Option<(String, Ts)>,
    /// The last that could not be, and when.
    pub failed: Option<(String, Ts)>,
    /// How often it failed since the statistics begin.
    pub failures: i64,
    /// Bytes that were written after the last file that was archived; none if that cannot be told, as on a standby.
    pub waiting_bytes: Option<i64>,
}

impl Archiving {
    /// What is to be said of it.
    #[must_use]
    pub fn state(&self, now: Ts) -> ArchivingState {
        match (&self.archived, &self.failed) {
            _ if !self.works && self.mode != "off" => ArchivingState::Silent,
            _ if !self.works => ArchivingState::Off,
            (last, Some((_, at))) if last.as_ref().is_none_or(|(_, last)| at > last) => ArchivingState::Failing,
            (None, _) => ArchivingState::Waiting,
            (Some((_, at)), _) if at.plus_seconds(LATE) < now && self.waiting_bytes.is_none_or(|waiting| waiting > 0) => {
                ArchivingState::Late
            }
            _ if self.timeout_seconds == 0 => ArchivingState::WhenFull,
            _ => ArchivingState::Works,
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    mode: String,
    #[diesel(sql_type = Bool)]
    command: bool,
    #[diesel(sql_type = BigInt)]
    timeout: i64,
    #[diesel(sql_type = BigInt)]
    segment: i64,
    #[diesel(sql_type = Nullable<Text>)]
    archived: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    archived_at: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    failed: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    failed_at: Option<i64>,
    #[diesel(sql_type = BigInt)]
    failures: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    position: Option<i64>,
}

#[derive(QueryableByName)]
struct May {
    #[diesel(sql_type = Bool)]
    may: bool,
}

/// Which cluster a PostgreSQL is, and what whoever asks may do there.
#[derive(Clone, Debug, QueryableByName)]
pub struct Cluster {
    /// As it is written: `15.18`.
    #[diesel(sql_type = Text)]
    pub version: String,
    /// Of this cluster alone, and of whatever was copied of it.
    #[diesel(sql_type = Text)]
    pub system_identifier: String,
    /// Who asks.
    #[diesel(sql_type = Text)]
    pub role: String,
    /// Which of its databases.
    #[diesel(sql_type = Text)]
    pub database: String,
    /// Whether that role may make base backups.
    #[diesel(sql_type = Bool)]
    pub replicates: bool,
    /// Whether it only follows another.
    #[diesel(sql_type = Bool)]
    pub follows: bool,
    /// Tablespaces besides the two that each cluster has.
    #[diesel(sql_type = BigInt)]
    pub tablespaces: i64,
}

/// How the archiving stands; none of SQLite, and where the role may not see it.
pub fn archiving(tx: &mut ReadTx<'_>) -> Result<Option<Archiving>, Error> {
    let Conn::Pg(conn) = tx.conn() else { return Ok(None) };
    let may: May = sql_query("select has_table_privilege('pg_stat_archiver', 'select') as may").get_result(conn)?;
    if !may.may {
        return Ok(None);
    }
    let row: Row = sql_query(
        "select current_setting('archive_mode') as mode, \
         current_setting('archive_command') not in ('', '(disabled)') or coalesce(current_setting('archive_library', true), '') <> '' as command, \
         (select setting::bigint from pg_settings where name = 'archive_timeout') as timeout, \
         (select setting::bigint from pg_settings where name = 'wal_segment_size') as segment, \
         last_archived_wal as archived, (extract(epoch from last_archived_time) * 1000000)::bigint as archived_at, \
         last_failed_wal as failed, (extract(epoch from last_failed_time) * 1000000)::bigint as failed_at, failed_count as failures, \
         case when not pg_is_in_recovery() then pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint end as position \
         from pg_stat_archiver",
    )
    .get_result(conn)?;
    let end = row.archived.as_deref().and_then(|name| end_of(name, row.segment));
    Ok(Some(Archiving {
        works: row.mode != "off" && row.command,
        mode: row.mode,
        timeout_seconds: row.timeout,
        archived: row.archived.zip(row.archived_at.map(Ts::from_micros)),
        failed: row.failed.zip(row.failed_at.map(Ts::from_micros)),
        failures: row.failures,
        waiting_bytes: row.position.zip(end).map(|(position, end)| (position - end).max(0)),
    }))
}

/// Where a segment ends, of this many bytes each, by its name: `0000000100000000000000A3`.
fn end_of(name: &str, bytes: i64) -> Option<i64> {
    let number = |part: Option<&str>| part.and_then(|part| i64::from_str_radix(part, 16).ok());
    let (high, low) = (number(name.get(8..16))?, number(name.get(16..24))?);
    high.checked_shl(32)?.checked_add(low.checked_add(1)?.checked_mul(bytes)?)
}

/// Which cluster a PostgreSQL is, and whether this role may copy it.
pub fn cluster(tx: &mut ReadTx<'_>) -> Result<Option<Cluster>, Error> {
    let Conn::Pg(conn) = tx.conn() else { return Ok(None) };
    let query = sql_query(
        "select split_part(current_setting('server_version'), ' ', 1) as version, \
         (select system_identifier::text from pg_control_system()) as system_identifier, \
         current_user::text as role, current_database()::text as database, \
         exists (select from pg_roles where rolname = current_user and (rolreplication or rolsuper)) as replicates, \
         pg_is_in_recovery() as follows, \
         (select count(*) from pg_tablespace where spcname not in ('pg_default', 'pg_global')) as tablespaces",
    );
    Ok(Some(query.get_result(conn)?))
}

/// Lets `pg_basebackup` copy the cluster at this address, and gives what it writes, a tar, to whoever takes it. It ends when PostgreSQL has
/// archived the segments that belong to the copy. What it says meanwhile is passed on, since it may wait for that for long.
pub fn base_backup<T, E: From<Error>>(url: &str, take: impl FnOnce(&mut dyn Read) -> Result<T, E>) -> Result<T, E> {
    const TOOL: &str = "pg_basebackup";
    let said = |error: &dyn std::fmt::Display| Error::internal(format!("{TOOL} cannot be run: {error}"));
    let mut command = tool(TOOL, url)?;
    command.args(["--pgdata=-", "--format=tar", "--wal-method=none", "--checkpoint=fast", "--no-password", "--label=zhidu"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| said(&error))?;
    let (Some(mut content), Some(words)) = (child.stdout.take(), child.stderr.take()) else { return Err(said(&"it has no output").into()) };
    let listening = thread::spawn(move || {
        let mut all = Vec::new();
        for line in BufReader::new(words).lines().map_while(Result::ok) {
            tracing::info!("{line}");
            all.push(line);
        }
        all.join("; ")
    });
    let taken = take(&mut content);
    if taken.is_err() {
        // It may have ended by itself, which then is the reason.
        drop(child.kill());
    }
    let ended = child.wait().map_err(|error| said(&error))?;
    let words = listening.join().unwrap_or_default();
    match ended.code() {
        Some(0) => taken,
        Some(_) => Err(Error::internal(format!("{TOOL}: {words}")).into()),
        None => taken.and_then(|_| Err(Error::internal(format!("{TOOL} was killed; {words}")).into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_segment_is_known_by_its_name() {
        let mib = 16 << 20;
        assert_eq!(end_of("000000010000000000000003", mib), Some(4 * mib));
        assert_eq!(end_of("0000000200000001000000FF.partial", mib), Some((1 << 32) + 256 * mib));
        assert_eq!(end_of("00000002.history", mib), None);
    }
}

//! A look at a database from outside, for whoever asks what is wrong with it. It changes nothing: no schema is brought up to date, and
//! SQLite puts no file beside its own.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use kernel::{Actor, ActorKind, Error, Ts};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

use crate::{
    Backend, Conn, ReadTx, migrations,
    snapshot::{STANDING, away, path_of, postgres, words},
};

/// What means something in the address of a file.
const RESERVED: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');
/// Where the two versions of the journal stand in the header of a SQLite file, and what they are when it writes ahead (WAL).
const JOURNAL: std::ops::Range<usize> = 18..20;
const WRITES_AHEAD: &[u8] = &[2, 2];
/// Tables that only grow: with separate roles, the application may add to them and change nothing.
const LOG: &str = "'audit_record', 'audit_related', 'audit_leaf', 'audit_erasure', 'audit_origin', 'audit_checkpoint', 'audit_cosignature'";

/// A database that is looked at, whoever else works on it.
pub struct Look {
    conn: Conn,
    actor: Arc<Actor>,
}

/// How the schema of a database stands to the migrations of this binary, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// How many are in the database.
    pub applied: usize,
    /// Those that the database has yet to get.
    pub pending: Vec<String>,
    /// Those that the database has got, and this binary does not know.
    pub unknown: Vec<String>,
}

impl Look {
    /// Opens it. Fails where there is none, or nobody answers within ten seconds.
    pub fn at(url: &str) -> Result<Self, Error> {
        let conn = match Backend::of_url(url) {
            Backend::Sqlite => Conn::Sqlite(sqlite(Path::new(path_of(url)))?),
            Backend::Postgres => {
                let mut conn = postgres(&patient(url))?;
                conn.batch_execute("SET default_transaction_read_only=on; SET statement_timeout='60s'")?;
                Conn::Pg(conn)
            }
        };
        Ok(Self { conn, actor: Arc::new(Actor::of_kind(ActorKind::SystemJob, "doctor")) })
    }

    /// Which database this is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self.conn {
            Conn::Pg(_) => Backend::Postgres,
            Conn::Sqlite(_) => Backend::Sqlite,
        }
    }

    /// Reads from it as it is at one moment.
    pub fn read<T>(&mut self, now: Ts, read: impl FnOnce(&mut ReadTx<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.conn.batch_execute(if self.backend() == Backend::Postgres { STANDING } else { "BEGIN" })?;
        let result = read(&mut ReadTx::new(&mut self.conn, &self.actor, now));
        // Fails only on a dead connection, and then there is nothing to end.
        drop(self.conn.batch_execute("ROLLBACK"));
        result
    }

    /// How its schema stands.
    pub fn schema(&mut self) -> Result<Schema, Error> {
        let there = match self.backend() {
            Backend::Sqlite => "select name as word from sqlite_schema where name = '__diesel_schema_migrations'",
            Backend::Postgres => {
                "select tablename::text as word from pg_tables where tablename = '__diesel_schema_migrations' and schemaname = 'public'"
            }
        };
        let applied = if words(&mut self.conn, there)?.is_empty() {
            Vec::new()
        } else {
            words(&mut self.conn, "select version as word from __diesel_schema_migrations order by version")?
        };
        let known = migrations::known(self.backend())?;
        let unknown = applied.iter().filter(|version| known.iter().all(|(other, _)| other != *version)).cloned().collect();
        let pending = known.into_iter().filter(|(version, _)| !applied.contains(version)).map(|(_, name)| name).collect();
        Ok(Schema { applied: applied.len(), pending, unknown })
    }

    /// The first thing that SQLite finds wrong with its file; nothing on PostgreSQL, which says so itself when it meets it.
    pub fn damage(&mut self) -> Result<Option<String>, Error> {
        match self.backend() {
            Backend::Postgres => Ok(None),
            Backend::Sqlite => {
                Ok(words(&mut self.conn, "select quick_check as word from pragma_quick_check where quick_check <> 'ok' limit 1")?.pop())
            }
        }
    }

    /// Which version of PostgreSQL this is: as it is counted, and as it is written; none of SQLite.
    pub fn version(&mut self) -> Result<Option<(i64, String)>, Error> {
        let Some(number) = self.word("select current_setting('server_version_num') as word")? else { return Ok(None) };
        let written = self.word("select split_part(current_setting('server_version'), ' ', 1) as word")?;
        Ok(Some((number.parse::<i64>().map_err(Error::internal)? / 10_000, written.unwrap_or_default())))
    }

    /// In which encoding PostgreSQL keeps texts; none of SQLite.
    pub fn encoding(&mut self) -> Result<Option<String>, Error> {
        self.word("select pg_encoding_to_char(encoding)::text as word from pg_database where datname = current_database()")
    }

    /// PostgreSQL's own clock; none of SQLite.
    pub fn clock(&mut self) -> Result<Option<Ts>, Error> {
        let micros = self.word("select (extract(epoch from clock_timestamp()) * 1000000)::bigint::text as word")?;
        micros.map(|micros| micros.parse().map(Ts::from_micros).map_err(Error::internal)).transpose()
    }

    /// Which role this is, and the tables of the log that it could change, or could let itself change; none of SQLite, and where there is
    /// no log yet.
    pub fn rights(&mut self) -> Result<Option<(String, Vec<String>)>, Error> {
        let Some(role) = self.word("select current_user::text as word")? else { return Ok(None) };
        let log = format!("select relname::text as word from pg_class where relnamespace = 'public'::regnamespace and relname in ({LOG})");
        if words(&mut self.conn, &log)?.is_empty() {
            return Ok(None);
        }
        let could = format!(
            "select relname::text as word from pg_class where relnamespace = 'public'::regnamespace and relname in ({LOG}) \
             and (has_table_privilege(oid, 'update, delete, truncate') or pg_has_role(relowner, 'member')) order by relname"
        );
        Ok(Some((role, words(&mut self.conn, &could)?)))
    }

    /// What PostgreSQL answers; none of SQLite.
    fn word(&mut self, sql: &str) -> Result<Option<String>, Error> {
        if self.backend() == Backend::Sqlite { Ok(None) } else { Ok(words(&mut self.conn, sql)?.pop()) }
    }
}

/// An address as it may be shown: without the password.
#[must_use]
pub fn shown(url: &str) -> String {
    if Backend::of_url(url) == Backend::Sqlite {
        return path_of(url).to_owned();
    }
    let without = Url::parse(url).ok().and_then(|mut url| {
        url.set_query(None);
        url.set_password(None).ok()?;
        Some(String::from(url))
    });
    without.unwrap_or_else(|| "PostgreSQL".to_owned())
}

/// Whether a SQLite file writes ahead (WAL), by its own header.
pub fn writes_ahead(path: &Path) -> Result<bool, Error> {
    let mut header = [0; JOURNAL.end];
    File::open(path).and_then(|mut file| file.read_exact(&mut header)).map_err(|error| away(format!("{}: {error}", path.display())))?;
    Ok(header.get(JOURNAL) == Some(WRITES_AHEAD))
}

/// Read only. Where nobody has it open there is nothing beside it, and nothing must come: what SQLite would put there is of whoever looks,
/// and in the way of the server afterwards.
fn sqlite(path: &Path) -> Result<SqliteConnection, Error> {
    // What SQLite puts beside a file lies beside the file itself, not beside a link to it.
    let path = path.canonicalize().map_err(|error| away(format!("{}: {error}", path.display())))?;
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    // A file that does not write ahead has nothing beside it either while it is in use, and is read with locks.
    let alone = if writes_ahead(&path).unwrap_or(false) && !PathBuf::from(wal).exists() { "&immutable=1" } else { "" };
    let name = path.display().to_string();
    let mut conn = SqliteConnection::establish(&format!("file:{}?mode=ro{alone}", utf8_percent_encode(&name, RESERVED))).map_err(away)?;
    conn.batch_execute("PRAGMA busy_timeout=10000; PRAGMA query_only=ON; PRAGMA trusted_schema=OFF")?;
    Ok(conn)
}

/// With a limit for connecting, unless it has one: by itself it would wait for minutes where nothing answers.
fn patient(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return url.to_owned() };
    if url.query_pairs().all(|(name, _)| name != "connect_timeout") {
        url.query_pairs_mut().append_pair("connect_timeout", "10");
    }
    url.into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        assert_eq!(shown("postgres://app:secret@db/zhidu?password=secret"), "postgres://app@db/zhidu");
        assert_eq!(shown("sqlite:///srv/zhidu.db"), "/srv/zhidu.db");
    }

    #[test]
    fn a_file_that_nobody_has_open_is_read_and_nothing_comes_beside_it() {
        let folder = std::env::temp_dir().join(format!("zhidu look? {}", kernel::PersonId::new()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("50%.db");
        let mut conn = SqliteConnection::establish(&path.display().to_string()).unwrap();
        conn.batch_execute("pragma journal_mode=wal; create table one (id integer); insert into one values (1)").unwrap();
        let files = || std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(files(), 3, "the database, and what is beside it while it is open");
        let mut look = Look::at(&path.display().to_string()).unwrap();
        assert_eq!(words(&mut look.conn, "select 'seen' as word from one").unwrap(), ["seen"]);
        drop((look, conn));
        assert_eq!(files(), 1);
        let mut look = Look::at(&path.display().to_string()).unwrap();
        assert_eq!((words(&mut look.conn, "select 'seen' as word from one").unwrap().len(), look.damage().unwrap()), (1, None));
        assert!(look.conn.batch_execute("insert into one values (2)").is_err());
        drop(look);
        assert_eq!((files(), writes_ahead(&path).unwrap()), (1, true));
        assert!(Look::at(&folder.join("none.db").display().to_string()).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

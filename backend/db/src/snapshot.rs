//! A copy of the whole database at one moment, while others write; and a look at a copy that was put back.
//!
//! SQLite copies itself (`VACUUM INTO`). PostgreSQL is copied by its own tools: `pg_dump` and `pg_restore` have to be on the path, in the
//! version of the server or newer. What is counted and proven of a copy is read at the very moment that the copy shows.

use std::{collections::BTreeMap, path::Path, process::Command, sync::Arc};

use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
    sql_query,
    sql_types::{BigInt, Text},
};
use kernel::{Actor, ActorKind, Code, Error, Ts, Uuid};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::{Backend, Conn, ReadTx, both};

#[derive(QueryableByName)]
pub(crate) struct Word {
    #[diesel(sql_type = Text)]
    pub word: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A copy may take longer than any request.
const UNHURRIED: &str = "SET TIME ZONE 'UTC'; SET statement_timeout=0; SET idle_in_transaction_session_timeout=0;";
pub(crate) const STANDING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// What [`set_aside`] has put there is no part of the product: it would grow each backup, and stand in the way of its restore.
const EXCLUDE_ASIDE: &str = "--exclude-schema=replaced_*";

/// A database that stands still while one looks at it.
pub struct Still {
    conn: Conn,
    actor: Arc<Actor>,
}

impl Still {
    /// Copies the database into a file that is not there yet, and looks at what was copied.
    pub fn copy(url: &str, into: &Path) -> Result<Self, Error> {
        match Backend::of_url(url) {
            Backend::Sqlite => {
                let mut source = sqlite(path_of(url))?;
                source.batch_execute("PRAGMA busy_timeout=10000")?;
                sql_query("VACUUM INTO ?").bind::<Text, _>(into.display().to_string()).execute(&mut source)?;
                Self::of(&into.display().to_string())
            }
            Backend::Postgres => {
                let mut conn = postgres(url)?;
                conn.batch_execute(STANDING)?;
                let exported: Word = sql_query("select pg_export_snapshot() as word").get_result(&mut conn)?;
                let mut dump = tool("pg_dump", url)?;
                dump.args(["--format=custom", "--compress=0", EXCLUDE_ASIDE, "--snapshot", &exported.word, "--file"]).arg(into);
                run(dump)?;
                Ok(Self::over(Conn::Pg(conn)))
            }
        }
    }

    /// Looks at a database that nobody changes meanwhile.
    pub fn of(url: &str) -> Result<Self, Error> {
        match Backend::of_url(url) {
            Backend::Sqlite => {
                let mut conn = sqlite(path_of(url))?;
                conn.batch_execute("PRAGMA query_only=ON; BEGIN")?;
                Ok(Self::over(Conn::Sqlite(conn)))
            }
            Backend::Postgres => {
                let mut conn = postgres(url)?;
                conn.batch_execute(STANDING)?;
                Ok(Self::over(Conn::Pg(conn)))
            }
        }
    }

    fn over(conn: Conn) -> Self {
        Self { conn, actor: Arc::new(Actor::of_kind(ActorKind::SystemJob, "backup")) }
    }

    /// Reads from it.
    pub fn read<T>(&mut self, now: Ts, read: impl FnOnce(&mut ReadTx<'_>) -> Result<T, Error>) -> Result<T, Error> {
        read(&mut ReadTx::new(&mut self.conn, &self.actor, now))
    }

    /// The migrations that made its tables.
    pub fn migrations(&mut self) -> Result<Vec<String>, Error> {
        self.words("select version as word from __diesel_schema_migrations order by version")
    }

    /// How many rows each table has. Tables that SQLite keeps for its own search index are left out.
    pub fn rows(&mut self) -> Result<BTreeMap<String, i64>, Error> {
        let tables = match &self.conn {
            Conn::Sqlite(_) => {
                "select name as word from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like 'search_text%'"
            }
            Conn::Pg(_) => "select tablename::text as word from pg_tables where schemaname = 'public'",
        };
        let mut rows = BTreeMap::new();
        for table in self.words(tables)? {
            let count = sql_query(format!("select count(*) as n from \"{table}\""));
            let count: Count = both!(&mut self.conn, |conn| count.get_result(conn))?;
            rows.insert(table, count.n);
        }
        Ok(rows)
    }

    /// What SQLite finds wrong with its file; nothing on PostgreSQL, which has built every index and checked every key when the dump was
    /// read into it.
    pub fn damage(&mut self) -> Result<Option<String>, Error> {
        if matches!(self.conn, Conn::Pg(_)) {
            return Ok(None);
        }
        let found = self.words("select integrity_check as word from pragma_integrity_check where integrity_check <> 'ok' limit 1")?;
        if let Some(found) = found.into_iter().next() {
            return Ok(Some(found));
        }
        let broken =
            self.words("select \"table\" || ' refers to missing rows of ' || parent as word from pragma_foreign_key_check limit 1")?;
        Ok(broken.into_iter().next())
    }

    fn words(&mut self, sql: &str) -> Result<Vec<String>, Error> {
        words(&mut self.conn, sql)
    }
}

/// What a query finds that asks for one column, `word`.
pub(crate) fn words(conn: &mut Conn, sql: &str) -> Result<Vec<String>, Error> {
    let query = sql_query(sql);
    let found: Vec<Word> = both!(conn, |conn| query.load(conn))?;
    Ok(found.into_iter().map(|row| row.word).collect())
}

/// A database on the server of this URL that is gone when it is dropped. While somebody works in it, an advisory lock on its name is held;
/// what has none was left by somebody who was killed, and the next who comes drops it.
pub struct Scratch {
    server: PgConnection,
    name: String,
    /// Its URL.
    pub url: String,
}

impl Scratch {
    /// Makes it, empty. The role needs the right to create databases.
    pub fn create(url: &str) -> Result<Self, Error> {
        let mut server = postgres(url)?;
        // Advisory locks belong to a database: only those who come from the same one see each other's.
        let prefix: Word = sql_query("select 'zhidu_check_' || oid || '_' as word from pg_database where datname = current_database()")
            .get_result(&mut server)?;
        drop_abandoned(&mut server, &prefix.word)?;
        let name = format!("{}{}", prefix.word, Uuid::from(kernel::PersonId::new()).simple());
        server.batch_execute(&format!("select pg_advisory_lock(hashtextextended('{name}', 0))"))?;
        server.batch_execute(&format!("create database {name}"))?;
        let mut own = Url::parse(url).map_err(Error::internal)?;
        own.set_path(&name);
        Ok(Self { server, name, url: own.into() })
    }
}

fn drop_abandoned(server: &mut PgConnection, prefix: &str) -> Result<(), Error> {
    let there: Vec<Word> = sql_query("select datname::text as word from pg_database where starts_with(datname::text, $1)")
        .bind::<Text, _>(prefix)
        .load(server)?;
    for Word { word: name } in there {
        let free = sql_query("select pg_try_advisory_lock(hashtextextended($1, 0))::int::bigint as n").bind::<Text, _>(&name);
        let free: Count = free.get_result(server)?;
        if free.n == 0 {
            continue;
        }
        let gone = server.batch_execute(&format!("drop database if exists {name} with (force)"));
        if let Err(error) = gone.and_then(|()| server.batch_execute(&format!("select pg_advisory_unlock(hashtextextended('{name}', 0))"))) {
            tracing::warn!(%error, database = name, "a database that a check left behind could not be dropped");
        }
    }
    Ok(())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = self.server.batch_execute(&format!("drop database {} with (force)", self.name)) {
            tracing::warn!(%error, database = self.name, "a database made for a check stays behind");
        }
    }
}

/// PostgreSQL: how many others use this database. Sessions that have just ended may be seen for a moment longer, so it looks twice.
pub fn sessions(url: &str) -> Result<i64, Error> {
    let mut conn = postgres(url)?;
    // Whoever is no superuser does not see what sort of session those of other roles are.
    let others = "select count(*) as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() \
         and coalesce(backend_type, 'client backend') = 'client backend'";
    let first: Count = sql_query(others).get_result(&mut conn)?;
    if first.n == 0 {
        return Ok(0);
    }
    conn.batch_execute("select pg_sleep(1)")?;
    let second: Count = sql_query(others).get_result(&mut conn)?;
    Ok(second.n)
}

/// Whether there is nothing yet: no file, or a database without tables.
pub fn is_empty(url: &str) -> Result<bool, Error> {
    match Backend::of_url(url) {
        Backend::Sqlite => Ok(!Path::new(path_of(url)).exists()),
        Backend::Postgres => {
            let tables = sql_query("select count(*) as n from pg_tables where schemaname = 'public'");
            let count: Count = tables.get_result(&mut postgres(url)?)?;
            Ok(count.n == 0)
        }
    }
}

/// PostgreSQL: sets aside what is there, under another schema, so that a dump finds an empty place.
pub fn set_aside(url: &str, suffix: &str) -> Result<(), Error> {
    Ok(postgres(url)?
        .batch_execute(&format!("begin; alter schema public rename to \"replaced_{suffix}\"; create schema public; commit"))?)
}

/// PostgreSQL: reads a dump into an empty database, wholly or not at all.
pub fn read_dump(dump: &Path, url: &str) -> Result<(), Error> {
    let mut restore = tool("pg_restore", url)?;
    restore.args(["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]).arg(dump);
    run(restore)
}

/// The file of an SQLite database.
#[must_use]
pub fn path_of(url: &str) -> &str {
    url.strip_prefix("sqlite://").unwrap_or(url)
}

pub(crate) fn away(error: impl std::fmt::Display) -> Error {
    Error::new(Code::Unavailable).because(error)
}

fn sqlite(path: &str) -> Result<SqliteConnection, Error> {
    // SQLite would make an empty file where there is none.
    if !Path::new(path).exists() {
        return Err(away(format!("{path}: there is no such database")));
    }
    SqliteConnection::establish(path).map_err(away)
}

pub(crate) fn postgres(url: &str) -> Result<PgConnection, Error> {
    let mut conn = PgConnection::establish(url).map_err(away)?;
    conn.batch_execute(UNHURRIED)?;
    Ok(conn)
}

/// A tool of PostgreSQL for this database. The password goes by the environment: arguments can be read by every user of the machine.
pub(crate) fn tool(name: &str, url: &str) -> Result<Command, Error> {
    let mut shown = Url::parse(url).map_err(Error::internal)?;
    let password = shown.password().map(|password| percent_decode_str(password).decode_utf8_lossy().into_owned());
    shown.set_password(None).map_err(|()| Error::internal("the database's URL cannot be read"))?;
    let mut command = Command::new(name);
    command.arg(format!("--dbname={shown}"));
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

/// The version of a tool of PostgreSQL on the path, as it is counted: 15, 16.
pub fn tool_version(name: &str) -> Result<i64, Error> {
    let said = Command::new(name).arg("--version").output().map_err(|error| Error::internal(format!("{name} cannot be run: {error}")))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    // `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
    let number = said.split(") ").nth(1).map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    number.and_then(|number| number.parse().ok()).ok_or_else(|| Error::internal(format!("{name} says no version: {}", said.trim())))
}

fn run(mut command: Command) -> Result<(), Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| Error::internal(format!("{name} cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::internal(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

//! Two trees of migrations with the same names, embedded in the binary.

use diesel::{RunQueryDsl as _, migration::MigrationSource, pg::Pg, sql_query, sqlite::Sqlite};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use kernel::Error;

use crate::{Backend, Conn};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Replicas that start together wait here for the first.
const LOCK: i64 = 0x7a68_6964_7500;

/// Brings the schema up to date.
pub(crate) fn run(conn: &mut Conn) -> Result<(), Error> {
    match conn {
        Conn::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(drop).map_err(Error::internal),
        Conn::Pg(conn) => {
            sql_query(format!("select pg_advisory_lock({LOCK})")).execute(conn)?;
            let migrated = conn.run_pending_migrations(POSTGRES).map(drop).map_err(Error::internal);
            sql_query(format!("select pg_advisory_unlock({LOCK})")).execute(conn)?;
            migrated
        }
    }
}

/// Version and name of each migration of this binary, in their order.
pub(crate) fn known(backend: Backend) -> Result<Vec<(String, String)>, Error> {
    let mut known: Vec<(String, String)> = match backend {
        Backend::Sqlite => names(MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(Error::internal)?),
        Backend::Postgres => names(MigrationSource::<Pg>::migrations(&POSTGRES).map_err(Error::internal)?),
    };
    known.sort();
    Ok(known)
}

fn names<DB: diesel::backend::Backend>(all: Vec<Box<dyn diesel::migration::Migration<DB>>>) -> Vec<(String, String)> {
    all.iter().map(|migration| (migration.name().version().to_string(), migration.name().to_string())).collect()
}

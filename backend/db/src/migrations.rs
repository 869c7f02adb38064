//! Two trees of migrations with the same names, embedded in the binary.

use diesel::RunQueryDsl as _;
use diesel::sql_query;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use kernel::Error;

use crate::Conn;

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

//! One connection type over both databases, and the pool manager that opens it.

use diesel::{
    Connection, MultiConnection, PgConnection, SqliteConnection,
    connection::SimpleConnection,
    r2d2::{ManageConnection, R2D2Connection},
};

use crate::search;

/// A connection to either database.
#[derive(MultiConnection)]
pub enum Conn {
    /// PostgreSQL by libpq.
    Pg(PgConnection),
    /// The bundled SQLite.
    Sqlite(SqliteConnection),
}

/// Which database this is, by the scheme of its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// `postgres://…`
    Postgres,
    /// `sqlite://path` or a bare path.
    Sqlite,
}

impl Backend {
    /// The derived `establish` would try both and lose the real error; we decide by the scheme.
    #[must_use]
    pub fn of_url(url: &str) -> Self {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") { Self::Postgres } else { Self::Sqlite }
    }
}

/// What a connection is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
}

/// Opens connections with their settings.
#[derive(Clone, Debug)]
pub(crate) struct Manager {
    pub url: String,
    pub purpose: Purpose,
}

/// WAL and FULL: a commit that was answered survives the loss of power.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
    PRAGMA foreign_keys=ON; PRAGMA cache_size=-8000; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY; \
    PRAGMA journal_size_limit=67108864; PRAGMA trusted_schema=OFF;";
const PG_SETTINGS: &str = "SET TIME ZONE 'UTC'; SET statement_timeout='60s'; SET idle_in_transaction_session_timeout='60s';";

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        use diesel::r2d2::Error::{ConnectionError, QueryError};
        match Backend::of_url(&self.url) {
            Backend::Postgres => {
                let mut conn = PgConnection::establish(&self.url).map_err(ConnectionError)?;
                conn.batch_execute(PG_SETTINGS).map_err(QueryError)?;
                let own = match self.purpose {
                    Purpose::Read => "SET default_transaction_read_only=on",
                    // SERIALIZABLE remembers a sequential scan as a read of the whole table, and every writer of that table
                    // then conflicts; through an index it remembers a page.
                    Purpose::Write => "SET enable_seqscan=off",
                };
                conn.batch_execute(own).map_err(QueryError)?;
                Ok(Conn::Pg(conn))
            }
            Backend::Sqlite => {
                let path = self.url.strip_prefix("sqlite://").unwrap_or(&self.url);
                let mut conn = SqliteConnection::establish(path).map_err(ConnectionError)?;
                conn.batch_execute(SQLITE_SETTINGS).map_err(QueryError)?;
                let own = match self.purpose {
                    Purpose::Read => "PRAGMA query_only=ON",
                    Purpose::Write => search::WAITING,
                };
                conn.batch_execute(own).map_err(QueryError)?;
                Ok(Conn::Sqlite(conn))
            }
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking()
            || match conn {
                Conn::Pg(conn) => conn.is_broken(),
                Conn::Sqlite(conn) => conn.is_broken(),
            }
    }
}

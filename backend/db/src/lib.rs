//! All that knows there are two databases.
//!
//! - [`Database::read`] hands out a [`ReadTx`], [`Database::write`] a [`WriteTx`]; nothing else reaches a connection.
//! - Rows change only inside [`WriteTx::record`], which writes the audit record in the same transaction: what
//!   [`Database::write`] accepts is [`Recorded`], so a change without a record does not compile.
//! - Refusals are noted by [`Database::write`] and [`Database::read`] themselves.
//! - SQLite has one writer thread with group commit; PostgreSQL has pooled SERIALIZABLE transactions with retry.
//!   Callers cannot tell them apart.
//! - [`Database::housekeep`] writes unrecorded, to a closed list of tables that no regulation speaks of.

mod archiving;
mod columns;
mod connection;
mod connections;
mod database;
pub mod dialect;
mod driver;
mod event;
mod housekeeping;
mod idempotency;
pub mod look;
mod migrations;
pub mod numbers;
mod one_of;
mod records;
pub mod schema;
pub mod search;
pub mod snapshot;
mod together;
mod transaction;
mod tsvector;
mod words;
mod writer;

#[cfg(feature = "testing")]
pub mod testing;

pub use archiving::{Archiving, ArchivingState, Cluster, archiving, base_backup, cluster};
pub use connection::{Backend, Conn, MultiBackend};
pub use database::{Database, Options};
pub use dialect::unreferred;
pub use driver::{Driver, TellDriver};
pub use event::{Change, Event, Outcome};
pub use housekeeping::Housekeeping;
pub use idempotency::{OnceKey, Reply};
pub use one_of::one_of;
pub use records::canonical_time;
pub use together::Together;
pub use transaction::{ReadTx, Recorded, Rows, WriteTx};

/// Two tables of different crates may stand in one query; diesel's own macro works only within one crate.
#[macro_export]
macro_rules! joinable {
    ($a:path, $b:path) => {
        impl diesel::query_source::TableNotEqual<$a> for $b {}
        impl diesel::query_source::TableNotEqual<$b> for $a {}
    };
}

/// Runs one expression on the native connection of either database: for what the common enum cannot express
/// (batch insert, upsert, union). Compiled once for each.
#[macro_export]
macro_rules! both {
    ($conn:expr, |$native:ident| $body:expr) => {
        match $conn {
            $crate::Conn::Pg($native) => $body,
            $crate::Conn::Sqlite($native) => $body,
        }
    };
}

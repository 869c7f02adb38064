//! The log, from the reader's side: numbering, following, reading, exporting.
//!
//! - Records are written by `db` in the transaction of the change. Here one sequencer at a time gives each its place
//!   in a dense order ([`sequencer`]).
//! - The sequencer hangs each batch onto a Merkle tree (RFC 9162), kept in tiles, in the transaction that numbers it. Its state is signed
//!   by a key that lies outside the database; one record is proven by one file ([`log`]).
//! - Whoever follows the log (the change feed, server-sent events) uses that place as the cursor: ids sort by the time
//!   they were made, not by the time they were committed.
//! - A follower sees what it may see in the lists: each slice says which of its rows are visible ([`Visibility`]).
//! - Auditors read everything and change nothing.

mod changes;
mod events;
mod export;
mod history;
mod http;
mod log;
mod model;
mod sequencer;
mod store;

use web::Routes;

pub use changes::{Visibilities, Visibility};
pub use history::history;
pub use log::{Log, progress, recompute};
pub use model::{RecordChange, RecordView};
pub use sequencer::{Feed, follow};

/// The operations.
#[must_use]
pub fn routes() -> Routes {
    Routes::new("audit")
        .get("/records", http::list, "Records, newest first, by actor, subject, action, unit, outcome and time.")
        .get("/records/{id}", http::one, "One record with its canonical bytes, names, and what changed.")
        .get("/log", http::log, "The state of the log, signed, and the key with which it is verified.")
        .get("/log/consistency", http::consistency, "That the log of one size begins with the log of another.")
        .get("/changes", http::changes, "What changed after a place in the log, in the order of the log: the feed for programs.")
        .downloads(&["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/x-ndjson"])
        .get("/records/export", http::export, "The same records as a file, without a cap.")
        .downloads(&["text/plain; charset=utf-8"])
        .get("/records/{id}/proof", http::proof, "That a record is in the log, in one file that verifies off-line (C2SP tlog-proof).")
        .downloads(&["text/event-stream"])
        .get("/events", http::events, "Changes as they happen, as server-sent events.")
}

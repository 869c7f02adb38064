//! The log, from the reader's side: numbering, following, reading, exporting.
//!
//! - Records are written by `db` in the transaction of the change. Here one sequencer at a time gives each its place
//!   in a dense order ([`sequencer`]).
//! - Whoever follows the log (the change feed, server-sent events) uses that place as the cursor: ids sort by the time
//!   they were made, not by the time they were committed.
//! - A follower sees what it may see in the lists: each slice says which of its rows are visible ([`Visibility`]).
//! - Auditors read everything and change nothing.

mod changes;
mod events;
mod export;
mod history;
mod http;
mod model;
mod sequencer;
mod store;

use web::Routes;

pub use changes::{Visibilities, Visibility};
pub use history::history;
pub use model::{RecordChange, RecordView};
pub use sequencer::{Feed, follow};

/// The operations.
#[must_use]
pub fn routes() -> Routes {
    Routes::new("audit")
        .get("/records", http::list, "Records, newest first, by actor, subject, action, unit, outcome and time.")
        .get("/records/{id}", http::one, "One record with its canonical bytes, names, and what changed.")
        .get("/changes", http::changes, "What changed after a place in the log, in the order of the log: the feed for programs.")
        .downloads(&["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/x-ndjson"])
        .get("/records/export", http::export, "The same records as a file, without a cap.")
        .downloads(&["text/event-stream"])
        .get("/events", http::events, "Changes as they happen, as server-sent events.")
}

//! The log, from the reader's side: numbering, following, reading, exporting.
//!
//! - Records are written by `db` in the transaction of the change. Here one sequencer at a time gives each its place
//!   in a dense order ([`sequencer`]).
//! - The sequencer hangs each batch onto a Merkle tree (RFC 9162), kept in tiles, in the transaction that numbers it. Its state is signed
//!   by a key that lies outside the database; one record is proven by one file ([`log`]).
//! - Whoever follows the log (the change feed, server-sent events) uses that place as the cursor: ids sort by the time
//!   they were made, not by the time they were committed.
//! - A follower sees what it may see in the lists: each slice says which of its rows are visible ([`Visibility`]).
//! - Auditors read everything and change nothing. Details go only by a lawful erasure, which is a record itself.

mod anchor;
mod beat;
mod changes;
mod events;
mod export;
mod history;
mod http;
mod keep;
pub mod ledger;
mod log;
mod model;
mod names;
pub mod ocsf;
pub mod package;
mod policy;
mod sequencer;
mod standing;
mod store;
mod succession;

use web::Routes;

pub use anchor::{Anchor, replace};
pub use beat::{Backlog, backlog, beat, oldest_waiting};
pub use changes::{Visibilities, Visibility};
pub use history::{at_leaves, history};
pub use log::{Log, prove, recompute, recompute_passing};
pub use model::{RecordChange, RecordView};
pub use names::{as_first, as_of, goes_on};
pub use sequencer::{Feed, follow};
pub use standing::{Standing, alive, newest, signed, standing};
pub use store::size;
pub use succession::{Succession, successor};

/// The operations.
#[must_use]
pub fn routes() -> Routes {
    Routes::new("audit")
        .get("/records", http::records::list, "Records, newest first, by actor, subject, action, unit, outcome and time.")
        .get("/records/{id}", http::records::one, "One record with its canonical bytes, names, and what changed.")
        .post(
            "/records/{id}/erasure",
            http::records::erase,
            "The names and changes of a record go for good, where a law demands it. The record stays, and verifies.",
        )
        .get("/log", http::log::log, "The state of the log, signed, and the key with which it is verified.")
        .get("/log/checkpoints", http::checkpoints::checkpoints, "What was signed, newest first, under every name that the log has had.")
        .post(
            "/log/cosignatures",
            http::checkpoints::cosign,
            "A witness has seen a checkpoint; its key is among those that the server was told.",
        )
        .get("/log/consistency", http::checkpoints::consistency, "That the log of one size begins with the log of another.")
        .get("/changes", http::feed::changes, "What changed after a place in the log, in the order of the log: the feed for programs.")
        .downloads(&["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/x-ndjson"])
        .get("/records/export", http::records::export, "The same records as a file, without a cap.")
        .downloads(&["text/plain; charset=utf-8"])
        .get("/log/checkpoint", http::tiles::checkpoint, "Size and root of the log, signed (C2SP tlog-checkpoint).")
        .get(
            "/records/{id}/proof",
            http::records::proof,
            "That a record is in the log, in one file that verifies off-line (C2SP tlog-proof).",
        )
        .conflicts()
        .downloads(&["application/zip"])
        .get(
            "/log/export",
            http::log::package,
            "The log as a file that verifies off-line, for those who may read all; `README.txt` says how.",
        )
        .conflicts()
        .downloads(&["application/json"])
        .get(
            "/log/ocel",
            http::ocel::export,
            "The log as an object-centric event log (OCEL 2.0, JSON), for process mining, for those who may read all.",
        )
        .downloads(&["application/x-ndjson"])
        .get(
            "/log/ocsf",
            http::ocsf::export,
            "The log as security events (OCSF 1.8.0), one JSON object for each line, for those who may read all.",
        )
        .downloads(&["application/octet-stream"])
        .get(
            "/log/tile/{level}/{path}",
            http::tiles::hashes,
            "Hashes of the tree (C2SP tlog-tiles); `path` is `x001/x234/067` or `067.p/7`.",
        )
        .get(
            "/log/tile/entries/{path}",
            http::tiles::entries,
            "The records themselves, in bundles (C2SP tlog-tiles), for those who may read all.",
        )
        .downloads(&["text/event-stream"])
        .get("/events", http::feed::events, "Changes as they happen, as server-sent events.")
}

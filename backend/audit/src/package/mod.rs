//! The log as a file that somebody takes away: a ZIP with everything that is needed to verify it without this server.
//!
//! `records.ndjson` has the canonical bytes of the records, one a line, in the order of the log; `details.ndjson` the names and changes
//! that exist, with their salts; `checkpoint`, `tile/…` and `key` are what C2SP tools read; `checkpoints.ndjson` what was signed before;
//! `keys.ndjson` how keys have followed each other.

mod verify;
mod write;

use kernel::Uuid;
use serde::{Deserialize, Serialize};

pub use verify::{Bad, Verified, verify};
pub use write::{stream, under, write};

const RECORDS: &str = "records.ndjson";
const DETAILS: &str = "details.ndjson";
const CHECKPOINT: &str = "checkpoint";
const CHECKPOINTS: &str = "checkpoints.ndjson";
const KEY: &str = "key";
const KEYS: &str = "keys.ndjson";
const README: &str = "README.txt";

/// A line of `details.ndjson`.
#[derive(Debug, Deserialize, Serialize)]
struct DetailLine {
    id: Uuid,
    /// Hexadecimal.
    salt: String,
    /// The bytes of the detail; `detail_hash` of the record is SHA-256 of salt and these.
    detail: String,
}

/// A line of `checkpoints.ndjson`.
#[derive(Debug, Deserialize, Serialize)]
struct CheckpointLine {
    checkpoint: String,
}

//! An archive of PostgreSQL's write-ahead log (WAL): the segments that its `archive_command` brings, and base backups beside them. From a
//! base and the segments after it PostgreSQL recovers to any moment since, and to the last segment.
//!
//! - A segment lies there as `<name>.<SHA-256 of its content>.zst`, with `.age` if it is encrypted: so whoever brings it again is told
//!   apart from whoever brings something else, by the name alone.
//! - A base is a folder `zhidu-base-…` with a signed manifest, as a backup is.
//! - PostgreSQL takes a segment that is missing for the end of the archive, and comes up without what would come after it. So only what is
//!   certainly not there is said to be missing; everything else stops the recovery.

mod base;
mod drill;
mod name;
mod recover;
mod segments;
mod settings;

pub use base::{Base, BaseSource, TakenBase, UPLOADS, base};
pub use drill::{Drilled, drill};
pub use name::WalName;
pub use recover::{Recovery, recover};
pub use segments::{archive, fetch};
pub use settings::command;

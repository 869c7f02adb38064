//! The product's own backups: files in a place of their own that anybody can verify and only recipients can read.
//!
//! A backup is a folder, or the objects under a prefix of a bucket, with a signed manifest and a few objects (`database`, `files.tar`, and `keys.tar` if asked for), each compressed
//! with zstd and encrypted with age. The manifest names the SHA-256 of every file and of every content, the rows of each table and the
//! signed state of the log; a restore counts, hashes and recomputes all of it.

mod failure;
mod location;
mod manifest;
mod restore;
mod streams;
mod take;
pub mod wal;
mod workplace;

pub use failure::{At, Failure, FailureCode};
pub use location::{Access, Bucket, Location};
pub use manifest::{MANIFEST, Manifest, Object, fingerprint, read as read_manifest};
pub use restore::{Destination, MARK, Report, Sealed, check, restore};
pub use streams::{opens, verify};
pub use take::{Source, Taken, folder_name, take};
pub use workplace::{Workplace, left_behind, sync};

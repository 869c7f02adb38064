//! The product's own backups: folders that anybody can verify and only recipients can read.
//!
//! A backup is a folder with a signed manifest and a few objects (`database`, `files.tar`, and `keys.tar` if asked for), each compressed
//! with zstd and encrypted with age. The manifest names the SHA-256 of every file and of every content, the rows of each table and the
//! signed state of the log; a restore counts, hashes and recomputes all of it.

mod failure;
mod manifest;
mod place;
mod restore;
mod streams;
mod take;

pub use failure::{At, Failure, FailureCode};
pub use manifest::{MANIFEST, Manifest, Object, fingerprint};
pub use place::{Workplace, left_behind, sync};
pub use restore::{Destination, MARK, Report, Sealed, check, restore};
pub use streams::{opens, verify};
pub use take::{Source, Taken, folder_name, take};

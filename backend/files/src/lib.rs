//! Uploaded files: content by its hash, a row for each upload.
//!
//! - A file is uploaded first and attached then; until then only its uploader sees it.
//! - The content must be what the name says: a renamed program is refused.
//! - Attached files are read through what they are attached to, by its rules.
//! - Uploads that nobody attached within a day are forgotten.

mod http;
mod kinds;
pub mod schema;
pub mod service;
mod store;

use web::Routes;

pub use service::{AttachedFile, Blobs, FileId, FileKind, deliver};

/// The operations.
#[must_use]
pub fn routes() -> Routes {
    Routes::new("files")
        .post("/files", http::upload, "Uploads a file, to be attached afterwards.")
        .downloads(&["application/octet-stream"])
        .get("/files/{id}/content", http::content, "The content of one's own upload.")
}

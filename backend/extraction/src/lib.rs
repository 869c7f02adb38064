//! Extractions: selected records of the log for the authorities (提取和备案, G5.3).
//!
//! - Somebody who reads the whole log asks for it: for whom, by which document, on what legal basis, which records. What is asked for is
//!   fixed then: a size of the log and a selection, so that those who approve and those who receive speak of the same records.
//! - Two others approve (数据安全法, article 35: strict approval). Nobody approves what they asked for, and nobody twice.
//! - The package holds the records, the details that are still there, and of each a proof that stands alone (C2SP tlog-proof), so that
//!   nothing is said of any other record; and a manifest that names every file by its hash, signed by the key of the log.
//! - Where a whole time is asked for, without any other condition, the package also proves that no record of it is missing: its leaves are
//!   one range, with the record before it and the one after.
//! - Each step, and each time the package is taken, is a record itself.

mod http;
mod model;
mod package;
mod policy;
mod schema;
mod service;
mod store;
mod visibility;

pub use model::ExtractionId;
pub use package::{Verified, verify};
pub use visibility::ExtractionVisibility;

/// The operations.
#[must_use]
pub fn routes() -> web::Routes {
    web::Routes::new("extractions")
        .get("/extractions", http::list, "Extractions of the log for the authorities, newest first.")
        .post("/extractions", http::request, "Asks for records of the log to be extracted.")
        .get("/extractions/{id}", http::show, "One extraction: for whom, on what basis, which records, who approved.")
        .post("/extractions/{id}/approve", http::approve, "Approves it; two do, and neither of them is who asked.")
        .post("/extractions/{id}/decline", http::decline, "Does not approve it, and says why.")
        .post("/extractions/{id}/withdraw", http::withdraw, "Takes the request back.")
        .downloads(&["application/zip"])
        .get("/extractions/{id}/package", http::package, "The records with their proofs, once two have approved; verifies off-line.")
        .conflicts()
}

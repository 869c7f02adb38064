//! Reports: what auditors and leaders pull, by page and by API.
//!
//! - A report is computed from the log and nothing else: the same report with the same parameters over the same number of records is the
//!   same, byte for byte (X3). Who asked does not matter; who may ask does.
//! - A run is asked for, made in the background, and kept with its hash; the hash stands in the log, and what does not fit it is not
//!   handed out. Anybody who could ask for a report can have it computed again and compare.
//! - It speaks of the whole company or of a unit with what is below it, to whoever holds the report's permission there.
//! - As JSON (the content itself), CSV, XLSX and PDF/A; each download is a record with the hash of the file. Cells never start a formula.
//! - A planned report is made when its day, week, month, quarter or year is over, in its owner's name and only while its owner may ask
//!   for it.

mod http;
mod kinds;
mod model;
mod policy;
mod render;
mod schema;
mod service;
mod source;
mod store;
mod table;
mod visibility;

pub use model::{PlanId, RunId};
pub use service::worker::work;
pub use visibility::{PlanVisibility, RunVisibility};

/// The operations.
#[must_use]
pub fn routes() -> web::Routes {
    use http::{list, plans, runs};
    web::Routes::new("reports")
        .get("/reports", list, "Reports that you may ask for.")
        .get("/report-runs", runs::list, "Reports that were asked for, newest first.")
        .post("/report-runs", runs::request, "Asks for a report; it is made in the background.")
        .get("/report-runs/{id}", runs::show, "One run, and how far it is.")
        .get("/report-runs/{id}/rows", runs::rows, "What a report says, part by part.")
        .conflicts()
        .get("/report-runs/{id}/repeat", runs::repeat, "Computes a report again from the log, and says whether it is the same.")
        .conflicts()
        .post("/report-runs/{id}/discard", runs::discard, "Deletes the content of a run; the run and its hash stay.")
        .get("/report-plans", plans::list, "Reports that come by themselves.")
        .post("/report-plans", plans::create, "Has a report made after each day, week, month, quarter or year.")
        .patch("/report-plans/{id}", plans::change, "Changes a planned report, lets it rest, or wakes it.")
        .downloads(&[
            "application/json",
            "text/csv",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/pdf",
        ])
        .get("/report-runs/{id}/file", runs::file, "A report as a file: JSON, CSV, XLSX, PDF/A; OSCAL of the report on compliance.")
        .conflicts()
}

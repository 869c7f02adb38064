//! Whether regulations are kept, shown from the log: regulation → clause → control → evidence (X5).
//!
//! - A version of a regulation holds when somebody else than who proposed it has approved it. Its text and its controls are kept by
//!   their hash, and the record of the approval names the hash.
//! - Controls follow the log leaf by leaf. What they find is derived and could be computed again at any size of the log ([`derive`]).
//! - What was missed stays a finding until somebody has corrected it and somebody else has looked, also when it was met later.
//! - A waiver is granted by somebody else than who asked, for half a year at most.
//! - A control that nothing here can activate is not evaluable; one that nothing has activated is not exercised. Neither is green.

mod comparison;
mod following;
mod http;
mod model;
mod policy;
mod schema;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use following::{derive, follow, simulate};
pub use model::{FindingId, RegulationId};
pub use service::{Office, cases, regulations};

/// The operations.
#[must_use]
pub fn routes() -> web::Routes {
    use http::{clauses, comparison, controls, coverage, findings, overview, regulations, sampling, waivers};
    web::Routes::new("compliance")
        .get("/compliance", overview::overview, "How all regulations stand: by clause, by unit, over time.")
        .get(
            "/compliance/coverage",
            coverage::coverage,
            "What is not recorded or controlled, so that nobody believes in more than there is.",
        )
        .get("/compliance/events", controls::events, "Every event that controls can look at: what it is called, and its facts.")
        .get("/compliance/controls", controls::list, "The controls at work, and how each stands.")
        .get(
            "/compliance/controls/{id}/sample",
            sampling::sample,
            "Records that a control passes over, drawn so that anybody draws the same again.",
        )
        .get("/compliance/packs", controls::packs, "Packs that can be proposed, with their controls as they are written.")
        .post("/compliance/simulate", controls::simulate, "What draft controls would have found on the log so far; nothing is kept.")
        .get("/regulations", regulations::list, "Versions of regulations: in force, and proposed.")
        .post("/regulations", regulations::propose, "Proposes a regulation of a pack, with the pack's controls or others.")
        .get("/regulations/{id}", regulations::show, "One version with its clauses, and how each stands.")
        .get("/regulations/{id}/text", regulations::text, "One version as everybody reads it.")
        .get("/regulations/{id}/versions", comparison::versions, "All versions of the regulation that this is one of, the newest first.")
        .get("/regulations/{id}/comparison", comparison::regulation, "What this version says and controls differently from another.")
        .get(
            "/regulations/{id}/text/comparison",
            comparison::text,
            "What this version says differently from another, as everybody reads it.",
        )
        .post("/regulations/{id}/approve", regulations::approve, "Puts a proposed version into force; not by who proposed it.")
        .post("/regulations/{id}/decline", regulations::decline, "Declines a proposed version; not by who proposed it.")
        .post("/regulations/{id}/acknowledge", regulations::acknowledge, "I have read this version.")
        .get("/regulations/{id}/acknowledgements", regulations::acknowledgements, "Who has not read this version yet.")
        .get("/regulations/{id}/clauses/{clause}", clauses::clause, "A clause: its text, what serves it, what shows that it is kept.")
        .put("/regulations/{id}/clauses/{clause}/owner", clauses::set_owner, "Says which unit answers for a clause.")
        .post("/regulations/{id}/clauses/{clause}/attestations", clauses::attest, "Says with one's name whether a clause is kept.")
        .downloads(&["application/octet-stream"])
        .get("/attestations/{id}/evidence/{file_id}", clauses::evidence, "What shows that an attestation is true.")
        .get("/obligations", findings::list, "Duties that controls created: open, met, missed.")
        .get("/obligations/{id}", findings::show, "One duty with the records that show it.")
        .post("/obligations/{id}/assign", findings::assign, "Says who corrects what was missed, and until when.")
        .post("/obligations/{id}/correct", findings::correct, "Says why it happened and what was done.")
        .post("/obligations/{id}/verify", findings::verify, "Says whether the correction holds; not by who corrected.")
        .get(
            "/obligations/{id}/processes",
            findings::processes,
            "Processes that can correct it, with their forms as far as it fills them in.",
        )
        .post("/obligations/{id}/case", findings::start_case, "Starts a case to correct what was missed; one at a time.")
        .get("/waivers", waivers::list, "Waivers, the newest first.")
        .post("/waivers", waivers::request, "Asks that a control be not held against somebody for a time.")
        .post("/waivers/{id}/approve", waivers::approve, "Grants it; not by who asked.")
        .post("/waivers/{id}/decline", waivers::decline, "Does not grant it.")
        .post("/waivers/{id}/end", waivers::end, "Ends it before its time.")
}

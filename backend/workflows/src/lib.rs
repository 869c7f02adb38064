//! Regulations run as processes (G4.1): definitions, cases, work items, and the habits of a Chinese office.
//!
//! - A release never changes; a case keeps the release with which it began, until it is migrated.
//! - What happens in a case is decided by `bpmn` in memory; rows, story, notices and records are written in one transaction.
//! - A vote belongs to a seat. Whoever is faster wins; the other learns who it was and when.
//! - A field that a step does not name does not leave the server, and cannot be written.
//! - An action runs in the case's transaction, in a savepoint: if it fails, the case stops visibly, and nothing is done twice.
//! - Whoever takes a timer's row away has fired it.

pub mod actions;
pub mod blueprint;
mod http;
mod model;
pub mod office;
pub mod packs;
mod policy;
mod said;
pub mod schema;
pub mod service;
mod store;
mod visibility;

pub use http::StartCase;
pub use model::{CaseId, CaseKind, CaseRef, CaseState, Process, ProcessId, Told, WorkItemId};
pub use service::{
    Office, Served,
    cases::named as case_ref,
    operations::told,
    served,
    work::{all_open_work, open_work},
};
pub use store::tell;
pub use visibility::{CaseVisibility, ProcessVisibility};

/// The operations.
#[must_use]
pub fn routes() -> web::Routes {
    use http::{cases, desk, packs, processes, starting, webhooks, work};
    web::Routes::new("processes")
        .get("/processes", processes::list, "The catalogue of processes.")
        .post("/processes", processes::create, "Adds a process with a draft.")
        .post("/processes/check", processes::check, "What is wrong with a definition, and its tests; nothing is kept.")
        .post("/processes/test-run", processes::test_run, "Runs a definition with real people and these decisions; nothing is kept.")
        .get("/processes/{id}", processes::show, "One process with draft and releases.")
        .patch("/processes/{id}", processes::change, "Changes the draft.")
        .post("/processes/{id}/publish", processes::publish, "Publishes the draft as a release, or as a pilot of some units.")
        .post("/processes/{id}/promote", processes::promote, "The pilot becomes everybody's release.")
        .post("/processes/{id}/withdraw", processes::withdraw, "No new cases; those that run go on.")
        .post("/processes/{id}/restore", processes::restore, "It can be started again.")
        .get("/processes/{id}/releases/{number}", processes::release, "A release as it was published.")
        .post("/processes/{id}/replay", processes::replay, "The last finished cases, walked again by the draft.")
        .post("/processes/{id}/migrate", processes::migrate, "Moves running cases to another release; with a dry run.")
        .get("/processes/{id}/statistics", processes::numbers, "How long it takes, where it waits, what comes back.")
        .put("/processes/{id}/favourite", processes::mark, "I come back to it.")
        .delete("/processes/{id}/favourite", processes::unmark, "I do not any more.")
        .get("/processes/{id}/start", starting::start_view, "The form to start a case with.")
        .post("/processes/{id}/preview", starting::preview, "Who would get a case with this data, and how long it usually takes.")
        .get("/process-actions", processes::actions, "What service tasks can call.")
        .get("/packs", packs::list, "Regulation packs that ship, and what of them is here.")
        .post("/packs/import", packs::import, "Installs a pack from an archive, as drafts.")
        .get("/packs/{key}", packs::show, "One pack with clauses and roles.")
        .get("/packs/{key}/processes/{process_key}", packs::compare, "A process as a pack had it, as it is here, and as the pack has it.")
        .post("/packs/{key}/install", packs::install, "Installs processes of a pack; what was changed here is left alone.")
        .downloads(&["application/zip"])
        .get("/packs/{key}/export", packs::export, "The pack as an archive.")
        .and(
            web::Routes::new("cases")
                .get("/cases", cases::list, "Cases by lens, state, process, unit, words.")
                .post("/cases", starting::start, "Starts a case; the form has been filled in.")
                .get("/cases/{id}", cases::show, "One case with form, story and what the reader may do.")
                .get("/cases/{id}/diagram", cases::diagram, "The diagram with the way that the case took.")
                .post("/cases/{id}/transitions", cases::transition, "Withdraws, revokes, voids or terminates it.")
                .post("/cases/{id}/jump", cases::jump, "An administrator sends it back; a second person agrees.")
                .post("/cases/{id}/urge", cases::urge, "Asks whoever has it to hurry.")
                .post("/cases/{id}/cc", cases::cc, "Tells people of it; each gives a receipt.")
                .post("/cases/{id}/seen", cases::seen, "I have read it: the receipt.")
                .post("/cases/{id}/questions", cases::ask, "Asks somebody, without moving it.")
                .post("/cases/{id}/questions/{question_id}/answer", cases::answer, "Answers a question.")
                .post("/cases/{id}/incidents/{token}/retry", cases::retry, "Tries again what failed.")
                .post("/cases/{id}/incidents/{token}/resolve", cases::resolve, "Gives by hand what the action would have given.")
                .post("/cases/{id}/messages", cases::message, "Delivers a message to a case that waits for it.")
                .get("/case-drafts", desk::drafts, "My cases that are not sent yet.")
                .post("/case-drafts", desk::save_draft, "Keeps one.")
                .get("/case-drafts/{id}", desk::draft, "One of them.")
                .put("/case-drafts/{id}", desk::change_draft, "Changes it.")
                .delete("/case-drafts/{id}", desk::drop_draft, "Throws it away.")
                .downloads(&["application/octet-stream"])
                .get("/cases/{id}/files/{file_id}", cases::file, "A file of the form, if the reader sees its field."),
        )
        .and(
            web::Routes::new("work")
                .get("/work-items", work::list, "My work: to be done, done, to be taken.")
                .get("/work-items/counts", work::counts, "How much there is.")
                .post("/work-items/bulk", work::bulk, "The same outcome for several; each succeeds or fails by itself.")
                .post("/work-items/hand-over", work::hand_over, "A leaver's open work goes to somebody else.")
                .get("/work-items/{id}", work::show, "One work item with form, opinions and what the reader may do.")
                .post("/work-items/{id}/seen", work::seen, "I have opened it.")
                .post("/work-items/{id}/transitions", work::transition, "Completes it, hands it over, sends it back and so on.")
                .get("/deputies", desk::deputies, "Who acts for me, and for whom I act.")
                .post("/deputies", desk::name_deputy, "Names a deputy for a period.")
                .delete("/deputies/{id}", desk::end_deputy, "Ends that.")
                .get("/phrases", desk::phrases, "My phrases for opinions.")
                .put("/phrases", desk::set_phrases, "Replaces them.")
                .get("/notifications", desk::notifications, "What I was told.")
                .post("/notifications/read", desk::read_notifications, "I have read it."),
        )
        .and(
            web::Routes::new("webhooks")
                .get("/webhooks", webhooks::list, "Targets of messages to other systems, with the newest messages.")
                .post("/webhooks", webhooks::create, "Adds a target; its secret is shown once.")
                .patch("/webhooks/{id}", webhooks::change, "Changes a target."),
        )
}

//! The fault desk (G3.3, G5): tickets from report to confirmation.
//!
//! - States change only along [`model::TicketAction`]; what is over can only be reopened, within a period.
//! - The equipment of a fault follows its ticket, in the same transaction.
//! - Nothing is sent to a vendor without an appraisal that says why it cannot be repaired in the house.
//! - Due times count working time only, stand still while the reporter is asked, and can be explained.
//! - The reporter never sees internal comments; whoever may not see a ticket does not learn that it exists.
//! - Alerts of the monitoring are incidents: one ticket for a group, and a repetition changes nothing (G6.1).
//! - Comments, files and watchers are no new version of a ticket: nobody's change is refused because somebody spoke.

mod alerts;
mod http;
mod model;
mod policy;
pub mod schema;
pub mod service;
pub mod settings;
mod store;
mod store_alerts;
mod visibility;

use web::Routes;

pub use http::settings::add_category;
pub use model::{CategoryId, Level, NoteType, Priority, TicketAction, TicketId, TicketKind, TicketState, TicketType};
pub use service::{open_tickets, open_work};
pub use visibility::TicketVisibility;

/// The operations.
#[must_use]
pub fn routes() -> Routes {
    use http::{alerts, notes, saved_views, settings};
    Routes::new("tickets")
        .get("/tickets", http::list, "Tickets by lens, state, kind, priority, people, units, equipment, words.")
        .post("/tickets", http::create, "Reports a ticket.")
        .get("/tickets/counts", http::counts, "How many open tickets the same list would show, by state.")
        .post("/tickets/bulk", http::bulk, "The same step for several tickets; each succeeds or fails by itself.")
        .get("/tickets/{id}", http::show, "One ticket with what the reader may do.")
        .patch("/tickets/{id}", http::change, "Changes what was reported.")
        .post("/tickets/{id}/transitions", http::transition, "Does a step: dispatch, start, resolve, confirm and so on.")
        .get("/tickets/{id}/timeline", http::timeline, "Everything that happened, oldest first.")
        .get("/tickets/{id}/due", http::due, "How the due times came about, stretch by stretch.")
        .post("/tickets/{id}/seen", http::seen, "I have looked at it.")
        .post("/tickets/{id}/comments", notes::comment, "Says something, to all or internally.")
        .post("/tickets/{id}/site-notes", notes::site_note, "Records work on site.")
        .post("/tickets/{id}/attachments", notes::attach, "Adds an uploaded file.")
        .post("/tickets/{id}/equipment", notes::link, "Links a piece of equipment.")
        .delete("/tickets/{id}/equipment/{equipment_id}", notes::unlink, "Removes such a link.")
        .put("/tickets/{id}/watchers/{person_id}", notes::watch, "Lets somebody follow it.")
        .delete("/tickets/{id}/watchers/{person_id}", notes::unwatch, "Ends that.")
        .post(
            "/alerts/alertmanager",
            alerts::alertmanager,
            "Takes a notification of Prometheus Alertmanager: each group of alerts has one incident ticket.",
        )
        .get("/ticket-views", saved_views::list, "My saved views.")
        .post("/ticket-views", saved_views::create, "Keeps a view.")
        .put("/ticket-views/{id}", saved_views::change, "Changes one of my views.")
        .delete("/ticket-views/{id}", saved_views::delete, "Removes one of my views.")
        .get("/ticket-categories", settings::categories, "Categories of tickets.")
        .post("/ticket-categories", settings::create_category, "Adds a category.")
        .patch("/ticket-categories/{id}", settings::change_category, "Changes a category.")
        .get("/service-levels", settings::levels, "Minutes of working time by priority, and the period for reopening.")
        .put("/service-levels", settings::put_levels, "Replaces the service levels.")
        .get("/calendar", settings::hours, "Working hours of a week.")
        .put("/calendar", settings::put_hours, "Replaces the working hours.")
        .get("/calendar/years/{year}", settings::year, "Holidays and make-up workdays of a year.")
        .put("/calendar/years/{year}", settings::put_year, "Replaces them.")
        .post("/calendar/years/{year}/import", settings::import_year, "Replaces them from CSV or XLSX: date, kind, name.")
        .downloads(&["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/x-ndjson"])
        .get("/tickets/export", http::export, "The same list as a file, without a cap.")
        .downloads(&["application/octet-stream"])
        .get("/tickets/{id}/attachments/{file_id}", notes::attachment, "The content of a file of a ticket.")
}

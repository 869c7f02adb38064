//! Backups (G6.2, B2): of the product itself, made, drilled and kept by plan; of other systems, as their keepers report them.
//!
//! - A backup is whole when it was written, signed and read back; until then nothing that is there looks like one ([`archive`]). What is
//!   read back at once may come from memory: it is the drills that read the disk.
//! - Plans choose among places that whoever runs the server has named ([`targets`]); nobody makes the server write elsewhere.
//! - Only a backup that was verified counts. When the newest is older than its plan allows, the plan is late: an alarm, and a record.
//! - A drill restores in a throw-away place, recomputes the log and records how long it took and how old the data were (B2.1).
//! - A medium is at one place at most and with one custodian at most, and has a history; places are inspected against six dangers (B2.4, B2.5).
//! - A hand-over needs two people and both their signatures (B2.3). Who holds a medium gives it away, and one hand-over of it at a time.
//! - What is not encrypted is not handed out: it would show every record of the company to whoever manages backups.

pub mod archive;
mod http;
pub mod keeper;
mod model;
mod policy;
pub mod schema;
mod service;
mod store;
pub mod targets;
mod visibility;

use web::Routes;

pub use keeper::Keeper;
pub use model::BackupId;
pub use service::{OwnPlan, ages, own_plans};
pub use targets::{Target, TargetCredentials, Targets};
pub use visibility::BackupVisibility;

/// The operations.
#[must_use]
pub fn routes() -> Routes {
    use http::{archiving, keeping, plans};
    Routes::new("backups")
        .get("/backup-plans", plans::list, "Plans, with whether they are kept.")
        .post("/backup-plans", plans::create, "Adds a plan: of this product, of a registered computer, of another system.")
        .get("/backup-plans/{id}", plans::show, "One plan.")
        .patch("/backup-plans/{id}", plans::change, "Changes a plan.")
        .post("/backup-plans/{id}/run", plans::run, "Makes a backup of this product due now.")
        .post("/backup-plans/{id}/results", plans::report, "Reports what came of another system's backup.")
        .get("/backup-targets", plans::targets, "The places where backups may go.")
        .get("/backup-archiving", archiving::show, "Whether PostgreSQL archives what it writes, second by second.")
        .get("/backups", http::list, "Backups by plan, state and drill, the newest first.")
        .get("/backups/{id}", http::show, "One backup.")
        .post("/backups/{id}/drill", http::drill, "Asks for a restore drill: it is restored in a throw-away place and compared.")
        .get("/backup-places", keeping::places, "Places where media are kept, with their inspections' state.")
        .post("/backup-places", keeping::create_place, "Adds a place.")
        .patch("/backup-places/{id}", keeping::change_place, "Changes a place.")
        .get("/backup-places/{id}/inspections", keeping::inspections, "Inspections of a place, the newest first.")
        .post("/backup-places/{id}/inspections", keeping::inspect, "Notes an inspection: fire, heat, damp, dust, magnetism, theft.")
        .get("/backup-media", keeping::media, "Media, with where they are and with whom.")
        .post("/backup-media", keeping::create_medium, "Adds a medium.")
        .patch("/backup-media/{id}", keeping::change_medium, "Changes what is known of a medium.")
        .post("/backup-media/{id}/move", keeping::move_medium, "Moves a medium to a place, a custodian, under a seal.")
        .get("/backup-media/{id}/moves", keeping::moves, "Where a medium has been.")
        .get("/backup-handovers", keeping::handovers, "Hand-overs, the newest first.")
        .post("/backup-handovers", keeping::hand_over, "Hands something over: the giver's signature.")
        .post("/backup-handovers/{id}/receive", keeping::receive, "The receiver's signature, or refusal.")
        .post("/backup-handovers/{id}/withdraw", keeping::withdraw, "Withdraws a hand-over that nobody has answered yet.")
        .downloads(&["application/x-tar"])
        .get("/backups/{id}/download", http::download, "An encrypted backup as a tar file.")
        .conflicts()
}

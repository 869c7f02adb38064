//! The equipment register (G6.5): what there is, who has it, where it is, in what state.
//!
//! - A number and a real serial exist once; placeholder serials ("Default string") are no serials and merge nothing.
//! - States change only along [`model::EquipmentAction`]: nothing is disposed of that was not retired, nothing leaves the house
//!   for repair that was not faulty.
//! - What an inventory agent reports first is *unregistered* until somebody gives it a unit and a custodian.
//! - Nothing is disposed of or retired while tickets about it are open.
//! - Every move is a movement with before and after; nothing is deleted.
//! - Agents' environment variables and process lists are dropped before anything is stored.

pub mod bootstrap;
mod http;
mod inventory;
mod model;
mod policy;
pub mod schema;
pub mod service;
mod sheets;
mod store;
mod visibility;

use web::Routes;

pub use http::inventory::receive;
pub use model::{EquipmentAction, EquipmentId, EquipmentKind, EquipmentRef, EquipmentState};
pub use service::register_open_tickets;
pub use visibility::EquipmentVisibility;

/// The operations.
#[must_use]
pub fn routes() -> Routes {
    Routes::new("equipment")
        .get("/equipment", http::list, "Equipment by state, type, unit, holder, words.")
        .post("/equipment", http::create, "Adds a piece of equipment to the register.")
        .get("/equipment/labels", http::labels, "What is printed on labels, with QR codes.")
        .get("/equipment/scan/{label_code}", http::scan, "The equipment whose label was scanned.")
        .post("/equipment/import", http::import_sheet, "Equipment from CSV or XLSX; with a dry run.")
        .get("/equipment/imports", http::imports, "Imports of equipment, the newest first.")
        .post("/equipment/imports/{id}/undo", http::undo_import, "Takes an import back, as far as nobody has gone on from it.")
        .get("/equipment/{id}", http::show, "One piece of equipment.")
        .patch("/equipment/{id}", http::change, "Changes what is known of it.")
        .post("/equipment/{id}/transitions", http::transition, "Does what changes its state, holder, unit or place.")
        .get("/equipment/{id}/movements", http::movements, "Where it has been, in which states, with whom.")
        .get("/equipment/{id}/software", http::software, "What an agent found installed.")
        .get("/equipment-types", http::types::list, "Types with their attributes.")
        .post("/equipment-types", http::types::create, "Adds a type.")
        .patch("/equipment-types/{id}", http::types::change, "Changes a type.")
        .get("/inventory-credentials", http::inventory::credentials, "What inventory agents log in with.")
        .post("/inventory-credentials", http::inventory::create_credential, "Makes a credential for agents; its secret is shown once.")
        .delete("/inventory-credentials/{id}", http::inventory::revoke_credential, "Revokes a credential.")
        .downloads(&["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/x-ndjson"])
        .get("/equipment/export", http::export, "The same list as a file, without a cap.")
}

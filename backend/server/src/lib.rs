//! Puts the slices together: one list of routes, one application, background jobs.

pub mod actions;
mod application;
mod ask;
pub mod backups;
pub mod change_log_key;
mod config;
pub mod demo;
pub mod doctor;
mod jobs;
mod limits;
mod metrics;
mod page;
pub mod private;
pub mod telemetry;
mod tls;
pub mod wal;
mod webhooks;
pub mod witness;

pub use application::{Application, Running};
pub use ask::ask;
pub use config::{Config, Serve, Tls};

use web::Routes;

/// Much of the work is small pieces of memory, taken on one thread and given back on another: the system's allocator costs a fifth of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Every operation of the API.
#[must_use]
pub fn routes() -> Routes {
    identity::routes()
        .and(files::routes())
        .and(equipment::routes())
        .and(datasets::routes())
        .and(tickets::routes())
        .and(workflows::routes())
        .and(backup::routes())
        .and(audit::routes())
        .and(compliance::routes())
        .and(reports::routes())
        .and(extraction::routes())
        .and(forwarding::routes())
}

/// Who may see which change.
fn visibilities() -> audit::Visibilities {
    audit::Visibilities::of(vec![
        Box::new(identity::PeopleVisibility),
        Box::new(identity::UnitVisibility),
        Box::new(equipment::EquipmentVisibility),
        Box::new(datasets::DatasetVisibility),
        Box::new(datasets::GrantVisibility),
        Box::new(tickets::TicketVisibility),
        Box::new(workflows::CaseVisibility),
        Box::new(workflows::ProcessVisibility),
        Box::new(backup::BackupVisibility("backup_plan")),
        Box::new(backup::BackupVisibility("backup")),
        Box::new(backup::BackupVisibility("backup_place")),
        Box::new(backup::BackupVisibility("backup_medium")),
        Box::new(backup::BackupVisibility("backup_handover")),
        Box::new(reports::RunVisibility),
        Box::new(reports::PlanVisibility),
        Box::new(extraction::ExtractionVisibility),
    ])
}

/// What processes may refer to, without a database.
#[must_use]
pub fn known_actions() -> workflows::blueprint::Known {
    actions::all().known()
}

/// The rows of slices that forms name, by the widget that picks them.
#[must_use]
pub fn references() -> workflows::service::references::References {
    use workflows::service::references::{Referable, Source};
    let datasets: Source = |tx, ids| {
        let refused = |active: bool| (!active).then_some(kernel::Code::DatasetRetired);
        let row = |row: datasets::service::Named| Referable { id: row.id.uuid(), name: row.name, refused: refused(row.active) };
        Ok(datasets::service::names(tx, ids)?.into_iter().map(row).collect())
    };
    [("dataset", datasets)].into()
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    web::document(routes(), env!("CARGO_PKG_VERSION"))
}

//! Puts the slices together: one list of routes, one application, background jobs.

mod application;
mod config;
pub mod demo;
mod jobs;
mod limits;
mod page;
mod tls;

pub use application::{Application, Running};
pub use config::{Config, Serve, Tls};

use web::Routes;

/// Every operation of the API.
#[must_use]
pub fn routes() -> Routes {
    identity::routes().and(files::routes()).and(equipment::routes()).and(tickets::routes()).and(audit::routes())
}

/// Who may see which change.
fn visibilities() -> audit::Visibilities {
    audit::Visibilities::of(vec![
        Box::new(identity::PeopleVisibility),
        Box::new(identity::UnitVisibility),
        Box::new(equipment::EquipmentVisibility),
        Box::new(tickets::TicketVisibility),
    ])
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    web::document(routes(), env!("CARGO_PKG_VERSION"))
}

//! The catalogue of data sets (B1.1): which there are, how confidential each is, who answers for it, and who may use it, in which
//! way, for what, until when.
//!
//! - Number, name, classification and unit can be found by everybody with an account: one has to be able to ask for access. What a
//!   data set is for, where it lies and who keeps it is for readers of data sets, its custodian, and whoever has a grant in force.
//! - A grant names a person, a mode, a purpose and its last day. Whether it is in force is a matter of the date; no job ends it.
//! - Lowering a classification needs a reason.
//! - A data set is not retired while grants are in force or to come; nothing is granted on a retired one.
//! - Nothing is deleted: a grant that was given by mistake is revoked, with a reason.

mod http;
mod model;
mod policy;
pub mod schema;
pub mod service;
mod store;
mod visibility;

use web::Routes;

pub use model::{Classification, DatasetAction, DatasetId, DatasetKind, DatasetState, GrantId, GrantMode};
pub use visibility::{DatasetVisibility, GrantVisibility};

/// The operations.
#[must_use]
pub fn routes() -> Routes {
    Routes::new("datasets")
        .get("/datasets", http::list, "The catalogue of data sets, by classification, state, unit, words.")
        .post("/datasets", http::create, "Adds a data set to the catalogue.")
        .get("/datasets/{id}", http::show, "One data set, as far as the reader may know it.")
        .patch("/datasets/{id}", http::change, "Changes what is known of it; a lower classification needs a reason.")
        .post("/datasets/{id}/transitions", http::transition, "Retires it, or takes it into use again.")
        .post("/datasets/{id}/grants", http::grants::give, "Lets somebody use it, in one way, until a day.")
        .get("/dataset-grants", http::grants::list, "Who may use what: one's own grants, and those of data sets that one may look into.")
        .post("/dataset-grants/{id}/revoke", http::grants::revoke, "Takes a grant back before its end.")
}

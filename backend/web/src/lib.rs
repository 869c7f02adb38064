//! The glue between actix-web and the slices: an HTTP contract said once, in the types of the handlers.
//!
//! - [`Guard`] is the verb: 401 or 403 before a handler's body runs.
//! - [`Valid`], [`Query`], [`IfMatch`], [`Path`] parse; each refuses with a problem document (RFC 9457).
//! - [`Call::create`], [`Call::change`] open the one transaction of a request; a POST with an `Idempotency-Key` is
//!   answered from it when it is repeated.
//! - [`Routes`] collects (method, path, handler, sentence); the OpenAPI document and `405 Allow` come from it.

mod allowed;
mod answer;
mod body;
mod call;
mod context;
mod describe;
pub mod exports;
mod finish;
mod guard;
mod openapi;
mod path;
mod problem;
mod query;
mod routes;
pub mod rules;
pub mod sheet;
mod versions;

pub use allowed::{AllowedAction, DrivenBy};
pub use answer::{Answer, Created, Download, Fine, NoContent, Secret, View};
pub use body::{Bytes, Valid, collect, drain, given};
pub use call::Call;
pub use context::{AppState, Authenticated, Authenticator, Proxies, client_address, context_actor, is_secure, request_id};
pub use describe::{Arguments, Describe, Doc};
pub use finish::{finish, foreign_origin};
pub use guard::{Guard, Public, still_authenticated};
pub use openapi::document;
pub use path::Path;
pub use problem::{ApiError, Problem};
pub use query::{List, Query, page_of, parse_query};
pub use routes::{Endpoint, Routes};
pub use versions::IfMatch;

/// Where the API lives.
pub const PREFIX: &str = "/api/v1";

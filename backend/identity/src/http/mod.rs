//! Handlers and request types.

pub mod auth;
pub mod imports;
pub mod me;
pub mod people;
pub mod roles;
pub mod units;

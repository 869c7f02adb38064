//! The use cases.

pub mod auth;
pub mod bootstrap;
pub mod failures;
mod known;
pub mod people;
pub mod roles;
pub mod sessions;
pub mod units;

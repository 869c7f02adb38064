//! Handlers and request types.

pub mod cases;
pub mod desk;
pub mod packs;
pub mod processes;
mod second;
pub mod starting;
mod views;
pub mod webhooks;
pub mod work;

pub use starting::StartCase;

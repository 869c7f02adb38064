//! Handlers, requests, views.

pub mod checkpoints;
pub mod feed;
pub mod log;
pub mod ocel;
pub mod records;
pub mod tiles;

use base64::{Engine as _, prelude::BASE64_STANDARD};

/// Standard Base 64.
pub fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

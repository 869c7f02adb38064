//! Queries on the log.

mod details;
mod order;
mod records;
mod signed;
mod tiles;

pub use details::*;
pub use order::*;
pub use records::*;
pub use signed::*;
pub use tiles::{Stored, stray_tiles, tile};

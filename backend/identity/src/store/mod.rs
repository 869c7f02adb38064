//! Queries of this slice; what concerns sessions and imports keeps the name of its file.

pub mod imports;
pub mod sessions;

mod credentials;
mod people;
mod roles;
mod units;

pub use credentials::*;
pub use people::*;
pub use roles::*;
pub use units::*;

//! Queries on regulations, obligations and what is done about them.

mod findings;
mod following;
mod obligations;
mod regulations;
mod reminders;

pub use findings::*;
pub use following::*;
pub use obligations::*;
pub use regulations::*;
pub use reminders::*;

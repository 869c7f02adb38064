//! Queries on processes, cases and work.

mod cases;
mod desk;
mod processes;

pub use cases::*;
pub use desk::*;
pub use processes::*;

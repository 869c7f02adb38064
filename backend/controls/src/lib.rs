//! Controls: what shows on the log whether a clause is kept. Pure: no database, no clock.
//!
//! - A control is a Declare-style constraint on events: *after this, that within four hours*; *never this without that before*.
//! - It is evaluated leaf by leaf. The clock is the running maximum of record times, so the state at a size of the log is the same
//!   whenever it is computed.
//! - Each activation of a control is one obligation, met by one record (`match = "each"`), under the version of the control that opened
//!   it. An obligation that was missed stays missed, also when it is met later.
//! - Which controls and which calendar hold is itself said by records, by content hash.

mod catalogue;
mod definition;
mod entry;
mod evaluator;
mod obligation;
mod pattern;
mod running;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_against_naive;

pub use catalogue::{Catalogue, EventKind};
pub use definition::{Control, Definition, Flaw, Match, Pace, Severity, Template, read};
pub use entry::{Entry, Touched};
pub use evaluator::{ADOPTED, Archive, CALENDAR, Evaluator, Saved};
pub use obligation::{Key, Obligation, State};
pub use pattern::Pattern;

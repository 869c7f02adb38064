//! Processes: BPMN 2.0 files are read into a model, and a model is checked before it may be published.
//!
//! - What is executed is read; everything else is refused by a rule with the element and a sentence. Nothing runs as a no-op.
//! - The text of a file is kept as it came. What of it is drawing (BPMN DI, colours, other tools' extensions) is not looked at.
//! - A model is divided into fragments with one entry and one exit ([`fragments`]). Where branches run at the same time, the fragment is
//!   an activation of its own at run time, and joins count inside it.
//! - What is not proven to end properly is not published ([`check`]); a refusal comes with the run that shows it.
//!
//! No I/O, no clock, no randomness: the same text gives the same answer.

pub mod check;
pub mod finding;
pub mod fragments;
pub mod graph;
pub mod levels;
pub mod model;
pub mod read;
pub mod run;

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod testing;

pub use check::check;
pub use finding::{Finding, Rule, Severity};
pub use model::Definition;
pub use read::read;
pub use run::{Program, State, step};

//! What happens to plans, backups, media and places.

mod keeping;
mod plans;
mod runs;

pub use keeping::{
    HandOverFacts, MediumFacts, MediumMove, PlaceFacts, Points, answer, change_medium, change_place, create_medium, create_place,
    hand_over, inspect, move_medium,
};
pub use plans::{PlanFacts, Schedule, ages, change, create, raise_alarm, request_run};
pub use runs::{Failed, Outcome, Told, begin, downloaded, drilled, finish, interrupt, remove, report, request_drill};

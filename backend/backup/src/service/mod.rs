//! What happens to plans, backups, media and places.

mod handovers;
mod keeping;
mod plans;
mod runs;

pub use handovers::{HandOverFacts, answer, hand_over, withdraw};
pub use keeping::{
    MediumFacts, MediumMove, PlaceFacts, Points, change_medium, change_place, create_medium, create_place, inspect, move_medium,
};
pub use plans::{OwnPlan, PlanFacts, Schedule, ages, change, create, own_plans, raise_alarm, request_run};
pub use runs::{Failed, Outcome, Told, begin, downloaded, drilled, finish, interrupt, remove, report, request_drill};

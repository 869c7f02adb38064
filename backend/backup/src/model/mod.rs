//! Rows, words, and when something is due. Pure.

mod backups;
mod due;
mod keeping;
mod plans;

use kernel::{Error, kinds};

pub use backups::{Backup, BackupState, DrillResult, OffsiteState};
pub use due::{seconds_of_day, staying};
pub use keeping::{HandOver, HandOverState, Inspection, Medium, MediumType, Move, Place};
pub use plans::{Plan, PlanHealth, PlanSubject};

kinds! {
    /// A plan.
    PlanKind, PlanId = "backup_plan";
    /// A backup.
    BackupKind, BackupId = "backup";
    /// A place where media are kept.
    PlaceKind, PlaceId = "backup_place";
    /// An inspection of a place.
    InspectionKind, InspectionId = "backup_inspection";
    /// A medium.
    MediumKind, MediumId = "backup_medium";
    /// A move of a medium.
    MoveKind, MoveId = "backup_medium_move";
    /// A hand-over.
    HandOverKind, HandOverId = "backup_handover";
}

/// What counts bytes elsewhere, as a column holds it.
pub fn bigint(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(Error::internal)
}

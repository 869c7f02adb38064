//! What readers see.

mod backups;
mod handovers;
mod media;
mod places;
mod plans;

use serde::Serialize;
use utoipa::ToSchema;

pub use backups::{BackupView, backup, backups};
pub use handovers::{BackupHandOverView, handover, handovers};
pub use media::{BackupMediumView, MediumMoveView, media, medium, moves};
pub use places::{BackupPlaceView, PlaceInspectionView, inspections, place, places};
pub use plans::{BackupPlanView, plan, plans};

use crate::model::{Place, PlaceId};

/// A plan, a medium or a place as others refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupNamedRef {
    id: kernel::Uuid,
    name: String,
}

fn place_ref(places: &[Place], id: Option<PlaceId>) -> Option<BackupNamedRef> {
    places.iter().find(|place| Some(place.id) == id).map(|place| BackupNamedRef { id: place.id.uuid(), name: place.name.clone() })
}

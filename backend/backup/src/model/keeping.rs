//! Places, media, hand-overs.

use kernel::{PersonId, Ts};

use super::{BackupId, HandOverId, InspectionId, MediumId, MoveId, PlaceId};
use crate::schema;

kernel::text_enum! {
    /// What a medium is.
    pub enum MediumType {
        /// 移动硬盘
        Disk = "disk",
        /// 磁带
        Tape = "tape",
        /// 光盘
        Optical = "optical",
        /// U 盘
        Usb = "usb",
        /// 网络存储
        Nas = "nas",
        /// 云存储
        Cloud = "cloud",
    }
}

kernel::text_enum! {
    /// How far a hand-over is.
    pub enum HandOverState {
        /// Signed by the giver.
        Given = "given",
        /// Signed by both (B2.3).
        Received = "received",
        /// The receiver did not take it.
        Declined = "declined",
        /// The giver has taken it back before there was an answer.
        Withdrawn = "withdrawn",
    }
}

/// A place's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::backup_place, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Place {
    pub id: PlaceId,
    pub name: String,
    pub location: Option<String>,
    pub custodian_id: Option<PersonId>,
    pub inspect_days: i32,
    pub inspected_at: Option<Ts>,
    pub fit: Option<bool>,
    pub active: bool,
    pub created_at: Ts,
    pub version: i32,
}

/// What an inspection found: whether the place is protected against each of the six (B2.5).
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::backup_inspection, treat_none_as_default_value = false)]
pub struct Inspection {
    pub id: InspectionId,
    pub place_id: PlaceId,
    pub at: Ts,
    pub by_id: PersonId,
    pub fire: bool,
    pub heat: bool,
    pub damp: bool,
    pub dust: bool,
    pub magnetism: bool,
    pub theft: bool,
    pub note: Option<String>,
}

impl Inspection {
    /// The six with their answers.
    #[must_use]
    pub fn points(&self) -> [(&'static str, bool); 6] {
        [
            ("fire", self.fire),
            ("heat", self.heat),
            ("damp", self.damp),
            ("dust", self.dust),
            ("magnetism", self.magnetism),
            ("theft", self.theft),
        ]
    }
}

/// A medium's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::backup_medium, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Medium {
    pub id: MediumId,
    pub serial: String,
    pub kind: MediumType,
    pub seal_number: Option<String>,
    pub place_id: Option<PlaceId>,
    pub custodian_id: Option<PersonId>,
    pub note: Option<String>,
    pub active: bool,
    pub created_at: Ts,
    pub version: i32,
}

/// A move's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::backup_medium_move, treat_none_as_default_value = false)]
pub struct Move {
    pub id: MoveId,
    pub medium_id: MediumId,
    pub at: Ts,
    pub by_name: String,
    pub from_place_id: Option<PlaceId>,
    pub to_place_id: Option<PlaceId>,
    pub from_custodian_id: Option<PersonId>,
    pub to_custodian_id: Option<PersonId>,
    pub seal_number: Option<String>,
    pub reason: Option<String>,
}

/// A hand-over's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::backup_handover, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct HandOver {
    pub id: HandOverId,
    pub backup_id: Option<BackupId>,
    pub medium_id: Option<MediumId>,
    pub place_id: Option<PlaceId>,
    pub giver_id: PersonId,
    pub receiver_id: PersonId,
    pub state: HandOverState,
    pub given_at: Ts,
    pub answered_at: Option<Ts>,
    pub note: Option<String>,
    pub answer: Option<String>,
    pub version: i32,
}

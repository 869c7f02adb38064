//! Types. Pure.

use audit::ledger::Entry;
use kernel::{PersonId, Ts, UnitId, Uuid, column::RawJson, kinds};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema;

kinds! {
    /// An extraction.
    ExtractionKind, ExtractionId = "extraction";
}

kernel::text_enum! {
    /// How far it is.
    pub enum ExtractionState {
        /// Nobody has approved it yet.
        Requested = "requested",
        /// One has approved it.
        HalfApproved = "half_approved",
        /// Two have: the package can be taken.
        Approved = "approved",
        /// One did not.
        Declined = "declined",
        /// Whoever asked took it back.
        Withdrawn = "withdrawn",
    }
}

impl ExtractionState {
    /// Whether it waits for a decision.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::HalfApproved)
    }
}

/// Which records: all conditions hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Recorded at this time or later.
    #[schema(required)]
    pub from: Option<Ts>,
    /// Recorded before this time.
    #[schema(required)]
    pub to: Option<Ts>,
    /// What this person did.
    #[schema(required)]
    pub actor_id: Option<PersonId>,
    /// What was done to this thing, or touched it.
    #[schema(required)]
    pub subject_id: Option<Uuid>,
    /// What happened in this unit.
    #[schema(required)]
    pub unit_id: Option<UnitId>,
}

impl Selection {
    /// Whether a record is meant.
    #[must_use]
    pub fn fits(&self, entry: &Entry) -> bool {
        let touches = |id: Uuid| entry.subject == id || entry.related.iter().any(|touched| touched.id == id);
        self.from.is_none_or(|from| entry.time >= from)
            && self.to.is_none_or(|to| entry.time < to)
            && self.actor_id.is_none_or(|actor| entry.actor == Some(actor.uuid()))
            && self.subject_id.is_none_or(touches)
            && self.unit_id.is_none_or(|unit| entry.unit == Some(unit))
    }

    /// With times as records carry them: finer ones would be cut in one place and not in another.
    #[must_use]
    pub fn whole_milliseconds(self) -> Self {
        Self { from: self.from.map(Ts::to_the_millisecond), to: self.to.map(Ts::to_the_millisecond), ..self }
    }

    /// Whether nothing but the time is asked for: then the package can prove that it is whole.
    #[must_use]
    pub const fn is_whole_time(&self) -> bool {
        self.actor_id.is_none() && self.subject_id.is_none() && self.unit_id.is_none()
    }
}

/// A row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::extraction, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Extraction {
    pub id: ExtractionId,
    /// Who receives it.
    pub authority: String,
    /// By which document they ask.
    pub document_number: String,
    pub legal_basis: String,
    pub selection: RawJson,
    /// Of the log when it was asked for.
    pub log_size: i64,
    /// How many it selects.
    pub records: i64,
    pub state: ExtractionState,
    pub requested_by: PersonId,
    pub requested_by_name: String,
    pub requested_at: Ts,
    pub first_by: Option<PersonId>,
    pub first_by_name: Option<String>,
    pub first_at: Option<Ts>,
    pub decided_by: Option<PersonId>,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<Ts>,
    pub reason: Option<String>,
    pub version: i32,
}

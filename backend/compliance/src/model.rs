//! Types of this slice.

use std::collections::BTreeMap;

use controls::{Catalogue, Control, Definition, EventKind, Flaw, Severity, State};
use kernel::{Code, Error, FieldError, PersonId, Ts, UnitId, column::AnyId, kinds};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use workflows::packs::Clause;

use crate::schema;

kinds! {
    /// A version of a regulation.
    RegulationKind, RegulationId = "regulation";
    /// Which unit answers for a clause.
    OwnerKind, OwnerId = "clause_owner";
    /// A duty that a control created, and what is done about it when it was missed.
    FindingKind, FindingId = "finding";
    /// For a time, a control is not held against somebody.
    WaiverKind, WaiverId = "waiver";
    /// Somebody's word on a clause.
    AttestationKind, AttestationId = "attestation";
}

kernel::text_enum! {
    /// What a version of a regulation is now.
    pub enum RegulationState {
        /// Somebody proposed it; somebody else decides.
        Proposed = "proposed",
        /// It holds.
        InForce = "in_force",
        /// A newer one holds.
        Superseded = "superseded",
        /// It was not wanted.
        Declined = "declined",
    }
}
kernel::text_enum! {
    /// How far the answer to a finding has come.
    pub enum FindingState {
        /// Somebody has to correct it.
        Assigned = "assigned",
        /// It is said to be corrected; somebody else looks.
        Corrected = "corrected",
        /// The correction holds.
        Closed = "closed",
    }
}
kernel::text_enum! {
    /// What people are told of a duty, once for each due time.
    pub enum Stage {
        /// It falls due soon.
        Due = "due",
        /// It was missed, and nobody has to correct it yet.
        Missed = "missed",
        /// A finding has to be corrected soon.
        FindingDue = "finding_due",
        /// A finding should have been corrected.
        FindingOverdue = "finding_overdue",
    }
}
kernel::text_enum! {
    /// How a waiver stands.
    pub enum WaiverState {
        /// Somebody asked for it.
        Requested = "requested",
        /// Somebody else granted it.
        Approved = "approved",
        /// It was not granted.
        Declined = "declined",
        /// It was ended before its time.
        Ended = "ended",
    }
}
kernel::text_enum! {
    /// Whether a clause or a control is kept, as far as the log shows. Of several, the first of these that any of them is.
    pub enum Verdict {
        /// It was breached or missed, and that is not settled.
        Violated = "violated",
        /// Nothing that could show it can happen here: no process says the event.
        NotEvaluable = "not_evaluable",
        /// It was breached or missed, and all of that is waived for now.
        Waived = "waived",
        /// Something is open and not yet due.
        Pending = "pending",
        /// It is kept.
        Fulfilled = "fulfilled",
        /// Nothing has happened yet that it speaks of.
        NotExercised = "not_exercised",
        /// No control says anything of it.
        Uncontrolled = "uncontrolled",
    }
}

/// A version of a regulation.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::regulation, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Regulation {
    pub id: RegulationId,
    pub key: String,
    /// The pack's version.
    pub edition: String,
    pub title: String,
    pub title_en: String,
    pub state: RegulationState,
    /// The hash of its [`Content`].
    pub content: String,
    pub proposed_at: Ts,
    pub proposed_by: PersonId,
    pub proposed_by_name: String,
    pub decided_at: Option<Ts>,
    pub decided_by: Option<PersonId>,
    pub decided_by_name: Option<String>,
    pub reason: Option<String>,
    pub version: i32,
}

impl Regulation {
    /// What people read.
    #[must_use]
    pub fn title(&self, chinese: bool) -> &str {
        if chinese || self.title_en.is_empty() { &self.title } else { &self.title_en }
    }

    /// Those of its versions that held before it began to, or so far if it does not hold: the newest first.
    #[must_use]
    pub fn held_before<'a>(&self, versions: &'a [Self]) -> Vec<&'a Self> {
        let held = |one: &&Self| matches!(one.state, RegulationState::InForce | RegulationState::Superseded);
        let before = |one: &&Self| self.decided_at.is_none() || one.decided_at < self.decided_at;
        let mut all: Vec<&Self> = versions.iter().filter(|one| one.id != self.id).filter(held).filter(before).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.decided_at));
        all
    }
}

/// What a version of a regulation says: kept by its hash, which the log names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    pub clauses: Vec<Clause>,
    pub controls: Vec<Definition>,
    /// The events that its controls look at, as they were.
    pub events: Vec<EventKind>,
}

impl Content {
    /// Checks controls against the clauses and the events that there are.
    pub fn new(clauses: Vec<Clause>, definitions: Vec<Definition>, catalogue: &Catalogue) -> Result<Self, Error> {
        let (mut flaws, mut events, mut controls) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for definition in definitions {
            let flaw = |field: &str, zh: String, en: String| Flaw { control: definition.id.clone(), field: field.to_owned(), zh, en };
            if !clauses.iter().any(|clause| clause.id == definition.clause) {
                let clause = &definition.clause;
                flaws.push(flaw("clause", format!("制度中没有条款“{clause}”"), format!("the regulation has no clause “{clause}”")));
            }
            if controls.contains_key(&definition.id) {
                flaws.push(flaw("id", "控制点编号重复".to_owned(), "two controls have this id".to_owned()));
            }
            match Control::check(definition.clone(), catalogue) {
                Ok(control) => {
                    events.extend(control.kinds().into_iter().map(|kind| (kind.name.clone(), kind)));
                    controls.insert(definition.id.clone(), definition);
                }
                Err(more) => flaws.extend(more),
            }
        }
        if flaws.is_empty() {
            return Ok(Self { clauses, controls: controls.into_values().collect(), events: events.into_values().collect() });
        }
        let said = |flaw: Flaw| FieldError {
            pointer: format!("/controls/{}/{}", flaw.control, flaw.field.replace('.', "/")),
            code: Code::ControlInvalid,
            params: [("control", flaw.control), ("field", flaw.field), ("zh", flaw.zh), ("en", flaw.en)].into(),
        };
        Err(Error::new(Code::Invalid).fields_of(flaws.into_iter().map(said).collect()))
    }

    /// Its text and the hash of it.
    pub fn kept(&self) -> Result<(String, String), Error> {
        let text = serde_json::to_string(self).map_err(Error::internal)?;
        Ok((hash(&text), text))
    }

    /// The controls, ready to run.
    pub fn checked(&self) -> Result<Vec<Control>, Error> {
        let catalogue = Catalogue::of(self.events.iter().cloned());
        let check = |definition: &Definition| {
            Control::check(definition.clone(), &catalogue).map_err(|flaws| Error::internal(format!("a control in force: {flaws:?}")))
        };
        self.controls.iter().map(check).collect()
    }
}

/// SHA-256, hexadecimal.
#[must_use]
pub fn hash(text: &str) -> String {
    kernel::hex(&Sha256::digest(text))
}

/// A duty, as it is kept.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::obligation, treat_none_as_default_value = false)]
pub struct ObligationRow {
    pub id: FindingId,
    pub control: String,
    pub control_version: String,
    pub regulation: String,
    pub clause: String,
    pub severity: Severity,
    pub key: String,
    pub trigger_leaf: i64,
    pub opened_at: Ts,
    pub due_at: Option<Ts>,
    pub state: State,
    pub closed_leaf: Option<i64>,
    pub changed_at: Ts,
    pub subject_kind: String,
    pub subject_id: AnyId,
    pub unit_id: Option<UnitId>,
}

impl ObligationRow {
    /// By what people call it: the clause, and enough of the id to tell it from others.
    #[must_use]
    pub fn number(&self) -> String {
        let id = self.id.to_string();
        format!("{}-{}", self.clause, id.get(..8).unwrap_or(&id))
    }
}

/// What people do about it.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::finding, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Finding {
    pub id: FindingId,
    pub state: FindingState,
    pub responsible_id: PersonId,
    pub responsible_name: String,
    pub due_at: Ts,
    pub cause: Option<String>,
    pub correction: Option<String>,
    pub verified_by: Option<PersonId>,
    pub verified_by_name: Option<String>,
    pub verification: Option<String>,
    pub version: i32,
}

/// A waiver.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::waiver, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Waiver {
    pub id: WaiverId,
    pub control: String,
    pub subject_id: Option<AnyId>,
    pub reason: String,
    pub measures: String,
    pub until: Ts,
    pub state: WaiverState,
    pub requested_by: PersonId,
    pub requested_by_name: String,
    pub requested_at: Ts,
    pub decided_by: Option<PersonId>,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<Ts>,
    pub version: i32,
}

impl Waiver {
    /// Whether it holds now.
    #[must_use]
    pub fn holds(&self, now: Ts) -> bool {
        self.state == WaiverState::Approved && self.until > now
    }

    /// Whether it covers a duty.
    #[must_use]
    pub fn covers(&self, row: &ObligationRow) -> bool {
        self.control == row.control && self.subject_id.is_none_or(|subject| subject == row.subject_id)
    }
}

/// Which unit answers for a clause.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::clause_owner)]
pub struct Owner {
    pub id: OwnerId,
    pub regulation: String,
    pub clause: String,
    pub unit_id: UnitId,
    pub version: i32,
}

/// Somebody's word on a clause.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::attestation)]
pub struct Attestation {
    pub id: AttestationId,
    pub regulation: String,
    pub clause: String,
    pub statement: String,
    pub kept: bool,
    pub attested_by: PersonId,
    pub attested_by_name: String,
    pub attested_at: Ts,
}

/// The numbers of a control, a clause, a regulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Numbers {
    /// Met in time.
    pub met: i64,
    /// Not yet due.
    pub open: i64,
    /// Missed or breached, also if met later.
    pub missed: i64,
    /// Of those, not settled and not waived.
    pub unsettled: i64,
    /// Of those, waived now.
    pub waived: i64,
    /// Taken back, or the subject ended.
    pub vacated: i64,
}

impl Numbers {
    /// One state, so many.
    pub fn count(&mut self, state: State, count: i64) {
        match state {
            State::Open => self.open += count,
            State::Met => self.met += count,
            State::Vacated => self.vacated += count,
            State::MetLate | State::RecordedLate | State::Missed | State::Breached => self.missed += count,
        }
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            met: self.met + other.met,
            open: self.open + other.open,
            missed: self.missed + other.missed,
            unsettled: self.unsettled + other.unsettled,
            waived: self.waived + other.waived,
            vacated: self.vacated + other.vacated,
        }
    }
}

impl Verdict {
    /// Of one control. What nothing can show is never green; neither is what was never tried.
    #[must_use]
    pub const fn of(numbers: &Numbers, evaluable: bool, exercised: bool) -> Self {
        match numbers {
            Numbers { unsettled: 1.., .. } => Self::Violated,
            _ if !evaluable => Self::NotEvaluable,
            Numbers { waived: 1.., .. } => Self::Waived,
            Numbers { open: 1.., .. } => Self::Pending,
            Numbers { met: 1.., .. } | Numbers { missed: 1.., .. } => Self::Fulfilled,
            _ if exercised => Self::Fulfilled,
            _ => Self::NotExercised,
        }
    }

    /// Of several: the worst; what was never tried does not hide what was.
    #[must_use]
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().min().unwrap_or(Self::Uncontrolled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_tried_is_never_green() {
        let none = Numbers::default();
        assert_eq!(Verdict::of(&none, true, false), Verdict::NotExercised);
        assert_eq!(Verdict::of(&none, false, true), Verdict::NotEvaluable);
        assert_eq!(Verdict::of(&none, true, true), Verdict::Fulfilled);
        assert_eq!(Verdict::of(&Numbers { met: 9, unsettled: 1, ..none }, true, true), Verdict::Violated);
        assert_eq!(Verdict::of(&Numbers { met: 9, missed: 1, waived: 1, ..none }, true, true), Verdict::Waived);
        assert_eq!(Verdict::of(&Numbers { met: 9, open: 1, ..none }, true, true), Verdict::Pending);
        assert_eq!(Verdict::worst([Verdict::Fulfilled, Verdict::NotEvaluable]), Verdict::NotEvaluable);
        assert_eq!(Verdict::worst([Verdict::NotExercised, Verdict::Fulfilled]), Verdict::Fulfilled);
        assert_eq!(Verdict::worst([]), Verdict::Uncontrolled);
    }
}

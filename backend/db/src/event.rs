//! What happened, said by a service; `records` turns it into canonical bytes.

use std::{borrow::Cow, collections::BTreeMap};

use kernel::{Id, Kind, Ts, UnitId, Uuid};
use serde::Serialize;
use serde_json::Value;

/// One field that changed. Old and new stand in the detail, not in the leaf.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The field's name as in the API.
    pub field: &'static str,
    /// Before; null if there was none.
    pub old: Value,
    /// After; null if there is none.
    pub new: Value,
}

/// Another object that an event touches.
#[derive(Clone, Debug)]
pub struct Related {
    pub(crate) kind: &'static str,
    pub(crate) id: Uuid,
    pub(crate) role: &'static str,
    pub(crate) label: String,
}

/// One event: `noun.participle` about a subject, with its version step.
#[derive(Clone, Debug)]
pub struct Event {
    pub(crate) action: Cow<'static, str>,
    pub(crate) kind: &'static str,
    pub(crate) id: Uuid,
    pub(crate) label: String,
    pub(crate) version_before: Option<i32>,
    pub(crate) version_after: Option<i32>,
    pub(crate) unit: Option<UnitId>,
    pub(crate) occurred_at: Option<Ts>,
    pub(crate) on_behalf_of: Option<Uuid>,
    pub(crate) related: Vec<Related>,
    pub(crate) facts: BTreeMap<Cow<'static, str>, String>,
    pub(crate) clauses: Vec<String>,
    pub(crate) changes: Vec<Change>,
    pub(crate) note: Option<String>,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<String>,
}

kernel::text_enum! {
    /// How an attempt ended.
    pub enum Outcome {
        /// It was done.
        Success = "success",
        /// It was refused.
        Denied = "denied",
        /// It failed.
        Error = "error",
    }
}

impl Event {
    /// An event about a subject, named for people by `label`.
    pub fn new<K: Kind>(action: impl Into<Cow<'static, str>>, subject: Id<K>, label: impl Into<String>) -> Self {
        Self::about(action, K::NAME, subject.uuid(), label)
    }

    /// An event about a subject whose kind is data.
    pub fn about(action: impl Into<Cow<'static, str>>, kind: &'static str, id: Uuid, label: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            kind,
            id,
            label: label.into(),
            version_before: None,
            version_after: None,
            unit: None,
            occurred_at: None,
            on_behalf_of: None,
            related: Vec::new(),
            facts: BTreeMap::new(),
            clauses: Vec::new(),
            changes: Vec::new(),
            note: None,
            outcome: Outcome::Success,
            reason: None,
        }
    }

    /// The subject came to be, at version 1.
    #[must_use]
    pub fn created(mut self) -> Self {
        self.version_after = Some(1);
        self
    }

    /// The subject went from this version to the next.
    #[must_use]
    pub fn step(mut self, before: i32) -> Self {
        self.version_before = Some(before);
        self.version_after = Some(before.saturating_add(1));
        self
    }

    /// The subject's unit.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<Option<UnitId>>) -> Self {
        self.unit = unit.into();
        self
    }

    /// When it happened, if not now.
    #[must_use]
    pub fn occurred_at(mut self, at: impl Into<Option<Ts>>) -> Self {
        self.occurred_at = at.into();
        self
    }

    /// The person in whose place the actor acts.
    #[must_use]
    pub fn on_behalf_of(mut self, person: Option<kernel::PersonId>) -> Self {
        self.on_behalf_of = person.map(kernel::PersonId::uuid);
        self
    }

    /// Another object that it touches, in this role.
    #[must_use]
    pub fn related<K: Kind>(mut self, id: Id<K>, role: &'static str, label: impl Into<String>) -> Self {
        self.related.push(Related { kind: K::NAME, id: id.uuid(), role, label: label.into() });
        self
    }

    /// An impersonal attribute that controls may ask for.
    #[must_use]
    pub fn fact(mut self, name: impl Into<Cow<'static, str>>, value: impl ToString) -> Self {
        self.facts.insert(name.into(), value.to_string());
        self
    }

    /// The clauses that it serves, where a process names them.
    #[must_use]
    pub fn clauses(mut self, clauses: &[String]) -> Self {
        self.clauses = clauses.to_vec();
        self
    }

    /// A changed field; equal values are left out.
    #[must_use]
    pub fn change<T: Serialize + ?Sized>(mut self, field: &'static str, old: &T, new: &T) -> Self {
        let (old, new) = (to_value(old), to_value(new));
        if old != new {
            self.changes.push(Change { field, old, new });
        }
        self
    }

    /// A field of something new.
    #[must_use]
    pub fn set(mut self, field: &'static str, new: &(impl Serialize + ?Sized)) -> Self {
        let new = to_value(new);
        if !new.is_null() {
            self.changes.push(Change { field, old: Value::Null, new });
        }
        self
    }

    /// Words that go with it: an opinion, a reason in a person's words.
    #[must_use]
    pub fn note(mut self, words: impl Into<Option<String>>) -> Self {
        self.note = words.into();
        self
    }

    /// It was refused or failed, for this reason code.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome, reason: impl Into<String>) -> Self {
        self.outcome = outcome;
        self.reason = Some(reason.into());
        self
    }

    /// Whether no field differs: then nothing should be recorded.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.changes.is_empty()
    }
}

fn to_value<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

//! A record, as controls see it: from its canonical bytes alone, so that anybody who holds the log sees the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kernel::{Error, Ts, Uuid};
use serde::Deserialize;

/// Another object that a record touches.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Touched {
    pub kind: String,
    pub id: Uuid,
    pub role: String,
}

/// A record in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its leaf.
    pub index: u64,
    /// When it was recorded, to the millisecond.
    pub time: Ts,
    /// When it happened, if that was another time.
    pub occurred_at: Option<Ts>,
    pub action: String,
    pub subject_kind: Arc<str>,
    pub subject: Uuid,
    pub related: Vec<Touched>,
    pub facts: BTreeMap<String, String>,
    /// The subject's unit at that time.
    pub unit: Option<Uuid>,
    /// Who acted.
    pub actor: Option<Uuid>,
    /// In whose place.
    pub principal: Option<Uuid>,
}

#[derive(Deserialize)]
struct Who {
    #[serde(default)]
    id: Option<Uuid>,
}

#[derive(Deserialize)]
struct Subject {
    kind: Arc<str>,
    id: Uuid,
}

#[derive(Deserialize)]
struct Canonical {
    time: i64,
    #[serde(default)]
    occurred_at: Option<i64>,
    actor: Who,
    #[serde(default)]
    on_behalf_of: Option<Uuid>,
    action: String,
    subject: Subject,
    #[serde(default)]
    related: Vec<Touched>,
    #[serde(default)]
    facts: BTreeMap<String, String>,
    #[serde(default)]
    unit: Option<Uuid>,
}

impl Entry {
    /// Reads the canonical bytes of the record at a leaf.
    pub fn read(index: u64, canonical: &str) -> Result<Self, Error> {
        let Canonical { time, occurred_at, actor, on_behalf_of, action, subject, related, facts, unit } =
            serde_json::from_str(canonical).map_err(|error| Error::internal(format!("the record at leaf {index}: {error}")))?;
        let at = |millis: i64| Ts::from_micros(millis.saturating_mul(1_000));
        Ok(Self {
            index,
            time: at(time),
            occurred_at: occurred_at.map(at),
            action,
            subject_kind: subject.kind,
            subject: subject.id,
            related,
            facts,
            unit,
            actor: actor.id,
            principal: on_behalf_of,
        })
    }

    /// Whoever had a hand in it: the actor and the one in whose place.
    #[must_use]
    pub fn people(&self) -> BTreeSet<Uuid> {
        self.actor.into_iter().chain(self.principal).collect()
    }
}

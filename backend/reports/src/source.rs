//! The log as reports read it: what happened, and what things were at a time.

use std::collections::{BTreeMap, BTreeSet};

use audit::ledger::{self, Entry};
use db::ReadTx;
use kernel::{Error, Ts, UnitId, Uuid};
use serde_json::Value;

use crate::model::ReportParameters;

/// What one report is made of. Nothing but the log is read, so that the same log gives the same report.
pub struct Source<'s, 'a> {
    pub tx: &'s mut ReadTx<'a>,
    /// How many records of the log are looked at: those before the first that was made at or after the end of the time asked for.
    pub size: i64,
    /// Over what time and unit.
    pub parameters: ReportParameters,
    /// As things stood then: the end of the time asked for, or of the log.
    pub at: Ts,
    units: Units,
}

impl<'s, 'a> Source<'s, 'a> {
    /// The log of this size.
    pub fn open(tx: &'s mut ReadTx<'a>, size: i64, parameters: ReportParameters) -> Result<Self, Error> {
        let size = parameters.to.map_or(Ok(size), |to| ledger::size_before(tx, size, to))?;
        let end = ledger::time(tx, size)?.unwrap_or(Ts::from_micros(0));
        let at = parameters.to.unwrap_or(end);
        let mut source = Self { tx, size, parameters, at, units: Units::default() };
        source.units = Units { things: source.things(&["org_unit."])?, root: parameters.unit_id.map(Uuid::from) };
        Ok(source)
    }

    /// Shows what was recorded, in the order of the log. Actions that end with a dot stand for all that begin with it.
    pub fn read(&mut self, actions: &[&str], mut see: impl FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error> {
        ledger::read(self.tx, actions, self.size, |entry| see(&entry))
    }

    /// Whether it happened within the time asked for.
    #[must_use]
    pub fn in_time(&self, at: Ts) -> bool {
        self.parameters.from.is_none_or(|from| at >= from)
    }

    /// The company as it stood.
    #[must_use]
    pub fn units(&self) -> Units {
        self.units.clone()
    }

    /// Things as their records made them.
    pub fn things(&mut self, actions: &[&str]) -> Result<Things, Error> {
        let mut things = Things::default();
        self.read(actions, |entry| {
            things.see(entry);
            Ok(())
        })?;
        Ok(things)
    }

    /// People as they stood.
    pub fn people(&mut self) -> Result<Things, Error> {
        self.things(&["person.", "post."])
    }
}

/// What an import brought in by mistake and took back has never been there.
const TAKEN_BACK: [&str; 3] = ["org_unit.withdrawn", "person.withdrawn", "equipment.withdrawn"];

/// A thing as its records made it.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Its name in the last record.
    pub label: String,
    /// The unit of the last record.
    pub unit: Option<UnitId>,
    /// When the first record was made.
    pub since: Ts,
    pub fields: BTreeMap<String, Value>,
}

impl Thing {
    /// A text of it.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// Another thing that it names by id.
    #[must_use]
    pub fn id(&self, field: &str) -> Option<Uuid> {
        self.text(field).and_then(|text| text.parse().ok())
    }
}

/// Things by id, in the order in which they came to be.
#[derive(Clone, Debug, Default)]
pub struct Things(pub BTreeMap<Uuid, Thing>);

impl Things {
    /// Takes a record in.
    pub fn see(&mut self, entry: &Entry) {
        if TAKEN_BACK.contains(&entry.action.as_str()) {
            self.0.remove(&entry.subject);
            return;
        }
        if entry.outcome != "success" {
            return;
        }
        let thing = self.0.entry(entry.subject).or_insert_with(|| Thing {
            label: String::new(),
            unit: None,
            since: entry.time,
            fields: BTreeMap::new(),
        });
        if !entry.label.is_empty() {
            thing.label.clone_from(&entry.label);
        }
        thing.unit = entry.unit.or(thing.unit);
        // Posts are told of their person: the unit of a main post is the person's from then on.
        if entry.action == "post.added" {
            if entry.fact("kind") == Some("main")
                && let Some(unit) = entry.new_value("unit_id").and_then(Value::as_str).and_then(|id| id.parse().ok())
            {
                thing.unit = Some(unit);
            }
            return;
        }
        for change in &entry.changes {
            thing.fields.insert(change.field.clone(), change.new.clone());
        }
    }

    /// The name of one.
    #[must_use]
    pub fn name(&self, id: Option<Uuid>) -> &str {
        id.and_then(|id| self.0.get(&id)).map_or("", |thing| thing.text("name").unwrap_or(&thing.label))
    }
}

/// The company, and the part of it that is asked for.
#[derive(Clone, Debug, Default)]
pub struct Units {
    things: Things,
    root: Option<Uuid>,
}

impl Units {
    /// What a unit is called.
    #[must_use]
    pub fn name(&self, unit: Option<UnitId>) -> &str {
        self.things.name(unit.map(Uuid::from))
    }

    /// Whether a unit is within the part asked for.
    #[must_use]
    pub fn within(&self, unit: Option<UnitId>) -> bool {
        let Some(root) = self.root else { return true };
        let (mut at, mut seen) = (unit.map(Uuid::from), BTreeSet::new());
        while let Some(unit) = at {
            if unit == root {
                return true;
            }
            if !seen.insert(unit) {
                return false;
            }
            at = self.things.0.get(&unit).and_then(|thing| thing.id("parent_id"));
        }
        false
    }
}

/// The value below which this share of them lies; nothing of nothing.
#[must_use]
pub fn quantile(values: &mut [i64], percent: usize) -> Option<i64> {
    values.sort_unstable();
    let place = (values.len() * percent).div_ceil(100).max(1) - 1;
    values.get(place).copied()
}

/// Seconds between two moments.
#[must_use]
pub fn seconds(from: Ts, to: Ts) -> i64 {
    (to.micros() - from.micros()) / 1_000_000
}

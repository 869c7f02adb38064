//! The log as reports read it: what happened, and what things were at a time.

use std::collections::{BTreeMap, BTreeSet};

use audit::ledger::{self, Entry};
use db::ReadTx;
use kernel::{Date, Error, Ts, UnitId, Uuid};
use serde_json::Value;

use crate::model::ReportParameters;

/// What one report is made of. Nothing but the log is read, so that the same log gives the same report.
pub struct Source<'s, 'a> {
    pub tx: &'s mut ReadTx<'a>,
    /// How many records of the log are looked at: as many as hold everything that was recorded before the end of the time asked for.
    pub size: i64,
    /// Over what time and unit.
    pub parameters: ReportParameters,
    /// As things stood then: at the end of the time asked for, or of the log if that comes first.
    pub at: Ts,
    units: Units,
}

impl<'s, 'a> Source<'s, 'a> {
    /// The log of this size.
    pub fn open(tx: &'s mut ReadTx<'a>, size: i64, parameters: ReportParameters) -> Result<Self, Error> {
        let end = ledger::time(tx, size)?.unwrap_or(Ts::from_micros(0));
        let at = parameters.to.map_or(end, |to| to.min(end));
        let (_, size) = ledger::places(tx, size, None, parameters.to)?;
        let mut source = Self { tx, size, parameters, at, units: Units::default() };
        source.units = Units { things: source.things("org_unit", &["org_unit."])?, root: parameters.unit_id.map(Uuid::from) };
        Ok(source)
    }

    /// Shows what was recorded before the end of the time asked for, in the order of the log. Actions that end with a dot stand for all
    /// that begin with it.
    pub fn read(&mut self, actions: &[&str], see: impl FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error> {
        self.read_from(0, actions, see)
    }

    /// The same of the time asked for only, from its beginning on. Each record is in one of two times that meet.
    pub fn read_time(&mut self, actions: &[&str], mut see: impl FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error> {
        let from = self.parameters.from;
        let (first, _) = ledger::places(self.tx, self.size, from, None)?;
        self.read_from(first, actions, |entry| if from.is_none_or(|from| entry.time >= from) { see(entry) } else { Ok(()) })
    }

    fn read_from(&mut self, first: i64, actions: &[&str], mut see: impl FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error> {
        let to = self.parameters.to;
        // A record may have its place before one that was made earlier: the place alone does not say.
        ledger::read_from(
            self.tx,
            actions,
            first,
            self.size,
            |entry| {
                if to.is_none_or(|to| entry.time < to) { see(&entry) } else { Ok(()) }
            },
        )
    }

    /// Whether it happened within the time asked for.
    #[must_use]
    pub fn in_time(&self, at: Ts) -> bool {
        self.parameters.from.is_none_or(|from| at >= from)
    }

    /// The last day of the time asked for, in the office: what ends at midnight ends with the day before.
    #[must_use]
    pub fn day(&self) -> Date {
        Ts::from_micros(self.at.micros() - 1).office_date()
    }

    /// The company as it stood.
    #[must_use]
    pub fn units(&self) -> Units {
        self.units.clone()
    }

    /// Things of a kind as their records made them.
    pub fn things(&mut self, kind: &str, actions: &[&str]) -> Result<Things, Error> {
        let mut things = Things::default();
        self.read(actions, |entry| {
            if entry.subject_kind == kind {
                things.see(entry);
            }
            Ok(())
        })?;
        Ok(things)
    }

    /// People as they stood.
    pub fn people(&mut self) -> Result<Things, Error> {
        self.things("person", &["person.", "post."])
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
    /// Of a person: whether the account can be used.
    pub active: bool,
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
            active: true,
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
        // What stands in the record itself is known also when its details were erased.
        if let Some(state) = entry.fact("to_state") {
            thing.fields.insert("state".to_owned(), state.into());
        }
        match entry.action.as_str() {
            "person.deactivated" => thing.active = false,
            "person.reactivated" => thing.active = true,
            _ => {}
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

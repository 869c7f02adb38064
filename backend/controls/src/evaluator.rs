//! All controls at work on one log.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use kernel::{Error, Ts, calendar::Calendar};
use serde::{Deserialize, Serialize};

use crate::{
    Catalogue, Control, Definition, Entry, EventKind, Key, Obligation,
    running::{Cell, Now, Running},
};

/// A record that puts the controls of a regulation to work: facts `regulation` and `controls` (their hash).
pub const ADOPTED: &str = "controls.adopted";
/// A record that puts a calendar into force: fact `calendar` (its hash).
pub const CALENDAR: &str = "calendar.adopted";

/// What is kept beside the log, by content hash, and the log itself.
pub trait Archive {
    /// The controls with this hash.
    fn controls(&mut self, hash: &str) -> Result<Vec<Control>, Error>;
    /// The calendar with this hash.
    fn calendar(&mut self, hash: &str) -> Result<Calendar, Error>;
    /// The records of these events before a leaf, in order.
    fn before(&mut self, events: &BTreeSet<&str>, leaf: u64, see: &mut dyn FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error>;
}

/// Everything that is remembered between two records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// The leaf to look at next.
    pub next: u64,
    clock: Option<Ts>,
    calendar: Option<String>,
    running: Vec<SavedControl>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedControl {
    definition: Definition,
    /// The events that it looks at, as they were when it was put to work.
    events: Vec<EventKind>,
    regulation: String,
    from: (u64, Ts),
    retired: bool,
    cells: Vec<(Key, Cell)>,
}

/// Controls at work.
pub struct Evaluator {
    next: u64,
    clock: Option<Ts>,
    calendar: (Option<String>, Calendar),
    running: Vec<Running>,
    by_event: HashMap<String, Vec<usize>>,
}

impl Evaluator {
    /// At the beginning of a log. Until a calendar is adopted, time is counted by the usual one.
    pub fn new() -> Result<Self, Error> {
        let calendar = Calendar::new(&kernel::calendar::Hours::china(), &[])?;
        Ok(Self { next: 0, clock: None, calendar: (None, calendar), running: Vec::new(), by_event: HashMap::new() })
    }

    /// Draft controls at work from the beginning of a log, whose first record has this time.
    pub fn draft(controls: Vec<Control>, calendar: Calendar, at: Ts, out: &mut Vec<Obligation>) -> Result<Self, Error> {
        let mut evaluator = Self { calendar: (None, calendar), ..Self::new()? };
        for control in controls {
            let mut running = Running::new(Arc::new(control), "draft", (0, at));
            running.begin(&Now { clock: at, calendar: &evaluator.calendar.1 }, out)?;
            evaluator.running.push(running);
        }
        evaluator.index();
        Ok(evaluator)
    }

    /// The events that any control looks at.
    #[must_use]
    pub fn events(&self) -> BTreeSet<&str> {
        self.by_event.keys().map(String::as_str).collect()
    }

    /// As it was saved.
    pub fn restore(saved: Saved, archive: &mut dyn Archive) -> Result<Self, Error> {
        let mut evaluator = Self::new()?;
        (evaluator.next, evaluator.clock) = (saved.next, saved.clock);
        if let Some(hash) = saved.calendar {
            evaluator.calendar = (Some(hash.clone()), archive.calendar(&hash)?);
        }
        for SavedControl { definition, events, regulation, from, retired, cells } in saved.running {
            let control = Control::check(definition, &Catalogue::of(events));
            let control = control.map_err(|flaws| Error::internal(format!("a control that was at work: {flaws:?}")))?;
            evaluator.running.push(Running::restore(Arc::new(control), &regulation, from, retired, cells));
        }
        evaluator.index();
        Ok(evaluator)
    }

    /// To go on later from here.
    #[must_use]
    pub fn save(&self) -> Saved {
        let running = self.running.iter().map(|running| SavedControl {
            definition: running.control.definition.clone(),
            events: running.control.kinds(),
            regulation: running.names.regulation.to_string(),
            from: running.from,
            retired: running.retired,
            cells: running.cells(),
        });
        Saved { next: self.next, clock: self.clock, calendar: self.calendar.0.clone(), running: running.collect() }
    }

    /// The leaf to look at next.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// The clock of the log.
    #[must_use]
    pub const fn clock(&self) -> Option<Ts> {
        self.clock
    }

    /// The calendar in force, by its hash.
    #[must_use]
    pub fn calendar(&self) -> Option<&str> {
        self.calendar.0.as_deref()
    }

    /// The events whose records change anything but the clock.
    #[must_use]
    pub fn minded(&self) -> BTreeSet<&str> {
        self.by_event.keys().map(String::as_str).chain([ADOPTED, CALENDAR]).collect()
    }

    /// Only the time of a record that no control minds.
    pub fn tick(&mut self, leaf: u64, time: Ts, out: &mut Vec<Obligation>) {
        self.next = leaf + 1;
        if self.clock.is_none_or(|clock| clock < time) {
            self.clock = Some(time);
            self.running.iter_mut().for_each(|running| running.pass(time, out));
        }
    }

    /// The record at the next leaf; what changes is given out.
    pub fn see(&mut self, entry: &Entry, archive: &mut dyn Archive, out: &mut Vec<Obligation>) -> Result<(), Error> {
        self.tick(entry.index, entry.time, out);
        let clock = self.clock.unwrap_or(entry.time);
        match entry.action.as_str() {
            ADOPTED => return self.adopt(entry, clock, archive, out),
            CALENDAR => {
                if let Some(hash) = entry.facts.get("calendar") {
                    self.calendar = (Some(hash.clone()), archive.calendar(hash)?);
                    let calendar = &self.calendar.1;
                    self.running.iter_mut().try_for_each(|running| running.recalculate(calendar, out))?;
                }
                return Ok(());
            }
            _ => {}
        }
        let now = Now { clock, calendar: &self.calendar.1 };
        for place in self.by_event.get(&entry.action).into_iter().flatten() {
            if let Some(running) = self.running.get_mut(*place) {
                running.see(entry, &now, out)?;
            }
        }
        Ok(())
    }

    /// The controls of a regulation are these from now on. Those that are as they were go on; others are retired and finish what they
    /// opened; new ones learn from the log what came before, and judge only what comes after.
    fn adopt(&mut self, entry: &Entry, clock: Ts, archive: &mut dyn Archive, out: &mut Vec<Obligation>) -> Result<(), Error> {
        let (Some(regulation), Some(hash)) = (entry.facts.get("regulation"), entry.facts.get("controls")) else { return Ok(()) };
        let mut wanted: BTreeMap<String, Control> =
            archive.controls(hash)?.into_iter().map(|control| (control.definition.id.clone(), control)).collect();
        for running in self.running.iter_mut().filter(|running| *running.names.regulation == **regulation && !running.retired) {
            let id = &running.control.definition.id;
            match wanted.get(id) {
                Some(control) if control.version == running.control.version => drop(wanted.remove(id)),
                _ => running.retired = true,
            }
        }
        let calendar = &self.calendar.1;
        let mut fresh: Vec<Running> =
            wanted.into_values().map(|control| Running::new(Arc::new(control), regulation, (entry.index, clock))).collect();
        let looked: Vec<Arc<Control>> = fresh.iter().map(|running| Arc::clone(&running.control)).collect();
        let events: BTreeSet<&str> = looked.iter().flat_map(|control| control.events()).collect();
        let mut before = None::<Ts>;
        archive.before(&events, entry.index, &mut |earlier| {
            let clock = before.map_or(earlier.time, |before| before.max(earlier.time));
            before = Some(clock);
            let now = Now { clock, calendar };
            fresh.iter_mut().try_for_each(|running| running.see(earlier, &now, &mut Vec::new()))
        })?;
        fresh.iter_mut().try_for_each(|running| running.begin(&Now { clock, calendar }, out))?;
        self.running.append(&mut fresh);
        self.running.retain(|running| !running.is_done());
        self.index();
        Ok(())
    }

    fn index(&mut self) {
        self.by_event.clear();
        for (place, running) in self.running.iter().enumerate() {
            for event in running.control.events() {
                self.by_event.entry(event.to_owned()).or_default().push(place);
            }
        }
    }
}

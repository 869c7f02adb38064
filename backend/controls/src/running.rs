//! One control at work: what it remembers of each key, and what a record does to it.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use kernel::{Error, Ts, Uuid, calendar::Calendar};
use serde::{Deserialize, Serialize};

use crate::{Control, Entry, Key, Match, Obligation, State, Template, pattern::Matcher};

/// Something that happened before and still counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Had {
    leaf: u64,
    at: Ts,
}

/// What is remembered of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// What waits to be met, oldest first; also what was missed.
    waiting: VecDeque<Obligation>,
    /// `then`s of a precedence that nothing has consumed; records in the window of a count.
    had: VecDeque<Had>,
    /// Who did `when`, who did `then`, each with the first leaf.
    did: [BTreeMap<Uuid, u64>; 2],
    /// The leaf after which `then` is forbidden.
    forbidden: Option<u64>,
    /// A window is over its limit, and that was said.
    over: bool,
    /// A member of the population, and when it was last reached.
    member: Option<Member>,
}

/// A member of a population.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    last: Option<Ts>,
    subject_kind: Arc<str>,
    subject: Uuid,
    unit: Option<Uuid>,
}

/// What stays the same while a record is looked at.
pub struct Now<'a> {
    pub clock: Ts,
    pub calendar: &'a Calendar,
}

/// What a duty says of the control that opened it.
pub struct Names {
    control: Arc<str>,
    version: Arc<str>,
    /// Which regulation brought it.
    pub regulation: Arc<str>,
    clause: Arc<str>,
}

impl Names {
    fn of(control: &Control, regulation: &str) -> Self {
        let definition = &control.definition;
        Self {
            control: definition.id.as_str().into(),
            version: control.version.as_str().into(),
            regulation: regulation.into(),
            clause: definition.clause.as_str().into(),
        }
    }
}

/// A control at work.
pub struct Running {
    pub control: Arc<Control>,
    /// What its duties say of it.
    pub names: Names,
    /// The leaf that put it to work, and the clock then.
    pub from: (u64, Ts),
    /// No activations any more; what is open is finished.
    pub retired: bool,
    cells: BTreeMap<Key, Cell>,
    due: BTreeSet<(Ts, Key, u64)>,
    /// Nothing is created yet: the log before it was put to work.
    warming: bool,
}

impl Running {
    pub fn new(control: Arc<Control>, regulation: &str, from: (u64, Ts)) -> Self {
        Self {
            names: Names::of(&control, regulation),
            control,
            from,
            retired: false,
            cells: BTreeMap::new(),
            due: BTreeSet::new(),
            warming: true,
        }
    }

    /// As it was saved.
    pub fn restore(control: Arc<Control>, regulation: &str, from: (u64, Ts), retired: bool, cells: Vec<(Key, Cell)>) -> Self {
        let mut due = BTreeSet::new();
        for (key, cell) in &cells {
            let open = cell.waiting.iter().filter(|duty| duty.state == State::Open);
            due.extend(open.filter_map(|duty| Some((duty.due_at?, *key, duty.trigger))));
        }
        Self { names: Names::of(&control, regulation), control, from, retired, cells: cells.into_iter().collect(), due, warming: false }
    }

    /// What is remembered.
    pub fn cells(&self) -> Vec<(Key, Cell)> {
        self.cells.iter().map(|(key, cell)| (*key, cell.clone())).collect()
    }

    /// Whether it remembers anything that a record could still change.
    pub fn is_done(&self) -> bool {
        self.retired && self.cells.values().all(|cell| cell.waiting.is_empty())
    }

    /// It is at work from now on: whoever belongs to its population is due.
    pub fn begin(&mut self, now: &Now<'_>, out: &mut Vec<Obligation>) -> Result<(), Error> {
        self.warming = false;
        let Some(every) = self.control.every else { return Ok(()) };
        let leaf = self.from.0;
        if self.control.from.is_empty() {
            self.cells.entry(Key::Global).or_default().member.get_or_insert_with(everything);
        }
        let members: Vec<(Key, Member)> = self.cells.iter().filter_map(|(key, cell)| Some((*key, cell.member.clone()?))).collect();
        for (key, member) in members {
            // What was overdue before there was a control is due once from now on: nothing is judged backwards.
            let since = match member.last {
                Some(last) if every.after(last, now.calendar)? >= now.clock => last,
                _ => now.clock,
            };
            self.open(key, leaf, &member, since, now, out)?;
        }
        Ok(())
    }

    /// What was due before the clock is missed.
    pub fn pass(&mut self, clock: Ts, out: &mut Vec<Obligation>) {
        while let Some((due, key, trigger)) = self.due.first().copied().filter(|(due, ..)| *due < clock) {
            self.due.remove(&(due, key, trigger));
            let waiting = self.cells.get_mut(&key).map(|cell| &mut cell.waiting);
            if let Some(duty) = waiting.and_then(|waiting| waiting.iter_mut().find(|duty| duty.trigger == trigger)) {
                duty.state = State::Missed;
                duty.late = true;
                duty.changed_at = clock;
                out.push(duty.clone());
            }
        }
    }

    /// A new calendar: what is open is due by it.
    pub fn recalculate(&mut self, calendar: &Calendar, out: &mut Vec<Obligation>) -> Result<(), Error> {
        let Some(limit) = self.control.within.or(self.control.every) else { return Ok(()) };
        for (key, cell) in &mut self.cells {
            for duty in cell.waiting.iter_mut().filter(|duty| duty.state == State::Open) {
                let due = limit.after(duty.since, calendar)?;
                if let Some(known) = duty.due_at.filter(|known| *known != due) {
                    self.due.remove(&(known, *key, duty.trigger));
                    self.due.insert((due, *key, duty.trigger));
                    duty.due_at = Some(due);
                    out.push(duty.clone());
                }
            }
        }
        Ok(())
    }

    /// A record in its place.
    pub fn see(&mut self, entry: &Entry, now: &Now<'_>, out: &mut Vec<Obligation>) -> Result<(), Error> {
        let control = Arc::clone(&self.control);
        let keys = |matchers: &[Matcher]| -> Vec<Key> { matchers.iter().find_map(|matcher| matcher.keys(entry)).unwrap_or_default() };
        // What names nothing to correlate by activates, and answers nothing.
        let answers =
            |matchers: &[Matcher]| -> Vec<Key> { keys(matchers).into_iter().filter(|key| !matches!(key, Key::Alone(_))).collect() };
        let (until, unless, then) = (answers(&control.until), answers(&control.unless), answers(&control.then));
        let (from, when) = (keys(&control.from), keys(&control.when));
        let touched: Vec<Key> = until.iter().chain(&unless).chain(&then).chain(&from).chain(&when).copied().collect();
        for key in until {
            self.vacate(key, entry, now, out);
            self.cells.remove(&key);
        }
        for key in from {
            self.join(key, entry, now, out)?;
        }
        for key in unless {
            self.vacate(key, entry, now, out);
            if let Some(cell) = self.cells.get_mut(&key) {
                cell.had.clear();
                cell.did = Default::default();
                cell.forbidden = None;
            }
        }
        // A record is not its own predecessor, and may meet what the one before it opened.
        if control.definition.template == Template::Precedence {
            when.into_iter().try_for_each(|key| self.when(key, entry, now, out))?;
            then.into_iter().try_for_each(|key| self.then(key, entry, now, out))?;
        } else {
            then.into_iter().try_for_each(|key| self.then(key, entry, now, out))?;
            when.into_iter().try_for_each(|key| self.when(key, entry, now, out))?;
        }
        // Of what is over nothing is remembered.
        for key in touched {
            if self.cells.get(&key).is_some_and(|cell| *cell == Cell::default()) {
                self.cells.remove(&key);
            }
        }
        Ok(())
    }

    fn when(&mut self, key: Key, entry: &Entry, now: &Now<'_>, out: &mut Vec<Obligation>) -> Result<(), Error> {
        let control = Arc::clone(&self.control);
        let definition = &control.definition;
        if self.retired {
            return Ok(());
        }
        let cell = self.cells.entry(key).or_default();
        match definition.template {
            Template::Response | Template::Succession => {
                let already = definition.matching == Match::Once && cell.waiting.iter().any(|duty| duty.state == State::Open);
                if !already && !self.warming {
                    self.open(key, entry.index, &about(entry), now.clock, now, out)?;
                } else if self.warming && definition.template == Template::Succession {
                    cell.had.push_back(Had { leaf: entry.index, at: now.clock });
                }
            }
            Template::Precedence => {
                if let Some(fresh) = control.fresh {
                    cell.had.retain(|had| had.at.plus_seconds(fresh * 60) >= now.clock);
                }
                let before = if definition.matching == Match::Each { cell.had.pop_front() } else { cell.had.back().cloned() };
                let state = if before.is_some() { State::Met } else { State::Breached };
                self.settle(key, entry, state, before.map(|had| had.leaf), now, out);
            }
            Template::Absence => self.settle(key, entry, State::Breached, None, now, out),
            Template::NeverAfter => cell.forbidden = Some(entry.index),
            Template::Separation => self.acted(key, 0, entry, now, out),
            Template::Count => {
                let (Some(window), Some(max)) = (control.window, definition.max) else { return Ok(()) };
                cell.had.push_back(Had { leaf: entry.index, at: now.clock });
                cell.had.retain(|had| had.at.plus_seconds(window * 60) > now.clock);
                let first = cell.had.front().map(|had| had.leaf);
                let over = u32::try_from(cell.had.len()).unwrap_or(u32::MAX) > max;
                if over && !std::mem::replace(&mut cell.over, over) {
                    self.settle(key, entry, State::Breached, first, now, out);
                } else {
                    cell.over = over;
                }
            }
            Template::Existence => {}
        }
        Ok(())
    }

    fn then(&mut self, key: Key, entry: &Entry, now: &Now<'_>, out: &mut Vec<Obligation>) -> Result<(), Error> {
        let control = Arc::clone(&self.control);
        let once = control.definition.matching == Match::Once;
        match control.definition.template {
            Template::Response => self.meet(key, entry, once, now, out),
            Template::Succession => {
                let cell = self.cells.entry(key).or_default();
                // What came before there was a control may be answered without one.
                let known = cell.had.pop_front().is_some() || !cell.waiting.is_empty();
                self.meet(key, entry, once, now, out);
                if !known && !self.retired {
                    self.settle(key, entry, State::Breached, None, now, out);
                }
            }
            Template::Precedence => {
                let had = &mut self.cells.entry(key).or_default().had;
                if once {
                    had.clear();
                }
                had.push_back(Had { leaf: entry.index, at: now.clock });
            }
            Template::NeverAfter => {
                let forbidden = self.cells.get(&key).and_then(|cell| cell.forbidden);
                if forbidden.is_some() && !self.retired {
                    self.settle(key, entry, State::Breached, forbidden, now, out);
                }
            }
            Template::Separation => self.acted(key, 1, entry, now, out),
            Template::Existence => {
                let Some(cell) = self.cells.get_mut(&key) else {
                    // Whom the population does not know need not be reached; without one it is everything.
                    if control.from.is_empty() && self.warming {
                        self.cells.entry(key).or_default().member = Some(Member { last: Some(now.clock), ..everything() });
                    }
                    return Ok(());
                };
                let Some(member) = &mut cell.member else { return Ok(()) };
                member.last = Some(now.clock);
                let member = member.clone();
                self.meet(key, entry, true, now, out);
                if !self.retired && !self.warming {
                    self.open(key, entry.index, &member, now.clock, now, out)?;
                }
            }
            Template::Absence | Template::Count => {}
        }
        Ok(())
    }

    /// Somebody did one of two things that different people must do.
    fn acted(&mut self, key: Key, which: usize, entry: &Entry, now: &Now<'_>, out: &mut Vec<Obligation>) {
        let (people, other) = (entry.people(), 1 - which);
        let did = &mut self.cells.entry(key).or_default().did;
        let same = did.get(other).and_then(|done| people.iter().find_map(|person| done.get(person)).copied());
        let counterpart = did.get(other).and_then(|done| done.values().min()).copied();
        if let Some(done) = did.get_mut(which) {
            for person in people {
                done.entry(person).or_insert(entry.index);
            }
        }
        if self.retired {
            return;
        }
        match (same, counterpart) {
            (Some(leaf), _) => self.settle(key, entry, State::Breached, Some(leaf), now, out),
            (None, Some(leaf)) => self.settle(key, entry, State::Met, Some(leaf), now, out),
            (None, None) => {}
        }
    }

    /// Somebody or something comes into the population.
    fn join(&mut self, key: Key, entry: &Entry, now: &Now<'_>, out: &mut Vec<Obligation>) -> Result<(), Error> {
        let cell = self.cells.entry(key).or_default();
        if cell.member.is_some() {
            return Ok(());
        }
        let member = about(entry);
        cell.member = Some(member.clone());
        if self.warming || self.retired {
            return Ok(());
        }
        self.open(key, entry.index, &member, now.clock, now, out)
    }

    fn vacate(&mut self, key: Key, entry: &Entry, now: &Now<'_>, out: &mut Vec<Obligation>) {
        let Some(cell) = self.cells.get_mut(&key) else { return };
        for duty in cell.waiting.drain(..).filter(|duty| duty.state == State::Open) {
            if let Some(due) = duty.due_at {
                self.due.remove(&(due, key, duty.trigger));
            }
            out.push(Obligation { state: State::Vacated, closed_by: Some(entry.index), changed_at: now.clock, ..duty });
        }
    }

    /// The oldest that waits is met, or all.
    fn meet(&mut self, key: Key, entry: &Entry, all: bool, now: &Now<'_>, out: &mut Vec<Obligation>) {
        let Some(cell) = self.cells.get_mut(&key) else { return };
        let count = if all { cell.waiting.len() } else { 1.min(cell.waiting.len()) };
        for duty in cell.waiting.drain(..count) {
            if let Some(due) = duty.due_at {
                self.due.remove(&(due, key, duty.trigger));
            }
            let happened = entry.occurred_at.zip(duty.due_at).is_some_and(|(at, due)| at <= due);
            let state = match (duty.late, happened) {
                (false, _) => State::Met,
                (true, true) => State::RecordedLate,
                (true, false) => State::MetLate,
            };
            out.push(Obligation { state, closed_by: Some(entry.index), changed_at: now.clock, ..duty });
        }
    }

    /// A duty whose time counts from then on.
    fn open(&mut self, key: Key, trigger: u64, about: &Member, since: Ts, now: &Now<'_>, out: &mut Vec<Obligation>) -> Result<(), Error> {
        let limit = self.control.within.or(self.control.every);
        let due_at = limit.map(|limit| limit.after(since, now.calendar)).transpose()?;
        let duty = Obligation { due_at, since, ..self.duty(key, trigger, about, State::Open, None, now) };
        if let Some(due) = due_at {
            self.due.insert((due, key, trigger));
        }
        out.push(duty.clone());
        self.cells.entry(key).or_default().waiting.push_back(duty);
        Ok(())
    }

    /// Decided at once.
    fn settle(&mut self, key: Key, entry: &Entry, state: State, by: Option<u64>, now: &Now<'_>, out: &mut Vec<Obligation>) {
        if !self.warming {
            out.push(self.duty(key, entry.index, &about(entry), state, by, now));
        }
    }

    fn duty(&self, key: Key, trigger: u64, about: &Member, state: State, by: Option<u64>, now: &Now<'_>) -> Obligation {
        let Names { control, version, regulation, clause } = &self.names;
        Obligation {
            id: Obligation::id_of(control, version, key, trigger),
            control: Arc::clone(control),
            version: Arc::clone(version),
            regulation: Arc::clone(regulation),
            clause: Arc::clone(clause),
            severity: self.control.definition.severity,
            key,
            trigger,
            opened_at: now.clock,
            since: now.clock,
            due_at: None,
            state,
            closed_by: by,
            changed_at: now.clock,
            late: false,
            subject_kind: Arc::clone(&about.subject_kind),
            subject: about.subject,
            unit: about.unit,
        }
    }
}

fn about(entry: &Entry) -> Member {
    Member { last: None, subject_kind: Arc::clone(&entry.subject_kind), subject: entry.subject, unit: entry.unit }
}

/// The one member of a control that speaks of no population.
fn everything() -> Member {
    Member { last: None, subject_kind: "log".into(), subject: Uuid::nil(), unit: None }
}

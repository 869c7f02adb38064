//! How long things take, where they wait, what comes back. Automatic results are a class of their own in every number.

use std::collections::{BTreeMap, HashMap};

use db::ReadTx;
use kernel::{Error, PersonId, Ts};

use super::{
    Office,
    starting::{self, minutes},
};
use crate::{
    model::{CaseId, CaseState, ProcessId, SeatState},
    policy, store,
};

/// Cases looked at, at most: the latest of the period.
const MAX_CASES: i64 = 5_000;

/// The numbers of a process in a period.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    pub states: BTreeMap<CaseState, i64>,
    /// Minutes on the clock from start to end: the middle, and nine of ten.
    pub duration: Option<(i64, i64)>,
    pub steps: Vec<StepNumbers>,
    pub people: Vec<PersonNumbers>,
    /// More cases than were looked at.
    pub cut: bool,
}

/// The numbers of a step.
#[derive(Clone, Debug, Default)]
pub struct StepNumbers {
    pub step: String,
    pub name: String,
    pub done: i64,
    pub open: i64,
    pub automatic: i64,
    pub returns: i64,
    pub overdue: i64,
    /// Minutes on the clock until it was opened, and from there until it was done.
    pub waiting: Option<(i64, i64)>,
    pub working: Option<(i64, i64)>,
}

/// The numbers of a person.
#[derive(Clone, Debug)]
pub struct PersonNumbers {
    pub person: PersonId,
    pub name: String,
    pub handled: i64,
    pub overdue: i64,
    pub middle: i64,
}

/// The middle and the ninth of ten.
fn spread(mut values: Vec<i64>) -> Option<(i64, i64)> {
    values.sort_unstable();
    let at = |tenths: usize| values.get((values.len() * tenths / 10).min(values.len().saturating_sub(1))).copied();
    Some((at(5)?, at(9)?))
}

/// Of the cases that started in a period and that the actor may read.
pub fn of(tx: &mut ReadTx<'_>, office: &Office, id: ProcessId, from: Ts, to: Ts) -> Result<Numbers, Error> {
    starting::process(tx, id)?;
    let rows = store::started_between(tx, id, from, to, MAX_CASES + 1)?;
    let cut = i64::try_from(rows.len()).unwrap_or(i64::MAX) > MAX_CASES;
    let rows: Vec<_> = rows.into_iter().filter(|row| policy::reads(tx.actor(), row)).collect();
    let chinese = tx.actor().chinese;
    let mut numbers = Numbers { cut, ..Numbers::default() };
    let mut durations = Vec::new();
    for row in &rows {
        *numbers.states.entry(row.state).or_default() += 1;
        if let (CaseState::Completed | CaseState::Refused, Some(ended)) = (row.state, row.ended_at) {
            durations.push(minutes(row.started_at, ended));
        }
    }
    numbers.duration = spread(durations);
    let ids: Vec<CaseId> = rows.iter().map(|row| row.id).collect();
    let names = match rows.first() {
        Some(row) => Some(office.release(tx, row.release_id)?),
        None => None,
    };
    let mut steps: BTreeMap<String, (StepNumbers, Vec<i64>, Vec<i64>)> = BTreeMap::new();
    let mut people: HashMap<PersonId, (String, i64, i64, Vec<i64>)> = HashMap::new();
    for seat in store::seats_of_cases(tx, &ids)?.into_values().flatten() {
        let (step, waiting, working) = steps.entry(seat.element.clone()).or_default();
        step.open += i64::from(seat.state == SeatState::Open);
        let late = seat.due.is_some_and(|due| seat.done_at.unwrap_or(tx.now()) > due) && seat.state != SeatState::Closed;
        step.overdue += i64::from(late);
        if seat.automatic.is_some() {
            step.automatic += 1;
            continue;
        }
        let Some(done) = seat.done_at else { continue };
        step.done += 1;
        step.returns += i64::from(seat.outcome.as_deref() == Some("return"));
        if let Some(opened) = seat.opened_at {
            waiting.push(minutes(seat.created_at, opened));
            working.push(minutes(opened, done));
        }
        if let Some(person) = seat.done_by {
            let (name, handled, overdue, taken) = people.entry(person).or_default();
            *name = seat.done_by_name.clone().unwrap_or_default();
            *handled += 1;
            *overdue += i64::from(late);
            taken.push(minutes(seat.created_at, done));
        }
    }
    numbers.steps = steps
        .into_iter()
        .map(|(id, (step, waiting, working))| StepNumbers {
            name: names.as_ref().map_or_else(|| id.clone(), |blueprint| blueprint.name(&id, chinese)),
            step: id,
            waiting: spread(waiting),
            working: spread(working),
            ..step
        })
        .collect();
    numbers.people = people
        .into_iter()
        .map(|(person, (name, handled, overdue, taken))| PersonNumbers {
            person,
            name,
            handled,
            overdue,
            middle: spread(taken).map_or(0, |(middle, _)| middle),
        })
        .collect();
    numbers.people.sort_by(|a, b| b.handled.cmp(&a.handled).then_with(|| a.name.cmp(&b.name)));
    Ok(numbers)
}

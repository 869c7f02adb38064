//! A case in memory: what the engine asks for is obeyed here, with people, seats and data. It reads and writes through [`Outside`] only,
//! so that a case of the database, a test and a trial run are the same code.

pub mod case;
pub mod examples;
pub mod moves;
pub mod paths;
mod rounds;
pub mod seats;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests_of_answers;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests_of_failure;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests_of_undoing;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests_of_waiting;
pub mod trial;
mod undo;
mod waits;

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Error, PersonId, Ts, UnitId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

pub use case::Done;

use crate::{
    actions::Repeat,
    blueprint::{Blueprint, Data, People, StarterFacts, StepResult, WorkingTime},
    model::{Automatic, CaseId, CaseState, Colleague, ProcessId, Seat, StoryEvent, Told, Wait, WorkItemId},
};

/// What a case knows besides its seats and its data. Kept as JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Control {
    /// What the engine knows.
    pub state: bpmn::State,
    /// The last result of each step.
    #[serde(default)]
    pub results: BTreeMap<String, StepResult>,
    /// Who handled each step last.
    #[serde(default)]
    pub handlers: BTreeMap<String, Vec<PersonId>>,
    /// Whom the starter chose.
    #[serde(default)]
    pub chosen: BTreeMap<String, Vec<PersonId>>,
    /// What actions gave, by element: an action that may be repeated gives the same again.
    #[serde(default)]
    pub outputs: BTreeMap<String, Json>,
    /// Elements whose action cannot be repeated.
    #[serde(default)]
    pub once: Vec<String>,
    /// What was done and can be undone, oldest first.
    #[serde(default)]
    pub reversible: Vec<Reversible>,
    /// Agreements since the last return, oldest first.
    #[serde(default)]
    pub agreed: Vec<Agreement>,
    /// It goes straight back to whoever sent it back.
    #[serde(default)]
    pub straight: Option<Straight>,
    /// Returns that take effect when everybody has been heard, in the order in which they were said.
    #[serde(default)]
    pub returning: Vec<Returning>,
    /// Lines that the repetitions of a task fill in, by token and repetition.
    #[serde(default)]
    pub lines: BTreeMap<u64, BTreeMap<u32, Data>>,
    /// People of a repeated task, by token.
    #[serde(default)]
    pub counted: BTreeMap<u64, Vec<Colleague>>,
    /// The end event that was reached last ends the case as refused.
    #[serde(default)]
    pub refusing: bool,
    /// Elements that tokens came to, and how often.
    #[serde(default)]
    pub walked: BTreeMap<String, u32>,
    /// Flows whose condition was asked and held, and the others that were walked.
    #[serde(default)]
    pub flows: std::collections::BTreeSet<String>,
}

/// Somebody wants it sent back, and others are still to be heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returning {
    pub token: u64,
    pub seat: WorkItemId,
    pub to: String,
    pub resume: moves::Resume,
}

/// An action that is undone if the case goes back across it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversible {
    pub element: String,
    /// What it gave.
    pub given: Json,
}

/// Somebody agreed to something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    pub person: PersonId,
    pub step: String,
    pub seen: String,
}

/// After repair it goes straight back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Straight {
    /// To this step.
    pub to: String,
    /// Steps that had been done between, with their results.
    pub between: BTreeMap<String, StepResult>,
    /// Agreements that still hold for those who see the same.
    pub agreed: Vec<Agreement>,
}

/// Who does something, or for whom it is done.
#[derive(Clone, Debug)]
pub struct Doer {
    pub id: Option<PersonId>,
    pub name: String,
    /// A deputy acts for this person.
    pub on_behalf_of: Option<(PersonId, String)>,
}

/// What became of an action.
#[derive(Clone, Debug)]
pub enum Acted {
    /// Its result, and whether it may be done again.
    Done { output: Json, repeat: Repeat },
    /// An error that the process may catch.
    Failed { code: String, reason: String },
}

/// Everything outside the case.
pub trait Outside {
    /// The time of this delivery.
    fn now(&self) -> Ts;
    /// People by a rule.
    fn people(&mut self, rule: &People, case: &Case<'_>) -> Result<Vec<Colleague>, Error>;
    /// Who steps in where nobody is found.
    fn administrators(&mut self) -> Result<Vec<Colleague>, Error>;
    /// After so much working time.
    fn due(&mut self, time: WorkingTime) -> Result<Ts, Error>;
    /// The newest release whose table of this key is in force for all cases; none if the case's own holds.
    fn live_table(&mut self, key: &str, case: &Case<'_>) -> Result<Option<(i32, Arc<Blueprint>)>, Error>;
    /// Runs an action.
    fn act(&mut self, element: &str, name: &str, input: Map<String, Json>, case: &Case<'_>) -> Result<Acted, Error>;
    /// Undoes an action that gave this.
    fn undo(&mut self, element: &str, name: &str, given: &Json, case: &Case<'_>) -> Result<(), Error>;
    /// Starts the process that an element calls.
    fn call(&mut self, element: &str, token: u64, item: Option<u32>, input: Map<String, Json>, case: &Case<'_>) -> Result<(), Error>;
    /// Ends what an element called.
    fn cancel(&mut self, token: u64, item: Option<u32>) -> Result<(), Error>;
    /// For functions of working time.
    fn calendar(&self) -> Option<&kernel::calendar::Calendar>;
}

/// One entry of the story that is to be told.
#[derive(Clone, Debug)]
pub struct StoryLine {
    pub kind: StoryEvent,
    pub element: Option<String>,
    pub seat: Option<WorkItemId>,
    pub by: Doer,
    pub outcome: Option<String>,
    pub text: Option<String>,
    pub automatic: Option<Automatic>,
}

/// What was delivered to the engine, and which conditions held: folding them gives the state again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivered {
    pub event: bpmn::run::Event,
    #[serde(default)]
    pub held: Vec<String>,
    /// Flows whose condition could not be answered, and why.
    #[serde(default)]
    pub unanswered: BTreeMap<String, String>,
}

impl bpmn::run::Judge for Delivered {
    fn holds(&self, flow: &bpmn::model::Flow) -> Result<bool, String> {
        match self.unanswered.get(&flow.id) {
            Some(reason) => Err(reason.clone()),
            None => Ok(self.held.contains(&flow.id)),
        }
    }
}

/// The state that follows from what was delivered.
pub fn fold(program: &bpmn::Program, from: bpmn::State, delivered: &[Delivered]) -> Result<bpmn::State, bpmn::run::Refused> {
    delivered.iter().try_fold(from, |state, one| Ok(bpmn::step(program, &state, &one.event, one)?.0))
}

/// An event for which a step stands.
#[derive(Clone, Debug)]
pub struct Emission {
    pub element: String,
    pub name: String,
    pub facts: BTreeMap<String, String>,
}

/// A case in memory.
pub struct Case<'a> {
    pub blueprint: &'a Blueprint,
    pub id: CaseId,
    pub process_id: ProcessId,
    pub starter: Colleague,
    pub starter_facts: StarterFacts,
    pub unit: UnitId,
    pub control: Control,
    pub data: Data,
    pub seats: Vec<Seat>,
    /// Of seats that somebody has to take.
    pub candidates: BTreeMap<WorkItemId, Vec<Colleague>>,
    pub waits: Vec<Wait>,
    pub state: CaseState,
    /// What was delivered, in order.
    pub delivered: Vec<Delivered>,
    pub story: Vec<StoryLine>,
    pub told: Vec<(PersonId, Told, Option<WorkItemId>)>,
    pub emitted: Vec<Emission>,
    /// By whom, in this delivery.
    pub doer: Doer,
    /// The seat whose completion is being delivered.
    pub completing: Option<WorkItemId>,
}

/// A seat's engine token.
#[must_use]
pub fn token_of(seat: &Seat) -> u64 {
    u64::try_from(seat.token).unwrap_or_default()
}

/// A seat's repetition.
#[must_use]
pub fn item_of(seat: &Seat) -> Option<u32> {
    seat.item.and_then(|item| u32::try_from(item).ok())
}

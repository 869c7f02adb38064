//! Trying a process without touching anything: trial runs of a designer, what an applicant sees before sending, replays of what has
//! been. The same code as a real case, with an outside that only pretends.

use std::collections::BTreeMap;

use kernel::{Error, PersonId, Ts, UnitId, Uuid, calendar::Calendar};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sha2::Digest as _;
use utoipa::ToSchema;

use super::{Acted, Case, Control, Doer, Done, Outside};
use crate::{
    actions::Repeat,
    blueprint::{Blueprint, Data, People, StarterFacts, WorkingTime, words::PeopleRule},
    model::{CaseId, CaseState, Colleague, ProcessId, SeatState, StoryEvent},
};

/// Where a trial gets people from.
pub type Finder<'f> = dyn FnMut(&People, &Case<'_>) -> Result<Vec<Colleague>, Error> + 'f;

/// An outside that pretends.
pub struct Pretend<'f> {
    pub now: Ts,
    pub find: Box<Finder<'f>>,
    pub calendar: std::sync::Arc<Calendar>,
    /// What actions give, by name of the result.
    pub outputs: Map<String, Json>,
    /// What happens when actions are reached again; those that are not here are idempotent.
    pub repeats: BTreeMap<String, Repeat>,
    /// Elements whose action was undone.
    pub undone: Vec<String>,
}

impl<'f> Pretend<'f> {
    /// With people from there, actions that give nothing in particular, and this time.
    #[must_use]
    pub fn new(now: Ts, calendar: std::sync::Arc<Calendar>, find: Box<Finder<'f>>) -> Self {
        Self { now, find, calendar, outputs: Map::new(), repeats: BTreeMap::new(), undone: Vec::new() }
    }
}

/// One decision that is taken in a trial.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The step, or an event that is waited for.
    pub step: String,
    /// How it ends; the usual outcome if absent. For an event it says nothing.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Words.
    #[serde(default)]
    pub opinion: Option<String>,
    /// What is filled in.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub data: Map<String, Json>,
    /// For everybody at this step.
    #[serde(default)]
    pub all: bool,
}

/// Where a trial stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trial {
    /// How it ended; absent while it runs.
    pub ended: Option<CaseState>,
    /// What is open.
    pub open: Vec<OpenStep>,
    /// What happened, in order.
    pub trace: Vec<TraceEntry>,
    /// Elements and flows that were walked.
    pub visited: Vec<String>,
    /// Steps that people had, in order.
    pub steps: Vec<String>,
    /// The form.
    #[schema(value_type = Object)]
    pub data: Data,
    /// The title.
    pub title: String,
    /// Why a decision could not be taken.
    pub problem: Option<String>,
    /// Fields that were refused, by pointer.
    pub refused: Vec<RefusedField>,
}

/// A field that was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefusedField {
    /// Where.
    pub pointer: String,
    /// Why.
    pub text: String,
}

/// A step that is open, or an event that is waited for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenStep {
    /// Its id.
    pub step: String,
    /// What it is called.
    pub name: String,
    /// Who has it.
    pub people: Vec<String>,
    /// How their answers count; absent for an event.
    pub policy: Option<String>,
    /// The outcomes that may be chosen.
    pub outcomes: Vec<TrialOutcome>,
    /// When it comes by itself, for an event.
    pub due: Option<Ts>,
}

/// An outcome that may be chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialOutcome {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TraceEntry {
    /// Where.
    pub element: Option<String>,
    /// What it is called.
    pub name: String,
    /// What.
    pub kind: StoryEvent,
    /// By whom.
    pub by: String,
    /// How it ended.
    pub outcome: Option<String>,
    /// Words.
    pub text: Option<String>,
}

impl Outside for Pretend<'_> {
    fn now(&self) -> Ts {
        self.now
    }
    fn people(&mut self, rule: &People, case: &Case<'_>) -> Result<Vec<Colleague>, Error> {
        (self.find)(rule, case)
    }
    fn administrators(&mut self) -> Result<Vec<Colleague>, Error> {
        Ok(vec![administrator()])
    }
    fn due(&mut self, time: WorkingTime) -> Result<Ts, Error> {
        time.after(self.now, &self.calendar)
    }
    fn live_table(&mut self, _: &str, _: &Case<'_>) -> Result<Option<(i32, std::sync::Arc<Blueprint>)>, Error> {
        Ok(None)
    }
    fn act(&mut self, _: &str, name: &str, _: Map<String, Json>, _: &Case<'_>) -> Result<Acted, Error> {
        let mut output = self.outputs.clone();
        output.entry("number").or_insert_with(|| json!(format!("{name} 1")));
        Ok(Acted::Done { output: Json::Object(output), repeat: self.repeats.get(name).copied().unwrap_or(Repeat::Idempotent) })
    }
    fn undo(&mut self, element: &str, _: &str, _: &Json, _: &Case<'_>) -> Result<(), Error> {
        self.undone.push(element.to_owned());
        Ok(())
    }
    fn call(&mut self, _: &str, _: u64, _: Option<u32>, _: Map<String, Json>, _: &Case<'_>) -> Result<(), Error> {
        Ok(())
    }
    fn cancel(&mut self, _: u64, _: Option<u32>) -> Result<(), Error> {
        Ok(())
    }
    fn calendar(&self) -> Option<&Calendar> {
        Some(&self.calendar)
    }
}

/// Somebody who is not there: the same name gives the same person.
#[must_use]
pub fn somebody(name: &str) -> Colleague {
    let hash = sha2::Sha256::digest(name);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(byte, hashed)| *byte = hashed);
    Colleague { id: PersonId::from_uuid(Uuid::from_bytes(bytes)), name: name.to_owned(), login: name.to_owned() }
}

/// Who steps in where nobody is found, in a trial.
#[must_use]
pub fn administrator() -> Colleague {
    somebody("流程管理员")
}

/// People of a company that nobody knows: one for each rule.
pub fn imagined(rule: &People, case: &Case<'_>) -> Result<Vec<Colleague>, Error> {
    Ok(match rule.by {
        PeopleRule::Starter => vec![case.starter.clone()],
        PeopleRule::Heads => (1..=rule.up).map(|level| somebody(&format!("第 {level} 级负责人"))).collect(),
        PeopleRule::Handler => {
            let step = rule.value.clone().unwrap_or_default();
            let handler = case.seats.iter().rfind(|seat| seat.element == step && seat.done_by.is_some());
            let found = handler.and_then(|seat| Some((seat.done_by?, seat.done_by_name.clone()?)));
            found.map(|(id, name)| Colleague { id, login: name.clone(), name }).into_iter().collect()
        }
        by => vec![somebody(&format!("{by} {} {}", rule.value.as_deref().unwrap_or_default(), rule.of.as_deref().unwrap_or_default()))],
    })
}

/// Who starts a trial.
#[derive(Clone, Debug)]
pub struct TrialStarter {
    pub person: Colleague,
    pub unit: UnitId,
    pub facts: StarterFacts,
    pub chosen: BTreeMap<String, Vec<PersonId>>,
}

impl TrialStarter {
    /// Somebody.
    #[must_use]
    pub fn imagined() -> Self {
        let facts = StarterFacts { name: "发起人".to_owned(), unit: String::new() };
        Self { person: somebody("发起人"), unit: UnitId::from_uuid(Uuid::nil()), facts, chosen: BTreeMap::new() }
    }
}

/// A case that begins nowhere.
#[must_use]
pub fn case<'a>(blueprint: &'a Blueprint, starter: &TrialStarter) -> Case<'a> {
    Case {
        blueprint,
        id: CaseId::from_uuid(Uuid::nil()),
        process_id: ProcessId::from_uuid(Uuid::nil()),
        starter: starter.person.clone(),
        starter_facts: starter.facts.clone(),
        unit: starter.unit,
        control: Control { state: bpmn::State::new(), chosen: starter.chosen.clone(), ..Control::default() },
        data: Data::new(),
        seats: Vec::new(),
        candidates: BTreeMap::new(),
        waits: Vec::new(),
        state: CaseState::Running,
        delivered: Vec::new(),
        story: Vec::new(),
        told: Vec::new(),
        emitted: Vec::new(),
        doer: Doer { id: Some(starter.person.id), name: starter.person.name.clone(), on_behalf_of: None },
        completing: None,
    }
}

/// Runs a process with these decisions.
#[must_use]
pub fn run(
    blueprint: &Blueprint,
    starter: &TrialStarter,
    data: &Data,
    decisions: &[Decision],
    out: &mut Pretend<'_>,
    chinese: bool,
) -> Trial {
    let mut case = case(blueprint, starter);
    let mut steps = Vec::new();
    let mut failed = case.start(None, data.clone(), out).err();
    note_steps(&case, &mut steps);
    for decision in decisions {
        if failed.is_some() {
            break;
        }
        failed = decide(&mut case, decision, out).err();
        note_steps(&case, &mut steps);
    }
    let problem = failed.as_ref().map(|error| {
        let refused: Vec<String> =
            error.fields().iter().map(|field| format!("{} {}", field.pointer, field.code.text(chinese, &field.params))).collect();
        if refused.is_empty() { error.code().text(chinese, error.params()) } else { refused.join("; ") }
    });
    let refused = failed.iter().flat_map(|error| error.fields());
    let refused =
        refused.map(|field| RefusedField { pointer: field.pointer.clone(), text: field.code.text(chinese, &field.params) }).collect();
    let mut visited: Vec<String> = case.control.walked.keys().cloned().collect();
    visited.extend(super::paths::taken(&case));
    let trace = case.story.iter().map(|entry| TraceEntry {
        name: entry.element.as_deref().map(|id| blueprint.name(id, chinese)).unwrap_or_default(),
        element: entry.element.clone(),
        kind: entry.kind,
        by: entry.by.name.clone(),
        outcome: entry.outcome.clone(),
        text: entry.text.as_deref().map(|text| crate::said::read(text, chinese).to_owned()),
    });
    Trial {
        ended: (case.state != CaseState::Running).then_some(case.state),
        open: open_steps(&case, chinese),
        trace: trace.collect(),
        visited,
        steps: steps.iter().filter_map(|step| step.split_once('#')).map(|(_, step)| step.to_owned()).collect(),
        title: blueprint.title(&case.data, &BTreeMap::new()),
        data: case.data,
        problem,
        refused,
    }
}

/// Steps with the people who had them.
pub type Walk = Vec<(String, Vec<String>)>;

/// Runs decisions that were taken once, as far as they fit: what is not asked any more is passed over.
pub fn replayed(
    blueprint: &Blueprint,
    starter: &TrialStarter,
    data: &Data,
    decisions: &[Decision],
    out: &mut Pretend<'_>,
) -> (Walk, Option<Error>) {
    let mut case = case(blueprint, starter);
    // Forms change: what was filled in then may not be all that is asked now.
    let mut failed = case.start(None, data.clone(), out).err();
    if failed.as_ref().is_some_and(|error| !error.fields().is_empty()) {
        case = self::case(blueprint, starter);
        case.data = blueprint.form.computed(data.clone());
        let passed = case.start_called(out).and_then(|()| case.pass_application(out));
        failed = passed.err();
    }
    for decision in decisions {
        if failed.is_some() || case.state != CaseState::Running {
            break;
        }
        let asked = case.seats.iter().any(|seat| seat.element == decision.step && seat.state == SeatState::Open);
        if asked {
            failed = decide(&mut case, decision, out).err().filter(|error| error.fields().is_empty());
        }
    }
    // Steps that nobody had to decide then are decided as usual.
    for _ in 0..60 {
        if failed.is_some() || case.state != CaseState::Running {
            break;
        }
        match case.agree_once(out) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => failed = Some(error),
        }
    }
    let mut walk: Walk = Vec::new();
    for seat in case.seats.iter().filter(|seat| seat.state != SeatState::Waiting) {
        let mut people: Vec<String> = seat.owner_name.clone().into_iter().collect();
        people.extend(case.candidates.get(&seat.id).into_iter().flatten().map(|person| person.name.clone()));
        match walk.last_mut().filter(|(step, _)| *step == seat.element) {
            Some((_, known)) => known.extend(people),
            None => walk.push((seat.element.clone(), people)),
        }
    }
    (walk, failed)
}

/// Steps in the order in which tokens came to them: a step that is walked twice stands there twice.
fn note_steps(case: &Case<'_>, steps: &mut Vec<String>) {
    let mut seats: Vec<_> = case.seats.iter().filter(|seat| seat.state != SeatState::Waiting).collect();
    seats.sort_by_key(|seat| seat.token);
    for seat in seats {
        let label = format!("{}#{}", seat.token, seat.element);
        if !steps.contains(&label) {
            steps.push(label);
        }
    }
}

/// What waits for people or events.
fn open_steps(case: &Case<'_>, chinese: bool) -> Vec<OpenStep> {
    let mut open: Vec<OpenStep> = Vec::new();
    for seat in case.seats.iter().filter(|seat| seat.state == SeatState::Open) {
        let mut people: Vec<String> = seat.owner_name.clone().into_iter().collect();
        people.extend(case.candidates.get(&seat.id).into_iter().flatten().map(|person| person.name.clone()));
        if let Some(known) = open.iter_mut().find(|step| step.step == seat.element) {
            known.people.extend(people);
            continue;
        }
        let work = case.blueprint.settings.work.get(&seat.element);
        let outcomes = work.map(|work| work.outcomes(chinese)).unwrap_or_default();
        open.push(OpenStep {
            step: seat.element.clone(),
            name: case.blueprint.name(&seat.element, chinese),
            people,
            policy: work.map(|work| work.policy.as_str().to_owned()),
            outcomes: outcomes.into_iter().map(|(id, name)| TrialOutcome { id, name }).collect(),
            due: seat.due,
        });
    }
    open.extend(case.waits.iter().map(|wait| OpenStep {
        step: wait.element.clone(),
        name: case.blueprint.name(&wait.element, chinese),
        people: Vec::new(),
        policy: None,
        outcomes: Vec::new(),
        due: wait.due,
    }));
    open
}

fn decide(case: &mut Case<'_>, decision: &Decision, out: &mut Pretend<'_>) -> Result<(), Error> {
    if let Some(wait) = case.waits.iter().find(|wait| wait.element == decision.step).cloned() {
        out.now = wait.due.unwrap_or(out.now).max(out.now);
        return case.fire(&wait, out);
    }
    let mut patch = Some(decision.data.clone());
    loop {
        let open = case
            .seats
            .iter()
            .filter(|seat| seat.element == decision.step && seat.state == SeatState::Open)
            .min_by_key(|seat| seat.position);
        let Some(seat) = open.cloned() else {
            // All of them may mean none any more.
            if decision.all && patch.is_none() {
                return Ok(());
            }
            return Err(Error::new(kernel::Code::WorkItemClosed).because(&decision.step));
        };
        let work = case.blueprint.settings.work.get(&seat.element);
        let outcome = decision.outcome.clone().or_else(|| work.map(crate::blueprint::Work::usual_outcome)).unwrap_or_default();
        let acting = seat.owner_id.zip(seat.owner_name.clone());
        let acting = acting.or_else(|| case.candidates.get(&seat.id)?.first().map(|person| (person.id, person.name.clone())));
        case.doer =
            Doer { id: acting.as_ref().map(|(id, _)| *id), name: acting.map(|(_, name)| name).unwrap_or_default(), on_behalf_of: None };
        let done = Done { outcome: outcome.clone(), opinion: decision.opinion.clone(), data: patch.take(), automatic: None };
        if outcome == "return" {
            let target =
                case.targets(super::token_of(&seat)).into_iter().next_back().ok_or_else(|| Error::new(kernel::Code::ReturnTarget))?;
            return case.send_back(seat.id, &target, super::moves::Resume::Again, decision.opinion.clone(), out);
        }
        case.complete(seat.id, &done, out)?;
        if !decision.all {
            return Ok(());
        }
    }
}

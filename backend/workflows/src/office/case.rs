//! Delivering events to a case, and obeying what it asks for.

use std::collections::{BTreeMap, VecDeque};

use bpmn::{
    model::{Flow, NodeKind},
    run::{Command, Event, Judge, Reason},
};
use feel::{Context, OfficeCalendar, Value};
use kernel::{Code, Error, Ts};
use serde_json::{Map, Value as Json};

use super::{Acted, Case, Delivered, Doer, Emission, Outside, Reversible, StoryLine, item_of, token_of, waits::owner_text};
use crate::{
    actions::Repeat,
    blueprint::{Data, Passing, Work},
    model::{Automatic, CaseState, SeatState, StoryEvent, Told, WorkItemId},
    said::both,
};

/// Deliveries that one event may lead to.
const FUEL: usize = 300;

/// How often one element is repeated at most.
const MAX_ITEMS: u32 = 200;

/// What somebody answers at a seat.
#[derive(Clone, Debug, Default)]
pub struct Done {
    pub outcome: String,
    pub opinion: Option<String>,
    pub data: Option<Data>,
    pub automatic: Option<Automatic>,
}

/// Conditions, remembering which flows were taken.
struct Asked<'a> {
    context: Context<'a>,
    held: std::cell::RefCell<Vec<String>>,
    unanswered: std::cell::RefCell<BTreeMap<String, String>>,
}

impl Judge for Asked<'_> {
    fn holds(&self, flow: &Flow) -> Result<bool, String> {
        let answer = match flow.condition.as_ref().map(|condition| condition.evaluate(&self.context)) {
            Some(Ok(Value::Boolean(holds))) => Ok(holds),
            None | Some(Ok(Value::Null)) => Ok(false),
            Some(Ok(other)) => Err(both(|chinese| {
                let words = if chinese { "既不是“是”也不是“否”" } else { "is neither true nor false" };
                format!("{other} {words}")
            })),
            Some(Err(error)) => Err(both(|chinese| error.text(chinese))),
        };
        match &answer {
            Ok(true) => self.held.borrow_mut().push(flow.id.clone()),
            Ok(false) => {}
            Err(reason) => drop(self.unanswered.borrow_mut().insert(flow.id.clone(), reason.clone())),
        }
        answer
    }
}

impl Case<'_> {
    /// What expressions see now.
    pub fn context<'c>(&self, now: Ts, calendar: Option<&'c OfficeCalendar<'c>>) -> Context<'c> {
        let context = self.blueprint.context(&self.data, &self.starter_facts, &self.control.results);
        let context = match feel::DateTime::parse(&now.to_string()) {
            Some(at) => context.at(at),
            None => context,
        };
        match calendar {
            Some(calendar) => context.with_calendar(calendar),
            None => context,
        }
    }

    pub(super) fn evaluate(&self, expression: &feel::Expression, out: &dyn Outside) -> Result<Value, feel::EvalError> {
        let calendar = out.calendar().map(OfficeCalendar);
        expression.evaluate(&self.context(out.now(), calendar.as_ref()))
    }

    /// Delivers an event and everything that follows from it.
    pub fn deliver(&mut self, event: Event, out: &mut dyn Outside) -> Result<(), Error> {
        let mut queue = VecDeque::from([event]);
        let mut first = true;
        for _ in 0..FUEL {
            let Some(event) = queue.pop_front() else { return Ok(()) };
            if self.state != CaseState::Running {
                return Ok(());
            }
            let (stepped, held, unanswered) = {
                let calendar = out.calendar().map(OfficeCalendar);
                let context = self.context(out.now(), calendar.as_ref());
                let judge = Asked { context, held: Default::default(), unanswered: Default::default() };
                let stepped = bpmn::step(&self.blueprint.program, &self.control.state, &event, &judge);
                (stepped, judge.held.into_inner(), judge.unanswered.into_inner())
            };
            let commands = match stepped {
                Ok((state, commands)) => {
                    let before = std::mem::replace(&mut self.control.state, state);
                    if matches!(event, Event::Returned { .. } | Event::Restarted { .. }) {
                        self.undo_since(&event, &before, out)?;
                    }
                    commands
                }
                // What was asked for meanwhile is wanted no longer: nothing is lost by not delivering it.
                Err(_) if !first => continue,
                Err(refused) => return Err(refusal(refused)),
            };
            first = false;
            self.control.flows.extend(held.iter().cloned());
            self.delivered.push(Delivered { event, held, unanswered });
            for command in commands {
                self.obey(command, out, &mut queue)?;
            }
        }
        Err(Error::new(Code::CaseTooLarge).because("a delivery leads to more deliveries without end"))
    }

    fn obey(&mut self, command: Command, out: &mut dyn Outside, queue: &mut VecDeque<Event>) -> Result<(), Error> {
        match command {
            Command::Open { token, element, item } => {
                *self.control.walked.entry(element.clone()).or_default() += 1;
                match self.blueprint.node(&element).map(|node| node.kind.clone()) {
                    Some(NodeKind::UserTask) => self.open(token, &element, item, out, queue),
                    Some(NodeKind::ServiceTask) => self.act(token, &element, item, out, queue),
                    Some(NodeKind::BusinessRuleTask) => self.decide(token, &element, item, out, queue),
                    Some(NodeKind::CallActivity { .. }) => {
                        let passing = self.blueprint.settings.calls.get(&element).cloned().unwrap_or_default();
                        match self.inputs(&passing, out) {
                            Ok(input) => out.call(&element, token, item, input, self),
                            Err(reason) => {
                                self.fail(token, &element, &reason, queue, "call.input");
                                Ok(())
                            }
                        }
                    }
                    _ => Err(Error::internal(format!("nothing can be opened at {element}"))),
                }
            }
            Command::Close { token, element, item } => self.close(token, &element, item, out),
            Command::Count { token, element } => {
                match self.count(token, &element, out)? {
                    Ok(items) => queue.push_back(Event::Counted { token, items }),
                    Err(reason) => self.fail(token, &element, &reason, queue, "count.failed"),
                }
                Ok(())
            }
            Command::Arm { owner, event } => self.arm(owner, &event, out, queue),
            Command::Disarm { owner, event } => {
                let owner = owner_text(owner);
                self.waits.retain(|wait| wait.owner != owner || wait.element != event);
                Ok(())
            }
            Command::Incident { element, reason, .. } => {
                let text = match reason {
                    Reason::Condition(reason) => reason,
                    Reason::Error(code) => code.unwrap_or_default(),
                    Reason::Fuel => Code::CaseEndless.as_str().to_owned(),
                };
                // What failed here has said so itself, and why.
                let said =
                    self.story.last().is_some_and(|line| line.kind == StoryEvent::Incident && line.element.as_ref() == Some(&element));
                if !said {
                    self.tell(StoryEvent::Incident, Some(&element), None, None, Some(text), None);
                }
                for person in out.administrators()? {
                    self.told.push((person.id, Told::Incident, None));
                }
                Ok(())
            }
            Command::Reached { element } => {
                *self.control.walked.entry(element.clone()).or_default() += 1;
                self.control.refusing = self.blueprint.settings.refusing_ends.contains(&element);
                self.emit(&element, None, out);
                Ok(())
            }
            Command::End(_) => {
                if self.state == CaseState::Running {
                    self.state = if self.control.refusing { CaseState::Refused } else { CaseState::Completed };
                }
                self.waits.clear();
                self.tell(StoryEvent::Ended, None, None, Some(self.state.as_str().to_owned()), None, None);
                self.told.push((self.starter.id, Told::Ended, None));
                Ok(())
            }
        }
    }

    /// Adds to the story.
    pub fn tell(
        &mut self,
        kind: StoryEvent,
        element: Option<&str>,
        seat: Option<WorkItemId>,
        outcome: Option<String>,
        text: Option<String>,
        automatic: Option<Automatic>,
    ) {
        let by = self.doer.clone();
        self.story.push(StoryLine { kind, element: element.map(str::to_owned), seat, by, outcome, text, automatic });
    }

    pub(super) fn fail(&mut self, token: u64, element: &str, reason: &str, queue: &mut VecDeque<Event>, code: &str) {
        self.tell(StoryEvent::Incident, Some(element), None, None, Some(reason.to_owned()), None);
        queue.push_back(Event::Failed { token, code: Some(code.to_owned()) });
    }

    fn inputs(&self, passing: &Passing, out: &dyn Outside) -> Result<Map<String, Json>, String> {
        let mut input = Map::new();
        for (name, expression) in &passing.inputs {
            let value = self.evaluate(expression, out).map_err(|error| both(|chinese| format!("{name}: {}", error.text(chinese))))?;
            if value != Value::Null {
                input.insert(name.clone(), value.to_json());
            }
        }
        Ok(input)
    }

    fn act(
        &mut self,
        token: u64,
        element: &str,
        item: Option<u32>,
        out: &mut dyn Outside,
        queue: &mut VecDeque<Event>,
    ) -> Result<(), Error> {
        let Some(call) = self.blueprint.settings.actions.get(element) else {
            return Err(Error::internal(format!("no action at {element}")));
        };
        let known = self.control.outputs.get(element).cloned().filter(|_| item.is_none());
        let output = match known {
            Some(output) => output,
            None => {
                let input = match self.inputs(&call.passing, out) {
                    Ok(input) => input,
                    Err(reason) => {
                        self.fail(token, element, &reason, queue, "action.input");
                        return Ok(());
                    }
                };
                match out.act(element, &call.name, input, self)? {
                    Acted::Failed { code, reason } => {
                        self.fail(token, element, &reason, queue, &code);
                        return Ok(());
                    }
                    Acted::Done { output, repeat } => {
                        match repeat {
                            Repeat::Idempotent => {}
                            Repeat::Reversible => {
                                self.control.reversible.push(Reversible { element: element.to_owned(), given: output.clone() });
                            }
                            Repeat::Once => self.control.once.push(element.to_owned()),
                        }
                        self.control.outputs.insert(element.to_owned(), output.clone());
                        self.tell(StoryEvent::Action, Some(element), None, None, Some(call.name.clone()), None);
                        output
                    }
                }
            }
        };
        // It was done, and is not done again: whoever repairs the process goes on with the same output.
        if let Err(reason) = self.take_outputs(&call.passing, &output) {
            self.fail(token, element, &reason, queue, "action.output");
            return Ok(());
        }
        self.emit(element, None, out);
        queue.push_back(Event::Completed { token, item });
        Ok(())
    }

    /// Writes results into fields. What a field's schema refuses changes nothing, and is the reason given.
    pub fn take_outputs(&mut self, passing: &Passing, output: &Json) -> Result<(), String> {
        self.write(passing.outputs.iter().map(|(field, name)| (field.clone(), output.get(name).cloned().unwrap_or_default())).collect())
    }

    fn write(&mut self, values: Data) -> Result<(), String> {
        self.data = self.blueprint.form.written(&self.data, values)?;
        Ok(())
    }

    fn decide(
        &mut self,
        token: u64,
        element: &str,
        item: Option<u32>,
        out: &mut dyn Outside,
        queue: &mut VecDeque<Event>,
    ) -> Result<(), Error> {
        let key = self.blueprint.settings.decisions.get(element).cloned().unwrap_or_default();
        let blueprint = self.blueprint;
        let Some(own) = blueprint.decisions.get(&key) else {
            self.fail(token, element, &key, queue, "decision.unknown");
            return Ok(());
        };
        let live = if own.live_from.is_some() { out.live_table(&key, self)? } else { None };
        let (decision, version) = match &live {
            Some((number, newer)) => (newer.decisions.get(&key).unwrap_or(own), format!(" @{number}")),
            None => (own, String::new()),
        };
        let decided = {
            let calendar = out.calendar().map(OfficeCalendar);
            decision.table.evaluate(&self.context(out.now(), calendar.as_ref()))
        };
        let written = decided.map_err(|error| both(|chinese| error.text(chinese))).and_then(|decided| {
            let json = decided.value.to_json();
            let names = decision.table.outputs.iter().map(|output| output.name.clone());
            self.write(names.map(|name| (name.clone(), json.get(&name).cloned().unwrap_or_default())).collect())?;
            Ok(decided)
        });
        match written {
            Err(reason) => self.fail(token, element, &reason, queue, "decision.failed"),
            Ok(decided) => {
                let rules: Vec<String> = decided.rules.iter().map(|rule| (rule + 1).to_string()).collect();
                self.tell(
                    StoryEvent::Decision,
                    Some(element),
                    None,
                    None,
                    Some(format!("{}{version}: {}", decision.name, rules.join(", "))),
                    None,
                );
                queue.push_back(Event::Completed { token, item });
            }
        }
        Ok(())
    }

    /// How often a repeated element is done, or why that cannot be said.
    fn count(&mut self, token: u64, element: &str, out: &mut dyn Outside) -> Result<Result<u32, String>, Error> {
        self.begin_lines(token, element);
        let number = match self.blueprint.settings.repeats.get(element).and_then(|repeat| repeat.over.as_ref()) {
            Some(over) => match self.evaluate(over, out) {
                Ok(Value::Number(number)) => number.normalize().to_string().parse().map_err(|_| format!("{number}")),
                Ok(Value::List(items)) => Ok(items.len()),
                Ok(other) => Err(other.to_json().to_string()),
                Err(error) => Err(both(|chinese| error.text(chinese))),
            },
            None => {
                let Some(work) = self.blueprint.settings.work.get(element) else { return Ok(Ok(1)) };
                let people = self.people(work, out)?;
                // Where nobody is found, one opens, and deals with it.
                let count = people.len().max(1);
                self.control.counted.insert(token, people);
                Ok(count)
            }
        };
        Ok(number.and_then(|number| match u32::try_from(number) {
            Ok(number) if number <= MAX_ITEMS => Ok(number),
            _ => Err(format!("{number} > {MAX_ITEMS}")),
        }))
    }

    /// The case has ended from outside: nothing is open any more, and what it called ends with it.
    pub fn over(&mut self, calls: &[(u64, Option<u32>)], out: &mut dyn Outside) -> Result<(), Error> {
        for seat in self.seats.iter_mut().filter(|seat| seat.state.is_pending()) {
            seat.state = SeatState::Closed;
        }
        self.waits.clear();
        for (token, item) in calls {
            out.cancel(*token, *item)?;
        }
        self.tell(StoryEvent::Ended, None, None, Some(self.state.as_str().to_owned()), None, None);
        self.told.retain(|(_, kind, _)| *kind != Told::Work);
        self.told.push((self.starter.id, Told::Ended, None));
        Ok(())
    }

    /// Called processes that run.
    pub fn calls(&self) -> Vec<(u64, Option<u32>)> {
        let tokens = self.control.state.tokens.iter();
        let calling = tokens
            .filter(|(_, token)| self.blueprint.node(&token.at).is_some_and(|node| matches!(node.kind, NodeKind::CallActivity { .. })));
        calling.map(|(id, _)| (*id, None)).collect()
    }

    fn close(&mut self, token: u64, element: &str, item: Option<u32>, out: &mut dyn Outside) -> Result<(), Error> {
        if self.blueprint.node(element).is_some_and(|node| matches!(node.kind, NodeKind::CallActivity { .. })) {
            out.cancel(token, item)?;
        }
        self.close_seats(token, item);
        Ok(())
    }

    /// Says the events for which an element stands.
    pub(super) fn emit(&mut self, element: &str, outcome: Option<&str>, out: &dyn Outside) {
        let blueprint = self.blueprint;
        let Some(events) = blueprint.settings.events.get(element) else { return };
        for event in events.iter().filter(|event| event.on.is_none() || event.on.as_deref() == outcome) {
            let mut facts = BTreeMap::new();
            for (name, expression) in &event.facts {
                match self.evaluate(expression, out).map(|value| value.to_json()) {
                    Ok(Json::Null) => {}
                    Ok(Json::String(text)) => drop(facts.insert(name.clone(), shortened(&text))),
                    Ok(other) => drop(facts.insert(name.clone(), shortened(&other.to_string()))),
                    // It happened all the same: the event is said without this fact, and that is told.
                    Err(error) => {
                        let text = both(|chinese| format!("{} {name}: {}", event.name, error.text(chinese)));
                        self.tell(StoryEvent::Incident, Some(element), None, None, Some(text), None);
                    }
                }
            }
            self.emitted.push(Emission { element: element.to_owned(), name: event.name.clone(), facts });
        }
    }

    /// Begins a case, whose starter has filled in the form.
    pub fn start(&mut self, opinion: Option<String>, patch: Data, out: &mut dyn Outside) -> Result<(), Error> {
        let at = self.blueprint.start().map(str::to_owned).ok_or_else(|| Error::new(Code::ProcessNotPublished))?;
        *self.control.walked.entry(at.clone()).or_default() += 1;
        self.emit(&at, None, out);
        self.deliver(Event::Started { at }, out)?;
        let application = self.blueprint.application().map(str::to_owned);
        let seat = self.seats.iter().find(|seat| Some(&seat.element) == application.as_ref() && seat.state == SeatState::Open);
        let Some((id, element)) = seat.map(|seat| (seat.id, seat.element.clone())) else {
            return Ok(());
        };
        self.told.clear();
        let outcome = self.blueprint.settings.work.get(&element).map(Work::usual_outcome).unwrap_or_default();
        self.complete(id, &Done { outcome, opinion, data: Some(patch), automatic: None }, out)
    }
}

impl Case<'_> {
    /// Begins a case that another called: the application is filled in as far as the caller could.
    pub fn start_called(&mut self, out: &mut dyn Outside) -> Result<(), Error> {
        let at = self.blueprint.start().map(str::to_owned).ok_or_else(|| Error::new(Code::ProcessNotPublished))?;
        self.deliver(Event::Started { at }, out)
    }

    /// Looking ahead: as if the application were complete.
    pub fn pass_application(&mut self, out: &mut dyn Outside) -> Result<(), Error> {
        let application = self.blueprint.application().map(str::to_owned);
        let seat = self.seats.iter().find(|seat| Some(&seat.element) == application.as_ref() && seat.state.is_pending());
        let Some((token, item)) = seat.map(|seat| (token_of(seat), item_of(seat))) else { return Ok(()) };
        self.close_seats(token, item);
        self.deliver(Event::Completed { token, item }, out)
    }

    /// Looking ahead: everything that is open is done as usual; nothing that is not filled in stops it. False if nothing is open.
    pub fn agree_once(&mut self, out: &mut dyn Outside) -> Result<bool, Error> {
        let open: Vec<WorkItemId> = self.seats.iter().filter(|seat| seat.state == SeatState::Open).map(|seat| seat.id).collect();
        for id in &open {
            let Some(seat) = self.seats.iter().find(|seat| seat.id == *id && seat.state == SeatState::Open).cloned() else { continue };
            let outcome = self.blueprint.settings.work.get(&seat.element).map(Work::usual_outcome).unwrap_or_default();
            let first = self.candidates.get(id).and_then(|people| people.first()).cloned();
            let name = seat.owner_name.clone().or_else(|| first.as_ref().map(|person| person.name.clone()));
            self.doer = Doer { id: seat.owner_id.or(first.map(|person| person.id)), name: name.unwrap_or_default(), on_behalf_of: None };
            self.complete(*id, &Done { outcome, opinion: None, data: None, automatic: Some(Automatic::Straight) }, out)?;
        }
        Ok(!open.is_empty())
    }
}

/// As much as a fact holds; whoever cuts says so.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What a refusal of the engine is to people.
#[must_use]
pub fn refusal(refused: bpmn::run::Refused) -> Error {
    use bpmn::run::Refused;
    match refused {
        Refused::Ended => Error::new(Code::CaseOver),
        Refused::NotATarget => Error::new(Code::ReturnTarget),
        Refused::LastItem => Error::new(Code::SeatLast),
        Refused::NotAStart | Refused::NotOpen => Error::new(Code::WorkItemClosed),
    }
}

//! The round of a step: its people sit down, answer, and their answers make a result.

use std::collections::{BTreeMap, VecDeque};

use bpmn::run::{Conditions, Event};
use feel::Context;
use kernel::{Code, Error};
use serde_json::Value as Json;

use super::{Agreement, Case, Delivered, Doer, Done, Outside, StepResult, StoryLine, case::refusal, item_of, seats, token_of};
use crate::{
    blueprint::{
        Data, Work,
        words::{DedupRule, EmptyPolicy, RefusePolicy, SeatPolicy, WorkKind},
    },
    model::{Automatic, CaseState, Colleague, Seat, SeatState, StoryEvent, Told, Vote, WorkItemId},
};

impl Case<'_> {
    /// People of a step, without those who may not because they did another.
    pub(super) fn people(&mut self, work: &Work, out: &mut dyn Outside) -> Result<Vec<Colleague>, Error> {
        let mut found: Vec<Colleague> = Vec::new();
        for rule in &work.people {
            for person in out.people(rule, self)? {
                if !found.iter().any(|known| known.id == person.id) {
                    found.push(person);
                }
            }
        }
        found.retain(|person| !self.separated(work, person.id));
        Ok(found)
    }

    /// Whether duties are separated for this person at this step.
    #[must_use]
    pub fn separated(&self, work: &Work, person: kernel::PersonId) -> bool {
        work.separate.iter().any(|other| {
            if other == "starter" {
                return self.starter.id == person;
            }
            self.control.handlers.get(other).is_some_and(|handlers| handlers.contains(&person))
                || self.seats.iter().any(|seat| {
                    seat.element == *other
                        && seat.state == SeatState::Done
                        && (seat.done_by == Some(person) || seat.on_behalf_of == Some(person))
                })
        })
    }

    /// Opens the seats of a step.
    pub(super) fn open(
        &mut self,
        token: u64,
        element: &str,
        item: Option<u32>,
        out: &mut dyn Outside,
        queue: &mut VecDeque<Event>,
    ) -> Result<(), Error> {
        let Some(work) = self.blueprint.settings.work.get(element) else {
            return Err(Error::internal(format!("nobody works at {element}")));
        };
        // Steps between stand as they were; never where somebody must sign in person or duties are separated.
        let by_hand = work.sign || !work.separate.is_empty();
        let straight = self.control.straight.as_ref().and_then(|straight| straight.between.get(element)).cloned();
        if let Some(result) = straight.filter(|_| item.is_none() && !by_hand) {
            self.tell(StoryEvent::Opinion, Some(element), None, Some(result.outcome.clone()), None, Some(Automatic::Straight));
            self.control.results.insert(element.to_owned(), result);
            queue.push_back(Event::Completed { token, item });
            return Ok(());
        }
        let counted = self.control.counted.get(&token).cloned();
        let mut people = match (item, counted) {
            (Some(item), Some(counted)) => {
                let one = usize::try_from(item).ok().and_then(|item| counted.get(item % counted.len().max(1))).cloned();
                one.into_iter().collect()
            }
            _ => self.people(work, out)?,
        };
        // Who had it before gets it again, if anybody may take it.
        if let (SeatPolicy::Claim, Some(before)) = (work.policy, self.control.handlers.get(element)) {
            let again: Vec<Colleague> = people.iter().filter(|person| before.contains(&person.id)).cloned().collect();
            if !again.is_empty() {
                people = again;
            }
        }
        let mut automatic = None;
        if people.is_empty() {
            match work.empty {
                EmptyPolicy::Skip => automatic = Some(Automatic::Empty),
                EmptyPolicy::Administrator => {
                    people = out.administrators()?;
                    people.retain(|person| !self.separated(work, person.id));
                }
                EmptyPolicy::Refuse => {}
            }
            if people.is_empty() && automatic.is_none() {
                self.fail(token, element, Code::PeopleNone.as_str(), queue, Code::PeopleNone.as_str());
                return Ok(());
            }
        }
        if automatic.is_some() {
            let outcome = work.usual_outcome();
            self.tell(StoryEvent::Opinion, Some(element), None, Some(outcome.clone()), None, automatic);
            self.control.results.insert(element.to_owned(), StepResult { outcome, by: String::new() });
            queue.push_back(Event::Completed { token, item });
            return Ok(());
        }
        self.seat(token, element, item, work, &people, out)?;
        self.answer_for_those_who_agreed(token, element, item, work, out)?;
        self.settle(token, element, item, out, queue)
    }

    fn seat(
        &mut self,
        token: u64,
        element: &str,
        item: Option<u32>,
        work: &Work,
        people: &[Colleague],
        out: &mut dyn Outside,
    ) -> Result<(), Error> {
        let due = work.due.map(|time| out.due(time)).transpose()?;
        let template = Seat {
            id: WorkItemId::new(),
            case_id: self.id,
            process_id: self.process_id,
            token: i64::try_from(token).unwrap_or(i64::MAX),
            item: item.and_then(|item| i32::try_from(item).ok()),
            element: element.to_owned(),
            kind: work.kind,
            position: 0,
            vote: Vote::Counts,
            state: SeatState::Open,
            owner_id: None,
            owner_name: None,
            weight: "1".to_owned(),
            parent_id: None,
            added_by: None,
            delegators: String::new(),
            outcome: None,
            opinion: None,
            done_by: None,
            done_by_name: None,
            on_behalf_of: None,
            automatic: None,
            seen_hash: None,
            created_at: out.now(),
            due,
            overdue_at: None,
            opened_at: None,
            done_at: None,
            opened_by: self.completing,
            urged: 0,
            saved: None,
            version: 1,
        };
        if work.policy == SeatPolicy::Claim && people.len() > 1 {
            self.candidates.insert(template.id, people.to_vec());
            self.told.extend(people.iter().map(|person| (person.id, Told::Work, Some(template.id))));
            self.seats.push(template);
            return Ok(());
        }
        for (position, person) in (0_i32..).zip(people) {
            let waits = work.policy == SeatPolicy::Sequential && position > 0;
            let seat = Seat {
                id: WorkItemId::new(),
                position,
                owner_id: Some(person.id),
                owner_name: Some(person.name.clone()),
                weight: work.weights.get(&person.login).map_or_else(|| "1".to_owned(), ToString::to_string),
                state: if waits { SeatState::Waiting } else { SeatState::Open },
                ..template.clone()
            };
            if !waits {
                self.told.push((person.id, Told::Work, Some(seat.id)));
            }
            self.seats.push(seat);
        }
        Ok(())
    }

    /// Those who need not be asked again: by the process's rule, or because it came straight back and they see the same.
    fn answer_for_those_who_agreed(
        &mut self,
        token: u64,
        element: &str,
        item: Option<u32>,
        work: &Work,
        out: &mut dyn Outside,
    ) -> Result<(), Error> {
        let back = self.control.straight.take_if(|straight| straight.to == element);
        if work.kind != WorkKind::Approve || work.sign || !work.separate.is_empty() {
            return Ok(());
        }
        let seen = seats::hash(&self.blueprint.form_at(element).visible(&self.data, &self.blueprint.rights(element)));
        let rules = &self.blueprint.settings.process.dedup;
        let last_step = self.control.agreed.last().map(|agreement| agreement.step.clone());
        let agreed = self.control.agreed.clone();
        let starter = self.starter.id;
        let spared = |person: kernel::PersonId| {
            let same = |agreement: &&Agreement| agreement.person == person && agreement.seen == seen;
            let dedup = rules.iter().any(|rule| match rule {
                DedupRule::Starter => person == starter,
                DedupRule::Previous => agreed.iter().filter(same).any(|agreement| Some(&agreement.step) == last_step.as_ref()),
                DedupRule::Any => agreed.iter().any(|agreement| same(&agreement)),
            });
            let kept = back.iter().flat_map(|back| &back.agreed).any(|agreement| agreement.step == element && same(&agreement));
            if dedup { Some(Automatic::Dedup) } else { kept.then_some(Automatic::Straight) }
        };
        for _ in 0..self.seats.len() {
            let next = self.seats.iter().position(|seat| {
                let here = token_of(seat) == token && item_of(seat) == item && seat.state == SeatState::Open;
                here && seat.owner_id.is_some_and(|owner| spared(owner).is_some())
            });
            let Some(seat) = next.and_then(|place| self.seats.get_mut(place)) else { break };
            let automatic = seat.owner_id.and_then(spared);
            seat.state = SeatState::Done;
            (seat.outcome, seat.automatic, seat.done_at) = (Some("agree".to_owned()), automatic, Some(out.now()));
            (seat.done_by, seat.done_by_name, seat.seen_hash) = (seat.owner_id, seat.owner_name.clone(), Some(seen.clone()));
            let (id, by) = (seat.id, Doer { id: seat.owner_id, name: seat.owner_name.clone().unwrap_or_default(), on_behalf_of: None });
            self.told.retain(|(_, _, about)| *about != Some(id));
            let element = Some(element.to_owned());
            let outcome = Some("agree".to_owned());
            self.story.push(StoryLine { kind: StoryEvent::Opinion, element, seat: Some(id), by, outcome, text: None, automatic });
            self.open_next(token, item);
        }
        Ok(())
    }

    /// After an answer: the next in a sequence, those who follow, those who asked for advice.
    fn open_next(&mut self, token: u64, item: Option<u32>) {
        let here: Vec<Seat> = self.seats.iter().filter(|seat| token_of(seat) == token && item_of(seat) == item).cloned().collect();
        let mut opened = Vec::new();
        for seat in here.iter().filter(|seat| seat.state == SeatState::Waiting) {
            let parent = seat.parent_id.and_then(|id| here.iter().find(|other| other.id == id));
            let advised = |id: WorkItemId| {
                here.iter().any(|other| other.vote == Vote::Advises && other.parent_id == Some(id) && other.state.is_pending())
            };
            let earlier = |seat: &Seat| {
                here.iter().any(|other| other.vote == Vote::Counts && other.position < seat.position && other.state.is_pending())
            };
            let ready = match seat.vote {
                Vote::Follows => parent.is_none_or(|parent| parent.state == SeatState::Done),
                // It waits for advice, or for its turn.
                Vote::Counts | Vote::Advises => !(advised(seat.id) || self.in_turn(&seat.element) && earlier(seat)),
            };
            if ready {
                opened.push(seat.id);
            }
        }
        for seat in self.seats.iter_mut().filter(|seat| opened.contains(&seat.id)) {
            seat.state = SeatState::Open;
            self.told.extend(seat.owner_id.map(|owner| (owner, Told::Work, Some(seat.id))));
        }
    }

    fn in_turn(&self, element: &str) -> bool {
        self.blueprint.settings.work.get(element).is_some_and(|work| work.policy == SeatPolicy::Sequential)
    }

    /// Whether the round is decided, and what follows.
    pub fn settle(
        &mut self,
        token: u64,
        element: &str,
        item: Option<u32>,
        out: &mut dyn Outside,
        queue: &mut VecDeque<Event>,
    ) -> Result<(), Error> {
        let Some(work) = self.blueprint.settings.work.get(element) else { return Ok(()) };
        self.open_next(token, item);
        if self.returns_after_all(token, item, queue) {
            return Ok(());
        }
        let round: Vec<&Seat> = self.seats.iter().filter(|seat| token_of(seat) == token && item_of(seat) == item).collect();
        let Some(outcome) = seats::decided(work, &round) else { return Ok(()) };
        let mut names: Vec<String> = Vec::new();
        let mut handlers = Vec::new();
        for seat in round.iter().filter(|seat| seat.state == SeatState::Done && seat.vote == Vote::Counts) {
            names.extend(seat.done_by_name.clone());
            handlers.extend(seat.done_by.into_iter().chain(seat.on_behalf_of));
            if seat.outcome.as_deref() == Some("agree")
                && let (Some(person), Some(seen), None) = (seat.owner_id, seat.seen_hash.clone(), seat.on_behalf_of)
            {
                self.control.agreed.push(Agreement { person, step: element.to_owned(), seen });
            }
        }
        self.close_seats(token, item);
        let by = names.join("、");
        self.control.results.insert(element.to_owned(), StepResult { outcome: outcome.clone(), by });
        if item.is_some() {
            self.control.handlers.entry(element.to_owned()).or_default().extend(handlers);
        } else {
            self.control.handlers.insert(element.to_owned(), handlers);
        }
        self.emit(element, Some(&outcome), out);
        if outcome == "refuse" && work.kind == WorkKind::Approve {
            let application = self.blueprint.application().filter(|_| work.refuse == RefusePolicy::Return).map(str::to_owned);
            if let Some(application) = application.filter(|application| self.targets(token).contains(application)) {
                self.control.agreed.clear();
                self.tell(StoryEvent::Returned, Some(element), None, None, None, None);
                self.told.push((self.starter.id, Told::Returned, None));
                queue.push_back(Event::Returned { token, to: application });
                return Ok(());
            }
            match work.refuse {
                // What cannot go back to the starter any more ends: a refusal never goes on as if it were none.
                RefusePolicy::End | RefusePolicy::Return => {
                    self.state = CaseState::Refused;
                    let calls = self.calls();
                    let (state, _) =
                        bpmn::step(&self.blueprint.program, &self.control.state, &Event::Terminated, &Conditions(Context::default()))
                            .map_err(refusal)?;
                    self.control.state = state;
                    self.delivered.push(Delivered { event: Event::Terminated, held: Vec::new(), unanswered: BTreeMap::new() });
                    return self.over(&calls, out);
                }
                RefusePolicy::Continue => {}
            }
        }
        queue.push_back(Event::Completed { token, item });
        Ok(())
    }

    /// The data as they are at a seat: with its own line, if each repetition has one.
    #[must_use]
    pub fn data_at(&self, seat: &Seat) -> Data {
        let mut data = self.data.clone();
        if let (Some(_), Some(item)) = (self.blueprint.line_of(&seat.element), item_of(seat)) {
            let line = self.control.lines.get(&token_of(seat)).and_then(|lines| lines.get(&item));
            data.extend(line.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        }
        data
    }

    /// Takes what stands at a seat: its line into the list, everything else into the form.
    fn take(&mut self, seat: &Seat, mut data: Data) {
        if let (Some(list), Some(item)) = (self.blueprint.line_of(&seat.element), item_of(seat)) {
            let columns = self.blueprint.form.columns(list);
            let mut line: Data = columns.iter().filter_map(|column| Some(((*column).clone(), data.remove(*column)?))).collect();
            if let Some(by) = self.blueprint.settings.repeats.get(&seat.element).and_then(|repeat| repeat.by.clone()) {
                line.insert(by, Json::String(self.doer.name.clone()));
            }
            let lines = self.control.lines.entry(token_of(seat)).or_default();
            lines.insert(item, line);
            data.insert(list.to_owned(), lines.values().cloned().map(Json::Object).collect());
            data = self.blueprint.form.computed(data);
        }
        self.data = data;
    }

    /// A repeated task begins: its list is empty, also when it is walked again.
    pub(super) fn begin_lines(&mut self, token: u64, element: &str) {
        if let Some(list) = self.blueprint.line_of(element) {
            self.control.lines.insert(token, BTreeMap::new());
            self.data.remove(list);
            self.data = self.blueprint.form.computed(std::mem::take(&mut self.data));
        }
    }

    pub(super) fn close_seats(&mut self, token: u64, item: Option<u32>) {
        for seat in self.seats.iter_mut().filter(|seat| token_of(seat) == token && item_of(seat) == item && seat.state.is_pending()) {
            seat.state = SeatState::Closed;
            let id = seat.id;
            self.told.retain(|(_, _, about)| *about != Some(id));
        }
    }

    /// Somebody answers at a seat that is open. Refusals of the data point below `/data`.
    pub fn complete(&mut self, id: WorkItemId, done: &Done, out: &mut dyn Outside) -> Result<(), Error> {
        let seat = self.seats.iter().find(|seat| seat.id == id).cloned().ok_or_else(|| Error::absent(id))?;
        let work = self.blueprint.settings.work.get(&seat.element).ok_or_else(|| Error::internal("no work at this step"))?;
        if !work.outcomes(true).iter().any(|(known, _)| *known == done.outcome) {
            return Err(Error::invalid("/outcome", Code::WorkItemOutcome));
        }
        let rights = self.blueprint.rights_on(&seat.element, &done.outcome);
        let patch = done.data.clone().unwrap_or_default();
        if done.automatic.is_none() {
            let patched = self.blueprint.form_at(&seat.element).patched(&self.data_at(&seat), &patch, &rights, true);
            self.take(&seat, patched.map_err(|fields| Error::new(Code::Invalid).fields_of(fields))?);
        }
        let seen = seats::hash(&self.blueprint.form_at(&seat.element).visible(&self.data_at(&seat), &rights));
        let doer = self.doer.clone();
        self.completing = Some(id);
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.id == id) {
            seat.state = SeatState::Done;
            (seat.outcome, seat.opinion) = (Some(done.outcome.clone()), done.opinion.clone());
            (seat.done_by, seat.done_by_name) = (doer.id, Some(doer.name.clone()));
            seat.on_behalf_of = doer.on_behalf_of.as_ref().map(|(person, _)| *person);
            (seat.automatic, seat.seen_hash, seat.done_at) = (done.automatic, Some(seen), Some(out.now()));
            seat.saved = None;
        }
        self.tell(StoryEvent::Opinion, Some(&seat.element), Some(id), Some(done.outcome.clone()), done.opinion.clone(), done.automatic);
        let mut queue = VecDeque::new();
        self.settle(token_of(&seat), &seat.element, item_of(&seat), out, &mut queue)?;
        while let Some(event) = queue.pop_front() {
            self.deliver(event, out)?;
        }
        Ok(())
    }
}

//! What a Chinese office does besides agreeing: 退回, 撤回, 拿回, 加签, 减签, 转办, 委派.

use std::collections::{BTreeMap, VecDeque};

use bpmn::{model::NodeKind, run::Event};
use kernel::{Code, Error, PersonId};

use super::{Case, Outside, Returning, Straight, case::refusal, item_of, token_of};
use crate::{
    blueprint::words::{ReturnPolicy, SeatPolicy, WithdrawUntil},
    model::{CaseState, Colleague, Seat, SeatState, StoryEvent, Told, Vote, WorkItemId},
    said::both,
};

/// How deep work may be delegated.
const DELEGATION: usize = 3;

kernel::text_enum! {
    /// What happens after something that was sent back has been repaired.
    pub enum Resume {
        /// Every step between is walked again.
        Again = "again",
        /// It goes straight back to whoever sent it back.
        Straight = "straight",
    }
}
kernel::text_enum! {
    /// Where a signer is added.
    pub enum SignerPosition {
        /// Before me: I wait for the advice.
        Before = "before",
        /// After me.
        After = "after",
        /// Beside me.
        Parallel = "parallel",
    }
}

impl Case<'_> {
    fn seat_mut(&mut self, id: WorkItemId) -> Result<&mut Seat, Error> {
        self.seats.iter_mut().find(|seat| seat.id == id).ok_or_else(|| Error::absent(id))
    }

    fn seat_of(&self, id: WorkItemId) -> Result<Seat, Error> {
        self.seats.iter().find(|seat| seat.id == id).cloned().ok_or_else(|| Error::absent(id))
    }

    /// Steps to which a token may be sent back, and blocks and subprocesses that are over, as a whole; nothing that lies before an action
    /// which cannot be repeated.
    #[must_use]
    pub fn targets(&self, token: u64) -> Vec<String> {
        let boxes = self.control.state.tokens.get(&token).map(|token| token.boxes.as_slice()).unwrap_or_default();
        let inside = |id: &str| boxes.iter().any(|around| around.level.entered_at == id);
        let whole = |id: &str| match self.blueprint.node(id).map(|node| &node.kind) {
            Some(NodeKind::Parallel | NodeKind::Inclusive) => !inside(id),
            kind => matches!(kind, Some(NodeKind::SubProcess(_))),
        };
        let offered = |id: &String| self.blueprint.settings.work.contains_key(id) || whole(id);
        let all = bpmn::run::targets(&self.control.state, token).into_iter().filter(offered);
        if self.control.once.is_empty() { all.collect() } else { all.filter(|id| !self.walled(token, id)).collect() }
    }

    /// 退回: sends the case back from a seat.
    pub fn send_back(
        &mut self,
        id: WorkItemId,
        to: &str,
        resume: Resume,
        text: Option<String>,
        out: &mut dyn Outside,
    ) -> Result<(), Error> {
        let seat = self.seat_of(id)?;
        let token = token_of(&seat);
        if !self.targets(token).iter().any(|target| target == to) {
            return Err(Error::new(Code::ReturnTarget));
        }
        let (doer, now) = (self.doer.clone(), out.now());
        {
            let seat = self.seat_mut(id)?;
            (seat.state, seat.outcome, seat.opinion) = (SeatState::Done, Some("return".to_owned()), text.clone());
            (seat.done_by, seat.done_by_name, seat.done_at) = (doer.id, Some(doer.name.clone()), Some(now));
            seat.on_behalf_of = doer.on_behalf_of.as_ref().map(|(person, _)| *person);
        }
        self.completing = Some(id);
        let said = both(|chinese| {
            let (target, colon) = (self.blueprint.name(to, chinese), if chinese { "：" } else { ": " });
            text.as_ref().map_or_else(|| format!("→ {target}"), |text| format!("→ {target}{colon}{text}"))
        });
        self.tell(StoryEvent::Returned, Some(&seat.element), Some(id), Some("return".to_owned()), Some(said), None);
        let mut queue = VecDeque::new();
        let later = self.blueprint.settings.work.get(&seat.element).is_some_and(|work| work.returning == ReturnPolicy::AfterAll);
        if later {
            self.control.returning.push(Returning { token, seat: id, to: to.to_owned(), resume });
            self.settle(token, &seat.element, item_of(&seat), out, &mut queue)?;
        } else {
            queue.push_back(self.going_back(token, &seat.element, to, resume));
        }
        while let Some(event) = queue.pop_front() {
            self.deliver(event, out)?;
        }
        Ok(())
    }

    /// What a return changes besides where the tokens are, and the return itself.
    fn going_back(&mut self, token: u64, from: &str, to: &str, resume: Resume) -> Event {
        let between = self.since(token, to);
        // Who had agreed beside the one who sends it back keeps the vote, if nothing changes for them.
        let mut agreed = self.control.agreed.clone();
        agreed.extend(self.seats.iter().filter(|other| token_of(other) == token && other.outcome.as_deref() == Some("agree")).filter_map(
            |other| Some(super::Agreement { person: other.owner_id?, step: other.element.clone(), seen: other.seen_hash.clone()? }),
        ));
        self.control.straight = (resume == Resume::Straight).then(|| Straight { to: from.to_owned(), between, agreed });
        self.control.agreed.clear();
        self.told.push((self.starter.id, Told::Returned, None));
        Event::Returned { token, to: to.to_owned() }
    }

    /// Somebody has sent it back, and it goes when everybody has been heard: the farthest of the places named. True if nothing else
    /// comes of the answers.
    pub(super) fn returns_after_all(&mut self, token: u64, item: Option<u32>, queue: &mut VecDeque<Event>) -> bool {
        let said: Vec<Returning> = self.control.returning.iter().filter(|returning| returning.token == token).cloned().collect();
        let targets = self.targets(token);
        // The last that was visited comes first among the targets.
        let farthest = said.iter().max_by_key(|returning| targets.iter().position(|target| *target == returning.to)).cloned();
        let Some(farthest) = farthest else { return false };
        if self.seats.iter().any(|seat| token_of(seat) == token && item_of(seat) == item && seat.state.is_pending()) {
            return true;
        }
        self.control.returning.retain(|returning| returning.token != token);
        let from = self.seats.iter().find(|seat| seat.id == farthest.seat).map(|seat| seat.element.clone()).unwrap_or_default();
        queue.push_back(self.going_back(token, &from, &farthest.to, farthest.resume));
        true
    }

    /// Whether the starter may still withdraw the case.
    pub fn check_withdraw(&self) -> Result<(), Error> {
        let application = self.blueprint.application();
        let spoken = self
            .seats
            .iter()
            .any(|seat| seat.state == SeatState::Done && seat.automatic.is_none() && Some(seat.element.as_str()) != application);
        let late = match self.blueprint.settings.process.withdraw.unwrap_or(WithdrawUntil::FirstOpinion) {
            WithdrawUntil::Never => true,
            WithdrawUntil::FirstOpinion => spoken,
            WithdrawUntil::BeforeEnd => false,
        };
        let acted = !self.control.once.is_empty();
        if self.state != CaseState::Running || late || acted || application.is_none() {
            return Err(Error::new(Code::CaseCannotWithdraw));
        }
        let calls = self.control.state.tokens.values().any(|token| {
            self.blueprint.node(&token.at).is_some_and(|node| matches!(node.kind, bpmn::model::NodeKind::CallActivity { .. }))
        });
        if calls { Err(Error::new(Code::CaseCannotWithdraw)) } else { Ok(()) }
    }

    /// 撤回: everything that is open goes; the starter has the form again.
    pub fn withdraw(&mut self, text: Option<String>, out: &mut dyn Outside) -> Result<(), Error> {
        self.check_withdraw()?;
        self.tell(StoryEvent::Withdrawn, None, None, None, text, None);
        (self.control.agreed, self.control.straight) = (Vec::new(), None);
        let at = self.blueprint.start().map(str::to_owned).ok_or_else(|| Error::new(Code::CaseCannotWithdraw))?;
        self.deliver(Event::Restarted { at }, out)
    }

    /// 终止, 作废, 撤销: ends the case.
    pub fn end(&mut self, state: CaseState, text: Option<String>, out: &mut dyn Outside) -> Result<(), Error> {
        if self.state != CaseState::Running {
            return Err(Error::new(Code::CaseOver));
        }
        let calls = self.calls();
        let judge = bpmn::run::Conditions(feel::Context::default());
        let (next, _) = bpmn::step(&self.blueprint.program, &self.control.state, &Event::Terminated, &judge).map_err(refusal)?;
        (self.control.state, self.state) = (next, state);
        self.delivered.push(super::Delivered { event: Event::Terminated, held: Vec::new(), unanswered: BTreeMap::new() });
        self.over(&calls, out)?;
        if let Some(last) = self.story.last_mut() {
            last.text = text;
        }
        Ok(())
    }

    /// Whether what somebody did can be taken back: nobody has opened what followed, and no action has run since.
    pub fn check_take_back(&self, id: WorkItemId) -> Result<u64, Error> {
        let late = || Error::new(Code::TakeBackLate);
        let seat = self.seat_of(id)?;
        if seat.state != SeatState::Done || self.state != CaseState::Running || seat.outcome.as_deref() == Some("return") {
            return Err(late());
        }
        let open = |seat: &&Seat| seat.state.is_pending();
        let token = token_of(&seat);
        if self.seats.iter().any(|other| open(&other) && token_of(other) == token && item_of(other) == item_of(&seat)) {
            // The round is not decided: only one's own answer is taken back.
            return Ok(token);
        }
        let acted = self.acted_since(&seat.element);
        let mut followed = self.seats.iter().filter(|other| other.opened_by == Some(id)).peekable();
        let untouched = followed.peek().is_some() && followed.all(|other| open(&other) && other.opened_at.is_none());
        let first = self.seats.iter().find(|other| other.opened_by == Some(id) && open(other)).map(token_of).ok_or_else(late)?;
        if acted || !untouched || !self.targets(first).contains(&seat.element) { Err(late()) } else { Ok(first) }
    }

    /// 拿回.
    pub fn take_back(&mut self, id: WorkItemId, out: &mut dyn Outside) -> Result<(), Error> {
        let from = self.check_take_back(id)?;
        let seat = self.seat_of(id)?;
        self.tell(StoryEvent::TakenBack, Some(&seat.element), Some(id), None, None, None);
        if from == token_of(&seat) {
            let seat = self.seat_mut(id)?;
            (seat.state, seat.outcome, seat.done_at, seat.done_by, seat.done_by_name) = (SeatState::Open, None, None, None, None);
            return Ok(());
        }
        self.control.agreed.retain(|agreement| agreement.step != seat.element);
        self.deliver(Event::Returned { token: from, to: seat.element }, out)
    }

    /// 加签. For a repeated task, one repetition more is a matter of the engine; here it is a seat at the same step.
    pub fn add_signer(
        &mut self,
        id: WorkItemId,
        people: &[Colleague],
        position: SignerPosition,
        text: Option<String>,
        out: &mut dyn Outside,
    ) -> Result<(), Error> {
        let seat = self.seat_of(id)?;
        let work = self.blueprint.settings.work.get(&seat.element).ok_or_else(|| Error::internal("no work at this step"))?;
        if seat.owner_id.is_none() || work.is_application() {
            return Err(Error::new(Code::SeatPolicy));
        }
        let due = work.due.map(|time| out.due(time)).transpose()?;
        for (number, person) in (1_i32..).zip(people) {
            self.free_seat(&seat, person)?;
            if self.separated(work, person.id) {
                return Err(Error::new(Code::SeparationOfDuties));
            }
            let (vote, state) = match position {
                SignerPosition::Before => (Vote::Advises, SeatState::Open),
                SignerPosition::After => (Vote::Follows, SeatState::Waiting),
                SignerPosition::Parallel if work.policy == SeatPolicy::Sequential => (Vote::Counts, SeatState::Waiting),
                SignerPosition::Parallel => (Vote::Counts, SeatState::Open),
            };
            if position == SignerPosition::Parallel && work.policy == SeatPolicy::Claim {
                return Err(Error::new(Code::SeatPolicy));
            }
            if vote == Vote::Counts && state == SeatState::Waiting {
                // In a sequence: right after the current position.
                let (token, item) = (token_of(&seat), item_of(&seat));
                let later =
                    |other: &&mut Seat| token_of(other) == token && item_of(other) == item && other.position >= seat.position + number;
                self.seats.iter_mut().filter(later).for_each(|other| other.position += 1);
            }
            let added = Seat {
                id: WorkItemId::new(),
                position: seat.position + number,
                vote,
                state,
                owner_id: Some(person.id),
                owner_name: Some(person.name.clone()),
                weight: "1".to_owned(),
                parent_id: Some(id),
                added_by: self.doer.id,
                delegators: String::new(),
                created_at: out.now(),
                due,
                overdue_at: None,
                opened_at: None,
                opened_by: None,
                urged: 0,
                saved: None,
                version: 1,
                ..seat.clone()
            };
            if state == SeatState::Open {
                self.told.push((person.id, Told::Work, Some(added.id)));
            }
            self.seats.push(added);
        }
        if position == SignerPosition::Before {
            self.seat_mut(id)?.state = SeatState::Waiting;
        }
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        let said = text.map_or_else(|| names.join("、"), |text| format!("{}：{text}", names.join("、")));
        self.tell(StoryEvent::AddedSigner, Some(&seat.element), Some(id), Some(position.as_str().to_owned()), Some(said), None);
        Ok(())
    }

    /// 减签: a seat that has not answered is removed, unless it is the last.
    pub fn remove_signer(&mut self, id: WorkItemId, person: PersonId, text: Option<String>, out: &mut dyn Outside) -> Result<(), Error> {
        let seat = self.seat_of(id)?;
        let (token, item) = (token_of(&seat), item_of(&seat));
        let open = |other: &&Seat| token_of(other) == token && item_of(other) == item && other.state.is_pending();
        let removed = self.seats.iter().filter(open).find(|other| other.owner_id == Some(person)).cloned();
        let removed = removed.ok_or_else(|| Error::invalid("/to", Code::UnknownReference))?;
        let counting = self.seats.iter().filter(open).filter(|other| other.vote == Vote::Counts).count();
        if removed.vote == Vote::Counts && counting < 2 {
            return Err(Error::new(Code::SeatLast));
        }
        let own = removed.id;
        for other in self.seats.iter_mut().filter(|other| other.id == own || (other.parent_id == Some(own) && other.done_at.is_none())) {
            other.state = SeatState::Closed;
        }
        let name = removed.owner_name.unwrap_or_default();
        let said = text.map_or_else(|| name.clone(), |text| format!("{name}：{text}"));
        self.tell(StoryEvent::RemovedSigner, Some(&seat.element), Some(id), None, Some(said), None);
        let mut queue = VecDeque::new();
        self.settle(token, &seat.element, item, out, &mut queue)?;
        while let Some(event) = queue.pop_front() {
            self.deliver(event, out)?;
        }
        Ok(())
    }

    /// Nobody sits twice at one step.
    fn free_seat(&self, seat: &Seat, person: &Colleague) -> Result<(), Error> {
        let same = |other: &&Seat| token_of(other) == token_of(seat) && item_of(other) == item_of(seat) && other.state.is_pending();
        if self.seats.iter().filter(same).any(|other| other.owner_id == Some(person.id)) {
            return Err(Error::new(Code::SeatHeld).with("name", &person.name));
        }
        Ok(())
    }

    /// 转办: the seat's owner changes for good.
    pub fn transfer(&mut self, id: WorkItemId, to: &Colleague, kind: StoryEvent, text: Option<String>) -> Result<(), Error> {
        let seat = self.seat_of(id)?;
        self.free_seat(&seat, to)?;
        let work = self.blueprint.settings.work.get(&seat.element).ok_or_else(|| Error::internal("no work at this step"))?;
        if self.separated(work, to.id) {
            return Err(Error::new(Code::SeparationOfDuties));
        }
        self.own(id, to)?;
        let said = text.map_or_else(|| format!("→ {}", to.name), |text| format!("→ {}：{text}", to.name));
        self.tell(kind, Some(&seat.element), Some(id), None, Some(said), None);
        self.told.push((to.id, Told::Work, Some(id)));
        Ok(())
    }

    fn own(&mut self, id: WorkItemId, to: &Colleague) -> Result<(), Error> {
        self.candidates.remove(&id);
        let seat = self.seat_mut(id)?;
        (seat.owner_id, seat.owner_name, seat.opened_at) = (Some(to.id), Some(to.name.clone()), None);
        Ok(())
    }

    /// 委派: it goes and comes back; three deep, never in a circle.
    pub fn delegate(&mut self, id: WorkItemId, to: &Colleague, text: Option<String>) -> Result<(), Error> {
        let seat = self.seat_of(id)?;
        let mut delegators: Vec<String> = seat.delegators.split_whitespace().map(str::to_owned).collect();
        let Some(owner) = seat.owner_id else { return Err(Error::new(Code::WorkItemNotClaimed)) };
        if delegators.len() >= DELEGATION || owner == to.id || delegators.contains(&to.id.to_string()) {
            return Err(Error::new(Code::DelegationDeep));
        }
        self.free_seat(&seat, to)?;
        delegators.push(owner.to_string());
        self.own(id, to)?;
        self.seat_mut(id)?.delegators = delegators.join(" ");
        let said = text.map_or_else(|| format!("→ {}", to.name), |text| format!("→ {}：{text}", to.name));
        self.tell(StoryEvent::Delegated, Some(&seat.element), Some(id), None, Some(said), None);
        self.told.push((to.id, Told::Work, Some(id)));
        Ok(())
    }

    /// What was delegated comes back with an opinion.
    pub fn give_back(&mut self, id: WorkItemId, to: &Colleague, text: Option<String>) -> Result<(), Error> {
        let seat = self.seat_of(id)?;
        let mut delegators: Vec<&str> = seat.delegators.split_whitespace().collect();
        delegators.pop();
        let left = delegators.join(" ");
        self.own(id, to)?;
        self.seat_mut(id)?.delegators = left;
        self.tell(StoryEvent::GivenBack, Some(&seat.element), Some(id), None, text, None);
        self.told.push((to.id, Told::Work, Some(id)));
        Ok(())
    }
}

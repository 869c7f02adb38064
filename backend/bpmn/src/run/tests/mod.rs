//! Cases that are walked: by name for each rule, and at random.

mod named;
mod walks;

use std::collections::BTreeSet;

use super::{Command, Ended, Event, Judge, Owner, Program, Refused, State, Stay, TokenId, step};
use crate::{
    Definition,
    model::{Flow, NodeKind},
};

/// Somebody who answers by a rule.
pub struct By<F: Fn(&Flow) -> bool>(pub F);
impl<F: Fn(&Flow) -> bool> Judge for By<F> {
    fn holds(&self, flow: &Flow) -> Result<bool, String> {
        Ok((self.0)(flow))
    }
}

/// A case as the world outside sees it: what it asked for and did not take back. After each event what must be true of it is checked.
pub struct Case {
    pub program: Program,
    pub state: State,
    pub open: BTreeSet<(TokenId, String, Option<u32>)>,
    pub armed: BTreeSet<(Owner, String)>,
    pub counts: BTreeSet<TokenId>,
    pub history: Vec<Event>,
    /// Whose work failed in this delivery.
    pub failed: Option<TokenId>,
}

fn still_armed(state: &State, owner: Owner, event: &str) -> bool {
    match owner {
        Owner::Token(id) => state.tokens.get(&id).is_some_and(|token| token.armed.contains(event)),
        Owner::Scope(id) => state.scopes.get(&id).is_some_and(|scope| scope.armed.contains(event)),
    }
}

impl Case {
    pub fn new(definition: &Definition) -> Self {
        let program = Program::new(definition);
        Self {
            program,
            state: State::new(),
            open: BTreeSet::new(),
            armed: BTreeSet::new(),
            counts: BTreeSet::new(),
            history: Vec::new(),
            failed: None,
        }
    }

    /// Delivers an event. Conditions answer by `judge`.
    pub fn try_deliver(&mut self, event: Event, judge: &dyn Judge) -> Result<(), Refused> {
        let (state, commands) = step(&self.program, &self.state, &event, judge)?;
        assert_eq!((&state, &commands), (&step(&self.program, &self.state, &event, judge)?.0, &commands), "the same input gives the same");
        match &event {
            Event::Completed { token, item } => self.open.retain(|(id, _, which)| (id, which) != (token, item)),
            Event::Counted { token, .. } => drop(self.counts.remove(token)),
            Event::Failed { token, .. } => self.open.retain(|(id, ..)| id != token),
            // A cycle or a message that came may come again, and needs no new command for it.
            Event::Fired { owner, event } if !still_armed(&state, *owner, event) => drop(self.armed.remove(&(*owner, event.clone()))),
            _ => {}
        }
        self.failed = match &event {
            Event::Failed { token, .. } => Some(*token),
            _ => None,
        };
        self.state = state;
        for command in commands {
            self.obey(command);
        }
        self.history.push(event);
        self.check();
        Ok(())
    }

    pub fn deliver(&mut self, event: Event, judge: &dyn Judge) {
        let said = format!("{event:?}");
        self.try_deliver(event, judge).unwrap_or_else(|refused| panic!("{said}: {refused:?} in {:#?}", self.state));
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Open { token, element, item } => assert!(self.open.insert((token, element, item)), "opened twice"),
            Command::Close { token, element, item } => {
                // Work that has failed was closed by whoever did it.
                let failed = self.failed == Some(token);
                assert!(self.open.remove(&(token, element, item)) || failed, "closed, but not open");
            }
            Command::Arm { owner, event } => assert!(self.armed.insert((owner, event)), "armed twice"),
            Command::Disarm { owner, event } => assert!(self.armed.remove(&(owner, event)), "not armed"),
            Command::Count { token, .. } => assert!(self.counts.insert(token)),
            Command::Incident { .. } | Command::Reached { .. } | Command::End(_) => {}
        }
    }

    /// What must be true after each event (research note 3.5).
    fn check(&mut self) {
        let state = &self.state;
        let sub = |scope, at: &str| {
            let plan = &self.program.scopes[&state.scopes[&scope].of];
            matches!(plan.scope.nodes[at].kind, NodeKind::SubProcess(_))
        };
        let mut open = BTreeSet::new();
        let mut armed = BTreeSet::new();
        let mut joins = BTreeSet::new();
        for (id, token) in &state.tokens {
            armed.extend(token.armed.iter().map(|event| (Owner::Token(*id), event.clone())));
            match &token.stay {
                Stay::Work { open: items, waiting, .. } => {
                    assert!(!items.is_empty(), "work without anything open");
                    assert!(waiting.iter().all(|item| !items.contains(&Some(*item))));
                    if !sub(token.scope, &token.at) {
                        open.extend(items.iter().map(|item| (*id, token.at.clone(), *item)));
                    }
                }
                Stay::AtJoin { came_by } => {
                    let place = (token.scope, token.at.clone(), token.boxes.clone(), came_by.clone());
                    assert!(joins.insert(place), "two tokens on one flow into a join: {token:?}");
                }
                _ => {}
            }
            if let Some(host) = token.beside {
                assert!(host < state.next);
            }
        }
        armed.extend(state.scopes.iter().flat_map(|(id, scope)| scope.armed.iter().map(|event| (Owner::Scope(*id), event.clone()))));
        assert_eq!((&self.open, &self.armed), (&open, &armed), "what is asked for is what waits");
        let counting: BTreeSet<TokenId> = state.tokens.iter().filter(|(_, token)| token.stay == Stay::Count).map(|(id, _)| *id).collect();
        self.counts.retain(|token| counting.contains(token));
        assert_eq!(self.counts, counting);
        if state.ended.is_some() {
            assert!(state.tokens.is_empty() && state.scopes.is_empty(), "something is left after the end");
        } else {
            assert!(!state.tokens.is_empty(), "nothing is under way, and it has not ended");
        }
        let text = serde_json::to_string(state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), *state, "it is kept as it is");
    }

    /// The open work, by element, with its token.
    pub fn works(&self) -> Vec<(String, TokenId, Option<u32>)> {
        self.open.iter().map(|(token, element, item)| (element.clone(), *token, *item)).collect()
    }

    /// The names of what is open, in order.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.open.iter().map(|(_, element, _)| element.clone()).collect();
        names.sort();
        names
    }

    pub fn token(&self, element: &str) -> TokenId {
        self.open.iter().find(|(_, name, _)| name == element).unwrap_or_else(|| panic!("{element} is not open: {:?}", self.names())).0
    }

    /// Somebody does the first open work of this name. Of conditional flows those into `taken` hold.
    pub fn does(&mut self, element: &str, taken: &[&str]) {
        let (_, token, item) =
            self.works().into_iter().find(|(name, ..)| name == element).unwrap_or_else(|| panic!("{element}: {:?}", self.names()));
        self.deliver(Event::Completed { token, item }, &By(|flow: &Flow| taken.contains(&flow.target.as_str())));
    }

    pub fn starts(&mut self, taken: &[&str]) {
        self.deliver(Event::Started { at: "s".to_owned() }, &By(|flow: &Flow| taken.contains(&flow.target.as_str())));
    }

    pub fn fires(&mut self, event: &str) {
        let (owner, _) = self.armed.iter().find(|(_, name)| name == event).unwrap_or_else(|| panic!("{event}: {:?}", self.armed)).clone();
        self.deliver(Event::Fired { owner, event: event.to_owned() }, &By(|_: &Flow| false));
    }

    pub fn returns(&mut self, from: &str, to: &str) -> Result<(), Refused> {
        let event = Event::Returned { token: self.token(from), to: to.to_owned() };
        self.try_deliver(event, &By(|_: &Flow| false))
    }

    pub fn completed(&self) -> bool {
        self.state.ended == Some(Ended::Completed)
    }
}

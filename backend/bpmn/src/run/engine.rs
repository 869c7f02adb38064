//! One delivery: the state in work, and what is done to it.

use std::collections::{BTreeSet, VecDeque};

use super::{
    Plan, Program,
    message::{Command, Event, Judge, Owner, Refused},
    state::{Box, Ended, Parent, Running, ScopeId, State, Stay, Token, TokenId},
};
use crate::model::{Node, NodeKind, Timer, Trigger};

/// A token on its way to an element.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub scope: ScopeId,
    pub boxes: Vec<Box>,
    pub beside: Option<TokenId>,
    pub at: String,
    pub came_by: Option<String>,
}

impl Arrival {
    /// A token that waited, on its way again.
    pub fn of(token: &Token) -> Self {
        Self { scope: token.scope, boxes: token.boxes.clone(), beside: token.beside, at: token.at.clone(), came_by: None }
    }
}

/// The state in work.
pub struct Engine<'a> {
    pub program: &'a Program,
    pub state: State,
    pub judge: &'a dyn Judge,
    pub commands: Vec<Command>,
    pub arrivals: VecDeque<Arrival>,
    pub passed: usize,
}

impl<'a> Engine<'a> {
    pub fn new(program: &'a Program, state: State, judge: &'a dyn Judge) -> Self {
        Self { program, state, judge, commands: Vec::new(), arrivals: VecDeque::new(), passed: 0 }
    }

    pub fn finish(mut self) -> (State, Vec<Command>) {
        let boxes: BTreeSet<u64> = self.state.tokens.values().flat_map(|token| &token.boxes).map(|around| around.id).collect();
        self.state.sent.retain(|id, _| boxes.contains(id));
        (self.state, self.commands)
    }

    pub fn deliver(&mut self, event: &Event) -> Result<(), Refused> {
        if self.state.ended.is_some() {
            return Err(Refused::Ended);
        }
        match event {
            Event::Started { at } if self.state.next == 1 => self.start(at)?,
            Event::Started { .. } => return Err(Refused::NotAStart),
            Event::Restarted { at } => {
                if self.state.scopes.is_empty() {
                    return Err(Refused::NotOpen);
                }
                let all: Vec<ScopeId> = self.state.scopes.keys().copied().collect();
                all.into_iter().for_each(|scope| self.close_scope(scope));
                self.state.visits.clear();
                self.state.sent.clear();
                self.start(at)?;
            }
            Event::Completed { token, item } => {
                let is_open = |token: &Token| matches!(&token.stay, Stay::Work { open, .. } if open.contains(item));
                let sub =
                    |token: &Token| self.node(token.scope, &token.at).is_some_and(|node| matches!(node.kind, NodeKind::SubProcess(_)));
                self.state.tokens.get(token).filter(|token| is_open(token) && !sub(token)).ok_or(Refused::NotOpen)?;
                self.item_done(*token, *item);
            }
            Event::Failed { token, code } => self.failed(*token, code.as_deref())?,
            Event::Counted { token, items } => {
                self.state.tokens.get(token).filter(|token| token.stay == Stay::Count).ok_or(Refused::NotOpen)?;
                self.begin_items(*token, *items);
            }
            Event::ItemAdded { token } => self.add_item(*token)?,
            Event::ItemRemoved { token, item } => self.remove_item(*token, *item)?,
            Event::Fired { owner, event } => self.fired(*owner, event)?,
            Event::Returned { token, to } => self.send_back(*token, to)?,
            Event::Retried { token } => {
                let wrong = |token: &&Token| matches!(token.stay, Stay::Incident { .. });
                self.state.tokens.get(token).filter(wrong).ok_or(Refused::NotOpen)?;
                if let Some(token) = self.remove(*token) {
                    self.arrivals.push_back(Arrival::of(&token));
                }
            }
            Event::Terminated => {
                let all: Vec<ScopeId> = self.state.scopes.keys().copied().collect();
                all.into_iter().for_each(|scope| self.close_scope(scope));
                self.end(Ended::Terminated);
            }
        }
        self.run();
        Ok(())
    }

    pub fn number(&mut self) -> u64 {
        let number = self.state.next;
        self.state.next += 1;
        number
    }

    pub fn plan(&self, scope: ScopeId) -> Option<&'a Plan> {
        self.program.scopes.get(&self.state.scopes.get(&scope)?.of)
    }

    pub fn node(&self, scope: ScopeId, id: &str) -> Option<&'a Node> {
        self.plan(scope)?.scope.nodes.get(id)
    }

    fn start(&mut self, at: &str) -> Result<(), Refused> {
        let process = self.program.scopes.get(&None).ok_or(Refused::NotAStart)?;
        let begins = process.scope.nodes.get(at).is_some_and(|node| matches!(node.kind, NodeKind::Start(_)));
        if !begins {
            return Err(Refused::NotAStart);
        }
        let scope = self.number();
        self.state.scopes.insert(scope, Running { of: None, parent: Parent::Nothing, armed: BTreeSet::new() });
        self.arm_scope(scope);
        self.enter(scope, &[], None, at, None);
        Ok(())
    }

    fn end(&mut self, how: Ended) {
        self.state.ended = Some(how);
        self.commands.push(Command::End(how));
    }

    // Scopes.

    /// Event subprocesses begin to wait.
    pub fn arm_scope(&mut self, scope: ScopeId) {
        let Some(plan) = self.plan(scope) else { return };
        let waits = plan.scope.nodes.values().filter(|node| match &node.kind {
            NodeKind::EventSubProcess { .. } => !matches!(started_by(node), Some(Trigger::Error { .. })),
            _ => false,
        });
        let events: BTreeSet<String> = waits.map(|node| node.id.clone()).collect();
        for event in &events {
            self.commands.push(Command::Arm { owner: Owner::Scope(scope), event: event.clone() });
        }
        if let Some(running) = self.state.scopes.get_mut(&scope) {
            running.armed = events;
        }
    }

    /// Whether anything in a scope is under way.
    pub fn is_alive(&self, scope: ScopeId) -> bool {
        self.state.tokens.values().any(|token| token.scope == scope)
            || self.state.scopes.values().any(|running| running.parent == Parent::Scope(scope))
    }

    /// Everything in a scope goes; the scope stays.
    pub fn clear(&mut self, scope: ScopeId) {
        self.arrivals.retain(|arrival| arrival.scope != scope);
        let tokens: Vec<TokenId> = self.state.tokens.iter().filter(|(_, token)| token.scope == scope).map(|(id, _)| *id).collect();
        tokens.into_iter().for_each(|token| self.kill(token));
        let inner: Vec<ScopeId> =
            self.state.scopes.iter().filter(|(_, running)| running.parent == Parent::Scope(scope)).map(|(id, _)| *id).collect();
        inner.into_iter().for_each(|inner| self.close_scope(inner));
        self.state.visits.retain(|visit| visit.scope != scope);
    }

    /// A scope goes with everything in it.
    pub fn close_scope(&mut self, scope: ScopeId) {
        self.clear(scope);
        if let Some(running) = self.state.scopes.remove(&scope) {
            for event in running.armed {
                self.commands.push(Command::Disarm { owner: Owner::Scope(scope), event });
            }
        }
    }

    /// Nothing is under way in a scope any more.
    pub fn scope_done(&mut self, scope: ScopeId) {
        let parent = self.state.scopes.get(&scope).map(|running| running.parent);
        self.close_scope(scope);
        match parent {
            Some(Parent::Nothing) => self.end(Ended::Completed),
            Some(Parent::Token(token, item)) => self.item_done(token, item),
            Some(Parent::Scope(_)) | None => {}
        }
    }

    // Tokens.

    /// Takes a token out; what it waited for is no longer waited for. Its work is not touched.
    pub fn remove(&mut self, id: TokenId) -> Option<Token> {
        let token = self.state.tokens.remove(&id)?;
        for event in &token.armed {
            self.commands.push(Command::Disarm { owner: Owner::Token(id), event: event.clone() });
        }
        Some(token)
    }

    /// A token goes, with all that hangs on it: open work, scopes inside, branches beside.
    pub fn kill(&mut self, id: TokenId) {
        let Some(token) = self.remove(id) else { return };
        let inner: Vec<ScopeId> = self
            .state
            .scopes
            .iter()
            .filter(|(_, running)| matches!(running.parent, Parent::Token(host, _) if host == id))
            .map(|(scope, _)| *scope)
            .collect();
        if let Stay::Work { open, .. } = &token.stay
            && !self.node(token.scope, &token.at).is_some_and(|node| matches!(node.kind, NodeKind::SubProcess(_)))
        {
            for item in open {
                self.commands.push(Command::Close { token: id, element: token.at.clone(), item: *item });
            }
        }
        inner.into_iter().for_each(|scope| self.close_scope(scope));
        let beside: Vec<TokenId> = self.state.tokens.iter().filter(|(_, other)| other.beside == Some(id)).map(|(id, _)| *id).collect();
        beside.into_iter().for_each(|other| self.kill(other));
    }

    // Events.

    fn fired(&mut self, owner: Owner, event: &str) -> Result<(), Refused> {
        match owner {
            Owner::Token(id) => {
                let token = self.state.tokens.get(&id).filter(|token| token.armed.contains(event)).cloned().ok_or(Refused::NotOpen)?;
                match self.node(token.scope, event).map(|node| &node.kind) {
                    Some(NodeKind::Boundary { interrupting: false, trigger, .. }) => {
                        if fires_once(trigger)
                            && let Some(token) = self.state.tokens.get_mut(&id)
                        {
                            token.armed.remove(event);
                        }
                        self.enter(token.scope, &token.boxes, Some(id), event, None);
                    }
                    Some(NodeKind::Boundary { .. }) => {
                        self.fire(id, event);
                        self.kill(id);
                        self.enter(token.scope, &token.boxes, token.beside, event, None);
                    }
                    _ => {
                        self.fire(id, event);
                        self.remove(id);
                        self.leave_by(&token, event);
                    }
                }
            }
            Owner::Scope(scope) => {
                let armed = |running: &&Running| running.armed.contains(event);
                self.state.scopes.get(&scope).filter(armed).ok_or(Refused::NotOpen)?;
                let node = self.node(scope, event).ok_or(Refused::NotOpen)?;
                let once = started_by(node).is_some_and(|trigger| fires_once(&trigger));
                let interrupting = matches!(node.kind, NodeKind::EventSubProcess { interrupting: true, .. });
                if let Some(running) = self.state.scopes.get_mut(&scope)
                    && (once || interrupting)
                {
                    running.armed.remove(event);
                }
                self.begin_beside(scope, event, interrupting);
            }
        }
        Ok(())
    }

    /// An event that came is armed no longer.
    fn fire(&mut self, id: TokenId, event: &str) {
        if let Some(token) = self.state.tokens.get_mut(&id) {
            token.armed.remove(event);
        }
    }

    /// Starts an event subprocess.
    pub fn begin_beside(&mut self, scope: ScopeId, event: &str, interrupting: bool) {
        if interrupting {
            self.clear(scope);
            let others = self.state.scopes.get_mut(&scope).map(|running| std::mem::take(&mut running.armed)).unwrap_or_default();
            for event in others {
                self.commands.push(Command::Disarm { owner: Owner::Scope(scope), event });
            }
        }
        self.open_scope(event, Parent::Scope(scope));
    }
}

/// What starts an event subprocess.
pub fn started_by(node: &Node) -> Option<Trigger> {
    let NodeKind::EventSubProcess { scope, .. } = &node.kind else { return None };
    scope.nodes.values().find_map(|node| match &node.kind {
        NodeKind::Start(trigger) => trigger.clone(),
        _ => None,
    })
}

/// Timers with one time; cycles and messages come again.
const fn fires_once(trigger: &Trigger) -> bool {
    matches!(trigger, Trigger::Timer(Timer::Duration(_) | Timer::Date(_)))
}

//! How a token passes each kind of element.

use std::collections::{BTreeSet, VecDeque};

use super::{
    engine::{Arrival, Engine},
    message::{Command, Owner},
    state::{Box, Parent, Reason, Running, ScopeId, Stay, Token, TokenId, Visit},
};
use crate::{
    levels::Part,
    model::{End, Flow, Node, NodeKind, Trigger},
};

/// How many elements one delivery may pass.
const FUEL: usize = 1_000;

impl<'a> Engine<'a> {
    /// A token comes to an element: the boxes that it leaves are closed, those that it enters are opened.
    pub(super) fn enter(&mut self, scope: ScopeId, before: &[Box], beside: Option<TokenId>, to: &str, came_by: Option<&str>) {
        let levels = self.plan(scope).map(|plan| plan.levels.around(to).to_vec()).unwrap_or_default();
        let mut boxes: Vec<Box> = Vec::with_capacity(levels.len());
        let mut same = true;
        for level in levels {
            let known = before.get(boxes.len()).filter(|old| same && old.level.entered_at == level.entered_at);
            let id = if let Some(old) = known {
                old.id
            } else {
                same = false;
                if level.part != Part::Beside {
                    self.visited(Visit { scope, element: level.entered_at.clone(), boxes: boxes.clone() });
                }
                self.number()
            };
            boxes.push(Box { id, level });
        }
        // A box that is left is over, and with it what was done in it.
        for left in before.iter().filter(|left| boxes.iter().all(|kept| kept.id != left.id)) {
            self.state.visits.retain(|visit| visit.boxes.iter().all(|around| around.id != left.id));
        }
        self.arrivals.push_back(Arrival { scope, boxes, beside, at: to.to_owned(), came_by: came_by.map(str::to_owned) });
    }

    fn reached(&mut self, end: &str) {
        self.commands.push(Command::Reached { element: end.to_owned() });
    }

    /// Something was done. Only the last time counts.
    fn visited(&mut self, visit: Visit) {
        self.state.visits.retain(|other| *other != visit);
        self.state.visits.push(visit);
    }

    /// Takes the flows out of an element.
    fn leave(&mut self, from: &Arrival) {
        let Some(plan) = self.plan(from.scope) else { return };
        plan.scope.outgoing(&from.at).for_each(|flow| self.take(from, flow));
    }

    fn take(&mut self, from: &Arrival, flow: &Flow) {
        self.enter(from.scope, &from.boxes, from.beside, &flow.target, Some(&flow.id));
    }

    /// Moves until everybody waits.
    pub(super) fn run(&mut self) {
        loop {
            while let Some(arrival) = self.arrivals.pop_front() {
                self.passed += 1;
                if self.passed > FUEL {
                    self.stop(&arrival, Reason::Fuel);
                } else {
                    self.pass(&arrival);
                }
            }
            // A scope in which nothing is under way is done; that may move what is around it.
            let done = self.state.scopes.keys().copied().filter(|id| !self.is_alive(*id)).max();
            match done {
                Some(scope) if self.state.ended.is_none() => self.scope_done(scope),
                _ => break,
            }
        }
    }

    fn pass(&mut self, here: &Arrival) {
        let Some(node) = self.node(here.scope, &here.at) else { return };
        match &node.kind {
            NodeKind::Start(_) | NodeKind::Boundary { .. } => self.leave(here),
            NodeKind::End(End::None) => self.reached(&here.at),
            NodeKind::End(End::Terminate) => {
                self.reached(&here.at);
                self.clear(here.scope);
            }
            NodeKind::End(End::Error { code }) => {
                if !self.throw(here.scope, code.as_deref()) {
                    self.stop(here, Reason::Error(code.clone()));
                }
            }
            NodeKind::Exclusive => self.choose(here),
            NodeKind::Inclusive if self.joins(here) => self.join(here, false),
            NodeKind::Inclusive => self.choose_some(here),
            NodeKind::Parallel if self.joins(here) => self.join(here, true),
            NodeKind::Parallel => self.leave(here),
            NodeKind::EventGateway => {
                let plan = self.plan(here.scope);
                let events: BTreeSet<String> =
                    plan.map(|plan| plan.scope.outgoing(&here.at).map(|flow| flow.target.clone()).collect()).unwrap_or_default();
                self.wait(here, Stay::Event, events);
            }
            NodeKind::Catch(_) => drop(self.wait(here, Stay::Event, BTreeSet::from([here.at.clone()]))),
            NodeKind::EventSubProcess { .. } => {}
            NodeKind::UserTask
            | NodeKind::ServiceTask
            | NodeKind::BusinessRuleTask
            | NodeKind::CallActivity { .. }
            | NodeKind::SubProcess(_) => {
                self.begin(here, node);
            }
        }
    }

    /// Makes a token that waits.
    fn wait(&mut self, here: &Arrival, stay: Stay, events: BTreeSet<String>) -> TokenId {
        let id = self.number();
        for event in &events {
            self.commands.push(Command::Arm { owner: Owner::Token(id), event: event.clone() });
        }
        let token = Token { scope: here.scope, at: here.at.clone(), boxes: here.boxes.clone(), beside: here.beside, stay, armed: events };
        self.state.tokens.insert(id, token);
        id
    }

    /// Something is wrong: the token stays where it is, for everybody to see.
    fn stop(&mut self, here: &Arrival, reason: Reason) {
        let token = self.wait(here, Stay::Incident { reason: reason.clone() }, BTreeSet::new());
        self.commands.push(Command::Incident { token, element: here.at.clone(), reason });
    }

    fn begin(&mut self, here: &Arrival, node: &Node) {
        let borders: BTreeSet<String> = self
            .plan(here.scope)
            .map(|plan| {
                plan.scope.boundary(&node.id).filter(|event| comes_from_outside(&event.kind)).map(|event| event.id.clone()).collect()
            })
            .unwrap_or_default();
        if node.repeated.is_some() {
            let token = self.wait(here, Stay::Count, borders);
            self.commands.push(Command::Count { token, element: node.id.clone() });
        } else {
            let token = self.wait(here, Stay::Work { open: BTreeSet::from([None]), waiting: Vec::new(), next: 0 }, borders);
            self.open(token, None);
        }
    }

    /// Starts a scope at its one start event.
    pub(super) fn open_scope(&mut self, of: &str, parent: Parent) {
        let id = self.number();
        let Some(plan) = self.program.scopes.get(&Some(of.to_owned())) else { return };
        let start = plan.scope.nodes.values().find(|node| matches!(node.kind, NodeKind::Start(_))).map(|node| node.id.clone());
        self.state.scopes.insert(id, Running { of: Some(of.to_owned()), parent, armed: BTreeSet::new() });
        self.arm_scope(id);
        if let Some(start) = start {
            self.enter(id, &[], None, &start, None);
        }
    }

    /// An activity is done: its token goes on.
    pub(super) fn work_done(&mut self, id: TokenId) {
        let Some(token) = self.remove(id) else { return };
        self.visited(Visit { scope: token.scope, element: token.at.clone(), boxes: token.boxes.clone() });
        self.leave(&Arrival::of(&token));
    }

    /// A token leaves by another element than its own: an event at its border, or one behind its gateway.
    pub(super) fn leave_by(&mut self, token: &Token, event: &str) {
        let at = Arrival { at: event.to_owned(), ..Arrival::of(token) };
        self.leave(&at);
    }

    fn joins(&self, here: &Arrival) -> bool {
        self.plan(here.scope).is_some_and(|plan| plan.scope.incoming(&here.at).count() > 1)
    }

    /// Waits for the others of the same activation: one by each flow, or as many as were sent.
    fn join(&mut self, here: &Arrival, all: bool) {
        let flows: Vec<String> =
            self.plan(here.scope).map(|plan| plan.scope.incoming(&here.at).map(|flow| flow.id.clone()).collect()).unwrap_or_default();
        self.wait(here, Stay::AtJoin { came_by: here.came_by.clone().unwrap_or_default() }, BTreeSet::new());
        let there: VecDeque<(TokenId, &String)> = self
            .state
            .tokens
            .iter()
            .filter(|(_, token)| token.scope == here.scope && token.at == here.at && token.boxes == here.boxes)
            .filter_map(|(id, token)| match &token.stay {
                Stay::AtJoin { came_by } => Some((*id, came_by)),
                _ => None,
            })
            .collect();
        let activation = here.boxes.last().map(|last| last.id);
        let taken: Vec<TokenId> = if all {
            flows.iter().filter_map(|flow| there.iter().find(|(_, came_by)| *came_by == flow).map(|(id, _)| *id)).collect()
        } else {
            there.iter().map(|(id, _)| *id).collect()
        };
        let wanted = if all { flows.len() } else { activation.and_then(|id| self.state.sent.get(&id)).copied().unwrap_or(flows.len()) };
        if taken.len() >= wanted {
            taken.iter().for_each(|id| drop(self.state.tokens.remove(id)));
            activation.map(|id| self.state.sent.remove(&id));
            self.leave(here);
        }
    }

    fn choose(&mut self, here: &Arrival) {
        match self.hold(here) {
            Err(said) => self.stop(here, Reason::Condition(said)),
            Ok(flows) => flows.first().into_iter().for_each(|flow| self.take(here, flow)),
        }
    }

    fn choose_some(&mut self, here: &Arrival) {
        match self.hold(here) {
            Err(said) => self.stop(here, Reason::Condition(said)),
            Ok(flows) => {
                if let Some(activation) = here.boxes.last() {
                    self.state.sent.insert(activation.id, flows.len());
                }
                flows.iter().for_each(|flow| self.take(here, flow));
            }
        }
    }

    /// The flows whose conditions hold, or the default.
    fn hold(&self, here: &Arrival) -> Result<Vec<&'a Flow>, String> {
        let flows: Vec<&'a Flow> = self.plan(here.scope).map(|plan| plan.scope.outgoing(&here.at).collect()).unwrap_or_default();
        if flows.len() == 1 {
            return Ok(flows);
        }
        let mut found = Vec::new();
        for flow in flows.iter().filter(|flow| !flow.default) {
            if self.judge.holds(flow)? {
                found.push(*flow);
            }
        }
        if found.is_empty() {
            found.extend(flows.into_iter().filter(|flow| flow.default));
        }
        if found.is_empty() { Err("no condition holds, and there is no default".to_owned()) } else { Ok(found) }
    }
}

/// Whether an event is waited for outside: all but errors, which come from inside.
fn comes_from_outside(kind: &NodeKind) -> bool {
    !matches!(kind, NodeKind::Boundary { trigger: Trigger::Error { .. }, .. })
}

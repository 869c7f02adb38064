//! Running a process: a state, an event, and what follows from it (`step`). Pure: no I/O, no clock, no randomness; the same input gives
//! the same bytes. A refused event changes nothing.

mod engine;
mod errors;
mod items;
mod message;
mod moves;
mod returns;
mod state;

use std::collections::{BTreeMap, BTreeSet};

pub use engine::started_by;
pub use message::{Command, Conditions, Event, Judge, Owner, Refused};
pub use returns::undone;
pub use state::{Box, Ended, Parent, Reason, Running, ScopeId, State, Stay, Token, TokenId, Visit};

use self::{engine::Engine, state::SEMANTICS};
use crate::{
    levels::Levels,
    model::{Definition, ElementId, NodeKind, Scope},
};

/// A definition that has been checked, ready to run: each scope with its boxes.
#[derive(Clone, Debug)]
pub struct Program {
    scopes: BTreeMap<Option<ElementId>, Plan>,
}

/// One scope.
#[derive(Clone, Debug)]
struct Plan {
    scope: Scope,
    levels: Levels,
}

impl Program {
    /// Of a definition without errors; what a wrong one does is not defined, but it ends.
    #[must_use]
    pub fn new(definition: &Definition) -> Self {
        let mut program = Self { scopes: BTreeMap::new() };
        program.add(None, &definition.scope);
        program
    }

    fn add(&mut self, id: Option<ElementId>, scope: &Scope) {
        for node in scope.nodes.values() {
            if let NodeKind::SubProcess(inner) | NodeKind::EventSubProcess { scope: inner, .. } = &node.kind {
                self.add(Some(node.id.clone()), inner);
            }
        }
        self.scopes.insert(id, Plan { scope: scope.clone(), levels: Levels::of(scope) });
    }
}

impl State {
    /// A case before it begins.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            semantics_version: SEMANTICS,
            next: 1,
            scopes: BTreeMap::new(),
            tokens: BTreeMap::new(),
            sent: BTreeMap::new(),
            visits: Vec::new(),
            ended: None,
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

/// What follows from an event: the new state, and what the case asks for, in order.
pub fn step(program: &Program, state: &State, event: &Event, judge: &dyn Judge) -> Result<(State, Vec<Command>), Refused> {
    let mut engine = Engine::new(program, state.clone(), judge);
    engine.deliver(event)?;
    Ok(engine.finish())
}

/// Where a token may be sent back to, the last first.
#[must_use]
pub fn targets(state: &State, token: TokenId) -> Vec<ElementId> {
    let found: Vec<&ElementId> = returns::targets(state, token).map(|visit| &visit.element).collect();
    let mut seen = BTreeSet::new();
    found.into_iter().rev().filter(|id| seen.insert(*id)).cloned().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests;

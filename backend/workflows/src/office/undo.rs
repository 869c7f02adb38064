//! What going back undoes. An action that cannot be repeated is a wall; what can be undone is undone, latest first, in the same
//! transaction.

use std::collections::{BTreeMap, BTreeSet};

use bpmn::{
    levels::Levels,
    model::{NodeKind, Scope},
    run::{Event, State, TokenId, Visit},
};
use kernel::Error;

use super::{Case, Outside, Reversible};
use crate::{blueprint::StepResult, model::StoryEvent};

impl Case<'_> {
    /// Whether sending a token back there would go back across something that cannot be repeated.
    pub(super) fn walled(&self, token: TokenId, to: &str) -> bool {
        let event = Event::Returned { token, to: to.to_owned() };
        let judge = bpmn::run::Conditions(feel::Context::default());
        let Ok((after, _)) = bpmn::step(&self.blueprint.program, &self.control.state, &event, &judge) else { return true };
        self.control.once.iter().any(|done| self.gone(&event, &self.control.state, &after, done))
    }

    /// The results of what stands between a step and where a token is now.
    pub(super) fn since(&self, token: TokenId, to: &str) -> BTreeMap<String, StepResult> {
        let state = &self.control.state;
        let Some((target, undone)) = bpmn::run::undone(state, token, to) else { return BTreeMap::new() };
        // What is done anew as a whole is not between.
        let between = |element: &str| self.shown(state, element).is_some_and(|shown| shown != target && undone.contains(&shown));
        self.control
            .results
            .iter()
            .filter(|(element, _)| between(element))
            .map(|(element, result)| (element.clone(), result.clone()))
            .collect()
    }

    /// Whether an action has run since a step, as far as a return to it would show.
    pub(super) fn acted_since(&self, step: &str) -> bool {
        let visits = &self.control.state.visits;
        let place = visits.iter().rposition(|visit| visit.element == step);
        self.control.outputs.keys().any(|done| {
            let shown = self.shown(&self.control.state, done).and_then(|shown| visits.iter().rposition(|visit| visit == shown));
            shown > place
        })
    }

    /// Undoes what was done and has now not been done. What cannot be undone keeps the case from going back.
    pub(super) fn undo_since(&mut self, event: &Event, before: &State, out: &mut dyn Outside) -> Result<(), Error> {
        let all = std::mem::take(&mut self.control.reversible);
        let (undone, kept): (Vec<Reversible>, Vec<Reversible>) =
            all.into_iter().partition(|done| self.gone(event, before, &self.control.state, &done.element));
        self.control.reversible = kept;
        for done in undone.into_iter().rev() {
            let name = self.blueprint.settings.actions.get(&done.element).map(|call| call.name.clone()).unwrap_or_default();
            out.undo(&done.element, &name, &done.given, self)?;
            self.control.outputs.remove(&done.element);
            self.tell(StoryEvent::Undone, Some(&done.element), None, None, Some(name), None);
        }
        Ok(())
    }

    /// Whether what was done at an element counts as not done after going back.
    fn gone(&self, event: &Event, before: &State, after: &State, element: &str) -> bool {
        let Event::Returned { token, to } = event else { return true };
        let Some(shown) = self.shown(before, element) else { return false };
        let undone = bpmn::run::undone(before, *token, to).map(|(_, undone)| undone).unwrap_or_default();
        undone.contains(&shown) || !(shown.scope == 0 || after.scopes.contains_key(&shown.scope))
    }

    /// The visit by which the state still shows that an element was done: its own, or that of the block or subprocess around it.
    fn shown<'s>(&self, state: &'s State, element: &str) -> Option<&'s Visit> {
        let around = around(&self.blueprint.definition.scope, element);
        around.iter().find_map(|id| state.visits.iter().rfind(|visit| visit.element == *id))
    }
}

/// An element and what is around it, from the inside out.
fn around(scope: &Scope, element: &str) -> Vec<String> {
    let mut chain = Vec::new();
    let mut known = BTreeSet::new();
    let mut wanted = Some(element.to_owned());
    while let Some(id) = wanted.take() {
        scope.each(&mut |inner| {
            if inner.nodes.contains_key(&id) {
                let boxes = Levels::of(inner).around(&id).iter().rev().map(|level| level.entered_at.clone()).collect::<Vec<_>>();
                chain.extend(std::iter::once(id.clone()).chain(boxes).filter(|id| known.insert(id.clone())));
            }
            let owns = |node: &&bpmn::model::Node| match &node.kind {
                NodeKind::SubProcess(scope) | NodeKind::EventSubProcess { scope, .. } => scope.nodes.contains_key(&id),
                _ => false,
            };
            if let Some(owner) = inner.nodes.values().find(owns) {
                wanted = Some(owner.id.clone());
            }
        });
    }
    chain
}

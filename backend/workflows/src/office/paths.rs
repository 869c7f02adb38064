//! Which flows of the diagram were taken, as far as one can tell from where tokens came to.

use std::collections::BTreeSet;

use bpmn::model::{NodeKind, Scope};

use super::Case;

/// Flows between what was walked: conditional ones whose condition held, and those that lead from one walked element to another, by
/// way of gateways and events that leave no other trace.
#[must_use]
pub fn taken(case: &Case<'_>) -> BTreeSet<String> {
    let mut flows = BTreeSet::new();
    case.blueprint.definition.scope.each(&mut |scope| in_scope(case, scope, &mut flows));
    flows
}

fn in_scope(case: &Case<'_>, scope: &Scope, flows: &mut BTreeSet<String>) {
    let leaves_trace =
        |id: &str| scope.nodes.get(id).is_some_and(|node| node.is_activity() || matches!(node.kind, NodeKind::Catch(_) | NodeKind::End(_)));
    let done = |id: &str| case.control.walked.contains_key(id) || case.waits.iter().any(|wait| wait.element == id);
    // Backwards: a flow was taken if what it leads to was reached.
    let mut reached: BTreeSet<&str> = scope.nodes.keys().map(String::as_str).filter(|id| leaves_trace(id) && done(id)).collect();
    let mut waiting: Vec<&str> = reached.iter().copied().collect();
    while let Some(id) = waiting.pop() {
        for flow in scope.incoming(id) {
            let from = flow.source.as_str();
            let chosen = flow.condition.is_none() || case.control.flows.contains(&flow.id);
            let default_beside_chosen =
                flow.default && scope.outgoing(from).any(|other| other.condition.is_some() && case.control.flows.contains(&other.id));
            let possible = !leaves_trace(from) || done(from);
            if chosen && !default_beside_chosen && possible && flows.insert(flow.id.clone()) && !leaves_trace(from) && reached.insert(from)
            {
                waiting.push(from);
            }
        }
    }
}

//! How a scope behaves: its fragments, one by one.

use std::collections::BTreeSet;

use super::{explore, structure};
use crate::{
    finding::{Finding, Rule},
    fragments::{self, Fragment, Shape},
    graph::{Graph, Kind, SINK, Vertex},
    model::Scope,
};

/// Checks what runs from the start, and each branch beside it.
pub fn check(scope: &Scope, findings: &mut Vec<Finding>) {
    part(scope, &structure::starts(scope), findings);
    for side in structure::sides(scope) {
        part(scope, &[&side.id], findings);
    }
}

fn part(scope: &Scope, starts: &[&str], findings: &mut Vec<Finding>) {
    let graph = Graph::of(scope, starts, false);
    endless(&graph, findings);
    let boxes = fragments::of(&graph);
    if !boxes.iter().any(|fragment| leaves_sideways(&graph, fragment)) {
        return each(scope, &graph, &boxes, findings);
    }
    // An end that ends everything may stand in a branch: seen from the others it is no way out, but the end of all of them.
    let whole = Graph::of(scope, starts, true);
    let alive = whole.alive();
    if alive.len() == 1 {
        return each(scope, &graph, &boxes, findings);
    }
    // Only a choice may lead there. A branch that always ends all the others would decide by chance how far they come.
    for vertex in 0..whole.places.len() {
        let concurrent = matches!(whole.kind(vertex), Kind::AndSplit | Kind::AndJoin | Kind::OrSplit | Kind::OrJoin);
        let dead = |edge: usize| whole.edges.get(edge).is_some_and(|edge| !alive.contains(&edge.to));
        if concurrent && (!alive.contains(&vertex) || whole.outgoing(vertex).any(dead)) {
            findings.extend(whole.element(vertex).map(|id| Finding::at(Rule::EndsBesideJoin, id)));
        }
    }
    let graph = whole.living();
    let boxes = fragments::of(&graph);
    each(scope, &graph, &boxes, findings);
}

/// Whether branches that run at the same time partly join and partly go to their ends.
fn leaves_sideways(graph: &Graph, fragment: &Fragment) -> bool {
    fragment.shape == Shape::Rigid && fragment.own.contains(&SINK) && has(graph, fragment, Kind::AndJoin).is_some()
}

fn has(graph: &Graph, fragment: &Fragment, kind: Kind) -> Option<Vertex> {
    fragment.own.iter().copied().find(|vertex| graph.kind(*vertex) == kind)
}

fn each(scope: &Scope, graph: &Graph, boxes: &[Fragment], findings: &mut Vec<Finding>) {
    for fragment in boxes.iter().filter(|fragment| fragment.shape == Shape::Rigid) {
        let inclusive: BTreeSet<&str> = fragment
            .own
            .iter()
            .filter(|vertex| matches!(graph.kind(**vertex), Kind::OrSplit | Kind::OrJoin))
            .filter_map(|vertex| graph.element(*vertex))
            .collect();
        if !inclusive.is_empty() {
            findings.extend(inclusive.into_iter().map(|id| Finding::at(Rule::InclusivePair, id)));
        } else if leaves_sideways(graph, fragment) && has(graph, fragment, Kind::AndSplit).is_some() {
            let split = has(graph, fragment, Kind::AndSplit).and_then(|vertex| graph.element(vertex));
            findings.extend(split.map(|id| Finding::at(Rule::EndsBesideJoin, id)));
        } else {
            findings.extend(explore::explore(scope, graph, boxes, fragment));
        }
    }
}

/// Loops in which no token ever waits.
fn endless(graph: &Graph, findings: &mut Vec<Finding>) {
    // What is left when all that is on no such loop has been taken away.
    let waits = |vertex: Vertex| graph.places.get(vertex).is_none_or(|place| place.waits);
    let mut left: BTreeSet<Vertex> = (0..graph.places.len()).filter(|vertex| !waits(*vertex)).collect();
    loop {
        let on = |vertex: &Vertex| {
            let stays = |end: Vertex| left.contains(&end);
            graph.edges.iter().any(|edge| edge.from == *vertex && stays(edge.to))
                && graph.edges.iter().any(|edge| edge.to == *vertex && stays(edge.from))
        };
        let next: BTreeSet<Vertex> = left.iter().copied().filter(on).collect();
        if next.len() == left.len() {
            break;
        }
        left = next;
    }
    let elements: BTreeSet<&str> = left.iter().filter_map(|vertex| graph.element(*vertex)).collect();
    if let Some(first) = elements.first() {
        findings.push(Finding::at(Rule::EndlessLoop, first).shown_by(elements.iter().map(|id| (*id).to_owned()).collect()));
    }
}

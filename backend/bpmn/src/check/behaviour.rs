//! How a scope behaves: its fragments, one by one.

use std::collections::BTreeSet;

use super::{explore, structure};
use crate::{
    finding::{Finding, Rule},
    fragments::{Fragment, Shape, View, leaves_sideways},
    graph::{Graph, Kind, Vertex},
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
    endless(&Graph::of(scope, starts, false), findings);
    let View { graph, fragments, whole } = View::of(scope, starts);
    if let Some(whole) = whole {
        ends_of_everything(&whole, findings);
    }
    each(scope, &graph, &fragments, findings);
}

/// Only a choice may lead to an end of everything in a branch. A branch that always ends all the others would decide by chance how far
/// they come.
fn ends_of_everything(whole: &Graph, findings: &mut Vec<Finding>) {
    let alive = whole.alive();
    for vertex in 0..whole.places.len() {
        let concurrent = matches!(whole.kind(vertex), Kind::AndSplit | Kind::AndJoin | Kind::OrSplit | Kind::OrJoin);
        let dead = |edge: usize| whole.edges.get(edge).is_some_and(|edge| !alive.contains(&edge.to));
        if concurrent && (!alive.contains(&vertex) || whole.outgoing(vertex).any(dead)) {
            findings.extend(whole.element(vertex).map(|id| Finding::at(Rule::EndsBesideJoin, id)));
        }
    }
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

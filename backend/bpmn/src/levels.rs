//! Where elements stand, seen from what runs at the same time: the boxes around each, from the outside in.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    fragments::{Fragment, Shape, View},
    graph::{Graph, Kind, Vertex},
    model::{ElementId, NodeKind, Scope},
};

/// One box around an element: a fragment in which several tokens walk, and where in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Level {
    /// The element through which the fragment is entered: a split, or the event of a branch beside.
    pub entered_at: ElementId,
    /// Where in it.
    pub part: Part,
}

/// A part of a fragment in which several tokens walk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Its split or its join.
    Gateway,
    /// A branch, by its first flow.
    Branch(ElementId),
    /// A rigid fragment, whose tokens are all in one.
    Rigid,
    /// A branch beside an activity.
    Beside,
}

/// The boxes around the elements of a scope.
#[derive(Clone, Debug, Default)]
pub struct Levels(BTreeMap<ElementId, Vec<Level>>);

impl Levels {
    /// Of a scope that has been checked.
    #[must_use]
    pub fn of(scope: &Scope) -> Self {
        let mut levels = Self::default();
        let starts: Vec<&str> =
            scope.nodes.values().filter(|node| matches!(node.kind, NodeKind::Start(_))).map(|node| node.id.as_str()).collect();
        levels.part(scope, &starts, &[]);
        // What an event starts beside an activity runs at the same time as whatever comes after it.
        let mut beside: Vec<(&str, &str)> = scope
            .nodes
            .values()
            .filter_map(|node| match &node.kind {
                NodeKind::Boundary { host, interrupting: false, .. } => Some((node.id.as_str(), host.as_str())),
                _ => None,
            })
            .collect();
        // An event may stand on an activity of another such branch: hosts first.
        while let Some(place) = beside.iter().position(|(_, host)| levels.0.contains_key(*host)) {
            let (event, host) = beside.swap_remove(place);
            let mut around = levels.around(host).to_vec();
            around.push(Level { entered_at: event.to_owned(), part: Part::Beside });
            levels.part(scope, &[event], &around);
        }
        levels
    }

    /// The boxes around an element.
    #[must_use]
    pub fn around(&self, element: &str) -> &[Level] {
        self.0.get(element).map_or(&[], Vec::as_slice)
    }

    fn part(&mut self, scope: &Scope, starts: &[&str], around: &[Level]) {
        let View { graph, fragments: boxes, .. } = View::of(scope, starts);
        if let Some(last) = boxes.len().checked_sub(1) {
            self.fragment(&graph, &boxes, last, around);
        }
        // What leads only to ends of everything, where that is not in the graph, stands where it is left from.
        let mut waiting: Vec<&str> = self.0.keys().filter_map(|id| scope.nodes.get(id)).map(|node| node.id.as_str()).collect();
        while let Some(id) = waiting.pop() {
            let here = self.around(id).to_vec();
            let on = scope.outgoing(id).map(|flow| flow.target.as_str());
            let events = scope.boundary(id).filter(|event| matches!(event.kind, NodeKind::Boundary { interrupting: true, .. }));
            for next in on.chain(events.map(|event| event.id.as_str())).collect::<Vec<_>>() {
                if !self.0.contains_key(next) {
                    self.0.insert(next.to_owned(), here.clone());
                    waiting.push(next);
                }
            }
        }
    }

    fn fragment(&mut self, graph: &Graph, boxes: &[Fragment], index: usize, around: &[Level]) {
        let Some(fragment) = boxes.get(index) else { return };
        let entered_at = fragment.entry.and_then(|entry| graph.edges.get(entry)).and_then(|edge| graph.element(edge.to));
        let own = |part: Part| {
            let mut inside = around.to_vec();
            inside.extend(entered_at.map(|id| Level { entered_at: id.to_owned(), part }));
            inside
        };
        let split = fragment.own.iter().copied().find(|vertex| matches!(graph.kind(*vertex), Kind::AndSplit | Kind::OrSplit));
        let branches: Vec<(Option<ElementId>, BTreeSet<Vertex>)> = match (fragment.shape, split) {
            (Shape::Exclusive, _) => Vec::new(),
            (Shape::Parallel | Shape::ParallelToEnds | Shape::Inclusive, Some(split)) => graph
                .outgoing(split)
                .map(|edge| (graph.edges.get(edge).and_then(|edge| edge.flow.clone()), branch(graph, fragment, edge)))
                .collect(),
            _ => Vec::new(),
        };
        let of = |vertex: Vertex| match fragment.shape {
            Shape::Exclusive => around.to_vec(),
            Shape::Rigid => own(Part::Rigid),
            _ => {
                let flow = branches.iter().find(|(_, inside)| inside.contains(&vertex)).and_then(|(flow, _)| flow.clone());
                own(flow.map_or(Part::Gateway, Part::Branch))
            }
        };
        for vertex in &fragment.own {
            if let Some(element) = graph.element(*vertex)
                && (graph.main(element) == Some(*vertex))
            {
                self.0.insert(element.to_owned(), of(*vertex));
            }
        }
        for inner in &fragment.inner {
            let first = boxes.get(*inner).and_then(|inner| inner.entry).and_then(|entry| graph.edges.get(entry)).map(|edge| edge.to);
            self.fragment(graph, boxes, *inner, &first.map_or_else(|| around.to_vec(), of));
        }
    }
}

/// The vertices of one branch: what is reached from its first edge without the split's join.
fn branch(graph: &Graph, fragment: &Fragment, first: usize) -> BTreeSet<Vertex> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<Vertex> = graph.edges.get(first).map(|edge| edge.to).into_iter().collect();
    while let Some(vertex) = waiting.pop() {
        let joins = fragment.own.contains(&vertex) && matches!(graph.kind(vertex), Kind::AndJoin | Kind::OrJoin | Kind::Sink);
        if !joins && found.insert(vertex) {
            waiting.extend(graph.outgoing(vertex).filter_map(|edge| graph.edges.get(edge)).map(|edge| edge.to));
        }
    }
    found
}

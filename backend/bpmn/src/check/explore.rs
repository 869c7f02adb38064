//! All that can happen in one fragment, step by step: what simple shapes do not decide is decided so, within a limit.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    finding::{Finding, Rule},
    fragments::Fragment,
    graph::{EdgeIndex, Graph, Kind, SOURCE, Vertex},
    model::Scope,
};

/// States at most.
pub const LIMIT: usize = 100_000;

/// Where tokens are: at most one on each edge, or it is refused.
type Marking = BTreeSet<EdgeIndex>;

/// One step: what it takes, what it gives, and which elements and flows that are.
struct Move {
    takes: Vec<EdgeIndex>,
    gives: Vec<EdgeIndex>,
    ids: Vec<String>,
}

/// The first thing that goes wrong, with the shortest run to it; none if the fragment always ends properly.
pub fn explore(scope: &Scope, graph: &Graph, boxes: &[Fragment], fragment: &Fragment) -> Option<Finding> {
    let moves = moves(graph, boxes, fragment);
    let first: Marking = match fragment.entry {
        Some(entry) => Marking::from([entry]),
        None => graph.outgoing(SOURCE).collect(),
    };
    let mut states = vec![first.clone()];
    let mut number: HashMap<Marking, usize> = HashMap::from([(first, 0)]);
    let mut came: Vec<Option<(usize, usize)>> = vec![None];
    let mut leads: Vec<Vec<usize>> = vec![Vec::new()];
    let mut ends: Vec<usize> = Vec::new();
    let run = |came: &[Option<(usize, usize)>], state: usize, last: Option<usize>| {
        let mut steps: Vec<usize> = last.into_iter().collect();
        let mut at = state;
        while let Some(Some((from, by))) = came.get(at) {
            steps.push(*by);
            at = *from;
        }
        let mut run = fragment.entry.map(|entry| graph.way_to(entry)).unwrap_or_default();
        run.extend(steps.iter().rev().filter_map(|step| moves.get(*step)).flat_map(|step| step.ids.clone()));
        run.dedup();
        run
    };
    let mut at = 0;
    while let Some(marking) = states.get(at).cloned() {
        let done = match fragment.exit {
            Some(exit) => marking.contains(&exit),
            None => marking.is_empty(),
        };
        if done && (fragment.exit.is_none() || marking.len() == 1) {
            ends.push(at);
            at += 1;
            continue;
        }
        if done {
            // Another token is still under way, and will come out behind this one.
            return fragment.exit.map(|exit| walked_twice(graph, exit).shown_by(run(&came, at, None)));
        }
        let mut stuck = true;
        for (index, step) in moves.iter().enumerate() {
            if !step.takes.iter().all(|edge| marking.contains(edge)) {
                continue;
            }
            stuck = false;
            let mut next = marking.clone();
            for edge in &step.takes {
                next.remove(edge);
            }
            for edge in &step.gives {
                if !next.insert(*edge) {
                    return Some(walked_twice(graph, *edge).shown_by(run(&came, at, Some(index))));
                }
            }
            let found = *number.entry(next).or_insert_with_key(|next| {
                states.push(next.clone());
                came.push(Some((at, index)));
                leads.push(Vec::new());
                states.len() - 1
            });
            if let Some(leads) = leads.get_mut(at) {
                leads.push(found);
            }
        }
        if stuck {
            return Some(deadlock(scope, graph, fragment, &marking).shown_by(run(&came, at, None)));
        }
        if states.len() > LIMIT {
            let id = marking.iter().find_map(|edge| next_element(graph, *edge)).unwrap_or_default();
            return Some(Finding::at(Rule::NotDecided, id).with("limit", LIMIT));
        }
        at += 1;
    }
    never_ends(&leads, &ends).map(|state| {
        let id = states.get(state).and_then(|marking| marking.iter().find_map(|edge| next_element(graph, *edge))).unwrap_or_default();
        Finding::at(Rule::NoOptionToEnd, id).shown_by(run(&came, state, None))
    })
}

fn moves(graph: &Graph, boxes: &[Fragment], fragment: &Fragment) -> Vec<Move> {
    let mut moves = Vec::new();
    for vertex in fragment.own.iter().copied().filter(|vertex| *vertex != SOURCE) {
        let (takes, gives): (Vec<_>, Vec<_>) = (graph.incoming(vertex).collect(), graph.outgoing(vertex).collect());
        let mut step = |takes: Vec<EdgeIndex>, gives: Vec<EdgeIndex>| {
            let flows = gives.iter().filter(|_| gives.len() == 1).filter_map(|edge| graph.edges.get(*edge)?.flow.clone());
            let ids = graph.element(vertex).map(str::to_owned).into_iter().chain(flows).collect();
            moves.push(Move { takes, gives, ids });
        };
        match graph.kind(vertex) {
            Kind::XorSplit => gives.iter().for_each(|way| step(takes.clone(), vec![*way])),
            Kind::XorJoin | Kind::Sink => takes.iter().for_each(|way| step(vec![*way], gives.clone())),
            _ => step(takes, gives),
        }
    }
    for inner in fragment.inner.iter().filter_map(|index| boxes.get(*index)) {
        if let Some(entry) = inner.entry {
            moves.push(Move {
                takes: vec![entry],
                gives: inner.exit.into_iter().collect(),
                ids: next_element(graph, entry).map(str::to_owned).into_iter().collect(),
            });
        }
    }
    moves
}

/// The element that a token on an edge comes to.
fn next_element(graph: &Graph, edge: EdgeIndex) -> Option<&str> {
    graph.edges.get(edge).and_then(|edge| graph.element(edge.to).or_else(|| graph.element(edge.from)))
}

/// Two tokens come one after the other where one must.
fn walked_twice(graph: &Graph, edge: EdgeIndex) -> Finding {
    let from = graph.edges.get(edge).and_then(|edge| graph.element(edge.from));
    Finding::at(Rule::LackOfSynchronisation, from.or_else(|| next_element(graph, edge)).unwrap_or_default())
}

fn deadlock(scope: &Scope, graph: &Graph, fragment: &Fragment, marking: &Marking) -> Finding {
    let join = fragment
        .own
        .iter()
        .copied()
        .find(|vertex: &Vertex| graph.kind(*vertex) == Kind::AndJoin && graph.incoming(*vertex).any(|edge| marking.contains(&edge)));
    let at = join.and_then(|join| graph.element(join)).unwrap_or_default();
    let missing = join.into_iter().flat_map(|join| graph.incoming(join)).filter(|edge| !marking.contains(edge));
    let from: Vec<&str> =
        missing.filter_map(|edge| graph.edges.get(edge)).filter_map(|edge| graph.element(edge.from)).map(|id| scope.label(id)).collect();
    Finding::at(Rule::Deadlock, at).with("waits", from.join(", "))
}

/// A state from which no end is reached.
fn never_ends(leads: &[Vec<usize>], ends: &[usize]) -> Option<usize> {
    let mut back: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (from, to) in leads.iter().enumerate().flat_map(|(from, to)| to.iter().map(move |to| (from, *to))) {
        back.entry(to).or_default().push(from);
    }
    let mut good: BTreeSet<usize> = ends.iter().copied().collect();
    let mut waiting: Vec<usize> = ends.to_vec();
    while let Some(state) = waiting.pop() {
        for from in back.get(&state).into_iter().flatten() {
            if good.insert(*from) {
                waiting.push(*from);
            }
        }
    }
    (0..leads.len()).find(|state| !good.contains(state))
}

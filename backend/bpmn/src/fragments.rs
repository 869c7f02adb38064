//! Fragments: parts of a graph with one way in and one way out, inside each other like boxes (the refined process structure tree of
//! Vanhatalo, Völzer and Koehler; found by cycle equivalence, Johnson, Pearson and Pingali 1994).

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    graph::{EdgeIndex, Graph, Kind, SINK, SOURCE, Vertex},
    model::Scope,
};

/// What a fragment is, by the gateways that stand directly in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One token walks: choices and loops of any form.
    Exclusive,
    /// A parallel split and its join.
    Parallel,
    /// A parallel split whose branches end each by itself.
    ParallelToEnds,
    /// An inclusive split and its join.
    Inclusive,
    /// Parallel and other gateways in no simple order.
    Rigid,
}

/// A part with one way in and one way out.
#[derive(Clone, Debug)]
pub struct Fragment {
    /// Through which edge tokens come; none for the whole.
    pub entry: Option<EdgeIndex>,
    /// Through which edge they leave; none if they end inside.
    pub exit: Option<EdgeIndex>,
    /// The vertices in it that are in no smaller fragment.
    pub own: BTreeSet<Vertex>,
    /// The fragments directly inside.
    pub inner: Vec<usize>,
    /// What it is.
    pub shape: Shape,
}

/// A part of a scope as both the check and the engine look at it.
#[derive(Clone, Debug)]
pub struct View {
    /// The graph.
    pub graph: Graph,
    /// Its fragments.
    pub fragments: Vec<Fragment>,
    /// The graph with what leads only to ends of everything, if that has been taken out of the other one.
    pub whole: Option<Graph>,
}

impl View {
    /// Of what is reached from these elements. An end that ends everything is an end like others, unless it stands in a branch beside a
    /// join: seen from the other branches it is no way out then, but the end of all of them.
    #[must_use]
    pub fn of(scope: &Scope, starts: &[&str]) -> Self {
        let graph = Graph::of(scope, starts, false);
        let fragments = of(&graph);
        let whole = Graph::of(scope, starts, true);
        if !fragments.iter().any(|fragment| leaves_sideways(&graph, fragment)) || whole.alive().len() == 1 {
            return Self { graph, fragments, whole: None };
        }
        let graph = whole.clone().living();
        Self { fragments: of(&graph), graph, whole: Some(whole) }
    }
}

/// Whether branches that run at the same time partly join and partly go to their ends.
#[must_use]
pub fn leaves_sideways(graph: &Graph, fragment: &Fragment) -> bool {
    let joins = fragment.own.iter().any(|vertex| graph.kind(*vertex) == Kind::AndJoin);
    fragment.shape == Shape::Rigid && fragment.own.contains(&SINK) && joins
}

/// All fragments of a graph in which each vertex lies on a way from the source to the sink; the last is the whole.
#[must_use]
pub fn of(graph: &Graph) -> Vec<Fragment> {
    let order = discovery(graph);
    let mut parts: Vec<(Option<EdgeIndex>, Option<EdgeIndex>, BTreeSet<Vertex>)> = Vec::new();
    for mut class in classes(graph) {
        class.sort_by_key(|edge| order.get(edge).copied().unwrap_or(usize::MAX));
        for pair in class.windows(2) {
            let [entry, exit] = pair else { continue };
            // The edge that closes the circle is no arrow: what lies before it ends inside.
            let exit = (*exit < graph.edges.len()).then_some(*exit);
            let inside = inside(graph, *entry, exit);
            if inside.len() > 1 {
                parts.push((Some(*entry), exit, inside));
            }
        }
    }
    parts.sort_by_key(|(entry, _, inside)| (inside.len(), *entry));
    parts.push((None, None, (0..graph.places.len()).collect()));
    let mut placed: BTreeSet<Vertex> = BTreeSet::new();
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut outermost: BTreeMap<usize, &BTreeSet<Vertex>> = BTreeMap::new();
    for (index, (entry, exit, inside)) in parts.iter().enumerate() {
        let own: BTreeSet<Vertex> = inside.difference(&placed).copied().collect();
        placed.extend(&own);
        let inner: Vec<usize> = outermost.iter().filter(|(_, part)| part.is_subset(inside)).map(|(index, _)| *index).collect();
        for done in &inner {
            outermost.remove(done);
        }
        outermost.insert(index, inside);
        let shape = shape(graph, &own, &order);
        fragments.push(Fragment { entry: *entry, exit: *exit, own, inner, shape });
    }
    fragments
}

fn shape(graph: &Graph, own: &BTreeSet<Vertex>, order: &BTreeMap<EdgeIndex, usize>) -> Shape {
    let count = |kind: Kind| own.iter().filter(|vertex| graph.kind(**vertex) == kind).count();
    let (split, join) = (count(Kind::AndSplit), count(Kind::AndJoin));
    let (some, those) = (count(Kind::OrSplit), count(Kind::OrJoin));
    let one_of = count(Kind::XorSplit) + count(Kind::XorJoin);
    // Several ways lead to the sink only if it is where branches end.
    let ends = usize::from(own.contains(&SINK) && graph.incoming(SINK).count() > 1);
    // A join that stands before its split is no block: it waits for what comes out of it.
    let met = |kind: Kind| {
        let vertex = own.iter().find(|vertex| graph.kind(**vertex) == kind)?;
        graph.outgoing(*vertex).filter_map(|edge| order.get(&edge)).min()
    };
    let forwards = met(Kind::AndSplit).or(met(Kind::OrSplit)) < met(Kind::AndJoin).or(met(Kind::OrJoin));
    match (split, join, some, those, one_of, ends) {
        (0, 0, 0, 0, ..) => Shape::Exclusive,
        (1, 1, 0, 0, 0, 0) if forwards => Shape::Parallel,
        (1, 0, 0, 0, 0, 1) => Shape::ParallelToEnds,
        (0, 0, 1, 1, 0, 0) if forwards => Shape::Inclusive,
        _ => Shape::Rigid,
    }
}

/// The vertices that are reached from an edge without passing another.
fn inside(graph: &Graph, entry: EdgeIndex, exit: Option<EdgeIndex>) -> BTreeSet<Vertex> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<Vertex> = graph.edges.get(entry).map(|edge| edge.to).into_iter().collect();
    while let Some(vertex) = waiting.pop() {
        if found.insert(vertex) {
            waiting.extend(
                graph.outgoing(vertex).filter(|edge| Some(*edge) != exit).filter_map(|edge| graph.edges.get(edge)).map(|edge| edge.to),
            );
        }
    }
    found
}

/// The order in which edges are met from the source. Who dominates is met first.
fn discovery(graph: &Graph) -> BTreeMap<EdgeIndex, usize> {
    let mut order = BTreeMap::new();
    let mut seen = BTreeSet::from([SOURCE]);
    let mut waiting = vec![SOURCE];
    while let Some(vertex) = waiting.pop() {
        for edge in graph.outgoing(vertex) {
            let next = order.len();
            order.entry(edge).or_insert(next);
            if let Some(edge) = graph.edges.get(edge)
                && seen.insert(edge.to)
            {
                waiting.push(edge.to);
            }
        }
    }
    order
}

/// Classes of edges of which any two, taken away, cut the graph, closed to a circle by an edge from sink to source, in two. The
/// closing edge has the number after the last.
fn classes(graph: &Graph) -> Vec<Vec<EdgeIndex>> {
    let mut ends: Vec<(Vertex, Vertex)> = graph.edges.iter().map(|edge| (edge.from, edge.to)).collect();
    ends.push((SINK, SOURCE));
    let mut placed = BTreeSet::new();
    let mut classes = Vec::new();
    for edge in 0..ends.len() {
        if placed.contains(&edge) {
            continue;
        }
        let mut class = bridges(graph.places.len(), &ends, edge);
        class.push(edge);
        placed.extend(class.iter().copied());
        if class.len() > 1 {
            classes.push(class);
        }
    }
    classes
}

/// The edges without which the graph, from which one edge is taken away already, falls apart (Tarjan 1974, without recursion).
fn bridges(vertices: usize, ends: &[(Vertex, Vertex)], without: EdgeIndex) -> Vec<EdgeIndex> {
    let mut around: Vec<Vec<(EdgeIndex, Vertex)>> = vec![Vec::new(); vertices];
    for (index, (from, to)) in ends.iter().enumerate().filter(|(index, _)| *index != without) {
        if let Some(list) = around.get_mut(*from) {
            list.push((index, *to));
        }
        if let Some(list) = around.get_mut(*to) {
            list.push((index, *from));
        }
    }
    let mut met: BTreeMap<Vertex, usize> = BTreeMap::from([(SOURCE, 0)]);
    let mut low: BTreeMap<Vertex, usize> = BTreeMap::from([(SOURCE, 0)]);
    let mut found = Vec::new();
    // Vertex, by which edge it was come to, how many of its neighbours have been looked at.
    let mut path: Vec<(Vertex, Option<EdgeIndex>, usize)> = vec![(SOURCE, None, 0)];
    while let Some((vertex, by, looked)) = path.pop() {
        let next = around.get(vertex).and_then(|list| list.get(looked)).copied();
        let Some((edge, other)) = next else {
            if let (Some(by), Some((parent, ..))) = (by, path.last()) {
                let mine = low.get(&vertex).copied().unwrap_or(usize::MAX);
                let theirs = low.entry(*parent).or_insert(usize::MAX);
                *theirs = mine.min(*theirs);
                if met.get(parent).is_some_and(|first| mine > *first) {
                    found.push(by);
                }
            }
            continue;
        };
        path.push((vertex, by, looked + 1));
        if Some(edge) == by {
            continue;
        }
        if let Some(first) = met.get(&other).copied() {
            let mine = low.entry(vertex).or_insert(usize::MAX);
            *mine = first.min(*mine);
        } else {
            let number = met.len();
            met.insert(other, number);
            low.insert(other, number);
            path.push((other, Some(edge), 0));
        }
    }
    found
}

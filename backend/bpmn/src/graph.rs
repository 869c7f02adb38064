//! A scope as a directed graph with one source and one sink, in which each vertex either joins, or splits, or does neither: what the
//! textbook calls a workflow graph (van der Aalst et al., doi 10.1007/s00165-010-0161-4).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::{End, Node, NodeKind, Scope};

/// The number of a vertex.
pub type Vertex = usize;
/// The number of an edge.
pub type EdgeIndex = usize;

/// How tokens pass a vertex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Where a case comes from.
    Source,
    /// Where tokens end.
    Sink,
    /// One in, one out.
    Pass,
    /// One way of several.
    XorSplit,
    /// Each that comes goes on.
    XorJoin,
    /// All ways.
    AndSplit,
    /// One that goes on, of all that must come.
    AndJoin,
    /// Some ways.
    OrSplit,
    /// One that goes on, of those that were sent.
    OrJoin,
    /// Everything in the scope ends.
    Abort,
}

/// A vertex, and whose it is.
#[derive(Clone, Debug)]
pub struct Place {
    /// How tokens pass.
    pub kind: Kind,
    /// The element; none for source and sink.
    pub element: Option<String>,
    /// Whether a token may stay here until somebody or something comes.
    pub waits: bool,
}

/// An edge.
#[derive(Clone, Debug)]
pub struct Edge {
    /// From where.
    pub from: Vertex,
    /// To where.
    pub to: Vertex,
    /// The sequence flow; none for what stands for no arrow of the drawing.
    pub flow: Option<String>,
}

/// The graph of a scope, or of a branch beside it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// By number.
    pub places: Vec<Place>,
    /// By number.
    pub edges: Vec<Edge>,
}

/// The number of the source.
pub const SOURCE: Vertex = 0;
/// The number of the sink.
pub const SINK: Vertex = 1;

impl Graph {
    /// The graph of what is reached from these elements. With `aborts`, an end that ends the whole scope is a vertex of its own from
    /// which nothing goes on; without, it is an end like others.
    #[must_use]
    pub fn of(scope: &Scope, starts: &[&str], aborts: bool) -> Self {
        let mut graph = Self::default();
        graph.add(Kind::Source, None, false);
        graph.add(Kind::Sink, None, false);
        let reached = reached(scope, starts);
        let mut entries = BTreeMap::new();
        let mut exits = BTreeMap::new();
        for id in &reached {
            let Some(node) = scope.nodes.get(*id) else { continue };
            let (entry, exit) = graph.node(scope, node, starts.contains(id), aborts);
            entries.insert(*id, entry);
            exits.insert(*id, exit);
        }
        for flow in scope.flows.values() {
            if let (Some(from), Some(to)) = (exits.get(flow.source.as_str()), entries.get(flow.target.as_str())) {
                graph.edges.push(Edge { from: *from, to: *to, flow: Some(flow.id.clone()) });
            }
        }
        for id in &reached {
            for event in interrupting(scope, id) {
                if let (Some(from), Some(to)) = (exits.get(id), entries.get(event)) {
                    graph.edges.push(Edge { from: *from, to: *to, flow: None });
                }
            }
        }
        let first = if starts.len() > 1 { graph.chain(SOURCE, Kind::XorSplit, None) } else { SOURCE };
        for start in starts {
            if let Some(entry) = entries.get(start) {
                graph.edges.push(Edge { from: first, to: *entry, flow: None });
            }
        }
        graph
    }

    fn add(&mut self, kind: Kind, element: Option<&str>, waits: bool) -> Vertex {
        self.places.push(Place { kind, element: element.map(str::to_owned), waits });
        self.places.len() - 1
    }

    /// A vertex behind another.
    fn chain(&mut self, from: Vertex, kind: Kind, element: Option<&str>) -> Vertex {
        let to = self.add(kind, element, false);
        self.edges.push(Edge { from, to, flow: None });
        to
    }

    /// The vertices of an element: where tokens come in, and where they go out.
    fn node(&mut self, scope: &Scope, node: &Node, start: bool, aborts: bool) -> (Vertex, Vertex) {
        let many_in = scope.incoming(&node.id).count() > 1;
        let many_out = scope.outgoing(&node.id).count() > 1;
        let id = Some(node.id.as_str());
        if matches!(&node.kind, NodeKind::End(end) if !aborts || *end == End::None) {
            return (SINK, SINK);
        }
        match (&node.kind, many_in) {
            (NodeKind::Exclusive, true) => return self.single(Kind::XorJoin, id),
            (NodeKind::Parallel, true) => return self.single(Kind::AndJoin, id),
            (NodeKind::Inclusive, true) => return self.single(Kind::OrJoin, id),
            (NodeKind::Exclusive | NodeKind::EventGateway, false) if many_out => {
                let vertex = self.add(Kind::XorSplit, id, node.waits());
                return (vertex, vertex);
            }
            (NodeKind::Parallel, false) if many_out => return self.single(Kind::AndSplit, id),
            (NodeKind::Inclusive, false) if many_out => return self.single(Kind::OrSplit, id),
            _ => {}
        }
        // Each that comes to a step begins it, as if an exclusive gateway stood before.
        let merge = (many_in && !start).then(|| self.add(Kind::XorJoin, id, false));
        let vertex = match &node.kind {
            NodeKind::End(_) => self.add(Kind::Abort, id, false),
            _ => self.add(Kind::Pass, id, node.waits()),
        };
        if let Some(merge) = merge {
            self.edges.push(Edge { from: merge, to: vertex, flow: None });
        }
        let exit = if interrupting(scope, &node.id).next().is_some() { self.chain(vertex, Kind::XorSplit, id) } else { vertex };
        (merge.unwrap_or(vertex), exit)
    }

    fn single(&mut self, kind: Kind, element: Option<&str>) -> (Vertex, Vertex) {
        let vertex = self.add(kind, element, false);
        (vertex, vertex)
    }

    /// The edges out of a vertex.
    pub fn outgoing(&self, vertex: Vertex) -> impl Iterator<Item = EdgeIndex> {
        self.edges.iter().enumerate().filter(move |(_, edge)| edge.from == vertex).map(|(index, _)| index)
    }

    /// The edges into a vertex.
    pub fn incoming(&self, vertex: Vertex) -> impl Iterator<Item = EdgeIndex> {
        self.edges.iter().enumerate().filter(move |(_, edge)| edge.to == vertex).map(|(index, _)| index)
    }

    /// How tokens pass a vertex.
    #[must_use]
    pub fn kind(&self, vertex: Vertex) -> Kind {
        self.places.get(vertex).map_or(Kind::Pass, |place| place.kind)
    }

    /// The vertex at which the token of an element stays; others of it only merge before or divide after.
    #[must_use]
    pub fn main(&self, element: &str) -> Option<Vertex> {
        let all = || (0..self.places.len()).filter(|vertex| self.element(*vertex) == Some(element));
        all().find(|vertex| self.kind(*vertex) == Kind::Pass).or_else(|| all().next())
    }

    /// The element of a vertex.
    #[must_use]
    pub fn element(&self, vertex: Vertex) -> Option<&str> {
        self.places.get(vertex).and_then(|place| place.element.as_deref())
    }

    /// The vertices from which the sink is reached.
    #[must_use]
    pub fn alive(&self) -> BTreeSet<Vertex> {
        let mut alive = BTreeSet::from([SINK]);
        let mut waiting = VecDeque::from([SINK]);
        while let Some(vertex) = waiting.pop_front() {
            for edge in self.edges.iter().filter(|edge| edge.to == vertex) {
                if alive.insert(edge.from) {
                    waiting.push_back(edge.from);
                }
            }
        }
        alive
    }

    /// The same without the vertices from which the sink is not reached; numbers of vertices stay.
    #[must_use]
    pub fn living(mut self) -> Self {
        let alive = self.alive();
        self.edges.retain(|edge| alive.contains(&edge.from) && alive.contains(&edge.to));
        self
    }

    /// The shortest way from the source to the beginning of an edge, as the ids of its elements and flows.
    #[must_use]
    pub fn way_to(&self, edge: EdgeIndex) -> Vec<String> {
        let Some(goal) = self.edges.get(edge).map(|edge| edge.from) else { return Vec::new() };
        let mut came: BTreeMap<Vertex, EdgeIndex> = BTreeMap::new();
        let mut waiting = VecDeque::from([SOURCE]);
        while let Some(vertex) = waiting.pop_front() {
            for (index, edge) in self.edges.iter().enumerate().filter(|(_, edge)| edge.from == vertex) {
                if edge.to != SOURCE && !came.contains_key(&edge.to) {
                    came.insert(edge.to, index);
                    waiting.push_back(edge.to);
                }
            }
        }
        let mut way = Vec::new();
        let mut vertex = goal;
        while let Some(edge) = came.get(&vertex).and_then(|index| self.edges.get(*index)) {
            way.extend(self.element(vertex).map(str::to_owned));
            way.extend(edge.flow.clone());
            vertex = edge.from;
        }
        way.reverse();
        way.dedup();
        way
    }
}

/// The events that end an activity when they happen.
fn interrupting<'a>(scope: &'a Scope, host: &'a str) -> impl Iterator<Item = &'a str> {
    scope.boundary(host).filter(|event| matches!(event.kind, NodeKind::Boundary { interrupting: true, .. })).map(|event| event.id.as_str())
}

/// What is reached from some elements, by flows and by events that interrupt.
#[must_use]
pub fn reached<'a>(scope: &'a Scope, starts: &[&'a str]) -> BTreeSet<&'a str> {
    let mut reached: BTreeSet<&str> = starts.iter().copied().collect();
    let mut waiting: VecDeque<&str> = starts.iter().copied().collect();
    while let Some(id) = waiting.pop_front() {
        let on = scope.outgoing(id).map(|flow| flow.target.as_str()).chain(interrupting(scope, id));
        for next in on.collect::<Vec<_>>() {
            if reached.insert(next) {
                waiting.push_back(next);
            }
        }
    }
    reached
}

//! Models for tests, written as arrows: `s > A > x1; x1 > B > e`. What an element is, its first letter says.

use crate::model::{Definition, End, Flow, Node, NodeKind, Repeated, Scope, Timer, Trigger};

/// What an element of this name is: s start, e end, t terminate, x exclusive, p parallel, o inclusive, g event gateway, c timer event,
/// z service task; everything else is a user task.
pub fn kind(id: &str) -> NodeKind {
    let timer = || Trigger::Timer(Timer::Duration("P1D".to_owned()));
    match id.chars().next() {
        Some('s') => NodeKind::Start(None),
        Some('e') => NodeKind::End(End::None),
        Some('t') => NodeKind::End(End::Terminate),
        Some('x') => NodeKind::Exclusive,
        Some('p') => NodeKind::Parallel,
        Some('o') => NodeKind::Inclusive,
        Some('g') => NodeKind::EventGateway,
        Some('c') => NodeKind::Catch(timer()),
        Some('z') => NodeKind::ServiceTask,
        // `b_A` stands on A and interrupts it, `n_A` does not.
        Some('b') => NodeKind::Boundary { host: id.replacen("b_", "", 1), trigger: timer(), interrupting: true },
        Some('n') => NodeKind::Boundary { host: id.replacen("n_", "", 1), trigger: timer(), interrupting: false },
        _ => NodeKind::UserTask,
    }
}

/// A scope of arrows.
pub fn scope(arrows: &str) -> Scope {
    let mut scope = Scope::default();
    for chain in arrows.split([';', '\n']) {
        let ids: Vec<&str> = chain.split('>').map(str::trim).filter(|id| !id.is_empty()).collect();
        for id in &ids {
            let node = Node { id: (*id).to_owned(), name: None, kind: kind(id), repeated: None };
            scope.nodes.entry((*id).to_owned()).or_insert(node);
        }
        for pair in ids.windows(2) {
            connect(&mut scope, pair[0], pair[1]);
        }
    }
    conditions(&mut scope);
    scope
}

/// Adds a flow.
pub fn connect(scope: &mut Scope, from: &str, to: &str) {
    let id = format!("f{}_{from}_{to}", scope.flows.len());
    let flow = Flow { id: id.clone(), name: None, source: from.to_owned(), target: to.to_owned(), condition: None, default: false };
    scope.flows.insert(id, flow);
}

/// Gives the flows out of gateways conditions and a default.
pub fn conditions(scope: &mut Scope) {
    let gateways: Vec<String> = scope
        .nodes
        .values()
        .filter(|node| matches!(node.kind, NodeKind::Exclusive | NodeKind::Inclusive))
        .map(|node| node.id.clone())
        .collect();
    for id in gateways {
        let several = scope.outgoing(&id).count() > 1;
        for (place, flow) in scope.flows.values_mut().filter(|flow| flow.source == id).enumerate() {
            flow.default = several && place == 0;
            flow.condition = (several && place > 0).then(|| feel::Expression::parse("金额 > 5000").ok()).flatten();
        }
    }
}

/// A process of arrows.
pub fn process(arrows: &str) -> Definition {
    Definition {
        source: String::new(),
        id: "process".to_owned(),
        name: None,
        scope: scope(arrows),
        extensions: Default::default(),
        english: Default::default(),
    }
}

/// A block-structured model: nested sequences, choices, branches and loops, and if it is rich also inclusive blocks, subprocesses, events
/// at borders and repetitions. `cuts` are flows that are bent to somewhere else: into joins, to other joins, to tasks and to ends, as a
/// hand that slips would draw.
pub fn model(plan: &[u8], cuts: &[(u8, u8)], rich: bool) -> Scope {
    let mut plan = Plan { scope: Scope::default(), bytes: plan.iter(), count: 0, rich };
    let (start, body, end) = (plan.element("s"), plan.block(0), plan.element("e"));
    let terminate = plan.element("t");
    connect(&mut plan.scope, &start, &body.0);
    connect(&mut plan.scope, &body.1, &end);
    let mut scope = plan.scope;
    let splits = |scope: &Scope, id: &str| scope.outgoing(id).count() > 1;
    for (which, to) in cuts {
        let entered = |id: &str| scope.incoming(id).count();
        let flows: Vec<String> = scope.flows.values().filter(|flow| entered(&flow.target) > 1).map(|flow| flow.id.clone()).collect();
        let ids: Vec<String> = scope.nodes.keys().filter(|id| !id.starts_with('s') && !splits(&scope, id)).cloned().collect();
        let target = ids.get(usize::from(*to) % ids.len()).cloned();
        if let (Some(flow), Some(target)) =
            (flows.get(usize::from(*which) % flows.len().max(1)).and_then(|id| scope.flows.get_mut(id)), target)
        {
            flow.target = target;
        }
    }
    if scope.incoming(&terminate).count() == 0 {
        scope.nodes.remove(&terminate);
    }
    conditions(&mut scope);
    scope
}

struct Plan<'a> {
    scope: Scope,
    bytes: std::slice::Iter<'a, u8>,
    count: usize,
    rich: bool,
}

impl Plan<'_> {
    fn element(&mut self, letter: &str) -> String {
        self.count += 1;
        let id = format!("{letter}{}", self.count);
        self.add(&id, kind(&id));
        id
    }

    fn add(&mut self, id: &str, kind: NodeKind) {
        self.scope.nodes.insert(id.to_owned(), Node { id: id.to_owned(), name: None, kind, repeated: None });
    }

    fn branches(&mut self, letter: &str, count: u8, depth: usize) -> (String, String) {
        let (split, join) = (self.element(letter), self.element(letter));
        for _ in 0..count {
            let inner = self.block(depth + 1);
            connect(&mut self.scope, &split, &inner.0);
            connect(&mut self.scope, &inner.1, &join);
        }
        (split, join)
    }

    /// A block; its first and its last element.
    fn block(&mut self, depth: usize) -> (String, String) {
        let byte = self.bytes.next().copied().unwrap_or(0);
        match (byte % if self.rich { 12 } else { 7 }, depth) {
            (1 | 2, 0..3) => {
                let (first, second) = (self.block(depth + 1), self.block(depth + 1));
                connect(&mut self.scope, &first.1, &second.0);
                (first.0, second.1)
            }
            (3, 0..3) => self.branches("x", 2 + byte % 2, depth),
            (4 | 5, 0..3) => self.branches("p", 2 + byte % 2, depth),
            (6, 0..3) => {
                let (join, split) = (self.element("x"), self.element("x"));
                let (body, again) = (self.block(depth + 1), self.block(depth + 1));
                for (from, to) in [(&join, &body.0), (&body.1, &split), (&split, &again.0), (&again.1, &join)] {
                    connect(&mut self.scope, from, to);
                }
                (join, split)
            }
            (7, 0..3) => self.branches("o", 2 + byte % 2, depth),
            // A task with an event at its border that interrupts it.
            (8, 0..3) => {
                let (task, join) = (self.element("A"), self.element("x"));
                let event = format!("b_{task}");
                self.add(&event, kind(&event));
                let instead = self.block(depth + 1);
                for (from, to) in [(&task, &join), (&event, &instead.0), (&instead.1, &join)] {
                    connect(&mut self.scope, from, to);
                }
                (task, join)
            }
            // One with an event that does not.
            (9, _) => {
                let task = self.element("A");
                let event = format!("n_{task}");
                self.add(&event, kind(&event));
                let (beside, end) = (self.block(depth + 1), self.element("e"));
                connect(&mut self.scope, &event, &beside.0);
                connect(&mut self.scope, &beside.1, &end);
                (task.clone(), task)
            }
            (10, 0..2) => {
                let outside = std::mem::take(&mut self.scope);
                let (start, body, end) = (self.element("s"), self.block(depth + 1), self.element("e"));
                connect(&mut self.scope, &start, &body.0);
                connect(&mut self.scope, &body.1, &end);
                let mut inside = std::mem::replace(&mut self.scope, outside);
                conditions(&mut inside);
                self.count += 1;
                let id = format!("Sub{}", self.count);
                self.add(&id, NodeKind::SubProcess(inside));
                self.repeat(&id, byte);
                (id.clone(), id)
            }
            (11, _) => {
                let task = self.element("A");
                self.repeat(&task, byte);
                (task.clone(), task)
            }
            _ => {
                let task = self.element("A");
                (task.clone(), task)
            }
        }
    }

    fn repeat(&mut self, id: &str, byte: u8) {
        if let Some(node) = self.scope.nodes.get_mut(id) {
            node.repeated =
                [None, Some(Repeated::InParallel), Some(Repeated::Sequentially)].get(usize::from(byte / 12 % 3)).copied().flatten();
        }
    }
}

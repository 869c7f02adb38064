//! Models for tests, written as arrows: `s > A > x1; x1 > B > e`. What an element is, its first letter says.

use crate::model::{Definition, End, Flow, Node, NodeKind, Scope, Timer, Trigger};

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
            flow.condition = (several && place > 0).then(|| "金额 > 5000".to_owned());
        }
    }
}

/// A process of arrows.
pub fn process(arrows: &str) -> Definition {
    Definition { source: String::new(), id: "process".to_owned(), name: None, scope: scope(arrows) }
}

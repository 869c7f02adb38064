//! Rules that need a look at one element and its flows only.

use std::collections::{BTreeMap, BTreeSet};

use super::Kind;
use crate::{
    finding::{Finding, Rule},
    graph::{Graph, reached},
    model::{End, Node, NodeKind, Scope, Trigger},
};

/// Elements of one scope at most.
const MAX_NODES: usize = 500;

/// Looks at each element of a scope.
pub fn check(scope: &Scope, kind: Kind, id: &str, findings: &mut Vec<Finding>) {
    if scope.nodes.len() > MAX_NODES {
        findings.push(Finding::at(Rule::TooLarge, id).with("what", "elements").with("limit", MAX_NODES));
        return;
    }
    starts_and_ends(scope, kind, id, findings);
    flows(scope, findings);
    for node in scope.nodes.values() {
        element(scope, node, findings);
    }
    if findings.iter().all(|finding| finding.rule != Rule::ReferenceUnknown && finding.rule != Rule::ScopeCrossed) {
        reach(scope, findings);
    }
}

/// The elements at which a scope starts.
pub fn starts(scope: &Scope) -> Vec<&str> {
    scope.nodes.values().filter(|node| matches!(node.kind, NodeKind::Start(_))).map(|node| node.id.as_str()).collect()
}

/// The events of a scope that do not end the activity that they are attached to.
pub fn sides(scope: &Scope) -> impl Iterator<Item = &Node> {
    scope.nodes.values().filter(|node| matches!(node.kind, NodeKind::Boundary { interrupting: false, .. }))
}

fn starts_and_ends(scope: &Scope, kind: Kind, id: &str, findings: &mut Vec<Finding>) {
    let starts: Vec<&Node> = scope.nodes.values().filter(|node| matches!(node.kind, NodeKind::Start(_))).collect();
    let blank = starts.iter().filter(|node| node.kind == NodeKind::Start(None)).count();
    let broken = match kind {
        _ if starts.is_empty() => Some(Rule::StartMissing),
        Kind::Process | Kind::Sub if blank > 1 => Some(Rule::StartSingle),
        Kind::Sub if blank != starts.len() => Some(Rule::SubStartBlank),
        Kind::EventSub if starts.len() != 1 || blank > 0 => Some(Rule::EventSubStart),
        _ => None,
    };
    findings.extend(broken.map(|rule| Finding::at(rule, id)));
    if kind == Kind::Process {
        let errors = starts.iter().filter(|node| matches!(node.kind, NodeKind::Start(Some(Trigger::Error { .. }))));
        findings.extend(errors.map(|node| {
            Finding::at(Rule::NotExecuted, &node.id)
                .with("what", "errorEventDefinition")
                .with("named", "")
                .with("instead", "timer, message")
        }));
    }
    if !scope.nodes.values().any(|node| matches!(node.kind, NodeKind::End(_))) {
        findings.push(Finding::at(Rule::EndMissing, id));
    }
}

fn flows(scope: &Scope, findings: &mut Vec<Finding>) {
    let mut pairs = BTreeSet::new();
    for flow in scope.flows.values() {
        for (attribute, end) in [("sourceRef", &flow.source), ("targetRef", &flow.target)] {
            if !scope.nodes.contains_key(end) {
                findings.push(Finding::at(Rule::ScopeCrossed, &flow.id).with("attribute", attribute).with("id", end));
            }
        }
        let source = scope.nodes.get(&flow.source);
        let conditional = source.is_some_and(|node| matches!(node.kind, NodeKind::Exclusive | NodeKind::Inclusive));
        let only = scope.outgoing(&flow.source).count() < 2;
        if flow.condition.is_some() && (!conditional || only) {
            findings.push(Finding::at(Rule::ConditionUnexpected, &flow.id));
        }
        if flow.default && flow.condition.is_some() {
            findings.push(Finding::at(Rule::DefaultConditional, &flow.id));
        }
        if conditional && !only && flow.condition.is_none() && !flow.default {
            findings.push(Finding::at(Rule::ConditionMissing, &flow.id));
        }
        if !pairs.insert((&flow.source, &flow.target)) && !conditional {
            findings.push(Finding::at(Rule::DuplicateFlow, &flow.id));
        }
    }
}

fn element(scope: &Scope, node: &Node, findings: &mut Vec<Finding>) {
    let (entering, leaving) = (scope.incoming(&node.id).count(), scope.outgoing(&node.id).count());
    let mut say = |rule: Rule| findings.push(Finding::at(rule, &node.id));
    match &node.kind {
        NodeKind::Start(_) => {
            if entering > 0 {
                say(Rule::StartIncoming);
            }
            if leaving == 0 {
                say(Rule::Disconnected);
            }
        }
        NodeKind::End(_) if leaving > 0 => {
            say(Rule::EndOutgoing);
        }
        NodeKind::EventSubProcess { .. } => {
            if entering + leaving > 0 {
                say(Rule::EventSubFlow);
            }
            return;
        }
        NodeKind::Exclusive | NodeKind::Parallel | NodeKind::Inclusive | NodeKind::EventGateway => {
            if entering > 1 && leaving > 1 {
                say(Rule::GatewayJoinFork);
            }
            if entering == 1 && leaving == 1 {
                say(Rule::SuperfluousGateway);
            }
            let decides = matches!(node.kind, NodeKind::Exclusive | NodeKind::Inclusive);
            if decides && leaving > 1 && !scope.outgoing(&node.id).any(|flow| flow.default) {
                say(Rule::DefaultMissing);
            }
        }
        NodeKind::Boundary { host, trigger, interrupting } => {
            if !scope.nodes.get(host).is_some_and(Node::is_activity) {
                say(Rule::BoundaryHost);
            }
            if entering > 0 {
                say(Rule::BoundaryIncoming);
            }
            if !interrupting && matches!(trigger, Trigger::Error { .. }) {
                say(Rule::BoundaryError);
            }
        }
        _ => {}
    }
    let splits = matches!(node.kind, NodeKind::Exclusive | NodeKind::Parallel | NodeKind::Inclusive | NodeKind::EventGateway);
    if leaving > 1 && !splits {
        say(Rule::ImplicitSplit);
    }
    if leaving == 0 && !matches!(node.kind, NodeKind::End(_) | NodeKind::Start(_)) {
        say(Rule::Disconnected);
    }
    if node.kind == NodeKind::EventGateway {
        let wrong = scope.outgoing(&node.id).any(|flow| {
            let event = scope.nodes.get(&flow.target).is_some_and(|target| matches!(target.kind, NodeKind::Catch(_)));
            !event || scope.incoming(&flow.target).count() > 1
        });
        if wrong || leaving < 2 {
            say(Rule::EventGatewayTarget);
        }
    }
    if let NodeKind::SubProcess(inner) = &node.kind {
        for code in thrown(inner) {
            let caught = scope.boundary(&node.id).any(|event| match &event.kind {
                NodeKind::Boundary { trigger: Trigger::Error { code: caught }, .. } => caught.is_none() || *caught == code,
                _ => false,
            });
            if !caught {
                findings.push(Finding::at(Rule::ErrorUncaught, &node.id).with("code", code.as_deref().unwrap_or("-")));
            }
        }
    }
}

/// The codes of errors with which a scope may end.
fn thrown(scope: &Scope) -> BTreeSet<Option<String>> {
    let ends = scope.nodes.values().filter_map(|node| match &node.kind {
        NodeKind::End(End::Error { code }) => Some(code.clone()),
        _ => None,
    });
    ends.collect()
}

fn reach(scope: &Scope, findings: &mut Vec<Finding>) {
    let mut parts: Vec<(Option<&str>, BTreeSet<&str>)> = vec![(None, reached(scope, &starts(scope)))];
    parts.extend(sides(scope).map(|side| (Some(side.id.as_str()), reached(scope, &[&side.id]))));
    let mut whose: BTreeMap<&str, &str> = BTreeMap::new();
    for (side, part) in &parts {
        let shared: Option<&&str> = part.iter().find(|id| whose.contains_key(**id));
        if let (Some(other), Some(side)) = (shared, side) {
            findings.push(Finding::at(Rule::SideMerges, side).with("other", scope.label(other)));
        }
        whose.extend(part.iter().map(|id| (*id, side.unwrap_or_default())));
    }
    let from: Vec<&str> = starts(scope).into_iter().chain(sides(scope).map(|side| side.id.as_str())).collect();
    let graph = Graph::of(scope, &from, false);
    let alive = graph.alive();
    let ending: BTreeSet<&str> = alive.iter().filter_map(|vertex| graph.element(*vertex)).collect();
    for node in scope.nodes.values().filter(|node| !matches!(node.kind, NodeKind::EventSubProcess { .. })) {
        let id = node.id.as_str();
        if !whose.contains_key(id) {
            findings.push(Finding::at(Rule::Unreachable, id));
        } else if !ending.contains(id) && !matches!(node.kind, NodeKind::End(_)) {
            findings.push(Finding::at(Rule::NoWayOut, id));
        }
    }
}

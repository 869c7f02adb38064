//! What must be true of a model before it is published.

mod behaviour;
mod conditions;
mod explore;
mod structure;

pub use conditions::check_conditions;

use crate::{
    finding::{Finding, Severity},
    model::{Definition, NodeKind, Scope},
};

/// What a definition breaks: errors first, each rule once for each element. How it behaves is asked only of scopes whose structure is
/// right.
#[must_use]
pub fn check(definition: &Definition) -> Vec<Finding> {
    let mut findings = Vec::new();
    scope(&definition.scope, Kind::Process, &definition.id, &mut findings);
    findings.sort_by(|a, b| (a.rule.severity(), a.rule, &a.element).cmp(&(b.rule.severity(), b.rule, &b.element)));
    findings
}

/// Whether nothing stands against publication.
#[must_use]
pub fn publishable(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.rule.severity() != Severity::Error)
}

/// What a scope is: that decides how it may start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Process,
    Sub,
    EventSub,
}

fn scope(scope_: &Scope, kind: Kind, id: &str, findings: &mut Vec<Finding>) {
    let before = findings.len();
    structure::check(scope_, kind, id, findings);
    if publishable(findings.get(before..).unwrap_or_default()) {
        behaviour::check(scope_, findings);
    }
    for node in scope_.nodes.values() {
        match &node.kind {
            NodeKind::SubProcess(inner) => scope(inner, Kind::Sub, &node.id, findings),
            NodeKind::EventSubProcess { scope: inner, .. } => scope(inner, Kind::EventSub, &node.id, findings),
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests;

//! Conditions against the form whose fields they read.

use feel::{Schema, Type};

use crate::{
    finding::{Finding, Rule},
    model::Definition,
};

/// What is wrong with the conditions of a process whose cases have these fields.
#[must_use]
pub fn check_conditions(definition: &Definition, form: &Schema) -> Vec<Finding> {
    let mut findings = Vec::new();
    definition.scope.each(&mut |scope| {
        for flow in scope.flows.values() {
            match flow.condition.as_ref().map(|condition| condition.check(form)) {
                Some(Err(problems)) => {
                    findings.extend(problems.iter().map(|problem| Finding::at(Rule::ConditionInvalid, &flow.id).of(problem)));
                }
                // What may be anything is seen when it is asked.
                None | Some(Ok(Type::Boolean | Type::Any)) => {}
                Some(Ok(other)) => findings.push(Finding::at(Rule::ConditionNoTruth, &flow.id).with("type", other)),
            }
        }
    });
    findings
}

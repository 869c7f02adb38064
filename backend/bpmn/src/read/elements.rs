//! The elements inside a process or subprocess.

use feel::Expression;

use super::{BPMN, Reader, ZHIDU, xml::Element};
use crate::{
    finding::{Finding, Rule},
    model::{End, Extension, Flow, Node, NodeKind, Repeated, Scope, Timer, Trigger},
};

/// What says something to people and nothing to the engine.
const DOCUMENTATION: &[&str] = &[
    "documentation",
    "incoming",
    "outgoing",
    "laneSet",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "association",
    "textAnnotation",
    "group",
    "category",
    "property",
    "ioSpecification",
    "dataInputAssociation",
    "dataOutputAssociation",
    "auditing",
    "monitoring",
];

/// Whether tokens come to it.
pub fn is_node(element: &Element) -> bool {
    element.namespace == BPMN
        && !DOCUMENTATION.contains(&element.name.as_str())
        && !["sequenceFlow", "extensionElements"].contains(&element.name.as_str())
}

/// Elements of BPMN that are not executed, in words, and what to draw instead.
fn instead_of(name: &str) -> &'static str {
    match name {
        "task" | "manualTask" => "userTask, serviceTask",
        "receiveTask" => "intermediateCatchEvent (message)",
        "sendTask" | "scriptTask" => "serviceTask",
        "complexGateway" => "exclusiveGateway, inclusiveGateway",
        "intermediateThrowEvent" => "serviceTask",
        "transaction" | "adHocSubProcess" => "subProcess",
        _ => "userTask, serviceTask, exclusiveGateway, parallelGateway, inclusiveGateway, subProcess",
    }
}

/// A name on one line, as a sentence can hold it; none if it is blank.
pub fn name_of(element: &Element) -> Option<String> {
    let name = element.get("name")?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

fn extension_of(element: &Element) -> Extension {
    Extension {
        name: element.name.clone(),
        attributes: element.attributes.clone(),
        children: element.children.iter().map(extension_of).collect(),
    }
}

fn flag(element: &Element, name: &str, otherwise: bool) -> bool {
    element.get(name).map_or(otherwise, |value| value == "true" || value == "1")
}

impl Reader {
    /// What is inside a process or subprocess.
    pub(super) fn scope(&mut self, element: &Element) -> Scope {
        let mut scope = Scope::default();
        for child in &element.children {
            if child.namespace != BPMN {
                continue;
            }
            match child.name.as_str() {
                "sequenceFlow" => {
                    if let Some(flow) = self.flow(child) {
                        scope.flows.insert(flow.id.clone(), flow);
                    }
                }
                "extensionElements" => self.extended(element, child),
                name if DOCUMENTATION.contains(&name) => {}
                // Properties of the subprocess itself.
                "multiInstanceLoopCharacteristics" | "standardLoopCharacteristics" => {}
                _ => {
                    if let Some(node) = self.node(child) {
                        scope.nodes.insert(node.id.clone(), node);
                    }
                }
            }
        }
        for child in element.children.iter().filter(|child| child.namespace == BPMN) {
            if let Some(flow) = child.get("default").and_then(|id| scope.flows.get_mut(id)) {
                flow.default = true;
            } else if let (Some(id), Some(flow)) = (child.get("id"), child.get("default")) {
                self.say(Finding::at(Rule::ReferenceUnknown, id).with("attribute", "default").with("id", flow));
            }
        }
        scope
    }

    fn flow(&mut self, element: &Element) -> Option<Flow> {
        let id = self.id_of(element)?;
        let condition = element.children.iter().find(|child| child.namespace == BPMN && child.name == "conditionExpression");
        let text = condition.map(|condition| condition.text.trim()).filter(|text| !text.is_empty());
        let condition = match text.map(Expression::parse).transpose() {
            Ok(condition) => condition,
            Err(problem) => {
                self.say(Finding::at(Rule::ConditionInvalid, &id).of(&problem));
                None
            }
        };
        let end = |name: &str| element.get(name).unwrap_or_default().to_owned();
        Some(Flow { name: name_of(element), source: end("sourceRef"), target: end("targetRef"), condition, default: false, id })
    }

    fn node(&mut self, element: &Element) -> Option<Node> {
        let id = self.id_of(element)?;
        let kind = match element.name.as_str() {
            "startEvent" => NodeKind::Start(self.trigger(&id, element, true)?),
            "endEvent" => NodeKind::End(self.end(&id, element)?),
            "userTask" => NodeKind::UserTask,
            "serviceTask" => NodeKind::ServiceTask,
            "businessRuleTask" => NodeKind::BusinessRuleTask,
            "callActivity" => NodeKind::CallActivity { called: element.get("calledElement").map(str::to_owned) },
            "subProcess" => {
                let scope = self.scope(element);
                if flag(element, "triggeredByEvent", false) {
                    let start = element.children.iter().find(|child| child.namespace == BPMN && child.name == "startEvent");
                    let interrupting = start.is_none_or(|start| flag(start, "isInterrupting", true));
                    NodeKind::EventSubProcess { scope, interrupting }
                } else {
                    NodeKind::SubProcess(scope)
                }
            }
            "exclusiveGateway" => NodeKind::Exclusive,
            "parallelGateway" => NodeKind::Parallel,
            "inclusiveGateway" => NodeKind::Inclusive,
            "eventBasedGateway" if flag(element, "instantiate", false) => {
                return self.refuse(element, "eventBasedGateway (instantiate)", "startEvent");
            }
            "eventBasedGateway" => NodeKind::EventGateway,
            "intermediateCatchEvent" => match self.trigger(&id, element, false)? {
                Some(Trigger::Error { .. }) | None => return self.refuse(element, "intermediateCatchEvent", "timer, message"),
                Some(trigger) => NodeKind::Catch(trigger),
            },
            "boundaryEvent" => match self.trigger(&id, element, false)? {
                None => return self.refuse(element, "boundaryEvent", "timer, message, error"),
                Some(trigger) => NodeKind::Boundary {
                    host: element.get("attachedToRef").unwrap_or_default().to_owned(),
                    trigger,
                    interrupting: flag(element, "cancelActivity", true),
                },
            },
            other => return self.refuse(element, other, instead_of(other)),
        };
        let mut repeated = None;
        for child in element.children.iter().filter(|child| child.namespace == BPMN) {
            match child.name.as_str() {
                "multiInstanceLoopCharacteristics" => {
                    repeated = Some(if flag(child, "isSequential", false) { Repeated::Sequentially } else { Repeated::InParallel });
                }
                "standardLoopCharacteristics" => return self.refuse(element, "standardLoopCharacteristics", "exclusiveGateway"),
                "extensionElements" if !matches!(kind, NodeKind::SubProcess(_) | NodeKind::EventSubProcess { .. }) => {
                    self.extended(element, child);
                }
                _ => {}
            }
        }
        if flag(element, "isForCompensation", false) {
            return self.refuse(element, "isForCompensation", "userTask");
        }
        Some(Node { id, name: name_of(element), kind, repeated })
    }

    fn refuse<T>(&mut self, element: &Element, what: &str, instead: &str) -> Option<T> {
        let named = name_of(element).map(|name| format!("“{name}”")).unwrap_or_default();
        let finding = Finding::at(Rule::NotExecuted, element.get("id").unwrap_or_default());
        self.say(finding.with("what", what).with("named", named).with("instead", instead));
        None
    }

    /// Our own extensions are kept with the element; those of other tools stay in the text and do nothing.
    fn extended(&mut self, of: &Element, extensions: &Element) {
        let id = of.get("id").unwrap_or_default();
        for extension in &extensions.children {
            if extension.namespace == ZHIDU {
                self.extensions.entry(id.to_owned()).or_default().push(extension_of(extension));
            } else {
                *self.foreign.entry(extension.name.clone()).or_default() += 1;
            }
        }
    }

    fn definitions(element: &Element) -> impl Iterator<Item = &Element> {
        element
            .children
            .iter()
            .filter(|child| child.namespace == BPMN && (child.name.ends_with("EventDefinition") || child.name == "eventDefinitionRef"))
    }

    /// The one thing that is waited for. `None`: it has been refused.
    fn trigger(&mut self, id: &str, element: &Element, start: bool) -> Option<Option<Trigger>> {
        let definitions: Vec<&Element> = Self::definitions(element).collect();
        let definition = match definitions.as_slice() {
            [] => return Some(None),
            [one] => *one,
            _ => return self.refuse(element, "several event definitions", "one event definition"),
        };
        match definition.name.as_str() {
            "timerEventDefinition" => Some(Some(Trigger::Timer(self.timer(id, definition)?))),
            "messageEventDefinition" => Some(Some(Trigger::Message { name: self.referred(id, definition, "messageRef")? })),
            "errorEventDefinition" => Some(Some(Trigger::Error { code: self.referred(id, definition, "errorRef")? })),
            other if start => self.refuse(element, other, "timer, message, error"),
            other => self.refuse(element, other, "timer, message"),
        }
    }

    fn end(&mut self, id: &str, element: &Element) -> Option<End> {
        let definitions: Vec<&Element> = Self::definitions(element).collect();
        match definitions.as_slice() {
            [] => Some(End::None),
            [one] if one.name == "terminateEventDefinition" => Some(End::Terminate),
            [one] if one.name == "errorEventDefinition" => Some(End::Error { code: self.referred(id, one, "errorRef")? }),
            [one] => self.refuse(element, &one.name, "terminate, error"),
            _ => self.refuse(element, "several event definitions", "one event definition"),
        }
    }

    /// The name or code of the message or error that an event definition refers to.
    fn referred(&mut self, id: &str, definition: &Element, attribute: &str) -> Option<Option<String>> {
        let Some(reference) = definition.get(attribute) else { return Some(None) };
        let reference = reference.rsplit(':').next().unwrap_or(reference);
        let known = if attribute == "errorRef" { &self.errors } else { &self.messages };
        let found = known.get(reference).cloned();
        if found.is_none() {
            self.say(Finding::at(Rule::ReferenceUnknown, id).with("attribute", attribute).with("id", reference));
        }
        found
    }

    fn timer(&mut self, id: &str, definition: &Element) -> Option<Timer> {
        let mut found = Vec::new();
        for child in definition.children.iter().filter(|child| child.namespace == BPMN) {
            let text = child.text.trim().to_owned();
            match child.name.as_str() {
                "timeDuration" => found.push(Timer::Duration(text)),
                "timeDate" => found.push(Timer::Date(text)),
                "timeCycle" => found.push(Timer::Cycle(text)),
                _ => {}
            }
        }
        let (Some(timer), 1) = (found.pop(), found.len() + 1) else {
            self.say(Finding::at(Rule::TimerInvalid, id));
            return None;
        };
        let (Timer::Duration(text) | Timer::Date(text) | Timer::Cycle(text)) = &timer;
        if text.is_empty() {
            self.say(Finding::at(Rule::TimerInvalid, id));
            return None;
        }
        Some(timer)
    }
}

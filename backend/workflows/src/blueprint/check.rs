//! What must be true of a process before it is published, besides its shape: people, fields, expressions, actions, tables.

use std::collections::BTreeSet;

use bpmn::{
    Finding,
    finding::Rule,
    levels::{Level, Levels, Part},
    model::{NodeKind, Scope, Timer, Trigger},
};
use feel::{Expression, Type};
use serde_json::Value as Json;

use super::{
    Blueprint, FindingFacts, Known, cycle, duration_minutes,
    words::{FieldRight, PeopleRule},
};

/// Adds what is wrong.
pub fn check(blueprint: &Blueprint, known: &Known, findings: &mut Vec<Finding>) {
    let schema = blueprint.feel();
    findings.extend(bpmn::check::check_conditions(&blueprint.definition, &schema));
    let mut checker = Checker { blueprint, known, schema: &schema, findings };
    checker.elements();
    checker.application();
    checker.steps();
    checker.fields_that_nobody_fills();
    checker.title();
    checker.finding();
    checker.events();
    blueprint.definition.scope.each(&mut |scope| written_at_once(blueprint, scope, checker.findings));
}

struct Checker<'a> {
    blueprint: &'a Blueprint,
    known: &'a Known,
    schema: &'a feel::Schema,
    findings: &'a mut Vec<Finding>,
}

impl Checker<'_> {
    fn say(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn expression(&mut self, at: &str, name: &str, expression: &Expression) -> Option<Type> {
        match expression.check(self.schema) {
            Ok(of) => Some(of),
            Err(problems) => {
                for problem in &problems {
                    self.say(Finding::at(Rule::ExpressionInvalid, at).with("name", name).of(problem));
                }
                None
            }
        }
    }

    /// Each element has what it needs to run.
    fn elements(&mut self) {
        let mut nodes = Vec::new();
        self.blueprint.definition.scope.each(&mut |scope| nodes.extend(scope.nodes.values().cloned()));
        let settings = &self.blueprint.settings;
        for node in &nodes {
            let id = node.id.as_str();
            match &node.kind {
                NodeKind::UserTask if !settings.work.contains_key(id) => self.say(Finding::at(Rule::PeopleMissing, id)),
                NodeKind::ServiceTask => self.action(id),
                NodeKind::BusinessRuleTask => match settings.decisions.get(id) {
                    None => self.say(Finding::at(Rule::SettingMissing, id).with("name", "decision/table")),
                    Some(key) => self.decision(id, key),
                },
                NodeKind::CallActivity { called } => {
                    let name = called.clone().unwrap_or_default();
                    if !self.known.processes.contains(&name) {
                        self.say(Finding::at(Rule::CalledUnknown, id).with("name", &name));
                    }
                    let passing = settings.calls.get(id).cloned().unwrap_or_default();
                    for (name, value) in &passing.inputs {
                        self.expression(id, name, value);
                    }
                    self.outputs(id, passing.outputs.keys());
                }
                NodeKind::Catch(trigger) | NodeKind::Boundary { trigger, .. } | NodeKind::Start(Some(trigger)) => self.timer(id, trigger),
                _ => {}
            }
            let repeat = settings.repeats.get(id);
            if let Some(over) = repeat.and_then(|repeat| repeat.over.as_ref())
                && let Some(of) = self.expression(id, "repeat/over", over)
                && !matches!(of, Type::Number | Type::List(_) | Type::Any)
            {
                self.say(Finding::at(Rule::SettingInvalid, id).with("name", "repeat/over").with("value", of));
            }
            if node.repeated.is_some() && repeat.is_none_or(|repeat| repeat.over.is_none()) && !settings.work.contains_key(id) {
                self.say(Finding::at(Rule::SettingMissing, id).with("name", "repeat/over"));
            }
            if let Some(into) = repeat.and_then(|repeat| repeat.into.as_ref()) {
                self.lines(id, into, repeat.and_then(|repeat| repeat.by.as_ref()), node.repeated.is_some());
            }
        }
    }

    /// Each repetition fills in a line of a list: it must be one, and its columns are none of the form's fields.
    fn lines(&mut self, id: &str, into: &str, by: Option<&String>, repeated: bool) {
        let form = &self.blueprint.form;
        let columns = form.columns(into);
        let clash = columns.iter().find(|column| form.fields.contains_key(**column)).map(|column| (*column).clone());
        let unknown = by.filter(|by| !columns.contains(by)).cloned();
        if columns.is_empty() || !repeated {
            self.say(Finding::at(Rule::SettingInvalid, id).with("name", "repeat/into").with("value", into));
        } else if let Some(clash) = clash {
            self.say(Finding::at(Rule::SettingInvalid, id).with("name", "repeat/into").with("value", format!("{into}/{clash}")));
        } else if let Some(unknown) = unknown {
            self.say(Finding::at(Rule::SettingInvalid, id).with("name", "repeat/by").with("value", unknown));
        }
    }

    fn timer(&mut self, id: &str, trigger: &Trigger) {
        let Trigger::Timer(timer) = trigger else { return };
        let (text, fits) = match timer {
            Timer::Duration(text) => (text, duration_minutes(text).is_some()),
            Timer::Date(text) => (text, text.parse::<kernel::Ts>().is_ok()),
            Timer::Cycle(text) => (text, cycle(text).is_some()),
        };
        if let Some(source) = text.strip_prefix('=') {
            match Expression::parse(source) {
                Ok(expression) => drop(self.expression(id, "timer", &expression)),
                Err(problem) => self.say(Finding::at(Rule::ExpressionInvalid, id).with("name", "timer").of(&problem)),
            }
        } else if !fits {
            self.say(Finding::at(Rule::SettingInvalid, id).with("name", "timer").with("value", text));
        }
    }

    fn action(&mut self, id: &str) {
        let Some(call) = self.blueprint.settings.actions.get(id) else { return self.say(Finding::at(Rule::ActionMissing, id)) };
        for (name, value) in &call.passing.inputs {
            self.expression(id, name, value);
        }
        self.outputs(id, call.passing.outputs.keys());
        let Some((input, output)) = self.known.actions.get(&call.name) else {
            return self.say(Finding::at(Rule::ActionUnknown, id).with("name", &call.name));
        };
        let has = |schema: &Json, name: &str| schema.get("properties").is_some_and(|properties| properties.get(name).is_some());
        for name in call.passing.inputs.keys().filter(|name| !has(input, name)) {
            self.say(Finding::at(Rule::SettingUnknown, id).with("name", format!("input/{name}")));
        }
        for name in call.passing.outputs.values().filter(|name| !has(output, name)) {
            self.say(Finding::at(Rule::SettingUnknown, id).with("name", format!("output/{name}")));
        }
        let required = input.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        for name in required.filter(|name| !call.passing.inputs.contains_key(*name)) {
            self.say(Finding::at(Rule::SettingMissing, id).with("name", format!("input/{name}")));
        }
    }

    fn decision(&mut self, id: &str, key: &str) {
        let Some(decision) = self.blueprint.decisions.get(key) else {
            return self.say(Finding::at(Rule::DecisionUnknown, id).with("name", key));
        };
        for cell in decision.table.check(self.schema).err().into_iter().flatten() {
            let place = format!("{}:{}", cell.rule.map_or(0, |rule| rule + 1), cell.column.map_or(0, |column| column + 1));
            let finding = Finding::at(Rule::DecisionInvalid, id).with("table", key).with("place", place);
            self.say(finding.of(&cell.problem));
        }
        self.outputs(id, decision.table.outputs.iter().map(|output| &output.name));
    }

    fn outputs<'b>(&mut self, id: &str, fields: impl Iterator<Item = &'b String>) {
        for field in fields.filter(|field| !self.blueprint.form.fields.contains_key(*field)).collect::<Vec<_>>() {
            self.say(Finding::at(Rule::FieldUnknown, id).with("field", field));
        }
    }

    /// People who start a case fill in its form first.
    fn application(&mut self) {
        if let Some(start) = self.blueprint.start().map(str::to_owned)
            && self.blueprint.application().is_none()
        {
            let first = self.blueprint.definition.scope.outgoing(&start).next().map(|flow| flow.target.clone());
            self.say(Finding::at(Rule::ApplicationFirst, first.as_deref().unwrap_or(&start)));
        }
    }

    fn steps(&mut self) {
        let layouts = self.blueprint.form.ui.get("steps").and_then(Json::as_object).into_iter().flatten().map(|(step, _)| step);
        for step in layouts.filter(|step| !self.blueprint.settings.work.contains_key(*step)).collect::<Vec<_>>() {
            self.say(Finding::of_file(Rule::StepUnknown).with("name", "ui/steps").with("id", step));
        }
        for (id, work) in &self.blueprint.settings.work {
            for name in work.fields.keys().filter(|name| *name != "*" && !self.blueprint.form_at(id).fields.contains_key(*name)) {
                self.say(Finding::at(Rule::FieldUnknown, id).with("field", name));
            }
            for (field, on) in &work.demanded_on {
                let outcomes = work.outcomes(true);
                for unknown in on.iter().filter(|on| !outcomes.iter().any(|(known, _)| known == *on)) {
                    self.say(Finding::at(Rule::SettingInvalid, id).with("name", format!("field/{field}/on")).with("value", unknown));
                }
            }
            for other in work.separate.iter().filter(|other| *other != "starter" && !self.blueprint.settings.work.contains_key(*other)) {
                self.say(Finding::at(Rule::StepUnknown, id).with("name", "separate").with("id", other));
            }
            for people in &work.people {
                let value = people.value.clone().unwrap_or_default();
                if people.by == PeopleRule::Handler && !self.blueprint.settings.work.contains_key(&value) {
                    self.say(Finding::at(Rule::StepUnknown, id).with("name", "people/handler").with("id", &value));
                }
                if people.by == PeopleRule::Field && !self.blueprint.form.fields.contains_key(&value) {
                    self.say(Finding::at(Rule::FieldUnknown, id).with("field", &value));
                }
                if let Some(of) = people.of.as_deref().filter(|of| !matches!(*of, "starter" | "company")) {
                    match of.strip_prefix("field:") {
                        Some(field) if self.blueprint.form.fields.contains_key(field) => {}
                        Some(field) => self.say(Finding::at(Rule::FieldUnknown, id).with("field", field)),
                        None => self.say(Finding::at(Rule::SettingInvalid, id).with("name", "people/of").with("value", of)),
                    }
                }
            }
        }
    }

    /// A field that is demanded where nobody could have written it would stop every case.
    fn fields_that_nobody_fills(&mut self) {
        let settings = &self.blueprint.settings;
        let mut filled: BTreeSet<&String> = settings.actions.values().flat_map(|call| call.passing.outputs.keys()).collect();
        filled.extend(settings.calls.values().flat_map(|call| call.outputs.keys()));
        let tables = settings.decisions.values().filter_map(|key| self.blueprint.decisions.get(key));
        filled.extend(tables.flat_map(|decision| decision.table.outputs.iter().map(|output| &output.name)));
        for work in settings.work.values() {
            let rights = self.blueprint.form.rights(&work.fields);
            filled.extend(self.blueprint.form.fields.keys().filter(|name| rights.get(*name).is_some_and(|right| right.writes())));
        }
        let demanded = settings.work.iter().flat_map(|(id, work)| {
            let names = work.fields.iter().filter(|(_, right)| **right == FieldRight::Required).map(|(name, _)| name);
            names.map(move |name| (id, name))
        });
        let missing: Vec<(&String, &String)> = demanded
            .filter(|(_, name)| {
                self.blueprint.form.fields.get(*name).is_some_and(|field| field.computed.is_none()) && !filled.contains(name)
            })
            .collect();
        for (id, name) in missing {
            self.findings.push(Finding::at(Rule::FieldNeverFilled, id).with("field", name));
        }
    }

    /// What a finding puts into the form, out of what findings are known by.
    fn finding(&mut self) {
        let Some(passing) = &self.blueprint.settings.finding else { return };
        let (schema, id) = (feel::Schema::new(FindingFacts::types()), self.blueprint.definition.id.clone());
        for (field, value) in &passing.inputs {
            for problem in value.check(&schema).err().into_iter().flatten() {
                self.say(Finding::at(Rule::ExpressionInvalid, &id).with("name", format!("finding/{field}")).of(&problem));
            }
        }
        self.outputs(&id, passing.inputs.keys());
    }

    /// A title is read by everybody who has to do with the case.
    fn title(&mut self) {
        for field in self.blueprint.title_fields() {
            if !self.blueprint.form.fields.contains_key(&field) {
                self.say(Finding::at(Rule::FieldUnknown, &self.blueprint.definition.id).with("field", &field));
                continue;
            }
            let hidden =
                self.blueprint.settings.work.iter().find(|(id, _)| self.blueprint.rights(id).get(&field) == Some(&FieldRight::Hidden));
            if let Some((id, _)) = hidden {
                let finding = Finding::at(Rule::TitleHidden, &self.blueprint.definition.id).with("field", &field);
                self.say(finding.with("other", self.blueprint.definition.label(id)));
            }
        }
    }

    fn events(&mut self) {
        for (id, events) in &self.blueprint.settings.events {
            for event in events {
                for (name, value) in &event.facts {
                    self.expression(id, name, value);
                }
            }
        }
    }
}

/// Whether two places are in different branches that run at the same time.
fn at_once(a: &[Level], b: &[Level]) -> bool {
    for (one, other) in a.iter().zip(b) {
        if one != other {
            return one.entered_at == other.entered_at && matches!((&one.part, &other.part), (Part::Branch(_), Part::Branch(_)));
        }
    }
    let rest = if a.len() > b.len() { a.get(b.len()..) } else { b.get(a.len()..) };
    rest.into_iter().flatten().next().is_some_and(|level| level.part == Part::Beside)
}

fn written_at_once(blueprint: &Blueprint, scope: &Scope, findings: &mut Vec<Finding>) {
    let levels = Levels::of(scope);
    let steps: Vec<&String> = scope.nodes.keys().filter(|id| blueprint.settings.work.contains_key(*id)).collect();
    for (place, id) in steps.iter().enumerate() {
        let rights = blueprint.rights(id);
        for other in steps.iter().skip(place + 1).filter(|other| at_once(levels.around(id), levels.around(other))) {
            let others = blueprint.rights(other);
            for (name, right) in &rights {
                let both = right.writes() && others.get(name).is_some_and(|right| right.writes());
                if both && blueprint.form.fields.get(name).is_some_and(|field| !field.shared) {
                    let finding = Finding::at(Rule::FieldShared, id).with("field", name);
                    findings.push(finding.with("other", blueprint.definition.label(other)));
                }
            }
        }
    }
}

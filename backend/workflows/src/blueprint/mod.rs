//! A process as it is written (BPMN, form, decision tables, tests), checked and made ready to run. Pure.

mod check;
mod decisions;
mod form;
mod settings;
mod values;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use bpmn::{
    Definition, Finding, Program, Severity,
    finding::Rule,
    model::{Node, NodeKind},
};
use feel::{Context, Type};
use kernel::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

pub use decisions::DecisionTable;
pub use form::{Field, Form, Rights, escaped};
pub use kernel::durations::{WorkingTime, cycle, duration_minutes};
pub use settings::{Emitted, OutcomeName, Passing, People, ProcessSettings, Settings, Work};
pub use values::{Data, MAX_DATA};

/// A process as people write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// BPMN 2.0.
    pub bpmn: String,
    /// The form: `schema` and `ui`.
    #[schema(value_type = Object)]
    pub form: Json,
    /// Decision tables by key.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub decisions: Map<String, Json>,
    /// Tests that must pass.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub tests: Vec<Json>,
}

/// What a process may refer to outside itself.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Names of actions with what they take and give.
    pub actions: BTreeMap<String, (Json, Json)>,
    /// Keys of published processes.
    pub processes: BTreeSet<String>,
}

/// A process that has been read.
#[derive(Clone, Debug)]
pub struct Blueprint {
    pub definition: Definition,
    pub program: Program,
    pub settings: Settings,
    pub form: Form,
    /// Of repeated steps whose people write one line of a list each.
    lines: BTreeMap<String, Form>,
    pub decisions: BTreeMap<String, DecisionTable>,
}

/// What starts a case, as expressions see it.
#[derive(Clone, Debug, Default)]
pub struct StarterFacts {
    pub name: String,
    /// The code of the unit.
    pub unit: String,
}

/// The last result of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepResult {
    /// How it ended.
    pub outcome: String,
    /// Names of who did it.
    pub by: String,
}

/// A finding of the controls, as a process that corrects it sees it: `finding` in its expressions.
#[derive(Clone, Debug, Serialize)]
pub struct FindingFacts {
    pub id: String,
    /// By what people call it.
    pub number: String,
    /// What was demanded.
    pub title: String,
    pub control: String,
    pub clause: String,
    /// The title of the regulation.
    pub regulation: String,
    /// `minor`, `major`, `critical`.
    pub severity: String,
    /// What it is about, as it is called.
    pub subject: Option<String>,
    /// The id of the unit where it happened.
    pub unit: Option<String>,
    /// The day on which it began.
    pub opened: Date,
    /// The day on which it was due.
    pub due: Option<Date>,
}

impl FindingFacts {
    fn types() -> BTreeMap<String, Type> {
        let texts = ["id", "number", "title", "control", "clause", "regulation", "subject", "unit"].map(|name| (name, Type::String));
        let days = ["opened", "due"].map(|name| (name, Type::Date));
        let severity = ("severity", Type::Choice(["minor", "major", "critical"].map(str::to_owned).to_vec()));
        let all = texts.into_iter().chain(days).chain([severity]).map(|(name, of)| (name.to_owned(), of)).collect();
        [("finding".to_owned(), Type::Context(all))].into()
    }
}

impl Source {
    /// Reads it and says everything that is wrong with it. There is no blueprint if something could not be read.
    #[must_use]
    pub fn check(&self, known: &Known) -> (Option<Blueprint>, Vec<Finding>) {
        let (definition, mut findings) = bpmn::read(&self.bpmn);
        let form = Form::read(&self.form).map_err(|problems| {
            for problem in problems {
                let finding = Finding::of_file(Rule::FormInvalid).with("pointer", problem.pointer);
                findings.push(finding.with("reason_zh", problem.zh).with("reason_en", problem.en));
            }
        });
        let (Some(definition), Ok(form)) = (definition, form) else { return (None, findings) };
        findings.extend(bpmn::check(&definition));
        let (settings, said) = settings::read(&definition);
        findings.extend(said);
        let decisions = decisions::read(&self.decisions, &mut findings);
        let program = Program::new(&definition);
        let lines = lines(&settings, &form);
        let blueprint = Blueprint { definition, program, settings, form, lines, decisions };
        check::check(&blueprint, known, &mut findings);
        findings.sort_by(|a, b| (a.rule.severity(), a.rule, &a.element).cmp(&(b.rule.severity(), b.rule, &b.element)));
        findings.dedup();
        (Some(blueprint), findings)
    }

    /// Reads what was checked when it was published.
    pub fn load(&self) -> Result<Blueprint, String> {
        let (definition, findings) = bpmn::read(&self.bpmn);
        let broken = || findings.iter().map(|finding| finding.text(false)).collect::<Vec<_>>().join("; ");
        let definition = definition.ok_or_else(broken)?;
        let form =
            Form::read(&self.form).map_err(|problems| problems.into_iter().map(|problem| problem.en).collect::<Vec<_>>().join("; "))?;
        let (settings, _) = settings::read(&definition);
        let decisions = decisions::read(&self.decisions, &mut Vec::new());
        let program = Program::new(&definition);
        let lines = lines(&settings, &form);
        Ok(Blueprint { definition, program, settings, form, lines, decisions })
    }
}

/// The forms of the steps that fill in a line of a list.
fn lines(settings: &Settings, form: &Form) -> BTreeMap<String, Form> {
    let into = settings.repeats.iter().filter_map(|(step, repeat)| Some((step, repeat.into.as_ref()?)));
    into.filter_map(|(step, into)| Some((step.clone(), form.with_line(into)?))).collect()
}

/// Whether nothing stands against publication.
#[must_use]
pub fn publishable(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.rule.severity() != Severity::Error)
}

impl Blueprint {
    /// The fields that conditions may read: those of the form, who started, and the results of steps.
    #[must_use]
    pub fn feel(&self) -> feel::Schema {
        feel::Schema::new(self.types())
    }

    fn types(&self) -> BTreeMap<String, Type> {
        let mut types = self.form.types.clone();
        let texts = |names: &[&str]| Type::Context(names.iter().map(|name| ((*name).to_owned(), Type::String)).collect());
        types.insert("starter".to_owned(), texts(&["name", "unit"]));
        for step in self.settings.work.keys() {
            types.insert(step.clone(), texts(&["outcome", "by"]));
        }
        types
    }

    /// What conditions are answered from.
    #[must_use]
    pub fn context(&self, data: &Data, starter: &StarterFacts, results: &BTreeMap<String, StepResult>) -> Context<'static> {
        let mut all = data.clone();
        all.insert("starter".to_owned(), json!({ "name": starter.name, "unit": starter.unit }));
        for (step, result) in results {
            all.insert(step.clone(), json!({ "outcome": result.outcome, "by": result.by }));
        }
        values::context_of(all, &self.types())
    }

    /// What a finding puts into the form, if this process corrects findings.
    #[must_use]
    pub fn for_finding(&self, facts: &FindingFacts) -> Option<Data> {
        let passing = self.settings.finding.as_ref()?;
        let about = [("finding".to_owned(), json!(facts))].into_iter().collect();
        let context = values::context_of(about, &FindingFacts::types());
        let given = passing.inputs.iter().map(|(field, value)| {
            let value = value.evaluate(&context).map_or(Json::Null, |value| value.to_json());
            (field.clone(), value)
        });
        Some(self.form.computed(given.filter(|(_, value)| !value.is_null()).collect()))
    }

    /// An element, wherever it stands.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.definition.scope.find(id)
    }

    /// What a step is called, in Chinese or English; a block that has no name, by what it begins with.
    #[must_use]
    pub fn name(&self, id: &str, chinese: bool) -> String {
        let english = self.definition.english.get(id).filter(|_| !chinese);
        let label = |id: &str| english.cloned().unwrap_or_else(|| self.definition.label(id).to_owned());
        match self.node(id) {
            Some(Node { name: None, kind: NodeKind::Parallel | NodeKind::Inclusive, .. }) if english.is_none() => {
                let mut firsts = Vec::new();
                self.definition.scope.each(&mut |scope| {
                    let work =
                        scope.outgoing(id).filter(|flow| scope.nodes.contains_key(id) && self.settings.work.contains_key(&flow.target));
                    firsts.extend(work.map(|flow| flow.target.clone()));
                });
                let names: Vec<String> = firsts.iter().map(|first| self.name(first, chinese)).collect();
                if names.is_empty() { label(id) } else { names.join(if chinese { "、" } else { ", " }) }
            }
            _ => label(id),
        }
    }

    /// The form as a step fills it in.
    #[must_use]
    pub fn form_at(&self, step: &str) -> &Form {
        self.lines.get(step).unwrap_or(&self.form)
    }

    /// The list of which each repetition of a step fills in a line.
    #[must_use]
    pub fn line_of(&self, step: &str) -> Option<&str> {
        self.settings.repeats.get(step)?.into.as_deref().filter(|_| self.lines.contains_key(step))
    }

    /// The rights of a step on each field.
    #[must_use]
    pub fn rights(&self, step: &str) -> Rights {
        let Some(work) = self.settings.work.get(step) else { return self.form.rights(&BTreeMap::new()) };
        let Some(list) = self.line_of(step) else { return self.form.rights(&work.fields) };
        let mut said = work.fields.clone();
        let by = self.settings.repeats.get(step).and_then(|repeat| repeat.by.as_ref());
        for column in self.form.columns(list) {
            let demanded = self.form.demanded_columns(list).contains(&column.as_str());
            let usual = if demanded { words::FieldRight::Required } else { words::FieldRight::Edit };
            said.entry(column.clone()).or_insert(if by == Some(column) { words::FieldRight::Hidden } else { usual });
        }
        // The lines of the others are not seen meanwhile.
        said.insert(list.to_owned(), words::FieldRight::Hidden);
        self.form_at(step).rights(&said)
    }

    /// The rights of a step when it is done with this outcome: what is demanded with others only may be left empty, and whoever refuses
    /// need not fill in anything that is not demanded for that.
    #[must_use]
    pub fn rights_on(&self, step: &str, outcome: &str) -> Rights {
        let mut rights = self.rights(step);
        let Some(work) = self.settings.work.get(step) else { return rights };
        for (name, right) in rights.iter_mut().filter(|(_, right)| **right == words::FieldRight::Required) {
            let demanded = match work.demanded_on.get(name) {
                Some(on) => on.iter().any(|known| known == outcome),
                None => outcome != "refuse",
            };
            if !demanded {
                *right = words::FieldRight::Edit;
            }
        }
        rights
    }

    /// The first user task, which the starter fills in.
    #[must_use]
    pub fn application(&self) -> Option<&str> {
        let scope = &self.definition.scope;
        let start = self.start()?;
        let first = scope.outgoing(start).next()?;
        self.settings.work.get_key_value(&first.target).filter(|(_, work)| work.is_application()).map(|(id, _)| id.as_str())
    }

    /// The start event by which people start it.
    #[must_use]
    pub fn start(&self) -> Option<&str> {
        let nodes = self.definition.scope.nodes.values();
        nodes.filter(|node| matches!(node.kind, bpmn::model::NodeKind::Start(None))).map(|node| node.id.as_str()).next()
    }

    /// The title of a case with this data.
    #[must_use]
    pub fn title(&self, data: &Data, names: &BTreeMap<String, String>) -> String {
        let name = self.definition.name.clone().unwrap_or_else(|| self.definition.id.clone());
        let Some(template) = &self.settings.process.title else { return name };
        let mut text = template.clone();
        for (field, value) in data {
            let words = match value {
                Json::String(words) => names.get(words).unwrap_or(words).clone(),
                Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
                other => other.to_string(),
            };
            text = text.replace(&format!("{{{field}}}"), &words);
        }
        // What was not filled in leaves no braces behind.
        let mut clean = String::new();
        let mut depth = 0_u32;
        for letter in text.chars() {
            match letter {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                letter if depth == 0 && !letter.is_control() => clean.push(letter),
                _ => {}
            }
        }
        let clean: String = clean.trim().chars().take(120).collect();
        if clean.is_empty() { name } else { clean }
    }

    /// Fields of the title.
    #[must_use]
    pub fn title_fields(&self) -> Vec<String> {
        let template = self.settings.process.title.as_deref().unwrap_or_default();
        template.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
    }

    /// Clauses that a step serves: its own, or those of the process.
    #[must_use]
    pub fn clauses(&self, step: &str) -> &[String] {
        let own = self.settings.work.get(step).map(|work| work.clauses.as_slice()).filter(|clauses| !clauses.is_empty());
        own.unwrap_or(&self.settings.process.clauses)
    }
}

impl Work {
    /// Whether the starter fills in here.
    #[must_use]
    pub fn is_application(&self) -> bool {
        self.kind == words::WorkKind::Do && self.people.iter().all(|people| people.by == words::PeopleRule::Starter)
    }

    /// The outcomes that somebody may choose, with names.
    #[must_use]
    pub fn outcomes(&self, chinese: bool) -> Vec<(String, String)> {
        let word = |id: &str, zh: &str, en: &str| (id.to_owned(), if chinese { zh } else { en }.to_owned());
        if !self.outcomes.is_empty() {
            let name = |outcome: &OutcomeName| outcome.english.clone().filter(|_| !chinese).unwrap_or_else(|| outcome.name.clone());
            return self.outcomes.iter().map(|outcome| (outcome.id.clone(), name(outcome))).collect();
        }
        match self.kind {
            words::WorkKind::Approve => vec![word("agree", "同意", "Agree"), word("refuse", "不同意", "Refuse")],
            words::WorkKind::Do => vec![word("done", "提交", "Submit")],
            words::WorkKind::Read => vec![word("read", "已阅", "Read")],
        }
    }

    /// What counts as going on, when nobody says anything.
    #[must_use]
    pub fn usual_outcome(&self) -> String {
        self.outcomes(true).into_iter().next().map(|(id, _)| id).unwrap_or_default()
    }
}

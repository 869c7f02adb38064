//! What the extension elements of a process file say (`docs/process-files.md`), read into types. What is not known, or has a wrong value,
//! is a finding with the element.

use std::{collections::BTreeMap, fmt, str::FromStr};

use bpmn::{
    Definition, Finding,
    finding::Rule,
    model::{ElementId, Extension},
};
use feel::Expression;
use rust_decimal::Decimal;

use super::{
    WorkingTime,
    words::{
        DedupRule, EmptyPolicy, FieldRight, OverduePolicy, PeopleRule, RefusePolicy, ReturnPolicy, SeatPolicy, WithdrawUntil, WorkKind,
    },
};

/// Everything that is said besides BPMN.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub process: ProcessSettings,
    pub work: BTreeMap<ElementId, Work>,
    pub actions: BTreeMap<ElementId, ActionCall>,
    pub decisions: BTreeMap<ElementId, String>,
    /// Of call activities: what goes in and what comes back.
    pub calls: BTreeMap<ElementId, Passing>,
    pub repeats: BTreeMap<ElementId, Repeat>,
    /// Timers that count working time.
    pub working: Vec<ElementId>,
    pub events: BTreeMap<ElementId, Vec<Emitted>>,
    /// What a finding puts into the form, if cases are started to correct findings.
    pub finding: Option<Passing>,
    /// End events that end the case as something else than completed.
    pub refusing_ends: Vec<ElementId>,
}

/// `zhidu:process`.
#[derive(Clone, Debug, Default)]
pub struct ProcessSettings {
    pub title: Option<String>,
    pub number: Option<String>,
    pub clauses: Vec<String>,
    pub due: Option<WorkingTime>,
    pub withdraw: Option<WithdrawUntil>,
    pub starters: Vec<String>,
    pub dedup: Vec<DedupRule>,
}

/// `zhidu:work`.
#[derive(Clone, Debug)]
pub struct Work {
    pub kind: WorkKind,
    pub policy: SeatPolicy,
    pub share: Decimal,
    pub collect: bool,
    pub refuse: RefusePolicy,
    pub returning: ReturnPolicy,
    pub empty: EmptyPolicy,
    pub due: Option<WorkingTime>,
    pub overdue: OverduePolicy,
    pub sign: bool,
    pub separate: Vec<String>,
    pub clauses: Vec<String>,
    pub people: Vec<People>,
    pub weights: BTreeMap<String, Decimal>,
    pub fields: BTreeMap<String, FieldRight>,
    /// Fields that are demanded with these outcomes only.
    pub demanded_on: BTreeMap<String, Vec<String>>,
    pub outcomes: Vec<OutcomeName>,
}

/// `zhidu:people`.
#[derive(Clone, Debug)]
pub struct People {
    pub by: PeopleRule,
    pub value: Option<String>,
    pub of: Option<String>,
    pub up: u32,
}

/// `zhidu:outcome`.
#[derive(Clone, Debug)]
pub struct OutcomeName {
    pub id: String,
    pub name: String,
    pub english: Option<String>,
}

/// `zhidu:action`.
#[derive(Clone, Debug)]
pub struct ActionCall {
    pub name: String,
    pub passing: Passing,
}

/// `zhidu:input`s and `zhidu:output`s.
#[derive(Clone, Debug, Default)]
pub struct Passing {
    pub inputs: BTreeMap<String, Expression>,
    /// From the field to the name of the result.
    pub outputs: BTreeMap<String, String>,
}

/// `zhidu:repeat`.
#[derive(Clone, Debug, Default)]
pub struct Repeat {
    /// A number, or a list: how often. Once for each person without it.
    pub over: Option<Expression>,
    /// The list of the form in which each repetition fills in one line of its own.
    pub into: Option<String>,
    /// The column of that list that says who it was.
    pub by: Option<String>,
}

/// `zhidu:event`.
#[derive(Clone, Debug)]
pub struct Emitted {
    pub name: String,
    pub on: Option<String>,
    pub facts: BTreeMap<String, Expression>,
}

/// Reads what is said; with the findings.
pub fn read(definition: &Definition) -> (Settings, Vec<Finding>) {
    let mut reader = Reader { definition, settings: Settings::default(), findings: Vec::new() };
    for (element, extensions) in &definition.extensions {
        for extension in extensions {
            reader.extension(element, extension);
        }
    }
    (reader.settings, reader.findings)
}

struct Reader<'a> {
    definition: &'a Definition,
    settings: Settings,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn extension(&mut self, at: &str, extension: &Extension) {
        match extension.name.as_str() {
            "process" if at == self.definition.id => self.process(at, extension),
            "finding" if at == self.definition.id => {
                self.known(at, extension, &[], &["input"]);
                self.settings.finding = Some(self.passing(at, &extension.children));
            }
            "work" => {
                let work = self.work(at, extension);
                self.settings.work.insert(at.to_owned(), work);
            }
            "action" => {
                self.known(at, extension, &["name"], &["input", "output"]);
                let Some(name) = self.demanded(at, extension, "name") else { return };
                let passing = self.passing(at, &extension.children);
                self.settings.actions.insert(at.to_owned(), ActionCall { name, passing });
            }
            "input" | "output" => {
                let passing = self.passing(at, std::slice::from_ref(extension));
                let call = self.settings.calls.entry(at.to_owned()).or_default();
                call.inputs.extend(passing.inputs);
                call.outputs.extend(passing.outputs);
            }
            "decision" => {
                self.known(at, extension, &["table"], &[]);
                if let Some(table) = self.demanded(at, extension, "table") {
                    self.settings.decisions.insert(at.to_owned(), table);
                }
            }
            "repeat" => {
                self.known(at, extension, &["over", "into", "by"], &[]);
                let text = |name: &str| extension.get(name).map(str::to_owned);
                let (into, by) = (text("into"), text("by"));
                let over = if into.is_none() || text("over").is_some() { self.expression(at, extension, "over") } else { None };
                self.settings.repeats.insert(at.to_owned(), Repeat { over, into, by });
            }
            "timer" => {
                self.known(at, extension, &["calendar"], &[]);
                match extension.get("calendar") {
                    Some("work") => self.settings.working.push(at.to_owned()),
                    None | Some("clock") => {}
                    Some(other) => self.invalid(at, "calendar", other),
                }
            }
            "result" => {
                self.known(at, extension, &["state"], &[]);
                match extension.get("state") {
                    Some("refused") => self.settings.refusing_ends.push(at.to_owned()),
                    None | Some("completed") => {}
                    Some(other) => self.invalid(at, "state", other),
                }
            }
            "event" => self.event(at, extension),
            other => self.findings.push(Finding::at(Rule::SettingUnknown, at).with("name", other)),
        }
    }

    fn process(&mut self, at: &str, extension: &Extension) {
        self.known(at, extension, &["title", "number", "clauses", "due", "withdraw", "starters", "dedup"], &[]);
        let text = |name: &str| extension.get(name).map(str::to_owned);
        let number = text("number").filter(|number| {
            let fits = number.len() <= 8 && number.bytes().all(|byte| byte.is_ascii_uppercase());
            if !fits {
                self.invalid(at, "number", number);
            }
            fits
        });
        let dedup = listed(extension.get("dedup")).iter().filter_map(|rule| self.word(at, "dedup", rule)).collect();
        self.settings.process = ProcessSettings {
            title: text("title"),
            number,
            clauses: listed(extension.get("clauses")),
            due: self.working(at, extension, "due"),
            withdraw: self.worded(at, extension, "withdraw"),
            starters: listed(extension.get("starters")),
            dedup,
        };
    }

    fn work(&mut self, at: &str, extension: &Extension) -> Work {
        self.known(
            at,
            extension,
            &["kind", "policy", "share", "collect", "refuse", "return", "empty", "due", "overdue", "sign", "separate", "clauses"],
            &["people", "weight", "field", "outcome", "event"],
        );
        let kind = self.worded(at, extension, "kind").unwrap_or(WorkKind::Approve);
        let usual = if kind == WorkKind::Do { SeatPolicy::Claim } else { SeatPolicy::All };
        let policy = self.worded(at, extension, "policy").unwrap_or(usual);
        let mut work = Work {
            kind,
            policy,
            share: self.share(at, extension, policy),
            collect: self.flag(at, extension, "collect"),
            refuse: self.worded(at, extension, "refuse").unwrap_or(RefusePolicy::End),
            returning: self.worded(at, extension, "return").unwrap_or(ReturnPolicy::Immediately),
            empty: self.worded(at, extension, "empty").unwrap_or(EmptyPolicy::Administrator),
            due: self.working(at, extension, "due"),
            overdue: self.worded(at, extension, "overdue").unwrap_or(OverduePolicy::Remind),
            sign: self.flag(at, extension, "sign"),
            separate: listed(extension.get("separate")),
            clauses: listed(extension.get("clauses")),
            people: Vec::new(),
            weights: BTreeMap::new(),
            fields: BTreeMap::new(),
            demanded_on: BTreeMap::new(),
            outcomes: Vec::new(),
        };
        for child in &extension.children {
            self.inside(at, child, &mut work);
        }
        if work.people.is_empty() {
            self.findings.push(Finding::at(Rule::PeopleMissing, at));
        }
        work
    }

    fn inside(&mut self, at: &str, child: &Extension, work: &mut Work) {
        match child.name.as_str() {
            "people" => {
                self.known(at, child, &["by", "value", "of", "up"], &[]);
                let Some(by) = self.demanded(at, child, "by").and_then(|by| self.word::<PeopleRule>(at, "by", &by)) else { return };
                let value = child.get("value").map(str::to_owned);
                if by.needs_value() && value.is_none() {
                    self.findings.push(Finding::at(Rule::SettingMissing, at).with("name", "value"));
                    return;
                }
                let up = child.get("up").map_or(Some(1), |up| up.parse().ok().filter(|up| (1..=10).contains(up)));
                if up.is_none() {
                    self.invalid(at, "up", child.get("up").unwrap_or_default());
                }
                work.people.push(People { by, value, of: child.get("of").map(str::to_owned), up: up.unwrap_or(1) });
            }
            "weight" => {
                self.known(at, child, &["login", "value"], &[]);
                let (Some(login), Some(value)) = (self.demanded(at, child, "login"), self.demanded(at, child, "value")) else { return };
                match value.parse().ok().filter(|value: &Decimal| *value > Decimal::ZERO && *value <= Decimal::from(1000)) {
                    Some(weight) => drop(work.weights.insert(login, weight)),
                    None => self.invalid(at, "value", &value),
                }
            }
            "field" => {
                self.known(at, child, &["name", "right", "on"], &[]);
                let (Some(name), Some(right)) = (self.demanded(at, child, "name"), self.demanded(at, child, "right")) else { return };
                let Some(right) = self.word(at, "right", &right) else { return };
                let on = listed(child.get("on"));
                if !on.is_empty() {
                    if right == FieldRight::Required {
                        work.demanded_on.insert(name.clone(), on);
                    } else {
                        self.invalid(at, "on", on.join(" "));
                    }
                }
                work.fields.insert(name, right);
            }
            "outcome" => {
                self.known(at, child, &["id", "name", "en"], &[]);
                let (Some(id), Some(name)) = (self.demanded(at, child, "id"), self.demanded(at, child, "name")) else { return };
                work.outcomes.push(OutcomeName { id, name, english: child.get("en").map(str::to_owned) });
            }
            "event" => self.event(at, child),
            other => self.findings.push(Finding::at(Rule::SettingUnknown, at).with("name", other)),
        }
    }

    fn event(&mut self, at: &str, extension: &Extension) {
        self.known(at, extension, &["name", "on"], &["fact"]);
        let Some(name) = self.demanded(at, extension, "name") else { return };
        if !name.contains('.') || name.len() > 60 || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.' || byte == b'_') {
            return self.invalid(at, "name", &name);
        }
        let mut facts = BTreeMap::new();
        for fact in &extension.children {
            self.known(at, fact, &["name", "value"], &[]);
            if let (Some(name), Some(value)) = (self.demanded(at, fact, "name"), self.expression(at, fact, "value")) {
                facts.insert(name, value);
            }
        }
        let event = Emitted { name, on: extension.get("on").map(str::to_owned), facts };
        self.settings.events.entry(at.to_owned()).or_default().push(event);
    }

    fn passing(&mut self, at: &str, children: &[Extension]) -> Passing {
        let mut passing = Passing::default();
        for child in children {
            if child.name == "output" {
                self.known(at, child, &["field", "value"], &[]);
                if let (Some(field), Some(value)) = (self.demanded(at, child, "field"), self.demanded(at, child, "value")) {
                    passing.outputs.insert(field, value);
                }
            } else {
                self.known(at, child, &["name", "value"], &[]);
                if let (Some(name), Some(value)) = (self.demanded(at, child, "name"), self.expression(at, child, "value")) {
                    passing.inputs.insert(name, value);
                }
            }
        }
        passing
    }

    fn share(&mut self, at: &str, extension: &Extension, policy: SeatPolicy) -> Decimal {
        let half = Decimal::new(5, 1);
        let Some(text) = extension.get("share") else {
            if matches!(policy, SeatPolicy::Ratio | SeatPolicy::Weight) {
                self.findings.push(Finding::at(Rule::SettingMissing, at).with("name", "share"));
            }
            return half;
        };
        text.parse().ok().filter(|share: &Decimal| *share > Decimal::ZERO && *share <= Decimal::ONE).unwrap_or_else(|| {
            self.invalid(at, "share", text);
            half
        })
    }

    fn known(&mut self, at: &str, extension: &Extension, attributes: &[&str], children: &[&str]) {
        let foreign = extension.attributes.keys().filter(|name| !attributes.contains(&name.as_str()));
        let inside = extension.children.iter().map(|child| &child.name).filter(|name| !children.contains(&name.as_str()));
        for name in foreign.chain(inside) {
            self.findings.push(Finding::at(Rule::SettingUnknown, at).with("name", format!("{}/{name}", extension.name)));
        }
    }

    fn invalid(&mut self, at: &str, name: &str, value: impl fmt::Display) {
        self.findings.push(Finding::at(Rule::SettingInvalid, at).with("name", name).with("value", value));
    }

    fn demanded(&mut self, at: &str, extension: &Extension, name: &str) -> Option<String> {
        let found = extension.get(name).map(str::to_owned);
        if found.is_none() {
            self.findings.push(Finding::at(Rule::SettingMissing, at).with("name", format!("{}/{name}", extension.name)));
        }
        found
    }

    fn word<T: FromStr>(&mut self, at: &str, name: &str, value: &str) -> Option<T> {
        let found = value.parse().ok();
        if found.is_none() {
            self.invalid(at, name, value);
        }
        found
    }

    fn worded<T: FromStr>(&mut self, at: &str, extension: &Extension, name: &str) -> Option<T> {
        extension.get(name).and_then(|value| self.word(at, name, value))
    }

    fn flag(&mut self, at: &str, extension: &Extension, name: &str) -> bool {
        match extension.get(name) {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => {
                self.invalid(at, name, other);
                false
            }
        }
    }

    fn expression(&mut self, at: &str, extension: &Extension, name: &str) -> Option<Expression> {
        let text = self.demanded(at, extension, name)?;
        match Expression::parse(&text) {
            Ok(expression) => Some(expression),
            Err(problem) => {
                let label = extension.get("name").unwrap_or(&extension.name);
                self.findings.push(Finding::at(Rule::ExpressionInvalid, at).with("name", label).of(&problem));
                None
            }
        }
    }

    fn working(&mut self, at: &str, extension: &Extension, name: &str) -> Option<WorkingTime> {
        let text = extension.get(name)?;
        let found = WorkingTime::parse(text);
        if found.is_none() {
            self.invalid(at, name, text);
        }
        found
    }
}

fn listed(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

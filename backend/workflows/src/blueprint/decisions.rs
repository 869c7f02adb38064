//! Decision tables as they are written, and their tests.

use std::collections::BTreeMap;

use bpmn::{Finding, finding::Rule};
use feel::{
    Context, Expression, Type, UnaryTests, Value,
    table::{HitPolicy, Input, Output, Rule as Row, Table},
};
use kernel::Date;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// A table that was read.
#[derive(Clone, Debug)]
pub struct DecisionTable {
    pub name: String,
    pub table: Table,
    /// From that day it decides also in cases that began under an earlier release, if theirs says the same of itself.
    pub live_from: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Option<String>,
    hit: String,
    inputs: Vec<WrittenInput>,
    outputs: Vec<WrittenOutput>,
    rules: Vec<WrittenRule>,
    #[serde(default)]
    live_from: Option<Date>,
    #[serde(default)]
    tests: Vec<WrittenTest>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenInput {
    expression: String,
    #[serde(rename = "type", default)]
    of: Option<String>,
    #[serde(default, rename = "name")]
    _name: Option<String>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOutput {
    name: String,
    #[serde(rename = "type", default)]
    of: Option<String>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    when: Vec<String>,
    then: Vec<String>,
    #[serde(default, rename = "note")]
    _note: Option<String>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTest {
    given: Map<String, Json>,
    then: Map<String, Json>,
}

fn type_of(name: Option<&str>) -> Option<Type> {
    Some(match name {
        None | Some("any") => Type::Any,
        Some("string") => Type::String,
        Some("number") => Type::Number,
        Some("boolean") => Type::Boolean,
        Some("date") => Type::Date,
        Some(_) => return None,
    })
}

/// Reads tables and runs their tests.
pub fn read(written: &Map<String, Json>, findings: &mut Vec<Finding>) -> BTreeMap<String, DecisionTable> {
    let mut tables = BTreeMap::new();
    for (key, json) in written {
        let mut bad = |place: String, zh: &str, en: &str| {
            let finding = Finding::of_file(Rule::DecisionInvalid).with("table", key).with("place", place);
            findings.push(finding.with("reason_zh", zh).with("reason_en", en));
        };
        match Written::deserialize(json) {
            Err(error) => bad("JSON".to_owned(), &error.to_string(), &error.to_string()),
            Ok(written) => {
                if let Some(table) = table(&written, &mut bad) {
                    test(key, &written, &table, findings);
                    tables.insert(
                        key.clone(),
                        DecisionTable { name: written.name.unwrap_or_else(|| key.clone()), table, live_from: written.live_from },
                    );
                }
            }
        }
    }
    tables
}

fn table(written: &Written, bad: &mut dyn FnMut(String, &str, &str)) -> Option<Table> {
    let mut fine = true;
    let mut say = |place: String, problem: &feel::Problem| {
        fine = false;
        bad(place, &problem.text(true), &problem.text(false));
    };
    let mut inputs = Vec::new();
    for (column, input) in written.inputs.iter().enumerate() {
        match Expression::parse(&input.expression) {
            Ok(expression) => inputs.push(Input { expression, of: type_of(input.of.as_deref()).unwrap_or(Type::Any) }),
            Err(problem) => say(format!("inputs/{column}"), &problem),
        }
    }
    let mut rules = Vec::new();
    for (row, rule) in written.rules.iter().enumerate() {
        let mut when = Vec::new();
        for (column, cell) in rule.when.iter().enumerate() {
            match UnaryTests::parse(cell) {
                Ok(cell) => when.push(cell),
                Err(problem) => say(format!("rules/{row}/when/{column}"), &problem),
            }
        }
        let mut then = Vec::new();
        for (column, cell) in rule.then.iter().enumerate() {
            match Expression::parse(cell) {
                Ok(cell) => then.push(cell),
                Err(problem) => say(format!("rules/{row}/then/{column}"), &problem),
            }
        }
        rules.push(Row { when, then });
    }
    let policy = HitPolicy::named(&written.hit);
    if policy.is_none() {
        bad("hit".to_owned(), "命中策略应为 U、F、A、R、C、C+、C<、C> 或 C#", "the hit policy is U, F, A, R, C, C+, C<, C> or C#");
    }
    for (row, rule) in written.rules.iter().enumerate() {
        if rule.when.len() != written.inputs.len() || rule.then.len() != written.outputs.len() {
            bad(format!("rules/{row}"), "单元格数与列数不符", "the number of cells is not that of the columns");
            fine = false;
        }
    }
    for (column, output) in written.outputs.iter().enumerate() {
        if type_of(output.of.as_deref()).is_none() {
            bad(format!("outputs/{column}/type"), "类型应为 string、number、boolean、date", "a type is string, number, boolean or date");
        }
    }
    let outputs = written.outputs.iter();
    let outputs =
        outputs.map(|output| Output { name: output.name.clone(), of: type_of(output.of.as_deref()).unwrap_or(Type::Any) }).collect();
    Some(Table { inputs, outputs, rules, policy: policy? }).filter(|_| fine)
}

fn test(key: &str, written: &Written, table: &Table, findings: &mut Vec<Finding>) {
    for (row, test) in written.tests.iter().enumerate() {
        let value = Value::from_json(&Json::Object(test.given.clone()), &Type::Any);
        let context = value.map(|value| Context::of(&value)).unwrap_or_default();
        let reason = match table.evaluate(&context) {
            Err(error) => Some(error.text(false)),
            Ok(decided) => {
                let found = decided.value.to_json();
                let differs = test.then.iter().any(|(name, wanted)| found.get(name) != Some(wanted));
                differs.then(|| found.to_string())
            }
        };
        if let Some(reason) = reason {
            let finding = Finding::of_file(Rule::DecisionTestFailed).with("table", key).with("row", row + 1);
            findings.push(finding.with("reason", reason));
        }
    }
}

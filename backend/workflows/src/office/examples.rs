//! Tests that stand beside a definition: what is sent and decided, and what must be so then. They are trials with imagined people.

use std::sync::Arc;

use kernel::{
    Ts,
    calendar::{Calendar, Hours},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

use super::trial::{Decision, Pretend, TrialStarter, imagined, run};
use crate::{blueprint::Blueprint, model::CaseState};

/// A test that stands beside a definition.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    name: String,
    #[serde(default)]
    given: Given,
    #[serde(default)]
    decisions: Vec<Decision>,
    then: Then,
}
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    data: Map<String, Json>,
    /// What actions give.
    #[serde(default)]
    outputs: Map<String, Json>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Then {
    #[serde(default)]
    ended: Option<CaseState>,
    #[serde(default)]
    steps: Option<Vec<String>>,
    #[serde(default)]
    open: Option<Vec<String>>,
    #[serde(default)]
    data: Map<String, Json>,
}

/// What became of a test.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TestResult {
    /// Its name.
    pub name: String,
    /// Whether it passed.
    pub passed: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// Runs the tests of a definition.
#[must_use]
pub fn run_all(blueprint: &Blueprint, tests: &[Json], chinese: bool) -> Vec<TestResult> {
    tests.iter().map(|json| test(blueprint, json, chinese)).collect()
}

fn test(blueprint: &Blueprint, json: &Json, chinese: bool) -> TestResult {
    let test = match Test::deserialize(json) {
        Ok(test) => test,
        Err(error) => {
            let name = json.get("name").and_then(Json::as_str).unwrap_or("?").to_owned();
            return TestResult { name, passed: false, reason: Some(error.to_string()) };
        }
    };
    // A day on which people work, so that tests mean the same for ever.
    let now = Ts::from_micros(1_780_300_800_000_000);
    let calendar = match Calendar::new(&Hours::china(), &[]) {
        Ok(calendar) => Arc::new(calendar),
        Err(error) => return TestResult { name: test.name, passed: false, reason: Some(error.to_string()) },
    };
    let mut out = Pretend { outputs: test.given.outputs, ..Pretend::new(now, calendar, Box::new(imagined)) };
    let trial = run(blueprint, &TrialStarter::imagined(), &test.given.data, &test.decisions, &mut out, chinese);
    let walked: Vec<&str> = trial.steps.iter().map(String::as_str).collect();
    let open: Vec<&str> = trial.open.iter().map(|step| step.step.as_str()).collect();
    let mut open_sorted = open.clone();
    open_sorted.sort_unstable();
    let wanted_open = test.then.open.map(|mut open| {
        open.sort();
        open
    });
    let word = |zh: &str, en: &str| if chinese { zh } else { en }.to_owned();
    let state = |state: Option<CaseState>| state.map_or_else(|| word("进行中", "running"), |state| state.title(chinese).to_owned());
    let reason = if let Some(problem) = trial.problem {
        Some(problem)
    } else if trial.ended != test.then.ended {
        let at = if open.is_empty() { String::new() } else { format!("（{}）", open.join("、")) };
        Some(format!("{} {}{at} ≠ {}", word("结束状态", "it ended as"), state(trial.ended), state(test.then.ended)))
    } else if test.then.steps.as_ref().is_some_and(|steps| *steps != walked) {
        Some(format!("{} {}", word("经过的步骤为", "the steps were"), walked.join(" → ")))
    } else if wanted_open.is_some_and(|wanted| wanted != open_sorted) {
        Some(format!("{} {}", word("待办步骤为", "open steps are"), open_sorted.join(", ")))
    } else {
        let wrong = test.then.data.iter().find(|(name, wanted)| trial.data.get(*name).unwrap_or(&Json::Null) != *wanted);
        wrong.map(|(name, _)| format!("{name} = {}", trial.data.get(name).unwrap_or(&Json::Null)))
    };
    TestResult { name: test.name, passed: reason.is_none(), reason }
}

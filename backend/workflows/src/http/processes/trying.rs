//! Looking at a definition before it is published: checks, trial runs, replays. Nothing is kept.

use actix_web::web::Data;
use bpmn::{Finding, Severity};
use kernel::{PersonId, UnitId, may};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Fine, Guard, Path, Valid, View};

use crate::{
    blueprint::{Source, publishable},
    model::{CaseId, ProcessId},
    office::{
        examples::TestResult,
        trial::{Decision, Trial},
    },
    service::{Office, definitions},
};

/// Something that a definition breaks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingView {
    /// The rule's stable name.
    pub rule: String,
    /// `error` or `warning`.
    pub severity: String,
    /// The element; none if it is about the whole.
    #[schema(required)]
    pub element: Option<String>,
    /// A sentence in the reader's language.
    pub text: String,
    /// A run that shows it: elements and flows in order.
    pub run: Vec<String>,
}

fn finding_views(findings: &[Finding], chinese: bool) -> Vec<FindingView> {
    let view = |finding: &Finding| FindingView {
        rule: finding.rule.to_string(),
        severity: if finding.rule.severity() == Severity::Error { "error" } else { "warning" }.to_owned(),
        element: finding.element.clone(),
        text: finding.text(chinese),
        run: finding.run.clone(),
    };
    findings.iter().map(view).collect()
}

/// A step of a definition.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StepRef {
    pub id: String,
    pub name: String,
}

/// What was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckView {
    pub publishable: bool,
    pub findings: Vec<FindingView>,
    /// The user tasks.
    pub steps: Vec<StepRef>,
    pub tests: Vec<TestResult>,
}
impl View for CheckView {}

/// A definition to be looked at.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSource {
    #[validate(length(min = 1, max = 4_194_304))]
    #[schema(min_length = 1, max_length = 4_194_304)]
    bpmn: String,
    #[schema(value_type = Object)]
    form: Map<String, Json>,
    #[serde(default)]
    #[schema(value_type = Object)]
    decisions: Map<String, Json>,
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(value_type = Vec<Object>, max_items = 200)]
    tests: Vec<Map<String, Json>>,
}

impl CheckSource {
    fn source(self) -> Source {
        let tests = self.tests.into_iter().map(Json::Object).collect();
        Source { bpmn: self.bpmn, form: Json::Object(self.form), decisions: self.decisions, tests }
    }
}

/// POST /processes/check
pub async fn check(call: Guard<may::DesignProcesses>, office: Data<Office>, body: Valid<CheckSource>) -> Result<Fine<CheckView>, ApiError> {
    let source = body.into_inner().source();
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let (blueprint, findings, tests) = definitions::check(tx, &office, &source)?;
        let steps = blueprint.iter().flat_map(|blueprint| blueprint.settings.work.keys().map(move |id| (id, blueprint)));
        let steps = steps.map(|(id, blueprint)| StepRef { id: id.clone(), name: blueprint.name(id, chinese) }).collect();
        let publishable = blueprint.is_some() && publishable(&findings);
        Ok(CheckView { publishable, findings: finding_views(&findings, chinese), steps, tests })
    })
    .await
}

/// A trial run.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryProcess {
    #[validate(length(min = 1, max = 4_194_304))]
    #[schema(min_length = 1, max_length = 4_194_304)]
    bpmn: String,
    #[schema(value_type = Object)]
    form: Map<String, Json>,
    #[serde(default)]
    #[schema(value_type = Object)]
    decisions: Map<String, Json>,
    /// Who starts; the reader if absent.
    starter_id: Option<PersonId>,
    unit_id: Option<UnitId>,
    /// The form.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Map<String, Json>,
    /// Decisions in order; one that names an event makes time go there.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    decisions_taken: Vec<Decision>,
}

/// Where a trial run stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialView {
    #[serde(flatten)]
    pub trial: Trial,
    pub findings: Vec<FindingView>,
}
impl View for TrialView {}

/// POST /processes/test-run
pub async fn test_run(
    call: Guard<may::DesignProcesses>,
    office: Data<Office>,
    body: Valid<TryProcess>,
) -> Result<Fine<TrialView>, ApiError> {
    let body = body.into_inner();
    let source = Source { bpmn: body.bpmn, form: Json::Object(body.form), decisions: body.decisions, tests: Vec::new() };
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let (trial, findings) =
            definitions::try_out(tx, &office, &source, body.starter_id, body.unit_id, &body.data, &body.decisions_taken)?;
        Ok(TrialView { trial, findings: finding_views(&findings, chinese) })
    })
    .await
}

/// How many cases.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayCases {
    /// The last so many that are over.
    #[validate(range(min = 1, max = 200))]
    #[schema(minimum = 1, maximum = 200)]
    last: i64,
}

/// A case, then and now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReplayedCase {
    pub case_id: CaseId,
    pub number: String,
    pub title: String,
    /// Steps with people, as they were.
    pub was: Vec<String>,
    /// As they would be.
    pub now: Vec<String>,
    pub same: bool,
    #[schema(required)]
    pub problem: Option<String>,
}

/// All of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReplayView {
    pub items: Vec<ReplayedCase>,
}
impl View for ReplayView {}

/// POST /processes/{id}/replay
pub async fn replay(
    call: Guard<may::DesignProcesses>,
    office: Data<Office>,
    id: Path<ProcessId>,
    body: Valid<ReplayCases>,
) -> Result<Fine<ReplayView>, ApiError> {
    let (id, last) = (*id, body.into_inner().last);
    call.read(move |tx| {
        let items = definitions::replay(tx, &office, id, last)?;
        let view = |one: definitions::Replayed| ReplayedCase {
            case_id: one.case.id,
            number: one.case.number,
            title: one.case.title,
            same: one.was == one.now,
            was: one.was,
            now: one.now,
            problem: one.problem,
        };
        Ok(ReplayView { items: items.into_iter().map(view).collect() })
    })
    .await
}

//! Reports that come by themselves.

use identity::{UnitRef, directory};
use kernel::{Error, Page, Ts, UnitId, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{AllowedAction, ApiError, Created, Fine, Guard, IfMatch, Path, Valid, View, rules};

use super::runs::reason_text;
use crate::{
    kinds,
    model::{Plan, PlanId, ReportPeriod},
    policy,
    service::plans::{self, Changes, Wanted},
    store,
};

/// A report that comes by itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportPlanView {
    pub id: PlanId,
    /// Which report.
    pub report: String,
    /// What the report is called, in the reader's language.
    pub title: String,
    pub name: String,
    pub period: ReportPeriod,
    /// The unit that it speaks of; null: the whole company.
    #[schema(required)]
    pub unit: Option<UnitRef>,
    /// In whose name, and by whose right, it is made.
    pub owner: String,
    pub active: bool,
    /// When it is made next.
    pub next_at: Ts,
    /// Why it was not made the last time: a stable code.
    #[schema(required)]
    pub problem: Option<String>,
    /// The same in the reader's language.
    #[schema(required)]
    pub problem_text: Option<String>,
    /// `change`
    pub allowed_actions: Vec<AllowedAction>,
    pub version: i32,
}
impl View for ReportPlanView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn view(tx: &mut db::ReadTx<'_>, plan: Plan) -> Result<ReportPlanView, Error> {
    let chinese = tx.actor().chinese;
    let unit = directory::units(tx, plan.unit_id)?.into_values().next();
    let allowed_actions = vec![AllowedAction::of("change", policy::check_change_plan(tx.actor(), &plan), chinese)];
    Ok(ReportPlanView {
        id: plan.id,
        title: kinds::title(&plan.report, chinese),
        report: plan.report,
        name: plan.name,
        period: plan.period,
        unit,
        owner: plan.owner_name,
        active: plan.active,
        next_at: plan.next_at,
        problem_text: plan.problem.as_deref().map(|problem| reason_text(problem, chinese)),
        problem: plan.problem,
        allowed_actions,
        version: plan.version,
    })
}

fn one(tx: &mut db::ReadTx<'_>, id: PlanId) -> Result<ReportPlanView, Error> {
    let plan = plans::visible(tx, id)?;
    view(tx, plan)
}

/// GET /report-plans
pub async fn list(call: Guard<may::UseAccount>) -> Result<Fine<Page<ReportPlanView>>, ApiError> {
    call.read(|tx| {
        let mut items = Vec::new();
        for plan in store::plans(tx)? {
            if plans::can_see(tx, &plan) {
                items.push(view(tx, plan)?);
            }
        }
        Ok(Page { items, next_cursor: None })
    })
    .await
}

/// What is to come by itself.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateReportPlan {
    /// Which report.
    #[validate(length(min = 1, max = 40), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 40)]
    report: String,
    /// What people call it.
    #[validate(length(min = 1, max = 80), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// Over which time it speaks; it is made when that is over.
    period: ReportPeriod,
    /// Only this unit and what is below it; none: the whole company.
    unit_id: Option<UnitId>,
}

/// POST /report-plans
pub async fn create(call: Guard<may::UseAccount>, body: Valid<CreateReportPlan>) -> Result<Created<ReportPlanView>, ApiError> {
    let CreateReportPlan { report, name, period, unit_id } = body.into_inner();
    let wanted = Wanted { report, name, period, unit_id };
    call.create(move |tx| plans::create(tx, &wanted)?.and_then(|id| one(tx, id))).await
}

/// What is to be changed; what is left out stays.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeReportPlan {
    /// What people call it.
    #[validate(length(min = 1, max = 80), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    /// Over which time it speaks.
    period: Option<ReportPeriod>,
    /// Whether it is made.
    active: Option<bool>,
}

/// PATCH /report-plans/{id}
pub async fn change(
    call: Guard<may::UseAccount>,
    id: Path<PlanId>,
    expected: IfMatch,
    body: Valid<ChangeReportPlan>,
) -> Result<Fine<ReportPlanView>, ApiError> {
    let (id, ChangeReportPlan { name, period, active }) = (*id, body.into_inner());
    let changes = Changes { name, period, active };
    call.change(move |tx| plans::change(tx, id, expected.0, &changes)?.and_then(|()| one(tx, id))).await
}

//! Looking after the cases of a process: migration and numbers.

use actix_web::web::Data;
use identity::{Identity, PersonRef};
use kernel::{Ts, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, Path, Query, Valid, View, rules};

use crate::{
    http::second::second,
    model::{CaseId, CaseState, ProcessId},
    service::{Office, operations, statistics},
};

/// From which release to which.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MigrateCases {
    from: i32,
    to: i32,
    /// True: nothing is done.
    dry_run: bool,
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
    /// The account of somebody else with the permission, who agrees at this screen; required unless it is a dry run.
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    second_login: Option<String>,
    /// And their password: it is checked and not kept.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    second_password: Option<String>,
}

/// A case that moves, or why not.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MigratedCase {
    pub case_id: CaseId,
    pub number: String,
    pub title: String,
    pub possible: bool,
    #[schema(required)]
    pub reason: Option<String>,
    /// Elements at which it stands.
    pub open: Vec<String>,
}

/// All of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MigrationView {
    pub items: Vec<MigratedCase>,
}
impl View for MigrationView {}

fn migration_view(plans: Vec<operations::Migration>) -> MigrationView {
    let view = |plan: operations::Migration| MigratedCase {
        case_id: plan.case.id,
        number: plan.case.number,
        title: plan.case.title,
        possible: plan.problem.is_none(),
        reason: plan.problem,
        open: plan.open,
    };
    MigrationView { items: plans.into_iter().map(view).collect() }
}

/// POST /processes/{id}/migrate
pub async fn migrate(
    call: Guard<may::ManageCases>,
    identity: Data<Identity>,
    office: Data<Office>,
    id: Path<ProcessId>,
    body: Valid<MigrateCases>,
) -> Result<Created<MigrationView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let second = second(&identity, call.actor(), body.second_login.as_ref(), body.second_password.as_ref()).await?;
    call.create(move |tx| {
        if body.dry_run {
            let plans = operations::plan_migration(tx, &office, id, body.from, body.to)?;
            return Ok(tx.unchanged(migration_view(plans)));
        }
        Ok(operations::migrate(tx, &office, id, body.from, body.to, &body.reason, second)?.map(migration_view))
    })
    .await
}

/// Which period.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatisticsQuery {
    /// Cases that started at or after; a year ago if absent.
    from: Option<Ts>,
    /// Cases that started before; now if absent.
    to: Option<Ts>,
}

/// The middle, and nine of ten, in minutes on the clock.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SpreadView {
    pub p50_minutes: i64,
    pub p90_minutes: i64,
}

fn spread(pair: Option<(i64, i64)>) -> Option<SpreadView> {
    pair.map(|(p50_minutes, p90_minutes)| SpreadView { p50_minutes, p90_minutes })
}

/// How many cases in a state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StateCount {
    pub state: CaseState,
    pub count: i64,
}

/// The numbers of a step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StepStatistics {
    pub step: String,
    pub name: String,
    /// Done by people.
    pub done: i64,
    pub open: i64,
    /// Done by nobody: time-out, the same person, nobody found.
    pub automatic: i64,
    pub returns: i64,
    pub overdue: i64,
    /// From its arrival until it was opened.
    #[schema(required)]
    pub waiting: Option<SpreadView>,
    /// From there until it was done.
    #[schema(required)]
    pub working: Option<SpreadView>,
}

/// The numbers of a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonStatistics {
    pub person: PersonRef,
    pub handled: i64,
    pub overdue: i64,
    pub p50_minutes: i64,
}

/// The numbers of a process.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatisticsView {
    pub cases: Vec<StateCount>,
    /// From start to end, of those that are over.
    #[schema(required)]
    pub duration: Option<SpreadView>,
    pub steps: Vec<StepStatistics>,
    pub people: Vec<PersonStatistics>,
    /// Whether there were more cases than the latest 5,000, which were looked at.
    pub cut: bool,
}
impl View for StatisticsView {}

/// GET /processes/{id}/statistics
pub async fn numbers(
    call: Guard<may::ReadCases>,
    office: Data<Office>,
    id: Path<ProcessId>,
    query: Query<StatisticsQuery>,
) -> Result<Fine<StatisticsView>, ApiError> {
    let (id, query) = (*id, query.into_inner());
    call.read(move |tx| {
        let to = query.to.unwrap_or_else(|| tx.now().plus_seconds(1));
        let from = query.from.unwrap_or_else(|| to.plus_seconds(-366 * 86_400));
        let numbers = statistics::of(tx, &office, id, from, to)?;
        let step = |one: statistics::StepNumbers| StepStatistics {
            step: one.step,
            name: one.name,
            done: one.done,
            open: one.open,
            automatic: one.automatic,
            returns: one.returns,
            overdue: one.overdue,
            waiting: spread(one.waiting),
            working: spread(one.working),
        };
        let person = |one: statistics::PersonNumbers| PersonStatistics {
            person: PersonRef { id: one.person, name: one.name },
            handled: one.handled,
            overdue: one.overdue,
            p50_minutes: one.middle,
        };
        Ok(StatisticsView {
            cases: numbers.states.into_iter().map(|(state, count)| StateCount { state, count }).collect(),
            duration: spread(numbers.duration),
            steps: numbers.steps.into_iter().map(step).collect(),
            people: numbers.people.into_iter().map(person).collect(),
            cut: numbers.cut,
        })
    })
    .await
}

//! Work items: 待办, 已办, and what is done with them.

use actix_web::web::Data;
use kernel::{Page, PersonId, may};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, NoContent, Path, Query, Valid, View, page_of, rules};

use super::views::{self, WorkDetail, WorkItemView};
use crate::{
    model::{ProcessId, WorkItemId},
    office::moves::{Resume, SignerPosition},
    service::{
        Office,
        work::{self, WorkAction, WorkStep},
    },
    store::{self, WorkFilter, WorkLens},
};

/// Which work.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorkQuery {
    /// `open` if absent.
    lens: Option<WorkLens>,
    /// Of this process.
    process_id: Option<ProcessId>,
    /// True: it is late.
    overdue: Option<bool>,
    /// Words of the case's number, title, starter.
    #[validate(length(min = 1, max = 100))]
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
}

/// For whom the reader may act now.
fn principals(tx: &mut db::ReadTx<'_>) -> Result<Vec<PersonId>, kernel::Error> {
    let me = tx.actor().require_person()?;
    Ok(store::principals(tx, me)?.into_iter().map(|deputy| deputy.person_id).collect())
}

/// GET /work-items
pub async fn list(
    call: Guard<may::UseProcesses>,
    office: Data<Office>,
    query: Query<WorkQuery>,
) -> Result<Fine<Page<WorkItemView>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    let filter = WorkFilter {
        lens: query.lens,
        process: query.process_id,
        overdue: query.overdue == Some(true),
        words: query.q.filter(|words| !words.trim().is_empty()),
    };
    call.read(move |tx| {
        let principals = principals(tx)?;
        let seats = store::work_page(tx, &filter, &principals, &page)?;
        let done = filter.lens == Some(WorkLens::Done);
        let page = page.page(seats, |seat| (if done { seat.done_at.unwrap_or(seat.created_at) } else { seat.created_at }, seat.id));
        let items = views::work_items(tx, &office, &page.items)?;
        // A deputy sees what may be done in somebody's absence, and nothing else.
        let mut shown = Vec::new();
        for (seat, item) in page.items.iter().zip(items) {
            let own = !item.for_somebody || tx.actor().person().is_some_and(|me| seat.owner_id == Some(me));
            if own || deputised(tx, &office, seat)? {
                shown.push(item);
            }
        }
        Ok(Page { items: shown, next_cursor: page.next_cursor })
    })
    .await
}

fn deputised(tx: &mut db::ReadTx<'_>, office: &Office, seat: &crate::model::Seat) -> Result<bool, kernel::Error> {
    let Some(row) = store::case(tx, seat.case_id)? else { return Ok(false) };
    let loaded = crate::service::load(tx, office, row)?;
    Ok(work::acting(tx, &loaded, seat)?.is_some())
}

/// How much there is to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkCounts {
    /// To be done by me.
    pub open: i64,
    /// Of these, late.
    pub overdue: i64,
    /// To be taken.
    pub claimable: i64,
    /// Circulated to me and not read.
    pub cc_unread: i64,
    /// Questions to me that are open.
    pub questions: i64,
    /// Notices that I have not read.
    pub notifications: i64,
}
impl View for WorkCounts {}

/// GET /work-items/counts
pub async fn counts(call: Guard<may::UseProcesses>) -> Result<Fine<WorkCounts>, ApiError> {
    call.read(|tx| {
        let me = tx.actor().require_person()?;
        let principals = principals(tx)?;
        let (open, overdue, claimable) = store::work_counts(tx, &principals)?;
        Ok(WorkCounts {
            open,
            overdue,
            claimable,
            cc_unread: store::unread_cc(tx, me)?,
            questions: store::open_questions(tx, me)?,
            notifications: store::unread_notifications(tx, me)?,
        })
    })
    .await
}

/// GET /work-items/{id}
pub async fn show(call: Guard<may::UseProcesses>, office: Data<Office>, id: Path<WorkItemId>) -> Result<Fine<WorkDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| views::work_detail(tx, &office, id)).await
}

/// POST /work-items/{id}/seen
pub async fn seen(call: Guard<may::UseProcesses>, office: Data<Office>, id: Path<WorkItemId>) -> Result<NoContent, ApiError> {
    let id = *id;
    call.done(move |tx| work::seen(tx, &office, id)).await
}

/// A step; which fields belong to which action says each field.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DoWork {
    action: WorkAction,
    /// complete: one of `outcomes`.
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    outcome: Option<String>,
    /// Words that go with it; required to refuse and to return.
    #[validate(length(min = 1, max = 2000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 2000)]
    opinion: Option<String>,
    /// complete, save: what was filled in; null takes a value away.
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Json>>,
    /// complete: fields as they were when the form was shown; what others have changed since is refused instead of overwritten.
    #[schema(value_type = Option<Object>)]
    seen: Option<Map<String, Json>>,
    /// transfer, delegate, remove_signer: one person; add_signer: one or more.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    to: Vec<PersonId>,
    /// return: one of `targets`.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    target: Option<String>,
    /// return: what happens after the repair; `again` if absent.
    resume: Option<Resume>,
    /// add_signer: where; `parallel` if absent.
    position: Option<SignerPosition>,
}

/// POST /work-items/{id}/transitions
pub async fn transition(
    call: Guard<may::UseProcesses>,
    office: Data<Office>,
    id: Path<WorkItemId>,
    expected: IfMatch,
    body: Valid<DoWork>,
) -> Result<Fine<WorkDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let step = WorkStep {
        action: body.action,
        outcome: body.outcome,
        opinion: body.opinion,
        data: body.data,
        seen: body.seen,
        to: body.to,
        target: body.target,
        resume: body.resume.unwrap_or(Resume::Again),
        position: body.position.unwrap_or(SignerPosition::Parallel),
    };
    // The case is the turnstile; the version is the work item's.
    let case = call.db().read(call.actor(), move |tx| work::case_of(tx, id)).await?;
    let queue = case.map_or_else(|| id.uuid(), kernel::Id::uuid);
    call.behind(queue)
        .change(move |tx| work::transition(tx, &office, id, expected.0, &step)?.and_then(|()| views::work_detail(tx, &office, id)))
        .await
}

/// One of several.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkBulkItem {
    id: WorkItemId,
    /// The version that was seen.
    version: i32,
}

/// The same outcome for several.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkWork {
    #[validate(custom(function = "some"))]
    #[schema(min_items = 1, max_items = 50)]
    items: Vec<WorkBulkItem>,
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    outcome: String,
    #[validate(length(min = 1, max = 2000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 2000)]
    opinion: Option<String>,
}

fn some(items: &[WorkBulkItem]) -> Result<(), validator::ValidationError> {
    if (1..=50).contains(&items.len()) { Ok(()) } else { Err(validator::ValidationError::new("field.out_of_range")) }
}

/// What became of one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkWorkResult {
    pub id: WorkItemId,
    pub ok: bool,
    #[schema(required)]
    pub code: Option<String>,
    #[schema(required)]
    pub reason: Option<String>,
}

/// What became of each.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkWorkResults {
    pub items: Vec<BulkWorkResult>,
}
impl View for BulkWorkResults {}

/// POST /work-items/bulk
pub async fn bulk(
    call: Guard<may::UseProcesses>,
    office: Data<Office>,
    body: Valid<BulkWork>,
) -> Result<Created<BulkWorkResults>, ApiError> {
    let body = body.into_inner();
    call.create(move |tx| {
        let chinese = tx.actor().chinese;
        let mut results = Vec::new();
        for item in &body.items {
            let step = WorkStep {
                action: WorkAction::Complete,
                outcome: Some(body.outcome.clone()),
                opinion: body.opinion.clone(),
                data: None,
                seen: None,
                to: Vec::new(),
                target: None,
                resume: Resume::Again,
                position: SignerPosition::Parallel,
            };
            let done = tx.attempt(|tx| work::transition(tx, &office, item.id, item.version, &step))?;
            results.push(match done {
                Ok(()) => BulkWorkResult { id: item.id, ok: true, code: None, reason: None },
                Err(error) => BulkWorkResult {
                    id: item.id,
                    ok: false,
                    code: Some(error.code().to_string()),
                    reason: Some(error.code().text(chinese, error.params())),
                },
            });
        }
        Ok(tx.unchanged(BulkWorkResults { items: results }))
    })
    .await
}

/// A leaver's work goes to somebody else.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    from: PersonId,
    to: PersonId,
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// How much went.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HandedOver {
    pub moved: usize,
}
impl View for HandedOver {}

/// POST /work-items/hand-over
pub async fn hand_over(
    call: Guard<may::ManageCases>,
    office: Data<Office>,
    body: Valid<HandOver>,
) -> Result<Created<HandedOver>, ApiError> {
    let body = body.into_inner();
    call.create(move |tx| Ok(work::hand_over(tx, &office, body.from, body.to, &body.reason)?.map(|moved| HandedOver { moved }))).await
}

//! Handlers and request types.

pub mod alerts;
pub mod notes;
pub mod saved_views;
pub mod settings;
mod views;

use equipment::EquipmentId;
use kernel::{Date, Error, Page, PageRequest, Permission, PersonId, Reach, Ts, UnitId, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{
    ApiError, Created, Download, Fine, Guard, IfMatch, NoContent, Path, Query, Valid, View,
    exports::{self, Format},
    page_of, rules,
};

use views::{CountsView, DueView, TicketDetail, TicketItem, TimelineView};

use crate::{
    model::{CategoryId, Level, Priority, TicketAction, TicketId, TicketState, TicketType},
    service::{self, Changes, Report, Step},
    store::{self, Filter, TicketLens, TicketSort},
};

/// Which tickets, in which order.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TicketQuery {
    /// Whose; everything I may see if absent.
    lens: Option<TicketLens>,
    /// In one of these states.
    #[serde(default)]
    #[param(max_items = 9)]
    state: Vec<TicketState>,
    /// True: not yet closed, refused or cancelled.
    open: Option<bool>,
    /// Of one of these kinds.
    #[serde(default)]
    #[param(max_items = 4)]
    kind: Vec<TicketType>,
    /// Of one of these priorities.
    #[serde(default)]
    #[param(max_items = 4)]
    priority: Vec<Priority>,
    /// In this category.
    category_id: Option<CategoryId>,
    /// Reported by.
    reporter_id: Option<PersonId>,
    /// In whose hands.
    assignee_id: Option<PersonId>,
    /// True: in nobody's hands.
    unassigned: Option<bool>,
    /// Given to this unit or below.
    assigned_unit_id: Option<UnitId>,
    /// Reported in this unit or below.
    unit_id: Option<UnitId>,
    /// About this equipment.
    equipment_id: Option<EquipmentId>,
    /// True: a due time has passed.
    overdue: Option<bool>,
    /// True: something happened since I looked.
    unread: Option<bool>,
    /// Reported at or after.
    created_from: Option<Ts>,
    /// Reported before.
    created_to: Option<Ts>,
    /// Words of number, title, description; pinyin initials.
    #[validate(length(min = 1, max = 100))]
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// In which order; the latest first if absent.
    sort: Option<TicketSort>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
    /// For exports.
    format: Option<Format>,
}

impl TicketQuery {
    fn filter(&self) -> Filter {
        Filter {
            lens: self.lens,
            states: self.state.clone(),
            open: self.open,
            kinds: self.kind.clone(),
            priorities: self.priority.clone(),
            category_id: self.category_id,
            reporter_id: self.reporter_id,
            assignee_id: self.assignee_id,
            unassigned: self.unassigned == Some(true),
            assigned_unit_id: self.assigned_unit_id,
            unit_id: self.unit_id,
            equipment_id: self.equipment_id,
            overdue: self.overdue == Some(true),
            unread: self.unread == Some(true),
            created_from: self.created_from,
            created_to: self.created_to,
            words: self.q.clone().filter(|words| !words.trim().is_empty()),
        }
    }

    fn sort(&self) -> TicketSort {
        self.sort.unwrap_or(TicketSort::Created)
    }
}

/// How far reading reaches.
fn reach(tx: &db::ReadTx<'_>) -> Reach {
    tx.actor().reach(Permission::ReadTickets)
}

/// GET /tickets
pub async fn list(call: Guard<may::ReadTickets>, query: Query<TicketQuery>) -> Result<Fine<Page<TicketItem>>, ApiError> {
    let query = query.into_inner();
    let (filter, sort, page) = (query.filter(), query.sort(), page_of(query.limit, query.after.as_deref())?);
    call.read(move |tx| views::page(tx, &filter, sort, &page)).await
}

/// GET /tickets/counts
pub async fn counts(call: Guard<may::ReadTickets>, query: Query<TicketQuery>) -> Result<Fine<CountsView>, ApiError> {
    let filter = query.into_inner().filter();
    call.read(move |tx| views::counts(tx, &filter)).await
}

/// GET /tickets/export
pub async fn export(call: Guard<may::ReadTickets>, query: Query<TicketQuery>) -> Result<Download, ApiError> {
    let query = query.into_inner();
    let (filter, chinese) = (query.filter(), call.actor().chinese);
    let noted = db::Event::about("ticket.exported", "person", call.actor().require_person()?.uuid(), call.actor().name.clone());
    call.db().note(call.actor(), noted).await?;
    exports::stream(&call, query.format.unwrap_or(Format::Csv), "tickets", views::columns(chinese), move |tx, page: &PageRequest| {
        // Whatever the order of the list: this one is not disturbed by what happens while the file is made.
        let found = views::page(tx, &filter, TicketSort::Created, page)?;
        found.try_map(|item| Ok((views::cells(&item, chinese), serde_json::to_value(&item).map_err(Error::internal)?)))
    })
    .await
}

/// A ticket to be reported.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportTicket {
    kind: TicketType,
    /// One sentence.
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    title: String,
    #[serde(default)]
    #[validate(length(max = 10_000))]
    #[schema(max_length = 10_000)]
    description: String,
    /// How many it affects; low if absent.
    impact: Option<Level>,
    /// How soon it is needed; medium if absent.
    urgency: Option<Level>,
    category_id: Option<CategoryId>,
    /// Where somebody has to go.
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    place: Option<String>,
    /// How to reach the reporter.
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    contact: Option<String>,
    /// What it is about.
    #[serde(default)]
    #[validate(length(max = 10))]
    #[schema(max_items = 10)]
    equipment_ids: Vec<EquipmentId>,
    /// Of the label that was scanned.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20)]
    label_code: Option<String>,
    /// Own uploads.
    #[serde(default)]
    #[validate(length(max = 10))]
    #[schema(max_items = 10)]
    file_ids: Vec<files::FileId>,
    /// For somebody else; the desk only.
    reporter_id: Option<PersonId>,
}

/// POST /tickets
pub async fn create(call: Guard<may::ReportTickets>, body: Valid<ReportTicket>) -> Result<Created<TicketDetail>, ApiError> {
    let body = body.into_inner();
    let report = Report {
        kind: body.kind,
        title: body.title,
        description: body.description,
        impact: body.impact.unwrap_or(Level::Low),
        urgency: body.urgency.unwrap_or(Level::Medium),
        category_id: body.category_id,
        place: body.place,
        contact: body.contact,
        equipment_ids: body.equipment_ids,
        label_code: body.label_code,
        file_ids: body.file_ids,
        reporter_id: body.reporter_id,
    };
    call.create(move |tx| service::report(tx, &report)?.and_then(|whole| views::detail_of(tx, whole))).await
}

/// GET /tickets/{id}
pub async fn show(call: Guard<may::ReadTickets>, id: Path<TicketId>) -> Result<Fine<TicketDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| views::detail(tx, id)).await
}

/// What to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTicket {
    kind: Option<TicketType>,
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    title: Option<String>,
    #[validate(length(max = 10_000))]
    #[schema(max_length = 10_000)]
    description: Option<String>,
    impact: Option<Level>,
    urgency: Option<Level>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[schema(value_type = Option<CategoryId>)]
    category_id: Option<Option<CategoryId>>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    place: Option<Option<String>>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    contact: Option<Option<String>>,
}

/// PATCH /tickets/{id}
pub async fn change(
    call: Guard<may::ReportTickets>,
    id: Path<TicketId>,
    expected: IfMatch,
    body: Valid<ChangeTicket>,
) -> Result<Fine<TicketDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let changes = Changes {
        kind: body.kind,
        title: body.title,
        description: body.description,
        impact: body.impact,
        urgency: body.urgency,
        category_id: body.category_id,
        place: body.place,
        contact: body.contact,
    };
    call.change(move |tx| service::change(tx, id, expected.0, &changes)?.and_then(|()| views::detail(tx, id))).await
}

/// A step; which fields belong to which action says each field.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketStep {
    /// What to do.
    action: TicketAction,
    /// dispatch: to which unit.
    unit_id: Option<UnitId>,
    /// dispatch: to whom in it; nobody leaves it to the unit.
    assignee_id: Option<PersonId>,
    /// ask_reporter, answer, resolve, reopen, refuse, cancel, appraise (conclusion), return_from_vendor (result): required. dispatch, start, send_to_vendor, confirm: optional.
    #[validate(length(min = 1, max = 2000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 2000)]
    text: Option<String>,
    /// appraise: why it failed.
    #[validate(length(min = 1, max = 2000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 2000)]
    cause: Option<String>,
    /// appraise: whether it can be repaired in the house.
    repairable: Option<bool>,
    /// send_to_vendor: to whom.
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    vendor: Option<String>,
    /// send_to_vendor: when it should be back.
    expected_back: Option<Date>,
    /// send_to_vendor: which, if several are linked.
    equipment_id: Option<EquipmentId>,
    /// return_from_vendor, resolve: whether it works again.
    repaired: Option<bool>,
    /// confirm, by the reporter: 1 (bad) to 5 (good).
    #[validate(range(min = 1, max = 5))]
    #[schema(minimum = 1, maximum = 5)]
    satisfaction: Option<i32>,
}

impl TicketStep {
    fn step(self) -> Step {
        Step {
            action: self.action,
            unit_id: self.unit_id,
            assignee_id: self.assignee_id,
            text: self.text,
            cause: self.cause,
            repairable: self.repairable,
            vendor: self.vendor,
            expected_back: self.expected_back,
            equipment_id: self.equipment_id,
            repaired: self.repaired,
            satisfaction: self.satisfaction,
        }
    }
}

/// POST /tickets/{id}/transitions
pub async fn transition(
    call: Guard<may::ReportTickets>,
    id: Path<TicketId>,
    expected: IfMatch,
    body: Valid<TicketStep>,
) -> Result<Fine<TicketDetail>, ApiError> {
    let (id, step) = (*id, body.into_inner().step());
    call.change(move |tx| service::transition(tx, id, expected.0, &step)?.and_then(|()| views::detail(tx, id))).await
}

/// One of several.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkItem {
    id: TicketId,
    /// As it was seen.
    version: i32,
}

/// The same step for several tickets.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkStep {
    /// As many as one transaction should change.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_items = 1, max_items = 40)]
    items: Vec<BulkItem>,
    /// What to do with each.
    #[validate(nested)]
    step: TicketStep,
}

/// What came of one.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResult {
    id: TicketId,
    /// Whether it was done.
    done: bool,
    /// Why not: a stable code.
    #[schema(required)]
    reason: Option<String>,
    /// The same in the reader's language.
    #[schema(required)]
    reason_text: Option<String>,
}

/// What came of each.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResults {
    items: Vec<BulkResult>,
}
impl View for BulkResults {}

/// POST /tickets/bulk: each by itself; one that fails does not undo the others.
pub async fn bulk(call: Guard<may::ReportTickets>, body: Valid<BulkStep>) -> Result<Fine<BulkResults>, ApiError> {
    let body = body.into_inner();
    let (step, chinese) = (body.step.step(), call.actor().chinese);
    call.change(move |tx| {
        let mut items = Vec::new();
        for item in &body.items {
            let result = tx.attempt(|tx| service::transition(tx, item.id, item.version, &step))?;
            let verdict = web::AllowedAction::of("", result, chinese);
            items.push(BulkResult { id: item.id, done: verdict.allowed, reason: verdict.reason, reason_text: verdict.reason_text });
        }
        Ok(tx.unchanged(BulkResults { items }))
    })
    .await
}

/// GET /tickets/{id}/timeline
pub async fn timeline(call: Guard<may::ReadTickets>, id: Path<TicketId>) -> Result<Fine<TimelineView>, ApiError> {
    let id = *id;
    call.read(move |tx| views::timeline(tx, id)).await
}

/// GET /tickets/{id}/due
pub async fn due(call: Guard<may::ReadTickets>, id: Path<TicketId>) -> Result<Fine<DueView>, ApiError> {
    let id = *id;
    call.read(move |tx| views::due(tx, id)).await
}

/// POST /tickets/{id}/seen
pub async fn seen(call: Guard<may::ReadTickets>, id: Path<TicketId>) -> Result<NoContent, ApiError> {
    let (id, me) = (*id, call.actor().require_person()?);
    call.db().read(call.actor(), move |tx| service::visible(tx, id).map(drop)).await?;
    call.db().housekeep(db::Housekeeping::ReadMarks, move |rows| store::seen(rows, id, me)).await?;
    Ok(NoContent)
}

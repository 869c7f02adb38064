//! A person's desk: drafts, deputies, phrases, notices.

use identity::{PersonRef, directory::Names};
use kernel::{Page, PersonId, Ts, UnitId, may};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, NoContent, Path, Query, Valid, View, page_of};

use super::views::{ProcessRef, process_names};
use crate::{
    model::{CaseId, DeputyId, DraftId, NotificationId, ProcessId, Told, WorkItemId},
    service::{desk, starting},
    store,
};

/// A case that has not been sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseDraft {
    pub id: DraftId,
    pub process: ProcessRef,
    #[schema(required)]
    pub unit_id: Option<UnitId>,
    #[schema(value_type = Object)]
    pub data: Map<String, Json>,
    pub changed_at: Ts,
    pub version: i32,
}
impl View for CaseDraft {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// All of one's own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseDrafts {
    pub items: Vec<CaseDraft>,
}
impl View for CaseDrafts {}

fn draft_view(tx: &mut db::ReadTx<'_>, row: crate::model::DraftRow) -> Result<CaseDraft, kernel::Error> {
    let name = process_names(tx)?.remove(&row.process_id).unwrap_or_default();
    Ok(CaseDraft {
        id: row.id,
        process: ProcessRef { id: row.process_id, name },
        unit_id: row.unit_id,
        data: row.data.parse()?,
        changed_at: row.changed_at,
        version: row.version,
    })
}

/// GET /case-drafts
pub async fn drafts(call: Guard<may::UseProcesses>) -> Result<Fine<CaseDrafts>, ApiError> {
    call.read(|tx| {
        let me = tx.actor().require_person()?;
        let rows = store::drafts(tx, me)?;
        let items = rows.into_iter().map(|row| draft_view(tx, row)).collect::<Result<_, _>>()?;
        Ok(CaseDrafts { items })
    })
    .await
}

/// GET /case-drafts/{id}
pub async fn draft(call: Guard<may::UseProcesses>, id: Path<DraftId>) -> Result<Fine<CaseDraft>, ApiError> {
    let id = *id;
    call.read(move |tx| {
        let row = starting::own_draft(tx, id)?;
        draft_view(tx, row)
    })
    .await
}

/// A case to be kept.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveDraft {
    process_id: ProcessId,
    unit_id: Option<UnitId>,
    #[schema(value_type = Object)]
    data: Map<String, Json>,
}

/// POST /case-drafts
pub async fn save_draft(call: Guard<may::UseProcesses>, body: Valid<SaveDraft>) -> Result<Created<CaseDraft>, ApiError> {
    let body = body.into_inner();
    call.create(move |tx| {
        desk::save_draft(tx, body.process_id, body.unit_id, &body.data)?.and_then(|id| {
            let row = starting::own_draft(tx, id)?;
            draft_view(tx, row)
        })
    })
    .await
}

/// What it is now.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDraft {
    unit_id: Option<UnitId>,
    #[schema(value_type = Object)]
    data: Map<String, Json>,
}

/// PUT /case-drafts/{id}
pub async fn change_draft(
    call: Guard<may::UseProcesses>,
    id: Path<DraftId>,
    expected: IfMatch,
    body: Valid<ChangeDraft>,
) -> Result<Fine<CaseDraft>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| {
        desk::change_draft(tx, id, expected.0, body.unit_id, &body.data)?.and_then(|()| {
            let row = starting::own_draft(tx, id)?;
            draft_view(tx, row)
        })
    })
    .await
}

/// DELETE /case-drafts/{id}
pub async fn drop_draft(call: Guard<may::UseProcesses>, id: Path<DraftId>) -> Result<NoContent, ApiError> {
    let id = *id;
    call.done(move |tx| desk::drop_draft(tx, id)).await
}

/// Somebody who acts in another's absence.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeputyView {
    pub id: DeputyId,
    /// Who is away.
    pub principal: PersonRef,
    pub deputy: PersonRef,
    pub from: Ts,
    pub to: Ts,
    /// Only these processes; all if empty.
    pub processes: Vec<ProcessRef>,
    /// Whether the reader is the one who is away.
    pub mine: bool,
}

/// Those of the reader.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeputyList {
    pub items: Vec<DeputyView>,
}
impl View for DeputyList {}

fn deputies_of_reader(tx: &mut db::ReadTx<'_>) -> Result<DeputyList, kernel::Error> {
    let me = tx.actor().require_person()?;
    let rows = store::deputies(tx, me)?;
    let names = Names::load(tx, rows.iter().flat_map(|row| [row.person_id, row.deputy_id]), [])?;
    let processes = process_names(tx)?;
    let mut items = Vec::new();
    for row in rows {
        let ids: Vec<ProcessId> = row.processes.parse()?;
        items.push(DeputyView {
            id: row.id,
            principal: names.person(row.person_id),
            deputy: names.person(row.deputy_id),
            from: row.valid_from,
            to: row.valid_to,
            processes: ids.into_iter().map(|id| ProcessRef { id, name: processes.get(&id).cloned().unwrap_or_default() }).collect(),
            mine: row.person_id == me,
        });
    }
    Ok(DeputyList { items })
}

/// GET /deputies
pub async fn deputies(call: Guard<may::UseProcesses>) -> Result<Fine<DeputyList>, ApiError> {
    call.read(deputies_of_reader).await
}

/// Who acts for me, and when.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameDeputy {
    deputy_id: PersonId,
    from: Ts,
    to: Ts,
    /// Only these processes; all if empty.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    process_ids: Vec<ProcessId>,
}

/// POST /deputies
pub async fn name_deputy(call: Guard<may::UseProcesses>, body: Valid<NameDeputy>) -> Result<Created<DeputyList>, ApiError> {
    let body = body.into_inner();
    call.create(move |tx| {
        desk::name_deputy(tx, body.deputy_id, body.from, body.to, &body.process_ids)?.and_then(|_| deputies_of_reader(tx))
    })
    .await
}

/// DELETE /deputies/{id}
pub async fn end_deputy(call: Guard<may::UseProcesses>, id: Path<DeputyId>) -> Result<NoContent, ApiError> {
    let id = *id;
    call.done(move |tx| desk::end_deputy(tx, id)).await
}

/// One's own phrases.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PhraseList {
    pub phrases: Vec<String>,
}
impl View for PhraseList {}

/// GET /phrases
pub async fn phrases(call: Guard<may::UseProcesses>) -> Result<Fine<PhraseList>, ApiError> {
    call.read(|tx| Ok(PhraseList { phrases: desk::phrases(tx)? })).await
}

/// What they are now.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPhrases {
    /// Each 1 to 200 characters.
    #[validate(length(max = 30), custom(function = "short"))]
    #[schema(max_items = 30)]
    phrases: Vec<String>,
}

fn short(phrases: &[String]) -> Result<(), validator::ValidationError> {
    let fits = |text: &String| !text.trim().is_empty() && text.chars().count() <= 200;
    if phrases.iter().all(fits) { Ok(()) } else { Err(validator::ValidationError::new("field.bad_format")) }
}

/// PUT /phrases
pub async fn set_phrases(call: Guard<may::UseProcesses>, body: Valid<SetPhrases>) -> Result<Fine<PhraseList>, ApiError> {
    let body = body.into_inner();
    call.change(move |tx| desk::set_phrases(tx, &body.phrases)?.and_then(|()| Ok(PhraseList { phrases: desk::phrases(tx)? }))).await
}

/// Something told to the reader.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotificationView {
    pub id: NotificationId,
    pub kind: Told,
    pub text: String,
    #[schema(required)]
    pub case_id: Option<CaseId>,
    #[schema(required)]
    pub work_item_id: Option<WorkItemId>,
    /// Where on the page, if it is about no case: a path.
    #[schema(required)]
    pub link: Option<String>,
    pub at: Ts,
    #[schema(required)]
    pub read_at: Option<Ts>,
}

/// Which notices.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NotificationQuery {
    /// True: not yet read.
    unread: Option<bool>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
}

/// GET /notifications
pub async fn notifications(
    call: Guard<may::UseProcesses>,
    query: Query<NotificationQuery>,
) -> Result<Fine<Page<NotificationView>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    call.read(move |tx| {
        let me = tx.actor().require_person()?;
        let rows = store::notifications(tx, me, query.unread == Some(true), &page)?;
        Ok(page.page(rows, |row| (row.at, row.id)).map(|row| NotificationView {
            id: row.id,
            kind: row.kind,
            text: row.text,
            case_id: row.case_id,
            work_item_id: row.work_item_id,
            link: row.link,
            at: row.at,
            read_at: row.read_at,
        }))
    })
    .await
}

/// Which ones.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadNotifications {
    /// All if empty.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    ids: Vec<NotificationId>,
}

/// POST /notifications/read
pub async fn read_notifications(call: Guard<may::UseProcesses>, body: Valid<ReadNotifications>) -> Result<NoContent, ApiError> {
    let body = body.into_inner();
    call.done(move |tx| desk::read_notices(tx, &body.ids)).await
}

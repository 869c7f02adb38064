//! Cases: lists, one case, its diagram, and what is done with it.

use actix_web::web::Data;
use files::{Blobs, FileId};
use kernel::{Code, Error, Page, Permission, PersonId, UnitId, may};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Created, Download, Fine, Guard, IfMatch, NoContent, Path, Query, Valid, View, page_of, rules};

use super::views::{self, CaseDetail, CaseItem};
use crate::{
    http::second::second,
    model::{CaseId, CaseState, ProcessId, QuestionId},
    service::{
        Office,
        cases::{self, CaseAction},
        operations,
    },
    store::{self, CaseFilter, CaseLens},
};

/// Which cases.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CaseQuery {
    /// Whose; everything I may see if absent.
    lens: Option<CaseLens>,
    /// In one of these states.
    #[serde(default)]
    #[param(max_items = 6)]
    state: Vec<CaseState>,
    /// Of this process.
    process_id: Option<ProcessId>,
    /// Started in this unit or below.
    unit_id: Option<UnitId>,
    /// True: something is late.
    overdue: Option<bool>,
    /// True: it stands still because something went wrong.
    incident: Option<bool>,
    /// Words of number, title, starter; pinyin initials.
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

/// GET /cases
pub async fn list(call: Guard<may::UseProcesses>, office: Data<Office>, query: Query<CaseQuery>) -> Result<Fine<Page<CaseItem>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    let filter = CaseFilter {
        lens: query.lens,
        states: query.state,
        process: query.process_id,
        unit: query.unit_id,
        overdue: query.overdue == Some(true),
        incident: query.incident == Some(true),
        words: query.q.filter(|words| !words.trim().is_empty()),
    };
    call.read(move |tx| {
        let mut reach = tx.actor().reach(Permission::ReadCases);
        let managed = tx.actor().reach(Permission::ManageCases);
        reach.all = reach.all || managed.all;
        reach.closure.extend(managed.closure);
        let rows = store::case_page(tx, &filter, &reach, &page)?;
        let page = page.page(rows, |row| (row.started_at, row.id));
        let items = views::items(tx, &office, &page.items)?;
        Ok(Page { items, next_cursor: page.next_cursor })
    })
    .await
}

/// GET /cases/{id}
pub async fn show(call: Guard<may::UseProcesses>, office: Data<Office>, id: Path<CaseId>) -> Result<Fine<CaseDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| views::detail(tx, &office, id)).await
}

/// What an element of the diagram has seen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ElementView {
    /// `done`, `active` or `incident`.
    pub state: String,
    /// How often a token came.
    pub count: u32,
}

/// The diagram of a case with the way that it took.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DiagramView {
    pub bpmn: String,
    /// By element.
    pub elements: std::collections::BTreeMap<String, ElementView>,
    /// Flows that were taken.
    pub flows: Vec<String>,
}
impl View for DiagramView {}

/// GET /cases/{id}/diagram
pub async fn diagram(call: Guard<may::UseProcesses>, office: Data<Office>, id: Path<CaseId>) -> Result<Fine<DiagramView>, ApiError> {
    let id = *id;
    call.read(move |tx| {
        let row = cases::visible_case(tx, id)?;
        let loaded = crate::service::load(tx, &office, row)?;
        let case = loaded.case(crate::service::live::system(tx))?;
        let mut elements = std::collections::BTreeMap::new();
        for (element, count) in &case.control.walked {
            let here = case.control.state.tokens.values().filter(|token| token.at == *element);
            let incident = here.clone().any(|token| matches!(token.stay, bpmn::run::Stay::Incident { .. }));
            let active = here.count() > 0;
            let state = if incident {
                "incident"
            } else if active {
                "active"
            } else {
                "done"
            };
            elements.insert(element.clone(), ElementView { state: state.to_owned(), count: *count });
        }
        for wait in &case.waits {
            elements.insert(wait.element.clone(), ElementView { state: "active".to_owned(), count: 1 });
        }
        let flows = crate::office::paths::taken(&case).into_iter().collect();
        Ok(DiagramView { bpmn: loaded.blueprint.definition.source.clone(), elements, flows })
    })
    .await
}

/// What is done with a case.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseStep {
    action: CaseAction,
    /// Required, except to withdraw.
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    reason: Option<String>,
    /// The account of somebody else with the permission, who agrees at this screen; required to void it.
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    second_login: Option<String>,
    /// And their password: it is checked and not kept.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    second_password: Option<String>,
}

/// POST /cases/{id}/transitions
pub async fn transition(
    call: Guard<may::UseProcesses>,
    identity: Data<identity::Identity>,
    office: Data<Office>,
    id: Path<CaseId>,
    expected: IfMatch,
    body: Valid<CaseStep>,
) -> Result<Fine<CaseDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    if body.second_login.is_some() {
        // What may not be seen is not worth a password.
        call.db().read(call.actor(), move |tx| cases::visible_case(tx, id).map(drop)).await?;
    }
    let second = second(&identity, call.actor(), body.second_login.as_ref(), body.second_password.as_ref()).await?;
    call.behind(id.uuid())
        .change(move |tx| {
            cases::transition(tx, &office, id, expected.0, body.action, body.reason.as_deref(), second)?
                .and_then(|()| views::detail(tx, &office, id))
        })
        .await
}

/// Where an administrator sends a case.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JumpCase {
    /// One of `jump_targets`.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    to: String,
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
    /// The account of somebody else with the permission, who agrees at this screen.
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    second_login: String,
    /// And their password: it is checked and not kept.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    second_password: String,
}

/// POST /cases/{id}/jump
pub async fn jump(
    call: Guard<may::ManageCases>,
    identity: Data<identity::Identity>,
    office: Data<Office>,
    id: Path<CaseId>,
    expected: IfMatch,
    body: Valid<JumpCase>,
) -> Result<Fine<CaseDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    // What may not be seen is not worth a password.
    call.db().read(call.actor(), move |tx| cases::visible_case(tx, id).map(drop)).await?;
    let second = identity.second_person(call.actor(), &body.second_login, &body.second_password).await?;
    call.behind(id.uuid())
        .change(move |tx| {
            operations::jump(tx, &office, id, expected.0, &body.to, &body.reason, second)?.and_then(|()| views::detail(tx, &office, id))
        })
        .await
}

/// Words that go with it.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Urging {
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    text: Option<String>,
}

/// POST /cases/{id}/urge
pub async fn urge(call: Guard<may::UseProcesses>, id: Path<CaseId>, body: Valid<Urging>) -> Result<NoContent, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.behind(id.uuid()).done(move |tx| cases::urge(tx, id, body.text.as_deref())).await
}

/// Who is told.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Circulation {
    #[validate(length(min = 1, max = 50))]
    #[schema(min_items = 1, max_items = 50)]
    person_ids: Vec<PersonId>,
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    text: Option<String>,
}

/// POST /cases/{id}/cc
pub async fn cc(
    call: Guard<may::UseProcesses>,
    office: Data<Office>,
    id: Path<CaseId>,
    body: Valid<Circulation>,
) -> Result<Created<CaseDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.behind(id.uuid())
        .create(move |tx| cases::cc(tx, id, &body.person_ids, body.text.as_deref())?.and_then(|()| views::detail(tx, &office, id)))
        .await
}

/// POST /cases/{id}/seen
pub async fn seen(call: Guard<may::UseProcesses>, id: Path<CaseId>) -> Result<NoContent, ApiError> {
    let id = *id;
    call.done(move |tx| cases::seen(tx, id)).await
}

/// A question.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskQuestion {
    to: PersonId,
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    text: String,
}

/// POST /cases/{id}/questions
pub async fn ask(
    call: Guard<may::UseProcesses>,
    office: Data<Office>,
    id: Path<CaseId>,
    body: Valid<AskQuestion>,
) -> Result<Created<CaseDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.create(move |tx| cases::ask(tx, id, body.to, &body.text)?.and_then(|()| views::detail(tx, &office, id))).await
}

/// An answer.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerQuestion {
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    text: String,
}

/// POST /cases/{id}/questions/{question_id}/answer
pub async fn answer(
    call: Guard<may::UseProcesses>,
    office: Data<Office>,
    ids: Path<(CaseId, QuestionId)>,
    body: Valid<AnswerQuestion>,
) -> Result<Created<CaseDetail>, ApiError> {
    let ((id, question), body) = (*ids, body.into_inner());
    call.create(move |tx| cases::answer(tx, id, question, &body.text)?.and_then(|()| views::detail(tx, &office, id))).await
}

/// GET /cases/{id}/files/{file_id}
pub async fn file(
    call: Guard<may::UseProcesses>,
    office: Data<Office>,
    blobs: Data<Blobs>,
    ids: Path<(CaseId, FileId)>,
) -> Result<Download, ApiError> {
    let (id, file) = *ids;
    let found = call.db().read(call.actor(), move |tx| cases::file(tx, &office, id, file)).await?;
    Ok(Download(files::deliver(&blobs, &found).await?))
}

/// POST /cases/{id}/incidents/{token}/retry
pub async fn retry(call: Guard<may::ManageCases>, office: Data<Office>, ids: Path<(CaseId, u64)>) -> Result<Created<CaseDetail>, ApiError> {
    let (id, token) = *ids;
    call.behind(id.uuid()).create(move |tx| operations::retry(tx, &office, id, token)?.and_then(|()| views::detail(tx, &office, id))).await
}

/// The result that is given by hand.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveIncident {
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
    /// What the action would have given.
    #[serde(default)]
    #[schema(value_type = Object)]
    output: Map<String, Json>,
}

/// POST /cases/{id}/incidents/{token}/resolve
pub async fn resolve(
    call: Guard<may::ManageCases>,
    office: Data<Office>,
    ids: Path<(CaseId, u64)>,
    body: Valid<ResolveIncident>,
) -> Result<Created<CaseDetail>, ApiError> {
    let ((id, token), body) = (*ids, body.into_inner());
    call.behind(id.uuid())
        .create(move |tx| {
            operations::resolve(tx, &office, id, token, &body.reason, &body.output)?.and_then(|()| views::detail(tx, &office, id))
        })
        .await
}

/// A message for a case that waits for it.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliverMessage {
    /// The message's name, as in the process.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

/// POST /cases/{id}/messages
pub async fn message(
    call: Guard<may::ManageCases>,
    office: Data<Office>,
    id: Path<CaseId>,
    body: Valid<DeliverMessage>,
) -> Result<Created<CaseDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.behind(id.uuid())
        .create(move |tx| {
            let delivered = operations::message(tx, &office, id, &body.name)?;
            if !delivered.get() {
                return Err(Error::new(Code::NoChange));
            }
            delivered.and_then(|_| views::detail(tx, &office, id))
        })
        .await
}

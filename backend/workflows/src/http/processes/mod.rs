//! Definitions: the catalogue, drafts, checks, trial runs, releases, numbers.

mod operating;
mod trying;
mod views;

pub use operating::{migrate, numbers};
pub use trying::{check, replay, test_run};
pub use views::{ProcessItem, item};

use actix_web::web::Data;
use kernel::{Code, Error, Permission, Ts, UnitId, may};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, NoContent, Path, Query, Valid, View, rules};

use self::views::{ProcessDetail, Shared, detail};
use crate::{
    actions::ActionView,
    blueprint::Source,
    http::second::second,
    model::{ProcessId, ProcessState, ReleaseState},
    service::{
        Office,
        definitions::{self, DraftChange, NewProcess},
        desk,
    },
    store,
};

/// Which processes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProcessQuery {
    /// Part of the name or category.
    #[validate(length(min = 1, max = 100))]
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// True: only what I may start.
    startable: Option<bool>,
}

/// The catalogue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcessList {
    pub items: Vec<ProcessItem>,
}
impl View for ProcessList {}

/// GET /processes
pub async fn list(call: Guard<may::UseProcesses>, office: Data<Office>, query: Query<ProcessQuery>) -> Result<Fine<ProcessList>, ApiError> {
    let query = query.into_inner();
    call.read(move |tx| {
        let designs = tx.actor().holds(Permission::DesignProcesses) || tx.actor().holds(Permission::PublishProcesses);
        let words = query.q.as_ref().map(|words| words.to_lowercase());
        let mut items = Vec::new();
        let all = store::processes(tx)?;
        let shared = Shared::load(tx)?;
        for process in &all {
            let item = shared.item(tx, &office, process)?;
            let fits = words.as_ref().is_none_or(|words| {
                [Some(&item.name), item.category.as_ref(), item.about.as_ref(), item.name_en.as_ref()]
                    .into_iter()
                    .flatten()
                    .any(|text| text.to_lowercase().contains(words))
                    || db::search::initials(&item.name).iter().any(|letters| letters.starts_with(words.as_str()))
            });
            // Drafts are for designers.
            let visible = designs || process.state != ProcessState::Draft;
            if fits && visible && (query.startable != Some(true) || item.startable) {
                items.push(item);
            }
        }
        Ok(ProcessList { items })
    })
    .await
}

/// GET /processes/{id}
pub async fn show(call: Guard<may::UseProcesses>, office: Data<Office>, id: Path<ProcessId>) -> Result<Fine<ProcessDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| detail(tx, &office, id)).await
}

/// A new process.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProcess {
    /// For programs and call activities; it never changes.
    #[validate(length(min = 1, max = 60), custom(function = "rules::code"))]
    #[schema(min_length = 1, max_length = 60)]
    key: String,
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    name_en: Option<String>,
    #[validate(length(min = 1, max = 30), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 30)]
    category: Option<String>,
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    category_en: Option<String>,
    #[validate(length(min = 1, max = 300), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 300)]
    about: Option<String>,
    #[validate(length(min = 1, max = 600), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 600)]
    about_en: Option<String>,
    /// A file to begin with; a small template if absent.
    #[validate(length(min = 1, max = 4_194_304))]
    #[schema(min_length = 1, max_length = 4_194_304)]
    bpmn: Option<String>,
    /// Its form.
    #[schema(value_type = Option<Object>)]
    form: Option<Map<String, Json>>,
}

/// POST /processes
pub async fn create(
    call: Guard<may::DesignProcesses>,
    office: Data<Office>,
    body: Valid<CreateProcess>,
) -> Result<Created<ProcessDetail>, ApiError> {
    let body = body.into_inner();
    let source = body.bpmn.map(|bpmn| Source {
        bpmn,
        form: body.form.map_or_else(crate::blueprint::Form::empty, Json::Object),
        decisions: Map::new(),
        tests: Vec::new(),
    });
    let new = NewProcess {
        key: body.key,
        name: body.name,
        name_en: body.name_en,
        category: body.category,
        category_en: body.category_en,
        about: body.about,
        about_en: body.about_en,
        source,
        origin: None,
    };
    call.create(move |tx| definitions::create(tx, &new)?.and_then(|id| detail(tx, &office, id))).await
}

/// What of the draft is to be changed.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProcess {
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    name_en: Option<Option<String>>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 30), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 30)]
    category: Option<Option<String>>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    category_en: Option<Option<String>>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 300), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 300)]
    about: Option<Option<String>>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 600), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 600)]
    about_en: Option<Option<String>>,
    #[validate(length(min = 1, max = 4_194_304))]
    #[schema(min_length = 1, max_length = 4_194_304)]
    bpmn: Option<String>,
    #[schema(value_type = Option<Object>)]
    form: Option<Map<String, Json>>,
    #[schema(value_type = Option<Object>)]
    decisions: Option<Map<String, Json>>,
    #[validate(length(max = 200))]
    #[schema(value_type = Option<Vec<Object>>, max_items = 200)]
    tests: Option<Vec<Map<String, Json>>>,
}

/// PATCH /processes/{id}
pub async fn change(
    call: Guard<may::DesignProcesses>,
    office: Data<Office>,
    id: Path<ProcessId>,
    expected: IfMatch,
    body: Valid<ChangeProcess>,
) -> Result<Fine<ProcessDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let change = DraftChange {
        name: body.name,
        name_en: body.name_en,
        category: body.category,
        category_en: body.category_en,
        about: body.about,
        about_en: body.about_en,
        bpmn: body.bpmn,
        form: body.form.map(Json::Object),
        decisions: body.decisions,
        tests: body.tests.map(|tests| tests.into_iter().map(Json::Object).collect()),
    };
    call.change(move |tx| definitions::change(tx, id, expected.0, &change)?.and_then(|()| detail(tx, &office, id))).await
}

/// How to publish.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishProcess {
    /// What is new.
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    notes: Option<String>,
    /// Only cases of these units and below use it (灰度); everybody if empty.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    pilot_unit_ids: Vec<UnitId>,
    /// The account of somebody else who agrees at this screen: they hold the permissions of actions that the publisher lacks.
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    second_login: Option<String>,
    /// And their password: it is checked and not kept.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    second_password: Option<String>,
}

/// POST /processes/{id}/publish
pub async fn publish(
    call: Guard<may::PublishProcesses>,
    identity: Data<identity::Identity>,
    office: Data<Office>,
    id: Path<ProcessId>,
    expected: IfMatch,
    body: Valid<PublishProcess>,
) -> Result<Fine<ProcessDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let second = second(&identity, call.actor(), body.second_login.as_ref(), body.second_password.as_ref()).await?;
    call.change(move |tx| {
        definitions::publish(tx, &office, id, expected.0, body.notes.as_deref(), &body.pilot_unit_ids, second)?
            .and_then(|()| detail(tx, &office, id))
    })
    .await
}

/// POST /processes/{id}/promote
pub async fn promote(
    call: Guard<may::PublishProcesses>,
    office: Data<Office>,
    id: Path<ProcessId>,
    expected: IfMatch,
) -> Result<Fine<ProcessDetail>, ApiError> {
    let id = *id;
    call.change(move |tx| definitions::promote(tx, id, expected.0)?.and_then(|()| detail(tx, &office, id))).await
}

/// Why.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawProcess {
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// POST /processes/{id}/withdraw
pub async fn withdraw(
    call: Guard<may::PublishProcesses>,
    office: Data<Office>,
    id: Path<ProcessId>,
    expected: IfMatch,
    body: Valid<WithdrawProcess>,
) -> Result<Fine<ProcessDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| definitions::withdraw(tx, id, expected.0, &body.reason)?.and_then(|()| detail(tx, &office, id))).await
}

/// POST /processes/{id}/restore
pub async fn restore(
    call: Guard<may::PublishProcesses>,
    office: Data<Office>,
    id: Path<ProcessId>,
    expected: IfMatch,
) -> Result<Fine<ProcessDetail>, ApiError> {
    let id = *id;
    call.change(move |tx| definitions::restore(tx, id, expected.0)?.and_then(|()| detail(tx, &office, id))).await
}

/// A release as it was published.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleaseView {
    pub number: i32,
    pub state: ReleaseState,
    #[serde(flatten)]
    pub source: Source,
    pub published_at: Ts,
    pub published_by: String,
    #[schema(required)]
    pub notes: Option<String>,
    pub hash: String,
}
impl View for ReleaseView {}

/// GET /processes/{id}/releases/{number}
pub async fn release(call: Guard<may::UseProcesses>, ids: Path<(ProcessId, i32)>) -> Result<Fine<ReleaseView>, ApiError> {
    let (id, number) = *ids;
    call.read(move |tx| {
        let (row, source) = definitions::release(tx, id, number)?;
        // Rules and hidden fields stand in it: it is for those who make processes or look after cases.
        let holds = |permission| tx.actor().holds(permission);
        if ![Permission::DesignProcesses, Permission::PublishProcesses, Permission::ReadCases].into_iter().any(holds) {
            return Err(Error::forbidden(Code::Forbidden).with("permission", Permission::ReadCases).about(id));
        }
        Ok(ReleaseView {
            number: row.number,
            state: row.state,
            source,
            published_at: row.published_at,
            published_by: row.published_by_name,
            notes: row.notes,
            hash: row.hash,
        })
    })
    .await
}

/// The catalogue of actions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionList {
    pub items: Vec<ActionView>,
}
impl View for ActionList {}

/// GET /process-actions
pub async fn actions(call: Guard<may::DesignProcesses>, office: Data<Office>) -> Result<Fine<ActionList>, ApiError> {
    Fine::with(&ActionList { items: office.actions().catalogue(call.actor().chinese) })
}

/// PUT /processes/{id}/favourite
pub async fn mark(call: Guard<may::UseProcesses>, id: Path<ProcessId>) -> Result<NoContent, ApiError> {
    let id = *id;
    call.done(move |tx| desk::set_favourite(tx, id, true)).await
}

/// DELETE /processes/{id}/favourite
pub async fn unmark(call: Guard<may::UseProcesses>, id: Path<ProcessId>) -> Result<NoContent, ApiError> {
    let id = *id;
    call.done(move |tx| desk::set_favourite(tx, id, false)).await
}

//! Definitions: the catalogue, drafts, checks, trial runs, releases, numbers.

mod operating;
mod trying;

pub use operating::{migrate, numbers};
pub use trying::{check, replay, test_run};

use actix_web::web::Data;
use identity::{UnitRef, directory};
use kernel::{Code, Error, Permission, PersonId, Ts, UnitId, may};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{AllowedAction, ApiError, Created, Fine, Guard, IfMatch, NoContent, Path, Query, Valid, View, rules};

use crate::{
    actions::ActionView,
    blueprint::Source,
    http::second::second,
    model::{Process, ProcessId, ProcessState, ReleaseState},
    service::{
        Office,
        definitions::{self, DraftChange, NewProcess},
        desk, source_of_draft, starting,
    },
    store,
};

/// A process in the catalogue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcessItem {
    pub id: ProcessId,
    pub key: String,
    /// In the reader's language.
    pub name: String,
    #[schema(required)]
    pub name_en: Option<String>,
    /// In the reader's language.
    #[schema(required)]
    pub category: Option<String>,
    #[schema(required)]
    pub category_en: Option<String>,
    /// In the reader's language.
    #[schema(required)]
    pub about: Option<String>,
    #[schema(required)]
    pub about_en: Option<String>,
    pub state: ProcessState,
    /// The release that new cases use.
    #[schema(required)]
    pub release: Option<i32>,
    /// Whether the reader may start it.
    pub startable: bool,
    /// Whether the reader marked it.
    pub favourite: bool,
    /// Cases that run.
    pub running: i64,
    /// The pack from which it came.
    #[schema(required)]
    pub origin: Option<String>,
}

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

/// What every item needs, read once.
struct Shared {
    numbers: std::collections::HashMap<ProcessId, i32>,
    running: std::collections::HashMap<ProcessId, i64>,
    favourites: std::collections::BTreeSet<ProcessId>,
    unit: Option<UnitId>,
    me: PersonId,
}

impl Shared {
    fn load(tx: &mut db::ReadTx<'_>) -> Result<Self, Error> {
        let me = tx.actor().require_person()?;
        Ok(Self {
            numbers: store::current_numbers(tx)?,
            running: store::running_by_process(tx)?,
            favourites: store::favourites(tx, me)?,
            unit: directory::main_unit(tx, me)?,
            me,
        })
    }

    fn item(&self, tx: &mut db::ReadTx<'_>, office: &Office, process: &Process) -> Result<ProcessItem, Error> {
        let chinese = tx.actor().chinese;
        let startable = match (process.state, self.unit) {
            (ProcessState::Published, Some(unit)) => match starting::release_for(tx, process, unit) {
                Ok(release) => {
                    let blueprint = office.release(tx, release.id)?;
                    starting::check_starter(tx, &blueprint, self.me).is_ok() && blueprint.start().is_some()
                }
                Err(_) => false,
            },
            _ => false,
        };
        Ok(ProcessItem {
            id: process.id,
            key: process.key.clone(),
            name: process.name_en.clone().filter(|_| !chinese).unwrap_or_else(|| process.name.clone()),
            name_en: process.name_en.clone(),
            category: process.category_en.clone().filter(|_| !chinese).or_else(|| process.category.clone()),
            category_en: process.category_en.clone(),
            about: process.about_en.clone().filter(|_| !chinese).or_else(|| process.about.clone()),
            about_en: process.about_en.clone(),
            state: process.state,
            release: self.numbers.get(&process.id).copied(),
            startable,
            favourite: self.favourites.contains(&process.id),
            running: self.running.get(&process.id).copied().unwrap_or_default(),
            origin: process.origin.clone(),
        })
    }
}

/// One process as a list shows it.
pub fn item(tx: &mut db::ReadTx<'_>, office: &Office, process: &Process) -> Result<ProcessItem, Error> {
    Shared::load(tx)?.item(tx, office, process)
}

/// A release in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleaseItem {
    pub number: i32,
    pub state: ReleaseState,
    pub published_at: Ts,
    pub published_by: String,
    #[schema(required)]
    pub notes: Option<String>,
    /// SHA-256 of everything that was published.
    pub hash: String,
    /// Cases that run on it.
    pub running: i64,
}

/// A pilot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PilotView {
    pub release: i32,
    pub units: Vec<UnitRef>,
}

/// A draft.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DraftSource {
    #[serde(flatten)]
    pub source: Source,
    pub changed_at: Ts,
    pub changed_by: String,
    /// Whether it differs from the current release.
    pub differs: bool,
}

/// A process with its draft and releases.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcessDetail {
    #[serde(flatten)]
    pub item: ProcessItem,
    /// In Chinese, as it is written.
    pub name_zh: String,
    #[schema(required)]
    pub category_zh: Option<String>,
    #[schema(required)]
    pub about_zh: Option<String>,
    pub version: i32,
    /// For designers only.
    #[schema(required)]
    pub draft: Option<DraftSource>,
    pub releases: Vec<ReleaseItem>,
    #[schema(required)]
    pub pilot: Option<PilotView>,
    pub allowed_actions: Vec<AllowedAction>,
}
impl View for ProcessDetail {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn detail(tx: &mut db::ReadTx<'_>, office: &Office, id: ProcessId) -> Result<ProcessDetail, Error> {
    let process = starting::process(tx, id)?;
    let designs = tx.actor().holds(Permission::DesignProcesses);
    if process.state == ProcessState::Draft && !designs && !tx.actor().holds(Permission::PublishProcesses) {
        return Err(Error::hidden(id));
    }
    let rows = store::releases(tx, id)?;
    let running = store::running_by_release(tx)?;
    let current = rows.iter().find(|row| row.state == ReleaseState::Current).map(|row| row.hash.clone());
    let pilot_units = store::pilot_units(tx, id)?;
    let names = directory::units(tx, pilot_units.iter().copied())?;
    let pilot = rows
        .iter()
        .find(|row| row.state == ReleaseState::Pilot)
        .map(|row| PilotView { release: row.number, units: pilot_units.iter().filter_map(|unit| names.get(unit).cloned()).collect() });
    let source = source_of_draft(&process)?;
    let differs = current.as_ref() != Some(&definitions::hash_of(&source)?);
    let chinese = tx.actor().chinese;
    let may = |permission| definitions::check_design(tx, permission);
    let in_state = |fits: bool, code: Code| if fits { Ok(()) } else { Err(Error::new(code)) };
    let allowed_actions = vec![
        AllowedAction::of("edit", may(Permission::DesignProcesses), chinese),
        AllowedAction::of(
            "publish",
            may(Permission::PublishProcesses)
                .and_then(|()| in_state(differs || process.state != ProcessState::Published, Code::ProcessNoDraft)),
            chinese,
        ),
        AllowedAction::of(
            "promote",
            may(Permission::PublishProcesses).and_then(|()| in_state(pilot.is_some(), Code::ProcessNoPilot)),
            chinese,
        ),
        AllowedAction::of(
            "withdraw",
            may(Permission::PublishProcesses).and_then(|()| in_state(process.state == ProcessState::Published, Code::ProcessNotPublished)),
            chinese,
        ),
        AllowedAction::of(
            "restore",
            may(Permission::PublishProcesses).and_then(|()| in_state(process.state == ProcessState::Withdrawn, Code::NoChange)),
            chinese,
        ),
    ];
    let releases = rows
        .into_iter()
        .map(|row| ReleaseItem {
            number: row.number,
            state: row.state,
            published_at: row.published_at,
            published_by: row.published_by_name,
            notes: row.notes,
            hash: row.hash,
            running: running.get(&row.id).copied().unwrap_or_default(),
        })
        .collect();
    let draft = designs.then(|| DraftSource {
        source,
        changed_at: process.draft_changed_at,
        changed_by: process.draft_changed_by.clone(),
        differs,
    });
    Ok(ProcessDetail {
        name_zh: process.name.clone(),
        category_zh: process.category.clone(),
        about_zh: process.about.clone(),
        version: process.version,
        draft,
        releases,
        pilot,
        allowed_actions,
        item: item(tx, office, &process)?,
    })
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

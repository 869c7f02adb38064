//! What cases and work have in common for readers: forms, stories, who was told or asked.

mod cases;
mod work;

use std::collections::{BTreeMap, HashMap};

use db::ReadTx;
use identity::{PersonRef, directory::Names};
use kernel::{Code, Error, Ts};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

pub use cases::{CaseDetail, CaseItem, PlaceView, detail, items};
pub use work::{WorkDetail, WorkItemView, work_detail, work_items};

use crate::{
    blueprint::{Blueprint, Data, Rights, words::FieldRight},
    model::{Automatic, CaseId, CaseState, ProcessId, QuestionId, Seat, StoryEvent},
    store,
};

/// A process as others refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcessRef {
    pub id: ProcessId,
    pub name: String,
}

/// A form as the reader may know it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FormView {
    /// JSON Schema; hidden fields are not in it.
    #[schema(value_type = Object)]
    pub schema: Json,
    /// Groups and their order.
    #[schema(value_type = Object)]
    pub ui: Json,
    /// By field: read, edit, required.
    pub rights: BTreeMap<String, FieldRight>,
    /// Fields that may be written, and are required with these outcomes.
    pub required_on: BTreeMap<String, Vec<String>>,
    #[schema(value_type = Object)]
    pub data: Data,
    /// Names of the people and units that stand in the data, by id.
    pub names: BTreeMap<String, String>,
    /// Files that stand in the data.
    pub files: Vec<FormFile>,
}

/// A file that stands in a form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FormFile {
    pub id: files::FileId,
    pub name: String,
    pub media_type: String,
    /// Bytes.
    pub size: i64,
}

/// An entry of a case's story.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoryEntry {
    pub at: Ts,
    pub kind: StoryEvent,
    /// The step's id.
    #[schema(required)]
    pub step_id: Option<String>,
    /// What it is called.
    #[schema(required)]
    pub step: Option<String>,
    pub by: String,
    #[schema(required)]
    pub on_behalf_of: Option<String>,
    #[schema(required)]
    pub outcome: Option<String>,
    #[schema(required)]
    pub outcome_name: Option<String>,
    #[schema(required)]
    pub text: Option<String>,
    /// Why nobody did it by hand.
    #[schema(required)]
    pub automatic: Option<Automatic>,
}

/// Who was told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CcView {
    pub person: PersonRef,
    pub by: String,
    pub at: Ts,
    #[schema(required)]
    pub read_at: Option<Ts>,
}

/// A question.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuestionView {
    pub id: QuestionId,
    pub from: PersonRef,
    pub to: PersonRef,
    pub text: String,
    pub asked_at: Ts,
    #[schema(required)]
    pub answer: Option<String>,
    #[schema(required)]
    pub answered_at: Option<Ts>,
    /// Whether the reader is to answer it.
    pub mine: bool,
}

/// A step to which a case may be sent back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TargetView {
    pub step: String,
    pub name: String,
    /// Who had it.
    pub people: Vec<String>,
}

/// Names of processes.
pub fn process_names(tx: &mut ReadTx<'_>) -> Result<HashMap<ProcessId, String>, Error> {
    let chinese = tx.actor().chinese;
    let name = |process: crate::model::Process| process.name_en.filter(|_| !chinese).unwrap_or(process.name);
    Ok(store::processes(tx)?.into_iter().map(|process| (process.id, name(process))).collect())
}

/// The form of a case, for these rights.
pub fn form_view(
    tx: &mut ReadTx<'_>,
    office: &crate::Office,
    blueprint: &Blueprint,
    case: Option<CaseId>,
    data: &Data,
    rights: &Rights,
    step: Option<&str>,
) -> Result<FormView, Error> {
    let own = step.map_or(&blueprint.form, |step| blueprint.form_at(step));
    let (schema, ui) = own.view(rights, step);
    let data = own.visible(data, rights);
    let names = crate::service::references::names(tx, office, own, &data, |_| true)?;
    let referred: Vec<String> = own.values_of(&data, &["files"]).map(|(_, id)| id.to_owned()).collect();
    let files = match case {
        Some(case) if !referred.is_empty() => store::files_of(tx, case)?
            .into_iter()
            .filter(|(id, ..)| referred.contains(&id.to_string()))
            .map(|(id, name, media_type, size, _)| FormFile { id, name, media_type, size })
            .collect(),
        _ => Vec::new(),
    };
    let rights = rights
        .iter()
        .filter(|(name, right)| **right != FieldRight::Hidden && own.fields.contains_key(*name))
        .map(|(name, right)| (name.clone(), *right))
        .collect();
    Ok(FormView { schema, ui, rights, required_on: BTreeMap::new(), data, names, files })
}

fn outcome_name(blueprint: &Blueprint, step: Option<&str>, outcome: &str, chinese: bool) -> Option<String> {
    let work = step.and_then(|step| blueprint.settings.work.get(step));
    // Chinese says the same before and after; English does not.
    let past = match outcome {
        "agree" => Some("Agreed"),
        "refuse" => Some("Refused"),
        "done" => Some("Submitted"),
        _ => None,
    };
    if let Some(past) = past.filter(|_| !chinese && work.is_some_and(|work| work.outcomes.is_empty())) {
        return Some(past.to_owned());
    }
    let known = work.map(|work| work.outcomes(chinese)).unwrap_or_default();
    let named = known.into_iter().find(|(id, _)| id == outcome).map(|(_, name)| name);
    named.or_else(|| match outcome {
        "return" => Some(if chinese { "退回" } else { "Returned" }.to_owned()),
        other => other.parse::<CaseState>().ok().map(|state| state.title(chinese).to_owned()),
    })
}

fn story_views(tx: &mut ReadTx<'_>, office: &crate::Office, blueprint: &Blueprint, case: CaseId) -> Result<Vec<StoryEntry>, Error> {
    let chinese = tx.actor().chinese;
    Ok(store::story(tx, case)?
        .into_iter()
        .map(|row| StoryEntry {
            at: row.at,
            kind: row.kind,
            step: row.element.as_deref().map(|id| blueprint.name(id, chinese)),
            outcome_name: row.outcome.as_deref().and_then(|outcome| outcome_name(blueprint, row.element.as_deref(), outcome, chinese)),
            step_id: row.element,
            by: row.by_name,
            on_behalf_of: row.on_behalf_of,
            outcome: row.outcome,
            text: match row.kind {
                StoryEvent::Incident => row.text.map(|text| incident_text(&text, chinese)),
                StoryEvent::Action | StoryEvent::Undone => row.text.map(|name| office.actions().title(&name, chinese)),
                _ => row.text.map(|text| crate::said::read(&text, chinese).to_owned()),
            },
            automatic: row.automatic,
        })
        .collect())
}

/// What went wrong, for the reader: known codes have words; the rest is what the expression or the action said.
fn incident_text(text: &str, chinese: bool) -> String {
    let words = || crate::said::read(text, chinese).to_owned();
    text.parse::<Code>().map_or_else(|_| words(), |code| code.text(chinese, &kernel::Params::new()))
}

fn cc_views(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<CcView>, Error> {
    let rows = store::told(tx, case)?;
    let names = Names::load(tx, rows.iter().map(|row| row.person_id), [])?;
    Ok(rows
        .into_iter()
        .map(|row| CcView { person: names.person(row.person_id), by: row.by_name, at: row.at, read_at: row.read_at })
        .collect())
}

fn question_views(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<QuestionView>, Error> {
    let rows = store::questions(tx, case)?;
    let names = Names::load(tx, rows.iter().flat_map(|row| [row.from_id, row.to_id]), [])?;
    let actor = tx.actor();
    Ok(rows
        .into_iter()
        .map(|row| QuestionView {
            id: row.id,
            from: names.person(row.from_id),
            to: names.person(row.to_id),
            mine: actor.is(row.to_id) && row.answered_at.is_none(),
            text: row.text,
            asked_at: row.asked_at,
            answer: row.answer,
            answered_at: row.answered_at,
        })
        .collect())
}

fn target_views(seats: &[Seat], blueprint: &Blueprint, targets: Vec<String>, chinese: bool) -> Vec<TargetView> {
    let people = |step: &str| {
        let mut names: Vec<String> =
            seats.iter().filter(|seat| seat.element == step).filter_map(|seat| seat.done_by_name.clone()).collect();
        names.dedup();
        names
    };
    targets.into_iter().map(|step| TargetView { name: blueprint.name(&step, chinese), people: people(&step), step }).collect()
}

//! What work looks like to readers.

use std::collections::HashMap;

use db::ReadTx;
use identity::{PersonRef, UnitRef, directory::Names};
use kernel::{Error, Ts};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use super::{
    CcView, FormView, PlaceView, ProcessRef, QuestionView, StoryEntry, TargetView, cc_views, form_view, items, outcome_name, process_names,
    question_views, story_views, target_views,
};
use crate::{
    blueprint::{
        Blueprint, Data, Rights,
        words::{FieldRight, SeatPolicy, WorkKind},
    },
    model::{CaseId, CaseRow, CaseState, Seat, SeatState, Vote, WorkItemId},
    office::token_of,
    policy,
    service::{
        Office,
        work::{self, Saved, WorkAction},
    },
    store,
};

/// A field in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SummaryField {
    pub label: String,
    pub value: String,
}

/// Work in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkItemView {
    pub id: WorkItemId,
    pub version: i32,
    pub case: WorkCase,
    pub step: String,
    pub name: String,
    pub kind: WorkKind,
    pub state: SeatState,
    #[schema(required)]
    pub owner: Option<PersonRef>,
    /// The owner is away; the reader may act for them.
    pub for_somebody: bool,
    pub claimable: bool,
    pub created_at: Ts,
    #[schema(required)]
    pub opened_at: Option<Ts>,
    #[schema(required)]
    pub due: Option<Ts>,
    pub overdue: bool,
    /// How often somebody asked to hurry.
    pub urged: i32,
    #[schema(required)]
    pub outcome: Option<String>,
    #[schema(required)]
    pub outcome_name: Option<String>,
    #[schema(required)]
    pub done_at: Option<Ts>,
    /// The first fields of the form.
    pub summary: Vec<SummaryField>,
}

/// The case of a work item.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkCase {
    pub id: CaseId,
    pub number: String,
    pub title: String,
    pub state: CaseState,
    pub process: ProcessRef,
    pub starter: PersonRef,
    pub unit: UnitRef,
    pub started_at: Ts,
}

/// An outcome that may be chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutcomeView {
    pub id: String,
    pub name: String,
}

/// A seat at the same step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SeatView {
    #[schema(required)]
    pub person: Option<PersonRef>,
    pub state: SeatState,
    pub vote: Vote,
    #[schema(required)]
    pub outcome: Option<String>,
    pub position: i32,
}

/// Work with everything that is needed to do it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkDetail {
    #[serde(flatten)]
    pub item: WorkItemView,
    pub form: FormView,
    pub outcomes: Vec<OutcomeView>,
    /// What has been put down meanwhile.
    #[schema(required)]
    pub saved_opinion: Option<String>,
    pub targets: Vec<TargetView>,
    pub seats: Vec<SeatView>,
    pub policy: SeatPolicy,
    pub sign: bool,
    /// It was delegated: it is given back with an opinion.
    pub delegated: bool,
    pub story: Vec<StoryEntry>,
    pub questions: Vec<QuestionView>,
    pub cc: Vec<CcView>,
    pub at: Vec<PlaceView>,
    /// The case's number of changes.
    pub case_version: i32,
    pub clauses: Vec<String>,
    pub allowed_actions: Vec<AllowedAction>,
}
impl View for WorkDetail {
    fn version(&self) -> Option<i32> {
        Some(self.item.version)
    }
}

/// Work as a list shows it.
pub fn work_items(tx: &mut ReadTx<'_>, office: &Office, seats: &[Seat]) -> Result<Vec<WorkItemView>, Error> {
    let ids: Vec<CaseId> = seats.iter().map(|seat| seat.case_id).collect();
    let rows: HashMap<CaseId, CaseRow> = store::cases_by_ids(tx, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    let names = Names::load(tx, rows.values().map(|row| row.starter_id), rows.values().map(|row| row.unit_id))?;
    let processes = process_names(tx)?;
    let (now, chinese, me) = (tx.now(), tx.actor().chinese, tx.actor().person());
    let mut views = Vec::new();
    for seat in seats {
        let Some(row) = rows.get(&seat.case_id) else { continue };
        let blueprint = office.release(tx, row.release_id)?;
        let data: Data = row.data.parse()?;
        let rights = blueprint.rights(&seat.element);
        views.push(WorkItemView {
            id: seat.id,
            version: seat.version,
            case: WorkCase {
                id: row.id,
                number: row.number.clone(),
                title: row.title.clone(),
                state: row.state,
                process: ProcessRef { id: row.process_id, name: processes.get(&row.process_id).cloned().unwrap_or_default() },
                starter: names.person(row.starter_id),
                unit: names.unit(row.unit_id),
                started_at: row.started_at,
            },
            step: seat.element.clone(),
            name: blueprint.name(&seat.element, chinese),
            kind: seat.kind,
            state: seat.state,
            owner: seat.owner_id.zip(seat.owner_name.clone()).map(|(id, name)| PersonRef { id, name }),
            for_somebody: seat.owner_id.is_some() && seat.owner_id != me && seat.state == SeatState::Open,
            claimable: seat.owner_id.is_none() && seat.state == SeatState::Open,
            created_at: seat.created_at,
            opened_at: seat.opened_at,
            due: seat.due,
            overdue: seat.state == SeatState::Open && seat.due.is_some_and(|due| due < now),
            urged: seat.urged,
            outcome_name: seat.outcome.as_deref().and_then(|outcome| outcome_name(&blueprint, Some(&seat.element), outcome, chinese)),
            outcome: seat.outcome.clone(),
            done_at: seat.done_at,
            summary: summary(&blueprint, &blueprint.form.visible(&data, &rights), chinese),
        });
    }
    Ok(views)
}

/// The first fields that say something by themselves.
fn summary(blueprint: &Blueprint, data: &Data, chinese: bool) -> Vec<SummaryField> {
    let mut fields = Vec::new();
    for name in &blueprint.form.order {
        let Some(field) = blueprint.form.fields.get(name) else { continue };
        let plain = !matches!(
            field.widget.as_deref(),
            Some("person" | "people" | "unit" | "units" | "files" | "rows" | "equipment" | "dataset" | "textarea")
        );
        let value = match data.get(name) {
            Some(Json::String(text)) if field.schema.get("format") == Some(&Json::from("date-time")) => {
                text.replacen('T', " ", 1).chars().take(16).collect()
            }
            Some(Json::String(text)) if !text.is_empty() => field.choice(text, chinese).chars().take(60).collect(),
            Some(Json::Number(number)) if field.widget.as_deref() == Some("money") => {
                number.as_f64().map_or_else(|| number.to_string(), |amount| format!("¥ {amount:.2}"))
            }
            Some(Json::Number(number)) => number.to_string(),
            _ => continue,
        };
        if plain {
            let label = field.english.clone().filter(|_| !chinese).unwrap_or_else(|| field.title.clone());
            fields.push(SummaryField { label, value });
        }
        if fields.len() == 4 {
            break;
        }
    }
    fields
}

/// Work with everything that is needed to do it.
pub fn work_detail(tx: &mut ReadTx<'_>, office: &Office, id: WorkItemId) -> Result<WorkDetail, Error> {
    let (seat, loaded) = work::visible(tx, office, id)?;
    let item = work_items(tx, office, std::slice::from_ref(&seat))?.pop().ok_or_else(|| Error::internal("work without a view"))?;
    let blueprint = &loaded.blueprint;
    let chinese = tx.actor().chinese;
    let mut allowed_actions = Vec::new();
    for action in WorkAction::ALL {
        let verdict = work::check(tx, &loaded, &seat, *action).map(drop);
        allowed_actions.push(AllowedAction::of(action.as_str(), verdict, chinese));
    }
    allowed_actions.push(AllowedAction::of("ask", Ok(()), chinese));
    allowed_actions.push(AllowedAction::of("cc", Ok(()), chinese));
    let writes = allowed_actions.iter().any(|action| action.name == "complete" && action.allowed);
    let own = blueprint.rights(&seat.element);
    let rights: Rights = if writes || work::acting(tx, &loaded, &seat)?.is_some() {
        own.into_iter().map(|(name, right)| (name, if writes { right } else { right.min(FieldRight::Read) })).collect()
    } else {
        policy::rights(blueprint, &loaded.row, &loaded.seats, tx.actor())
    };
    let case = loaded.case(crate::office::Doer { id: None, name: String::new(), on_behalf_of: None })?;
    let mut data: Data = case.data_at(&seat);
    let saved: Saved = match seat.saved.as_deref().filter(|_| writes) {
        Some(saved) => serde_json::from_str(saved).map_err(Error::internal)?,
        None => Saved::default(),
    };
    for (name, value) in saved.data {
        if value.is_null() { drop(data.remove(&name)) } else { drop(data.insert(name, value)) }
    }
    let mut form = form_view(tx, office, blueprint, Some(loaded.row.id), &data, &rights, Some(&seat.element))?;
    let work = blueprint.settings.work.get(&seat.element).ok_or_else(|| Error::internal("no work at this step"))?;
    for (name, on) in &work.demanded_on {
        if let Some(right) = form.rights.get_mut(name).filter(|right| **right == FieldRight::Required) {
            *right = FieldRight::Edit;
            form.required_on.insert(name.clone(), on.clone());
        }
    }
    let targets = if seat.state == SeatState::Open { case.targets(token_of(&seat)) } else { Vec::new() };
    let round = loaded.seats.iter().filter(|other| other.token == seat.token && other.item == seat.item);
    let seats = round
        .map(|other| SeatView {
            person: other.owner_id.zip(other.owner_name.clone()).map(|(id, name)| PersonRef { id, name }),
            state: other.state,
            vote: other.vote,
            outcome: other.outcome.clone(),
            position: other.position,
        })
        .collect();
    let at = items(tx, office, std::slice::from_ref(&loaded.row))?.pop().map(|item| item.at).unwrap_or_default();
    Ok(WorkDetail {
        form,
        outcomes: work.outcomes(chinese).into_iter().map(|(id, name)| OutcomeView { id, name }).collect(),
        saved_opinion: saved.opinion,
        targets: target_views(&loaded.seats, blueprint, targets, chinese),
        seats,
        policy: work.policy,
        sign: work.sign,
        delegated: !seat.delegators.is_empty(),
        story: story_views(tx, office, blueprint, loaded.row.id)?,
        questions: question_views(tx, loaded.row.id)?,
        cc: cc_views(tx, loaded.row.id)?,
        at,
        case_version: loaded.row.version,
        clauses: blueprint.clauses(&seat.element).to_vec(),
        allowed_actions,
        item,
    })
}

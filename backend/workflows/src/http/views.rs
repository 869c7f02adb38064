//! What cases and work look like to readers.

use std::collections::{BTreeMap, HashMap};

use db::ReadTx;
use identity::{PersonRef, UnitRef, directory::Names};
use kernel::{Error, PersonId, Ts};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use crate::{
    blueprint::{
        Blueprint, Data, Rights,
        words::{FieldRight, SeatPolicy, WorkKind},
    },
    model::{Automatic, CaseId, CaseRow, CaseState, ProcessId, QuestionId, Seat, SeatState, StoryEvent, Vote, WorkItemId},
    office::token_of,
    policy,
    service::{
        Office,
        cases::{self, CaseAction},
        work::{self, Saved, WorkAction},
    },
    store,
};

/// A process as others refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcessRef {
    pub id: ProcessId,
    pub name: String,
}

/// A case as others refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseRef {
    pub id: CaseId,
    pub number: String,
    pub title: String,
    pub state: CaseState,
}

/// Where a case is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaceView {
    /// The step.
    pub step: String,
    pub name: String,
    /// Who has it, or who may take it.
    pub people: Vec<String>,
    pub since: Ts,
    #[schema(required)]
    pub due: Option<Ts>,
}

/// A case in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseItem {
    pub id: CaseId,
    pub number: String,
    pub title: String,
    pub process: ProcessRef,
    pub state: CaseState,
    pub starter: PersonRef,
    pub unit: UnitRef,
    pub started_at: Ts,
    #[schema(required)]
    pub ended_at: Option<Ts>,
    #[schema(required)]
    pub due: Option<Ts>,
    /// Whether something of it is late.
    pub overdue: bool,
    /// Whether it stands still because something went wrong.
    pub incident: bool,
    pub at: Vec<PlaceView>,
    /// The reader was told of it and has not read it.
    pub unread: bool,
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

/// Something that went wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IncidentView {
    pub token: i64,
    pub step: String,
    pub name: String,
    pub reason: String,
    /// Whether its result can be given by hand.
    pub resolvable: bool,
}

/// A case with everything.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseDetail {
    #[serde(flatten)]
    pub item: CaseItem,
    pub version: i32,
    pub release: i32,
    pub form: FormView,
    pub story: Vec<StoryEntry>,
    pub cc: Vec<CcView>,
    pub questions: Vec<QuestionView>,
    /// The reader's own open work here.
    #[schema(required)]
    pub work_item_id: Option<WorkItemId>,
    pub incidents: Vec<IncidentView>,
    #[schema(required)]
    pub parent: Option<CaseRef>,
    pub children: Vec<CaseRef>,
    /// Where an administrator may send it back to.
    pub jump_targets: Vec<TargetView>,
    pub allowed_actions: Vec<AllowedAction>,
}
impl View for CaseDetail {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

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

/// A step to which a case may be sent back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TargetView {
    pub step: String,
    pub name: String,
    /// Who had it.
    pub people: Vec<String>,
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

/// Names of processes.
pub fn process_names(tx: &mut ReadTx<'_>) -> Result<HashMap<ProcessId, String>, Error> {
    let chinese = tx.actor().chinese;
    let name = |process: crate::model::Process| process.name_en.filter(|_| !chinese).unwrap_or(process.name);
    Ok(store::processes(tx)?.into_iter().map(|process| (process.id, name(process))).collect())
}

/// Cases as a list shows them.
pub fn items(tx: &mut ReadTx<'_>, office: &Office, rows: &[CaseRow]) -> Result<Vec<CaseItem>, Error> {
    let ids: Vec<CaseId> = rows.iter().map(|row| row.id).collect();
    let open = store::open_seats_of(tx, &ids)?;
    let names = Names::load(tx, rows.iter().map(|row| row.starter_id), rows.iter().map(|row| row.unit_id))?;
    let processes = process_names(tx)?;
    let unclaimed: Vec<WorkItemId> = open.iter().filter(|seat| seat.owner_id.is_none()).map(|seat| seat.id).collect();
    let candidates = if unclaimed.is_empty() { BTreeMap::new() } else { store::candidates(tx, &unclaimed)? };
    let me = tx.actor().require_person()?;
    let told = store::told_person(tx, &ids, me)?;
    let (now, chinese) = (tx.now(), tx.actor().chinese);
    let mut views = Vec::new();
    for row in rows {
        let blueprint = office.release(tx, row.release_id)?;
        let mut at: Vec<PlaceView> = Vec::new();
        let mut overdue = row.state == CaseState::Running && row.due.is_some_and(|due| due < now);
        for seat in open.iter().filter(|seat| seat.case_id == row.id) {
            overdue = overdue || seat.due.is_some_and(|due| due < now);
            let mut people: Vec<String> = seat.owner_name.clone().into_iter().collect();
            people.extend(candidates.get(&seat.id).into_iter().flatten().map(|person| person.name.clone()));
            match at.iter_mut().find(|place| place.step == seat.element) {
                Some(place) => place.people.extend(people),
                None => at.push(PlaceView {
                    step: seat.element.clone(),
                    name: blueprint.name(&seat.element, chinese),
                    people,
                    since: seat.created_at,
                    due: seat.due,
                }),
            }
        }
        views.push(CaseItem {
            id: row.id,
            number: row.number.clone(),
            title: row.title.clone(),
            process: ProcessRef { id: row.process_id, name: processes.get(&row.process_id).cloned().unwrap_or_default() },
            state: row.state,
            starter: names.person(row.starter_id),
            unit: names.unit(row.unit_id),
            started_at: row.started_at,
            ended_at: row.ended_at,
            due: row.due,
            overdue,
            incident: row.incident,
            at,
            unread: told.iter().any(|cc| cc.case_id == row.id && cc.read_at.is_none()),
        });
    }
    Ok(views)
}

/// The form of a case, for these rights.
pub fn form_view(
    tx: &mut ReadTx<'_>,
    blueprint: &Blueprint,
    case: Option<CaseId>,
    data: &Data,
    rights: &Rights,
) -> Result<FormView, Error> {
    let (schema, ui) = blueprint.form.view(rights);
    let data = blueprint.form.visible(data, rights);
    let people: Vec<PersonId> = blueprint.form.values_of(&data, &["person", "people"]).filter_map(|(_, id)| id.parse().ok()).collect();
    let units: Vec<kernel::UnitId> = blueprint.form.values_of(&data, &["unit"]).filter_map(|(_, id)| id.parse().ok()).collect();
    let mut names = BTreeMap::new();
    names.extend(identity::directory::people(tx, people)?.into_iter().map(|(id, person)| (id.to_string(), person.name)));
    names.extend(identity::directory::units(tx, units)?.into_iter().map(|(id, unit)| (id.to_string(), unit.name)));
    let referred: Vec<String> = blueprint.form.values_of(&data, &["files"]).map(|(_, id)| id.to_owned()).collect();
    let files = match case {
        Some(case) if !referred.is_empty() => store::files_of(tx, case)?
            .into_iter()
            .filter(|(id, ..)| referred.contains(&id.to_string()))
            .map(|(id, name, media_type, size, _)| FormFile { id, name, media_type, size })
            .collect(),
        _ => Vec::new(),
    };
    let rights = rights.iter().filter(|(_, right)| **right != FieldRight::Hidden).map(|(name, right)| (name.clone(), *right)).collect();
    Ok(FormView { schema, ui, rights, data, names, files })
}

fn outcome_name(blueprint: &Blueprint, step: Option<&str>, outcome: &str, chinese: bool) -> Option<String> {
    let known = step.and_then(|step| blueprint.settings.work.get(step)).map(|work| work.outcomes(chinese)).unwrap_or_default();
    let named = known.into_iter().find(|(id, _)| id == outcome).map(|(_, name)| name);
    named.or_else(|| match outcome {
        "return" => Some(if chinese { "退回" } else { "Sent back" }.to_owned()),
        other => other.parse::<CaseState>().ok().map(|state| state.title(chinese).to_owned()),
    })
}

fn story_views(tx: &mut ReadTx<'_>, blueprint: &Blueprint, case: CaseId) -> Result<Vec<StoryEntry>, Error> {
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
            text: row.text,
            automatic: row.automatic,
        })
        .collect())
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

fn case_ref(row: &CaseRow) -> CaseRef {
    CaseRef { id: row.id, number: row.number.clone(), title: row.title.clone(), state: row.state }
}

/// A case with everything.
pub fn detail(tx: &mut ReadTx<'_>, office: &Office, id: CaseId) -> Result<CaseDetail, Error> {
    let row = cases::visible_case(tx, id)?;
    let loaded = crate::service::load(tx, office, row)?;
    let item = items(tx, office, std::slice::from_ref(&loaded.row))?.pop().ok_or_else(|| Error::internal("a case without a view"))?;
    let (blueprint, row) = (&loaded.blueprint, &loaded.row);
    let rights = policy::rights(blueprint, row, &loaded.seats, tx.actor());
    let data: Data = row.data.parse()?;
    let form = form_view(tx, blueprint, Some(id), &data, &rights)?;
    let release = store::release(tx, row.release_id)?.map_or(0, |release| release.number);
    let chinese = tx.actor().chinese;
    let case = loaded.case(crate::office::Doer { id: None, name: String::new(), on_behalf_of: None })?;
    let mut incidents = Vec::new();
    if row.incident {
        for (token, stay) in &case.control.state.tokens {
            if let bpmn::run::Stay::Incident { reason } = &stay.stay {
                let said = store::story(tx, id)?
                    .into_iter()
                    .rev()
                    .find(|entry| entry.kind == StoryEvent::Incident && entry.element.as_deref() == Some(stay.at.as_str()));
                let reason = match (said.and_then(|entry| entry.text), reason) {
                    (Some(text), _) => text,
                    (None, bpmn::run::Reason::Condition(text)) => text.clone(),
                    (None, other) => format!("{other:?}"),
                };
                incidents.push(IncidentView {
                    token: i64::try_from(*token).unwrap_or_default(),
                    step: stay.at.clone(),
                    name: blueprint.name(&stay.at, chinese),
                    reason,
                    resolvable: blueprint.settings.actions.contains_key(&stay.at),
                });
            }
        }
    }
    let mut allowed_actions: Vec<AllowedAction> =
        CaseAction::ALL.iter().map(|action| AllowedAction::of(action.as_str(), cases::check(tx, &loaded, *action), chinese)).collect();
    let running = row.state == CaseState::Running;
    let over = || if running { Ok(()) } else { Err(Error::new(kernel::Code::CaseOver)) };
    let urge = if tx.actor().is(row.starter_id) || policy::manages(tx.actor(), row) {
        over()
    } else {
        Err(Error::new(kernel::Code::CaseNotYours))
    };
    allowed_actions.push(AllowedAction::of("urge", urge, chinese));
    allowed_actions.push(AllowedAction::of("cc", Ok(()), chinese));
    allowed_actions.push(AllowedAction::of("ask", Ok(()), chinese));
    let jumps = policy::check_manages(tx.actor(), row).and_then(|()| over());
    let jump_targets = if jumps.is_ok() {
        let open = case.seats.iter().filter(|seat| seat.state == SeatState::Open);
        let mut targets: Vec<String> = open.flat_map(|seat| case.targets(token_of(seat))).collect();
        targets.sort();
        targets.dedup();
        target_views(&loaded.seats, blueprint, targets, chinese)
    } else {
        Vec::new()
    };
    allowed_actions.push(AllowedAction::of("jump", jumps, chinese));
    let me = tx.actor().person();
    let mine = loaded.seats.iter().find(|seat| seat.state == SeatState::Open && seat.owner_id.is_some() && seat.owner_id == me);
    let candidate = loaded.candidates.iter().find(|(_, people)| people.iter().any(|person| Some(person.id) == me));
    let work_item_id = mine.map(|seat| seat.id).or_else(|| candidate.map(|(id, _)| *id));
    let parent = row.parent_id.map(|parent| store::case(tx, parent)).transpose()?.flatten().map(|parent| case_ref(&parent));
    let children = store::children(tx, id)?.iter().map(case_ref).collect();
    Ok(CaseDetail {
        version: row.version,
        release,
        form,
        story: story_views(tx, blueprint, id)?,
        cc: cc_views(tx, id)?,
        questions: question_views(tx, id)?,
        work_item_id,
        incidents,
        parent,
        children,
        jump_targets,
        allowed_actions,
        item,
    })
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
        let plain = !matches!(field.widget.as_deref(), Some("person" | "people" | "unit" | "files" | "rows" | "equipment" | "textarea"));
        let value = match data.get(name) {
            Some(Json::String(text)) if field.schema.get("format") == Some(&Json::from("date-time")) => {
                text.replacen('T', " ", 1).chars().take(16).collect()
            }
            Some(Json::String(text)) if !text.is_empty() => text.chars().take(60).collect(),
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
    let mut data: Data = loaded.row.data.parse()?;
    let saved: Saved = match seat.saved.as_deref().filter(|_| writes) {
        Some(saved) => serde_json::from_str(saved).map_err(Error::internal)?,
        None => Saved::default(),
    };
    for (name, value) in saved.data {
        if value.is_null() { drop(data.remove(&name)) } else { drop(data.insert(name, value)) }
    }
    let form = form_view(tx, blueprint, Some(loaded.row.id), &data, &rights)?;
    let work = blueprint.settings.work.get(&seat.element).ok_or_else(|| Error::internal("no work at this step"))?;
    let case = loaded.case(crate::office::Doer { id: None, name: String::new(), on_behalf_of: None })?;
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
        story: story_views(tx, blueprint, loaded.row.id)?,
        questions: question_views(tx, loaded.row.id)?,
        cc: cc_views(tx, loaded.row.id)?,
        at,
        case_version: loaded.row.version,
        clauses: blueprint.clauses(&seat.element).to_vec(),
        allowed_actions,
        item,
    })
}

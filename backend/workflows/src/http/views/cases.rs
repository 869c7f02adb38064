//! What cases look like to readers.

use std::collections::BTreeMap;

use db::ReadTx;
use identity::{PersonRef, UnitRef, directory::Names};
use kernel::{Error, Ts};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use super::{
    CcView, FormView, ProcessRef, QuestionView, StoryEntry, TargetView, cc_views, form_view, process_names, question_views, story_views,
    target_views,
};
use crate::{
    blueprint::Data,
    model::{CaseId, CaseRef, CaseRow, CaseState, SeatState, StoryEvent, WorkItemId},
    office::token_of,
    policy,
    service::{
        Office,
        cases::{self, CaseAction},
    },
    store,
};

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

/// What a case waits for, besides people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitView {
    /// The event.
    pub step: String,
    pub name: String,
    /// The message that it waits for.
    #[schema(required)]
    pub message: Option<String>,
    /// When its time is over.
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
    /// Times and messages for which it stands still, if only for a while.
    pub waiting: Vec<WaitView>,
    /// The reader was told of it and has not read it.
    pub unread: bool,
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

/// Cases as a list shows them.
pub fn items(tx: &mut ReadTx<'_>, office: &Office, rows: &[CaseRow]) -> Result<Vec<CaseItem>, Error> {
    let ids: Vec<CaseId> = rows.iter().map(|row| row.id).collect();
    let open = store::open_seats_of(tx, &ids)?;
    let waits = store::waits_of_many(tx, &ids)?;
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
            waiting: waits.iter().filter(|wait| wait.case_id == row.id).filter_map(|wait| waiting(&blueprint, wait, chinese)).collect(),
            unread: told.iter().any(|cc| cc.case_id == row.id && cc.read_at.is_none()),
        });
    }
    Ok(views)
}

/// A wait that is a place of its own: not one at the border of work.
fn waiting(blueprint: &crate::blueprint::Blueprint, wait: &crate::model::Wait, chinese: bool) -> Option<WaitView> {
    matches!(blueprint.node(&wait.element)?.kind, bpmn::model::NodeKind::Catch(_)).then(|| WaitView {
        step: wait.element.clone(),
        name: blueprint.name(&wait.element, chinese),
        message: wait.message.clone(),
        due: wait.due,
    })
}

/// A case with everything.
pub fn detail(tx: &mut ReadTx<'_>, office: &Office, id: CaseId) -> Result<CaseDetail, Error> {
    let row = cases::visible_case(tx, id)?;
    let loaded = crate::service::load(tx, office, row)?;
    let item = items(tx, office, std::slice::from_ref(&loaded.row))?.pop().ok_or_else(|| Error::internal("a case without a view"))?;
    let (blueprint, row) = (&loaded.blueprint, &loaded.row);
    let rights = policy::rights(blueprint, row, &loaded.seats, tx.actor());
    let data: Data = row.data.parse()?;
    let form = form_view(tx, office, blueprint, Some(id), &data, &rights, None)?;
    let release = store::release(tx, row.release_id)?.map_or(0, |release| release.number);
    let chinese = tx.actor().chinese;
    let case = loaded.case(crate::office::Doer { id: None, name: String::new(), on_behalf_of: None })?;
    let story = story_views(tx, office, blueprint, id)?;
    let incidents = case.control.state.tokens.iter().filter_map(|(token, stay)| {
        if !matches!(stay.stay, bpmn::run::Stay::Incident { .. }) {
            return None;
        }
        let told = |entry: &&StoryEntry| entry.kind == StoryEvent::Incident && entry.step_id.as_ref() == Some(&stay.at);
        let text = story.iter().rev().find(told).and_then(|entry| entry.text.clone());
        Some(IncidentView {
            token: i64::try_from(*token).unwrap_or_default(),
            step: stay.at.clone(),
            name: blueprint.name(&stay.at, chinese),
            reason: text.unwrap_or_default(),
            resolvable: blueprint.settings.actions.contains_key(&stay.at),
        })
    });
    let incidents = if row.incident { incidents.collect() } else { Vec::new() };
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
    let delivers = policy::check_manages(tx.actor(), row).and_then(|()| over());
    let waits = if loaded.waits.iter().any(|wait| wait.message.is_some()) { Ok(()) } else { Err(Error::new(kernel::Code::NoChange)) };
    allowed_actions.push(AllowedAction::of("message", delivers.and(waits), chinese));
    let me = tx.actor().person();
    let mine = loaded.seats.iter().find(|seat| seat.state == SeatState::Open && seat.owner_id.is_some() && seat.owner_id == me);
    let candidate = loaded.candidates.iter().find(|(_, people)| people.iter().any(|person| Some(person.id) == me));
    let work_item_id = mine.map(|seat| seat.id).or_else(|| candidate.map(|(id, _)| *id));
    let parent = row.parent_id.map(|parent| store::case(tx, parent)).transpose()?.flatten().map(|parent| CaseRef::from(&parent));
    let children = store::children(tx, id)?.iter().map(CaseRef::from).collect();
    Ok(CaseDetail {
        version: row.version,
        release,
        form,
        story,
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

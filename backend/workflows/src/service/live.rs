//! A case of the database: loaded, worked on in memory, and saved with its record, all in one transaction.

use std::{collections::BTreeMap, sync::Arc};

use db::{Event, ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, Ts, calendar::Calendar, column::RawJson};
use serde_json::{Map, Value as Json};

use super::{Office, people, references, starting};
use crate::{
    actions::{Action, ActionCall},
    blueprint::{Blueprint, People, StarterFacts, WorkingTime},
    model::{
        CaseId, CaseRow, CaseState, Colleague, DatasetId, EquipmentId, ReleaseId, ReleaseState, Seat, SeatState, StoryId, StoryRow, Told,
        Wait,
    },
    office::{Acted, Case, Control, Doer, Outside},
    said::both,
    store,
};

/// What an action may read besides.
const READS: &[kernel::Permission] = &[kernel::Permission::ReadEquipment, kernel::Permission::ReadTickets, kernel::Permission::ReadOrg];

/// Bytes of control state at which a case is refused; the alarm comes earlier.
const MAX_CONTROL: usize = 1 << 20;
/// Pieces of equipment, and data sets, at most that an event of a case names.
const MAX_TOUCHED: usize = 32;
const ALARM_CONTROL: usize = 128 << 10;

/// A case as it stands in the database.
pub struct Loaded {
    pub row: CaseRow,
    pub blueprint: Arc<Blueprint>,
    pub seats: Vec<Seat>,
    pub candidates: BTreeMap<crate::model::WorkItemId, Vec<Colleague>>,
    pub waits: Vec<Wait>,
    pub starter: StarterFacts,
}

/// A process that is to be called.
pub struct PendingCall {
    pub process: String,
    pub token: u64,
    pub item: Option<u32>,
    pub input: Map<String, Json>,
}

impl Loaded {
    /// Everything about a case.
    pub fn load(tx: &mut ReadTx<'_>, office: &Office, row: CaseRow) -> Result<Self, Error> {
        let blueprint = office.release(tx, row.release_id)?;
        let seats = store::seats(tx, row.id)?;
        let open: Vec<_> =
            seats.iter().filter(|seat| seat.state == SeatState::Open && seat.owner_id.is_none()).map(|seat| seat.id).collect();
        let candidates = if open.is_empty() { BTreeMap::new() } else { store::candidates(tx, &open)? };
        let waits = store::waits(tx, row.id)?;
        let starter = StarterFacts { name: row.starter_name.clone(), unit: identity::finding::unit_code(tx, row.unit_id)? };
        Ok(Self { row, blueprint, seats, candidates, waits, starter })
    }

    /// The case in memory.
    pub fn case(&self, doer: Doer) -> Result<Case<'_>, Error> {
        Ok(Case {
            blueprint: &self.blueprint,
            id: self.row.id,
            process_id: self.row.process_id,
            starter: Colleague { id: self.row.starter_id, name: self.row.starter_name.clone(), login: String::new() },
            starter_facts: self.starter.clone(),
            unit: self.row.unit_id,
            control: self.row.control.parse()?,
            data: self.row.data.parse()?,
            seats: self.seats.clone(),
            candidates: self.candidates.clone(),
            waits: self.waits.clone(),
            state: self.row.state,
            delivered: Vec::new(),
            story: Vec::new(),
            told: Vec::new(),
            emitted: Vec::new(),
            doer,
            completing: None,
        })
    }
}

/// The real outside.
pub struct Live<'t, 'c> {
    pub tx: &'t mut WriteTx<'c>,
    pub office: &'t Office,
    pub number: String,
    pub release_id: ReleaseId,
    pub calendar: Arc<Calendar>,
    pub calls: Vec<PendingCall>,
    pub cancelled: Vec<(u64, Option<u32>)>,
}

impl<'t, 'c> Live<'t, 'c> {
    /// For a case.
    pub fn new(tx: &'t mut WriteTx<'c>, office: &'t Office, row: &CaseRow) -> Result<Self, Error> {
        let calendar = office.calendar(tx)?;
        let (number, release_id) = (row.number.clone(), row.release_id);
        Ok(Self { tx, office, number, release_id, calendar, calls: Vec::new(), cancelled: Vec::new() })
    }

    fn called(&self, element: &str, input: Map<String, Json>, case: &Case<'_>) -> ActionCall {
        ActionCall {
            case: case.id,
            number: self.number.clone(),
            element: element.to_owned(),
            starter: case.starter.id,
            handlers: case.control.handlers.clone(),
            input,
        }
    }

    /// An action runs by the right of whoever published the release, and of nothing more; the record says who set it off.
    fn as_process(&self, element: &str, action: &dyn Action, case: &Case<'_>) -> Arc<kernel::Actor> {
        let mut actor = kernel::Actor::clone(self.tx.actor());
        actor.operation = format!("process {} {element}", self.number);
        let mut grants = kernel::Grants::new();
        if let Some(permission) = action.permission() {
            let everything = || kernel::Reach { all: true, ..kernel::Reach::default() };
            grants.insert(permission, everything());
            grants.extend(READS.iter().map(|permission| (*permission, everything())));
        }
        actor.grants = Arc::new(grants);
        if actor.person().is_none() {
            // A timer has no hands: the case's starter stands for it.
            (actor.kind, actor.id, actor.name) = (kernel::ActorKind::Person, Some(case.starter.id.uuid()), case.starter.name.clone());
        }
        Arc::new(actor)
    }
}

/// Why an action was refused, for people.
fn reason_of(error: &Error, chinese: bool) -> String {
    let mut reason = error.code().text(chinese, error.params());
    for field in error.fields() {
        reason.push_str(&format!(" {} {}", field.pointer, field.code.text(chinese, &field.params)));
    }
    reason
}

impl Outside for Live<'_, '_> {
    fn now(&self) -> Ts {
        self.tx.now()
    }

    fn people(&mut self, rule: &People, case: &Case<'_>) -> Result<Vec<Colleague>, Error> {
        people::find(self.tx, rule, case)
    }

    fn administrators(&mut self) -> Result<Vec<Colleague>, Error> {
        let found = identity::finding::permitted(self.tx, kernel::Permission::ManageCases)?;
        Ok(found.into_iter().map(people::colleague).collect())
    }

    fn due(&mut self, time: WorkingTime) -> Result<Ts, Error> {
        time.after(self.tx.now(), &self.calendar)
    }

    fn live_table(&mut self, key: &str, case: &Case<'_>) -> Result<Option<(i32, Arc<Blueprint>)>, Error> {
        let today = self.tx.now().office_date();
        for release in store::releases(self.tx, case.process_id)? {
            let own = release.id == self.release_id;
            // What some units only try decides for nobody else.
            if release.state == ReleaseState::Pilot && !own {
                continue;
            }
            let blueprint = self.office.release(self.tx, release.id)?;
            if blueprint.decisions.get(key).is_some_and(|table| table.live_from.is_some_and(|from| from <= today)) {
                return Ok(Some((release.number, blueprint)));
            }
            // What is older was replaced by the case's own.
            if own {
                break;
            }
        }
        Ok(None)
    }

    fn act(&mut self, element: &str, name: &str, input: Map<String, Json>, case: &Case<'_>) -> Result<Acted, Error> {
        let failed = |code: &str, reason: String| Ok(Acted::Failed { code: code.to_owned(), reason });
        let Some(action) = self.office.actions().get(name).cloned() else {
            return failed("action.unknown", name.to_owned());
        };
        let call = self.called(element, input, case);
        let actor = self.as_process(element, action.as_ref(), case);
        match self.tx.attempt(|tx| tx.acting(&actor, case.id.uuid(), |tx| action.run(tx, &call)))? {
            Ok(output) => Ok(Acted::Done { output, repeat: action.repeat() }),
            Err(error) => failed(error.code().as_str(), both(|chinese| reason_of(&error, chinese))),
        }
    }

    fn undo(&mut self, element: &str, name: &str, given: &Json, case: &Case<'_>) -> Result<(), Error> {
        let Some(action) = self.office.actions().get(name).cloned() else {
            return Err(Error::new(Code::CaseActionDone).with("action", name));
        };
        let (call, actor) = (self.called(element, Map::new(), case), self.as_process(element, action.as_ref(), case));
        let chinese = self.tx.actor().chinese;
        self.tx.acting(&actor, case.id.uuid(), |tx| action.undo(tx, &call, given)).map_err(|error| {
            if error.is_retryable() || matches!(error.code(), Code::Unavailable | Code::Internal) {
                return error;
            }
            let title = if chinese { action.title().0 } else { action.title().1 };
            Error::new(Code::CaseCannotUndo).with("action", title).with("reason", reason_of(&error, chinese))
        })
    }

    fn call(&mut self, element: &str, token: u64, item: Option<u32>, input: Map<String, Json>, case: &Case<'_>) -> Result<(), Error> {
        let called = match case.blueprint.node(element).map(|node| &node.kind) {
            Some(bpmn::model::NodeKind::CallActivity { called }) => called.clone().unwrap_or_default(),
            _ => String::new(),
        };
        self.calls.push(PendingCall { process: called, token, item, input });
        Ok(())
    }

    fn cancel(&mut self, token: u64, item: Option<u32>) -> Result<(), Error> {
        self.calls.retain(|call| (call.token, call.item) != (token, item));
        self.cancelled.push((token, item));
        Ok(())
    }

    fn calendar(&self) -> Option<&Calendar> {
        Some(&self.calendar)
    }
}

/// What is left to do outside after a delivery.
#[derive(Default)]
pub struct After {
    pub calls: Vec<PendingCall>,
    pub cancelled: Vec<(u64, Option<u32>)>,
}

/// Works on a case and saves it, with the record of what happened.
pub fn work_on(
    tx: &mut WriteTx<'_>,
    office: &Office,
    loaded: &Loaded,
    doer: Doer,
    event: Event,
    work: impl FnOnce(&mut Case<'_>, &mut Live<'_, '_>) -> Result<(), Error>,
) -> Result<Recorded<()>, Error> {
    let mut case = loaded.case(doer)?;
    let after = {
        let mut live = Live::new(tx, office, &loaded.row)?;
        work(&mut case, &mut live)?;
        After { calls: live.calls, cancelled: live.cancelled }
    };
    save(tx, office, loaded, case, event, after)
}

/// Saves a case. The event says what happened; those for which steps stand come after it.
pub fn save(
    tx: &mut WriteTx<'_>,
    office: &Office,
    loaded: &Loaded,
    case: Case<'_>,
    event: Event,
    after: After,
) -> Result<Recorded<()>, Error> {
    let before = &loaded.row;
    let fresh = before.version == 0;
    let title = references::title(tx, office, case.blueprint, &case.data)?;
    let row = row_of(tx, before, &case, title)?;
    let (stories, notes) = (story_rows(tx, &case), notes(&case, &row));
    let files = new_files(tx, &case)?;
    let seq = if fresh { 0 } else { store::last_event(tx, row.id)? };
    let delivered = case.delivered.iter().map(RawJson::of).collect::<Result<Vec<_>, _>>()?;
    let event = event.unit(row.unit_id).fact("state", row.state);
    let event = if fresh { event.created() } else { event.step(before.version) };
    let recorded = tx.record(event, |rows| {
        if fresh {
            store::insert_case(rows, &CaseRow { version: 1, ..row.clone() })?;
        } else {
            store::update_case(rows, before, &row)?;
        }
        for seat in &case.seats {
            match loaded.seats.iter().find(|known| known.id == seat.id) {
                None => store::insert_seat(rows, seat, case.candidates.get(&seat.id).map_or(&[], Vec::as_slice))?,
                Some(known) if known == seat => {}
                Some(_) => store::update_seat(rows, seat)?,
            }
        }
        store::set_waits(rows, &loaded.waits, &case.waits)?;
        for (seq, event) in (seq + 1..).zip(&delivered) {
            store::insert_event(rows, row.id, seq, event)?;
        }
        stories.iter().try_for_each(|story| store::insert_story(rows, story))?;
        for (person, kind, text, item) in &notes {
            store::notify(rows, *person, *kind, text, Some(row.id), *item)?;
        }
        if row.state != CaseState::Running {
            rows.free_driven(row.id)?;
        }
        files.iter().try_for_each(|(field, file)| store::insert_file(rows, row.id, field, file))
    })?;
    for emission in &case.emitted {
        let mut said = Event::new(emission.name.clone(), row.id, format!("{} {}", row.number, row.title))
            .unit(row.unit_id)
            .clauses(case.blueprint.clauses(&emission.element))
            .fact("process", case.blueprint.definition.id.clone())
            .fact("step", emission.element.clone());
        for (name, value) in &emission.facts {
            said = said.fact(name.clone(), value.clone());
        }
        // What the form is about: controls put together what happened to the same thing.
        for (_, id) in case.blueprint.form.values_of(&case.data, &["equipment"]).take(MAX_TOUCHED) {
            if let Ok(id) = id.parse::<kernel::Uuid>() {
                said = said.related(EquipmentId::from_uuid(id), "form", "");
            }
        }
        for (_, id) in case.blueprint.form.values_of(&case.data, &["dataset"]).take(MAX_TOUCHED) {
            if let Ok(id) = id.parse::<kernel::Uuid>() {
                said = said.related(DatasetId::from_uuid(id), "form", "");
            }
        }
        tx.record(said, |_| Ok(()))?.into_inner();
    }
    // After everything that its steps stand for: what is still owed then is owed no more.
    if row.state != CaseState::Running && before.state == CaseState::Running {
        let ended = Event::new("case.ended", row.id, format!("{} {}", row.number, row.title))
            .unit(row.unit_id)
            .fact("process", case.blueprint.definition.id.clone())
            .fact("state", row.state);
        tx.record(ended, |_| Ok(()))?.into_inner();
    }
    follow(tx, office, &row, after)?;
    Ok(recorded)
}

fn row_of(tx: &ReadTx<'_>, before: &CaseRow, case: &Case<'_>, title: String) -> Result<CaseRow, Error> {
    let control = serde_json::to_string(&case.control).map_err(Error::internal)?;
    if control.len() > MAX_CONTROL {
        return Err(Error::new(Code::CaseTooLarge));
    }
    if control.len() > ALARM_CONTROL {
        tracing::warn!(case = %case.id, bytes = control.len(), "the control state of a case is large");
    }
    let incident = case.control.state.tokens.values().any(|token| matches!(token.stay, bpmn::run::Stay::Incident { .. }));
    let over = case.state != CaseState::Running;
    Ok(CaseRow {
        title,
        state: case.state,
        ended_at: if over { before.ended_at.or(Some(tx.now())) } else { None },
        incident: incident && !over,
        control: RawJson::of(&case.control)?,
        data: RawJson::of(&case.data)?,
        ..before.clone()
    })
}

fn story_rows(tx: &ReadTx<'_>, case: &Case<'_>) -> Vec<StoryRow> {
    let row = |told: &crate::office::StoryLine| StoryRow {
        id: StoryId::new(),
        case_id: case.id,
        at: tx.now(),
        kind: told.kind,
        element: told.element.clone(),
        work_item_id: told.seat,
        by_id: told.by.id,
        by_name: told.by.name.clone(),
        on_behalf_of: told.by.on_behalf_of.as_ref().map(|(_, name)| name.clone()),
        outcome: told.outcome.clone(),
        text: told.text.clone(),
        automatic: told.automatic,
    };
    case.story.iter().map(row).collect()
}

type Note = (kernel::PersonId, Told, String, Option<crate::model::WorkItemId>);

/// Whom to tell what, once each; nobody is told of what they did themselves.
fn notes(case: &Case<'_>, row: &CaseRow) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for (person, kind, item) in &case.told {
        if case.doer.id == Some(*person) && *kind != Told::Work {
            continue;
        }
        if !notes.iter().any(|(known, of, _, about)| known == person && of == kind && about == item) {
            notes.push((*person, *kind, row.title.clone(), *item));
        }
    }
    notes
}

/// Uploads that the form refers to for the first time become the case's.
fn new_files(tx: &mut WriteTx<'_>, case: &Case<'_>) -> Result<Vec<(String, files::AttachedFile)>, Error> {
    let referred: Vec<(String, String)> =
        case.blueprint.form.values_of(&case.data, &["files"]).map(|(field, id)| (field.to_owned(), id.to_owned())).collect();
    if referred.is_empty() {
        return Ok(Vec::new());
    }
    let known: Vec<files::FileId> = store::files_of(tx, case.id)?.into_iter().map(|(id, ..)| id).collect();
    let mut attached = Vec::new();
    for (field, id) in referred {
        let pointer = format!("/data/{}", crate::blueprint::escaped(&field));
        let id: files::FileId = id.parse().map_err(|_| Error::invalid(pointer.clone(), Code::UnknownReference))?;
        if !known.contains(&id) {
            attached.push((field, files::service::attach(tx, id, &pointer)?));
        }
    }
    Ok(attached)
}

/// Called processes start and end, and a called process that is over is told to its parent.
fn follow(tx: &mut WriteTx<'_>, office: &Office, row: &CaseRow, after: After) -> Result<(), Error> {
    for (token, item) in after.cancelled {
        let item = item.and_then(|item| i32::try_from(item).ok());
        let token = i64::try_from(token).unwrap_or_default();
        let children = store::children(tx, row.id)?;
        for child in children.into_iter().filter(|child| child.state == CaseState::Running) {
            if child.parent_token == Some(token) && (item.is_none() || child.parent_item == item) {
                let loaded = Loaded::load(tx, office, child.clone())?;
                let event = Event::new("case.terminated", child.id, format!("{} {}", child.number, child.title));
                let doer = system(tx);
                work_on(tx, office, &loaded, doer, event, |case, live| case.end(CaseState::Terminated, None, live))?.into_inner();
            }
        }
    }
    for call in after.calls {
        starting::start_called(tx, office, row, &call)?;
    }
    if let (Some(parent), true) = (row.parent_id, row.state != CaseState::Running) {
        child_is_over(tx, office, row, parent)?;
    }
    Ok(())
}

/// Who acts where nobody does.
pub fn system(tx: &ReadTx<'_>) -> Doer {
    Doer { id: tx.actor().person(), name: tx.actor().name.clone(), on_behalf_of: None }
}

fn child_is_over(tx: &mut WriteTx<'_>, office: &Office, child: &CaseRow, parent: CaseId) -> Result<(), Error> {
    let Some(row) = store::case(tx, parent)?.filter(|row| row.state == CaseState::Running) else { return Ok(()) };
    let token = child.parent_token.and_then(|token| u64::try_from(token).ok()).unwrap_or_default();
    let item = child.parent_item.and_then(|item| u32::try_from(item).ok());
    let control: Control = row.control.parse()?;
    // Who called it may have been taken away.
    if !control.state.tokens.contains_key(&token) {
        return Ok(());
    }
    let loaded = Loaded::load(tx, office, row)?;
    let event = Event::new("case.continued", parent, format!("{} {}", loaded.row.number, loaded.row.title)).related(
        child.id,
        "child",
        &child.number,
    );
    let given: Json = child.data.parse()?;
    let done = child.state == CaseState::Completed;
    let doer = system(tx);
    work_on(tx, office, &loaded, doer, event, |case, live| {
        let Some(waiting) = case.control.state.tokens.get(&token).map(|token| token.at.clone()) else { return Ok(()) };
        if !done {
            return case.deliver(bpmn::run::Event::Failed { token, code: Some(format!("child.{}", child.state)) }, live);
        }
        if let Some(passing) = case.blueprint.settings.calls.get(&waiting)
            && let Err(reason) = case.take_outputs(passing, &given)
        {
            case.tell(crate::model::StoryEvent::Incident, Some(&waiting), None, None, Some(reason), None);
            return case.deliver(bpmn::run::Event::Failed { token, code: Some("call.output".to_owned()) }, live);
        }
        case.deliver(bpmn::run::Event::Completed { token, item }, live)
    })
    .map(Recorded::into_inner)
}

/// A case that is not there yet.
pub fn fresh(row: CaseRow, blueprint: Arc<Blueprint>, starter: StarterFacts) -> Loaded {
    Loaded { row, blueprint, seats: Vec::new(), candidates: BTreeMap::new(), waits: Vec::new(), starter }
}

/// The control state of a case that begins.
pub fn first_control(chosen: BTreeMap<String, Vec<kernel::PersonId>>) -> Result<RawJson, Error> {
    RawJson::of(&Control { state: bpmn::State::new(), chosen, ..Control::default() })
}

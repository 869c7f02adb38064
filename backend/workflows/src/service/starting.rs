//! Starting a case: which release, by whom, with which data; and what would happen, before it is sent.

use std::{collections::BTreeMap, sync::Arc};

use db::{Event, ReadTx, Recorded, WriteTx, numbers};
use identity::{directory, finding};
use kernel::{Code, Error, PersonId, Ts, UnitId, column::RawJson};

use super::{
    Office,
    live::{self, After, Live, PendingCall, fresh},
    people, references,
};
use crate::{
    blueprint::{Blueprint, Data, FindingFacts, StarterFacts, words::PeopleRule},
    model::{CaseId, CaseRow, CaseState, Colleague, DraftId, Process, ProcessId, ProcessState, Release, ReleaseState},
    office::{Case, Doer},
    store,
};

/// What somebody sends.
#[derive(Clone, Debug)]
pub struct NewCase {
    pub id: CaseId,
    pub process: ProcessId,
    pub unit: Option<UnitId>,
    pub data: Data,
    pub chosen: BTreeMap<String, Vec<PersonId>>,
    pub draft: Option<DraftId>,
    pub opinion: Option<String>,
}

/// The unit in which somebody starts: the chosen post, or the main one.
pub fn unit_of(tx: &mut ReadTx<'_>, person: PersonId, chosen: Option<UnitId>) -> Result<UnitId, Error> {
    match chosen {
        None => directory::main_unit(tx, person)?.ok_or_else(|| Error::invalid("/unit_id", Code::Required)),
        Some(unit) if directory::units_of(tx, person)?.contains(&unit) => Ok(unit),
        Some(_) => Err(Error::invalid("/unit_id", Code::UnknownReference)),
    }
}

/// The release that a case of this unit uses: the pilot, if the unit or one above it is in it, else the current one.
pub fn release_for(tx: &mut ReadTx<'_>, process: &Process, unit: UnitId) -> Result<Release, Error> {
    match process.state {
        ProcessState::Withdrawn => return Err(Error::new(Code::ProcessWithdrawn)),
        ProcessState::Draft | ProcessState::Published => {}
    }
    if let Some(pilot) = store::release_in_state(tx, process.id, ReleaseState::Pilot)? {
        let units = store::pilot_units(tx, process.id)?;
        if finding::upwards(tx, unit)?.iter().any(|above| units.contains(above)) {
            return Ok(pilot);
        }
    }
    store::release_in_state(tx, process.id, ReleaseState::Current)?.ok_or_else(|| Error::new(Code::ProcessNotPublished))
}

/// Whether the actor may start cases of this release.
pub fn check_starter(tx: &mut ReadTx<'_>, blueprint: &Blueprint, me: PersonId) -> Result<(), Error> {
    let roles = &blueprint.settings.process.starters;
    if roles.is_empty() {
        return Ok(());
    }
    for role in roles {
        if finding::holders(tx, role, None)?.iter().any(|holder| holder.id == me) {
            return Ok(());
        }
    }
    Err(Error::forbidden(Code::ProcessStarter))
}

/// Steps whose people the starter chooses.
#[must_use]
pub fn to_choose(blueprint: &Blueprint) -> Vec<String> {
    let chosen = |work: &crate::blueprint::Work| work.people.iter().any(|people| people.by == PeopleRule::Chosen);
    blueprint.settings.work.iter().filter(|(_, work)| chosen(work)).map(|(id, _)| id.clone()).collect()
}

/// A process that can be seen.
pub fn process(tx: &mut ReadTx<'_>, id: ProcessId) -> Result<Process, Error> {
    store::process(tx, id)?.ok_or_else(|| Error::absent(id))
}

/// The process with this key.
pub fn keyed(tx: &mut ReadTx<'_>, key: &str) -> Result<ProcessId, Error> {
    Ok(store::process_by_key(tx, key)?.ok_or_else(|| Error::new(Code::NotFound))?.id)
}

/// A process that a body names.
pub fn named(tx: &mut ReadTx<'_>, id: ProcessId) -> Result<Process, Error> {
    store::process(tx, id)?.ok_or_else(|| Error::invalid("/process_id", Code::UnknownReference))
}

/// Starts a case; the form has been filled in.
pub fn start(tx: &mut WriteTx<'_>, office: &Office, new: &NewCase) -> Result<Recorded<CaseId>, Error> {
    let me = tx.actor().require_person()?;
    let process = named(tx, new.process)?;
    let unit = unit_of(tx, me, new.unit)?;
    let release = release_for(tx, &process, unit)?;
    let blueprint = office.release(tx, release.id)?;
    check_starter(tx, &blueprint, me)?;
    let missing: Vec<kernel::FieldError> = to_choose(&blueprint)
        .into_iter()
        .filter(|step| new.chosen.get(step).is_none_or(Vec::is_empty))
        .map(|step| kernel::FieldError {
            pointer: format!("/chosen/{step}"),
            code: Code::CaseChoosePeople,
            params: [("step", blueprint.name(&step, tx.actor().chinese))].into(),
        })
        .collect();
    if !missing.is_empty() {
        return Err(Error::new(Code::Invalid).fields_of(missing));
    }
    for (step, people) in &new.chosen {
        for person in people {
            directory::active_person(tx, *person, &format!("/chosen/{step}"))?;
        }
    }
    references::check(tx, office, &blueprint, &new.data)?;
    let name = tx.actor().name.clone();
    let starter = Colleague { id: me, name: name.clone(), login: String::new() };
    let doer = Doer { id: Some(me), name, on_behalf_of: None };
    let id = new.id;
    let row = CaseRow { id, ..first_row(tx, office, &process, &release, &blueprint, &starter, unit, new.chosen.clone())? };
    let draft = new.draft.map(|draft| own_draft(tx, draft)).transpose()?;
    let recorded = begin(tx, office, row, blueprint, doer, |case, live| case.start(new.opinion.clone(), new.data.clone(), live))?;
    if let Some(draft) = draft {
        let event = Event::new("case_draft.sent", draft.id, draft.title.clone());
        tx.record(event, |rows| store::delete_draft(rows, draft.id))?.into_inner();
    }
    Ok(recorded.map(|()| id))
}

/// A draft of the actor's.
pub fn own_draft(tx: &mut ReadTx<'_>, id: DraftId) -> Result<crate::model::DraftRow, Error> {
    let me = tx.actor().require_person()?;
    match store::draft(tx, id)? {
        None => Err(Error::absent(id)),
        Some(draft) if draft.person_id == me => Ok(draft),
        Some(_) => Err(Error::hidden(id)),
    }
}

#[allow(clippy::too_many_arguments)]
fn first_row(
    tx: &mut ReadTx<'_>,
    office: &Office,
    process: &Process,
    release: &Release,
    blueprint: &Blueprint,
    starter: &Colleague,
    unit: UnitId,
    chosen: BTreeMap<String, Vec<PersonId>>,
) -> Result<CaseRow, Error> {
    let due = match blueprint.settings.process.due {
        Some(time) => Some(time.after(tx.now(), &*office.calendar(tx)?)?),
        None => None,
    };
    Ok(CaseRow {
        id: CaseId::new(),
        number: String::new(),
        process_id: process.id,
        release_id: release.id,
        title: process.name.clone(),
        state: CaseState::Running,
        starter_id: starter.id,
        starter_name: starter.name.clone(),
        unit_id: unit,
        started_at: tx.now(),
        ended_at: None,
        due,
        incident: false,
        parent_id: None,
        parent_token: None,
        parent_item: None,
        control: live::first_control(chosen)?,
        data: RawJson::of(&Data::new())?,
        urged_at: None,
        version: 0,
    })
}

/// Begins a case with its number.
fn begin(
    tx: &mut WriteTx<'_>,
    office: &Office,
    mut row: CaseRow,
    blueprint: Arc<Blueprint>,
    doer: Doer,
    work: impl FnOnce(&mut Case<'_>, &mut Live<'_, '_>) -> Result<(), Error>,
) -> Result<Recorded<()>, Error> {
    let year = tx.now().office_year();
    let prefix = blueprint.settings.process.number.clone().unwrap_or_else(|| "LC".to_owned());
    // The number is taken first: actions of the first steps name the case by it.
    let number = numbers::take(tx, numbers::Series::Case, year)?;
    row.number = format!("{prefix}-{year}-{number:06}");
    let code = finding::unit_code(tx, row.unit_id)?;
    let facts = StarterFacts { name: row.starter_name.clone(), unit: code };
    let loaded = fresh(row, blueprint, facts);
    let mut case = loaded.case(doer)?;
    case.tell(crate::model::StoryEvent::Started, None, None, None, None, None);
    let after = {
        let mut live = Live::new(tx, office, &loaded.row)?;
        work(&mut case, &mut live)?;
        After { calls: live.calls, cancelled: live.cancelled }
    };
    let title = references::title(tx, office, &loaded.blueprint, &case.data)?;
    let event = Event::new("case.started", loaded.row.id, format!("{} {title}", loaded.row.number))
        .fact("process", loaded.blueprint.definition.id.clone())
        .clauses(&loaded.blueprint.settings.process.clauses);
    live::save(tx, office, &loaded, case, event, after)
}

/// Starts the process that another calls.
pub fn start_called(tx: &mut WriteTx<'_>, office: &Office, parent: &CaseRow, call: &PendingCall) -> Result<(), Error> {
    let process = store::process_by_key(tx, &call.process)?.ok_or_else(|| Error::new(Code::ProcessNotPublished))?;
    let caller = store::release(tx, parent.release_id)?.ok_or_else(|| Error::internal("a case without its release"))?;
    let bound: BTreeMap<String, crate::model::ReleaseId> = caller.bindings.parse()?;
    let release = bound.get(&call.process).map(|id| store::release(tx, *id)).transpose()?.flatten();
    let release = release.ok_or_else(|| Error::new(Code::ProcessNotPublished))?;
    let blueprint = office.release(tx, release.id)?;
    let starter = Colleague { id: parent.starter_id, name: parent.starter_name.clone(), login: String::new() };
    let row = first_row(tx, office, &process, &release, &blueprint, &starter, parent.unit_id, BTreeMap::new())?;
    let row = CaseRow {
        parent_id: Some(parent.id),
        parent_token: i64::try_from(call.token).ok(),
        parent_item: call.item.and_then(|item| i32::try_from(item).ok()),
        ..row
    };
    let doer = Doer { id: Some(starter.id), name: starter.name, on_behalf_of: None };
    let input = call.input.clone();
    begin(tx, office, row, blueprint, doer, move |case, live| {
        // What the caller gives need not be complete: the application stays open then.
        case.data = case.blueprint.form.computed(input.clone());
        case.start_called(live)
    })?
    .into_inner();
    Ok(())
}

/// The processes that correct findings and that the actor may start, each with its form as far as this finding fills it in.
pub fn for_finding(tx: &mut ReadTx<'_>, office: &Office, facts: &FindingFacts) -> Result<Vec<(Process, Data)>, Error> {
    let me = tx.actor().require_person()?;
    let Some(unit) = directory::main_unit(tx, me)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for process in store::processes(tx)?.into_iter().filter(|process| process.state == ProcessState::Published) {
        let release = release_for(tx, &process, unit)?;
        let blueprint = office.release(tx, release.id)?;
        let Some(data) = blueprint.for_finding(facts) else { continue };
        match check_starter(tx, &blueprint, me) {
            Ok(()) => found.push((process, data)),
            Err(error) if error.code() == Code::ProcessStarter => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// One step that is to come.
#[derive(Clone, Debug)]
pub struct Foreseen {
    pub step: String,
    pub people: Vec<Colleague>,
    pub deputies: Vec<String>,
    /// Minutes on the clock that it usually takes: a quarter is faster, a quarter slower.
    pub usual: Option<(i64, i64)>,
    pub note: Option<String>,
}

/// A title, the release, the steps to come, and the fields that stand against sending it.
pub type Outlook = (String, Arc<Blueprint>, Vec<Foreseen>, Vec<kernel::FieldError>);

/// The chain that a case with this data would walk, if everybody agreed.
pub fn foresee(tx: &mut ReadTx<'_>, office: &Office, new: &NewCase) -> Result<Outlook, Error> {
    let me = tx.actor().require_person()?;
    let process = process(tx, new.process)?;
    let unit = unit_of(tx, me, new.unit)?;
    let release = release_for(tx, &process, unit)?;
    let blueprint = office.release(tx, release.id)?;
    let (steps, title, refused) = walk(tx, office, &blueprint, me, unit, new)?;
    let usual = usual_times(tx, new.process)?;
    let mut foreseen = Vec::new();
    for (step, people) in steps {
        let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
        let deputies = store::deputies_of(tx, &ids)?;
        let names = directory::people(tx, deputies.iter().flat_map(|deputy| [deputy.person_id, deputy.deputy_id]))?;
        let name = |id: PersonId| names.get(&id).map(|person| person.name.clone()).unwrap_or_default();
        let deputies = deputies.iter().map(|deputy| format!("{} → {}", name(deputy.person_id), name(deputy.deputy_id))).collect();
        let usual = usual.get(&step).copied();
        foreseen.push(Foreseen { step, people, deputies, usual, note: None });
    }
    Ok((title, blueprint, foreseen, refused))
}

type Walked = (Vec<(String, Vec<Colleague>)>, String, Vec<kernel::FieldError>);

/// Walks a case in memory: everybody agrees at once.
pub fn walk(
    tx: &mut ReadTx<'_>,
    office: &Office,
    blueprint: &Blueprint,
    starter: PersonId,
    unit: UnitId,
    new: &NewCase,
) -> Result<Walked, Error> {
    use crate::office::trial::{self, Pretend, TrialStarter};
    let calendar = office.calendar(tx)?;
    let code = finding::unit_code(tx, unit)?;
    let person = finding::people(tx, &[starter])?.pop().map(people::colleague).ok_or_else(|| Error::absent(starter))?;
    let facts = StarterFacts { name: person.name.clone(), unit: code };
    let starter = TrialStarter { person, unit, facts, chosen: new.chosen.clone() };
    let now = tx.now();
    let mut out = Pretend::new(now, calendar, Box::new(|rule, case| people::find(tx, rule, case)));
    let mut case = trial::case(blueprint, &starter);
    let mut steps: Vec<(String, Vec<Colleague>)> = Vec::new();
    let mut refused = Vec::new();
    if let Err(error) = case.start(None, new.data.clone(), &mut out) {
        // What is not filled in yet does not stop the look ahead.
        refused = error.fields().to_vec();
        case = trial::case(blueprint, &starter);
        case.data = blueprint.form.computed(new.data.clone());
        case.start_called(&mut out)?;
        case.pass_application(&mut out)?;
    }
    let application = blueprint.application();
    for _ in 0..60 {
        for seat in case.seats.iter().filter(|seat| Some(seat.element.as_str()) != application) {
            let mut people: Vec<Colleague> = case.candidates.get(&seat.id).cloned().unwrap_or_default();
            people.extend(seat.owner_id.zip(seat.owner_name.clone()).map(|(id, name)| Colleague { id, login: String::new(), name }));
            // Whom a field that is still empty would name is not known yet.
            people.retain(|person| person.id != trial::administrator().id);
            match steps.iter_mut().find(|(step, _)| *step == seat.element) {
                Some((_, known)) => people.into_iter().for_each(|person| {
                    if !known.iter().any(|other| other.id == person.id) {
                        known.push(person);
                    }
                }),
                None => steps.push((seat.element.clone(), people)),
            }
        }
        if case.state != CaseState::Running || !case.agree_once(&mut out)? {
            break;
        }
    }
    let data = case.data;
    drop(out);
    Ok((steps, references::title(tx, office, blueprint, &data)?, refused))
}

/// The quartiles of how long steps took, of the last cases.
fn usual_times(tx: &mut ReadTx<'_>, process: ProcessId) -> Result<BTreeMap<String, (i64, i64)>, Error> {
    let cases = store::finished_of(tx, process, 100)?;
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let mut taken: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for seat in store::seats_of_cases(tx, &ids)?.into_values().flatten() {
        if let (Some(done), None) = (seat.done_at, seat.automatic) {
            taken.entry(seat.element.clone()).or_default().push(minutes(seat.created_at, done));
        }
    }
    Ok(taken
        .into_iter()
        .filter(|(_, minutes)| minutes.len() >= 5)
        .map(|(step, mut minutes)| {
            minutes.sort_unstable();
            let at = |part: usize| minutes.get(minutes.len() * part / 4).copied().unwrap_or_default();
            (step, (at(1), at(3)))
        })
        .collect())
}

/// Minutes between two times.
#[must_use]
pub fn minutes(from: Ts, to: Ts) -> i64 {
    (to.micros() - from.micros()) / 60_000_000
}

//! Cases: who sees them, and what their starters and administrators do.

use std::collections::BTreeSet;

use db::{Event, ReadTx, Recorded, WriteTx};
use identity::directory;
use kernel::{Code, Error, PersonId};

use super::{
    Office,
    live::{Loaded, system, work_on},
};
use crate::{
    model::{CaseId, CaseRef, CaseRow, CaseState, CcRow, QuestionId, QuestionRow, SeatState, StoryEvent, StoryId, StoryRow, Told},
    policy, store,
};

/// Nobody is urged more often than that.
const URGE_SECONDS: i64 = 600;

kernel::text_enum! {
    /// What is done with a case.
    pub enum CaseAction {
        /// The starter has it back to change it (撤回).
        Withdraw = "withdraw",
        /// The starter takes it away for good (撤销).
        Revoke = "revoke",
        /// It counts as never having been (作废).
        Void = "void",
        /// An administrator ends it (终止).
        Terminate = "terminate",
    }
}

/// A case that the actor may see.
pub fn visible_case(tx: &mut ReadTx<'_>, id: CaseId) -> Result<CaseRow, Error> {
    let row = store::case(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if policy::reads(tx.actor(), &row) {
        return Ok(row);
    }
    let me = tx.actor().require_person()?;
    let principals = store::principals(tx, me)?;
    let mut seen = store::takes_part(tx, &row, me)?;
    for principal in principals {
        seen = seen || store::takes_part(tx, &row, principal.person_id)?;
    }
    if seen { Ok(row) } else { Err(Error::hidden(id)) }
}

/// A case as others name it.
pub fn named(tx: &mut ReadTx<'_>, id: CaseId) -> Result<CaseRef, Error> {
    let row = store::case(tx, id)?.ok_or_else(|| Error::absent(id))?;
    Ok(CaseRef::from(&row))
}

/// Those of these cases that the actor may see.
pub fn visible_among(tx: &mut ReadTx<'_>, ids: &[CaseId]) -> Result<BTreeSet<CaseId>, Error> {
    let rows = store::cases_by_ids(tx, ids)?;
    let mut seen = BTreeSet::new();
    for row in rows {
        let me = tx.actor().person();
        if policy::reads(tx.actor(), &row) || me.map(|me| store::takes_part(tx, &row, me)).transpose()? == Some(true) {
            seen.insert(row.id);
        }
    }
    Ok(seen)
}

/// Whether an action is possible now, for this actor.
pub fn check(tx: &ReadTx<'_>, loaded: &Loaded, action: CaseAction) -> Result<(), Error> {
    let (actor, row) = (tx.actor(), &loaded.row);
    let starter = || if actor.is(row.starter_id) { Ok(()) } else { Err(Error::forbidden(Code::CaseNotYours).about(row.id)) };
    match action {
        CaseAction::Withdraw => {
            starter()?;
            loaded.case(system(tx))?.check_withdraw()?;
            let application = loaded.blueprint.application();
            let open = loaded.seats.iter().filter(|seat| seat.state == SeatState::Open);
            // The starter has it already.
            if open.clone().count() > 0 && open.clone().all(|seat| Some(seat.element.as_str()) == application) {
                return Err(Error::new(Code::CaseCannotWithdraw));
            }
            Ok(())
        }
        CaseAction::Revoke => starter(),
        CaseAction::Void | CaseAction::Terminate => policy::check_manages(actor, row),
    }?;
    let over = row.state != CaseState::Running && action != CaseAction::Void;
    let gone = row.state == CaseState::Voided;
    if over || gone { Err(Error::new(Code::CaseOver)) } else { Ok(()) }
}

/// Withdraws, revokes, voids or terminates a case.
pub fn transition(
    tx: &mut WriteTx<'_>,
    office: &Office,
    id: CaseId,
    expected: i32,
    action: CaseAction,
    reason: Option<&str>,
    second: Option<kernel::PersonId>,
) -> Result<Recorded<()>, Error> {
    let row = visible_case(tx, id)?;
    let loaded = Loaded::load(tx, office, row)?;
    check(tx, &loaded, action)?;
    if loaded.row.version != expected {
        return Err(Error::new(Code::Stale));
    }
    let reason = reason.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if reason.is_none() && action != CaseAction::Withdraw {
        return Err(Error::invalid("/reason", Code::CaseReasonRequired));
    }
    let (name, state) = match action {
        CaseAction::Withdraw => ("case.withdrawn", CaseState::Running),
        CaseAction::Revoke => ("case.revoked", CaseState::Revoked),
        CaseAction::Void => ("case.voided", CaseState::Voided),
        CaseAction::Terminate => ("case.terminated", CaseState::Terminated),
    };
    let event = Event::new(name, id, format!("{} {}", loaded.row.number, loaded.row.title))
        .fact("process", loaded.blueprint.definition.id.clone())
        .note(reason.clone());
    let event = match action {
        CaseAction::Void => super::operations::confirmed(tx, event, id, second)?,
        _ => event,
    };
    let doer = system(tx);
    work_on(tx, office, &loaded, doer, event, |case, live| match action {
        CaseAction::Withdraw => case.withdraw(reason, live),
        CaseAction::Void if case.state != CaseState::Running => {
            case.state = CaseState::Voided;
            case.tell(StoryEvent::Ended, None, None, Some(state.as_str().to_owned()), reason, None);
            Ok(())
        }
        _ => case.end(state, reason, live),
    })
}

fn label(row: &CaseRow) -> String {
    format!("{} {}", row.number, row.title)
}

fn entry(tx: &ReadTx<'_>, case: CaseId, kind: StoryEvent, text: Option<String>) -> StoryRow {
    StoryRow {
        id: StoryId::new(),
        case_id: case,
        at: tx.now(),
        kind,
        element: None,
        work_item_id: None,
        by_id: tx.actor().person(),
        by_name: tx.actor().name.clone(),
        on_behalf_of: None,
        outcome: None,
        text,
        automatic: None,
    }
}

/// 催办: whoever has it is asked to hurry; not more often than every ten minutes.
pub fn urge(tx: &mut WriteTx<'_>, id: CaseId, text: Option<&str>) -> Result<Recorded<()>, Error> {
    let row = visible_case(tx, id)?;
    if !tx.actor().is(row.starter_id) && !policy::manages(tx.actor(), &row) {
        return Err(Error::forbidden(Code::CaseNotYours).about(id));
    }
    if row.state != CaseState::Running {
        return Err(Error::new(Code::CaseOver));
    }
    let now = tx.now();
    if let Some(before) = row.urged_at.filter(|before| before.plus_seconds(URGE_SECONDS) > now) {
        let wait = (before.plus_seconds(URGE_SECONDS).micros() - now.micros()) / 1_000_000 + 1;
        return Err(Error::new(Code::UrgedJustNow).with("retry_after", wait));
    }
    let open = store::open_seats_of(tx, &[id])?;
    let unclaimed: Vec<_> = open.iter().filter(|seat| seat.owner_id.is_none()).map(|seat| seat.id).collect();
    let candidates = store::candidates(tx, &unclaimed)?;
    let told = text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let said = told.clone().map_or_else(|| row.title.clone(), |text| format!("{}：{text}", row.title));
    let story = entry(tx, id, StoryEvent::Urged, told.clone());
    let event = Event::new("case.urged", id, label(&row)).step(row.version).unit(row.unit_id).note(told);
    tx.record(event, |rows| {
        store::update_case(rows, &row, &CaseRow { urged_at: Some(now), ..row.clone() })?;
        for seat in &open {
            let people = candidates.get(&seat.id).into_iter().flatten().map(|person| person.id).chain(seat.owner_id);
            for person in people {
                store::notify(rows, person, Told::Urged, &said, Some(id), Some(seat.id))?;
            }
            store::update_seat(rows, &crate::model::Seat { urged: seat.urged + 1, ..seat.clone() })?;
        }
        store::insert_story(rows, &story)
    })
}

/// 抄送, 传阅: people are told of a case, and may read it.
pub fn cc(tx: &mut WriteTx<'_>, id: CaseId, people: &[PersonId], text: Option<&str>) -> Result<Recorded<()>, Error> {
    let row = visible_case(tx, id)?;
    let known: BTreeSet<PersonId> = store::told(tx, id)?.into_iter().map(|cc| cc.person_id).collect();
    let mut names = Vec::new();
    let mut new = Vec::new();
    for person in people {
        let found = directory::active_person(tx, *person, "/person_ids")?;
        if !known.contains(person) && !new.contains(person) {
            names.push(found.name);
            new.push(*person);
        }
    }
    if new.is_empty() {
        return Err(Error::new(Code::NoChange));
    }
    let (now, by) = (tx.now(), tx.actor().name.clone());
    let said = text.map_or_else(|| names.join("、"), |text| format!("{}：{text}", names.join("、")));
    let story = entry(tx, id, StoryEvent::Cc, Some(said));
    let mut event = Event::new("case.circulated", id, label(&row)).unit(row.unit_id).note(text.map(str::to_owned));
    for (person, name) in new.iter().zip(&names) {
        event = event.related(*person, "reader", name.clone());
    }
    tx.record(event, |rows| {
        for person in &new {
            store::insert_cc(rows, &CcRow { case_id: id, person_id: *person, by_name: by.clone(), at: now, read_at: None })?;
            store::notify(rows, *person, Told::Cc, &row.title, Some(id), None)?;
        }
        store::insert_story(rows, &story)
    })
}

/// The reader of a circulated case has read it: the receipt.
pub fn seen(tx: &mut WriteTx<'_>, id: CaseId) -> Result<Recorded<()>, Error> {
    let row = visible_case(tx, id)?;
    let me = tx.actor().require_person()?;
    let unread = store::told(tx, id)?.iter().any(|cc| cc.person_id == me && cc.read_at.is_none());
    if !unread {
        return Ok(tx.unchanged(()));
    }
    let event = Event::new("case.read", id, label(&row)).unit(row.unit_id);
    tx.record(event, |rows| store::read_cc(rows, id, me))
}

/// 沟通: asks somebody without moving the case.
pub fn ask(tx: &mut WriteTx<'_>, id: CaseId, to: PersonId, text: &str) -> Result<Recorded<()>, Error> {
    let row = visible_case(tx, id)?;
    let me = tx.actor().require_person()?;
    let asked = directory::active_person(tx, to, "/to")?;
    if to == me {
        return Err(Error::invalid("/to", Code::Duplicate));
    }
    let now = tx.now();
    let question = QuestionRow {
        id: QuestionId::new(),
        case_id: id,
        from_id: me,
        to_id: to,
        text: text.to_owned(),
        asked_at: now,
        answer: None,
        answered_at: None,
    };
    let story = entry(tx, id, StoryEvent::Asked, Some(format!("→ {}：{text}", asked.name)));
    let event =
        Event::new("case.question_asked", id, label(&row)).unit(row.unit_id).related(to, "asked", asked.name).note(Some(text.to_owned()));
    tx.record(event, |rows| {
        store::insert_question(rows, &question)?;
        store::notify(rows, to, Told::Asked, &format!("{}：{text}", row.title), Some(id), None)?;
        store::insert_story(rows, &story)
    })
}

/// Answers a question.
pub fn answer(tx: &mut WriteTx<'_>, id: CaseId, question: QuestionId, text: &str) -> Result<Recorded<()>, Error> {
    let row = visible_case(tx, id)?;
    let found = store::questions(tx, id)?.into_iter().find(|one| one.id == question).ok_or_else(|| Error::absent(question))?;
    if !tx.actor().is(found.to_id) {
        return Err(Error::forbidden(Code::WorkItemNotYours).about(id));
    }
    if found.answered_at.is_some() {
        return Err(Error::new(Code::NoChange));
    }
    let story = entry(tx, id, StoryEvent::Answered, Some(text.to_owned()));
    let event = Event::new("case.question_answered", id, label(&row)).unit(row.unit_id).note(Some(text.to_owned()));
    tx.record(event, |rows| {
        store::answer(rows, question, text)?;
        store::notify(rows, found.from_id, Told::Answered, &format!("{}：{text}", row.title), Some(id), None)?;
        store::insert_story(rows, &story)
    })
}

/// The record of a file of a case, if the reader sees the field in which it stands.
pub fn file(tx: &mut ReadTx<'_>, office: &Office, id: CaseId, file: files::FileId) -> Result<files::AttachedFile, Error> {
    let row = visible_case(tx, id)?;
    let field = store::file_of(tx, id, file)?.ok_or_else(|| Error::absent(file))?;
    let loaded = Loaded::load(tx, office, row)?;
    let rights = policy::rights(&loaded.blueprint, &loaded.row, &loaded.seats, tx.actor());
    if rights.get(&field).is_none_or(|right| *right == crate::blueprint::words::FieldRight::Hidden) {
        return Err(Error::hidden(id));
    }
    files::service::attached(tx, file)
}

/// The control state as it is kept, and as it follows from everything that was delivered: auditors may compare them.
pub fn states(tx: &mut ReadTx<'_>, office: &Office, id: CaseId) -> Result<(bpmn::State, bpmn::State), Error> {
    use crate::office::{Control, Delivered, fold};
    let row = store::case(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let kept: Control = row.control.parse()?;
    let events = store::events(tx, id)?;
    let migrated = |event: &serde_json::Value| {
        let moved = event.get("migrated")?;
        Some((moved.get("from").and_then(serde_json::Value::as_i64), moved.get("to").and_then(serde_json::Value::as_i64)))
    };
    let events = events.iter().map(kernel::column::RawJson::parse).collect::<Result<Vec<serde_json::Value>, _>>()?;
    let first = events.iter().find_map(migrated).and_then(|(from, _)| from);
    let numbered = |tx: &mut ReadTx<'_>, number: i64| -> Result<_, Error> {
        let number = i32::try_from(number).map_err(Error::internal)?;
        let release = store::release_numbered(tx, row.process_id, number)?.ok_or_else(|| Error::internal("a release is missing"))?;
        office.release(tx, release.id)
    };
    let mut blueprint = match first {
        Some(number) => numbered(tx, number)?,
        None => office.release(tx, row.release_id)?,
    };
    let mut state = bpmn::State::new();
    for event in &events {
        match migrated(event) {
            Some((_, Some(to))) => blueprint = numbered(tx, to)?,
            _ => {
                let one: Delivered = serde_json::from_value(event.clone()).map_err(Error::internal)?;
                state = fold(&blueprint.program, state, &[one]).map_err(|refused| Error::internal(format!("{refused:?}")))?;
            }
        }
    }
    Ok((kept.state, state))
}

/// Every case there is, for checks of the whole.
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<CaseId>, Error> {
    store::case_ids(tx)
}

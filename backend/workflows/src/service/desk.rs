//! A person's desk: drafts, deputies, phrases, notices.

use db::{Event, ReadTx, Recorded, WriteTx};
use identity::directory;
use kernel::{Code, Error, PersonId, PersonKind, Ts, UnitId, column::RawJson};

use super::starting::{named, own_draft, process};
use crate::{
    blueprint::Data,
    model::{Deputy, DeputyId, DraftId, DraftRow, NotificationId, ProcessId},
    store,
};

/// Drafts of one person at most.
const MAX_DRAFTS: usize = 100;
/// Phrases at most.
const MAX_PHRASES: usize = 30;

/// Keeps a case that is not sent yet.
pub fn save_draft(tx: &mut WriteTx<'_>, of: ProcessId, unit: Option<UnitId>, data: &Data) -> Result<Recorded<DraftId>, Error> {
    let me = tx.actor().require_person()?;
    let process = named(tx, of)?;
    if store::drafts(tx, me)?.len() >= MAX_DRAFTS {
        return Err(Error::new(Code::TooManyRequests).with("retry_after", 0));
    }
    let row = DraftRow {
        id: DraftId::new(),
        person_id: me,
        process_id: of,
        title: process.name,
        unit_id: unit,
        data: RawJson::of(data)?,
        changed_at: tx.now(),
        version: 1,
    };
    let id = row.id;
    let event = Event::new("case_draft.created", id, row.title.clone()).created();
    tx.record(event, |rows| store::insert_draft(rows, &row)).map(|recorded| recorded.map(|()| id))
}

/// Changes it.
pub fn change_draft(tx: &mut WriteTx<'_>, id: DraftId, expected: i32, unit: Option<UnitId>, data: &Data) -> Result<Recorded<()>, Error> {
    let before = own_draft(tx, id)?;
    if before.version == expected && before.unit_id == unit && before.data.parse::<Data>()? == *data {
        return Ok(tx.unchanged(()));
    }
    let row = DraftRow { unit_id: unit, data: RawJson::of(data)?, changed_at: tx.now(), ..before };
    let event = Event::new("case_draft.changed", id, row.title.clone()).step(expected);
    tx.record(event, |rows| store::update_draft(rows, &row, expected))
}

/// Throws it away.
pub fn drop_draft(tx: &mut WriteTx<'_>, id: DraftId) -> Result<Recorded<()>, Error> {
    let row = own_draft(tx, id)?;
    let event = Event::new("case_draft.discarded", id, row.title);
    tx.record(event, |rows| store::delete_draft(rows, id))
}

/// Names a deputy for a period, for some processes or all.
pub fn name_deputy(tx: &mut WriteTx<'_>, deputy: PersonId, from: Ts, to: Ts, processes: &[ProcessId]) -> Result<Recorded<DeputyId>, Error> {
    let me = tx.actor().require_person()?;
    if deputy == me {
        return Err(Error::new(Code::DeputySelf));
    }
    if to <= from {
        return Err(Error::invalid("/to", Code::OutOfRange));
    }
    if to <= tx.now() {
        return Err(Error::invalid("/to", Code::InPast));
    }
    let named = directory::active_person(tx, deputy, "/deputy_id")?;
    for one in processes {
        process(tx, *one).map_err(|_| Error::invalid("/process_ids", Code::UnknownReference))?;
    }
    let row = Deputy {
        id: DeputyId::new(),
        person_id: me,
        deputy_id: deputy,
        valid_from: from,
        valid_to: to,
        processes: RawJson::of(&processes)?,
        ended_at: None,
    };
    let event = Event::new("deputy.named", row.id, named.name.clone())
        .related(me, "principal", tx.actor().name.clone())
        .related(deputy, "deputy", named.name)
        .set("from", &from)
        .set("to", &to);
    let id = row.id;
    tx.record(event, |rows| store::insert_deputy(rows, &row)).map(|recorded| recorded.map(|()| id))
}

/// Ends it.
pub fn end_deputy(tx: &mut WriteTx<'_>, id: DeputyId) -> Result<Recorded<()>, Error> {
    let me = tx.actor().require_person()?;
    let found = store::deputy(tx, id)?.filter(|one| one.ended_at.is_none()).ok_or_else(|| Error::absent(id))?;
    if found.person_id != me {
        return Err(Error::hidden(id));
    }
    let event = Event::new("deputy.ended", id, String::new()).related(found.deputy_id, "deputy", String::new());
    tx.record(event, |rows| store::end_deputy(rows, id))
}

/// One's own phrases (常用语), or those that everybody begins with.
pub fn phrases(tx: &mut ReadTx<'_>) -> Result<Vec<String>, Error> {
    let me = tx.actor().require_person()?;
    let own = store::phrases(tx, me)?;
    if !own.is_empty() {
        return Ok(own);
    }
    let usual: &[&str] = if tx.actor().chinese {
        &["同意。", "已阅。", "请按规定办理。", "请补充材料后重新提交。"]
    } else {
        &["Agreed.", "Read.", "Please complete and send again."]
    };
    Ok(usual.iter().map(|text| (*text).to_owned()).collect())
}

/// Replaces them.
pub fn set_phrases(tx: &mut WriteTx<'_>, phrases: &[String]) -> Result<Recorded<()>, Error> {
    let me = tx.actor().require_person()?;
    if phrases.len() > MAX_PHRASES {
        return Err(Error::invalid("/phrases", Code::TooLong));
    }
    if store::phrases(tx, me)? == phrases {
        return Ok(tx.unchanged(()));
    }
    let event = Event::new::<PersonKind>("phrases.changed", me, tx.actor().name.clone()).fact("count", phrases.len());
    tx.record(event, |rows| store::set_phrases(rows, me, phrases))
}

/// Notices that have been read; all if none is named.
pub fn read_notices(tx: &mut WriteTx<'_>, ids: &[NotificationId]) -> Result<Recorded<()>, Error> {
    let me = tx.actor().require_person()?;
    if store::unread_notifications(tx, me)? == 0 {
        return Ok(tx.unchanged(()));
    }
    let event = Event::new::<PersonKind>("notifications.read", me, tx.actor().name.clone());
    tx.record(event, |rows| store::read_notifications(rows, me, ids))
}

/// A process that one comes back to.
pub fn set_favourite(tx: &mut WriteTx<'_>, of: ProcessId, is: bool) -> Result<Recorded<()>, Error> {
    let me = tx.actor().require_person()?;
    process(tx, of)?;
    if store::favourites(tx, me)?.contains(&of) == is {
        return Ok(tx.unchanged(()));
    }
    let action = if is { "process.marked" } else { "process.unmarked" };
    let event = Event::new::<PersonKind>(action, me, tx.actor().name.clone()).related(of, "process", String::new());
    tx.record(event, |rows| store::set_favourite(rows, me, of, is))
}

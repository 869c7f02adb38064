//! Hand-overs: what the giver signs, and what becomes of it.

use db::{Event, Recorded, WriteTx};
use identity::directory;
use kernel::{Code, Error, Permission, PersonId};

use super::keeping::{MediumMove, active_place, put};
use crate::{
    model::{BackupId, HandOver, HandOverId, HandOverState, Medium, MediumId, PlaceId},
    policy, store,
};

/// What is handed over, to whom.
#[derive(Clone, Debug)]
pub struct HandOverFacts {
    pub backup: Option<BackupId>,
    pub medium: Option<MediumId>,
    pub place: Option<PlaceId>,
    pub receiver: PersonId,
    pub note: Option<String>,
}

/// The giver signs (B2.3). It is complete when the receiver, somebody else, has signed too.
pub fn hand_over(tx: &mut WriteTx<'_>, facts: &HandOverFacts) -> Result<Recorded<HandOverId>, Error> {
    policy::check_read(tx.actor())?;
    let medium = match facts.medium {
        Some(id) => Some(store::medium(tx, id)?.ok_or_else(|| Error::invalid("/medium_id", Code::UnknownReference))?),
        None => None,
    };
    policy::check_hand_over(tx.actor(), medium.as_ref(), facts.receiver)?;
    let giver = tx.actor().require_person()?;
    let receiver = directory::active_person(tx, facts.receiver, "/receiver_id")?;
    if facts.backup.is_none() && facts.medium.is_none() {
        return Err(Error::invalid("/medium_id", Code::Required));
    }
    if !directory::may_in(tx, receiver.id, Permission::ReadBackups, None)? {
        return Err(Error::new(Code::HandOverUnsignable));
    }
    if let Some(id) = facts.medium
        && store::is_given(tx, id)?
    {
        return Err(Error::new(Code::HandOverOpen));
    }
    if let Some(id) = facts.backup
        && store::find(tx, id)?.is_none()
    {
        return Err(Error::invalid("/backup_id", Code::UnknownReference));
    }
    if let Some(place) = facts.place {
        active_place(tx, place)?;
    }
    let row = HandOver {
        id: HandOverId::new(),
        backup_id: facts.backup,
        medium_id: facts.medium,
        place_id: facts.place,
        giver_id: giver,
        receiver_id: receiver.id,
        state: HandOverState::Given,
        given_at: tx.now(),
        answered_at: None,
        note: facts.note.clone(),
        answer: None,
        version: 1,
    };
    let label = medium.as_ref().map_or_else(|| receiver.name.clone(), |medium| medium.serial.clone());
    let event = signed(Event::new("backup.handed_over", row.id, label).created(), &row, medium.as_ref())
        .set("receiver_id", &row.receiver_id)
        .note(facts.note.clone());
    tx.record(event, |rows| store::insert_handover(rows, &row))?.and_then(|()| Ok(row.id))
}

/// What both signatures have in common.
fn signed(mut event: Event, row: &HandOver, medium: Option<&Medium>) -> Event {
    event = event.fact("giver", row.giver_id).fact("receiver", row.receiver_id).related(row.giver_id, "giver", "").related(
        row.receiver_id,
        "receiver",
        "",
    );
    if let Some(backup) = row.backup_id {
        event = event.related(backup, "backup", "");
    }
    match medium {
        Some(medium) => event.related(medium.id, "medium", medium.serial.clone()).fact("medium_kind", medium.kind),
        None => event,
    }
}

/// The receiver signs, or does not take it. With the signature the medium is in the receiver's hands and at the place that was agreed.
pub fn answer(tx: &mut WriteTx<'_>, id: HandOverId, expected: i32, accepts: bool, words: Option<String>) -> Result<Recorded<()>, Error> {
    let before = store::handover(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_answer(tx.actor(), &before)?;
    if !accepts && words.is_none() {
        return Err(Error::invalid("/note", Code::Required));
    }
    let state = if accepts { HandOverState::Received } else { HandOverState::Declined };
    let after = HandOver { state, answered_at: Some(tx.now()), answer: words.clone(), ..before.clone() };
    let medium = before.medium_id.map(|id| store::medium(tx, id)).transpose()?.flatten();
    let label = medium.as_ref().map_or_else(|| tx.actor().name.clone(), |medium| medium.serial.clone());
    let action = if accepts { "backup.received" } else { "backup.declined" };
    let event = signed(Event::new(action, id, label).step(before.version), &before, medium.as_ref())
        .change("state", &before.state, &after.state)
        .note(words);
    let recorded = tx.record(event, |rows| store::update_handover(rows, &after, expected))?;
    if let Some(medium) = medium.filter(|_| accepts) {
        let to = MediumMove { place: before.place_id.or(medium.place_id), custodian: Some(before.receiver_id), ..MediumMove::default() };
        put(tx, &medium, medium.version, &to)?.into_inner();
    }
    Ok(recorded)
}

/// The giver takes it back before there is an answer.
pub fn withdraw(tx: &mut WriteTx<'_>, id: HandOverId, expected: i32) -> Result<Recorded<()>, Error> {
    let before = store::handover(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_withdraw(tx.actor(), &before)?;
    let after = HandOver { state: HandOverState::Withdrawn, answered_at: Some(tx.now()), ..before.clone() };
    let medium = before.medium_id.map(|id| store::medium(tx, id)).transpose()?.flatten();
    let label = medium.as_ref().map_or_else(|| tx.actor().name.clone(), |medium| medium.serial.clone());
    let event = signed(Event::new("backup.withdrawn", id, label).step(before.version), &before, medium.as_ref()).change(
        "state",
        &before.state,
        &after.state,
    );
    tx.record(event, |rows| store::update_handover(rows, &after, expected))
}

//! For a time, a control is not held against somebody: asked for by one, granted by another, never for good.

use db::{Event, Recorded, WriteTx};
use kernel::{Code, Error, Ts, Uuid, column::AnyId};

use super::standing;
use crate::{
    model::{Waiver, WaiverId, WaiverState},
    policy, store,
};

/// A waiver lasts so many days at most.
pub const MAX_DAYS: i64 = 180;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub control: String,
    pub subject_id: Option<Uuid>,
    pub reason: String,
    pub measures: String,
    pub until: Ts,
}

/// Asks for one; it holds once somebody else has granted it.
pub fn request(tx: &mut WriteTx<'_>, asked: &Asked) -> Result<Recorded<WaiverId>, Error> {
    policy::check_manage(tx.actor())?;
    if !standing::in_force(tx)?.iter().any(|(_, content)| content.controls.iter().any(|control| control.id == asked.control)) {
        return Err(Error::invalid("/control", Code::ControlUnknown));
    }
    if asked.until <= tx.now() {
        return Err(Error::invalid("/until", Code::InThePast));
    }
    if asked.until > tx.now().plus_seconds(MAX_DAYS * 86_400) {
        let params = [("days", MAX_DAYS.to_string())].into();
        let field = kernel::FieldError { pointer: "/until".to_owned(), code: Code::WaiverTooLong, params };
        return Err(Error::new(Code::Invalid).fields_of(vec![field]));
    }
    let waiver = Waiver {
        id: WaiverId::new(),
        control: asked.control.clone(),
        subject_id: asked.subject_id.map(AnyId),
        reason: asked.reason.clone(),
        measures: asked.measures.clone(),
        until: asked.until,
        state: WaiverState::Requested,
        requested_by: tx.actor().require_person()?,
        requested_by_name: tx.actor().name.clone(),
        requested_at: tx.now(),
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        version: 1,
    };
    let event = Event::new("waiver.requested", waiver.id, waiver.control.clone())
        .created()
        .fact("control", &waiver.control)
        .set("until", &waiver.until)
        .set("measures", &waiver.measures)
        .note(Some(waiver.reason.clone()));
    tx.record(event, |rows| store::insert_waiver(rows, &waiver)).map(|recorded| recorded.map(|()| waiver.id))
}

/// Grants it, refuses it, or ends it before its time.
pub fn decide(tx: &mut WriteTx<'_>, id: WaiverId, expected: i32, to: WaiverState) -> Result<Recorded<()>, Error> {
    let before = store::waiver(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_waive(tx.actor(), &before, to)?;
    let me = tx.actor().require_person()?;
    if before.version != expected {
        return Err(Error::new(Code::Stale));
    }
    let after = Waiver {
        state: to,
        decided_by: Some(me),
        decided_by_name: Some(tx.actor().name.clone()),
        decided_at: Some(tx.now()),
        version: expected + 1,
        ..before.clone()
    };
    let action = match to {
        WaiverState::Approved => "waiver.approved",
        WaiverState::Ended => "waiver.ended",
        WaiverState::Declined | WaiverState::Requested => "waiver.declined",
    };
    let event = Event::new(action, id, before.control.clone()).step(expected).fact("control", &before.control).related(
        before.requested_by,
        "requester",
        before.requested_by_name.clone(),
    );
    tx.record(event, |rows| store::update_waiver(rows, &after, expected))
}

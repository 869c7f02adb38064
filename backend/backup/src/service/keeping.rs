//! Where backups are kept and by whom: places and their inspections, media and their moves.

use db::{Event, ReadTx, Recorded, WriteTx};
use identity::directory;
use kernel::{Code, Error, PersonId};

use crate::{
    model::{Inspection, InspectionId, Medium, MediumId, MediumType, Move, MoveId, Place, PlaceId},
    policy, store,
};

/// What can be said of a place.
#[derive(Clone, Debug)]
pub struct PlaceFacts {
    pub name: String,
    pub location: Option<String>,
    pub custodian: Option<PersonId>,
    pub inspect_days: i32,
    pub active: bool,
}

impl PlaceFacts {
    fn of(place: &Place) -> Self {
        Self {
            name: place.name.clone(),
            location: place.location.clone(),
            custodian: place.custodian_id,
            inspect_days: place.inspect_days,
            active: place.active,
        }
    }
}

fn check_place(tx: &mut ReadTx<'_>, own: Option<PlaceId>, facts: &PlaceFacts) -> Result<(), Error> {
    policy::check_manage(tx.actor())?;
    if store::place_named(tx, &facts.name)?.is_some_and(|other| Some(other) != own) {
        return Err(Error::invalid("/name", Code::AlreadyTaken));
    }
    facts.custodian.map_or(Ok(()), |custodian| directory::active_person(tx, custodian, "/custodian_id").map(drop))
}

/// Adds a place (B2.4).
pub fn create_place(tx: &mut WriteTx<'_>, facts: &PlaceFacts) -> Result<Recorded<PlaceId>, Error> {
    check_place(tx, None, facts)?;
    let row = Place {
        id: PlaceId::new(),
        name: facts.name.clone(),
        location: facts.location.clone(),
        custodian_id: facts.custodian,
        inspect_days: facts.inspect_days,
        inspected_at: None,
        fit: None,
        active: facts.active,
        created_at: tx.now(),
        version: 1,
    };
    let event = Event::new("place.created", row.id, row.name.clone())
        .created()
        .set("name", &row.name)
        .set("location", &row.location)
        .set("custodian_id", &row.custodian_id)
        .set("inspect_days", &row.inspect_days);
    tx.record(event, |rows| store::insert_place(rows, &row))?.and_then(|()| Ok(row.id))
}

/// Changes a place.
pub fn change_place(
    tx: &mut WriteTx<'_>,
    id: PlaceId,
    expected: i32,
    becomes: impl FnOnce(PlaceFacts) -> PlaceFacts,
) -> Result<Recorded<()>, Error> {
    let before = store::place(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let facts = becomes(PlaceFacts::of(&before));
    check_place(tx, Some(id), &facts)?;
    let after = Place {
        name: facts.name,
        location: facts.location,
        custodian_id: facts.custodian,
        inspect_days: facts.inspect_days,
        active: facts.active,
        ..before.clone()
    };
    let event = Event::new("place.changed", id, after.name.clone())
        .step(before.version)
        .fact("active", after.active)
        .change("name", &before.name, &after.name)
        .change("location", &before.location, &after.location)
        .change("custodian_id", &before.custodian_id, &after.custodian_id)
        .change("inspect_days", &before.inspect_days, &after.inspect_days)
        .change("active", &before.active, &after.active);
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_place(rows, &after, expected))
}

/// The six answers of an inspection (B2.5).
#[derive(Clone, Copy, Debug)]
pub struct Points {
    pub fire: bool,
    pub heat: bool,
    pub damp: bool,
    pub dust: bool,
    pub magnetism: bool,
    pub theft: bool,
}

/// Notes an inspection of a place. What is lacking has to be said in words.
pub fn inspect(tx: &mut WriteTx<'_>, id: PlaceId, points: Points, note: Option<String>) -> Result<Recorded<()>, Error> {
    policy::check_manage(tx.actor())?;
    let before = store::place(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let row = Inspection {
        id: InspectionId::new(),
        place_id: id,
        at: tx.now(),
        by_id: tx.actor().require_person()?,
        fire: points.fire,
        heat: points.heat,
        damp: points.damp,
        dust: points.dust,
        magnetism: points.magnetism,
        theft: points.theft,
        note,
    };
    let fit = row.points().iter().all(|(_, protected)| *protected);
    if !fit && row.note.is_none() {
        return Err(Error::invalid("/note", Code::Required));
    }
    let after = Place { inspected_at: Some(row.at), fit: Some(fit), ..before.clone() };
    let late = before.due_at() < row.at && before.inspected_at.is_some();
    let mut event = Event::new("place.inspected", id, before.name.clone())
        .step(before.version)
        .fact("fit", fit)
        .fact("late", late)
        .change("inspected_at", &before.inspected_at, &after.inspected_at)
        .note(row.note.clone());
    for (point, protected) in row.points() {
        event = event.fact(point, protected);
    }
    tx.record(event, |rows| {
        store::insert_inspection(rows, &row)?;
        store::update_place(rows, &after, before.version)
    })
}

/// What can be said of a medium.
#[derive(Clone, Debug)]
pub struct MediumFacts {
    pub serial: String,
    pub kind: MediumType,
    pub note: Option<String>,
    pub active: bool,
}

impl MediumFacts {
    fn of(medium: &Medium) -> Self {
        Self { serial: medium.serial.clone(), kind: medium.kind, note: medium.note.clone(), active: medium.active }
    }
}

fn check_medium(tx: &mut ReadTx<'_>, own: Option<MediumId>, facts: &MediumFacts) -> Result<(), Error> {
    policy::check_manage(tx.actor())?;
    if store::medium_with(tx, &facts.serial)?.is_some_and(|other| Some(other) != own) {
        return Err(Error::invalid("/serial", Code::AlreadyTaken));
    }
    Ok(())
}

/// Adds a medium. Where it is, with whom, and its seal are said by a move.
pub fn create_medium(tx: &mut WriteTx<'_>, facts: &MediumFacts) -> Result<Recorded<MediumId>, Error> {
    check_medium(tx, None, facts)?;
    let row = Medium {
        id: MediumId::new(),
        serial: facts.serial.clone(),
        kind: facts.kind,
        seal_number: None,
        place_id: None,
        custodian_id: None,
        note: facts.note.clone(),
        active: facts.active,
        created_at: tx.now(),
        version: 1,
    };
    let event = Event::new("medium.created", row.id, row.serial.clone())
        .created()
        .fact("kind", row.kind)
        .set("serial", &row.serial)
        .set("note", &row.note);
    tx.record(event, |rows| store::insert_medium(rows, &row))?.and_then(|()| Ok(row.id))
}

/// Changes what is known of a medium.
pub fn change_medium(
    tx: &mut WriteTx<'_>,
    id: MediumId,
    expected: i32,
    becomes: impl FnOnce(MediumFacts) -> MediumFacts,
) -> Result<Recorded<()>, Error> {
    let before = store::medium(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let facts = becomes(MediumFacts::of(&before));
    check_medium(tx, Some(id), &facts)?;
    let after = Medium { serial: facts.serial, kind: facts.kind, note: facts.note, active: facts.active, ..before.clone() };
    let event = Event::new("medium.changed", id, after.serial.clone())
        .step(before.version)
        .fact("kind", after.kind)
        .fact("active", after.active)
        .change("serial", &before.serial, &after.serial)
        .change("kind", &before.kind, &after.kind)
        .change("note", &before.note, &after.note)
        .change("active", &before.active, &after.active);
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_medium(rows, &after, expected, None))
}

/// Where a medium goes, to whom, under which seal.
#[derive(Clone, Debug, Default)]
pub struct MediumMove {
    pub place: Option<PlaceId>,
    pub custodian: Option<PersonId>,
    pub seal_number: Option<String>,
    pub reason: Option<String>,
}

/// Moves a medium (B2.4); the history keeps every place. While it is being handed over, only the receiver's signature changes whose it is.
pub fn move_medium(tx: &mut WriteTx<'_>, id: MediumId, expected: i32, to: &MediumMove) -> Result<Recorded<()>, Error> {
    policy::check_manage(tx.actor())?;
    if let Some(custodian) = to.custodian {
        directory::active_person(tx, custodian, "/custodian_id")?;
    }
    let before = store::medium(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if let Some(place) = to.place {
        active_place(tx, place)?;
    }
    if to.custodian != before.custodian_id && store::is_given(tx, id)? {
        return Err(Error::new(Code::HandOverOpen));
    }
    put(tx, &before, expected, to)
}

/// Puts a medium where it is by now, and says so in its history.
pub(super) fn put(tx: &mut WriteTx<'_>, before: &Medium, expected: i32, to: &MediumMove) -> Result<Recorded<()>, Error> {
    let place = to.place.map(|id| store::place(tx, id)).transpose()?.flatten();
    let after = Medium {
        place_id: to.place,
        custodian_id: to.custodian,
        seal_number: to.seal_number.clone().or_else(|| before.seal_number.clone()),
        ..before.clone()
    };
    let moved = Move {
        id: MoveId::new(),
        medium_id: before.id,
        at: tx.now(),
        by_name: tx.actor().name.clone(),
        from_place_id: before.place_id,
        to_place_id: after.place_id,
        from_custodian_id: before.custodian_id,
        to_custodian_id: after.custodian_id,
        seal_number: after.seal_number.clone(),
        reason: to.reason.clone(),
    };
    let mut event = Event::new("medium.moved", before.id, before.serial.clone())
        .step(before.version)
        .fact("kind", before.kind)
        .fact("fit", place.as_ref().and_then(|place| place.fit).map_or_else(|| "unknown".to_owned(), |fit| fit.to_string()))
        .change("place_id", &before.place_id, &after.place_id)
        .change("custodian_id", &before.custodian_id, &after.custodian_id)
        .change("seal_number", &before.seal_number, &after.seal_number)
        .note(to.reason.clone());
    if let Some(place) = place {
        event = event.related(place.id, "place", place.name);
    }
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_medium(rows, &after, expected, Some(&moved)))
}

/// A place that is in use.
pub(super) fn active_place(tx: &mut ReadTx<'_>, id: PlaceId) -> Result<Place, Error> {
    store::place(tx, id)?.filter(|place| place.active).ok_or_else(|| Error::invalid("/place_id", Code::UnknownReference))
}

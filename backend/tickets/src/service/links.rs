//! What a ticket is about, and who follows it.

use db::{Event, ReadTx, Recorded, WriteTx};
use equipment::EquipmentId;
use identity::directory;
use kernel::{Code, Error, PersonId};

use super::{steps::drive, visible};
use crate::{
    model::{Ticket, TicketId, TicketState, TicketType},
    policy, store,
};

/// Links a piece of equipment that the actor may see.
pub fn link(tx: &mut WriteTx<'_>, id: TicketId, equipment: EquipmentId) -> Result<Recorded<()>, Error> {
    let (row, _) = visible(tx, id)?;
    policy::check_change(tx.actor(), &row)?;
    let thing = equipment::service::referable(tx, equipment, "/equipment_id")?;
    if store::equipment_of(tx, id)?.contains(&equipment) {
        return Err(Error::new(Code::AlreadyLinked));
    }
    let label = format!("{} {}", thing.number, thing.name);
    let event = Event::new("ticket.equipment_linked", id, row.label())
        .unit(row.unit_id)
        .related(equipment, "equipment", label.clone())
        .set("equipment", &label);
    let recorded = tx.record(event, |rows| {
        store::link(rows, id, equipment)?;
        store::touch(rows, id)
    })?;
    if row.kind == TicketType::Fault {
        drive(tx, &row, &[equipment], equipment::EquipmentAction::ReportFault, Some(row.title.clone()))?;
        if row.state == TicketState::InProgress {
            drive(tx, &row, &[equipment], equipment::EquipmentAction::StartRepair, None)?;
        }
    }
    Ok(recorded)
}

/// Removes a link; what is with a vendor stays linked.
pub fn unlink(tx: &mut WriteTx<'_>, id: TicketId, equipment: EquipmentId) -> Result<Recorded<()>, Error> {
    let (row, _) = visible(tx, id)?;
    policy::check_handler(tx.actor(), &row)?;
    if row.state == TicketState::WaitingVendor {
        return Err(Error::new(Code::TicketVendorPending));
    }
    if !store::equipment_of(tx, id)?.contains(&equipment) {
        return Err(Error::absent(equipment));
    }
    let thing = equipment::service::references(tx, &[equipment])?.pop().ok_or_else(|| Error::absent(equipment))?;
    let event = Event::new("ticket.equipment_unlinked", id, row.label()).unit(row.unit_id).related(
        equipment,
        "equipment",
        format!("{} {}", thing.number, thing.name),
    );
    let recorded = tx.record(event, |rows| {
        store::unlink(rows, id, equipment)?;
        store::touch(rows, id)
    })?;
    let others = store::open_about(tx, equipment)?;
    if row.kind == TicketType::Fault && !others.iter().any(|(_, kind)| *kind == TicketType::Fault) {
        drive(tx, &row, &[equipment], equipment::EquipmentAction::Repaired, None)?;
    }
    Ok(recorded)
}

/// Lets somebody follow a ticket: oneself, or by who works on it anybody.
pub fn watch(tx: &mut WriteTx<'_>, id: TicketId, person: PersonId) -> Result<Recorded<()>, Error> {
    let (row, _) = visible(tx, id)?;
    check_watching(tx, &row, person)?;
    let name = directory::addressed_person(tx, person)?.name;
    if store::watchers(tx, id)?.contains(&person) {
        return Ok(tx.unchanged(()));
    }
    let event = Event::new("ticket.watcher_added", id, row.label()).unit(row.unit_id).related(person, "watcher", name);
    tx.record(event, |rows| store::watch(rows, id, person))
}

/// Ends it.
pub fn unwatch(tx: &mut WriteTx<'_>, id: TicketId, person: PersonId) -> Result<Recorded<()>, Error> {
    let (row, _) = visible(tx, id)?;
    check_watching(tx, &row, person)?;
    if !store::watchers(tx, id)?.contains(&person) {
        return Ok(tx.unchanged(()));
    }
    let name = directory::people(tx, [person])?.remove(&person).map(|person| person.name).unwrap_or_default();
    let event = Event::new("ticket.watcher_removed", id, row.label()).unit(row.unit_id).related(person, "watcher", name);
    tx.record(event, |rows| store::unwatch(rows, id, person))
}

fn check_watching(tx: &ReadTx<'_>, row: &Ticket, person: PersonId) -> Result<(), Error> {
    let actor = tx.actor();
    if actor.is(person) || actor.is(row.reporter_id) { Ok(()) } else { policy::check_handler(actor, row) }
}

//! May this actor see, or do something with, this case or work? Pure.

use kernel::{Actor, Code, Error, Permission, PersonId};

use crate::{
    blueprint::{Blueprint, Rights, Work, words::FieldRight},
    model::{CaseRow, CaseState, Colleague, Deputy, Seat, SeatState},
};

/// Whether the actor reads cases of this unit by permission.
pub fn reads(actor: &Actor, row: &CaseRow) -> bool {
    actor.may_in(Permission::ReadCases, Some(row.unit_id)) || manages(actor, row)
}

/// Whether the actor administers cases of this unit.
pub fn manages(actor: &Actor, row: &CaseRow) -> bool {
    actor.may_in(Permission::ManageCases, Some(row.unit_id))
}

/// Administration only.
pub fn check_manages(actor: &Actor, row: &CaseRow) -> Result<(), Error> {
    if manages(actor, row) {
        Ok(())
    } else {
        Err(Error::forbidden(Code::Forbidden).with("permission", Permission::ManageCases).about(row.id))
    }
}

/// What a reader sees of the form: what the steps see that were the reader's; with the permission to read cases, everything; of what one
/// was only told or asked, what no step hides.
#[must_use]
pub fn rights(blueprint: &Blueprint, row: &CaseRow, seats: &[Seat], reader: &Actor) -> Rights {
    let read = |right: FieldRight| right.min(FieldRight::Read);
    let mut rights: Rights = blueprint.form.fields.keys().map(|name| (name.clone(), FieldRight::Hidden)).collect();
    if reads(reader, row) {
        return rights.into_keys().map(|name| (name, FieldRight::Read)).collect();
    }
    let me = reader.person();
    let mine = seats.iter().filter(|seat| me.is_some() && (seat.owner_id == me || seat.done_by == me || seat.on_behalf_of == me));
    let mut steps: Vec<&str> = mine.map(|seat| seat.element.as_str()).collect();
    if reader.is(row.starter_id) {
        steps.extend(blueprint.application());
    }
    if steps.is_empty() {
        for (name, right) in &mut rights {
            let hidden = blueprint.settings.work.keys().any(|step| blueprint.rights(step).get(name) == Some(&FieldRight::Hidden));
            *right = if hidden { FieldRight::Hidden } else { FieldRight::Read };
        }
    }
    for step in steps {
        for (name, right) in blueprint.rights(step) {
            let known = rights.entry(name).or_insert(FieldRight::Hidden);
            *known = (*known).max(read(right));
        }
    }
    rights
}

/// For whom the actor would act at a seat.
pub enum Acting {
    /// The seat is one's own.
    Owner,
    /// One may take it.
    Candidate,
    /// The owner is away.
    Deputy(PersonId),
}

/// Whether the actor may act at a seat, and for whom.
pub fn acting(
    actor: &Actor,
    row: &CaseRow,
    seat: &Seat,
    work: Option<&Work>,
    candidates: &[Colleague],
    principals: &[Deputy],
) -> Option<Acting> {
    let me = actor.person()?;
    if seat.owner_id == Some(me) {
        return Some(Acting::Owner);
    }
    if seat.owner_id.is_none() && candidates.iter().any(|person| person.id == me) {
        return Some(Acting::Candidate);
    }
    let owner = seat.owner_id?;
    let stands_in = |deputy: &Deputy| {
        let processes: Vec<crate::model::ProcessId> = deputy.processes.parse().unwrap_or_default();
        deputy.person_id == owner && (processes.is_empty() || processes.contains(&seat.process_id))
    };
    // Not for what must be signed in person, not where duties are separated, not for one's own case.
    let personal = work.is_some_and(|work| work.sign || !work.separate.is_empty());
    (principals.iter().any(stands_in) && !personal && row.starter_id != me).then_some(Acting::Deputy(owner))
}

/// Whether a seat is there to be dealt with.
pub fn check_open(row: &CaseRow, seat: &Seat) -> Result<(), Error> {
    match seat.state {
        SeatState::Done => Err(Error::new(Code::WorkItemDone)
            .with("by", seat.done_by_name.clone().unwrap_or_default())
            .with("at", seat.done_at.map(|at| at.to_string()).unwrap_or_default())),
        SeatState::Closed => Err(Error::new(Code::WorkItemClosed)),
        SeatState::Waiting => Err(Error::new(Code::WorkItemWaiting)),
        SeatState::Open if row.state != CaseState::Running => Err(Error::new(Code::CaseOver)),
        SeatState::Open => Ok(()),
    }
}

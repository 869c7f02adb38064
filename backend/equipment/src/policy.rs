//! May this actor see or manage this equipment? Pure.

use kernel::{Actor, Code, Error, Permission, UnitId};

use crate::model::{Equipment, EquipmentAction};

/// One's own, and what the reading permission reaches.
pub fn can_see(actor: &Actor, row: &Equipment) -> bool {
    actor.may_in(Permission::ReadEquipment, row.unit_id) || manages(actor, row) || row.holder_id.is_some_and(|holder| actor.is(holder))
}

/// Managing it where it is. What has no unit yet is for who manages everything.
pub fn manages(actor: &Actor, row: &Equipment) -> bool {
    actor.may_in(Permission::ManageEquipment, row.unit_id)
}

/// Whether the actor may add or move something into this unit.
pub fn check_unit(actor: &Actor, unit: Option<UnitId>) -> Result<(), Error> {
    if actor.may_in(Permission::ManageEquipment, unit) { Ok(()) } else { Err(forbidden()) }
}

/// Changing what is known of it.
pub fn check_manage(actor: &Actor, row: &Equipment) -> Result<(), Error> {
    if manages(actor, row) { Ok(()) } else { Err(forbidden().about(row.id)) }
}

/// Doing a step with it; `open_tickets` forbid to take it out of service.
pub fn check_action(actor: &Actor, row: &Equipment, action: EquipmentAction, open_tickets: i64) -> Result<(), Error> {
    check_manage(actor, row)?;
    check_step(row, action, open_tickets)
}

/// The rules of a step, whoever does it.
pub fn check_step(row: &Equipment, action: EquipmentAction, open_tickets: i64) -> Result<(), Error> {
    match (action, row.registered) {
        (EquipmentAction::Register, true) => return Err(Error::new(Code::EquipmentRegistered)),
        (EquipmentAction::Register, false) | (_, true) => {}
        (_, false) => return Err(Error::new(Code::EquipmentUnregistered)),
    }
    action.apply(row.state, row.holder_id.is_some())?;
    if matches!(action, EquipmentAction::Retire | EquipmentAction::Dispose) && open_tickets > 0 {
        return Err(Error::new(Code::EquipmentHasTickets));
    }
    Ok(())
}

fn forbidden() -> Error {
    Error::forbidden(Code::Forbidden).with("permission", Permission::ManageEquipment)
}

//! Who may see and erase records? Pure.

use kernel::{Actor, Error, Id, Permission, UnitId};

use crate::model::RecordKind;

/// Reading a record of this unit.
pub fn check_read(actor: &Actor, id: Id<RecordKind>, unit: Option<UnitId>) -> Result<(), Error> {
    if actor.may_in(Permission::ReadRecords, unit) { Ok(()) } else { Err(Error::hidden(id)) }
}

/// Erasing the details of a record of this unit. Who erases reads no records, so others are not there for them.
pub fn check_erase(actor: &Actor, id: Id<RecordKind>, unit: Option<UnitId>) -> Result<(), Error> {
    if actor.may_in(Permission::ManageSecurity, unit) { Ok(()) } else { Err(Error::hidden(id)) }
}

//! May this actor do this to this person, unit or role? Pure.

use kernel::{Actor, Code, Error, Permission, UnitId};

use crate::model::{Exclusive, OrgUnit, Person, Role};

/// Whether the directory is open to the actor at all: units and names are no secret inside a company.
pub fn check_read(actor: &Actor) -> Result<(), Error> {
    if actor.holds(Permission::ReadOrg) { Ok(()) } else { Err(forbidden(Permission::ReadOrg)) }
}

/// Managing a unit.
pub fn check_unit(actor: &Actor, unit: Option<UnitId>) -> Result<(), Error> {
    require(actor, Permission::ManageOrg, unit)
}

/// Managing a person whose main post is in this unit.
pub fn check_person(actor: &Actor, person: &Person, unit: Option<UnitId>) -> Result<(), Error> {
    require(actor, Permission::ManagePeople, unit).map_err(|error| error.about(person.id))
}

/// Deactivating: not oneself.
pub fn check_deactivate(actor: &Actor, person: &Person, unit: Option<UnitId>) -> Result<(), Error> {
    check_person(actor, person, unit)?;
    if actor.is(person.id) {
        return Err(Error::forbidden(Code::PersonSelf).about(person.id));
    }
    if person.active { Ok(()) } else { Err(Error::new(Code::PersonInactive)) }
}

/// Lifting a lock is a matter of security.
pub fn check_unlock(actor: &Actor, person: &Person, locked: bool) -> Result<(), Error> {
    if !actor.holds(Permission::ManageSecurity) && !actor.holds(Permission::ManagePeople) {
        return Err(forbidden(Permission::ManageSecurity).about(person.id));
    }
    if locked { Ok(()) } else { Err(Error::new(Code::NotLocked)) }
}

/// Assigning or taking a role: not to oneself, so that nobody raises their own rights.
pub fn check_assign(actor: &Actor, person: &Person, unit: Option<UnitId>) -> Result<(), Error> {
    require(actor, Permission::AssignRoles, unit).map_err(|error| error.about(person.id))?;
    if actor.is(person.id) {
        return Err(Error::forbidden(Code::PersonSelf).about(person.id));
    }
    Ok(())
}

/// Roles shipped with the product stay as they are.
pub fn check_change_role(role: &Role) -> Result<(), Error> {
    if role.built_in { Err(Error::new(Code::RoleBuiltIn)) } else { Ok(()) }
}

/// Which of the three administrators (三员) a set of permissions makes of its holder. Nothing makes two of them: not a role, and
/// (see `assign`) not two roles of one person.
pub fn side(permissions: &[Permission]) -> Result<Option<Exclusive>, Error> {
    let of = |permission: &Permission| match permission {
        Permission::ManageOrg | Permission::ManagePeople => Some(Exclusive::System),
        Permission::ManageRoles | Permission::AssignRoles | Permission::ManageSecurity => Some(Exclusive::Security),
        Permission::ReadRecords => Some(Exclusive::Audit),
        _ => None,
    };
    let mut sides = permissions.iter().filter_map(of);
    let first = sides.next();
    if sides.all(|side| Some(side) == first) { Ok(first) } else { Err(Error::new(Code::RoleExclusive)) }
}

/// Only what is open can be changed.
pub fn check_open(unit: &OrgUnit) -> Result<(), Error> {
    if unit.active { Ok(()) } else { Err(Error::new(Code::UnitClosed)) }
}

fn require(actor: &Actor, permission: Permission, unit: Option<UnitId>) -> Result<(), Error> {
    if actor.may_in(permission, unit) { Ok(()) } else { Err(forbidden(permission)) }
}

fn forbidden(permission: Permission) -> Error {
    Error::forbidden(Code::Forbidden).with("permission", permission)
}

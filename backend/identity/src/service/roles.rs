//! Roles, and who holds them.

use db::{Event, ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, Permission, PersonId, UnitId};

use super::bootstrap;
use crate::{
    directory,
    model::{Assignment, AssignmentId, Exclusive, Role, RoleId, RoleScope, RoleView},
    policy, store,
};

/// All roles.
pub fn list(tx: &mut ReadTx<'_>) -> Result<Vec<RoleView>, Error> {
    let mut permissions = store::permissions(tx)?;
    let chinese = tx.actor().chinese;
    Ok(store::roles(tx)?
        .into_iter()
        .map(|role| RoleView {
            permissions: permissions.remove(&role.id).unwrap_or_default(),
            id: role.id,
            name: shown_name(&role, chinese),
            code: role.code,
            exclusive: role.exclusive,
            built_in: role.built_in,
            version: role.version,
        })
        .collect())
}

/// A role's name for a reader: those shipped with the product are called in both languages.
pub fn shown_name(role: &Role, chinese: bool) -> String {
    let english = if chinese || !role.built_in { None } else { bootstrap::english_name(&role.code) };
    english.unwrap_or(&role.name).to_owned()
}

/// One role.
pub fn show(tx: &mut ReadTx<'_>, id: RoleId) -> Result<RoleView, Error> {
    list(tx)?.into_iter().find(|role| role.id == id).ok_or_else(|| Error::absent(id))
}

/// Adds a role.
pub fn create(tx: &mut WriteTx<'_>, code: &str, name: &str, permissions: &[Permission]) -> Result<Recorded<RoleId>, Error> {
    if store::role_by_code(tx, code)?.is_some() {
        return Err(Error::invalid("/code", Code::AlreadyTaken));
    }
    let exclusive = policy::side(permissions)?;
    let role = Role { id: RoleId::new(), code: code.to_owned(), name: name.to_owned(), exclusive, built_in: false, version: 1 };
    let event = Event::new("role.created", role.id, name).created().set("code", code).set("name", name).set("permissions", permissions);
    tx.record(event, |rows| store::insert_role(rows, &role, permissions))?.and_then(|()| Ok(role.id))
}

/// Changes a role of one's own making; it takes effect for its holders within seconds. While somebody holds it, it makes no other
/// administrator of them than before: they may hold roles with which that does not go together.
pub fn change(
    tx: &mut WriteTx<'_>,
    id: RoleId,
    expected: i32,
    name: Option<&str>,
    permissions: Option<&[Permission]>,
) -> Result<Recorded<()>, Error> {
    let before = store::role(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_change_role(&before)?;
    let held = store::permissions(tx)?.remove(&id).unwrap_or_default();
    let mut wanted = permissions.map_or_else(|| held.clone(), <[Permission]>::to_vec);
    wanted.sort_unstable();
    let exclusive = policy::side(&wanted)?;
    if exclusive != before.exclusive && store::holders(tx, id)? > 0 {
        return Err(Error::new(Code::RoleExclusive));
    }
    let after = Role { name: name.unwrap_or(&before.name).to_owned(), exclusive, ..before.clone() };
    let event = Event::new("role.updated", id, after.name.clone()).step(before.version).change("name", &before.name, &after.name).change(
        "permissions",
        &held,
        &wanted,
    );
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_role(rows, &after, &wanted, expected))
}

/// Assigns a role. Until there is a first security administrator, the system administrator may appoint one.
pub fn assign(
    tx: &mut WriteTx<'_>,
    person: PersonId,
    expected: i32,
    role: RoleId,
    scope: RoleScope,
    unit: Option<UnitId>,
) -> Result<Recorded<()>, Error> {
    let subject = store::person(tx, person)?.ok_or_else(|| Error::absent(person))?;
    let role = store::role(tx, role)?.ok_or_else(|| Error::invalid("/role_id", Code::UnknownReference))?;
    let main = directory::main_unit(tx, person)?;
    let first_security =
        role.built_in && role.exclusive == Some(Exclusive::Security) && store::holders(tx, role.id)? == 0 && is_system_administrator(tx)?;
    if !first_security || tx.actor().is(person) {
        policy::check_assign(tx.actor(), &subject, main)?;
    }
    if !subject.active {
        return Err(Error::new(Code::PersonInactive));
    }
    let needs_unit = matches!(scope, RoleScope::Unit | RoleScope::Subtree);
    if needs_unit != unit.is_some() {
        return Err(Error::invalid("/unit_id", if needs_unit { Code::RoleScope } else { Code::NotAChoice }));
    }
    if let Some(unit) = unit {
        directory::active_unit(tx, unit, "/unit_id")?;
    }
    let held = store::assignments(tx, person)?;
    if held.iter().any(|held| held.role_id == role.id && held.scope == scope && held.unit_id == unit) {
        return if expected == subject.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    if role.exclusive.is_some() {
        for held in &held {
            if store::role(tx, held.role_id)?.is_some_and(|other| other.exclusive.is_some() && other.exclusive != role.exclusive) {
                return Err(Error::new(Code::RoleExclusive));
            }
        }
    }
    let assignment = Assignment {
        id: AssignmentId::new(),
        person_id: person,
        role_id: role.id,
        scope,
        unit_id: unit,
        valid_from: tx.now(),
        valid_to: None,
    };
    let mut event = Event::new("role.assigned", person, subject.name)
        .step(subject.version)
        .unit(main)
        .related(role.id, "role", role.name)
        .fact("role", role.code)
        .fact("scope", scope)
        .set("scope", &scope)
        .set("unit_id", &unit);
    if let Some(unit) = unit {
        event = event.fact("scope_unit", unit);
    }
    tx.record(event, |rows| {
        store::bump_person(rows, person, expected)?;
        store::insert_assignment(rows, &assignment)
    })
}

/// Takes a role away. One system administrator remains.
pub fn revoke(tx: &mut WriteTx<'_>, person: PersonId, expected: i32, id: AssignmentId) -> Result<Recorded<()>, Error> {
    let subject = store::person(tx, person)?.ok_or_else(|| Error::absent(person))?;
    let main = directory::main_unit(tx, person)?;
    policy::check_assign(tx.actor(), &subject, main)?;
    let held = store::assignments(tx, person)?.into_iter().find(|held| held.id == id).ok_or_else(|| Error::absent(id))?;
    let role = store::role(tx, held.role_id)?.ok_or_else(|| Error::absent(held.role_id))?;
    if is_chief(&role) && store::holders(tx, role.id)? <= 1 {
        return Err(Error::new(Code::LastAdministrator));
    }
    let mut event = Event::new("role.revoked", person, subject.name)
        .step(subject.version)
        .unit(main)
        .related(role.id, "role", role.name)
        .fact("role", role.code)
        .fact("scope", held.scope)
        .change("scope", &Some(held.scope), &None)
        .change("unit_id", &held.unit_id, &None);
    if let Some(unit) = held.unit_id {
        event = event.fact("scope_unit", unit);
    }
    tx.record(event, |rows| {
        store::bump_person(rows, person, expected)?;
        store::end_assignment(rows, id)
    })
}

/// The system administrator shipped with the product, of whom one remains.
pub fn is_chief(role: &Role) -> bool {
    role.built_in && role.exclusive == Some(Exclusive::System)
}

fn is_system_administrator(tx: &mut ReadTx<'_>) -> Result<bool, Error> {
    let Some(actor) = tx.actor().person() else { return Ok(false) };
    let held = store::assignments(tx, actor)?;
    for held in held {
        if store::role(tx, held.role_id)?.is_some_and(|role| is_chief(&role)) {
            return Ok(true);
        }
    }
    Ok(false)
}

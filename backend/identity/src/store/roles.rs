//! Roles, who holds them, and how far that reaches.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use db::{ReadTx, Rows};
use diesel::prelude::*;
use kernel::{Error, Grants, Permission, PersonId, UnitId};

use crate::{
    model::{Assignment, AssignmentId, Role, RoleId, RoleScope},
    schema::{credential, person, role, role_assignment, role_permission},
};

pub fn roles(tx: &mut ReadTx<'_>) -> Result<Vec<Role>, Error> {
    Ok(role::table.select(Role::as_select()).order(role::code).load(tx.conn())?)
}

pub fn role(tx: &mut ReadTx<'_>, id: RoleId) -> Result<Option<Role>, Error> {
    Ok(role::table.find(id).select(Role::as_select()).get_result(tx.conn()).optional()?)
}

pub fn role_by_code(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<Role>, Error> {
    Ok(role::table.filter(role::code.eq(code)).select(Role::as_select()).get_result(tx.conn()).optional()?)
}

pub fn permissions(tx: &mut ReadTx<'_>) -> Result<HashMap<RoleId, Vec<Permission>>, Error> {
    let rows: Vec<(RoleId, Permission)> =
        role_permission::table.select((role_permission::role_id, role_permission::permission)).load(tx.conn())?;
    let mut by_role: HashMap<RoleId, Vec<Permission>> = HashMap::new();
    for (role, permission) in rows {
        by_role.entry(role).or_default().push(permission);
    }
    by_role.values_mut().for_each(|permissions| permissions.sort_unstable());
    Ok(by_role)
}

pub fn insert_role(rows: &mut Rows<'_>, row: &Role, permissions: &[Permission]) -> Result<(), Error> {
    diesel::insert_into(role::table).values(row.clone()).execute(rows.conn())?;
    set_permissions(rows, row.id, permissions)
}

pub fn update_role(rows: &mut Rows<'_>, row: &Role, permissions: &[Permission], expected: i32) -> Result<(), Error> {
    let hit = diesel::update(role::table.find(row.id).filter(role::version.eq(expected)))
        .set((role::name.eq(&row.name), role::exclusive.eq(row.exclusive), role::version.eq(expected + 1)))
        .execute(rows.conn())?;
    rows.hit_one(hit)?;
    set_permissions(rows, row.id, permissions)
}

fn set_permissions(rows: &mut Rows<'_>, id: RoleId, permissions: &[Permission]) -> Result<(), Error> {
    diesel::delete(role_permission::table.filter(role_permission::role_id.eq(id))).execute(rows.conn())?;
    for permission in permissions {
        diesel::insert_into(role_permission::table)
            .values((role_permission::role_id.eq(id), role_permission::permission.eq(*permission)))
            .execute(rows.conn())?;
    }
    Ok(())
}

pub fn assignments(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<Assignment>, Error> {
    Ok(role_assignment::table
        .filter(role_assignment::person_id.eq(person))
        .filter(role_assignment::valid_to.is_null())
        .select(Assignment::as_select())
        .order(role_assignment::id)
        .load(tx.conn())?)
}

/// How many active people hold a role.
pub fn holders(tx: &mut ReadTx<'_>, role: RoleId) -> Result<i64, Error> {
    Ok(role_assignment::table
        .inner_join(person::table.on(person::id.eq(role_assignment::person_id)))
        .filter(role_assignment::role_id.eq(role))
        .filter(role_assignment::valid_to.is_null())
        .filter(person::active.eq(true))
        .count()
        .get_result(tx.conn())?)
}

/// How many active people hold a permission everywhere and have a password that is valid.
pub fn able(tx: &mut ReadTx<'_>, permission: Permission) -> Result<i64, Error> {
    let now = tx.now();
    let allowing = role_permission::table.filter(role_permission::permission.eq(permission)).select(role_permission::role_id);
    let holding = role_assignment::table
        .filter(role_assignment::valid_to.is_null())
        .filter(role_assignment::role_id.eq_any(allowing))
        .filter(role_assignment::scope.eq(RoleScope::All))
        .select(role_assignment::person_id);
    let valid = credential::table
        .filter(credential::expires_at.is_null().or(credential::expires_at.gt(now).assume_not_null()))
        .select(credential::person_id);
    Ok(person::table
        .filter(person::active.eq(true))
        .filter(person::id.eq_any(holding))
        .filter(person::id.eq_any(valid))
        .count()
        .get_result(tx.conn())?)
}

pub fn insert_assignment(rows: &mut Rows<'_>, row: &Assignment) -> Result<(), Error> {
    diesel::insert_into(role_assignment::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn end_assignment(rows: &mut Rows<'_>, id: AssignmentId) -> Result<(), Error> {
    let now = rows.now();
    let hit = diesel::update(role_assignment::table.find(id).filter(role_assignment::valid_to.is_null()))
        .set(role_assignment::valid_to.eq(now))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

/// What a person may do today, and how far it reaches.
pub fn grants(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Grants, Error> {
    let rows: Vec<(Permission, RoleScope, Option<UnitId>)> = role_assignment::table
        .inner_join(role_permission::table.on(role_permission::role_id.eq(role_assignment::role_id)))
        .filter(role_assignment::person_id.eq(person))
        .filter(role_assignment::valid_to.is_null())
        .select((role_permission::permission, role_assignment::scope, role_assignment::unit_id))
        .load(tx.conn())?;
    let mut below: BTreeMap<UnitId, Vec<UnitId>> = BTreeMap::new();
    let mut grants = Grants::new();
    for (permission, scope, unit) in rows {
        let reach = grants.entry(permission).or_default();
        match (scope, unit) {
            (RoleScope::All, _) => reach.all = true,
            (RoleScope::Own, _) => reach.own = true,
            (RoleScope::Unit, Some(unit)) => {
                reach.units.insert(unit);
                reach.closure.insert(unit);
            }
            (RoleScope::Subtree, Some(unit)) => {
                let units = match below.entry(unit) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => new.insert(super::descendants(tx, unit)?),
                };
                reach.roots.insert(unit);
                reach.closure.extend(units.iter());
            }
            (RoleScope::Unit | RoleScope::Subtree, None) => {}
        }
    }
    Ok(grants)
}

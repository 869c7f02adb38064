//! Who does something: people found by what they are (PROCESSES.md: approver rules). Only people who work here today.

use std::collections::BTreeSet;

use db::{ReadTx, one_of};
use diesel::prelude::*;
use kernel::{Error, Permission, PersonId, UnitId};

use crate::{
    model::RoleScope,
    schema::{org_unit_head, org_unit_tree, person, post, role, role_assignment, role_permission},
};

/// Somebody who was found.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct Found {
    /// The person.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The account.
    pub login: String,
}

/// These people, in this order.
pub fn people(tx: &mut ReadTx<'_>, ids: &[PersonId]) -> Result<Vec<Found>, Error> {
    let rows: Vec<Found> = person::table
        .filter(one_of(person::id, ids.iter().copied()))
        .filter(person::active.eq(true))
        .select((person::id, person::name, person::login))
        .load(tx.conn())?;
    Ok(ids.iter().filter_map(|id| rows.iter().find(|row| row.id == *id).cloned()).collect())
}

/// The person with this account.
pub fn by_login(tx: &mut ReadTx<'_>, login: &str) -> Result<Option<Found>, Error> {
    let found = person::table
        .filter(person::login.eq(login))
        .filter(person::active.eq(true))
        .select((person::id, person::name, person::login))
        .get_result(tx.conn())
        .optional()?;
    Ok(found)
}

/// The head of a unit.
pub fn head(tx: &mut ReadTx<'_>, unit: UnitId) -> Result<Option<Found>, Error> {
    let found = org_unit_head::table
        .inner_join(person::table.on(person::id.eq(org_unit_head::person_id)))
        .filter(org_unit_head::unit_id.eq(unit))
        .filter(org_unit_head::valid_to.is_null())
        .filter(person::active.eq(true))
        .select((person::id, person::name, person::login))
        .get_result(tx.conn())
        .optional()?;
    Ok(found)
}

/// The units that somebody heads, and those below them.
pub fn headed(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<UnitId>, Error> {
    let own = org_unit_head::table
        .filter(org_unit_head::person_id.eq(person))
        .filter(org_unit_head::valid_to.is_null())
        .select(org_unit_head::unit_id);
    Ok(org_unit_tree::table.filter(org_unit_tree::ancestor.eq_any(own)).select(org_unit_tree::descendant).distinct().load(tx.conn())?)
}

/// A unit and those above it, from below.
pub fn upwards(tx: &mut ReadTx<'_>, unit: UnitId) -> Result<Vec<UnitId>, Error> {
    Ok(org_unit_tree::table
        .filter(org_unit_tree::descendant.eq(unit))
        .order(org_unit_tree::depth.asc())
        .select(org_unit_tree::ancestor)
        .load(tx.conn())?)
}

/// The heads from a unit upwards: so many, the same person once.
pub fn heads(tx: &mut ReadTx<'_>, unit: UnitId, how_many: usize) -> Result<Vec<Found>, Error> {
    let mut found: Vec<Found> = Vec::new();
    for unit in upwards(tx, unit)? {
        if let Some(head) = head(tx, unit)?
            && !found.contains(&head)
        {
            found.push(head);
        }
        if found.len() >= how_many {
            break;
        }
    }
    Ok(found)
}

/// Holders of a role. With a unit: those for whom the role was given nearest to it, if it was given for units.
pub fn holders(tx: &mut ReadTx<'_>, code: &str, unit: Option<UnitId>) -> Result<Vec<Found>, Error> {
    type Row = (PersonId, String, String, RoleScope, Option<UnitId>);
    let rows: Vec<Row> = role_assignment::table
        .inner_join(role::table.on(role::id.eq(role_assignment::role_id)))
        .inner_join(person::table.on(person::id.eq(role_assignment::person_id)))
        .filter(role::code.eq(code))
        .filter(role_assignment::valid_to.is_null())
        .filter(person::active.eq(true))
        .order(person::name_key.asc())
        .select((person::id, person::name, person::login, role_assignment::scope, role_assignment::unit_id))
        .load(tx.conn())?;
    let above = unit.map(|unit| upwards(tx, unit)).transpose()?;
    let distance = |row: &Row| match (&above, row.3, row.4) {
        (None, ..) | (Some(_), RoleScope::All | RoleScope::Own, _) => Some(usize::MAX),
        (Some(above), RoleScope::Subtree, Some(of)) => above.iter().position(|unit| *unit == of),
        (Some(above), RoleScope::Unit, Some(of)) => above.iter().position(|unit| *unit == of).filter(|place| *place == 0),
        _ => None,
    };
    let nearest = rows.iter().filter_map(distance).min();
    let mut found: Vec<Found> = Vec::new();
    for row in rows.iter().filter(|row| nearest.is_some() && distance(row) == nearest) {
        let one = Found { id: row.0, name: row.1.clone(), login: row.2.clone() };
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

/// Holders of a permission anywhere.
pub fn permitted(tx: &mut ReadTx<'_>, permission: Permission) -> Result<Vec<Found>, Error> {
    let mut rows: Vec<Found> = role_assignment::table
        .inner_join(role_permission::table.on(role_permission::role_id.eq(role_assignment::role_id)))
        .inner_join(person::table.on(person::id.eq(role_assignment::person_id)))
        .filter(role_permission::permission.eq(permission))
        .filter(role_assignment::valid_to.is_null())
        .filter(person::active.eq(true))
        .order(person::name_key.asc())
        .select((person::id, person::name, person::login))
        .load(tx.conn())?;
    rows.dedup();
    Ok(rows)
}

/// Holders of a post by its title; in a unit, if one is given.
pub fn posted(tx: &mut ReadTx<'_>, title: &str, unit: Option<UnitId>) -> Result<Vec<Found>, Error> {
    let mut query = post::table
        .inner_join(person::table.on(person::id.eq(post::person_id)))
        .filter(post::title.eq(title))
        .filter(post::valid_to.is_null())
        .filter(person::active.eq(true))
        .order(person::name_key.asc())
        .select((person::id, person::name, person::login))
        .into_boxed();
    if let Some(unit) = unit {
        query = query.filter(post::unit_id.eq(unit));
    }
    let mut rows: Vec<Found> = query.load(tx.conn())?;
    rows.dedup();
    Ok(rows)
}

/// Everybody with a post in a unit.
pub fn members(tx: &mut ReadTx<'_>, unit: UnitId) -> Result<Vec<Found>, Error> {
    let mut rows: Vec<Found> = post::table
        .inner_join(person::table.on(person::id.eq(post::person_id)))
        .filter(post::unit_id.eq(unit))
        .filter(post::valid_to.is_null())
        .filter(person::active.eq(true))
        .order(person::name_key.asc())
        .select((person::id, person::name, person::login))
        .load(tx.conn())?;
    rows.dedup();
    Ok(rows)
}

/// The code of a unit.
pub fn unit_code(tx: &mut ReadTx<'_>, unit: UnitId) -> Result<String, Error> {
    Ok(crate::store::unit_codes(tx, &BTreeSet::from([unit]))?.remove(&unit).unwrap_or_default())
}

/// How many hold each role, by its code.
pub fn holders_of_all(tx: &mut ReadTx<'_>) -> Result<std::collections::HashMap<String, i64>, Error> {
    let rows: Vec<(String, PersonId)> = role_assignment::table
        .inner_join(role::table.on(role::id.eq(role_assignment::role_id)))
        .inner_join(person::table.on(person::id.eq(role_assignment::person_id)))
        .filter(role_assignment::valid_to.is_null())
        .filter(person::active.eq(true))
        .select((role::code, person::id))
        .load(tx.conn())?;
    let mut all: std::collections::HashMap<String, BTreeSet<PersonId>> = std::collections::HashMap::new();
    for (code, person) in rows {
        all.entry(code).or_default().insert(person);
    }
    Ok(all.into_iter().map(|(code, people)| (code, i64::try_from(people.len()).unwrap_or(i64::MAX))).collect())
}

/// Whether a role with this code exists.
pub fn role_exists(tx: &mut ReadTx<'_>, code: &str) -> Result<bool, Error> {
    Ok(crate::store::role_by_code(tx, code)?.is_some())
}

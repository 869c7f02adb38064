//! Units, and what is below them.

use std::collections::{BTreeSet, HashMap};

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use kernel::{Error, PersonId, UnitId};

use crate::{
    model::{OrgUnit, PersonRef, PostId},
    schema::{org_unit, org_unit_head, org_unit_tree, person, post},
};

pub fn units(tx: &mut ReadTx<'_>) -> Result<Vec<OrgUnit>, Error> {
    Ok(org_unit::table.select(OrgUnit::as_select()).order((org_unit::code, org_unit::id)).load(tx.conn())?)
}

pub fn unit(tx: &mut ReadTx<'_>, id: UnitId) -> Result<Option<OrgUnit>, Error> {
    Ok(org_unit::table.find(id).select(OrgUnit::as_select()).get_result(tx.conn()).optional()?)
}

pub fn unit_by_code(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<OrgUnit>, Error> {
    Ok(org_unit::table.filter(org_unit::code.eq(code)).select(OrgUnit::as_select()).get_result(tx.conn()).optional()?)
}

pub fn unit_by_name(tx: &mut ReadTx<'_>, name: &str) -> Result<Vec<OrgUnit>, Error> {
    Ok(org_unit::table.filter(org_unit::name.eq(name)).select(OrgUnit::as_select()).limit(2).load(tx.conn())?)
}

pub fn unit_names(tx: &mut ReadTx<'_>, ids: &BTreeSet<UnitId>) -> Result<HashMap<UnitId, String>, Error> {
    let rows: Vec<(UnitId, String)> =
        org_unit::table.filter(one_of(org_unit::id, ids.iter().copied())).select((org_unit::id, org_unit::name)).load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

pub fn unit_codes(tx: &mut ReadTx<'_>, ids: &BTreeSet<UnitId>) -> Result<HashMap<UnitId, String>, Error> {
    let of = one_of(org_unit::id, ids.iter().copied());
    let rows: Vec<(UnitId, String)> = org_unit::table.filter(of).select((org_unit::id, org_unit::code)).load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

/// Heads today.
pub fn heads(tx: &mut ReadTx<'_>) -> Result<HashMap<UnitId, PersonRef>, Error> {
    let rows: Vec<(UnitId, PersonId, String)> = org_unit_head::table
        .inner_join(person::table.on(person::id.eq(org_unit_head::person_id)))
        .filter(org_unit_head::valid_to.is_null())
        .select((org_unit_head::unit_id, person::id, person::name))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(unit, id, name)| (unit, PersonRef { id, name })).collect())
}

pub fn is_below(tx: &mut ReadTx<'_>, descendant: UnitId, ancestor: UnitId) -> Result<bool, Error> {
    Ok(diesel::select(diesel::dsl::exists(org_unit_tree::table.find((ancestor, descendant)))).get_result(tx.conn())?)
}

pub fn descendants(tx: &mut ReadTx<'_>, ancestor: UnitId) -> Result<Vec<UnitId>, Error> {
    Ok(org_unit_tree::table.filter(org_unit_tree::ancestor.eq(ancestor)).select(org_unit_tree::descendant).load(tx.conn())?)
}

/// Whether somebody works there or an open unit is below.
pub fn unit_is_used(tx: &mut ReadTx<'_>, id: UnitId) -> Result<bool, Error> {
    let posts = post::table.filter(post::unit_id.eq(id)).filter(post::valid_to.is_null());
    let below = org_unit::table.filter(org_unit::parent_id.eq(id)).filter(org_unit::active.eq(true));
    Ok(diesel::select(diesel::dsl::exists(posts)).get_result::<bool>(tx.conn())?
        || diesel::select(diesel::dsl::exists(below)).get_result::<bool>(tx.conn())?)
}

pub fn insert_unit(rows: &mut Rows<'_>, unit: &OrgUnit, ancestors: &[(UnitId, i32)]) -> Result<(), Error> {
    diesel::insert_into(org_unit::table).values(unit.clone()).execute(rows.conn())?;
    let own = [(unit.id, 0)];
    for (ancestor, depth) in ancestors.iter().chain(&own) {
        let row = (org_unit_tree::ancestor.eq(*ancestor), org_unit_tree::descendant.eq(unit.id), org_unit_tree::depth.eq(*depth));
        diesel::insert_into(org_unit_tree::table).values(row).execute(rows.conn())?;
    }
    Ok(())
}

/// The units above, with their distance from a unit that would hang under `parent`.
pub fn ancestors_under(tx: &mut ReadTx<'_>, parent: Option<UnitId>) -> Result<Vec<(UnitId, i32)>, Error> {
    let Some(parent) = parent else { return Ok(Vec::new()) };
    let rows: Vec<(UnitId, i32)> = org_unit_tree::table
        .filter(org_unit_tree::descendant.eq(parent))
        .select((org_unit_tree::ancestor, org_unit_tree::depth))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(ancestor, depth)| (ancestor, depth + 1)).collect())
}

pub fn update_unit(rows: &mut Rows<'_>, unit: &OrgUnit, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(org_unit::table.find(unit.id).filter(org_unit::version.eq(expected)))
        .set((
            org_unit::parent_id.eq(unit.parent_id),
            org_unit::code.eq(&unit.code),
            org_unit::name.eq(&unit.name),
            org_unit::active.eq(unit.active),
            org_unit::version.eq(expected + 1),
        ))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

/// Deletes a unit that nothing hangs under and nobody works in.
pub fn delete_unit(rows: &mut Rows<'_>, id: UnitId, expected: i32) -> Result<(), Error> {
    diesel::delete(org_unit_tree::table.filter(org_unit_tree::descendant.eq(id))).execute(rows.conn())?;
    let gone = diesel::delete(org_unit::table.find(id).filter(org_unit::version.eq(expected))).execute(rows.conn());
    rows.hit_one(db::unreferred(gone)?)
}

/// Hangs a subtree elsewhere: cuts it from everything above, joins it to the new ancestors.
pub fn move_subtree(rows: &mut Rows<'_>, moved: &[(UnitId, i32)], ancestors: &[(UnitId, i32)]) -> Result<(), Error> {
    let inside: Vec<UnitId> = moved.iter().map(|(id, _)| *id).collect();
    diesel::delete(
        org_unit_tree::table
            .filter(one_of(org_unit_tree::descendant, inside.iter().copied()))
            .filter(diesel::dsl::not(one_of(org_unit_tree::ancestor, inside.iter().copied()))),
    )
    .execute(rows.conn())?;
    for (ancestor, above) in ancestors {
        for (descendant, below) in moved {
            let row =
                (org_unit_tree::ancestor.eq(*ancestor), org_unit_tree::descendant.eq(*descendant), org_unit_tree::depth.eq(above + below));
            diesel::insert_into(org_unit_tree::table).values(row).execute(rows.conn())?;
        }
    }
    Ok(())
}

/// A unit's descendants with their depth below it.
pub fn subtree(tx: &mut ReadTx<'_>, root: UnitId) -> Result<Vec<(UnitId, i32)>, Error> {
    Ok(org_unit_tree::table
        .filter(org_unit_tree::ancestor.eq(root))
        .select((org_unit_tree::descendant, org_unit_tree::depth))
        .load(tx.conn())?)
}

pub fn set_head(rows: &mut Rows<'_>, unit: UnitId, head: Option<PersonId>) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(org_unit_head::table.filter(org_unit_head::unit_id.eq(unit)).filter(org_unit_head::valid_to.is_null()))
        .set(org_unit_head::valid_to.eq(now))
        .execute(rows.conn())?;
    if let Some(head) = head {
        let row = (
            org_unit_head::id.eq(PostId::new()),
            org_unit_head::unit_id.eq(unit),
            org_unit_head::person_id.eq(head),
            org_unit_head::valid_from.eq(now),
        );
        diesel::insert_into(org_unit_head::table).values(row).execute(rows.conn())?;
    }
    Ok(())
}

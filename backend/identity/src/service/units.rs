//! Companies and units.

use db::{Event, ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, PersonId, UnitId};

use crate::{
    directory,
    model::{OrgUnit, OrgUnitView, UnitType},
    policy, store,
};

/// A new unit.
#[derive(Clone, Debug)]
pub struct NewUnit {
    pub parent: Option<UnitId>,
    pub code: String,
    pub name: String,
    pub kind: UnitType,
}

/// Changes of a unit; what is none stays. `parent` and `head`: `Some(None)` takes away.
#[derive(Clone, Debug, Default)]
pub struct UnitChange {
    pub code: Option<String>,
    pub name: Option<String>,
    pub parent: Option<Option<UnitId>>,
    pub head: Option<Option<PersonId>>,
}

/// The whole tree: names of units are no secret inside a company.
pub fn tree(tx: &mut ReadTx<'_>) -> Result<Vec<OrgUnitView>, Error> {
    policy::check_read(tx.actor())?;
    let mut heads = store::heads(tx)?;
    Ok(store::units(tx)?.into_iter().map(|unit| view_of(unit, &mut heads)).collect())
}

/// One unit.
pub fn show(tx: &mut ReadTx<'_>, id: UnitId) -> Result<OrgUnitView, Error> {
    let unit = store::unit(tx, id)?.ok_or_else(|| Error::absent(id))?;
    Ok(view_of(unit, &mut store::heads(tx)?))
}

fn view_of(unit: OrgUnit, heads: &mut std::collections::HashMap<UnitId, crate::PersonRef>) -> OrgUnitView {
    OrgUnitView {
        head: heads.remove(&unit.id),
        id: unit.id,
        parent_id: unit.parent_id,
        code: unit.code,
        name: unit.name,
        kind: unit.kind,
        active: unit.active,
        version: unit.version,
    }
}

/// Adds a unit under a parent; only who manages everything adds one at the top.
pub fn create(tx: &mut WriteTx<'_>, new: &NewUnit) -> Result<Recorded<UnitId>, Error> {
    policy::check_unit(tx.actor(), new.parent)?;
    if let Some(parent) = new.parent {
        directory::active_unit(tx, parent, "/parent_id")?;
    }
    if store::unit_by_code(tx, &new.code)?.is_some() {
        return Err(Error::invalid("/code", Code::AlreadyTaken));
    }
    let unit = OrgUnit {
        id: UnitId::new(),
        parent_id: new.parent,
        code: new.code.clone(),
        name: new.name.clone(),
        kind: new.kind,
        active: true,
        created_at: tx.now(),
        version: 1,
    };
    let ancestors = store::ancestors_under(tx, new.parent)?;
    let event = Event::new("org_unit.created", unit.id, unit.name.clone())
        .created()
        .unit(unit.id)
        .set("code", &unit.code)
        .set("name", &unit.name)
        .set("kind", &unit.kind)
        .set("parent_id", &unit.parent_id);
    tx.record(event, |rows| store::insert_unit(rows, &unit, &ancestors))?.and_then(|()| Ok(unit.id))
}

/// Renames, moves, names the head. Its history stays with it wherever it hangs.
pub fn change(tx: &mut WriteTx<'_>, id: UnitId, expected: i32, change: &UnitChange) -> Result<Recorded<()>, Error> {
    let before = store::unit(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_unit(tx.actor(), Some(id)).map_err(|error| error.about(id))?;
    policy::check_open(&before)?;
    let mut after = before.clone();
    if let Some(code) = &change.code {
        if *code != before.code && store::unit_by_code(tx, code)?.is_some() {
            return Err(Error::invalid("/code", Code::AlreadyTaken));
        }
        after.code.clone_from(code);
    }
    if let Some(name) = &change.name {
        after.name.clone_from(name);
    }
    if let Some(parent) = change.parent {
        policy::check_unit(tx.actor(), parent)?;
        if let Some(parent) = parent {
            directory::active_unit(tx, parent, "/parent_id")?;
            if store::is_below(tx, parent, id)? {
                return Err(Error::new(Code::UnitCycle));
            }
        }
        after.parent_id = parent;
    }
    let old_head = store::heads(tx)?.remove(&id).map(|head| head.id);
    let new_head = change.head.unwrap_or(old_head);
    if let Some(head) = new_head.filter(|_| new_head != old_head) {
        directory::active_person(tx, head, "/head_id")?;
    }
    let event = Event::new("org_unit.updated", id, after.name.clone())
        .step(before.version)
        .unit(id)
        .change("code", &before.code, &after.code)
        .change("name", &before.name, &after.name)
        .change("parent_id", &before.parent_id, &after.parent_id)
        .change("head_id", &old_head, &new_head);
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    let moved = if after.parent_id == before.parent_id { Vec::new() } else { store::subtree(tx, id)? };
    let ancestors = store::ancestors_under(tx, after.parent_id)?;
    tx.record(event, |rows| {
        store::update_unit(rows, &after, expected)?;
        if !moved.is_empty() {
            store::move_subtree(rows, &moved, &ancestors)?;
        }
        if new_head != old_head {
            store::set_head(rows, id, new_head)?;
        }
        Ok(())
    })
}

/// Closes a unit in which nobody works and under which nothing is open.
pub fn close(tx: &mut WriteTx<'_>, id: UnitId, expected: i32) -> Result<Recorded<()>, Error> {
    let before = store::unit(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_unit(tx.actor(), Some(id)).map_err(|error| error.about(id))?;
    policy::check_open(&before)?;
    if store::unit_is_used(tx, id)? {
        return Err(Error::new(Code::UnitNotEmpty));
    }
    let after = OrgUnit { active: false, ..before.clone() };
    let event = Event::new("org_unit.closed", id, before.name.clone()).step(before.version).unit(id).change("active", &true, &false);
    tx.record(event, |rows| store::update_unit(rows, &after, expected))
}

/// Takes back a unit that an import made and nobody has used.
pub fn take_back(tx: &mut WriteTx<'_>, id: UnitId, expected: i32) -> Result<Recorded<()>, Error> {
    let before = store::unit(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_unit(tx.actor(), Some(id)).map_err(|error| error.about(id))?;
    let event = Event::new("org_unit.withdrawn", id, before.name.clone())
        .step(expected)
        .unit(id)
        .change("code", &Some(&before.code), &None)
        .change("name", &Some(&before.name), &None);
    tx.record(event, |rows| store::delete_unit(rows, id, expected))
}

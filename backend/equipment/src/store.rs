//! Queries of the register.

use std::collections::HashMap;

use db::{ReadTx, Rows, both, one_of};
use diesel::prelude::*;
use identity::schema::org_unit_tree;
use kernel::{Error, PageRequest, PersonId, Reach, Ts, UnitId};

use crate::{
    model::{
        Credential, CredentialId, Equipment, EquipmentId, EquipmentState, EquipmentType, Installed, Movement, MovementId, SoftwareId,
        TypeId,
    },
    schema::{equipment, equipment_movement, equipment_software, equipment_type, inventory_credential},
};

kernel::text_enum! {
    /// Whose equipment.
    pub enum EquipmentLens {
        /// What I hold.
        Mine = "mine",
        /// Of my unit and below.
        Unit = "unit",
        /// Everything I may see.
        All = "all",
    }
}

/// Which equipment.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub lens: Option<EquipmentLens>,
    pub states: Vec<EquipmentState>,
    pub type_id: Option<TypeId>,
    pub unit_id: Option<UnitId>,
    pub holder_id: Option<PersonId>,
    pub registered: Option<bool>,
    pub words: Option<String>,
}

type Boxed<'a> = equipment::BoxedQuery<
    'a,
    db::MultiBackend,
    diesel::helper_types::SqlTypeOf<diesel::helper_types::AsSelect<Equipment, db::MultiBackend>>,
>;

/// What a filter finds within reach.
fn filtered(tx: &ReadTx<'_>, filter: &Filter, reach: &Reach) -> Boxed<'static> {
    let (backend, me, my_unit) = (tx.backend(), tx.actor().person(), tx.actor().unit);
    let mut query = equipment::table.select(Equipment::as_select()).into_boxed();
    let below = |unit: UnitId| org_unit_tree::table.filter(org_unit_tree::ancestor.eq(unit)).select(org_unit_tree::descendant.nullable());
    let mine = equipment::holder_id.eq(me);
    if filter.lens == Some(EquipmentLens::Mine) {
        query = query.filter(mine);
    } else if !reach.all {
        let roots: Vec<UnitId> = reach.roots.iter().copied().collect();
        let exact: Vec<UnitId> = reach.units.iter().copied().collect();
        let inside = org_unit_tree::table.filter(org_unit_tree::ancestor.eq_any(roots)).select(org_unit_tree::descendant.nullable());
        let reached = equipment::unit_id.eq_any(inside).or(one_of(equipment::unit_id, exact));
        query = query.filter(reached.or(mine));
    }
    if let (Some(EquipmentLens::Unit), Some(unit)) = (filter.lens, my_unit) {
        query = query.filter(equipment::unit_id.eq_any(below(unit)));
    }
    if !filter.states.is_empty() {
        query = query.filter(one_of(equipment::state, filter.states.clone()));
    }
    if let Some(type_id) = filter.type_id {
        query = query.filter(equipment::type_id.eq(type_id));
    }
    if let Some(unit) = filter.unit_id {
        query = query.filter(equipment::unit_id.eq_any(below(unit)));
    }
    if let Some(holder) = filter.holder_id {
        query = query.filter(equipment::holder_id.eq(holder));
    }
    if let Some(registered) = filter.registered {
        query = query.filter(equipment::registered.eq(registered));
    }
    if let Some(words) = &filter.words {
        query = query.filter(db::search::matches(backend, "equipment.id", "equipment", words));
    }
    query
}

/// One page within reach, last changed first.
pub fn page(tx: &mut ReadTx<'_>, filter: &Filter, reach: &Reach, page: &PageRequest) -> Result<Vec<Equipment>, Error> {
    let mut query = filtered(tx, filter, reach);
    if let Some(after) = &page.after {
        let (at, id): (Ts, EquipmentId) = after.key()?;
        query = query.filter(equipment::updated_at.le(at).and(equipment::updated_at.lt(at).or(equipment::id.lt(id))));
    }
    Ok(query.order((equipment::updated_at.desc(), equipment::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

/// One page within reach in the order in which they were made, which no change disturbs: an export that goes on while people work
/// loses nothing.
pub fn every(tx: &mut ReadTx<'_>, filter: &Filter, reach: &Reach, page: &PageRequest) -> Result<Vec<Equipment>, Error> {
    let mut query = filtered(tx, filter, reach);
    if let Some(after) = &page.after {
        query = query.filter(equipment::id.gt(after.key::<EquipmentId>()?));
    }
    Ok(query.order(equipment::id).limit(page.limit + 1).load(tx.conn())?)
}

pub fn find(tx: &mut ReadTx<'_>, id: EquipmentId) -> Result<Option<Equipment>, Error> {
    Ok(equipment::table.find(id).select(Equipment::as_select()).get_result(tx.conn()).optional()?)
}

pub fn by_ids(tx: &mut ReadTx<'_>, ids: &[EquipmentId]) -> Result<Vec<Equipment>, Error> {
    Ok(equipment::table.filter(one_of(equipment::id, ids.iter().copied())).select(Equipment::as_select()).load(tx.conn())?)
}

pub fn by_label(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<Equipment>, Error> {
    Ok(equipment::table.filter(equipment::label_code.eq(code)).select(Equipment::as_select()).get_result(tx.conn()).optional()?)
}

pub fn by_number(tx: &mut ReadTx<'_>, number: &str) -> Result<Option<Equipment>, Error> {
    Ok(equipment::table.filter(equipment::number.eq(number)).select(Equipment::as_select()).get_result(tx.conn()).optional()?)
}

pub fn by_serial_key(tx: &mut ReadTx<'_>, key: &str) -> Result<Option<Equipment>, Error> {
    Ok(equipment::table.filter(equipment::serial_key.eq(key)).select(Equipment::as_select()).get_result(tx.conn()).optional()?)
}

pub fn by_hardware_key(tx: &mut ReadTx<'_>, key: &str) -> Result<Option<Equipment>, Error> {
    Ok(equipment::table.filter(equipment::hardware_key.eq(key)).select(Equipment::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert(rows: &mut Rows<'_>, row: &Equipment, movement: &Movement) -> Result<(), Error> {
    diesel::insert_into(equipment::table).values(row.clone()).execute(rows.conn())?;
    diesel::insert_into(equipment_movement::table).values(movement.clone()).execute(rows.conn())?;
    db::search::add(rows, "equipment", row.id.uuid(), &words(row))
}

/// Deletes a row that nothing refers to but how it came.
pub fn delete(rows: &mut Rows<'_>, id: EquipmentId, expected: i32) -> Result<(), Error> {
    diesel::delete(equipment_movement::table.filter(equipment_movement::equipment_id.eq(id))).execute(rows.conn())?;
    db::search::remove(rows, "equipment", id.uuid())?;
    let gone = diesel::delete(equipment::table.find(id).filter(equipment::version.eq(expected))).execute(rows.conn());
    rows.hit_one(db::unreferred(gone)?)
}

/// Replaces a row that still has the expected version.
pub fn update(rows: &mut Rows<'_>, row: &Equipment, expected: i32, movement: Option<&Movement>) -> Result<(), Error> {
    let row = Equipment { version: expected + 1, ..row.clone() };
    let hit =
        diesel::update(equipment::table.find(row.id).filter(equipment::version.eq(expected))).set(row.clone()).execute(rows.conn())?;
    rows.hit_one(hit)?;
    if let Some(movement) = movement {
        diesel::insert_into(equipment_movement::table).values(movement.clone()).execute(rows.conn())?;
    }
    db::search::replace(rows, "equipment", row.id.uuid(), &words(&row))
}

/// What it is found by.
fn words(row: &Equipment) -> String {
    let parts =
        [Some(&row.number), Some(&row.name), row.serial.as_ref(), row.manufacturer.as_ref(), row.model.as_ref(), row.place.as_ref()];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// What somebody holds.
pub fn count_held(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    Ok(equipment::table.filter(equipment::holder_id.eq(person)).count().get_result(tx.conn())?)
}

/// When an agent was last heard of.
pub fn seen(rows: &mut Rows<'_>, id: EquipmentId) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(equipment::table.find(id)).set(equipment::inventory_at.eq(now)).execute(rows.conn())?;
    Ok(())
}

pub fn movements(tx: &mut ReadTx<'_>, id: EquipmentId, page: &PageRequest) -> Result<Vec<Movement>, Error> {
    let mut query = equipment_movement::table.filter(equipment_movement::equipment_id.eq(id)).select(Movement::as_select()).into_boxed();
    if let Some(after) = &page.after {
        let (at, id): (Ts, MovementId) = after.key()?;
        query = query.filter(equipment_movement::at.le(at).and(equipment_movement::at.lt(at).or(equipment_movement::id.lt(id))));
    }
    Ok(query.order((equipment_movement::at.desc(), equipment_movement::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

// Software.

pub fn software(tx: &mut ReadTx<'_>, id: EquipmentId, words: Option<&str>, page: &PageRequest) -> Result<Vec<Installed>, Error> {
    let mut query = equipment_software::table.filter(equipment_software::equipment_id.eq(id)).select(Installed::as_select()).into_boxed();
    if let Some(words) = words {
        query = query.filter(equipment_software::name.like(format!("%{}%", words.replace(['%', '_'], ""))));
    }
    if let Some(after) = &page.after {
        let (name, id): (String, SoftwareId) = after.key()?;
        query = query
            .filter(equipment_software::name.ge(name.clone()).and(equipment_software::name.gt(name).or(equipment_software::id.gt(id))));
    }
    Ok(query.order((equipment_software::name, equipment_software::id)).limit(page.limit + 1).load(tx.conn())?)
}

pub fn installed(tx: &mut ReadTx<'_>, id: EquipmentId) -> Result<Vec<Installed>, Error> {
    Ok(equipment_software::table
        .filter(equipment_software::equipment_id.eq(id))
        .filter(equipment_software::removed_at.is_null())
        .select(Installed::as_select())
        .load(tx.conn())?)
}

pub fn add_software(rows: &mut Rows<'_>, added: &[Installed]) -> Result<(), Error> {
    let added = added.to_vec();
    both!(rows.conn(), |conn| diesel::insert_into(equipment_software::table).values(added).execute(conn))?;
    Ok(())
}

pub fn remove_software(rows: &mut Rows<'_>, removed: &[SoftwareId]) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(equipment_software::table.filter(one_of(equipment_software::id, removed.iter().copied())))
        .set(equipment_software::removed_at.eq(now))
        .execute(rows.conn())?;
    Ok(())
}

// Types.

pub fn types(tx: &mut ReadTx<'_>) -> Result<Vec<EquipmentType>, Error> {
    Ok(equipment_type::table.select(EquipmentType::as_select()).order(equipment_type::code).load(tx.conn())?)
}

pub fn type_names(tx: &mut ReadTx<'_>) -> Result<HashMap<TypeId, String>, Error> {
    Ok(types(tx)?.into_iter().map(|row| (row.id, row.name)).collect())
}

pub fn find_type(tx: &mut ReadTx<'_>, id: TypeId) -> Result<Option<EquipmentType>, Error> {
    Ok(equipment_type::table.find(id).select(EquipmentType::as_select()).get_result(tx.conn()).optional()?)
}

pub fn type_by_code(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<EquipmentType>, Error> {
    Ok(equipment_type::table.filter(equipment_type::code.eq(code)).select(EquipmentType::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_type(rows: &mut Rows<'_>, row: &EquipmentType) -> Result<(), Error> {
    diesel::insert_into(equipment_type::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn update_type(rows: &mut Rows<'_>, row: &EquipmentType, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(equipment_type::table.find(row.id).filter(equipment_type::version.eq(expected)))
        .set((
            equipment_type::name.eq(&row.name),
            equipment_type::attributes.eq(&row.attributes),
            equipment_type::active.eq(row.active),
            equipment_type::version.eq(expected + 1),
        ))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

// Credentials of agents.

pub fn credentials(tx: &mut ReadTx<'_>) -> Result<Vec<Credential>, Error> {
    Ok(inventory_credential::table
        .filter(inventory_credential::revoked_at.is_null())
        .select(Credential::as_select())
        .order(inventory_credential::created_at.desc())
        .load(tx.conn())?)
}

pub fn find_credential(tx: &mut ReadTx<'_>, id: CredentialId) -> Result<Option<Credential>, Error> {
    Ok(inventory_credential::table.find(id).select(Credential::as_select()).get_result(tx.conn()).optional()?)
}

pub fn credential_by_name(tx: &mut ReadTx<'_>, user_name: &str) -> Result<Option<Credential>, Error> {
    Ok(inventory_credential::table
        .filter(inventory_credential::user_name.eq(user_name))
        .filter(inventory_credential::revoked_at.is_null())
        .select(Credential::as_select())
        .get_result(tx.conn())
        .optional()?)
}

pub fn insert_credential(rows: &mut Rows<'_>, row: &Credential) -> Result<(), Error> {
    diesel::insert_into(inventory_credential::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn revoke_credential(rows: &mut Rows<'_>, row: &Credential) -> Result<(), Error> {
    let now = rows.now();
    let hit = diesel::update(inventory_credential::table.find(row.id).filter(inventory_credential::revoked_at.is_null()))
        .set((inventory_credential::revoked_at.eq(now), inventory_credential::version.eq(row.version + 1)))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn touch_credential(rows: &mut Rows<'_>, id: CredentialId) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(inventory_credential::table.find(id)).set(inventory_credential::last_used_at.eq(now)).execute(rows.conn())?;
    Ok(())
}

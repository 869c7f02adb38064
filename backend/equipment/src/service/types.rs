//! Types of equipment and their attributes.

use db::{Event, ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, column::RawJson};

use crate::{
    model::{Attribute, EquipmentType, TypeId},
    store,
};

/// Types by their codes.
pub fn types_by_code(tx: &mut ReadTx<'_>) -> Result<Vec<(String, TypeId)>, Error> {
    Ok(store::types(tx)?.into_iter().map(|row| (row.code, row.id)).collect())
}

/// Adds a type.
pub fn create_type(tx: &mut WriteTx<'_>, code: &str, name: &str, attributes: &[Attribute]) -> Result<Recorded<TypeId>, Error> {
    if store::type_by_code(tx, code)?.is_some() {
        return Err(Error::invalid("/code", Code::AlreadyTaken));
    }
    let row = EquipmentType {
        id: TypeId::new(),
        code: code.to_owned(),
        name: name.to_owned(),
        attributes: RawJson::of(&attributes)?,
        active: true,
        version: 1,
    };
    let event =
        Event::new("equipment_type.created", row.id, name).created().set("code", code).set("name", name).set("attributes", attributes);
    tx.record(event, |rows| store::insert_type(rows, &row))?.and_then(|()| Ok(row.id))
}

/// Changes a type. Values of attributes that it loses stay on record.
pub fn change_type(
    tx: &mut WriteTx<'_>,
    id: TypeId,
    expected: i32,
    name: Option<&str>,
    attributes: Option<&[Attribute]>,
    active: Option<bool>,
) -> Result<Recorded<()>, Error> {
    let before = store::find_type(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let old: Vec<Attribute> = before.attributes.parse()?;
    let new = attributes.map_or_else(|| old.clone(), <[Attribute]>::to_vec);
    let after = EquipmentType {
        name: name.unwrap_or(&before.name).to_owned(),
        attributes: RawJson::of(&new)?,
        active: active.unwrap_or(before.active),
        ..before.clone()
    };
    let event = Event::new("equipment_type.updated", id, after.name.clone())
        .step(before.version)
        .change("name", &before.name, &after.name)
        .change("attributes", &old, &new)
        .change("active", &before.active, &after.active);
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_type(rows, &after, expected))
}

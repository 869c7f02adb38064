//! What stands in a form by its id: people, units, and rows of slices of which processes know no more than a name.

use std::collections::{BTreeMap, BTreeSet};

use db::ReadTx;
use identity::directory;
use kernel::{Code, Error, PersonId, UnitId, Uuid};

use super::Office;
use crate::blueprint::{Blueprint, Data, Form, escaped};

/// A row that a form may name.
#[derive(Clone, Debug)]
pub struct Referable {
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Why it can be named no more.
    pub refused: Option<Code>,
}

/// The rows of a slice by their ids.
pub type Source = fn(&mut ReadTx<'_>, &[Uuid]) -> Result<Vec<Referable>, Error>;

/// By widget: where the rows come from.
pub type References = BTreeMap<&'static str, Source>;

/// What stands in the form must exist, and be in use.
pub fn check(tx: &mut ReadTx<'_>, office: &Office, blueprint: &Blueprint, data: &Data) -> Result<(), Error> {
    let unknown = |pointer: &str| Error::invalid(pointer, Code::UnknownReference);
    for (field, id) in blueprint.form.values_of(data, &["person", "people"]) {
        let pointer = pointer(field);
        let id: PersonId = id.parse().map_err(|_| unknown(&pointer))?;
        directory::active_person(tx, id, &pointer)?;
    }
    for (field, id) in blueprint.form.values_of(data, &["unit", "units"]) {
        let pointer = pointer(field);
        let id: UnitId = id.parse().map_err(|_| unknown(&pointer))?;
        directory::active_unit(tx, id, &pointer)?;
    }
    for (widget, source) in office.references() {
        for (field, id) in blueprint.form.values_of(data, &[widget]) {
            let pointer = pointer(field);
            let id: Uuid = id.parse().map_err(|_| unknown(&pointer))?;
            let found = source(tx, &[id])?.pop().ok_or_else(|| unknown(&pointer))?;
            if let Some(code) = found.refused {
                return Err(Error::invalid(&pointer, code));
            }
        }
    }
    Ok(())
}

fn pointer(field: &str) -> String {
    format!("/data/{}", escaped(field))
}

/// What the ids in a form are called, as far as `wanted` asks for their fields.
pub fn names(
    tx: &mut ReadTx<'_>,
    office: &Office,
    form: &Form,
    data: &Data,
    wanted: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, String>, Error> {
    let ids = |widgets: &[&str]| -> BTreeSet<String> {
        form.values_of(data, widgets).filter(|(field, _)| wanted(field)).map(|(_, id)| id.to_owned()).collect()
    };
    let mut names = BTreeMap::new();
    let people: Vec<PersonId> = ids(&["person", "people"]).iter().filter_map(|id| id.parse().ok()).collect();
    let units: Vec<UnitId> = ids(&["unit", "units"]).iter().filter_map(|id| id.parse().ok()).collect();
    names.extend(directory::people(tx, people)?.into_iter().map(|(id, person)| (id.to_string(), person.name)));
    names.extend(directory::units(tx, units)?.into_iter().map(|(id, unit)| (id.to_string(), unit.name)));
    for (widget, source) in office.references() {
        let rows: Vec<Uuid> = ids(&[widget]).iter().filter_map(|id| id.parse().ok()).collect();
        if !rows.is_empty() {
            names.extend(source(tx, &rows)?.into_iter().map(|row| (row.id.to_string(), row.name)));
        }
    }
    Ok(names)
}

/// The title of a case, with names where the form has ids.
pub fn title(tx: &mut ReadTx<'_>, office: &Office, blueprint: &Blueprint, data: &Data) -> Result<String, Error> {
    let fields = blueprint.title_fields();
    let names = names(tx, office, &blueprint.form, data, |field| fields.iter().any(|known| known == field))?;
    Ok(blueprint.title(data, &names))
}

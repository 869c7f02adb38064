//! What other slices may ask about people and units.

use std::collections::{BTreeSet, HashMap};

use db::ReadTx;
use kernel::{Code, Error, Permission, PersonId, UnitId};

use crate::{
    model::{Person, PersonRef, UnitRef},
    store,
};

/// Names of people, for views.
pub fn people(tx: &mut ReadTx<'_>, ids: impl IntoIterator<Item = PersonId>) -> Result<HashMap<PersonId, PersonRef>, Error> {
    let ids: BTreeSet<PersonId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(store::person_names(tx, &ids)?.into_iter().map(|(id, name)| (id, PersonRef { id, name })).collect())
}

/// Names of units, for views.
pub fn units(tx: &mut ReadTx<'_>, ids: impl IntoIterator<Item = UnitId>) -> Result<HashMap<UnitId, UnitRef>, Error> {
    let ids: BTreeSet<UnitId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(store::unit_names(tx, &ids)?.into_iter().map(|(id, name)| (id, UnitRef { id, name })).collect())
}

/// Accounts of people, for exports.
pub fn logins(tx: &mut ReadTx<'_>, ids: impl IntoIterator<Item = PersonId>) -> Result<HashMap<PersonId, String>, Error> {
    store::logins(tx, &ids.into_iter().collect())
}

/// Codes of units, for exports.
pub fn unit_codes(tx: &mut ReadTx<'_>, ids: impl IntoIterator<Item = UnitId>) -> Result<HashMap<UnitId, String>, Error> {
    store::unit_codes(tx, &ids.into_iter().collect())
}

/// Names for a view, read once.
#[derive(Clone, Debug, Default)]
pub struct Names {
    people: HashMap<PersonId, PersonRef>,
    units: HashMap<UnitId, UnitRef>,
}

impl Names {
    /// Those of these people and units.
    pub fn load(tx: &mut ReadTx<'_>, of: impl IntoIterator<Item = PersonId>, and: impl IntoIterator<Item = UnitId>) -> Result<Self, Error> {
        Ok(Self { people: people(tx, of)?, units: units(tx, and)? })
    }

    /// These, which are known already.
    #[must_use]
    pub fn known(people: impl IntoIterator<Item = PersonRef>, units: impl IntoIterator<Item = UnitRef>) -> Self {
        Self {
            people: people.into_iter().map(|person| (person.id, person)).collect(),
            units: units.into_iter().map(|unit| (unit.id, unit)).collect(),
        }
    }

    /// A person; without a name if it was not asked for.
    #[must_use]
    pub fn person(&self, id: PersonId) -> PersonRef {
        self.people.get(&id).cloned().unwrap_or_else(|| PersonRef { id, name: String::new() })
    }

    /// A unit; without a name if it was not asked for.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> UnitRef {
        self.units.get(&id).cloned().unwrap_or_else(|| UnitRef { id, name: String::new() })
    }
}

/// A person who works here today; `pointer` is the field that names them.
pub fn active_person(tx: &mut ReadTx<'_>, id: PersonId, pointer: &str) -> Result<PersonRef, Error> {
    active(store::person(tx, id)?.ok_or_else(|| Error::invalid(pointer, Code::UnknownReference))?)
}

/// The same for a person whom the address names: a stranger is not found.
pub fn addressed_person(tx: &mut ReadTx<'_>, id: PersonId) -> Result<PersonRef, Error> {
    active(store::person(tx, id)?.ok_or_else(|| Error::absent(id))?)
}

fn active(person: Person) -> Result<PersonRef, Error> {
    if person.active { Ok(PersonRef { id: person.id, name: person.name }) } else { Err(Error::new(Code::PersonInactive)) }
}

/// An open unit; `pointer` is the field that names it.
pub fn active_unit(tx: &mut ReadTx<'_>, id: UnitId, pointer: &str) -> Result<UnitRef, Error> {
    let unit = store::unit(tx, id)?.ok_or_else(|| Error::invalid(pointer, Code::UnknownReference))?;
    if unit.active { Ok(UnitRef { id, name: unit.name }) } else { Err(Error::new(Code::UnitClosed)) }
}

/// A unit, open or closed; `pointer` is the field that names it.
pub fn existing_unit(tx: &mut ReadTx<'_>, id: UnitId, pointer: &str) -> Result<UnitRef, Error> {
    let unit = store::unit(tx, id)?.ok_or_else(|| Error::invalid(pointer, Code::UnknownReference))?;
    Ok(UnitRef { id, name: unit.name })
}

/// A person who works here today and the unit of their main post; `pointer` is the field that names them.
pub fn person_at_work(tx: &mut ReadTx<'_>, id: PersonId, pointer: &str) -> Result<(PersonRef, UnitRef), Error> {
    let (name, works, unit) = store::main_post(tx, id)?.ok_or_else(|| Error::invalid(pointer, Code::UnknownReference))?;
    if works { Ok((PersonRef { id, name }, unit)) } else { Err(Error::new(Code::PersonInactive)) }
}

/// The unit of a person's main post.
pub fn main_unit(tx: &mut ReadTx<'_>, id: PersonId) -> Result<Option<UnitId>, Error> {
    Ok(store::main_post(tx, id)?.map(|(.., unit)| unit.id))
}

/// The units of all posts of a person today.
pub fn units_of(tx: &mut ReadTx<'_>, id: PersonId) -> Result<BTreeSet<UnitId>, Error> {
    let posts = store::posts(tx, id)?;
    Ok(posts.into_iter().filter(|post| post.valid_to.is_none()).map(|post| post.unit_id).collect())
}

/// Whether a person holds a permission anywhere.
pub fn holds(tx: &mut ReadTx<'_>, id: PersonId, permission: Permission) -> Result<bool, Error> {
    Ok(store::grants(tx, id)?.contains_key(&permission))
}

/// Whether a person, if still at work, holds a permission for a unit, or for the whole company.
pub fn may_in(tx: &mut ReadTx<'_>, id: PersonId, permission: Permission, unit: Option<UnitId>) -> Result<bool, Error> {
    let works = store::person(tx, id)?.is_some_and(|person| person.active);
    Ok(works && store::grants(tx, id)?.get(&permission).is_some_and(|reach| reach.unit(unit)))
}

/// Whether anybody is there at all.
pub fn anybody(tx: &mut ReadTx<'_>) -> Result<bool, Error> {
    store::anybody(tx)
}

/// How many people at work hold a permission everywhere and have a password to log in with.
pub fn able(tx: &mut ReadTx<'_>, permission: Permission) -> Result<i64, Error> {
    store::able(tx, permission)
}

/// How many people at work have an address for mail that ends like this.
pub fn with_mail_at(tx: &mut ReadTx<'_>, ending: &str) -> Result<i64, Error> {
    store::with_mail_at(tx, ending)
}

/// A person by account, number or (if only one has it) name: for imports.
pub fn find_person(tx: &mut ReadTx<'_>, text: &str) -> Result<Option<PersonRef>, Error> {
    let found = match store::person_by_login(tx, &text.to_lowercase())? {
        Some(person) => Some(person),
        None => store::person_by_number(tx, text)?,
    };
    let found: Option<Person> = match found {
        Some(person) => Some(person),
        None => store::person_by_name(tx, text)?,
    };
    Ok(found.map(|person| PersonRef { id: person.id, name: person.name }))
}

/// A unit by code or (if only one has it) name: for imports.
pub fn find_unit(tx: &mut ReadTx<'_>, text: &str) -> Result<Option<UnitRef>, Error> {
    if let Some(unit) = store::unit_by_code(tx, text)? {
        return Ok(Some(UnitRef { id: unit.id, name: unit.name }));
    }
    let mut named = store::unit_by_name(tx, text)?;
    Ok(if named.len() == 1 { named.pop().map(|unit| UnitRef { id: unit.id, name: unit.name }) } else { None })
}

//! The catalogue: what comes into it, changes and is retired.

mod grants;

use db::{Event, ReadTx, Recorded, WriteTx, numbers};
use identity::directory;
use kernel::{Code, Error, PersonId, UnitId, Uuid};

use crate::{
    model::{Classification, Dataset, DatasetAction, DatasetId, DatasetState},
    policy, store,
};

pub use grants::{ByCase, Giving, give, give_for_case, revoke, take_back};

/// What is said of a new data set.
#[derive(Clone, Debug)]
pub struct Facts {
    pub name: String,
    pub classification: Classification,
    pub purpose: String,
    pub location: String,
    pub unit: UnitId,
    pub custodian: PersonId,
}

/// What is said anew.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    pub name: Option<String>,
    pub classification: Option<Classification>,
    pub purpose: Option<String>,
    pub location: Option<String>,
    pub unit: Option<UnitId>,
    pub custodian: Option<PersonId>,
    /// Why the classification is lowered.
    pub reason: Option<String>,
}

/// A data set as others name it.
#[derive(Clone, Debug)]
pub struct Named {
    pub id: DatasetId,
    pub name: String,
    pub active: bool,
}

/// One of the catalogue, of which everybody may know.
pub fn entry(tx: &mut ReadTx<'_>, id: DatasetId) -> Result<Dataset, Error> {
    store::find(tx, id)?.ok_or_else(|| Error::absent(id))
}

/// A data set by id or number: for processes.
pub fn named(tx: &mut ReadTx<'_>, text: &str) -> Result<Option<DatasetId>, Error> {
    let row = match text.parse() {
        Ok(id) => store::find(tx, id)?,
        Err(_) => store::by_number(tx, text)?,
    };
    Ok(row.map(|row| row.id))
}

/// What these are called, and whether they are in use.
pub fn names(tx: &mut ReadTx<'_>, ids: &[Uuid]) -> Result<Vec<Named>, Error> {
    let ids: Vec<DatasetId> = ids.iter().copied().map(DatasetId::from_uuid).collect();
    let named = |row: Dataset| Named { id: row.id, name: row.name, active: row.state == DatasetState::Active };
    Ok(store::by_ids(tx, &ids)?.into_iter().map(named).collect())
}

/// Data sets in use of which somebody is the custodian: who leaves hands them over first.
pub fn kept(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    store::count_kept(tx, person)
}

/// Adds a data set to the catalogue.
pub fn create(tx: &mut WriteTx<'_>, facts: &Facts) -> Result<Recorded<DatasetId>, Error> {
    policy::check_unit(tx.actor(), facts.unit)?;
    directory::active_unit(tx, facts.unit, "/unit_id")?;
    directory::active_person(tx, facts.custodian, "/custodian_id")?;
    check_name(tx, None, &facts.name)?;
    let now = tx.now();
    let year = now.office_year();
    let row = Dataset {
        id: DatasetId::new(),
        number: format!("DS-{year}-{:05}", numbers::take(tx, numbers::Series::Dataset, year)?),
        name: facts.name.clone(),
        classification: facts.classification,
        purpose: facts.purpose.clone(),
        location: facts.location.clone(),
        unit_id: facts.unit,
        custodian_id: facts.custodian,
        state: DatasetState::Active,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let event = Event::new("dataset.registered", row.id, row.label())
        .created()
        .unit(row.unit_id)
        .fact("classification", row.classification)
        .set("number", &row.number)
        .set("name", &row.name)
        .set("classification", &row.classification)
        .set("purpose", &row.purpose)
        .set("location", &row.location)
        .set("unit_id", &row.unit_id)
        .set("custodian_id", &row.custodian_id);
    tx.record(event, |rows| store::insert(rows, &row))?.and_then(|()| Ok(row.id))
}

/// Changes what is known of it. A lower classification has to be explained.
pub fn change(tx: &mut WriteTx<'_>, id: DatasetId, expected: i32, changed: &Changed) -> Result<Recorded<()>, Error> {
    let before = entry(tx, id)?;
    policy::check_manage(tx.actor(), &before)?;
    let after = Dataset {
        name: changed.name.clone().unwrap_or_else(|| before.name.clone()),
        classification: changed.classification.unwrap_or(before.classification),
        purpose: changed.purpose.clone().unwrap_or_else(|| before.purpose.clone()),
        location: changed.location.clone().unwrap_or_else(|| before.location.clone()),
        unit_id: changed.unit.unwrap_or(before.unit_id),
        custodian_id: changed.custodian.unwrap_or(before.custodian_id),
        updated_at: tx.now(),
        ..before.clone()
    };
    if after.unit_id != before.unit_id {
        policy::check_unit(tx.actor(), after.unit_id)?;
        directory::active_unit(tx, after.unit_id, "/unit_id")?;
    }
    if after.custodian_id != before.custodian_id {
        directory::active_person(tx, after.custodian_id, "/custodian_id")?;
    }
    check_name(tx, Some(id), &after.name)?;
    if policy::lowers(before.classification, after.classification) && changed.reason.is_none() {
        return Err(Error::invalid("/reason", Code::DatasetLowered));
    }
    let event = Event::new("dataset.updated", id, after.label())
        .step(before.version)
        .unit(after.unit_id)
        .fact("classification", after.classification)
        .fact("from_classification", before.classification)
        .change("name", &before.name, &after.name)
        .change("classification", &before.classification, &after.classification)
        .change("purpose", &before.purpose, &after.purpose)
        .change("location", &before.location, &after.location)
        .change("unit_id", &before.unit_id, &after.unit_id)
        .change("custodian_id", &before.custodian_id, &after.custodian_id)
        .note(changed.reason.clone());
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update(rows, &after, expected))
}

/// Retires it, or takes it into use again.
pub fn transition(
    tx: &mut WriteTx<'_>,
    id: DatasetId,
    expected: i32,
    action: DatasetAction,
    reason: Option<&str>,
) -> Result<Recorded<()>, Error> {
    let before = entry(tx, id)?;
    let today = tx.now().office_date();
    let standing = store::grants::count_standing(tx, id, today)?;
    let state = policy::check_step(tx.actor(), &before, action, standing)?;
    if expected != before.version {
        return Err(Error::new(Code::Stale));
    }
    if action == DatasetAction::Retire && reason.is_none() {
        return Err(Error::invalid("/reason", Code::Required));
    }
    let after = Dataset { state, updated_at: tx.now(), ..before.clone() };
    let name = match action {
        DatasetAction::Retire => "dataset.retired",
        DatasetAction::Restore => "dataset.restored",
    };
    let event = Event::new(name, id, after.label())
        .step(before.version)
        .unit(after.unit_id)
        .fact("classification", after.classification)
        .change("state", &before.state, &after.state)
        .note(reason.map(str::to_owned));
    tx.record(event, |rows| store::update(rows, &after, expected))
}

/// A name means one data set.
fn check_name(tx: &mut ReadTx<'_>, own: Option<DatasetId>, name: &str) -> Result<(), Error> {
    match store::by_name(tx, name)? {
        Some(other) if Some(other.id) != own => Err(Error::invalid("/name", Code::AlreadyTaken)),
        _ => Ok(()),
    }
}

//! Queries of the catalogue.

pub mod grants;

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use identity::schema::org_unit_tree;
use kernel::{Date, Error, PageRequest, PersonId, Ts, UnitId};

use crate::{
    model::{Classification, Dataset, DatasetId, DatasetState},
    schema::{dataset, dataset_grant},
};

kernel::text_enum! {
    /// Which data sets as to me.
    pub enum DatasetLens {
        /// Of which I am the custodian.
        Kept = "kept",
        /// On which I have a grant in force.
        Granted = "granted",
        /// The whole catalogue.
        All = "all",
    }
}

/// Which data sets.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub lens: Option<DatasetLens>,
    pub classifications: Vec<Classification>,
    pub state: Option<DatasetState>,
    pub unit_id: Option<UnitId>,
    pub words: Option<String>,
}

/// One page of the catalogue, last changed first.
pub fn page(tx: &mut ReadTx<'_>, filter: &Filter, today: Date, page: &PageRequest) -> Result<Vec<Dataset>, Error> {
    let (backend, me) = (tx.backend(), tx.actor().person());
    let mut query = dataset::table.select(Dataset::as_select()).into_boxed();
    match filter.lens {
        Some(DatasetLens::Kept) => query = query.filter(dataset::custodian_id.nullable().eq(me)),
        Some(DatasetLens::Granted) => {
            let granted = dataset_grant::table
                .filter(dataset_grant::person_id.nullable().eq(me))
                .filter(dataset_grant::revoked_at.is_null())
                .filter(dataset_grant::valid_from.le(today))
                .filter(dataset_grant::valid_until.ge(today))
                .select(dataset_grant::dataset_id);
            query = query.filter(dataset::id.eq_any(granted));
        }
        Some(DatasetLens::All) | None => {}
    }
    if !filter.classifications.is_empty() {
        query = query.filter(one_of(dataset::classification, filter.classifications.clone()));
    }
    if let Some(state) = filter.state {
        query = query.filter(dataset::state.eq(state));
    }
    if let Some(unit) = filter.unit_id {
        let below = org_unit_tree::table.filter(org_unit_tree::ancestor.eq(unit)).select(org_unit_tree::descendant);
        query = query.filter(dataset::unit_id.eq_any(below));
    }
    if let Some(words) = &filter.words {
        query = query.filter(db::search::matches(backend, "dataset.id", "dataset", words));
    }
    if let Some(after) = &page.after {
        let (at, id): (Ts, DatasetId) = after.key()?;
        query = query.filter(dataset::updated_at.le(at).and(dataset::updated_at.lt(at).or(dataset::id.lt(id))));
    }
    Ok(query.order((dataset::updated_at.desc(), dataset::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

pub fn find(tx: &mut ReadTx<'_>, id: DatasetId) -> Result<Option<Dataset>, Error> {
    Ok(dataset::table.find(id).select(Dataset::as_select()).get_result(tx.conn()).optional()?)
}

pub fn by_ids(tx: &mut ReadTx<'_>, ids: &[DatasetId]) -> Result<Vec<Dataset>, Error> {
    Ok(dataset::table.filter(one_of(dataset::id, ids.iter().copied())).select(Dataset::as_select()).load(tx.conn())?)
}

pub fn by_number(tx: &mut ReadTx<'_>, number: &str) -> Result<Option<Dataset>, Error> {
    Ok(dataset::table.filter(dataset::number.eq(number)).select(Dataset::as_select()).get_result(tx.conn()).optional()?)
}

pub fn by_name(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<Dataset>, Error> {
    Ok(dataset::table.filter(dataset::name.eq(name)).select(Dataset::as_select()).get_result(tx.conn()).optional()?)
}

/// Of how many somebody is the custodian.
pub fn count_kept(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    let kept = dataset::table.filter(dataset::custodian_id.eq(person)).filter(dataset::state.eq(DatasetState::Active));
    Ok(kept.count().get_result(tx.conn())?)
}

pub fn insert(rows: &mut Rows<'_>, row: &Dataset) -> Result<(), Error> {
    diesel::insert_into(dataset::table).values(row.clone()).execute(rows.conn())?;
    db::search::add(rows, "dataset", row.id.uuid(), &row.label())
}

/// Replaces a row that still has the expected version.
pub fn update(rows: &mut Rows<'_>, row: &Dataset, expected: i32) -> Result<(), Error> {
    let row = Dataset { version: expected + 1, ..row.clone() };
    let hit = diesel::update(dataset::table.find(row.id).filter(dataset::version.eq(expected))).set(row.clone()).execute(rows.conn())?;
    rows.hit_one(hit)?;
    // Found by what everybody may know of it, and by nothing else.
    db::search::replace(rows, "dataset", row.id.uuid(), &row.label())
}

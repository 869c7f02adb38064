//! Queries of grants.

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use identity::schema::org_unit_tree;
use kernel::{Date, Error, PageRequest, PersonId, Reach, UnitId};

use crate::{
    model::{Dataset, DatasetId, Grant, GrantId, GrantState},
    schema::{dataset, dataset_grant},
};

/// Which grants.
#[derive(Clone, Debug, Default)]
pub struct GrantFilter {
    /// One's own only.
    pub mine: bool,
    pub dataset_id: Option<DatasetId>,
    pub person_id: Option<PersonId>,
    pub state: Option<GrantState>,
    /// Whose last day is this or an earlier one.
    pub ends_by: Option<Date>,
}

/// One page of grants of which the actor may know, the newest first.
pub fn page(
    tx: &mut ReadTx<'_>,
    filter: &GrantFilter,
    reach: &Reach,
    today: Date,
    page: &PageRequest,
) -> Result<Vec<(Grant, Dataset)>, Error> {
    let me = tx.actor().person();
    let mut query = dataset_grant::table.inner_join(dataset::table).select((Grant::as_select(), Dataset::as_select())).into_boxed();
    let mine = dataset_grant::person_id.nullable().eq(me);
    if filter.mine {
        query = query.filter(mine);
    } else if !reach.all {
        let roots: Vec<UnitId> = reach.roots.iter().copied().collect();
        let exact: Vec<UnitId> = reach.units.iter().copied().collect();
        let inside = org_unit_tree::table.filter(org_unit_tree::ancestor.eq_any(roots)).select(org_unit_tree::descendant);
        let reached = dataset::unit_id.eq_any(inside).or(one_of(dataset::unit_id, exact));
        query = query.filter(mine.or(dataset::custodian_id.nullable().eq(me)).or(reached.nullable()));
    }
    if let Some(dataset) = filter.dataset_id {
        query = query.filter(dataset_grant::dataset_id.eq(dataset));
    }
    if let Some(person) = filter.person_id {
        query = query.filter(dataset_grant::person_id.eq(person));
    }
    if let Some(state) = filter.state {
        query = match state {
            GrantState::Revoked => query.filter(dataset_grant::revoked_at.is_not_null()),
            GrantState::Upcoming => query.filter(dataset_grant::revoked_at.is_null()).filter(dataset_grant::valid_from.gt(today)),
            GrantState::Ended => query.filter(dataset_grant::revoked_at.is_null()).filter(dataset_grant::valid_until.lt(today)),
            GrantState::InForce => query
                .filter(dataset_grant::revoked_at.is_null())
                .filter(dataset_grant::valid_from.le(today))
                .filter(dataset_grant::valid_until.ge(today)),
        };
    }
    if let Some(day) = filter.ends_by {
        query = query.filter(dataset_grant::valid_until.le(day));
    }
    if let Some(after) = &page.after {
        query = query.filter(dataset_grant::id.lt(after.key::<GrantId>()?));
    }
    Ok(query.order(dataset_grant::id.desc()).limit(page.limit + 1).load(tx.conn())?)
}

pub fn find(tx: &mut ReadTx<'_>, id: GrantId) -> Result<Option<(Grant, Dataset)>, Error> {
    Ok(by_ids(tx, &[id])?.pop())
}

pub fn by_ids(tx: &mut ReadTx<'_>, ids: &[GrantId]) -> Result<Vec<(Grant, Dataset)>, Error> {
    Ok(dataset_grant::table
        .inner_join(dataset::table)
        .filter(one_of(dataset_grant::id, ids.iter().copied()))
        .select((Grant::as_select(), Dataset::as_select()))
        .load(tx.conn())?)
}

/// Grants of a data set that are in force or to come, of everybody or of one person.
pub fn standing(tx: &mut ReadTx<'_>, id: DatasetId, of: Option<PersonId>, today: Date) -> Result<Vec<Grant>, Error> {
    let mut query = dataset_grant::table
        .filter(dataset_grant::dataset_id.eq(id))
        .filter(dataset_grant::revoked_at.is_null())
        .filter(dataset_grant::valid_until.ge(today))
        .select(Grant::as_select())
        .into_boxed();
    if let Some(person) = of {
        query = query.filter(dataset_grant::person_id.eq(person));
    }
    Ok(query.order(dataset_grant::id).load(tx.conn())?)
}

/// How many are in force or to come.
pub fn count_standing(tx: &mut ReadTx<'_>, id: DatasetId, today: Date) -> Result<i64, Error> {
    Ok(dataset_grant::table
        .filter(dataset_grant::dataset_id.eq(id))
        .filter(dataset_grant::revoked_at.is_null())
        .filter(dataset_grant::valid_until.ge(today))
        .count()
        .get_result(tx.conn())?)
}

pub fn insert(rows: &mut Rows<'_>, row: &Grant) -> Result<(), Error> {
    diesel::insert_into(dataset_grant::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

/// Takes back a grant that still has the expected version.
pub fn revoke(rows: &mut Rows<'_>, row: &Grant, by: &str, reason: &str, expected: i32) -> Result<(), Error> {
    let now = rows.now();
    let hit = diesel::update(dataset_grant::table.find(row.id).filter(dataset_grant::version.eq(expected)))
        .set((
            dataset_grant::revoked_at.eq(now),
            dataset_grant::revoked_by.eq(by),
            dataset_grant::revoked_reason.eq(reason),
            dataset_grant::version.eq(expected + 1),
        ))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

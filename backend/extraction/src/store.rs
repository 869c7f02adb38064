//! Queries on extractions.

use db::{ReadTx, Rows};
use diesel::prelude::*;
use kernel::{Error, PageRequest, Ts};

use crate::{
    model::{Extraction, ExtractionId},
    schema::extraction,
};

/// One page, newest first.
pub fn page(tx: &mut ReadTx<'_>, page: &PageRequest) -> Result<Vec<Extraction>, Error> {
    let mut query = extraction::table.select(Extraction::as_select()).into_boxed();
    if let Some(after) = &page.after {
        let (at, id): (Ts, ExtractionId) = after.key()?;
        query = query.filter(extraction::requested_at.le(at).and(extraction::requested_at.lt(at).or(extraction::id.lt(id))));
    }
    Ok(query.order((extraction::requested_at.desc(), extraction::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

pub fn find(tx: &mut ReadTx<'_>, id: ExtractionId) -> Result<Option<Extraction>, Error> {
    Ok(extraction::table.find(id).select(Extraction::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert(rows: &mut Rows<'_>, row: &Extraction) -> Result<(), Error> {
    diesel::insert_into(extraction::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

/// Replaces a row that still has the expected version.
pub fn update(rows: &mut Rows<'_>, row: &Extraction, expected: i32) -> Result<(), Error> {
    let row = Extraction { version: expected + 1, ..row.clone() };
    let hit =
        diesel::update(extraction::table.find(row.id).filter(extraction::version.eq(expected))).set(row.clone()).execute(rows.conn())?;
    rows.hit_one(hit)
}

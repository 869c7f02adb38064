//! Queries on imports.

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use kernel::{
    Error, PageRequest, PersonId, Ts, Uuid,
    column::{AnyId, RawJson},
};

use crate::{
    import::{ImportId, ImportedKind, Touched},
    model::ImportBatch,
    schema::{import_batch, import_row},
};

pub fn insert(rows: &mut Rows<'_>, batch: &ImportBatch, touched: &[Touched]) -> Result<(), Error> {
    diesel::insert_into(import_batch::table).values(batch.clone()).execute(rows.conn())?;
    for (position, row) in (0i32..).zip(touched) {
        let values = (
            import_row::batch_id.eq(batch.id),
            import_row::position.eq(position),
            import_row::subject_id.eq(AnyId(row.subject)),
            import_row::label.eq(&row.label),
            import_row::version.eq(row.version),
            import_row::before.eq(&row.before),
            import_row::undone.eq(false),
        );
        diesel::insert_into(import_row::table).values(values).execute(rows.conn())?;
    }
    Ok(())
}

pub fn find(tx: &mut ReadTx<'_>, id: ImportId) -> Result<Option<ImportBatch>, Error> {
    Ok(import_batch::table.find(id).select(ImportBatch::as_select()).get_result(tx.conn()).optional()?)
}

/// The newest first; `by` one person or everybody.
pub fn list(tx: &mut ReadTx<'_>, kind: ImportedKind, by: Option<PersonId>, page: &PageRequest) -> Result<Vec<ImportBatch>, Error> {
    let mut query = import_batch::table.select(ImportBatch::as_select()).filter(import_batch::kind.eq(kind)).into_boxed();
    if let Some(by) = by {
        query = query.filter(import_batch::made_by.eq(by));
    }
    if let Some(after) = &page.after {
        let (at, id): (Ts, ImportId) = after.key()?;
        query = query.filter(import_batch::made_at.le(at).and(import_batch::made_at.lt(at).or(import_batch::id.lt(id))));
    }
    Ok(query.order((import_batch::made_at.desc(), import_batch::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

/// What has not been taken back, the last first.
pub fn remaining(tx: &mut ReadTx<'_>, id: ImportId) -> Result<Vec<Touched>, Error> {
    let rows: Vec<(AnyId, String, i32, Option<RawJson>)> = import_row::table
        .filter(import_row::batch_id.eq(id))
        .filter(import_row::undone.eq(false))
        .order(import_row::position.desc())
        .select((import_row::subject_id, import_row::label, import_row::version, import_row::before))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(AnyId(subject), label, version, before)| Touched { subject, label, version, before }).collect())
}

pub fn mark_undone(rows: &mut Rows<'_>, batch: &ImportBatch, remaining: i32, undone: &[Uuid]) -> Result<(), Error> {
    let hit = diesel::update(import_batch::table.find(batch.id).filter(import_batch::version.eq(batch.version)))
        .set((import_batch::remaining.eq(remaining), import_batch::version.eq(batch.version + 1)))
        .execute(rows.conn())?;
    rows.hit_one(hit)?;
    let of = one_of(import_row::subject_id, undone.iter().copied().map(AnyId));
    diesel::update(import_row::table.filter(import_row::batch_id.eq(batch.id)).filter(of))
        .set(import_row::undone.eq(true))
        .execute(rows.conn())?;
    Ok(())
}

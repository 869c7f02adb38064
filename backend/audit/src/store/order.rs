//! The order of the log: who gives records their places, and what stands at them.

use db::{
    ReadTx, both, one_of,
    schema::{audit_leaf, audit_pending, audit_record, audit_sequencer},
};
use diesel::prelude::*;
use kernel::{Error, Id, Ts, Uuid, column::AnyId};

use super::tiles::grow;
use crate::model::{ChangeView, RecordKind};

/// How many records are numbered.
pub fn size(tx: &mut ReadTx<'_>) -> Result<i64, Error> {
    Ok(audit_sequencer::table.find(1).select(audit_sequencer::size).get_result(tx.conn())?)
}

/// The next changes of the log from a place on, whoever may see them.
pub fn changes(tx: &mut ReadTx<'_>, from: i64, limit: i64) -> Result<Vec<ChangeView>, Error> {
    let rows: Vec<(i64, String, AnyId, Option<i32>, String)> = audit_leaf::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
        .filter(audit_leaf::leaf_index.ge(from))
        .order(audit_leaf::leaf_index)
        .limit(limit)
        .select((
            audit_leaf::leaf_index,
            audit_record::subject_kind,
            audit_record::subject_id,
            audit_record::version_after,
            audit_record::action,
        ))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(index, kind, id, version, action)| ChangeView { index, kind, id: id.0, version, action }).collect())
}

/// The canonical bytes of records in the order of the log, each with its place.
pub fn entries(tx: &mut ReadTx<'_>, from: i64, to: i64) -> Result<Vec<(i64, String)>, Error> {
    Ok(audit_leaf::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
        .filter(audit_leaf::leaf_index.ge(from).and(audit_leaf::leaf_index.lt(to)))
        .order(audit_leaf::leaf_index)
        .select((audit_leaf::leaf_index, audit_record::canonical))
        .load(tx.conn())?)
}

/// How many records wait for a number, and since when the oldest does.
pub fn backlog(tx: &mut ReadTx<'_>) -> Result<(i64, Option<Ts>), Error> {
    let waiting = audit_pending::table.count().get_result(tx.conn())?;
    let first = audit_pending::table.order(audit_pending::record_id).limit(1).select(audit_pending::record_id);
    let oldest = audit_record::table.filter(audit_record::id.eq_any(first)).select(audit_record::time).first(tx.conn()).optional()?;
    Ok((waiting, oldest))
}

/// A record without a number, with its leaf hash.
pub type Waiting = (Id<RecordKind>, Vec<u8>);

/// Records that wait for a number, with their hashes, oldest first. Chosen before they are looked up: PostgreSQL would merge a join of the
/// two tables, and walk through the whole log to where those begin that wait, for each batch.
pub fn pending(tx: &mut ReadTx<'_>, limit: usize) -> Result<Vec<Waiting>, Error> {
    let limit = i64::try_from(limit).map_err(Error::internal)?;
    let first = audit_pending::table.order(audit_pending::record_id).limit(limit).select(audit_pending::record_id);
    Ok(audit_record::table
        .filter(audit_record::id.eq_any(first))
        .order(audit_record::id)
        .select((audit_record::id, audit_record::leaf_hash))
        .load(tx.conn())?)
}

/// Takes or keeps the lease; none while another holder's is running. Locks the row until the end of the transaction.
pub fn lease(rows: &mut db::Rows<'_>, holder: Uuid, until: Ts) -> Result<Option<i64>, Error> {
    use audit_sequencer::dsl;
    let now = rows.now();
    let taken = diesel::update(dsl::audit_sequencer.find(1))
        .filter(dsl::holder.is_null().or(dsl::holder.eq(AnyId(holder))).or(dsl::lease_until.lt(now)))
        .set((dsl::holder.eq(AnyId(holder)), dsl::lease_until.eq(until), dsl::epoch.eq(dsl::epoch + 1)))
        .execute(rows.conn())?;
    if taken == 0 {
        return Ok(None);
    }
    Ok(Some(dsl::audit_sequencer.find(1).select(dsl::size).get_result(rows.conn())?))
}

/// Numbers records from `start` on. All of them must still be waiting.
pub fn number(rows: &mut db::Rows<'_>, start: i64, batch: &[Waiting]) -> Result<(), Error> {
    let leaves: Vec<_> = (start..)
        .zip(batch)
        .map(|(index, (id, hash))| {
            (audit_leaf::leaf_index.eq(index), audit_leaf::record_id.eq(*id), audit_leaf::leaf_hash.eq(hash.clone()))
        })
        .collect();
    let ids: Vec<_> = batch.iter().map(|(id, _)| *id).collect();
    both!(rows.conn(), |conn| diesel::insert_into(audit_leaf::table).values(&leaves).execute(conn))?;
    grow(rows, start, batch.iter().map(|(_, hash)| hash.as_slice()))?;
    let waiting = diesel::delete(audit_pending::table.filter(one_of(audit_pending::record_id, ids))).execute(rows.conn())?;
    if waiting != batch.len() {
        return Err(Error::internal("another sequencer numbered the same records"));
    }
    let size = start + i64::try_from(batch.len()).map_err(Error::internal)?;
    diesel::update(audit_sequencer::table.find(1)).set(audit_sequencer::size.eq(size)).execute(rows.conn())?;
    Ok(())
}

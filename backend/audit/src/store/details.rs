//! Names and changes, which may have to go.

use db::{
    ReadTx,
    schema::{audit_detail, audit_erasure, audit_leaf, audit_pending, audit_record},
};
use diesel::prelude::*;
use kernel::{Error, Id};

use crate::model::RecordKind;

/// The details of a record, as they are.
#[derive(Queryable)]
pub struct Detail {
    pub record_id: Id<RecordKind>,
    pub salt: Vec<u8>,
    pub detail: String,
}

/// Details in the order of their records.
pub fn details(tx: &mut ReadTx<'_>, from: i64, to: i64) -> Result<Vec<Detail>, Error> {
    Ok(audit_leaf::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
        .inner_join(audit_detail::table.on(audit_detail::record_id.eq(audit_leaf::record_id)))
        .filter(audit_leaf::leaf_index.ge(from).and(audit_leaf::leaf_index.lt(to)))
        .order(audit_leaf::leaf_index)
        .select((audit_detail::record_id, audit_detail::salt, audit_detail::detail))
        .load(tx.conn())?)
}

/// Details of records that are not there: there should be none, and a few are enough to say so.
pub fn stray_details(tx: &mut ReadTx<'_>) -> Result<Vec<Detail>, Error> {
    Ok(audit_detail::table
        .left_join(audit_record::table.on(audit_record::id.eq(audit_detail::record_id)))
        .filter(audit_record::id.nullable().is_null())
        .limit(10)
        .select((audit_detail::record_id, audit_detail::salt, audit_detail::detail))
        .load(tx.conn())?)
}

/// The record of a lawful erasure.
pub const ERASED: &str = "record.erased";

/// Takes the details of a record away for good. Its record stays, and still verifies.
pub fn erase(rows: &mut db::Rows<'_>, id: Id<RecordKind>, legal_basis: &str) -> Result<(), Error> {
    let now = rows.now();
    let right = (audit_erasure::record_id.eq(id), audit_erasure::erased_at.eq(now), audit_erasure::legal_basis.eq(legal_basis.to_owned()));
    diesel::insert_into(audit_erasure::table).values(right).execute(rows.conn())?;
    diesel::delete(audit_detail::table.find(id)).execute(rows.conn())?;
    Ok(())
}

/// Whether something was erased lawfully whose record is not among so many: then details are missing of which they do not tell. A record
/// that neither has a place nor waits for one was put there by somebody else, and holds nothing up.
pub fn erased_beyond(tx: &mut ReadTx<'_>, size: i64) -> Result<bool, Error> {
    let erased = || audit_record::table.filter(audit_record::action.eq(ERASED));
    let waiting = erased().filter(audit_record::id.eq_any(audit_pending::table.select(audit_pending::record_id)));
    let beyond =
        erased().inner_join(audit_leaf::table.on(audit_leaf::record_id.eq(audit_record::id))).filter(audit_leaf::leaf_index.ge(size));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(tx.conn())?
        || diesel::select(diesel::dsl::exists(beyond)).get_result(tx.conn())?)
}

//! The log as the controls read it, and how far they are.

use std::collections::{BTreeMap, BTreeSet};

use db::{
    ReadTx, Rows, one_of,
    schema::{audit_leaf, audit_record},
};
use diesel::{dsl::case_when, prelude::*};
use kernel::{Error, Ts, Uuid, column::AnyId};

use crate::schema::{control_cursor, control_snapshot};

/// Leaves from a place on: index, time, event.
pub fn leaves(tx: &mut ReadTx<'_>, from: i64, limit: i64) -> Result<Vec<(i64, Ts, String)>, Error> {
    Ok(audit_leaf::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
        .filter(audit_leaf::leaf_index.ge(from))
        .order(audit_leaf::leaf_index)
        .limit(limit)
        .select((audit_leaf::leaf_index, audit_record::time, audit_record::action))
        .load(tx.conn())?)
}

/// What stands at a leaf, as far as the controls need it.
#[derive(Queryable)]
pub struct Place {
    pub leaf: i64,
    pub time: Ts,
    pub event: String,
    /// The record's canonical bytes, of the events that were asked for.
    pub canonical: Option<String>,
}

/// Leaves from a place on, with the records of these events.
pub fn places(tx: &mut ReadTx<'_>, from: i64, limit: i64, events: &BTreeSet<&str>) -> Result<Vec<Place>, Error> {
    let minded = one_of(audit_record::action, events.iter().map(|name| (*name).to_owned()));
    Ok(audit_leaf::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
        .filter(audit_leaf::leaf_index.ge(from))
        .order(audit_leaf::leaf_index)
        .limit(limit)
        .select((audit_leaf::leaf_index, audit_record::time, audit_record::action, case_when(minded, audit_record::canonical)))
        .load(tx.conn())?)
}

/// The canonical bytes at these leaves.
pub fn canonical(tx: &mut ReadTx<'_>, leaves: &[i64]) -> Result<BTreeMap<i64, String>, Error> {
    let mut all = BTreeMap::new();
    for part in leaves.chunks(256) {
        let rows: Vec<(i64, String)> = audit_leaf::table
            .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
            .filter(one_of(audit_leaf::leaf_index, part.to_vec()))
            .select((audit_leaf::leaf_index, audit_record::canonical))
            .load(tx.conn())?;
        all.extend(rows);
    }
    Ok(all)
}

/// The leaves of records of these events, from one until another, in order. Their contents are read by leaf, a part at a time: a query for
/// a page of them would find and sort all that are left, each time.
pub fn leaves_of(tx: &mut ReadTx<'_>, events: &BTreeSet<&str>, from: i64, until: i64) -> Result<Vec<i64>, Error> {
    let names: Vec<String> = events.iter().map(|name| (*name).to_owned()).collect();
    Ok(audit_record::table
        .inner_join(audit_leaf::table.on(audit_leaf::record_id.eq(audit_record::id)))
        .filter(one_of(audit_record::action, names))
        .filter(audit_leaf::leaf_index.ge(from))
        .filter(audit_leaf::leaf_index.lt(until))
        .order(audit_leaf::leaf_index)
        .select(audit_leaf::leaf_index)
        .load(tx.conn())?)
}

/// Which of these events there are any records of. One look at the index for each: a list of all would walk through the whole log.
pub fn seen_events(tx: &mut ReadTx<'_>, events: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    let mut seen = BTreeSet::new();
    for name in events {
        let one = audit_record::table.filter(audit_record::action.eq(name)).select(audit_record::action).limit(1);
        seen.extend(one.get_result::<String>(tx.conn()).optional()?);
    }
    Ok(seen)
}

/// The hash of the calendar that entered the log last.
pub fn last_calendar(tx: &mut ReadTx<'_>) -> Result<Option<String>, Error> {
    let last: Option<String> = audit_record::table
        .filter(audit_record::action.eq(controls::CALENDAR))
        .order(audit_record::id.desc())
        .select(audit_record::canonical)
        .first(tx.conn())
        .optional()?;
    let entry = last.map(|canonical| controls::Entry::read(0, &canonical)).transpose()?;
    Ok(entry.and_then(|mut entry| entry.facts.remove("calendar")))
}

/// How far the log is evaluated.
pub fn cursor(tx: &mut ReadTx<'_>) -> Result<i64, Error> {
    Ok(control_cursor::table.find(1).select(control_cursor::next_leaf).get_result(tx.conn())?)
}

/// Takes or keeps the lease; none while another's is running.
pub fn lease(rows: &mut Rows<'_>, holder: Uuid, until: Ts) -> Result<Option<i64>, Error> {
    let now = rows.now();
    let taken = diesel::update(control_cursor::table.find(1))
        .filter(control_cursor::holder.is_null().or(control_cursor::holder.eq(AnyId(holder))).or(control_cursor::lease_until.lt(now)))
        .set((control_cursor::holder.eq(AnyId(holder)), control_cursor::lease_until.eq(until)))
        .execute(rows.conn())?;
    if taken == 0 {
        return Ok(None);
    }
    Ok(Some(control_cursor::table.find(1).select(control_cursor::next_leaf).get_result(rows.conn())?))
}

/// Goes on, if nobody else has meanwhile.
pub fn advance(rows: &mut Rows<'_>, holder: Uuid, from: i64, to: i64) -> Result<bool, Error> {
    let moved = diesel::update(control_cursor::table.find(1))
        .filter(control_cursor::holder.eq(AnyId(holder)))
        .filter(control_cursor::next_leaf.eq(from))
        .set(control_cursor::next_leaf.eq(to))
        .execute(rows.conn())?;
    Ok(moved == 1)
}

/// The newest state that was kept at or before a leaf.
pub fn snapshot(tx: &mut ReadTx<'_>, until: i64) -> Result<Option<String>, Error> {
    let query = control_snapshot::table.filter(control_snapshot::next_leaf.le(until)).order(control_snapshot::next_leaf.desc());
    Ok(query.select(control_snapshot::saved).first(tx.conn()).optional()?)
}

/// Keeps the state at a leaf, and forgets those before `since`.
pub fn keep_snapshot(rows: &mut Rows<'_>, next: i64, since: i64, saved: &str) -> Result<(), Error> {
    let old = control_snapshot::next_leaf.lt(since).or(control_snapshot::next_leaf.eq(next));
    diesel::delete(control_snapshot::table.filter(old)).execute(rows.conn())?;
    let row = (control_snapshot::next_leaf.eq(next), control_snapshot::saved.eq(saved));
    diesel::insert_into(control_snapshot::table).values(row).execute(rows.conn())?;
    Ok(())
}

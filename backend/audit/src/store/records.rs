//! Records as people look for them.

use std::collections::HashMap;

use db::{
    ReadTx, one_of,
    schema::{audit_detail, audit_leaf, audit_record, audit_related},
};
use diesel::prelude::*;
use kernel::{Error, Id, PageRequest, Reach, Ts, UnitId, Uuid, column::AnyId};

use crate::model::RecordKind;

/// Which records are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub actor_id: Option<Uuid>,
    pub subject_kind: Option<String>,
    pub subject_id: Option<Uuid>,
    pub action: Option<String>,
    pub unit_id: Option<UnitId>,
    pub outcome: Option<String>,
    pub from: Option<Ts>,
    pub to: Option<Ts>,
}

/// A record's row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_record)]
pub struct Row {
    pub id: Id<RecordKind>,
    pub time: Ts,
    pub occurred_at: Option<Ts>,
    pub actor_kind: String,
    pub actor_id: Option<AnyId>,
    pub on_behalf_of: Option<AnyId>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: AnyId,
    pub version_before: Option<i32>,
    pub version_after: Option<i32>,
    pub unit_id: Option<UnitId>,
    pub outcome: String,
    pub reason: Option<String>,
    pub request_id: AnyId,
    pub canonical: String,
    pub leaf_hash: Vec<u8>,
}

/// A row with what belongs to it.
pub struct Loaded {
    pub row: Row,
    pub index: Option<i64>,
    pub detail: Option<(Vec<u8>, String)>,
    pub related: Vec<(String, Uuid, String)>,
}

/// One page, newest first, within reach.
pub fn page(tx: &mut ReadTx<'_>, filter: &Filter, reach: &Reach, page: &PageRequest) -> Result<Vec<Loaded>, Error> {
    let mut query = audit_record::table.select(Row::as_select()).into_boxed();
    if !reach.all {
        let units: Vec<UnitId> = reach.closure.iter().copied().collect();
        query = query.filter(one_of(audit_record::unit_id, units));
    }
    if let Some(actor) = filter.actor_id {
        query = query.filter(audit_record::actor_id.eq(AnyId(actor)));
    }
    if let Some(kind) = &filter.subject_kind {
        query = query.filter(audit_record::subject_kind.eq(kind.clone()));
    }
    if let Some(subject) = filter.subject_id {
        let touching = audit_related::table.filter(audit_related::object_id.eq(AnyId(subject))).select(audit_related::record_id);
        query = query.filter(audit_record::subject_id.eq(AnyId(subject)).or(audit_record::id.eq_any(touching)));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit_record::action.eq(action.clone()));
    }
    if let Some(unit) = filter.unit_id {
        query = query.filter(audit_record::unit_id.eq(unit));
    }
    if let Some(outcome) = &filter.outcome {
        query = query.filter(audit_record::outcome.eq(outcome.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_record::time.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit_record::time.lt(to));
    }
    if let Some(after) = &page.after {
        let (time, id): (Ts, Id<RecordKind>) = after.key()?;
        query = query.filter(audit_record::time.le(time).and(audit_record::time.lt(time).or(audit_record::id.lt(id))));
    }
    let rows = query.order((audit_record::time.desc(), audit_record::id.desc())).limit(page.limit + 1).load(tx.conn())?;
    complete(tx, rows)
}

/// The records at these places.
pub fn at_leaves(tx: &mut ReadTx<'_>, leaves: &[i64]) -> Result<Vec<Loaded>, Error> {
    let rows = audit_record::table
        .inner_join(audit_leaf::table.on(audit_leaf::record_id.eq(audit_record::id)))
        .filter(one_of(audit_leaf::leaf_index, leaves.to_vec()))
        .select(Row::as_select())
        .load(tx.conn())?;
    complete(tx, rows)
}

/// What was done to one thing, oldest first.
pub fn of_subject(tx: &mut ReadTx<'_>, id: Uuid, limit: i64) -> Result<Vec<Loaded>, Error> {
    let mut rows = audit_record::table
        .filter(audit_record::subject_id.eq(AnyId(id)))
        .filter(audit_record::outcome.eq(db::Outcome::Success.as_str()))
        .select(Row::as_select())
        .order((audit_record::time.desc(), audit_record::id.desc()))
        .limit(limit)
        .load(tx.conn())?;
    rows.reverse();
    complete(tx, rows)
}

/// One record.
pub fn find(tx: &mut ReadTx<'_>, id: Id<RecordKind>) -> Result<Option<Loaded>, Error> {
    let rows = audit_record::table.find(id).select(Row::as_select()).load(tx.conn())?;
    Ok(complete(tx, rows)?.pop())
}

fn complete(tx: &mut ReadTx<'_>, rows: Vec<Row>) -> Result<Vec<Loaded>, Error> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let indexes: HashMap<Id<RecordKind>, i64> = audit_leaf::table
        .filter(one_of(audit_leaf::record_id, ids.iter().copied()))
        .select((audit_leaf::record_id, audit_leaf::leaf_index))
        .load::<(Id<RecordKind>, i64)>(tx.conn())?
        .into_iter()
        .collect();
    let mut details: HashMap<Id<RecordKind>, (Vec<u8>, String)> = audit_detail::table
        .filter(one_of(audit_detail::record_id, ids.iter().copied()))
        .select((audit_detail::record_id, audit_detail::salt, audit_detail::detail))
        .load::<(Id<RecordKind>, Vec<u8>, String)>(tx.conn())?
        .into_iter()
        .map(|(id, salt, detail)| (id, (salt, detail)))
        .collect();
    let mut related: HashMap<Id<RecordKind>, Vec<(String, Uuid, String)>> = HashMap::new();
    let links: Vec<(Id<RecordKind>, String, AnyId, String)> = audit_related::table
        .filter(one_of(audit_related::record_id, ids.iter().copied()))
        .order((audit_related::record_id, audit_related::position))
        .select((audit_related::record_id, audit_related::kind, audit_related::object_id, audit_related::role))
        .load(tx.conn())?;
    for (id, kind, object, role) in links {
        related.entry(id).or_default().push((kind, object.0, role));
    }
    Ok(rows
        .into_iter()
        .map(|row| Loaded {
            index: indexes.get(&row.id).copied(),
            detail: details.remove(&row.id),
            related: related.remove(&row.id).unwrap_or_default(),
            row,
        })
        .collect())
}

/// When something was last recorded, up to a time.
pub fn last(tx: &mut ReadTx<'_>, action: &str, until: Ts) -> Result<Option<Ts>, Error> {
    let of = audit_record::action.eq(action).and(audit_record::time.le(until));
    let query = audit_record::table.filter(of).order(audit_record::id.desc());
    Ok(query.select(audit_record::time).first(tx.conn()).optional()?)
}

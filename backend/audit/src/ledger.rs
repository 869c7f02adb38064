//! The log in its order, for what is computed from it: reports, exports for other programs.

use std::collections::BTreeMap;

use db::{
    ReadTx,
    schema::{audit_detail, audit_leaf, audit_record},
};
use diesel::{
    dsl::{max, min},
    prelude::*,
};
use kernel::{Error, Ts, UnitId, Uuid};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    model::{Detail, RecordChange},
    store,
};

/// Rows of one database read. Details can be a thousand times as long as most are.
const ROWS: i64 = 500;
/// Rows of a read that keeps all details.
const DETAILS: usize = 64;

/// Another object that a record touches.
#[derive(Clone, Debug)]
pub struct Touched {
    pub kind: String,
    pub id: Uuid,
    pub role: String,
    /// Its name as it was then; empty after a lawful erasure.
    pub label: String,
}

/// A record in its place, with the names and changes that are still there.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its leaf.
    pub index: i64,
    pub id: Uuid,
    /// When it was recorded, to the millisecond.
    pub time: Ts,
    /// When it happened, if that was another time.
    pub occurred_at: Option<Ts>,
    pub action: String,
    pub subject_kind: String,
    pub subject: Uuid,
    pub label: String,
    pub related: Vec<Touched>,
    pub facts: BTreeMap<String, String>,
    /// The clauses that it serves, where a process names them.
    pub clauses: Vec<String>,
    pub unit: Option<UnitId>,
    pub actor_kind: String,
    pub actor: Option<Uuid>,
    pub actor_name: String,
    /// The unit of whoever acted, at that time.
    pub actor_unit: Option<UnitId>,
    pub outcome: String,
    pub reason: Option<String>,
    pub address: Option<String>,
    pub changes: Vec<RecordChange>,
    pub note: Option<String>,
    /// The bytes that are in the log (RFC 8785).
    pub canonical: String,
}

impl Entry {
    /// When it happened, as far as is known.
    #[must_use]
    pub fn happened(&self) -> Ts {
        self.occurred_at.unwrap_or(self.time)
    }

    /// An impersonal attribute.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.get(name).map(String::as_str)
    }

    /// What it touches in this role.
    #[must_use]
    pub fn touched(&self, role: &str) -> Option<&Touched> {
        self.related.iter().find(|touched| touched.role == role)
    }

    /// What a field became.
    #[must_use]
    pub fn new_value(&self, field: &str) -> Option<&Value> {
        self.changes.iter().find(|change| change.field == field).map(|change| &change.new)
    }
}

#[derive(Deserialize)]
struct Who {
    kind: String,
    #[serde(default)]
    id: Option<Uuid>,
}

#[derive(Deserialize)]
struct Thing {
    kind: String,
    id: Uuid,
    #[serde(default)]
    role: String,
}

#[derive(Deserialize)]
struct Canonical {
    id: Uuid,
    time: i64,
    #[serde(default)]
    occurred_at: Option<i64>,
    actor: Who,
    action: String,
    subject: Thing,
    #[serde(default)]
    related: Vec<Thing>,
    #[serde(default)]
    facts: BTreeMap<String, String>,
    #[serde(default)]
    clauses: Vec<String>,
    #[serde(default)]
    unit: Option<UnitId>,
    #[serde(default)]
    actor_unit: Option<UnitId>,
    outcome: String,
    #[serde(default)]
    reason: Option<String>,
}

fn entry(index: i64, canonical: &str, detail: Option<&str>) -> Result<Entry, Error> {
    let broken = |error| Error::internal(format!("the record at leaf {index}: {error}"));
    let read: Canonical = serde_json::from_str(canonical).map_err(broken)?;
    let detail: Detail = detail.map(serde_json::from_str).transpose().map_err(broken)?.unwrap_or_default();
    let at = |millis: i64| Ts::from_micros(millis.saturating_mul(1_000));
    let name = |id: Uuid| detail.related.iter().find(|known| known.id == id).map(|known| known.label.clone()).unwrap_or_default();
    Ok(Entry {
        index,
        id: read.id,
        time: at(read.time),
        occurred_at: read.occurred_at.map(at),
        action: read.action,
        subject_kind: read.subject.kind,
        subject: read.subject.id,
        related: read
            .related
            .into_iter()
            .map(|thing| Touched { label: name(thing.id), kind: thing.kind, id: thing.id, role: thing.role })
            .collect(),
        label: detail.subject.unwrap_or_default(),
        facts: read.facts,
        clauses: read.clauses,
        unit: read.unit,
        actor_kind: read.actor.kind,
        actor: read.actor.id,
        actor_name: detail.actor.unwrap_or_default(),
        actor_unit: read.actor_unit,
        outcome: read.outcome,
        reason: read.reason,
        address: detail.address,
        changes: detail.changes,
        note: detail.note.and_then(|note| note.as_str().map(str::to_owned)),
        canonical: canonical.to_owned(),
    })
}

/// When the last record of a log of this size was made, to the millisecond; none of an empty one.
pub fn time(tx: &mut ReadTx<'_>, size: i64) -> Result<Option<Ts>, Error> {
    let last: Option<Ts> = audit_leaf::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
        .filter(audit_leaf::leaf_index.eq(size - 1))
        .select(audit_record::time)
        .first(tx.conn())
        .optional()?;
    Ok(last.map(|time| Ts::from_micros(time.millis() * 1_000)))
}

/// Between which places of a log of this size everything lies that was recorded from one time on and before another: from the first
/// record of that time until after the last. A record's time is when its transaction began, its place comes after the commit: between
/// these places there may be others, and who wants the time alone looks at each record's.
pub fn places(tx: &mut ReadTx<'_>, size: i64, from: Option<Ts>, to: Option<Ts>) -> Result<(i64, i64), Error> {
    let joined = || {
        audit_leaf::table
            .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
            .filter(audit_leaf::leaf_index.lt(size))
    };
    let first = match from {
        Some(from) => joined().filter(audit_record::time.ge(from)).select(min(audit_leaf::leaf_index)).get_result(tx.conn())?,
        None => Some(0_i64),
    };
    let last = match to {
        Some(to) => joined().filter(audit_record::time.lt(to)).select(max(audit_leaf::leaf_index)).get_result(tx.conn())?,
        None => Some(size - 1),
    };
    let (first, end) = (first.unwrap_or(size), last.map_or(0, |last: i64| last + 1));
    Ok((first, end.max(first)))
}

/// The next records from a place on, of a log of this size, whose action is one of `actions`; none when there are no more. An action that
/// ends with a dot stands for all that begin with it; no actions: every record.
pub fn page(tx: &mut ReadTx<'_>, actions: &[&str], from: i64, size: i64) -> Result<Vec<Entry>, Error> {
    let mut query = audit_leaf::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
        .left_join(audit_detail::table.on(audit_detail::record_id.eq(audit_leaf::record_id)))
        .select((audit_leaf::leaf_index, audit_record::canonical, audit_detail::detail.nullable()))
        .order(audit_leaf::leaf_index)
        .limit(ROWS)
        .into_boxed();
    for action in actions {
        query = match action.strip_suffix('.') {
            Some(_) => query.or_filter(audit_record::action.like(format!("{}%", action.replace('_', "\\_"))).escape('\\')),
            None => query.or_filter(audit_record::action.eq((*action).to_owned())),
        };
    }
    query = query.filter(audit_leaf::leaf_index.ge(from).and(audit_leaf::leaf_index.lt(size)));
    let rows: Vec<(i64, String, Option<String>)> = query.load(tx.conn())?;
    rows.iter().map(|(index, canonical, detail)| entry(*index, canonical, detail.as_deref())).collect()
}

/// Shows every such record, in the order of the log.
pub fn read(tx: &mut ReadTx<'_>, actions: &[&str], size: i64, see: impl FnMut(Entry) -> Result<(), Error>) -> Result<(), Error> {
    read_from(tx, actions, 0, size, see)
}

/// The same from a place on.
pub fn read_from(
    tx: &mut ReadTx<'_>,
    actions: &[&str],
    mut from: i64,
    size: i64,
    mut see: impl FnMut(Entry) -> Result<(), Error>,
) -> Result<(), Error> {
    loop {
        let entries = page(tx, actions, from, size)?;
        let Some(last) = entries.last() else { return Ok(()) };
        from = last.index + 1;
        entries.into_iter().try_for_each(&mut see)?;
    }
}

/// A record as it stands in the log, with what proves it.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Its leaf.
    pub index: i64,
    /// Its bytes (RFC 8785).
    pub canonical: String,
    /// The salt and the bytes of its detail; none after a lawful erasure.
    pub detail: Option<(Vec<u8>, String)>,
    /// That it is in the log, by itself (C2SP tlog-proof).
    pub proof: String,
}

/// The records at these places, in the order of the log, each with its proof; all under one checkpoint.
pub fn proven(tx: &mut ReadTx<'_>, leaves: &[i64]) -> Result<Vec<Proven>, Error> {
    let mut found = Vec::new();
    for part in leaves.chunks(DETAILS) {
        found.extend(store::at_leaves(tx, part)?.into_iter().filter_map(|loaded| Some((loaded.index?, loaded))));
    }
    found.sort_by_key(|(index, _)| *index);
    let places: Vec<i64> = found.iter().map(|(index, _)| *index).collect();
    let proofs = crate::log::prove_all(tx, &places)?;
    let proven = |((index, loaded), proof): ((i64, store::Loaded), merkle::RecordProof)| Proven {
        index,
        canonical: loaded.row.canonical,
        detail: loaded.detail,
        proof: proof.to_string(),
    };
    Ok(found.into_iter().zip(proofs).map(proven).collect())
}

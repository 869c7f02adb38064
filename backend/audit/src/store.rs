//! Queries on the log.

use std::collections::HashMap;

use db::{
    ReadTx, both, one_of,
    schema::{audit_detail, audit_leaf, audit_pending, audit_record, audit_related, audit_sequencer, audit_tile},
};
use diesel::prelude::*;
use kernel::{Error, Id, PageRequest, Reach, Ts, UnitId, Uuid, column::AnyId};
use merkle::{
    tiles::{Tile, TileSource, WIDTH},
    tree::Hash,
};

use crate::model::{ChangeView, RecordKind};

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

/// How many records are numbered.
pub fn size(tx: &mut ReadTx<'_>) -> Result<i64, Error> {
    Ok(audit_sequencer::table.find(1).select(audit_sequencer::size).get_result(tx.conn())?)
}

/// How many records wait for a number.
pub fn backlog(tx: &mut ReadTx<'_>) -> Result<i64, Error> {
    Ok(audit_pending::table.count().get_result(tx.conn())?)
}

/// Canonical bytes of the log from a place on, in its order.
pub fn entries(tx: &mut ReadTx<'_>, from: i64, limit: i64) -> Result<Vec<(i64, String)>, Error> {
    Ok(audit_leaf::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)))
        .filter(audit_leaf::leaf_index.ge(from))
        .order(audit_leaf::leaf_index)
        .limit(limit)
        .select((audit_leaf::leaf_index, audit_record::canonical))
        .load(tx.conn())?)
}

/// A record without a number, with its leaf hash.
pub type Waiting = (Id<RecordKind>, Vec<u8>);

/// Records that wait for a number, with their hashes, oldest first.
pub fn pending(tx: &mut ReadTx<'_>, limit: usize) -> Result<Vec<Waiting>, Error> {
    Ok(audit_pending::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_pending::record_id)))
        .order(audit_pending::record_id)
        .limit(i64::try_from(limit).map_err(Error::internal)?)
        .select((audit_pending::record_id, audit_record::leaf_hash))
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

/// Hangs leaves onto the tree, from `start` on: a tile that is full makes one hash of the level above.
fn grow<'h>(rows: &mut db::Rows<'_>, start: i64, leaves: impl Iterator<Item = &'h [u8]>) -> Result<(), Error> {
    let broken = || Error::internal("the tree of the log is not as long as the log");
    let mut new = leaves.map(|leaf| leaf.try_into().map_err(|_| broken())).collect::<Result<Vec<Hash>, Error>>()?;
    let (mut first, mut level) = (u64::try_from(start).map_err(Error::internal)?, 0_i32);
    while !new.is_empty() {
        let place = i64::try_from(first / WIDTH).map_err(Error::internal)?;
        let known: Option<Vec<u8>> = audit_tile::table.find((level, place)).select(audit_tile::hashes).first(rows.conn()).optional()?;
        let grows = known.is_some();
        let mut hashes = known.map_or_else(|| Some(Vec::new()), |bytes| hashes_of(&bytes)).ok_or_else(broken)?;
        if u64::try_from(hashes.len()).map_err(Error::internal)? != first % WIDTH {
            return Err(broken());
        }
        hashes.append(&mut new);
        let width = usize::try_from(WIDTH).map_err(Error::internal)?;
        for (index, tile) in (place..).zip(hashes.chunks(width)) {
            let bytes = tile.concat();
            if grows && index == place {
                let row = diesel::update(audit_tile::table.find((level, index))).set(audit_tile::hashes.eq(bytes));
                row.execute(rows.conn())?;
            } else {
                let row = (audit_tile::level.eq(level), audit_tile::tile_index.eq(index), audit_tile::hashes.eq(bytes));
                diesel::insert_into(audit_tile::table).values(row).execute(rows.conn())?;
            }
            if tile.len() == width {
                let mut full = tile;
                new.push(merkle::tree::root(&mut full, WIDTH).map_err(Error::internal)?);
            }
        }
        (first, level) = (first / WIDTH, level + 1);
    }
    Ok(())
}

fn hashes_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.to_vec())
}

/// The tiles as they are stored.
pub struct Stored<'t, 'a>(pub &'t mut ReadTx<'a>);

impl TileSource for Stored<'_, '_> {
    type Error = Error;
    fn tile(&mut self, tile: Tile) -> Result<Vec<Hash>, Error> {
        let place = (i32::try_from(tile.level).map_err(Error::internal)?, i64::try_from(tile.index).map_err(Error::internal)?);
        let bytes: Vec<u8> = audit_tile::table.find(place).select(audit_tile::hashes).first(self.0.conn()).optional()?.unwrap_or_default();
        let mut hashes = hashes_of(&bytes).ok_or_else(|| Self::cut_off(tile))?;
        // What has come since belongs to a later size.
        hashes.truncate(usize::try_from(tile.width).map_err(Error::internal)?);
        Ok(hashes)
    }
    fn cut_off(tile: Tile) -> Error {
        Error::internal(format!("{} is cut off", tile.path()))
    }
}

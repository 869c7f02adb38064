//! Queries on the log.

use std::collections::HashMap;

use db::{
    ReadTx, both, one_of,
    schema::{
        audit_checkpoint, audit_cosignature, audit_detail, audit_erasure, audit_leaf, audit_origin, audit_pending, audit_record,
        audit_related, audit_sequencer, audit_tile,
    },
};
use diesel::{pg::Pg, prelude::*, sqlite::Sqlite};
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

/// The record of that.
pub const ERASED: &str = "record.erased";

/// Takes the details of a record away for good. Its record stays, and still verifies.
pub fn erase(rows: &mut db::Rows<'_>, id: Id<RecordKind>, legal_basis: &str) -> Result<(), Error> {
    let now = rows.now();
    let right = (audit_erasure::record_id.eq(id), audit_erasure::erased_at.eq(now), audit_erasure::legal_basis.eq(legal_basis.to_owned()));
    diesel::insert_into(audit_erasure::table).values(right).execute(rows.conn())?;
    diesel::delete(audit_detail::table.find(id)).execute(rows.conn())?;
    Ok(())
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

/// The hashes of a tile, as many as there are of those that it should have.
pub fn tile(tx: &mut ReadTx<'_>, tile: Tile) -> Result<Vec<u8>, Error> {
    // Beyond what the columns hold no log has grown.
    let (Ok(level), Ok(index)) = (i32::try_from(tile.level), i64::try_from(tile.index)) else { return Ok(Vec::new()) };
    let place = (level, index);
    let bytes: Option<Vec<u8>> = audit_tile::table.find(place).select(audit_tile::hashes).first(tx.conn()).optional()?;
    let mut bytes = bytes.unwrap_or_default();
    bytes.truncate(usize::try_from(tile.width * 32).map_err(Error::internal)?);
    Ok(bytes)
}

/// Tiles that a tree of this size has not: there should be none, and a few are enough to say so.
pub fn stray_tiles(tx: &mut ReadTx<'_>) -> Result<Vec<(Tile, Vec<u8>)>, Error> {
    let size = u64::try_from(size(tx)?).map_err(Error::internal)?;
    let mut query = audit_tile::table.select((audit_tile::level, audit_tile::tile_index, audit_tile::hashes)).into_boxed();
    let mut levels = 0;
    for last in Tile::all(size).chunk_by(|one, next| one.level == next.level).filter_map(|level| level.last()) {
        let (level, last) = (i32::try_from(last.level).map_err(Error::internal)?, i64::try_from(last.index).map_err(Error::internal)?);
        query = query.or_filter(audit_tile::level.eq(level).and(audit_tile::tile_index.gt(last)));
        levels = level + 1;
    }
    let stray: Vec<(i32, i64, Vec<u8>)> = query.or_filter(audit_tile::level.ge(levels)).limit(10).load(tx.conn())?;
    let tile = |(level, index, hashes): (i32, i64, Vec<u8>)| {
        let (level, index) = (u32::try_from(level).map_err(Error::internal)?, u64::try_from(index).map_err(Error::internal)?);
        Ok((Tile { level, index, width: WIDTH }, hashes))
    };
    stray.into_iter().map(tile).collect()
}

/// When something was last recorded, up to a time.
pub fn last(tx: &mut ReadTx<'_>, action: &str, until: Ts) -> Result<Option<Ts>, Error> {
    let of = audit_record::action.eq(action).and(audit_record::time.le(until));
    let query = audit_record::table.filter(of).order(audit_record::id.desc());
    Ok(query.select(audit_record::time).first(tx.conn()).optional()?)
}

/// How many records wait for a number, and since when the oldest does.
pub fn backlog(tx: &mut ReadTx<'_>) -> Result<(i64, Option<Ts>), Error> {
    let waiting = audit_pending::table.count().get_result(tx.conn())?;
    let oldest = audit_pending::table
        .inner_join(audit_record::table.on(audit_record::id.eq(audit_pending::record_id)))
        .order(audit_pending::record_id)
        .select(audit_record::time)
        .first(tx.conn())
        .optional()?;
    Ok((waiting, oldest))
}

/// Whether something was erased lawfully whose record is not among so many: then details are missing of which they do not tell.
pub fn erased_beyond(tx: &mut ReadTx<'_>, size: i64) -> Result<bool, Error> {
    let beyond = audit_record::table
        .left_join(audit_leaf::table.on(audit_leaf::record_id.eq(audit_record::id)))
        .filter(audit_record::action.eq(ERASED))
        .filter(audit_leaf::leaf_index.nullable().is_null().or(audit_leaf::leaf_index.nullable().ge(size)));
    Ok(diesel::select(diesel::dsl::exists(beyond)).get_result(tx.conn())?)
}

/// How many records are numbered.
pub fn size(tx: &mut ReadTx<'_>) -> Result<i64, Error> {
    Ok(audit_sequencer::table.find(1).select(audit_sequencer::size).get_result(tx.conn())?)
}

/// A name under which the log was or is signed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_origin, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
pub struct Origin {
    pub number: i32,
    pub name: String,
    /// How many records there were when it was opened.
    pub since: i64,
    pub opened_at: Ts,
    /// The last checkpoint of the name before.
    pub cites: Option<String>,
}

/// All names, the oldest first.
pub fn origins(tx: &mut ReadTx<'_>) -> Result<Vec<Origin>, Error> {
    Ok(audit_origin::table.order(audit_origin::number).select(Origin::as_select()).load(tx.conn())?)
}

/// From now on the log has this name.
pub fn open_origin(rows: &mut db::Rows<'_>, origin: &Origin) -> Result<(), Error> {
    diesel::insert_into(audit_origin::table).values(origin.clone()).execute(rows.conn())?;
    Ok(())
}

/// A checkpoint that was signed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_checkpoint, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
pub struct Kept {
    pub origin_number: i32,
    pub size: i64,
    pub root: Vec<u8>,
    pub note: String,
    pub signed_at: Ts,
}

/// The last checkpoint.
pub fn latest(tx: &mut ReadTx<'_>) -> Result<Option<Kept>, Error> {
    Ok(checkpoints(tx, &PageRequest { limit: 0, after: None })?.pop())
}

/// Checkpoints, newest first.
pub fn checkpoints(tx: &mut ReadTx<'_>, page: &PageRequest) -> Result<Vec<Kept>, Error> {
    let mut query = audit_checkpoint::table.select(Kept::as_select()).into_boxed();
    if let Some(after) = &page.after {
        let (origin, size): (i32, i64) = after.key()?;
        query = query.filter(
            audit_checkpoint::origin_number.le(origin).and(audit_checkpoint::origin_number.lt(origin).or(audit_checkpoint::size.lt(size))),
        );
    }
    Ok(query.order((audit_checkpoint::origin_number.desc(), audit_checkpoint::size.desc())).limit(page.limit + 1).load(tx.conn())?)
}

/// Keeps a checkpoint, if its name is still that of the log. A second root of one size is refused by the primary key.
pub fn keep(rows: &mut db::Rows<'_>, kept: &Kept) -> Result<(), Error> {
    let newest: Option<i32> = audit_origin::table.select(diesel::dsl::max(audit_origin::number)).get_result(rows.conn())?;
    if newest == Some(kept.origin_number) {
        diesel::insert_into(audit_checkpoint::table).values(kept.clone()).execute(rows.conn())?;
    }
    Ok(())
}

/// The checkpoint of a log at a size.
pub fn kept(tx: &mut ReadTx<'_>, origin: &str, size: i64) -> Result<Option<Kept>, Error> {
    let number = audit_origin::table.filter(audit_origin::name.eq(origin.to_owned())).select(audit_origin::number);
    let Some(number) = number.first::<i32>(tx.conn()).optional()? else { return Ok(None) };
    Ok(audit_checkpoint::table.find((number, size)).select(Kept::as_select()).first(tx.conn()).optional()?)
}

/// A checkpoint of this name that a witness has signed, the newest.
pub fn latest_cosigned(tx: &mut ReadTx<'_>, origin_number: i32) -> Result<Option<Kept>, Error> {
    let query = audit_cosignature::table.filter(audit_cosignature::origin_number.eq(origin_number)).order(audit_cosignature::size.desc());
    let Some(size) = query.select(audit_cosignature::size).first::<i64>(tx.conn()).optional()? else { return Ok(None) };
    Ok(audit_checkpoint::table.find((origin_number, size)).select(Kept::as_select()).first(tx.conn()).optional()?)
}

/// What a witness has signed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_cosignature, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
pub struct Cosigned {
    pub origin_number: i32,
    pub size: i64,
    /// Its key.
    pub witness: String,
    /// Goes under the note.
    pub line: String,
    pub seen_at: Ts,
}

/// Who has signed a checkpoint besides the log.
pub fn cosignatures(tx: &mut ReadTx<'_>, kept: &Kept) -> Result<Vec<Cosigned>, Error> {
    let of = audit_cosignature::origin_number.eq(kept.origin_number).and(audit_cosignature::size.eq(kept.size));
    let query = audit_cosignature::table.filter(of).order((audit_cosignature::seen_at, audit_cosignature::witness));
    Ok(query.select(Cosigned::as_select()).load(tx.conn())?)
}

/// The last that a witness has signed.
pub fn last_of(tx: &mut ReadTx<'_>, witness: &str) -> Result<Option<Cosigned>, Error> {
    let query = audit_cosignature::table
        .filter(audit_cosignature::witness.eq(witness.to_owned()))
        .order((audit_cosignature::origin_number.desc(), audit_cosignature::size.desc()));
    Ok(query.select(Cosigned::as_select()).first(tx.conn()).optional()?)
}

/// Keeps a witness's signature; the first under a checkpoint is enough.
pub fn cosign(rows: &mut db::Rows<'_>, cosigned: &Cosigned) -> Result<(), Error> {
    let there = audit_cosignature::table.find((cosigned.origin_number, cosigned.size, &cosigned.witness)).count();
    if there.get_result::<i64>(rows.conn())? == 0 {
        diesel::insert_into(audit_cosignature::table).values(cosigned.clone()).execute(rows.conn())?;
    }
    Ok(())
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
        // What has come since belongs to a later size, and is not in it.
        hashes_of(&self::tile(self.0, tile)?).ok_or_else(|| Self::cut_off(tile))
    }
    fn cut_off(tile: Tile) -> Error {
        Error::internal(format!("{} is cut off", tile.path()))
    }
}

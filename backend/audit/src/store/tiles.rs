//! The tree over the log, in tiles.

use db::{ReadTx, schema::audit_tile};
use diesel::prelude::*;
use kernel::Error;
use merkle::{
    tiles::{Tile, TileSource, WIDTH},
    tree::Hash,
};

use super::size;

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

/// Hangs leaves onto the tree, from `start` on: a tile that is full makes one hash of the level above.
pub(super) fn grow<'h>(rows: &mut db::Rows<'_>, start: i64, leaves: impl Iterator<Item = &'h [u8]>) -> Result<(), Error> {
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

//! The log as tools of others read it: the files of C2SP `tlog-tiles`, under `/api/v1/log`.

use actix_web::HttpResponse;
use db::ReadTx;
use kernel::{Code, Error, Permission, may};
use merkle::tiles::{Tile, TileSource as _, WIDTH, bundle, place_of};
use web::{ApiError, Download, Guard, Path};

use crate::{
    log,
    store::{self, Stored},
};

/// GET /log/checkpoint
pub async fn checkpoint(call: Guard<may::ReadRecords>) -> Result<Download, ApiError> {
    let (_, note) = call.db().read(call.actor(), log::checkpoint).await?;
    Ok(Download(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(note)))
}

/// GET /log/tile/{level}/{path}
pub async fn hashes(call: Guard<may::ReadRecords>, place: Path<(String, String)>) -> Result<Download, ApiError> {
    let (level, path) = place.into_inner();
    let tile = Tile::at(&level, &path).ok_or_else(|| Error::new(Code::NotFound))?;
    let hashes = call.db().read(call.actor(), move |tx| Stored(tx).tile(tile)).await?;
    // What the log has not grown to is not there, and neither is a part of it.
    if u64::try_from(hashes.len()).map_err(Error::internal)? < tile.width {
        return Err(Error::new(Code::NotFound).into());
    }
    Ok(octets(hashes.concat()))
}

/// GET /log/tile/entries/{path}
pub async fn entries(call: Guard<may::ReadRecords>, path: Path<String>) -> Result<Download, ApiError> {
    let place = place_of(&path);
    let bytes = call.db().read(call.actor(), move |tx| {
        tx.actor().demand(Permission::ReadRecords, None)?;
        let Some((index, width)) = place else { return Err(Error::new(Code::NotFound)) };
        bundle_at(tx, index, width)?.ok_or_else(|| Error::new(Code::NotFound))
    });
    Ok(octets(bytes.await?))
}

/// So many entries of a bundle; none if the log has fewer.
fn bundle_at(tx: &mut ReadTx<'_>, index: u64, width: u64) -> Result<Option<Vec<u8>>, Error> {
    let Some(from) = index.checked_mul(WIDTH).and_then(|from| i64::try_from(from).ok()) else { return Ok(None) };
    let width = i64::try_from(width).map_err(Error::internal)?;
    let entries = store::entries(tx, from, from.saturating_add(width))?;
    if i64::try_from(entries.len()).map_err(Error::internal)? < width {
        return Ok(None);
    }
    bundle(entries.iter().map(|(_, entry)| entry.as_bytes())).map(Some).ok_or_else(|| Error::internal("a record is too long"))
}

fn octets(bytes: Vec<u8>) -> Download {
    Download(HttpResponse::Ok().content_type("application/octet-stream").body(bytes))
}

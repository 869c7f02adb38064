//! Makes the package, page by page: what it needs of memory does not grow with the log.

use std::{
    io::{self, Write},
    sync::Arc,
};

use bytes::Bytes;
use db::{Database, ReadTx};
use kernel::{Actor, Code, Cursor, Error, PageRequest, hex};
use merkle::{
    Checkpoint,
    tiles::{self, Tile, WIDTH},
};
use serde::Serialize;
use tokio::{runtime::Handle, sync::mpsc};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{CHECKPOINT, CHECKPOINTS, CheckpointLine, DETAILS, DetailLine, KEY, KEYS, README, RECORDS};
use crate::{anchor, log, store};

/// Records of one database read. Details can be a thousand times as long.
const RECORDS_AT_ONCE: i64 = 512;
const DETAILS_AT_ONCE: i64 = 64;
/// Bytes of one piece of an answer.
const PIECE: usize = 1 << 16;

const WORDS: &str = include_str!("README.txt");

/// The checkpoint under which a package is made now, and its note. A detail that was erased by a record which is not under it yet would
/// look as if somebody had taken it away: that waits.
pub fn under(tx: &mut ReadTx<'_>) -> Result<(Checkpoint, String), Error> {
    let (kept, note) = log::checkpoint(tx)?;
    refuse_erasures_beyond(tx, kept.size)?;
    Ok((anchor::parse(&note).map_err(Error::internal)?, note))
}

fn refuse_erasures_beyond(tx: &mut ReadTx<'_>, size: i64) -> Result<(), Error> {
    if store::erased_beyond(tx, size)? { Err(Error::new(Code::RecordPending)) } else { Ok(()) }
}

/// The package as it is made, for an answer. An error breaks it off, so that no cut file passes for a whole one.
pub fn stream(db: &Database, actor: &Arc<Actor>, key: &str, note: String) -> mpsc::Receiver<Result<Bytes, Error>> {
    let (pieces, received) = mpsc::channel(4);
    let (db, actor, key) = (db.clone(), Arc::clone(actor), key.to_owned());
    tokio::task::spawn_blocking(move || {
        let out = io::BufWriter::with_capacity(PIECE, Pieces(pieces.clone()));
        if let Err(error) = write(&db, &actor, &key, &note, out) {
            tracing::warn!(%error, "an export of the log broke off");
            // A reader that has gone needs no reason.
            drop(pieces.blocking_send(Err(error)));
        }
    });
    received
}

struct Pieces(mpsc::Sender<Result<Bytes, Error>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the package of the log under a checkpoint (see [`under`]). `key` is that of its origin. Blocks: for a thread that may.
///
/// It takes what the database has, whole or not: whether it is what was signed is for the verifier to say.
pub fn write(db: &Database, actor: &Arc<Actor>, key: &str, note: &str, out: impl Write) -> Result<(), Error> {
    let source = Source { db, actor };
    let size = anchor::parse(note).map_err(Error::internal)?.size;
    let count = i64::try_from(size).map_err(Error::internal)?;
    let mut zip = ZipWriter::new_stream(out);
    put(&mut zip, README, WORDS.as_bytes())?;
    put(&mut zip, KEY, format!("{key}\n").as_bytes())?;
    put(&mut zip, CHECKPOINT, note.as_bytes())?;
    let origins = source.read(store::origins)?;
    start(&mut zip, KEYS)?;
    for note in origins.iter().map(store::Origin::vouches).collect::<Result<Vec<_>, _>>()?.concat() {
        line(&mut zip, &note)?;
    }

    start(&mut zip, CHECKPOINTS)?;
    let mut page = PageRequest { limit: 100, after: None };
    loop {
        let asked = page.clone();
        let kept = source.read(move |tx| store::checkpoints(tx, &asked))?;
        let kept = page.page(kept, |kept| (kept.origin_number, kept.size));
        for kept in kept.items {
            line(&mut zip, &CheckpointLine { checkpoint: kept.note })?;
        }
        let Some(next) = kept.next_cursor else { break };
        page.after = Some(Cursor::decode(&next)?);
    }

    start(&mut zip, RECORDS)?;
    for from in (0..count).step_by(usize::try_from(RECORDS_AT_ONCE).map_err(Error::internal)?) {
        let to = count.min(from + RECORDS_AT_ONCE);
        for (_, entry) in source.read(move |tx| store::entries(tx, from, to))? {
            zip.write_all(entry.as_bytes()).and_then(|()| zip.write_all(b"\n")).map_err(Error::internal)?;
        }
    }

    start(&mut zip, DETAILS)?;
    for from in (0..count).step_by(usize::try_from(DETAILS_AT_ONCE).map_err(Error::internal)?) {
        let to = count.min(from + DETAILS_AT_ONCE);
        for detail in source.read(move |tx| store::details(tx, from, to))? {
            line(&mut zip, &detail_line(detail))?;
        }
    }
    // What was erased meanwhile is said by no record of this package.
    source.read(move |tx| refuse_erasures_beyond(tx, count))?;
    for detail in source.read(store::stray_details)? {
        line(&mut zip, &detail_line(detail))?;
    }

    for (tile, hashes) in source.read(store::stray_tiles)? {
        put(&mut zip, &tile.path(), &hashes)?;
    }
    for tile in Tile::all(size) {
        put(&mut zip, &tile.path(), &source.read(move |tx| store::tile(tx, tile))?)?;
        if tile.level == 0 {
            let from = i64::try_from(tile.index * WIDTH).map_err(Error::internal)?;
            let to = from + i64::try_from(tile.width).map_err(Error::internal)?;
            let entries = source.read(move |tx| store::entries(tx, from, to))?;
            let bundle = tiles::bundle(entries.iter().map(|(_, entry)| entry.as_bytes()));
            let bundle = bundle.ok_or_else(|| Error::internal("a record is too long"))?;
            put(&mut zip, &tiles::bundle_path(tile.index, tile.width), &bundle)?;
        }
    }
    zip.finish().map_err(Error::internal)?.into_inner().flush().map_err(Error::internal)
}

struct Source<'s> {
    db: &'s Database,
    actor: &'s Arc<Actor>,
}

impl Source<'_> {
    fn read<T: Send + 'static>(&self, read: impl Fn(&mut ReadTx<'_>) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        Handle::current().block_on(self.db.read(self.actor, read))
    }
}

fn detail_line(detail: store::Detail) -> DetailLine {
    DetailLine { id: detail.record_id.uuid(), salt: hex(&detail.salt), detail: detail.detail }
}

type Zip<W> = ZipWriter<zip::write::StreamWriter<W>>;

fn start<W: Write>(zip: &mut Zip<W>, name: &str) -> Result<(), Error> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    zip.start_file(name, options).map_err(Error::internal)
}

fn put<W: Write>(zip: &mut Zip<W>, name: &str, bytes: &[u8]) -> Result<(), Error> {
    start(zip, name)?;
    zip.write_all(bytes).map_err(Error::internal)
}

fn line<W: Write>(zip: &mut Zip<W>, line: &impl Serialize) -> Result<(), Error> {
    serde_json::to_writer(&mut *zip, line).map_err(Error::internal)?;
    zip.write_all(b"\n").map_err(Error::internal)
}

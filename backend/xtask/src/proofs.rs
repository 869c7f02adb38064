//! How long the proof of one record takes in a log of ten million: over a tree that large of leaves that nobody has written, since a proof
//! reads nothing but the tree and what was signed.

use std::{sync::Arc, time::Instant};

use audit::Log;
use db::{
    Backend, Database, Housekeeping, Options,
    schema::{audit_checkpoint, audit_origin, audit_tile},
    testing::TestDatabase,
};
use diesel::prelude::*;
use kernel::{Actor, ActorKind, Clock, Error, Id, PersonId};
use merkle::{
    Checkpoint, Signer,
    tiles::WIDTH,
    tree::{self, Frontier, Hash},
};

use crate::Outcome;

/// Tiles for each transaction.
const AT_ONCE: usize = 500;
/// Proofs that are measured.
const PROOFS: u64 = 1_000;

/// Hangs up a tree, then has records in it proven, and verifies what comes.
pub fn run(leaves: u64, database: &str) -> Outcome {
    let backend = if database == "postgres" { Backend::Postgres } else { Backend::Sqlite };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(leaves, backend))
}

/// What stands for the record at a place.
fn record(index: u64) -> [u8; 8] {
    index.to_be_bytes()
}

type Row = (i32, i64, Vec<u8>);

/// Tiles as they fill, one level above the other.
#[derive(Default)]
struct Growing {
    levels: Vec<(i64, Vec<Hash>)>,
    tiles: Vec<Row>,
}

impl Growing {
    fn push(&mut self, mut hash: Hash) -> Result<(), Error> {
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push((0, Vec::new()));
            }
            let Some((index, hashes)) = self.levels.get_mut(level) else { return Ok(()) };
            hashes.push(hash);
            if hashes.len() as u64 != WIDTH {
                return Ok(());
            }
            hash = tree::root(&mut hashes.as_slice(), WIDTH).map_err(Error::internal)?;
            self.tiles.push((i32::try_from(level).map_err(Error::internal)?, *index, hashes.concat()));
            (*index, *hashes) = (*index + 1, Vec::new());
        }
        Ok(())
    }

    /// Those that are not full.
    fn end(&mut self) -> Result<(), Error> {
        for (level, (index, hashes)) in self.levels.drain(..).enumerate().filter(|(_, (_, hashes))| !hashes.is_empty()) {
            self.tiles.push((i32::try_from(level).map_err(Error::internal)?, index, hashes.concat()));
        }
        Ok(())
    }
}

async fn store(db: &Database, tiles: Vec<Row>) -> Result<(), Error> {
    let write = move |rows: &mut db::Rows<'_>| {
        for (level, index, hashes) in &tiles {
            let row = (audit_tile::level.eq(level), audit_tile::tile_index.eq(index), audit_tile::hashes.eq(hashes));
            diesel::insert_into(audit_tile::table).values(row).execute(rows.conn())?;
        }
        Ok(())
    };
    db.housekeep(Housekeeping::Sequencer, write).await
}

async fn measure(leaves: u64, backend: Backend) -> Outcome {
    let database = TestDatabase::create(backend)?;
    let options = Options { url: database.url.clone(), connections: 4, migrate: true, clock: Clock::default() };
    let db = tokio::task::spawn_blocking(move || Database::open(&options)).await??;
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "bench"));
    let signer: Signer = Log::generate()?.parse().map_err(|error| format!("the key: {error:?}"))?;

    let (mut growing, mut grown) = (Growing::default(), Frontier::default());
    for index in 0..leaves {
        let leaf = tree::leaf_hash(&record(index));
        grown.push(leaf);
        growing.push(leaf)?;
        if growing.tiles.len() >= AT_ONCE {
            store(&db, std::mem::take(&mut growing.tiles)).await?;
        }
    }
    growing.end()?;
    store(&db, growing.tiles).await?;
    let state = Checkpoint { origin: signer.name().to_owned(), size: leaves, root: grown.root(), extensions: Vec::new() };
    let note = signer.sign(&state.to_string()).map_err(|error| format!("the checkpoint: {error:?}"))?;
    let size = i64::try_from(leaves)?;
    let (name, root) = (signer.name().to_owned(), state.root.to_vec());
    let keep = move |rows: &mut db::Rows<'_>| {
        let now = rows.now();
        let origin =
            (audit_origin::number.eq(1), audit_origin::name.eq(&name), audit_origin::since.eq(0_i64), audit_origin::opened_at.eq(now));
        diesel::insert_into(audit_origin::table).values(origin).execute(rows.conn())?;
        let signed = (audit_checkpoint::origin_number.eq(1), audit_checkpoint::size.eq(size), audit_checkpoint::root.eq(&root));
        let signed = (signed.0, signed.1, signed.2, audit_checkpoint::note.eq(&note), audit_checkpoint::signed_at.eq(now));
        diesel::insert_into(audit_checkpoint::table).values(signed).execute(rows.conn())?;
        Ok(())
    };
    db.housekeep(Housekeeping::Sequencer, keep).await?;

    let (mut took, mut longest) = (0.0, 0.0_f64);
    for number in 0..PROOFS {
        // All over the log, in no order.
        let index = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % leaves;
        let place = i64::try_from(index)?;
        let started = Instant::now();
        let proof = db.read(&actor, move |tx| audit::prove(tx, Id::from_uuid(PersonId::new().uuid()), Some(place))).await?;
        let milliseconds = started.elapsed().as_secs_f64() * 1_000.0;
        (took, longest) = (took + milliseconds, longest.max(milliseconds));
        proof.verify(&record(index), &signer.verifier(), &[]).map_err(|error| format!("record {index}: {error:?}"))?;
    }
    let mean = took / PROOFS as f64;
    println!("one proof among {leaves} records on {backend:?}: {mean:.2} ms, the longest of {PROOFS} {longest:.2} ms, each verified");
    Ok(())
}

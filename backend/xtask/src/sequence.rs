//! How many records get their place in the log in a second, with the tree over them and the first signature, how long the proof of
//! one among them takes, and how many of them the controls of a regulation look at in a second.

use std::{sync::Arc, time::Instant};

use audit::{Anchor, Log};
use db::{Backend, Database, Event, Options, schema::audit_leaf, testing::TestDatabase};
use diesel::prelude::*;
use kernel::{Actor, ActorKind, Clock, Error, Id, PersonId, column::AnyId};

use crate::Outcome;

/// Writers at the same time, before the measurement.
const WRITERS: u32 = 64;
/// Proofs that are measured.
const PROOFS: i64 = 200;

/// Writes records while nobody numbers them, then measures the sequencer alone.
pub fn run(records: u32, database: &str) -> Outcome {
    let backend = if database == "postgres" { Backend::Postgres } else { Backend::Sqlite };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(records, backend))
}

async fn measure(records: u32, backend: Backend) -> Outcome {
    let database = TestDatabase::create(backend)?;
    let options = Options { url: database.url.clone(), connections: 8, migrate: true, clock: Clock::default() };
    let db = tokio::task::spawn_blocking(move || Database::open(&options)).await??;
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "bench"));
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let (db, actor) = (db.clone(), Arc::clone(&actor));
        writers.spawn(async move {
            for _ in 0..records / WRITERS / 2 {
                let ticket = PersonId::new().uuid();
                let said = |action| Event::about(action, "ticket", ticket, "a printer").fact("kind", "fault").fact("priority", "medium");
                db.note(&actor, said("ticket.created")).await?;
                db.note(&actor, said("ticket.dispatched")).await?;
            }
            Ok::<(), Error>(())
        });
    }
    while let Some(written) = writers.join_next().await {
        written??;
    }
    let count = i64::from(records / WRITERS / 2 * WRITERS * 2);
    let anchor = std::env::temp_dir().join(format!("zhidu-sequence-{}", PersonId::new()));
    let log = Arc::new(Log::open(&Log::generate()?, Anchor::at(anchor.clone()), 5, Vec::new())?);
    let started = Instant::now();
    let mut feed = audit::follow(db.clone(), log).await;
    feed.beyond(count - 1).await?;
    let rate = f64::from(records) / started.elapsed().as_secs_f64();
    println!("{count} records on {backend:?}: {rate:.0} a second get their place");

    // The checkpoint at the start was of nothing; the next is seconds later.
    tokio::time::sleep(std::time::Duration::from_secs(7)).await;
    let started = Instant::now();
    for number in 0..PROOFS {
        let index = number * (count / PROOFS);
        let proven = move |tx: &mut db::ReadTx<'_>| {
            let id: AnyId = audit_leaf::table.find(index).select(audit_leaf::record_id).get_result(tx.conn())?;
            audit::prove(tx, Id::from_uuid(id.0), Some(index))
        };
        db.read(&actor, proven).await?;
    }
    println!("one proof among them: {:.2} ms", started.elapsed().as_secs_f64() * 1000.0 / PROOFS as f64);
    let pack = workflows::packs::shipped()?.get("group-it").ok_or("the regulation that speaks of tickets")?;
    let content = compliance::regulations::content_of(pack, None)?;
    let controls = content.controls.len();
    let started = Instant::now();
    let duties = db.read(&actor, move |tx| compliance::simulate(tx, &content, count)).await?.len();
    let rate = f64::from(records) / started.elapsed().as_secs_f64();
    println!("{controls} controls look at {rate:.0} of them a second, read from the database; {duties} duties");
    std::fs::remove_file(anchor)?;
    Ok(())
}

//! How many records get their place in the log in a second, with the tree over them and the first signature, how long the proof of
//! one among them takes, and how many of them the controls of a regulation look at in a second.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use audit::{Anchor, Log};
use controls::{Archive, Control, Entry, Evaluator};
use db::{
    Backend, Database, Event, Options,
    schema::{audit_leaf, audit_record},
    testing::TestDatabase,
};
use diesel::prelude::*;
use kernel::{
    Actor, ActorKind, Clock, Error, Id, PersonId,
    calendar::{Calendar, Hours},
    column::AnyId,
};

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
    let (minded, duties) = evaluate(&db, &actor, content.checked()?).await?;
    println!("{controls} controls look at {minded:.0} of them a second, read before; {duties} changes of duties");
    let started = Instant::now();
    let duties = db.read(&actor, move |tx| compliance::simulate(tx, &content, count)).await?.len();
    let rate = f64::from(records) / started.elapsed().as_secs_f64();
    println!("{controls} controls look at {rate:.0} of them a second, read from the database; {duties} duties");
    std::fs::remove_file(anchor)?;
    Ok(())
}

/// How many records a second controls look at that are in memory already, as their bytes, and how often duties changed by them.
async fn evaluate(db: &Database, actor: &Arc<Actor>, controls: Vec<Control>) -> Outcome<(f64, usize)> {
    let every = |tx: &mut db::ReadTx<'_>| {
        let query = audit_leaf::table.inner_join(audit_record::table.on(audit_record::id.eq(audit_leaf::record_id)));
        let query = query.order(audit_leaf::leaf_index).select((audit_leaf::leaf_index, audit_record::canonical));
        Ok(query.load::<(i64, String)>(tx.conn())?)
    };
    let records = db.read(actor, every).await?;
    let (first, calendar) = (db.clock().now(), Calendar::new(&Hours::china(), &[])?);
    let (mut out, mut changes) = (Vec::new(), 0);
    let mut evaluator = Evaluator::draft(controls, calendar, first, &mut out)?;
    let started = Instant::now();
    for (leaf, bytes) in &records {
        evaluator.see(&Entry::read(u64::try_from(*leaf)?, bytes)?, &mut Nothing, &mut out)?;
        changes += out.drain(..).count();
    }
    Ok((f64::from(u32::try_from(records.len())?) / started.elapsed().as_secs_f64(), changes))
}

/// In this log no controls are adopted and no calendars.
struct Nothing;

impl Archive for Nothing {
    fn controls(&mut self, hash: &str) -> Result<Vec<Control>, Error> {
        Err(Error::internal(format!("controls {hash}")))
    }
    fn calendar(&mut self, hash: &str) -> Result<Calendar, Error> {
        Err(Error::internal(format!("calendar {hash}")))
    }
    fn before(&mut self, _: &BTreeSet<&str>, leaf: u64, _: &mut dyn FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error> {
        Err(Error::internal(format!("records before {leaf}")))
    }
}

//! The controls follow the log: one evaluator at a time, by lease, with its own cursor.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use controls::{ADOPTED, Archive, CALENDAR, Control, Entry, Evaluator, Obligation};
use db::{Database, Housekeeping, ReadTx};
use kernel::{Actor, ActorKind, Error, PersonId, Ts, Uuid, calendar::Calendar};

use crate::{
    Office,
    model::{Content, hash},
    service::{self, OfficeHours, reminders},
    store,
};

/// Leaves for each transaction, few enough that what they change does not keep other writers waiting.
const BATCH: i64 = 500;
/// Records read at once where nothing is written.
const READ: usize = 2_000;
/// Leaves among which they are looked for at once: their numbers are all in memory.
const WINDOW: i64 = 1 << 20;
/// The state is kept so often, in leaves: what a restart has to go through again.
const SNAPSHOT: i64 = 10_000;
/// So many of them are kept.
const KEPT: i64 = 3;
/// An idle follower looks again after this long.
const IDLE: Duration = Duration::from_secs(1);
/// Who was told of new leaves waits so long for others to come along: a turn costs the database as much as many leaves.
const GATHER: Duration = Duration::from_millis(100);
/// How long others wait for a holder that has died.
const LEASE_SECONDS: i64 = 15;
/// People are told of duties so often, at most.
const REMIND_SECONDS: i64 = 60;

/// What is kept beside the log, as a transaction sees it.
pub struct Kept<'t, 'a>(pub &'t mut ReadTx<'a>);

impl Kept<'_, '_> {
    /// A text that the log names by its hash: another under that name would change what the controls find, and nobody would see.
    fn text(&mut self, name: &str) -> Result<String, Error> {
        let text = store::kept(self.0, name)?.ok_or_else(|| Error::internal(format!("what the log calls {name} was not kept")))?;
        if hash(&text) == name { Ok(text) } else { Err(Error::internal(format!("what the log calls {name} was altered"))) }
    }
}

impl Archive for Kept<'_, '_> {
    fn controls(&mut self, hash: &str) -> Result<Vec<Control>, Error> {
        serde_json::from_str::<Content>(&self.text(hash)?).map_err(Error::internal)?.checked()
    }

    fn calendar(&mut self, hash: &str) -> Result<Calendar, Error> {
        serde_json::from_str::<OfficeHours>(&self.text(hash)?).map_err(Error::internal)?.calendar()
    }

    fn before(&mut self, events: &BTreeSet<&str>, leaf: u64, see: &mut dyn FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error> {
        let until = i64::try_from(leaf).map_err(Error::internal)?;
        each(self.0, events, until, |_, entry| see(&entry))
    }
}

/// The records of these events before a leaf, in order.
fn each(
    tx: &mut ReadTx<'_>,
    events: &BTreeSet<&str>,
    until: i64,
    mut give: impl FnMut(&mut ReadTx<'_>, Entry) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut from = 0;
    while from < until {
        let to = until.min(from + WINDOW);
        for part in store::leaves_of(tx, events, from, to)?.chunks(READ) {
            for (index, canonical) in store::canonical(tx, part)? {
                give(tx, Entry::read(u64::try_from(index).map_err(Error::internal)?, &canonical)?)?;
            }
        }
        from = to;
    }
    Ok(())
}

/// A row's time as the record has it: to the millisecond.
fn recorded(time: Ts) -> Ts {
    Ts::from_micros(time.millis() * 1_000)
}

/// Looks at the next leaves; what changed by them.
fn look(tx: &mut ReadTx<'_>, evaluator: &mut Evaluator, until: Option<i64>) -> Result<BTreeMap<Uuid, Obligation>, Error> {
    let from = i64::try_from(evaluator.next()).map_err(Error::internal)?;
    let limit = until.map_or(BATCH, |until| BATCH.min(until - from));
    let mut places = store::places(tx, from, limit, &evaluator.minded())?;
    // What is minded may change with each adoption: the batch ends there.
    if let Some(last) = places.iter().position(|place| place.event == ADOPTED || place.event == CALENDAR) {
        places.truncate(last + 1);
    }
    let mut changed = BTreeMap::new();
    let mut out = Vec::new();
    for place in places {
        let index = u64::try_from(place.leaf).map_err(Error::internal)?;
        match place.canonical {
            Some(bytes) => evaluator.see(&Entry::read(index, &bytes)?, &mut Kept(tx), &mut out)?,
            None => evaluator.tick(index, recorded(place.time), &mut out),
        }
        changed.extend(out.drain(..).map(|duty| (duty.id, duty)));
    }
    Ok(changed)
}

/// Looks at all leaves up to a size of the log, or to its end.
fn walk(tx: &mut ReadTx<'_>, evaluator: &mut Evaluator, size: i64, mut give: impl FnMut(BTreeMap<Uuid, Obligation>)) -> Result<(), Error> {
    loop {
        let before = evaluator.next();
        if i64::try_from(before).map_err(Error::internal)? >= size {
            return Ok(());
        }
        give(look(tx, evaluator, Some(size))?);
        if evaluator.next() == before {
            return Ok(());
        }
    }
}

/// The controls as they stood when the log had this size, computed anew from the last state that was kept before.
pub fn at_size(tx: &mut ReadTx<'_>, size: i64) -> Result<Evaluator, Error> {
    let mut evaluator = match store::snapshot(tx, size)? {
        Some(saved) => Evaluator::restore(serde_json::from_str(&saved).map_err(Error::internal)?, &mut Kept(tx))?,
        None => Evaluator::new()?,
    };
    walk(tx, &mut evaluator, size, |_| {})?;
    Ok(evaluator)
}

/// Every obligation of a log of this size, computed from its beginning: what anybody who holds the log would find.
pub fn derive(tx: &mut ReadTx<'_>, size: i64) -> Result<BTreeMap<Uuid, Obligation>, Error> {
    let mut evaluator = Evaluator::new()?;
    let mut all = BTreeMap::new();
    walk(tx, &mut evaluator, size, |changed| all.extend(changed))?;
    Ok(all)
}

/// What draft controls would have found on a log of this size, had they been at work from its beginning, with today's calendar.
pub fn simulate(tx: &mut ReadTx<'_>, content: &Content, size: i64) -> Result<BTreeMap<Uuid, Obligation>, Error> {
    let calendar = match store::last_calendar(tx)? {
        Some(hash) => Kept(tx).calendar(&hash)?,
        None => Calendar::new(&kernel::calendar::Hours::china(), &[])?,
    };
    let Some((_, first, _)) = store::leaves(tx, 0, 1)?.pop() else { return Ok(BTreeMap::new()) };
    let (mut all, mut out) = (BTreeMap::new(), Vec::new());
    let mut evaluator = Evaluator::draft(content.checked()?, calendar, recorded(first), &mut out)?;
    let events: BTreeSet<String> = evaluator.events().into_iter().map(str::to_owned).collect();
    each(tx, &events.iter().map(String::as_str).collect(), size, |tx, entry| {
        evaluator.see(&entry, &mut Kept(tx), &mut out)?;
        all.extend(out.drain(..).map(|duty| (duty.id, duty)));
        Ok(())
    })?;
    // What comes after the last of these events is only time.
    if let Some((leaf, time, _)) = store::leaves(tx, size - 1, 1)?.pop() {
        evaluator.tick(u64::try_from(leaf).map_err(Error::internal)?, recorded(time), &mut out);
        all.extend(out.drain(..).map(|duty| (duty.id, duty)));
    }
    Ok(all)
}

/// Records that a control passes over, drawn so that anybody draws the same again.
#[derive(Debug, Default)]
pub struct Sample {
    /// Records of events that could activate it.
    pub seen: i64,
    /// Those of them on whose events no condition holds.
    pub passed_over: i64,
    /// Some of those, in the order of the log.
    pub drawn: BTreeMap<u64, Entry>,
}

/// Draws from what a control passes over on a log of this size, among records since then that `reach` lets through: those at whose leaves
/// SHA-256 of the seed, a colon and the leaf is least.
pub fn sample(
    tx: &mut ReadTx<'_>,
    control: &Control,
    size: i64,
    since: Option<Ts>,
    seed: &str,
    count: usize,
    reach: impl Fn(&Actor, &Entry) -> bool,
) -> Result<Sample, Error> {
    let (mut sample, mut least) = (Sample::default(), BTreeMap::new());
    let (events, actor) = (control.activations(), Arc::clone(tx.actor()));
    each(tx, &events, size, |_, entry| {
        if since.is_some_and(|since| entry.time < since) || !reach(&actor, &entry) {
            return Ok(());
        }
        sample.seen += 1;
        if control.passes_over(&entry) {
            sample.passed_over += 1;
            least.insert(hash(&format!("{seed}:{}", entry.index)), entry);
            if least.len() > count {
                least.pop_last();
            }
        }
        Ok(())
    })?;
    sample.drawn = least.into_values().map(|entry| (entry.index, entry)).collect();
    Ok(sample)
}

/// Starts to follow in the background. Every replica runs this; the lease decides who does the work.
pub fn follow(db: Database, office: Office, mut feed: audit::Feed) {
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "controls"));
    let follower = Follower { db, office, holder: PersonId::new().uuid(), actor, reminded: Mutex::default(), evaluator: Arc::default() };
    tokio::spawn(async move {
        loop {
            match follower.turn().await {
                Ok(Turn::Worked { full: true }) => {}
                Ok(Turn::Worked { full: false }) => tokio::time::sleep(GATHER).await,
                Ok(Turn::Idle(next)) => {
                    // Either is enough: the log has grown, or a second has passed.
                    if let Ok(Err(_)) = tokio::time::timeout(IDLE, feed.beyond(next)).await {
                        return;
                    }
                }
                Ok(Turn::Others) => tokio::time::sleep(IDLE).await,
                Err(error) => {
                    tracing::error!(%error, "the controls cannot follow the log; they try again");
                    tokio::time::sleep(IDLE).await;
                }
            }
        }
    });
}

struct Follower {
    db: Database,
    office: Office,
    holder: Uuid,
    actor: Arc<Actor>,
    /// When people were last told of what is due.
    reminded: Mutex<Option<Ts>>,
    evaluator: Arc<Mutex<Option<Evaluator>>>,
}

enum Turn {
    /// `full`: there may be more at once.
    Worked {
        full: bool,
    },
    Idle(i64),
    Others,
}

impl Follower {
    async fn turn(&self) -> Result<Turn, Error> {
        let next = self.db.read(&self.actor, store::cursor).await?;
        let waits = self.db.read(&self.actor, move |tx| Ok(!store::leaves(tx, next, 1)?.is_empty())).await?;
        if !waits {
            return Ok(Turn::Idle(next));
        }
        let holder = self.holder;
        let leased = self.db.housekeep(Housekeeping::Controls, move |rows| {
            let until = rows.now().plus_seconds(LEASE_SECONDS);
            store::lease(rows, holder, until)
        });
        let Some(next) = leased.await? else { return Ok(Turn::Others) };
        let shared = Arc::clone(&self.evaluator);
        let looked = self.db.read(&self.actor, move |tx| {
            // Taken out, so that what failed half-way is not gone on with.
            let known = shared.lock().unwrap_or_else(PoisonError::into_inner).take();
            let mut evaluator = match known {
                Some(known) if i64::try_from(known.next()).is_ok_and(|at| at == next) => known,
                _ => at_size(tx, next)?,
            };
            let changed = look(tx, &mut evaluator, None)?;
            let to = i64::try_from(evaluator.next()).map_err(Error::internal)?;
            let calendar = evaluator.calendar().map(str::to_owned);
            let saved = if to / SNAPSHOT == next / SNAPSHOT {
                None
            } else {
                Some(serde_json::to_string(&evaluator.save()).map_err(Error::internal)?)
            };
            *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(evaluator);
            Ok((to, changed, saved, calendar))
        });
        let (to, changed, saved, calendar) = looked.await?;
        let changed: Arc<Vec<Obligation>> = Arc::new(changed.into_values().collect());
        let moved = self.db.housekeep(Housekeeping::Controls, move |rows| {
            let moved = store::advance(rows, holder, next, to)?;
            if moved {
                store::set_obligations(rows, &changed)?;
                saved.as_ref().map_or(Ok(()), |saved| store::keep_snapshot(rows, to, to - KEPT * SNAPSHOT, saved))?;
            }
            Ok(moved)
        });
        let moved = moved.await?;
        if !moved {
            *self.evaluator.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        if let Some(known) = calendar {
            service::adopt_calendar(&self.db, &self.office, &known).await?;
        }
        let full = to - next >= BATCH;
        if moved && !full {
            self.remind().await;
        }
        Ok(Turn::Worked { full })
    }

    /// Each minute, by whoever follows the log and is at its end: the record that the log is alive lets this happen when nothing else does.
    async fn remind(&self) {
        let now = self.db.clock().now();
        let last = *self.reminded.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| (now.millis() - last.millis()).abs() < REMIND_SECONDS * 1_000) {
            return;
        }
        match reminders::remind(&self.db).await {
            Ok(()) => *self.reminded.lock().unwrap_or_else(PoisonError::into_inner) = Some(now),
            Err(error) => tracing::error!(%error, "people could not be told of their duties; it is tried again"),
        }
    }
}

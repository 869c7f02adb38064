//! The one handle: opens the database, reads, writes, notes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
    time::Duration,
};

use diesel::{
    connection::SimpleConnection,
    r2d2::{ManageConnection, R2D2Connection as _},
};
use kernel::{Actor, Clock, Code, Error, Ts, Uuid};
use tokio::sync::Notify;
use tracing::Instrument as _;

use crate::{
    Backend, Conn, Event, Housekeeping, OnceKey, Outcome, ReadTx, Recorded, Reply, Rows, TellDriver, WriteTx,
    connection::{Manager, Purpose},
    connections::Connections,
    idempotency, migrations,
    records::{self, denial},
    writer::{Made, Writer, words},
};

/// How the database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// `postgres://…`, `sqlite://path` or a path.
    pub url: String,
    /// Connections for reading; on PostgreSQL as many again for writing.
    pub connections: u32,
    /// Whether to bring the schema up to date. False where another role owns the tables.
    pub migrate: bool,
    /// The time.
    pub clock: Clock,
}

/// Either database, shared by everything in the process.
#[derive(Clone)]
pub struct Database(Arc<Inner>, Option<Uuid>);

struct Inner {
    backend: Backend,
    clock: Clock,
    readers: Connections,
    door: Door,
    committed: Arc<Notify>,
    teller: OnceLock<Box<TellDriver>>,
}

/// The way in for changes.
enum Door {
    Thread(Writer),
    Pool(Connections),
}

/// How often a transaction that lost a race is run before the client is told to try again.
const ATTEMPTS: u32 = 10;
const READ_COMMITTED: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const SERIALIZABLE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";

impl Database {
    /// Opens the database and brings its schema up to date.
    pub fn open(options: &Options) -> Result<Self, Error> {
        let backend = Backend::of_url(&options.url);
        let manager = |purpose| Manager { url: options.url.clone(), purpose };
        let mut first = manager(Purpose::Write).connect().map_err(|error| Error::new(Code::Unavailable).because(error))?;
        if options.migrate {
            migrations::run(&mut first)?;
        }
        let committed = Arc::new(Notify::new());
        let door = match backend {
            Backend::Sqlite => Door::Thread(Writer::start(first, Arc::clone(&committed))?),
            Backend::Postgres => Door::Pool(Connections::new(manager(Purpose::Write), options.connections)),
        };
        let readers = Connections::new(manager(Purpose::Read), options.connections);
        Ok(Self(Arc::new(Inner { backend, clock: options.clock.clone(), readers, door, committed, teller: OnceLock::new() }), None))
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.0.backend
    }

    /// The same database, whose writes wait for each other at a hot object (a case) instead of losing races. On SQLite there is one
    /// writer anyway.
    #[must_use]
    pub fn behind(&self, of: Uuid) -> Self {
        Self(Arc::clone(&self.0), Some(of))
    }

    /// Says who takes what happens to driven records to their cases. Once; what comes later is ignored.
    pub fn tell_drivers(&self, tell: Box<TellDriver>) {
        let _ = self.0.teller.set(tell);
    }

    /// The clock that transactions read.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Woken after each commit of this process; the sequencer waits on it.
    #[must_use]
    pub fn committed(&self) -> &Notify {
        &self.0.committed
    }

    /// Connections by purpose and state: (`read` or `write`, `busy` or `idle`, how many). SQLite's one writer is no pool.
    #[must_use]
    pub fn pools(&self) -> Vec<(&'static str, &'static str, u32)> {
        let of = |purpose, connections: &Connections| {
            let (busy, idle) = connections.busy_and_idle();
            [(purpose, "busy", busy), (purpose, "idle", idle)]
        };
        let mut all = of("read", &self.0.readers).to_vec();
        if let Door::Pool(writers) = &self.0.door {
            all.extend(of("write", writers));
        }
        all
    }

    /// Asks the database for a sign of life; 503 if there is none.
    pub async fn ping(&self) -> Result<(), Error> {
        let ping = |connections: &Connections| {
            let mut conn = connections.take()?;
            conn.ping().map_err(|error| Error::new(Code::Unavailable).because(error))
        };
        // A connection that died in the pool is replaced by the first question.
        match self.0.readers.run(ping).await {
            Err(_) => self.0.readers.run(ping).await,
            alive => alive,
        }
    }

    /// Reads. A refusal is noted before the answer leaves.
    pub async fn read<T: Send + 'static>(
        &self,
        actor: &Arc<Actor>,
        read: impl Fn(&mut ReadTx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let reader = Arc::clone(actor);
        let clock = self.0.clock.clone();
        let span = tracing::debug_span!(target: "zhidu::db", "read", otel.kind = "client");
        let result = self
            .0
            .readers
            .run(move |connections| {
                let once = || {
                    let mut conn = connections.take()?;
                    read(&mut ReadTx::new(&mut conn, &reader, clock.now()))
                };
                match once() {
                    // A connection that died in the pool: reading again is harmless.
                    Err(error) if error.code() == Code::Unavailable => once(),
                    result => result,
                }
            })
            .instrument(span)
            .await;
        match result {
            Err(error) if error.is_denial() => {
                self.note_denial(actor, &error).await?;
                Err(error)
            }
            result => result,
        }
    }

    /// Changes rows, in one transaction with the records of the changes.
    pub async fn write<T: Send + 'static>(
        &self,
        actor: &Arc<Actor>,
        change: impl Fn(&mut WriteTx<'_>) -> Result<Recorded<T>, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let writer = Arc::clone(actor);
        let inner = Arc::clone(&self.0);
        self.transact(actor, SERIALIZABLE, self.1, move |conn| {
            let mut tx = inner.writing(conn, &writer, inner.clock.now());
            let made = change(&mut tx)?.into_inner();
            Ok((made, tx.into_receipts()))
        })
        .await
    }

    /// Like [`Database::write`], at most once for a key: a repetition gets the stored answer.
    pub async fn write_once(
        &self,
        actor: &Arc<Actor>,
        once: OnceKey,
        change: impl Fn(&mut WriteTx<'_>) -> Result<Recorded<Reply>, Error> + Send + 'static,
    ) -> Result<Reply, Error> {
        let writer = Arc::clone(actor);
        let inner = Arc::clone(&self.0);
        self.transact(actor, SERIALIZABLE, self.1, move |conn| {
            let now = inner.clock.now();
            if let Some(replied) = idempotency::claim(conn, &writer, &once, now)? {
                return Ok(replied);
            }
            let mut tx = inner.writing(conn, &writer, now);
            let reply = change(&mut tx)?.into_inner();
            let receipts = tx.into_receipts();
            idempotency::keep(conn, &writer, &once, &reply, &receipts)?;
            Ok((reply, receipts))
        })
        .await
    }

    /// Records an event that changes no rows: a log-in, a read of something classified.
    pub async fn note(&self, actor: &Arc<Actor>, event: Event) -> Result<(), Error> {
        let noter = Arc::clone(actor);
        let clock = self.0.clock.clone();
        self.transact(actor, READ_COMMITTED, None, move |conn| {
            let receipt = records::append(conn, &noter, clock.now(), &event)?;
            Ok(((), if event.outcome == Outcome::Success { vec![receipt] } else { Vec::new() }))
        })
        .await
    }

    /// Notes a refusal that happened outside a transaction.
    pub async fn note_denial(&self, actor: &Arc<Actor>, error: &Error) -> Result<(), Error> {
        self.note(actor, denial(actor, error)).await
    }

    /// Writes unrecorded, to what no regulation speaks of.
    pub async fn housekeep<T: Send + 'static>(
        &self,
        _what: Housekeeping,
        change: impl Fn(&mut Rows<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let actor = Arc::new(Actor::of_kind(kernel::ActorKind::SystemJob, "housekeeping"));
        let clock = self.0.clock.clone();
        self.transact(&actor, READ_COMMITTED, None, move |conn| Ok((change(&mut Rows { conn, now: clock.now() })?, Vec::new()))).await
    }

    /// Forgets stored answers that are past their time.
    pub async fn forget_old_replies(&self) -> Result<usize, Error> {
        use crate::schema::idempotency::dsl;
        use diesel::prelude::*;
        self.housekeep(Housekeeping::Idempotency, |rows| {
            let before = rows.now().plus_seconds(-idempotency::KEEP_SECONDS);
            Ok(diesel::delete(dsl::idempotency.filter(dsl::created_at.lt(before))).execute(rows.conn())?)
        })
        .await
    }

    async fn transact<T: Send + 'static>(
        &self,
        actor: &Arc<Actor>,
        begin: &'static str,
        turnstile: Option<Uuid>,
        run: impl Fn(&mut Conn) -> Result<(T, Vec<String>), Error> + Send + 'static,
    ) -> Result<T, Error> {
        let noter = Arc::clone(actor);
        let clock = self.0.clock.clone();
        let note = move |conn: &mut Conn, error: &Error| records::append(conn, &noter, clock.now(), &denial(&noter, error)).map(drop);
        let span = tracing::debug_span!(target: "zhidu::db", "write", otel.kind = "client");
        let (made, receipts) = match &self.0.door {
            Door::Thread(writer) => {
                let run = Box::new(move |conn: &mut Conn| run(conn).map(|made| Box::new(made) as Made));
                let made = writer.submit(run, Box::new(note)).instrument(span).await?;
                made.downcast::<(T, Vec<String>)>().map(|made| *made).map_err(|_| Error::internal("a write made something else"))?
            }
            Door::Pool(writers) => {
                let committed = Arc::clone(&self.0.committed);
                let job = move |connections: &Connections| {
                    let mut conn = connections.take()?;
                    let turnstile = turnstile.map(|of| Turnstile::enter(&mut conn, of)).transpose()?;
                    let result = with_retries(&mut conn, begin, &run);
                    if let Some(turnstile) = turnstile {
                        turnstile.leave(&mut conn);
                    }
                    if let Err(error) = &result
                        && error.is_denial()
                    {
                        with_retries(&mut conn, READ_COMMITTED, &|conn| note(conn, error))
                            .map_err(|cause| Error::new(Code::Unavailable).because(cause))?;
                    }
                    committed.notify_one();
                    result
                };
                writers.run(job).instrument(span).await?
            }
        };
        if let Some(all) = &actor.receipts {
            all.add(receipts);
        }
        Ok(made)
    }
}

impl Inner {
    fn writing<'a>(&'a self, conn: &'a mut Conn, actor: &'a Arc<Actor>, now: Ts) -> WriteTx<'a> {
        WriteTx::new(conn, actor, now, self.teller.get().map(Box::as_ref))
    }
}

/// PostgreSQL: those who write to the same hot object wait for each other before they begin, instead of failing when they commit.
struct Turnstile(i64);

impl Turnstile {
    fn enter(conn: &mut Conn, of: Uuid) -> Result<Self, Error> {
        let (high, low) = of.as_u64_pair();
        let key = i64::from_ne_bytes((high ^ low).to_ne_bytes());
        conn.batch_execute(&format!("select pg_advisory_lock({key})"))?;
        Ok(Self(key))
    }

    fn leave(self, conn: &mut Conn) {
        // Fails only on a dead connection, whose locks are gone with it.
        drop(conn.batch_execute(&format!("select pg_advisory_unlock({})", self.0)));
    }
}

/// PostgreSQL: runs a transaction, again when it lost a race.
fn with_retries<T>(conn: &mut Conn, begin: &str, run: &dyn Fn(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
    let mut attempt = 1;
    loop {
        match transaction(conn, begin, run) {
            Err(error) if error.is_retryable() && attempt < ATTEMPTS => {
                // Who waits longer each time meets fewer rivals.
                let spread = u64::from(rand::random::<u8>()) * u64::from(attempt) / 16;
                std::thread::sleep(Duration::from_millis(spread));
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn transaction<T>(conn: &mut Conn, begin: &str, run: &dyn Fn(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
    conn.batch_execute(begin)?;
    let result = catch_unwind(AssertUnwindSafe(|| run(conn)))
        .unwrap_or_else(|panic| Err(Error::internal(format!("a write panicked: {}", words(panic.as_ref())))));
    match result {
        Ok(made) => match conn.batch_execute("COMMIT") {
            Ok(()) => Ok(made),
            Err(error) => {
                drop(conn.batch_execute("ROLLBACK"));
                Err(error.into())
            }
        },
        Err(error) => {
            // Fails only on a dead connection, which the pool then replaces.
            drop(conn.batch_execute("ROLLBACK"));
            Err(error)
        }
    }
}

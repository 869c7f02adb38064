//! SQLite's one writer: a thread that takes what waits, runs each job in a savepoint and commits them together.
//!
//! Answers leave only after COMMIT returned. A full disk destroys the whole transaction with the savepoints of
//! neighbours that had already succeeded, and nothing reports it but the missing savepoint: so each end of a job is
//! checked, and when the transaction is gone every job of the batch is run again, alone.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
};

use diesel::connection::SimpleConnection;
use kernel::{Code, Error};
use tokio::sync::{Notify, oneshot};

use crate::{Conn, search, words::say};

/// What a job makes, whatever it is.
pub(crate) type Made = Box<dyn Any + Send>;
/// The change itself; it may be run several times.
pub(crate) type Run = Box<dyn Fn(&mut Conn) -> Result<Made, Error> + Send>;
/// Notes a refusal, after the rollback of what was refused.
pub(crate) type Note = Box<dyn Fn(&mut Conn, &Error) -> Result<(), Error> + Send>;

pub(crate) struct Job {
    pub run: Run,
    pub note: Note,
    pub reply: oneshot::Sender<Result<Made, Error>>,
}

const QUEUE: usize = 4096;
const BATCH: usize = 64;

/// The way to the thread.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: SyncSender<Job>,
}

/// The transaction is gone: nothing of the batch can be kept.
struct Gone;

impl Writer {
    /// Starts the thread; it lives until the last sender is dropped.
    pub(crate) fn start(conn: Conn, committed: Arc<Notify>) -> Result<Self, Error> {
        let (queue, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || work(conn, &jobs, &committed))
            .map_err(Error::internal)?;
        Ok(Self { queue })
    }

    /// Queues a job and waits for its commit.
    pub(crate) async fn submit(&self, run: Run, note: Note) -> Result<Made, Error> {
        let (reply, answer) = oneshot::channel();
        match self.queue.try_send(Job { run, note, reply }) {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(Error::new(Code::Unavailable).because("the writer has stopped"))),
            Err(TrySendError::Full(_)) => Err(Error::new(Code::Unavailable).because("the writer's queue is full")),
            Err(TrySendError::Disconnected(_)) => Err(Error::new(Code::Unavailable).because("the writer has stopped")),
        }
    }
}

fn work(mut conn: Conn, jobs: &Receiver<Job>, committed: &Notify) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        batch.extend(jobs.try_iter().take(BATCH - 1));
        match together(&mut conn, &batch) {
            Ok(results) => {
                committed.notify_one();
                for (job, result) in batch.into_iter().zip(results) {
                    // A receiver that went away has lost interest, not the change.
                    drop(job.reply.send(result));
                }
            }
            Err(Gone) => {
                for job in batch {
                    let result = match together(&mut conn, std::slice::from_ref(&job)) {
                        Ok(mut results) => results.pop().unwrap_or_else(|| Err(Error::internal("a batch without a result"))),
                        Err(Gone) => Err(Error::new(Code::Unavailable).because("the database could not commit")),
                    };
                    drop(job.reply.send(result));
                }
                committed.notify_one();
            }
        }
    }
}

/// One transaction for all jobs.
fn together(conn: &mut Conn, jobs: &[Job]) -> Result<Vec<Result<Made, Error>>, Gone> {
    let whole = (|| {
        conn.batch_execute("BEGIN IMMEDIATE").map_err(|_| Gone)?;
        let results = jobs.iter().map(|job| in_savepoint(conn, job)).collect::<Result<Vec<_>, Gone>>()?;
        if let Conn::Sqlite(conn) = conn {
            search::flush(conn).map_err(|_| Gone)?;
        }
        conn.batch_execute("COMMIT").map_err(|_| Gone)?;
        Ok(results)
    })();
    if whole.is_err() {
        // Already rolled back by SQLite itself in most cases; then this fails, which is fine.
        drop(conn.batch_execute("ROLLBACK"));
    }
    whole
}

fn in_savepoint(conn: &mut Conn, job: &Job) -> Result<Result<Made, Error>, Gone> {
    match savepoint(conn, &job.run)? {
        Err(error) if error.is_denial() => {
            let noted = savepoint(conn, &|conn: &mut Conn| (job.note)(conn, &error).map(|()| Box::new(()) as Made))?;
            Ok(Err(noted.err().map_or(error, |cause| Error::new(Code::Unavailable).because(cause))))
        }
        result => Ok(result),
    }
}

/// Runs one body in a savepoint. `Gone` when the savepoint is not there any more at its end.
fn savepoint(conn: &mut Conn, run: &dyn Fn(&mut Conn) -> Result<Made, Error>) -> Result<Result<Made, Error>, Gone> {
    say(conn, "SAVEPOINT job").map_err(|_| Gone)?;
    let result = catch_unwind(AssertUnwindSafe(|| run(conn)))
        .unwrap_or_else(|panic| Err(Error::internal(format!("a write panicked: {}", words(panic.as_ref())))));
    if result.is_err() {
        say(conn, "ROLLBACK TO job").map_err(|_| Gone)?;
    }
    say(conn, "RELEASE job").map_err(|_| Gone)?;
    Ok(result)
}

/// The message of a panic.
pub(crate) fn words(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

//! One sequencer at a time numbers the records, densely, in one order for everybody.

use std::{sync::Arc, time::Duration};

use db::{Database, Housekeeping};
use kernel::{Actor, ActorKind, Error, PersonId, Uuid};
use tokio::sync::watch;

use crate::{Log, keep, store};

/// Records for each transaction.
const FULL: usize = 512;
/// An idle sequencer looks again after this long, whatever woke it or not.
const IDLE: Duration = Duration::from_secs(1);
/// Who wakes it waits so long for others to come along: a batch costs the database as much work as ten records. Under load the pause
/// never happens, since batches are full.
const GATHER: Duration = Duration::from_millis(20);
/// How long others wait for a holder that has died.
pub(crate) const LEASE_SECONDS: i64 = 5;

/// How far the log is numbered; followers wait on it.
#[derive(Clone)]
pub struct Feed {
    size: watch::Receiver<i64>,
}

impl Feed {
    /// Waits until the log is longer than this.
    pub async fn beyond(&mut self, index: i64) -> Result<(), Error> {
        self.size.wait_for(|size| *size > index).await.map(drop).map_err(Error::internal)
    }
}

/// Who signs the log.
struct Signing {
    log: Arc<Log>,
    holder: Uuid,
    /// The database was not held against what was signed before yet.
    starts: bool,
    /// What the anchor of this process has got from it last.
    anchored: Option<(i32, i64)>,
}

impl Signing {
    /// A start that failed is tried again as a start: until then nothing is signed.
    async fn go_on(&mut self, db: &Database, actor: &Arc<Actor>) {
        if self.starts {
            match keep::settle(db, actor, &self.log, true).await {
                Ok(_) => self.starts = false,
                Err(error) => return tracing::error!(%error, "the log cannot be held against what was signed before"),
            }
        }
        if let Err(error) = keep::keep(db, actor, &self.log, self.holder, &mut self.anchored).await {
            tracing::error!(%error, "the log is not signed");
        }
    }
}

/// Holds the database against what was signed before, then starts numbering and signing in the background. Every replica runs this; the
/// lease decides who does the work.
pub async fn follow(db: Database, log: Arc<Log>) -> Feed {
    let (announce, size) = watch::channel(0);
    let holder = PersonId::new().uuid();
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "sequencer"));
    let mut signing = Signing { log, holder, starts: true, anchored: None };
    signing.go_on(&db, &actor).await;
    tokio::spawn(async move {
        loop {
            if announce.is_closed() {
                return;
            }
            let numbered = batch(&db, &actor, holder).await;
            if let Err(error) = &numbered {
                tracing::warn!(%error, "the sequencer could not work; it tries again");
            }
            match db.read(&actor, store::size).await {
                Ok(size) => {
                    announce.send_if_modified(|known| std::mem::replace(known, size) != size);
                }
                Err(error) => tracing::warn!(%error, "the size of the log cannot be read"),
            }
            // Afterwards: followers wait for numbers, not for the disk on which the anchor lies.
            signing.go_on(&db, &actor).await;
            if !matches!(numbered, Ok(FULL..)) {
                // Either wakes it: a commit of this process, or the second.
                drop(tokio::time::timeout(IDLE, db.committed().notified()).await);
                tokio::time::sleep(GATHER).await;
            }
        }
    });
    Feed { size }
}

/// Numbers what waits, at most one batch; how many that was.
async fn batch(db: &Database, actor: &Arc<Actor>, holder: Uuid) -> Result<usize, Error> {
    let waiting = db.read(actor, |tx| store::pending(tx, FULL)).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let count = waiting.len();
    let numbered = db
        .housekeep(Housekeeping::Sequencer, move |rows| {
            let until = rows.now().plus_seconds(LEASE_SECONDS);
            let Some(start) = store::lease(rows, holder, until)? else { return Ok(false) };
            store::number(rows, start, &waiting)?;
            Ok(true)
        })
        .await?;
    Ok(if numbered { count } else { 0 })
}

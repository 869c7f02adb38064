//! Signs of life: a record each minute, so that silence is seen; and how long records wait for their place.

use std::{sync::Arc, time::Duration};

use db::{Database, Event, ReadTx};
use kernel::{Actor, ActorKind, Error, Ts, Uuid};

use crate::store;

pub const BEAT: &str = "log.beat";

/// Records that wait for their place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// How many.
    pub waiting: i64,
    /// For how many seconds the oldest has waited. Until it has its place somebody with the database could still change it.
    pub seconds: i64,
}

/// Records that the log is alive, unless a replica has done so within nine tenths of this time.
pub async fn beat(db: &Database, every: Duration) -> Result<(), Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "heartbeat"));
    let enough = i64::try_from(every.as_millis() * 9 / 10).map_err(Error::internal)?;
    db.write(&actor, move |tx| {
        // One from the future tells that the clock went back, and nothing about now.
        let now = tx.now();
        if store::last(tx, BEAT, now)?.is_some_and(|last| now.millis() - last.millis() < enough) {
            return Ok(tx.unchanged(()));
        }
        tx.record(Event::about(BEAT, "log", Uuid::nil(), ""), |_| Ok(()))
    })
    .await
}

/// When the oldest record was made that waits for its place; none if none does. What is computed from the log of an earlier time is whole.
pub fn oldest_waiting(tx: &mut ReadTx<'_>) -> Result<Option<Ts>, Error> {
    Ok(store::backlog(tx)?.1)
}

/// What waits now.
pub fn backlog(tx: &mut ReadTx<'_>) -> Result<Backlog, Error> {
    let (waiting, oldest) = store::backlog(tx)?;
    let seconds = oldest.map_or(0, |oldest| (tx.now().millis() - oldest.millis()).max(0) / 1000);
    Ok(Backlog { waiting, seconds })
}

//! Follows the log for one receiver. Every replica runs this; the lease decides who does the work.

use std::{path::Path, sync::Arc, time::Duration};

use audit::{Feed, ledger};
use db::{Database, Event, Housekeeping};
use kernel::{Actor, ActorKind, Error, PersonId, Ts, Uuid};

use crate::{
    delivery::{Delivery, PATIENCE},
    receiver::{Authorization, Receiver},
    store::{self, Standing},
};

/// An idle forwarder looks again after this long.
const IDLE: Duration = Duration::from_secs(1);
/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_secs(60);
/// An outage of so many seconds is a record.
const OUTAGE: i64 = 60;
/// How long others wait for a holder that has died: longer than a batch may take.
const LEASE_SECONDS: i64 = 2 * PATIENCE.as_secs().cast_signed();

/// Brings the log to one receiver.
pub struct Forwarder {
    db: Database,
    name: String,
    holder: Uuid,
    actor: Arc<Actor>,
    delivery: Delivery,
}

enum Turn {
    /// There may be more at once.
    Sent,
    /// Nothing waits beyond this place.
    Idle(i64),
    Others,
    Failed,
}

/// Starts to forward in the background.
pub fn forward(forwarder: Forwarder, mut feed: Feed) {
    tokio::spawn(async move {
        let mut pause = IDLE;
        loop {
            let turn = forwarder.turn().await.unwrap_or_else(|error| {
                tracing::error!(%error, receiver = forwarder.name, "the log cannot be forwarded; it is tried again");
                Turn::Failed
            });
            if !matches!(turn, Turn::Failed) {
                pause = IDLE;
            }
            match turn {
                Turn::Sent => {}
                Turn::Idle(next) => {
                    // Either is enough: the log has grown, or a second has passed.
                    if let Ok(Err(_)) = tokio::time::timeout(IDLE, feed.beyond(next)).await {
                        return;
                    }
                }
                Turn::Others => tokio::time::sleep(IDLE).await,
                Turn::Failed => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST);
                }
            }
        }
    });
}

impl Forwarder {
    /// For one receiver. Fails if a file that is named for it cannot be read.
    pub fn open(db: Database, receiver: &Receiver, authorizations: &[Authorization], ca: Option<&Path>) -> Result<Self, Error> {
        let delivery = Delivery::open(receiver, authorizations, ca)?;
        let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "forwarding"));
        Ok(Self { db, name: receiver.name.clone(), holder: PersonId::new().uuid(), actor, delivery })
    }

    async fn turn(&self) -> Result<Turn, Error> {
        let name = self.name.clone();
        let look = move |tx: &mut db::ReadTx<'_>| Ok((store::find(tx, &name)?.map(|known| known.next_leaf), audit::size(tx)?));
        let (next, size) = self.db.read(&self.actor, look).await?;
        if next.is_some_and(|next| next >= size) {
            return Ok(Turn::Idle(size));
        }
        let (name, holder) = (self.name.clone(), self.holder);
        let leased = self.db.housekeep(Housekeeping::Forwarding, move |rows| {
            let until = rows.now().plus_seconds(LEASE_SECONDS);
            store::lease(rows, &name, holder, until)
        });
        let Some(standing) = leased.await? else { return Ok(Turn::Others) };
        let next = standing.next_leaf;
        let entries = self.db.read(&self.actor, move |tx| ledger::page(tx, &[], next, size)).await?;
        let Some(last) = entries.last() else { return Ok(Turn::Idle(size)) };
        match self.delivery.deliver(&entries).await {
            Ok(()) => self.confirmed(standing, last.index + 1).await,
            Err(reason) => self.failed(standing, reason).await,
        }
    }

    async fn confirmed(&self, standing: Standing, to: i64) -> Result<Turn, Error> {
        let (name, holder) = (self.name.clone(), self.holder);
        if standing.recorded {
            let event = self.event("log.forwarding_resumed", standing.next_leaf);
            self.db.write(&self.actor, move |tx| tx.record(event.clone(), |rows| store::confirmed(rows, &name, holder, to))).await?;
        } else {
            self.db.housekeep(Housekeeping::Forwarding, move |rows| store::confirmed(rows, &name, holder, to)).await?;
        }
        if let Some(since) = standing.failing_since {
            tracing::info!(receiver = self.name, %since, "the log is forwarded again");
        }
        Ok(Turn::Sent)
    }

    async fn failed(&self, standing: Standing, reason: String) -> Result<Turn, Error> {
        let now: Ts = self.db.clock().now();
        let since = standing.failing_since.unwrap_or(now);
        if standing.failing_since.is_none() {
            tracing::error!(receiver = self.name, reason, "the log cannot be forwarded; it is tried again");
        }
        let (name, holder) = (self.name.clone(), self.holder);
        self.db.housekeep(Housekeeping::Forwarding, move |rows| store::failed(rows, &name, holder, &reason, since)).await?;
        if !standing.recorded && (now.millis() - since.millis()) / 1_000 >= OUTAGE {
            let (name, event) = (self.name.clone(), self.event("log.forwarding_failed", standing.next_leaf));
            self.db.write(&self.actor, move |tx| tx.record(event.clone(), |rows| store::recorded(rows, &name))).await?;
        }
        Ok(Turn::Failed)
    }

    /// From which leaf on the receiver did not have the log.
    fn event(&self, action: &'static str, next: i64) -> Event {
        Event::about(action, "log", Uuid::nil(), self.name.clone()).fact("receiver", &self.name).fact("leaf", next)
    }
}

//! Background work that every replica does.

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use db::Database;
use identity::Identity;
use kernel::{Actor, ActorKind};
use tokio::time::Instant;

use crate::limits::Limiter;

/// Each minute: counted failures become records; old answers, uploads that nobody used and addresses that ask no more are forgotten.
pub async fn tidy(db: Database, identity: Data<Identity>, limiter: Data<Limiter>) {
    let mut minutes = tokio::time::interval(Duration::from_secs(60));
    loop {
        minutes.tick().await;
        limiter.forget();
        if let Err(error) = identity.failures().flush(&db).await {
            tracing::warn!(%error, "failed log-ins could not be recorded");
        }
        if let Err(error) = db.forget_old_replies().await {
            tracing::warn!(%error, "old answers could not be removed");
        }
        if let Err(error) = files::service::forget_unused(&db).await {
            tracing::warn!(%error, "unused uploads could not be removed");
        }
    }
}

/// At each interval, the first time after one: a record that the log is alive. One for all replicas.
pub async fn beat(db: Database, every: Duration) {
    let mut beats = tokio::time::interval_at(Instant::now() + every, every);
    loop {
        beats.tick().await;
        if let Err(error) = audit::beat(&db, every).await {
            tracing::error!(%error, "the log gives no sign of life");
        }
    }
}

/// Records wait about a second for their place in the log; after this many somebody has to look.
const LONG: i64 = 10;

/// Each five seconds: whether records wait for their place.
pub async fn backlog(db: Database) {
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "backlog"));
    let mut looks = tokio::time::interval(Duration::from_secs(5));
    loop {
        looks.tick().await;
        match db.read(&actor, audit::backlog).await {
            Ok(backlog) if backlog.seconds > LONG => {
                tracing::error!(backlog.waiting, backlog.seconds, "records wait for their place in the log");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "it cannot be seen whether records wait"),
        }
    }
}

/// Each second: timers of cases and work that is due. What was due while nothing ran fires at the first look.
pub async fn timers(db: Database, office: std::sync::Arc<workflows::Office>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        if let Err(error) = workflows::service::timers::tick(&db, &office).await {
            tracing::warn!(%error, "timers could not be looked at");
        }
    }
}

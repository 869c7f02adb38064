//! Background work that every replica does.

use std::time::Duration;

use actix_web::web::Data;
use db::Database;
use identity::Identity;

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

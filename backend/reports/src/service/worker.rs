//! Reports are made in the background, by whichever replica comes first.

use std::{sync::Arc, time::Duration};

use db::{Database, Housekeeping};
use kernel::{Actor, ActorKind, Code, Error, Ts};

use super::{compute, finish, pack, plans};
use crate::{
    model::{Plan, Run},
    store,
};

/// How often one looks for work.
const LOOK: Duration = Duration::from_millis(500);
/// How long others wait for a replica that has died.
const LEASE_SECONDS: i64 = 60;
/// How often the lease is renewed while a report is made.
const RENEW: Duration = Duration::from_secs(20);

fn actor() -> Arc<Actor> {
    Arc::new(Actor::of_kind(ActorKind::SystemJob, "reports"))
}

/// Makes reports for as long as the process lives.
pub async fn work(db: Database) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Err(error) = planned(&db).await {
            tracing::error!(%error, "planned reports could not be looked at");
        }
        match next(&db).await {
            Ok(true) => looks.reset_immediately(),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "a report could not be made; another look is taken"),
        }
    }
}

/// A period is reported on so long after its end: what began in it has been committed and has its place in the log by then.
const SETTLED_SECONDS: i64 = 600;

/// Asks for planned reports whose time has come, once everything that was recorded before the end of their period is in the log.
async fn planned(db: &Database) -> Result<(), Error> {
    let actor = actor();
    loop {
        let due = db.read(&actor, |tx| {
            let Some(plan) = store::due(tx, tx.now().plus_seconds(-SETTLED_SECONDS))? else { return Ok(None) };
            let waits = audit::oldest_waiting(tx)?.is_some_and(|waiting| waiting < plan.next_at);
            Ok((!waits).then_some(plan))
        });
        let Some(plan) = due.await? else { return Ok(()) };
        let next = plan.period.next(db.clock().now())?;
        ask(db, &actor, plan, next).await?;
    }
}

async fn ask(db: &Database, actor: &Arc<Actor>, plan: Plan, next: Ts) -> Result<(), Error> {
    let of = plan.clone();
    match db.write(actor, move |tx| plans::due(tx, &of, next)).await {
        Ok(()) => Ok(()),
        Err(error) if error.code() == Code::Unavailable => Err(error),
        // The plan moves on, and says why nothing came of it.
        Err(error) => {
            tracing::warn!(plan = plan.name, %error, "a planned report was not made");
            let problem = error.code().to_string();
            db.housekeep(Housekeeping::ReportLease, move |rows| store::advance(rows, &plan, next, Some(&problem))).await
        }
    }
}

/// Makes one report that waits; false if none does.
async fn next(db: &Database) -> Result<bool, Error> {
    let claimed = db
        .housekeep(Housekeeping::ReportLease, |rows| {
            let until = rows.now().plus_seconds(LEASE_SECONDS);
            store::claim(rows, until)
        })
        .await?;
    let Some(run) = claimed else { return Ok(false) };
    let made = tokio::select! {
        made = make(db, &run) => made,
        lost = renew(db, &run) => lost,
    };
    let id = run.id;
    db.housekeep(Housekeeping::ReportLease, move |rows| store::hold(rows, id, None)).await?;
    made.map(|()| true)
}

async fn make(db: &Database, run: &Run) -> Result<(), Error> {
    let (actor, of) = (actor(), run.clone());
    let made = match db.read(&actor, move |tx| compute(tx, &of)).await {
        Ok(content) => tokio::task::spawn_blocking(move || pack(&content)).await.map_err(Error::internal)?,
        Err(error) => Err(error),
    };
    if let Err(error) = &made {
        if error.code() == Code::Unavailable {
            // The database was away: the run waits.
            return Err(Error::new(Code::Unavailable));
        }
        tracing::error!(run = %run.id, report = run.report, %error, "a report could not be made");
    }
    let of = run.clone();
    let made = Arc::new(made);
    db.write(&actor, move |tx| finish(tx, &of, &made)).await?;
    Ok(())
}

/// Keeps the lease until the report is made.
async fn renew(db: &Database, run: &Run) -> Result<(), Error> {
    let id = run.id;
    loop {
        tokio::time::sleep(RENEW).await;
        let renewed = db.housekeep(Housekeeping::ReportLease, move |rows| {
            let until = rows.now().plus_seconds(LEASE_SECONDS);
            store::hold(rows, id, Some(until))
        });
        if let Err(error) = renewed.await {
            tracing::warn!(%error, "the lease of a report could not be renewed");
        }
    }
}

//! The background work: makes what is due, drills it, forgets what is over, and raises the alarm. Every replica looks; the lease on a plan
//! decides who does it.

use std::{
    path::PathBuf,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use age::{Identity, x25519::Recipient};
use db::{Database, Housekeeping};
use kernel::{Actor, ActorKind, Code, Error, Ts};

use crate::{
    archive::{self, Failure, FailureCode, Location, Report, Sealed, Source, Taken, fingerprint, verify},
    model::{Backup, OffsiteState, Plan, PlanHealth, PlanId, bigint, staying},
    service::{self, Failed, Outcome},
    store,
    targets::{self, Targets},
};

/// How long others wait for a replica that has died.
const LEASE_SECONDS: i64 = 60;
/// How often who works says that it lives.
const RENEW: Duration = Duration::from_secs(20);
/// The alarm in the server's log is repeated this often.
const ALARM_SECONDS: i64 = 3600;

/// What a replica needs to make backups and to open them.
pub struct Keeper {
    /// The database whose plans are looked at.
    pub db: Database,
    /// The same, as it is opened by tools.
    pub url: String,
    /// The folder with uploaded files; a copy of the database has room there.
    pub data: PathBuf,
    /// Where backups may go.
    pub targets: Targets,
    /// For whom they are encrypted.
    pub recipients: Vec<Recipient>,
    /// Who can open them, for drills.
    pub identities: Vec<Box<dyn Identity + Send + Sync>>,
    /// Who signs.
    pub log: Arc<audit::Log>,
    /// The version of the product.
    pub product: &'static str,
}

fn actor() -> Arc<Actor> {
    Arc::new(Actor::of_kind(ActorKind::SystemJob, "backup"))
}

/// Looks every second, for ever; for alarms every minute, however long a backup takes.
pub async fn keep(keeper: Arc<Keeper>) {
    let working = async {
        let mut seconds = every(Duration::from_secs(1));
        loop {
            seconds.tick().await;
            if let Err(error) = tick(&keeper).await {
                tracing::warn!(%error, "backups could not be looked at");
            }
        }
    };
    let watching = async {
        let mut minutes = every(Duration::from_secs(60));
        loop {
            minutes.tick().await;
            if let Err(error) = alarms(&keeper).await {
                tracing::warn!(%error, "nobody knows whether backups are late");
            }
        }
    };
    tokio::join!(working, watching);
}

fn every(time: Duration) -> tokio::time::Interval {
    let mut times = tokio::time::interval(time);
    times.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    times
}

/// One look: at most one plan's work.
pub async fn tick(keeper: &Arc<Keeper>) -> Result<(), Error> {
    let claimed = keeper
        .db
        .housekeep(Housekeeping::BackupLease, |rows| {
            let until = rows.now().plus_seconds(LEASE_SECONDS);
            store::claim(rows, until)
        })
        .await?;
    let Some((plan, mut mine)) = claimed.and_then(|plan| plan.busy_until.map(|until| (plan, until))) else { return Ok(()) };
    let id = plan.id;
    let mut working = pin!(work(keeper, &plan));
    let worked = loop {
        tokio::select! {
            worked = &mut working => break worked,
            () = tokio::time::sleep(RENEW) => match renew(keeper, id, mine).await {
                Ok(until) => mine = until,
                Err(error) if error.code() == Code::Stale => break Err(error),
                Err(error) => tracing::warn!(%error, "the lease of a backup could not be renewed"),
            },
        }
    };
    keeper.db.housekeep(Housekeeping::BackupLease, move |rows| store::hold(rows, id, mine, None)).await?;
    worked
}

/// Keeps the lease for some time more. Whoever came too late for that has lost it, and must not go on.
async fn renew(keeper: &Arc<Keeper>, id: PlanId, mine: Ts) -> Result<Ts, Error> {
    let renewed = keeper.db.housekeep(Housekeeping::BackupLease, move |rows| {
        let until = rows.now().plus_seconds(LEASE_SECONDS);
        Ok(store::hold(rows, id, mine, Some(until))?.then_some(until))
    });
    renewed.await?.ok_or_else(|| Error::new(Code::Stale).because("another replica works on this plan by now"))
}

async fn work(keeper: &Arc<Keeper>, plan: &Plan) -> Result<(), Error> {
    let (actor, of, id) = (actor(), plan.clone(), plan.id);
    keeper.db.write(&actor, move |tx| service::interrupt(tx, &of)).await?;
    sweep(keeper, plan, &actor).await?;
    let now = keeper.db.clock().now();
    if let Some(claimed) = plan.next_run_at.filter(|at| plan.active && *at <= now) {
        let ran = run(keeper, plan, &actor).await;
        // First of all the next time: what fails again at once would leave no time for other plans.
        let next = plan.next_run(keeper.db.clock().now());
        keeper.db.housekeep(Housekeeping::BackupLease, move |rows| store::schedule_run(rows, id, claimed, next)).await?;
        ran?;
    }
    drills(keeper, plan, &actor).await
}

/// Removes what those have left who ended before their backups, perhaps after others had noted that.
async fn sweep(keeper: &Arc<Keeper>, plan: &Plan, actor: &Arc<Actor>) -> Result<(), Error> {
    let id = plan.id;
    for row in keeper.db.read(actor, move |tx| store::interrupted(tx, id)).await? {
        if let Some(at) = place_of(keeper, &row) {
            remove(at).await?;
        }
    }
    Ok(())
}

/// Removes a backup, and says whether it is gone for certain: where the place is not there, as a disk that is not mounted, the backup is not
/// gone. What is locked is tried again after the next backup.
async fn remove(at: Location) -> Result<bool, Error> {
    Ok(tokio::task::spawn_blocking(move || at.remove()).await.map_err(Error::internal)?.unwrap_or_else(|failure| {
        tracing::warn!(%failure, "a backup could not be removed");
        false
    }))
}

/// Runs on a thread that may block. A panic is a failure like any other: it is recorded.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let panicked = |error| Err(Failure::new(FailureCode::Failed, format!("it ended by itself: {error}")));
    tokio::task::spawn_blocking(work).await.unwrap_or_else(panicked)
}

/// Makes one backup, and forgets those whose time is over.
async fn run(keeper: &Arc<Keeper>, plan: &Plan, actor: &Arc<Actor>) -> Result<(), Error> {
    let of = plan.clone();
    let begun = keeper.db.write(actor, move |tx| service::begin(tx, &of)).await?;
    let (of, row, maker) = (plan.clone(), begun.clone(), Arc::clone(keeper));
    let started = Instant::now();
    let made = blocking(move || make(&maker, &of, &row)).await;
    let duration_ms = i64::try_from(started.elapsed().as_millis()).map_err(Error::internal)?;
    let outcome = match made {
        Ok(outcome) => Ok(Outcome { duration_ms, ..outcome }),
        Err(failure) => {
            tracing::error!(plan = plan.name, code = %failure.code, "a backup failed: {failure}");
            Err(Failed { code: failure.code, text: failure.text, duration_ms })
        }
    };
    let of = plan.clone();
    let made = outcome.is_ok();
    keeper.db.write(actor, move |tx| service::finish(tx, &of, &begun, &outcome)).await?;
    if made { forget(keeper, plan, actor).await } else { Ok(()) }
}

/// On a thread that may block.
fn make(keeper: &Keeper, plan: &Plan, row: &Backup) -> Result<Outcome, Failure> {
    let target = keeper.targets.at(plan.target.as_deref().unwrap_or_default())?;
    let source = Source {
        url: &keeper.url,
        files: &keeper.data.join("files"),
        keys: &[],
        scratch: &keeper.data,
        recipients: &keeper.recipients,
        log: &keeper.log,
        product: keeper.product,
        id: row.id.uuid(),
        now: row.started_at,
    };
    let Taken { at, manifest } = archive::take(&source, target)?;
    // Read back: what the disk gives is what was written.
    manifest.objects.iter().try_for_each(|object| verify(&at, object))?;
    let (offsite, reason) = match plan.offsite.as_deref().map(|name| second(keeper, plan, &at, &manifest, name)) {
        None => (None, None),
        Some(Ok(())) => (Some(OffsiteState::Copied), None),
        Some(Err(failure)) => {
            tracing::error!(plan = plan.name, code = %failure.code, "the second copy of a backup failed: {failure}");
            let state = if failure.code == FailureCode::NotLocked { OffsiteState::Unlocked } else { OffsiteState::Failed };
            (Some(state), Some((failure.code, failure.text)))
        }
    };
    Ok(Outcome {
        duration_ms: 0,
        size: bigint(manifest.size())?,
        log_size: bigint(manifest.log_size)?,
        sha256: fingerprint(&at)?,
        encrypted: !manifest.recipients.is_empty(),
        offsite,
        reason,
    })
}

fn second(keeper: &Keeper, plan: &Plan, at: &Location, manifest: &archive::Manifest, name: &str) -> Result<(), Failure> {
    let copy = targets::copy(at, manifest, keeper.targets.at(name)?)?;
    if plan.offsite_locked && !copy.is_locked()? {
        return Err(Failure::new(FailureCode::NotLocked, format!("{copy}: a file could be deleted there")));
    }
    Ok(())
}

/// Removes backups whose time is over: the files first, then it is recorded. Copies at the second place stay; that place has rules of its
/// own.
async fn forget(keeper: &Arc<Keeper>, plan: &Plan, actor: &Arc<Actor>) -> Result<(), Error> {
    let id = plan.id;
    let there = keeper.db.read(actor, move |tx| store::there(tx, id)).await?;
    for (row, _) in there.iter().zip(staying(plan, &there)).filter(|(_, stays)| !stays) {
        let Some(at) = place_of(keeper, row) else { continue };
        if remove(at).await? {
            let (of, id) = (plan.clone(), row.id);
            keeper.db.write(actor, move |tx| service::remove(tx, &of, id)).await?;
        }
    }
    Ok(())
}

/// Where a backup of this product lies.
#[must_use]
pub fn place_of(keeper: &Keeper, row: &Backup) -> Option<Location> {
    let place = keeper.targets.at(row.target.as_deref()?).ok()?;
    row.folder.as_deref().map(|folder| place.join(folder))
}

/// Drills the backups for which that was asked, and the newest if it is time.
async fn drills(keeper: &Arc<Keeper>, plan: &Plan, actor: &Arc<Actor>) -> Result<(), Error> {
    let id = plan.id;
    let there = keeper.db.read(actor, move |tx| store::there(tx, id)).await?;
    let now = keeper.db.clock().now();
    let due = plan.next_drill_at.filter(|at| plan.active && *at <= now);
    if let Some(claimed) = due {
        let next = plan.next_drill(now);
        keeper.db.housekeep(Housekeeping::BackupLease, move |rows| store::schedule_drill(rows, id, claimed, next)).await?;
    }
    for (place, row) in there.into_iter().enumerate() {
        let wanted = row.drill_wanted || (due.is_some() && place == 0);
        if !wanted {
            continue;
        }
        let (drilled, driller) = (row.clone(), Arc::clone(keeper));
        let outcome = blocking(move || drill(&driller, &drilled)).await;
        if let Err(failure) = &outcome {
            tracing::error!(plan = plan.name, code = %failure.code, "a restore drill failed: {failure}");
        }
        let of = plan.clone();
        keeper.db.write(actor, move |tx| service::drilled(tx, &of, row.id, &outcome)).await?;
    }
    Ok(())
}

fn drill(keeper: &Keeper, row: &Backup) -> Result<Report, Failure> {
    let at = place_of(keeper, row).ok_or_else(|| Failure::new(FailureCode::Away, "nobody knows where the backup is"))?;
    known(&at, row)?;
    let keys = keeper.log.keys();
    let backup = Sealed { at: &at, identities: &keeper.identities, keys: &keys };
    archive::check(&backup, &keeper.data, Some(&keeper.url), keeper.db.clock().now())
}

/// Whether the manifest is the one that was recorded when the backup was made (B2.2).
pub fn known(at: &Location, row: &Backup) -> Result<(), Failure> {
    if row.sha256.as_ref() == Some(&fingerprint(at)?) {
        return Ok(());
    }
    Err(Failure::new(FailureCode::Mismatch, format!("{at}: the manifest is not the one that was recorded")))
}

/// Raises the alarm for plans whose newest verified backup is too old; once in the records, and each hour in the server's log.
pub async fn alarms(keeper: &Arc<Keeper>) -> Result<(), Error> {
    let actor = actor();
    let (plans, newest) = keeper.db.read(&actor, |tx| Ok((store::plans(tx)?, store::newest_verified(tx)?))).await?;
    let now = keeper.db.clock().now();
    for plan in plans {
        let (id, newest) = (plan.id, newest.get(&plan.id).copied());
        match (plan.health(newest, now), plan.alarmed_at) {
            (PlanHealth::Late, None) => {
                tracing::error!(plan = plan.name, newest = ?newest, "the newest verified backup is too old");
                keeper.db.write(&actor, move |tx| service::raise_alarm(tx, id, newest)).await?;
            }
            (PlanHealth::Late, Some(at)) if at.plus_seconds(ALARM_SECONDS) <= now => {
                tracing::error!(plan = plan.name, newest = ?newest, "the newest verified backup is still too old");
                keeper.db.housekeep(Housekeeping::BackupLease, move |rows| store::alarmed(rows, id, Some(now))).await?;
            }
            (PlanHealth::Green | PlanHealth::Inactive, Some(_)) => {
                keeper.db.housekeep(Housekeeping::BackupLease, move |rows| store::alarmed(rows, id, None)).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

//! The background work: makes what is due, drills it, forgets what is over, and raises the alarm. Every replica looks; the lease on a plan
//! decides who does it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use age::{Identity, x25519::Recipient};
use db::{Database, Housekeeping};
use kernel::{Actor, ActorKind, Error};
use sha2::{Digest as _, Sha256};

use crate::{
    archive::{self, At as _, Backup as Opened, Failure, FailureCode, MANIFEST, Report, Source, Taken, verify},
    model::{Backup, OffsiteState, Plan, PlanHealth, kept, whole},
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

/// Looks every second, for ever; for alarms every minute.
pub async fn keep(keeper: Arc<Keeper>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for second in 0_u64.. {
        seconds.tick().await;
        if let Err(error) = tick(&keeper).await {
            tracing::warn!(%error, "backups could not be looked at");
        }
        if second.is_multiple_of(60)
            && let Err(error) = alarms(&keeper).await
        {
            tracing::warn!(%error, "nobody knows whether backups are late");
        }
    }
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
    if let Some(plan) = claimed {
        let id = plan.id;
        let worked = tokio::select! {
            worked = work(keeper, &plan) => worked,
            lost = renew(keeper, &plan) => lost,
        };
        keeper.db.housekeep(Housekeeping::BackupLease, move |rows| store::hold(rows, id, None)).await?;
        worked?;
    }
    Ok(())
}

/// Keeps the lease until the work is done.
async fn renew(keeper: &Arc<Keeper>, plan: &Plan) -> Result<(), Error> {
    let id = plan.id;
    loop {
        tokio::time::sleep(RENEW).await;
        let renewed = keeper.db.housekeep(Housekeeping::BackupLease, move |rows| {
            let until = rows.now().plus_seconds(LEASE_SECONDS);
            store::hold(rows, id, Some(until))
        });
        if let Err(error) = renewed.await {
            tracing::warn!(%error, "the lease of a backup could not be renewed");
        }
    }
}

async fn work(keeper: &Arc<Keeper>, plan: &Plan) -> Result<(), Error> {
    let (actor, of) = (actor(), plan.clone());
    keeper.db.write(&actor, move |tx| service::interrupt(tx, &of)).await?;
    let now = keeper.db.clock().now();
    if plan.next_run_at.is_some_and(|at| at <= now) {
        run(keeper, plan, &actor).await?;
        let (id, next) = (plan.id, plan.next_run(keeper.db.clock().now()));
        keeper.db.housekeep(Housekeeping::BackupLease, move |rows| store::schedule(rows, id, Some(next), None)).await?;
    }
    drills(keeper, plan, &actor).await
}

/// Makes one backup, and forgets those whose time is over.
async fn run(keeper: &Arc<Keeper>, plan: &Plan, actor: &Arc<Actor>) -> Result<(), Error> {
    let of = plan.clone();
    let begun = keeper.db.write(actor, move |tx| service::begin(tx, &of)).await?;
    let (of, maker) = (plan.clone(), Arc::clone(keeper));
    let started = Instant::now();
    let made = tokio::task::spawn_blocking(move || make(&maker, &of)).await.map_err(Error::internal)?;
    let duration_ms = i64::try_from(started.elapsed().as_millis()).map_err(Error::internal)?;
    let outcome = match made {
        Ok(outcome) => Ok(Outcome { duration_ms, ..outcome }),
        Err(failure) => {
            tracing::error!(plan = plan.name, code = %failure.code, "a backup failed: {failure}");
            Err(Failed { code: failure.code, text: failure.text, duration_ms })
        }
    };
    let of = plan.clone();
    let whole = outcome.is_ok();
    keeper.db.write(actor, move |tx| service::finish(tx, &of, &begun, &outcome)).await?;
    if whole { forget(keeper, plan, actor).await } else { Ok(()) }
}

/// On a thread that may block.
fn make(keeper: &Keeper, plan: &Plan) -> Result<Outcome, Failure> {
    let target = keeper.targets.folder(plan.target.as_deref().unwrap_or_default())?;
    fs::create_dir_all(target).at(target)?;
    let source = Source {
        url: &keeper.url,
        files: &keeper.data.join("files"),
        keys: &[],
        scratch: &keeper.data,
        recipients: &keeper.recipients,
        log: &keeper.log,
        product: keeper.product,
        now: keeper.db.clock().now(),
    };
    let Taken { folder, manifest } = archive::take(&source, target)?;
    // Read back: what the disk gives is what was written.
    manifest.objects.iter().try_for_each(|object| verify(&folder, object))?;
    let (offsite, reason) = match plan.offsite.as_deref().map(|name| second(keeper, plan, &folder, &manifest, name)) {
        None => (None, None),
        Some(Ok(())) => (Some(OffsiteState::Copied), None),
        Some(Err(failure)) => {
            tracing::error!(plan = plan.name, code = %failure.code, "the second copy of a backup failed: {failure}");
            let state = if failure.code == FailureCode::NotLocked { OffsiteState::Unlocked } else { OffsiteState::Failed };
            (Some(state), Some((failure.code, failure.text)))
        }
    };
    let note = folder.join(MANIFEST);
    let sha256 = kernel::hex(&Sha256::digest(fs::read(&note).at(&note)?));
    Ok(Outcome {
        duration_ms: 0,
        size: whole(manifest.size())?,
        log_size: whole(manifest.log_size)?,
        folder: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        sha256,
        encrypted: !manifest.recipients.is_empty(),
        offsite,
        reason,
    })
}

fn second(keeper: &Keeper, plan: &Plan, folder: &Path, manifest: &archive::Manifest, name: &str) -> Result<(), Failure> {
    let place = keeper.targets.folder(name)?;
    targets::copy(folder, manifest, place)?;
    if plan.offsite_locked && !targets::is_locked(place)? {
        return Err(Failure::new(FailureCode::NotLocked, format!("{}: a file could be deleted there", place.display())));
    }
    Ok(())
}

/// Removes backups whose time is over: the folder first, then it is recorded. Copies at the second place stay; that place has rules of its
/// own.
async fn forget(keeper: &Arc<Keeper>, plan: &Plan, actor: &Arc<Actor>) -> Result<(), Error> {
    let id = plan.id;
    let there = keeper.db.read(actor, move |tx| store::there(tx, id)).await?;
    let times: Vec<_> = there.iter().map(|row| row.started_at).collect();
    for (row, _) in there.iter().zip(kept(plan, &times)).filter(|(_, stays)| !stays) {
        let Some(folder) = folder_of(keeper, row) else { continue };
        let gone = tokio::task::spawn_blocking(move || if folder.exists() { fs::remove_dir_all(&folder).at(&folder) } else { Ok(()) });
        if let Err(failure) = gone.await.map_err(Error::internal)? {
            tracing::warn!(%failure, "a backup whose time is over could not be removed");
            continue;
        }
        let (of, id) = (plan.clone(), row.id);
        keeper.db.write(actor, move |tx| service::remove(tx, &of, id)).await?;
    }
    Ok(())
}

/// The folder of a backup of this product.
#[must_use]
pub fn folder_of(keeper: &Keeper, row: &Backup) -> Option<PathBuf> {
    let place = keeper.targets.folder(row.target.as_deref()?).ok()?;
    row.folder.as_deref().map(|folder| place.join(folder))
}

/// Drills the backups for which that was asked, and the newest if it is time.
async fn drills(keeper: &Arc<Keeper>, plan: &Plan, actor: &Arc<Actor>) -> Result<(), Error> {
    let id = plan.id;
    let there = keeper.db.read(actor, move |tx| store::there(tx, id)).await?;
    let now = keeper.db.clock().now();
    let due = plan.next_drill_at.is_some_and(|at| at <= now);
    for (place, row) in there.into_iter().enumerate() {
        let wanted = row.drill_wanted || (due && place == 0);
        if !wanted {
            continue;
        }
        let (drilled, driller) = (row.clone(), Arc::clone(keeper));
        let outcome = tokio::task::spawn_blocking(move || drill(&driller, &drilled)).await.map_err(Error::internal)?;
        if let Err(failure) = &outcome {
            tracing::error!(plan = plan.name, code = %failure.code, "a restore drill failed: {failure}");
        }
        let of = plan.clone();
        keeper.db.write(actor, move |tx| service::drilled(tx, &of, row.id, &outcome)).await?;
    }
    if due {
        let next = plan.next_drill(now);
        keeper.db.housekeep(Housekeeping::BackupLease, move |rows| store::schedule(rows, id, None, Some(next))).await?;
    }
    Ok(())
}

fn drill(keeper: &Keeper, row: &Backup) -> Result<Report, Failure> {
    let folder = folder_of(keeper, row).ok_or_else(|| Failure::new(FailureCode::Away, "nobody knows where the backup is"))?;
    let keys = [keeper.log.key()];
    let backup = Opened { folder: &folder, identities: &keeper.identities, keys: &keys };
    archive::check(&backup, &keeper.data, Some(&keeper.url), keeper.db.clock().now())
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

//! Backups: whether there are any, whether they are kept, and whether they could be opened and put back.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

use backup::{
    OwnPlan,
    archive::{self, Bucket, FailureCode, Location},
};
use db::look::Look;
use kernel::{Error, Ts};

use super::{Finding, count, data, database::read, length, words};
use crate::Serve;

const DAY: i64 = 86_400;

/// Plans as far as the database can be read, and what they need.
pub fn checks(serve: &Serve, look: Option<&mut Look>, now: Ts) -> Vec<Finding> {
    let mut found = Vec::new();
    let (mut drills, mut locked) = (false, Vec::new());
    if let Some(look) = look {
        let own = look.read(now, backup::own_plans);
        drills = own.as_ref().is_ok_and(|own| own.iter().any(|plan| plan.drill_due.is_some()));
        match own {
            Err(error) => found.push(read("backup plans", Err(error))),
            Ok(own) => {
                locked.extend(own.iter().filter_map(|plan| plan.locked.clone()));
                found.push(plans(serve, &own, now));
                found.push(last_drills(&own, now));
                found.push(read("late backups", late(look, &own, now)));
            }
        }
    }
    found.extend(targets(serve, &locked));
    found.push(recipients(serve));
    found.push(identities(serve, drills));
    found
}

/// Whether this product is backed up, and whether the places of its plans are known to this server.
fn plans(serve: &Serve, own: &[OwnPlan], now: Ts) -> Finding {
    const CHECK: &str = "backup plans";
    if own.is_empty() {
        let advice = "make one on the page 备份 for 本系统; what else makes backups (zhidu backup by cron) is not seen here";
        return Finding::warn(CHECK, "no active plan backs this product up", advice);
    }
    let known = serve.targets();
    let unknown = own.iter().flat_map(|plan| plan.places.iter().map(move |place| (plan, place)));
    if let Some((plan, place)) = unknown.into_iter().find(|(_, place)| known.iter().all(|target| target.name != **place)) {
        let found = format!("the plan {} puts backups to {place}, which this server does not know", plan.name);
        return Finding::wrong(CHECK, found, format!("--backup-target {place}=/path/of/a/folder, on every server"));
    }
    let newest = own.iter().filter_map(|plan| plan.newest).max();
    let age = newest.map(|at| length((now.millis() - at.millis()) / 1_000));
    Finding::ok(
        CHECK,
        format!(
            "{}; {}",
            count(own.len(), "active plan"),
            age.map_or_else(|| "no verified backup yet".to_owned(), |age| format!("the newest verified backup is {age} old"))
        ),
    )
}

/// Every active plan, also of other systems, has a verified backup that is young enough.
fn late(look: &mut Look, own: &[OwnPlan], now: Ts) -> Result<Finding, Error> {
    const CHECK: &str = "late backups";
    let ages = look.read(now, backup::ages)?;
    let late: Vec<_> = ages.iter().filter(|(.., late)| *late).collect();
    let Some((name, age, _)) = late.first() else { return Ok(Finding::ok(CHECK, format!("none of {}", count(ages.len(), "active plan")))) };
    let age = age.map_or_else(|| "has no verified backup".to_owned(), |age| format!("has its newest verified backup {} ago", length(age)));
    let advice = if own.iter().any(|plan| plan.name == *name) {
        "the page 备份 says why the last one failed, and makes one now"
    } else {
        "ask its keeper, who reports results on the page 备份 or by POST /backup-plans/{id}/results"
    };
    Ok(Finding::wrong(CHECK, format!("{}: {name} {age}", count(late.len(), "late plan")), advice))
}

/// A backup that nobody has ever put back on trial is a hope.
fn last_drills(own: &[OwnPlan], now: Ts) -> Finding {
    const CHECK: &str = "drills";
    let age = |at: Ts| length((now.millis() - at.millis()) / 1_000);
    if let Some((plan, at)) = own.iter().find_map(|plan| plan.last_drill.and_then(|(passed, at)| (!passed).then_some((plan, at)))) {
        let found = format!("the last drill of the plan {} failed, {} ago", plan.name, age(at));
        return Finding::wrong(CHECK, found, "the page 备份 says why; zhidu restore --check BACKUP tries it by hand");
    }
    if let Some(plan) = own.iter().find(|plan| plan.newest.is_some() && plan.last_drill.is_none()) {
        let found = format!("no backup of the plan {} was ever put back on trial", plan.name);
        return Finding::warn(CHECK, found, "set 每多少天恢复演练 in the plan, or ask for a drill on the page 备份");
    }
    let due = own.iter().filter_map(|plan| plan.drill_due.filter(|due| due.plus_seconds(DAY) < now).map(|due| (plan, due)));
    if let Some((plan, due)) = due.min_by_key(|(_, due)| *due) {
        let found = format!("a drill of the plan {} has been due for {}", plan.name, age(due));
        return Finding::warn(CHECK, found, "the server's messages on standard error say what keeps it; ask for one on the page 备份");
    }
    let newest = own.iter().filter_map(|plan| plan.last_drill).map(|(_, at)| at).max();
    Finding::ok(CHECK, newest.map_or_else(|| "nothing to try yet".to_owned(), |at| format!("the last passed {} ago", age(at))))
}

const PLACES: &str = "backup places";

/// The places, each by itself, and whether all of them lie on the disk of the data. Those in `locked` have to refuse deletions.
fn targets(serve: &Serve, locked: &[String]) -> Vec<Finding> {
    let all = serve.targets();
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).ok();
    let of_data = device(&serve.config.data_dir);
    if serve.places.backup_target.is_empty() {
        let found = format!("only local, {}, which a lost disk takes with it", serve.own_backups().display());
        return vec![Finding::warn(
            PLACES,
            found,
            "--backup-target disk=/mnt/disk/backup, a folder on another disk, and choose it in the plan",
        )];
    }
    let mut found: Vec<Finding> = all
        .iter()
        .map(|target| match &target.at {
            Location::Folder(path) => folder(&target.name, path),
            Location::Bucket(at) => bucket(&target.name, at, locked.contains(&target.name)),
        })
        .collect();
    let strangers = serve.places.backup_target_credentials.iter().filter(|one| {
        let of = |target: &backup::Target| target.name == one.name && matches!(target.at, Location::Bucket(_));
        !all.iter().any(of)
    });
    found.extend(strangers.map(|one| {
        let advice = "correct the name, or leave the option out";
        Finding::warn(PLACES, format!("--backup-target-credentials {}: there is no bucket of that name", one.name), advice)
    }));
    let beside = |target: &backup::Target| matches!(&target.at, Location::Folder(path) if device(path) == of_data);
    if of_data.is_some() && all.iter().all(beside) {
        let advice = "add one on another disk, best on another machine: --backup-target offsite=/mnt/other-building/backup";
        found.push(Finding::warn(PLACES, "each of them lies on the disk of the data", advice));
    }
    found
}

fn folder(name: &str, path: &Path) -> Finding {
    let folder = path.display();
    if !path.is_dir() {
        let advice = format!("mount its disk, or make the folder: until then backups to the place {name} fail (away)");
        return Finding::wrong(PLACES, format!("{name}: {folder} is not there"), advice);
    }
    match data::writable(path) {
        Ok(()) => {
            let room = data::room(PLACES, path);
            Finding { found: format!("{name}: {}", room.found), ..room }
        }
        Err(error) => {
            let advice = format!("let the user of the server write there, or mount it for writing: {folder}");
            Finding::wrong(PLACES, format!("{name}: {folder} cannot be written: {error}"), advice)
        }
    }
}

/// A bucket as far as it can be looked at without writing: whether it answers this key, and can lock what a plan or its address wants locked.
fn bucket(name: &str, at: &Bucket, demanded: bool) -> Finding {
    let locks = match at.examine() {
        Ok(locks) => locks,
        Err(failure) => {
            let fails = format!("until then backups to the place {name} fail ({})", failure.code);
            let advice = match failure.code {
                FailureCode::Refused => {
                    format!("correct the key (--backup-target-credentials {name}=FILE), or let it list, read and write there: {fails}")
                }
                FailureCode::NoBucket => format!("make the bucket, with versions and object lock, or correct its name: {fails}"),
                _ => format!("see to it that the store answers, or correct the endpoint: {fails}"),
            };
            return Finding::wrong(PLACES, format!("{name}: {}", failure.text), advice);
        }
    };
    if locks == Some(false) && (demanded || at.lock.is_some()) {
        let wants = if demanded { "a plan demands that nothing can be deleted there" } else { "its address asks for lock=" };
        let advice = "a bucket gets object lock when it is made: make a new one, and name that";
        return Finding::wrong(PLACES, format!("{name}: {at} has no object lock, and {wants}"), advice);
    }
    if demanded && at.lock.is_none() {
        let found = format!("{name}: {at} is to refuse deletions, and its address asks for no lock");
        return Finding::warn(PLACES, found, "add lock=30d to its address, unless the bucket locks what is new by itself");
    }
    if at.is_plain() {
        let advice = "use https:// in its endpoint, or see to it that nobody reads that network";
        return Finding::warn(PLACES, format!("{name}: {at} is reached without TLS"), advice);
    }
    let lock = match (at.lock, locks) {
        (Some(lock), _) => format!("what is written is locked for {} days", lock.days),
        (None, Some(true)) => "it can lock objects, and its address asks for no lock".to_owned(),
        (None, _) => "what is written can be deleted".to_owned(),
    };
    Finding::ok(PLACES, format!("{name}: {at} answers; {lock}"))
}

fn recipients(serve: &Serve) -> Finding {
    const CHECK: &str = "encryption";
    match serve.recipients.backup_recipient.len() {
        0 => {
            let advice = "age-keygen -o recovery.key on another machine, then --backup-recipient age1… (its public key)";
            Finding::warn(CHECK, "none: whoever gets hold of a backup can read it", advice)
        }
        keys => Finding::ok(CHECK, format!("for {}", count(keys, "recipient"))),
    }
}

/// Drills open what the recipients' keys have closed.
fn identities(serve: &Serve, drills: bool) -> Finding {
    const CHECK: &str = "key for drills";
    let recipients = &serve.recipients.backup_recipient;
    let identities = match serve.identities.load() {
        Ok(identities) => identities,
        Err(error) => return Finding::wrong(CHECK, words(&error), "correct --backup-identity: it names a file with AGE-SECRET-KEY-1…"),
    };
    let advice = "give the server a key of its own: --backup-identity drill.key, and its public half as another --backup-recipient";
    if identities.is_empty() {
        if drills && !recipients.is_empty() {
            return Finding::warn(CHECK, "none, and a plan asks for drills: they fail with no_identity", advice);
        }
        return Finding::ok(CHECK, "none, and none is needed");
    }
    if recipients.is_empty() {
        return Finding::ok(CHECK, "there, but backups are not encrypted");
    }
    match archive::opens(recipients, &identities) {
        Ok(true) => Finding::ok(CHECK, "opens what is encrypted for the recipients"),
        Ok(false) => Finding::wrong(CHECK, "opens nothing that is encrypted for the recipients: drills fail with no_identity", advice),
        Err(failure) => Finding::wrong(CHECK, failure.text, "correct --backup-recipient"),
    }
}

//! The folder for the data, what is in it and what must not be.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use backup::archive;
use db::{Backend, look::Look, snapshot::path_of};
use kernel::Ts;
use rustix::fs::{Access, AtFlags, CWD, accessat, statvfs};

use super::{Finding, count, whole, words};
use crate::Serve;

const GIGABYTE: u64 = 1_000_000_000;
/// Less free room than this part of a disk is little.
const PART: u64 = 10;
/// What `serve` makes in the folder, as far as it tells whose it is.
const PARTS: &[&str] =
    &["zhidu.db", "zhidu.db-wal", "zhidu.db-shm", "zhidu.db.lock", "files", "secret", "log.key", "log.checkpoint", "backups"];

/// The folder, and what can be said without the database.
pub fn checks(serve: &Serve) -> Vec<Finding> {
    let data = &serve.config.data_dir;
    let mut found = vec![folder(data)];
    if data.is_dir() {
        found.extend([owner(data), restore(data)]);
        found.extend(places(serve).iter().map(|place| room("room", place)));
        found.push(leftovers(serve));
    }
    found
}

/// Whether somebody has started a server here before, as far as can be seen: not whether the database is there, which may be what is missing.
pub fn is_used(data: &Path) -> bool {
    ["zhidu.db", "log.checkpoint", "log.key", "secret"].iter().any(|name| data.join(name).try_exists().unwrap_or(true))
}

/// Whether this user may put something into a folder.
pub fn writable(folder: &Path) -> io::Result<()> {
    Ok(accessat(CWD, folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
}

fn folder(data: &Path) -> Finding {
    const CHECK: &str = "data folder";
    let shown = whole(data);
    if !data.exists() {
        let advice = "zhidu serve makes it; if there are data already, --data-dir names another folder, or their disk is not mounted";
        return Finding::wrong(CHECK, format!("{shown} is not there"), advice);
    }
    if !data.is_dir() {
        return Finding::wrong(CHECK, format!("{shown} is no folder"), "name a folder with --data-dir");
    }
    match writable(data) {
        Ok(()) => Finding::ok(CHECK, format!("{shown} is there and can be written")),
        Err(error) => {
            let advice = format!("run this as the user that the server runs as, or give that user the folder: chown -R USER {shown}");
            Finding::wrong(CHECK, format!("{shown} cannot be written: {error}"), advice)
        }
    }
}

/// Data that another user has made, such as root in a moment of haste, stop the server at its next start.
fn owner(data: &Path) -> Finding {
    const CHECK: &str = "owner";
    let owner_of = |path: &Path| fs::metadata(path).map(|found| found.uid());
    let owner = match owner_of(data) {
        Ok(owner) => owner,
        Err(error) => return Finding::wrong(CHECK, format!("{}: {error}", data.display()), "run this as the user that the server runs as"),
    };
    let others: Vec<&str> = PARTS.iter().filter(|part| owner_of(&data.join(part)).is_ok_and(|of_part| of_part != owner)).copied().collect();
    if !others.is_empty() {
        let found = format!("the folder belongs to user {owner}, but not {}", others.join(", "));
        return Finding::wrong(CHECK, found, format!("chown -R {owner} {}, if the server runs as that user", data.display()));
    }
    let me = rustix::process::geteuid().as_raw();
    if me != owner {
        let found = format!("the data belong to user {owner}, and this runs as user {me}");
        return Finding::warn(
            CHECK,
            found,
            "run this as the user that the server runs as: what can be read and written is judged for that user",
        );
    }
    Finding::ok(CHECK, format!("user {owner}, as this runs"))
}

fn restore(data: &Path) -> Finding {
    const CHECK: &str = "restore";
    if data.join(archive::MARK).exists() {
        let advice = "run the same zhidu restore again; no server starts before";
        return Finding::wrong(CHECK, format!("a restore was interrupted ({} is there)", archive::MARK), advice);
    }
    Finding::ok(CHECK, "none was interrupted")
}

/// The folders whose disk may get full.
fn places(serve: &Serve) -> Vec<PathBuf> {
    let data = serve.config.data_dir.clone();
    let database = serve.config.url().ok().filter(|url| Backend::of_url(url) == Backend::Sqlite);
    let beside = database.and_then(|url| Path::new(path_of(&url)).parent().map(Path::to_owned));
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).ok();
    let beside = beside.filter(|folder| device(folder).is_some_and(|other| Some(other) != device(&data)));
    [Some(data), beside].into_iter().flatten().collect()
}

/// The free room of the disk on which a folder lies.
pub fn room(check: &'static str, folder: &Path) -> Finding {
    let shown = folder.display();
    match statvfs(folder) {
        Err(error) => Finding::warn(check, format!("{shown}: its free room cannot be seen: {error}"), "look yourself: df -h"),
        Ok(disk) => {
            let (free, all) = (disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize);
            let gigabytes = |bytes: u64| format!("{}.{} GB", bytes / GIGABYTE, bytes % GIGABYTE / (GIGABYTE / 10));
            let found = format!("{shown}: {} of {} free", gigabytes(free), gigabytes(all));
            if is_little(free, all) {
                let advice = "make room or take a larger disk: nothing can be recorded on a full one, and so nothing can be done";
                return Finding::warn(check, found, advice);
            }
            Finding::ok(check, found)
        }
    }
}

const fn is_little(free: u64, all: u64) -> bool {
    free < GIGABYTE || free < all / PART
}

/// What a killed backup has left, where backups go and where they are made.
fn leftovers(serve: &Serve) -> Finding {
    const CHECK: &str = "leftovers";
    let targets = serve.targets();
    let folders: BTreeSet<&Path> =
        targets.iter().filter_map(|target| target.at.folder()).chain([serve.config.data_dir.as_path()]).collect();
    let mut left = Vec::new();
    for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
        match archive::left_behind(folder) {
            Ok(found) => left.extend(found),
            Err(error) => {
                let advice = "run this as the user that the server runs as";
                return Finding::warn(CHECK, format!("{}: {error}", folder.display()), advice);
            }
        }
    }
    let Some(first) = left.first() else { return Finding::ok(CHECK, "no backup was killed half-way") };
    let found = format!("{} of a backup that was killed: {}", count(left.len(), "working folder"), first.display());
    Finding::warn(CHECK, found, "the next backup to that place removes it; it holds nothing that is needed")
}

/// The uploads that the database names.
pub fn uploads(serve: &Serve, look: &mut Look, now: Ts) -> Finding {
    const CHECK: &str = "uploads";
    let folder = serve.config.data_dir.join("files");
    match look.read(now, |tx| files::service::lost(tx, &folder)) {
        Err(error) => {
            let advice = "run this as the user that the server runs as, who has to read the folder and the database";
            Finding::wrong(CHECK, words(&error), advice)
        }
        Ok((named, lost)) => match lost.first() {
            None => Finding::ok(CHECK, format!("{} named by the database, all of them there in their size", count(named, "content"))),
            Some(first) => {
                let found = format!(
                    "{} of {named} in the database missing or cut in {}, such as {first}",
                    count(lost.len(), "content"),
                    folder.display()
                );
                Finding::wrong(
                    CHECK,
                    found,
                    "put back the folder files of a backup (zhidu restore into another place, and copy it); the page cannot deliver them",
                )
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_a_disk_and_a_gigabyte_should_be_free() {
        for (free, all, little) in [(0, 0, true), (999_999_999, 2_000_000_000, true), (GIGABYTE, 2_000_000_000, false)] {
            assert_eq!(is_little(free, all), little, "{free} of {all}");
        }
        assert!(is_little(9 * GIGABYTE, 100 * GIGABYTE) && !is_little(10 * GIGABYTE, 100 * GIGABYTE));
    }
}

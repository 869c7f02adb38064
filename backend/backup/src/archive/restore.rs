//! Putting a backup back: for a look at it, or for good.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::Instant,
};

use age::Identity;
use audit::{Anchor, recompute};
use db::{
    Backend,
    snapshot::{self, Scratch, Still},
};
use kernel::Ts;
use merkle::{Checkpoint, Note, Verifier};
use sha2::{Digest as _, Sha256};

use super::{
    failure::{At as _, Failure, FailureCode},
    location::Location,
    manifest::Manifest,
    streams,
    workplace::{Workplace, blob, sync},
};

/// While this file is in a data folder, a restore is under way or was interrupted, and no server starts there.
pub const MARK: &str = "RESTORING";

/// Which backup, and what opens it.
pub struct Sealed<'a> {
    /// Where it lies.
    pub at: &'a Location,
    /// Who can decrypt it.
    pub identities: &'a [Box<dyn Identity + Send + Sync>],
    /// Who may have signed it; if nobody is named, the signature says nothing.
    pub keys: &'a [Verifier],
}

/// What a check has found.
#[derive(Clone, Debug)]
pub struct Report {
    /// What the backup says of itself; all of it holds.
    pub manifest: Manifest,
    /// How long it took from the backup to a database that can be used.
    pub recovery_ms: i64,
    /// How old the data are.
    pub age_seconds: i64,
}

/// The parts of a backup, unpacked.
struct Stage {
    place: Workplace,
    manifest: Manifest,
    database: PathBuf,
    files: PathBuf,
    keys: PathBuf,
}

pub fn mismatch(text: impl Into<String>) -> Failure {
    Failure::new(FailureCode::Mismatch, text)
}

impl Stage {
    /// Every byte is verified before anything is unpacked, and what is unpacked once more.
    fn unpack(backup: &Sealed<'_>, scratch: &Path) -> Result<Self, Failure> {
        let manifest = Manifest::open(backup.at, backup.keys)?;
        for object in &manifest.objects {
            streams::verify(backup.at, object)?;
        }
        let place = Workplace::inside(scratch)?;
        let (database, files, keys) = (place.path.join("database"), place.folder("files")?, place.folder("keys")?);
        for object in &manifest.objects {
            streams::load(backup.at, object, backup.identities, |content| match object.name.as_str() {
                "database" => {
                    let mut file = File::create_new(&database).at(&database)?;
                    io::copy(content, &mut file).at(&database)?;
                    file.sync_all().at(&database)
                }
                "files.tar" => untar(content, &files),
                "keys.tar" => untar(content, &keys),
                other => Err(mismatch(format!("an object that this program does not know: {other}"))),
            })?;
        }
        if !database.exists() {
            return Err(mismatch("the backup has no database"));
        }
        Ok(Self { place, manifest, database, files, keys })
    }

    /// Whether a restored database is the one that was backed up.
    fn inspect(&self, url: &str, now: Ts) -> Result<(), Failure> {
        let mut still = Still::of(url)?;
        if let Some(damage) = still.damage()? {
            return Err(mismatch(format!("the database is damaged: {damage}")));
        }
        let (migrations, rows) = (still.migrations()?, still.rows()?);
        if migrations != self.manifest.migrations {
            return Err(mismatch("the database has other migrations than the manifest says"));
        }
        for (table, expected) in &self.manifest.rows {
            let found = rows.get(table).copied().unwrap_or_default();
            if found != *expected {
                return Err(mismatch(format!("{table} has {found} rows, the manifest says {expected}")));
            }
        }
        let state = state(&self.manifest.checkpoint)?;
        let (size, root) = still.read(now, recompute)?;
        if (size, root) != (state.size, state.root) {
            return Err(mismatch(format!("the records do not make the log that was signed ({size} records, signed {})", state.size)));
        }
        for content in still.read(now, files::service::contents)? {
            let path = blob(&self.files, &content);
            let mut hash = Sha256::new();
            let mut file = File::open(&path).map_err(|error| mismatch(format!("the uploaded file {content} is missing: {error}")))?;
            io::copy(&mut file, &mut hash).at(&path)?;
            if kernel::hex(&hash.finalize()) != content {
                return Err(mismatch(format!("the uploaded file {content} has another content")));
            }
        }
        Ok(())
    }
}

/// The log as it was backed up.
pub fn state(checkpoint: &str) -> Result<Checkpoint, Failure> {
    let note = Note::open(checkpoint, &[]).and_then(|note| note.text.parse());
    note.map_err(|error| mismatch(format!("the checkpoint: {error}")))
}

pub fn untar(content: &mut dyn Read, into: &Path) -> Result<(), Failure> {
    let mut archive = tar::Archive::new(content);
    archive.set_preserve_permissions(false);
    archive.set_overwrite(false);
    archive.unpack(into).at(into)
}

/// Restores into a throw-away place and looks whether it is what it was. A backup of PostgreSQL needs the URL of a server on which a
/// database may be made.
pub fn check(backup: &Sealed<'_>, scratch: &Path, server: Option<&str>, now: Ts) -> Result<Report, Failure> {
    let begun = Instant::now();
    let stage = Stage::unpack(backup, scratch)?;
    if stage.manifest.database == "postgres" {
        let server = server.filter(|url| Backend::of_url(url) == Backend::Postgres).ok_or_else(|| {
            Failure::new(FailureCode::Away, "it is a backup of PostgreSQL: name a server where a database may be made (--database-url)")
        })?;
        let made = Scratch::create(server)?;
        snapshot::read_dump(&stage.database, &made.url)?;
        stage.inspect(&made.url, now)?;
    } else {
        stage.inspect(&stage.database.display().to_string(), now)?;
    }
    let recovery_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    let age_seconds = (now.micros() - stage.manifest.taken_at.micros()) / 1_000_000;
    Ok(Report { manifest: stage.manifest.clone(), recovery_ms, age_seconds })
}

/// Where a backup is put back.
pub struct Destination<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The database.
    pub url: &'a str,
    /// Set aside what is there. Otherwise nothing may be there.
    pub replace: bool,
    /// Nothing happened after this backup, so the log may go on under its old key.
    pub continue_log: bool,
    /// Where the server keeps the newest checkpoint of the log. If that is ahead of the backup, the log gets another name by itself and
    /// tells what is lost. Otherwise nobody would know: the key that would sign is set aside, and a new one opens a new origin.
    pub anchor: &'a Anchor,
}

/// What was there before, by this name beside itself: nothing has to cross the border of a file system, wherever a part is mounted.
const ASIDE: &str = "replaced-";

/// Puts a backup back. Everything is unpacked and looked at before anything that is there is touched, and what is there is set aside, not
/// deleted. `record` writes into the log of what was restored that it was; until then no server starts there.
pub fn restore(
    backup: &Sealed<'_>,
    target: &Destination<'_>,
    now: Ts,
    record: impl FnOnce(&Manifest) -> Result<(), Failure>,
) -> Result<Report, Failure> {
    let begun = Instant::now();
    let data = target.data;
    fs::create_dir_all(data).at(data)?;
    let mark = data.join(MARK);
    let again = mark.exists();
    let manifest = Manifest::open(backup.at, backup.keys)?;
    let (theirs, ours) = (manifest.database.as_str(), Backend::of_url(target.url));
    if (theirs == "postgres") != (ours == Backend::Postgres) {
        return Err(mismatch(format!("it is a backup of {theirs}; the target is another database")));
    }
    let (sqlite, files) = (ours == Backend::Sqlite, data.join("files"));
    let sessions = if sqlite { 0 } else { snapshot::sessions(target.url)? };
    if sessions > 0 {
        let text = format!(
            "{sessions} sessions are open in the database: stop every server that uses it, on all machines, or end the sessions \
             (select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())"
        );
        return Err(Failure::new(FailureCode::Failed, text));
    }
    // What begins with a dot was left by somebody who tried whether he can write.
    let occupied = !snapshot::is_empty(target.url)? || names(&files)?.iter().any(|name| !name.starts_with('.'));
    if occupied && !target.replace && !again {
        let there = format!("{}: there are data already; --replace sets them aside", data.display());
        return Err(Failure::new(FailureCode::Failed, there));
    }
    let stage = Stage::unpack(backup, data)?;
    let database = Path::new(snapshot::path_of(target.url));
    let beside = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // From the mark on no server starts here, so what cannot be written has to show before it.
    fs::create_dir_all(&files).at(&files)?;
    for folder in [files.as_path()].into_iter().chain(sqlite.then_some(beside)) {
        drop(Workplace::inside(folder)?);
    }
    if sqlite {
        stage.inspect(&stage.database.display().to_string(), now)?;
    } else {
        let made = Scratch::create(target.url)?;
        snapshot::read_dump(&stage.database, &made.url)?;
        stage.inspect(&made.url, now)?;
    }
    let keeps_key = target.continue_log || target.anchor.is_ahead_of(&state(&manifest.checkpoint)?)?;
    File::create(&mark).and_then(|file| file.sync_all()).at(&mark)?;
    sync(data)?;

    let suffix = now.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string();
    if sqlite {
        for end in ["", "-wal", "-shm"] {
            let with = |middle: &str| PathBuf::from(format!("{}{middle}{end}", database.display()));
            move_aside(&with(""), &with(&format!(".{ASIDE}{suffix}")))?;
        }
        put(&stage.database, database)?;
        sync(beside)?;
    } else {
        if !snapshot::is_empty(target.url)? {
            snapshot::set_aside(target.url, &suffix)?;
        }
        snapshot::read_dump(&stage.database, target.url)?;
    }
    for name in names(&files)?.iter().filter(|name| !name.starts_with(ASIDE)) {
        let aside = files.join(format!("{ASIDE}{suffix}"));
        fs::create_dir_all(&aside).at(&aside)?;
        move_aside(&files.join(name), &aside.join(name))?;
    }
    for name in names(&stage.files)? {
        put_all(&stage.files.join(&name), &files.join(&name))?;
    }
    sync(&files)?;
    if !keeps_key {
        move_aside(&data.join("log.key"), &data.join(format!("log.key.{ASIDE}{suffix}")))?;
    }
    for name in names(&stage.keys)?.iter().filter(|name| *name != "log.key" || keeps_key) {
        let to = data.join(name);
        move_aside(&to, &data.join(format!("{name}.{ASIDE}{suffix}")))?;
        put(&stage.keys.join(name), &to)?;
    }
    sync(data)?;
    record(&manifest)?;
    drop(stage.place);
    fs::remove_file(&mark).at(&mark)?;
    sync(data)?;
    let recovery_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    Ok(Report { age_seconds: (now.micros() - manifest.taken_at.micros()) / 1_000_000, manifest, recovery_ms })
}

/// What a folder has; nothing if it is not there.
pub fn names(folder: &Path) -> Result<Vec<String>, Failure> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).at(folder)?.collect::<io::Result<Vec<_>>>().at(folder)?;
    Ok(entries.into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

/// Sets something aside, if it is there.
fn move_aside(from: &Path, to: &Path) -> Result<(), Failure> {
    if from.exists() { fs::rename(from, to).at(from) } else { Ok(()) }
}

/// Moves a file to its place, on the disk; over the border of a file system it is copied.
fn put(from: &Path, to: &Path) -> Result<(), Failure> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => fs::copy(from, to).map(drop).at(to)?,
        moved => moved.at(to)?,
    }
    File::open(to).and_then(|file| file.sync_all()).at(to)
}

/// The files of a folder.
pub fn put_all(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).at(to)?;
    for name in names(from)? {
        put(&from.join(&name), &to.join(&name))?;
    }
    sync(to)
}

//! Making a backup.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use age::x25519::Recipient;
use audit::Log;
use db::{Backend, snapshot::Still};
use kernel::Ts;
use uuid::Uuid;

use super::{
    failure::{At as _, Failure, FailureCode},
    location::{Draft, Location},
    manifest::{Manifest, seal},
    streams,
    workplace::{Workplace, blob},
};

/// What is backed up, for whom, signed by whom.
pub struct Source<'a> {
    /// The database.
    pub url: &'a str,
    /// The folder of uploaded files.
    pub files: &'a Path,
    /// Keys that belong into the backup, with their names in it; only for an encrypted one.
    pub keys: &'a [(&'static str, PathBuf)],
    /// A folder with room for a copy of the database. The copy is readable: it must not lie at the target.
    pub scratch: &'a Path,
    /// For whom it is encrypted.
    pub recipients: &'a [Recipient],
    /// Who signs.
    pub log: &'a Log,
    /// The version of the product.
    pub product: &'a str,
    /// Of this backup alone.
    pub id: Uuid,
    /// The time.
    pub now: Ts,
}

/// A backup that is whole.
pub struct Taken {
    /// Where it lies.
    pub at: Location,
    /// What it says of itself.
    pub manifest: Manifest,
}

/// Makes a backup in a place of its own in `target`. Nothing half can be taken for a backup.
pub fn take(source: &Source<'_>, target: &Location) -> Result<Taken, Failure> {
    if !source.keys.is_empty() && source.recipients.is_empty() {
        return Err(Failure::new(FailureCode::Failed, "keys are backed up only encrypted: name a recipient"));
    }
    let draft = Draft::begin(target, &folder_name(source.id, source.now))?;
    let copying = Workplace::inside(source.scratch)?;
    let half = &draft.at;

    // The database first: a content is stored before the row that names it, so what it names is there when the files are read.
    let copy = copying.path.join("database");
    let mut still = Still::copy(source.url, &copy)?;
    let database = streams::store(half, "database", source.recipients, |content| {
        let mut file = File::open(&copy).at(&copy)?;
        io::copy(&mut file, content).map(drop).of(half, "database")
    })?;
    let (state, checkpoint) = still.read(source.now, |tx| source.log.state(tx))?;
    let (migrations, rows) = (still.migrations()?, still.rows()?);
    let uploads = still.read(source.now, files::service::contents)?;
    drop(still);
    let files = streams::store(half, "files.tar", source.recipients, |content| pack(&uploads, source.files, content))?;
    let mut objects = vec![database, files];
    if !source.keys.is_empty() {
        objects.push(streams::store(half, "keys.tar", source.recipients, |content| {
            let mut tar = tar::Builder::new(content);
            for (name, path) in source.keys {
                tar.append_path_with_name(path, name).at(path)?;
            }
            tar.finish().of(half, "keys.tar")
        })?);
    }
    let manifest = Manifest {
        format: Manifest::format(),
        id: source.id,
        product: source.product.to_owned(),
        database: match Backend::of_url(source.url) {
            Backend::Sqlite => "sqlite",
            Backend::Postgres => "postgres",
        }
        .to_owned(),
        taken_at: source.now,
        recipients: source.recipients.iter().map(ToString::to_string).collect(),
        checkpoint,
        log_size: state.size,
        migrations,
        rows,
        objects,
    };
    seal(half, source.log, &manifest)?;
    let at = draft.finish()?;
    if Manifest::open(&at, &[source.log.key()])? != manifest {
        return Err(Failure::new(FailureCode::Damaged, format!("{at}: the manifest is not what was written")));
    }
    Ok(Taken { at, manifest })
}

/// Exactly the uploads that the database names, each hashed on its way: what is missing or damaged fails the backup now, not its restore.
pub fn pack(uploads: &[String], folder: &Path, content: streams::Content<'_>) -> Result<(), Failure> {
    let lost = |sha256: &str, why: &str| Failure::new(FailureCode::UploadLost, format!("the uploaded file {sha256} {why}"));
    let mut tar = tar::Builder::new(content);
    for sha256 in uploads {
        let path = blob(folder, sha256);
        let file = File::open(&path).map_err(|error| lost(sha256, &format!("is missing: {error}")))?;
        let mut header = tar::Header::new_gnu();
        header.set_metadata_in_mode(&file.metadata().at(&path)?, tar::HeaderMode::Deterministic);
        let mut passing = streams::Counted::new(file);
        tar.append_data(&mut header, blob(Path::new(""), sha256), &mut passing).at(&path)?;
        if passing.done().2 != *sha256 {
            return Err(lost(sha256, "has another content"));
        }
    }
    tar.finish().at(folder)
}

/// `zhidu-20261126T221530Z-01a2b3c4`: sorts by time, and is known before there is anything in it.
#[must_use]
pub fn folder_name(id: Uuid, taken_at: Ts) -> String {
    named("zhidu-", id, taken_at)
}

/// The same, of something else than a backup of the product's own data.
pub fn named(prefix: &str, id: Uuid, taken_at: Ts) -> String {
    let (_, end) = id.as_u64_pair();
    format!("{prefix}{}-{:08x}", taken_at.timestamp().strftime("%Y%m%dT%H%M%SZ"), end & 0xffff_ffff)
}

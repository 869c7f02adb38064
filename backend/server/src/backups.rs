//! `zhidu backup` and `zhidu restore`.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use age::{Identity, IdentityFile, x25519::Recipient};
use backup::archive::{self, Access, Destination, Failure, Location, Manifest, Report, Sealed, Source};
use clap::Args;
use db::{Database, Event, Options};
use kernel::{Actor, ActorKind, Clock, Error};
use merkle::Verifier;

use crate::{Config, private};

/// For whom backups are encrypted.
#[derive(Args, Clone, Debug, Default)]
pub struct Recipients {
    /// Public key (age1…) for which backups are encrypted; several, so that one lost key loses nothing. `age-keygen` makes them. Without
    /// any, backups can be read by whoever gets hold of them.
    #[arg(long, env = "ZHIDU_BACKUP_RECIPIENTS", value_delimiter = ',', value_parser = recipient)]
    pub backup_recipient: Vec<Recipient>,
}

fn recipient(text: &str) -> Result<Recipient, String> {
    text.parse().map_err(|error| format!("{error}; it begins with age1"))
}

/// How a bucket is reached.
#[derive(Args, Clone, Debug, Default)]
pub struct Reached {
    /// File with the access key of a bucket: the lines aws_access_key_id = … and aws_secret_access_key = …. Without one,
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are asked.
    #[arg(long)]
    pub credentials: Option<PathBuf>,
    /// Certificates (PEM) of whoever has signed that of the store, beside the authorities of the internet.
    #[arg(long, env = "ZHIDU_BACKUP_TARGET_CA")]
    pub backup_target_ca: Option<PathBuf>,
}

impl Reached {
    /// The same place, reached so.
    #[must_use]
    pub fn by(&self, at: &Location) -> Location {
        at.clone().reached_by(Access { credentials: self.credentials.clone(), ca: self.backup_target_ca.clone() })
    }
}

/// Which keys open and sign backups.
#[derive(Args, Clone, Debug, Default)]
pub struct Identities {
    /// File with a secret key (AGE-SECRET-KEY-1…) that opens encrypted backups.
    #[arg(long, env = "ZHIDU_BACKUP_IDENTITIES", value_delimiter = ',')]
    pub backup_identity: Vec<PathBuf>,
}

/// Everybody who can decrypt a backup.
pub type Openers = Vec<Box<dyn Identity + Send + Sync>>;

impl Identities {
    /// Reads the files.
    pub fn load(&self) -> Result<Openers, Error> {
        let mut all = Vec::new();
        for path in &self.backup_identity {
            let said = |error: &dyn std::fmt::Display| Error::internal(format!("{}: {error}", path.display()));
            let file = IdentityFile::from_file(path.display().to_string()).map_err(|error| said(&error))?;
            all.extend(file.into_identities().map_err(|error| said(&error))?);
        }
        Ok(all)
    }
}

/// What is backed up, and where to.
#[derive(Args, Clone, Debug)]
pub struct BackupArgs {
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    recipients: Recipients,
    #[command(flatten)]
    reached: Reached,
    /// Folder in which the backup gets a folder of its own, best on another disk; or s3://bucket/prefix?endpoint=https://host, as
    /// --backup-target of `serve` has it.
    target: Location,
    /// File with the key that signs the log (default: `log.key` in the data folder).
    #[arg(long, env = "ZHIDU_LOG_KEY_FILE")]
    log_key_file: Option<PathBuf>,
    /// Put the keys into it too (secret, log.key, key and certificate for HTTPS). Only for an encrypted backup.
    #[arg(long)]
    with_keys: bool,
}

/// Which backup is put back, and where.
#[derive(Args, Clone, Debug)]
pub struct RestoreArgs {
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    identities: Identities,
    #[command(flatten)]
    reached: Reached,
    /// The backup: its folder, or s3://bucket/prefix/zhidu-…?endpoint=https://host.
    backup: Location,
    /// Only print the names of the backups that are in this place.
    #[arg(long, conflicts_with_all = ["check", "replace", "continue_log"])]
    list: bool,
    /// Only look whether it could be restored: in a throw-away place, touching nothing. A backup of PostgreSQL is looked at in a database
    /// that is made for it on the server of --database-url and dropped afterwards.
    #[arg(long)]
    check: bool,
    /// The key of the log (`key` of `GET /log`), as it was written down before. Without it, the log.key of the data folder is asked.
    #[arg(long)]
    key: Vec<Verifier>,
    /// Where a check unpacks it (default: the system's folder for temporary files).
    #[arg(long)]
    scratch: Option<PathBuf>,
    /// Set aside the data that are there already.
    #[arg(long)]
    replace: bool,
    /// Nothing happened after this backup: log.key stays, or comes from the backup, and the log goes on under its name. Otherwise log.key
    /// is set aside and a new key gives the log a new name; unless the newest known checkpoint (--log-anchor) tells that there were more
    /// records: then log.key stays too, the log gets the next name (…/r2), and its record log.restored cites that checkpoint.
    #[arg(long)]
    continue_log: bool,
    /// File with the newest checkpoint of the log, as `serve` has it (default: `log.checkpoint` in the data folder).
    #[arg(long, env = "ZHIDU_LOG_ANCHOR")]
    log_anchor: Option<PathBuf>,
}

/// Files of a data folder that are keys.
const KEYS: &[&str] = &["secret", "log.key", "log.key.vouched", "self-made-cert.pem", "self-made-key.pem"];

/// The keys of a data folder that are there.
fn keys(data: &Path) -> Vec<(&'static str, PathBuf)> {
    KEYS.iter().map(|name| (*name, data.join(name))).filter(|(_, path)| path.exists()).collect()
}

/// As it is printed.
pub fn told(failure: Failure) -> Error {
    Error::internal(format!("[{}] {}", failure.code, failure.text))
}

/// Prints a line.
pub fn say(text: &str) -> Result<(), Error> {
    writeln!(std::io::stdout(), "{text}").map_err(Error::internal)
}

/// The log with this key, for what is signed or verified once.
pub fn log_of(key: &Path, anchor: &Path) -> Result<audit::Log, Error> {
    private::log(key, |text| audit::Log::open(text, audit::Anchor::at(anchor.to_owned()), 0, Vec::new()))
}

impl BackupArgs {
    /// Makes the backup and says where it is.
    pub fn run(&self) -> Result<(), Error> {
        let (data, url) = (&self.config.data_dir, self.config.url()?);
        let own = data.join("log.key");
        let log = log_of(self.log_key_file.as_deref().unwrap_or(&own), &data.join("log.checkpoint"))?;
        let keys = if self.with_keys { keys(data) } else { Vec::new() };
        let source = Source {
            url: &url,
            files: &data.join("files"),
            keys: &keys,
            scratch: data,
            recipients: &self.recipients.backup_recipient,
            log: &log,
            product: env!("CARGO_PKG_VERSION"),
            id: backup::BackupId::new().uuid(),
            now: Clock::default().now(),
        };
        let taken = archive::take(&source, &self.reached.by(&self.target)).map_err(told)?;
        if taken.manifest.recipients.is_empty() {
            tracing::warn!("this backup is not encrypted: no --backup-recipient was named");
        }
        let (size, records) = (taken.manifest.size(), taken.manifest.log_size);
        say(&format!("{}\n{size} bytes, {records} records, key of the log {}", taken.at, log.key()))
    }
}

impl RestoreArgs {
    /// Looks at the backup, or puts it back.
    pub fn run(&self) -> Result<(), Error> {
        let at = self.reached.by(&self.backup);
        if self.list {
            return at.backups().map_err(told)?.iter().try_for_each(|name| say(name));
        }
        let (data, url, now) = (&self.config.data_dir, self.config.url()?, Clock::default().now());
        let identities = self.identities.load()?;
        let keys = self.keys()?;
        if keys.is_empty() {
            tracing::warn!("nobody says who may have signed it (--key): what it says of itself is believed");
        }
        let backup = Sealed { at: &at, identities: &identities, keys: &keys };
        if self.check {
            let scratch = self.scratch.clone().unwrap_or_else(std::env::temp_dir);
            let report = archive::check(&backup, &scratch, Some(&url), now).map_err(told)?;
            return say(&format!("fine: {}", summary(&report)));
        }
        let alone = self.config.alone()?;
        let anchor = audit::Anchor::at(self.log_anchor.clone().unwrap_or_else(|| data.join("log.checkpoint")));
        let target = Destination { data, url: &url, replace: self.replace, continue_log: self.continue_log, anchor: &anchor };
        let report = archive::restore(&backup, &target, now, |manifest| record(&url, manifest).map_err(Failure::from)).map_err(told)?;
        drop(alone);
        say(&format!("restored: {}", summary(&report)))
    }

    fn keys(&self) -> Result<Vec<Verifier>, Error> {
        let own = self.config.data_dir.join("log.key");
        if self.key.is_empty() && own.exists() {
            return Ok(log_of(&own, &self.config.data_dir.join("log.checkpoint"))?.keys());
        }
        Ok(self.key.clone())
    }
}

fn summary(report: &Report) -> String {
    let manifest = &report.manifest;
    let rows: i64 = manifest.rows.values().sum();
    format!(
        "{} of {}, {} records in the log, {rows} rows in {} tables; recovery took {:.1} s, the data are {} s old",
        manifest.id,
        manifest.taken_at,
        manifest.log_size,
        manifest.rows.len(),
        std::time::Duration::from_millis(u64::try_from(report.recovery_ms).unwrap_or_default()).as_secs_f64(),
        report.age_seconds
    )
}

/// Writes into the restored log that it was restored, and from which state: what came after that state is lost, and the log says so.
fn record(url: &str, manifest: &Manifest) -> Result<(), Error> {
    let options = Options { url: url.to_owned(), connections: 1, migrate: false, clock: Clock::default() };
    let last = manifest.checkpoint.lines().nth(2).unwrap_or_default().to_owned();
    let event = Event::about("backup.restored", "backup", manifest.id, manifest.taken_at.to_string())
        .fact("log_size", manifest.log_size)
        .fact("log_root", last)
        .fact("taken_at", manifest.taken_at);
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "restore"));
    actix_web::rt::System::new().block_on(async { Database::open(&options)?.note(&actor, event).await })
}

/// A server does not start where a restore is under way or was interrupted.
pub fn refuse_half_restored(data: &Path) -> Result<(), Error> {
    let mark = data.join(archive::MARK);
    if mark.exists() {
        return Err(Error::internal(format!("{}: a restore was interrupted; run it again", mark.display())));
    }
    Ok(())
}

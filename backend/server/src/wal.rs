//! `zhidu wal`: an archive of PostgreSQL's write-ahead log, base backups, and recovery from both.

use std::{
    fmt::Display,
    io::{self, Write as _},
    panic,
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
};

use backup::archive::{
    Failure, Location, Sealed,
    wal::{self, Base, BaseSource, Recovery, WalName},
};
use clap::{Args, Subcommand};
use kernel::{Clock, Error, Ts};
use merkle::Verifier;

use crate::{
    Config,
    backups::{Identities, Reached, Recipients, log_of, say, told},
};

/// What PostgreSQL is told when a segment could not be fetched for another reason than that there is none. From 1 to 125 it would take it
/// for the end of the archive, and come up without the records after it; what is above stops it.
const NOT_FETCHED: u8 = 200;
/// What it is told when there is none.
const NO_SUCH_FILE: u8 = 1;

/// Archives the write-ahead log of PostgreSQL, and recovers from it.
#[derive(Args, Clone, Debug)]
pub struct WalArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Clone, Debug)]
enum Command {
    /// Brings a segment into the archive: archive_command = 'zhidu wal archive --to /mnt/backup/wal "%p" %f'
    Archive(Archive),
    /// Fetches a segment from the archive: restore_command. Ends with 1 only where the archive has no such file, and above 125 where
    /// anything else is wrong, which stops PostgreSQL.
    Fetch(Fetch),
    /// Copies the whole cluster (pg_basebackup) into a folder of its own beside the segments, while it runs.
    Base(Box<TakeBase>),
    /// Puts a base into an empty folder, and lets PostgreSQL recover there from the segments when it is started.
    Restore(Box<Restore>),
    /// Recovers from the newest base to the end of the archive in a throw-away place, and looks whether the log is what was signed.
    Check(Box<Check>),
}

/// An archive, as it was named and as it is.
#[derive(Clone, Debug)]
struct Place {
    text: String,
    at: Location,
}

impl FromStr for Place {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self { text: text.to_owned(), at: text.parse()? })
    }
}

#[derive(Args, Clone, Debug)]
struct Archive {
    /// The archive: a folder, or s3://bucket/prefix?endpoint=https://host.
    #[arg(long)]
    to: Location,
    #[command(flatten)]
    recipients: Recipients,
    #[command(flatten)]
    reached: Reached,
    /// The file (%p).
    path: PathBuf,
    /// Its name (%f).
    name: WalName,
}

#[derive(Args, Clone, Debug)]
struct Fetch {
    /// The archive: a folder, or s3://bucket/prefix?endpoint=https://host.
    #[arg(long)]
    from: Location,
    #[command(flatten)]
    identities: Identities,
    #[command(flatten)]
    reached: Reached,
    /// The name of the file (%f).
    name: WalName,
    /// Where it is put (%p).
    path: PathBuf,
}

#[derive(Args, Clone, Debug)]
struct TakeBase {
    /// The archive into which archive_command brings the segments: a folder, or s3://bucket/prefix?endpoint=https://host.
    #[arg(long)]
    to: Location,
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    recipients: Recipients,
    #[command(flatten)]
    reached: Reached,
    /// File with the key that signs the log (default: `log.key` in the data folder).
    #[arg(long, env = "ZHIDU_LOG_KEY_FILE")]
    log_key_file: Option<PathBuf>,
    /// Leave the uploads out, where the data folder is not on this machine. They have to be copied by other means.
    #[arg(long)]
    without_files: bool,
}

/// What opens an archive, and who may have signed its bases.
#[derive(Args, Clone, Debug)]
struct Opened {
    /// The archive: a folder, or s3://bucket/prefix?endpoint=https://host.
    #[arg(long)]
    from: Place,
    #[command(flatten)]
    identities: Identities,
    #[command(flatten)]
    reached: Reached,
    /// The key of the log (`key` of `GET /log`), as it was written down before.
    #[arg(long)]
    key: Vec<Verifier>,
}

#[derive(Args, Clone, Debug)]
struct Restore {
    #[command(flatten)]
    opened: Opened,
    /// The base, by its name (default: the newest that was whole by the moment to recover to).
    #[arg(long)]
    base: Option<String>,
    /// The moment to recover to: 2026-11-26T22:15:30Z (default: the end of the archive).
    #[arg(long)]
    to_time: Option<Ts>,
    /// Data folder into which the uploads that the base has are put.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The folder of the cluster (PGDATA), empty or not there.
    pgdata: PathBuf,
}

#[derive(Args, Clone, Debug)]
struct Check {
    #[command(flatten)]
    opened: Opened,
    /// Where it recovers (default: the system's folder for temporary files). It needs the room of the whole cluster.
    #[arg(long)]
    scratch: Option<PathBuf>,
}

impl WalArgs {
    /// Does it, and says how it ended as PostgreSQL understands it.
    pub fn run(&self) -> ExitCode {
        let done = match &self.command {
            Command::Archive(archive) => return archive.run(),
            Command::Fetch(fetch) => return fetch.run(),
            Command::Base(base) => base.run(),
            Command::Restore(restore) => restore.run(),
            Command::Check(check) => check.run(),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!(%error, "zhidu cannot go on");
                ExitCode::FAILURE
            }
        }
    }
}

/// How a command ends that cannot be read. To a `restore_command` PostgreSQL would believe that there is nothing more in the archive.
#[must_use]
pub fn unreadable(arguments: &[String], usual: i32) -> ExitCode {
    let fetches = matches!(arguments, [_, wal, fetch, ..] if wal == "wal" && fetch == "fetch");
    let usual = u8::try_from(usual).unwrap_or(NOT_FETCHED);
    ExitCode::from(if fetches && usual != 0 { NOT_FETCHED } else { usual })
}

/// Into the log of PostgreSQL, however much is to be said otherwise. Where that cannot be written, the code still says it: a panic would
/// change it.
fn complain(of: &str, failure: &impl Display) {
    drop(writeln!(io::stderr(), "zhidu wal {of}: {failure}"));
}

fn shown(failure: &Failure) -> String {
    format!("[{}] {failure}", failure.code)
}

impl Archive {
    fn run(&self) -> ExitCode {
        match wal::archive(&self.path, &self.name, &self.reached.by(&self.to), &self.recipients.backup_recipient) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                complain("archive", &shown(&failure));
                ExitCode::FAILURE
            }
        }
    }
}

impl Fetch {
    fn run(&self) -> ExitCode {
        // A panic would end with 101.
        match panic::catch_unwind(|| self.fetch()) {
            Ok(Ok(true)) => ExitCode::SUCCESS,
            Ok(Ok(false)) => ExitCode::from(NO_SUCH_FILE),
            Ok(Err(text)) => {
                complain("fetch", &text);
                ExitCode::from(NOT_FETCHED)
            }
            Err(_) => ExitCode::from(NOT_FETCHED),
        }
    }

    fn fetch(&self) -> Result<bool, String> {
        let identities = self.identities.load().map_err(|error| error.to_string())?;
        wal::fetch(&self.name, &self.reached.by(&self.from), &identities, &self.path).map_err(|failure| shown(&failure))
    }
}

impl TakeBase {
    fn run(&self) -> Result<(), Error> {
        let (data, url) = (&self.config.data_dir, self.config.url()?);
        let (own, files) = (data.join("log.key"), data.join("files"));
        let log = log_of(self.log_key_file.as_deref().unwrap_or(&own), &data.join("log.checkpoint"))?;
        let source = BaseSource {
            url: &url,
            files: (!self.without_files).then_some(files.as_path()),
            recipients: &self.recipients.backup_recipient,
            log: &log,
            product: env!("CARGO_PKG_VERSION"),
            id: backup::BackupId::new().uuid(),
        };
        let taken = wal::base(&source, &self.reached.by(&self.to)).map_err(told)?;
        let base = &taken.base;
        if base.recipients.is_empty() {
            tracing::warn!("this base is not encrypted: no --backup-recipient was named");
        } else if taken.readable_segments {
            tracing::warn!("the segments beside it are not encrypted: archive_command names no --backup-recipient");
        }
        say(&format!(
            "{}\n{} bytes, {} records, first segment {}, key of the log {}",
            taken.at,
            base.size(),
            base.log_size,
            base.first_segment,
            log.key()
        ))
    }
}

/// What root unpacks PostgreSQL cannot read, and as root it does not start.
fn refuse_root() -> Result<(), Error> {
    if rustix::process::geteuid().is_root() {
        return Err(Error::internal(
            "PostgreSQL does not run as root: run this as the user that it runs as (runuser -u postgres -- zhidu wal …)",
        ));
    }
    Ok(())
}

impl Opened {
    /// Lets somebody have it open.
    fn with<T>(&self, look: impl FnOnce(&Sealed<'_>) -> Result<T, Failure>) -> Result<T, Error> {
        if self.key.is_empty() {
            tracing::warn!("nobody says who may have signed it (--key): what it says of itself is believed");
        }
        let (at, identities) = (self.reached.by(&self.from.at), self.identities.load()?);
        look(&Sealed { at: &at, identities: &identities, keys: &self.key }).map_err(told)
    }

    /// How PostgreSQL fetches a segment, wherever it is started.
    fn restore_command(&self) -> Result<String, Error> {
        let whole = |path: &Path| std::path::absolute(path).map(|path| path.display().to_string());
        let from = self.from.at.folder().map_or_else(|| Ok(self.from.text.clone()), whole);
        let program = std::env::current_exe().map(|path| path.display().to_string());
        let mut words = vec![program.map_err(Error::internal)?, "wal".to_owned(), "fetch".to_owned()];
        let mut option = |name: &str, value: io::Result<String>| {
            words.extend([name.to_owned(), value.map_err(Error::internal)?]);
            Ok::<(), Error>(())
        };
        option("--from", from)?;
        self.identities.backup_identity.iter().try_for_each(|path| option("--backup-identity", whole(path)))?;
        let Reached { credentials, backup_target_ca } = &self.reached;
        credentials.iter().try_for_each(|path| option("--credentials", whole(path)))?;
        backup_target_ca.iter().try_for_each(|path| option("--backup-target-ca", whole(path)))?;
        if credentials.is_none() && self.from.at.folder().is_none() {
            return Err(Error::internal(
                "name --credentials: PostgreSQL, which fetches the segments itself, does not have this environment",
            ));
        }
        Ok(wal::command(&words))
    }
}

impl Restore {
    fn run(&self) -> Result<(), Error> {
        refuse_root()?;
        let files = self.data_dir.as_ref().map(|data| data.join("files"));
        let restore_command = self.opened.restore_command()?;
        let recovery = Recovery {
            base: self.base.as_deref(),
            until: self.to_time,
            cluster: &self.pgdata,
            files: files.as_deref(),
            restore_command: &restore_command,
        };
        let (name, base) = self.opened.with(|archive| wal::recover(archive, &recovery))?;
        let until = self.to_time.map_or_else(|| "the end of the archive".to_owned(), |until| until.to_string());
        say(&format!("{name} is in {}. Start PostgreSQL {}, which recovers to {until}:", self.pgdata.display(), base.major()))?;
        say(&format!("  pg_ctl --pgdata='{0}' --log='{0}/recovery.log' start", self.pgdata.display()))?;
        say("It lets nobody in before it is there (pg_isready); its log says how far it is, or what stopped it.")?;
        say("Then start zhidu serve: it holds the log against log.checkpoint, and gives it the next name if records are missing.")?;
        say("Nothing is archived before: alter system set archive_mode = on; restart PostgreSQL; zhidu wal base")?;
        if self.data_dir.is_none() || base.object(wal::UPLOADS).is_none() {
            say("The uploads were not put back: copy `files` of the data folder by other means; zhidu doctor names what is missing.")?;
        }
        Ok(())
    }
}

impl Check {
    fn run(&self) -> Result<(), Error> {
        refuse_root()?;
        let scratch = self.scratch.clone().unwrap_or_else(std::env::temp_dir);
        let restore_command = self.opened.restore_command()?;
        let found = self.opened.with(|archive| wal::drill(archive, &scratch, &restore_command, Clock::default().now()))?;
        let age = found.newest.map_or(0, |newest| (Clock::default().now().millis() - newest.millis()) / 1_000);
        let Base { ended_at, postgres, .. } = &found.base;
        let (rows, tables) = (found.rows.values().sum::<i64>(), found.rows.len());
        say(&format!(
            "fine: {} of {ended_at}, PostgreSQL {postgres}; {} records in the log, {} of them signed, {rows} rows in {tables} tables; recovery \
             took {:.1} s, the newest record is {age} s old",
            found.name,
            found.records,
            found.signed,
            found.recovery.as_secs_f64()
        ))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_fetch_that_cannot_be_read_stops_postgres() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let stops = |text: &str, usual| unreadable(&words(text), usual) == ExitCode::from(NOT_FETCHED);
        assert!(stops("zhidu wal fetch --form x", 2));
        assert!(!stops("zhidu wal fetch --help", 0) && !stops("zhidu wal archive --form x", 2) && !stops("zhidu", 2));
    }
}

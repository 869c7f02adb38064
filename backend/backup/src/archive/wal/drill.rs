//! A drill: the newest base and every segment after it make a cluster whose log is what was signed.

use std::{
    collections::BTreeMap,
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use audit::recompute_passing;
use db::snapshot::{Still, tool_version};
use kernel::Ts;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    super::{
        failure::{At as _, Failure, FailureCode},
        restore::{Sealed, mismatch, state},
        workplace::Workplace,
    },
    base::Base,
    recover::{SETTINGS, choose, put, signal},
    settings,
};

/// What was found. All of it holds.
#[derive(Clone, Debug)]
pub struct Drilled {
    /// The name of the base, and what it says of itself.
    pub name: String,
    pub base: Base,
    /// From the base to a database that can be used.
    pub recovery: Duration,
    /// Records in the log, and for how many of them its newest checkpoint speaks.
    pub records: u64,
    pub signed: u64,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// When the newest record was made.
    pub newest: Option<Ts>,
}

/// Recovers to the end of the archive in a throw-away place, with a PostgreSQL that nobody else reaches, and looks at what comes of it.
pub fn drill(archive: &Sealed<'_>, scratch: &Path, restore_command: &str, now: Ts) -> Result<Drilled, Failure> {
    let begun = Instant::now();
    let (at, base) = choose(archive, None, None)?;
    let programs = Programs::of(base.major())?;
    let place = Workplace::inside(scratch)?;
    let cluster = place.path.join("cluster");
    put(archive, &at, &base, &cluster)?;
    let server = Server::start(&programs, &place.path, &cluster, &settings::line("restore_command", restore_command))?;
    let recovery = begun.elapsed();
    let found = inspect(archive, &server.url(&base), &base, now);
    server.stop()?;
    let (records, signed, rows, newest) = found?;
    Ok(Drilled { name: at.name(), base, recovery, records, signed, rows, newest })
}

type Found = (u64, u64, BTreeMap<String, i64>, Option<Ts>);

fn inspect(archive: &Sealed<'_>, url: &str, base: &Base, now: Ts) -> Result<Found, Failure> {
    let mut still = Still::of(url)?;
    let then = state(&base.checkpoint)?;
    let newest = still.read(now, |tx| audit::newest(tx, archive.keys))?;
    let (last, by_the_log) = newest.ok_or_else(|| mismatch("the log that was recovered has no checkpoint"))?;
    if !by_the_log {
        return Err(Failure::new(FailureCode::Signature, "the newest checkpoint that was recovered was signed by another key"));
    }
    let mut of_then = None;
    let mut of_last = None;
    let (records, _) = still.read(now, |tx| {
        recompute_passing(tx, |size, grown| {
            if size == then.size {
                of_then = Some(grown.root());
            }
            if size == last.size {
                of_last = Some(grown.root());
            }
        })
    })?;
    for (checkpoint, root) in [(&then, of_then), (&last, of_last)] {
        if root != Some(checkpoint.root) {
            return Err(mismatch(format!(
                "the records do not make the log that was signed ({records} records, signed {})",
                checkpoint.size
            )));
        }
    }
    let rows = still.rows()?;
    let size = i64::try_from(records).map_err(|error| mismatch(error.to_string()))?;
    let newest = still.read(now, |tx| audit::ledger::time(tx, size))?;
    Ok((records, last.size, rows, newest))
}

/// PostgreSQL's programs, in the version that a cluster needs.
struct Programs(PathBuf);

impl Programs {
    fn of(major: &str) -> Result<Self, Failure> {
        let said = Command::new("pg_config").arg("--bindir").output().ok().filter(|said| said.status.success());
        let configured = said.map(|said| PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()));
        let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
        let debian = PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"));
        let fits = |folder: &PathBuf| {
            let program = folder.join("postgres");
            program.exists()
                && folder.join("pg_ctl").exists()
                && tool_version(&program.display().to_string()).is_ok_and(|found| found.to_string() == major)
        };
        configured.into_iter().chain(on_path).chain([debian]).find(fits).map(Self).ok_or_else(|| {
            let text = format!(
                "PostgreSQL {major}, which alone reads this base, is not here: neither pg_config, PATH nor /usr/lib/postgresql has it"
            );
            Failure::new(FailureCode::Away, text)
        })
    }
}

/// A PostgreSQL in a throw-away place; stopped when it is dropped.
struct Server<'a> {
    programs: &'a Programs,
    cluster: &'a Path,
    place: &'a Path,
    process: Child,
    stopped: bool,
}

impl<'a> Server<'a> {
    /// With a configuration of its own, whatever that of the cluster was: it hears nobody but this user, and archives nothing. Waits until
    /// it has recovered.
    fn start(programs: &'a Programs, place: &'a Path, cluster: &'a Path, restore_command: &str) -> Result<Self, Failure> {
        let write = |name: &str, text: &str| {
            let path = place.join(name);
            fs::write(&path, text).at(&path).map(|()| path.display().to_string())
        };
        let hba = write("hba.conf", "local all all trust\n")?;
        let ident = write("ident.conf", "")?;
        let mut text = restore_command.to_owned();
        for (name, value) in [
            ("data_directory", cluster.display().to_string().as_str()),
            ("hba_file", &hba),
            ("ident_file", &ident),
            ("listen_addresses", ""),
            ("unix_socket_directories", &place.display().to_string()),
            ("port", PORT),
            ("hot_standby", "off"),
            ("archive_mode", "off"),
            ("logging_collector", "off"),
            ("log_destination", "stderr"),
            ("max_prepared_transactions", "100"),
            ("recovery_target_timeline", "latest"),
        ] {
            text.push_str(&settings::line(name, value));
        }
        let config = write("drill.conf", &text)?;
        let settings = cluster.join(SETTINGS);
        fs::write(&settings, "").at(&settings)?;
        signal(cluster, "")?;
        let log = place.join("log");
        let said = File::create(&log).at(&log)?;
        let errors = said.try_clone().at(&log)?;
        let program = programs.0.join("postgres");
        let mut command = Command::new(&program);
        command.arg(format!("--config-file={config}")).env("LC_MESSAGES", "C").stdin(Stdio::null()).stdout(said).stderr(errors);
        let process = command.spawn().at(&program)?;
        let mut server = Self { programs, cluster, place, process, stopped: false };
        server.wait()?;
        Ok(server)
    }

    /// Until its doors are open, as it writes itself.
    fn wait(&mut self) -> Result<(), Failure> {
        const LOOK_AGAIN: Duration = Duration::from_millis(100);
        const STATUS_LINE: usize = 7;
        let pid = self.cluster.join("postmaster.pid");
        loop {
            if let Some(ended) = self.process.try_wait().at(&pid)? {
                self.stopped = true;
                return Err(Failure::new(FailureCode::Failed, format!("PostgreSQL does not recover ({ended}): {}", self.said())));
            }
            let status = fs::read_to_string(&pid).unwrap_or_default();
            if status.lines().nth(STATUS_LINE).is_some_and(|status| status.trim() == "ready") {
                return Ok(());
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// What it has said that matters most.
    fn said(&self) -> String {
        let log = fs::read(self.place.join("log")).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default();
        let grave: Vec<&str> =
            log.lines().filter(|line| ["FATAL", "PANIC", "zhidu wal fetch"].iter().any(|word| line.contains(word))).collect();
        let all: Vec<&str> = log.lines().collect();
        let told = if grave.is_empty() { &all } else { &grave };
        told.get(told.len().saturating_sub(5)..).unwrap_or_default().join("; ")
    }

    fn url(&self, base: &Base) -> String {
        let plain = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let place = plain(&self.place.display().to_string());
        format!("postgres://{}@/{}?host={place}&port={PORT}", plain(&base.role), plain(&base.database))
    }

    fn stop(mut self) -> Result<(), Failure> {
        self.end()
    }

    /// At once: nothing of it is needed any more. A kill would leave its shared memory behind.
    fn end(&mut self) -> Result<(), Failure> {
        if std::mem::replace(&mut self.stopped, true) {
            return Ok(());
        }
        let program = self.programs.0.join("pg_ctl");
        let mut command = Command::new(&program);
        command.args(["stop", "--mode=immediate", "--wait", "--pgdata"]).arg(self.cluster);
        let stopped = command.output().at(&program)?;
        if !stopped.status.success() {
            let text = format!("PostgreSQL cannot be stopped: {}", String::from_utf8_lossy(&stopped.stderr).trim());
            return Err(Failure::new(FailureCode::Failed, text));
        }
        self.process.wait().at(&program).map(drop)
    }
}

/// Part of the name of the socket; nothing listens on it.
const PORT: &str = "5432";

impl Drop for Server<'_> {
    fn drop(&mut self) {
        if let Err(failure) = self.end() {
            tracing::warn!(%failure, "the PostgreSQL of a drill goes on");
        }
    }
}

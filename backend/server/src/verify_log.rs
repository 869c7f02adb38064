//! `zhidu verify-log`: whether a log is what was signed, record by record. It speaks to no server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use audit::package::{self, Verified};
use clap::Args;
use kernel::{Actor, ActorKind, Clock, Error};
use merkle::Verifier;
use server::{Config, private};

/// What is to be verified.
#[derive(Debug, Args)]
pub struct VerifyLog {
    /// The package (`GET /log/export`).
    #[arg(required_unless_present = "database", conflicts_with = "database")]
    export: Option<PathBuf>,
    /// The database itself, found as `serve` finds it.
    #[arg(long, requires = "key")]
    database: bool,
    #[command(flatten)]
    config: Config,
    /// The key of the log, as it was written down before; one of an earlier year, or of before
    /// a change of the key that it has signed itself, counts as long as nothing was restored since. Without it
    /// the package is only held against itself.
    #[arg(long)]
    key: Option<Verifier>,
    /// Keys of witnesses that one trusts; each must have signed.
    #[arg(long)]
    witness: Vec<Verifier>,
    /// A checkpoint that was kept before: the log must begin with it. One of an earlier name of the log counts as far as its records went
    /// on when the log got the next one.
    #[arg(long)]
    old: Option<PathBuf>,
}

impl VerifyLog {
    /// Says what was verified. Fails, and names the first record that is not what was signed.
    pub fn run(&self) -> ExitCode {
        match self.verify() {
            Ok(verified) => {
                println!("{}", self.said(&verified));
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("NOT VERIFIED: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn verify(&self) -> Result<Verified, String> {
        let read = |path: &PathBuf| fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
        let old = self.old.as_ref().map(read).transpose()?;
        let verify = |path: &Path| package::verify(path, self.key.as_ref(), &self.witness, old.as_deref()).map_err(|bad| bad.to_string());
        match (&self.export, &self.key) {
            (Some(path), _) => verify(path),
            (None, Some(key)) => {
                let path = std::env::temp_dir().join(format!("zhidu-log-{}.zip", kernel::PersonId::new()));
                let verified = pack(&self.config, key, &path).map_err(|error| error.to_string()).and_then(|()| verify(&path));
                // If both fail, what is wrong with the log is what is told.
                let removed = fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()));
                verified.and_then(|verified| removed.map(|()| verified))
            }
            (None, None) => Err("--database needs --key".to_owned()),
        }
    }

    fn said(&self, verified: &Verified) -> String {
        let checkpoint = &verified.checkpoint;
        let mut said = format!("verified: {} records of the log {}", checkpoint.size, checkpoint.origin);
        if verified.erased > 0 {
            said.push_str(&format!("; {} details were erased, and say so", verified.erased));
        }
        for (key, time) in verified.signers.iter().filter_map(|(key, time)| Some((key, (*time)?))) {
            said.push_str(&format!("\nseen by {} at {time} (seconds since 1970)", key.name()));
        }
        if self.key.as_ref().is_some_and(|key| *key != verified.key) {
            said.push_str(&format!("\nthe key that was given has become {}", verified.key));
        }
        if self.key.is_none() {
            said.push_str("\nThe key is the one in the package: whoever made the package could have made the key. Give --key.");
        }
        said
    }
}

/// The package of a database, whoever else works on it. It is verified as any other is, and holds what the database holds.
fn pack(config: &Config, key: &Verifier, path: &Path) -> Result<(), Error> {
    let file = private::new(path).map_err(Error::internal)?;
    let options = db::Options { url: config.url()?, connections: 1, migrate: false, clock: Clock::default() };
    let key = key.to_string();
    actix_web::rt::System::new().block_on(async move {
        let db = tokio::task::spawn_blocking(move || db::Database::open(&options)).await.map_err(Error::internal)??;
        let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "verify-log"));
        let (_, note) = db.read(&actor, package::under).await?;
        let pack = move || package::write(&db, &actor, &key, &note, std::io::BufWriter::new(file));
        tokio::task::spawn_blocking(pack).await.map_err(Error::internal)?
    })
}

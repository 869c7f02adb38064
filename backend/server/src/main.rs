//! `zhidu`: serve, migrate, openapi, check-process, check-pack, sign-pack, new-key, verify-proof, verify-log, verify-extraction, witness,
//! backup, restore, wal, doctor, health.

mod check_process;
mod sign_pack;
mod verify_extraction;
mod verify_log;
mod verify_proof;

use std::{io::Write as _, net::SocketAddr, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use identity::Hasher;
use kernel::{Clock, Error};
use server::{
    Application, Config, Serve,
    backups::{BackupArgs, RestoreArgs},
    change_log_key::ChangeLogKey,
    doctor::Doctor,
    wal::{self, WalArgs},
};

use crate::{
    check_process::{CheckPack, CheckProcess},
    sign_pack::{NewKey, SignPack},
    verify_extraction::VerifyExtraction,
    verify_log::VerifyLog,
    verify_proof::VerifyProof,
};

/// A company's regulations, running as software.
#[derive(Parser)]
#[command(name = "zhidu", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server.
    Serve(Box<Serve>),
    /// Brings the database's schema up to date and ends.
    Migrate(Config),
    /// Prints the OpenAPI document.
    Openapi,
    /// Says of a BPMN 2.0 file whether it could be published as a process, and why not.
    CheckProcess(CheckProcess),
    /// Says of a regulation pack whether its processes could be published, and why not.
    CheckPack(CheckPack),
    /// Signs a regulation pack, so that companies can say whose packs they let in.
    SignPack(SignPack),
    /// Makes a key to sign with.
    NewKey(NewKey),
    /// Puts a new key that signs the log in the place of the old one, with the old one's word for it.
    ChangeLogKey(ChangeLogKey),
    /// Says whether a record is in a log, from files alone.
    VerifyProof(Box<VerifyProof>),
    /// Says whether a log is what was signed, record by record, from its package or its database.
    VerifyLog(Box<VerifyLog>),
    /// Says whether a package of records, as an authority was given it, is what was approved and is in the log.
    VerifyExtraction(VerifyExtraction),
    /// Watches the log of a server from another machine, and signs what it has seen.
    Witness(Box<server::witness::Options>),
    /// Makes a backup of the product's own data, while the server runs or not.
    Backup(BackupArgs),
    /// Puts a backup back, or looks whether it could be.
    Restore(RestoreArgs),
    /// Archives what PostgreSQL writes, second by second, and recovers from it.
    Wal(WalArgs),
    /// Says what is wrong with a set-up and what to do about it, while the server runs or not. Takes what `serve` takes; changes nothing.
    Doctor(Box<Doctor>),
    /// Asks the server on this machine whether it is well; for container engines.
    Health {
        /// Where it listens for plain HTTP.
        #[arg(long, env = "ZHIDU_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Where it cannot be said there is nobody to hear it.
            drop(error.print());
            let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
            return wal::unreadable(&arguments, error.exit_code());
        }
    };
    let collector = match &cli.command {
        Command::Serve(serve) => serve.otlp_endpoint.as_deref(),
        _ => None,
    };
    // Held until the end, which sends what is left.
    let _telemetry = match server::telemetry::start(collector) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let result = match cli.command {
        Command::Serve(serve) => actix_web::rt::System::new().block_on(run(&serve)),
        Command::Migrate(config) => migrate(&config),
        Command::Openapi => openapi(),
        Command::CheckProcess(check) => return check.run(),
        Command::CheckPack(check) => return check.run(),
        Command::SignPack(sign) => return sign.run(),
        Command::NewKey(key) => return key.run(),
        Command::VerifyProof(verify) => return verify.run(),
        Command::VerifyLog(verify) => return verify.run(),
        Command::VerifyExtraction(verify) => return verify.run(),
        Command::Witness(options) => {
            return actix_web::rt::System::new().block_on(server::witness::run(&options)).unwrap_or_else(|error| {
                tracing::error!(%error, "the witness cannot go on");
                ExitCode::FAILURE
            });
        }
        Command::ChangeLogKey(change) => change.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Wal(wal) => return wal.run(),
        Command::Doctor(doctor) => return doctor.run(),
        Command::Health { listen } => health(listen),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "zhidu cannot go on");
            ExitCode::FAILURE
        }
    }
}

/// Sessions are looked at again after this time at the latest.
const SESSION_CACHE: Duration = Duration::from_secs(4);

async fn run(serve: &Serve) -> Result<(), Error> {
    let alone = serve.config.alone()?;
    let hasher = Hasher::production();
    let app = Application::open(serve, Clock::default(), hasher.clone(), SESSION_CACHE).await?;
    let demo = if serve.demo { server::demo::seed(&app, &hasher).await? } else { None };
    let setup = identity::bootstrap::open_setup(&app.db).await?;
    let running = app.start()?;
    let base = serve.public_url.clone().unwrap_or_else(|| format!("http://{}", running.address));
    let mut text = format!("\n  制度 Zhidu is ready: {base}\n");
    if let Some(https) = serve.tls.https_listen {
        text.push_str(&format!("  HTTPS (for phones; accept the self-made certificate): https://<this machine>:{}\n", https.port()));
    }
    if let Some(logins) = demo {
        text.push_str(&logins);
    }
    if let Some(token) = setup {
        text.push_str(&format!("  Nobody is registered yet. Make the first administrator here, once:\n    {base}/setup?token={token}\n"));
    }
    let mut out = std::io::stdout();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(Error::internal)?;
    let handle = running.handle.clone();
    actix_web::rt::spawn(async move {
        let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(error) => return tracing::error!(%error, "no signals"),
        };
        tokio::select! { _ = tokio::signal::ctrl_c() => {}, _ = terminate.recv() => {} }
        handle.stop(true).await;
    });
    let served = running.server.await.map_err(Error::internal);
    drop(alone);
    served
}

fn migrate(config: &Config) -> Result<(), Error> {
    std::fs::create_dir_all(&config.data_dir).map_err(Error::internal)?;
    let options = db::Options { url: config.url()?, connections: 1, migrate: true, clock: Clock::default() };
    db::Database::open(&options).map(drop)
}

fn openapi() -> Result<(), Error> {
    let text = server::document().to_pretty_json().map_err(Error::internal)?;
    writeln!(std::io::stdout(), "{text}").map_err(Error::internal)
}

fn health(listen: SocketAddr) -> Result<(), Error> {
    let answer = server::ask(listen, "/healthz").map_err(Error::internal)?;
    if answer.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(Error::internal("the server is not well")) }
}

//! What can be set, by flag or environment.

use std::{
    fs::{File, TryLockError},
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use backup::archive::{Access, Location};
use clap::Args;
use identity::PasswordProfile;
use kernel::Error;

use crate::backups::{Identities, Recipients};

/// Where the data are.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Database: a path for SQLite (default: zhidu.db in the data folder) or postgres://…
    #[arg(long, env = "DATABASE_URL")]
    pub database_url: Option<String>,
    /// File that holds the database's address, where it must not stand in the environment.
    #[arg(long, env = "ZHIDU_DATABASE_URL_FILE", conflicts_with = "database_url")]
    pub database_url_file: Option<PathBuf>,
    /// Folder for the database, uploaded files, backups without a place of their own, the keys (secret, log.key), the certificate, and the
    /// newest checkpoint of the log (log.checkpoint).
    #[arg(long, env = "ZHIDU_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// Connections for reading; on PostgreSQL as many again for writing.
    #[arg(long, env = "ZHIDU_CONNECTIONS", default_value_t = 8)]
    pub connections: u32,
}

impl Config {
    /// The database that was asked for, or the default one.
    pub fn url(&self) -> Result<String, Error> {
        if let Some(path) = &self.database_url_file {
            let text = std::fs::read_to_string(path).map_err(|error| Error::internal(format!("{}: {error}", path.display())))?;
            return Ok(text.trim().to_owned());
        }
        Ok(self.database_url.clone().unwrap_or_else(|| self.data_dir.join("zhidu.db").display().to_string()))
    }

    /// A SQLite file serves one process: the lock on it, to be held as long as the server runs. Nothing for PostgreSQL, which serves
    /// as many as wanted. Fails if another process holds it.
    pub fn alone(&self) -> Result<Option<File>, Error> {
        let url = self.url()?;
        if db::Backend::of_url(&url) == db::Backend::Postgres {
            return Ok(None);
        }
        std::fs::create_dir_all(&self.data_dir).map_err(Error::internal)?;
        let path = format!("{url}.lock");
        let said = |error: &dyn std::fmt::Display| Error::internal(format!("{path}: {error}"));
        let file = File::create(&path).map_err(|error| said(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Err(Error::internal(format!("another server is at work on {url}"))),
            Err(TryLockError::Error(error)) => Err(said(&error)),
        }
    }
}

/// How to serve.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    #[command(flatten)]
    pub config: Config,
    /// Address for plain HTTP; others than this machine are refused on it unless a trusted proxy speaks for them.
    #[arg(long, env = "ZHIDU_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub tls: Tls,
    /// Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.
    #[arg(long, env = "ZHIDU_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxy: Vec<IpAddr>,
    /// Networks of the company that webhooks may reach, besides the internet; there also over plain HTTP.
    #[arg(long, env = "ZHIDU_WEBHOOK_NETWORKS", value_delimiter = ',')]
    pub webhook_network: Vec<ipnet::IpNet>,
    /// Networks from which `GET /metrics` is answered, besides this machine.
    #[arg(long, env = "ZHIDU_METRICS_NETWORKS", value_delimiter = ',')]
    pub metrics_network: Vec<ipnet::IpNet>,
    /// Keys (C2SP signed notes) of those whose regulation packs may be imported. Without any, unsigned packs may be.
    #[arg(long, env = "ZHIDU_PACK_KEYS", value_delimiter = ',')]
    pub pack_key: Vec<merkle::Verifier>,
    /// Serve plain HTTP to other machines too. Passwords then cross the network readably.
    #[arg(long, env = "ZHIDU_ALLOW_PLAIN_HTTP")]
    pub allow_plain_http: bool,
    /// The address under which people reach this server, for links and QR codes.
    #[arg(long, env = "ZHIDU_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Password rules: mlps (等保 2.0) or asvs.
    #[arg(long, env = "ZHIDU_PASSWORD_PROFILE", default_value_t = PasswordProfile::Mlps)]
    pub password_profile: PasswordProfile,
    /// File with the signing keys, shared by all replicas (default: `secret` in the data folder, made when missing).
    #[arg(long, env = "ZHIDU_SECRET_FILE")]
    pub secret_file: Option<PathBuf>,
    /// File with the key that signs the log, shared by all replicas (default: `log.key` in the data folder, made when missing). Keep a
    /// copy of its public half, which `GET /log` shows, where nobody who runs this server can change it.
    #[arg(long, env = "ZHIDU_LOG_KEY_FILE")]
    pub log_key_file: Option<PathBuf>,
    /// File with the newest checkpoint of the log, against which the database is held at each start (default: `log.checkpoint` in the
    /// data folder). Best on another disk than the database: after a restore it tells that records are missing. Replicas may share it, or
    /// have one each.
    #[arg(long, env = "ZHIDU_LOG_ANCHOR")]
    pub log_anchor: Option<PathBuf>,
    /// Seconds between two signed checkpoints of the log, at least.
    #[arg(long, env = "ZHIDU_LOG_CHECKPOINT_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=3600))]
    pub log_checkpoint_seconds: u32,
    /// Seconds between two records that the log is alive; 0 for none.
    #[arg(long, env = "ZHIDU_LOG_BEAT_SECONDS", default_value_t = 60)]
    pub log_beat_seconds: u32,
    /// Keys of witnesses (C2SP signed notes) whose signatures under checkpoints are taken.
    #[arg(long, env = "ZHIDU_WITNESS_KEYS", value_delimiter = ',')]
    pub witness_key: Vec<merkle::Verifier>,
    #[command(flatten)]
    pub places: Places,
    #[command(flatten)]
    pub forwarding: Forwarding,
    #[command(flatten)]
    pub recipients: Recipients,
    #[command(flatten)]
    pub identities: Identities,
    /// The built page.
    #[arg(long, env = "ZHIDU_WEB_ROOT", default_value = "frontend/dist")]
    pub web_root: PathBuf,
    /// A collector of OpenTelemetry to which each request is sent as a trace (OTLP over HTTP): http://host:4318
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
    /// Requests per second for one address, with a burst of twice as many; 0 switches it off.
    #[arg(long, env = "ZHIDU_RATE_LIMIT", default_value_t = 200)]
    pub rate_limit: u32,
    /// Worker threads (default: one for each core).
    #[arg(long, env = "ZHIDU_WORKERS")]
    pub workers: Option<usize>,
    /// Fill an empty database with a demonstration company and print its log-ins.
    #[arg(long)]
    pub demo: bool,
    /// Do not bring the schema up to date; another role does that with `zhidu migrate`.
    #[arg(long, env = "ZHIDU_NO_MIGRATE")]
    pub no_migrate: bool,
}

impl Serve {
    /// The file with the signing keys.
    #[must_use]
    pub fn secret_path(&self) -> PathBuf {
        self.secret_file.clone().unwrap_or_else(|| self.config.data_dir.join("secret"))
    }

    /// The file with the key that signs the log.
    #[must_use]
    pub fn log_key_path(&self) -> PathBuf {
        self.log_key_file.clone().unwrap_or_else(|| self.config.data_dir.join("log.key"))
    }

    /// What the database is held against.
    #[must_use]
    pub fn anchor(&self) -> audit::Anchor {
        audit::Anchor::at(self.log_anchor.clone().unwrap_or_else(|| self.config.data_dir.join("log.checkpoint")))
    }

    /// The places where backup plans may put backups.
    #[must_use]
    pub fn targets(&self) -> Vec<backup::Target> {
        let Places { backup_target, backup_target_credentials, backup_target_ca } = &self.places;
        if backup_target.is_empty() {
            return vec![backup::Target { name: "local".to_owned(), at: Location::Folder(self.own_backups()) }];
        }
        let reached = |target: &backup::Target| {
            let credentials = backup_target_credentials.iter().find(|one| one.name == target.name).map(|one| one.file.clone());
            backup::Target {
                name: target.name.clone(),
                at: target.at.clone().reached_by(Access { credentials, ca: backup_target_ca.clone() }),
            }
        };
        backup_target.iter().map(reached).collect()
    }

    /// Where backups go as long as no place is named.
    #[must_use]
    pub fn own_backups(&self) -> PathBuf {
        self.config.data_dir.join("backups")
    }
}

/// Where backup plans may put backups.
#[derive(Args, Clone, Debug, Default)]
pub struct Places {
    /// A place where backup plans may put backups: name=/path/of/a/folder, or a bucket of a store that speaks S3,
    /// name=s3://bucket/prefix?endpoint=https://host with region=, style=host (bucket.host instead of host/bucket), lock=30d and
    /// mode=governance if wanted. Without any, `local` is the folder `backups` in the data folder, which a lost disk takes with it.
    #[arg(long, env = "ZHIDU_BACKUP_TARGETS", value_delimiter = ',')]
    pub backup_target: Vec<backup::Target>,
    /// File with the access key of a bucket: name=/path/of/a/file, with the lines aws_access_key_id = … and aws_secret_access_key = ….
    /// Without one, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are asked.
    #[arg(long, env = "ZHIDU_BACKUP_TARGET_CREDENTIALS", value_delimiter = ',')]
    pub backup_target_credentials: Vec<backup::TargetCredentials>,
    /// Certificates (PEM) of whoever has signed those of the stores, beside the authorities of the internet.
    #[arg(long, env = "ZHIDU_BACKUP_TARGET_CA")]
    pub backup_target_ca: Option<PathBuf>,
}

/// HTTPS by the server itself.
#[derive(Args, Clone, Debug, Default)]
pub struct Tls {
    /// Address for HTTPS.
    #[arg(long, env = "ZHIDU_HTTPS_LISTEN")]
    pub https_listen: Option<SocketAddr>,
    /// Certificate chain (PEM); without it one is made and kept in the data folder.
    #[arg(long, env = "ZHIDU_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its key (PEM).
    #[arg(long, env = "ZHIDU_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

/// Who is told of every record.
#[derive(Args, Clone, Debug, Default)]
pub struct Forwarding {
    /// A system that the log is forwarded to, from its first record on: name=tls://host:6514 (syslog, RFC 5425), name=tcp://host:601
    /// (syslog without TLS), or name=https://host/path (a POST of OCSF events, one JSON object for each line).
    #[arg(long = "forward", env = "ZHIDU_FORWARD", value_delimiter = ',')]
    pub receivers: Vec<forwarding::Receiver>,
    /// What the header Authorization says to an HTTP receiver: name=/path/of/a/file.
    #[arg(long = "forward-authorization", env = "ZHIDU_FORWARD_AUTHORIZATION", value_delimiter = ',')]
    pub authorizations: Vec<forwarding::Authorization>,
    /// Certificates (PEM) of whoever has signed those of the receivers, beside the authorities of the internet.
    #[arg(long = "forward-ca", env = "ZHIDU_FORWARD_CA")]
    pub ca: Option<PathBuf>,
}

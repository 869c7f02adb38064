//! `zhidu witness`: for the PC of somebody who does not run the server. It follows the log, demands a proof that it has only grown,
//! and signs what it has seen (C2SP `tlog-cosignature`). What it has seen once it never forgets: a log that goes back or shows two
//! faces finds it alarmed, for good.

mod page;

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use audit::Succession;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clap::Args;
use kernel::Error;
use merkle::{Checkpoint, Note, NoteError, ProofError, Signer, Verifier, tree};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::private;

/// Whose log is followed, and how.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The server's address: https://…
    #[arg(long)]
    pub log: String,
    /// File with an access token of somebody who reads the records.
    #[arg(long)]
    pub token_file: PathBuf,
    /// The key of the log, as it was written down before.
    #[arg(long)]
    pub key: Verifier,
    /// Folder for the witness's own key and for what it has seen. Whoever can write to it can make it forget.
    #[arg(long)]
    pub state: PathBuf,
    /// Where a page shows how it stands: an address of this machine.
    #[arg(long)]
    pub listen: Option<SocketAddr>,
    /// Certificate (PEM) of the server, if it made its own.
    #[arg(long)]
    pub ca: Option<PathBuf>,
    /// Seconds between two looks.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub interval: u64,
    /// Look once and end.
    #[arg(long)]
    pub once: bool,
}

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// The log is shorter than it was, or shows a name that it had before.
    RolledBack,
    /// The log does not begin with what was seen of it before.
    SplitView,
    /// What is shown is not signed with the key of the log.
    NotSigned,
}

/// What the witness knows, as it lies in its folder.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// The newest checkpoint that followed from all before.
    pub seen: Option<String>,
    /// When it was signed here, in seconds since 1970.
    pub seen_at: Option<u64>,
    /// The key that the one it was started with has made its successor.
    #[serde(default, with = "as_text")]
    pub key: Option<Verifier>,
    /// What went wrong, and what the server showed then: with `seen` this is the evidence.
    pub alarm: Option<(Alarm, String)>,
}

/// A key as people write it down.
mod as_text {
    use merkle::Verifier;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(key: &Option<Verifier>, to: S) -> Result<S::Ok, S::Error> {
        key.as_ref().map(ToString::to_string).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Verifier>, D::Error> {
        Option::<String>::deserialize(from)?.map(|key| key.parse().map_err(D::Error::custom)).transpose()
    }
}

/// How one look ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// The log has this size, and everything follows from what was seen before.
    Follows(u64),
    /// Now or at an earlier look. It stays so.
    Alarmed(Alarm),
    /// The server did not answer as it should; this says nothing about the log.
    Unreachable(String),
}

/// Somebody who watches a log.
pub struct Witness {
    options: Options,
    signer: Signer,
    client: reqwest::Client,
    state: Mutex<State>,
    last: Mutex<Look>,
}

impl Witness {
    /// With the key and the memory in its folder, which are made when they are missing.
    pub fn open(options: &Options) -> Result<Self, Error> {
        fs::create_dir_all(&options.state).map_err(Error::internal)?;
        let make = || {
            let (seed, name): ([u8; 32], u64) = rand::random();
            Ok(Signer::witness(&format!("witness/{name:016x}"), seed).map_err(Error::internal)?.secret())
        };
        let signer = private::key(None, &options.state.join("witness.key"), make)?.parse().map_err(Error::internal)?;
        let state = match fs::read_to_string(memory(&options.state)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
            // A memory that cannot be read is not an empty one.
            read => serde_json::from_str(&read.map_err(Error::internal)?).map_err(Error::internal)?,
        };
        let mut client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20));
        if let Some(ca) = &options.ca {
            let pem = fs::read(ca).map_err(|error| Error::internal(format!("{}: {error}", ca.display())))?;
            client = client.add_root_certificate(reqwest::Certificate::from_pem(&pem).map_err(Error::internal)?);
        }
        Ok(Self {
            options: options.clone(),
            signer,
            client: client.build().map_err(Error::internal)?,
            last: Mutex::new(state.alarm.as_ref().map_or_else(|| Look::Unreachable(String::new()), |(alarm, _)| Look::Alarmed(*alarm))),
            state: Mutex::new(state),
        })
    }

    /// The key with which its signatures are verified: the server is told it by `--witness-key`.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        self.signer.verifier()
    }

    /// What it knows.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How the last look ended.
    #[must_use]
    pub fn last(&self) -> Look {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the log once.
    pub async fn look(&self) -> Result<Look, Error> {
        let look = match self.state().alarm {
            Some((alarm, _)) => Look::Alarmed(alarm),
            None => match self.follow().await {
                Err(Trouble::Server(said)) => Look::Unreachable(said),
                Err(Trouble::Own(error)) => return Err(error),
                Ok(look) => look,
            },
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = look.clone();
        Ok(look)
    }

    async fn follow(&self) -> Result<Look, Trouble> {
        let shown = self.text("/log/checkpoint").await?;
        let state = self.state();
        let known = self.key();
        let (key, new) = match signed(&shown, &known) {
            Ok(new) => (known, new),
            // The page of a proxy, say. It is signed by nobody, so it says nothing about the log.
            Err(ProofError::Note(NoteError::Malformed)) => return Err(Trouble::Server("what it shows is no checkpoint".to_owned())),
            Err(_) => {
                let next = audit::successor(&known, &self.changes().await?);
                match next.and_then(|next| Some((signed(&shown, &next).ok()?, next))) {
                    Some((new, next)) => (next, new),
                    None => return self.alarm(Alarm::NotSigned, shown),
                }
            }
        };
        // It was signed when it was kept: that it does not parse now is our own trouble.
        let old = state.seen.as_deref().map(|seen| Note::open(seen, &[])?.text.parse::<Checkpoint>());
        if let Some(old) = old.transpose().map_err(Error::internal)? {
            if new.size < old.size || audit::goes_on(&old, &new) {
                return self.alarm(Alarm::RolledBack, shown);
            }
            if !self.consistent(&old, &new).await? {
                return self.alarm(Alarm::SplitView, shown);
            }
            if new == old && state.seen_at.is_some() {
                return Ok(Look::Follows(new.size));
            }
        }
        // Remembered first: nothing is signed that a restart would not know.
        let key = Some(key).filter(|key| *key != self.options.key);
        self.remember(State { seen: Some(shown), seen_at: None, key, alarm: None })?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(|error| Trouble::Own(Error::internal(error)))?.as_secs();
        let line = self.signer.cosign(&new.to_string(), now).map_err(|error| Trouble::Own(Error::internal(error)))?;
        self.hand_back(&new, &line).await?;
        self.remember(State { seen_at: Some(now), ..self.state() })?;
        Ok(Look::Follows(new.size))
    }

    /// The key of the log: the one that it was started with, or what has become of it.
    #[must_use]
    pub fn key(&self) -> Verifier {
        self.state().key.unwrap_or_else(|| self.options.key.clone())
    }

    /// How keys have followed each other, as the server tells it; each says so itself. An answer that tells nothing of that tells of none:
    /// no server keeps the witness from its alarm by it.
    async fn changes(&self) -> Result<Vec<Succession>, Trouble> {
        #[derive(Deserialize)]
        struct Log {
            origins: Vec<Origin>,
        }
        #[derive(Deserialize)]
        struct Origin {
            vouched: Vec<String>,
        }
        let log: Log = serde_json::from_str(&self.text("/log").await?).unwrap_or_else(|_| Log { origins: Vec::new() });
        Ok(log.origins.iter().rev().flat_map(|origin| &origin.vouched).filter_map(|note| Succession::read(note)).collect())
    }

    async fn consistent(&self, old: &Checkpoint, new: &Checkpoint) -> Result<bool, Trouble> {
        if old.size == 0 || old.size == new.size {
            return Ok(tree::verify_consistency(old.size, new.size, &[], &old.root, &new.root) || (old.size == 0 && new.size > 0));
        }
        #[derive(Deserialize)]
        struct Proof {
            hashes: Vec<String>,
        }
        let path = format!("/log/consistency?old={}&new={}", old.size, new.size);
        let proof: Proof = serde_json::from_str(&self.text(&path).await?).map_err(|error| Trouble::Server(error.to_string()))?;
        let hashes =
            proof.hashes.iter().map(|hash| BASE64_STANDARD.decode(hash).ok()?.try_into().ok()).collect::<Option<Vec<tree::Hash>>>();
        Ok(hashes.is_some_and(|hashes| tree::verify_consistency(old.size, new.size, &hashes, &old.root, &new.root)))
    }

    async fn text(&self, path: &str) -> Result<String, Trouble> {
        let answer = self.request(reqwest::Method::GET, path)?.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if status.is_success() { Ok(text) } else { Err(Trouble::Server(format!("{path}: {status}"))) }
    }

    async fn hand_back(&self, checkpoint: &Checkpoint, line: &str) -> Result<(), Trouble> {
        let body = json!({ "origin": checkpoint.origin, "size": checkpoint.size, "cosignature": line.trim_end() });
        let answer = self.request(reqwest::Method::POST, "/log/cosignatures")?.json(&body).send().await?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(Trouble::Server(format!("the server does not take the signature: {status}"))) }
    }

    fn request(&self, method: reqwest::Method, path: &str) -> Result<reqwest::RequestBuilder, Trouble> {
        let token = fs::read_to_string(&self.options.token_file)
            .map_err(|error| Error::internal(format!("{}: {error}", self.options.token_file.display())))?;
        let url = format!("{}{}{path}", self.options.log.trim_end_matches('/'), ::web::PREFIX);
        Ok(self.client.request(method, url).bearer_auth(token.trim()))
    }

    fn alarm(&self, alarm: Alarm, shown: String) -> Result<Look, Trouble> {
        tracing::error!(?alarm, shown, "ALARM: the log is not what it was");
        self.remember(State { alarm: Some((alarm, shown)), ..self.state() })?;
        Ok(Look::Alarmed(alarm))
    }

    fn remember(&self, state: State) -> Result<(), Error> {
        let path = memory(&self.options.state);
        let text = serde_json::to_vec_pretty(&state).map_err(Error::internal)?;
        audit::replace(&path, &text).map_err(|error| Error::internal(format!("{}: {error}", path.display())))?;
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(())
    }
}

/// The checkpoint of a note, if this key has signed it, under the name of that year or a later one: the log gets that by itself.
fn signed(note: &str, key: &Verifier) -> Result<Checkpoint, ProofError> {
    let origin = note.lines().next().unwrap_or_default();
    Checkpoint::signed(note, &audit::as_of(key, origin), &[]).map(|(checkpoint, _)| checkpoint)
}

fn memory(folder: &Path) -> PathBuf {
    folder.join("state.json")
}

enum Trouble {
    /// The server's, or the network's.
    Server(String),
    /// Of this machine: it must not go on as if nothing were.
    Own(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}
impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        Self::Server(error.to_string())
    }
}

/// Watches until somebody stops it. 0 if all was well, 1 if it could not look, 2 if it is alarmed.
pub async fn run(options: &Options) -> Result<ExitCode, Error> {
    let witness = Arc::new(Witness::open(options)?);
    println!("witness key, for --witness-key of the server: {}", witness.verifier());
    if options.once {
        let look = witness.look().await?;
        println!("{}", page::said(&look, false));
        return Ok(match look {
            Look::Follows(_) => ExitCode::SUCCESS,
            Look::Unreachable(_) => ExitCode::FAILURE,
            Look::Alarmed(_) => ExitCode::from(2),
        });
    }
    let mut stop = Box::pin(tokio::signal::ctrl_c());
    let page = options.listen.map(|listen| page::serve(listen, Arc::clone(&witness))).transpose()?;
    if let Some(server) = page {
        tokio::spawn(server);
    }
    let mut looks = tokio::time::interval(Duration::from_secs(options.interval));
    loop {
        tokio::select! {
            stopped = &mut stop => {
                stopped.map_err(Error::internal)?;
                break;
            }
            _ = looks.tick() => match witness.look().await? {
                Look::Follows(size) => tracing::debug!(size, "the log has only grown"),
                Look::Unreachable(said) => tracing::warn!(said, "the log cannot be looked at"),
                Look::Alarmed(alarm) => {
                    tracing::error!(?alarm, "ALARM: the log is not what it was");
                    if options.listen.is_none() {
                        break;
                    }
                }
            },
        }
    }
    Ok(if matches!(witness.last(), Look::Alarmed(_)) { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

//! Log-in, refresh, log-out, and who a bearer token stands for.

use std::{net::IpAddr, sync::Arc, time::Duration};

use db::{Database, Event, Housekeeping};
use futures_util::future::LocalBoxFuture;
use kernel::{Actor, ActorKind, Code, Error, PersonId, Ts, UnitId};
use web::{Authenticated, Authenticator};

use super::{
    failures::FailedLogins,
    known::{Known, Memory, Shown},
};
use crate::{
    Hasher, PasswordProfile, Secrets,
    model::{Person, PersonRef, Session, SessionId, TokenId},
    secrets, store,
};

/// A session ends this long after its last refresh…
const IDLE_SECONDS: i64 = 8 * 3600;
/// …and this long after the log-in at the latest.
const SESSION_SECONDS: i64 = 7 * 24 * 3600;
/// Two tabs may exchange the same token within this time.
const GRACE_SECONDS: i64 = 30;
const ACCOUNT_LIMIT: i32 = 5;
const ADDRESS_LIMIT: i32 = 20;
const WINDOW_SECONDS: i64 = 15 * 60;
const LOCK_SECONDS: i64 = 10 * 60;

/// A session as the client holds it.
pub struct Opened {
    /// The access token.
    pub access_token: String,
    /// For the cookie.
    pub refresh_token: String,
    /// Whether the initial password must be changed first.
    pub must_change_password: bool,
    /// Who.
    pub person: PersonRef,
}

/// Everything about being somebody.
pub struct Identity {
    db: Database,
    secrets: Secrets,
    hasher: Hasher,
    profile: PasswordProfile,
    failures: FailedLogins,
    memory: Memory,
}

/// What a refresh found.
enum Exchange {
    Fine(Session),
    Reused(Session),
    Unknown,
}

impl Identity {
    /// With its keys and its hasher; `cache_for` is how long a revocation may go unnoticed, 4 s in production.
    #[must_use]
    pub fn new(db: Database, secrets: Secrets, hasher: Hasher, profile: PasswordProfile, cache_for: Duration) -> Self {
        Self { db, secrets, hasher, profile, failures: FailedLogins::default(), memory: Memory::new(cache_for) }
    }

    /// The rules for passwords.
    #[must_use]
    pub const fn profile(&self) -> PasswordProfile {
        self.profile
    }

    /// The hasher.
    #[must_use]
    pub const fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// The counters of failed log-ins, to be flushed each minute.
    #[must_use]
    pub const fn failures(&self) -> &FailedLogins {
        &self.failures
    }

    /// Checks account and password and opens a session.
    pub async fn log_in(&self, actor: &Arc<Actor>, login: &str, password: &str) -> Result<Opened, Error> {
        let (person, must_change) = self.prove(actor, login, password).await?;
        self.open(actor, person, must_change).await
    }

    /// The second person who agrees to something at somebody else's screen (四眼): proved by account and password, without a session.
    pub async fn second_person(&self, actor: &Arc<Actor>, login: &str, password: &str) -> Result<PersonId, Error> {
        match self.prove(actor, login, password).await {
            Ok((person, _)) => Ok(person.id),
            // It is not the caller whose log-in failed.
            Err(error) if error.code() == Code::LoginFailed => Err(Error::invalid("/second_password", Code::PasswordWrong)),
            Err(error) => Err(error),
        }
    }

    /// Who has this account and password, and whether the password is still the initial one. Failures count.
    async fn prove(&self, actor: &Arc<Actor>, login: &str, password: &str) -> Result<(Person, bool), Error> {
        let login = login.trim().to_lowercase();
        let address = actor.address.clone().unwrap_or_default();
        let (account_key, address_key) = (format!("account:{login}"), format!("address:{address}"));

        let keys = [account_key.clone(), address_key.clone()];
        let wanted = login.clone();
        let (locked, found) = self
            .db
            .read(actor, move |tx| {
                let mut locked = None;
                for key in &keys {
                    locked = locked.max(store::locked_until(tx, key)?);
                }
                let person = store::person_by_login(tx, &wanted)?;
                let credential = match &person {
                    Some(person) if person.active => store::credential(tx, person.id)?,
                    _ => None,
                };
                Ok((locked, person.map(|person| (person, credential))))
            })
            .await?;
        let now = self.db.clock().now();
        if let Some(until) = locked {
            self.failures.count(&self.db, actor, &login, found.as_ref().map(|(person, _)| person), Code::LoginLocked).await?;
            let wait = (until.micros() - now.micros()) / 1_000_000 + 1;
            return Err(Error::new(Code::LoginLocked).with("retry_after", wait));
        }
        let (person, credential) = found.map_or((None, None), |(person, credential)| (Some(person), credential));
        let usable = credential.filter(|credential| credential.expires_at.is_none_or(|until| until > now));
        let right = self.hasher.verify(password, usable.as_ref().map(|credential| credential.password_hash.clone())).await?;
        let (Some(person), Some(credential), true) = (person.clone(), usable, right) else {
            let keys = [(account_key, ACCOUNT_LIMIT), (address_key, ADDRESS_LIMIT)];
            self.db
                .housekeep(Housekeeping::Throttle, move |rows| {
                    keys.iter().try_for_each(|(key, limit)| store::count_failure(rows, key, *limit, WINDOW_SECONDS, LOCK_SECONDS))
                })
                .await?;
            self.failures.count(&self.db, actor, &login, person.as_ref(), Code::LoginFailed).await?;
            return Err(Error::new(Code::LoginFailed));
        };
        self.db.housekeep(Housekeeping::Throttle, move |rows| store::forget_failures(rows, &account_key)).await?;
        Ok((person, credential.must_change))
    }

    /// Opens a session for somebody who has proved who they are.
    pub async fn open(&self, actor: &Arc<Actor>, person: Person, must_change_password: bool) -> Result<Opened, Error> {
        let refresh_token = secrets::random_token();
        let hash = secrets::hash(&refresh_token);
        let as_person =
            Arc::new(Actor { kind: ActorKind::Person, id: Some(person.id.uuid()), name: person.name.clone(), ..(**actor).clone() });
        let who = person.clone();
        let session = self
            .db
            .write(&as_person, move |tx| {
                let now = tx.now();
                let session = Session {
                    id: SessionId::new(),
                    person_id: who.id,
                    address: tx.actor().address.clone(),
                    user_agent: tx.actor().user_agent.clone(),
                    created_at: now,
                    last_seen_at: now,
                    expires_at: now.plus_seconds(SESSION_SECONDS),
                    ended_at: None,
                    end_reason: None,
                    version: 1,
                };
                let event =
                    Event::new("session.opened", session.id, who.name.clone()).created().related(who.id, "person", who.name.clone());
                let row = session.clone();
                let hash = hash.clone();
                tx.record(event, move |rows| store::sessions::insert_session(rows, &row, hash))?.and_then(|()| Ok(session))
            })
            .await?;
        Ok(Opened {
            access_token: self.secrets.sign(person.id, session.id, session.created_at)?,
            refresh_token,
            must_change_password,
            person: PersonRef { id: person.id, name: person.name },
        })
    }

    /// Exchanges a refresh token. The use of an old one ends the session: it was stolen, or its thief was faster.
    pub async fn refresh(&self, actor: &Arc<Actor>, token: &str) -> Result<Opened, Error> {
        let successor = self.secrets.successor(token)?;
        let (hash, next) = (secrets::hash(token), secrets::hash(&successor));
        let reader = Arc::new(Actor::of_kind(ActorKind::SystemJob, "refresh"));
        let exchange = self
            .db
            .housekeep(Housekeeping::Sessions, move |rows| {
                let (now, actor) = (rows.now(), &reader);
                let mut tx = rows.reading(actor);
                let Some((id, rotated_at)) = store::sessions::refresh(&mut tx, &hash)? else { return Ok(Exchange::Unknown) };
                let Some(session) = store::sessions::session(&mut tx, id)?.filter(|session| is_open(session, now)) else {
                    return Ok(Exchange::Unknown);
                };
                if rotated_at.is_some_and(|at| at.plus_seconds(GRACE_SECONDS) < now) {
                    return Ok(Exchange::Reused(session));
                }
                if rotated_at.is_none() {
                    store::sessions::rotate(rows, id, &hash, next.clone())?;
                }
                Ok(Exchange::Fine(session))
            })
            .await?;
        match exchange {
            Exchange::Unknown => Err(Error::new(Code::SessionEnded)),
            Exchange::Reused(session) => {
                self.end(actor, session.id, "refresh_token_reused").await?;
                Err(Error::new(Code::SessionEnded))
            }
            Exchange::Fine(session) => {
                let (person, must_change_password) = self
                    .db
                    .read(actor, move |tx| {
                        let person = store::person(tx, session.person_id)?.filter(|person| person.active);
                        let must_change = store::credential(tx, session.person_id)?.is_none_or(|credential| credential.must_change);
                        Ok((person, must_change))
                    })
                    .await?;
                let person = person.ok_or_else(|| Error::new(Code::SessionEnded))?;
                Ok(Opened {
                    access_token: self.secrets.sign(person.id, session.id, self.db.clock().now())?,
                    refresh_token: successor,
                    must_change_password,
                    person: PersonRef { id: person.id, name: person.name },
                })
            }
        }
    }

    /// Ends a session; ending it twice changes nothing.
    pub async fn end(&self, actor: &Arc<Actor>, id: SessionId, reason: &'static str) -> Result<(), Error> {
        self.db.write(actor, move |tx| super::sessions::end(tx, id, reason)).await?;
        self.forget(id.uuid());
        Ok(())
    }

    /// Forgets what is known of a session or an access token here; other replicas look again within the time of their memory.
    pub fn forget(&self, id: kernel::Uuid) {
        self.memory.forget(id);
    }

    async fn look_up(&self, token: &str, address: Option<IpAddr>) -> Result<Authenticated, Error> {
        let now = self.db.clock().now();
        let (shown, person) = match token.strip_prefix(super::sessions::TOKEN_PREFIX) {
            Some(secret) => (Shown::Token(secrets::hash(secret)), None),
            None => {
                let claims = self.secrets.verify(token, now)?;
                (Shown::Session(claims.sid.uuid()), Some(claims.sub))
            }
        };
        let known = match self.memory.of(&shown) {
            Some(known) => known,
            None => {
                let found = self.ask(shown.clone(), person).await?;
                self.memory.keep(shown, found.clone());
                found
            }
        };
        if known.is_good(now, address) { Ok(known.who) } else { Err(Error::new(Code::SessionEnded)) }
    }

    /// Asks the database who shows this. A session has to be of the person for whom its token was signed.
    async fn ask(&self, shown: Shown, person: Option<PersonId>) -> Result<Known, Error> {
        let nobody = Arc::new(Actor::of_kind(ActorKind::Anonymous, "authentication"));
        match shown {
            Shown::Session(id) => self.db.read(&nobody, move |tx| by_session(tx, SessionId::from_uuid(id), person)).await,
            Shown::Token(hash) => {
                let (id, last_used, known) = self.db.read(&nobody, move |tx| by_access_token(tx, &hash)).await?;
                self.touch(id, last_used).await?;
                Ok(known)
            }
        }
    }

    /// Last use, to the minute.
    async fn touch(&self, id: TokenId, last_used: Option<Ts>) -> Result<(), Error> {
        let now = self.db.clock().now();
        if last_used.is_some_and(|at| at.plus_seconds(60) > now) {
            return Ok(());
        }
        self.db.housekeep(Housekeeping::Sessions, move |rows| store::sessions::touch_access_token(rows, id)).await
    }
}

fn by_session(tx: &mut db::ReadTx<'_>, id: SessionId, signed_for: Option<PersonId>) -> Result<Known, Error> {
    let now = tx.now();
    let session = store::sessions::session(tx, id)?.filter(|session| is_open(session, now) && Some(session.person_id) == signed_for);
    let person = session.ok_or_else(|| Error::new(Code::SessionEnded))?.person_id;
    let must_change = store::credential(tx, person)?.is_none_or(|credential| credential.must_change);
    let who = authenticated(tx, ActorKind::Person, person, id.uuid(), must_change)?;
    Ok(Known { who, expires_at: None, networks: Vec::new() })
}

fn by_access_token(tx: &mut db::ReadTx<'_>, hash: &[u8]) -> Result<(TokenId, Option<Ts>, Known), Error> {
    let token = store::sessions::access_token_by_hash(tx, hash)?
        .filter(|token| token.revoked_at.is_none())
        .ok_or_else(|| Error::new(Code::SessionEnded))?;
    let mut who = authenticated(tx, ActorKind::Token, token.person_id, token.id.uuid(), false)?;
    let scopes: Vec<kernel::Permission> = token.scopes.parse()?;
    let mut grants = (*who.grants).clone();
    grants.retain(|permission, _| scopes.contains(permission));
    who.grants = Arc::new(grants);
    let known = Known { who, expires_at: Some(token.expires_at), networks: token.networks.parse()? };
    Ok((token.id, token.last_used_at, known))
}

fn is_open(session: &Session, now: Ts) -> bool {
    session.ended_at.is_none() && session.expires_at > now && session.last_seen_at.plus_seconds(IDLE_SECONDS) > now
}

fn authenticated(
    tx: &mut db::ReadTx<'_>,
    kind: ActorKind,
    person: PersonId,
    session: kernel::Uuid,
    must_change_password: bool,
) -> Result<Authenticated, Error> {
    let person = store::person(tx, person)?.filter(|person| person.active).ok_or_else(|| Error::new(Code::SessionEnded))?;
    let unit: Option<UnitId> = store::main_posts(tx, &[person.id])?.remove(&person.id).map(|(unit, _)| unit.id);
    let grants = Arc::new(store::grants(tx, person.id)?);
    Ok(Authenticated { kind, id: person.id.uuid(), name: person.name, unit, session, grants, must_change_password })
}

impl Authenticator for Identity {
    fn authenticate<'a>(&'a self, token: &'a str, address: Option<IpAddr>) -> LocalBoxFuture<'a, Result<Authenticated, Error>> {
        Box::pin(self.look_up(token, address))
    }
}

//! Sessions and access tokens of a person.

use db::{Event, Recorded, WriteTx};
use kernel::{Actor, Code, Error, Permission, Ts, column::RawJson};

use crate::{
    model::{AccessToken, SessionId, TokenId},
    secrets, store,
};

/// What access tokens begin with, so that a leaked one is recognised.
pub const TOKEN_PREFIX: &str = "zhidu_pat_";

/// Ends a session. One that has ended stays as it is.
pub fn end(tx: &mut WriteTx<'_>, id: SessionId, reason: &'static str) -> Result<Recorded<()>, Error> {
    let Some(session) = store::sessions::session(tx, id)? else { return Err(Error::absent(id)) };
    if session.ended_at.is_some() {
        return Ok(tx.unchanged(()));
    }
    let event = Event::new("session.ended", id, "").step(session.version).fact("reason", reason).related(session.person_id, "person", "");
    tx.record(event, |rows| store::sessions::end_session(rows, &session, reason))
}

/// Ends one of the actor's own sessions.
pub fn end_own(tx: &mut WriteTx<'_>, id: SessionId) -> Result<Recorded<()>, Error> {
    let session = store::sessions::session(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if !tx.actor().is(session.person_id) {
        return Err(Error::hidden(id));
    }
    end(tx, id, "ended_by_owner")
}

/// Ends all sessions of somebody, one record each.
pub fn end_all(tx: &mut WriteTx<'_>, person: kernel::PersonId, reason: &'static str, except: Option<SessionId>) -> Result<(), Error> {
    for session in store::sessions::open_sessions(tx, person)? {
        if Some(session.id) != except {
            end(tx, session.id, reason)?.into_inner();
        }
    }
    Ok(())
}

/// What a new access token may do.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// No more than its owner holds.
    pub scopes: Vec<Permission>,
    /// Addresses from which it works; everywhere if empty.
    pub networks: Vec<ipnet::IpNet>,
    /// Until when.
    pub expires_at: Ts,
    /// The secret, made outside.
    pub secret: String,
}

/// Makes an access token. It can never do more than its owner, whatever its scopes say.
pub fn create_token(tx: &mut WriteTx<'_>, new: &NewToken) -> Result<Recorded<AccessToken>, Error> {
    let person = tx.actor().require_person()?;
    if let Some(scope) = new.scopes.iter().find(|scope| !tx.actor().holds(**scope)) {
        return Err(Error::forbidden(Code::Forbidden).with("permission", scope));
    }
    if new.expires_at <= tx.now() {
        return Err(Error::invalid("/expires_at", Code::InPast));
    }
    let token = AccessToken {
        id: TokenId::new(),
        person_id: person,
        name: new.name.clone(),
        prefix: format!("{TOKEN_PREFIX}{}", new.secret.chars().take(4).collect::<String>()),
        token_hash: secrets::hash(&new.secret),
        scopes: RawJson::of(&new.scopes)?,
        networks: RawJson::of(&new.networks)?,
        created_at: tx.now(),
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
        version: 1,
    };
    let event = Event::new("access_token.created", token.id, token.name.clone())
        .created()
        .related(person, "owner", tx.actor().name.clone())
        .set("scopes", &new.scopes)
        .set("networks", &new.networks)
        .set("expires_at", &new.expires_at);
    tx.record(event, |rows| store::sessions::insert_access_token(rows, &token))?.and_then(|()| Ok(token.clone()))
}

/// Revokes one of the actor's own tokens.
pub fn revoke_token(tx: &mut WriteTx<'_>, id: TokenId) -> Result<Recorded<()>, Error> {
    let token = store::sessions::access_token(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if !tx.actor().is(token.person_id) {
        return Err(Error::hidden(id));
    }
    if token.revoked_at.is_some() {
        return Ok(tx.unchanged(()));
    }
    let event = Event::new("access_token.revoked", id, token.name.clone()).step(token.version).related(token.person_id, "owner", "");
    tx.record(event, |rows| store::sessions::revoke_access_token(rows, &token))
}

/// Changes the actor's own password to one that has been hashed and checked outside; other sessions end.
pub fn change_password(tx: &mut WriteTx<'_>, hash: &str) -> Result<Recorded<()>, Error> {
    let id = tx.actor().require_person()?;
    let person = store::person(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let current = tx.actor().session.map(SessionId::from_uuid);
    end_all(tx, id, "password_changed", current)?;
    let event = Event::new("password.changed", id, person.name);
    tx.record(event, |rows| store::set_password(rows, id, hash, false, None))
}

/// Whether an actor uses a token; tokens cannot make tokens or change passwords.
pub fn require_session(actor: &Actor) -> Result<(), Error> {
    if actor.kind == kernel::ActorKind::Token { Err(Error::forbidden(Code::TokenScope)) } else { Ok(()) }
}

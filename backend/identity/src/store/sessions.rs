//! Queries on sessions, refresh tokens, access tokens and the set-up link.

use db::{
    ReadTx, Rows,
    schema::{audit_detail, audit_record, audit_related},
};
use diesel::prelude::*;
use kernel::{Error, PageRequest, PersonId, Ts, Uuid, column::AnyId};

use crate::{
    model::{AccessToken, Session, SessionId, TokenId},
    schema::{access_token, refresh_token, session, setup_link},
};

pub fn session(tx: &mut ReadTx<'_>, id: SessionId) -> Result<Option<Session>, Error> {
    Ok(session::table.find(id).select(Session::as_select()).get_result(tx.conn()).optional()?)
}

pub fn open_sessions(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<Session>, Error> {
    let now = tx.now();
    Ok(session::table
        .filter(session::person_id.eq(person))
        .filter(session::ended_at.is_null())
        .filter(session::expires_at.gt(now))
        .select(Session::as_select())
        .order(session::created_at.desc())
        .load(tx.conn())?)
}

pub fn insert_session(rows: &mut Rows<'_>, row: &Session, refresh_hash: Vec<u8>) -> Result<(), Error> {
    diesel::insert_into(session::table).values(row.clone()).execute(rows.conn())?;
    insert_refresh(rows, row.id, refresh_hash)
}

pub fn insert_refresh(rows: &mut Rows<'_>, id: SessionId, hash: Vec<u8>) -> Result<(), Error> {
    let now = rows.now();
    diesel::insert_into(refresh_token::table)
        .values((refresh_token::token_hash.eq(hash), refresh_token::session_id.eq(id), refresh_token::created_at.eq(now)))
        .execute(rows.conn())?;
    Ok(())
}

pub fn end_session(rows: &mut Rows<'_>, row: &Session, reason: &str) -> Result<(), Error> {
    let now = rows.now();
    let hit = diesel::update(session::table.find(row.id).filter(session::ended_at.is_null()))
        .set((session::ended_at.eq(now), session::end_reason.eq(reason), session::version.eq(row.version + 1)))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

/// What is known of a refresh token: its session, and when it was exchanged.
pub fn refresh(tx: &mut ReadTx<'_>, hash: &[u8]) -> Result<Option<(SessionId, Option<Ts>)>, Error> {
    Ok(refresh_token::table.find(hash).select((refresh_token::session_id, refresh_token::rotated_at)).get_result(tx.conn()).optional()?)
}

/// Exchanges a refresh token for its successor; false if another request just did.
pub fn rotate(rows: &mut Rows<'_>, id: SessionId, hash: &[u8], successor: Vec<u8>) -> Result<bool, Error> {
    let now = rows.now();
    let hit = diesel::update(refresh_token::table.find(hash).filter(refresh_token::rotated_at.is_null()))
        .set(refresh_token::rotated_at.eq(now))
        .execute(rows.conn())?;
    if hit == 0 {
        return Ok(false);
    }
    insert_refresh(rows, id, successor)?;
    diesel::update(session::table.find(id)).set(session::last_seen_at.eq(now)).execute(rows.conn())?;
    Ok(true)
}

pub fn access_tokens(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<AccessToken>, Error> {
    Ok(access_token::table
        .filter(access_token::person_id.eq(person))
        .filter(access_token::revoked_at.is_null())
        .select(AccessToken::as_select())
        .order(access_token::created_at.desc())
        .load(tx.conn())?)
}

pub fn access_token(tx: &mut ReadTx<'_>, id: TokenId) -> Result<Option<AccessToken>, Error> {
    Ok(access_token::table.find(id).select(AccessToken::as_select()).get_result(tx.conn()).optional()?)
}

pub fn access_token_by_hash(tx: &mut ReadTx<'_>, hash: &[u8]) -> Result<Option<AccessToken>, Error> {
    Ok(access_token::table.filter(access_token::token_hash.eq(hash)).select(AccessToken::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_access_token(rows: &mut Rows<'_>, row: &AccessToken) -> Result<(), Error> {
    diesel::insert_into(access_token::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn revoke_access_token(rows: &mut Rows<'_>, row: &AccessToken) -> Result<(), Error> {
    let now = rows.now();
    let hit = diesel::update(access_token::table.find(row.id).filter(access_token::revoked_at.is_null()))
        .set((access_token::revoked_at.eq(now), access_token::version.eq(row.version + 1)))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn touch_access_token(rows: &mut Rows<'_>, id: TokenId) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(access_token::table.find(id)).set(access_token::last_used_at.eq(now)).execute(rows.conn())?;
    Ok(())
}

pub fn set_setup_link(rows: &mut Rows<'_>, hash: Vec<u8>) -> Result<(), Error> {
    let now = rows.now();
    diesel::delete(setup_link::table).execute(rows.conn())?;
    diesel::insert_into(setup_link::table)
        .values((setup_link::id.eq(1), setup_link::token_hash.eq(hash), setup_link::created_at.eq(now)))
        .execute(rows.conn())?;
    Ok(())
}

pub fn setup_link(tx: &mut ReadTx<'_>) -> Result<Option<Vec<u8>>, Error> {
    Ok(setup_link::table.find(1).select(setup_link::token_hash).get_result(tx.conn()).optional()?)
}

pub fn drop_setup_link(rows: &mut Rows<'_>) -> Result<(), Error> {
    diesel::delete(setup_link::table).execute(rows.conn())?;
    Ok(())
}

/// A log-in, or an attempt, as the log has it.
#[derive(Queryable)]
pub struct Login {
    pub id: AnyId,
    pub time: Ts,
    pub outcome: String,
    pub reason: Option<String>,
    pub detail: Option<String>,
}

/// Log-ins of a person, latest first, and one more than the page holds.
pub fn logins(tx: &mut ReadTx<'_>, person: PersonId, page: &PageRequest) -> Result<Vec<Login>, Error> {
    let person = AnyId::from(person);
    let opened = audit_related::table.filter(audit_related::object_id.eq(person)).select(audit_related::record_id);
    let mut rows = audit_record::table
        .left_join(audit_detail::table.on(audit_detail::record_id.eq(audit_record::id)))
        .filter(audit_record::action.eq_any(["session.opened", "login.failed"]))
        .filter(audit_record::subject_id.eq(person).or(audit_record::id.eq_any(opened)))
        .select((audit_record::id, audit_record::time, audit_record::outcome, audit_record::reason, audit_detail::detail.nullable()))
        .into_boxed();
    if let Some(after) = &page.after {
        let (time, id): (Ts, Uuid) = after.key()?;
        rows = rows.filter(audit_record::time.le(time).and(audit_record::time.lt(time).or(audit_record::id.lt(AnyId(id)))));
    }
    Ok(rows.order((audit_record::time.desc(), audit_record::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

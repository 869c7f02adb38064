//! Keys by which a client may repeat a POST: the key row is written in the transaction of the change.

use diesel::prelude::*;
use kernel::{Actor, Code, Error, Ts, Uuid, column::AnyId};

use crate::{Conn, schema::idempotency};

/// A client's key with what it was sent for.
#[derive(Clone, Debug)]
pub struct OnceKey {
    /// Method and path, with ids.
    pub operation: String,
    /// As the client sent it.
    pub key: String,
    /// SHA-256 of the body.
    pub body_hash: Vec<u8>,
}

/// An answer as it was given, and is given again.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body; empty for 204.
    pub body: String,
    /// The row's version, for the ETag.
    pub version: Option<i32>,
    /// Whether the body holds a one-time secret: then it is not kept.
    pub secret: bool,
}

/// How long answers are kept.
pub(crate) const KEEP_SECONDS: i64 = 24 * 3600;

fn owner(actor: &Actor) -> AnyId {
    AnyId(actor.id.unwrap_or(Uuid::nil()))
}

/// The stored answer of an earlier request with this key, if there is one.
pub(crate) fn replay(conn: &mut Conn, actor: &Actor, once: &OnceKey, now: Ts) -> Result<Option<Reply>, Error> {
    type Row = (Vec<u8>, i32, Option<String>, Option<i32>, Ts);
    let stored: Option<Row> = idempotency::table
        .find((owner(actor), &once.operation, &once.key))
        .select((idempotency::body_hash, idempotency::status, idempotency::body, idempotency::version, idempotency::created_at))
        .get_result(conn)
        .optional()?;
    let Some((body_hash, status, body, version, created_at)) = stored else { return Ok(None) };
    if created_at.plus_seconds(KEEP_SECONDS) < now {
        diesel::delete(idempotency::table.find((owner(actor), &once.operation, &once.key))).execute(conn)?;
        return Ok(None);
    }
    if body_hash != once.body_hash {
        return Err(Error::new(Code::IdempotencyReused));
    }
    let body = body.ok_or_else(|| Error::new(Code::SecretNotRepeatable))?;
    Ok(Some(Reply { status: u16::try_from(status).unwrap_or(200), body, version, secret: false }))
}

/// Claims the key before the change: on PostgreSQL a second request waits here, fails and is run again as a replay.
pub(crate) fn claim(conn: &mut Conn, actor: &Actor, once: &OnceKey, now: Ts) -> Result<(), Error> {
    use diesel::result::{DatabaseErrorKind::UniqueViolation, Error::DatabaseError};
    let claimed = diesel::insert_into(idempotency::table)
        .values((
            idempotency::actor_id.eq(owner(actor)),
            idempotency::operation.eq(&once.operation),
            idempotency::key.eq(&once.key),
            idempotency::body_hash.eq(&once.body_hash),
            idempotency::status.eq(0),
            idempotency::created_at.eq(now),
        ))
        .execute(conn);
    match claimed {
        Ok(_) => Ok(()),
        Err(error @ DatabaseError(UniqueViolation, _)) => Err(Error::new(Code::Unavailable).because(error).retryable()),
        Err(error) => Err(error.into()),
    }
}

/// Keeps the answer with the key.
pub(crate) fn keep(conn: &mut Conn, actor: &Actor, once: &OnceKey, reply: &Reply) -> Result<(), Error> {
    diesel::update(idempotency::table.find((owner(actor), &once.operation, &once.key)))
        .set((
            idempotency::status.eq(i32::from(reply.status)),
            idempotency::body.eq((!reply.secret).then_some(&reply.body)),
            idempotency::version.eq(reply.version),
        ))
        .execute(conn)?;
    Ok(())
}

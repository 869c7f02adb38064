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

/// Claims the key before the change. The stored answer if an earlier request had it; none if it is ours now. On PostgreSQL a second
/// request waits here for the first, fails when that commits, and is run again.
///
/// It writes before it reads: SERIALIZABLE would take a look at a place where nothing is yet for an interest in whatever others
/// insert beside it.
pub(crate) fn claim(conn: &mut Conn, actor: &Actor, once: &OnceKey, now: Ts) -> Result<Option<(Reply, Vec<String>)>, Error> {
    if insert(conn, actor, once, now)? {
        return Ok(None);
    }
    type Row = (Vec<u8>, i32, Option<String>, Option<i32>, Ts, Option<String>);
    let key = idempotency::table.find((owner(actor), &once.operation, &once.key));
    let (body_hash, status, body, version, created_at, records): Row = key
        .select((
            idempotency::body_hash,
            idempotency::status,
            idempotency::body,
            idempotency::version,
            idempotency::created_at,
            idempotency::records,
        ))
        .get_result(conn)?;
    if created_at.plus_seconds(KEEP_SECONDS) < now {
        diesel::delete(key).execute(conn)?;
        insert(conn, actor, once, now)?;
        return Ok(None);
    }
    if body_hash != once.body_hash {
        return Err(Error::new(Code::IdempotencyReused));
    }
    let body = body.ok_or_else(|| Error::new(Code::SecretNotRepeatable))?;
    let receipts = records.iter().flat_map(|records| records.split(' ')).map(str::to_owned).collect();
    Ok(Some((Reply { status: u16::try_from(status).unwrap_or(200), body, version, secret: false }, receipts)))
}

/// Whether the key was free.
fn insert(conn: &mut Conn, actor: &Actor, once: &OnceKey, now: Ts) -> Result<bool, Error> {
    let row = (
        idempotency::actor_id.eq(owner(actor)),
        idempotency::operation.eq(&once.operation),
        idempotency::key.eq(&once.key),
        idempotency::body_hash.eq(&once.body_hash),
        idempotency::status.eq(0),
        idempotency::created_at.eq(now),
    );
    let inserted = match conn {
        Conn::Pg(conn) => diesel::insert_into(idempotency::table).values(row).on_conflict_do_nothing().execute(conn)?,
        Conn::Sqlite(conn) => diesel::insert_or_ignore_into(idempotency::table).values(row).execute(conn)?,
    };
    Ok(inserted == 1)
}

/// Keeps the answer with the key.
pub(crate) fn keep(conn: &mut Conn, actor: &Actor, once: &OnceKey, reply: &Reply, receipts: &[String]) -> Result<(), Error> {
    diesel::update(idempotency::table.find((owner(actor), &once.operation, &once.key)))
        .set((
            idempotency::status.eq(i32::from(reply.status)),
            idempotency::body.eq((!reply.secret).then_some(&reply.body)),
            idempotency::version.eq(reply.version),
            idempotency::records.eq((!receipts.is_empty()).then(|| receipts.join(" "))),
        ))
        .execute(conn)?;
    Ok(())
}

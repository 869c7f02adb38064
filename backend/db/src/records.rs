//! From an event to the canonical bytes of its record (RFC 8785) and its salted detail. This format is final.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use diesel::{pg::Pg, prelude::*, query_builder::QueryFragment};
use kernel::{Actor, Error, Id, PersonKind, Ts, column::AnyId, kinds};
use rand::Rng as _;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Conn, Event, Outcome,
    schema::{audit_detail, audit_pending, audit_record, audit_related},
    together::Together,
};

kinds! {
    /// One record of the log.
    RecordKind, RecordId = "record";
}

/// Limits of the format; more is a bug of ours, never cut silently.
const MAX_RELATED: usize = 64;
const MAX_FACTS: usize = 16;
const MAX_CLAUSES: usize = 32;
const MAX_FACT_BYTES: usize = 128;
const MAX_RECORD_BYTES: usize = 65_535;
const MAX_DETAIL_BYTES: usize = 1 << 20;
const MAX_VALUE_BYTES: usize = 4096;

/// Record times are whole milliseconds.
#[must_use]
pub fn canonical_time(at: Ts) -> i64 {
    at.millis()
}

/// The bytes of a record and what belongs to it.
struct Sealed {
    canonical: String,
    detail: String,
    salt: [u8; 32],
    leaf_hash: [u8; 32],
}

/// Writes the record of an event with its detail, its related objects and its place in the queue of the sequencer.
///
/// Every change comes by here, so it speaks to the native connection: the enum over both builds the text of a statement each time.
///
/// Gives back the receipt of the record.
pub(crate) fn append(conn: &mut Conn, actor: &Actor, now: Ts, event: &Event) -> Result<String, Error> {
    let id = RecordId::new();
    let sealed = seal(id, actor, now, event)?;
    let record = diesel::insert_into(audit_record::table).values((
        audit_record::id.eq(id),
        audit_record::time.eq(now),
        audit_record::occurred_at.eq(event.occurred_at),
        audit_record::actor_kind.eq(actor.kind.as_str()),
        audit_record::actor_id.eq(actor.id.map(AnyId)),
        audit_record::on_behalf_of.eq(event.on_behalf_of.map(AnyId)),
        audit_record::action.eq(event.action.as_ref()),
        audit_record::subject_kind.eq(event.kind),
        audit_record::subject_id.eq(AnyId(event.id)),
        audit_record::version_before.eq(event.version_before),
        audit_record::version_after.eq(event.version_after),
        audit_record::unit_id.eq(event.unit),
        audit_record::outcome.eq(event.outcome.as_str()),
        audit_record::reason.eq(event.reason.as_deref()),
        audit_record::request_id.eq(AnyId(actor.request_id)),
        audit_record::canonical.eq(&sealed.canonical),
        audit_record::leaf_hash.eq(&sealed.leaf_hash[..]),
    ));
    let detail = diesel::insert_into(audit_detail::table).values((
        audit_detail::record_id.eq(id),
        audit_detail::salt.eq(&sealed.salt[..]),
        audit_detail::detail.eq(&sealed.detail),
    ));
    let related = (0i32..).zip(&event.related).map(|(position, related)| {
        diesel::insert_into(audit_related::table).values((
            audit_related::record_id.eq(id),
            audit_related::position.eq(position),
            audit_related::kind.eq(related.kind),
            audit_related::object_id.eq(AnyId(related.id)),
            audit_related::role.eq(related.role),
        ))
    });
    let pending = diesel::insert_into(audit_pending::table).values(audit_pending::record_id.eq(id));
    match conn {
        Conn::Pg(conn) => {
            let related: Vec<_> = related.collect();
            let mut first: Vec<&dyn QueryFragment<Pg>> = vec![&record, &detail];
            first.extend(related.iter().map(|insert| insert as &dyn QueryFragment<Pg>));
            Together { first, last: pending }.execute(conn)?;
        }
        Conn::Sqlite(conn) => {
            record.execute(conn)?;
            detail.execute(conn)?;
            for insert in related {
                insert.execute(conn)?;
            }
            pending.execute(conn)?;
        }
    }
    Ok(format!("{id};leaf={}", BASE64_STANDARD.encode(sealed.leaf_hash)))
}

/// The record of a refusal. Its subject is the row, or the person who was refused the verb.
pub(crate) fn denial(actor: &Actor, error: &Error) -> Event {
    let nobody = kernel::Uuid::nil();
    let (kind, id) = error.subject().unwrap_or((<PersonKind as kernel::Kind>::NAME, actor.id.unwrap_or(nobody)));
    let label = if error.subject().is_some() { String::new() } else { actor.name.clone() };
    Event::about("access.denied", kind, id, label)
        .unit(actor.unit)
        .fact("operation", actor.operation.chars().take(100).collect::<String>().chars().filter(char::is_ascii).collect::<String>())
        .outcome(Outcome::Denied, error.code().as_str())
}

fn seal(id: Id<RecordKind>, actor: &Actor, now: Ts, event: &Event) -> Result<Sealed, Error> {
    let over = |what: &str| Error::internal(format!("record of {} over its limit: {what}", event.action));
    if event.related.len() > MAX_RELATED {
        return Err(over("related"));
    }
    if event.facts.len() > MAX_FACTS || event.facts.iter().any(|(name, value)| name.len() > MAX_FACT_BYTES || value.len() > MAX_FACT_BYTES)
    {
        return Err(over("facts"));
    }
    if event.clauses.len() > MAX_CLAUSES {
        return Err(over("clauses"));
    }
    let detail = canonical(&detail_of(actor, event))?;
    if detail.len() > MAX_DETAIL_BYTES {
        return Err(over("detail"));
    }
    let mut salt = [0u8; 32];
    rand::rng().fill(&mut salt[..]);
    let detail_hash = kernel::hex(&Sha256::new().chain_update(salt).chain_update(&detail).finalize());

    let canonical = canonical(&record_of(id, actor, now, event, detail_hash))?;
    if canonical.len() > MAX_RECORD_BYTES {
        return Err(over("record"));
    }
    let leaf_hash = Sha256::new().chain_update([0u8]).chain_update(&canonical).finalize().into();
    Ok(Sealed { canonical, detail, salt, leaf_hash })
}

fn record_of(id: Id<RecordKind>, actor: &Actor, now: Ts, event: &Event, detail_hash: String) -> Value {
    let related: Vec<Value> = event.related.iter().map(|r| json!({ "kind": r.kind, "id": r.id.to_string(), "role": r.role })).collect();
    let mut record = Map::new();
    let mut put = |name: &str, value: Value| {
        // What is absent is left out: one spelling for one fact.
        if !(value.is_null() || value == json!([]) || value == json!({})) {
            record.insert(name.to_owned(), value);
        }
    };
    put("v", json!(1));
    put("id", json!(id));
    put("time", json!(canonical_time(now)));
    put("occurred_at", json!(event.occurred_at.map(canonical_time)));
    put("actor", omit_null(json!({ "kind": actor.kind, "id": actor.id.map(|id| id.to_string()) })));
    put("on_behalf_of", json!(event.on_behalf_of.map(|id| id.to_string())));
    put("session", json!(actor.session.map(|id| id.to_string())));
    put("action", json!(event.action));
    put(
        "subject",
        omit_null(json!({
            "kind": event.kind,
            "id": event.id.to_string(),
            "version_before": event.version_before,
            "version_after": event.version_after,
        })),
    );
    put("related", json!(related));
    put("facts", json!(event.facts));
    put("clauses", json!(event.clauses));
    put("unit", json!(event.unit));
    put("actor_unit", json!(actor.unit));
    put("outcome", json!(event.outcome));
    put("reason", json!(event.reason));
    put("request_id", json!(actor.request_id.to_string()));
    put("trace_id", json!(actor.trace_id));
    put("detail_hash", json!(detail_hash));
    Value::Object(record)
}

fn detail_of(actor: &Actor, event: &Event) -> Value {
    let related: Vec<Value> = event.related.iter().map(|r| json!({ "id": r.id.to_string(), "label": r.label })).collect();
    let changes: Vec<Value> = event
        .changes
        .iter()
        .map(|change| json!({ "field": change.field, "old": bounded(&change.old), "new": bounded(&change.new) }))
        .collect();
    omit_null(json!({
        "actor": actor.name,
        "address": actor.address,
        "user_agent": actor.user_agent,
        "operation": actor.operation,
        "subject": event.label,
        "related": related,
        "changes": changes,
        "note": event.note.as_ref().map(|note| bounded(&Value::String(note.clone()))),
    }))
}

fn omit_null(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}

/// A long value stands as its hash and length: the record proves it without carrying it. Numbers become texts,
/// since RFC 8785 knows only doubles.
fn bounded(value: &Value) -> Value {
    let text = value.to_string();
    if text.len() > MAX_VALUE_BYTES {
        return json!({ "sha256": kernel::hex(&Sha256::digest(&text)), "length": text.len() });
    }
    match value {
        Value::Number(number) if !number.is_i64() || number.as_i64().is_some_and(|n| n.unsigned_abs() > 1 << 53) => {
            json!(number.to_string())
        }
        Value::Array(items) => items.iter().map(bounded).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), bounded(value))).collect(),
        other => other.clone(),
    }
}

fn canonical(value: &Value) -> Result<String, Error> {
    serde_json_canonicalizer::to_string(value).map_err(Error::internal)
}

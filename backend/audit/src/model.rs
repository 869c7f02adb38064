//! What records look like to readers.

use std::collections::BTreeMap;

use kernel::{Ts, UnitId, Uuid, kinds};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use web::View;

kinds! {
    /// One record of the log.
    RecordKind, RecordId = "record";
}

/// Who acted.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordActor {
    /// person, token, device_agent, system_job, anonymous or bootstrap.
    pub kind: String,
    /// Absent for anonymous.
    #[schema(required)]
    pub id: Option<Uuid>,
    /// The name as it was then; null after a lawful erasure.
    #[schema(required)]
    pub name: Option<String>,
}

/// What it is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordSubject {
    /// ticket, equipment, person…
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its name as it was then.
    #[schema(required)]
    pub label: Option<String>,
    /// The version before; null for something new.
    #[schema(required)]
    pub version_before: Option<i32>,
    /// The version after; null if nothing of it changed.
    #[schema(required)]
    pub version_after: Option<i32>,
}

/// Another object that it touches.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordRelated {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// As what it is touched.
    pub role: String,
    /// Its name as it was then.
    #[schema(required)]
    pub label: Option<String>,
}

/// One field before and after.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecordChange {
    /// The field's name as in the API.
    pub field: String,
    /// Before.
    #[serde(default)]
    pub old: Value,
    /// After.
    #[serde(default)]
    pub new: Value,
}

/// A record as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordView {
    /// Its id.
    pub id: RecordId,
    /// Its place in the log; null for about a second after it was written.
    #[schema(required)]
    pub index: Option<i64>,
    /// When it was written.
    pub time: Ts,
    /// When it happened, if that was another time.
    #[schema(required)]
    pub occurred_at: Option<Ts>,
    /// Who acted.
    pub actor: RecordActor,
    /// In whose place.
    #[schema(required)]
    pub on_behalf_of: Option<Uuid>,
    /// `noun.participle`.
    pub action: String,
    /// What it is about.
    pub subject: RecordSubject,
    /// What else it touches.
    pub related: Vec<RecordRelated>,
    /// success, denied or error.
    pub outcome: String,
    /// Why it was refused.
    #[schema(required)]
    pub reason: Option<String>,
    /// The subject's unit.
    #[schema(required)]
    pub unit_id: Option<UnitId>,
    /// One id for everything that one request wrote.
    pub request_id: Uuid,
    /// Words that go with it.
    #[schema(required)]
    pub note: Option<String>,
    /// What changed.
    pub changes: Vec<RecordChange>,
}

/// A record with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordDetail {
    /// As in lists.
    #[serde(flatten)]
    pub record: RecordView,
    /// Impersonal attributes that controls may ask for.
    pub facts: BTreeMap<String, String>,
    /// The session or token.
    #[schema(required)]
    pub session: Option<String>,
    /// The caller's W3C trace id.
    #[schema(required)]
    pub trace_id: Option<String>,
    /// The client's address.
    #[schema(required)]
    pub address: Option<String>,
    /// The client's own description of itself.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// The bytes of the record (RFC 8785); SHA-256 of a zero byte and these is the leaf.
    pub canonical: String,
    /// RFC 9162 leaf hash, hexadecimal.
    pub leaf_hash: String,
    /// SHA-256 of salt and detail, hexadecimal, as it stands in the record.
    pub detail_hash: String,
    /// The salt, hexadecimal; null after a lawful erasure.
    #[schema(required)]
    pub salt: Option<String>,
    /// The detail's bytes; null after a lawful erasure.
    #[schema(required)]
    pub detail: Option<String>,
}

impl View for RecordDetail {}

/// One change, as followers see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// Its place in the log.
    pub index: i64,
    /// What kind of thing.
    pub kind: String,
    /// Which.
    pub id: Uuid,
    /// Its version now, if it has one and it changed.
    #[schema(required)]
    pub version: Option<i32>,
    /// What happened.
    pub action: String,
}

/// A part of the feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangesView {
    /// In the order of the log; only what you may see.
    pub items: Vec<ChangeView>,
    /// Give it as `after` next time, also when there was nothing for you.
    pub next: i64,
}

impl View for ChangesView {}

/// The parts of a record's canonical bytes that are not columns.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Canonical {
    pub session: Option<String>,
    pub facts: BTreeMap<String, String>,
    pub trace_id: Option<String>,
    pub detail_hash: String,
}

/// The detail: names and changes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Detail {
    pub actor: Option<String>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub subject: Option<String>,
    pub related: Vec<DetailLabel>,
    pub changes: Vec<RecordChange>,
    pub note: Option<Value>,
}

/// The name of a related object.
#[derive(Deserialize)]
pub struct DetailLabel {
    pub id: Uuid,
    pub label: String,
}

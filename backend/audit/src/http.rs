//! Reading the log over HTTP.

use actix_web::{HttpResponse, web::Data};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use db::ReadTx;
use kernel::{Code, Error, Id, Page, Permission, Ts, UnitId, Uuid, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{
    ApiError, AppState, Download, Fine, Guard, List, NoContent, Path, Query, Valid, View,
    exports::{Chunks, Format},
    page_of, rules,
};

use crate::{
    Backlog, Feed, Log, Visibilities, anchor, backlog, changes, events, export, log,
    model::{Canonical, ChangesView, Detail, RecordActor, RecordDetail, RecordKind, RecordRelated, RecordSubject, RecordView},
    package, policy,
    store::{self, Filter, Loaded},
};

/// Which records.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RecordsQuery {
    /// Who acted.
    pub actor_id: Option<Uuid>,
    /// ticket, equipment, person…
    #[validate(length(min = 1, max = 40))]
    #[param(min_length = 1, max_length = 40)]
    pub subject_kind: Option<String>,
    /// What it is about or touches.
    pub subject_id: Option<Uuid>,
    /// `ticket.dispatched`
    #[validate(length(min = 1, max = 80))]
    #[param(min_length = 1, max_length = 80)]
    pub action: Option<String>,
    /// The subject's unit.
    pub unit_id: Option<UnitId>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Not before.
    pub from: Option<Ts>,
    /// Before.
    pub to: Option<Ts>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    pub after: Option<String>,
    /// For exports.
    pub format: Option<Format>,
}

kernel::text_enum! {
    /// How an attempt ended.
    pub enum Outcome {
        /// It was done.
        Success = "success",
        /// It was refused.
        Denied = "denied",
        /// It failed.
        Error = "error",
    }
}

impl RecordsQuery {
    fn filter(&self) -> Filter {
        Filter {
            actor_id: self.actor_id,
            subject_kind: self.subject_kind.clone(),
            subject_id: self.subject_id,
            action: self.action.clone(),
            unit_id: self.unit_id,
            outcome: self.outcome.map(|outcome| outcome.to_string()),
            from: self.from,
            to: self.to,
        }
    }
}

/// GET /records
pub async fn list(call: Guard<may::ReadRecords>, query: Query<RecordsQuery>) -> Result<Fine<Page<RecordView>>, ApiError> {
    let query = query.into_inner();
    let (filter, page) = (query.filter(), page_of(query.limit, query.after.as_deref())?);
    call.read(move |tx| {
        let reach = tx.actor().reach(Permission::ReadRecords);
        let rows = store::page(tx, &filter, &reach, &page)?;
        Ok(page.page(rows, |loaded| (loaded.row.time, loaded.row.id)).map(|loaded| view(&loaded)))
    })
    .await
}

/// A record that the reader may see.
fn visible(tx: &mut ReadTx<'_>, id: Id<RecordKind>) -> Result<Loaded, Error> {
    let loaded = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_read(tx.actor(), id, loaded.row.unit_id)?;
    Ok(loaded)
}

/// GET /records/{id}
pub async fn one(call: Guard<may::ReadRecords>, id: Path<Id<RecordKind>>) -> Result<Fine<RecordDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| Ok(detail_view(visible(tx, id)?))).await
}

/// By what right details go.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// The law or the decision, in words.
    #[validate(length(min = 1, max = 500))]
    pub legal_basis: String,
}

/// POST /records/{id}/erasure
pub async fn erase(call: Guard<may::ManageSecurity>, id: Path<Id<RecordKind>>, body: Valid<Erase>) -> Result<NoContent, ApiError> {
    let (id, legal_basis) = (*id, body.into_inner().legal_basis);
    call.done(move |tx| {
        let loaded = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
        policy::check_erase(tx.actor(), id, loaded.row.unit_id)?;
        if loaded.detail.is_none() {
            return Ok(tx.unchanged(()));
        }
        let event = db::Event::new(store::ERASED, id, "").unit(loaded.row.unit_id).note(legal_basis.clone());
        tx.record(event, |rows| store::erase(rows, id, &legal_basis))
    })
    .await
}

/// GET /records/{id}/proof
pub async fn proof(call: Guard<may::ReadRecords>, id: Path<Id<RecordKind>>) -> Result<Download, ApiError> {
    let id = *id;
    let proof = call
        .db()
        .read(call.actor(), move |tx| {
            let loaded = visible(tx, id)?;
            log::prove(tx, id, loaded.index)
        })
        .await?;
    let name = format!("attachment; filename=\"{id}.tlog-proof\"");
    let response =
        HttpResponse::Ok().content_type("text/plain; charset=utf-8").insert_header(("content-disposition", name)).body(proof.to_string());
    Ok(Download(response))
}

/// The log as it is now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogView {
    /// Which log: the name in its checkpoints.
    pub origin: String,
    /// The key with which its signatures are verified (C2SP signed note). Keep it where nobody here can change it.
    pub key: String,
    /// Records under the last checkpoint. Those that have come since are under the next one, seconds later.
    pub size: i64,
    /// The root of the tree (RFC 9162), in Base 64.
    pub root: String,
    /// Size and root, signed (C2SP tlog-checkpoint), also by witnesses that have seen it.
    pub checkpoint: String,
    /// When it was signed.
    pub signed_at: Ts,
    /// Records that wait for their place, which is a matter of a second.
    pub waiting: i64,
    /// For how many seconds the oldest of them has waited.
    pub waiting_seconds: i64,
    /// Who else is asked to sign, and what they have signed last.
    pub witnesses: Vec<WitnessView>,
    /// The names that the log has had, newest first. It gets another one when its database has gone back.
    pub origins: Vec<OriginView>,
}
impl View for LogView {}
impl View for CheckpointView {}

/// Somebody outside who has seen the log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WitnessView {
    /// Its name.
    pub name: String,
    /// The key with which its signatures are verified (C2SP tlog-cosignature).
    pub key: String,
    /// How many records it has seen; null if it has not signed yet.
    #[schema(required)]
    pub size: Option<i64>,
    /// When its signature came in.
    #[schema(required)]
    pub seen_at: Option<Ts>,
}

/// What a witness has seen.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Cosign {
    /// Of which log.
    #[validate(length(min = 1, max = 200))]
    pub origin: String,
    /// How many records.
    #[validate(range(min = 0))]
    pub size: i64,
    /// Its signature as it stands under the checkpoint (C2SP tlog-cosignature), one line: a dash, its name, Base 64.
    #[validate(length(min = 1, max = 1000), custom(function = "rules::line"))]
    pub cosignature: String,
}

/// POST /log/cosignatures
pub async fn cosign(call: Guard<may::ReadRecords>, log: Data<Log>, body: Valid<Cosign>) -> Result<Fine<CheckpointView>, ApiError> {
    let Cosign { origin, size, cosignature } = body.into_inner();
    let kept = call.db().read(call.actor(), move |tx| store::kept(tx, &origin, size)).await?;
    let kept = kept.ok_or_else(|| Error::invalid("/size", Code::CosignatureUnknown))?;
    let line = format!("{cosignature}\n");
    let opened = merkle::Note::open(&format!("{}{line}", kept.note), log.witnesses());
    let witness = opened.ok().and_then(|note| note.verified.into_iter().next());
    let (witness, _) = witness.ok_or_else(|| Error::invalid("/cosignature", Code::CosignatureUnknown))?;
    let (origin_number, witness) = (kept.origin_number, witness.to_string());
    let keep = move |rows: &mut db::Rows<'_>| {
        let (witness, line, seen_at) = (witness.clone(), line.clone(), rows.now());
        store::cosign(rows, &store::Cosigned { origin_number, size, witness, line, seen_at })
    };
    call.db().housekeep(db::Housekeeping::Cosignatures, keep).await?;
    let view = call.db().read(call.actor(), move |tx| checkpoint_view(tx, &kept)).await?;
    Fine::with(&view)
}

/// A name under which the log was or is signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OriginView {
    /// The name in its checkpoints.
    pub name: String,
    /// How many records there were when it was opened.
    pub since: i64,
    /// When.
    pub opened_at: Ts,
    /// The last checkpoint that is known of the name before.
    #[schema(required)]
    pub cites: Option<String>,
}

/// GET /log
pub async fn log(call: Guard<may::ReadRecords>, log: Data<Log>) -> Result<Fine<LogView>, ApiError> {
    call.read(move |tx| {
        let (kept, checkpoint) = log::checkpoint(tx)?;
        let origins: Vec<OriginView> = store::origins(tx)?.into_iter().rev().map(origin_view).collect();
        let origin = anchor::parse(&kept.note).map_err(Error::internal)?.origin;
        let key = log.verifier(&origin)?.to_string();
        let Backlog { waiting, seconds: waiting_seconds } = backlog(tx)?;
        let (size, root, signed_at) = (kept.size, base64(&kept.root), kept.signed_at);
        let mut witnesses = Vec::new();
        for witness in log.witnesses() {
            let key = witness.to_string();
            let last = store::last_of(tx, &key)?;
            let (size, seen_at) = (last.as_ref().map(|last| last.size), last.map(|last| last.seen_at));
            witnesses.push(WitnessView { name: witness.name().to_owned(), key, size, seen_at });
        }
        Ok(LogView { origin, key, size, root, checkpoint, signed_at, waiting, waiting_seconds, witnesses, origins })
    })
    .await
}

fn origin_view(origin: store::Origin) -> OriginView {
    OriginView { name: origin.name, since: origin.since, opened_at: origin.opened_at, cites: origin.cites }
}

/// GET /log/export
pub async fn package(call: Guard<may::ReadRecords>, log: Data<Log>) -> Result<Download, ApiError> {
    let (checkpoint, note) = call
        .db()
        .read(call.actor(), |tx| {
            policy::check_read_all(tx.actor())?;
            package::under(tx)
        })
        .await?;
    let key = log.verifier(&checkpoint.origin)?.to_string();
    let noted = db::Event::about("log.exported", "log", Uuid::nil(), checkpoint.origin).fact("size", checkpoint.size);
    call.db().note(call.actor(), noted).await?;
    let pieces = package::stream(call.db(), call.actor(), &key, note);
    let date = call.db().clock().now().to_string();
    let name = format!("attachment; filename=\"log-{}.zip\"", date.get(..10).unwrap_or_default());
    let response =
        HttpResponse::Ok().content_type("application/zip").insert_header(("content-disposition", name)).streaming(Chunks(pieces));
    Ok(Download(response))
}

/// Something that was signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckpointView {
    /// How many records.
    pub size: i64,
    /// The root of their tree (RFC 9162), in Base 64.
    pub root: String,
    /// As it was signed (C2SP tlog-checkpoint), also by witnesses; its first line is the name of the log.
    pub checkpoint: String,
    /// When.
    pub signed_at: Ts,
}

/// GET /log/checkpoints
pub async fn checkpoints(call: Guard<may::ReadRecords>, query: Query<List>) -> Result<Fine<Page<CheckpointView>>, ApiError> {
    let page = query.into_inner().page()?;
    call.read(move |tx| {
        let page = page.page(store::checkpoints(tx, &page)?, |kept| (kept.origin_number, kept.size));
        page.try_map(|kept| checkpoint_view(tx, &kept))
    })
    .await
}

fn checkpoint_view(tx: &mut ReadTx<'_>, kept: &store::Kept) -> Result<CheckpointView, Error> {
    let checkpoint = log::seen(tx, kept)?;
    Ok(CheckpointView { size: kept.size, root: base64(&kept.root), checkpoint, signed_at: kept.signed_at })
}

/// Standard Base 64.
pub fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Between which sizes.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyQuery {
    /// The size that is known.
    #[validate(range(min = 1))]
    #[param(minimum = 1)]
    pub old: i64,
    /// The size that is claimed to begin with it.
    #[validate(range(min = 1))]
    #[param(minimum = 1)]
    pub new: i64,
}

/// A consistency proof.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConsistencyView {
    /// In the order of RFC 9162, section 2.1.4.1, in Base 64.
    pub hashes: Vec<String>,
}
impl View for ConsistencyView {}

/// GET /log/consistency
pub async fn consistency(call: Guard<may::ReadRecords>, query: Query<ConsistencyQuery>) -> Result<Fine<ConsistencyView>, ApiError> {
    let query = query.into_inner();
    call.read(move |tx| {
        let size = |number: i64| u64::try_from(number).map_err(Error::internal);
        let hashes = log::consistency(tx, size(query.old)?, size(query.new)?)?;
        Ok(ConsistencyView { hashes: hashes.iter().map(|hash| base64(hash)).collect() })
    })
    .await
}

/// GET /records/export
pub async fn export(call: Guard<may::ReadRecords>, query: Query<RecordsQuery>) -> Result<Download, ApiError> {
    let query = query.into_inner();
    let (filter, format) = (query.filter(), query.format.unwrap_or(Format::Csv));
    let noted = db::Event::about("records.exported", "person", call.actor().require_person()?.uuid(), call.actor().name.clone())
        .fact("format", format)
        .set("filter", &format!("{filter:?}"));
    call.db().note(call.actor(), noted).await?;
    let columns = export::columns(call.actor().chinese);
    web::exports::stream(&call, format, "records", columns, move |tx, page| {
        let reach = tx.actor().reach(Permission::ReadRecords);
        let rows = store::page(tx, &filter, &reach, page)?;
        page.page(rows, |loaded| (loaded.row.time, loaded.row.id)).try_map(|loaded| {
            let record = view(&loaded);
            Ok((export::cells(&record), serde_json::to_value(&record).map_err(Error::internal)?))
        })
    })
    .await
}

/// Where to go on in the feed.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ChangesQuery {
    /// The `next` of the answer before; 0 for the beginning.
    #[validate(range(min = 0))]
    #[param(minimum = 0, default = 0)]
    pub after: Option<i64>,
    /// At most so many.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
}

/// GET /changes
pub async fn changes(
    call: Guard<may::UseAccount>,
    query: Query<ChangesQuery>,
    visibilities: Data<Visibilities>,
) -> Result<Fine<ChangesView>, ApiError> {
    let query = query.into_inner();
    let (limit, from) = (query.limit.unwrap_or(50), query.after.unwrap_or(0));
    let visibilities = visibilities.get_ref().clone();
    call.read(move |tx| changes::visible_changes(tx, &visibilities, from, limit)).await
}

/// GET /events
pub async fn events(
    call: Guard<may::UseAccount>,
    visibilities: Data<Visibilities>,
    feed: Data<Feed>,
    state: Data<AppState>,
) -> Result<Download, ApiError> {
    let request = call.request().clone();
    let after = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let still_welcome: events::StillWelcome = Box::new(move || {
        let (request, state) = (request.clone(), state.clone());
        Box::pin(async move { web::still_authenticated(&request, &state).await })
    });
    let stream = events::stream(
        call.db().clone(),
        feed.get_ref().clone(),
        visibilities.get_ref().clone(),
        call.actor().clone(),
        after,
        still_welcome,
    );
    Ok(Download(stream.await?))
}

/// A record for a list.
pub fn view(loaded: &Loaded) -> RecordView {
    let detail: Detail = loaded.detail.as_ref().and_then(|(_, detail)| serde_json::from_str(detail).ok()).unwrap_or_default();
    let row = &loaded.row;
    let label_of = |id: &Uuid| detail.related.iter().find(|related| related.id == *id).map(|related| related.label.clone());
    RecordView {
        id: row.id,
        index: loaded.index,
        time: row.time,
        occurred_at: row.occurred_at,
        actor: RecordActor { kind: row.actor_kind.clone(), id: row.actor_id.map(|id| id.0), name: detail.actor.clone() },
        on_behalf_of: row.on_behalf_of.map(|id| id.0),
        action: row.action.clone(),
        subject: RecordSubject {
            kind: row.subject_kind.clone(),
            id: row.subject_id.0,
            label: detail.subject.clone(),
            version_before: row.version_before,
            version_after: row.version_after,
        },
        related: loaded
            .related
            .iter()
            .map(|(kind, id, role)| RecordRelated { kind: kind.clone(), id: *id, role: role.clone(), label: label_of(id) })
            .collect(),
        outcome: row.outcome.clone(),
        reason: row.reason.clone(),
        unit_id: row.unit_id,
        request_id: row.request_id.0,
        note: detail.note.as_ref().map(|note| note.as_str().map_or_else(|| note.to_string(), str::to_owned)),
        changes: detail.changes,
    }
}

fn detail_view(loaded: Loaded) -> RecordDetail {
    let record = view(&loaded);
    let canonical: Canonical = serde_json::from_str(&loaded.row.canonical).unwrap_or_default();
    let detail: Detail = loaded.detail.as_ref().and_then(|(_, detail)| serde_json::from_str(detail).ok()).unwrap_or_default();
    let (salt, text) = loaded.detail.map_or((None, None), |(salt, text)| (Some(kernel::hex(&salt)), Some(text)));
    RecordDetail {
        record,
        facts: canonical.facts,
        session: canonical.session,
        trace_id: canonical.trace_id,
        address: detail.address,
        user_agent: detail.user_agent,
        leaf_hash: kernel::hex(&loaded.row.leaf_hash),
        detail_hash: canonical.detail_hash,
        canonical: loaded.row.canonical,
        salt,
        detail: text,
    }
}

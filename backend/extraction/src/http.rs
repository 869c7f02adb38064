//! Handlers, requests, views.

use actix_web::{HttpResponse, http::header, web::Data};
use audit::Log;
use identity::directory::Names;
use kernel::{Error, Page, Ts, hex, may};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use validator::Validate;
use web::{AllowedAction, ApiError, Created, Download, Fine, Guard, IfMatch, List, Path, Query, Valid, View, rules};

use crate::{
    model::{Extraction, ExtractionId, ExtractionState, Selection},
    package, policy,
    service::{self, Wanted, visible},
    store,
};

/// An extraction.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExtractionView {
    pub id: ExtractionId,
    /// Who receives it.
    pub authority: String,
    /// By which document they ask.
    pub document_number: String,
    pub legal_basis: String,
    pub selection: Selection,
    /// What `actor_id` is called now.
    #[schema(required)]
    pub actor: Option<String>,
    /// What `unit_id` is called now.
    #[schema(required)]
    pub unit: Option<String>,
    /// Of the log when it was asked for.
    pub log_size: i64,
    /// How many records it selects.
    pub records: i64,
    /// Whether it can prove that no record of its time is missing.
    pub whole: bool,
    pub state: ExtractionState,
    pub requested_by: String,
    pub requested_at: Ts,
    /// Who approved it first.
    #[schema(required)]
    pub first_by: Option<String>,
    #[schema(required)]
    pub first_at: Option<Ts>,
    /// Who approved it second, declined it or took it back.
    #[schema(required)]
    pub decided_by: Option<String>,
    #[schema(required)]
    pub decided_at: Option<Ts>,
    /// Why it was declined.
    #[schema(required)]
    pub reason: Option<String>,
    /// `approve`, `decline`, `withdraw`, `package`
    pub allowed_actions: Vec<AllowedAction>,
    pub version: i32,
}
impl View for ExtractionView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn view(tx: &mut db::ReadTx<'_>, row: Extraction) -> Result<ExtractionView, Error> {
    let selection: Selection = row.selection.parse()?;
    let names = Names::load(tx, selection.actor_id, selection.unit_id)?;
    let actor = tx.actor();
    let allowed_actions = [
        ("approve", policy::check_approve(actor, &row)),
        ("decline", policy::check_decline(actor, &row)),
        ("withdraw", policy::check_withdraw(actor, &row)),
        ("package", policy::check_package(actor, &row)),
    ];
    Ok(ExtractionView {
        actor: selection.actor_id.map(|id| names.person(id).name),
        unit: selection.unit_id.map(|id| names.unit(id).name),
        allowed_actions: allowed_actions.into_iter().map(|(name, verdict)| AllowedAction::of(name, verdict, actor.chinese)).collect(),
        whole: selection.is_whole_time(),
        selection,
        id: row.id,
        authority: row.authority,
        document_number: row.document_number,
        legal_basis: row.legal_basis,
        log_size: row.log_size,
        records: row.records,
        state: row.state,
        requested_by: row.requested_by_name,
        requested_at: row.requested_at,
        first_by: row.first_by_name,
        first_at: row.first_at,
        decided_by: row.decided_by_name,
        decided_at: row.decided_at,
        reason: row.reason,
        version: row.version,
    })
}

fn one(tx: &mut db::ReadTx<'_>, id: ExtractionId) -> Result<ExtractionView, Error> {
    let row = visible(tx, id)?;
    view(tx, row)
}

/// GET /extractions
pub async fn list(call: Guard<may::UseAccount>, query: Query<List>) -> Result<Fine<Page<ExtractionView>>, ApiError> {
    let page = query.into_inner().page()?;
    call.read(move |tx| {
        let rows = if policy::can_see(tx.actor()) { store::page(tx, &page)? } else { Vec::new() };
        page.page(rows, |row| (row.requested_at, row.id)).try_map(|row| view(tx, row))
    })
    .await
}

/// What is asked for.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestExtraction {
    /// Who receives it.
    #[validate(length(min = 1, max = 200), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 200)]
    authority: String,
    /// By which document they ask.
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    document_number: String,
    /// The law and article.
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    legal_basis: String,
    /// Which records: all conditions hold; none: all records.
    selection: Selection,
}

/// POST /extractions
pub async fn request(call: Guard<may::ReadRecords>, body: Valid<RequestExtraction>) -> Result<Created<ExtractionView>, ApiError> {
    let RequestExtraction { authority, document_number, legal_basis, selection } = body.into_inner();
    let wanted = Wanted { authority, document_number, legal_basis, selection: selection.whole_milliseconds() };
    let selection = wanted.selection.clone();
    let measured = call.db().read(call.actor(), move |tx| service::measure(tx, &selection)).await?;
    call.create(move |tx| service::request(tx, &wanted, measured)?.and_then(|id| one(tx, id))).await
}

/// GET /extractions/{id}
pub async fn show(call: Guard<may::UseAccount>, id: Path<ExtractionId>) -> Result<Fine<ExtractionView>, ApiError> {
    let id = *id;
    call.read(move |tx| one(tx, id)).await
}

/// POST /extractions/{id}/approve
pub async fn approve(
    call: Guard<may::ApproveExtractions>,
    id: Path<ExtractionId>,
    expected: IfMatch,
) -> Result<Fine<ExtractionView>, ApiError> {
    let id = *id;
    call.change(move |tx| service::approve(tx, id, expected.0)?.and_then(|()| one(tx, id))).await
}

/// Why not.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineExtraction {
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// POST /extractions/{id}/decline
pub async fn decline(
    call: Guard<may::ApproveExtractions>,
    id: Path<ExtractionId>,
    expected: IfMatch,
    body: Valid<DeclineExtraction>,
) -> Result<Fine<ExtractionView>, ApiError> {
    let (id, reason) = (*id, body.into_inner().reason);
    call.change(move |tx| service::decline(tx, id, expected.0, &reason)?.and_then(|()| one(tx, id))).await
}

/// POST /extractions/{id}/withdraw
pub async fn withdraw(call: Guard<may::ReadRecords>, id: Path<ExtractionId>, expected: IfMatch) -> Result<Fine<ExtractionView>, ApiError> {
    let id = *id;
    call.change(move |tx| service::withdraw(tx, id, expected.0)?.and_then(|()| one(tx, id))).await
}

/// GET /extractions/{id}/package
pub async fn package(call: Guard<may::ReadRecords>, log: Data<Log>, id: Path<ExtractionId>) -> Result<Download, ApiError> {
    let id = *id;
    let read = call.db().read(call.actor(), move |tx| {
        let row = visible(tx, id)?;
        policy::check_package(tx.actor(), &row)?;
        let content = package::read(tx, &row)?;
        Ok((row, content))
    });
    let (row, content) = read.await?;
    let log = log.into_inner();
    let file = tokio::task::spawn_blocking(move || content.pack(&log)).await.map_err(Error::internal)??;
    let noted = service::said("extraction.taken", &row).fact("records", row.records).fact("file_hash", hex(&Sha256::digest(&file)));
    call.db().note(call.actor(), noted).await?;
    Ok(Download(
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/zip"))
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"extraction-{id}.zip\"")))
            .body(file),
    ))
}

//! Runs of reports.

use actix_web::{HttpResponse, http::header};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use identity::{UnitRef, directory};
use kernel::{Error, Page, Ts, UnitId, may};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{AllowedAction, ApiError, Created, Download, Fine, Guard, IfMatch, Path, Query, Valid, View, rules};

use crate::{
    kinds,
    model::{PlanId, ReportParameters, ReportRunState, Run, RunId},
    policy,
    render::{self, ReportFormat},
    service::{self, compute, content, visible},
    store::{self, Filter, Seen},
    table::{MAX_ROWS, ReportColumn, sha256},
};

/// A run of a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportRunView {
    pub id: RunId,
    /// Which report.
    pub report: String,
    /// What it is called, in the reader's language.
    pub title: String,
    /// The plan by which it came; null if somebody asked for it.
    #[schema(required)]
    pub plan_id: Option<PlanId>,
    pub parameters: ReportParameters,
    /// The unit that it speaks of; null: the whole company.
    #[schema(required)]
    pub unit: Option<UnitRef>,
    /// Over how many records of the log it speaks: with the same parameters and the same number it is the same again.
    pub log_size: i64,
    pub state: ReportRunState,
    /// How many rows it has, once it is made.
    #[schema(required)]
    pub rows: Option<i64>,
    /// SHA-256 of its content (RFC 8785), hexadecimal; it stands in the log, in the record `report.made`.
    #[schema(required)]
    pub content_hash: Option<String>,
    /// Why it could not be made: a stable code.
    #[schema(required)]
    pub reason: Option<String>,
    /// The same in the reader's language.
    #[schema(required)]
    pub reason_text: Option<String>,
    pub requested_by: String,
    pub requested_at: Ts,
    #[schema(required)]
    pub finished_at: Option<Ts>,
    /// `discard`
    pub allowed_actions: Vec<AllowedAction>,
    pub version: i32,
}
impl View for ReportRunView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn view(tx: &mut db::ReadTx<'_>, run: Run) -> Result<ReportRunView, Error> {
    let chinese = tx.actor().chinese;
    let unit = directory::units(tx, run.unit_id)?.into_values().next();
    let reason_text = run.reason.as_deref().map(|reason| reason_text(reason, chinese));
    Ok(ReportRunView {
        id: run.id,
        title: kinds::title(&run.report, chinese),
        plan_id: run.plan_id,
        parameters: run.parameters()?,
        unit,
        log_size: run.log_size,
        state: run.state,
        rows: run.rows,
        content_hash: run.content_hash.clone(),
        reason_text,
        reason: run.reason.clone(),
        requested_by: run.requested_by_name.clone(),
        requested_at: run.requested_at,
        finished_at: run.finished_at,
        allowed_actions: vec![AllowedAction::of("discard", policy::check_discard(tx.actor(), &run), chinese)],
        version: run.version,
        report: run.report,
    })
}

/// What a code says, in the reader's language.
pub fn reason_text(code: &str, chinese: bool) -> String {
    let params = [("limit", MAX_ROWS.to_string())].into_iter().collect();
    let known = code.parse::<kernel::Code>().map(|code| code.text(chinese, &params));
    known.unwrap_or_else(|()| code.to_owned())
}

/// Which runs.
#[derive(Debug, Deserialize, Validate, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunQuery {
    /// Of one report.
    #[validate(length(max = 40), custom(function = "rules::line"))]
    #[param(max_length = 40)]
    report: Option<String>,
    /// By one plan.
    plan_id: Option<PlanId>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
}

/// Of which reports the reader may see what.
fn seen(actor: &kernel::Actor) -> Vec<Seen> {
    let of = |kind: &kinds::Kind| {
        let reach = actor.reach(kind.permission);
        Seen { report: kind.key, all: reach.all, units: reach.closure.into_iter().collect() }
    };
    kinds::ALL.iter().map(of).collect()
}

/// GET /report-runs
pub async fn list(call: Guard<may::UseAccount>, query: Query<RunQuery>) -> Result<Fine<Page<ReportRunView>>, ApiError> {
    let RunQuery { report, plan_id, limit, after } = query.into_inner();
    let page = web::page_of(limit, after.as_deref())?;
    let filter = Filter { report, plan: plan_id };
    call.read(move |tx| {
        let rows = store::runs(tx, &seen(tx.actor()), &filter, &page)?;
        page.page(rows, |run| (run.requested_at, run.id)).try_map(|run| view(tx, run))
    })
    .await
}

/// What is asked for.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestReport {
    /// Which report.
    #[validate(length(min = 1, max = 40), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 40)]
    report: String,
    /// From when on; none: from the beginning of the log. Not for reports about a moment.
    from: Option<Ts>,
    /// Until before when, or as things stood then; none: until the end of the log.
    to: Option<Ts>,
    /// Only this unit and what is below it; none: the whole company.
    unit_id: Option<UnitId>,
    /// Over the log as it was when it had so many records; none: as it is now.
    #[validate(range(min = 0))]
    #[schema(minimum = 0)]
    log_size: Option<i64>,
}

/// POST /report-runs
pub async fn request(call: Guard<may::UseAccount>, body: Valid<RequestReport>) -> Result<Created<ReportRunView>, ApiError> {
    let RequestReport { report, from, to, unit_id, log_size } = body.into_inner();
    let parameters = ReportParameters { from, to, unit_id };
    call.create(move |tx| service::request(tx, &report, parameters, log_size)?.and_then(|id| one(tx, id))).await
}

fn one(tx: &mut db::ReadTx<'_>, id: RunId) -> Result<ReportRunView, Error> {
    let run = visible(tx, id)?;
    view(tx, run)
}

/// GET /report-runs/{id}
pub async fn show(call: Guard<may::UseAccount>, id: Path<RunId>) -> Result<Fine<ReportRunView>, ApiError> {
    let id = *id;
    call.read(move |tx| one(tx, id)).await
}

/// POST /report-runs/{id}/discard
pub async fn discard(call: Guard<may::UseAccount>, id: Path<RunId>, expected: IfMatch) -> Result<Fine<ReportRunView>, ApiError> {
    let id = *id;
    call.change(move |tx| service::discard(tx, id, expected.0)?.and_then(|()| one(tx, id))).await
}

/// Which rows.
#[derive(Debug, Deserialize, Validate, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowsQuery {
    /// From this row on, counted from 0.
    #[validate(range(min = 0))]
    #[param(minimum = 0, default = 0)]
    offset: Option<i64>,
    /// At most so many.
    #[validate(range(min = 1, max = 500))]
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<i64>,
}

/// A part of what a report says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportRowsView {
    /// What the columns mean.
    pub columns: Vec<ReportColumn>,
    /// One list of values for each row, in the order of the columns; what is not known is null.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// How many rows there are.
    pub total: i64,
}
impl View for ReportRowsView {}

/// GET /report-runs/{id}/rows
pub async fn rows(call: Guard<may::UseAccount>, id: Path<RunId>, query: Query<RowsQuery>) -> Result<Fine<ReportRowsView>, ApiError> {
    let (id, RowsQuery { offset, limit }) = (*id, query.into_inner());
    let place = |number: Option<i64>, usual: i64| usize::try_from(number.unwrap_or(usual)).map_err(Error::internal);
    let (offset, limit) = (place(offset, 0)?, place(limit, 100)?);
    call.read(move |tx| {
        let run = visible(tx, id)?;
        let table = content(tx, &run)?.0.table;
        let total = i64::try_from(table.rows.len()).map_err(Error::internal)?;
        Ok(ReportRowsView { columns: table.columns, rows: table.rows.into_iter().skip(offset).take(limit).collect(), total })
    })
    .await
}

/// Whether a report says the same again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportRepeatView {
    /// Whether what is computed from the log now is what was made then.
    pub same: bool,
    /// SHA-256 of what is computed now, hexadecimal.
    pub content_hash: String,
    /// SHA-256 of what was made then.
    #[schema(required)]
    pub made_hash: Option<String>,
}
impl View for ReportRepeatView {}

/// GET /report-runs/{id}/repeat
pub async fn repeat(call: Guard<may::UseAccount>, id: Path<RunId>) -> Result<Fine<ReportRepeatView>, ApiError> {
    // One at a time: it may take as long as the report took, and others read too.
    static ONE: Semaphore = Semaphore::const_new(1);
    let _turn = ONE.acquire().await.map_err(Error::internal)?;
    let id = *id;
    call.read(move |tx| {
        let run = visible(tx, id)?;
        if run.state != ReportRunState::Discarded {
            run.check_made()?;
        }
        let content_hash = sha256(&compute(tx, &run)?.bytes()?);
        Ok(ReportRepeatView { same: Some(&content_hash) == run.content_hash.as_ref(), content_hash, made_hash: run.content_hash })
    })
    .await
}

/// In what form.
#[derive(Debug, Deserialize, Validate, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileQuery {
    /// The form of the file.
    #[param(inline)]
    format: ReportFormat,
}

/// GET /report-runs/{id}/file
pub async fn file(call: Guard<may::UseAccount>, id: Path<RunId>, query: Query<FileQuery>) -> Result<Download, ApiError> {
    let (id, format, chinese) = (*id, query.into_inner().format, call.actor().chinese);
    let read = call.db().read(call.actor(), move |tx| {
        let run = visible(tx, id)?;
        let (content, bytes) = content(tx, &run)?;
        Ok((run, content, bytes))
    });
    let (run, content, bytes) = read.await?;
    let name = format!("{}-{}.{}", run.report, run.requested_at.office_date(), format.ending());
    let (run, file) = tokio::task::spawn_blocking(move || {
        let file = render::file(format, &run, &content, bytes, chinese)?;
        Ok::<_, Error>((run, file))
    })
    .await
    .map_err(Error::internal)??;
    call.db().note(call.actor(), service::downloaded(&run, format.as_str(), &file)).await?;
    let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(Sha256::digest(&file)));
    Ok(Download(
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, format.media_type()))
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            // RFC 9530, section 2; the same hash stands in the record of the download.
            .insert_header(("Repr-Digest", digest))
            .body(file),
    ))
}

//! Records: lists, one by one, as a file; erasure and proof.

use actix_web::HttpResponse;
use db::ReadTx;
use kernel::{Error, Id, Page, Permission, Ts, UnitId, Uuid, may};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Download, Fine, Guard, NoContent, Path, Query, Valid, exports::Format, page_of};

use crate::{
    export, log,
    model::{Canonical, Detail, RecordActor, RecordDetail, RecordKind, RecordRelated, RecordSubject, RecordView},
    policy,
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

//! Comments, on-site records, files, equipment and watchers of a ticket.

use actix_web::web::Data;
use equipment::EquipmentId;
use files::{Blobs, FileId};
use kernel::{Code, Error, Ts, may};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Created, Download, Guard, NoContent, Path, Valid, rules};

use super::views::{self, TicketDetail};
use crate::{
    model::{NoteType, TicketId},
    service::{self, NewNote},
};

/// Something to say.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddComment {
    #[validate(length(min = 1, max = 5000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
    /// True: not for the reporter.
    #[serde(default)]
    internal: bool,
    /// Own uploads.
    #[serde(default)]
    #[validate(length(max = 10))]
    #[schema(max_items = 10)]
    file_ids: Vec<FileId>,
}

/// What was done on site.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddSiteNote {
    #[validate(length(min = 1, max = 5000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
    /// When somebody came; not in the future.
    arrived_at: Option<Ts>,
    /// When they left.
    left_at: Option<Ts>,
    /// Own uploads, such as photographs.
    #[serde(default)]
    #[validate(length(max = 10))]
    #[schema(max_items = 10)]
    file_ids: Vec<FileId>,
}

/// POST /tickets/{id}/comments
pub async fn comment(
    call: Guard<may::ReportTickets>,
    id: Path<TicketId>,
    body: Valid<AddComment>,
) -> Result<Created<TicketDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let note = NewNote {
        kind: NoteType::Comment,
        text: body.text,
        internal: body.internal,
        arrived_at: None,
        left_at: None,
        file_ids: body.file_ids,
    };
    call.create(move |tx| service::add_note(tx, id, &note)?.and_then(|_| views::detail(tx, id))).await
}

/// POST /tickets/{id}/site-notes
pub async fn site_note(
    call: Guard<may::HandleTickets>,
    id: Path<TicketId>,
    body: Valid<AddSiteNote>,
) -> Result<Created<TicketDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let note = NewNote {
        kind: NoteType::SiteNote,
        text: body.text,
        internal: false,
        arrived_at: body.arrived_at,
        left_at: body.left_at,
        file_ids: body.file_ids,
    };
    call.create(move |tx| {
        for (pointer, at) in [("/arrived_at", note.arrived_at), ("/left_at", note.left_at)] {
            if at.is_some_and(|at| at > tx.now().plus_seconds(300)) {
                return Err(Error::invalid(pointer, Code::OutOfRange));
            }
        }
        service::add_note(tx, id, &note)?.and_then(|_| views::detail(tx, id))
    })
    .await
}

/// A file to be added.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddAttachment {
    /// An own upload.
    file_id: FileId,
    /// True: not for the reporter.
    #[serde(default)]
    internal: bool,
}

/// POST /tickets/{id}/attachments
pub async fn attach(
    call: Guard<may::ReportTickets>,
    id: Path<TicketId>,
    body: Valid<AddAttachment>,
) -> Result<Created<TicketDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.create(move |tx| service::attach(tx, id, body.file_id, body.internal)?.and_then(|()| views::detail(tx, id))).await
}

/// GET /tickets/{id}/attachments/{file_id}
pub async fn attachment(call: Guard<may::ReadTickets>, blobs: Data<Blobs>, ids: Path<(TicketId, FileId)>) -> Result<Download, ApiError> {
    let (id, file) = *ids;
    let file = call.db().read(call.actor(), move |tx| service::attachment(tx, id, file)).await?;
    Ok(Download(files::deliver(&blobs, &file).await?))
}

/// Equipment to be linked.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkEquipment {
    /// That I may see.
    equipment_id: EquipmentId,
}

/// POST /tickets/{id}/equipment
pub async fn link(
    call: Guard<may::ReportTickets>,
    id: Path<TicketId>,
    body: Valid<LinkEquipment>,
) -> Result<Created<TicketDetail>, ApiError> {
    let (id, equipment) = (*id, body.into_inner().equipment_id);
    call.create(move |tx| service::link(tx, id, equipment)?.and_then(|()| views::detail(tx, id))).await
}

/// DELETE /tickets/{id}/equipment/{equipment_id}
pub async fn unlink(call: Guard<may::ReportTickets>, ids: Path<(TicketId, EquipmentId)>) -> Result<NoContent, ApiError> {
    let (id, equipment) = *ids;
    call.done(move |tx| service::unlink(tx, id, equipment)).await
}

/// PUT /tickets/{id}/watchers/{person_id}
pub async fn watch(call: Guard<may::ReportTickets>, ids: Path<(TicketId, kernel::PersonId)>) -> Result<NoContent, ApiError> {
    let (id, person) = *ids;
    call.done(move |tx| service::watch(tx, id, person)).await
}

/// DELETE /tickets/{id}/watchers/{person_id}
pub async fn unwatch(call: Guard<may::ReportTickets>, ids: Path<(TicketId, kernel::PersonId)>) -> Result<NoContent, ApiError> {
    let (id, person) = *ids;
    call.done(move |tx| service::unwatch(tx, id, person)).await
}

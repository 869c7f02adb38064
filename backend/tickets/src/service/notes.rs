//! Comments, on-site records and files: they make no new version of the ticket.

use db::{Event, ReadTx, Recorded, WriteTx};
use files::{AttachedFile, FileId};
use kernel::{Code, Error, Ts};

use super::visible;
use crate::{
    model::{Attachment, Note, NoteId, NoteType, Ticket, TicketId},
    policy, store,
};

/// A comment or an on-site record to be added.
#[derive(Clone, Debug)]
pub struct NewNote {
    pub kind: NoteType,
    pub text: String,
    pub internal: bool,
    pub arrived_at: Option<Ts>,
    pub left_at: Option<Ts>,
    pub file_ids: Vec<FileId>,
}

/// Writes a comment or an on-site record. Only handlers write on-site records and internal comments.
pub fn add_note(tx: &mut WriteTx<'_>, id: TicketId, new: &NewNote) -> Result<Recorded<NoteId>, Error> {
    let (row, watches) = visible(tx, id)?;
    if new.kind == NoteType::SiteNote {
        policy::check_handler(tx.actor(), &row)?;
    } else if new.internal && !policy::sees_internal(tx.actor(), &row) {
        return Err(Error::forbidden(Code::TicketNotAssignee).about(id));
    } else {
        policy::check_participant(tx.actor(), &row, watches)?;
    }
    if let (Some(arrived), Some(left)) = (new.arrived_at, new.left_at)
        && left < arrived
    {
        return Err(Error::invalid("/left_at", Code::OutOfRange));
    }
    let me = tx.actor().require_person()?;
    let note = Note {
        id: NoteId::new(),
        ticket_id: id,
        kind: new.kind,
        internal: new.internal,
        text: new.text.clone(),
        author_id: me,
        author_name: tx.actor().name.clone(),
        arrived_at: new.arrived_at,
        left_at: new.left_at,
        created_at: tx.now(),
    };
    let action = if new.kind == NoteType::SiteNote { "ticket.site_recorded" } else { "ticket.commented" };
    let event = Event::new(action, id, row.label())
        .unit(row.unit_id)
        .related(note.id, "note", "")
        .occurred_at(new.arrived_at)
        .fact("internal", new.internal)
        .set("left_at", &new.left_at)
        .note(new.text.clone());
    let recorded = tx.record(event, |rows| {
        store::insert_note(rows, &note)?;
        store::touch(rows, id)?;
        store::seen(rows, id, me)?;
        Ok(note.id)
    })?;
    for (index, file) in new.file_ids.iter().enumerate() {
        attach_as(tx, &row, *file, Some(note.id), new.internal, &format!("/file_ids/{index}"))?.into_inner();
    }
    Ok(recorded)
}

/// Adds a file.
pub fn attach(tx: &mut WriteTx<'_>, id: TicketId, file: FileId, internal: bool) -> Result<Recorded<()>, Error> {
    let (row, watches) = visible(tx, id)?;
    policy::check_participant(tx.actor(), &row, watches)?;
    if internal && !policy::sees_internal(tx.actor(), &row) {
        return Err(Error::forbidden(Code::TicketNotAssignee).about(id));
    }
    attach_as(tx, &row, file, None, internal, "/file_id")
}

pub(super) fn attach_as(
    tx: &mut WriteTx<'_>,
    row: &Ticket,
    file: FileId,
    note: Option<NoteId>,
    internal: bool,
    pointer: &str,
) -> Result<Recorded<()>, Error> {
    let me = tx.actor().require_person()?;
    let attached = files::service::attach(tx, file, pointer)?;
    let attachment = Attachment {
        ticket_id: row.id,
        file_id: attached.id,
        note_id: note,
        name: attached.name.clone(),
        media_type: attached.media_type.clone(),
        size: attached.size,
        internal,
        added_by: me,
        added_by_name: tx.actor().name.clone(),
        added_at: tx.now(),
    };
    let event = Event::new("ticket.file_attached", row.id, row.label())
        .unit(row.unit_id)
        .related(attached.id, "file", attached.name.clone())
        .fact("internal", internal)
        .set("name", &attached.name)
        .set("sha256", &attached.sha256);
    tx.record(event, |rows| {
        store::insert_attachment(rows, &attachment)?;
        store::touch(rows, row.id)?;
        store::seen(rows, row.id, me)
    })
}

/// A file of a ticket that the actor may read.
pub fn attachment(tx: &mut ReadTx<'_>, id: TicketId, file: FileId) -> Result<AttachedFile, Error> {
    let (row, _) = visible(tx, id)?;
    let attachment = store::attachment(tx, id, file)?.ok_or_else(|| Error::absent(file))?;
    if attachment.internal && !policy::sees_internal(tx.actor(), &row) {
        return Err(Error::hidden(file));
    }
    files::service::attached(tx, file)
}

//! Reporting a ticket, and changing what was reported.

use db::{Event, ReadTx, Recorded, WriteTx, numbers};
use equipment::{EquipmentId, EquipmentRef};
use files::FileId;
use identity::directory::{self, Names};
use kernel::{Code, Error, Permission, PersonId, calendar::Pause, column::RawJson};

use super::{Whole, names, notes::attach_as, steps::drive, visible};
use crate::{
    model::{Category, CategoryId, Level, Priority, Text, Ticket, TicketId, TicketState, TicketType},
    policy,
    settings::Settings,
    store,
};

/// A ticket to be reported.
#[derive(Clone, Debug)]
pub struct Report {
    pub kind: TicketType,
    pub title: String,
    pub description: String,
    pub impact: Level,
    pub urgency: Level,
    pub category_id: Option<CategoryId>,
    pub place: Option<String>,
    pub contact: Option<String>,
    pub equipment_ids: Vec<EquipmentId>,
    /// Of a scanned label: who stands before a thing may report it, whoever holds it.
    pub label_code: Option<String>,
    pub file_ids: Vec<FileId>,
    pub reporter_id: Option<PersonId>,
}

/// What is to be changed; outer none: left as it is.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub kind: Option<TicketType>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub impact: Option<Level>,
    pub urgency: Option<Level>,
    pub category_id: Option<Option<CategoryId>>,
    pub place: Option<Option<String>>,
    pub contact: Option<Option<String>>,
}

fn check_category(tx: &mut ReadTx<'_>, id: CategoryId, kind: TicketType) -> Result<Category, Error> {
    let category = store::category(tx, id)?.ok_or_else(|| Error::invalid("/category_id", Code::UnknownReference))?;
    if !category.active {
        return Err(Error::new(Code::CategoryInactive));
    }
    if category.kind.is_some_and(|only| only != kind) {
        return Err(Error::invalid("/category_id", Code::NotAChoice));
    }
    Ok(category)
}

fn equipment_named(tx: &mut ReadTx<'_>, report: &Report) -> Result<Vec<EquipmentRef>, Error> {
    let mut named: Vec<EquipmentRef> = Vec::new();
    for (index, id) in report.equipment_ids.iter().enumerate() {
        let pointer = format!("/equipment_ids/{index}");
        if named.iter().any(|other| other.id == *id) {
            return Err(Error::invalid(pointer, Code::Duplicate));
        }
        named.push(equipment::service::referable(tx, *id, &pointer)?);
    }
    if let Some(code) = &report.label_code {
        let scanned = equipment::service::labelled(tx, code)?.ok_or_else(|| Error::invalid("/label_code", Code::UnknownReference))?;
        if named.iter().all(|other| other.id != scanned.id) {
            named.push(scanned);
        }
    }
    Ok(named)
}

/// Reports a ticket; a fault makes its equipment faulty where that is a legal step.
pub fn report(tx: &mut WriteTx<'_>, report: &Report) -> Result<Recorded<Whole>, Error> {
    let me = tx.actor().require_person()?;
    let reporter = report.reporter_id.unwrap_or(me);
    let pointer = "/reporter_id";
    let (named_reporter, unit) = directory::person_at_work(tx, reporter, pointer)?;
    if reporter != me && !tx.actor().may_in(Permission::DispatchTickets, Some(unit.id)) {
        return Err(Error::forbidden(Code::Forbidden).with("permission", Permission::DispatchTickets));
    }
    let category = report.category_id.map(|id| check_category(tx, id, report.kind)).transpose()?;
    let named = equipment_named(tx, report)?;
    let (now, year) = (tx.now(), tx.now().office_year());
    let mut row = Ticket {
        id: TicketId::new(),
        number: String::new(),
        kind: report.kind,
        title: report.title.clone(),
        state: TicketState::New,
        open: true,
        impact: report.impact,
        urgency: report.urgency,
        priority: Priority::of(report.impact, report.urgency),
        category_id: report.category_id,
        reporter_id: reporter,
        unit_id: unit.id,
        assigned_unit_id: category.as_ref().and_then(|category| category.default_unit_id),
        assignee_id: None,
        respond_due: None,
        resolve_due: None,
        responded_at: None,
        resolved_at: None,
        closed_at: None,
        created_at: now,
        updated_at: now,
        activity_at: now,
        version: 1,
    };
    let text = Text {
        ticket_id: row.id,
        description: report.description.clone(),
        place: report.place.clone(),
        contact: report.contact.clone(),
        pauses: RawJson::of(&Vec::<Pause>::new())?,
        appraisal: None,
        vendor_repair: None,
        resolution: None,
        reason: None,
        satisfaction: None,
        satisfaction_comment: None,
    };
    let settings = Settings::load(tx)?;
    settings.set_due(&mut row, &text)?;
    row.number = format!("T-{year}-{:06}", numbers::take(tx, numbers::Series::Ticket, year)?);
    let mut event = Event::new("ticket.created", row.id, row.title.clone())
        .created()
        .unit(row.unit_id)
        .on_behalf_of((reporter != me).then_some(reporter))
        .fact("to_state", row.state)
        .fact("kind", row.kind)
        .fact("priority", row.priority)
        .related(reporter, "reporter", named_reporter.name.clone())
        .set("number", &row.number)
        .set("title", &row.title)
        .set("description", &text.description)
        .set("impact", &row.impact)
        .set("urgency", &row.urgency)
        .set("category", &category.as_ref().map(|category| &category.name))
        .set("place", &text.place)
        .set("contact", &text.contact)
        .set("respond_due", &row.respond_due)
        .set("resolve_due", &row.resolve_due);
    for thing in &named {
        event = event.related(thing.id, "equipment", format!("{} {}", thing.number, thing.name));
    }
    let ids: Vec<EquipmentId> = named.iter().map(|thing| thing.id).collect();
    let recorded = tx.record(event, |rows| store::insert(rows, &row, &text, &ids, me))?;
    for (index, file) in report.file_ids.iter().enumerate() {
        attach_as(tx, &row, *file, None, false, &format!("/file_ids/{index}"))?.into_inner();
    }
    if row.kind == TicketType::Fault {
        drive(tx, &row, &ids, equipment::EquipmentAction::ReportFault, Some(row.title.clone()))?;
    }
    // What was just written is not read again: on PostgreSQL, SERIALIZABLE would take that for an interest in the page on which
    // everybody else inserts.
    let attachments = if report.file_ids.is_empty() { Vec::new() } else { store::attachments(tx, row.id)? };
    let known = match row.assigned_unit_id {
        Some(_) => names(tx, std::slice::from_ref(&row), &[])?,
        None => Names::known([named_reporter], [unit]),
    };
    Ok(recorded.map(|()| Whole {
        names: known,
        row,
        text,
        settings,
        watching: false,
        seen_at: Some(now),
        equipment: ids,
        watchers: Vec::new(),
        attachments,
    }))
}

/// Changes what was reported. Another impact or urgency means other due times.
pub fn change(tx: &mut WriteTx<'_>, id: TicketId, expected: i32, changes: &Changes) -> Result<Recorded<()>, Error> {
    let (before, _) = visible(tx, id)?;
    policy::check_change(tx.actor(), &before)?;
    if expected != before.version {
        return Err(Error::new(Code::Stale));
    }
    let old = store::text(tx, id)?;
    let (mut row, mut text) = (before.clone(), old.clone());
    row.kind = changes.kind.unwrap_or(row.kind);
    row.title = changes.title.clone().unwrap_or(row.title);
    row.impact = changes.impact.unwrap_or(row.impact);
    row.urgency = changes.urgency.unwrap_or(row.urgency);
    row.priority = Priority::of(row.impact, row.urgency);
    row.category_id = changes.category_id.unwrap_or(row.category_id);
    text.description = changes.description.clone().unwrap_or(text.description);
    text.place = changes.place.clone().unwrap_or(text.place);
    text.contact = changes.contact.clone().unwrap_or(text.contact);
    if row.category_id != before.category_id || row.kind != before.kind {
        row.category_id.map(|id| check_category(tx, id, row.kind)).transpose()?;
    }
    if row.priority != before.priority {
        Settings::load(tx)?.set_due(&mut row, &text)?;
    }
    let names = category_names(tx, [before.category_id, row.category_id])?;
    let mut event = Event::new("ticket.updated", id, row.label())
        .step(before.version)
        .unit(row.unit_id)
        .fact("kind", row.kind)
        .fact("priority", row.priority)
        .change("kind", &before.kind, &row.kind)
        .change("title", &before.title, &row.title)
        .change("description", &old.description, &text.description)
        .change("impact", &before.impact, &row.impact)
        .change("urgency", &before.urgency, &row.urgency)
        .change("priority", &before.priority, &row.priority)
        .change("category", &names.0, &names.1)
        .change("place", &old.place, &text.place)
        .change("contact", &old.contact, &text.contact)
        .change("respond_due", &before.respond_due, &row.respond_due)
        .change("resolve_due", &before.resolve_due, &row.resolve_due);
    if event.changes_nothing() {
        return Ok(tx.unchanged(()));
    }
    if before.kind != row.kind {
        event = event.fact("from_kind", before.kind);
    }
    let me = tx.actor().require_person()?;
    tx.record(event, |rows| {
        store::update(rows, &row, &text, expected)?;
        store::index(rows, &row, &text)?;
        store::seen(rows, id, me)
    })
}

fn category_names(tx: &mut ReadTx<'_>, ids: [Option<CategoryId>; 2]) -> Result<(Option<String>, Option<String>), Error> {
    let mut name =
        |id: Option<CategoryId>| id.map_or(Ok(None), |id| store::category(tx, id).map(|found| found.map(|category| category.name)));
    let [before, after] = ids;
    Ok((name(before)?, name(after)?))
}

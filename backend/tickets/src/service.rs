//! The use cases of a ticket.

use std::collections::BTreeSet;

use db::{Event, ReadTx, Recorded, WriteTx, numbers};
use equipment::{EquipmentId, EquipmentRef};
use files::{AttachedFile, FileId};
use identity::directory;
use kernel::{Code, Date, Error, Permission, PersonId, Ts, UnitId, calendar::Pause, column::RawJson};

use crate::{
    model::{
        TicketAction, Appraisal, Attachment, Category, CategoryId, TicketType, Level, Note, NoteId, NoteType, Priority, TicketState, Text, Ticket, TicketId, VendorRepair,
    },
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

/// A step with what belongs to it.
#[derive(Clone, Debug)]
pub struct Step {
    pub action: TicketAction,
    pub unit_id: Option<UnitId>,
    pub assignee_id: Option<PersonId>,
    pub text: Option<String>,
    pub cause: Option<String>,
    pub repairable: Option<bool>,
    pub vendor: Option<String>,
    pub expected_back: Option<Date>,
    pub equipment_id: Option<EquipmentId>,
    pub repaired: Option<bool>,
    pub satisfaction: Option<i32>,
}

impl Step {
    /// A step with nothing but its name.
    #[must_use]
    pub const fn of(action: TicketAction) -> Self {
        Self {
            action,
            unit_id: None,
            assignee_id: None,
            text: None,
            cause: None,
            repairable: None,
            vendor: None,
            expected_back: None,
            equipment_id: None,
            repaired: None,
            satisfaction: None,
        }
    }

    /// Every action has its own fields: missing ones and foreign ones are refused by name.
    fn check(&self) -> Result<(), Error> {
        let given = [
            ("unit_id", self.unit_id.is_some()),
            ("assignee_id", self.assignee_id.is_some()),
            ("text", self.text.as_ref().is_some_and(|text| !text.trim().is_empty())),
            ("cause", self.cause.is_some()),
            ("repairable", self.repairable.is_some()),
            ("vendor", self.vendor.is_some()),
            ("expected_back", self.expected_back.is_some()),
            ("equipment_id", self.equipment_id.is_some()),
            ("repaired", self.repaired.is_some()),
            ("satisfaction", self.satisfaction.is_some()),
        ];
        let (needed, possible) = self.action.fields();
        let mut error: Option<Error> = None;
        for (name, given) in given {
            let code = match (needed.contains(&name), possible.contains(&name), given) {
                (true, _, false) => Code::Required,
                (false, false, true) => Code::Unknown,
                _ => continue,
            };
            let pointer = format!("/{name}");
            error = Some(match error {
                None => Error::invalid(pointer, code),
                Some(error) => error.field(pointer, code),
            });
        }
        error.map_or(Ok(()), Err)
    }
}

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

/// A ticket that the actor may see, and whether they watch it.
pub fn visible(tx: &mut ReadTx<'_>, id: TicketId) -> Result<(Ticket, bool), Error> {
    let row = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let person = tx.actor().person();
    let watches = !store::watched(tx, &[id], person)?.is_empty();
    if policy::can_see(tx.actor(), &row, watches) { Ok((row, watches)) } else { Err(Error::hidden(id)) }
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
pub fn report(tx: &mut WriteTx<'_>, report: &Report) -> Result<Recorded<TicketId>, Error> {
    let me = tx.actor().require_person()?;
    let reporter = report.reporter_id.unwrap_or(me);
    let pointer = "/reporter_id";
    let reporter_name = directory::active_person(tx, reporter, pointer)?;
    let unit = directory::main_unit(tx, reporter)?.ok_or_else(|| Error::invalid(pointer, Code::UnknownReference))?;
    if reporter != me && !tx.actor().may_in(Permission::DispatchTickets, Some(unit)) {
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
        unit_id: unit,
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
    Settings::load(tx)?.set_due(&mut row, &text)?;
    let mut event = Event::new("ticket.created", row.id, row.title.clone())
        .created()
        .unit(row.unit_id)
        .on_behalf_of((reporter != me).then_some(reporter))
        .fact("to_state", row.state)
        .fact("kind", row.kind)
        .fact("priority", row.priority)
        .related(reporter, "reporter", reporter_name.name.clone())
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
    let recorded = tx.record(event, |rows| {
        row.number = format!("T-{year}-{:06}", numbers::next(rows, numbers::Series::Ticket, year)?);
        store::insert(rows, &row, &text, &ids)?;
        store::seen(rows, row.id, me)?;
        Ok(row.id)
    })?;
    for (index, file) in report.file_ids.iter().enumerate() {
        attach_as(tx, &row, *file, None, false, &format!("/file_ids/{index}"))?.into_inner();
    }
    if row.kind == TicketType::Fault {
        drive(tx, &row, &ids, equipment::EquipmentAction::ReportFault, Some(row.title.clone()))?;
    }
    Ok(recorded)
}

/// Takes the equipment of a ticket a step on, where that step is legal now.
fn drive(tx: &mut WriteTx<'_>, row: &Ticket, ids: &[EquipmentId], action: equipment::EquipmentAction, reason: Option<String>) -> Result<(), Error> {
    for id in ids {
        if equipment::service::can_step(tx, *id, action)? {
            let step = equipment_step(row, action, reason.clone());
            equipment::service::transition_for_ticket(tx, *id, &step)?.into_inner();
        }
    }
    Ok(())
}

fn equipment_step(row: &Ticket, action: equipment::EquipmentAction, reason: Option<String>) -> equipment::service::Step {
    let ticket = Some((row.id.uuid(), row.label()));
    equipment::service::Step { action, to: equipment::service::Destination::default(), until: None, reason, ticket }
}

/// Equipment that no other open fault speaks of works again.
fn restore(tx: &mut WriteTx<'_>, row: &Ticket, reason: Option<String>) -> Result<(), Error> {
    let mut free = Vec::new();
    for id in store::equipment_of(tx, row.id)? {
        let others = store::open_about(tx, id)?;
        if !others.iter().any(|(other, kind)| *other != row.id && *kind == TicketType::Fault) {
            free.push(id);
        }
    }
    drive(tx, row, &free, equipment::EquipmentAction::Repaired, reason)
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
    let event = Event::new("ticket.updated", id, row.label())
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
    let me = tx.actor().require_person()?;
    tx.record(event, |rows| {
        store::update(rows, &row, &text, expected)?;
        store::index(rows, &row, &text)?;
        store::seen(rows, id, me)
    })
}

fn category_names(tx: &mut ReadTx<'_>, ids: [Option<CategoryId>; 2]) -> Result<(Option<String>, Option<String>), Error> {
    let mut name = |id: Option<CategoryId>| id.map_or(Ok(None), |id| store::category(tx, id).map(|found| found.map(|category| category.name)));
    let [before, after] = ids;
    Ok((name(before)?, name(after)?))
}

/// Whether a step could be done by this actor now.
pub fn check_action(tx: &ReadTx<'_>, row: &Ticket, text: &Text, settings: &Settings, action: TicketAction) -> Result<(), Error> {
    policy::check_actor(tx.actor(), row, action)?;
    policy::check_step(row, action, text.appraisal()?.as_ref(), settings.reopen_until(row), tx.now())
}

/// Does a step.
pub fn transition(tx: &mut WriteTx<'_>, id: TicketId, expected: i32, step: &Step) -> Result<Recorded<()>, Error> {
    let (before, _) = visible(tx, id)?;
    policy::check_actor(tx.actor(), &before, step.action)?;
    if expected != before.version {
        return Err(Error::new(Code::Stale));
    }
    let settings = Settings::load(tx)?;
    let mut text = store::text(tx, id)?;
    policy::check_step(&before, step.action, text.appraisal()?.as_ref(), settings.reopen_until(&before), tx.now())?;
    step.check()?;
    let (me, now) = (tx.actor().require_person()?, tx.now());
    let mut row = before.clone();
    row.state = step.action.apply(before.state)?;
    let said = step.text.as_ref().map(|text| text.trim().to_owned());
    let mut event = Event::new(step.action.event(), id, before.label()).step(before.version).unit(before.unit_id);
    match step.action {
        TicketAction::Dispatch => assign(tx, &before, &mut row, step)?,
        TicketAction::Start => {
            row.assignee_id = Some(row.assignee_id.filter(|assignee| *assignee == me).unwrap_or(me));
            row.assigned_unit_id = row.assigned_unit_id.or(tx.actor().unit);
        }
        TicketAction::AskReporter => pause(&mut text, Pause { from: now, to: None })?,
        TicketAction::Answer => resume(&mut text, now)?,
        TicketAction::Appraise => {
            let (cause, conclusion) = (step.cause.clone().unwrap_or_default(), said.clone().unwrap_or_default());
            let appraisal = Appraisal { cause, conclusion, repairable: step.repairable.unwrap_or_default(), by: tx.actor().name.clone(), at: now };
            event = event.change("appraisal", &text.appraisal()?, &Some(appraisal.clone()));
            text.appraisal = Some(RawJson::of(&appraisal)?);
        }
        TicketAction::SendToVendor => {
            let repair = send_out(tx, &before, step)?;
            event = event.set("vendor_repair", &repair);
            text.vendor_repair = Some(RawJson::of(&repair)?);
        }
        TicketAction::ReturnFromVendor => {
            let repair = text.vendor_repair()?.ok_or_else(|| Error::internal("waiting for a vendor without a repair"))?;
            let back = VendorRepair { returned_at: Some(now), result: said.clone(), repaired: step.repaired, ..repair };
            event = event.change("vendor_repair", &text.vendor_repair()?, &Some(back.clone()));
            text.vendor_repair = Some(RawJson::of(&back)?);
        }
        TicketAction::Resolve => {
            row.resolved_at = Some(now);
            event = event.change("resolution", &text.resolution, &said);
            text.resolution.clone_from(&said);
        }
        TicketAction::Confirm => {
            if step.satisfaction.is_some() && !tx.actor().is(before.reporter_id) {
                return Err(Error::forbidden(Code::TicketNotReporter).about(id));
            }
            row.closed_at = Some(now);
            event = event.change("satisfaction", &text.satisfaction, &step.satisfaction);
            text.satisfaction = step.satisfaction;
            text.satisfaction_comment.clone_from(&said);
        }
        TicketAction::Reopen => {
            if let Some(solved) = before.resolved_at {
                pause(&mut text, Pause { from: solved, to: Some(now) })?;
            }
            (row.resolved_at, row.closed_at) = (None, None);
            text.reason.clone_from(&said);
        }
        TicketAction::Refuse | TicketAction::Cancel => {
            row.closed_at = Some(now);
            text.reason.clone_from(&said);
        }
    }
    let works = !matches!(step.action, TicketAction::Dispatch | TicketAction::Cancel | TicketAction::Answer);
    if works && row.responded_at.is_none() {
        row.responded_at = Some(now);
    }
    if matches!(step.action, TicketAction::AskReporter | TicketAction::Answer | TicketAction::Reopen) {
        settings.set_due(&mut row, &text)?;
    }
    event = with_changes(tx, event, &before, &row)?.note(said.clone());
    let comment = matches!(step.action, TicketAction::AskReporter | TicketAction::Answer).then(|| Note {
        id: NoteId::new(),
        ticket_id: id,
        kind: NoteType::Comment,
        internal: false,
        text: said.clone().unwrap_or_default(),
        author_id: me,
        author_name: tx.actor().name.clone(),
        arrived_at: None,
        left_at: None,
        created_at: now,
    });
    let recorded = tx.record(event, |rows| {
        store::update(rows, &row, &text, expected)?;
        comment.iter().try_for_each(|note| store::insert_note(rows, note))?;
        store::seen(rows, id, me)
    })?;
    follow(tx, &row, &text, step, said)?;
    Ok(recorded)
}

/// The equipment follows its ticket.
fn follow(tx: &mut WriteTx<'_>, row: &Ticket, text: &Text, step: &Step, said: Option<String>) -> Result<(), Error> {
    use equipment::EquipmentAction::{ComeBack, ReportFault, SendOut, StartRepair};
    let linked = store::equipment_of(tx, row.id)?;
    match step.action {
        TicketAction::SendToVendor | TicketAction::ReturnFromVendor => {
            let repair = text.vendor_repair()?.ok_or_else(|| Error::internal("a vendor step without a repair"))?;
            let (action, reason) = if step.action == TicketAction::SendToVendor { (SendOut, Some(repair.vendor)) } else { (ComeBack, said) };
            let step = equipment_step(row, action, reason);
            equipment::service::transition_for_ticket(tx, repair.equipment_id, &step).map(|recorded| recorded.into_inner())
        }
        TicketAction::Start if row.kind == TicketType::Fault => drive(tx, row, &linked, StartRepair, said),
        TicketAction::Reopen if row.kind == TicketType::Fault => {
            drive(tx, row, &linked, ReportFault, said.clone())?;
            drive(tx, row, &linked, StartRepair, said)
        }
        TicketAction::Resolve if row.kind == TicketType::Fault && step.repaired != Some(false) => restore(tx, row, said),
        TicketAction::Refuse | TicketAction::Cancel if row.kind == TicketType::Fault => restore(tx, row, said),
        _ => Ok(()),
    }
}

fn assign(tx: &mut ReadTx<'_>, before: &Ticket, row: &mut Ticket, step: &Step) -> Result<(), Error> {
    let unit = step.unit_id.ok_or_else(|| Error::invalid("/unit_id", Code::Required))?;
    directory::active_unit(tx, unit, "/unit_id")?;
    if let Some(assignee) = step.assignee_id {
        directory::active_person(tx, assignee, "/assignee_id")?;
        if !directory::units_of(tx, assignee)?.contains(&unit) {
            return Err(Error::new(Code::AssigneeOutsideUnit));
        }
        if !directory::holds(tx, assignee, Permission::HandleTickets)? {
            return Err(Error::new(Code::AssigneeCannotHandle));
        }
    }
    (row.assigned_unit_id, row.assignee_id) = (Some(unit), step.assignee_id);
    let same = (before.state, before.assigned_unit_id, before.assignee_id) == (row.state, row.assigned_unit_id, row.assignee_id);
    if same { Err(Error::new(Code::NoChange)) } else { Ok(()) }
}

fn send_out(tx: &mut ReadTx<'_>, row: &Ticket, step: &Step) -> Result<VendorRepair, Error> {
    let linked = store::equipment_of(tx, row.id)?;
    let equipment_id = match (step.equipment_id, linked.as_slice()) {
        (_, []) => return Err(Error::new(Code::TicketNeedsEquipment)),
        (None, [only]) => *only,
        (None, _) => return Err(Error::invalid("/equipment_id", Code::Required)),
        (Some(id), linked) if linked.contains(&id) => id,
        (Some(_), _) => return Err(Error::invalid("/equipment_id", Code::UnknownReference)),
    };
    let vendor = step.vendor.clone().unwrap_or_default();
    Ok(VendorRepair { vendor, equipment_id, sent_at: tx.now(), expected_back: step.expected_back, returned_at: None, result: None, repaired: None })
}

fn pause(text: &mut Text, pause: Pause) -> Result<(), Error> {
    let mut pauses: Vec<Pause> = text.pauses.parse()?;
    pauses.push(pause);
    text.pauses = RawJson::of(&pauses)?;
    Ok(())
}

fn resume(text: &mut Text, now: Ts) -> Result<(), Error> {
    let mut pauses: Vec<Pause> = text.pauses.parse()?;
    pauses.iter_mut().filter(|pause| pause.to.is_none()).for_each(|pause| pause.to = Some(now));
    text.pauses = RawJson::of(&pauses)?;
    Ok(())
}

/// What a step changed in the row, with names where people read them.
fn with_changes(tx: &mut ReadTx<'_>, event: Event, before: &Ticket, after: &Ticket) -> Result<Event, Error> {
    let people = directory::people(tx, [before.assignee_id, after.assignee_id].into_iter().flatten())?;
    let units = directory::units(tx, [before.assigned_unit_id, after.assigned_unit_id].into_iter().flatten())?;
    let person = |id: Option<PersonId>| id.and_then(|id| people.get(&id));
    let unit = |id: Option<UnitId>| id.and_then(|id| units.get(&id));
    let mut event = event
        .fact("from_state", before.state)
        .fact("to_state", after.state)
        .fact("kind", after.kind)
        .fact("priority", after.priority)
        .change("state", &before.state, &after.state)
        .change("assigned_unit", &unit(before.assigned_unit_id), &unit(after.assigned_unit_id))
        .change("assignee", &person(before.assignee_id), &person(after.assignee_id))
        .change("resolve_due", &before.resolve_due, &after.resolve_due);
    if let Some(assignee) = person(after.assignee_id) {
        event = event.related(assignee.id, "assignee", assignee.name.clone());
    }
    Ok(event)
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

fn attach_as(tx: &mut WriteTx<'_>, row: &Ticket, file: FileId, note: Option<NoteId>, internal: bool, pointer: &str) -> Result<Recorded<()>, Error> {
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

/// Links a piece of equipment that the actor may see.
pub fn link(tx: &mut WriteTx<'_>, id: TicketId, equipment: EquipmentId) -> Result<Recorded<()>, Error> {
    let (row, _) = visible(tx, id)?;
    policy::check_change(tx.actor(), &row)?;
    let thing = equipment::service::referable(tx, equipment, "/equipment_id")?;
    if store::equipment_of(tx, id)?.contains(&equipment) {
        return Err(Error::new(Code::AlreadyLinked));
    }
    let label = format!("{} {}", thing.number, thing.name);
    let event = Event::new("ticket.equipment_linked", id, row.label()).unit(row.unit_id).related(equipment, "equipment", label.clone()).set("equipment", &label);
    let recorded = tx.record(event, |rows| {
        store::link(rows, id, equipment)?;
        store::touch(rows, id)
    })?;
    if row.kind == TicketType::Fault {
        drive(tx, &row, &[equipment], equipment::EquipmentAction::ReportFault, Some(row.title.clone()))?;
        if row.state == TicketState::InProgress {
            drive(tx, &row, &[equipment], equipment::EquipmentAction::StartRepair, None)?;
        }
    }
    Ok(recorded)
}

/// Removes a link; what is with a vendor stays linked.
pub fn unlink(tx: &mut WriteTx<'_>, id: TicketId, equipment: EquipmentId) -> Result<Recorded<()>, Error> {
    let (row, _) = visible(tx, id)?;
    policy::check_handler(tx.actor(), &row)?;
    if row.state == TicketState::WaitingVendor {
        return Err(Error::new(Code::TicketVendorPending));
    }
    if !store::equipment_of(tx, id)?.contains(&equipment) {
        return Err(Error::absent(equipment));
    }
    let thing = equipment::service::references(tx, &[equipment])?.pop().ok_or_else(|| Error::absent(equipment))?;
    let event = Event::new("ticket.equipment_unlinked", id, row.label())
        .unit(row.unit_id)
        .related(equipment, "equipment", format!("{} {}", thing.number, thing.name));
    let recorded = tx.record(event, |rows| {
        store::unlink(rows, id, equipment)?;
        store::touch(rows, id)
    })?;
    let others = store::open_about(tx, equipment)?;
    if row.kind == TicketType::Fault && !others.iter().any(|(_, kind)| *kind == TicketType::Fault) {
        drive(tx, &row, &[equipment], equipment::EquipmentAction::Repaired, None)?;
    }
    Ok(recorded)
}

/// Lets somebody follow a ticket: oneself, or by who works on it anybody.
pub fn watch(tx: &mut WriteTx<'_>, id: TicketId, person: PersonId) -> Result<Recorded<()>, Error> {
    let (row, _) = visible(tx, id)?;
    check_watching(tx, &row, person)?;
    let name = directory::active_person(tx, person, "/person_id")?.name;
    if store::watchers(tx, id)?.contains(&person) {
        return Ok(tx.unchanged(()));
    }
    let event = Event::new("ticket.watcher_added", id, row.label()).unit(row.unit_id).related(person, "watcher", name);
    tx.record(event, |rows| store::watch(rows, id, person))
}

/// Ends it.
pub fn unwatch(tx: &mut WriteTx<'_>, id: TicketId, person: PersonId) -> Result<Recorded<()>, Error> {
    let (row, _) = visible(tx, id)?;
    check_watching(tx, &row, person)?;
    if !store::watchers(tx, id)?.contains(&person) {
        return Ok(tx.unchanged(()));
    }
    let name = directory::people(tx, [person])?.remove(&person).map(|person| person.name).unwrap_or_default();
    let event = Event::new("ticket.watcher_removed", id, row.label()).unit(row.unit_id).related(person, "watcher", name);
    tx.record(event, |rows| store::unwatch(rows, id, person))
}

fn check_watching(tx: &ReadTx<'_>, row: &Ticket, person: PersonId) -> Result<(), Error> {
    let actor = tx.actor();
    if actor.is(person) || actor.is(row.reporter_id) { Ok(()) } else { policy::check_handler(actor, row) }
}

/// Which of these the actor may see.
pub fn visible_among(tx: &mut ReadTx<'_>, ids: &[TicketId]) -> Result<BTreeSet<TicketId>, Error> {
    let person = tx.actor().person();
    let watched = store::watched(tx, ids, person)?;
    let rows = store::by_ids(tx, ids)?;
    Ok(rows.iter().filter(|row| policy::can_see(tx.actor(), row, watched.contains(&row.id))).map(|row| row.id).collect())
}

/// Open tickets about a piece of equipment, for its own rules.
pub fn open_tickets(tx: &mut ReadTx<'_>, equipment: EquipmentId) -> Result<i64, Error> {
    i64::try_from(store::open_about(tx, equipment)?.len()).map_err(Error::internal)
}

/// Open tickets in somebody's hands: who leaves hands them over first.
pub fn open_work(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    store::open_of_assignee(tx, person)
}

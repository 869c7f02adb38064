//! The steps of a ticket, and the equipment that follows them.

use db::{Driver, Event, ReadTx, Recorded, WriteTx};
use equipment::EquipmentId;
use identity::directory;
use kernel::{Code, Date, Error, Permission, PersonId, Ts, UnitId, calendar::Pause, column::RawJson};

use super::visible;
use crate::{
    model::{Appraisal, Note, NoteId, NoteType, Text, Ticket, TicketAction, TicketId, TicketType, VendorRepair},
    policy,
    settings::Settings,
    store,
};

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

/// Takes the equipment of a ticket a step on, where that step is legal now.
pub(super) fn drive(
    tx: &mut WriteTx<'_>,
    row: &Ticket,
    ids: &[EquipmentId],
    action: equipment::EquipmentAction,
    reason: Option<String>,
) -> Result<(), Error> {
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

/// Whether a step could be done by this actor now.
pub fn check_action(
    tx: &ReadTx<'_>,
    row: &Ticket,
    text: &Text,
    settings: &Settings,
    driver: Option<&Driver>,
    action: TicketAction,
) -> Result<(), Error> {
    policy::check_actor(tx.actor(), row, action)?;
    driver.map_or(Ok(()), |driver| driver.check(action.as_str()))?;
    policy::check_step(row, action, text.appraisal()?.as_ref(), settings.reopen_until(row), tx.now())
}

/// Does a step.
pub fn transition(tx: &mut WriteTx<'_>, id: TicketId, expected: i32, step: &Step) -> Result<Recorded<()>, Error> {
    let (before, _) = visible(tx, id)?;
    policy::check_actor(tx.actor(), &before, step.action)?;
    tx.check_driver(id, step.action.as_str())?;
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
            let appraisal =
                Appraisal { cause, conclusion, repairable: step.repairable.unwrap_or_default(), by: tx.actor().name.clone(), at: now };
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
    tx.tell_driver(id, step.action.event())?;
    Ok(recorded)
}

/// The equipment follows its ticket.
fn follow(tx: &mut WriteTx<'_>, row: &Ticket, text: &Text, step: &Step, said: Option<String>) -> Result<(), Error> {
    use equipment::EquipmentAction::{ComeBack, ReportFault, SendOut, StartRepair};
    let linked = store::equipment_of(tx, row.id)?;
    match step.action {
        TicketAction::SendToVendor | TicketAction::ReturnFromVendor => {
            let repair = text.vendor_repair()?.ok_or_else(|| Error::internal("a vendor step without a repair"))?;
            let (action, reason) =
                if step.action == TicketAction::SendToVendor { (SendOut, Some(repair.vendor)) } else { (ComeBack, said) };
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
    Ok(VendorRepair {
        vendor,
        equipment_id,
        sent_at: tx.now(),
        expected_back: step.expected_back,
        returned_at: None,
        result: None,
        repaired: None,
    })
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
        .change("respond_due", &before.respond_due, &after.respond_due)
        .change("resolve_due", &before.resolve_due, &after.resolve_due);
    if let Some(assignee) = person(after.assignee_id) {
        event = event.related(assignee.id, "assignee", assignee.name.clone());
    }
    Ok(event)
}

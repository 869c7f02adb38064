//! Notifications of Alertmanager: one incident ticket for a group, by the ticket's own rules (G6.1).

use db::{Event, Recorded, WriteTx};
use kernel::{Error, column::RawJson};

use super::{Report, Step, check_action, report, transition};
use crate::{
    alerts::{self, AlertOutcome, AlertStatus, Course, Group, Notification, Received, Told},
    model::{Note, NoteId, NoteType, Ticket, TicketAction, TicketId, TicketType},
    policy,
    settings::Settings,
    store, store_alerts,
};

/// Takes a notification. What was told before changes nothing and leaves no record.
pub fn receive_alerts(tx: &mut WriteTx<'_>, notification: &Notification) -> Result<Recorded<Received>, Error> {
    let key = alerts::key(tx.actor().require_person()?, &notification.group_key);
    let known = store_alerts::find(tx, &key)?;
    let told = Told::by(notification);
    let before: Told = known.as_ref().map(|group| group.told.parse()).transpose()?.unwrap_or_else(Told::nothing);
    let ticket = match &known {
        Some(group) => store::find(tx, group.ticket_id)?,
        None => None,
    };
    let mut course = Course::of(notification.status, ticket.as_ref().map(|ticket| ticket.state));
    if !told.is_news_after(&before) {
        course = Course::Nothing;
    }
    if let (Course::Reopen, Some(ticket)) = (course, &ticket)
        && !reopens(tx, ticket)?
    {
        course = Course::Open;
    }
    let (told, told_at) = (RawJson::of(&told)?, tx.now());
    let group = |ticket_id| Group { key: key.clone(), ticket_id, told: told.clone(), told_at };
    match (course, ticket) {
        (Course::Open, _) => open(tx, notification, group),
        (Course::Reopen, Some(ticket)) => {
            let noted = tell(tx, &ticket, &group(ticket.id), notification, true)?;
            reopen(tx, &ticket, notification)?;
            received(tx, noted, AlertOutcome::Reopened, ticket.id)
        }
        (Course::Note(steps), Some(ticket)) => {
            let noted = tell(tx, &ticket, &group(ticket.id), notification, true)?;
            let outcome = if solve(tx, &ticket, steps)? { AlertOutcome::Resolved } else { AlertOutcome::Noted };
            received(tx, noted, outcome, ticket.id)
        }
        (_, ticket) => Ok(tx.unchanged(Received { outcome: AlertOutcome::Unchanged, ticket })),
    }
}

fn received(tx: &mut WriteTx<'_>, recorded: Recorded<()>, outcome: AlertOutcome, id: TicketId) -> Result<Recorded<Received>, Error> {
    recorded.and_then(|()| Ok(Received { outcome, ticket: store::find(tx, id)? }))
}

fn open(tx: &mut WriteTx<'_>, notification: &Notification, group: impl Fn(TicketId) -> Group) -> Result<Recorded<Received>, Error> {
    let chinese = tx.actor().chinese;
    let (impact, urgency) = alerts::levels(notification);
    let incident = Report {
        kind: TicketType::Incident,
        title: alerts::title(notification, chinese),
        description: alerts::description(notification, chinese),
        impact,
        urgency,
        category_id: None,
        place: None,
        contact: None,
        equipment_ids: Vec::new(),
        label_code: None,
        file_ids: Vec::new(),
        reporter_id: None,
    };
    let ticket = report(tx, &incident)?.into_inner().row;
    let told = tell(tx, &ticket, &group(ticket.id), notification, false)?;
    Ok(told.map(|()| Received { outcome: AlertOutcome::Opened, ticket: Some(ticket) }))
}

/// Keeps what was told, with a note in the ticket unless the ticket says it itself.
fn tell(tx: &mut WriteTx<'_>, ticket: &Ticket, group: &Group, notification: &Notification, noted: bool) -> Result<Recorded<()>, Error> {
    let me = tx.actor().require_person()?;
    let note = noted.then(|| Note {
        id: NoteId::new(),
        ticket_id: ticket.id,
        kind: NoteType::Comment,
        internal: false,
        text: alerts::note(notification, tx.actor().chinese),
        author_id: me,
        author_name: tx.actor().name.clone(),
        arrived_at: None,
        left_at: None,
        created_at: tx.now(),
    });
    let count = |status| notification.with(status).count();
    let event = Event::new("ticket.alerted", ticket.id, ticket.label())
        .unit(ticket.unit_id)
        .fact("status", notification.status)
        .fact("firing", count(AlertStatus::Firing))
        .fact("resolved", count(AlertStatus::Resolved))
        .note(note.as_ref().map(|note| note.text.clone()));
    tx.record(event, |rows| {
        store_alerts::keep(rows, group)?;
        note.iter().try_for_each(|note| store::insert_note(rows, note))?;
        store::touch(rows, ticket.id)?;
        store::seen(rows, ticket.id, me)
    })
}

/// Whether the ticket can be opened again, by this person and now.
fn reopens(tx: &mut WriteTx<'_>, ticket: &Ticket) -> Result<bool, Error> {
    let (text, settings, driver) = (store::text(tx, ticket.id)?, Settings::load(tx)?, tx.driver(ticket.id)?);
    Ok(check_action(tx, ticket, &text, &settings, driver.as_ref(), TicketAction::Reopen).is_ok())
}

/// Opens it again. What only the monitoring itself had in its hands goes back to the group: a program looks after nothing.
fn reopen(tx: &mut WriteTx<'_>, ticket: &Ticket, notification: &Notification) -> Result<(), Error> {
    let said = Some(alerts::title(notification, tx.actor().chinese));
    transition(tx, ticket.id, ticket.version, &Step { text: said, ..Step::of(TicketAction::Reopen) })?.into_inner();
    let mine = ticket.assignee_id.is_some_and(|assignee| tx.actor().is(assignee));
    if mine && can_take(tx, ticket, &[TicketAction::Dispatch])? {
        let back = Step { unit_id: ticket.assigned_unit_id, ..Step::of(TicketAction::Dispatch) };
        // A group that was closed meanwhile takes nothing: then the ticket stays in progress, and the desk sees it there.
        let _closed = tx.attempt(|tx| transition(tx, ticket.id, ticket.version + 1, &back))?;
    }
    Ok(())
}

/// Takes the steps that solve it, if this person may take all of them; whether it did.
fn solve(tx: &mut WriteTx<'_>, ticket: &Ticket, steps: &[TicketAction]) -> Result<bool, Error> {
    if steps.is_empty() || !can_take(tx, ticket, steps)? {
        return Ok(false);
    }
    let text = alerts::solved(tx.actor().chinese).to_owned();
    for (version, action) in (ticket.version..).zip(steps) {
        let said = (*action == TicketAction::Resolve).then(|| text.clone());
        transition(tx, ticket.id, version, &Step { text: said, ..Step::of(*action) })?.into_inner();
    }
    Ok(true)
}

/// Asked before, since a refusal would be noted in the log; here it is none.
fn can_take(tx: &mut WriteTx<'_>, ticket: &Ticket, steps: &[TicketAction]) -> Result<bool, Error> {
    let driver = tx.driver(ticket.id)?;
    Ok(steps.iter().all(|step| {
        policy::check_actor(tx.actor(), ticket, *step).is_ok() && driver.as_ref().is_none_or(|driver| driver.check(step.as_str()).is_ok())
    }))
}

//! May this actor see, or do something with, this ticket? Pure.

use kernel::{Actor, Code, Error, Permission, Ts};

use crate::model::{Appraisal, Ticket, TicketAction, TicketState};

/// One's own, what one watches, and what the reading permission reaches: from the reporter's side or the handlers'.
pub fn can_see(actor: &Actor, row: &Ticket, watches: bool) -> bool {
    watches
        || actor.is(row.reporter_id)
        || row.assignee_id.is_some_and(|assignee| actor.is(assignee))
        || reaches(actor, Permission::ReadTickets, row)
}

fn reaches(actor: &Actor, permission: Permission, row: &Ticket) -> bool {
    actor.may_in(permission, Some(row.unit_id)) || (row.assigned_unit_id.is_some() && actor.may_in(permission, row.assigned_unit_id))
}

/// The desk: whoever may dispatch it.
pub fn is_desk(actor: &Actor, row: &Ticket) -> bool {
    reaches(actor, Permission::DispatchTickets, row) || reaches(actor, Permission::ManageTickets, row)
}

/// Whoever works on it: the assignee, the desk, and while nobody has it, the unit to which it was given.
pub fn is_handler(actor: &Actor, row: &Ticket) -> bool {
    let handles = actor.holds(Permission::HandleTickets);
    let assigned = row.assignee_id.map_or_else(
        || {
            row.assigned_unit_id.is_some()
                && (actor.may_in(Permission::HandleTickets, row.assigned_unit_id) || actor.unit == row.assigned_unit_id)
        },
        |assignee| actor.is(assignee),
    );
    (handles && assigned) || is_desk(actor, row)
}

/// Internal comments are for those who work on it and for auditors, never for the reporter.
pub fn sees_internal(actor: &Actor, row: &Ticket) -> bool {
    is_handler(actor, row)
        || (!actor.is(row.reporter_id) && (reaches(actor, Permission::HandleTickets, row) || actor.holds(Permission::ReadRecords)))
}

/// Who takes part: may write comments and add files.
pub fn check_participant(actor: &Actor, row: &Ticket, watches: bool) -> Result<(), Error> {
    let takes_part = watches || actor.is(row.reporter_id) || is_handler(actor, row) || reaches(actor, Permission::HandleTickets, row);
    if takes_part { Ok(()) } else { Err(Error::forbidden(Code::Forbidden).about(row.id)) }
}

/// Working on it.
pub fn check_handler(actor: &Actor, row: &Ticket) -> Result<(), Error> {
    if is_handler(actor, row) { Ok(()) } else { Err(Error::forbidden(Code::TicketNotAssignee).about(row.id)) }
}

/// Changing what was reported: the desk and the assignee; the reporter until somebody has begun.
pub fn check_change(actor: &Actor, row: &Ticket) -> Result<(), Error> {
    if !is_handler(actor, row) && !actor.is(row.reporter_id) {
        return Err(Error::forbidden(Code::TicketNotAssignee).about(row.id));
    }
    let possible = if is_handler(actor, row) { row.open } else { matches!(row.state, TicketState::New | TicketState::Dispatched) };
    if possible { Ok(()) } else { Err(wrong_state(row.state)) }
}

fn wrong_state(state: TicketState) -> Error {
    Error::new(Code::TicketState).with("state", state.title(true))
}

/// Whether it is for this actor to do.
pub fn check_actor(actor: &Actor, row: &Ticket, action: TicketAction) -> Result<(), Error> {
    let allowed = match action {
        TicketAction::Dispatch | TicketAction::Refuse => {
            return if is_desk(actor, row) {
                Ok(())
            } else {
                Err(Error::forbidden(Code::Forbidden).with("permission", Permission::DispatchTickets).about(row.id))
            };
        }
        TicketAction::Start
        | TicketAction::AskReporter
        | TicketAction::Appraise
        | TicketAction::SendToVendor
        | TicketAction::ReturnFromVendor
        | TicketAction::Resolve => {
            return check_handler(actor, row);
        }
        TicketAction::Answer | TicketAction::Confirm | TicketAction::Reopen | TicketAction::Cancel => {
            actor.is(row.reporter_id) || is_desk(actor, row)
        }
    };
    if allowed { Ok(()) } else { Err(Error::forbidden(Code::TicketNotReporter).about(row.id)) }
}

/// Whether it can be done now, whoever does it.
pub fn check_step(
    row: &Ticket,
    action: TicketAction,
    appraisal: Option<&Appraisal>,
    reopen_until: Option<Ts>,
    now: Ts,
) -> Result<(), Error> {
    action.apply(row.state)?;
    match action {
        TicketAction::SendToVendor => match appraisal {
            None => Err(Error::new(Code::AppraisalRequired)),
            Some(appraisal) if appraisal.repairable => Err(Error::new(Code::AppraisedRepairable)),
            Some(_) => Ok(()),
        },
        TicketAction::Reopen if reopen_until.is_some_and(|until| now > until) => Err(Error::new(Code::ReopenPeriodOver)),
        _ => Ok(()),
    }
}

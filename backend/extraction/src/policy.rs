//! Who may do what to which extraction.

use kernel::{Actor, Code, Error, Permission};

use crate::model::{Extraction, ExtractionState};

/// Those who ask and those who approve see them.
#[must_use]
pub fn can_see(actor: &Actor) -> bool {
    actor.may_in(Permission::ReadRecords, None) || actor.may_in(Permission::ApproveExtractions, None)
}

/// Only who reads the whole log can say what is to be taken from it.
pub fn check_request(actor: &Actor) -> Result<(), Error> {
    actor.demand(Permission::ReadRecords, None)
}

fn check_open(row: &Extraction) -> Result<(), Error> {
    if row.state.is_open() { Ok(()) } else { Err(Error::new(Code::ExtractionState).with("state", row.state).about(row.id)) }
}

/// Neither who asked, nor who has approved it already.
pub fn check_approve(actor: &Actor, row: &Extraction) -> Result<(), Error> {
    actor.demand(Permission::ApproveExtractions, None).map_err(|error| error.about(row.id))?;
    check_open(row)?;
    if actor.is(row.requested_by) || row.first_by.is_some_and(|first| actor.is(first)) {
        return Err(Error::forbidden(Code::SecondPersonNeeded).about(row.id));
    }
    Ok(())
}

/// Anybody who approves can decline, also after having approved.
pub fn check_decline(actor: &Actor, row: &Extraction) -> Result<(), Error> {
    actor.demand(Permission::ApproveExtractions, None).map_err(|error| error.about(row.id))?;
    check_open(row)
}

/// Whoever asked takes it back.
pub fn check_withdraw(actor: &Actor, row: &Extraction) -> Result<(), Error> {
    if !actor.is(row.requested_by) {
        return Err(Error::forbidden(Code::ExtractionNotYours).about(row.id));
    }
    check_open(row)
}

/// Only who may read what is in it takes the package, once two have approved.
pub fn check_package(actor: &Actor, row: &Extraction) -> Result<(), Error> {
    actor.demand(Permission::ReadRecords, None).map_err(|error| error.about(row.id))?;
    if row.state == ExtractionState::Approved {
        Ok(())
    } else {
        Err(Error::new(Code::ExtractionState).with("state", row.state).about(row.id))
    }
}

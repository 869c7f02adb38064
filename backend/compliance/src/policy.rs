//! Who may do what to which row: the page shows the same answers that the services give.

use kernel::{Actor, Code, Error, Permission, PersonId, UnitId};

use crate::model::{Finding, FindingState, ObligationRow, Regulation, RegulationState, Waiver, WaiverState};

fn manage(actor: &Actor, unit: Option<UnitId>) -> Result<(), Error> {
    actor.demand(Permission::ManageCompliance, unit)
}

/// What holds for the whole company is for those who manage it in the whole company.
pub fn check_manage(actor: &Actor) -> Result<(), Error> {
    manage(actor, None)
}

/// Somebody else than who proposed it decides, once.
pub fn check_decide(actor: &Actor, row: &Regulation) -> Result<(), Error> {
    check_manage(actor)?;
    if actor.is(row.proposed_by) {
        return Err(Error::forbidden(Code::SecondPersonNeeded).about(row.id));
    }
    if row.state == RegulationState::Proposed { Ok(()) } else { Err(Error::new(Code::RegulationDecided).about(row.id)) }
}

/// Only what holds is read, owned and attested.
pub fn check_in_force(row: &Regulation) -> Result<(), Error> {
    if row.state == RegulationState::InForce { Ok(()) } else { Err(Error::new(Code::RegulationNotInForce).about(row.id)) }
}

/// The unit that answers for a clause does not attest it.
pub fn check_attest(actor: &Actor, row: &Regulation, of_owner: bool) -> Result<(), Error> {
    check_manage(actor)?;
    if of_owner { Err(Error::forbidden(Code::AttestedByOwner).about(row.id)) } else { Ok(()) }
}

fn in_state(id: crate::model::FindingId, finding: Option<&Finding>, state: FindingState) -> Result<(), Error> {
    match finding.map(|finding| finding.state) {
        Some(found) if found == state => Ok(()),
        found => Err(Error::new(Code::FindingState).with("state", found.map_or("new", FindingState::as_str)).about(id)),
    }
}

/// Who manages compliance where it happened says who corrects what was missed, until it is corrected.
pub fn check_assign(actor: &Actor, row: &ObligationRow, finding: Option<&Finding>) -> Result<(), Error> {
    if !row.state.is_finding() {
        return Err(Error::new(Code::NotAFinding).about(row.id));
    }
    if finding.is_some() {
        in_state(row.id, finding, FindingState::Assigned)?;
    }
    manage(actor, row.unit_id).map_err(|error| error.about(row.id))
}

/// Who manages compliance where it happened has it corrected, as long as nobody has closed it.
pub fn check_settle(actor: &Actor, row: &ObligationRow, finding: Option<&Finding>) -> Result<(), Error> {
    if !row.state.is_finding() {
        return Err(Error::new(Code::NotAFinding).about(row.id));
    }
    if finding.is_some_and(|finding| finding.state == FindingState::Closed) {
        return Err(Error::new(Code::FindingState).with("state", FindingState::Closed).about(row.id));
    }
    manage(actor, row.unit_id).map_err(|error| error.about(row.id))
}

/// Only the responsible person says what was done.
pub fn check_correct(actor: &Actor, row: &ObligationRow, finding: Option<&Finding>) -> Result<(), Error> {
    in_state(row.id, finding, FindingState::Assigned)?;
    let responsible: Option<PersonId> = finding.map(|finding| finding.responsible_id);
    if responsible.is_some_and(|person| actor.is(person)) { Ok(()) } else { Err(Error::forbidden(Code::FindingNotYours).about(row.id)) }
}

/// Somebody else than the responsible person looks whether it holds.
pub fn check_verify(actor: &Actor, row: &ObligationRow, finding: Option<&Finding>) -> Result<(), Error> {
    in_state(row.id, finding, FindingState::Corrected)?;
    if finding.is_some_and(|finding| actor.is(finding.responsible_id)) {
        return Err(Error::forbidden(Code::FindingVerifySelf).about(row.id));
    }
    manage(actor, row.unit_id).map_err(|error| error.about(row.id))
}

/// A waiver is granted by somebody else than who asked; declined or ended by anybody who manages compliance.
pub fn check_waive(actor: &Actor, row: &Waiver, to: WaiverState) -> Result<(), Error> {
    check_manage(actor)?;
    let from = if to == WaiverState::Ended { WaiverState::Approved } else { WaiverState::Requested };
    if row.state != from {
        return Err(Error::new(Code::WaiverState).with("state", row.state).about(row.id));
    }
    if to == WaiverState::Approved && actor.is(row.requested_by) {
        return Err(Error::forbidden(Code::SecondPersonNeeded).about(row.id));
    }
    Ok(())
}

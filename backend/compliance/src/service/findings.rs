//! What was missed: somebody corrects it, somebody else looks whether the correction holds.

use db::{Event, ReadTx, Recorded, WriteTx};
use identity::{directory, finding};
use kernel::{Actor, Code, Error, Permission, PersonId, Ts, UnitId};

use super::reminders;
use crate::{
    model::{Finding, FindingId, FindingState, ObligationRow},
    policy, store,
};

/// The units that the actor heads, and those below.
pub fn headed(tx: &mut ReadTx<'_>) -> Result<Vec<UnitId>, Error> {
    let me = tx.actor().person();
    me.map_or(Ok(Vec::new()), |me| finding::headed(tx, me))
}

/// Whether a duty is about a unit that the actor heads or answers for compliance in, or of a clause that one of those answers for.
fn concerns(tx: &mut ReadTx<'_>, row: &ObligationRow) -> Result<bool, Error> {
    let (headed, units) = (headed(tx)?, reminders::units(tx, row)?);
    Ok(units.iter().any(|unit| headed.contains(unit) || tx.actor().may_in(Permission::ReadCompliance, Some(*unit))))
}

/// A duty within reach. Whoever has to correct it sees it too, and whoever is told of it for the units that it concerns.
pub fn visible(tx: &mut ReadTx<'_>, id: FindingId) -> Result<(ObligationRow, Option<Finding>), Error> {
    let row = store::obligation(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let found = store::finding(tx, id)?;
    let mine = found.as_ref().is_some_and(|finding| tx.actor().is(finding.responsible_id));
    let seen = mine || tx.actor().may_in(Permission::ReadCompliance, row.unit_id);
    if seen || concerns(tx, &row)? { Ok((row, found)) } else { Err(Error::hidden(id)) }
}

pub fn label(row: &ObligationRow) -> String {
    format!("{} {}", row.clause, row.control)
}

pub fn event(action: &'static str, row: &ObligationRow) -> Event {
    Event::new(action, row.id, label(row)).unit(row.unit_id).fact("control", &row.control).fact("severity", row.severity)
}

fn expecting(finding: &Finding, expected: i32) -> Result<(), Error> {
    if finding.version == expected { Ok(()) } else { Err(Error::new(Code::Stale)) }
}

/// Somebody has to correct it, until then. Version 0: nobody has had to yet.
pub fn assign(tx: &mut WriteTx<'_>, id: FindingId, expected: i32, to: PersonId, due_at: Ts) -> Result<Recorded<()>, Error> {
    let (row, before) = visible(tx, id)?;
    policy::check_assign(tx.actor(), &row, before.as_ref())?;
    if due_at <= tx.now() {
        return Err(Error::invalid("/due_at", Code::InThePast));
    }
    let person = directory::active_person(tx, to, "/responsible_id")?;
    let said = event("finding.assigned", &row).related(to, "responsible", person.name.clone());
    match before {
        None if expected != 0 => Err(Error::new(Code::Stale)),
        None => {
            let finding = Finding {
                id,
                state: FindingState::Assigned,
                responsible_id: to,
                responsible_name: person.name,
                due_at,
                cause: None,
                correction: None,
                verified_by: None,
                verified_by_name: None,
                verification: None,
                version: 1,
            };
            tx.record(said.created().set("due_at", &due_at), |rows| store::insert_finding(rows, &finding))
        }
        Some(before) => {
            expecting(&before, expected)?;
            let after = Finding { responsible_id: to, responsible_name: person.name, due_at, version: expected + 1, ..before.clone() };
            let said = said.step(expected).change("responsible_id", &before.responsible_id, &to).change("due_at", &before.due_at, &due_at);
            tx.record(said, |rows| store::update_finding(rows, &after, expected))
        }
    }
}

/// A finding that a check allows to be answered.
fn found(
    tx: &mut ReadTx<'_>,
    id: FindingId,
    expected: i32,
    check: fn(&Actor, &ObligationRow, Option<&Finding>) -> Result<(), Error>,
) -> Result<(ObligationRow, Finding), Error> {
    let (row, finding) = visible(tx, id)?;
    check(tx.actor(), &row, finding.as_ref())?;
    let finding = finding.ok_or_else(|| Error::absent(id))?;
    expecting(&finding, expected)?;
    Ok((row, finding))
}

/// The responsible person says why it happened and what was done.
pub fn correct(tx: &mut WriteTx<'_>, id: FindingId, expected: i32, cause: &str, correction: &str) -> Result<Recorded<()>, Error> {
    let (row, before) = found(tx, id, expected, policy::check_correct)?;
    let after = Finding {
        state: FindingState::Corrected,
        cause: Some(cause.to_owned()),
        correction: Some(correction.to_owned()),
        version: expected + 1,
        ..before.clone()
    };
    let said = event("finding.corrected", &row).step(expected).change("cause", &before.cause, &after.cause).change(
        "correction",
        &before.correction,
        &after.correction,
    );
    tx.record(said, |rows| store::update_finding(rows, &after, expected))
}

/// Somebody else says whether the correction holds; if not, it is to be corrected again.
pub fn verify(tx: &mut WriteTx<'_>, id: FindingId, expected: i32, holds: bool, words: &str) -> Result<Recorded<()>, Error> {
    let (row, before) = found(tx, id, expected, policy::check_verify)?;
    let me = tx.actor().require_person()?;
    let after = Finding {
        state: if holds { FindingState::Closed } else { FindingState::Assigned },
        verified_by: Some(me),
        verified_by_name: Some(tx.actor().name.clone()),
        verification: Some(words.to_owned()),
        version: expected + 1,
        ..before.clone()
    };
    let said = event("finding.verified", &row)
        .step(expected)
        .fact("outcome", if holds { "holds" } else { "does_not_hold" })
        .related(before.responsible_id, "responsible", before.responsible_name.clone())
        .note(Some(words.to_owned()));
    tx.record(said, |rows| store::update_finding(rows, &after, expected))
}

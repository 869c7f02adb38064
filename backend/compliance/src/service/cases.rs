//! Findings that processes correct: a case is started for one, and settles it at its end.

use db::{ReadTx, Recorded, WriteTx};
use identity::directory;
use kernel::{Code, Error, Permission, PersonId};
use workflows::{
    CaseId, CaseRef, CaseState, Process,
    blueprint::{Data, FindingFacts},
    service::starting::{self, NewCase},
};

use super::{Office, findings, standing};
use crate::{
    model::{Finding, FindingId, FindingState, ObligationRow},
    policy, store,
};

/// The case that corrects a finding, or did.
pub fn of(tx: &mut ReadTx<'_>, id: FindingId) -> Result<Option<CaseRef>, Error> {
    store::case_of(tx, id)?.map(|case| workflows::case_ref(tx, case)).transpose()
}

/// A finding starts one case: another only if that came to nothing.
pub fn check_start(tx: &ReadTx<'_>, row: &ObligationRow, finding: Option<&Finding>, case: Option<&CaseRef>) -> Result<(), Error> {
    policy::check_settle(tx.actor(), row, finding)?;
    match case.filter(|case| matches!(case.state, CaseState::Running | CaseState::Completed)) {
        Some(case) => Err(Error::new(Code::FindingHasCase).with("number", &case.number).about(row.id)),
        None => Ok(()),
    }
}

fn facts(tx: &mut ReadTx<'_>, row: &ObligationRow) -> Result<FindingFacts, Error> {
    let chinese = tx.actor().chinese;
    let said = |zh: &str, en: &str| if chinese || en.is_empty() { zh.to_owned() } else { en.to_owned() };
    let (mut title, mut regulation) = (row.control.clone(), row.regulation.clone());
    for (held, content) in standing::in_force(tx)?.into_iter().filter(|(held, _)| held.key == row.regulation) {
        held.title(chinese).clone_into(&mut regulation);
        if let Some(control) = content.controls.iter().find(|control| control.id == row.control) {
            title = said(&control.title, &control.en);
        }
    }
    let trigger = audit::at_leaves(tx, &[row.trigger_leaf])?.remove(&row.trigger_leaf);
    Ok(FindingFacts {
        id: row.id.to_string(),
        number: row.number(),
        title,
        control: row.control.clone(),
        clause: row.clause.clone(),
        regulation,
        severity: row.severity.to_string(),
        subject: trigger.filter(|record| record.subject.id == row.subject_id.0).and_then(|record| record.subject.label),
        unit: row.unit_id.map(|unit| unit.to_string()),
        opened: row.opened_at.office_date(),
        due: row.due_at.map(kernel::Ts::office_date),
    })
}

/// The processes that the actor may start to correct this, with their forms as far as it fills them in.
pub fn processes(tx: &mut ReadTx<'_>, office: &Office, id: FindingId) -> Result<Vec<(Process, Data)>, Error> {
    let (row, _) = findings::visible(tx, id)?;
    let facts = facts(tx, &row)?;
    starting::for_finding(tx, &office.processes, &facts)
}

/// Starts a case to correct a finding.
pub fn start(tx: &mut WriteTx<'_>, office: &Office, id: FindingId, new: &NewCase) -> Result<Recorded<()>, Error> {
    let (row, finding) = findings::visible(tx, id)?;
    let before = of(tx, id)?;
    check_start(tx, &row, finding.as_ref(), before.as_ref())?;
    tx.actor().demand(Permission::UseProcesses, None)?;
    if !processes(tx, office, id)?.iter().any(|(process, _)| process.id == new.process) {
        return Err(Error::invalid("/process_id", Code::ProcessNotForFindings));
    }
    // Said first, so that the case is known by what its first steps do.
    let event = findings::event("finding.case_started", &row).related(new.id, "case", findings::label(&row));
    tx.record(event, |rows| store::insert_case(rows, id, new.id))?.into_inner();
    Ok(starting::start(tx, &office.processes, new)?.map(drop))
}

/// What a case says at its end of the finding that it corrected.
#[derive(Clone, Debug)]
pub struct Settled {
    pub cause: String,
    pub correction: String,
    pub corrected_by: PersonId,
    pub verification: Option<String>,
    pub verified_by: PersonId,
}

/// The case has corrected the finding for which it was started, and somebody else has looked. A case that was started without one has
/// none to settle; one that people have closed meanwhile stays as they left it.
pub fn settle(tx: &mut WriteTx<'_>, case: CaseId, said: Settled) -> Result<Recorded<Option<FindingId>>, Error> {
    let Some(id) = store::finding_of(tx, case)? else { return Ok(tx.unchanged(None)) };
    let row = store::obligation(tx, id)?.ok_or_else(|| Error::internal("a finding that is gone"))?;
    let before = store::finding(tx, id)?;
    if before.as_ref().is_some_and(|finding| finding.state == FindingState::Closed) {
        return Ok(tx.unchanged(Some(id)));
    }
    if said.corrected_by == said.verified_by {
        return Err(Error::new(Code::FindingVerifySelf).about(id));
    }
    let names = directory::people(tx, [said.corrected_by, said.verified_by])?;
    let name = |person: PersonId| names.get(&person).map(|person| person.name.clone()).ok_or_else(|| Error::absent(person));
    let version = before.as_ref().map_or(0, |finding| finding.version);
    let after = Finding {
        id,
        state: FindingState::Closed,
        responsible_id: said.corrected_by,
        responsible_name: name(said.corrected_by)?,
        due_at: before.as_ref().map_or(tx.now(), |finding| finding.due_at),
        cause: Some(said.cause),
        correction: Some(said.correction),
        verified_by: Some(said.verified_by),
        verified_by_name: Some(name(said.verified_by)?),
        verification: said.verification,
        version: version + 1,
    };
    let event = findings::event("finding.verified", &row)
        .fact("outcome", "holds")
        .related(case, "case", workflows::case_ref(tx, case)?.number)
        .related(after.responsible_id, "responsible", after.responsible_name.clone())
        .related(said.verified_by, "verifier", name(said.verified_by)?)
        .note(after.verification.clone());
    let had = before.as_ref();
    let event = if version == 0 { event.created() } else { event.step(version) }
        .change("cause", &had.and_then(|finding| finding.cause.clone()), &after.cause)
        .change("correction", &had.and_then(|finding| finding.correction.clone()), &after.correction);
    let write = |rows: &mut db::Rows<'_>| match version {
        0 => store::insert_finding(rows, &after),
        _ => store::update_finding(rows, &after, version),
    };
    Ok(tx.record(event, write)?.map(|()| Some(id)))
}

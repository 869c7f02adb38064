//! Regulations: proposed by one, decided on by another, read by all.

use controls::{ADOPTED, Definition};
use db::{Event, ReadTx, Recorded, WriteTx};
use files::{AttachedFile, FileId};
use identity::directory;
use kernel::{Code, Error, UnitId};
use workflows::packs::Pack;

use super::{Office, adopting_calendar, catalogue};
use crate::{
    model::{Attestation, AttestationId, Content, Owner, OwnerId, Regulation, RegulationId, RegulationState},
    policy, store,
};

/// What a pack says of a regulation, with its own controls or others in their place.
pub fn content_of(pack: &Pack, controls: Option<&str>) -> Result<Content, Error> {
    let text = match controls {
        Some(text) => text,
        None => pack.files.get("controls.toml").map_or(Ok(""), |bytes| std::str::from_utf8(bytes)).map_err(Error::internal)?,
    };
    Content::new(pack.clauses.clone(), read(text)?, catalogue()?)
}

/// Controls as they are written.
pub fn read(text: &str) -> Result<Vec<Definition>, Error> {
    controls::read(text).map_err(|reason| Error::new(Code::ControlsUnreadable).with("reason", reason))
}

/// The content of a version.
pub fn content(tx: &mut ReadTx<'_>, row: &Regulation) -> Result<Content, Error> {
    let text = store::kept(tx, &row.content)?.ok_or_else(|| Error::internal("a regulation whose text was not kept"))?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// One that exists.
pub fn find(tx: &mut ReadTx<'_>, id: RegulationId) -> Result<Regulation, Error> {
    store::regulation(tx, id)?.ok_or_else(|| Error::absent(id))
}

fn in_force(tx: &mut ReadTx<'_>, id: RegulationId) -> Result<(Regulation, Content), Error> {
    let row = find(tx, id)?;
    policy::check_in_force(&row)?;
    let content = content(tx, &row)?;
    Ok((row, content))
}

/// A version and the one that it is compared with (this one of its regulation, or the one that held before it): first the one that was
/// proposed first, whichever was asked about.
pub fn to_compare(tx: &mut ReadTx<'_>, id: RegulationId, with: Option<RegulationId>) -> Result<(Regulation, Regulation), Error> {
    let after = find(tx, id)?;
    let refused = |code| Error::invalid_parameter("with", code);
    let before = match with {
        Some(with) => store::regulation(tx, with)?.ok_or_else(|| refused(Code::NotFound))?,
        None => {
            let versions = store::versions(tx, &after.key)?;
            let before = after.held_before(&versions).first().map(|one| Regulation::clone(one));
            before.ok_or_else(|| refused(Code::RegulationFirst))?
        }
    };
    if before.key != after.key {
        return Err(refused(Code::RegulationOther));
    }
    Ok(if before.proposed_at <= after.proposed_at { (before, after) } else { (after, before) })
}

/// Proposes a version: it changes nothing until somebody else approves it.
pub fn propose(tx: &mut WriteTx<'_>, pack: &Pack, controls: Option<&str>) -> Result<Recorded<RegulationId>, Error> {
    policy::check_manage(tx.actor())?;
    let (hash, text) = content_of(pack, controls)?.kept()?;
    if store::regulations(tx, &[RegulationState::Proposed])?.iter().any(|row| row.key == pack.key) {
        return Err(Error::new(Code::RegulationProposedTwice));
    }
    if store::in_force(tx, &pack.key)?.is_some_and(|row| row.content == hash && row.edition == pack.version) {
        return Err(Error::new(Code::RegulationUnchanged));
    }
    let me = tx.actor().require_person()?;
    let row = Regulation {
        id: RegulationId::new(),
        key: pack.key.clone(),
        edition: pack.version.clone(),
        title: pack.title.clone(),
        title_en: pack.title_en.clone(),
        state: RegulationState::Proposed,
        content: hash.clone(),
        proposed_at: tx.now(),
        proposed_by: me,
        proposed_by_name: tx.actor().name.clone(),
        decided_at: None,
        decided_by: None,
        decided_by_name: None,
        reason: None,
        version: 1,
    };
    let event = Event::new("regulation.proposed", row.id, row.title.clone())
        .created()
        .fact("regulation", &row.key)
        .fact("edition", &row.edition)
        .set("content", &hash);
    let recorded = tx.record(event, |rows| {
        store::keep(rows, &hash, "regulation", &text)?;
        store::insert_regulation(rows, &row)
    })?;
    Ok(recorded.map(|()| row.id))
}

/// Somebody else than who proposed it, and nobody before.
fn deciding(tx: &mut ReadTx<'_>, id: RegulationId, expected: i32) -> Result<Regulation, Error> {
    let row = find(tx, id)?;
    policy::check_decide(tx.actor(), &row)?;
    let me = tx.actor().require_person()?;
    if row.version != expected {
        return Err(Error::new(Code::Stale));
    }
    Ok(Regulation {
        decided_at: Some(tx.now()),
        decided_by: Some(me),
        decided_by_name: Some(tx.actor().name.clone()),
        version: expected + 1,
        ..row
    })
}

/// It holds from now on, and its controls are at work.
pub fn approve(tx: &mut WriteTx<'_>, office: &Office, id: RegulationId, expected: i32) -> Result<Recorded<()>, Error> {
    let row = Regulation { state: RegulationState::InForce, ..deciding(tx, id, expected)? };
    adopting_calendar(tx, office)?;
    if let Some(before) = store::in_force(tx, &row.key)? {
        let after = Regulation { state: RegulationState::Superseded, version: before.version + 1, ..before.clone() };
        let event = Event::new("regulation.superseded", before.id, before.title.clone()).step(before.version).fact("regulation", &row.key);
        tx.record(event, |rows| store::update_regulation(rows, &after, before.version))?.into_inner();
    }
    let event = Event::new(ADOPTED, id, row.title.clone())
        .step(expected)
        .fact("regulation", &row.key)
        .fact("controls", &row.content)
        .related(row.proposed_by, "proposer", row.proposed_by_name.clone());
    tx.record(event, |rows| store::update_regulation(rows, &row, expected))
}

/// It is not wanted.
pub fn decline(tx: &mut WriteTx<'_>, id: RegulationId, expected: i32, reason: &str) -> Result<Recorded<()>, Error> {
    let row = Regulation { state: RegulationState::Declined, reason: Some(reason.to_owned()), ..deciding(tx, id, expected)? };
    let event = Event::new("regulation.declined", id, row.title.clone()).step(expected).note(Some(reason.to_owned()));
    tx.record(event, |rows| store::update_regulation(rows, &row, expected))
}

/// I have read this version. Once is enough.
pub fn acknowledge(tx: &mut WriteTx<'_>, id: RegulationId) -> Result<Recorded<()>, Error> {
    let (row, _) = in_force(tx, id)?;
    let me = tx.actor().require_person()?;
    if store::acknowledged(tx, id, me)?.is_some() {
        return Ok(tx.unchanged(()));
    }
    let event = Event::new("regulation.read", id, row.title.clone())
        .unit(tx.actor().unit)
        .fact("regulation", &row.key)
        .fact("edition", &row.edition);
    tx.record(event, |rows| store::acknowledge(rows, id, me))
}

fn clause(content: &Content, clause: &str) -> Result<(), Error> {
    let known = content.clauses.iter().any(|known| known.id == clause);
    if known { Ok(()) } else { Err(Error::invalid("/clause", Code::ClauseUnknown)) }
}

/// Says which unit answers for a clause.
pub fn set_owner(tx: &mut WriteTx<'_>, id: RegulationId, of: &str, unit: UnitId) -> Result<Recorded<()>, Error> {
    policy::check_manage(tx.actor())?;
    let (row, content) = in_force(tx, id)?;
    clause(&content, of)?;
    let named = directory::active_unit(tx, unit, "/unit_id")?;
    let label = format!("{} {of}", row.title);
    match store::owners(tx, &row.key)?.remove(of) {
        Some(before) if before.unit_id == unit => Ok(tx.unchanged(())),
        Some(before) => {
            let after = Owner { unit_id: unit, version: before.version + 1, ..before.clone() };
            let event = Event::new("clause_owner.changed", before.id, label)
                .step(before.version)
                .unit(unit)
                .change("unit_id", &before.unit_id, &unit)
                .note(Some(named.name));
            tx.record(event, |rows| store::update_owner(rows, &after, before.version))
        }
        None => {
            let owner = Owner { id: OwnerId::new(), regulation: row.key, clause: of.to_owned(), unit_id: unit, version: 1 };
            let event = Event::new("clause_owner.named", owner.id, label).created().unit(unit).set("unit_id", &unit).note(Some(named.name));
            tx.record(event, |rows| store::insert_owner(rows, &owner))
        }
    }
}

/// Whether the reader belongs to a unit that answers for something.
pub fn answers(tx: &mut ReadTx<'_>, unit: Option<UnitId>) -> Result<bool, Error> {
    match (unit, tx.actor().person()) {
        (Some(unit), Some(me)) => Ok(directory::units_of(tx, me)?.contains(&unit)),
        _ => Ok(false),
    }
}

/// What somebody says of a clause, and what shows it.
#[derive(Clone, Debug)]
pub struct Word {
    pub statement: String,
    pub kept: bool,
    /// Own uploads.
    pub evidence: Vec<FileId>,
}

/// Somebody says with their name whether a clause is kept, where no machine can see it. Not by the unit that answers for it, and not
/// that it is kept without anything that shows it.
pub fn attest(tx: &mut WriteTx<'_>, id: RegulationId, of: &str, word: &Word) -> Result<Recorded<()>, Error> {
    let (row, content) = in_force(tx, id)?;
    clause(&content, of)?;
    let me = tx.actor().require_person()?;
    let owner = store::owners(tx, &row.key)?.remove(of);
    policy::check_attest(tx.actor(), &row, answers(tx, owner.map(|owner| owner.unit_id))?)?;
    if word.kept && word.evidence.is_empty() {
        return Err(Error::invalid("/file_ids", Code::EvidenceMissing));
    }
    let attach = |(at, file): (usize, &FileId)| files::service::attach(tx, *file, &format!("/file_ids/{at}"));
    let evidence = word.evidence.iter().enumerate().map(attach).collect::<Result<Vec<_>, _>>()?;
    let attested = Attestation {
        id: AttestationId::new(),
        regulation: row.key.clone(),
        clause: of.to_owned(),
        statement: word.statement.clone(),
        kept: word.kept,
        attested_by: me,
        attested_by_name: tx.actor().name.clone(),
        attested_at: tx.now(),
    };
    let event = Event::new("clause.attested", attested.id, format!("{} {of}", row.title))
        .fact("regulation", &row.key)
        .fact("clause", of)
        .fact("kept", word.kept)
        .fact("evidence", evidence.len())
        .note(Some(word.statement.clone()));
    // The hashes stand in the log: what is shown later is what was attached.
    let event = evidence.iter().fold(event, |event, file| event.related(file.id, "evidence", file.name.clone()));
    let hashes: Vec<&str> = evidence.iter().map(|file| file.sha256.as_str()).collect();
    let event = if hashes.is_empty() { event } else { event.set("evidence_sha256", &hashes) };
    tx.record(event, |rows| store::insert_attestation(rows, &attested, &evidence))
}

/// A file that shows that an attestation is true.
pub fn evidence(tx: &mut ReadTx<'_>, id: AttestationId, file: FileId) -> Result<AttachedFile, Error> {
    let mut all = store::evidence(tx, vec![id])?;
    let mut found = all.remove(&id).unwrap_or_default().into_iter();
    found.find(|one| one.id == file).ok_or_else(|| Error::absent(file))
}

//! Regulations, their texts, their clauses, who has read them.

use std::collections::BTreeMap;

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use files::{AttachedFile, FileId};
use identity::schema::person;
use kernel::{Error, PageRequest, PersonId, Ts};

use crate::{
    model::{Attestation, AttestationId, Owner, Regulation, RegulationId, RegulationState},
    schema::{acknowledgement, attestation, attestation_file, clause_owner, kept_text, regulation},
};

db::joinable!(acknowledgement::table, person::table);

pub fn regulations(tx: &mut ReadTx<'_>, states: &[RegulationState]) -> Result<Vec<Regulation>, Error> {
    let query = regulation::table.filter(one_of(regulation::state, states.to_vec()));
    Ok(query.order((regulation::key, regulation::proposed_at.desc())).select(Regulation::as_select()).load(tx.conn())?)
}

pub fn regulation(tx: &mut ReadTx<'_>, id: RegulationId) -> Result<Option<Regulation>, Error> {
    Ok(regulation::table.find(id).select(Regulation::as_select()).get_result(tx.conn()).optional()?)
}

/// All versions of one, the newest first.
pub fn versions(tx: &mut ReadTx<'_>, key: &str) -> Result<Vec<Regulation>, Error> {
    let query = regulation::table.filter(regulation::key.eq(key)).order((regulation::proposed_at.desc(), regulation::id.desc()));
    Ok(query.select(Regulation::as_select()).load(tx.conn())?)
}

pub fn in_force(tx: &mut ReadTx<'_>, key: &str) -> Result<Option<Regulation>, Error> {
    let query = regulation::table.filter(regulation::key.eq(key)).filter(regulation::state.eq(RegulationState::InForce));
    Ok(query.select(Regulation::as_select()).first(tx.conn()).optional()?)
}

pub fn insert_regulation(rows: &mut Rows<'_>, row: &Regulation) -> Result<(), Error> {
    diesel::insert_into(regulation::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_regulation(rows: &mut Rows<'_>, row: &Regulation, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(regulation::table.find(row.id).filter(regulation::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

/// Keeps a text by its hash; one that is known already stays.
pub fn keep(rows: &mut Rows<'_>, hash: &str, kind: &str, content: &str) -> Result<(), Error> {
    let known: i64 = kept_text::table.filter(kept_text::hash.eq(hash)).count().get_result(rows.conn())?;
    if known == 0 {
        let now = rows.now();
        let row = (kept_text::hash.eq(hash), kept_text::kind.eq(kind), kept_text::content.eq(content), kept_text::kept_at.eq(now));
        diesel::insert_into(kept_text::table).values(row).execute(rows.conn())?;
    }
    Ok(())
}

pub fn kept(tx: &mut ReadTx<'_>, hash: &str) -> Result<Option<String>, Error> {
    Ok(kept_text::table.find(hash).select(kept_text::content).get_result(tx.conn()).optional()?)
}

pub fn owners(tx: &mut ReadTx<'_>, regulation: &str) -> Result<BTreeMap<String, Owner>, Error> {
    let rows: Vec<Owner> =
        clause_owner::table.filter(clause_owner::regulation.eq(regulation)).select(Owner::as_select()).load(tx.conn())?;
    Ok(rows.into_iter().map(|row| (row.clause.clone(), row)).collect())
}

/// Which unit answers for a clause.
pub fn owner(tx: &mut ReadTx<'_>, regulation: &str, clause: &str) -> Result<Option<Owner>, Error> {
    let query = clause_owner::table.filter(clause_owner::regulation.eq(regulation)).filter(clause_owner::clause.eq(clause));
    Ok(query.select(Owner::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_owner(rows: &mut Rows<'_>, row: &Owner) -> Result<(), Error> {
    diesel::insert_into(clause_owner::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_owner(rows: &mut Rows<'_>, row: &Owner, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(clause_owner::table.find(row.id).filter(clause_owner::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn attestations(tx: &mut ReadTx<'_>, regulation: &str, clause: &str, limit: i64) -> Result<Vec<Attestation>, Error> {
    let query = attestation::table.filter(attestation::regulation.eq(regulation)).filter(attestation::clause.eq(clause));
    Ok(query.order(attestation::attested_at.desc()).limit(limit).select(Attestation::as_select()).load(tx.conn())?)
}

pub fn insert_attestation(rows: &mut Rows<'_>, row: &Attestation, evidence: &[AttachedFile]) -> Result<(), Error> {
    diesel::insert_into(attestation::table).values(row).execute(rows.conn())?;
    for (position, file) in (0..).zip(evidence) {
        let values = (
            attestation_file::attestation_id.eq(row.id),
            attestation_file::position.eq(position),
            attestation_file::file_id.eq(file.id),
            attestation_file::name.eq(&file.name),
            attestation_file::media_type.eq(&file.media_type),
            attestation_file::size.eq(file.size),
            attestation_file::sha256.eq(&file.sha256),
        );
        diesel::insert_into(attestation_file::table).values(values).execute(rows.conn())?;
    }
    Ok(())
}

/// What shows that these attestations are true, in the order in which it was attached.
pub fn evidence(tx: &mut ReadTx<'_>, of: Vec<AttestationId>) -> Result<BTreeMap<AttestationId, Vec<AttachedFile>>, Error> {
    use attestation_file as file;
    let query = file::table.filter(one_of(file::attestation_id, of)).order((file::attestation_id, file::position));
    let rows: Vec<(AttestationId, FileId, String, i64, String, String)> =
        query.select((file::attestation_id, file::file_id, file::name, file::size, file::media_type, file::sha256)).load(tx.conn())?;
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (of, id, name, size, media_type, sha256) in rows {
        all.entry(of).or_default().push(AttachedFile { id, name, size, media_type, sha256 });
    }
    Ok(all)
}

pub fn acknowledged(tx: &mut ReadTx<'_>, id: RegulationId, who: PersonId) -> Result<Option<Ts>, Error> {
    Ok(acknowledgement::table.find((id, who)).select(acknowledgement::acknowledged_at).get_result(tx.conn()).optional()?)
}

/// The versions that somebody has read, and when.
pub fn acknowledged_by(tx: &mut ReadTx<'_>, who: PersonId) -> Result<BTreeMap<RegulationId, Ts>, Error> {
    let query = acknowledgement::table.filter(acknowledgement::person_id.eq(who));
    let rows: Vec<(RegulationId, Ts)> = query.select((acknowledgement::regulation_id, acknowledgement::acknowledged_at)).load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

pub fn acknowledge(rows: &mut Rows<'_>, id: RegulationId, who: PersonId) -> Result<(), Error> {
    let now = rows.now();
    let row = (acknowledgement::regulation_id.eq(id), acknowledgement::person_id.eq(who), acknowledgement::acknowledged_at.eq(now));
    diesel::insert_into(acknowledgement::table).values(row).execute(rows.conn())?;
    Ok(())
}

/// How many have, of how many who are at work.
pub fn acknowledgement_counts(tx: &mut ReadTx<'_>, id: RegulationId) -> Result<(i64, i64), Error> {
    let active = person::table.filter(person::active.eq(true)).select(person::id);
    let of = person::table.filter(person::active.eq(true)).count().get_result(tx.conn())?;
    let done = acknowledgement::table
        .filter(acknowledgement::regulation_id.eq(id))
        .filter(acknowledgement::person_id.eq_any(active))
        .count()
        .get_result(tx.conn())?;
    Ok((done, of))
}

/// Who at work has not yet, by name.
pub fn not_acknowledged(tx: &mut ReadTx<'_>, id: RegulationId, page: &PageRequest) -> Result<Vec<(PersonId, String)>, Error> {
    let done = acknowledgement::table.filter(acknowledgement::regulation_id.eq(id)).select(acknowledgement::person_id);
    let mut query =
        person::table.filter(person::active.eq(true)).filter(person::id.ne_all(done)).select((person::id, person::name)).into_boxed();
    if let Some(after) = &page.after {
        let (name, last): (String, PersonId) = after.key()?;
        query = query.filter(person::name.ge(name.clone()).and(person::name.gt(name).or(person::id.gt(last))));
    }
    Ok(query.order((person::name, person::id)).limit(page.limit + 1).load(tx.conn())?)
}

//! Processes, releases, pilots.

use std::collections::{BTreeSet, HashMap};

use db::{ReadTx, Rows};
use diesel::prelude::*;
use kernel::{Error, PersonId, UnitId};

use crate::{
    model::{CaseState, Process, ProcessId, ProcessState, Release, ReleaseId, ReleaseState},
    schema::{pack_source, process, process_case, process_favourite, process_pilot, process_release},
};

/// All processes, by name. A company has some hundreds of them at most.
pub fn processes(tx: &mut ReadTx<'_>) -> Result<Vec<Process>, Error> {
    Ok(process::table.order((process::category.asc(), process::name.asc())).select(Process::as_select()).load(tx.conn())?)
}

pub fn process(tx: &mut ReadTx<'_>, id: ProcessId) -> Result<Option<Process>, Error> {
    Ok(process::table.find(id).select(Process::as_select()).get_result(tx.conn()).optional()?)
}

pub fn process_by_key(tx: &mut ReadTx<'_>, key: &str) -> Result<Option<Process>, Error> {
    Ok(process::table.filter(process::key.eq(key)).select(Process::as_select()).get_result(tx.conn()).optional()?)
}

/// A process as a pack had it.
pub fn pack_source(tx: &mut ReadTx<'_>, hash: &str) -> Result<Option<kernel::column::RawJson>, Error> {
    Ok(pack_source::table.find(hash).select(pack_source::source).first(tx.conn()).optional()?)
}

/// Keeps one; the same is kept once.
pub fn keep_pack_source(rows: &mut Rows<'_>, hash: &str, source: &kernel::column::RawJson) -> Result<(), Error> {
    let known: i64 = pack_source::table.filter(pack_source::hash.eq(hash)).count().get_result(rows.conn())?;
    if known == 0 {
        diesel::insert_into(pack_source::table)
            .values((pack_source::hash.eq(hash), pack_source::source.eq(source)))
            .execute(rows.conn())?;
    }
    Ok(())
}

pub fn published_keys(tx: &mut ReadTx<'_>) -> Result<BTreeSet<String>, Error> {
    let keys: Vec<String> = process::table.filter(process::state.eq(ProcessState::Published)).select(process::key).load(tx.conn())?;
    Ok(keys.into_iter().collect())
}

pub fn insert_process(rows: &mut Rows<'_>, row: &Process) -> Result<(), Error> {
    diesel::insert_into(process::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_process(rows: &mut Rows<'_>, row: &Process, expected: i32) -> Result<(), Error> {
    let row = Process { version: expected + 1, ..row.clone() };
    let hit = diesel::update(process::table.find(row.id).filter(process::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn releases(tx: &mut ReadTx<'_>, of: ProcessId) -> Result<Vec<Release>, Error> {
    let all = process_release::table.filter(process_release::process_id.eq(of)).order(process_release::number.desc());
    Ok(all.select(Release::as_select()).load(tx.conn())?)
}

pub fn release(tx: &mut ReadTx<'_>, id: ReleaseId) -> Result<Option<Release>, Error> {
    Ok(process_release::table.find(id).select(Release::as_select()).get_result(tx.conn()).optional()?)
}

pub fn release_numbered(tx: &mut ReadTx<'_>, of: ProcessId, number: i32) -> Result<Option<Release>, Error> {
    let found = process_release::table.filter(process_release::process_id.eq(of)).filter(process_release::number.eq(number));
    Ok(found.select(Release::as_select()).get_result(tx.conn()).optional()?)
}

pub fn release_in_state(tx: &mut ReadTx<'_>, of: ProcessId, state: ReleaseState) -> Result<Option<Release>, Error> {
    let found = process_release::table.filter(process_release::process_id.eq(of)).filter(process_release::state.eq(state));
    Ok(found.order(process_release::number.desc()).select(Release::as_select()).first(tx.conn()).optional()?)
}

/// Numbers of the releases that new cases use, by process.
pub fn current_numbers(tx: &mut ReadTx<'_>) -> Result<HashMap<ProcessId, i32>, Error> {
    let rows: Vec<(ProcessId, i32)> = process_release::table
        .filter(process_release::state.eq(ReleaseState::Current))
        .select((process_release::process_id, process_release::number))
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

pub fn insert_release(rows: &mut Rows<'_>, row: &Release) -> Result<(), Error> {
    diesel::insert_into(process_release::table).values(row).execute(rows.conn())?;
    Ok(())
}

/// Releases in one state become another.
pub fn set_release_state(rows: &mut Rows<'_>, of: ProcessId, from: ReleaseState, to: ReleaseState) -> Result<(), Error> {
    diesel::update(process_release::table.filter(process_release::process_id.eq(of)).filter(process_release::state.eq(from)))
        .set(process_release::state.eq(to))
        .execute(rows.conn())?;
    Ok(())
}

pub fn set_one_release_state(rows: &mut Rows<'_>, id: ReleaseId, to: ReleaseState) -> Result<(), Error> {
    diesel::update(process_release::table.find(id)).set(process_release::state.eq(to)).execute(rows.conn())?;
    Ok(())
}

pub fn pilot_units(tx: &mut ReadTx<'_>, of: ProcessId) -> Result<Vec<UnitId>, Error> {
    Ok(process_pilot::table.filter(process_pilot::process_id.eq(of)).select(process_pilot::unit_id).load(tx.conn())?)
}

pub fn set_pilot_units(rows: &mut Rows<'_>, of: ProcessId, units: &[UnitId]) -> Result<(), Error> {
    diesel::delete(process_pilot::table.filter(process_pilot::process_id.eq(of))).execute(rows.conn())?;
    for unit in units {
        diesel::insert_into(process_pilot::table)
            .values((process_pilot::process_id.eq(of), process_pilot::unit_id.eq(*unit)))
            .execute(rows.conn())?;
    }
    Ok(())
}

pub fn favourites(tx: &mut ReadTx<'_>, person: PersonId) -> Result<BTreeSet<ProcessId>, Error> {
    let ids: Vec<ProcessId> =
        process_favourite::table.filter(process_favourite::person_id.eq(person)).select(process_favourite::process_id).load(tx.conn())?;
    Ok(ids.into_iter().collect())
}

pub fn set_favourite(rows: &mut Rows<'_>, person: PersonId, of: ProcessId, is: bool) -> Result<(), Error> {
    diesel::delete(process_favourite::table.find((person, of))).execute(rows.conn())?;
    if is {
        diesel::insert_into(process_favourite::table)
            .values((process_favourite::person_id.eq(person), process_favourite::process_id.eq(of)))
            .execute(rows.conn())?;
    }
    Ok(())
}

/// Running cases, by release.
pub fn running_by_release(tx: &mut ReadTx<'_>) -> Result<HashMap<ReleaseId, i64>, Error> {
    let rows: Vec<(ReleaseId, i64)> = process_case::table
        .filter(process_case::state.eq(CaseState::Running))
        .group_by(process_case::release_id)
        .select((process_case::release_id, diesel::dsl::count_star()))
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

/// Running cases, by process.
pub fn running_by_process(tx: &mut ReadTx<'_>) -> Result<HashMap<ProcessId, i64>, Error> {
    let rows: Vec<(ProcessId, i64)> = process_case::table
        .filter(process_case::state.eq(CaseState::Running))
        .group_by(process_case::process_id)
        .select((process_case::process_id, diesel::dsl::count_star()))
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

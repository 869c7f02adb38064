//! What people do about what was missed, and what is waived.

use std::collections::BTreeMap;

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use kernel::{Error, PageRequest, Ts};
use workflows::CaseId;

use crate::{
    model::{Finding, FindingId, Waiver, WaiverId, WaiverState},
    schema::{finding, finding_case, waiver},
};

pub fn finding(tx: &mut ReadTx<'_>, id: FindingId) -> Result<Option<Finding>, Error> {
    Ok(finding::table.find(id).select(Finding::as_select()).get_result(tx.conn()).optional()?)
}

pub fn findings(tx: &mut ReadTx<'_>, ids: Vec<FindingId>) -> Result<BTreeMap<FindingId, Finding>, Error> {
    let rows: Vec<Finding> = finding::table.filter(one_of(finding::id, ids)).select(Finding::as_select()).load(tx.conn())?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub fn insert_finding(rows: &mut Rows<'_>, row: &Finding) -> Result<(), Error> {
    diesel::insert_into(finding::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_finding(rows: &mut Rows<'_>, row: &Finding, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(finding::table.find(row.id).filter(finding::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

/// The case that was started last to correct this.
pub fn case_of(tx: &mut ReadTx<'_>, id: FindingId) -> Result<Option<CaseId>, Error> {
    let query = finding_case::table.filter(finding_case::obligation_id.eq(id)).order(finding_case::started_at.desc());
    Ok(query.select(finding_case::case_id).first(tx.conn()).optional()?)
}

/// What this case was started to correct.
pub fn finding_of(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Option<FindingId>, Error> {
    Ok(finding_case::table.find(case).select(finding_case::obligation_id).get_result(tx.conn()).optional()?)
}

pub fn insert_case(rows: &mut Rows<'_>, id: FindingId, case: CaseId) -> Result<(), Error> {
    let now = rows.now();
    let row = (finding_case::case_id.eq(case), finding_case::obligation_id.eq(id), finding_case::started_at.eq(now));
    diesel::insert_into(finding_case::table).values(row).execute(rows.conn())?;
    Ok(())
}

/// One page, the newest first.
pub fn waivers(tx: &mut ReadTx<'_>, page: &PageRequest) -> Result<Vec<Waiver>, Error> {
    let mut query = waiver::table.select(Waiver::as_select()).into_boxed();
    if let Some(after) = &page.after {
        let (at, id): (Ts, WaiverId) = after.key()?;
        query = query.filter(waiver::requested_at.le(at).and(waiver::requested_at.lt(at).or(waiver::id.lt(id))));
    }
    Ok(query.order((waiver::requested_at.desc(), waiver::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

/// All that hold now.
pub fn holding_waivers(tx: &mut ReadTx<'_>) -> Result<Vec<Waiver>, Error> {
    let now = tx.now();
    let query = waiver::table.filter(waiver::state.eq(WaiverState::Approved)).filter(waiver::until.gt(now));
    Ok(query.select(Waiver::as_select()).load(tx.conn())?)
}

pub fn waiver(tx: &mut ReadTx<'_>, id: WaiverId) -> Result<Option<Waiver>, Error> {
    Ok(waiver::table.find(id).select(Waiver::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_waiver(rows: &mut Rows<'_>, row: &Waiver) -> Result<(), Error> {
    diesel::insert_into(waiver::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_waiver(rows: &mut Rows<'_>, row: &Waiver, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(waiver::table.find(row.id).filter(waiver::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

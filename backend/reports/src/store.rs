//! Queries on runs and plans.

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use kernel::{Error, PageRequest, Ts, UnitId};

use crate::{
    model::{Plan, PlanId, ReportRunState, Run, RunId},
    schema::{report_content, report_plan, report_run},
};

/// Of which reports somebody may see what: everything, or what speaks of these units.
pub struct Seen {
    pub report: &'static str,
    pub all: bool,
    pub units: Vec<UnitId>,
}

/// Which runs are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub report: Option<String>,
    pub plan: Option<PlanId>,
}

/// One page, newest first.
pub fn runs(tx: &mut ReadTx<'_>, seen: &[Seen], filter: &Filter, page: &PageRequest) -> Result<Vec<Run>, Error> {
    let mut query = report_run::table.select(Run::as_select()).into_boxed();
    // Nothing may be seen, unless one of the following says so.
    query = query.filter(report_run::log_size.lt(0));
    for seen in seen {
        let of = report_run::report.eq(seen.report);
        query = if seen.all { query.or_filter(of) } else { query.or_filter(of.and(one_of(report_run::unit_id, seen.units.clone()))) };
    }
    if let Some(report) = &filter.report {
        query = query.filter(report_run::report.eq(report.clone()));
    }
    if let Some(plan) = filter.plan {
        query = query.filter(report_run::plan_id.eq(plan));
    }
    if let Some(after) = &page.after {
        let (at, id): (Ts, RunId) = after.key()?;
        query = query.filter(report_run::requested_at.le(at).and(report_run::requested_at.lt(at).or(report_run::id.lt(id))));
    }
    Ok(query.order((report_run::requested_at.desc(), report_run::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

pub fn run(tx: &mut ReadTx<'_>, id: RunId) -> Result<Option<Run>, Error> {
    Ok(report_run::table.find(id).select(Run::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_run(rows: &mut Rows<'_>, run: &Run) -> Result<(), Error> {
    diesel::insert_into(report_run::table).values(run.clone()).execute(rows.conn())?;
    Ok(())
}

/// Replaces a row that still has the expected version.
pub fn update_run(rows: &mut Rows<'_>, run: &Run, expected: i32) -> Result<(), Error> {
    let row = Run { version: expected + 1, ..run.clone() };
    let hit = diesel::update(report_run::table.find(run.id).filter(report_run::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

/// Takes a run that waits, unless another replica makes it.
pub fn claim(rows: &mut Rows<'_>, until: Ts) -> Result<Option<Run>, Error> {
    let now = rows.now();
    let free = || report_run::busy_until.is_null().or(report_run::busy_until.lt(now));
    let next: Option<RunId> = report_run::table
        .filter(report_run::state.eq(ReportRunState::Queued))
        .filter(free())
        .order(report_run::id)
        .select(report_run::id)
        .first(rows.conn())
        .optional()?;
    let Some(id) = next else { return Ok(None) };
    if diesel::update(report_run::table.find(id).filter(free())).set(report_run::busy_until.eq(until)).execute(rows.conn())? == 0 {
        return Ok(None);
    }
    Ok(report_run::table.find(id).select(Run::as_select()).get_result(rows.conn()).optional()?)
}

/// Keeps a run, or lets it go.
pub fn hold(rows: &mut Rows<'_>, id: RunId, until: Option<Ts>) -> Result<(), Error> {
    diesel::update(report_run::table.find(id)).set(report_run::busy_until.eq(until)).execute(rows.conn())?;
    Ok(())
}

/// Keeps what was made.
pub fn keep(rows: &mut Rows<'_>, id: RunId, content: &[u8]) -> Result<(), Error> {
    let row = (report_content::run_id.eq(id), report_content::content.eq(content));
    diesel::insert_into(report_content::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn content(tx: &mut ReadTx<'_>, id: RunId) -> Result<Option<Vec<u8>>, Error> {
    Ok(report_content::table.find(id).select(report_content::content).get_result(tx.conn()).optional()?)
}

pub fn drop_content(rows: &mut Rows<'_>, id: RunId) -> Result<(), Error> {
    diesel::delete(report_content::table.find(id)).execute(rows.conn())?;
    Ok(())
}

// Plans.

/// All plans, by name: there are as many as people make by hand.
pub fn plans(tx: &mut ReadTx<'_>) -> Result<Vec<Plan>, Error> {
    Ok(report_plan::table.select(Plan::as_select()).order((report_plan::name, report_plan::id)).load(tx.conn())?)
}

pub fn plan(tx: &mut ReadTx<'_>, id: PlanId) -> Result<Option<Plan>, Error> {
    Ok(report_plan::table.find(id).select(Plan::as_select()).get_result(tx.conn()).optional()?)
}

/// One whose time had come at this moment.
pub fn due(tx: &mut ReadTx<'_>, at: Ts) -> Result<Option<Plan>, Error> {
    let due = report_plan::table.filter(report_plan::active.eq(true)).filter(report_plan::next_at.le(at));
    Ok(due.order(report_plan::next_at).select(Plan::as_select()).first(tx.conn()).optional()?)
}

pub fn insert_plan(rows: &mut Rows<'_>, plan: &Plan) -> Result<(), Error> {
    diesel::insert_into(report_plan::table).values(plan.clone()).execute(rows.conn())?;
    Ok(())
}

/// Replaces a row that still has the expected version.
pub fn update_plan(rows: &mut Rows<'_>, plan: &Plan, expected: i32) -> Result<(), Error> {
    let row = Plan { version: expected + 1, ..plan.clone() };
    let hit = diesel::update(report_plan::table.find(plan.id).filter(report_plan::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

/// When a plan is due next, and why it was not made; only if nobody has moved it meanwhile.
pub fn advance(rows: &mut Rows<'_>, plan: &Plan, next: Ts, problem: Option<&str>) -> Result<(), Error> {
    let same = report_plan::table.find(plan.id).filter(report_plan::next_at.eq(plan.next_at));
    diesel::update(same).set((report_plan::next_at.eq(next), report_plan::problem.eq(problem.map(str::to_owned)))).execute(rows.conn())?;
    Ok(())
}

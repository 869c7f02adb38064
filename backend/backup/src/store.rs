//! Queries on plans, backups, media and places.

use std::collections::HashMap;

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use kernel::{Error, PageRequest, Ts};

use crate::{
    archive::FailureCode,
    model::{
        Backup, BackupId, BackupState, DrillResult, HandOver, HandOverId, HandOverState, Inspection, InspectionId, Medium, MediumId, Move,
        MoveId, OffsiteState, Place, PlaceId, Plan, PlanId, PlanSubject,
    },
    schema::{backup, backup_handover, backup_inspection, backup_medium, backup_medium_move, backup_place, backup_plan},
};

// Plans.

pub fn plans(tx: &mut ReadTx<'_>) -> Result<Vec<Plan>, Error> {
    Ok(backup_plan::table.select(Plan::as_select()).order(backup_plan::name).load(tx.conn())?)
}

pub fn plan(tx: &mut ReadTx<'_>, id: PlanId) -> Result<Option<Plan>, Error> {
    Ok(backup_plan::table.find(id).select(Plan::as_select()).get_result(tx.conn()).optional()?)
}

pub fn plan_named(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<PlanId>, Error> {
    Ok(backup_plan::table.filter(backup_plan::name.eq(name)).select(backup_plan::id).get_result(tx.conn()).optional()?)
}

pub fn insert_plan(rows: &mut Rows<'_>, row: &Plan) -> Result<(), Error> {
    diesel::insert_into(backup_plan::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

/// Replaces a row that still has the expected version.
pub fn update_plan(rows: &mut Rows<'_>, row: &Plan, expected: i32) -> Result<(), Error> {
    let row = Plan { version: expected + 1, ..row.clone() };
    let hit =
        diesel::update(backup_plan::table.find(row.id).filter(backup_plan::version.eq(expected))).set(row.clone()).execute(rows.conn())?;
    rows.hit_one(hit)
}

/// Makes a plan due now.
pub fn make_due(rows: &mut Rows<'_>, id: PlanId) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(backup_plan::table.find(id)).set(backup_plan::next_run_at.eq(now)).execute(rows.conn())?;
    Ok(())
}

/// Takes a plan of the product itself that has something to do, unless another replica holds it.
pub fn claim(rows: &mut Rows<'_>, until: Ts) -> Result<Option<Plan>, Error> {
    let now = rows.now();
    // A plan that rests makes none of its own accord; a drill that somebody asked for is done.
    let wanted = backup::table.filter(backup::drill_wanted.eq(true)).select(backup::plan_id);
    let due: Option<PlanId> = backup_plan::table
        .filter(backup_plan::subject.eq(PlanSubject::Zhidu))
        .filter(backup_plan::busy_until.is_null().or(backup_plan::busy_until.lt(now)))
        .filter(
            (backup_plan::active.eq(true).and(backup_plan::next_run_at.le(now).or(backup_plan::next_drill_at.le(now))))
                .assume_not_null()
                .or(backup_plan::id.eq_any(wanted)),
        )
        .order(backup_plan::id)
        .select(backup_plan::id)
        .first(rows.conn())
        .optional()?;
    let Some(id) = due else { return Ok(None) };
    let free = backup_plan::table.find(id).filter(backup_plan::busy_until.is_null().or(backup_plan::busy_until.lt(now)));
    if diesel::update(free).set(backup_plan::busy_until.eq(until)).execute(rows.conn())? == 0 {
        return Ok(None);
    }
    Ok(backup_plan::table.find(id).select(Plan::as_select()).get_result(rows.conn()).optional()?)
}

/// Keeps a plan that is still held until `mine`, which is who holds it: false if another has it by now.
pub fn hold(rows: &mut Rows<'_>, id: PlanId, mine: Ts, until: Option<Ts>) -> Result<bool, Error> {
    let held = backup_plan::table.find(id).filter(backup_plan::busy_until.eq(mine));
    Ok(diesel::update(held).set(backup_plan::busy_until.eq(until)).execute(rows.conn())? == 1)
}

/// When the next backup is due, unless somebody said otherwise since `claimed` was.
pub fn schedule_run(rows: &mut Rows<'_>, id: PlanId, claimed: Ts, next: Option<Ts>) -> Result<(), Error> {
    let unchanged = backup_plan::table.find(id).filter(backup_plan::next_run_at.eq(claimed));
    diesel::update(unchanged).set(backup_plan::next_run_at.eq(next)).execute(rows.conn())?;
    Ok(())
}

/// When the next drill is due, likewise.
pub fn schedule_drill(rows: &mut Rows<'_>, id: PlanId, claimed: Ts, next: Option<Ts>) -> Result<(), Error> {
    let unchanged = backup_plan::table.find(id).filter(backup_plan::next_drill_at.eq(claimed));
    diesel::update(unchanged).set(backup_plan::next_drill_at.eq(next)).execute(rows.conn())?;
    Ok(())
}

/// That the alarm was given, or is over.
pub fn alarmed(rows: &mut Rows<'_>, id: PlanId, at: Option<Ts>) -> Result<(), Error> {
    diesel::update(backup_plan::table.find(id)).set(backup_plan::alarmed_at.eq(at)).execute(rows.conn())?;
    Ok(())
}

// Backups.

/// Which backups.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub plan: Option<PlanId>,
    pub state: Option<BackupState>,
    pub drill: Option<DrillResult>,
}

/// One page, newest first.
pub fn backups(tx: &mut ReadTx<'_>, filter: &Filter, page: &PageRequest) -> Result<Vec<Backup>, Error> {
    let mut query = backup::table.select(Backup::as_select()).into_boxed();
    if let Some(plan) = filter.plan {
        query = query.filter(backup::plan_id.eq(plan));
    }
    if let Some(state) = filter.state {
        query = query.filter(backup::state.eq(state));
    }
    if let Some(drill) = filter.drill {
        query = query.filter(backup::drill.eq(drill));
    }
    if let Some(after) = &page.after {
        let (at, id): (Ts, BackupId) = after.key()?;
        query = query.filter(backup::started_at.le(at).and(backup::started_at.lt(at).or(backup::id.lt(id))));
    }
    Ok(query.order((backup::started_at.desc(), backup::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

pub fn find(tx: &mut ReadTx<'_>, id: BackupId) -> Result<Option<Backup>, Error> {
    Ok(backup::table.find(id).select(Backup::as_select()).get_result(tx.conn()).optional()?)
}

/// When the newest verified backup of each plan was begun: one look into the index for each of a few plans. If there is a second place, it
/// has to be there too: a plan whose copies fail is not kept.
pub fn newest_verified(tx: &mut ReadTx<'_>) -> Result<HashMap<PlanId, Ts>, Error> {
    let plans: Vec<(PlanId, Option<String>)> = backup_plan::table.select((backup_plan::id, backup_plan::offsite)).load(tx.conn())?;
    let mut newest = HashMap::new();
    for (plan, offsite) in plans {
        let mut verified = backup::table
            .filter(backup::plan_id.eq(plan))
            .filter(backup::verified_at.is_not_null())
            .filter(backup::removed_at.is_null())
            .order((backup::started_at.desc(), backup::id.desc()))
            .select(backup::started_at)
            .into_boxed();
        if offsite.is_some() {
            verified = verified.filter(backup::offsite.eq(OffsiteState::Copied));
        }
        let at: Option<Ts> = verified.first(tx.conn()).optional()?;
        newest.extend(at.map(|at| (plan, at)));
    }
    Ok(newest)
}

/// The drill of a plan's backups that was done last: what came of it, and when.
pub fn last_drill(tx: &mut ReadTx<'_>, plan: PlanId) -> Result<Option<(DrillResult, Ts)>, Error> {
    let drilled: Option<(Option<DrillResult>, Option<Ts>)> = backup::table
        .filter(backup::plan_id.eq(plan))
        .filter(backup::drilled_at.is_not_null())
        .order(backup::drilled_at.desc())
        .select((backup::drill, backup::drilled_at))
        .first(tx.conn())
        .optional()?;
    Ok(drilled.and_then(|(drill, at)| Some((drill?, at?))))
}

/// Completed backups of a plan that are still there, newest first.
pub fn there(tx: &mut ReadTx<'_>, plan: PlanId) -> Result<Vec<Backup>, Error> {
    Ok(backup::table
        .filter(backup::plan_id.eq(plan))
        .filter(backup::state.eq(BackupState::Completed))
        .filter(backup::removed_at.is_null())
        .select(Backup::as_select())
        .order((backup::started_at.desc(), backup::id.desc()))
        .load(tx.conn())?)
}

/// Backups of a plan that nobody finished.
pub fn running(tx: &mut ReadTx<'_>, plan: PlanId) -> Result<Vec<Backup>, Error> {
    Ok(backup::table
        .filter(backup::plan_id.eq(plan))
        .filter(backup::state.eq(BackupState::Running))
        .select(Backup::as_select())
        .load(tx.conn())?)
}

/// Backups of a plan whose maker ended before them: files of theirs may have come into being afterwards.
pub fn interrupted(tx: &mut ReadTx<'_>, plan: PlanId) -> Result<Vec<Backup>, Error> {
    Ok(backup::table
        .filter(backup::plan_id.eq(plan))
        .filter(backup::state.eq(BackupState::Failed))
        .filter(backup::reason.eq(FailureCode::Interrupted))
        .select(Backup::as_select())
        .load(tx.conn())?)
}

pub fn insert(rows: &mut Rows<'_>, row: &Backup) -> Result<(), Error> {
    diesel::insert_into(backup::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

/// Replaces a row that still has the expected version.
pub fn update(rows: &mut Rows<'_>, row: &Backup, expected: i32) -> Result<(), Error> {
    let row = Backup { version: expected + 1, ..row.clone() };
    let hit = diesel::update(backup::table.find(row.id).filter(backup::version.eq(expected))).set(row.clone()).execute(rows.conn())?;
    rows.hit_one(hit)
}

// Places.

pub fn places(tx: &mut ReadTx<'_>) -> Result<Vec<Place>, Error> {
    Ok(backup_place::table.select(Place::as_select()).order(backup_place::name).load(tx.conn())?)
}

pub fn place(tx: &mut ReadTx<'_>, id: PlaceId) -> Result<Option<Place>, Error> {
    Ok(backup_place::table.find(id).select(Place::as_select()).get_result(tx.conn()).optional()?)
}

pub fn place_named(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<PlaceId>, Error> {
    Ok(backup_place::table.filter(backup_place::name.eq(name)).select(backup_place::id).get_result(tx.conn()).optional()?)
}

pub fn insert_place(rows: &mut Rows<'_>, row: &Place) -> Result<(), Error> {
    diesel::insert_into(backup_place::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

/// Replaces a row that still has the expected version.
pub fn update_place(rows: &mut Rows<'_>, row: &Place, expected: i32) -> Result<(), Error> {
    let row = Place { version: expected + 1, ..row.clone() };
    let hit = diesel::update(backup_place::table.find(row.id).filter(backup_place::version.eq(expected)))
        .set(row.clone())
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn insert_inspection(rows: &mut Rows<'_>, row: &Inspection) -> Result<(), Error> {
    diesel::insert_into(backup_inspection::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

/// One page, newest first.
pub fn inspections(tx: &mut ReadTx<'_>, place: PlaceId, page: &PageRequest) -> Result<Vec<Inspection>, Error> {
    let mut query = backup_inspection::table.filter(backup_inspection::place_id.eq(place)).select(Inspection::as_select()).into_boxed();
    if let Some(after) = &page.after {
        let (at, id): (Ts, InspectionId) = after.key()?;
        query = query.filter(backup_inspection::at.le(at).and(backup_inspection::at.lt(at).or(backup_inspection::id.lt(id))));
    }
    Ok(query.order((backup_inspection::at.desc(), backup_inspection::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

// Media.

diesel::define_sql_function! {
    /// PostgreSQL tells capitals from small letters where SQLite does not.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// One page, in the order of their serials.
pub fn media(tx: &mut ReadTx<'_>, place: Option<PlaceId>, words: Option<&str>, page: &PageRequest) -> Result<Vec<Medium>, Error> {
    let mut query = backup_medium::table.select(Medium::as_select()).into_boxed();
    if let Some(place) = place {
        query = query.filter(backup_medium::place_id.eq(place));
    }
    if let Some(words) = words {
        let part = words.to_lowercase().replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        query = query.filter(lower(backup_medium::serial).like(format!("%{part}%")).escape('\\'));
    }
    if let Some(after) = &page.after {
        query = query.filter(backup_medium::serial.gt(after.key::<String>()?));
    }
    Ok(query.order(backup_medium::serial).limit(page.limit + 1).load(tx.conn())?)
}

pub fn medium(tx: &mut ReadTx<'_>, id: MediumId) -> Result<Option<Medium>, Error> {
    Ok(backup_medium::table.find(id).select(Medium::as_select()).get_result(tx.conn()).optional()?)
}

pub fn serials(tx: &mut ReadTx<'_>, ids: Vec<MediumId>) -> Result<HashMap<MediumId, String>, Error> {
    let found = backup_medium::table.filter(one_of(backup_medium::id, ids)).select((backup_medium::id, backup_medium::serial));
    Ok(found.load::<(MediumId, String)>(tx.conn())?.into_iter().collect())
}

pub fn medium_with(tx: &mut ReadTx<'_>, serial: &str) -> Result<Option<MediumId>, Error> {
    Ok(backup_medium::table.filter(backup_medium::serial.eq(serial)).select(backup_medium::id).get_result(tx.conn()).optional()?)
}

pub fn insert_medium(rows: &mut Rows<'_>, row: &Medium) -> Result<(), Error> {
    diesel::insert_into(backup_medium::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

/// Replaces a row that still has the expected version.
pub fn update_medium(rows: &mut Rows<'_>, row: &Medium, expected: i32, moved: Option<&Move>) -> Result<(), Error> {
    let row = Medium { version: expected + 1, ..row.clone() };
    let old = backup_medium::table.find(row.id).filter(backup_medium::version.eq(expected));
    let hit = diesel::update(old).set(row.clone()).execute(rows.conn())?;
    rows.hit_one(hit)?;
    if let Some(moved) = moved {
        diesel::insert_into(backup_medium_move::table).values(moved.clone()).execute(rows.conn())?;
    }
    Ok(())
}

/// One page, newest first.
pub fn moves(tx: &mut ReadTx<'_>, medium: MediumId, page: &PageRequest) -> Result<Vec<Move>, Error> {
    let mut query = backup_medium_move::table.filter(backup_medium_move::medium_id.eq(medium)).select(Move::as_select()).into_boxed();
    if let Some(after) = &page.after {
        let (at, id): (Ts, MoveId) = after.key()?;
        query = query.filter(backup_medium_move::at.le(at).and(backup_medium_move::at.lt(at).or(backup_medium_move::id.lt(id))));
    }
    Ok(query.order((backup_medium_move::at.desc(), backup_medium_move::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

// Hand-overs.

/// One page, newest first.
pub fn handovers(tx: &mut ReadTx<'_>, state: Option<HandOverState>, page: &PageRequest) -> Result<Vec<HandOver>, Error> {
    let mut query = backup_handover::table.select(HandOver::as_select()).into_boxed();
    if let Some(state) = state {
        query = query.filter(backup_handover::state.eq(state));
    }
    if let Some(after) = &page.after {
        let (at, id): (Ts, HandOverId) = after.key()?;
        query = query.filter(backup_handover::given_at.le(at).and(backup_handover::given_at.lt(at).or(backup_handover::id.lt(id))));
    }
    Ok(query.order((backup_handover::given_at.desc(), backup_handover::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

/// Whether somebody has given a medium away and nobody has answered yet.
pub fn is_given(tx: &mut ReadTx<'_>, medium: MediumId) -> Result<bool, Error> {
    let open = backup_handover::table.filter(backup_handover::medium_id.eq(medium)).filter(backup_handover::state.eq(HandOverState::Given));
    let found: Option<HandOverId> = open.select(backup_handover::id).first(tx.conn()).optional()?;
    Ok(found.is_some())
}

pub fn handover(tx: &mut ReadTx<'_>, id: HandOverId) -> Result<Option<HandOver>, Error> {
    Ok(backup_handover::table.find(id).select(HandOver::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_handover(rows: &mut Rows<'_>, row: &HandOver) -> Result<(), Error> {
    diesel::insert_into(backup_handover::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

/// Replaces a row that still has the expected version.
pub fn update_handover(rows: &mut Rows<'_>, row: &HandOver, expected: i32) -> Result<(), Error> {
    let row = HandOver { version: expected + 1, ..row.clone() };
    let old = backup_handover::table.find(row.id).filter(backup_handover::version.eq(expected));
    let hit = diesel::update(old).set(row.clone()).execute(rows.conn())?;
    rows.hit_one(hit)
}

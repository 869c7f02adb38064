//! Cases and work items.

use std::collections::{BTreeMap, HashMap};

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use identity::schema::{org_unit_tree, person};
use kernel::{Cursor, Error, PageRequest, PersonId, Reach, Ts, UnitId, column::RawJson};

use crate::{
    model::{CaseId, CaseRow, CaseState, Colleague, ProcessId, Seat, SeatState, StoryRow, Wait, WaitId, WorkItemId},
    schema::{case_cc, case_event, case_file, case_question, case_story, case_wait, process_case, work_candidate, work_item},
};

kernel::text_enum! {
    /// Whose cases.
    pub enum CaseLens {
        /// That I started.
        Mine = "mine",
        /// In which I did something.
        Handled = "handled",
        /// Of which I was told.
        Cc = "cc",
        /// Everything I may see.
        All = "all",
    }
}
kernel::text_enum! {
    /// Which work.
    pub enum WorkLens {
        /// To be done by me.
        Open = "open",
        /// Done by me.
        Done = "done",
        /// To be taken by somebody, who may be me.
        Claimable = "claimable",
    }
}

/// Which cases.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    pub lens: Option<CaseLens>,
    pub states: Vec<CaseState>,
    pub process: Option<ProcessId>,
    pub unit: Option<UnitId>,
    pub overdue: bool,
    pub incident: bool,
    pub words: Option<String>,
}

/// Which work.
#[derive(Clone, Debug, Default)]
pub struct WorkFilter {
    pub lens: Option<WorkLens>,
    pub process: Option<ProcessId>,
    pub overdue: bool,
    pub words: Option<String>,
}

pub fn case(tx: &mut ReadTx<'_>, id: CaseId) -> Result<Option<CaseRow>, Error> {
    Ok(process_case::table.find(id).select(CaseRow::as_select()).get_result(tx.conn()).optional()?)
}

pub fn cases_by_ids(tx: &mut ReadTx<'_>, ids: &[CaseId]) -> Result<Vec<CaseRow>, Error> {
    Ok(process_case::table.filter(one_of(process_case::id, ids.iter().copied())).select(CaseRow::as_select()).load(tx.conn())?)
}

pub fn case_ids(tx: &mut ReadTx<'_>) -> Result<Vec<CaseId>, Error> {
    Ok(process_case::table.select(process_case::id).load(tx.conn())?)
}

pub fn children(tx: &mut ReadTx<'_>, of: CaseId) -> Result<Vec<CaseRow>, Error> {
    Ok(process_case::table.filter(process_case::parent_id.eq(of)).select(CaseRow::as_select()).load(tx.conn())?)
}

pub fn running_of(tx: &mut ReadTx<'_>, process: ProcessId, release: crate::model::ReleaseId) -> Result<Vec<CaseRow>, Error> {
    Ok(process_case::table
        .filter(process_case::process_id.eq(process))
        .filter(process_case::release_id.eq(release))
        .filter(process_case::state.eq(CaseState::Running))
        .order(process_case::started_at.asc())
        .select(CaseRow::as_select())
        .load(tx.conn())?)
}

pub fn finished_of(tx: &mut ReadTx<'_>, process: ProcessId, last: i64) -> Result<Vec<CaseRow>, Error> {
    Ok(process_case::table
        .filter(process_case::process_id.eq(process))
        .filter(process_case::state.ne(CaseState::Running))
        .order(process_case::started_at.desc())
        .limit(last)
        .select(CaseRow::as_select())
        .load(tx.conn())?)
}

pub fn started_between(tx: &mut ReadTx<'_>, process: ProcessId, from: Ts, to: Ts, limit: i64) -> Result<Vec<CaseRow>, Error> {
    Ok(process_case::table
        .filter(process_case::process_id.eq(process))
        .filter(process_case::started_at.ge(from))
        .filter(process_case::started_at.lt(to))
        .order(process_case::started_at.desc())
        .limit(limit)
        .select(CaseRow::as_select())
        .load(tx.conn())?)
}

type Condition = Box<dyn BoxableExpression<process_case::table, db::MultiBackend, SqlType = diesel::sql_types::Bool>>;

fn conditions(tx: &ReadTx<'_>, filter: &CaseFilter, reach: &Reach) -> Vec<Condition> {
    let (backend, now) = (tx.backend(), tx.now());
    let me = tx.actor().person().unwrap_or_else(|| PersonId::from_uuid(kernel::Uuid::nil()));
    let told = move || case_cc::table.filter(case_cc::person_id.eq(me)).select(case_cc::case_id);
    let held = move || work_item::table.filter(work_item::owner_id.eq(me)).select(work_item::case_id);
    let handled = move || work_item::table.filter(work_item::done_by.eq(me)).select(work_item::case_id);
    let below = |unit: UnitId| org_unit_tree::table.filter(org_unit_tree::ancestor.eq(unit)).select(org_unit_tree::descendant);
    let mut all: Vec<Condition> = Vec::new();
    match filter.lens {
        Some(CaseLens::Mine) => all.push(Box::new(process_case::starter_id.eq(me))),
        Some(CaseLens::Handled) => all.push(Box::new(process_case::id.eq_any(handled()))),
        Some(CaseLens::Cc) => all.push(Box::new(process_case::id.eq_any(told()))),
        Some(CaseLens::All) | None => {
            if !reach.all {
                let units: Vec<UnitId> = reach.closure.iter().copied().collect();
                let mine = process_case::starter_id.eq(me).or(process_case::id.eq_any(held())).or(process_case::id.eq_any(handled()));
                all.push(Box::new(mine.or(process_case::id.eq_any(told())).or(process_case::unit_id.eq_any(units))));
            }
        }
    }
    if !filter.states.is_empty() {
        all.push(Box::new(one_of(process_case::state, filter.states.clone())));
    }
    if let Some(process) = filter.process {
        all.push(Box::new(process_case::process_id.eq(process)));
    }
    if let Some(unit) = filter.unit {
        all.push(Box::new(process_case::unit_id.eq_any(below(unit))));
    }
    if filter.incident {
        all.push(Box::new(process_case::incident.eq(true)));
    }
    if filter.overdue {
        let late = work_item::table.filter(work_item::state.eq(SeatState::Open)).filter(work_item::due.lt(now)).select(work_item::case_id);
        all.push(Box::new(process_case::state.eq(CaseState::Running).and(process_case::id.eq_any(late))));
    }
    if let Some(words) = &filter.words {
        all.push(Box::new(db::search::matches::<process_case::table>(backend, "process_case.id", "case", words)));
    }
    all
}

/// One page of cases, the latest first.
pub fn case_page(tx: &mut ReadTx<'_>, filter: &CaseFilter, reach: &Reach, page: &PageRequest) -> Result<Vec<CaseRow>, Error> {
    let mut query = process_case::table.select(CaseRow::as_select()).into_boxed();
    for condition in conditions(tx, filter, reach) {
        query = query.filter(condition);
    }
    if let Some(after) = &page.after {
        let (at, id): (Ts, CaseId) = after.key()?;
        query = query.filter(process_case::started_at.lt(at).or(process_case::started_at.eq(at).and(process_case::id.lt(id))));
    }
    Ok(query.order((process_case::started_at.desc(), process_case::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

/// Whether a person takes part in a case: starter, holder, handler, candidate, told, asked.
pub fn takes_part(tx: &mut ReadTx<'_>, case: &CaseRow, me: PersonId) -> Result<bool, Error> {
    use diesel::dsl::exists;
    if case.starter_id == me {
        return Ok(true);
    }
    let held = work_item::table
        .filter(work_item::case_id.eq(case.id))
        .filter(work_item::owner_id.eq(me).or(work_item::done_by.eq(me)).or(work_item::on_behalf_of.eq(me)));
    let told = case_cc::table.find((case.id, me));
    let asked = case_question::table
        .filter(case_question::case_id.eq(case.id))
        .filter(case_question::to_id.eq(me).or(case_question::from_id.eq(me)));
    let candidate = work_candidate::table
        .inner_join(work_item::table.on(work_item::id.eq(work_candidate::work_item_id)))
        .filter(work_item::case_id.eq(case.id))
        .filter(work_candidate::person_id.eq(me));
    // Who handed work over has still had to do with it.
    let acted = case_story::table.filter(case_story::case_id.eq(case.id)).filter(case_story::by_id.eq(me));
    Ok(diesel::select(exists(held)).get_result(tx.conn())?
        || diesel::select(exists(acted)).get_result(tx.conn())?
        || diesel::select(exists(told)).get_result(tx.conn())?
        || diesel::select(exists(asked)).get_result(tx.conn())?
        || diesel::select(exists(candidate)).get_result(tx.conn())?)
}

pub fn insert_case(rows: &mut Rows<'_>, row: &CaseRow) -> Result<(), Error> {
    diesel::insert_into(process_case::table).values(row).execute(rows.conn())?;
    db::search::add(rows, "case", row.id.uuid(), &case_words(row))
}

/// Replaces a row that still has the expected version. Its words are written anew only if they changed: the index costs more than the row.
pub fn update_case(rows: &mut Rows<'_>, before: &CaseRow, row: &CaseRow) -> Result<(), Error> {
    let expected = before.version;
    let row = CaseRow { version: expected + 1, ..row.clone() };
    let (id, words) = (row.id, case_words(&row));
    let hit = diesel::update(process_case::table.find(id).filter(process_case::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)?;
    if words == case_words(before) { Ok(()) } else { db::search::replace(rows, "case", id.uuid(), &words) }
}

fn case_words(row: &CaseRow) -> String {
    format!("{} {} {}", row.number, row.title, row.starter_name)
}

pub fn insert_event(rows: &mut Rows<'_>, case: CaseId, seq: i32, event: &RawJson) -> Result<(), Error> {
    let now = rows.now();
    let row = (case_event::case_id.eq(case), case_event::seq.eq(seq), case_event::at.eq(now), case_event::event.eq(event));
    diesel::insert_into(case_event::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn last_event(tx: &mut ReadTx<'_>, case: CaseId) -> Result<i32, Error> {
    let last: Option<i32> =
        case_event::table.filter(case_event::case_id.eq(case)).select(diesel::dsl::max(case_event::seq)).get_result(tx.conn())?;
    Ok(last.unwrap_or(0))
}

pub fn events(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<RawJson>, Error> {
    Ok(case_event::table.filter(case_event::case_id.eq(case)).order(case_event::seq.asc()).select(case_event::event).load(tx.conn())?)
}

// Work items.

pub fn seats(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<Seat>, Error> {
    Ok(work_item::table
        .filter(work_item::case_id.eq(case))
        .order((work_item::created_at.asc(), work_item::position.asc(), work_item::id.asc()))
        .select(Seat::as_select())
        .load(tx.conn())?)
}

pub fn seat(tx: &mut ReadTx<'_>, id: WorkItemId) -> Result<Option<Seat>, Error> {
    Ok(work_item::table.find(id).select(Seat::as_select()).get_result(tx.conn()).optional()?)
}

pub fn open_seats_of(tx: &mut ReadTx<'_>, cases: &[CaseId]) -> Result<Vec<Seat>, Error> {
    Ok(work_item::table
        .filter(one_of(work_item::case_id, cases.iter().copied()))
        .filter(work_item::state.eq(SeatState::Open))
        .order(work_item::created_at.asc())
        .select(Seat::as_select())
        .load(tx.conn())?)
}

/// How many seats wait for somebody.
pub fn count_open(tx: &mut ReadTx<'_>) -> Result<i64, Error> {
    Ok(work_item::table.filter(work_item::state.eq(SeatState::Open)).count().get_result(tx.conn())?)
}

pub fn open_seats_of_person(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<Seat>, Error> {
    Ok(work_item::table
        .filter(work_item::owner_id.eq(person))
        .filter(work_item::state.eq(SeatState::Open).or(work_item::state.eq(SeatState::Waiting)))
        .select(Seat::as_select())
        .load(tx.conn())?)
}

/// Who may take each of these.
pub fn candidates(tx: &mut ReadTx<'_>, items: &[WorkItemId]) -> Result<BTreeMap<WorkItemId, Vec<Colleague>>, Error> {
    let rows: Vec<(WorkItemId, PersonId, String, String)> = work_candidate::table
        .inner_join(person::table.on(person::id.eq(work_candidate::person_id)))
        .filter(one_of(work_candidate::work_item_id, items.iter().copied()))
        .order(person::name_key.asc())
        .select((work_candidate::work_item_id, person::id, person::name, person::login))
        .load(tx.conn())?;
    let mut all: BTreeMap<WorkItemId, Vec<Colleague>> = BTreeMap::new();
    for (item, id, name, login) in rows {
        all.entry(item).or_default().push(Colleague { id, name, login });
    }
    Ok(all)
}

pub fn insert_seat(rows: &mut Rows<'_>, row: &Seat, candidates: &[Colleague]) -> Result<(), Error> {
    diesel::insert_into(work_item::table).values(row).execute(rows.conn())?;
    for person in candidates {
        diesel::insert_into(work_candidate::table)
            .values((work_candidate::work_item_id.eq(row.id), work_candidate::person_id.eq(person.id)))
            .execute(rows.conn())?;
    }
    Ok(())
}

pub fn update_seat(rows: &mut Rows<'_>, row: &Seat) -> Result<(), Error> {
    let expected = row.version;
    let row = Seat { version: expected + 1, ..row.clone() };
    let hit = diesel::update(work_item::table.find(row.id).filter(work_item::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

/// One page of work: what is due first, then the oldest; what was done, the latest first.
pub fn work_page(tx: &mut ReadTx<'_>, filter: &WorkFilter, principals: &[PersonId], page: &PageRequest) -> Result<Vec<Seat>, Error> {
    let (backend, now) = (tx.backend(), tx.now());
    let me = tx.actor().require_person()?;
    let mut query = work_item::table.select(Seat::as_select()).into_boxed();
    let lens = filter.lens.unwrap_or(WorkLens::Open);
    query = match lens {
        WorkLens::Open => {
            let owners: Vec<Option<PersonId>> = std::iter::once(me).chain(principals.iter().copied()).map(Some).collect();
            query.filter(work_item::owner_id.eq_any(owners)).filter(work_item::state.eq(SeatState::Open))
        }
        WorkLens::Done => query.filter(work_item::done_by.eq(me)).filter(work_item::state.eq(SeatState::Done)),
        WorkLens::Claimable => {
            let mine = work_candidate::table.filter(work_candidate::person_id.eq(me)).select(work_candidate::work_item_id);
            query.filter(work_item::owner_id.is_null()).filter(work_item::state.eq(SeatState::Open)).filter(work_item::id.eq_any(mine))
        }
    };
    if let Some(process) = filter.process {
        query = query.filter(work_item::process_id.eq(process));
    }
    if filter.overdue {
        query = query.filter(work_item::due.lt(now));
    }
    if let Some(words) = &filter.words {
        query = query.filter(db::search::matches::<work_item::table>(backend, "work_item.case_id", "case", words));
    }
    let after = page.after.as_ref().map(Cursor::key::<(Ts, WorkItemId)>).transpose()?;
    let query = match (lens, after) {
        (WorkLens::Done, Some((at, id))) => {
            query.filter(work_item::done_at.lt(at).or(work_item::done_at.eq(at).and(work_item::id.nullable().lt(id))))
        }
        (_, Some((at, id))) => query.filter(work_item::created_at.gt(at).or(work_item::created_at.eq(at).and(work_item::id.gt(id)))),
        (_, None) => query,
    };
    let query = match lens {
        WorkLens::Done => query.order((work_item::done_at.desc(), work_item::id.desc())),
        _ => query.order((work_item::created_at.asc(), work_item::id.asc())),
    };
    Ok(query.limit(page.limit + 1).load(tx.conn())?)
}

/// How much work: open, overdue, to be taken.
pub fn work_counts(tx: &mut ReadTx<'_>, principals: &[PersonId]) -> Result<(i64, i64, i64), Error> {
    let now = tx.now();
    let me = tx.actor().require_person()?;
    let owners: Vec<Option<PersonId>> = std::iter::once(me).chain(principals.iter().copied()).map(Some).collect();
    let open = || work_item::table.filter(work_item::owner_id.eq_any(owners.clone())).filter(work_item::state.eq(SeatState::Open));
    let mine = work_candidate::table.filter(work_candidate::person_id.eq(me)).select(work_candidate::work_item_id);
    let claimable = work_item::table
        .filter(work_item::owner_id.is_null())
        .filter(work_item::state.eq(SeatState::Open))
        .filter(work_item::id.eq_any(mine));
    Ok((
        open().count().get_result(tx.conn())?,
        open().filter(work_item::due.lt(now)).count().get_result(tx.conn())?,
        claimable.count().get_result(tx.conn())?,
    ))
}

/// Work that is due and has not been dealt with as such.
pub fn overdue(tx: &mut ReadTx<'_>, limit: i64) -> Result<Vec<(WorkItemId, CaseId)>, Error> {
    let now = tx.now();
    Ok(work_item::table
        .filter(work_item::state.eq(SeatState::Open))
        .filter(work_item::due.le(now))
        .filter(work_item::overdue_at.is_null())
        .order(work_item::due.asc())
        .limit(limit)
        .select((work_item::id, work_item::case_id))
        .load(tx.conn())?)
}

pub fn mark_opened(rows: &mut Rows<'_>, id: WorkItemId) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(work_item::table.find(id).filter(work_item::opened_at.is_null()))
        .set(work_item::opened_at.eq(now))
        .execute(rows.conn())?;
    Ok(())
}

// Waiting.

pub fn waits(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<Wait>, Error> {
    Ok(case_wait::table.filter(case_wait::case_id.eq(case)).select(Wait::as_select()).load(tx.conn())?)
}

pub fn waits_of_many(tx: &mut ReadTx<'_>, cases: &[CaseId]) -> Result<Vec<Wait>, Error> {
    Ok(case_wait::table.filter(one_of(case_wait::case_id, cases.iter().copied())).select(Wait::as_select()).load(tx.conn())?)
}

pub fn due_waits(tx: &mut ReadTx<'_>, limit: i64) -> Result<Vec<(WaitId, CaseId)>, Error> {
    let now = tx.now();
    Ok(case_wait::table
        .filter(case_wait::due.le(now))
        .order(case_wait::due.asc())
        .limit(limit)
        .select((case_wait::id, case_wait::case_id))
        .load(tx.conn())?)
}

pub fn waits_for_message(tx: &mut ReadTx<'_>, case: CaseId, name: &str) -> Result<Vec<Wait>, Error> {
    Ok(case_wait::table
        .filter(case_wait::case_id.eq(case))
        .filter(case_wait::message.eq(name))
        .select(Wait::as_select())
        .load(tx.conn())?)
}

/// The waits of a case become these.
pub fn set_waits(rows: &mut Rows<'_>, before: &[Wait], after: &[Wait]) -> Result<(), Error> {
    for gone in before.iter().filter(|wait| !after.contains(wait)) {
        diesel::delete(case_wait::table.find(gone.id)).execute(rows.conn())?;
    }
    for new in after.iter().filter(|wait| !before.contains(wait)) {
        diesel::insert_into(case_wait::table).values(new).execute(rows.conn())?;
    }
    Ok(())
}

// Stories.

pub fn story(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<StoryRow>, Error> {
    Ok(case_story::table
        .filter(case_story::case_id.eq(case))
        .order((case_story::at.asc(), case_story::id.asc()))
        .select(StoryRow::as_select())
        .load(tx.conn())?)
}

pub fn insert_story(rows: &mut Rows<'_>, row: &StoryRow) -> Result<(), Error> {
    diesel::insert_into(case_story::table).values(row).execute(rows.conn())?;
    Ok(())
}

// Files.

pub fn file_of(tx: &mut ReadTx<'_>, case: CaseId, file: files::FileId) -> Result<Option<String>, Error> {
    Ok(case_file::table.find((case, file)).select(case_file::field).get_result(tx.conn()).optional()?)
}

/// A file of a case: id, name, type, bytes, field.
pub type CaseFile = (files::FileId, String, String, i64, String);

pub fn files_of(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<CaseFile>, Error> {
    Ok(case_file::table
        .filter(case_file::case_id.eq(case))
        .select((case_file::file_id, case_file::name, case_file::media_type, case_file::size, case_file::field))
        .load(tx.conn())?)
}

pub fn insert_file(rows: &mut Rows<'_>, case: CaseId, field: &str, file: &files::AttachedFile) -> Result<(), Error> {
    diesel::insert_into(case_file::table)
        .values((
            case_file::case_id.eq(case),
            case_file::file_id.eq(file.id),
            case_file::name.eq(&file.name),
            case_file::media_type.eq(&file.media_type),
            case_file::size.eq(file.size),
            case_file::field.eq(field),
        ))
        .execute(rows.conn())?;
    Ok(())
}

/// Seats of these cases: for statistics.
pub fn seats_of_cases(tx: &mut ReadTx<'_>, cases: &[CaseId]) -> Result<HashMap<CaseId, Vec<Seat>>, Error> {
    let mut all: HashMap<CaseId, Vec<Seat>> = HashMap::new();
    for part in cases.chunks(200) {
        let rows: Vec<Seat> = work_item::table
            .filter(one_of(work_item::case_id, part.iter().copied()))
            .order((work_item::created_at.asc(), work_item::position.asc()))
            .select(Seat::as_select())
            .load(tx.conn())?;
        for row in rows {
            all.entry(row.case_id).or_default().push(row);
        }
    }
    Ok(all)
}

//! Queries on tickets.

use std::collections::{BTreeSet, HashMap};

use db::{ReadTx, Rows, insert_together, one_of};
use diesel::prelude::*;
use equipment::EquipmentId;
use files::FileId;
use identity::schema::org_unit_tree;
use kernel::{Cursor, Error, PageRequest, PersonId, Reach, Ts, UnitId, column::RawJson};

use crate::{
    model::{
        Attachment, Category, CategoryId, Note, Priority, SavedView, SavedViewId, Setting, SettingId, Text, Ticket, TicketId, TicketState,
        TicketType,
    },
    schema::{
        ticket, ticket_attachment, ticket_category, ticket_equipment, ticket_note, ticket_seen, ticket_setting, ticket_text, ticket_view,
        ticket_watcher,
    },
};

kernel::text_enum! {
    /// Whose tickets.
    pub enum TicketLens {
        /// That I reported.
        Mine = "mine",
        /// Assigned to me.
        Assigned = "assigned",
        /// Given to my unit.
        Group = "group",
        /// Reported in my unit and below.
        Unit = "unit",
        /// That I watch.
        Watching = "watching",
        /// Everything I may see.
        All = "all",
    }
}

kernel::text_enum! {
    /// In which order.
    pub enum TicketSort {
        /// Latest first.
        Created = "-created_at",
        /// Last changed first.
        Updated = "-updated_at",
        /// What is due first; tickets whose clock stands still come last.
        Due = "resolve_due",
    }
}

/// Which tickets.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub lens: Option<TicketLens>,
    pub states: Vec<TicketState>,
    pub open: Option<bool>,
    pub kinds: Vec<TicketType>,
    pub priorities: Vec<Priority>,
    pub category_id: Option<CategoryId>,
    pub reporter_id: Option<PersonId>,
    pub assignee_id: Option<PersonId>,
    pub unassigned: bool,
    pub assigned_unit_id: Option<UnitId>,
    pub unit_id: Option<UnitId>,
    pub equipment_id: Option<EquipmentId>,
    pub overdue: bool,
    pub unread: bool,
    pub created_from: Option<Ts>,
    pub created_to: Option<Ts>,
    pub words: Option<String>,
}

type Condition =
    Box<dyn BoxableExpression<ticket::table, db::MultiBackend, SqlType = diesel::sql_types::Nullable<diesel::sql_types::Bool>>>;

/// The conditions of a filter within reach; none of them means everything.
fn conditions(tx: &ReadTx<'_>, filter: &Filter, reach: &Reach) -> Vec<Condition> {
    let (backend, now, me) = (tx.backend(), tx.now(), tx.actor().person());
    let my_unit = tx.actor().unit;
    let below = |unit: UnitId| org_unit_tree::table.filter(org_unit_tree::ancestor.eq(unit)).select(org_unit_tree::descendant);
    let watched = || ticket_watcher::table.filter(ticket_watcher::person_id.nullable().eq(me)).select(ticket_watcher::ticket_id);
    let mut all: Vec<Condition> = Vec::new();
    let own = matches!(filter.lens, Some(TicketLens::Mine | TicketLens::Assigned | TicketLens::Watching));
    if !own && !reach.all {
        let roots: Vec<UnitId> = reach.roots.iter().copied().collect();
        let exact: Vec<UnitId> = reach.units.iter().copied().collect();
        let inside = || org_unit_tree::table.filter(org_unit_tree::ancestor.eq_any(roots.clone())).select(org_unit_tree::descendant);
        let here = ticket::unit_id.eq_any(inside()).or(one_of(ticket::unit_id, exact.clone()));
        let assigned = ticket::assigned_unit_id.eq_any(inside().select(org_unit_tree::descendant.nullable()));
        let exactly = one_of(ticket::assigned_unit_id, exact);
        let mine = ticket::reporter_id.nullable().eq(me).or(ticket::assignee_id.eq(me)).or(ticket::id.eq_any(watched()).nullable());
        all.push(Box::new(here.nullable().or(assigned).or(exactly).or(mine)));
    }
    match filter.lens {
        Some(TicketLens::Mine) => all.push(Box::new(ticket::reporter_id.nullable().eq(me))),
        Some(TicketLens::Assigned) => all.push(Box::new(ticket::assignee_id.eq(me))),
        Some(TicketLens::Watching) => all.push(Box::new(ticket::id.eq_any(watched()).nullable())),
        Some(TicketLens::Group) => all.push(Box::new(ticket::assigned_unit_id.eq(my_unit))),
        Some(TicketLens::Unit) => {
            if let Some(unit) = my_unit {
                all.push(Box::new(ticket::unit_id.eq_any(below(unit)).nullable()));
            }
        }
        Some(TicketLens::All) | None => {}
    }
    if !filter.states.is_empty() {
        all.push(Box::new(one_of(ticket::state, filter.states.clone()).nullable()));
    }
    if let Some(open) = filter.open {
        all.push(Box::new(ticket::open.eq(open).nullable()));
    }
    if !filter.kinds.is_empty() {
        all.push(Box::new(one_of(ticket::kind, filter.kinds.clone()).nullable()));
    }
    if !filter.priorities.is_empty() {
        all.push(Box::new(one_of(ticket::priority, filter.priorities.clone()).nullable()));
    }
    if let Some(category) = filter.category_id {
        all.push(Box::new(ticket::category_id.eq(category)));
    }
    if let Some(reporter) = filter.reporter_id {
        all.push(Box::new(ticket::reporter_id.eq(reporter).nullable()));
    }
    if let Some(assignee) = filter.assignee_id {
        all.push(Box::new(ticket::assignee_id.eq(assignee)));
    }
    if filter.unassigned {
        all.push(Box::new(ticket::assignee_id.is_null().nullable()));
    }
    if let Some(unit) = filter.assigned_unit_id {
        all.push(Box::new(ticket::assigned_unit_id.eq_any(below(unit).select(org_unit_tree::descendant.nullable()))));
    }
    if let Some(unit) = filter.unit_id {
        all.push(Box::new(ticket::unit_id.eq_any(below(unit)).nullable()));
    }
    if let Some(equipment) = filter.equipment_id {
        let linked = ticket_equipment::table.filter(ticket_equipment::equipment_id.eq(equipment)).select(ticket_equipment::ticket_id);
        all.push(Box::new(ticket::id.eq_any(linked).nullable()));
    }
    if filter.overdue {
        let response = ticket::responded_at.is_null().nullable().and(ticket::respond_due.lt(now));
        let solution = ticket::resolved_at.is_null().nullable().and(ticket::resolve_due.lt(now));
        let late = ticket::respond_due.lt(ticket::responded_at).or(ticket::resolve_due.lt(ticket::resolved_at));
        all.push(Box::new(ticket::open.eq(true).nullable().and(response.or(solution).or(late))));
    }
    if filter.unread {
        let seen = ticket_seen::table
            .filter(ticket_seen::ticket_id.eq(ticket::id))
            .filter(ticket_seen::person_id.nullable().eq(me))
            .filter(ticket_seen::seen_at.ge(ticket::activity_at));
        all.push(Box::new(diesel::dsl::not(diesel::dsl::exists(seen.select(ticket_seen::ticket_id))).nullable()));
    }
    if let Some(from) = filter.created_from {
        all.push(Box::new(ticket::created_at.ge(from).nullable()));
    }
    if let Some(to) = filter.created_to {
        all.push(Box::new(ticket::created_at.lt(to).nullable()));
    }
    if let Some(words) = &filter.words {
        all.push(Box::new(db::search::matches::<ticket::table>(backend, "ticket.id", "ticket", words).nullable()));
    }
    all
}

/// The sort key of a row, for the next page.
pub fn key(sort: TicketSort, row: &Ticket) -> (TicketSort, Option<Ts>, TicketId) {
    let at = match sort {
        TicketSort::Created => Some(row.created_at),
        TicketSort::Updated => Some(row.updated_at),
        TicketSort::Due => row.resolve_due,
    };
    (sort, at, row.id)
}

fn position(after: &Cursor, sort: TicketSort) -> Result<(Option<Ts>, TicketId), Error> {
    let (given, at, id): (TicketSort, Option<Ts>, TicketId) = after.key()?;
    if given == sort && (at.is_some() || sort == TicketSort::Due) { Ok((at, id)) } else { after.key::<()>().map(|()| (at, id)) }
}

/// One page within reach.
pub fn page(tx: &mut ReadTx<'_>, filter: &Filter, sort: TicketSort, reach: &Reach, page: &PageRequest) -> Result<Vec<Ticket>, Error> {
    let mut query = ticket::table.select(Ticket::as_select()).into_boxed();
    for condition in conditions(tx, filter, reach) {
        query = query.filter(condition);
    }
    let after = page.after.as_ref().map(|after| position(after, sort)).transpose()?;
    query = match (sort, after) {
        (TicketSort::Created, Some((Some(at), id))) => {
            query.filter(ticket::created_at.le(at).and(ticket::created_at.lt(at).or(ticket::id.lt(id))))
        }
        (TicketSort::Updated, Some((Some(at), id))) => {
            query.filter(ticket::updated_at.le(at).and(ticket::updated_at.lt(at).or(ticket::id.lt(id))))
        }
        (TicketSort::Due, Some((Some(at), id))) => query.filter(
            ticket::resolve_due
                .gt(at)
                .or(ticket::resolve_due.eq(at).and(ticket::id.gt(id).nullable()))
                .or(ticket::resolve_due.is_null().nullable()),
        ),
        (TicketSort::Due, Some((None, id))) => query.filter(ticket::resolve_due.is_null().and(ticket::id.gt(id))),
        (_, _) => query,
    };
    query = match sort {
        TicketSort::Created => query.order((ticket::created_at.desc(), ticket::id.desc())),
        TicketSort::Updated => query.order((ticket::updated_at.desc(), ticket::id.desc())),
        TicketSort::Due => query.order((ticket::resolve_due.is_null(), ticket::resolve_due.asc(), ticket::id.asc())),
    };
    Ok(query.limit(page.limit + 1).load(tx.conn())?)
}

/// How many within reach, by state.
pub fn count_by_state(tx: &mut ReadTx<'_>, filter: &Filter, reach: &Reach) -> Result<HashMap<TicketState, i64>, Error> {
    let mut query = ticket::table.group_by(ticket::state).select((ticket::state, diesel::dsl::count_star())).into_boxed();
    for condition in conditions(tx, filter, reach) {
        query = query.filter(condition);
    }
    Ok(query.load::<(TicketState, i64)>(tx.conn())?.into_iter().collect())
}

/// How many within reach.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter, reach: &Reach) -> Result<i64, Error> {
    let mut query = ticket::table.select(diesel::dsl::count_star()).into_boxed();
    for condition in conditions(tx, filter, reach) {
        query = query.filter(condition);
    }
    Ok(query.get_result(tx.conn())?)
}

pub fn find(tx: &mut ReadTx<'_>, id: TicketId) -> Result<Option<Ticket>, Error> {
    Ok(ticket::table.find(id).select(Ticket::as_select()).get_result(tx.conn()).optional()?)
}

pub fn by_ids(tx: &mut ReadTx<'_>, ids: &[TicketId]) -> Result<Vec<Ticket>, Error> {
    Ok(ticket::table.filter(one_of(ticket::id, ids.iter().copied())).select(Ticket::as_select()).load(tx.conn())?)
}

pub fn text(tx: &mut ReadTx<'_>, id: TicketId) -> Result<Text, Error> {
    Ok(ticket_text::table.find(id).select(Text::as_select()).get_result(tx.conn())?)
}

/// A new ticket, which its author has seen.
pub fn insert(rows: &mut Rows<'_>, row: &Ticket, text: &Text, equipment: &[EquipmentId], author: PersonId) -> Result<(), Error> {
    let now = rows.now();
    let seen = (ticket_seen::ticket_id.eq(row.id), ticket_seen::person_id.eq(author), ticket_seen::seen_at.eq(now));
    insert_together!(
        rows.conn(),
        diesel::insert_into(ticket::table).values(row),
        diesel::insert_into(ticket_text::table).values(text),
        diesel::insert_into(ticket_seen::table).values(seen)
    );
    for id in equipment {
        link(rows, row.id, *id)?;
    }
    db::search::add(rows, "ticket", row.id.uuid(), &words(row, text))
}

/// Replaces a row that still has the expected version.
pub fn update(rows: &mut Rows<'_>, row: &Ticket, text: &Text, expected: i32) -> Result<(), Error> {
    let now = rows.now();
    let row = Ticket { version: expected + 1, updated_at: now, activity_at: now, open: row.state.is_open(), ..row.clone() };
    let hit = diesel::update(ticket::table.find(row.id).filter(ticket::version.eq(expected))).set(row.clone()).execute(rows.conn())?;
    rows.hit_one(hit)?;
    diesel::update(ticket_text::table.find(row.id)).set(text.clone()).execute(rows.conn())?;
    Ok(())
}

/// Title or description changed: it is found by the new words.
pub fn index(rows: &mut Rows<'_>, row: &Ticket, text: &Text) -> Result<(), Error> {
    db::search::replace(rows, "ticket", row.id.uuid(), &words(row, text))
}

/// What it is found by.
fn words(row: &Ticket, text: &Text) -> String {
    format!("{} {} {}", row.number, row.title, text.description)
}

/// Something happened that is no new version of the ticket itself.
pub fn touch(rows: &mut Rows<'_>, id: TicketId) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(ticket::table.find(id)).set(ticket::activity_at.eq(now)).execute(rows.conn())?;
    Ok(())
}

/// The person has seen it as it is now.
pub fn seen(rows: &mut Rows<'_>, id: TicketId, person: PersonId) -> Result<(), Error> {
    let now = rows.now();
    let before = diesel::update(ticket_seen::table.find((id, person))).set(ticket_seen::seen_at.eq(now)).execute(rows.conn())?;
    if before == 0 {
        let row = (ticket_seen::ticket_id.eq(id), ticket_seen::person_id.eq(person), ticket_seen::seen_at.eq(now));
        diesel::insert_into(ticket_seen::table).values(row).execute(rows.conn())?;
    }
    Ok(())
}

/// When the person saw these last.
pub fn seen_at(tx: &mut ReadTx<'_>, ids: &[TicketId], person: Option<PersonId>) -> Result<HashMap<TicketId, Ts>, Error> {
    let rows: Vec<(TicketId, Ts)> = ticket_seen::table
        .filter(one_of(ticket_seen::ticket_id, ids.iter().copied()))
        .filter(ticket_seen::person_id.nullable().eq(person))
        .select((ticket_seen::ticket_id, ticket_seen::seen_at))
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

// Equipment.

pub fn link(rows: &mut Rows<'_>, id: TicketId, equipment: EquipmentId) -> Result<(), Error> {
    diesel::insert_into(ticket_equipment::table)
        .values((ticket_equipment::ticket_id.eq(id), ticket_equipment::equipment_id.eq(equipment)))
        .execute(rows.conn())?;
    Ok(())
}

pub fn unlink(rows: &mut Rows<'_>, id: TicketId, equipment: EquipmentId) -> Result<(), Error> {
    let hit = diesel::delete(ticket_equipment::table.find((id, equipment))).execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn equipment_of(tx: &mut ReadTx<'_>, id: TicketId) -> Result<Vec<EquipmentId>, Error> {
    Ok(ticket_equipment::table.filter(ticket_equipment::ticket_id.eq(id)).select(ticket_equipment::equipment_id).load(tx.conn())?)
}

/// Open tickets about a piece of equipment.
pub fn open_about(tx: &mut ReadTx<'_>, equipment: EquipmentId) -> Result<Vec<(TicketId, TicketType)>, Error> {
    let linked = ticket_equipment::table.filter(ticket_equipment::equipment_id.eq(equipment)).select(ticket_equipment::ticket_id);
    Ok(ticket::table.filter(ticket::open.eq(true)).filter(ticket::id.eq_any(linked)).select((ticket::id, ticket::kind)).load(tx.conn())?)
}

/// Open tickets that somebody still works on.
pub fn open_of_assignee(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    Ok(ticket::table.filter(ticket::open.eq(true)).filter(ticket::assignee_id.eq(person)).count().get_result(tx.conn())?)
}

// Watchers.

pub fn watchers(tx: &mut ReadTx<'_>, id: TicketId) -> Result<Vec<PersonId>, Error> {
    Ok(ticket_watcher::table.filter(ticket_watcher::ticket_id.eq(id)).select(ticket_watcher::person_id).load(tx.conn())?)
}

/// Which of these the person watches.
pub fn watched(tx: &mut ReadTx<'_>, ids: &[TicketId], person: Option<PersonId>) -> Result<BTreeSet<TicketId>, Error> {
    let rows: Vec<TicketId> = ticket_watcher::table
        .filter(one_of(ticket_watcher::ticket_id, ids.iter().copied()))
        .filter(ticket_watcher::person_id.nullable().eq(person))
        .select(ticket_watcher::ticket_id)
        .load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

pub fn watch(rows: &mut Rows<'_>, id: TicketId, person: PersonId) -> Result<(), Error> {
    diesel::insert_into(ticket_watcher::table)
        .values((ticket_watcher::ticket_id.eq(id), ticket_watcher::person_id.eq(person)))
        .execute(rows.conn())?;
    Ok(())
}

pub fn unwatch(rows: &mut Rows<'_>, id: TicketId, person: PersonId) -> Result<(), Error> {
    let hit = diesel::delete(ticket_watcher::table.find((id, person))).execute(rows.conn())?;
    rows.hit_one(hit)
}

// Notes and attachments.

pub fn insert_note(rows: &mut Rows<'_>, note: &Note) -> Result<(), Error> {
    diesel::insert_into(ticket_note::table).values(note.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn notes(tx: &mut ReadTx<'_>, id: TicketId) -> Result<Vec<Note>, Error> {
    Ok(ticket_note::table
        .filter(ticket_note::ticket_id.eq(id))
        .select(Note::as_select())
        .order((ticket_note::created_at, ticket_note::id))
        .load(tx.conn())?)
}

pub fn insert_attachment(rows: &mut Rows<'_>, attachment: &Attachment) -> Result<(), Error> {
    diesel::insert_into(ticket_attachment::table).values(attachment.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn attachments(tx: &mut ReadTx<'_>, id: TicketId) -> Result<Vec<Attachment>, Error> {
    Ok(ticket_attachment::table
        .filter(ticket_attachment::ticket_id.eq(id))
        .select(Attachment::as_select())
        .order((ticket_attachment::added_at, ticket_attachment::file_id))
        .load(tx.conn())?)
}

pub fn attachment(tx: &mut ReadTx<'_>, id: TicketId, file: FileId) -> Result<Option<Attachment>, Error> {
    Ok(ticket_attachment::table.find((id, file)).select(Attachment::as_select()).get_result(tx.conn()).optional()?)
}

// Categories.

pub fn categories(tx: &mut ReadTx<'_>) -> Result<Vec<Category>, Error> {
    Ok(ticket_category::table.select(Category::as_select()).order(ticket_category::name).load(tx.conn())?)
}

pub fn category(tx: &mut ReadTx<'_>, id: CategoryId) -> Result<Option<Category>, Error> {
    Ok(ticket_category::table.find(id).select(Category::as_select()).get_result(tx.conn()).optional()?)
}

pub fn category_by_name(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<Category>, Error> {
    Ok(ticket_category::table.filter(ticket_category::name.eq(name)).select(Category::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_category(rows: &mut Rows<'_>, row: &Category) -> Result<(), Error> {
    diesel::insert_into(ticket_category::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn update_category(rows: &mut Rows<'_>, row: &Category, expected: i32) -> Result<(), Error> {
    let row = Category { version: expected + 1, ..row.clone() };
    let hit =
        diesel::update(ticket_category::table.find(row.id).filter(ticket_category::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

// Settings.

pub fn settings(tx: &mut ReadTx<'_>) -> Result<Vec<Setting>, Error> {
    Ok(ticket_setting::table.select(Setting::as_select()).load(tx.conn())?)
}

/// Which settings there are, and of which version.
pub fn setting_versions(tx: &mut ReadTx<'_>) -> Result<Vec<(SettingId, i32)>, Error> {
    Ok(ticket_setting::table.select((ticket_setting::id, ticket_setting::version)).order(ticket_setting::id).load(tx.conn())?)
}

pub fn setting(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<Setting>, Error> {
    Ok(ticket_setting::table.filter(ticket_setting::name.eq(name)).select(Setting::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_setting(rows: &mut Rows<'_>, row: &Setting) -> Result<(), Error> {
    diesel::insert_into(ticket_setting::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn update_setting(rows: &mut Rows<'_>, id: SettingId, expected: i32, value: &RawJson) -> Result<(), Error> {
    let hit = diesel::update(ticket_setting::table.find(id).filter(ticket_setting::version.eq(expected)))
        .set((ticket_setting::value.eq(value), ticket_setting::version.eq(expected + 1)))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

// Saved views.

pub fn views_of(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<SavedView>, Error> {
    Ok(ticket_view::table
        .filter(ticket_view::person_id.eq(person))
        .select(SavedView::as_select())
        .order((ticket_view::position, ticket_view::name))
        .load(tx.conn())?)
}

pub fn view(tx: &mut ReadTx<'_>, id: SavedViewId) -> Result<Option<SavedView>, Error> {
    Ok(ticket_view::table.find(id).select(SavedView::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_view(rows: &mut Rows<'_>, row: &SavedView) -> Result<(), Error> {
    diesel::insert_into(ticket_view::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn update_view(rows: &mut Rows<'_>, row: &SavedView, expected: i32) -> Result<(), Error> {
    let row = SavedView { version: expected + 1, ..row.clone() };
    let hit = diesel::update(ticket_view::table.find(row.id).filter(ticket_view::version.eq(expected))).set(row).execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn delete_view(rows: &mut Rows<'_>, id: SavedViewId) -> Result<(), Error> {
    let hit = diesel::delete(ticket_view::table.find(id)).execute(rows.conn())?;
    rows.hit_one(hit)
}

//! What tickets look like to readers.

use std::collections::{BTreeMap, HashMap};

use audit::RecordChange;
use db::ReadTx;
use equipment::EquipmentRef;
use identity::{PersonRef, UnitRef, directory::Names};
use kernel::{
    Error, Page, PageRequest, Ts, Uuid,
    calendar::{Due, Pause, Stretch},
};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    AllowedAction, DrivenBy, View,
    sheet::{Cell, Column},
};

use super::reach;
use crate::{
    model::{
        Appraisal, CategoryId, Level, NoteId, NoteType, Priority, Ticket, TicketAction, TicketId, TicketState, TicketType, VendorRepair,
    },
    policy,
    service::{self, Whole},
    settings::Settings,
    store::{self, Filter, TicketSort},
};

/// A category as others refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CategoryRef {
    pub id: CategoryId,
    pub name: String,
}

/// A ticket in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TicketItem {
    pub id: TicketId,
    pub number: String,
    pub kind: TicketType,
    pub title: String,
    pub state: TicketState,
    pub impact: Level,
    pub urgency: Level,
    pub priority: Priority,
    #[schema(required)]
    pub category: Option<CategoryRef>,
    pub reporter: PersonRef,
    /// Of the reporter.
    pub unit: UnitRef,
    /// To which it was given.
    #[schema(required)]
    pub assigned_unit: Option<UnitRef>,
    #[schema(required)]
    pub assignee: Option<PersonRef>,
    /// When somebody should have begun.
    #[schema(required)]
    pub respond_due: Option<Ts>,
    /// When it should be solved; null while the clock stands still.
    #[schema(required)]
    pub resolve_due: Option<Ts>,
    #[schema(required)]
    pub responded_at: Option<Ts>,
    #[schema(required)]
    pub resolved_at: Option<Ts>,
    #[schema(required)]
    pub closed_at: Option<Ts>,
    /// Whether a due time has passed.
    pub overdue: bool,
    /// Whether something happened since the reader looked.
    pub unread: bool,
    pub created_at: Ts,
    pub updated_at: Ts,
    /// For If-Match.
    pub version: i32,
}

/// A file of a ticket.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    pub id: files::FileId,
    pub name: String,
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Not for the reporter.
    pub internal: bool,
    pub by: PersonRef,
    pub at: Ts,
}

/// A ticket with everything.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TicketDetail {
    #[serde(flatten)]
    pub item: TicketItem,
    pub description: String,
    #[schema(required)]
    pub place: Option<String>,
    #[schema(required)]
    pub contact: Option<String>,
    pub equipment: Vec<EquipmentRef>,
    pub attachments: Vec<AttachmentView>,
    pub watchers: Vec<PersonRef>,
    /// Whether the reader is among them.
    pub watching: bool,
    #[schema(required)]
    pub appraisal: Option<Appraisal>,
    #[schema(required)]
    pub vendor_repair: Option<VendorRepair>,
    #[schema(required)]
    pub resolution: Option<String>,
    /// Why it was refused, cancelled or opened again.
    #[schema(required)]
    pub reason: Option<String>,
    /// 1 to 5.
    #[schema(required)]
    pub satisfaction: Option<i32>,
    #[schema(required)]
    pub satisfaction_comment: Option<String>,
    /// Whether the clock stands still.
    pub paused: bool,
    /// Until when it can be opened again.
    #[schema(required)]
    pub reopen_until: Option<Ts>,
    /// The case that takes some or all of its steps.
    #[schema(required)]
    pub driven_by: Option<DrivenBy>,
    pub allowed_actions: Vec<AllowedAction>,
}
impl View for TicketDetail {
    fn version(&self) -> Option<i32> {
        Some(self.item.version)
    }
}

/// How many, of the tickets that a list would show.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CountsView {
    /// Open ones by state.
    pub by_state: BTreeMap<String, i64>,
    /// All open ones.
    pub open: i64,
    /// Open ones whose due time has passed.
    pub overdue: i64,
    /// Open ones with something new for the reader.
    pub unread: i64,
}
impl View for CountsView {}

fn items(tx: &mut ReadTx<'_>, rows: &[Ticket]) -> Result<Vec<TicketItem>, Error> {
    let me = tx.actor().person();
    let ids: Vec<TicketId> = rows.iter().map(|row| row.id).collect();
    let seen = store::seen_at(tx, &ids, me)?;
    let names = service::names(tx, rows, &[])?;
    items_seen(tx, rows, &names, &seen)
}

fn items_seen(tx: &mut ReadTx<'_>, rows: &[Ticket], names: &Names, seen: &HashMap<TicketId, Ts>) -> Result<Vec<TicketItem>, Error> {
    let now = tx.now();
    let categories = if rows.iter().any(|row| row.category_id.is_some()) { store::categories(tx)? } else { Vec::new() };
    let category = |id: CategoryId| {
        let found = categories.iter().find(|category| category.id == id);
        found.map(|category| CategoryRef { id, name: category.name.clone() })
    };
    Ok(rows
        .iter()
        .map(|row| TicketItem {
            id: row.id,
            number: row.number.clone(),
            kind: row.kind,
            title: row.title.clone(),
            state: row.state,
            impact: row.impact,
            urgency: row.urgency,
            priority: row.priority,
            category: row.category_id.and_then(category),
            reporter: names.person(row.reporter_id),
            unit: names.unit(row.unit_id),
            assigned_unit: row.assigned_unit_id.map(|id| names.unit(id)),
            assignee: row.assignee_id.map(|id| names.person(id)),
            respond_due: row.respond_due,
            resolve_due: row.resolve_due,
            responded_at: row.responded_at,
            resolved_at: row.resolved_at,
            closed_at: row.closed_at,
            overdue: row.overdue(now),
            unread: seen.get(&row.id).is_none_or(|at| *at < row.activity_at),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
        .collect())
}

/// One page of a list.
pub fn page(tx: &mut ReadTx<'_>, filter: &Filter, sort: TicketSort, page: &PageRequest) -> Result<Page<TicketItem>, Error> {
    let reach = reach(tx);
    let rows = store::page(tx, filter, sort, &reach, page)?;
    let page = page.page(rows, |row| store::key(sort, row));
    Ok(Page { items: items(tx, &page.items)?, next_cursor: page.next_cursor })
}

/// Counts of open tickets.
pub fn counts(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<CountsView, Error> {
    let reach = reach(tx);
    let open = Filter { open: Some(true), ..filter.clone() };
    let by_state = store::count_by_state(tx, &open, &reach)?;
    let overdue = store::count(tx, &Filter { overdue: true, ..open.clone() }, &reach)?;
    let unread = store::count(tx, &Filter { unread: true, ..open.clone() }, &reach)?;
    Ok(CountsView {
        open: by_state.values().sum(),
        by_state: by_state.into_iter().map(|(state, count)| (state.to_string(), count)).collect(),
        overdue,
        unread,
    })
}

/// One ticket with what the reader may do.
pub fn detail(tx: &mut ReadTx<'_>, id: TicketId) -> Result<TicketDetail, Error> {
    let whole = service::whole(tx, id)?;
    detail_of(tx, whole)
}

/// The same of a ticket that is at hand.
pub fn detail_of(tx: &mut ReadTx<'_>, whole: Whole) -> Result<TicketDetail, Error> {
    let Whole { row, text, settings, watching, seen_at, equipment: linked, watchers, attachments, names } = whole;
    let (actor, chinese) = (tx.actor(), tx.actor().chinese);
    let internal = policy::sees_internal(actor, &row);
    let mut allowed_actions = vec![AllowedAction::of("update", policy::check_change(actor, &row), chinese)];
    let driver = tx.driver(row.id)?;
    for action in TicketAction::ALL {
        let verdict = service::check_action(tx, &row, &text, &settings, driver.as_ref(), *action);
        allowed_actions.push(AllowedAction::of(action.as_str(), verdict, chinese));
    }
    allowed_actions.push(AllowedAction::of("comment", policy::check_participant(actor, &row, watching), chinese));
    let inside = if internal { Ok(()) } else { Err(Error::forbidden(kernel::Code::TicketNotAssignee)) };
    allowed_actions.push(AllowedAction::of("comment_internally", inside, chinese));
    allowed_actions.push(AllowedAction::of("record_site_note", policy::check_handler(actor, &row), chinese));
    let equipment = equipment::service::references(tx, &linked)?;
    let attachments = attachments
        .into_iter()
        .filter(|file| internal || !file.internal)
        .map(|file| AttachmentView {
            id: file.file_id,
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            internal: file.internal,
            by: PersonRef { id: file.added_by, name: file.added_by_name },
            at: file.added_at,
        })
        .collect();
    let pauses: Vec<Pause> = text.pauses.parse()?;
    let seen = seen_at.map(|at| (row.id, at)).into_iter().collect();
    let item = items_seen(tx, std::slice::from_ref(&row), &names, &seen)?.pop().ok_or_else(|| Error::internal("a row without its view"))?;
    Ok(TicketDetail {
        item,
        place: text.place.clone(),
        contact: text.contact.clone(),
        equipment,
        attachments,
        watchers: watchers.iter().map(|id| names.person(*id)).collect(),
        watching,
        appraisal: text.appraisal()?,
        vendor_repair: text.vendor_repair()?,
        resolution: text.resolution.clone(),
        reason: text.reason.clone(),
        satisfaction: text.satisfaction,
        satisfaction_comment: text.satisfaction_comment.clone(),
        paused: pauses.iter().any(|pause| pause.to.is_none()),
        reopen_until: settings.reopen_until(&row),
        driven_by: driver.map(Into::into),
        allowed_actions,
        description: text.description,
    })
}

kernel::text_enum! {
    /// What stands in a timeline.
    pub enum EntryKind {
        /// A step or a change, from the log.
        Record = "record",
        /// A comment.
        Comment = "comment",
        /// An on-site record.
        SiteNote = "site_note",
        /// A file.
        Attachment = "attachment",
    }
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineEntry {
    pub at: Ts,
    pub kind: EntryKind,
    /// Who did it, as they were called then.
    pub by: String,
    /// Their id, if they are a person.
    #[schema(required)]
    pub by_id: Option<Uuid>,
    /// `ticket.dispatched`
    #[schema(required)]
    pub action: Option<String>,
    #[schema(required)]
    pub text: Option<String>,
    /// Not for the reporter.
    pub internal: bool,
    /// On site from.
    #[schema(required)]
    pub arrived_at: Option<Ts>,
    /// On site to.
    #[schema(required)]
    pub left_at: Option<Ts>,
    /// Files of a note, or the file itself.
    pub files: Vec<AttachmentView>,
    /// What a step changed.
    pub changes: Vec<RecordChange>,
    /// The record, for whoever may read records.
    #[schema(required)]
    pub record_id: Option<Uuid>,
}

/// Everything that happened, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineView {
    pub items: Vec<TimelineEntry>,
}
impl View for TimelineView {}

/// What has its own entry, or is of no interest in a story.
const TOLD_OTHERWISE: &[&str] = &["ticket.commented", "ticket.site_recorded", "ticket.file_attached", "ticket.alerted"];

/// The story of a ticket.
pub fn timeline(tx: &mut ReadTx<'_>, id: TicketId) -> Result<TimelineView, Error> {
    let (row, _) = service::visible(tx, id)?;
    let internal = policy::sees_internal(tx.actor(), &row);
    let mut files: BTreeMap<Option<NoteId>, Vec<AttachmentView>> = BTreeMap::new();
    for file in store::attachments(tx, id)?.into_iter().filter(|file| internal || !file.internal) {
        let by = PersonRef { id: file.added_by, name: file.added_by_name };
        let view = AttachmentView {
            id: file.file_id,
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            internal: file.internal,
            by,
            at: file.added_at,
        };
        files.entry(file.note_id).or_default().push(view);
    }
    let mut items: Vec<TimelineEntry> = Vec::new();
    for record in audit::history(tx, id)? {
        if TOLD_OTHERWISE.contains(&record.action.as_str()) {
            continue;
        }
        // What was asked and answered is a comment too, and is told there.
        let told = matches!(record.action.as_str(), "ticket.reporter_asked" | "ticket.answered");
        items.push(TimelineEntry {
            at: record.time,
            kind: EntryKind::Record,
            by: record.actor.name.unwrap_or_default(),
            by_id: record.actor.id,
            action: Some(record.action),
            text: record.note.filter(|_| !told),
            internal: false,
            arrived_at: None,
            left_at: None,
            files: Vec::new(),
            changes: record.changes,
            record_id: Some(record.id.uuid()),
        });
    }
    for note in store::notes(tx, id)?.into_iter().filter(|note| internal || !note.internal) {
        items.push(TimelineEntry {
            at: note.created_at,
            kind: if note.kind == NoteType::Comment { EntryKind::Comment } else { EntryKind::SiteNote },
            by: note.author_name,
            by_id: Some(note.author_id.uuid()),
            action: None,
            text: Some(note.text),
            internal: note.internal,
            arrived_at: note.arrived_at,
            left_at: note.left_at,
            files: files.remove(&Some(note.id)).unwrap_or_default(),
            changes: Vec::new(),
            record_id: None,
        });
    }
    for file in files.remove(&None).unwrap_or_default() {
        items.push(TimelineEntry {
            at: file.at,
            kind: EntryKind::Attachment,
            by: file.by.name.clone(),
            by_id: Some(file.by.id.uuid()),
            action: None,
            text: None,
            internal: file.internal,
            arrived_at: None,
            left_at: None,
            files: vec![file],
            changes: Vec::new(),
            record_id: None,
        });
    }
    items.sort_by_key(|entry| entry.at);
    Ok(TimelineView { items })
}

/// How a due time came about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueExplained {
    /// Working minutes that the service level allows.
    pub minutes: i64,
    /// The due time; null while the clock stands still.
    #[schema(required)]
    pub due: Option<Ts>,
    /// Stretch by stretch.
    pub stretches: Vec<Stretch>,
}

/// Both due times.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DueView {
    pub priority: Priority,
    /// From when they count.
    pub from: Ts,
    pub respond: DueExplained,
    pub resolve: DueExplained,
}
impl View for DueView {}

/// Explains both due times, by the calendar and the service levels as they are now.
pub fn due(tx: &mut ReadTx<'_>, id: TicketId) -> Result<DueView, Error> {
    let (row, _) = service::visible(tx, id)?;
    let settings = Settings::load(tx)?;
    let pauses: Vec<Pause> = store::text(tx, id)?.pauses.parse()?;
    let level = settings.levels.of(row.priority)?;
    let explain = |minutes, due: Due| DueExplained { minutes, due: due.at, stretches: due.stretches };
    Ok(DueView {
        priority: row.priority,
        from: row.created_at,
        respond: explain(level.respond_minutes, settings.respond(row.priority, row.created_at)?),
        resolve: explain(level.resolve_minutes, settings.resolve(row.priority, row.created_at, &pauses)?),
    })
}

/// Columns of a download.
pub fn columns(chinese: bool) -> Vec<Column> {
    let titles = [
        ("number", "编号", "Number"),
        ("kind", "类型", "TicketType"),
        ("title", "标题", "Title"),
        ("state", "状态", "TicketState"),
        ("priority", "优先级", "Priority"),
        ("category", "分类", "Category"),
        ("reporter", "报告人", "Reporter"),
        ("unit", "单位", "Unit"),
        ("assigned_unit", "处理组", "Group"),
        ("assignee", "处理人", "Assignee"),
        ("created_at", "报告时间", "Reported"),
        ("respond_due", "响应时限", "Respond by"),
        ("responded_at", "响应时间", "Responded"),
        ("resolve_due", "解决时限", "Solve by"),
        ("resolved_at", "解决时间", "Solved"),
        ("closed_at", "关闭时间", "Closed"),
        ("overdue", "超时", "Overdue"),
    ];
    titles.iter().map(|(key, zh, en)| Column::new(key, if chinese { zh } else { en })).collect()
}

/// A row of a download.
pub fn cells(item: &TicketItem, chinese: bool) -> Vec<Cell> {
    let time = |at: Option<Ts>| Cell::text(at.map(|at| at.to_string()));
    vec![
        Cell::text(item.number.clone()),
        Cell::text(item.kind.to_string()),
        Cell::text(item.title.clone()),
        Cell::text(item.state.title(chinese).to_owned()),
        Cell::text(item.priority.to_string()),
        Cell::text(item.category.as_ref().map(|category| category.name.clone())),
        Cell::text(item.reporter.name.clone()),
        Cell::text(item.unit.name.clone()),
        Cell::text(item.assigned_unit.as_ref().map(|unit| unit.name.clone())),
        Cell::text(item.assignee.as_ref().map(|person| person.name.clone())),
        time(Some(item.created_at)),
        time(item.respond_due),
        time(item.responded_at),
        time(item.resolve_due),
        time(item.resolved_at),
        time(item.closed_at),
        Cell::text(item.overdue.to_string()),
    ]
}

//! Types and the state machine. Pure.

use equipment::EquipmentId;
use kernel::{Code, Date, Error, PersonId, Ts, UnitId, column::RawJson, kinds};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema;

kinds! {
    /// A ticket.
    TicketKind, TicketId = "ticket";
    /// A category of tickets.
    CategoryKind, CategoryId = "ticket_category";
    /// Service levels, working hours, the special days of a year.
    SettingKind, SettingId = "ticket_setting";
    /// A comment or an on-site record.
    NoteKind, NoteId = "ticket_note";
    /// A saved view.
    SavedViewKind, SavedViewId = "ticket_view";
}

kernel::text_enum! {
    /// What a ticket is about (ITIL).
    pub enum TicketType {
        /// 故障: a thing does not work.
        Fault = "fault",
        /// 服务请求: something is wanted.
        Request = "request",
        /// 事件: a service is disturbed for several.
        Incident = "incident",
        /// 咨询: a question.
        Consultation = "consultation",
    }
}

kernel::text_enum! {
    /// Where a ticket stands.
    pub enum TicketState {
        /// 待派单
        New = "new",
        /// 已派单
        Dispatched = "dispatched",
        /// 处理中
        InProgress = "in_progress",
        /// 待报告人回复: the clock stands still.
        WaitingReporter = "waiting_reporter",
        /// 外修中
        WaitingVendor = "waiting_vendor",
        /// 已解决, to be confirmed.
        Resolved = "resolved",
        /// 已关闭
        Closed = "closed",
        /// 已拒绝
        Refused = "refused",
        /// 已取消
        Cancelled = "cancelled",
    }
}

impl TicketState {
    /// Whether somebody still has to do something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Refused | Self::Cancelled)
    }

    /// The word people read.
    #[must_use]
    pub const fn title(self, chinese: bool) -> &'static str {
        match (self, chinese) {
            (Self::New, true) => "待派单",
            (Self::Dispatched, true) => "已派单",
            (Self::InProgress, true) => "处理中",
            (Self::WaitingReporter, true) => "待回复",
            (Self::WaitingVendor, true) => "外修中",
            (Self::Resolved, true) => "待确认",
            (Self::Closed, true) => "已关闭",
            (Self::Refused, true) => "已拒绝",
            (Self::Cancelled, true) => "已取消",
            (other, false) => other.as_str(),
        }
    }
}

kernel::text_enum! {
    /// How many are affected, or how soon it is needed.
    pub enum Level {
        /// One person; can wait.
        Low = "low",
        /// A unit; today.
        Medium = "medium",
        /// The company; at once.
        High = "high",
    }
}

kernel::text_enum! {
    /// In which order things are done; follows from impact and urgency.
    pub enum Priority {
        /// 紧急
        Critical = "critical",
        /// 高
        High = "high",
        /// 中
        Medium = "medium",
        /// 低
        Low = "low",
    }
}

impl Priority {
    /// The matrix of ITIL, on three levels each.
    #[must_use]
    pub const fn of(impact: Level, urgency: Level) -> Self {
        use Level::{High, Low, Medium};
        match (impact, urgency) {
            (High, High) => Self::Critical,
            (High, Medium) | (Medium, High) => Self::High,
            (High, Low) | (Medium, Medium) | (Low, High) => Self::Medium,
            (Medium, Low) | (Low, Medium | Low) => Self::Low,
        }
    }
}

kernel::text_enum! {
    /// What can be done with a ticket. Each step is legal from some states only.
    pub enum TicketAction {
        /// 派单, 转派
        Dispatch = "dispatch",
        /// 开始处理, taking it if nobody has it
        Start = "start",
        /// 请报告人补充
        AskReporter = "ask_reporter",
        /// 报告人回复
        Answer = "answer",
        /// 鉴定
        Appraise = "appraise",
        /// 送外维修
        SendToVendor = "send_to_vendor",
        /// 外修返回
        ReturnFromVendor = "return_from_vendor",
        /// 解决
        Resolve = "resolve",
        /// 确认关闭
        Confirm = "confirm",
        /// 重新打开
        Reopen = "reopen",
        /// 拒绝受理
        Refuse = "refuse",
        /// 取消
        Cancel = "cancel",
    }
}

impl TicketAction {
    /// The state after it; refuses what is not legal from here.
    pub fn apply(self, from: TicketState) -> Result<TicketState, Error> {
        use TicketState::{Cancelled, Closed, Dispatched, InProgress, New, Refused, Resolved, WaitingReporter, WaitingVendor};
        match (self, from) {
            (Self::Dispatch, New | Dispatched | InProgress) => Ok(Dispatched),
            (Self::Start, New | Dispatched)
            | (Self::Answer, WaitingReporter)
            | (Self::Appraise, InProgress)
            | (Self::ReturnFromVendor, WaitingVendor)
            | (Self::Reopen, Resolved | Closed) => Ok(InProgress),
            (Self::AskReporter, InProgress) => Ok(WaitingReporter),
            (Self::SendToVendor, InProgress) => Ok(WaitingVendor),
            (Self::Resolve, InProgress) => Ok(Resolved),
            (Self::Confirm, Resolved) => Ok(Closed),
            (Self::Refuse, New | Dispatched) => Ok(Refused),
            (Self::Cancel, New | Dispatched | InProgress | WaitingReporter) => Ok(Cancelled),
            (Self::Resolve | Self::Cancel, WaitingVendor) => Err(Error::new(Code::TicketVendorPending)),
            _ => Err(Error::new(Code::TicketState).with("state", from.title(true))),
        }
    }

    /// The action of a record.
    #[must_use]
    pub const fn event(self) -> &'static str {
        match self {
            Self::Dispatch => "ticket.dispatched",
            Self::Start => "ticket.started",
            Self::AskReporter => "ticket.reporter_asked",
            Self::Answer => "ticket.answered",
            Self::Appraise => "ticket.appraised",
            Self::SendToVendor => "ticket.sent_to_vendor",
            Self::ReturnFromVendor => "ticket.returned_from_vendor",
            Self::Resolve => "ticket.resolved",
            Self::Confirm => "ticket.confirmed",
            Self::Reopen => "ticket.reopened",
            Self::Refuse => "ticket.refused",
            Self::Cancel => "ticket.cancelled",
        }
    }

    /// Fields that it needs, and fields that it may have besides.
    #[must_use]
    pub const fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Dispatch => (&["unit_id"], &["assignee_id", "text"]),
            Self::Start => (&[], &["text"]),
            Self::AskReporter | Self::Answer | Self::Reopen | Self::Refuse | Self::Cancel => (&["text"], &[]),
            Self::Appraise => (&["cause", "text", "repairable"], &[]),
            Self::SendToVendor => (&["vendor"], &["expected_back", "equipment_id", "text"]),
            Self::ReturnFromVendor => (&["text", "repaired"], &[]),
            Self::Resolve => (&["text"], &["repaired"]),
            Self::Confirm => (&[], &["satisfaction", "text"]),
        }
    }
}

kernel::text_enum! {
    /// What somebody wrote to a ticket.
    pub enum NoteType {
        /// 回复、备注
        Comment = "comment",
        /// 现场记录
        SiteNote = "site_note",
    }
}

/// What was found out about a fault (鉴定结果).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Appraisal {
    /// Why it failed.
    pub cause: String,
    /// What is to be done.
    pub conclusion: String,
    /// Whether it can be repaired in the house.
    pub repairable: bool,
    /// Who says so.
    pub by: String,
    /// When.
    pub at: Ts,
}

/// A repair by a vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VendorRepair {
    /// To whom it was sent.
    pub vendor: String,
    /// What was sent.
    pub equipment_id: EquipmentId,
    /// When.
    pub sent_at: Ts,
    /// When it should be back.
    #[schema(required)]
    pub expected_back: Option<Date>,
    /// When it came back.
    #[schema(required)]
    pub returned_at: Option<Ts>,
    /// What the vendor did.
    #[schema(required)]
    pub result: Option<String>,
    /// Whether it works again.
    #[schema(required)]
    pub repaired: Option<bool>,
}

/// A ticket's row: what lists show.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::ticket, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Ticket {
    pub id: TicketId,
    pub number: String,
    pub kind: TicketType,
    pub title: String,
    pub state: TicketState,
    pub open: bool,
    pub impact: Level,
    pub urgency: Level,
    pub priority: Priority,
    pub category_id: Option<CategoryId>,
    pub reporter_id: PersonId,
    pub unit_id: UnitId,
    pub assigned_unit_id: Option<UnitId>,
    pub assignee_id: Option<PersonId>,
    pub respond_due: Option<Ts>,
    pub resolve_due: Option<Ts>,
    pub responded_at: Option<Ts>,
    pub resolved_at: Option<Ts>,
    pub closed_at: Option<Ts>,
    pub created_at: Ts,
    pub updated_at: Ts,
    pub activity_at: Ts,
    pub version: i32,
}

impl Ticket {
    /// How a person would name it.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.number, self.title)
    }

    /// Whether a due time has passed.
    #[must_use]
    pub fn overdue(&self, now: Ts) -> bool {
        let missed = |due: Option<Ts>, done: Option<Ts>| due.is_some_and(|due| done.unwrap_or(now) > due);
        self.open && (missed(self.respond_due, self.responded_at) || missed(self.resolve_due, self.resolved_at))
    }
}

/// What only the detail shows.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::ticket_text, primary_key(ticket_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Text {
    pub ticket_id: TicketId,
    pub description: String,
    pub place: Option<String>,
    pub contact: Option<String>,
    pub pauses: RawJson,
    pub appraisal: Option<RawJson>,
    pub vendor_repair: Option<RawJson>,
    pub resolution: Option<String>,
    pub reason: Option<String>,
    pub satisfaction: Option<i32>,
    pub satisfaction_comment: Option<String>,
}

impl Text {
    /// The appraisal, if there is one.
    pub fn appraisal(&self) -> Result<Option<Appraisal>, Error> {
        self.appraisal.as_ref().map(RawJson::parse).transpose()
    }
    /// The vendor's repair, if there is one.
    pub fn vendor_repair(&self) -> Result<Option<VendorRepair>, Error> {
        self.vendor_repair.as_ref().map(RawJson::parse).transpose()
    }
}

/// A comment or an on-site record.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::ticket_note, treat_none_as_default_value = false)]
pub struct Note {
    pub id: NoteId,
    pub ticket_id: TicketId,
    pub kind: NoteType,
    pub internal: bool,
    pub text: String,
    pub author_id: PersonId,
    pub author_name: String,
    pub arrived_at: Option<Ts>,
    pub left_at: Option<Ts>,
    pub created_at: Ts,
}

/// An attached file.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::ticket_attachment, treat_none_as_default_value = false)]
pub struct Attachment {
    pub ticket_id: TicketId,
    pub file_id: files::FileId,
    pub note_id: Option<NoteId>,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub internal: bool,
    pub added_by: PersonId,
    pub added_by_name: String,
    pub added_at: Ts,
}

/// A category.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::ticket_category, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Category {
    pub id: CategoryId,
    pub name: String,
    pub kind: Option<TicketType>,
    pub default_unit_id: Option<UnitId>,
    pub active: bool,
    pub version: i32,
}

/// A named document of settings.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::ticket_setting, treat_none_as_default_value = false)]
pub struct Setting {
    pub id: SettingId,
    pub name: String,
    pub value: RawJson,
    pub version: i32,
}

/// A list somebody comes back to.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::ticket_view, treat_none_as_default_value = false)]
pub struct SavedView {
    pub id: SavedViewId,
    pub person_id: PersonId,
    pub name: String,
    pub filter: String,
    pub position: i32,
    pub version: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_can_only_be_reopened() {
        for state in TicketState::ALL.iter().filter(|state| !state.is_open()) {
            let possible: Vec<TicketAction> = TicketAction::ALL.iter().copied().filter(|action| action.apply(*state).is_ok()).collect();
            assert_eq!(possible, if *state == TicketState::Closed { vec![TicketAction::Reopen] } else { vec![] });
        }
    }

    #[test]
    fn every_state_that_is_not_over_has_a_way_on() {
        for state in TicketState::ALL.iter().filter(|state| state.is_open()) {
            assert!(TicketAction::ALL.iter().any(|action| action.apply(*state).is_ok()), "{state}");
        }
    }

    #[test]
    fn priority_grows_with_impact_and_with_urgency() {
        let rank = |impact, urgency| Priority::ALL.iter().position(|priority| *priority == Priority::of(impact, urgency));
        for (low, high) in [(Level::Low, Level::Medium), (Level::Medium, Level::High)] {
            for other in Level::ALL {
                assert!(rank(high, *other) <= rank(low, *other));
                assert!(rank(*other, high) <= rank(*other, low));
            }
        }
    }
}

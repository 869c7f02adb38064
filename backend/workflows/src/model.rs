//! Types of this slice.

use kernel::{PersonId, Ts, UnitId, column::RawJson, kinds};
use serde::{Deserialize, Serialize};

use crate::schema;

kinds! {
    /// A process as it is defined.
    ProcessKind, ProcessId = "process";
    /// One published version of a process.
    ReleaseKind, ReleaseId = "release";
    /// One run of a process.
    CaseKind, CaseId = "case";
    /// One thing that one person has to do.
    WorkItemKind, WorkItemId = "work_item";
    /// A case that has not been sent.
    DraftKind, DraftId = "case_draft";
    /// An entry of a case's story.
    StoryKind, StoryId = "story_entry";
    /// A question in a case.
    QuestionKind, QuestionId = "question";
    /// Something told to a person.
    NotificationKind, NotificationId = "notification";
    /// Somebody who acts in another's absence.
    DeputyKind, DeputyId = "deputy";
    /// Something that a case waits for.
    WaitKind, WaitId = "case_wait";
    /// A piece of the register, by its id alone.
    EquipmentKind, EquipmentId = "equipment";
    /// A data set, by its id alone.
    DatasetKind, DatasetId = "dataset";
    /// Where events are sent.
    WebhookKind, WebhookId = "webhook";
    /// One message to a webhook.
    DeliveryKind, DeliveryId = "webhook_delivery";
}

kernel::text_enum! {
    /// Whether people can use a process.
    pub enum ProcessState {
        /// It has never been published.
        Draft = "draft",
        /// It can be started.
        Published = "published",
        /// It cannot be started any more.
        Withdrawn = "withdrawn",
    }
}
kernel::text_enum! {
    /// What a release is now.
    pub enum ReleaseState {
        /// New cases use it.
        Current = "current",
        /// New cases of some units use it (灰度).
        Pilot = "pilot",
        /// Running cases may still use it.
        Former = "former",
    }
}
kernel::text_enum! {
    /// What became of a case.
    pub enum CaseState {
        /// It runs.
        Running = "running",
        /// It came to its end.
        Completed = "completed",
        /// Somebody refused, and that ended it.
        Refused = "refused",
        /// The starter took it away (撤销).
        Revoked = "revoked",
        /// It counts as never having been (作废).
        Voided = "voided",
        /// An administrator ended it (终止).
        Terminated = "terminated",
    }
}
kernel::text_enum! {
    /// Where a work item stands.
    pub enum SeatState {
        /// Others come first.
        Waiting = "waiting",
        /// To be done.
        Open = "open",
        /// Done.
        Done = "done",
        /// No longer to be done.
        Closed = "closed",
    }
}
kernel::text_enum! {
    /// What a seat's answer counts for.
    pub enum Vote {
        /// For the result.
        Counts = "counts",
        /// Nothing: it advises the seat that asked (前加签).
        Advises = "advises",
        /// It must agree after the seat that added it (后加签).
        Follows = "follows",
    }
}
kernel::text_enum! {
    /// Why a result came about without a person.
    pub enum Automatic {
        /// The same person had agreed already.
        Dedup = "dedup",
        /// The time was over.
        Overdue = "overdue",
        /// Nobody was found.
        Empty = "empty",
        /// It went straight back to whoever had sent it back.
        Straight = "straight",
    }
}
kernel::text_enum! {
    /// What a story entry tells.
    pub enum StoryEvent {
        /// The case began.
        Started = "started",
        /// Somebody completed a step, with an outcome.
        Opinion = "opinion",
        /// It was sent back.
        Returned = "returned",
        /// Work was handed over for good.
        Transferred = "transferred",
        /// Work was given to somebody, to come back.
        Delegated = "delegated",
        /// It came back.
        GivenBack = "given_back",
        /// Somebody was added.
        AddedSigner = "added_signer",
        /// Somebody was removed.
        RemovedSigner = "removed_signer",
        /// Somebody took it.
        Claimed = "claimed",
        /// Somebody put it back.
        Unclaimed = "unclaimed",
        /// The starter withdrew it, to change it.
        Withdrawn = "withdrawn",
        /// The previous handler took it back.
        TakenBack = "taken_back",
        /// An action ran.
        Action = "action",
        /// What an action had done was undone.
        Undone = "undone",
        /// A table decided.
        Decision = "decision",
        /// Something went wrong.
        Incident = "incident",
        /// It was tried again, or resolved by hand.
        Repaired = "repaired",
        /// An event came.
        Fired = "fired",
        /// Somebody was told.
        Cc = "cc",
        /// Somebody was urged.
        Urged = "urged",
        /// Somebody was asked.
        Asked = "asked",
        /// Somebody answered.
        Answered = "answered",
        /// It was handed over with a leaver's work.
        HandedOver = "handed_over",
        /// It moved to another release.
        Migrated = "migrated",
        /// It is over.
        Ended = "ended",
    }
}
kernel::text_enum! {
    /// What somebody is told.
    pub enum Told {
        /// There is work.
        Work = "work",
        /// Please hurry.
        Urged = "urged",
        /// For your information.
        Cc = "cc",
        /// A question.
        Asked = "asked",
        /// An answer.
        Answered = "answered",
        /// Your case came to an end.
        Ended = "ended",
        /// Your case came back to you.
        Returned = "returned",
        /// Work is overdue.
        Overdue = "overdue",
        /// By a process.
        Process = "process",
        /// A case stands still.
        Incident = "incident",
        /// A duty falls due.
        Duty = "duty",
        /// A duty was missed.
        Missed = "missed",
        /// A finding has to be corrected.
        Finding = "finding",
        /// A planned report is there.
        Report = "report",
    }
}

/// A process's row. Its draft is in it.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::process, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Process {
    pub id: ProcessId,
    pub key: String,
    pub name: String,
    pub name_en: Option<String>,
    pub category: Option<String>,
    pub category_en: Option<String>,
    pub about: Option<String>,
    pub about_en: Option<String>,
    pub state: ProcessState,
    pub bpmn: String,
    pub form: RawJson,
    pub decisions: RawJson,
    pub tests: RawJson,
    /// `pack@version`, if it came from one.
    pub origin: Option<String>,
    pub origin_hash: Option<String>,
    pub draft_changed_at: Ts,
    pub draft_changed_by: String,
    pub version: i32,
}

/// A release's row. What was published never changes.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::process_release, treat_none_as_default_value = false)]
pub struct Release {
    pub id: ReleaseId,
    pub process_id: ProcessId,
    pub number: i32,
    pub state: ReleaseState,
    pub bpmn: String,
    pub form: RawJson,
    pub decisions: RawJson,
    pub tests: RawJson,
    /// Releases of the processes that it calls, by key: bound when it is published.
    pub bindings: RawJson,
    pub hash: String,
    pub notes: Option<String>,
    pub published_at: Ts,
    pub published_by: PersonId,
    pub published_by_name: String,
}

/// A case as others refer to it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CaseRef {
    pub id: CaseId,
    pub number: String,
    pub title: String,
    pub state: CaseState,
}

impl From<&CaseRow> for CaseRef {
    fn from(row: &CaseRow) -> Self {
        Self { id: row.id, number: row.number.clone(), title: row.title.clone(), state: row.state }
    }
}

/// A case's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::process_case, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CaseRow {
    pub id: CaseId,
    pub number: String,
    pub process_id: ProcessId,
    pub release_id: ReleaseId,
    pub title: String,
    pub state: CaseState,
    pub starter_id: PersonId,
    pub starter_name: String,
    pub unit_id: UnitId,
    pub started_at: Ts,
    pub ended_at: Option<Ts>,
    pub due: Option<Ts>,
    pub incident: bool,
    pub parent_id: Option<CaseId>,
    /// Token and repetition of the parent's call.
    pub parent_token: Option<i64>,
    pub parent_item: Option<i32>,
    pub control: RawJson,
    pub data: RawJson,
    pub urged_at: Option<Ts>,
    pub version: i32,
}

impl SeatState {
    /// Whether an answer is still expected, now or in turn.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Open | Self::Waiting)
    }
}

/// A work item's row: a seat at a step.
#[derive(Clone, Debug, PartialEq, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::work_item, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Seat {
    pub id: WorkItemId,
    pub case_id: CaseId,
    pub process_id: ProcessId,
    pub token: i64,
    pub item: Option<i32>,
    pub element: String,
    pub kind: crate::blueprint::words::WorkKind,
    pub position: i32,
    pub vote: Vote,
    pub state: SeatState,
    pub owner_id: Option<PersonId>,
    pub owner_name: Option<String>,
    pub weight: String,
    /// Whose seat it advises or follows.
    pub parent_id: Option<WorkItemId>,
    pub added_by: Option<PersonId>,
    /// Who gave it away, to get it back; the last comes first.
    pub delegators: String,
    pub outcome: Option<String>,
    pub opinion: Option<String>,
    pub done_by: Option<PersonId>,
    pub done_by_name: Option<String>,
    /// For whom a deputy acted.
    pub on_behalf_of: Option<PersonId>,
    pub automatic: Option<Automatic>,
    /// Hash of what was seen.
    pub seen_hash: Option<String>,
    pub created_at: Ts,
    pub due: Option<Ts>,
    pub overdue_at: Option<Ts>,
    pub opened_at: Option<Ts>,
    pub done_at: Option<Ts>,
    /// By whose completion it came to be.
    pub opened_by: Option<WorkItemId>,
    pub urged: i32,
    /// What its owner has put down meanwhile (暂存), as JSON.
    pub saved: Option<String>,
    pub version: i32,
}

/// What a case waits for: a time or a message.
#[derive(Clone, Debug, PartialEq, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::case_wait, treat_none_as_default_value = false)]
pub struct Wait {
    pub id: WaitId,
    pub case_id: CaseId,
    /// `token:12` or `scope:3`.
    pub owner: String,
    pub element: String,
    pub due: Option<Ts>,
    pub message: Option<String>,
    /// Repetitions that are left of a cycle.
    pub remaining: Option<i32>,
}

/// An entry of a story.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::case_story, treat_none_as_default_value = false)]
pub struct StoryRow {
    pub id: StoryId,
    pub case_id: CaseId,
    pub at: Ts,
    pub kind: StoryEvent,
    pub element: Option<String>,
    pub work_item_id: Option<WorkItemId>,
    pub by_id: Option<PersonId>,
    pub by_name: String,
    pub on_behalf_of: Option<String>,
    pub outcome: Option<String>,
    pub text: Option<String>,
    pub automatic: Option<Automatic>,
}

/// A case that has not been sent.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::case_draft, treat_none_as_default_value = false)]
pub struct DraftRow {
    pub id: DraftId,
    pub person_id: PersonId,
    pub process_id: ProcessId,
    pub title: String,
    pub unit_id: Option<UnitId>,
    pub data: RawJson,
    pub changed_at: Ts,
    pub version: i32,
}

/// Who was told of a case.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::case_cc, treat_none_as_default_value = false)]
pub struct CcRow {
    pub case_id: CaseId,
    pub person_id: PersonId,
    pub by_name: String,
    pub at: Ts,
    pub read_at: Option<Ts>,
}

/// A question that does not move the case.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::case_question, treat_none_as_default_value = false)]
pub struct QuestionRow {
    pub id: QuestionId,
    pub case_id: CaseId,
    pub from_id: PersonId,
    pub to_id: PersonId,
    pub text: String,
    pub asked_at: Ts,
    pub answer: Option<String>,
    pub answered_at: Option<Ts>,
}

/// Something told to a person.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::notification, treat_none_as_default_value = false)]
pub struct Notification {
    pub id: NotificationId,
    pub person_id: PersonId,
    pub kind: Told,
    pub text: String,
    pub case_id: Option<CaseId>,
    pub work_item_id: Option<WorkItemId>,
    /// Where on the page, if it is about no case.
    pub link: Option<String>,
    pub at: Ts,
    pub read_at: Option<Ts>,
}

/// Somebody who acts in another's absence.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::deputy, treat_none_as_default_value = false)]
pub struct Deputy {
    pub id: DeputyId,
    pub person_id: PersonId,
    pub deputy_id: PersonId,
    pub valid_from: Ts,
    pub valid_to: Ts,
    /// Only these processes; all if empty.
    pub processes: RawJson,
    pub ended_at: Option<Ts>,
}

/// Where events are sent.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::webhook, treat_none_as_default_value = false)]
pub struct Webhook {
    pub id: WebhookId,
    pub name: String,
    pub url: String,
    pub secret: String,
    pub active: bool,
    pub version: i32,
}

/// One message to a webhook.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::webhook_delivery, treat_none_as_default_value = false)]
pub struct Delivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub case_id: Option<CaseId>,
    pub body: String,
    pub created_at: Ts,
    pub next_at: Option<Ts>,
    pub attempts: i32,
    pub lease_until: Option<Ts>,
    pub delivered_at: Option<Ts>,
    pub last_error: Option<String>,
}

impl CaseState {
    /// What people read.
    #[must_use]
    pub const fn title(self, chinese: bool) -> &'static str {
        match (self, chinese) {
            (Self::Running, true) => "进行中",
            (Self::Running, false) => "running",
            (Self::Completed, true) => "已完成",
            (Self::Completed, false) => "completed",
            (Self::Refused, true) => "未通过",
            (Self::Refused, false) => "refused",
            (Self::Revoked, true) => "已撤销",
            (Self::Revoked, false) => "revoked",
            (Self::Voided, true) => "已作废",
            (Self::Voided, false) => "voided",
            (Self::Terminated, true) => "已终止",
            (Self::Terminated, false) => "terminated",
        }
    }
}

/// Somebody whom the office may ask.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Colleague {
    pub id: PersonId,
    pub name: String,
    pub login: String,
}

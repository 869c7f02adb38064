//! Duties, and what is done about those that were missed.

use std::collections::BTreeMap;

use actix_web::web::Data;
use audit::RecordView;
use controls::{Severity, State};
use kernel::{Code, Error, Page, Permission, PersonId, Reach, Ts, UnitId, Uuid, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{AllowedAction, ApiError, Created, Fine, Guard, IfMatch, Path, Query, Valid, View, page_of, rules};
use workflows::{CaseRef, Process, ProcessId, StartCase, service::starting::NewCase};

use super::word;
use crate::{
    model::{Finding, FindingId, FindingState, ObligationRow, Waiver},
    policy,
    service::{Office, cases, findings, standing},
    store::{self, Filter},
};

/// Which duties.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ObligationsQuery {
    /// Of this regulation, by its key.
    #[validate(length(min = 1, max = 60))]
    #[param(min_length = 1, max_length = 60)]
    regulation: Option<String>,
    /// Of this clause.
    #[validate(length(min = 1, max = 40))]
    #[param(min_length = 1, max_length = 40)]
    clause: Option<String>,
    /// Of this control.
    #[validate(length(min = 1, max = 80))]
    #[param(min_length = 1, max_length = 80)]
    control: Option<String>,
    /// In one of these states.
    #[serde(default)]
    #[param(max_items = 7)]
    state: Vec<State>,
    /// About things of this unit and below.
    unit_id: Option<UnitId>,
    /// About this thing.
    subject_id: Option<Uuid>,
    /// True: findings that nobody has settled and no waiver covers.
    unsettled: Option<bool>,
    /// True: findings that I have to correct.
    mine: Option<bool>,
    /// True: about units that I head and those below, or of clauses that one of them answers for.
    headed: Option<bool>,
    /// Due before.
    due_before: Option<Ts>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
}

/// What is done about a finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingAnswer {
    pub state: FindingState,
    pub responsible_id: PersonId,
    pub responsible_name: String,
    pub due_at: Ts,
    #[schema(required)]
    pub cause: Option<String>,
    #[schema(required)]
    pub correction: Option<String>,
    #[schema(required)]
    pub verified_by: Option<String>,
    #[schema(required)]
    pub verification: Option<String>,
}

impl From<Finding> for FindingAnswer {
    fn from(row: Finding) -> Self {
        Self {
            state: row.state,
            responsible_id: row.responsible_id,
            responsible_name: row.responsible_name,
            due_at: row.due_at,
            cause: row.cause,
            correction: row.correction,
            verified_by: row.verified_by_name,
            verification: row.verification,
        }
    }
}

/// A duty.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObligationItem {
    pub id: FindingId,
    /// By what people call it.
    pub number: String,
    /// The control's stable key.
    pub control: String,
    /// What the control says.
    pub title: String,
    /// The hash of the control under which it began.
    pub control_version: String,
    /// The regulation's key.
    pub regulation: String,
    pub clause: String,
    pub severity: Severity,
    pub state: State,
    pub subject_kind: String,
    pub subject_id: Uuid,
    /// What it is called.
    #[schema(required)]
    pub subject: Option<String>,
    #[schema(required)]
    pub unit_id: Option<UnitId>,
    pub opened_at: Ts,
    #[schema(required)]
    pub due_at: Option<Ts>,
    /// When it came into its state, by the clock of the log.
    pub changed_at: Ts,
    /// Until when a waiver covers it.
    #[schema(required)]
    pub waived_until: Option<Ts>,
    /// What is done about it; null while nobody has begun.
    #[schema(required)]
    pub finding: Option<FindingAnswer>,
}

/// What duties are shown with.
struct Around {
    titles: BTreeMap<String, String>,
    waivers: Vec<Waiver>,
    subjects: BTreeMap<i64, RecordView>,
    findings: BTreeMap<FindingId, Finding>,
}

impl Around {
    fn load(tx: &mut db::ReadTx<'_>, rows: &[ObligationRow]) -> Result<Self, Error> {
        let chinese = tx.actor().chinese;
        let mut titles = BTreeMap::new();
        for (_, content) in standing::in_force(tx)? {
            titles.extend(content.controls.into_iter().map(|control| (control.id, word(chinese, &control.title, &control.en))));
        }
        let waivers = store::holding_waivers(tx)?;
        let leaves: Vec<i64> = rows.iter().map(|row| row.trigger_leaf).collect();
        let subjects = audit::at_leaves(tx, &leaves)?;
        let findings = store::findings(tx, rows.iter().map(|row| row.id).collect())?;
        Ok(Self { titles, waivers, subjects, findings })
    }

    fn item(&self, row: ObligationRow) -> ObligationItem {
        let trigger = self.subjects.get(&row.trigger_leaf);
        // An adoption of controls is no thing of the register: what is due then is named by its own records.
        let subject = trigger.filter(|record| record.subject.id == row.subject_id.0).and_then(|record| record.subject.label.clone());
        ObligationItem {
            title: self.titles.get(&row.control).cloned().unwrap_or_else(|| row.control.clone()),
            waived_until: self.waivers.iter().filter(|waiver| waiver.covers(&row)).map(|waiver| waiver.until).max(),
            finding: self.findings.get(&row.id).cloned().map(FindingAnswer::from),
            number: row.number(),
            id: row.id,
            control: row.control,
            control_version: row.control_version,
            regulation: row.regulation,
            clause: row.clause,
            severity: row.severity,
            state: row.state,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id.0,
            subject,
            unit_id: row.unit_id,
            opened_at: row.opened_at,
            due_at: row.due_at,
            changed_at: row.changed_at,
        }
    }
}

/// GET /obligations
pub async fn list(call: Guard<may::UseAccount>, query: Query<ObligationsQuery>) -> Result<Fine<Page<ObligationItem>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    call.read(move |tx| {
        let query = query.clone();
        let mine = query.mine == Some(true);
        let headed = query.headed == Some(true);
        // Whoever has to correct something sees it, and heads see what concerns their units; everything else is for those who may read it.
        let own = mine || headed;
        if !own && !tx.actor().holds(Permission::ReadCompliance) {
            return Err(Error::forbidden(Code::Forbidden).with("permission", Permission::ReadCompliance));
        }
        let filter = Filter {
            regulation: query.regulation,
            clause: query.clause,
            control: query.control,
            states: query.state,
            unit_id: query.unit_id,
            subject_id: query.subject_id,
            unsettled: query.unsettled == Some(true),
            responsible: if mine { tx.actor().person() } else { None },
            concerning: if headed { Some(findings::headed(tx)?) } else { None },
            due_before: query.due_before,
        };
        let reach = if own { Reach { all: true, ..Reach::default() } } else { tx.actor().reach(Permission::ReadCompliance) };
        let rows = store::obligations(tx, &filter, &reach, &page)?;
        let around = Around::load(tx, &rows)?;
        Ok(page.page(rows, |row| (row.opened_at, row.id)).map(|row| around.item(row)))
    })
    .await
}

/// A duty with what shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObligationDetail {
    #[serde(flatten)]
    pub obligation: ObligationItem,
    /// The case that corrects it, or did.
    #[schema(required)]
    pub case: Option<CaseRef>,
    /// The record that created it, and the one that met, vacated or witnesses it; each has a proof of its own.
    pub evidence: Vec<EvidenceView>,
    /// `assign`, `correct`, `verify`, `start_case`
    pub allowed_actions: Vec<AllowedAction>,
    /// Of what is done about it; 0 while nobody has begun.
    pub version: i32,
}
impl View for ObligationDetail {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// A record that shows something.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    pub record_id: Uuid,
    /// Its leaf in the log.
    pub leaf: i64,
    pub time: Ts,
    pub action: String,
    #[schema(required)]
    pub subject: Option<String>,
    #[schema(required)]
    pub actor: Option<String>,
}

fn detail(tx: &mut db::ReadTx<'_>, id: FindingId) -> Result<ObligationDetail, Error> {
    let (row, finding) = findings::visible(tx, id)?;
    let leaves: Vec<i64> = std::iter::once(row.trigger_leaf).chain(row.closed_leaf).collect();
    let records = audit::at_leaves(tx, &leaves)?;
    let evidence = records
        .into_iter()
        .map(|(leaf, record)| EvidenceView {
            record_id: record.id.uuid(),
            leaf,
            time: record.time,
            action: record.action,
            subject: record.subject.label,
            actor: record.actor.name,
        })
        .collect();
    let case = cases::of(tx, id)?;
    let actor = tx.actor();
    let checks = [
        ("assign", policy::check_assign(actor, &row, finding.as_ref())),
        ("correct", policy::check_correct(actor, &row, finding.as_ref())),
        ("verify", policy::check_verify(actor, &row, finding.as_ref())),
        ("start_case", cases::check_start(tx, &row, finding.as_ref(), case.as_ref())),
    ];
    let allowed_actions = checks.into_iter().map(|(name, verdict)| AllowedAction::of(name, verdict, actor.chinese)).collect();
    let version = finding.as_ref().map_or(0, |finding| finding.version);
    let around = Around::load(tx, std::slice::from_ref(&row))?;
    Ok(ObligationDetail { obligation: around.item(row), case, evidence, allowed_actions, version })
}

/// GET /obligations/{id}
pub async fn show(call: Guard<may::UseAccount>, id: Path<FindingId>) -> Result<Fine<ObligationDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| detail(tx, id)).await
}

/// Who, until when.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignFinding {
    responsible_id: PersonId,
    due_at: Ts,
}

/// POST /obligations/{id}/assign
pub async fn assign(
    call: Guard<may::ManageCompliance>,
    id: Path<FindingId>,
    expected: IfMatch,
    body: Valid<AssignFinding>,
) -> Result<Fine<ObligationDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| findings::assign(tx, id, expected.0, body.responsible_id, body.due_at)?.and_then(|()| detail(tx, id))).await
}

/// Why, and what was done.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectFinding {
    /// The cause.
    #[validate(length(min = 1, max = 2000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 2000)]
    cause: String,
    /// What was done.
    #[validate(length(min = 1, max = 2000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 2000)]
    correction: String,
}

/// POST /obligations/{id}/correct
pub async fn correct(
    call: Guard<may::UseAccount>,
    id: Path<FindingId>,
    expected: IfMatch,
    body: Valid<CorrectFinding>,
) -> Result<Fine<ObligationDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| findings::correct(tx, id, expected.0, &body.cause, &body.correction)?.and_then(|()| detail(tx, id))).await
}

/// Whether it holds.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyFinding {
    holds: bool,
    /// How that was seen.
    #[validate(length(min = 1, max = 2000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 2000)]
    words: String,
}

/// POST /obligations/{id}/verify
pub async fn verify(
    call: Guard<may::ManageCompliance>,
    id: Path<FindingId>,
    expected: IfMatch,
    body: Valid<VerifyFinding>,
) -> Result<Fine<ObligationDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| findings::verify(tx, id, expected.0, body.holds, &body.words)?.and_then(|()| detail(tx, id))).await
}

/// A process that can correct a finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorrectingProcess {
    pub id: ProcessId,
    pub name: String,
    /// The form, as far as the finding fills it in.
    #[schema(value_type = Object)]
    pub data: workflows::blueprint::Data,
}

/// Processes that can correct a finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorrectingProcesses {
    pub items: Vec<CorrectingProcess>,
}
impl View for CorrectingProcesses {}

/// GET /obligations/{id}/processes
pub async fn processes(
    call: Guard<may::ManageCompliance>,
    office: Data<Office>,
    id: Path<FindingId>,
) -> Result<Fine<CorrectingProcesses>, ApiError> {
    let id = *id;
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let name = |process: &Process| word(chinese, &process.name, process.name_en.as_deref().unwrap_or_default());
        let view =
            |(process, data): (Process, workflows::blueprint::Data)| CorrectingProcess { id: process.id, name: name(&process), data };
        Ok(CorrectingProcesses { items: cases::processes(tx, &office, id)?.into_iter().map(view).collect() })
    })
    .await
}

/// POST /obligations/{id}/case
pub async fn start_case(
    call: Guard<may::ManageCompliance>,
    office: Data<Office>,
    id: Path<FindingId>,
    body: Valid<StartCase>,
) -> Result<Created<ObligationDetail>, ApiError> {
    let (id, new) = (*id, NewCase::from(body.into_inner()));
    call.create(move |tx| cases::start(tx, &office, id, &new)?.and_then(|()| detail(tx, id))).await
}

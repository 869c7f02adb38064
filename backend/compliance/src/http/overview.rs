//! How all stands, and what nobody can see.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Data;
use controls::State;
use identity::{UnitRef, directory};
use kernel::{Error, Ts, UnitId, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Fine, Guard, Valid, View};

use super::{ControlView, StretchView, word};
use crate::{
    following,
    model::{Numbers, RegulationId, Verdict},
    service::{
        Office, catalogue,
        regulations::content_of,
        standing::{self, Ground},
    },
    store,
};

/// A regulation among all.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StandingView {
    pub id: RegulationId,
    pub key: String,
    pub title: String,
    pub edition: String,
    pub numbers: Numbers,
    /// How many clauses stand how.
    pub clauses: BTreeMap<String, usize>,
    pub units: Vec<UnitStanding>,
}

/// A unit's part.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitStanding {
    /// Null: what belongs to no unit.
    #[schema(required)]
    pub unit: Option<UnitRef>,
    pub numbers: Numbers,
}

/// A clause that stands badly.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorstClause {
    pub regulation_id: RegulationId,
    pub regulation: String,
    pub clause: String,
    pub text: String,
    pub numbers: Numbers,
}

/// All regulations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverviewView {
    /// How many leaves of the log the controls have looked at.
    pub log_size: i64,
    pub regulations: Vec<StandingView>,
    /// Clauses with most findings that nobody has settled.
    pub worst: Vec<WorstClause>,
    /// The last twelve times thirty days, the oldest first.
    pub trend: Vec<StretchView>,
}
impl View for OverviewView {}

/// GET /compliance
pub async fn overview(call: Guard<may::ReadCompliance>, office: Data<Office>) -> Result<Fine<OverviewView>, ApiError> {
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let ground = Ground::load(tx, &office)?;
        let (mut regulations, mut worst) = (Vec::new(), Vec::new());
        for (row, content) in standing::in_force(tx)? {
            let standing = ground.standing(tx, row, content)?;
            let mut clauses: BTreeMap<String, usize> = BTreeMap::new();
            for clause in &standing.content.clauses {
                *clauses.entry(standing.verdict(&clause.id).to_string()).or_default() += 1;
                let numbers = standing.of_clause(&clause.id).fold(Numbers::default(), |sum, control| sum.and(control.numbers));
                if numbers.unsettled > 0 {
                    worst.push(WorstClause {
                        regulation_id: standing.row.id,
                        regulation: standing.row.title(chinese).to_owned(),
                        clause: clause.id.clone(),
                        text: word(chinese, &clause.text, &clause.en),
                        numbers,
                    });
                }
            }
            let names = directory::units(tx, standing.units.keys().flatten().copied())?;
            let unit = |id: UnitId| names.get(&id).cloned();
            let units = standing.units.iter().map(|(id, numbers)| UnitStanding { unit: id.and_then(unit), numbers: *numbers }).collect();
            regulations.push(StandingView {
                id: standing.row.id,
                key: standing.row.key.clone(),
                title: standing.row.title(chinese).to_owned(),
                edition: standing.row.edition.clone(),
                numbers: standing.numbers(),
                clauses,
                units,
            });
        }
        worst.sort_by_key(|clause| std::cmp::Reverse(clause.numbers.unsettled));
        worst.truncate(10);
        let trend = standing::over_time(tx, None, None)?.into_iter().map(StretchView::from).collect();
        Ok(OverviewView { log_size: store::cursor(tx)?, regulations, worst, trend })
    })
    .await
}

/// The controls at work.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlList {
    pub items: Vec<ControlView>,
}
impl View for ControlList {}

/// GET /compliance/controls
pub async fn controls(call: Guard<may::ReadCompliance>, office: Data<Office>) -> Result<Fine<ControlList>, ApiError> {
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let ground = Ground::load(tx, &office)?;
        let mut items = Vec::new();
        for (row, content) in standing::in_force(tx)? {
            let standing = ground.standing(tx, row, content)?;
            for control in &standing.controls {
                items.push(ControlView::of(control, chinese)?);
            }
        }
        Ok(ControlList { items })
    })
    .await
}

/// A pack that can be proposed, with its controls as they are written.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlsOfPack {
    pub key: String,
    pub title: String,
    pub version: String,
    /// `controls.toml`
    pub controls: String,
}

/// Packs that can be proposed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlsOfPacks {
    pub items: Vec<ControlsOfPack>,
}
impl View for ControlsOfPacks {}

/// GET /compliance/packs
pub async fn packs(call: Guard<may::ManageCompliance>) -> Result<Fine<ControlsOfPacks>, ApiError> {
    call.read(|tx| {
        let chinese = tx.actor().chinese;
        let mut items = Vec::new();
        for pack in workflows::packs::shipped()?.values() {
            let controls = pack.files.get("controls.toml").map(|bytes| String::from_utf8(bytes.clone())).transpose();
            items.push(ControlsOfPack {
                key: pack.key.clone(),
                title: word(chinese, &pack.title, &pack.title_en),
                version: pack.version.clone(),
                controls: controls.map_err(Error::internal)?.unwrap_or_default(),
            });
        }
        Ok(ControlsOfPacks { items })
    })
    .await
}

/// A clause of a regulation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClauseRef {
    pub regulation_id: RegulationId,
    pub regulation: String,
    pub clause: String,
    pub text: String,
}

/// An event that nothing says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventRef {
    pub name: String,
    pub title: String,
}

/// What is not recorded or controlled.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageView {
    /// Regulations that ship and do not hold here.
    pub regulations_not_in_force: Vec<String>,
    /// Clauses of which no control says anything.
    pub uncontrolled: Vec<ClauseRef>,
    /// Clauses that no process serves.
    pub unserved: Vec<ClauseRef>,
    /// Controls that nothing here can activate.
    pub not_evaluable: Vec<ControlView>,
    /// Controls that nothing has activated.
    pub not_exercised: Vec<ControlView>,
    /// Events that could be said, and never were.
    pub never_seen: Vec<EventRef>,
    /// What makes no record, and why.
    pub not_recorded: Vec<String>,
}
impl View for CoverageView {}

/// What makes no record, in Chinese and English.
const NOT_RECORDED: &[(&str, &str)] = &[
    ("查看列表和详情（导出和被拒绝的访问有记录）", "Looking at lists and details (exports and refusals are recorded)"),
    ("会话和令牌的最近使用时间", "When sessions and tokens were last used"),
    ("已读标记", "What was marked as read"),
    ("格式有误的请求（400、422）", "Requests that are not well-formed (400, 422)"),
    ("由控制点从日志推算出的结果（可随时重新计算）", "What controls make of the log (it can be computed again)"),
    (
        "不经系统办理的事项：日志只证明录入的内容未被更改，不证明其真实",
        "What is done outside: the log proves that what was entered was not changed, not that it is true",
    ),
];

/// GET /compliance/coverage
pub async fn coverage(call: Guard<may::ReadCompliance>, office: Data<Office>) -> Result<Fine<CoverageView>, ApiError> {
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let ground = Ground::load(tx, &office)?;
        let (mut uncontrolled, mut unserved, mut not_evaluable, mut not_exercised) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut keys = BTreeSet::new();
        for (row, content) in standing::in_force(tx)? {
            keys.insert(row.key.clone());
            let standing = ground.standing(tx, row, content)?;
            for clause in &standing.content.clauses {
                let named = ClauseRef {
                    regulation_id: standing.row.id,
                    regulation: standing.row.title(chinese).to_owned(),
                    clause: clause.id.clone(),
                    text: word(chinese, &clause.text, &clause.en),
                };
                if ground.serving(&clause.id).next().is_none() {
                    unserved.push(named.clone());
                }
                if standing.of_clause(&clause.id).next().is_none() {
                    uncontrolled.push(named);
                }
            }
            for control in &standing.controls {
                match control.verdict {
                    Verdict::NotEvaluable => not_evaluable.push(ControlView::of(control, chinese)?),
                    Verdict::NotExercised => not_exercised.push(ControlView::of(control, chinese)?),
                    _ => {}
                }
            }
        }
        let all = catalogue()?;
        let names: BTreeSet<String> = all.all().map(|event| event.name.clone()).collect();
        let seen = store::seen_events(tx, &names)?;
        let never = all.all().filter(|event| !seen.contains(&event.name));
        let packs = workflows::packs::shipped()?.values().filter(|pack| !keys.contains(&pack.key));
        Ok(CoverageView {
            regulations_not_in_force: packs.map(|pack| word(chinese, &pack.title, &pack.title_en)).collect(),
            uncontrolled,
            unserved,
            not_evaluable,
            not_exercised,
            never_seen: never.map(|event| EventRef { name: event.name.clone(), title: word(chinese, &event.title, &event.en) }).collect(),
            not_recorded: NOT_RECORDED.iter().map(|(zh, en)| word(chinese, zh, en)).collect(),
        })
    })
    .await
}

/// Draft controls.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// The key of the pack whose clauses they serve.
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    pack: String,
    /// As in `controls.toml`; the pack's own without.
    #[validate(length(max = 200_000))]
    #[schema(max_length = 200_000)]
    controls: Option<String>,
}

/// What a draft control would have found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulatedView {
    pub control: String,
    pub title: String,
    pub clause: String,
    pub numbers: Numbers,
    /// The newest that were missed or breached.
    pub examples: Vec<SimulatedExample>,
}

/// Something that would have been missed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulatedExample {
    pub state: State,
    pub opened_at: Ts,
    #[schema(required)]
    pub due_at: Option<Ts>,
    #[schema(required)]
    pub subject: Option<String>,
    /// The record that would have created it.
    #[schema(required)]
    pub record_id: Option<kernel::Uuid>,
}

/// What draft controls would have found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulationView {
    /// On so many leaves of the log, from the first on.
    pub log_size: i64,
    pub controls: Vec<SimulatedView>,
}
impl View for SimulationView {}

/// POST /compliance/simulate
pub async fn simulate(call: Guard<may::ManageCompliance>, body: Valid<Simulate>) -> Result<Fine<SimulationView>, ApiError> {
    let body = body.into_inner();
    let pack = workflows::packs::shipped()?.get(&body.pack).ok_or_else(|| Error::invalid("/pack", kernel::Code::NotFound))?;
    let content = content_of(pack, body.controls.as_deref())?;
    call.read(move |tx| {
        let chinese = tx.actor().chinese;
        let size = store::cursor(tx)?;
        let found = following::simulate(tx, &content, size)?;
        let mut controls = Vec::new();
        for definition in &content.controls {
            let mut numbers = Numbers::default();
            let mut missed = Vec::new();
            for duty in found.values().filter(|duty| duty.control == definition.id) {
                numbers.count(duty.state, 1);
                if duty.state.is_finding() {
                    missed.push(duty);
                }
            }
            numbers.unsettled = numbers.missed;
            missed.sort_by_key(|duty| std::cmp::Reverse(duty.trigger));
            missed.truncate(5);
            let leaf = |leaf: u64| i64::try_from(leaf).map_err(Error::internal);
            let leaves = missed.iter().map(|duty| leaf(duty.trigger)).collect::<Result<Vec<_>, _>>()?;
            let records = audit::at_leaves(tx, &leaves)?;
            let examples = missed.iter().zip(leaves).map(|(duty, leaf)| SimulatedExample {
                state: duty.state,
                opened_at: duty.opened_at,
                due_at: duty.due_at,
                subject: records.get(&leaf).and_then(|record| record.subject.label.clone()),
                record_id: records.get(&leaf).map(|record| record.id.uuid()),
            });
            controls.push(SimulatedView {
                control: definition.id.clone(),
                title: word(chinese, &definition.title, &definition.en),
                clause: definition.clause.clone(),
                numbers,
                examples: examples.collect(),
            });
        }
        Ok(SimulationView { log_size: size, controls })
    })
    .await
}

//! What nobody can see: clauses without controls, controls without events, acts without records.

use std::collections::BTreeSet;

use actix_web::web::Data;
use kernel::may;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, Fine, Guard, View};

use super::{ControlView, word};
use crate::{
    model::{RegulationId, Verdict},
    service::{
        Office, catalogue,
        standing::{self, Ground},
    },
    store,
};

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

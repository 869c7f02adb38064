//! The regulations of the demonstration company, and two months of cases: the first test of each process tells what people do.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Actor, Error, Permission, PersonId, Reach, Ts, UnitId};
use rand::{Rng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Map, Value as Json};
use workflows::{
    CaseId, ProcessId,
    blueprint::Form,
    office::{
        moves::{Resume, SignerPosition},
        trial::Decision,
    },
    packs::{self, PackProcess},
    service::{
        packs::{WhenChanged, install_all},
        starting::{self, NewCase},
        work::{self, WorkAction, WorkStep},
    },
};

use super::{Cast, company, founder, months};
use crate::Application;

/// Who fills the roles that the regulations ask for.
const FILLED: &[(&str, &str)] = &[
    ("it_director", "chen.li"),
    ("network_administrator", "zheng.tao"),
    ("information_administrator", "he.min"),
    ("operations", "he.min"),
    ("hr_officer", "huang.li"),
    ("hr_officer", "xu.hui"),
    ("finance", "guo.hong"),
    ("purchaser", "lin.xiao"),
    ("leader", "qian.wei"),
    ("general_manager", "zhao.guohua"),
    ("quality_control", "han.bing"),
    ("quality_control", "cao.yang"),
    ("supply_marketing", "feng.lei"),
    ("data_custodian", "xie.jun"),
    ("erp_manager", "gao.yan"),
    ("information_officer", "deng.chao"),
    ("office_clerk", "lin.xiao"),
    ("office_director", "qian.wei"),
    ("telephone_administrator", "luo.dan"),
];
/// Which processes people use, and who starts them.
const USED: &[(&str, &[&str])] = &[
    ("purchase", &["wang.fang", "jia.lei", "jiang.wen", "han.bing", "du.juan"]),
    ("account-request", &["feng.lei", "jiang.wen", "xia.yu", "huang.li"]),
    ("equipment-loan", &["dong.na", "yuan.ye", "kong.liang"]),
    ("network-change", &["wang.fang", "shi.lei", "ye.qing"]),
    ("machine-room-access", &["xie.jun", "zheng.tao", "dai.jun"]),
    ("data-access", &["gao.yan", "yu.bo", "pan.hong"]),
    ("quality-feedback", &["feng.lei"]),
    ("recommendation", &["zheng.tao", "ma.chao"]),
];
/// The day on which the tests of the packs play.
const WRITTEN: &str = "2026-11-26";
/// How many cases, over how many days.
const CASES: usize = 48;
const DAYS: i64 = 60;

/// Installs the regulations and lives two months by them.
pub async fn live(app: &Application, cast: &Cast, today: Ts, rng: &mut StdRng) -> Result<(), Error> {
    app.db.clock().set(months::working(today.plus_seconds(-(DAYS + 2) * 86_400)));
    let ids = install(app, cast).await?;
    fill_roles(app, cast).await?;
    let scripts = scripts()?;
    let mut starts: Vec<Ts> =
        (0..CASES).map(|_| today.plus_seconds(-rng.random_range(3_600..DAYS * 86_400))).map(months::working).collect();
    starts.retain(|at| *at < today);
    starts.sort();
    for (index, at) in starts.iter().enumerate() {
        let Some((key, starters)) = USED.get(index % USED.len()) else { continue };
        let (Some(process), Some(script)) = (ids.get(*key), scripts.get(*key)) else { continue };
        let Some(starter) = starters.choose(rng).and_then(|login| cast.by_login(login)) else { continue };
        app.db.clock().set(*at);
        let new = NewCase {
            id: CaseId::new(),
            process: *process,
            unit: None,
            data: cast.translated(&script.data, &script.form, app.db.clock().now()),
            chosen: BTreeMap::new(),
            draft: None,
            opinion: None,
        };
        let office = app.office.clone().into_inner();
        let case = app.db.write(&everyday(cast, starter), move |tx| starting::start(tx, &office, &new)).await?;
        // Old cases came to their end; of the last weeks some are still under way.
        let age = (today.micros() - at.micros()) / 86_400_000_000;
        let far = if age > 12 { script.decisions.len() } else { rng.random_range(0..=script.decisions.len()) };
        carry(app, cast, case, script, far, today, rng).await?;
    }
    Ok(())
}

/// Every test of every pack, walked with the people of the company as real cases: what did not end as the test says.
#[cfg(feature = "testing")]
pub async fn walk_everything(app: &Application, cast: &Cast, today: Ts, rng: &mut StdRng) -> Result<Vec<String>, Error> {
    // People without offices first: who is one's own head and director is not asked twice, or may not do two separate things.
    let mut everybody: Vec<&super::Staff> = cast.staff.iter().collect();
    everybody.sort_by_key(|staff| (!staff.role.is_empty(), staff.name != "王芳"));
    let everybody: Vec<PersonId> = everybody.into_iter().map(|staff| staff.id).collect();
    let mut failed = Vec::new();
    for process in packs::shipped()?.values().flat_map(|pack| &pack.processes) {
        for (number, test) in process.source.tests.iter().enumerate() {
            let mut script = script(process)?;
            script.data = test.pointer("/given/data").and_then(Json::as_object).cloned().unwrap_or_default();
            script.decisions = serde_json::from_value(test.get("decisions").cloned().unwrap_or_default()).map_err(Error::internal)?;
            let has_files = |data: &Map<String, Json>| script.form.values_of(data, &["files"]).next().is_some();
            // What nobody has uploaded cannot be sent; what time does is tried elsewhere.
            let timed = script.decisions.iter().any(|decision| decision.outcome.is_none());
            if timed || has_files(&script.data) || script.decisions.iter().any(|decision| has_files(&decision.data)) {
                continue;
            }
            let name = format!("{} {number}", process.key);
            let mut begun = None;
            for starter in &everybody {
                let office = app.office.clone().into_inner();
                let key = process.key.clone();
                let data = cast.translated(&script.data, &script.form, app.db.clock().now());
                let started = app
                    .db
                    .write(&everyday(cast, *starter), move |tx| {
                        let process = workflows::service::starting::keyed(tx, &key)?;
                        let new = NewCase {
                            id: CaseId::new(),
                            process,
                            unit: None,
                            data: data.clone(),
                            chosen: BTreeMap::new(),
                            draft: None,
                            opinion: None,
                        };
                        starting::start(tx, &office, &new)
                    })
                    .await;
                match started {
                    Ok(case) => begun = Some(case),
                    Err(error) if error.code() == kernel::Code::ProcessStarter => continue,
                    Err(error) => failed.push(format!("{name}: {error}")),
                }
                break;
            }
            let Some(case) = begun else { continue };
            if let Err(error) = carry(app, cast, case, &script, script.decisions.len(), today, rng).await {
                failed.push(format!("{name}: {error}"));
                continue;
            }
            let wanted = test.pointer("/then/ended").and_then(Json::as_str).unwrap_or("running");
            if wanted != "running" {
                // What a clock opened beside the script's way (who is told after two hours) has to be read too.
                let open = app.db.read(&founder(), move |tx| work::open_in(tx, case)).await?;
                let beside = open.into_iter().filter(|item| script.decisions.iter().all(|decision| decision.step != item.step));
                script.decisions = beside.map(|item| reads(item.step)).collect();
                if let Err(error) = carry(app, cast, case, &script, script.decisions.len(), today, rng).await {
                    failed.push(format!("{name}: {error}"));
                    continue;
                }
            }
            let row = app.db.read(&founder(), move |tx| workflows::service::cases::visible_case(tx, case)).await?;
            if row.state.as_str() != wanted || row.incident {
                failed.push(format!("{name}: {} is {}, not {wanted}; incident {}", row.number, row.state, row.incident));
            }
        }
    }
    Ok(failed)
}

#[cfg(feature = "testing")]
fn reads(step: String) -> Decision {
    Decision { step, outcome: Some("read".to_owned()), opinion: None, data: Map::new(), all: true }
}

/// Takes the first decisions of a script, each by whoever has the work.
async fn carry(
    app: &Application,
    cast: &Cast,
    case: CaseId,
    script: &Script,
    far: usize,
    today: Ts,
    rng: &mut StdRng,
) -> Result<(), Error> {
    for decision in script.decisions.iter().take(far) {
        let now = months::working(app.db.clock().now().plus_seconds(rng.random_range(600..30 * 3_600)));
        if now >= today {
            return Ok(());
        }
        app.db.clock().set(now);
        for _ in 0..6 {
            let step = decision.step.clone();
            let open = app.db.read(&founder(), move |tx| work::open_in(tx, case)).await?;
            let Some(item) = open.into_iter().find(|item| item.step == step) else { break };
            let Some(who) = item.people.first().copied() else { break };
            let actor = everyday(cast, who);
            let mut version = item.version;
            let office = app.office.clone().into_inner();
            if !item.claimed {
                let claim = plain(WorkAction::Claim);
                let office = Arc::clone(&office);
                let claimed = app.db.write(&actor, move |tx| work::transition(tx, &office, item.id, version, &claim)).await;
                if overtaken(claimed)? {
                    continue;
                }
                version += 1;
            }
            let id = item.id;
            {
                let office = Arc::clone(&office);
                app.db.write(&actor, move |tx| work::seen(tx, &office, id)).await?;
            }
            let words = ["同意。", "请按规定办理。", "情况属实，同意。"].choose(rng).copied().unwrap_or_default();
            let done = WorkStep {
                outcome: Some(decision.outcome.clone().unwrap_or_else(|| "done".to_owned())),
                opinion: decision.opinion.clone().or_else(|| Some(words.to_owned())),
                data: Some(cast.translated(&decision.data, &script.form, now)),
                seen: None,
                ..plain(WorkAction::Complete)
            };
            if overtaken(app.db.write(&actor, move |tx| work::transition(tx, &office, id, version, &done)).await)? {
                continue;
            }
            if !decision.all {
                break;
            }
        }
    }
    Ok(())
}

/// Whether a reminder was faster: then it is looked at again.
fn overtaken(result: Result<(), Error>) -> Result<bool, Error> {
    match result {
        Ok(()) => Ok(false),
        Err(error) if error.code() == kernel::Code::Stale => Ok(true),
        Err(error) => Err(error),
    }
}

fn plain(action: WorkAction) -> WorkStep {
    WorkStep {
        action,
        outcome: None,
        opinion: None,
        data: None,
        seen: None,
        to: Vec::new(),
        target: None,
        resume: Resume::Again,
        position: SignerPosition::Parallel,
    }
}

/// What people do in a process: its first test.
struct Script {
    data: Map<String, Json>,
    decisions: Vec<Decision>,
    form: Form,
}

fn scripts() -> Result<BTreeMap<String, Script>, Error> {
    let mut all = BTreeMap::new();
    for process in packs::shipped()?.values().flat_map(|pack| &pack.processes) {
        if USED.iter().any(|(key, _)| *key == process.key) {
            all.insert(process.key.clone(), script(process)?);
        }
    }
    Ok(all)
}

fn script(process: &PackProcess) -> Result<Script, Error> {
    let test = process.source.tests.first().ok_or_else(|| Error::internal(&process.key))?;
    let data = test.pointer("/given/data").and_then(Json::as_object).cloned().unwrap_or_default();
    let decisions = test.get("decisions").cloned().unwrap_or_default();
    let decisions = serde_json::from_value(decisions).map_err(Error::internal)?;
    let form = Form::read(&process.source.form).map_err(|_| Error::internal(&process.key))?;
    Ok(Script { data, decisions, form })
}

async fn install(app: &Application, cast: &Cast) -> Result<BTreeMap<String, ProcessId>, Error> {
    let admin = cast.by_login("chen.li").ok_or_else(|| Error::internal("no administrator"))?;
    let mut actor = Actor::clone(&everyday(cast, admin));
    let everything = Reach { all: true, ..Reach::default() };
    actor.grants = Arc::new(Permission::ALL.iter().map(|permission| (*permission, everything.clone())).collect());
    let actor = Arc::new(actor);
    let mut ids = BTreeMap::new();
    for pack in packs::shipped()?.values() {
        let office = app.office.clone().into_inner();
        let outcomes = app.db.write(&actor, move |tx| install_all(tx, &office, pack, &[], true, WhenChanged::Leave)).await?.0;
        for outcome in outcomes {
            if let Some(reason) = outcome.reason {
                return Err(Error::internal(format!("{}: {reason}", outcome.key)));
            }
            ids.extend(outcome.process.map(|id| (outcome.key, id)));
        }
    }
    Ok(ids)
}

async fn fill_roles(app: &Application, cast: &Cast) -> Result<(), Error> {
    for (code, login) in FILLED {
        let Some(person) = cast.by_login(login) else { continue };
        super::give(app, person, code).await?;
    }
    Ok(())
}

/// Somebody with what everybody may.
fn everyday(cast: &Cast, person: PersonId) -> Arc<Actor> {
    let found = cast.staff.iter().find(|staff| staff.id == person);
    found.map_or_else(founder, super::acting)
}

/// A day of a test as seen from now.
fn moved(day: &str, now: Ts) -> Option<String> {
    let (written, day): (kernel::Date, kernel::Date) = (WRITTEN.parse().ok()?, day.parse().ok()?);
    let since = now.office_date().office_midnight().micros() - written.office_midnight().micros();
    Some(day.office_midnight().plus_seconds(since / 1_000_000).office_date().to_string())
}

impl Cast {
    pub(super) fn by_login(&self, login: &str) -> Option<PersonId> {
        let index = company::PEOPLE.iter().position(|person| person.1 == login)?;
        self.staff.get(index).map(|staff| staff.id)
    }

    fn by_code(&self, code: &str) -> Option<UnitId> {
        self.units.get(code).copied()
    }

    /// Log-ins and codes of a test become people and units of the company, and its days lie as far from now as they lay from the day of
    /// the tests; what nobody has uploaded is left out.
    fn translated(&self, data: &Map<String, Json>, form: &Form, now: Ts) -> Map<String, Json> {
        let mut own = Map::new();
        for (name, value) in data {
            let widget = form.fields.get(name).and_then(|field| field.widget.as_deref());
            let one = |text: &str| match widget {
                Some("unit") => self.by_code(text).map(|unit| unit.to_string()),
                _ => self.by_login(text).map(|person| person.to_string()),
            };
            let value = match (widget, value) {
                (Some("person" | "unit"), Json::String(text)) => one(text).map(Json::String),
                (Some("people"), Json::Array(several)) => {
                    Some(several.iter().filter_map(Json::as_str).filter_map(one).map(Json::String).collect())
                }
                (Some("equipment"), _) => self.things.first().map(|thing| Json::String(thing.id.to_string())),
                (Some("dataset"), _) => self.datasets.first().map(|dataset| Json::String(dataset.to_string())),
                (Some("files"), _) => None,
                (None, Json::String(text))
                    if form.fields.get(name).is_some_and(|field| field.schema.get("format") == Some(&Json::from("date"))) =>
                {
                    moved(text, now).map(Json::String)
                }
                _ => Some(value.clone()),
            };
            own.extend(value.map(|value| (name.clone(), value)));
        }
        own
    }
}

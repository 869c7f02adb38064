//! How many complete cases the product carries through in a second, with every row, story entry, notice and record, on SQLite.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use db::{Database, Options};
use identity::{
    UnitType,
    service::{
        people::{self, NewPerson},
        units::{self, NewUnit},
    },
};
use kernel::{Actor, ActorKind, Clock, Error, Permission, PersonId, Reach};
use serde_json::json;
use workflows::{
    CaseId, Office, ProcessId,
    blueprint::Source,
    office::moves::{Resume, SignerPosition},
    service::{
        definitions::{self, NewProcess},
        starting::{self, NewCase},
        work::{self, WorkAction, WorkStep},
    },
};

use crate::Outcome;

/// Who carries cases through at the same time.
const CLIENTS: usize = 8;
/// Filling in, a choice, two branches.
const PROCESS: &str = r#"<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zhidu="urn:zhidu:bpmn:1"><b:process id="p" name="采购" isExecutable="true">
  <b:extensionElements><zhidu:process title="{名称}" clauses="G3.2" /></b:extensionElements>
  <b:startEvent id="s" />
  <b:userTask id="apply"><b:extensionElements><zhidu:work kind="do"><zhidu:people by="starter" /><zhidu:field name="*" right="edit" /></zhidu:work></b:extensionElements></b:userTask>
  <b:exclusiveGateway id="x1" default="f2" /><b:parallelGateway id="p1" />
  <b:userTask id="finance"><b:extensionElements><zhidu:work kind="approve"><zhidu:people by="starter" /><zhidu:field name="*" right="read" /></zhidu:work></b:extensionElements></b:userTask>
  <b:userTask id="lead"><b:extensionElements><zhidu:work kind="approve"><zhidu:people by="starter" /><zhidu:field name="*" right="read" /></zhidu:work></b:extensionElements></b:userTask>
  <b:parallelGateway id="p2" /><b:exclusiveGateway id="x2" /><b:endEvent id="e" />
  <b:sequenceFlow id="f0" sourceRef="s" targetRef="apply" /><b:sequenceFlow id="f1" sourceRef="apply" targetRef="x1" />
  <b:sequenceFlow id="f2" sourceRef="x1" targetRef="x2" />
  <b:sequenceFlow id="f3" sourceRef="x1" targetRef="p1"><b:conditionExpression>金额 > 5000</b:conditionExpression></b:sequenceFlow>
  <b:sequenceFlow id="f4" sourceRef="p1" targetRef="finance" /><b:sequenceFlow id="f5" sourceRef="p1" targetRef="lead" />
  <b:sequenceFlow id="f6" sourceRef="finance" targetRef="p2" /><b:sequenceFlow id="f7" sourceRef="lead" targetRef="p2" />
  <b:sequenceFlow id="f8" sourceRef="p2" targetRef="x2" /><b:sequenceFlow id="f9" sourceRef="x2" targetRef="e" />
</b:process></b:definitions>"#;

/// Carries cases through for some seconds and prints the rate.
pub fn run(seconds: u64) -> Outcome {
    let folder = std::env::temp_dir().join(format!("zhidu-cases-{}", PersonId::new()));
    std::fs::create_dir_all(&folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(measure(&folder, seconds));
    drop(std::fs::remove_dir_all(&folder));
    let (cases, elapsed) = result.map_err(|error| error.to_string())?;
    let rate = cases as f64 / elapsed.as_secs_f64();
    println!("{rate:.0} complete cases of three tasks per second, {CLIENTS} clients, SQLite");
    Ok(())
}

async fn measure(folder: &std::path::Path, seconds: u64) -> Result<(u64, Duration), Error> {
    let url = format!("sqlite://{}", folder.join("zhidu.db").display());
    let db = Database::open(&Options { url, connections: 4, migrate: true, clock: Clock::default() })?;
    identity::bootstrap::ensure_roles(&db).await?;
    tickets::settings::ensure(&db).await?;
    let calendar = Box::new(|tx: &mut db::ReadTx<'_>| Ok(tickets::settings::Settings::load(tx)?.calendar()));
    let office = Arc::new(Office::new(server::actions::all(), server::references(), calendar, Vec::new()));
    let (actor, process) = company(&db, &office).await?;
    let (done, begun) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let limit = Duration::from_secs(seconds);
    let clients = (0..CLIENTS).map(|_| {
        let (db, office, actor, done) = (db.clone(), Arc::clone(&office), Arc::clone(&actor), Arc::clone(&done));
        tokio::spawn(async move {
            while begun.elapsed() < limit {
                carry(&db, &office, &actor, process).await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<(), Error>(())
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.map_err(Error::internal)??;
    }
    Ok((done.load(Ordering::Relaxed), begun.elapsed()))
}

/// One case from its form to its end: three transactions.
async fn carry(db: &Database, office: &Arc<Office>, actor: &Arc<Actor>, process: ProcessId) -> Result<(), Error> {
    let data = json!({ "名称": "服务器", "金额": 60_000 }).as_object().cloned().unwrap_or_default();
    let new = NewCase { id: CaseId::new(), process, unit: None, data, chosen: BTreeMap::new(), draft: None, opinion: None };
    let own = Arc::clone(office);
    let case = db.write(actor, move |tx| starting::start(tx, &own, &new)).await?;
    for item in db.read(actor, move |tx| work::open_in(tx, case)).await? {
        let own = Arc::clone(office);
        db.write(actor, move |tx| {
            let step = WorkStep {
                action: WorkAction::Complete,
                outcome: Some("agree".to_owned()),
                opinion: Some("同意".to_owned()),
                data: None,
                seen: None,
                to: Vec::new(),
                target: None,
                resume: Resume::Again,
                position: SignerPosition::Parallel,
            };
            work::transition(tx, &own, item.id, item.version, &step)
        })
        .await?;
    }
    Ok(())
}

async fn company(db: &Database, office: &Arc<Office>) -> Result<(Arc<Actor>, ProcessId), Error> {
    let everything = Reach { all: true, ..Reach::default() };
    let mut actor = Actor::of_kind(ActorKind::Bootstrap, "bench");
    actor.grants = Arc::new(Permission::ALL.iter().map(|permission| (*permission, everything.clone())).collect());
    let founder = Arc::new(actor.clone());
    let unit = NewUnit { parent: None, code: "HQ".to_owned(), name: "公司".to_owned(), kind: UnitType::Company };
    let unit = db.write(&founder, move |tx| units::create(tx, &unit)).await?;
    let person = NewPerson {
        name: "陈立".to_owned(),
        login: "chen.li".to_owned(),
        employee_number: None,
        email: None,
        phone: None,
        unit,
        title: "经理".to_owned(),
        password_hash: None,
    };
    let person = db.write(&founder, move |tx| people::create(tx, &person)).await?;
    (actor.kind, actor.id, actor.name, actor.unit) = (ActorKind::Person, Some(person.uuid()), "陈立".to_owned(), Some(unit));
    let actor = Arc::new(actor);
    let form = json!({ "schema": { "type": "object", "properties": { "名称": { "type": "string" }, "金额": { "type": "number" } } }, "ui": { "groups": [] } });
    let source = Source { bpmn: PROCESS.to_owned(), form, decisions: Default::default(), tests: Vec::new() };
    let new = NewProcess {
        key: "bench".to_owned(),
        name: "采购".to_owned(),
        name_en: None,
        category: None,
        category_en: None,
        about: None,
        about_en: None,
        source: Some(source),
        origin: None,
    };
    let process = db.write(&actor, move |tx| definitions::create(tx, &new)).await?;
    let own = Arc::clone(office);
    db.write(&actor, move |tx| definitions::publish(tx, &own, process, 1, None, &[], None)).await?;
    Ok((actor, process))
}

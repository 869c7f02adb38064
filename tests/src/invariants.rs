//! What must be true of the database after every test, whatever it did.

use db::{Conn, Database};
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Text},
};
use kernel::{Actor, ActorKind, Error};

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Text)]
    action: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Tables whose rows have versions.
const VERSIONED: &[&str] = &[
    "ticket",
    "ticket_category",
    "ticket_setting",
    "ticket_view",
    "equipment",
    "equipment_type",
    "inventory_credential",
    "dataset",
    "dataset_grant",
    "person",
    "org_unit",
    "role",
    "file",
    "import_batch",
    "process",
    "process_case",
    "case_draft",
    "webhook",
    "backup_plan",
    "backup",
    "backup_place",
    "backup_medium",
    "backup_handover",
    "regulation",
    "waiver",
    "extraction",
    "report_run",
    "report_plan",
];

/// Each (subject, version step) has exactly one record, without gaps, and no row is without its records.
pub async fn check(db: &Database, office: &actix_web::web::Data<workflows::Office>) {
    let mut questions = vec![
        (
            "a version step with more than one record".to_owned(),
            "select count(*) as n from (select 1 as one from audit_record where outcome = 'success' and version_after is not null \
             group by subject_id, version_after having count(*) > 1) twice"
                .to_owned(),
        ),
        (
            "a version step that skips".to_owned(),
            "select count(*) as n from audit_record where outcome = 'success' and version_after is not null \
             and version_after <> coalesce(version_before, 0) + 1"
                .to_owned(),
        ),
    ];
    for table in VERSIONED {
        questions.push((
            format!("{table}: a version without its record"),
            format!(
                "select count(*) as n from {table} one where one.version <> coalesce((select max(version_after) from audit_record \
                 where subject_id = one.id and outcome = 'success'), 0)"
            ),
        ));
        questions.push((
            format!("{table}: a version in between without its record"),
            format!(
                "select count(*) as n from {table} one where one.version <> (select count(*) from audit_record \
                 where subject_id = one.id and outcome = 'success' and version_after is not null)"
            ),
        ));
    }
    questions.push((
        "open work or a timer in a case that is over".to_owned(),
        "select (select count(*) from work_item join process_case on process_case.id = work_item.case_id where process_case.state <> 'running' \
         and work_item.state in ('open', 'waiting')) + (select count(*) from case_wait join process_case on process_case.id = case_wait.case_id \
         where process_case.state <> 'running') as n"
            .to_owned(),
    ));
    let actor = std::sync::Arc::new(Actor::of_kind(ActorKind::SystemJob, "test"));
    words(db, &actor).await;
    for (what, sql) in questions {
        let found = db.read(&actor, move |tx| count(tx.conn(), &sql)).await.expect("the question can be asked");
        assert_eq!(found, 0, "{what}");
    }
    cases(db, office).await;
}

/// What was done has a word on the page in both languages. Events of processes are called what their pack calls them.
async fn words(db: &Database, actor: &std::sync::Arc<Actor>) {
    let done = db.read(actor, |tx| {
        let query = diesel::sql_query("select distinct action from audit_record where canonical not like '%\"step\":%'");
        let rows: Vec<Done> = match tx.conn() {
            Conn::Pg(conn) => query.load(conn)?,
            Conn::Sqlite(conn) => query.load(conn)?,
        };
        Ok(rows)
    });
    let done = done.await.expect("the question can be asked");
    for text in [
        include_str!("../../frontend/src/features/records/i18n/zh-CN.json"),
        include_str!("../../frontend/src/features/records/i18n/en.json"),
    ] {
        let known: serde_json::Value = serde_json::from_str(text).expect("JSON");
        for Done { action } in &done {
            let (noun, participle) = action.split_once('.').expect("noun.participle");
            assert!(known["action"][noun][participle].is_string(), "{action} has no word");
        }
    }
}

/// What every case is follows from what was delivered to it, and every open work item has its token.
async fn cases(db: &Database, office: &actix_web::web::Data<workflows::Office>) {
    let actor = std::sync::Arc::new(Actor::of_kind(ActorKind::SystemJob, "test"));
    let office = office.clone();
    db.read(&actor, move |tx| {
        for id in workflows::service::cases::all(tx)? {
            let (kept, folded) = workflows::service::cases::states(tx, &office, id)?;
            assert_eq!(kept, folded, "the state of a case does not follow from its events");
        }
        Ok(())
    })
    .await
    .expect("the cases can be read");
}

/// The one number that a query answers with.
pub fn count(conn: &mut Conn, sql: &str) -> Result<i64, Error> {
    let query = diesel::sql_query(sql);
    let rows: Vec<Count> = match conn {
        Conn::Pg(conn) => query.load(conn)?,
        Conn::Sqlite(conn) => query.load(conn)?,
    };
    Ok(rows.first().map_or(0, |row| row.n))
}

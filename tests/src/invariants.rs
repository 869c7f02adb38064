//! What must be true of the database after every test, whatever it did.

use db::{Conn, Database};
use diesel::{QueryableByName, RunQueryDsl, sql_types::BigInt};
use kernel::{Actor, ActorKind, Error};

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
    "person",
    "org_unit",
    "role",
    "file",
    "import_batch",
];

/// Each (subject, version step) has exactly one record, without gaps, and no row is without its records.
pub async fn check(db: &Database) {
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
    let actor = std::sync::Arc::new(Actor::of_kind(ActorKind::SystemJob, "test"));
    for (what, sql) in questions {
        let found = db.read(&actor, move |tx| count(tx.conn(), &sql)).await.expect("the question can be asked");
        assert_eq!(found, 0, "{what}");
    }
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

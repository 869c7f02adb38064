//! One record for each change, none for what changes nothing, a note for what was refused.
//! That no version step lacks its record is checked after every test of this folder.

use tests::{TestApp, Value, given, given::text, json, on_both_databases};

async fn records(app: &TestApp, auditor: &given::Person, subject: &Value) -> Vec<Value> {
    let found = app.by(auditor).get(&format!("/records?limit=100&subject_id={}", text(subject))).ok().await;
    found["items"].as_array().expect("records").clone()
}

on_both_databases! {
    async fn a_replay_and_an_empty_change_leave_no_record(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let desk = given::with_role(&app, &company, "desk", "service_desk").await;
        let report = || app.by(&desk).post("/tickets", json!({ "kind": "request", "title": "开通账号" })).header("idempotency-key", "k1");
        let first = report().ok().await;
        let again = report().ok().await;
        assert_eq!(first, again);
        let path = format!("/tickets/{}", text(&first["id"]));
        let same = app.by(&desk).patch(&path, 1, json!({ "title": "开通账号" })).ok().await;
        assert_eq!(same["version"], 1);
        app.by(&desk).patch(&path, 1, json!({ "title": "" })).refused(422, "request.invalid").await;
        assert_eq!(records(&app, &auditor, &first["id"]).await.len(), 1);
        app.by(&desk).patch(&path, 1, json!({ "title": "开通财务账号" })).ok().await;
        app.by(&desk).patch(&path, 1, json!({ "title": "旧的" })).refused(412, "version.stale").await;
        let found = records(&app, &auditor, &first["id"]).await;
        let changes = &found[0]["changes"];
        assert_eq!((found.len(), &changes[0]["old"], &changes[0]["new"]), (2, &json!("开通账号"), &json!("开通财务账号")));
        // Another body under the same key is another request: refused.
        let other = app.by(&desk).post("/tickets", json!({ "kind": "request", "title": "别的" })).header("idempotency-key", "k1").send().await;
        assert!(other.status == 409 || other.status == 422, "{}", other.status);
    }

    async fn a_denial_is_noted_with_who_wanted_what(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let desk = given::with_role(&app, &company, "desk", "service_desk").await;
        let stranger = given::employee(&app, &company.admin, &company.unit, "stranger").await;
        let ticket = app.by(&desk).post("/tickets", json!({ "kind": "request", "title": "开通账号" })).ok().await;
        app.by(&stranger).get(&format!("/tickets/{}", text(&ticket["id"]))).refused(404, "not_found").await;
        let denied = app.by(&auditor).get(&format!("/records?outcome=denied&actor_id={}", stranger.id)).ok().await;
        let record = &denied["items"][0];
        assert_eq!((record["outcome"].as_str(), &record["subject"]["id"]), (Some("denied"), &ticket["id"]), "{denied}");
    }

    async fn a_panicking_job_harms_nobody_else(app: TestApp) {
        let company = given::company(&app).await;
        let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
        let job = |tx: &mut db::WriteTx<'_>| -> Result<db::Recorded<()>, kernel::Error> {
            assert!(tx.now().micros() < 0, "on purpose");
            tx.unchanged(()).and_then(Ok)
        };
        let writes = (0..20).map(|number| {
            let (db, actor, company, app) = (app.app.db.clone(), actor.clone(), &company, &app);
            async move {
                if number % 2 == 0 {
                    let Err(error) = db.write(&actor, job).await else { panic!("the panic was swallowed") };
                    assert_eq!(error.code(), kernel::Code::Internal);
                } else {
                    app.by(&company.admin).post("/org-units", json!({ "parent_id": company.unit, "name": format!("处{number}"), "code": format!("C{number}"), "kind": "unit" })).ok().await;
                }
            }
        });
        futures_util::future::join_all(writes).await;
    }

    async fn the_feed_tells_everybody_only_what_they_may_see(app: TestApp) {
        let company = given::company(&app).await;
        let desk = given::with_role(&app, &company, "desk", "service_desk").await;
        let stranger = given::employee(&app, &company.admin, &company.unit, "stranger").await;
        let ticket = app.by(&desk).post("/tickets", json!({ "kind": "request", "title": "开通账号" })).ok().await;
        let sees = async |person: &given::Person| {
            for _ in 0..100 {
                let feed = app.by(person).get("/changes?limit=100").ok().await;
                if feed["items"].as_array().unwrap().iter().any(|change| change["id"] == ticket["id"]) {
                    return true;
                }
                tokio::time::sleep(std::time::Duration::from_millis(30)).await;
            }
            false
        };
        assert!(sees(&desk).await);
        assert!(!sees(&stranger).await);
    }

    async fn a_stream_ends_with_its_session_however_much_there_is_to_tell(app: TestApp) {
        use futures_util::StreamExt as _;
        let company = given::company(&app).await;
        let desk = given::with_role(&app, &company, "desk", "service_desk").await;
        let answer = app.by(&desk).get("/events").builder.send().await.expect("a stream");
        let mut stream = answer.bytes_stream();
        let busy = async {
            loop {
                app.by(&company.admin).post("/tickets", json!({ "kind": "request", "title": "开通账号" })).ok().await;
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        let until_it_ends = async {
            let mut told = String::new();
            while let Some(chunk) = stream.next().await {
                told.push_str(&String::from_utf8_lossy(&chunk.expect("a chunk")));
                if told.matches("ticket.created").count() == 3 {
                    app.by(&desk).post("/auth/logout", json!({})).send().await;
                }
            }
            told
        };
        let told = tokio::select! {
            told = until_it_ends => told,
            () = busy => unreachable!("it never ends"),
            () = tokio::time::sleep(std::time::Duration::from_secs(30)) => panic!("the stream goes on after the log-out"),
        };
        assert!(told.matches("ticket.created").count() < 80, "{told}");
    }

    async fn the_log_cannot_be_changed_even_by_who_has_the_database(app: TestApp) {
        given::company(&app).await;
        let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
        let leaves = "select count(*) as n from audit_leaf";
        while app.app.db.read(&actor, |tx| tests::invariants::count(tx.conn(), leaves)).await.expect("a count") == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        for table in ["audit_record", "audit_related", "audit_leaf", "audit_detail", "audit_erasure"] {
            let mut statements = vec![format!("update {table} set record_id = record_id"), format!("delete from {table}")];
            if table == "audit_record" {
                statements = vec![format!("update {table} set action = 'forged'"), format!("delete from {table}")];
            }
            if app.database_url.starts_with("postgres") {
                statements.push(format!("truncate {table}"));
            } else {
                statements.push(format!("insert or replace into {table} select * from {table} limit 1"));
            }
            if table == "audit_erasure" {
                // Nothing was erased: an empty table has no row that a trigger could refuse.
                statements.retain(|statement| statement.starts_with("truncate"));
            }
            for statement in statements {
                let said = run(&app, &statement).expect_err(&statement);
                assert!(said.contains("append-only") || said.contains("erasure"), "{statement}: {said}");
            }
        }
    }
}

/// Not through the product: as somebody who has the file, or the superuser.
fn run(app: &TestApp, statement: &str) -> Result<usize, String> {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, RunQueryDsl as _};
    let query = diesel::sql_query(statement);
    let done = if app.database_url.starts_with("postgres") {
        query.execute(&mut diesel::PgConnection::establish(&app.database_url).expect("the database"))
    } else {
        let mut file = diesel::SqliteConnection::establish(&app.database_url).expect("the file");
        // The product's own writer may be at work at this moment.
        file.batch_execute("pragma busy_timeout = 20000").expect("a pragma");
        query.execute(&mut file)
    };
    done.map_err(|error| error.to_string())
}

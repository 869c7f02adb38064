//! Reports: the same log gives the same report, whoever asks; who may not read the rows does not get them as a report (X3).

use std::time::Duration;

use diesel::{Connection as _, connection::SimpleConnection as _};
use sha2::{Digest as _, Sha256};
use tests::{Person, TestApp, Value, given, given::text, json, on_both_databases};

/// What the product itself would refuse, and time that passes.
fn sql(app: &TestApp, sql: &str) {
    let done = if app.database_url.starts_with("postgres") {
        diesel::PgConnection::establish(&app.database_url).expect("the database").batch_execute(sql)
    } else {
        let url = &app.database_url;
        diesel::SqliteConnection::establish(url).expect("the database").batch_execute(&format!("pragma busy_timeout=10000; {sql}"))
    };
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Waits until everything that was recorded so far has its place, so that a report speaks of it.
async fn sequenced(app: &TestApp, auditor: &Person) {
    for _ in 0..600 {
        let newest = app.by(auditor).get("/records?limit=1").ok().await["items"][0].clone();
        if newest["index"].is_i64() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the sequencer stands still");
}

/// Waits until a run is made, or could not be.
async fn made(app: &TestApp, by: &Person, id: &str) -> Value {
    for _ in 0..1200 {
        let run = app.by(by).get(&format!("/report-runs/{id}")).ok().await;
        if run["state"] != "queued" {
            return run;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a report was not made within a minute");
}

/// Asks for a report and waits for it.
async fn report(app: &TestApp, by: &Person, body: Value) -> Value {
    let asked = app.by(by).post("/report-runs", body).ok().await;
    assert_eq!(asked["state"], "queued");
    let run = made(app, by, &text(&asked["id"])).await;
    assert_eq!(run["state"], "made", "{run}");
    run
}

async fn rows(app: &TestApp, by: &Person, run: &Value) -> Vec<Value> {
    let content = app.by(by).get(&format!("/report-runs/{}/rows?limit=500", text(&run["id"]))).ok().await;
    let columns: Vec<String> = content["columns"].as_array().expect("columns").iter().map(|column| text(&column["key"])).collect();
    let named = |row: &Value| -> Value {
        columns.iter().cloned().zip(row.as_array().expect("values").iter().cloned()).collect::<serde_json::Map<_, _>>().into()
    };
    let rows: Vec<Value> = content["rows"].as_array().expect("rows").iter().map(named).collect();
    assert_eq!(content["total"], rows.len());
    assert_eq!(run["rows"], rows.len());
    rows
}

async fn equipment(app: &TestApp, keeper: &Person, unit: &str, name: &str) -> Value {
    let types = app.by(keeper).get("/equipment-types").ok().await;
    let body = json!({ "name": name, "type_id": types["items"][0]["id"], "unit_id": unit, "purchased_on": "2020-01-15",
        "warranty_until": "2021-01-15", "price": "1234.05", "serial": format!("SN-{name}") });
    app.by(keeper).post("/equipment", body).ok().await
}

on_both_databases! {
    async fn the_same_log_gives_the_same_report(app: TestApp) {
        let company = given::company(&app).await;
        let keeper = given::with_role(&app, &company, "keeper", "asset_keeper").await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let first = equipment(&app, &keeper, &company.unit, "one").await;
        sequenced(&app, &auditor).await;
        let register = json!({ "report": "equipment_register" });
        let before = report(&app, &auditor, register.clone()).await;
        let found = rows(&app, &auditor, &before).await;
        assert_eq!(found.len(), 1);
        let row = &found[0];
        assert_eq!((&row["number"], &row["name"], &row["unit"]), (&first["number"], &json!("one"), &json!("试验公司")));
        assert_eq!((&row["state"], &row["price"], &row["warranty"]), (&json!("in_stock"), &json!(123_405), &json!("over")));
        assert!(row["age_months"].as_i64().expect("an age") > 80, "{row}");

        equipment(&app, &keeper, &company.unit, "two").await;
        sequenced(&app, &auditor).await;
        let after = report(&app, &keeper, register).await;
        assert_eq!(rows(&app, &auditor, &after).await.len(), 2);
        assert_ne!(after["content_hash"], before["content_hash"]);

        // Over the log as it was then, it is what it was then, also for somebody else, whatever things are called now. That the list was
        // exported is no piece of equipment.
        let unit = app.by(&company.admin).get("/org-units").ok().await["items"][0].clone();
        let renamed = json!({ "name": "改名公司" });
        app.by(&company.admin).patch(&format!("/org-units/{}", text(&unit["id"])), unit["version"].as_i64().expect("a version"), renamed).ok().await;
        assert_eq!(app.by(&keeper).get("/equipment/export?format=csv").send().await.status, 200);
        sequenced(&app, &auditor).await;
        let latest = report(&app, &auditor, json!({ "report": "equipment_register" })).await;
        let latest = rows(&app, &auditor, &latest).await;
        assert_eq!(latest.iter().map(|row| &row["unit"]).collect::<Vec<_>>(), ["改名公司", "改名公司"]);
        let again = report(&app, &keeper, json!({ "report": "equipment_register", "log_size": before["log_size"] })).await;
        assert_eq!(again["content_hash"], before["content_hash"]);
        let repeated = app.by(&auditor).get(&format!("/report-runs/{}/repeat", text(&before["id"]))).ok().await;
        assert_eq!((&repeated["same"], &repeated["content_hash"]), (&json!(true), &before["content_hash"]));

        // The hash is in the log.
        let records = app.by(&auditor).get(&format!("/records?subject_id={}", text(&before["id"]))).ok().await;
        let record = records["items"].as_array().expect("records").iter().find(|record| record["action"] == "report.made").expect("a record");
        let record = app.by(&auditor).get(&format!("/records/{}", text(&record["id"]))).ok().await;
        assert_eq!(record["facts"]["content_hash"], before["content_hash"]);
        assert_eq!(record["facts"]["log_size"], before["log_size"].to_string());
    }

    async fn a_report_is_a_file_in_four_forms_and_each_download_is_a_record(app: TestApp) {
        let company = given::company(&app).await;
        let keeper = given::with_role(&app, &company, "keeper", "asset_keeper").await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        equipment(&app, &keeper, &company.unit, "=1+1 王䶮").await;
        sequenced(&app, &auditor).await;
        let run = report(&app, &auditor, json!({ "report": "equipment_register" })).await;
        let path = format!("/report-runs/{}/file", text(&run["id"]));
        let begins: [(&str, &[u8]); 4] = [("json", b"{"), ("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF-")];
        for (format, begin) in begins {
            let file = app.by(&auditor).get(&format!("{path}?format={format}")).send().await;
            assert_eq!(file.status, 200);
            assert!(file.bytes.starts_with(begin), "{format}");
            let again = app.by(&auditor).get(&format!("{path}?format={format}")).send().await;
            assert!(file.bytes == again.bytes, "{format} differs from one download to the next");
            let hash = kernel::hex(&Sha256::digest(&file.bytes));
            sequenced(&app, &auditor).await;
            let noted = app.by(&auditor).get("/records?action=report.downloaded&limit=1").ok().await;
            let noted = app.by(&auditor).get(&format!("/records/{}", text(&noted["items"][0]["id"]))).ok().await;
            assert_eq!((&noted["facts"]["format"], &noted["facts"]["file_hash"]), (&json!(format), &json!(hash)));
            if format == "json" {
                assert_eq!(run["content_hash"], hash, "the content is what was hashed");
            }
            if format == "csv" {
                let text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
                assert!(text.contains("编号,名称") && text.contains("'=1+1 王䶮") && text.contains("1234.05"), "{text}");
                let english = app.by(&auditor).get(&format!("{path}?format=csv")).header("accept-language", "en").send().await;
                assert!(String::from_utf8(english.bytes).expect("UTF-8").contains("Number,Name"));
            }
        }
        app.by(&auditor).get(&format!("{path}?format=docx")).refused(422, "request.invalid").await;
        app.by(&auditor).get(&path).refused(422, "request.invalid").await;

        // Downloads are reported on, too.
        sequenced(&app, &auditor).await;
        let extracts = report(&app, &auditor, json!({ "report": "extracts" })).await;
        assert_eq!(rows(&app, &auditor, &extracts).await.iter().filter(|row| row["what"] == "report.downloaded").count(), 9);
    }

    async fn who_may_not_read_the_rows_does_not_get_them_as_a_report(app: TestApp) {
        let company = given::company(&app).await;
        let keeper = given::with_role(&app, &company, "keeper", "asset_keeper").await;
        let employee = given::employee(&app, &company.admin, &company.unit, "employee").await;
        let branch = given::unit(&app, &company, &company.unit, "分公司").await;
        let below = given::unit(&app, &company, &branch, "车间").await;
        let local = given::employee(&app, &company.admin, &branch, "local").await;
        given::assign(&app, &company.security, &local, "asset_keeper", "subtree", Some(&branch)).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        equipment(&app, &keeper, &company.unit, "head").await;
        equipment(&app, &keeper, &below, "below").await;
        sequenced(&app, &auditor).await;

        assert_eq!(app.by(&employee).get("/reports").ok().await["items"], json!([]));
        app.by(&employee).post("/report-runs", json!({ "report": "equipment_register" })).refused(403, "forbidden").await;
        app.by(&local).post("/report-runs", json!({ "report": "equipment_register" })).refused(403, "forbidden").await;
        app.by(&local).post("/report-runs", json!({ "report": "logins" })).refused(403, "forbidden").await;
        let offered = app.by(&local).get("/reports").ok().await;
        let keys: Vec<&Value> = offered["items"].as_array().expect("reports").iter().map(|item| &item["key"]).collect();
        assert_eq!(keys, ["equipment_register", "equipment_movements"]);
        assert_eq!(offered["items"][0]["whole_company"], false);

        let whole = report(&app, &auditor, json!({ "report": "equipment_register" })).await;
        assert_eq!(rows(&app, &auditor, &whole).await.len(), 2);
        let own = report(&app, &local, json!({ "report": "equipment_register", "unit_id": branch })).await;
        let found = rows(&app, &local, &own).await;
        assert_eq!(found.iter().map(|row| &row["name"]).collect::<Vec<_>>(), ["below"]);
        let whole = text(&whole["id"]);
        for path in [format!("/report-runs/{whole}"), format!("/report-runs/{whole}/rows"), format!("/report-runs/{whole}/file?format=csv")] {
            app.by(&local).get(&path).refused(404, "not_found").await;
        }
        let listed = app.by(&local).get("/report-runs").ok().await;
        assert_eq!(listed["items"].as_array().expect("runs").iter().map(|run| &run["id"]).collect::<Vec<_>>(), [&own["id"]]);
        assert_eq!(app.by(&employee).get("/report-runs").ok().await["items"], json!([]));
    }

    async fn what_a_report_cannot_say_is_refused_field_by_field(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        for (body, pointer, code) in [
            (json!({ "report": "nonsense" }), "/report", "report.unknown"),
            (json!({ "report": "accounts", "from": early }), "/from", "report.moment"),
            (json!({ "report": "logins", "unit_id": company.unit }), "/unit_id", "report.whole_company"),
            (json!({ "report": "logins", "from": late, "to": early }), "/to", "time.order"),
            (json!({ "report": "logins", "log_size": 1_000_000_000 }), "/log_size", "report.beyond_log"),
            (json!({ "report": "logins", "log_size": -1 }), "/log_size", "field.out_of_range"),
            (json!({ "report": "accounts", "unit_id": kernel::UnitId::new() }), "/unit_id", "field.unknown_reference"),
        ] {
            let refused = app.by(&auditor).post("/report-runs", body).send().await;
            assert_eq!(refused.status, 422, "{}", refused.json);
            let error = &refused.json["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{}", refused.json);
        }
        assert_eq!(app.by(&auditor).get("/report-runs").ok().await["items"], json!([]));
    }

    async fn what_was_altered_or_discarded_is_not_handed_out(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let other = given::with_role(&app, &company, "other", "auditor").await;
        sequenced(&app, &auditor).await;
        let first = report(&app, &auditor, json!({ "report": "accounts" })).await;
        let second = report(&app, &auditor, json!({ "report": "logins" })).await;
        let (one, two) = (text(&first["id"]), text(&second["id"]));
        // The content of one under the name of the other: a whole content, but not what the log says.
        let id = |run: &str| {
            let hex = run.replace('-', "");
            if app.database_url.starts_with("postgres") { format!("'{run}'") } else { format!("x'{hex}'") }
        };
        sql(&app, &format!("update report_content set content = (select content from report_content where run_id = {}) where run_id = {}", id(&two), id(&one)));
        app.by(&auditor).get(&format!("/report-runs/{one}/file?format=csv")).refused(409, "report.altered").await;
        app.by(&auditor).get(&format!("/report-runs/{one}/rows")).refused(409, "report.altered").await;

        let path = format!("/report-runs/{two}/discard");
        app.by(&other).post(&path, json!({})).if_match(2).refused(403, "forbidden").await;
        app.by(&auditor).post(&path, json!({})).if_match(1).refused(412, "version.stale").await;
        let gone = app.by(&auditor).post(&path, json!({})).if_match(2).ok().await;
        assert_eq!((&gone["state"], &gone["content_hash"]), (&json!("discarded"), &second["content_hash"]));
        app.by(&auditor).get(&format!("/report-runs/{two}/file?format=json")).refused(409, "report.not_made").await;
        app.by(&auditor).post(&path, json!({})).if_match(3).refused(409, "report.not_made").await;
        // What is gone can still be computed again from the log.
        assert_eq!(app.by(&auditor).get(&format!("/report-runs/{two}/repeat")).ok().await["same"], true);
    }

    async fn a_planned_report_comes_by_itself_while_its_owner_may_ask_for_it(app: TestApp) {
        // In the middle of a day of the office, whenever this runs.
        app.clock.set(app.clock.now().office_date().office_midnight().plus_seconds(86_400 + 36_000));
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let other = given::with_role(&app, &company, "other", "auditor").await;
        let plan = app.by(&auditor).post("/report-plans", json!({ "report": "logins", "name": "每日登录", "period": "day" })).ok().await;
        let id = text(&plan["id"]);
        app.by(&company.admin).post("/report-plans", json!({ "report": "logins", "name": "x", "period": "day" })).refused(403, "forbidden").await;
        app.by(&other).patch(&format!("/report-plans/{id}"), 1, json!({ "active": false })).refused(409, "report_plan.not_owner").await;

        app.clock.advance(86_400);
        let auditor = given::again(&app, &auditor).await;
        let mut runs = Value::Null;
        for _ in 0..600 {
            runs = app.by(&auditor).get(&format!("/report-runs?plan_id={id}")).ok().await["items"].clone();
            if runs[0]["state"] == "made" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
        let run = &runs[0];
        assert_eq!((&run["state"], &run["requested_by"]), (&json!("made"), &json!("员工auditor")));
        let (from, to) = (text(&run["parameters"]["from"]), text(&run["parameters"]["to"]));
        assert!(from.ends_with("T16:00:00.000000Z") && to.ends_with("T16:00:00.000000Z") && from < to, "{from} {to}");
        let told = app.by(&auditor).get("/notifications").ok().await["items"][0].clone();
        let link = format!("/reports/{}", text(&run["id"]));
        assert_eq!((&told["kind"], &told["text"], &told["link"]), (&json!("report"), &json!("登录与拒绝记录"), &json!(link)));
        // What happened on that day is in it, all of it and nothing of the next.
        let listed = rows(&app, &auditor, run).await;
        assert!(listed.len() >= 6 && listed.iter().all(|row| text(&row["time"]) >= from && text(&row["time"]) < to), "{listed:?}");

        // Without the right, nothing comes, and the plan says why.
        let security = given::again(&app, &company.security).await;
        let person = app.by(&security).get(&format!("/people/{}", auditor.id)).ok().await;
        let held = person["roles"].as_array().expect("roles").iter().find(|held| held["role"]["name"] == "审计员").expect("the role").clone();
        app.by(&security)
            .delete(&format!("/people/{}/roles/{}", auditor.id, text(&held["id"])))
            .if_match(person["version"].as_i64().expect("a version"))
            .send()
            .await;
        app.clock.advance(86_400);
        let auditor = given::again(&app, &auditor).await;
        let mut plan = Value::Null;
        for _ in 0..600 {
            plan = app.by(&auditor).get("/report-plans").ok().await["items"][0].clone();
            if plan["problem"].is_string() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(plan["problem"], "forbidden");
        assert!(text(&plan["problem_text"]).chars().any(|letter| letter > '\u{2e80}'), "{plan}");
        let other = given::again(&app, &other).await;
        assert_eq!(app.by(&other).get(&format!("/report-runs?plan_id={id}")).ok().await["items"].as_array().map(Vec::len), Some(1));
        let version = plan["version"].as_i64().expect("a version");
        let rests = app.by(&auditor).patch(&format!("/report-plans/{id}"), version, json!({ "active": false })).ok().await;
        assert_eq!(rests["active"], false);
    }

    async fn rights_at_a_time_are_those_of_then(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let clerk = given::with_role(&app, &company, "clerk", "service_desk").await;
        app.clock.advance(60);
        let then = app.clock.now().to_string();
        app.clock.advance(60);
        let person = app.by(&company.security).get(&format!("/people/{}", clerk.id)).ok().await;
        let held = person["roles"].as_array().expect("roles").iter().find(|held| held["role"]["name"] == "服务台").expect("the role").clone();
        app.by(&company.security)
            .delete(&format!("/people/{}/roles/{}", clerk.id, text(&held["id"])))
            .if_match(person["version"].as_i64().expect("a version"))
            .send()
            .await;
        sequenced(&app, &auditor).await;
        let roles = async |body: Value| -> Vec<Value> {
            let run = report(&app, &auditor, body).await;
            let rows = rows(&app, &auditor, &run).await;
            rows.into_iter().filter(|row| row["login"] == "clerk").map(|row| row["role"].clone()).collect()
        };
        assert_eq!(roles(json!({ "report": "accounts", "to": then })).await, ["员工", "服务台"]);
        assert_eq!(roles(json!({ "report": "accounts" })).await, ["员工"]);
        // The first administrator came by another door, and has rights too.
        let run = report(&app, &auditor, json!({ "report": "accounts" })).await;
        let first = rows(&app, &auditor, &run).await;
        let first: Vec<&Value> = first.iter().filter(|row| row["login"] == "root.admin").collect();
        assert_eq!(first.iter().map(|row| &row["role"]).collect::<Vec<_>>(), ["员工", "系统管理员"]);
        assert!(text(&first[1]["permissions"]).contains("people.manage"));
        // What the report says of now is what the product does now.
        let everybody = app.by(&auditor).get("/people?limit=100").ok().await;
        assert_eq!(everybody["items"].as_array().map(Vec::len), Some(4));
    }

    async fn what_is_not_due_yet_is_not_held_against_anybody(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        app.by(&auditor).post("/tickets", json!({ "title": "打印机", "kind": "fault" })).ok().await;
        sequenced(&app, &auditor).await;
        // Until the end of a day that is not over.
        let run = report(&app, &auditor, json!({ "report": "service_levels", "to": "2099-01-01T00:00:00Z" })).await;
        let row = rows(&app, &auditor, &run).await[0].clone();
        assert_eq!((&row["reported"], &row["responded_in_time"], &row["resolved_in_time"]), (&json!(1), &Value::Null, &Value::Null));
        let stale = report(&app, &auditor, json!({ "report": "stale_accounts", "to": "2099-01-01T00:00:00Z" })).await;
        assert_eq!(stale["rows"], 0);
    }

    async fn what_leaves_a_unit_is_told_there_too(app: TestApp) {
        let company = given::company(&app).await;
        let keeper = given::with_role(&app, &company, "keeper", "asset_keeper").await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let (one, two) = (given::unit(&app, &company, &company.unit, "财务").await, given::unit(&app, &company, &company.unit, "生产").await);
        let holder = given::employee(&app, &company.admin, &two, "holder").await;
        let laptop = equipment(&app, &keeper, &one, "laptop").await;
        let step = json!({ "action": "assign", "unit_id": two, "holder_id": holder.id });
        let path = format!("/equipment/{}/transitions", text(&laptop["id"]));
        app.by(&keeper).post(&path, step).if_match(laptop["version"].as_i64().expect("a version")).ok().await;
        sequenced(&app, &auditor).await;
        for (unit, steps) in [(&one, &["equipment.created", "equipment.assigned"][..]), (&two, &["equipment.assigned"])] {
            let run = report(&app, &auditor, json!({ "report": "equipment_movements", "unit_id": unit })).await;
            let told = rows(&app, &auditor, &run).await;
            assert_eq!(told.iter().map(|row| text(&row["action"])).collect::<Vec<_>>(), steps, "{told:?}");
        }
    }

    async fn a_right_that_was_taken_away_stays_so_when_the_details_are_erased(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let clerk = given::with_role(&app, &company, "clerk", "service_desk").await;
        let person = app.by(&company.security).get(&format!("/people/{}", clerk.id)).ok().await;
        let held = person["roles"].as_array().expect("roles").iter().find(|held| held["role"]["name"] == "服务台").expect("the role").clone();
        let path = format!("/people/{}/roles/{}", clerk.id, text(&held["id"]));
        app.by(&company.security).delete(&path).if_match(person["version"].as_i64().expect("a version")).send().await;
        sequenced(&app, &auditor).await;
        let record = app.by(&auditor).get("/records?action=role.revoked&limit=1").ok().await["items"][0].clone();
        let basis = json!({ "legal_basis": "个人信息保护法第四十七条" });
        app.by(&company.security).post(&format!("/records/{}/erasure", text(&record["id"])), basis).ok().await;
        sequenced(&app, &auditor).await;
        let run = report(&app, &auditor, json!({ "report": "accounts" })).await;
        let roles: Vec<Value> = rows(&app, &auditor, &run).await.into_iter().filter(|row| row["login"] == "clerk").map(|row| row["role"].clone()).collect();
        assert_eq!(roles, ["员工"]);
    }

    async fn accounts_that_nobody_uses_are_named(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        given::employee(&app, &company.admin, &company.unit, "idle").await;
        app.clock.advance(91 * 86_400);
        let auditor = given::again(&app, &auditor).await;
        sequenced(&app, &auditor).await;
        let run = report(&app, &auditor, json!({ "report": "stale_accounts" })).await;
        let stale = rows(&app, &auditor, &run).await;
        let logins: Vec<&Value> = stale.iter().map(|row| &row["login"]).collect();
        assert!(logins.contains(&&json!("idle")) && !logins.contains(&&json!("auditor")), "{stale:?}");
        assert!(stale.iter().all(|row| row["days"].as_i64() >= Some(91)), "{stale:?}");
    }

    async fn every_report_of_a_company_with_half_a_year_behind_it_is_made_and_repeats(app: TestApp) {
        let company = given::demo(&app).await;
        let auditor = company.person(&app, "sun.ming").await;
        sequenced(&app, &auditor).await;
        let offered = app.by(&auditor).get("/reports").ok().await;
        let keys: Vec<String> = offered["items"].as_array().expect("reports").iter().map(|item| text(&item["key"])).collect();
        assert_eq!(keys.len(), 11, "an auditor reads everything: {keys:?}");
        for key in &keys {
            let run = report(&app, &auditor, json!({ "report": key })).await;
            assert_eq!(app.by(&auditor).get(&format!("/report-runs/{}/repeat", text(&run["id"]))).ok().await["same"], true, "{key}");
            for format in ["csv", "xlsx", "pdf"] {
                let file = app.by(&auditor).get(&format!("/report-runs/{}/file?format={format}", text(&run["id"]))).send().await;
                assert_eq!(file.status, 200, "{key} {format}: {}", file.json);
            }
        }
        // What is computed from the log is what the product itself counts.
        let run = report(&app, &auditor, json!({ "report": "equipment_register" })).await;
        assert_eq!(run["rows"], 120);
        let levels = report(&app, &auditor, json!({ "report": "service_levels" })).await;
        let levels = rows(&app, &auditor, &levels).await;
        assert_eq!(levels.iter().map(|row| row["reported"].as_i64().expect("a number")).sum::<i64>(), 300);
        let listed = app.by(&auditor).get("/equipment?limit=100&state=in_use").ok().await;
        let register = rows(&app, &auditor, &run).await;
        for item in listed["items"].as_array().expect("equipment") {
            let row = register.iter().find(|row| row["number"] == item["number"]).unwrap_or_else(|| panic!("{item}"));
            assert_eq!((&row["name"], &row["state"], &row["unit"]), (&item["name"], &item["state"], &item["unit"]["name"]), "{item}");
        }
    }
}

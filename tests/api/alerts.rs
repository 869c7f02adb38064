//! Alerts of Prometheus Alertmanager: one incident ticket for each group, and no more traces than there is news (G6.1).

use tests::{Person, TestApp, Value, app::Request, given, given::text, invariants, json, on_both_databases};

const DOOR: &str = "/alerts/alertmanager";

/// Whoever the monitoring speaks for: a token with these scopes.
async fn monitoring(app: &TestApp, person: &Person, scopes: &[&str]) -> String {
    let body = json!({ "name": "alertmanager", "scopes": scopes, "expires_at": "2099-01-01T00:00:00Z" });
    text(&app.by(person).post("/me/tokens", body).ok().await["token"])
}

/// The desk with its monitoring, which may solve what it reported.
async fn desk(app: &TestApp) -> (given::Company, Person, String) {
    let company = given::company(app).await;
    let desk = given::with_role(app, &company, "desk", "service_desk").await;
    let token = monitoring(app, &desk, &["tickets.report", "tickets.dispatch"]).await;
    (company, desk, token)
}

fn alert(name: &str, status: &str) -> Value {
    let ends = if status == "firing" { "0001-01-01T00:00:00Z" } else { "2026-11-27T09:30:00.123456789+08:00" };
    json!({
        "status": status,
        "labels": { "alertname": "DiskFull", "instance": name, "severity": "critical" },
        "annotations": { "summary": format!("{name} 的磁盘将满") },
        "startsAt": "2026-11-27T09:00:00.987654321+08:00", "endsAt": ends,
        "generatorURL": "http://prometheus:9090/graph?g0.expr=disk", "fingerprint": format!("f-{name}"),
    })
}

/// As Alertmanager 0.25 sends it.
fn notification(group: &str, alerts: &[Value]) -> Value {
    let firing = alerts.iter().any(|alert| alert["status"] == "firing");
    json!({
        "receiver": "zhidu", "status": if firing { "firing" } else { "resolved" }, "alerts": alerts,
        "groupLabels": { "alertname": "DiskFull" }, "commonLabels": { "alertname": "DiskFull", "severity": "critical" },
        "commonAnnotations": {}, "externalURL": "http://alertmanager:9093", "version": "4",
        "groupKey": format!("{{}}:{{alertname=\"{group}\"}}"), "truncatedAlerts": 0,
    })
}

async fn records(app: &TestApp) -> i64 {
    let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
    app.app.db.read(&actor, |tx| invariants::count(tx.conn(), "select count(*) as n from audit_record")).await.expect("a count")
}

async fn told(app: &TestApp, token: &str, group: &str, alerts: &[Value]) -> Value {
    app.with_token(token).post(DOOR, notification(group, alerts)).ok().await
}

async fn ticket(app: &TestApp, reader: &Person, told: &Value) -> Value {
    app.by(reader).get(&format!("/tickets/{}", text(&told["ticket"]["id"]))).ok().await
}

async fn comments(app: &TestApp, reader: &Person, told: &Value) -> Vec<String> {
    let timeline = app.by(reader).get(&format!("/tickets/{}/timeline", text(&told["ticket"]["id"]))).ok().await;
    let items = timeline["items"].as_array().expect("entries");
    items.iter().filter(|entry| entry["kind"] == "comment").map(|entry| text(&entry["text"])).collect()
}

async fn step(app: &TestApp, by: &Person, told: &Value, body: Value) -> Value {
    let now = ticket(app, by, told).await;
    let path = format!("/tickets/{}/transitions", text(&now["id"]));
    app.by(by).post(&path, body).if_match(now["version"].as_i64().expect("a version")).ok().await
}

fn request(app: &TestApp, token: &str, body: Value) -> Request {
    app.with_token(token).post(DOOR, body)
}

on_both_databases! {
    async fn a_group_opens_one_incident_and_a_repetition_leaves_nothing(app: TestApp) {
        let (_, desk, token) = desk(&app).await;
        let opened = told(&app, &token, "A", &[alert("db1", "firing")]).await;
        assert_eq!((&opened["outcome"], &opened["ticket"]["state"]), (&json!("opened"), &json!("new")));
        let row = ticket(&app, &desk, &opened).await;
        assert_eq!((&row["kind"], &row["title"], &row["priority"]), (&json!("incident"), &json!("DiskFull"), &json!("critical")));
        let description = text(&row["description"]);
        assert!(description.contains("db1 的磁盘将满") && description.contains("http://prometheus:9090"), "{description}");
        let before = records(&app).await;
        for _ in 0..3 {
            let again = told(&app, &token, "A", &[alert("db1", "firing")]).await;
            assert_eq!((&again["outcome"], &again["ticket"]["id"]), (&json!("unchanged"), &opened["ticket"]["id"]));
        }
        // Fields that Alertmanager may have tomorrow.
        let mut tomorrow = notification("A", &[alert("db1", "firing")]);
        tomorrow["notificationReason"] = json!("repeat");
        tomorrow["alerts"][0]["receivers"] = json!(["zhidu"]);
        assert_eq!(request(&app, &token, tomorrow).ok().await["outcome"], "unchanged");
        assert_eq!(records(&app).await, before, "a repetition left a record");
        assert_eq!(ticket(&app, &desk, &opened).await["version"], row["version"]);
    }

    async fn a_group_whose_firing_alerts_were_left_out_is_an_incident(app: TestApp) {
        let (_, desk, token) = desk(&app).await;
        let mut truncated = notification("A", &[alert("db1", "resolved")]);
        truncated["status"] = json!("firing");
        truncated["truncatedAlerts"] = json!(3);
        let opened = request(&app, &token, truncated.clone()).ok().await;
        assert_eq!(opened["outcome"], "opened");
        assert!(text(&ticket(&app, &desk, &opened).await["description"]).ends_with("另有 3 条未列出"));
        assert_eq!(request(&app, &token, truncated).ok().await["outcome"], "unchanged");
    }

    async fn news_are_notes_of_the_token(app: TestApp) {
        let (company, desk, token) = desk(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let opened = told(&app, &token, "A", &[alert("db1", "firing")]).await;
        let noted = told(&app, &token, "A", &[alert("db1", "firing"), alert("db2", "firing")]).await;
        assert_eq!((&noted["outcome"], &noted["ticket"]["id"]), (&json!("noted"), &opened["ticket"]["id"]));
        assert_eq!(told(&app, &token, "A", &[alert("db1", "firing"), alert("db2", "resolved")]).await["outcome"], "noted");
        // Alertmanager leaves out what it has told to be over.
        assert_eq!(told(&app, &token, "A", &[alert("db1", "firing")]).await["outcome"], "unchanged");
        let notes = comments(&app, &desk, &opened).await;
        assert_eq!(notes.len(), 2);
        assert!(notes[0].contains("db2") && notes[1].contains("恢复 2026-11-27T01:30:00"), "{notes:?}");
        let found = app.by(&auditor).get("/records?action=ticket.alerted").ok().await;
        let found = found["items"].as_array().expect("records");
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|record| record["actor"]["kind"] == "token"), "{found:?}");
        assert!(found.iter().all(|record| record["subject"]["id"] == opened["ticket"]["id"]), "{found:?}");
    }

    async fn what_nobody_has_begun_is_solved_and_opened_again(app: TestApp) {
        let (_, desk, token) = desk(&app).await;
        let opened = told(&app, &token, "A", &[alert("db1", "firing")]).await;
        let solved = told(&app, &token, "A", &[alert("db1", "resolved")]).await;
        assert_eq!((&solved["outcome"], &solved["ticket"]["state"]), (&json!("resolved"), &json!("resolved")));
        assert_eq!(ticket(&app, &desk, &opened).await["resolution"], "告警已全部恢复");
        assert_eq!(told(&app, &token, "A", &[alert("db1", "resolved")]).await["outcome"], "unchanged");
        // Back to the group: the program has it in its hands no longer.
        let again = told(&app, &token, "A", &[alert("db1", "firing")]).await;
        assert_eq!((&again["outcome"], &again["ticket"]["id"]), (&json!("reopened"), &opened["ticket"]["id"]));
        let row = ticket(&app, &desk, &again).await;
        assert_eq!((&row["state"], &row["assignee"]), (&json!("dispatched"), &Value::Null));
        // What was given to a group is not taken from it.
        let over = told(&app, &token, "A", &[alert("db1", "resolved")]).await;
        assert_eq!((&over["outcome"], &over["ticket"]["state"]), (&json!("noted"), &json!("dispatched")));
        step(&app, &desk, &opened, json!({ "action": "start" })).await;
        step(&app, &desk, &opened, json!({ "action": "resolve", "text": "已清理" })).await;
        step(&app, &desk, &opened, json!({ "action": "confirm" })).await;
        let new = told(&app, &token, "A", &[alert("db1", "firing")]).await;
        assert_eq!(new["outcome"], "opened");
        assert_ne!(new["ticket"]["id"], opened["ticket"]["id"]);
        assert_eq!(ticket(&app, &desk, &opened).await["state"], "closed");
    }

    async fn what_is_in_work_is_solved_only_by_who_may(app: TestApp) {
        let (company, desk, token) = desk(&app).await;
        let opened = told(&app, &token, "A", &[alert("db1", "firing")]).await;
        step(&app, &desk, &opened, json!({ "action": "start" })).await;
        assert_eq!(told(&app, &token, "A", &[alert("db1", "resolved")]).await["ticket"]["state"], "resolved");
        // Too late to open it again: a new one.
        app.clock.advance(400 * 86_400);
        let late = told(&app, &token, "A", &[alert("db1", "firing")]).await;
        assert_eq!(late["outcome"], "opened");
        // Waiting for somebody: a note is all.
        let desk = given::again(&app, &desk).await;
        step(&app, &desk, &late, json!({ "action": "start" })).await;
        step(&app, &desk, &late, json!({ "action": "ask_reporter", "text": "哪个分区？" })).await;
        let waiting = told(&app, &token, "A", &[alert("db1", "resolved")]).await;
        assert_eq!((&waiting["outcome"], &waiting["ticket"]["state"]), (&json!("noted"), &json!("waiting_reporter")));
        // Somebody who may only report: noted, and no refusal in the log.
        let admin = given::again(&app, &company.admin).await;
        let plain = given::employee(&app, &admin, &company.unit, "plain").await;
        let plain_token = monitoring(&app, &plain, &["tickets.report"]).await;
        told(&app, &plain_token, "A", &[alert("db1", "firing")]).await;
        let over = told(&app, &plain_token, "A", &[alert("db1", "resolved")]).await;
        assert_eq!((&over["outcome"], &over["ticket"]["state"]), (&json!("noted"), &json!("new")));
        assert_eq!(comments(&app, &plain, &over).await.len(), 1);
        let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
        let denied = "select count(*) as n from audit_record where outcome = 'denied'";
        assert_eq!(app.app.db.read(&actor, move |tx| invariants::count(tx.conn(), denied)).await.expect("a count"), 0);
    }

    async fn groups_and_tokens_of_others_have_their_own_tickets(app: TestApp) {
        let (company, _, token) = desk(&app).await;
        let one = told(&app, &token, "A", &[alert("db1", "firing")]).await;
        let mut mild = alert("db1", "firing");
        mild["labels"]["severity"] = json!("warning");
        let other = told(&app, &token, "B", &[mild]).await;
        assert_eq!(other["outcome"], "opened");
        assert_ne!(one["ticket"]["id"], other["ticket"]["id"]);
        let plain = given::employee(&app, &company.admin, &company.unit, "plain").await;
        let plain_token = monitoring(&app, &plain, &["tickets.report"]).await;
        assert_eq!(told(&app, &plain_token, "A", &[alert("db1", "firing")]).await["outcome"], "opened");
        assert_eq!(ticket(&app, &plain, &told(&app, &plain_token, "B", &[alert("x", "firing")]).await).await["priority"], "critical");
        // That something is over which never was.
        let nothing = told(&app, &token, "C", &[alert("db1", "resolved")]).await;
        assert_eq!(nothing, json!({ "outcome": "unchanged", "ticket": null }));
    }

    async fn who_may_not_report_is_refused_and_so_is_what_is_no_notification(app: TestApp) {
        let (_, desk, token) = desk(&app).await;
        let good = notification("A", &[alert("db1", "firing")]);
        app.anonymous().post(DOOR, good.clone()).refused(401, "auth.required").await;
        app.with_token("zhidu_wrong").post(DOOR, good.clone()).refused(401, "auth.session_ended").await;
        let reader = monitoring(&app, &desk, &["tickets.read"]).await;
        request(&app, &reader, good.clone()).refused(403, "forbidden").await;
        let crowd: Vec<Value> = (0..501).map(|index| alert(&index.to_string(), "firing")).collect();
        let spoilt = |pointer: &str, value: Value| {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).expect("a field") = value;
            (pointer.to_owned(), bad)
        };
        for (pointer, bad) in [
            spoilt("/version", json!("5")),
            spoilt("/status", json!("pending")),
            spoilt("/groupKey", json!("")),
            spoilt("/truncatedAlerts", json!(-1)),
            spoilt("/alerts", json!([])),
            spoilt("/alerts", json!(crowd)),
            spoilt("/alerts/0/startsAt", json!("yesterday")),
            spoilt("/alerts/0/labels", json!({ "a": 1 })),
            spoilt("/alerts/0/labels", json!({ "a": "x".repeat(9000) })),
            spoilt("/alerts/0/fingerprint", json!("")),
        ] {
            let reply = request(&app, &token, bad).refused(422, "request.invalid").await;
            let told = text(&reply.json["errors"][0]["pointer"]);
            assert!(told.to_lowercase().replace('_', "").starts_with(&pointer.to_lowercase()), "{pointer}: {}", reply.json);
        }
        let mut without = good;
        without.as_object_mut().expect("an object").remove("groupKey");
        request(&app, &token, without).refused(422, "request.invalid").await;
        assert_eq!(app.by(&desk).get("/tickets").ok().await["items"], json!([]));
    }

    async fn told_by_many_at_once_it_is_one_ticket(app: TestApp) {
        let (_, desk, token) = desk(&app).await;
        let send = |_| request(&app, &token, notification("A", &[alert("db1", "firing")])).send();
        let replies = futures_util::future::join_all((0..20).map(send)).await;
        let opened = replies.iter().filter(|reply| reply.json["outcome"] == "opened").count();
        let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        assert!(opened == 1 && statuses.iter().all(|status| *status == 200), "{opened} {statuses:?}");
        assert_eq!(app.by(&desk).get("/tickets").ok().await["items"].as_array().map(Vec::len), Some(1));
    }
}

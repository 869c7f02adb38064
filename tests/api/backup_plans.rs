//! Plans make backups, drill them and forget them; what others report; media and who holds them.

use std::fs;

use backup::archive;
use tests::{TestApp, Value, given, given::text, json, on_both_databases};

use crate::{
    backup::{folder, log, pair},
    tamper::Back,
};

/// Looks again until it is so.
pub async fn until(app: &TestApp, by: &given::Person, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..300 {
        let found = app.by(by).get(path).ok().await;
        if fits(&found) {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{path} stays as it is: {}", app.by(by).get(path).ok().await);
}

/// A backup of a plan, made now.
pub async fn made(app: &TestApp, by: &given::Person, plan: &Value) -> Value {
    let list = format!("/backups?limit=1&plan_id={}", text(&plan["id"]));
    let before = app.by(by).get(&list).ok().await["items"][0]["id"].clone();
    app.by(by).post(&format!("/backup-plans/{}/run", text(&plan["id"])), json!({})).ok().await;
    let found = until(app, by, &list, |page| {
        page["items"][0]["id"] != before && page["items"][0]["state"] != "running" && !page["items"][0]["state"].is_null()
    })
    .await;
    let id = text(&found["items"][0]["id"]);
    // The plan is let go after the last thing that was done for it.
    until(app, by, &format!("/backup-plans/{}", text(&plan["id"])), |plan| plan["busy"] == false).await;
    app.by(by).get(&format!("/backups/{id}")).ok().await
}

async fn actions(app: &TestApp, auditor: &given::Person, subject: &Value) -> Vec<String> {
    let found = app.by(auditor).get(&format!("/records?limit=100&subject_id={}", text(subject))).ok().await;
    found["items"].as_array().expect("records").iter().map(|record| text(&record["action"])).collect()
}

on_both_databases! {
    async fn a_plan_makes_backups_drills_them_and_forgets_old_ones(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let admin = &company.admin;
        let targets = app.by(admin).get("/backup-targets").ok().await;
        assert_eq!(targets, json!({ "items": ["local"], "encrypted": false, "can_drill": true }));
        let body = json!({ "name": "每日", "subject": "zhidu", "daily_at": "02:30", "target": "local", "keep_last": 2, "keep_daily": 0, "keep_weekly": 0, "keep_monthly": 0, "drill_days": 7 });
        for (field, wrong) in [("target", json!("elsewhere")), ("daily_at", json!("25:00")), ("offsite", json!("local")), ("application", json!("x"))] {
            let mut refused = body.clone();
            refused[field] = wrong;
            let reply = app.by(admin).post("/backup-plans", refused).refused(422, "request.invalid").await;
            assert_eq!(reply.json["errors"][0]["pointer"], format!("/{field}"), "{}", reply.json);
        }
        let plan = app.by(admin).post("/backup-plans", body.clone()).ok().await;
        assert!(plan["health"] == "green" && plan["next_run_at"].is_string() && plan["next_drill_at"].is_string(), "{plan}");
        app.by(admin).post("/backup-plans", body).refused(422, "request.invalid").await;

        let first = made(&app, admin, &plan).await;
        assert!(first["state"] == "completed" && first["verified_at"].is_string() && first["log_size"].as_i64() > Some(0), "{first}");
        let folder = app.folder.join("backups").join(text(&first["folder"]));
        assert!(folder.join(archive::MANIFEST).exists());
        let path = format!("/backups/{}", text(&first["id"]));
        app.by(admin).get(&format!("{path}/download")).refused(409, "backup.not_encrypted").await;
        app.by(admin).post(&format!("{path}/drill"), json!({})).ok().await;
        let drilled = until(&app, admin, &path, |backup| backup["drill"].is_string()).await;
        assert!(drilled["drill"] == "passed" && drilled["recovery_ms"].as_i64() > Some(0), "{drilled}");
        let found = app.by(&auditor).get(&format!("/records?limit=10&action=backup.drilled&subject_id={}", text(&first["id"]))).ok().await;
        let record = app.by(&auditor).get(&format!("/records/{}", text(&found["items"][0]["id"]))).ok().await;
        let facts: Value = text(&record["canonical"]).parse().expect("canonical JSON");
        assert!(facts["facts"]["result"] == "passed" && facts["facts"]["recovery_ms"].is_string() && facts["facts"]["age_seconds"].is_string(), "{facts}");

        // A damaged one fails its drill and counts no more.
        let second = made(&app, admin, &plan).await;
        let object = app.folder.join("backups").join(text(&second["folder"])).join("database.zst");
        let mut bytes = fs::read(&object).expect("the object");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&object, bytes).expect("written");
        let path = format!("/backups/{}", text(&second["id"]));
        app.by(admin).post(&format!("{path}/drill"), json!({})).ok().await;
        let drilled = until(&app, admin, &path, |backup| backup["drill"].is_string()).await;
        assert!(drilled["drill"] == "failed" && drilled["reason"] == "damaged" && drilled["verified_at"].is_null(), "{drilled}");
        assert!(text(&drilled["explanation"]).contains("database.zst"));
        assert_eq!(actions(&app, &auditor, &second["id"]).await, ["backup.drilled", "backup.drill_requested", "backup.completed", "backup.started"]);

        // It takes nobody's place: the first is the second of two that count.
        let third = made(&app, admin, &plan).await;
        assert!(folder.exists());
        // Nor does the first go when it would be the third: no newer one was drilled.
        made(&app, admin, &plan).await;
        assert!(folder.exists());
        let path = format!("/backups/{}", text(&third["id"]));
        app.by(admin).post(&format!("{path}/drill"), json!({})).ok().await;
        until(&app, admin, &path, |backup| backup["drill"] == "passed").await;
        made(&app, admin, &plan).await;
        let gone = until(&app, admin, &format!("/backups/{}", text(&first["id"])), |backup| backup["removed_at"].is_string()).await;
        assert!(!folder.exists() && gone["state"] == "completed");
        app.by(admin).post(&format!("/backups/{}/drill", text(&first["id"])), json!({})).refused(409, "backup.not_there").await;
        let second = app.by(admin).get(&format!("/backups/{}", text(&second["id"]))).ok().await;
        assert!(second["removed_at"].is_string(), "older than all that stay: {second}");
        let failed = app.by(admin).get("/backups?drill=failed").ok().await;
        assert_eq!(failed["items"].as_array().map(Vec::len), Some(1));
    }

    async fn a_target_that_went_away_is_a_failure_with_its_reason_and_lateness_an_alarm(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let admin = &company.admin;
        let target = app.folder.join("backups");
        fs::remove_dir(&target).expect("unplugged");
        let body = json!({ "name": "每小时", "subject": "zhidu", "every_hours": 1, "target": "local", "late_hours": 2 });
        let plan = app.by(admin).post("/backup-plans", body).ok().await;
        let path = format!("/backup-plans/{}", text(&plan["id"]));
        let failed = made(&app, admin, &plan).await;
        assert!(failed["state"] == "failed" && failed["reason"] == "away" && failed["verified_at"].is_null(), "{failed}");
        assert!(!target.exists(), "a disk that is not there is not made up");
        app.clock.advance(3 * 3600);
        let admin = &given::again(&app, admin).await;
        let auditor = &given::again(&app, &auditor).await;
        for _ in 0..2 {
            backup::keeper::alarms(&app.app.keeper.clone().into_inner()).await.expect("looked at");
        }
        let alarms = actions(&app, auditor, &plan["id"]).await.into_iter().filter(|action| action == "backup_plan.overdue").count();
        assert_eq!((alarms, &app.by(admin).get(&path).ok().await["health"]), (1, &json!("late")));
        fs::create_dir(&target).expect("plugged in again");
        made(&app, admin, &plan).await;
        assert_eq!(app.by(admin).get(&path).ok().await["health"], "green");
    }

    async fn a_drill_counts_only_what_it_says_of_the_backup(app: TestApp) {
        let company = given::company(&app).await;
        let admin = &company.admin;
        let body = json!({ "name": "每日", "subject": "zhidu", "daily_at": "02:30", "target": "local" });
        let plan = app.by(admin).post("/backup-plans", body).ok().await;
        let backup = made(&app, admin, &plan).await;
        let (path, target) = (format!("/backups/{}", text(&backup["id"])), app.folder.join("backups"));
        let (folder, away) = (target.join(text(&backup["folder"])), app.folder.join("unplugged"));
        let drill = async || {
            let before = app.by(admin).get(&path).ok().await["drilled_at"].clone();
            app.by(admin).post(&format!("{path}/drill"), json!({})).ok().await;
            until(&app, admin, &path, |backup| backup["drilled_at"] != before).await
        };
        fs::rename(&target, &away).expect("unplugged");
        let drilled = drill().await;
        assert!(drilled["drill"] == "failed" && drilled["reason"] == "away" && drilled["verified_at"].is_string(), "{drilled}");
        fs::rename(&away, &target).expect("plugged in again");

        // Another manifest, signed by the right key, is not the one that was recorded.
        let note = folder.join(archive::MANIFEST);
        let signed = fs::read_to_string(&note).expect("a manifest");
        let mut manifest = archive::Manifest::open(&folder.as_path().into(), &[]).expect("a manifest");
        manifest.product.push('+');
        fs::write(&note, log(&app).sign(&manifest.text().expect("a text")).expect("signed")).expect("written");
        let drilled = drill().await;
        assert!(drilled["reason"] == "mismatch" && drilled["verified_at"].is_null(), "{drilled}");

        // And back again: it counts again, and says nothing more of what was.
        fs::write(&note, signed).expect("written");
        let drilled = drill().await;
        assert!(drilled["drill"] == "passed" && drilled["verified_at"].is_string() && drilled["reason"].is_null() && drilled["explanation"].is_null(), "{drilled}");

        // A plan that rests makes none, but what somebody asks for is done.
        let plan = app.by(admin).get(&format!("/backup-plans/{}", text(&plan["id"]))).ok().await;
        let version = plan["version"].as_i64().expect("a version");
        app.by(admin).patch(&format!("/backup-plans/{}", text(&plan["id"])), version, json!({ "active": false })).ok().await;
        fs::remove_dir_all(&folder).expect("removed");
        let drilled = drill().await;
        assert!(drilled["drill"] == "failed" && drilled["reason"] == "gone" && drilled["verified_at"].is_null(), "{drilled}");
    }

    async fn others_report_their_backups_and_lateness_shows(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let admin = &company.admin;
        let body = json!({ "name": "财务", "subject": "application", "application": "用友 U8", "daily_at": "03:00", "late_hours": 26 });
        let plan = app.by(admin).post("/backup-plans", body).ok().await;
        let path = format!("/backup-plans/{}", text(&plan["id"]));
        app.by(admin).post(&format!("{path}/run"), json!({})).refused(409, "backup.not_own").await;
        app.clock.advance(27 * 3600);
        let (admin, auditor) = (&given::again(&app, admin).await, &given::again(&app, &auditor).await);
        assert_eq!(app.by(admin).get(&path).ok().await["health"], "late");
        let keeper = app.app.keeper.clone().into_inner();
        for _ in 0..2 {
            backup::keeper::alarms(&keeper).await.expect("looked at");
        }
        assert_eq!(actions(&app, auditor, &plan["id"]).await, ["backup_plan.overdue", "backup_plan.created"]);
        let now = app.clock.now();
        let unverified = json!({ "state": "completed", "started_at": now.plus_seconds(-60), "size": 4711 });
        app.by(admin).post(&format!("{path}/results"), unverified).ok().await;
        assert_eq!(app.by(admin).get(&path).ok().await["health"], "late", "nobody has read it back");
        app.by(admin).post(&format!("{path}/results"), json!({ "state": "running", "started_at": now })).refused(422, "request.invalid").await;
        app.by(admin).post(&format!("{path}/results"), json!({ "state": "completed", "started_at": now.plus_seconds(3600) })).refused(422, "request.invalid").await;
        let verified = json!({ "state": "completed", "started_at": now.plus_seconds(-60), "finished_at": now.plus_seconds(-30), "size": 4711, "sha256": "0".repeat(64), "verified": true });
        let backup = app.by(admin).post(&format!("{path}/results"), verified).ok().await;
        assert_eq!((&backup["duration_ms"], &backup["reported_by"]["id"]), (&json!(30_000), &json!(admin.id)));
        assert_eq!(app.by(admin).get(&path).ok().await["health"], "green");
        let page = app.by(admin).get(&format!("/backups?limit=1&plan_id={}", text(&plan["id"]))).ok().await;
        let rest = app.by(admin).get(&format!("/backups?limit=1&plan_id={}&after={}", text(&plan["id"]), text(&page["next_cursor"]))).ok().await;
        assert!(page["items"][0]["id"] != rest["items"][0]["id"] && rest["next_cursor"].is_null());
    }

    async fn a_hand_over_needs_two_people_and_moves_the_medium(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let custodian = given::with_role(&app, &company, "lin.bao", "backup_custodian").await;
        let other = given::with_role(&app, &company, "other", "backup_custodian").await;
        let admin = &company.admin;
        let place = app.by(admin).post("/backup-places", json!({ "name": "数据保管室", "inspect_days": 30, "custodian_id": custodian.id })).ok().await;
        assert!(place["fit"].is_null() && place["overdue"] == true, "a new place has to be inspected: {place}");
        let inspections = format!("/backup-places/{}/inspections", text(&place["id"]));
        let six = |damp: bool| json!({ "fire": true, "heat": true, "damp": damp, "dust": true, "magnetism": true, "theft": true });
        let reply = app.by(admin).post(&inspections, six(false)).refused(422, "request.invalid").await;
        assert_eq!(reply.json["errors"][0]["pointer"], "/note");
        let place = app.by(admin).post(&inspections, six(true)).ok().await;
        assert!(place["fit"] == true && place["overdue"] == false, "{place}");
        let medium = app.by(admin).post("/backup-media", json!({ "serial": "D-01", "kind": "disk" })).ok().await;
        let path = format!("/backup-media/{}", text(&medium["id"]));
        let medium = app.by(admin).post(&format!("{path}/move"), json!({ "custodian_id": admin.id, "seal_number": "F-1" })).if_match(1).ok().await;
        app.by(admin).post(&format!("{path}/move"), json!({ "custodian_id": custodian.id })).if_match(1).refused(412, "version.stale").await;

        let found = app.by(admin).get("/backup-media?q=d-0").ok().await;
        let none = app.by(admin).get("/backup-media?q=_-0").ok().await;
        assert_eq!((found["items"].as_array().map(Vec::len), none["items"].as_array().map(Vec::len)), (Some(1), Some(0)));

        let colleague = given::employee(&app, admin, &company.unit, "colleague").await;
        let body = |receiver: &given::Person| json!({ "medium_id": medium["id"], "place_id": place["id"], "receiver_id": receiver.id });
        let give = async |by: &given::Person, to: &given::Person| app.by(by).post("/backup-handovers", body(to));
        give(admin, admin).await.refused(409, "handover.same_person").await;
        give(&custodian, &other).await.refused(403, "handover.not_holder").await;
        give(admin, &colleague).await.refused(409, "handover.unsignable").await;
        let first = give(admin, &other).await.ok().await;
        give(admin, &custodian).await.refused(409, "handover.open").await;
        let moved = json!({ "place_id": place["id"], "custodian_id": custodian.id });
        app.by(admin).post(&format!("{path}/move"), moved).if_match(2).refused(409, "handover.open").await;
        let withdraw = format!("/backup-handovers/{}/withdraw", text(&first["id"]));
        app.by(&other).post(&withdraw, json!({})).if_match(1).refused(403, "handover.not_giver").await;
        assert_eq!(app.by(admin).post(&withdraw, json!({})).if_match(1).ok().await["state"], "withdrawn");
        app.by(admin).post(&withdraw, json!({})).if_match(2).refused(409, "handover.answered").await;

        let given = give(admin, &custodian).await.ok().await;
        assert_eq!(given["state"], "given");
        let receive = format!("/backup-handovers/{}/receive", text(&given["id"]));
        for person in [admin, &other] {
            app.by(person).post(&receive, json!({ "accept": true })).if_match(1).refused(403, "handover.not_receiver").await;
        }
        app.by(&custodian).post(&receive, json!({ "accept": false })).if_match(1).refused(422, "request.invalid").await;
        // That the place is closed meanwhile changes nothing about who has it.
        let closed = app.by(admin).patch(&format!("/backup-places/{}", text(&place["id"])), 2, json!({ "active": false })).ok().await;
        assert!(closed["active"] == false && closed["custodian"]["id"] == custodian.id && closed["inspect_days"] == 30, "what is left out stays: {closed}");
        let received = app.by(&custodian).post(&receive, json!({ "accept": true, "note": "封签完好" })).if_match(1).ok().await;
        assert_eq!(received["state"], "received");
        app.by(&custodian).post(&receive, json!({ "accept": true })).if_match(2).refused(409, "handover.answered").await;
        let medium = app.by(admin).get("/backup-media").ok().await["items"][0].clone();
        assert!(medium["place"]["id"] == place["id"] && medium["custodian"]["id"] == custodian.id && medium["seal_number"] == "F-1", "{medium}");
        assert_eq!(app.by(admin).get(&format!("{path}/moves")).ok().await["items"].as_array().map(Vec::len), Some(2));
        let told = actions(&app, &auditor, &given["id"]).await;
        assert_eq!(told, ["backup.received", "access.denied", "access.denied", "backup.handed_over"]);

        // Who holds it gives it back.
        let back = app.by(&custodian).post("/backup-handovers", json!({ "medium_id": medium["id"], "receiver_id": admin.id })).ok().await;
        assert_eq!(back["giver"]["id"], custodian.id);
    }

    async fn what_an_interrupted_backup_has_left_goes_with_the_next(app: TestApp) {
        let company = given::company(&app).await;
        let admin = &company.admin;
        let plan = app.by(admin).post("/backup-plans", json!({ "name": "每日", "subject": "zhidu", "daily_at": "02:30", "target": "local" })).ok().await;
        let backup = made(&app, admin, &plan).await;
        let folder = app.folder.join("backups").join(text(&backup["folder"]));
        // As if its maker had died after the last file and before it could say so.
        let mut back = Back::of(&app.database_url);
        let id = back.uuid(&text(&backup["id"]));
        back.run(&format!("update backup set state = 'running', verified_at = null where id = {id}"));
        made(&app, admin, &plan).await;
        let backup = app.by(admin).get(&format!("/backups/{}", text(&backup["id"]))).ok().await;
        assert!(backup["state"] == "failed" && backup["reason"] == "interrupted" && !folder.exists(), "{backup}");
    }

    async fn what_a_change_leaves_out_stays(app: TestApp) {
        let company = given::company(&app).await;
        let admin = &company.admin;
        let body = json!({ "name": "每日", "subject": "zhidu", "daily_at": "02:30", "target": "local", "keep_last": 3, "drill_days": 30, "custodian_id": admin.id });
        let plan = app.by(admin).post("/backup-plans", body).ok().await;
        let path = format!("/backup-plans/{}", text(&plan["id"]));
        let changed = app.by(admin).patch(&path, 1, json!({ "late_hours": 48 })).ok().await;
        for field in ["daily_at", "target", "keep_last", "drill_days", "custodian", "next_run_at", "active"] {
            assert_eq!(changed[field], plan[field], "{field}");
        }
        let changed = app.by(admin).patch(&path, 2, json!({ "drill_days": null, "custodian_id": null })).ok().await;
        assert!(changed["late_hours"] == 48 && changed["drill_days"].is_null() && changed["custodian"].is_null(), "{changed}");
        app.by(admin).patch(&path, 3, json!({ "every_hours": 4 })).refused(422, "request.invalid").await;
        let changed = app.by(admin).patch(&path, 3, json!({ "every_hours": 4, "daily_at": null })).ok().await;
        assert!(changed["every_hours"] == 4 && changed["daily_at"].is_null(), "{changed}");
        let medium = app.by(admin).post("/backup-media", json!({ "serial": "D-01", "kind": "disk", "note": "LTO-8" })).ok().await;
        let medium = app.by(admin).patch(&format!("/backup-media/{}", text(&medium["id"])), 1, json!({ "kind": "tape" })).ok().await;
        assert!(medium["kind"] == "tape" && medium["note"] == "LTO-8" && medium["serial"] == "D-01", "{medium}");
    }
}

async fn encrypted(app: TestApp) {
    let company = given::company(&app).await;
    let admin = &company.admin;
    let body =
        json!({ "name": "异地", "subject": "zhidu", "daily_at": "02:30", "target": "here", "offsite": "there", "offsite_locked": true });
    let plan = app.by(admin).post("/backup-plans", body).ok().await;
    let backup = made(&app, admin, &plan).await;
    // Whoever runs the tests may delete everywhere, and the product says so.
    assert_eq!((&backup["state"], &backup["offsite"], &backup["reason"]), (&json!("completed"), &json!("unlocked"), &json!("not_locked")));
    let reply = app.by(admin).get(&format!("/backups/{}/download", text(&backup["id"]))).send().await;
    assert_eq!((reply.status, reply.headers["content-type"].to_str().ok()), (200, Some("application/x-tar")));
    let unpacked = folder(&app, "unpacked");
    tar::Archive::new(reply.bytes.as_slice()).unpack(&unpacked).expect("a tar file");
    let inside = archive::Location::from(unpacked.join(text(&backup["folder"])).as_path());
    archive::Manifest::open(&inside, &[log(&app).key()])
        .expect("the manifest")
        .objects
        .iter()
        .try_for_each(|object| archive::verify(&inside, object))
        .expect("whole");
    // Nobody here can open it.
    let path = format!("/backups/{}", text(&backup["id"]));
    app.by(admin).post(&format!("{path}/drill"), json!({})).ok().await;
    let drilled = until(&app, admin, &path, |backup| backup["drill"].is_string()).await;
    assert!(drilled["reason"] == "no_identity" && drilled["verified_at"].is_string(), "{drilled}");
    // It is not at the second place as it should be, so the plan is not kept.
    app.clock.advance(27 * 3600);
    let plan = app.by(&given::again(&app, admin).await).get(&format!("/backup-plans/{}", text(&plan["id"]))).ok().await;
    assert!(plan["health"] == "late" && plan["newest_verified_at"].is_null(), "{plan}");
}

#[test]
fn an_encrypted_backup_goes_to_a_second_place_and_can_be_downloaded() {
    let recipient = pair().1.to_string();
    for backend in [db::Backend::Sqlite, db::Backend::Postgres] {
        let here = std::env::temp_dir().join(format!("zhidu-here-{}", kernel::PersonId::new()));
        let there = std::env::temp_dir().join(format!("zhidu-there-{}", kernel::PersonId::new()));
        for place in [&here, &there] {
            fs::create_dir_all(place).expect("a folder");
        }
        let targets = format!("here={},there={}", here.display(), there.display());
        TestApp::run_with(backend, &["--backup-target", &targets, "--backup-recipient", &recipient], encrypted);
        assert!(fs::read_dir(&there).expect("the second place").flatten().any(|entry| entry.path().join(archive::MANIFEST).exists()));
        for place in [here, there] {
            drop(fs::remove_dir_all(place));
        }
    }
}

on_both_databases! {
    async fn what_postgresql_archives_is_told(app: TestApp) {
        let company = given::company(&app).await;
        let found = app.by(&company.admin).get("/backup-archiving").ok().await;
        // The PostgreSQL of the tests archives nothing.
        let state = if app.app.db.backend() == db::Backend::Postgres { json!("off") } else { Value::Null };
        assert!(found["state"] == state && found["hidden"] == false && found["archived_at"].is_null(), "{found}");
        let employee = given::employee(&app, &company.admin, &company.unit, "zhao.liu").await;
        app.by(&employee).get("/backup-archiving").refused(403, "forbidden").await;
    }
}

//! A backup is what it says it is, or it is refused; what was restored is what was backed up.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::log::newest;
use backup::archive::{self, Backup, Failure, FailureCode, Source, Target};
use db::testing::TestDatabase;
use kernel::{Clock, Ts};
use tests::{TestApp, Value, given, given::text, json, on_both_databases};

type Openers = Vec<Box<dyn age::Identity + Send + Sync>>;

fn now() -> Ts {
    Clock::default().now()
}

fn log_of(key: &str, app: &TestApp) -> audit::Log {
    audit::Log::open(key, audit::Anchor::at(app.folder.join("log.checkpoint")), 0, Vec::new()).expect("a key")
}

fn log(app: &TestApp) -> audit::Log {
    log_of(&fs::read_to_string(app.folder.join("log.key")).expect("the key of the log"), app)
}

/// A key pair: who can read, and for whom is written.
fn pair() -> (Openers, age::x25519::Recipient) {
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public();
    (vec![Box::new(identity)], recipient)
}

/// An empty folder of this test.
fn folder(app: &TestApp, name: &str) -> PathBuf {
    let path = app.folder.join(name);
    fs::create_dir_all(&path).expect("a folder");
    path
}

async fn take(
    app: &TestApp,
    target: &Path,
    recipients: Vec<age::x25519::Recipient>,
    keys: Vec<(&'static str, PathBuf)>,
) -> Result<archive::Taken, Failure> {
    let (app, target) = (app.clone(), target.to_owned());
    let taking = move || {
        let (log, files) = (log(&app), app.folder.join("files"));
        let source = Source {
            url: &app.database_url,
            files: &files,
            keys: &keys,
            scratch: &app.folder,
            recipients: &recipients,
            log: &log,
            product: "test",
            now: now(),
        };
        archive::take(&source, &target)
    };
    tokio::task::spawn_blocking(taking).await.expect("no panic")
}

fn check(app: &TestApp, folder: &Path, identities: &Openers) -> Result<archive::Report, Failure> {
    let keys = [log(app).key()];
    archive::check(&Backup { folder, identities, keys: &keys }, &app.folder, Some(&app.database_url), now())
}

/// Folders that somebody works in, or has left behind.
fn leftovers(folder: &Path) -> usize {
    fs::read_dir(folder).expect("a folder").flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).count()
}

/// Uploads something, so that there is a file.
async fn upload(app: &TestApp, by: &given::Person) {
    app.by(by).request(reqwest::Method::POST, "/files?name=note.txt").bytes("application/octet-stream", "备份这个".as_bytes()).send().await;
}

on_both_databases! {
    async fn a_backup_taken_while_people_write_is_restored_as_it_was(app: TestApp) {
        let company = given::company(&app).await;
        upload(&app, &company.admin).await;
        let writing = async {
            for round in 0..200 {
                app.by(&company.admin).post("/tickets", json!({ "kind": "request", "title": format!("{round}") })).ok().await;
            }
        };
        let (identities, recipient) = pair();
        let target = folder(&app, "target");
        let keys = vec![("secret", app.folder.join("secret")), ("log.key", app.folder.join("log.key"))];
        let ((), taken) = tokio::join!(writing, take(&app, &target, vec![recipient], keys));
        let taken = taken.expect("a backup");
        assert!(taken.manifest.rows["ticket"] <= 200 && taken.manifest.objects.len() == 3);
        let report = check(&app, &taken.folder, &identities).expect("it can be restored");
        assert_eq!(report.manifest, taken.manifest);
        assert_eq!((leftovers(&target), leftovers(&app.folder)), (0, 0), "nothing is left behind");

        // For good, into another place.
        let backend = db::Backend::of_url(&app.database_url);
        let database = TestDatabase::create(backend).expect("a database");
        let place = folder(&app, "place");
        let verifiers = [log(&app).key()];
        let backup = Backup { folder: &taken.folder, identities: &identities, keys: &verifiers };
        let anchor = audit::Anchor::at(place.join("log.checkpoint"));
        let mut into = Target { data: &place, url: &database.url, replace: false, continue_log: true, anchor: &anchor };
        if backend == db::Backend::Postgres {
            let refused = archive::restore(&backup, &into, now(), |_| Ok(())).expect_err("there are tables already");
            assert!(refused.text.contains("--replace"), "{refused}");
            into.replace = true;
        }
        archive::restore(&backup, &into, now(), |_| Ok(())).expect("it is restored");
        let refused = archive::restore(&backup, &Target { replace: false, ..into }, now(), |_| Ok(())).expect_err("there are data now");
        assert!(refused.text.contains("--replace"), "{refused}");
        let (restored, running) = TestApp::start(&database.url, place, &[]).await;
        let server = actix_web::rt::spawn(running.server);
        let admin = given::again(&restored, &company.admin).await;
        let mut seen = 0;
        let mut after = String::new();
        loop {
            let page = restored.by(&admin).get(&format!("/tickets?limit=100{after}")).ok().await;
            seen += page["items"].as_array().expect("tickets").len();
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            after = format!("&after={cursor}");
        }
        assert_eq!(i64::try_from(seen).ok(), taken.manifest.rows.get("ticket").copied());
        tests::invariants::check(&restored.app.db, &restored.app.office).await;
        running.handle.stop(false).await;
        drop(server.await);
    }

    async fn a_restored_log_cites_the_newest_checkpoint_that_was_known(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        newest(&app, &auditor).await;
        let taken = take(&app, &folder(&app, "target"), Vec::new(), Vec::new()).await.expect("a backup");
        // Signed under the old name, and in no backup.
        for name in ["甲", "乙", "丙"] {
            given::unit(&app, &company, &company.unit, name).await;
            newest(&app, &auditor).await;
        }
        let lost = app.by(&auditor).get("/log").ok().await;
        let verifiers = [log(&app).key()];
        let backup = Backup { folder: &taken.folder, identities: &Vec::new(), keys: &verifiers };
        let backend = db::Backend::of_url(&app.database_url);
        // The key as it is beside the checkpoint, and lost: then a new one signs, and cites the same.
        for (name, kept, because) in [("as it is", &["log.key", "log.checkpoint", "secret"][..], "the database is behind"), ("no key", &["log.checkpoint", "secret"][..], "another key")] {
            let (database, place) = (TestDatabase::create(backend).expect("a database"), folder(&app, name));
            for file in kept {
                fs::copy(app.folder.join(file), place.join(file)).expect("copied");
            }
            let anchor = audit::Anchor::at(place.join("log.checkpoint"));
            let into = Target { data: &place, url: &database.url, replace: backend == db::Backend::Postgres, continue_log: false, anchor: &anchor };
            archive::restore(&backup, &into, now(), |_| Ok(())).expect("it is restored");
            assert_eq!(place.join("log.key").exists(), kept.contains(&"log.key"));
            let (restored, running) = TestApp::start(&database.url, place, &[]).await;
            let server = actix_web::rt::spawn(running.server);
            let auditor = given::again(&restored, &auditor).await;
            newest(&restored, &auditor).await;
            let now = restored.by(&auditor).get("/log").ok().await;
            if kept.contains(&"log.key") {
                assert_eq!(text(&now["origin"]), format!("{}/r2", text(&lost["origin"])));
            }
            let record = restored.by(&auditor).get("/records?action=log.restored").ok().await["items"][0].clone();
            let facts = restored.by(&auditor).get(&format!("/records/{}", text(&record["id"]))).ok().await["facts"].clone();
            let cited = (text(&facts["because"]), text(&facts["old_origin"]), text(&facts["old_root"]));
            assert_eq!(cited, (because.to_owned(), text(&lost["origin"]), text(&lost["root"])), "{name}: {facts}");
            assert_eq!(text(&facts["old_size"]), lost["size"].to_string());
            if kept.contains(&"log.key") {
                // Last, since the client does not run meanwhile, and would not see that the server has closed an idle connection.
                check(&restored, &taken.folder, &Vec::new()).expect("an older backup is still one of this log");
            }
            running.handle.stop(false).await;
            drop(server.await);
        }

        // Where nothing tells that there was more, the key goes: nobody may sign under the old name.
        let (database, place) = (TestDatabase::create(backend).expect("a database"), folder(&app, "unknown"));
        fs::copy(app.folder.join("log.key"), place.join("log.key")).expect("copied");
        let anchor = audit::Anchor::at(place.join("log.checkpoint"));
        let into = Target { data: &place, url: &database.url, replace: backend == db::Backend::Postgres, continue_log: false, anchor: &anchor };
        archive::restore(&backup, &into, now(), |_| Ok(())).expect("it is restored");
        assert!(!place.join("log.key").exists());
    }

    async fn a_flipped_byte_anywhere_is_found_and_named(app: TestApp) {
        let company = given::company(&app).await;
        upload(&app, &company.admin).await;
        let (identities, recipient) = pair();
        let taken = take(&app, &folder(&app, "target"), vec![recipient], Vec::new()).await.expect("a backup");
        check(&app, &taken.folder, &identities).expect("it is whole");
        for entry in fs::read_dir(&taken.folder).expect("its files").flatten() {
            let path = entry.path();
            let whole = fs::read(&path).expect("a file");
            for place in [0, whole.len() / 3, whole.len() / 2, whole.len() - 2] {
                let mut flipped = whole.clone();
                flipped[place] ^= 1;
                fs::write(&path, &flipped).expect("written");
                let failure = check(&app, &taken.folder, &identities).expect_err("a flipped byte");
                let name = entry.file_name().to_string_lossy().into_owned();
                let found = if name == archive::MANIFEST { [FailureCode::Signature, FailureCode::Away, FailureCode::Failed].contains(&failure.code) } else { failure.code == FailureCode::Damaged };
                assert!(found && failure.text.contains(&name), "{name} at {place}: {failure:?}");
            }
            fs::write(&path, &whole[..whole.len() - 1]).expect("written");
            check(&app, &taken.folder, &identities).expect_err("cut off");
            fs::remove_file(&path).expect("removed");
            let failure = check(&app, &taken.folder, &identities).expect_err("gone");
            assert_eq!(failure.code, FailureCode::Away, "{failure}");
            fs::write(&path, &whole).expect("written");
        }
        check(&app, &taken.folder, &identities).expect("it is whole again");
        let failure = check(&app, &taken.folder, &pair().0).expect_err("another key");
        assert_eq!(failure.code, FailureCode::NoIdentity, "{failure}");
        // Another company's key signed it, as far as this one knows.
        let stranger = [log_of(&audit::Log::generate().expect("a key"), &app).key()];
        let backup = Backup { folder: &taken.folder, identities: &identities, keys: &stranger };
        let failure = archive::check(&backup, &app.folder, Some(&app.database_url), now()).expect_err("signed by another");
        assert_eq!(failure.code, FailureCode::Signature, "{failure}");
    }

    async fn what_was_changed_behind_the_log_is_found(app: TestApp) {
        given::company(&app).await;
        let (identities, _) = pair();
        let taken = take(&app, &folder(&app, "target"), Vec::new(), Vec::new()).await.expect("a backup");
        // Somebody who has the signing key and a smaller log: the manifest is signed anew over a state that the records do not make.
        let signed = fs::read_to_string(taken.folder.join(archive::MANIFEST)).expect("a manifest");
        let mut manifest = taken.manifest.clone();
        let note = merkle::Note::open(&manifest.checkpoint, &[]).expect("a checkpoint");
        let mut state: merkle::Checkpoint = note.text.parse().expect("a checkpoint");
        state.root[0] ^= 1;
        manifest.checkpoint = log(&app).sign(&state.to_string()).expect("signed");
        let forged = log(&app).sign(&manifest.text().expect("a text")).expect("signed");
        fs::write(taken.folder.join(archive::MANIFEST), forged).expect("written");
        let failure = check(&app, &taken.folder, &identities).expect_err("another log");
        assert!(failure.code == FailureCode::Mismatch && failure.text.contains("records"), "{failure}");
        let mut manifest = taken.manifest.clone();
        *manifest.rows.get_mut("person").expect("a table") += 1;
        let forged = log(&app).sign(&manifest.text().expect("a text")).expect("signed");
        fs::write(taken.folder.join(archive::MANIFEST), forged).expect("written");
        let failure = check(&app, &taken.folder, &identities).expect_err("a row too few");
        assert!(failure.code == FailureCode::Mismatch && failure.text.contains("person"), "{failure}");
        fs::write(taken.folder.join(archive::MANIFEST), signed).expect("written");
        check(&app, &taken.folder, &identities).expect("it is whole again");
    }

    async fn keys_are_backed_up_only_encrypted_and_a_target_must_be_there(app: TestApp) {
        given::company(&app).await;
        let keys = vec![("secret", app.folder.join("secret"))];
        let target = folder(&app, "target");
        assert!(take(&app, &target, Vec::new(), keys).await.is_err());
        let failure = take(&app, &app.folder.join("unplugged"), Vec::new(), Vec::new()).await.err().expect("no target");
        assert_eq!(failure.code, FailureCode::Away, "{failure}");
        assert_eq!((leftovers(&target), leftovers(&app.folder)), (0, 0), "nothing is left behind");
    }
}

/// A disk of two megabytes, which somebody else may not be able to mount.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(path: PathBuf) -> Option<Self> {
        let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(&path).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(path))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(std::process::Command::new("umount").arg(&self.0).status());
    }
}

on_both_databases! {
    async fn a_full_disk_leaves_no_backup_and_says_why(app: TestApp) {
        let company = given::company(&app).await;
        let Some(disk) = SmallDisk::mount(folder(&app, "small")) else {
            println!("SKIPPED: nothing can be mounted here");
            return;
        };
        upload(&app, &company.admin).await;
        // More than the disk holds, and nothing that can be compressed.
        let mut digest = [0_u8; 32];
        let noise: Vec<u8> = (0..120_000).flat_map(|_| { digest = merkle::tree::leaf_hash(&digest); digest }).collect();
        fs::write(app.folder.join("files/noise"), noise).expect("written");
        let failure = take(&app, &disk.0, Vec::new(), Vec::new()).await.err().expect("it is full");
        assert_eq!(failure.code, FailureCode::DiskFull, "{failure}");
        assert_eq!(leftovers(&disk.0), 0);
        let backups = fs::read_dir(&disk.0).expect("the disk").flatten().filter(|entry| entry.path().join(archive::MANIFEST).exists()).count();
        assert_eq!(backups, 0);
    }
}

/// Looks again until it is so.
async fn until(app: &TestApp, by: &given::Person, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
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
async fn made(app: &TestApp, by: &given::Person, plan: &Value) -> Value {
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

        // The third takes the place of the first.
        made(&app, admin, &plan).await;
        let gone = until(&app, admin, &format!("/backups/{}", text(&first["id"])), |backup| backup["removed_at"].is_string()).await;
        assert!(!folder.exists() && gone["state"] == "completed");
        app.by(admin).post(&format!("/backups/{}/drill", text(&first["id"])), json!({})).refused(409, "backup.not_there").await;
        let failed = app.by(admin).get("/backups?drill=failed").ok().await;
        assert_eq!(failed["items"].as_array().map(Vec::len), Some(1));
    }

    async fn a_target_that_went_away_is_a_failure_with_its_reason_and_lateness_an_alarm(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let admin = &company.admin;
        // A file where the folder should be.
        fs::write(app.folder.join("backups"), "").expect("written");
        let body = json!({ "name": "每小时", "subject": "zhidu", "every_hours": 1, "target": "local", "late_hours": 2 });
        let plan = app.by(admin).post("/backup-plans", body).ok().await;
        let failed = made(&app, admin, &plan).await;
        assert!(failed["state"] == "failed" && failed["reason"].is_string() && failed["verified_at"].is_null(), "{failed}");
        fs::remove_file(app.folder.join("backups")).expect("removed");
        app.clock.advance(3 * 3600);
        let admin = &given::again(&app, admin).await;
        let auditor = &given::again(&app, &auditor).await;
        backup::keeper::alarms(&app.app.keeper.clone().into_inner()).await.expect("looked at");
        backup::keeper::alarms(&app.app.keeper.clone().into_inner()).await.expect("looked at again");
        let alarms = actions(&app, auditor, &plan["id"]).await.into_iter().filter(|action| action == "backup_plan.overdue").count();
        // Unless the due backup was faster than the alarm.
        assert!(alarms <= 1, "{alarms}");
        until(&app, admin, &format!("/backup-plans/{}", text(&plan["id"])), |plan| plan["health"] == "green").await;
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

        let body = json!({ "medium_id": medium["id"], "place_id": place["id"], "receiver_id": admin.id });
        app.by(admin).post("/backup-handovers", body.clone()).refused(409, "handover.same_person").await;
        let mut body = body;
        body["receiver_id"] = json!(custodian.id);
        app.by(&custodian).post("/backup-handovers", body.clone()).refused(403, "forbidden").await;
        let given = app.by(admin).post("/backup-handovers", body).ok().await;
        assert_eq!(given["state"], "given");
        let receive = format!("/backup-handovers/{}/receive", text(&given["id"]));
        for person in [admin, &other] {
            app.by(person).post(&receive, json!({ "accept": true })).if_match(1).refused(403, "handover.not_receiver").await;
        }
        app.by(&custodian).post(&receive, json!({ "accept": false })).if_match(1).refused(422, "request.invalid").await;
        let received = app.by(&custodian).post(&receive, json!({ "accept": true, "note": "封签完好" })).if_match(1).ok().await;
        assert_eq!(received["state"], "received");
        app.by(&custodian).post(&receive, json!({ "accept": true })).if_match(2).refused(409, "handover.answered").await;
        let medium = app.by(admin).get("/backup-media").ok().await["items"][0].clone();
        assert!(medium["place"]["id"] == place["id"] && medium["custodian"]["id"] == custodian.id && medium["seal_number"] == "F-1", "{medium}");
        assert_eq!(app.by(admin).get(&format!("{path}/moves")).ok().await["items"].as_array().map(Vec::len), Some(2));
        let told = actions(&app, &auditor, &given["id"]).await;
        assert_eq!(told, ["backup.received", "access.denied", "access.denied", "backup.handed_over"]);
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
    let inside = unpacked.join(text(&backup["folder"]));
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

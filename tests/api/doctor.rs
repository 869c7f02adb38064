//! What `zhidu doctor` finds in a database with people in it, while its server runs. How it is called, and what it finds in folders and
//! settings, is tested beside the program.

use std::fs;

use clap::Parser as _;
use kernel::Clock;
use server::doctor::{
    Finding,
    Verdict::{self, Ok as Fine, Warn, Wrong},
    examine,
};
use tests::{TestApp, given, json, on_both_databases};

use crate::{backup_plans::made, tamper::Back};

#[derive(clap::Parser)]
struct Flags {
    #[command(flatten)]
    serve: server::Serve,
}

/// What is found with these settings more, some seconds later than now.
pub struct Found(Vec<Finding>);

async fn later(app: &TestApp, seconds: i64, more: &[&str]) -> Found {
    let (data, listen) = (app.folder.display().to_string(), app.base.replace("http://", ""));
    let own = [["--data-dir", &data], ["--database-url", &app.database_url], ["--listen", &listen], ["--web-root", "none"]];
    let own = own.into_iter().filter(|[flag, _]| !more.contains(flag)).flatten();
    let serve = Flags::parse_from(["zhidu"].into_iter().chain(own).chain(more.iter().copied())).serve;
    let clock = Clock::default();
    clock.advance(seconds);
    Found(tokio::task::spawn_blocking(move || examine(&serve, &clock)).await.expect("no panic"))
}

pub async fn now(app: &TestApp, more: &[&str]) -> Found {
    later(app, 0, more).await
}

/// A company whose log is signed up to its last record.
async fn company(app: &TestApp) -> given::Company {
    let company = given::company(app).await;
    for _ in 0..100 {
        if now(app, &[]).await.verdict("log") == Some(Fine) {
            return company;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nothing is signed");
}

impl Found {
    fn verdict(&self, check: &str) -> Option<Verdict> {
        self.0.iter().find(|finding| finding.check == check).map(|finding| finding.verdict)
    }

    /// Whether this check has this verdict, and says this in what is found or advised.
    pub fn has(&self, check: &str, verdict: Verdict, words: &str) -> bool {
        self.0.iter().any(|finding| {
            let said = format!("{} {}", finding.found, finding.advice.as_deref().unwrap_or_default());
            finding.check == check && finding.verdict == verdict && said.contains(words)
        })
    }

    /// It has to.
    #[track_caller]
    pub fn says(&self, check: &str, verdict: Verdict, words: &str) {
        assert!(self.has(check, verdict, words), "{check}: wanted {verdict} … {words}, got {:#?}", self.0);
    }
}

on_both_databases! {
    async fn a_server_at_work_is_well_and_nothing_is_changed(app: TestApp) {
        let company = company(&app).await;
        let content = "查看这个".as_bytes();
        app.by(&company.admin).request(reqwest::Method::POST, "/files?name=note.txt").bytes("application/octet-stream", content).ok().await;
        let list = || {
            let names = fs::read_dir(&app.folder).expect("a folder").flatten().map(|one| one.file_name().to_string_lossy().into_owned());
            // The server writes its checkpoints meanwhile.
            let mut names: Vec<String> = names.filter(|name| !(name.starts_with("log.checkpoint.") && name.ends_with(".new"))).collect();
            names.sort();
            names
        };
        let before = list();
        let found = now(&app, &[]).await;
        assert_eq!(list(), before);
        found.says("server", Fine, "reaches its database");
        found.says("anchor", Fine, "known outside");
        found.says("backlog", Fine, "waiting");
        found.says("administrators", Fine, "1 who can manage people, 1 who can assign roles");
        found.says("uploads", Fine, "1 content");
        // What a test server is, and a real one should not be.
        let expected = ["rights", "wal archive", "backup plans", "backup places", "encryption", "page", "room", "descriptors"];
        for finding in &found.0 {
            assert!(finding.verdict == Fine || (finding.verdict == Warn && expected.contains(&finding.check)), "{finding:?}");
        }
    }

    async fn a_log_that_could_not_go_on_under_its_name_is_wrong(app: TestApp) {
        company(&app).await;
        let path = |name: &str| app.folder.join(name).display().to_string();
        let write = |name: &str, text: &str| fs::write(app.folder.join(name), text).map(|()| path(name)).expect("a file");
        let anchored = async |file: String| now(&app, &["--log-anchor", &file]).await;
        anchored(path("none")).await.says("anchor", Warn, "--log-anchor");
        anchored(write("garbage", "no note")).await.says("anchor", Wrong, "nothing is signed");
        // As if the database had come back from a backup.
        let key = fs::read_to_string(app.folder.join("log.key")).expect("the key");
        let signer: merkle::Signer = key.parse().expect("a key");
        let origin = signer.verifier().name().to_owned();
        let ahead = merkle::Checkpoint { origin, size: 1_000_000, root: merkle::tree::empty_root(), extensions: Vec::new() };
        let note = signer.sign(&ahead.to_string()).expect("a note");
        anchored(write("ahead", &note)).await.says("anchor", Wrong, "the database is behind (1000000 records in the file)");
        // The file of another log.
        let foreign = merkle::Checkpoint { origin: "other.example/log".to_owned(), ..ahead };
        let note = signer.sign(&foreign.to_string()).expect("a note");
        anchored(write("foreign", &note)).await.says("anchor", Warn, "other.example/log, which is not the name of this log");
        now(&app, &["--log-key-file", "none"]).await.says("log", Wrong, "no key");
        let other = write("other.key", &audit::Log::generate().expect("a key"));
        let found = now(&app, &["--log-key-file", &other]).await;
        found.says("log", Wrong, "not signed by the log key");
        found.says("anchor", Wrong, "another key");
    }

    async fn silence_and_records_from_the_future_are_seen(app: TestApp) {
        company(&app).await;
        now(&app, &[]).await.says("sign of life", Fine, "the last is of");
        later(&app, 3_600, &[]).await.says("sign of life", Warn, "a server answers");
        later(&app, 3_600, &["--listen", "127.0.0.1:1"]).await.says("sign of life", Warn, "the server has not run since");
        later(&app, -3_600, &[]).await.says("time of the log", Wrong, "in the future");
        if app.database_url.starts_with("postgres") {
            later(&app, 20, &[]).await.says("clock", Warn, "behind this machine's");
            later(&app, -3_600, &[]).await.says("clock", Wrong, "before this machine's");
        }
    }

    async fn records_that_nobody_gives_a_place_are_seen(app: TestApp) {
        let company = company(&app).await;
        let mut back = Back::of(&app.database_url);
        let (id, until) = (back.uuid("01900000-0000-7000-8000-000000000000"), if app.database_url.starts_with("postgres") { "now() + interval '1 hour'" } else { "9000000000000000" });
        back.run(&format!("update audit_sequencer set holder = {id}, lease_until = {until}"));
        app.by(&company.admin).post("/tickets", json!({ "kind": "request", "title": "等待" })).ok().await;
        now(&app, &[]).await.says("backlog", Fine, "waiting");
        later(&app, 60, &[]).await.says("backlog", Warn, "start the server");
        back.run("update audit_sequencer set holder = null, lease_until = null");
    }

    async fn uploads_that_are_missing_or_cut_are_wrong(app: TestApp) {
        let company = company(&app).await;
        let post = app.by(&company.admin).request(reqwest::Method::POST, "/files?name=note.txt");
        let sha256 = given::text(&post.bytes("application/octet-stream", "丢失".as_bytes()).ok().await["sha256"]);
        let path = app.folder.join("files").join(&sha256[..2]).join(&sha256);
        fs::write(&path, "丢").expect("a file");
        now(&app, &[]).await.says("uploads", Wrong, &sha256);
        fs::remove_file(&path).expect("it is there");
        now(&app, &[]).await.says("uploads", Wrong, "1 content");
    }

    async fn a_schema_that_this_binary_does_not_expect_is_seen(app: TestApp) {
        company(&app).await;
        let mut back = Back::of(&app.database_url);
        back.run("insert into __diesel_schema_migrations (version) values ('99990101000000')");
        let newer = now(&app, &[]).await;
        newer.says("schema", Wrong, "99990101000000");
        assert_eq!(newer.verdict("administrators"), None, "tables that nobody knows are not read");
        back.run("delete from __diesel_schema_migrations where version = '99990101000000'");
        back.run("create table kept_migrations as select * from __diesel_schema_migrations; delete from __diesel_schema_migrations where version > '20261126'");
        now(&app, &[]).await.says("schema", Warn, "zhidu migrate");
        now(&app, &["--no-migrate"]).await.says("schema", Wrong, "zhidu migrate");
        back.run("delete from __diesel_schema_migrations; insert into __diesel_schema_migrations select * from kept_migrations; drop table kept_migrations");
        now(&app, &[]).await.says("schema", Fine, "all");
    }

    async fn a_company_that_nobody_can_manage_is_wrong(app: TestApp) {
        now(&app, &[]).await.says("administrators", Warn, "prints the link");
        company(&app).await;
        let mut back = Back::of(&app.database_url);
        let away = |back: &mut Back, login: &str| back.run(&format!("update person set active = (login <> '{login}')"));
        away(&mut back, "sec");
        now(&app, &[]).await.says("administrators", Warn, "安全管理员");
        away(&mut back, "root.admin");
        now(&app, &[]).await.says("administrators", Warn, "系统管理员");
        back.run("update person set active = (1 = 1)");
        now(&app, &[]).await.says("administrators", Fine, "1 who can manage people, 1 who can assign roles");
        back.run(
            "update role_assignment set scope = 'unit', unit_id = (select id from org_unit limit 1) \
            where scope = 'all' and person_id = (select id from person where login = 'sec')",
        );
        now(&app, &[]).await.says("administrators", Warn, "安全管理员");
        away(&mut back, "root.admin");
        back.run("delete from credential where person_id = (select id from person where login = 'sec')");
        now(&app, &[]).await.says("administrators", Wrong, "nobody who can log in");
    }

    async fn the_people_of_the_demonstration_are_told_by_their_mail(app: TestApp) {
        company(&app).await;
        now(&app, &[]).await.says("demonstration", Fine, "nobody");
        Back::of(&app.database_url).run(&format!("update person set email = 'sec{}' where login = 'sec'", server::demo::MAIL));
        now(&app, &[]).await.says("demonstration", Warn, "without --demo");
    }

    async fn plans_are_there_on_time_drilled_and_their_places_known(app: TestApp) {
        let company = company(&app).await;
        let admin = &company.admin;
        now(&app, &[]).await.says("backup plans", Warn, "备份");
        let body = json!({ "name": "每日", "subject": "zhidu", "daily_at": "02:30", "target": "local", "late_hours": 26, "drill_days": 7 });
        let plan = app.by(admin).post("/backup-plans", body).ok().await;
        now(&app, &[]).await.says("backup plans", Fine, "no verified backup yet");
        now(&app, &["--backup-target", "disk=/mnt"]).await.says("backup plans", Wrong, "--backup-target local=");
        later(&app, 27 * 3_600, &[]).await.says("late backups", Wrong, "每日 has no verified backup");
        let recipient = age::x25519::Identity::generate().to_public().to_string();
        now(&app, &["--backup-recipient", &recipient]).await.says("key for drills", Warn, "no_identity");
        let backup = made(&app, admin, &plan).await;
        assert_eq!(backup["state"], "completed", "{backup}");
        let found = now(&app, &[]).await;
        found.says("backup plans", Fine, "newest verified backup");
        found.says("late backups", Fine, "none of 1");
        found.says("drills", Warn, "ever put back on trial");
        later(&app, 27 * 3_600, &[]).await.says("late backups", Wrong, "27 hours ago");
        Back::of(&app.database_url).run("update backup set drill = 'failed', drilled_at = started_at");
        now(&app, &[]).await.says("drills", Wrong, "zhidu restore --check");
        Back::of(&app.database_url).run("update backup set drill = 'passed'");
        now(&app, &[]).await.says("drills", Fine, "passed");
        later(&app, 9 * 86_400, &[]).await.says("drills", Warn, "a drill of the plan 每日 has been due for 2 days");
        let others = json!({ "name": "财务", "subject": "application", "application": "财务系统", "late_hours": 1 });
        app.by(admin).post("/backup-plans", others).ok().await;
        later(&app, 2 * 3_600, &[]).await.says("late backups", Wrong, "ask its keeper");
    }
}

#[test]
fn on_postgres_an_application_of_its_own_role_cannot_change_the_log_and_texts_are_utf8() {
    TestApp::run(db::Backend::Postgres, async |app: TestApp| {
        company(&app).await;
        let found = now(&app, &[]).await;
        found.says("rights", Warn, "zhidu serve --no-migrate");
        found.says("wal archive", Warn, "not archived");
        let mut back = Back::of(&app.database_url);
        let role = format!("app_{}", kernel::PersonId::new().uuid().simple());
        let log = "audit_record, audit_related, audit_leaf, audit_erasure, audit_origin, audit_checkpoint, audit_cosignature";
        back.run(&format!("create role {role} login; grant usage on schema public to {role}"));
        let url = app.database_url.replacen("postgres@", &format!("{role}@"), 1);
        now(&app, &["--database-url", &url]).await.says("schema", Wrong, "let the role read every table");
        back.run(&format!("grant select, insert, update, delete on all tables in schema public to {role}"));
        now(&app, &["--database-url", &url]).await.says("rights", Warn, "7 tables");
        back.run(&format!("revoke update, delete, truncate on {log} from {role}"));
        let found = now(&app, &["--database-url", &url]).await;
        found.says("rights", Fine, "cannot change the log");
        found.says("log", Fine, "signed");
        back.run(&format!("drop owned by {role}; drop role {role}"));

        let (start, name) = app.database_url.rsplit_once('/').expect("a name");
        back.run(&format!("create database {name}_ascii encoding 'SQL_ASCII' template template0"));
        now(&app, &["--database-url", &format!("{start}/{name}_ascii")]).await.says("encoding", Wrong, "SQL_ASCII");
        back.run(&format!("drop database {name}_ascii with (force)"));
    });
}

//! Backups in a store that speaks S3: a real one, which `tests/run` starts. What locks is told apart from what only hides.

use std::fs;

use backup::archive::{Access, FailureCode, Location, MANIFEST, Manifest, verify};
use db::Backend;
use server::doctor::Verdict::{Ok as Fine, Warn, Wrong};
use tests::{TestApp, given, given::text, json, on_both_databases};

use crate::{
    backup::{folder, log, look, pair, put},
    backup_plans::{made, until},
    doctor::now,
    tamper::Back,
};

/// As tests/store.py has them.
const KEY: &str = "aws_access_key_id = zhidu\naws_secret_access_key = Bucket-2026!as-promised\n";
const READER: &str = "aws_access_key_id = reader\naws_secret_access_key = Bucket-2026!as-promised\n";
const WRONG: &str = "aws_access_key_id = zhidu\naws_secret_access_key = Bucket-2026!as-imagined\n";

/// The address of the store; nothing, and a word about it, where there is none.
fn store() -> Option<String> {
    let url = std::env::var("ZHIDU_TEST_S3").ok().filter(|url| !url.is_empty());
    if url.is_none() {
        assert!(std::env::var("CI").is_err(), "tests/run started no store: tests/seaweedfs/requirements.txt says how it gets here");
        println!("SKIPPED: there is no store that speaks S3; tests/seaweedfs/requirements.txt says how it gets here");
    }
    url
}

/// A place of this test alone, as a server is told of it.
fn address(url: &str, bucket: &str, more: &str) -> String {
    format!("s3://{bucket}/{}?endpoint={url}{more}", kernel::PersonId::new())
}

/// A file with an access key that only its owner reads.
fn key(text: &str) -> String {
    let path = std::env::temp_dir().join(format!("zhidu-key-{}", kernel::PersonId::new()));
    server::private::create(&path, text).expect("a file");
    path.display().to_string()
}

fn place(address: &str, key_file: &str) -> Location {
    address.parse::<Location>().expect("an address").reached_by(Access { credentials: Some(key_file.into()), ca: None })
}

/// What blocks is done where nobody waits.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("no panic")
}

fn write(at: &Location, file: &str, bytes: &[u8]) {
    let mut sink = at.create(file).expect("begun");
    sink.write_all(bytes).expect("written");
    sink.done().expect("there");
}

/// Changes a bit of an object, and says what it was.
fn flip(at: &Location, file: &str) -> Vec<u8> {
    let mut whole = Vec::new();
    at.open(file).expect("an object").read_to_end(&mut whole).expect("its bytes");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    write(at, file, &flipped);
    whole
}

/// So much that it is sent in several parts, and nothing that can be compressed.
async fn upload_much(app: &TestApp, by: &given::Person) {
    for round in 0..4_u8 {
        let mut digest = [round; 32];
        let noise = (0..120_000).flat_map(|_| {
            digest = merkle::tree::leaf_hash(&digest);
            digest
        });
        let noise: Vec<u8> = b"PK\x03\x04".iter().copied().chain(noise).collect();
        let post = app.by(by).request(reqwest::Method::POST, &format!("/files?name=noise-{round}.zip"));
        post.bytes("application/octet-stream", noise).ok().await;
    }
}

on_both_databases! {
    async fn a_backup_in_a_bucket_is_whole_and_cannot_be_deleted_before_its_time(app: TestApp) {
        let Some(url) = store() else { return };
        let company = given::company(&app).await;
        upload_much(&app, &company.admin).await;
        let (identities, recipient) = pair();
        let target = place(&address(&url, "locked", "&lock=1d"), &key(KEY));
        let taken = put(&app, &target, vec![recipient], Vec::new()).await.expect("a backup");
        assert!(taken.manifest.objects.iter().any(|object| object.stored_size > 10_000_000), "one goes in parts");
        let (of, at) = (app.clone(), taken.at.clone());
        let report = apart(move || look(&of, &at, &identities)).await.expect("it could be put back");
        assert_eq!(report.manifest, taken.manifest);
        apart(move || {
            assert_eq!(target.backups().expect("a list"), [taken.at.name()]);
            assert!(taken.at.is_locked().expect("tried"));
            let failure = taken.at.remove().expect_err("it is locked");
            assert_eq!(failure.code, FailureCode::Refused, "{failure}");
            // Each object, those too that were sent in parts.
            for file in taken.manifest.objects.iter().map(|object| object.file.as_str()).chain([MANIFEST]) {
                taken.at.open(file).unwrap_or_else(|failure| panic!("{file}: {failure}"));
            }
            // The same name a second time would be another version.
            let failure = target.make(&taken.at.name()).expect_err("it is there");
            assert!(failure.text.contains("already"), "{failure}");
        })
        .await;
    }

    async fn a_flipped_byte_in_an_object_is_found_and_named(app: TestApp) {
        let Some(url) = store() else { return };
        given::company(&app).await;
        let (identities, recipient) = pair();
        let target = place(&address(&url, "plain", ""), &key(KEY));
        let taken = put(&app, &target, vec![recipient], Vec::new()).await.expect("a backup");
        apart(move || {
            for object in &taken.manifest.objects {
                let whole = flip(&taken.at, &object.file);
                let failure = look(&app, &taken.at, &identities).expect_err("a flipped byte");
                assert!(failure.code == FailureCode::Damaged && failure.text.contains(&object.file), "{failure}");
                write(&taken.at, &object.file, &whole);
            }
            look(&app, &taken.at, &identities).expect("it is whole again");
            assert!(!taken.at.is_locked().expect("tried"));
            assert!(taken.at.remove().expect("removed"));
            assert_eq!(target.backups().expect("a list"), [""; 0]);
            let failure = look(&app, &taken.at, &identities).expect_err("gone");
            assert_eq!(failure.code, FailureCode::Gone, "{failure}");
        })
        .await;
    }

    async fn what_stands_between_is_told_apart(app: TestApp) {
        let Some(url) = store() else { return };
        given::company(&app).await;
        let nobody = format!("http://127.0.0.1:{}", std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port());
        let here = address(&url, "locked", "&lock=1d");
        for (address, key_file, expected, words) in [
            (here.clone(), key(WRONG), FailureCode::Refused, "SignatureDoesNotMatch"),
            (here.clone(), key(READER), FailureCode::Refused, "AccessDenied"),
            (here.clone(), key("nothing of the sort"), FailureCode::Refused, "aws_access_key_id"),
            (here.clone(), "/nowhere/key".to_owned(), FailureCode::Refused, "/nowhere/key"),
            (address(&url, "nobodys", ""), key(KEY), FailureCode::NoBucket, "NoSuchBucket"),
            (address(&nobody, "locked", ""), key(KEY), FailureCode::Away, "refused"),
        ] {
            let failure = put(&app, &place(&address, &key_file), Vec::new(), Vec::new()).await.err().expect("none");
            assert!(failure.code == expected && failure.text.contains(words), "{expected}: {failure:?}");
            assert!(!failure.text.contains("Signature=") && !failure.text.contains("as-promised"), "{failure}");
        }
        let left = place(&here, &key(KEY));
        apart(move || assert_eq!(left.backups().expect("a list"), [""; 0])).await;
    }
}

/// A plan whose backups go from one place to the other.
fn plan(offsite: &str, locked: bool) -> serde_json::Value {
    json!({ "name": offsite, "subject": "zhidu", "daily_at": "02:30", "target": "here", "offsite": offsite, "offsite_locked": locked,
        "keep_last": 1, "keep_daily": 0, "keep_weekly": 0, "keep_monthly": 0 })
}

async fn plans(app: TestApp, here: Location) {
    let company = given::company(&app).await;
    let admin = &company.admin;
    let wanted = [
        ("locked", "copied", None),
        ("versioned", "unlocked", Some("not_locked")),
        ("plain", "unlocked", Some("not_locked")),
        ("asked", "unlocked", Some("not_locked")),
    ];
    for (offsite, state, reason) in wanted {
        let plan = app.by(admin).post("/backup-plans", plan(offsite, true)).ok().await;
        let backup = made(&app, admin, &plan).await;
        assert_eq!(
            (&backup["state"], &backup["offsite"], &backup["reason"]),
            (&json!("completed"), &json!(state), &json!(reason)),
            "{offsite}: {backup}"
        );
    }
    for (offsite, reason) in [("stranger", "refused"), ("nobodys", "no_bucket"), ("away", "away")] {
        let plan = app.by(admin).post("/backup-plans", plan(offsite, false)).ok().await;
        let backup = made(&app, admin, &plan).await;
        assert_eq!(
            (&backup["state"], &backup["offsite"], &backup["reason"]),
            (&json!("completed"), &json!("failed"), &json!(reason)),
            "{backup}"
        );
    }

    // The first place: drilled, handed out, and forgotten when its time is over.
    let plans = app.by(admin).get("/backup-plans").ok().await;
    let plan = plans["items"].as_array().and_then(|plans| plans.iter().find(|plan| plan["name"] == "locked")).expect("the plan").clone();
    let backup = app.by(admin).get(&format!("/backups?limit=1&plan_id={}", text(&plan["id"]))).ok().await["items"][0].clone();
    let path = format!("/backups/{}", text(&backup["id"]));
    app.by(admin).post(&format!("{path}/drill"), json!({})).ok().await;
    let drilled = until(&app, admin, &path, |backup| backup["drill"].is_string()).await;
    assert!(drilled["drill"] == "passed" && drilled["recovery_ms"].as_i64() > Some(0), "{drilled}");
    let reply = app.by(admin).get(&format!("{path}/download")).send().await;
    assert_eq!((reply.status, reply.headers["content-type"].to_str().ok()), (200, Some("application/x-tar")));
    let unpacked = folder(&app, "unpacked");
    tar::Archive::new(reply.bytes.as_slice()).unpack(&unpacked).expect("a tar file");
    let inside = Location::from(unpacked.join(text(&backup["folder"])).as_path());
    let manifest = Manifest::open(&inside, &[log(&app).key()]).expect("the manifest");
    manifest.objects.iter().try_for_each(|object| verify(&inside, object)).expect("whole");
    let lies = here.join(&text(&backup["folder"]));
    made(&app, admin, &plan).await;
    let second = made(&app, admin, &plan).await;
    // The drilled one stays, the one between goes.
    let list = here.clone();
    let names = apart(move || list.backups()).await.expect("a list");
    let of_plan = app.by(admin).get(&format!("/backups?plan_id={}", text(&plan["id"]))).ok().await;
    let there: Vec<_> =
        of_plan["items"].as_array().expect("backups").iter().filter(|backup| names.contains(&text(&backup["folder"]))).collect();
    assert!(there.len() == 2 && there[0]["id"] == second["id"] && there[1]["id"] == backup["id"], "{names:?} {of_plan}");

    // As if its maker had died after the last file and before it could say so.
    let mut back = Back::of(&app.database_url);
    let id = back.uuid(&text(&second["id"]));
    back.run(&format!("update backup set state = 'running', verified_at = null where id = {id}"));
    made(&app, admin, &plan).await;
    let list = here.clone();
    assert!(!apart(move || list.backups()).await.expect("a list").contains(&text(&second["folder"])));

    // A byte that somebody flipped.
    let database = apart(move || {
        flip(&lies, "database.zst.age");
        lies.join("database.zst.age").to_string()
    });
    let database = database.await;
    app.by(admin).post(&format!("{path}/drill"), json!({})).ok().await;
    let drilled = until(&app, admin, &path, |backup| backup["drill"] == "failed").await;
    assert!(drilled["reason"] == "damaged" && drilled["verified_at"].is_null(), "{drilled}");
    assert!(text(&drilled["explanation"]).contains(&database), "{drilled}");
}

#[test]
fn plans_use_buckets_as_first_and_second_places() {
    let Some(url) = store() else { return };
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let (identity, key_file) = (age::x25519::Identity::generate(), key(KEY));
        let opener = key(age::secrecy::ExposeSecret::expose_secret(&identity.to_string()));
        let here = address(&url, "plain", "");
        let targets = [
            format!("here={here}"),
            format!("locked={}", address(&url, "locked", "&lock=1d&mode=governance")),
            format!("versioned={}", address(&url, "versioned", "")),
            format!("plain={}", address(&url, "plain", "")),
            format!("asked={}", address(&url, "plain", "&lock=1d")),
            format!("stranger={}", address(&url, "locked", "")),
            format!("nobodys={}", address(&url, "nobodys", "")),
            format!("away={}", address("http://127.0.0.1:1", "locked", "")),
        ];
        let keys: Vec<_> = ["here", "locked", "versioned", "plain", "asked", "nobodys", "away"]
            .map(|name| format!("{name}={key_file}"))
            .into_iter()
            .chain([format!("stranger={}", key(WRONG))])
            .collect();
        let flags = ["--backup-target", &targets.join(","), "--backup-target-credentials", &keys.join(",")];
        let recipient = identity.to_public().to_string();
        let more = ["--backup-recipient", &recipient, "--backup-identity", &opener];
        TestApp::run_with(backend, &[flags, more].concat(), |app| plans(app, place(&here, &key_file)));
    }
}

on_both_databases! {
    async fn the_doctor_says_what_is_wrong_with_a_bucket(app: TestApp) {
        let Some(url) = store() else { return };
        let company = given::company(&app).await;
        let found = async |target: &str, key_file: &str| now(&app, &["--backup-target", &format!("b={target}"), "--backup-target-credentials", &format!("b={key_file}")]).await;
        let (mine, locked) = (key(KEY), address(&url, "locked", "&lock=30d"));
        found(&locked, &mine).await.says("backup places", Fine, "locked for 30 days");
        found(&locked, &key(WRONG)).await.says("backup places", Wrong, "--backup-target-credentials b=FILE");
        found(&locked, "/nowhere/key").await.says("backup places", Wrong, "/nowhere/key");
        found(&address(&url, "nobodys", ""), &mine).await.says("backup places", Wrong, "no_bucket");
        found(&address("http://127.0.0.1:1", "locked", ""), &mine).await.says("backup places", Wrong, "(away)");
        found(&address(&url, "plain", "&lock=30d"), &mine).await.says("backup places", Wrong, "has no object lock");
        found(&address(&url, "plain", ""), &mine).await.says("backup places", Fine, "can be deleted");
        let others = key(KEY);
        fs::set_permissions(&others, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("opened");
        found(&locked, &others).await.says("other keys", Warn, &others);
        now(&app, &["--backup-target", "a=/tmp", "--backup-target-credentials", &format!("b={mine}")]).await.says("backup places", Warn, "no bucket of that name");
        // A plan that wants more than its place can.
        let mut back = Back::of(&app.database_url);
        let body = json!({ "name": "每日", "subject": "zhidu", "daily_at": "02:30", "target": "local" });
        app.by(&company.admin).post("/backup-plans", body).ok().await;
        back.run(&format!("update backup_plan set offsite = 'b', offsite_locked = {}", if app.database_url.starts_with("postgres") { "true" } else { "1" }));
        found(&address(&url, "versioned", ""), &mine).await.says("backup places", Wrong, "a plan demands");
        found(&address(&url, "locked", ""), &mine).await.says("backup places", Warn, "add lock=30d");
    }
}

//! A backup is what it says it is, or it is refused; what was restored is what was backed up.

use std::{
    fs,
    path::{Path, PathBuf},
};

use backup::{
    BackupId,
    archive::{self, Destination, Failure, FailureCode, Location, Sealed, Source},
};
use db::testing::TestDatabase;
use kernel::{Clock, Ts};
use tests::{TestApp, given, given::text, json, on_both_databases};

use crate::{log::newest, tamper::Back};

type Openers = Vec<Box<dyn age::Identity + Send + Sync>>;

fn now() -> Ts {
    Clock::default().now()
}

fn log_of(key: &str, app: &TestApp) -> audit::Log {
    audit::Log::open(key, audit::Anchor::at(app.folder.join("log.checkpoint")), 0, Vec::new()).expect("a key")
}

pub fn log(app: &TestApp) -> audit::Log {
    log_of(&fs::read_to_string(app.folder.join("log.key")).expect("the key of the log"), app)
}

/// A key pair: who can read, and for whom is written.
pub fn pair() -> (Openers, age::x25519::Recipient) {
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public();
    (vec![Box::new(identity)], recipient)
}

/// An empty folder of this test.
pub fn folder(app: &TestApp, name: &str) -> PathBuf {
    let path = app.folder.join(name);
    fs::create_dir_all(&path).expect("a folder");
    path
}

/// A backup in a folder.
struct Taken {
    folder: PathBuf,
    manifest: archive::Manifest,
}

async fn take(
    app: &TestApp,
    target: &Path,
    recipients: Vec<age::x25519::Recipient>,
    keys: Vec<(&'static str, PathBuf)>,
) -> Result<Taken, Failure> {
    let archive::Taken { at, manifest } = put(app, &target.into(), recipients, keys).await?;
    Ok(Taken { folder: at.folder().expect("a folder").to_owned(), manifest })
}

/// Makes a backup anywhere.
pub async fn put(
    app: &TestApp,
    target: &Location,
    recipients: Vec<age::x25519::Recipient>,
    keys: Vec<(&'static str, PathBuf)>,
) -> Result<archive::Taken, Failure> {
    let (app, target) = (app.clone(), target.clone());
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
            id: BackupId::new().uuid(),
            now: now(),
        };
        archive::take(&source, &target)
    };
    tokio::task::spawn_blocking(taking).await.expect("no panic")
}

fn check(app: &TestApp, folder: &Path, identities: &Openers) -> Result<archive::Report, Failure> {
    look(app, &folder.into(), identities)
}

/// Whether a backup could be put back. Not where others are waited for.
pub fn look(app: &TestApp, at: &Location, identities: &Openers) -> Result<archive::Report, Failure> {
    let keys = [log(app).key()];
    archive::check(&Sealed { at, identities, keys: &keys }, &app.folder, Some(&app.database_url), now())
}

/// Folders that somebody works in, or has left behind.
fn leftovers(folder: &Path) -> usize {
    fs::read_dir(folder).expect("a folder").flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).count()
}

#[derive(diesel::QueryableByName)]
struct Word {
    #[diesel(sql_type = diesel::sql_types::Text)]
    word: String,
}

fn words(url: &str, sql: &str) -> Vec<String> {
    let Back::Pg(mut conn) = Back::of(url) else { return Vec::new() };
    let found: Vec<Word> = diesel::RunQueryDsl::load(diesel::sql_query(sql), &mut conn).expect("words");
    found.into_iter().map(|found| found.word).collect()
}

/// Databases that checks have made for themselves.
fn checks(app: &TestApp) -> usize {
    let of = "zhidu_check_' || (select oid from pg_database where datname = current_database()) || '_";
    words(&app.database_url, &format!("select datname::text as word from pg_database where starts_with(datname::text, '{of}')")).len()
}

/// One that was left by a check that was killed; on PostgreSQL.
fn abandoned(app: &TestApp) -> usize {
    for oid in words(&app.database_url, "select oid::text as word from pg_database where datname = current_database()") {
        Back::of(&app.database_url).run(&format!("create database zhidu_check_{oid}_dead"));
    }
    checks(app)
}

/// Uploads something, so that there is a file.
async fn upload(app: &TestApp, by: &given::Person) -> PathBuf {
    let content = "备份这个".as_bytes();
    let post = app.by(by).request(reqwest::Method::POST, "/files?name=note.txt");
    let file = post.bytes("application/octet-stream", content).ok().await;
    let sha256 = text(&file["sha256"]);
    app.folder.join("files").join(&sha256[..2]).join(sha256)
}

on_both_databases! {
    async fn a_backup_taken_while_people_write_is_restored_as_it_was(app: TestApp) {
        let company = given::company(&app).await;
        upload(&app, &company.admin).await;
        let write = async |rounds: std::ops::Range<i32>| {
            for round in rounds {
                app.by(&company.admin).post("/tickets", json!({ "kind": "request", "title": format!("{round}") })).ok().await;
            }
        };
        write(0..50).await;
        let (identities, recipient) = pair();
        let target = folder(&app, "target");
        let keys = vec![("secret", app.folder.join("secret")), ("log.key", app.folder.join("log.key"))];
        let ((), taken) = tokio::join!(write(50..200), take(&app, &target, vec![recipient], keys));
        let taken = taken.expect("a backup");
        let tickets = taken.manifest.rows["ticket"];
        assert!((50..=200).contains(&tickets) && taken.manifest.objects.len() == 3, "{tickets}: what was answered before is in it");
        let left = abandoned(&app);
        let report = check(&app, &taken.folder, &identities).expect("it can be restored");
        assert_eq!(report.manifest, taken.manifest);
        // As long as a server is at work there, nothing is put back: on SQLite its lock stops who restores.
        if db::Backend::of_url(&app.database_url) == db::Backend::Postgres {
            let (place, keys) = (folder(&app, "busy"), [log(&app).key()]);
            let anchor = audit::Anchor::at(place.join("log.checkpoint"));
            let into = Destination { data: &place, url: &app.database_url, replace: true, continue_log: true, anchor: &anchor };
            let backup = Sealed { at: &taken.folder.as_path().into(), identities: &identities, keys: &keys };
            let refused = archive::restore(&backup, &into, now(), |_| Ok(())).expect_err("a server is at work");
            assert!(refused.text.contains("pg_terminate_backend") && !place.join(archive::MARK).exists(), "{refused}");
        }
        assert_eq!((leftovers(&target), leftovers(&app.folder)), (0, 0), "nothing is left behind");
        assert_eq!((left, checks(&app)), (usize::from(app.database_url.starts_with("postgres")), 0), "nor what the dead left");

        // For good, into another place.
        let backend = db::Backend::of_url(&app.database_url);
        let database = TestDatabase::create(backend).expect("a database");
        let place = folder(&app, "place");
        let verifiers = [log(&app).key()];
        let backup = Sealed { at: &taken.folder.as_path().into(), identities: &identities, keys: &verifiers };
        let anchor = audit::Anchor::at(place.join("log.checkpoint"));
        let mut into = Destination { data: &place, url: &database.url, replace: false, continue_log: true, anchor: &anchor };
        if backend == db::Backend::Postgres {
            let refused = archive::restore(&backup, &into, now(), |_| Ok(())).expect_err("there are tables already");
            assert!(refused.text.contains("--replace"), "{refused}");
            into.replace = true;
        }
        archive::restore(&backup, &into, now(), |_| Ok(())).expect("it is restored");
        let refused = archive::restore(&backup, &Destination { replace: false, ..into }, now(), |_| Ok(())).expect_err("there are data now");
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

        // Twice into one place, from where something was set aside: that is in no later backup, and in nobody's way.
        let again = take(&restored, &folder(&app, "again"), Vec::new(), Vec::new()).await.expect("a backup of what was restored");
        let database = TestDatabase::create(backend).expect("a database");
        let place = folder(&app, "twice");
        let anchor = audit::Anchor::at(place.join("log.checkpoint"));
        for (seconds, folder) in [(0, &taken.folder), (60, &again.folder)] {
            let backup = Sealed { at: &folder.as_path().into(), identities: &identities, keys: &[] };
            let into = Destination { data: &place, url: &database.url, replace: true, continue_log: true, anchor: &anchor };
            archive::restore(&backup, &into, now().plus_seconds(seconds), |_| Ok(())).expect("it is restored");
        }
        let aside = words(&database.url, "select nspname::text as word from pg_namespace where starts_with(nspname::text, 'replaced_')");
        assert_eq!(aside.len(), if backend == db::Backend::Postgres { 2 } else { 0 }, "{aside:?}");
    }

    async fn uploads_are_taken_as_the_database_names_them_or_the_backup_fails(app: TestApp) {
        let company = given::company(&app).await;
        let file = upload(&app, &company.admin).await;
        fs::write(app.folder.join("files/orphan"), "of nobody").expect("written");
        let target = folder(&app, "target");
        let taken = take(&app, &target, Vec::new(), Vec::new()).await.expect("a backup");
        let packed = fs::read(taken.folder.join("files.tar.zst")).expect("the object");
        let mut packed = tar::Archive::new(zstd::Decoder::new(packed.as_slice()).expect("compressed"));
        let names: Vec<_> = packed.entries().expect("entries").map(|entry| entry.expect("an entry").path().expect("a path").into_owned()).collect();
        assert_eq!(names, [file.strip_prefix(app.folder.join("files")).expect("inside")]);

        let content = fs::read(&file).expect("the file");
        fs::write(&file, "备份那个").expect("written");
        let failure = take(&app, &target, Vec::new(), Vec::new()).await.err().expect("another content");
        assert_eq!(failure.code, FailureCode::UploadLost, "{failure}");
        fs::rename(app.folder.join("files"), app.folder.join("elsewhere")).expect("moved");
        let failure = take(&app, &target, Vec::new(), Vec::new()).await.err().expect("no files at all");
        assert_eq!(failure.code, FailureCode::UploadLost, "{failure}");
        fs::rename(app.folder.join("elsewhere"), app.folder.join("files")).expect("moved back");
        fs::write(&file, content).expect("written");
        assert_eq!((fs::read_dir(&target).expect("the target").count(), leftovers(&app.folder)), (1, 0));
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
        let backup = Sealed { at: &taken.folder.as_path().into(), identities: &Vec::new(), keys: &verifiers };
        let backend = db::Backend::of_url(&app.database_url);
        // The key as it is beside the checkpoint, and lost: then a new one signs, and cites the same.
        for (name, kept, because) in [("as it is", &["log.key", "log.checkpoint", "secret"][..], "the database is behind"), ("no key", &["log.checkpoint", "secret"][..], "another key")] {
            let (database, place) = (TestDatabase::create(backend).expect("a database"), folder(&app, name));
            for file in kept {
                fs::copy(app.folder.join(file), place.join(file)).expect("copied");
            }
            let anchor = audit::Anchor::at(place.join("log.checkpoint"));
            let into = Destination { data: &place, url: &database.url, replace: backend == db::Backend::Postgres, continue_log: false, anchor: &anchor };
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
        let into = Destination { data: &place, url: &database.url, replace: backend == db::Backend::Postgres, continue_log: false, anchor: &anchor };
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
                flipped[place] ^= if place == 0 { 0x80 } else { 1 };
                fs::write(&path, &flipped).expect("written");
                let failure = check(&app, &taken.folder, &identities).expect_err("a flipped byte");
                let name = entry.file_name().to_string_lossy().into_owned();
                let found = if name == archive::MANIFEST { [FailureCode::Signature, FailureCode::Damaged].contains(&failure.code) } else { failure.code == FailureCode::Damaged };
                assert!(found && failure.text.contains(&name), "{name} at {place}: {failure:?}");
            }
            fs::write(&path, &whole[..whole.len() - 1]).expect("written");
            check(&app, &taken.folder, &identities).expect_err("cut off");
            fs::remove_file(&path).expect("removed");
            let failure = check(&app, &taken.folder, &identities).expect_err("gone");
            assert_eq!(failure.code, FailureCode::Gone, "{failure}");
            fs::write(&path, &whole).expect("written");
        }
        check(&app, &taken.folder, &identities).expect("it is whole again");
        let failure = check(&app, &taken.folder, &pair().0).expect_err("another key");
        assert_eq!(failure.code, FailureCode::NoIdentity, "{failure}");
        // Another company's key signed it, as far as this one knows.
        let stranger = [log_of(&audit::Log::generate().expect("a key"), &app).key()];
        let backup = Sealed { at: &taken.folder.as_path().into(), identities: &identities, keys: &stranger };
        let failure = archive::check(&backup, &app.folder, Some(&app.database_url), now()).expect_err("signed by another");
        assert_eq!(failure.code, FailureCode::Signature, "{failure}");
    }

    async fn a_record_changed_behind_the_log_is_found_in_its_backup(app: TestApp) {
        given::company(&app).await;
        let mut back = Back::of(&app.database_url);
        back.open();
        let mut change = |from: u8, to: u8| {
            let first = "id = (select record_id from audit_leaf where leaf_index = 0)";
            back.run(&format!("update audit_record set canonical = replace(canonical, '\"v\":{from}', '\"v\":{to}') where {first}"));
        };
        change(1, 2);
        let taken = take(&app, &folder(&app, "target"), Vec::new(), Vec::new()).await.expect("a backup, signed as every other");
        let failure = check(&app, &taken.folder, &Vec::new()).expect_err("the records do not make the log");
        assert!(failure.code == FailureCode::Mismatch && failure.text.contains("records"), "{failure}");
        change(2, 1);
        let taken = take(&app, &folder(&app, "target"), Vec::new(), Vec::new()).await.expect("a backup");
        check(&app, &taken.folder, &Vec::new()).expect("they make it again");
    }

    async fn a_manifest_that_was_forged_is_found(app: TestApp) {
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
        // More than the disk holds, and nothing that can be compressed.
        let mut digest = [0_u8; 32];
        let noise = (0..120_000).flat_map(|_| { digest = merkle::tree::leaf_hash(&digest); digest });
        let noise: Vec<u8> = b"PK\x03\x04".iter().copied().chain(noise).collect();
        app.by(&company.admin).request(reqwest::Method::POST, "/files?name=noise.zip").bytes("application/octet-stream", noise).ok().await;
        let failure = take(&app, &disk.0, Vec::new(), Vec::new()).await.err().expect("it is full");
        assert_eq!(failure.code, FailureCode::DiskFull, "{failure}");
        assert_eq!(leftovers(&disk.0), 0);
        let backups = fs::read_dir(&disk.0).expect("the disk").flatten().filter(|entry| entry.path().join(archive::MANIFEST).exists()).count();
        assert_eq!(backups, 0);
    }
}

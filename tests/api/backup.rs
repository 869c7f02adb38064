//! A backup is what it says it is, or it is refused; what was restored is what was backed up.

use std::{
    fs,
    path::{Path, PathBuf},
};

use backup::archive::{self, Backup, Failure, FailureCode, Source, Target};
use db::testing::TestDatabase;
use kernel::{Clock, Ts};
use tests::{TestApp, given, json, on_both_databases};

type Openers = Vec<Box<dyn age::Identity + Send + Sync>>;

fn now() -> Ts {
    Clock::default().now()
}

fn log(app: &TestApp) -> audit::Log {
    audit::Log::parse(&fs::read_to_string(app.folder.join("log.key")).expect("the key of the log")).expect("a key")
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
    let keys = [log(app).verifier()];
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
        let verifiers = [log(&app).verifier()];
        let backup = Backup { folder: &taken.folder, identities: &identities, keys: &verifiers };
        let mut into = Target { data: &place, url: &database.url, replace: false, continue_log: true };
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
        let stranger = [audit::Log::parse(&audit::Log::generate().expect("a key")).expect("a key").verifier()];
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

//! Under which names the log goes on: after a restore, in a new year, with another key, on several servers.

use std::path::Path;

use db::testing::TestDatabase;
use merkle::{Checkpoint, Note, RecordProof, Verifier, tree};
use tests::{TestApp, given, given::text, json, on_both_databases};

use crate::log::{checkpoint, copy_sqlite, log, newest};

/// The same database as it was before, under the keys and the newest checkpoint of now.
#[test]
fn a_log_that_has_gone_back_goes_on_under_another_name() {
    TestApp::run(db::Backend::Sqlite, async |app| {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        newest(&app, &auditor).await;
        let early = log(&app, &auditor).await;
        let copy = app.folder.join("copy.db").display().to_string();
        copy_sqlite(&app.database_url, &copy);
        given::unit(&app, &company, &company.unit, "失去的").await;
        let lost = newest(&app, &auditor).await;
        let (old_key, old) = checkpoint(&log(&app, &auditor).await);
        let proof = app.by(&auditor).get(&format!("/records/{}/proof", text(&lost["id"]))).send().await;
        let proof: RecordProof = String::from_utf8(proof.bytes).expect("a text").parse().expect("a proof");
        let canonical = text(&app.by(&auditor).get(&format!("/records/{}", text(&lost["id"]))).ok().await["canonical"]);

        let (back, running) = app.beside(&copy, &[]).await;
        let server = actix_web::rt::spawn(running.server);
        let first = newest(&back, &auditor).await;
        let now = log(&back, &auditor).await;
        let (key, new) = checkpoint(&now);
        assert_eq!(new.origin, format!("{}/r2", old.origin));
        assert_ne!(key, old_key);
        let restored = back.by(&auditor).get("/records?action=log.restored").ok().await["items"].clone();
        assert_eq!(restored.as_array().map(Vec::len), Some(1));
        let restored = back.by(&auditor).get(&format!("/records/{}", text(&restored[0]["id"]))).ok().await;
        let (old_root, survived) = (text(&log(&app, &auditor).await["root"]), restored["index"].to_string());
        let facts = json!({
            "because": "the database is behind", "origin": new.origin, "survived": survived,
            "old_origin": old.origin, "old_size": old.size.to_string(), "old_root": old_root,
        });
        assert_eq!(restored["facts"], facts, "it cites what is lost, and is the first record after what survived");
        assert_eq!(text(&now["origins"][0]["cites"]), text(&restored["changes"][0]["new"]));
        assert!(text(&now["origins"][0]["cites"]).starts_with(&format!("{}\n{}\n{old_root}\n", old.origin, old.size)));
        // What was given out under the old name still holds, and nothing more is signed under it.
        proof.verify(canonical.as_bytes(), &old_key, &[]).expect("the old proof");
        assert!(proof.verify(canonical.as_bytes(), &key, &[]).is_err());
        given::unit(&back, &company, &company.unit, "新的").await;
        assert!(newest(&back, &auditor).await["index"].as_i64() > first["index"].as_i64());
        let all = back.by(&auditor).get("/log/checkpoints?limit=100").ok().await["items"].as_array().unwrap().clone();
        let under_old: Vec<i64> = all
            .iter()
            .filter(|one| text(&one["checkpoint"]).starts_with(&format!("{}\n", old.origin)))
            .filter_map(|one| one["size"].as_i64())
            .collect();
        assert!(under_old.iter().all(|size| *size < i64::try_from(old.size).unwrap()), "{under_old:?}");
        assert!(all.len() > under_old.len() + 1);
        let page = back.by(&auditor).get("/log/checkpoints?limit=1").ok().await;
        let next = back.by(&auditor).get(&format!("/log/checkpoints?limit=1&after={}", text(&page["next_cursor"]))).ok().await;
        assert_eq!((&page["items"][0], &next["items"][0]), (&all[0], &all[1]));
        // What somebody has kept of the old name counts as far as that went on.
        let package = app.folder.join("log.zip");
        std::fs::write(&package, back.by(&auditor).get("/log/export").send().await.bytes).expect("a file");
        let verify = |old: &str| audit::package::verify(&package, Some(&key), &[], Some(old));
        verify(&text(&early["checkpoint"])).expect("the log begins with it");
        let beyond = verify(&text(&now["origins"][0]["cites"])).expect_err("it was lost");
        assert_eq!(beyond.index.map(|index| index.to_string()), Some(survived), "{beyond}");
        let secret = std::fs::read_to_string(app.folder.join("log.key")).expect("the key");
        let signer: merkle::Signer = secret.parse().expect("a key");
        let other_past = Checkpoint { origin: old.origin.clone(), size: 2, root: tree::leaf_hash(b"another"), extensions: Vec::new() };
        let found = verify(&signer.sign(&other_past.to_string()).expect("signed")).expect_err("the past was another");
        assert_eq!(found.index, Some(0), "{found}");
        let unknown = Checkpoint { origin: format!("{}/r3", old.origin), ..other_past };
        let later = signer.renamed(&unknown.origin).and_then(|signer| signer.sign(&unknown.to_string()).map_err(|_| merkle::KeyError));
        verify(&later.expect("signed")).expect_err("a name that came later says nothing here");
        running.handle.stop(false).await;
        drop(server.await);

        // Back once more, to before the new name: the third.
        std::fs::remove_file(&copy).expect("the copy goes");
        let again = app.folder.join("again.db").display().to_string();
        copy_sqlite(&app.database_url, &again);
        let (third, running) = app.beside(&again, &[]).await;
        let server = actix_web::rt::spawn(running.server);
        newest(&third, &auditor).await;
        assert_eq!(checkpoint(&log(&third, &auditor).await).1.origin, format!("{}/r3", old.origin));
        running.handle.stop(false).await;
        drop(server.await);
        // And once more as it is: the name goes on.
        let (same, running) = app.beside(&again, &[]).await;
        let server = actix_web::rt::spawn(running.server);
        newest(&same, &auditor).await;
        assert_eq!(checkpoint(&log(&same, &auditor).await).1.origin, format!("{}/r3", old.origin));
        running.handle.stop(false).await;
        drop(server.await);
    });
}

on_both_databases! {
    async fn a_new_year_closes_the_old_one(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let year = app.clock.now().office_year();
        let last_minute = |year: i16| format!("{year}-12-31T15:59:00Z").parse::<kernel::Ts>().expect("a time");
        app.clock.set(last_minute(year));
        let auditor = given::again(&app, &auditor).await;
        newest(&app, &auditor).await;
        let (first, early) = checkpoint(&log(&app, &auditor).await);
        assert_eq!(early.origin, first.name());

        app.clock.advance(60);
        let goes_on = async |name: &str, auditor: &given::Person| {
            for _ in 0..100 {
                given::again(&app, auditor).await;
                newest(&app, auditor).await;
                let now = log(&app, auditor).await;
                if now["origin"] == name {
                    return now;
                }
            }
            panic!("it does not become {name}");
        };
        let now = goes_on(&format!("{}/{}", early.origin, year + 1), &auditor).await;
        let (key, new) = checkpoint(&now);
        let (opened, before) = (&now["origins"][0], &now["origins"][1]);
        assert_eq!((&opened["because"], &before["because"]), (&json!("year"), &json!("first")));
        let closing: Checkpoint = Note::open(&text(&opened["cites"]), std::slice::from_ref(&first)).expect("a note").text.parse().expect("a checkpoint");
        assert_eq!((closing.origin.as_str(), i64::try_from(closing.size).ok()), (first.name(), opened["since"].as_i64()));
        let continued = app.by(&auditor).get("/records?action=log.continued").ok().await["items"].clone();
        assert_eq!(continued.as_array().map(Vec::len), Some(1));
        let continued = app.by(&auditor).get(&format!("/records/{}", text(&continued[0]["id"]))).ok().await;
        let facts = json!({
            "origin": new.origin, "old_origin": early.origin, "survived": closing.size.to_string(), "old_size": closing.size.to_string(),
            "old_root": text(&opened["cites"]).lines().nth(2),
        });
        assert_eq!(continued["facts"], facts);
        assert!(continued["index"].as_u64().is_some_and(|index| index >= closing.size));
        // Whoever wrote the key down in the old year, and kept the checkpoint that closes it, needs nothing new.
        let package = app.folder.join("log.zip");
        std::fs::write(&package, app.by(&auditor).get("/log/export").send().await.bytes).expect("a file");
        let verify = |key: &Verifier, old: Option<&str>| audit::package::verify(&package, Some(key), &[], old);
        for key in [&first, &key] {
            verify(key, Some(&text(&opened["cites"]))).expect("the log begins with it");
        }
        for other in [first.renamed("zhidu/other"), first.renamed(&format!("{}/{}", early.origin, year + 2))] {
            verify(&other.expect("a name"), None).expect_err("that is not its name");
        }
        let record = newest(&app, &auditor).await;
        let proof = app.by(&auditor).get(&format!("/records/{}/proof", text(&record["id"]))).send().await;
        let proof: RecordProof = String::from_utf8(proof.bytes).expect("a text").parse().expect("a proof");
        let canonical = text(&app.by(&auditor).get(&format!("/records/{}", text(&record["id"]))).ok().await["canonical"]);
        let later = audit::as_of(&first, &new.origin);
        proof.verify(canonical.as_bytes(), &later, &[]).expect("proven");

        // A restore within the year: after that an older key says too little, and the next year begins from the name that it made.
        let signer: merkle::Signer = std::fs::read_to_string(app.folder.join("log.key")).expect("the key").parse().expect("a key");
        let lost = Checkpoint { size: new.size + 1_000, root: tree::leaf_hash(b"lost"), ..new.clone() };
        let note = signer.renamed(&new.origin).expect("a name").sign(&lost.to_string()).expect("signed");
        audit::Anchor::at(app.folder.join("log.checkpoint")).write(&note).expect("it is newer");
        let restored = goes_on(&format!("{}/r2", new.origin), &auditor).await;
        assert_eq!(restored["origins"][0]["because"], "restore");
        app.clock.set(last_minute(year + 1).plus_seconds(60));
        let auditor = given::again(&app, &auditor).await;
        let (last, _) = checkpoint(&goes_on(&format!("{}/{}", early.origin, year + 2), &auditor).await);
        std::fs::write(&package, app.by(&auditor).get("/log/export").send().await.bytes).expect("a file");
        for old in [&first, &key] {
            let refused = verify(old, None).expect_err("a restore came between");
            assert!(refused.what.contains("restored") && refused.index.is_some(), "{refused}");
        }
        verify(&key.renamed(&format!("{}/r2", new.origin)).expect("a name"), None).expect("that of after the restore");
        verify(&last, None).expect("that of the year");
    }
}

/// A server that ends with this, and gives up the log with it.
fn served<T, F: Future<Output = T>>(url: &str, folder: &Path, body: impl FnOnce(TestApp) -> F) -> T {
    actix_web::rt::System::new().block_on(async {
        let (app, running) = TestApp::start(url, folder.to_owned(), &[]).await;
        let server = actix_web::rt::spawn(running.server);
        let done = body(app).await;
        running.handle.stop(false).await;
        drop(server.await);
        done
    })
}

/// A key of which one has reason to doubt, or that is simply old: the old one says who comes next.
fn a_key_gives_way_to_its_successor(backend: db::Backend) {
    let database = TestDatabase::create(backend).expect("a database");
    let folder = std::env::temp_dir().join(format!("zhidu-data-{}", kernel::PersonId::new()));
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of the key");
    let (auditor, before) = served(&database.url, &folder, async |app| {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        newest(&app, &auditor).await;
        let before = log(&app, &auditor).await;
        (auditor, before)
    });
    let ((old_key, old), old_text) = (checkpoint(&before), read("log.key"));
    change_key(&folder).expect("changed");
    change_key(&folder).expect_err("the old key lies there still");
    assert_eq!(read("log.key.before"), old_text);
    std::fs::remove_file(folder.join("log.key.before")).expect("put away");

    let signer: merkle::Signer = read("log.key").parse().expect("a key");
    let package = folder.join("log.zip");
    let new = served(&database.url, &folder, async |app| {
        let auditor = given::again(&app, &auditor).await;
        newest(&app, &auditor).await;
        let now = log(&app, &auditor).await;
        let (key, new) = checkpoint(&now);
        assert_eq!((key.clone(), new.origin.as_str()), (signer.verifier(), signer.name()));
        let opened = &now["origins"][0];
        assert_eq!((&opened["because"], opened["vouched"].as_array().map(Vec::len)), (&json!("key"), Some(1)));
        let word = audit::Succession::read(&text(&opened["vouched"][0])).expect("the old key says so");
        assert_eq!((word.old, word.new), (old_key.clone(), key));
        assert!(text(&opened["cites"]).starts_with(&format!("{}\n", old.origin)));
        assert_eq!(app.by(&auditor).get("/records?action=log.restored").ok().await["items"], json!([]));
        let continued = app.by(&auditor).get("/records?action=log.continued").ok().await["items"].as_array().map(Vec::len);
        assert_eq!(continued, Some(1));
        std::fs::write(&package, app.by(&auditor).get("/log/export").send().await.bytes).expect("a file");
        new
    });

    // Who has written the old key down goes on with it, and learns what has become of it.
    for (given, old) in [(&old_key, Some(text(&before["checkpoint"]))), (&old_key, None), (&signer.verifier(), None)] {
        let verified = audit::package::verify(&package, Some(given), &[], old.as_deref()).expect("verified");
        assert_eq!(verified.key, signer.verifier());
    }
    let stranger = merkle::Signer::new(old_key.name(), [7; 32]).expect("a key");
    audit::package::verify(&package, Some(&stranger.verifier()), &[], None).expect_err("it is not the old key");

    // A database that has gone back behind what the new key has signed is no succession, whatever the old key has said.
    change_key(&folder).expect("changed once more");
    let lost = Checkpoint { size: new.size + 1_000, root: tree::leaf_hash(b"lost"), ..new.clone() };
    let anchor = audit::Anchor::at(folder.join("log.checkpoint"));
    anchor.write(&signer.sign(&lost.to_string()).expect("signed")).expect("it is newer");
    served(&database.url, &folder, async |app| {
        let auditor = given::again(&app, &auditor).await;
        newest(&app, &auditor).await;
        let opened = log(&app, &auditor).await["origins"][0].clone();
        assert_eq!((&opened["because"], &opened["vouched"]), (&json!("key"), &json!([])));
        let cited = text(&opened["cites"]);
        assert!(cited.starts_with(&format!("{}\n{}\n", new.origin, lost.size)), "{cited}");
    });
    std::fs::remove_dir_all(&folder).expect("removed");
}

mod a_key_gives_way_to_its_successor {
    #[test]
    fn on_sqlite() {
        super::a_key_gives_way_to_its_successor(db::Backend::Sqlite);
    }
    #[test]
    fn on_postgres() {
        super::a_key_gives_way_to_its_successor(db::Backend::Postgres);
    }
}

/// Whose anchor is its own learns from the database what the others have signed.
#[test]
fn each_replica_keeps_what_the_others_have_signed() {
    TestApp::run(db::Backend::Postgres, async |app| {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        newest(&app, &auditor).await;
        let own = app.folder.join("own.checkpoint");
        let (_second, running) = app.beside(&app.database_url, &["--log-anchor", &own.display().to_string()]).await;
        let server = actix_web::rt::spawn(running.server);
        let anchors = [app.folder.join("log.checkpoint"), own].map(audit::Anchor::at);
        let both_know = async |unit: &str| {
            given::unit(&app, &company, &company.unit, unit).await;
            newest(&app, &auditor).await;
            for _ in 0..100 {
                let shown = text(&log(&app, &auditor).await["checkpoint"]);
                if anchors.iter().all(|anchor| anchor.read().expect("read").is_some_and(|(_, note)| note == shown)) {
                    return checkpoint(&log(&app, &auditor).await).1;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            panic!("they do not know the same");
        };
        let known = both_know("新的").await;
        // More was signed than the database knows. One of them opens the next name, and the other takes that over too.
        let signer: merkle::Signer = std::fs::read_to_string(app.folder.join("log.key")).expect("the key").parse().expect("a key");
        let lost = Checkpoint { size: known.size + 1_000, root: tree::leaf_hash(b"lost"), ..known.clone() };
        for anchor in &anchors {
            anchor.write(&signer.sign(&lost.to_string()).expect("signed")).expect("it is newer");
        }
        assert_eq!(both_know("之后").await.origin, format!("{}/r2", known.origin));
        running.handle.stop(false).await;
        drop(server.await);
    });
}

#[test]
fn a_start_that_could_not_read_what_was_signed_is_tried_again() {
    TestApp::run(db::Backend::Sqlite, async |app| {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        newest(&app, &auditor).await;
        let copy = app.folder.join("copy.db").display().to_string();
        copy_sqlite(&app.database_url, &copy);
        // Another folder, so another key, which is taken up at a start only; and the disk with the anchor is not there yet.
        let folder = app.folder.join("another");
        let anchor = folder.join("anchor");
        std::fs::create_dir_all(&anchor).expect("a folder in its place");
        std::fs::copy(app.folder.join("secret"), folder.join("secret")).expect("copied");
        let (moved, running) = TestApp::start(&copy, folder, &["--log-anchor", &anchor.display().to_string()]).await;
        let server = actix_web::rt::spawn(running.server);
        std::fs::remove_dir(&anchor).expect("removed");
        let auditor = given::again(&moved, &auditor).await;
        signs(&moved, &auditor).await;
        newest(&moved, &auditor).await;
        checkpoint(&log(&moved, &auditor).await);
        let restored = moved.by(&auditor).get("/records?action=log.restored").ok().await["items"].as_array().map(Vec::len);
        assert_eq!(restored, Some(1));
        running.handle.stop(false).await;
        drop(server.await);
    });
}

/// Until a server with a new key has signed: what another key has signed, it cannot show.
pub async fn signs(app: &TestApp, by: &given::Person) {
    for _ in 0..150 {
        let reply = app.by(by).get("/log").send().await;
        if reply.status == 200 {
            return;
        }
        assert_eq!(reply.status, 503);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it does not sign");
}

/// As `zhidu change-log-key` does it.
pub fn change_key(folder: &Path) -> Result<(), kernel::Error> {
    use clap::Parser as _;
    #[derive(clap::Parser)]
    struct Flags {
        #[command(flatten)]
        change: server::change_log_key::ChangeLogKey,
    }
    Flags::parse_from(["zhidu", "--data-dir", &folder.display().to_string()]).change.run()
}

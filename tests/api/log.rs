//! The log as somebody verifies it who trusts nobody here: a checkpoint, a proof, and a key that was written down before.

use merkle::{
    Checkpoint, Note, RecordProof, Verifier,
    tiles::{self, Tile},
    tree,
};
use tests::{TestApp, Value, given, given::text, json, on_both_databases};

pub async fn log(app: &TestApp, by: &given::Person) -> Value {
    app.by(by).get("/log").ok().await
}

fn checkpoint(log: &Value) -> (Verifier, Checkpoint) {
    let key: Verifier = text(&log["key"]).parse().expect("a key");
    let note = Note::open(&text(&log["checkpoint"]), std::slice::from_ref(&key)).expect("a note");
    assert_eq!(note.verified.len(), 1, "it is signed by the key that is shown");
    let checkpoint: Checkpoint = note.text.parse().expect("a checkpoint");
    assert_eq!((i64::try_from(checkpoint.size).ok(), checkpoint.origin.as_str()), (log["size"].as_i64(), key.name()));
    (key, checkpoint)
}

/// The newest record, when it has its place under a checkpoint.
pub async fn newest(app: &TestApp, by: &given::Person) -> Value {
    for _ in 0..100 {
        let record = app.by(by).get("/records?limit=1").ok().await["items"][0].clone();
        let signed = log(app, by).await["size"].as_i64();
        if record["index"].as_i64().is_some_and(|index| Some(index) < signed) {
            return record;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the record gets no place");
}

/// What a client of C2SP tlog-tiles does: it fetches all tiles and computes the root by itself.
async fn tiles_are_the_tree(app: &TestApp, auditor: &given::Person, state: &Checkpoint) {
    let fetch = async |path: &str| {
        let reply = app.by(auditor).get(&format!("/log/{path}")).send().await;
        assert_eq!((reply.status, reply.headers["content-type"].to_str().unwrap()), (200, "application/octet-stream"), "{path}");
        reply.bytes
    };
    let mut leaves: Vec<tree::Hash> = Vec::new();
    for tile in Tile::all(state.size) {
        let hashes = fetch(&tile.path()).await;
        assert_eq!(hashes.len() as u64, tile.width * 32);
        if tile.level == 0 {
            let bundle = fetch(&tiles::bundle_path(tile.index, tile.width)).await;
            let entries: Vec<tree::Hash> = tiles::entries(&bundle).expect("a bundle").into_iter().map(tree::leaf_hash).collect();
            assert_eq!(entries.concat(), hashes);
            leaves.extend(entries);
        } else {
            let below = leaves.chunks(256).map(|leaves| tree::root(&mut &*leaves, 256).unwrap_or_default());
            assert_eq!(below.take(tile.width as usize).collect::<Vec<_>>().concat(), hashes);
        }
    }
    assert_eq!(tree::root(&mut leaves.as_slice(), state.size).unwrap(), state.root);
    let note = app.by(auditor).get("/log/checkpoint").send().await;
    assert!(note.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert!(note.bytes.ends_with(b"=\n"));
    for nothing in [
        "tile/0/0",
        "tile/00/000",
        "tile/0/999",
        "tile/9/000",
        "tile/0/000.p/256",
        "tile/entries/x",
        "tile/entries/999",
        "tile/0/x000/000",
        // Beyond what the database can count.
        "tile/2147483648/000",
        "tile/0/x009/x223/x372/x036/x854/x775/808",
        "tile/entries/x009/x223/x372/x036/x854/x775/808",
    ] {
        app.by(auditor).get(&format!("/log/{nothing}")).refused(404, "not_found").await;
    }
}

on_both_databases! {
    async fn a_record_is_proven_off_line_and_the_log_only_grows(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        newest(&app, &auditor).await;
        let before = log(&app, &auditor).await;
        let (key, old) = checkpoint(&before);
        for name in ["第一", "第二", "第三"] {
            given::unit(&app, &company, &company.unit, name).await;
        }
        let reply = app.by(&company.admin).post("/tickets", json!({ "kind": "request", "title": "回执" })).send().await;
        let receipt = reply.headers["audit-record"].to_str().expect("ASCII").to_owned();
        let record = newest(&app, &auditor).await;
        assert!(receipt.starts_with(&format!("{};leaf=", text(&record["id"]))), "{receipt}");
        // Nobody learns from a refusal whether there is something to see.
        let hidden = app.by(&company.admin).get("/records/export").send().await;
        assert_eq!((hidden.status, hidden.headers.get("audit-record")), (403, None));
        let path = format!("/records/{}", text(&record["id"]));
        let reply = app.by(&auditor).get(&format!("{path}/proof")).send().await;
        assert_eq!(reply.status, 200);
        let proof: RecordProof = String::from_utf8(reply.bytes).expect("a text").parse().expect("a proof");
        let canonical = text(&app.by(&auditor).get(&path).ok().await["canonical"]);
        let proven = proof.verify(canonical.as_bytes(), &key, &[]).expect("the record is proven");
        assert_eq!(i64::try_from(proof.index).ok(), record["index"].as_i64());
        // One letter more, and it is another record.
        assert!(proof.verify(format!("{canonical} ").as_bytes(), &key, &[]).is_err());

        let (same_key, new) = checkpoint(&log(&app, &auditor).await);
        assert_eq!(same_key, key);
        assert!(new.size >= proven.checkpoint.size && proven.checkpoint.size > old.size);
        let path = format!("/log/consistency?old={}&new={}", old.size, new.size);
        let hashes = app.by(&auditor).get(&path).ok().await["hashes"].as_array().unwrap().clone();
        let hashes: Vec<tree::Hash> = hashes.iter().map(|hash| {
            let line = format!("o\n1\n{}\n", text(hash));
            line.parse::<Checkpoint>().expect("a hash").root
        }).collect();
        assert!(tree::verify_consistency(old.size, new.size, &hashes, &old.root, &new.root));
        app.by(&auditor).get(&format!("/log/consistency?old=1&new={}", new.size + 1_000_000)).refused(422, "request.invalid").await;
        app.by(&auditor).get(&format!("/log/consistency?old={}&new={}", new.size, old.size)).refused(422, "request.invalid").await;
        app.by(&company.admin).get("/log").refused(403, "forbidden").await;
        // Who reads the records of one unit sees hashes of the others, and not the records themselves.
        let near = given::employee(&app, &company.admin, &company.unit, "near").await;
        given::assign(&app, &company.security, &near, "auditor", "unit", Some(&company.unit)).await;
        assert_eq!(app.by(&near).get("/log/tile/0/000.p/1").send().await.status, 200);
        app.by(&near).get("/log/tile/entries/000.p/1").refused(403, "forbidden").await;
    }

    async fn the_tree_is_that_of_all_records_however_they_came_in(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        // Enough to fill tiles, in batches of any size.
        for round in 0..70 {
            let rows: Vec<Value> = (0..4).map(|number| json!({ "kind": "request", "title": format!("{round} {number}") })).collect();
            for row in rows {
                app.by(&company.admin).post("/tickets", row).ok().await;
            }
        }
        newest(&app, &auditor).await;
        let (_, state) = checkpoint(&log(&app, &auditor).await);
        assert!(state.size > 256, "{}", state.size);
        let mut leaves = vec![tree::Hash::default(); usize::try_from(state.size).unwrap()];
        let mut after = String::new();
        loop {
            let page = app.by(&auditor).get(&format!("/records?limit=100{after}")).ok().await;
            for record in page["items"].as_array().unwrap() {
                let canonical = text(&app.by(&auditor).get(&format!("/records/{}", text(&record["id"]))).ok().await["canonical"]);
                let index = record["index"].as_u64().and_then(|index| usize::try_from(index).ok());
                if let Some(leaf) = index.and_then(|index| leaves.get_mut(index)) {
                    *leaf = tree::leaf_hash(canonical.as_bytes());
                }
            }
            match page["next_cursor"].as_str() {
                Some(cursor) => after = format!("&after={cursor}"),
                None => break,
            }
        }
        assert_eq!(tree::root(&mut leaves.as_slice(), state.size).unwrap(), state.root);
        tiles_are_the_tree(&app, &auditor, &state).await;
    }
}

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
        let later = audit::in_later_year(&first, &new.origin).expect("it is the key of this year too");
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

/// A key of which one has reason to doubt, or that is simply old: the old one says who comes next.
#[test]
fn a_key_gives_way_to_its_successor() {
    TestApp::run(db::Backend::Sqlite, async |app| {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        newest(&app, &auditor).await;
        let before = log(&app, &auditor).await;
        let (old_key, old) = checkpoint(&before);
        let (key_file, old_text) = (app.folder.join("log.key"), std::fs::read_to_string(app.folder.join("log.key")).expect("the key"));
        change_key(&app).expect("changed");
        change_key(&app).expect_err("the old key lies there still");
        assert_eq!(std::fs::read_to_string(app.folder.join("log.key.before")).expect("the old key"), old_text);
        std::fs::remove_file(app.folder.join("log.key.before")).expect("put away");

        // The first server goes on with the old key, as long as it runs: so this one has a database of its own.
        let (copy, anchor) = (app.folder.join("copy.db").display().to_string(), app.folder.join("copy.checkpoint"));
        std::fs::copy(app.folder.join("log.checkpoint"), &anchor).expect("copied");
        copy_sqlite(&app.database_url, &copy);
        let flags = ["--log-anchor", &anchor.display().to_string()];
        let (next, running) = app.beside(&copy, &flags).await;
        let server = actix_web::rt::spawn(running.server);
        newest(&next, &auditor).await;
        let now = log(&next, &auditor).await;
        let (key, new) = checkpoint(&now);
        let signer: merkle::Signer = std::fs::read_to_string(&key_file).expect("the new key").parse().expect("a key");
        assert_eq!((key.clone(), new.origin.as_str()), (signer.verifier(), signer.name()));
        let opened = &now["origins"][0];
        assert_eq!((&opened["because"], opened["vouched"].as_array().map(Vec::len)), (&json!("key"), Some(1)));
        let word = audit::Succession::read(&text(&opened["vouched"][0])).expect("the old key says so");
        assert_eq!((word.old, word.new), (old_key.clone(), key.clone()));
        assert!(text(&opened["cites"]).starts_with(&format!("{}\n", old.origin)));
        assert_eq!(next.by(&auditor).get("/records?action=log.restored").ok().await["items"], json!([]));
        let continued = next.by(&auditor).get("/records?action=log.continued").ok().await["items"].as_array().map(Vec::len);
        assert_eq!(continued, Some(1));

        // Who has written the old key down goes on with it, and learns what has become of it.
        let package = app.folder.join("log.zip");
        std::fs::write(&package, next.by(&auditor).get("/log/export").send().await.bytes).expect("a file");
        for (given, old) in [(&old_key, Some(text(&before["checkpoint"]))), (&old_key, None), (&key, None)] {
            let verified = audit::package::verify(&package, Some(given), &[], old.as_deref()).expect("verified");
            assert_eq!(verified.key, key);
        }
        let stranger = merkle::Signer::new(old_key.name(), [7; 32]).expect("a key");
        audit::package::verify(&package, Some(&stranger.verifier()), &[], None).expect_err("it is not the old key");
        running.handle.stop(false).await;
        drop(server.await);

        // A database that has gone back behind what the new key has signed is no succession, whatever the old key has said.
        change_key(&app).expect("changed once more");
        let lost = Checkpoint { size: new.size + 1_000, root: tree::leaf_hash(b"lost"), ..new.clone() };
        audit::Anchor::at(anchor.clone()).write(&signer.sign(&lost.to_string()).expect("signed")).expect("it is newer");
        let again = app.folder.join("again.db").display().to_string();
        copy_sqlite(&copy, &again);
        let (back, running) = app.beside(&again, &flags).await;
        let server = actix_web::rt::spawn(running.server);
        newest(&back, &auditor).await;
        let now = log(&back, &auditor).await;
        assert_eq!((&now["origins"][0]["because"], &now["origins"][0]["vouched"]), (&json!("key"), &json!([])));
        let cited = text(&now["origins"][0]["cites"]);
        assert!(cited.starts_with(&format!("{}\n{}\n", new.origin, lost.size)), "{cited}");
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
pub fn change_key(app: &TestApp) -> Result<(), kernel::Error> {
    use clap::Parser as _;
    #[derive(clap::Parser)]
    struct Flags {
        #[command(flatten)]
        change: server::change_log_key::ChangeLogKey,
    }
    Flags::parse_from(["zhidu", "--data-dir", &app.folder.display().to_string()]).change.run()
}

pub fn copy_sqlite(from: &str, to: &str) {
    use diesel::{Connection as _, connection::SimpleConnection as _};
    let mut conn = diesel::SqliteConnection::establish(from).expect("the database");
    conn.batch_execute(&format!("vacuum into '{to}'")).expect("a copy");
}

on_both_databases! {
    async fn an_erased_detail_is_gone_and_the_log_still_verifies(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let gone = app.by(&auditor).get("/records?action=person.created&limit=1").ok().await["items"][0].clone();
        let path = format!("/records/{}", text(&gone["id"]));
        let before = app.by(&auditor).get(&path).ok().await;
        assert!(before["salt"].is_string() && before["subject"]["label"].is_string());
        let basis = json!({ "legal_basis": "《个人信息保护法》第四十七条" });
        app.by(&auditor).post(&format!("{path}/erasure"), basis.clone()).refused(403, "forbidden").await;
        app.by(&company.security).post(&format!("{path}/erasure"), basis.clone()).ok().await;
        app.by(&company.security).post(&format!("{path}/erasure"), basis.clone()).ok().await;
        app.by(&company.security).post(&format!("/records/{}/erasure", company.unit), basis).refused(404, "not_found").await;
        let after = app.by(&auditor).get(&path).ok().await;
        assert_eq!((&after["salt"], &after["detail"], &after["subject"]["label"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!((&after["canonical"], &after["leaf_hash"]), (&before["canonical"], &before["leaf_hash"]));
        newest(&app, &auditor).await;
        let erased = app.by(&auditor).get("/records?action=record.erased").ok().await["items"].clone();
        assert_eq!((erased.as_array().map(Vec::len), &erased[0]["subject"]["id"]), (Some(1), &gone["id"]));
        let package = app.folder.join("log.zip");
        std::fs::write(&package, app.by(&auditor).get("/log/export").send().await.bytes).expect("a file");
        let (key, _) = checkpoint(&log(&app, &auditor).await);
        assert_eq!(audit::package::verify(&package, Some(&key), &[], None).expect("it verifies").erased, 1);
    }

    async fn details_are_erased_only_where_the_security_administrator_is_one(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let (near, far) = (given::unit(&app, &company, &company.unit, "近处").await, given::unit(&app, &company, &company.unit, "远处").await);
        let local = given::employee(&app, &company.admin, &near, "local").await;
        given::assign(&app, &company.security, &local, "security_administrator", "unit", Some(&near)).await;
        let basis = json!({ "legal_basis": "《个人信息保护法》第四十七条" });
        let erasure = async |unit: &str| {
            given::employee(&app, &company.admin, unit, &format!("in.{}", kernel::PersonId::new().uuid().simple())).await;
            let found = app.by(&auditor).get("/records?action=person.created&limit=1").ok().await;
            assert_eq!(text(&found["items"][0]["unit_id"]), unit);
            format!("/records/{}/erasure", text(&found["items"][0]["id"]))
        };
        app.by(&local).post(&erasure(&far).await, basis.clone()).refused(404, "not_found").await;
        app.by(&local).post(&erasure(&near).await, basis.clone()).ok().await;
        app.by(&company.security).post(&erasure(&far).await, basis).ok().await;
    }

    async fn the_log_beats_once_for_all_replicas(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        // Two replicas at the same time make one record.
        let minute = std::time::Duration::from_secs(60);
        let looks = [audit::beat(&app.app.db, minute), audit::beat(&app.app.db, minute)];
        futures_util::future::try_join_all(looks).await.expect("a beat");
        let count = async || app.by(&auditor).get("/records?action=log.beat").ok().await["items"].as_array().map(Vec::len);
        assert_eq!(count().await, Some(1));
        app.clock.advance(60);
        audit::beat(&app.app.db, minute).await.expect("a beat");
        assert_eq!(count().await, Some(2));
        // The clock was wrong, and goes back: a beat of the future keeps nobody from telling that the log is alive.
        app.clock.advance(-90);
        audit::beat(&app.app.db, minute).await.expect("a beat");
        let auditor = given::again(&app, &auditor).await;
        let beats = app.by(&auditor).get("/records?action=log.beat").ok().await["items"].as_array().map(Vec::len);
        assert_eq!(beats, Some(3));
        let state = log(&app, &auditor).await;
        assert!(state["waiting"].is_i64() && state["waiting_seconds"].is_i64(), "{state}");
    }
}

/// Nothing is signed after the start, so that what comes later is under no checkpoint.
#[test]
fn a_package_waits_for_the_record_of_what_was_erased() {
    for backend in [db::Backend::Sqlite, db::Backend::Postgres] {
        TestApp::run_with(backend, &["--log-checkpoint-seconds", "3600"], async |app| {
            let company = given::company(&app).await;
            let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
            assert_eq!(app.by(&auditor).get("/log/export").send().await.status, 200);
            let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
            let (_, note) = app.app.db.read(&actor, audit::package::under).await.expect("nothing was erased yet");
            let gone = app.by(&auditor).get("/records?action=person.created&limit=1").ok().await["items"][0].clone();
            let basis = json!({ "legal_basis": "《个人信息保护法》第四十七条" });
            app.by(&company.security).post(&format!("/records/{}/erasure", text(&gone["id"])), basis).ok().await;
            app.by(&auditor).get("/log/export").refused(409, "record.pending").await;
            // One that had begun before breaks off.
            let db = app.app.db.clone();
            let begun = move || audit::package::write(&db, &actor, "key", &note, std::io::sink());
            let broken = tokio::task::spawn_blocking(begun).await.expect("a thread").expect_err("it would look as if somebody had done it");
            assert_eq!(broken.code(), kernel::Code::RecordPending);
        });
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

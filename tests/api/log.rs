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

pub fn checkpoint(log: &Value) -> (Verifier, Checkpoint) {
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

//! Whoever owns the database can write to it, and does so here behind the product's back: verification fails, and names the first
//! record concerned.

use audit::package::{self, Bad};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, connection::SimpleConnection as _, sql_query};
use tests::{TestApp, Value, given, given::text, json, on_both_databases};

/// A connection past every rule.
pub enum Back {
    Pg(diesel::PgConnection),
    Sqlite(diesel::SqliteConnection),
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

const TABLES: &[&str] = &["audit_record", "audit_leaf", "audit_detail", "audit_tile"];

impl Back {
    pub fn of(url: &str) -> Self {
        if url.starts_with("postgres") {
            Self::Pg(diesel::PgConnection::establish(url).expect("the database"))
        } else {
            Self::Sqlite(diesel::SqliteConnection::establish(url).expect("the database"))
        }
    }

    pub fn run(&mut self, sql: &str) {
        match self {
            Self::Pg(conn) => conn.batch_execute(sql),
            Self::Sqlite(conn) => conn.batch_execute(&format!("pragma busy_timeout=10000; {sql}")),
        }
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Takes the triggers away that refuse this, and keeps a copy of what is there.
    pub fn open(&mut self) {
        match self {
            Self::Pg(_) => TABLES.iter().for_each(|table| self.run(&format!("alter table {table} disable trigger user"))),
            Self::Sqlite(conn) => {
                let triggers = sql_query("select name from sqlite_master where type = 'trigger' and name like 'audit_%'");
                for Name { name } in triggers.load::<Name>(conn).expect("triggers") {
                    self.run(&format!("drop trigger {name}"));
                }
            }
        }
        TABLES.iter().for_each(|table| self.run(&format!("create table kept_{table} as select * from {table}")));
    }

    fn as_it_was(&mut self) {
        TABLES.iter().for_each(|table| self.run(&format!("delete from {table}; insert into {table} select * from kept_{table}")));
    }

    fn bytes(&self, hex: &str) -> String {
        match self {
            Self::Pg(_) => format!("'\\x{hex}'::bytea"),
            Self::Sqlite(_) => format!("x'{hex}'"),
        }
    }

    pub fn uuid(&self, id: &str) -> String {
        match self {
            Self::Pg(_) => format!("'{id}'::uuid"),
            Self::Sqlite(_) => format!("x'{}'", id.replace('-', "")),
        }
    }
}

/// What the package of the database as it is now shows.
async fn verified(app: &TestApp, key: &merkle::Verifier, old: Option<&str>) -> Result<u64, Bad> {
    let path = app.folder.join("log.zip");
    let (db, vkey, file) = (app.app.db.clone(), key.to_string(), std::fs::File::create(&path).expect("a file"));
    let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
    let (key, old, at) = (key.clone(), old.map(str::to_owned), path.clone());
    let (_, note) = db.read(&actor, package::under).await.expect("a checkpoint");
    // On a thread of its own: a client that does not run does not see that the server has closed an idle connection.
    let verify = move || {
        package::write(&db, &actor, &vkey, &note, file).expect("a package, whatever the database holds");
        package::verify(&at, Some(&key), &[], old.as_deref()).map(|verified| verified.checkpoint.size)
    };
    tokio::task::spawn_blocking(verify).await.expect("a thread")
}

async fn log(app: &TestApp, by: &given::Person) -> Value {
    app.by(by).get("/log").ok().await
}

/// The log when everything that was recorded is under a checkpoint.
async fn settled(app: &TestApp, by: &given::Person) -> Value {
    let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
    loop {
        let count = "select count(*) as n from audit_record";
        let records = app.app.db.read(&actor, move |tx| tests::invariants::count(tx.conn(), count)).await.expect("a count");
        let state = log(app, by).await;
        if state["size"] == records {
            return state;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

on_both_databases! {
    async fn is_found_by_whoever_verifies_the_log(app: TestApp) {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let old = text(&log(&app, &auditor).await["checkpoint"]);
        for number in 0..260 {
            app.by(&company.admin).post("/tickets", json!({ "kind": "request", "title": format!("{number}") })).ok().await;
        }
        let state = settled(&app, &auditor).await;
        let (key, size) = (text(&state["key"]).parse().expect("a key"), state["size"].as_u64().expect("a size"));
        assert!(size > 260);
        assert_eq!(verified(&app, &key, Some(&old)).await, Ok(size));

        // What a reader downloads is the same.
        let reply = app.by(&auditor).get("/log/export").send().await;
        assert_eq!((reply.status, reply.headers["content-type"].to_str().unwrap()), (200, "application/zip"));
        let path = app.folder.join("download.zip");
        std::fs::write(&path, &reply.bytes).expect("a file");
        let verify = async |key: Option<&merkle::Verifier>, old: Option<&str>| {
            let (path, key, old) = (path.clone(), key.cloned(), old.map(str::to_owned));
            let verify = move || package::verify(&path, key.as_ref(), &[], old.as_deref());
            tokio::task::spawn_blocking(verify).await.expect("a thread")
        };
        assert!(verify(Some(&key), Some(&old)).await.is_ok() && verify(None, None).await.is_ok());
        let stranger = merkle::Signer::new(key.name(), [7; 32]).unwrap();
        let foreign = verify(Some(&stranger.verifier()), None).await.unwrap_err();
        assert_eq!((foreign.index, foreign.what.as_str()), (None, "the checkpoint is not signed by the log whose key this is"));
        let exported = app.by(&auditor).get("/records?action=log.exported").ok().await;
        assert_eq!(exported["items"].as_array().map(Vec::len), Some(1));
        app.by(&company.admin).get("/log/export").refused(403, "forbidden").await;
        let size = settled(&app, &auditor).await["size"].as_u64().expect("a size");
        let later = text(&log(&app, &auditor).await["checkpoint"]);
        let beyond = verify(Some(&key), Some(&later)).await.unwrap_err();
        assert_eq!(beyond.index, state["size"].as_u64());

        let mut back = Back::of(&app.database_url);
        back.open();
        let of = |index: u64| format!("(select record_id from audit_leaf where leaf_index = {index})");
        let forged = back.uuid("01900000-0000-7000-8000-000000000000");
        let columns = "time, occurred_at, actor_kind, actor_id, on_behalf_of, action, subject_kind, subject_id, version_before, version_after, unit_id, outcome, reason, request_id, canonical, leaf_hash";
        let (zero, none) = (back.bytes(&"00".repeat(32)), back.bytes(&"00".repeat(16)));
        let blob = if app.database_url.starts_with("postgres") { "bytea" } else { "blob" };
        let (third_last, cut) = (size - 3, 32 * 255);
        let cases: Vec<(&str, String, u64)> = vec![
            ("a record is changed", format!("update audit_record set canonical = replace(canonical, '\"v\":1', '\"v\":2') where id = {}", of(5)), 5),
            ("a record is deleted", format!("delete from audit_record where id = {}", of(5)), 5),
            ("a record is deleted, and those after it move up", format!("delete from audit_record where id = {}; delete from audit_leaf where leaf_index = 5;
                update audit_leaf set leaf_index = leaf_index + 1000000 where leaf_index > 5; update audit_leaf set leaf_index = leaf_index - 1000001 where leaf_index > 5", of(5)), 5),
            ("a record is inserted", format!("insert into audit_record (id, {columns}) select {forged}, {columns} from audit_record where id = {};
                update audit_leaf set leaf_index = leaf_index + 1000000 where leaf_index >= 5; update audit_leaf set leaf_index = leaf_index - 999999 where leaf_index >= 1000000;
                insert into audit_leaf (leaf_index, record_id, leaf_hash) values (5, {forged}, {zero})", of(9)), 5),
            ("records are reordered", "update audit_leaf set leaf_index = 1000000 where leaf_index = 5; update audit_leaf set leaf_index = 5 where leaf_index = 6;
                update audit_leaf set leaf_index = 6 where leaf_index = 1000000".to_owned(), 5),
            ("records are cut off", format!("delete from audit_leaf where leaf_index >= {third_last}"), third_last),
            ("a detail is changed", format!("update audit_detail set detail = detail || ' ' where record_id = {}", of(5)), 5),
            ("a detail is deleted", format!("delete from audit_detail where record_id = {}", of(5)), 5),
            ("a detail is deleted, and an erasure without a place is made up", format!("insert into audit_record (id, {columns}) select {forged}, {columns} from audit_record where id = {};
                update audit_record set action = 'record.erased' where id = {forged}; delete from audit_detail where record_id = {}", of(9), of(5)), 5),
            ("a detail is inserted", format!("insert into audit_detail (record_id, salt, detail) values ({forged}, {none}, '{{}}')"), size),
            ("details are reordered", format!("update audit_detail set record_id = {forged} where record_id = {a}; update audit_detail set record_id = {a} where record_id = {b};
                update audit_detail set record_id = {b} where record_id = {forged}", a = of(5), b = of(6)), 5),
            ("details are cut off", format!("delete from audit_detail where record_id in (select record_id from audit_leaf where leaf_index >= {third_last})"), third_last),
            ("a leaf of a tile is changed", format!("update audit_tile set hashes = cast(substr(hashes, 1, 160) || {zero} || substr(hashes, 193) as {blob}) where level = 0 and tile_index = 0"), 5),
            ("a tile above is changed", format!("update audit_tile set hashes = {zero} where level = 1"), 0),
            ("a tile is deleted", "delete from audit_tile where level = 0 and tile_index = 1".to_owned(), 256),
            ("a tile is inserted", format!("insert into audit_tile (level, tile_index, hashes) values (3, 7, {zero})"), size),
            ("tiles are reordered", "update audit_tile set tile_index = 9 where level = 0 and tile_index = 0; update audit_tile set tile_index = 0 where level = 0 and tile_index = 1;
                update audit_tile set tile_index = 1 where level = 0 and tile_index = 9".to_owned(), 0),
            ("a tile is cut off", format!("update audit_tile set hashes = substr(hashes, 1, {cut}) where level = 0 and tile_index = 0"), 255),
            ("a record and its leaf in the tile are changed", format!("update audit_record set canonical = (select canonical from audit_record where id = {a}) where id = {b};
                update audit_tile set hashes = cast(substr(hashes, 1, 160) || (select leaf_hash from audit_record where id = {a}) || substr(hashes, 193) as {blob}) where level = 0 and tile_index = 0", a = of(9), b = of(5)), 5),
        ];
        for (what, sql, index) in cases {
            back.run(&sql);
            let bad = verified(&app, &key, None).await.expect_err(what);
            assert_eq!(bad.index, Some(index), "{what}: {bad}");
            back.as_it_was();
        }
        assert_eq!(verified(&app, &key, Some(&old)).await, Ok(size));
    }
}

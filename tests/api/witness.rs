//! Somebody outside who watches the log: follows it, and is alarmed for good when it goes back or shows two faces.

use std::path::Path;

use crate::{
    log::{copy_sqlite, log, newest},
    log_names::{change_key, signs},
};
use merkle::{RecordProof, Signer, Verifier};
use server::witness::{Alarm, Look, Options, Witness};
use tests::{TestApp, given, given::text, json};

/// A witness with a folder of its own.
struct Outside {
    folder: std::path::PathBuf,
    key: Verifier,
}

impl Outside {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("zhidu-witness-{}", kernel::PersonId::new()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let signer = Signer::witness("witness/discipline", [9; 32]).unwrap();
        std::fs::write(folder.join("witness.key"), signer.secret()).expect("a key");
        std::fs::write(folder.join("token"), "none yet").expect("a token");
        Self { folder, key: signer.verifier() }
    }

    /// The witness, started anew with what it remembers, before this server.
    async fn looks(&self, app: &TestApp, by: &given::Person, key: &Verifier) -> Look {
        let body = json!({ "name": "witness", "scopes": ["records.read"], "expires_at": "2099-01-01T00:00:00Z" });
        std::fs::write(self.folder.join("token"), text(&app.by(by).post("/me/tokens", body).ok().await["token"])).expect("a token");
        newest(app, by).await;
        self.open(&app.base, key).look().await.expect("a look")
    }

    fn open(&self, log: &str, key: &Verifier) -> Witness {
        let (token_file, state) = (self.folder.join("token"), self.folder.clone());
        let options =
            Options { log: log.to_owned(), token_file, key: key.clone(), state, listen: None, ca: None, interval: 5, once: false };
        Witness::open(&options).expect("a witness")
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn run(backend: db::Backend) {
    let outside = Outside::new();
    TestApp::run_with(backend, &["--witness-key", &outside.key.to_string()], async |app| {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let key: Verifier = text(&log(&app, &auditor).await["key"]).parse().expect("a key");
        assert_eq!(outside.open("http://127.0.0.1:1", &key).look().await.map(|look| matches!(look, Look::Unreachable(_))).ok(), Some(true));
        assert!(matches!(outside.looks(&app, &auditor, &key).await, Look::Follows(_)));
        given::unit(&app, &company, &company.unit, "第一").await;
        let seen = match outside.looks(&app, &auditor, &key).await {
            Look::Follows(size) => i64::try_from(size).expect("a size"),
            other => panic!("{other:?}"),
        };
        // Its signature stands under the checkpoint, in the proof of a record, and in the package.
        let state = log(&app, &auditor).await;
        assert_eq!((&state["witnesses"][0]["size"], &state["witnesses"][0]["key"]), (&json!(seen), &json!(outside.key.to_string())));
        let record = app.by(&auditor).get("/records?action=org_unit.created&limit=1").ok().await["items"][0].clone();
        let path = format!("/records/{}", text(&record["id"]));
        let canonical = text(&app.by(&auditor).get(&path).ok().await["canonical"]);
        let proof = app.by(&auditor).get(&format!("{path}/proof")).send().await;
        let proof: RecordProof = String::from_utf8(proof.bytes).expect("a text").parse().expect("a proof");
        let proven = proof.verify(canonical.as_bytes(), &key, std::slice::from_ref(&outside.key)).expect("proven");
        assert!(proven.signers.iter().any(|(signer, time)| *signer == outside.key && time.is_some()));
        let package = app.folder.join("log.zip");
        newest(&app, &auditor).await;
        outside.looks(&app, &auditor, &key).await;
        std::fs::write(&package, app.by(&auditor).get("/log/export").send().await.bytes).expect("a file");
        audit::package::verify(Path::new(&package), Some(&key), std::slice::from_ref(&outside.key), None).expect("seen by the witness");

        // What is no signature of a witness under a checkpoint of ours is not taken.
        let stranger = Signer::witness(outside.key.name(), [8; 32]).unwrap();
        let text_of = |note: &str| note.split("\n\n").next().map(|text| format!("{text}\n")).expect("a text");
        let state = log(&app, &auditor).await;
        let line = stranger.cosign(&text_of(&text(&state["checkpoint"])), 1).unwrap();
        let body = |size: i64, line: &str| json!({ "origin": state["origin"], "size": size, "cosignature": line.trim_end() });
        let size = state["size"].as_i64().unwrap();
        app.by(&auditor).post("/log/cosignatures", body(size, &line)).refused(422, "request.invalid").await;
        // Neither is more than one line: under the note it would be a signature of the log that does not verify.
        let witness = Signer::witness(outside.key.name(), [9; 32]).unwrap();
        let good = witness.cosign(&text_of(&text(&state["checkpoint"])), 1).unwrap();
        let broken = good.replace(outside.key.name(), key.name());
        app.by(&auditor).post("/log/cosignatures", body(size, &format!("{good}{broken}"))).refused(422, "request.invalid").await;
        app.by(&auditor).post("/log/cosignatures", body(size, &good)).ok().await;
        app.by(&auditor).post("/log/cosignatures", body(1_000_000, &line)).refused(422, "request.invalid").await;
        app.by(&company.admin).post("/log/cosignatures", body(size, &line)).refused(403, "forbidden").await;
    });
}

mod follows_the_log_and_signs_what_it_has_seen {
    #[test]
    fn on_sqlite() {
        super::run(db::Backend::Sqlite);
    }
    #[test]
    fn on_postgres() {
        super::run(db::Backend::Postgres);
    }
}

/// Whatever it is asked, it answers the same.
async fn answering(answer: &'static str) -> std::net::SocketAddr {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    actix_web::rt::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            drop(stream.read(&mut [0; 4096]).await);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
            drop(stream.write_all(format!("{head}{answer}").as_bytes()).await);
        }
    });
    address
}

#[test]
fn a_page_that_is_no_checkpoint_is_no_alarm() {
    actix_web::rt::System::new().block_on(async {
        let outside = Outside::new();
        let key = Signer::new("log", [1; 32]).unwrap().verifier();
        let page = answering("<html><p>系统维护中</p>\n\n</html>\n").await;
        assert!(matches!(outside.open(&format!("http://{page}"), &key).look().await, Ok(Look::Unreachable(_))));
        // A note that somebody else has signed is one.
        let stranger = Signer::new("log", [2; 32]).unwrap().sign("log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n").unwrap();
        let forged = answering(stranger.leak()).await;
        assert_eq!(outside.open(&format!("http://{forged}"), &key).look().await.expect("a look"), Look::Alarmed(Alarm::NotSigned));
        // So is one of its own key from before the year in which that was written down.
        let early = Signer::new("log/2026", [1; 32]).unwrap().sign("log/2026\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n").unwrap();
        let (outside, shown) = (Outside::new(), answering(early.leak()).await);
        let key = key.renamed("log/2027").expect("a name");
        assert_eq!(outside.open(&format!("http://{shown}"), &key).look().await.expect("a look"), Look::Alarmed(Alarm::NotSigned));
    });
}

#[test]
fn a_log_that_goes_back_or_has_two_faces_finds_it_alarmed_for_good() {
    let outside = Outside::new();
    let witness = outside.key.to_string();
    TestApp::run_with(db::Backend::Sqlite, &["--witness-key", &witness], async |app| {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        newest(&app, &auditor).await;
        let key: Verifier = text(&log(&app, &auditor).await["key"]).parse().expect("a key");
        let copy = app.folder.join("copy.db").display().to_string();
        copy_sqlite(&app.database_url, &copy);
        for name in ["甲", "乙", "丙"] {
            given::unit(&app, &company, &company.unit, name).await;
        }
        assert!(matches!(outside.looks(&app, &auditor, &key).await, Look::Follows(_)));
        let remembered = std::fs::read_to_string(outside.folder.join("state.json")).expect("a memory");

        // Somebody puts an old database back, and takes the checkpoint beside the key away, so that the server does not know.
        let forgotten = app.folder.join("forgotten").display().to_string();
        let (back, running) = app.beside(&copy, &["--witness-key", &witness, "--log-anchor", &forgotten]).await;
        let server = actix_web::rt::spawn(running.server);
        assert_eq!(outside.looks(&back, &auditor, &key).await, Look::Alarmed(Alarm::RolledBack));
        // Also before the right server, and after a restart.
        assert_eq!(outside.looks(&app, &auditor, &key).await, Look::Alarmed(Alarm::RolledBack));
        let evidence = outside.open(&app.base, &key).state();
        assert!(evidence.alarm.is_some_and(|(_, shown)| shown.starts_with(key.name())) && evidence.seen.is_some());

        // Another past of the same length or longer is found too.
        std::fs::write(outside.folder.join("state.json"), &remembered).expect("a memory");
        for name in ["丁", "戊", "己", "庚", "辛", "壬"] {
            given::unit(&back, &company, &company.unit, name).await;
        }
        assert_eq!(outside.looks(&back, &auditor, &key).await, Look::Alarmed(Alarm::SplitView));
        // And a log that is signed by somebody else.
        std::fs::write(outside.folder.join("state.json"), &remembered).expect("a memory");
        let other = Signer::new(key.name(), [3; 32]).unwrap().verifier();
        assert_eq!(outside.looks(&app, &auditor, &other).await, Look::Alarmed(Alarm::NotSigned));
        running.handle.stop(false).await;
        drop(server.await);
    });
}

/// The log gets another name by itself; that is no reason for an alarm, and what the witness has seen still counts.
#[test]
fn a_witness_goes_on_into_the_new_year() {
    let outside = Outside::new();
    TestApp::run_with(db::Backend::Sqlite, &["--witness-key", &outside.key.to_string()], async |app| {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let key: Verifier = text(&log(&app, &auditor).await["key"]).parse().expect("a key");
        assert!(matches!(outside.looks(&app, &auditor, &key).await, Look::Follows(_)));
        let old = log(&app, &auditor).await;
        app.clock.advance(366 * 86_400);
        let auditor = given::again(&app, &auditor).await;
        while log(&app, &auditor).await["origin"] == old["origin"] {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let Look::Follows(size) = outside.looks(&app, &auditor, &key).await else { panic!("it is alarmed") };
        let state = log(&app, &auditor).await;
        assert_eq!(
            (state["witnesses"][0]["size"].as_u64(), text(&state["origin"])),
            (Some(size), format!("{}/{}", key.name(), app.clock.now().office_year()))
        );
    });
}

#[test]
fn a_witness_takes_the_successor_of_a_key_and_no_other() {
    let outside = Outside::new();
    TestApp::run_with(db::Backend::Sqlite, &["--witness-key", &outside.key.to_string()], async |app| {
        let company = given::company(&app).await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let key: Verifier = text(&log(&app, &auditor).await["key"]).parse().expect("a key");
        assert!(matches!(outside.looks(&app, &auditor, &key).await, Look::Follows(_)));
        let flags = ["--witness-key", &outside.key.to_string()];
        let (mut before, mut database) = (key.clone(), app.database_url.clone());
        for (round, vouched) in [true, true, false].into_iter().enumerate() {
            change_key(&app.folder).expect("changed");
            std::fs::remove_file(app.folder.join("log.key.before")).expect("put away");
            if !vouched {
                std::fs::remove_file(app.folder.join("log.key.vouched")).expect("lost");
            }
            // The first server goes on with the first key: so the others have databases of their own.
            let copy = app.folder.join(format!("{round}.db")).display().to_string();
            copy_sqlite(&database, &copy);
            database = copy;
            let (next, running) = app.beside(&database, &flags).await;
            let server = actix_web::rt::spawn(running.server);
            signs(&next, &auditor).await;
            // It was started with the first key, and so it is again.
            let look = outside.looks(&next, &auditor, &key).await;
            let now: Verifier = text(&log(&next, &auditor).await["key"]).parse().expect("a key");
            assert_ne!(now, before);
            if vouched {
                assert!(matches!(look, Look::Follows(_)), "{look:?}");
                assert_eq!(outside.open(&next.base, &key).key(), now);
            } else {
                assert_eq!(look, Look::Alarmed(Alarm::NotSigned));
            }
            before = now;
            running.handle.stop(false).await;
            drop(server.await);
        }
    });
}

//! Records for the authorities: asked for by one, approved by two others, proven off-line (G5.3).

use std::io::{Cursor, Read as _, Write as _};

use merkle::Verifier;
use sha2::{Digest as _, Sha256};
use tests::{Person, TestApp, Value, given, given::text, json, on_both_databases};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// What is changed in a manifest before it is signed again.
type Lie<'a> = &'a dyn Fn(&mut Value);

struct People {
    company: given::Company,
    auditor: Person,
    one: Person,
    two: Person,
}

async fn people(app: &TestApp) -> People {
    let company = given::company(app).await;
    People {
        auditor: given::with_role(app, &company, "wu.shen", "auditor").await,
        one: given::with_role(app, &company, "one", "extraction_approver").await,
        two: given::with_role(app, &company, "two", "extraction_approver").await,
        company,
    }
}

/// Waits until everything that was recorded has its place and is under a checkpoint.
async fn signed(app: &TestApp, auditor: &Person) {
    for _ in 0..600 {
        let newest = app.by(auditor).get("/records?limit=1").ok().await["items"][0].clone();
        let size = app.by(auditor).get("/log/checkpoints?limit=1").ok().await["items"][0]["size"].as_i64();
        if newest["index"].as_i64().is_some_and(|index| size > Some(index)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the log is not signed");
}

fn wanted(selection: Value) -> Value {
    json!({ "authority": "市公安局网安支队", "document_number": "公网调〔2026〕17 号", "legal_basis": "《网络安全法》第三十条", "selection": selection })
}

/// Asked for, approved by both.
async fn approved(app: &TestApp, people: &People, selection: Value) -> Value {
    let asked = app.by(&people.auditor).post("/extractions", wanted(selection)).ok().await;
    let path = format!("/extractions/{}/approve", text(&asked["id"]));
    app.by(&people.one).post(&path, json!({})).if_match(1).ok().await;
    app.by(&people.two).post(&path, json!({})).if_match(2).ok().await
}

async fn package(app: &TestApp, by: &Person, row: &Value) -> Vec<u8> {
    let reply = app.by(by).get(&format!("/extractions/{}/package", text(&row["id"]))).send().await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.bytes
}

async fn key(app: &TestApp, auditor: &Person) -> Verifier {
    text(&app.by(auditor).get("/log").ok().await["key"]).parse().expect("a key")
}

/// The package with one of its files changed, or left out.
fn altered(package: &[u8], name: &str, change: impl Fn(Vec<u8>) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut old = ZipArchive::new(Cursor::new(package)).expect("a package");
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut file = old.by_index(index).expect("a file");
        let this = file.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        if let Some(bytes) = if this.starts_with(name) { change(bytes) } else { Some(bytes) } {
            new.start_file(this, SimpleFileOptions::default()).expect("a file");
            new.write_all(&bytes).expect("its bytes");
        }
    }
    new.finish().expect("a package").into_inner()
}

/// Three records of one time, and one after it, approved to be extracted: the row, the package, and the key of the log.
async fn three_of_a_whole_time(app: &TestApp, people: &People) -> (Value, Vec<u8>, Verifier) {
    signed(app, &people.auditor).await;
    app.clock.advance(60);
    let from = app.clock.now().to_string();
    for name in ["甲", "乙", "丙"] {
        given::unit(app, &people.company, &people.company.unit, name).await;
    }
    app.clock.advance(60);
    let to = app.clock.now().to_string();
    given::unit(app, &people.company, &people.company.unit, "丁").await;
    signed(app, &people.auditor).await;
    let row = approved(app, people, json!({ "from": from, "to": to })).await;
    let zip = package(app, &people.auditor, &row).await;
    (row, zip, key(app, &people.auditor).await)
}

on_both_databases! {
    async fn two_approve_and_neither_of_them_asked(app: TestApp) {
        let people = people(&app).await;
        signed(&app, &people.auditor).await;
        app.by(&people.one).post("/extractions", wanted(json!({}))).refused(403, "forbidden").await;
        let asked = app.by(&people.auditor).post("/extractions", wanted(json!({ "actor_id": people.company.admin.id }))).ok().await;
        assert_eq!((&asked["state"], &asked["whole"]), (&json!("requested"), &json!(false)));
        let id = text(&asked["id"]);
        let (path, approve) = (format!("/extractions/{id}"), format!("/extractions/{id}/approve"));
        // Whoever may not know of it does not.
        app.by(&people.company.admin).get(&path).refused(404, "not_found").await;
        assert_eq!(app.by(&people.company.admin).get("/extractions").ok().await["items"], json!([]));
        app.by(&people.auditor).post(&approve, json!({})).if_match(1).refused(403, "forbidden").await;
        app.by(&people.auditor).get(&format!("{path}/package")).refused(409, "extraction.wrong_state").await;
        let half = app.by(&people.one).post(&approve, json!({})).if_match(1).ok().await;
        assert_eq!((&half["state"], &half["first_by"]), (&json!("half_approved"), &json!("员工one")));
        app.by(&people.one).post(&approve, json!({})).if_match(2).refused(409, "compliance.second_person").await;
        app.by(&people.two).post(&approve, json!({})).if_match(1).refused(412, "version.stale").await;
        let done = app.by(&people.two).post(&approve, json!({})).if_match(2).ok().await;
        assert_eq!((&done["state"], &done["decided_by"]), (&json!("approved"), &json!("员工two")));
        app.by(&people.two).post(&format!("{path}/decline"), json!({ "reason": "迟了" })).if_match(3).refused(409, "extraction.wrong_state").await;
        app.by(&people.two).get(&format!("{path}/package")).refused(403, "forbidden").await;
        package(&app, &people.auditor, &done).await;
        signed(&app, &people.auditor).await;
        let told = app.by(&people.auditor).get(&format!("/records?subject_id={id}")).ok().await;
        let told: Vec<&Value> = told["items"].as_array().expect("records").iter().map(|record| &record["action"]).filter(|action| *action != "access.denied").collect();
        assert_eq!(told, ["extraction.taken", "extraction.approved", "extraction.approved", "extraction.requested"]);
    }

    async fn a_request_is_declined_or_taken_back_with_a_reason(app: TestApp) {
        let people = people(&app).await;
        signed(&app, &people.auditor).await;
        let one = app.by(&people.auditor).post("/extractions", wanted(json!({}))).ok().await;
        let two = app.by(&people.auditor).post("/extractions", wanted(json!({}))).ok().await;
        let path = |row: &Value, step: &str| format!("/extractions/{}/{step}", text(&row["id"]));
        app.by(&people.one).post(&path(&one, "decline"), json!({ "reason": "" })).if_match(1).refused(422, "request.invalid").await;
        let declined = app.by(&people.one).post(&path(&one, "decline"), json!({ "reason": "文书缺少签章" })).if_match(1).ok().await;
        assert_eq!((&declined["state"], &declined["reason"]), (&json!("declined"), &json!("文书缺少签章")));
        let other = given::with_role(&app, &people.company, "other", "auditor").await;
        app.by(&other).post(&path(&two, "withdraw"), json!({})).if_match(1).refused(409, "extraction.not_requester").await;
        assert_eq!(app.by(&people.auditor).post(&path(&two, "withdraw"), json!({})).if_match(1).ok().await["state"], "withdrawn");
        app.by(&people.one).post(&path(&two, "approve"), json!({})).if_match(2).refused(409, "extraction.wrong_state").await;
    }

    async fn what_cannot_be_extracted_is_refused(app: TestApp) {
        let people = people(&app).await;
        signed(&app, &people.auditor).await;
        for (selection, pointer, code) in [
            (json!({ "actor_id": kernel::PersonId::new() }), "/selection", "extraction.empty"),
            (json!({ "from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z" }), "/selection/to", "time.order"),
            // Of a time that is not over nobody could say that it is whole.
            (json!({ "to": "2099-01-01T00:00:00Z" }), "/selection/to", "extraction.not_over"),
            (json!({ "person": 1 }), "/selection/person", "field.unknown"),
        ] {
            let refused = app.by(&people.auditor).post("/extractions", wanted(selection)).send().await;
            let error = &refused.json["errors"][0];
            assert_eq!((refused.status, &error["pointer"], &error["code"]), (422, &json!(pointer), &json!(code)), "{}", refused.json);
        }
    }

    async fn a_package_of_a_whole_time_proves_that_nothing_is_missing(app: TestApp) {
        let people = people(&app).await;
        let (row, zip, key) = three_of_a_whole_time(&app, &people).await;
        assert_eq!((&row["whole"], &row["records"]), (&json!(true), &json!(3)));
        let verified = extraction::verify(&zip, std::slice::from_ref(&key)).expect("it verifies");
        assert!(verified.to_string().contains("whole: no record from"), "{verified}");
        assert!(verified.to_string().contains("3 records for 市公安局网安支队"), "{verified}");
        assert_eq!(extraction::verify(&zip, &[]).map(|verified| verified.to_string()).ok(), Some(verified.to_string()));

        // Another's key, a changed letter, a file that is gone: each is named.
        let stranger = audit::Log::open(&audit::Log::generate().expect("a key"), audit::Anchor::at(app.folder.join("none")), 0, Vec::new());
        let stranger = stranger.expect("a log").key();
        assert!(extraction::verify(&zip, &[stranger]).expect_err("another key").contains("manifest.note"));
        let names: Vec<String> = ZipArchive::new(Cursor::new(&zip)).expect("a package").file_names().map(|name| name.expect("a name").into_owned()).collect();
        for name in names.iter().filter(|name| *name != "keys.txt") {
            let flipped = altered(&zip, name, |mut bytes| {
                let last = bytes.len() - 1;
                bytes[last / 2] ^= 1;
                Some(bytes)
            });
            let error = extraction::verify(&flipped, std::slice::from_ref(&key)).expect_err(name);
            assert!(error.contains(name.as_str()), "{name}: {error}");
            let gone = extraction::verify(&altered(&zip, name, |_| None), std::slice::from_ref(&key)).expect_err(name);
            assert!(gone.contains(name.as_str()), "{name}: {gone}");
        }
    }

    async fn a_selection_gives_its_records_and_no_others(app: TestApp) {
        let people = people(&app).await;
        let unit = given::unit(&app, &people.company, &people.company.unit, "财务").await;
        signed(&app, &people.auditor).await;
        let row = approved(&app, &people, json!({ "subject_id": unit })).await;
        let zip = package(&app, &people.auditor, &row).await;
        let verified = extraction::verify(&zip, &[key(&app, &people.auditor).await]).expect("it verifies");
        assert!(verified.manifest.whole.is_none());
        let mut archive = ZipArchive::new(Cursor::new(&zip)).expect("a package");
        let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
        let records: Vec<&String> = names.iter().filter(|name| name.starts_with("records/")).collect();
        assert_eq!(records.len(), verified.manifest.leaves.len());
        for name in records {
            let mut text = String::new();
            archive.by_name(name).expect("a file").read_to_string(&mut text).expect("its text");
            assert!(text.contains(&unit), "{text}");
        }
        // What was done since changes nothing: the same records, whenever it is taken.
        given::unit(&app, &people.company, &unit, "出纳").await;
        signed(&app, &people.auditor).await;
        let later = extraction::verify(&package(&app, &people.auditor, &row).await, &[]).expect("it verifies");
        assert_eq!(later.manifest.leaves, verified.manifest.leaves);
    }

    async fn a_package_that_says_more_than_it_proves_is_refused_even_if_the_log_has_signed_it(app: TestApp) {
        let people = people(&app).await;
        let (_, zip, key) = three_of_a_whole_time(&app, &people).await;
        let secret = std::fs::read_to_string(app.folder.join("log.key")).expect("the key of the log");
        let log = audit::Log::open(&secret, audit::Anchor::at(app.folder.join("none")), 0, Vec::new()).expect("a log");
        // What whoever holds the key of the log could sign.
        let lying = |change: &dyn Fn(&mut Value)| {
            altered(&zip, "manifest.note", |note| {
                let note = String::from_utf8(note).expect("a text");
                let mut manifest: Value = serde_json::from_str(note.lines().next().expect("a line")).expect("the manifest");
                change(&mut manifest);
                Some(log.sign(&format!("{manifest}\n")).expect("signed").into_bytes())
            })
        };
        let verify = |zip: &[u8]| extraction::verify(zip, std::slice::from_ref(&key)).map(|verified| verified.to_string());
        assert!(verify(&lying(&|_| {})).is_ok(), "signed again, it is the same");
        let (first, last) = {
            let verified = extraction::verify(&zip, &[]).expect("it verifies").manifest;
            (verified.leaves[0], verified.leaves[2])
        };
        let lies: [(&str, Lie); 10] = [
            ("no end, and not to the end of the log", &|manifest| manifest["selection"]["to"] = Value::Null),
            ("no beginning, and not from the first", &|manifest| manifest["selection"]["from"] = Value::Null),
            ("a record in the middle", &|manifest| manifest["leaves"] = json!([first, last])),
            ("the last record", &|manifest| {
                manifest["leaves"] = json!([first, first + 1]);
                manifest["whole"]["last"] = json!(first + 1);
            }),
            ("a later end", &|manifest| manifest["selection"]["to"] = json!("2099-01-01T00:00:00.000000Z")),
            ("whole, of one person's acts", &|manifest| manifest["selection"]["actor_id"] = json!(people.company.admin.id)),
            ("a selection that they do not fit", &|manifest| {
                manifest["whole"] = Value::Null;
                manifest["selection"]["actor_id"] = json!(people.auditor.id);
            }),
            ("nobody approved", &|manifest| manifest["approved_by"] = json!([])),
            ("one approved twice", &|manifest| manifest["approved_by"][1] = manifest["approved_by"][0].clone()),
            ("who asked approved", &|manifest| manifest["approved_by"][1] = manifest["requested_by"].clone()),
        ];
        for (what, lie) in lies {
            assert!(verify(&lying(lie)).is_err(), "{what}: {:?}", verify(&lying(lie)));
        }
        // A detail of another, and a file of no record, although their hashes are signed.
        let name = format!("details/{first:012}.json");
        let other = format!("details/{last:012}.json");
        let swapped = {
            let mut content = Vec::new();
            ZipArchive::new(Cursor::new(&zip)).expect("a package").by_name(&other).expect("a detail").read_to_end(&mut content).expect("read");
            altered(&lying(&|manifest| manifest["files"][&name] = manifest["files"][&other].clone()), &name, |_| Some(content.clone()))
        };
        assert!(verify(&swapped).expect_err("another's detail").contains("is not the detail of its record"));
        let mut added = ZipWriter::new_append(Cursor::new(lying(&|manifest| manifest["files"]["more.txt"] = json!(kernel::hex(&Sha256::digest(b"more"))))))
            .expect("a package");
        added.start_file("more.txt", SimpleFileOptions::default()).expect("a file");
        added.write_all(b"more").expect("written");
        assert!(verify(&added.finish().expect("a package").into_inner()).expect_err("one more").contains("more.txt is of no record"));
    }
}

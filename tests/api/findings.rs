//! What the controls find, and what people do about it: notices, corrections, waivers, attestations (X5).

use reqwest::Method;
use tests::{Person, TestApp, Value, given, given::text, json, on_both_databases};

use crate::{
    compliance::{DISPATCH, Officers, dispatch, fault, in_force, later, looked, obligations, officers},
    office::{step, work},
};

/// Lets the controls look, and then a minute pass, after which something happens: people are told at most once a minute.
async fn minute(app: &TestApp, officers: &Officers, title: &str) {
    looked(app, officers).await;
    app.clock.advance(61);
    fault(app, officers, title).await;
}

on_both_databases! {
    async fn people_are_told_of_a_duty_before_it_is_missed_and_when_it_was(app: TestApp) {
        let mut officers = officers(&app).await;
        let below = given::unit(&app, &officers.company, &officers.company.unit, "车间").await;
        let head = given::employee(&app, &officers.company.admin, &below, "head").await;
        let above = given::employee(&app, &officers.company.admin, &officers.company.unit, "above").await;
        for (unit, person) in [(&below, &head), (&officers.company.unit, &above)] {
            let version = app.by(&officers.company.admin).get(&format!("/org-units/{unit}")).ok().await["version"].as_i64().expect("a version");
            app.by(&officers.company.admin).patch(&format!("/org-units/{unit}"), version, json!({ "head_id": person.id })).ok().await;
        }
        in_force(&app, &officers, "group-it", Some(DISPATCH)).await;
        let reporter = given::employee(&app, &officers.company.admin, &below, "reporter").await;
        let mut tickets = Vec::new();
        for title in ["打印机坏了", "网络断了"] {
            tickets.push(app.by(&reporter).post("/tickets", json!({ "title": title, "kind": "fault" })).ok().await);
        }
        looked(&app, &officers).await;
        let told = async |app: &TestApp, person: &Person| {
            let person = given::again(app, person).await;
            let items = app.by(&person).get("/notifications").ok().await["items"].as_array().expect("items").clone();
            items.into_iter().filter(|one| one["link"].as_str().is_some_and(|link| link.starts_with("/compliance/"))).collect::<Vec<_>>()
        };
        // Nothing yet: more than a quarter of the time is left.
        later(&app, &mut officers, 2 * 3600).await;
        fault(&app, &officers, "另一件").await;
        looked(&app, &officers).await;
        assert_eq!(told(&app, &head).await, Vec::<Value>::new());

        later(&app, &mut officers, 3600 + 60).await;
        minute(&app, &officers, "又另一件").await;
        tests::until("the head of the unit is told", async || !told(&app, &head).await.is_empty()).await;
        let one = told(&app, &head).await;
        assert_eq!(one.len(), 1, "two duties of one control are one notice: {one:?}");
        let words = text(&one[0]["text"]);
        assert!(words.starts_with("G3.3 派人 · ") && words.contains(" +1 · 20"), "{words}");
        assert_eq!(one[0]["kind"], "duty");
        assert_eq!(told(&app, &above).await, Vec::<Value>::new());
        // Whoever is told sees it, although she reads nothing else of compliance.
        let again = given::again(&app, &head).await;
        let id = text(&one[0]["link"]).rsplit_once("one=").map(|(_, id)| id.to_owned()).expect("which one");
        app.by(&again).get(&format!("/obligations/{id}")).ok().await;
        let headed = app.by(&again).get("/obligations?headed=true&control=dispatch").ok().await["items"].as_array().expect("items").len();
        assert_eq!(headed, 2);
        app.by(&again).get("/obligations?control=dispatch").refused(403, "forbidden").await;
        let other = given::again(&app, &reporter).await;
        assert_eq!(app.by(&other).get("/obligations?headed=true").ok().await["items"], json!([]));
        app.by(&other).get(&format!("/obligations/{id}")).refused(404, "not_found").await;

        later(&app, &mut officers, 3600).await;
        minute(&app, &officers, "又一件").await;
        tests::until("the head above is told", async || !told(&app, &above).await.is_empty()).await;
        let missed: Vec<Value> = told(&app, &head).await.into_iter().filter(|one| one["kind"] == "missed").collect();
        assert_eq!((missed.len(), &told(&app, &above).await[0]["kind"]), (1, &json!("missed")));

        // A finding: whoever has to correct it, a day before; and once only.
        let found = obligations(&app, &officers, "&unsettled=true").await;
        let due = app.clock.now().plus_seconds(36 * 3600).to_string();
        let path = format!("/obligations/{}/assign", text(&found[0]["id"]));
        let wanted = json!({ "responsible_id": officers.desk.id, "due_at": due });
        app.by(&officers.one).post(&path, wanted).if_match(0).ok().await;
        later(&app, &mut officers, 13 * 3600).await;
        minute(&app, &officers, "再一件").await;
        tests::until("who has to correct it is told", async || told(&app, &officers.desk).await.iter().any(|one| one["kind"] == "finding")).await;
        later(&app, &mut officers, 24 * 3600).await;
        minute(&app, &officers, "还一件").await;
        tests::until("the head is told that it is late", async || told(&app, &head).await.iter().any(|one| one["kind"] == "finding")).await;
        assert_eq!(told(&app, &officers.desk).await.iter().filter(|one| one["kind"] == "finding").count(), 2);
        let records = app.by(&officers.auditor).get("/records?action=obligation.reminded").ok().await;
        let stages: std::collections::BTreeSet<String> = {
            let mut stages = std::collections::BTreeSet::new();
            for record in records["items"].as_array().expect("items") {
                let record = app.by(&officers.auditor).get(&format!("/records/{}", text(&record["id"]))).ok().await;
                stages.insert(text(&record["facts"]["stage"]));
            }
            stages
        };
        assert_eq!(stages.into_iter().collect::<Vec<_>>(), ["due", "finding_due", "finding_overdue", "missed"]);
    }

    async fn a_missed_duty_is_found_corrected_and_verified_by_somebody_else(app: TestApp) {
        let mut officers = officers(&app).await;
        let id = in_force(&app, &officers, "group-it", Some(DISPATCH)).await;
        let path = format!("/regulations/{id}/clauses/G3.3");
        assert_eq!(app.by(&officers.auditor).get(&path).ok().await["verdict"], "not_exercised");
        let (first, second) = (fault(&app, &officers, "打印机坏了").await, fault(&app, &officers, "网络断了").await);
        dispatch(&app, &officers, &first).await;
        looked(&app, &officers).await;
        assert_eq!(app.by(&officers.auditor).get(&path).ok().await["verdict"], "pending");
        later(&app, &mut officers, 4 * 3_600 + 60).await;
        let missed = obligations(&app, &officers, "&state=missed").await;
        assert_eq!(missed.len(), 1);
        assert_eq!(text(&missed[0]["subject_id"]), text(&second["id"]));
        let clause = app.by(&officers.auditor).get(&path).ok().await;
        assert_eq!((clause["verdict"].as_str(), clause["numbers"]["met"].as_i64(), clause["numbers"]["unsettled"].as_i64()), (Some("violated"), Some(1), Some(1)));

        // Met later, it stays a finding.
        dispatch(&app, &officers, &second).await;
        let late = obligations(&app, &officers, "&state=met_late").await;
        assert_eq!(late[0]["id"], missed[0]["id"]);
        let finding = format!("/obligations/{}", text(&late[0]["id"]));
        let shown = app.by(&officers.auditor).get(&finding).ok().await;
        let actions: Vec<&str> = shown["evidence"].as_array().unwrap().iter().map(|record| record["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["ticket.created", "ticket.dispatched"]);
        // Each of the two is proven by itself.
        let record = format!("/records/{}/proof", text(&shown["evidence"][0]["record_id"]));
        assert_eq!(app.by(&officers.auditor).get(&record).send().await.status, 200);

        let due = app.app.db.clock().now().plus_seconds(86_400).to_string();
        let body = json!({ "responsible_id": officers.desk.id, "due_at": due });
        app.by(&officers.one).post(&format!("{finding}/assign"), body.clone()).if_match(3).refused(412, "version.stale").await;
        app.by(&officers.one).post(&format!("{finding}/assign"), body).if_match(0).ok().await;
        let said = json!({ "cause": "值班表有空缺", "correction": "补齐值班表" });
        app.by(&officers.one).post(&format!("{finding}/correct"), said.clone()).if_match(1).refused(409, "finding.not_responsible").await;
        app.by(&officers.desk).post(&format!("{finding}/correct"), said).if_match(1).ok().await;
        let said = json!({ "holds": true, "words": "抽查了两周" });
        app.by(&officers.one).post(&format!("{finding}/verify"), said).if_match(2).ok().await;
        let clause = app.by(&officers.auditor).get(&path).ok().await;
        assert_eq!((clause["verdict"].as_str(), clause["numbers"]["missed"].as_i64()), (Some("fulfilled"), Some(1)));
    }

    async fn a_waiver_is_granted_by_somebody_else_and_ends(app: TestApp) {
        let mut officers = officers(&app).await;
        in_force(&app, &officers, "group-it", Some(DISPATCH)).await;
        let ticket = fault(&app, &officers, "打印机坏了").await;
        later(&app, &mut officers, 5 * 3_600).await;
        assert_eq!(obligations(&app, &officers, "&unsettled=true").await.len(), 1);
        let until = |days: i64| app.app.db.clock().now().plus_seconds(days * 86_400).to_string();
        let ask = |days: i64, control: &str| json!({
            "control": control, "subject_id": ticket["id"], "reason": "搬迁期间", "measures": "电话值守", "until": until(days),
        });
        let refused = app.by(&officers.one).post("/waivers", ask(400, "dispatch")).refused(422, "request.invalid").await;
        assert_eq!(refused.json["errors"][0]["code"], "waiver.too_long");
        app.by(&officers.one).post("/waivers", ask(10, "nothing")).refused(422, "request.invalid").await;
        let waiver = app.by(&officers.one).post("/waivers", ask(10, "dispatch")).ok().await;
        let path = format!("/waivers/{}", text(&waiver["id"]));
        app.by(&officers.one).post(&format!("{path}/approve"), json!({})).if_match(1).refused(409, "compliance.second_person").await;
        assert_eq!(obligations(&app, &officers, "&unsettled=true").await.len(), 1, "asking is not having");
        app.by(&officers.other).post(&format!("{path}/approve"), json!({})).if_match(1).ok().await;
        assert_eq!(obligations(&app, &officers, "&unsettled=true").await.len(), 0);
        assert!(obligations(&app, &officers, "&state=missed").await[0]["waived_until"].is_string());
        later(&app, &mut officers, 11 * 86_400).await;
        assert_eq!(obligations(&app, &officers, "&unsettled=true").await.len(), 1, "it has ended");
    }

    async fn what_no_machine_sees_is_attested_and_not_by_who_answers_for_it(app: TestApp) {
        let mut officers = officers(&app).await;
        let controls = r#"
[[control]]
id = "E4.9-attested"
clause = "E4.9"
title = "抽查附件格式"
en = "Formats are sampled"
template = "existence"
then = { event = "clause.attested", where = 'clause = "E4.9" and kept = true' }
every = "P30D"
correlate = "global"
"#;
        let id = in_force(&app, &officers, "enterprise", Some(controls)).await;
        let path = format!("/regulations/{id}/clauses/E4.9");
        looked(&app, &officers).await;
        assert_eq!(app.by(&officers.auditor).get(&path).ok().await["verdict"], "pending");
        later(&app, &mut officers, 31 * 86_400).await;
        looked(&app, &officers).await;
        assert_eq!(app.by(&officers.auditor).get(&path).ok().await["verdict"], "violated");
        let upload = async |by: &Person| {
            let post = app.by(by).request(Method::POST, "/files?name=样本.txt").bytes("application/octet-stream", "20 份".as_bytes());
            post.ok().await
        };
        let word = |kept: bool, files: &[&Value]| json!({ "statement": "抽查 20 份附件", "kept": kept, "file_ids": files });
        app.by(&officers.one).post(&format!("{path}/attestations"), word(false, &[])).ok().await;
        assert_eq!(obligations(&app, &officers, "&state=met_late").await.len(), 0, "a word that it is not kept meets nothing");
        // That it is kept has to be shown, by files of one's own.
        let attest = |files: &[&Value]| app.by(&officers.one).post(&format!("{path}/attestations"), word(true, files));
        let refused = async |files: &[&Value], pointer: &str, code: &str| {
            let reply = attest(files).refused(422, "request.invalid").await;
            assert_eq!((&reply.json["errors"][0]["pointer"], &reply.json["errors"][0]["code"]), (&json!(pointer), &json!(code)));
        };
        refused(&[], "/file_ids", "attestation.evidence_missing").await;
        let (own, others) = (upload(&officers.one).await, upload(&officers.other).await);
        refused(&[&own["id"], &others["id"]], "/file_ids/1", "field.unknown_reference").await;
        refused(&[&own["id"], &own["id"]], "/file_ids/1", "field.unknown_reference").await;
        assert_eq!(obligations(&app, &officers, "&state=met_late").await.len(), 0);
        let shown = attest(&[&own["id"]]).ok().await;
        assert_eq!(obligations(&app, &officers, "&state=met_late").await.len(), 1);
        let said = &shown["attestations"][0];
        assert_eq!(said["evidence"], json!([own]));
        let file = format!("/attestations/{}/evidence", text(&said["id"]));
        let got = app.by(&officers.auditor).get(&format!("{file}/{}", text(&own["id"]))).send().await;
        assert_eq!((got.status, got.bytes.as_slice()), (200, "20 份".as_bytes()));
        app.by(&officers.auditor).get(&format!("{file}/{}", text(&others["id"]))).refused(404, "not_found").await;
        let record = app.by(&officers.auditor).get("/records?action=clause.attested").ok().await;
        let record = app.by(&officers.auditor).get(&format!("/records/{}", text(&record["items"][0]["id"]))).ok().await;
        assert_eq!(record["facts"]["evidence"], "1");
        assert!(record["changes"].to_string().contains(&text(&own["sha256"])), "{record}");
        // The unit that answers for a clause does not attest it.
        app.by(&officers.one).put(&format!("{path}/owner"), 0, json!({ "unit_id": officers.company.unit })).ok().await;
        app.by(&officers.one).post(&format!("{path}/attestations"), word(true, &[])).refused(409, "clause.attested_by_owner").await;
        let shown = app.by(&officers.auditor).get(&path).ok().await;
        assert_eq!((shown["attestations"].as_array().unwrap().len(), shown["owner"]["id"].as_str()), (2, Some(officers.company.unit.as_str())));
        app.by(&officers.auditor).get(&format!("/regulations/{id}/clauses/E99")).refused(404, "not_found").await;
    }
    async fn a_finding_starts_one_case_that_settles_it_at_its_end(app: TestApp) {
        let mut officers = officers(&app).await;
        let admin = &officers.company.admin;
        let head = given::employee(&app, admin, &officers.company.unit, "boss").await;
        let unit = format!("/org-units/{}", officers.company.unit);
        let version = app.by(admin).get(&unit).ok().await["version"].as_i64().expect("a version");
        app.by(admin).patch(&unit, version, json!({ "head_id": head.id })).ok().await;
        in_force(&app, &officers, "group-it", Some(DISPATCH)).await;
        let tickets = [fault(&app, &officers, "打印机坏了").await, fault(&app, &officers, "网络断了").await];
        later(&app, &mut officers, 5 * 3_600).await;
        let missed = obligations(&app, &officers, "&state=missed").await;
        let of = |ticket: &Value| format!("/obligations/{}", text(&missed.iter().find(|one| one["subject_id"] == ticket["id"]).expect("one")["id"]));
        let (first, second) = (of(&tickets[0]), of(&tickets[1]));

        // No process corrects findings yet.
        let processes = async |path: &str| app.by(&officers.one).get(&format!("{path}/processes")).ok().await["items"].clone();
        assert_eq!(processes(&first).await, json!([]));
        let admin = given::again(&app, &officers.company.admin).await;
        let chosen = json!({ "process_keys": ["finding-rectification", "finding-waiver"], "publish": true });
        app.by(&admin).post("/packs/group-it/install", chosen).ok().await;
        let offered = processes(&first).await;
        assert_eq!(offered.as_array().expect("items").len(), 1, "{offered}");
        let mut data = offered[0]["data"].clone();
        let shown = app.by(&officers.one).get(&first).ok().await;
        assert_eq!((&data["问题编号"], &data["问题来源"]), (&shown["number"], &json!("控制点")));
        assert_eq!((&data["责任部门"], &data["严重程度"]), (&json!(officers.company.unit), &json!("较重")));
        assert!(text(&data["问题描述"]).contains("G3.3：派人（"), "{data}");

        let start = |path: &str, process: &Value, data: &Value| {
            app.by(&officers.one).post(&format!("{path}/case"), json!({ "process_id": process, "data": data }))
        };
        let process = &offered[0]["id"];
        let refused = start(&first, &json!(kernel::Uuid::nil()), &data).refused(422, "request.invalid").await;
        assert_eq!((&refused.json["errors"][0]["pointer"], &refused.json["errors"][0]["code"]), (&json!("/process_id"), &json!("process.not_for_findings")));
        let refused = start(&first, process, &data).refused(422, "request.invalid").await;
        assert_eq!(refused.json["errors"][0]["pointer"], "/data/整改期限");
        assert_eq!(app.by(&officers.one).get(&first).ok().await["case"], json!(null), "nothing was begun");
        data["整改期限"] = json!("2036-12-10");
        let body = json!({ "process_id": process, "data": data });
        app.by(&officers.desk).post(&format!("{first}/case"), body).refused(403, "forbidden").await;
        let case = start(&first, process, &data).ok().await["case"].clone();
        assert_eq!((case["state"].as_str(), text(&case["number"]).starts_with("ZG-")), (Some("running"), true));
        let twice = start(&first, process, &data).refused(409, "finding.has_case").await;
        assert_eq!(twice.json["params"]["number"], case["number"]);

        // One that was taken away makes room for another.
        let revoked = start(&second, process, &data).ok().await["case"].clone();
        let path = format!("/cases/{}", text(&revoked["id"]));
        let version = app.by(&officers.one).get(&path).ok().await["version"].as_i64().expect("a version");
        app.by(&officers.one).post(&format!("{path}/transitions"), json!({ "action": "revoke", "reason": "写错了" })).if_match(version).ok().await;
        let again = start(&second, process, &data).ok().await["case"].clone();
        assert!(again["id"] != revoked["id"] && again["state"] == "running", "{again}");

        let head = given::again(&app, &head).await;
        let done = async |by: &Person, outcome: &str, data: Value| {
            let mut item = work(&app, by, &case).await;
            if item["claimable"] == true {
                item = step(&app, by, &item, json!({ "action": "claim" })).ok().await;
            }
            step(&app, by, &item, json!({ "action": "complete", "outcome": outcome, "data": data })).ok().await
        };
        done(&head, "accept", json!({ "整改责任人": officers.desk.id })).await;
        let measures = json!({ "原因分析": "值班表有空缺", "整改措施": "补齐值班表", "完成日期": "2036-12-01" });
        done(&officers.desk, "done", measures.clone()).await;
        done(&officers.one, "done", json!({ "验证结论": "不通过" })).await;
        assert_eq!(app.by(&officers.auditor).get(&first).ok().await["finding"], json!(null), "it is not settled before its end");
        done(&officers.desk, "done", measures).await;
        done(&officers.one, "done", json!({ "验证结论": "通过", "验证说明": "抽查了两周" })).await;
        let settled = app.by(&officers.auditor).get(&first).ok().await;
        let said = |name: &str| text(&settled["finding"][name]);
        assert_eq!((said("state"), said("responsible_id")), ("closed".to_owned(), officers.desk.id.clone()), "{settled}");
        assert_eq!((said("cause"), said("correction"), said("verification")), ("值班表有空缺".into(), "补齐值班表".into(), "抽查了两周".into()));
        assert_eq!((settled["case"]["state"].as_str(), &settled["case"]["number"]), (Some("completed"), &case["number"]));
        assert_eq!(obligations(&app, &officers, "&unsettled=true").await.len(), 1, "the other one is still being corrected");
        let records = app.by(&officers.auditor).get("/records?action=finding.verified").ok().await;
        let about: Vec<String> = records["items"].as_array().expect("items").iter().map(|one| text(&one["subject"]["kind"])).collect();
        assert_eq!(about, ["case", "finding", "case"], "what its people said, and what its last step did");
    }
}

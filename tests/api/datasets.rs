//! Data sets: the catalogue for everybody, what lies behind it for few, grants that end by their date, and forms that name them.

use tests::{TestApp, Value, given, given::Person, given::text, json, on_both_databases};

use crate::office::{HEAD, SECOND, agree, approval, bpmn, case, office, publish, start, step, work};

async fn register(app: &TestApp, by: &Person, unit: &str, custodian: &Person, name: &str, classification: &str) -> Value {
    let facts = json!({
        "name": name, "classification": classification, "purpose": "编制年度报告", "location": "地籍系统", "unit_id": unit, "custodian_id": custodian.id,
    });
    app.by(by).post("/datasets", facts).ok().await
}

fn path(row: &Value) -> String {
    format!("/datasets/{}", text(&row["id"]))
}

fn allowed(row: &Value, action: &str) -> bool {
    row["allowed_actions"].as_array().unwrap().iter().any(|one| one["name"] == action && one["allowed"] == true)
}

fn day(app: &TestApp, days: i64) -> String {
    app.clock.now().plus_seconds(days * 86_400).office_date().to_string()
}

async fn grants(app: &TestApp, by: &Person, query: &str) -> Vec<String> {
    let found = app.by(by).get(&format!("/dataset-grants{query}")).ok().await;
    found["items"].as_array().unwrap().iter().map(|grant| text(&grant["id"])).collect()
}

/// A form that names a data set.
fn form() -> Value {
    json!({
        "schema": { "type": "object", "properties": {
            "名称": { "type": "string", "x-widget": "dataset" },
            "说明": { "type": "string" },
            "方式": { "type": "string", "enum": ["查阅", "导出", "修改"] },
            "密级": { "type": "string" },
            "截止": { "type": "string", "format": "date" },
            "内部意见": { "type": "string", "x-shared": true },
        } },
        "ui": { "groups": [{ "title": "内容", "fields": ["名称", "说明", "方式", "密级", "截止"] }] },
    })
}

const GRANT: &str = "<b:serviceTask id=\"act\"><b:extensionElements><zhidu:action name=\"dataset.grant\"><zhidu:input name=\"dataset\" value=\"名称\"/><zhidu:input name=\"mode\" value=\"方式\"/><zhidu:input name=\"purpose\" value=\"说明\"/><zhidu:input name=\"until\" value=\"截止\"/><zhidu:input name=\"classification\" value=\"密级\"/></zhidu:action></b:extensionElements></b:serviceTask>";

on_both_databases! {
    async fn everybody_finds_the_entry_and_few_what_lies_behind_it(app: TestApp) {
        let company = given::company(&app).await;
        let here = given::unit(&app, &company, &company.unit, "甲部").await;
        let there = given::unit(&app, &company, &company.unit, "乙部").await;
        let manager = given::employee(&app, &company.admin, &here, "manager").await;
        given::assign(&app, &company.security, &manager, "data_manager", "subtree", Some(&here)).await;
        let custodian = given::employee(&app, &company.admin, &here, "custodian").await;
        let stranger = given::employee(&app, &company.admin, &there, "stranger").await;
        let made = register(&app, &manager, &here, &custodian, "地籍调查成果", "confidential").await;
        assert!(text(&made["number"]).starts_with("DS-"), "{made}");
        assert_eq!((made["state"].as_str(), made["version"].as_i64(), made["inside"]["location"].as_str()), (Some("active"), Some(1), Some("地籍系统")));
        // In the wrong unit, with a name that is taken, and with people who are not there.
        let facts = |unit: &str, name: &str, person: &str| json!({ "name": name, "classification": "public", "purpose": "甲", "location": "乙", "unit_id": unit, "custodian_id": person });
        app.by(&manager).post("/datasets", facts(&there, "别的", &custodian.id)).refused(403, "forbidden").await;
        app.by(&stranger).post("/datasets", facts(&there, "别的", &custodian.id)).refused(403, "forbidden").await;
        let taken = app.by(&manager).post("/datasets", facts(&here, "地籍调查成果", &custodian.id)).refused(422, "request.invalid").await;
        assert_eq!(taken.json["errors"][0]["pointer"], "/name", "{:?}", taken.json);
        let nobody = app.by(&manager).post("/datasets", facts(&here, "别的", &kernel::PersonId::new().to_string())).refused(422, "request.invalid").await;
        assert_eq!(nobody.json["errors"][0]["pointer"], "/custodian_id", "{:?}", nobody.json);
        // The catalogue is open, by name, initials and number; purpose and place are not.
        for words in ["调查成果", "djdc", &text(&made["number"])] {
            let found = app.by(&stranger).get(&format!("/datasets?q={words}")).ok().await;
            assert_eq!(found["items"].as_array().unwrap().len(), 1, "{words}");
            assert!(found["items"][0].get("purpose").is_none());
        }
        assert_eq!(app.by(&stranger).get("/datasets?q=地籍系统").ok().await["items"], json!([]));
        for (reader, inside, grants) in [(&stranger, false, false), (&custodian, true, true), (&manager, true, true), (&company.security, true, true), (&company.admin, false, false)] {
            let seen = app.by(reader).get(&path(&made)).ok().await;
            assert_eq!((seen["inside"].is_object(), seen["grants_visible"] == true), (inside, grants), "{}", reader.login);
            assert_eq!(allowed(&seen, "update"), reader.login == manager.login);
        }
        let kept = app.by(&custodian).get("/datasets?lens=kept").ok().await;
        assert_eq!(kept["items"][0]["id"], made["id"]);
        assert_eq!(app.by(&stranger).get("/datasets?lens=kept").ok().await["items"], json!([]));
        assert_eq!(app.by(&stranger).get("/datasets?classification=public").ok().await["items"], json!([]));
        assert_eq!(app.by(&stranger).get(&format!("/datasets?unit_id={here}&classification=confidential&state=active")).ok().await["items"][0]["id"], made["id"]);
        // Whoever keeps data sets hands them over before leaving.
        let version = app.by(&company.admin).get(&format!("/people/{}", custodian.id)).ok().await["version"].as_i64().unwrap();
        app.by(&company.admin).post(&format!("/people/{}/deactivate", custodian.id), json!({ "reason": "离职" })).if_match(version).refused(409, "person.has_work").await;
    }

    async fn a_list_is_paged_by_what_changed_last(app: TestApp) {
        let company = given::company(&app).await;
        let manager = given::with_role(&app, &company, "manager", "data_manager").await;
        for number in 0..5 {
            register(&app, &manager, &company.unit, &manager, &format!("台帐 {number}"), "internal").await;
        }
        let (mut names, mut after) = (Vec::new(), String::new());
        loop {
            let page = app.by(&manager).get(&format!("/datasets?limit=2{after}")).ok().await;
            names.extend(page["items"].as_array().unwrap().iter().map(|item| text(&item["name"])));
            match page["next_cursor"].as_str() {
                Some(cursor) => after = format!("&after={cursor}"),
                None => break,
            }
        }
        assert_eq!(names, ["台帐 4", "台帐 3", "台帐 2", "台帐 1", "台帐 0"]);
    }

    async fn a_lower_classification_needs_a_reason_and_an_old_version_is_refused(app: TestApp) {
        let company = given::company(&app).await;
        let manager = given::with_role(&app, &company, "manager", "data_manager").await;
        let auditor = given::with_role(&app, &company, "auditor", "auditor").await;
        let made = register(&app, &manager, &company.unit, &manager, "地籍调查成果", "confidential").await;
        let refused = app.by(&manager).patch(&path(&made), 1, json!({ "classification": "internal" })).refused(422, "request.invalid").await;
        assert_eq!((&refused.json["errors"][0]["pointer"], &refused.json["errors"][0]["code"]), (&json!("/reason"), &json!("dataset.reason_needed")));
        let lowered = app.by(&manager).patch(&path(&made), 1, json!({ "classification": "internal", "reason": "已脱密" })).ok().await;
        assert_eq!((lowered["classification"].as_str(), lowered["version"].as_i64()), (Some("internal"), Some(2)));
        app.by(&manager).patch(&path(&made), 1, json!({ "location": "新系统" })).refused(412, "version.stale").await;
        let raised = app.by(&manager).patch(&path(&made), 2, json!({ "classification": "secret" })).ok().await;
        assert_eq!(raised["version"], 3);
        let same = app.by(&manager).patch(&path(&made), 3, json!({ "name": "地籍调查成果" })).ok().await;
        assert_eq!(same["version"], 3);
        let records = app.by(&auditor).get(&format!("/records?subject_id={}", text(&made["id"]))).ok().await;
        let actions: Vec<&Value> = records["items"].as_array().unwrap().iter().map(|record| &record["action"]).collect();
        assert_eq!(actions, ["dataset.updated", "dataset.updated", "dataset.registered"]);
        let one = app.by(&auditor).get(&format!("/records/{}", text(&records["items"][1]["id"]))).ok().await;
        let said = text(&one["canonical"]);
        assert!(said.contains("\"from_classification\":\"confidential\"") && said.contains("\"classification\":\"internal\""), "{said}");
        assert_eq!((&one["changes"][0]["old"], &one["note"]), (&json!("confidential"), &json!("已脱密")), "{one}");
    }

    async fn a_grant_is_in_force_between_its_days_and_until_it_is_taken_back(app: TestApp) {
        let company = given::company(&app).await;
        let manager = given::with_role(&app, &company, "manager", "data_manager").await;
        let reader = given::employee(&app, &company.admin, &company.unit, "reader").await;
        let other = given::employee(&app, &company.admin, &company.unit, "other").await;
        let made = register(&app, &manager, &company.unit, &manager, "地籍调查成果", "confidential").await;
        let give = |from: Option<String>, until: String| {
            let body = json!({ "person_id": reader.id, "mode": "read", "purpose": "编制年度报告", "valid_from": from, "valid_until": until });
            app.by(&manager).post(&format!("{}/grants", path(&made)), body)
        };
        for (from, until, pointer, code) in [
            (None, day(&app, -1), "/valid_until", "time.in_the_past"),
            (Some(day(&app, -1)), day(&app, 5), "/valid_from", "time.in_the_past"),
            (Some(day(&app, 5)), day(&app, 4), "/valid_until", "time.order"),
        ] {
            let refused = give(from, until).refused(422, "request.invalid").await;
            assert_eq!((&refused.json["errors"][0]["pointer"], &refused.json["errors"][0]["code"]), (&json!(pointer), &json!(code)));
        }
        let body = json!({ "person_id": reader.id, "mode": "read", "purpose": "自用", "valid_until": day(&app, 5) });
        app.by(&reader).post(&format!("{}/grants", path(&made)), body).refused(403, "forbidden").await;
        let body = json!({ "person_id": manager.id, "mode": "read", "purpose": "自用", "valid_until": day(&app, 5) });
        app.by(&manager).post(&format!("{}/grants", path(&made)), body).refused(403, "person.self").await;
        let grant = give(Some(day(&app, 2)), day(&app, 10)).ok().await;
        let id = text(&grant["id"]);
        assert_eq!((grant["state"].as_str(), grant["given_by"].as_str()), (Some("upcoming"), Some("员工manager")));
        // Not before its first day, and not after its last.
        assert!(!app.by(&reader).get(&path(&made)).ok().await["inside"].is_object());
        assert!(grants(&app, &reader, "?lens=mine&state=in_force").await.is_empty());
        app.clock.advance(2 * 86_400);
        let reader = again(&app, &reader).await;
        let manager = again(&app, &manager).await;
        let other = again(&app, &other).await;
        assert!(app.by(&reader).get(&path(&made)).ok().await["inside"].is_object());
        assert_eq!(grants(&app, &reader, "?lens=mine&state=in_force").await, [id.as_str()]);
        assert_eq!(app.by(&reader).get("/datasets?lens=granted").ok().await["items"][0]["id"], made["id"]);
        assert_eq!(grants(&app, &other, "").await, Vec::<String>::new(), "somebody else's");
        assert_eq!(grants(&app, &manager, &format!("?dataset_id={}", text(&made["id"]))).await, [id.as_str()]);
        assert_eq!(grants(&app, &manager, &format!("?state=in_force&ends_by={}", day(&app, 8))).await, [id.as_str()]);
        assert!(grants(&app, &manager, &format!("?state=in_force&ends_by={}", day(&app, 7))).await.is_empty());
        // While somebody may use it, it is not retired.
        let retire = |reason: Value, version: i64| app.by(&manager).post(&format!("{}/transitions", path(&made)), json!({ "action": "retire", "reason": reason })).if_match(version);
        retire(json!("不再使用"), 1).refused(409, "dataset.has_grants").await;
        let revoke = |by: &Person, version: i64| app.by(by).post(&format!("/dataset-grants/{id}/revoke"), json!({ "reason": "调离岗位" })).if_match(version);
        revoke(&reader, 1).refused(403, "forbidden").await;
        revoke(&manager, 7).refused(412, "version.stale").await;
        let revoked = revoke(&manager, 1).ok().await;
        assert_eq!((revoked["state"].as_str(), revoked["revoked_reason"].as_str(), revoked["version"].as_i64()), (Some("revoked"), Some("调离岗位"), Some(2)));
        revoke(&manager, 2).refused(409, "dataset_grant.over").await;
        assert!(!app.by(&reader).get(&path(&made)).ok().await["inside"].is_object());
        // Another one ends by its date alone.
        let body = json!({ "person_id": reader.id, "mode": "export", "purpose": "报送统计", "valid_until": day(&app, 0) });
        let last = app.by(&manager).post(&format!("{}/grants", path(&made)), body).ok().await;
        assert_eq!(last["state"], "in_force");
        app.clock.advance(86_400);
        let manager = again(&app, &manager).await;
        assert_eq!(grants(&app, &manager, "?state=ended").await, [text(&last["id"])]);
        let step = |action: &str, reason: Value, version: i64| app.by(&manager).post(&format!("{}/transitions", path(&made)), json!({ "action": action, "reason": reason })).if_match(version);
        step("retire", json!(null), 1).refused(422, "request.invalid").await;
        step("restore", json!(null), 1).refused(409, "dataset.active").await;
        let retired = step("retire", json!("不再使用"), 1).ok().await;
        assert_eq!(retired["state"], "retired");
        let body = json!({ "person_id": reader.id, "mode": "read", "purpose": "查", "valid_until": day(&app, 5) });
        app.by(&manager).post(&format!("{}/grants", path(&made)), body).refused(409, "dataset.retired").await;
        assert_eq!(step("restore", json!(null), 2).ok().await["state"], "active");
    }

    async fn a_form_names_a_data_set_that_is_there_and_in_use(app: TestApp) {
        let office = office(&app).await;
        let manager = given::with_role(&app, &office.company, "manager", "data_manager").await;
        let auditor = given::with_role(&app, &office.company, "auditor", "auditor").await;
        let made = register(&app, &manager, &office.unit, &manager, "地籍调查成果", "internal").await;
        let other = register(&app, &manager, &office.unit, &manager, "旧成果", "internal").await;
        let gone = app.by(&manager).post(&format!("{}/transitions", path(&other)), json!({ "action": "retire", "reason": "停用" })).if_match(1).ok().await;
        let emits = "<zhidu:event name=\"data.asked\"/>";
        let elements = approval("a", "", &format!("{HEAD}{emits}"));
        let flows = [("start", "apply", ""), ("apply", "a", ""), ("a", "end", "")];
        let body = json!({ "key": "asks", "name": "申请", "bpmn": bpmn("", &elements, &flows), "form": form() });
        let process = app.by(&office.designer).post("/processes", body).ok().await;
        let process = publish(&app, &office, &process).await;
        for (value, code) in [(json!("地籍调查成果"), "field.unknown_reference"), (json!(kernel::PersonId::new()), "field.unknown_reference"), (gone["id"].clone(), "dataset.retired")] {
            let body = json!({ "process_id": process["id"], "data": { "名称": value } });
            let refused = app.by(&office.applicant).post("/cases", body).refused(422, "request.invalid").await;
            assert_eq!((&refused.json["errors"][0]["pointer"], &refused.json["errors"][0]["code"]), (&json!("/data/名称"), &json!(code)));
        }
        let begun = start(&app, &office.applicant, &process, json!({ "名称": made["id"] })).await;
        assert_eq!(begun["title"], "地籍调查成果");
        // Whoever has the work sees the name without a right to read data sets.
        let item = work(&app, &office.head, &begun).await;
        assert_eq!(item["form"]["names"][text(&made["id"])], "地籍调查成果");
        agree(&app, &office.head, &begun).await;
        let touched = app.by(&auditor).get(&format!("/records?subject_id={}&action=data.asked", text(&begun["id"]))).ok().await;
        let related = touched["items"][0]["related"].as_array().unwrap().clone();
        assert!(related.iter().any(|one| one["kind"] == "dataset" && one["id"] == made["id"]), "{touched}");
    }

    async fn a_process_gives_the_grant_and_takes_it_back(app: TestApp) {
        let office = office(&app).await;
        let manager = given::with_role(&app, &office.company, "manager", "data_manager").await;
        let made = register(&app, &manager, &office.unit, &manager, "地籍调查成果", "confidential").await;
        let elements = format!("{}{GRANT}{}", approval("a", "", HEAD), approval("b", "", SECOND));
        let flows = [("start", "apply", ""), ("apply", "a", ""), ("a", "act", ""), ("act", "b", ""), ("b", "end", "")];
        let body = json!({ "key": "grants", "name": "申请", "bpmn": bpmn("", &elements, &flows), "form": form() });
        let process = app.by(&office.designer).post("/processes", body).ok().await;
        // Whoever publishes it may manage data sets.
        app.by(&office.designer).post(&format!("/processes/{}/publish", text(&process["id"])), json!({})).if_match(1).refused(403, "process.action_denied").await;
        given::assign(&app, &office.company.security, &office.designer, "data_manager", "all", None).await;
        let process = publish(&app, &office, &process).await;
        let data = |class: &str| json!({ "名称": made["id"], "说明": "编制年度报告", "方式": "导出", "密级": class, "截止": day(&app, 30) });
        let begun = start(&app, &office.applicant, &process, data("秘密")).await;
        agree(&app, &office.head, &begun).await;
        let found = app.by(&office.applicant).get("/dataset-grants?lens=mine").ok().await;
        let grant = &found["items"][0];
        assert_eq!((grant["state"].as_str(), grant["mode"].as_str(), &grant["case_id"]), (Some("in_force"), Some("export"), &begun["id"]), "{found}");
        assert_eq!((&grant["valid_until"], &grant["case_number"]), (&json!(day(&app, 30)), &begun["number"]));
        // The case goes back: so does what it gave.
        let item = work(&app, &office.second, &begun).await;
        step(&app, &office.second, &item, json!({ "action": "return", "target": "a", "opinion": "再看" })).ok().await;
        assert!(grants(&app, &office.applicant, "?lens=mine&state=in_force").await.is_empty());
        agree(&app, &office.head, &begun).await;
        agree(&app, &office.second, &begun).await;
        assert_eq!(case(&app, &office.designer, &begun).await["state"], "completed");
        assert_eq!(grants(&app, &office.applicant, "?lens=mine&state=in_force").await.len(), 1);
        // What was approved as less than it is, is not given: the case stops visibly.
        let begun = start(&app, &office.applicant, &process, data("内部")).await;
        agree(&app, &office.head, &begun).await;
        let stopped = case(&app, &office.designer, &begun).await;
        assert_eq!((stopped["incident"].as_bool(), stopped["incidents"][0]["step"].as_str()), (Some(true), Some("act")), "{stopped}");
        assert!(text(&stopped["incidents"][0]["reason"]).contains("秘密"), "{stopped}");
        assert_eq!(grants(&app, &office.applicant, "?lens=mine&state=in_force").await.len(), 1);
    }
}

/// The same person, some days later.
async fn again(app: &TestApp, person: &Person) -> Person {
    let session = app.anonymous().post("/auth/login", json!({ "login": person.login, "password": person.password })).ok().await;
    Person { token: text(&session["access_token"]), ..person.clone() }
}

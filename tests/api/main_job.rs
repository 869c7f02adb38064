//! The main job: a fault from report to confirmation, with its equipment and its records.

use tests::{TestApp, Value, given, given::text, json, on_both_databases};

struct Desk {
    company: given::Company,
    it: String,
    desk: given::Person,
    technician: given::Person,
    employee: given::Person,
    keeper: given::Person,
    auditor: given::Person,
}

async fn desk(app: &TestApp) -> Desk {
    let company = given::company(app).await;
    let it = given::unit(app, &company, &company.unit, "信息部").await;
    let sales = given::unit(app, &company, &company.unit, "销售部").await;
    let desk = given::employee(app, &company.admin, &it, "desk").await;
    given::assign(app, &company.security, &desk, "service_desk", "all", None).await;
    let technician = given::employee(app, &company.admin, &it, "tech").await;
    given::assign(app, &company.security, &technician, "technician", "unit", Some(&it)).await;
    let employee = given::employee(app, &company.admin, &sales, "emp").await;
    let keeper = given::employee(app, &company.admin, &it, "keeper").await;
    given::assign(app, &company.security, &keeper, "asset_keeper", "all", None).await;
    let auditor = given::employee(app, &company.admin, &sales, "auditor").await;
    given::assign(app, &company.security, &auditor, "auditor", "all", None).await;
    Desk { company, it, desk, technician, employee, keeper, auditor }
}

async fn computer(app: &TestApp, desk: &Desk) -> Value {
    let types = app.by(&desk.keeper).get("/equipment-types").ok().await;
    let kind = types["items"].as_array().unwrap().iter().find(|kind| kind["code"] == "computer").unwrap()["id"].clone();
    let body = json!({ "name": "ThinkPad T14", "type_id": kind, "serial": "PF-1234", "unit_id": desk.company.unit, "holder_id": desk.employee.id });
    app.by(&desk.keeper).post("/equipment", body).ok().await
}

async fn report(app: &TestApp, desk: &Desk, equipment: &Value) -> Value {
    let body = json!({ "kind": "fault", "title": "笔记本无法开机", "description": "按电源键没有反应", "equipment_ids": [equipment["id"]] });
    app.by(&desk.employee).post("/tickets", body).ok().await
}

async fn step(app: &TestApp, by: &given::Person, ticket: &Value, body: Value) -> Value {
    let path = format!("/tickets/{}/transitions", text(&ticket["id"]));
    app.by(by).post(&path, body).if_match(ticket["version"].as_i64().unwrap()).ok().await
}

async fn state_of(app: &TestApp, desk: &Desk, equipment: &Value) -> String {
    text(&app.by(&desk.keeper).get(&format!("/equipment/{}", text(&equipment["id"]))).ok().await["state"])
}

on_both_databases! {
    async fn a_fault_goes_its_way_and_the_equipment_follows(app: TestApp) {
        let desk = desk(&app).await;
        let laptop = computer(&app, &desk).await;
        let scanned = app.by(&desk.employee).get(&format!("/equipment/scan/{}", text(&laptop["label_code"]))).ok().await;
        assert_eq!(scanned["id"], laptop["id"]);
        let ticket = report(&app, &desk, &laptop).await;
        assert!(text(&ticket["number"]).starts_with("T-"));
        assert_eq!(state_of(&app, &desk, &laptop).await, "faulty");
        let path = format!("/tickets/{}", text(&ticket["id"]));
        // Nobody but the desk dispatches; who may not see it does not learn that it exists.
        let dispatch = json!({ "action": "dispatch", "unit_id": desk.it, "assignee_id": desk.technician.id });
        app.by(&desk.employee).post(&format!("{path}/transitions"), dispatch.clone()).if_match(1).refused(403, "forbidden").await;
        app.by(&desk.technician).get(&path).refused(404, "not_found").await;
        let ticket = step(&app, &desk.desk, &ticket, dispatch).await;
        assert_eq!((ticket["state"].as_str(), &ticket["assignee"]["id"]), (Some("dispatched"), &json!(desk.technician.id)));
        let mine = app.by(&desk.technician).get("/tickets?lens=assigned&open=true&unread=true").ok().await;
        assert_eq!(mine["items"][0]["id"], ticket["id"]);
        let ticket = step(&app, &desk.technician, &ticket, json!({ "action": "start" })).await;
        assert_eq!(state_of(&app, &desk, &laptop).await, "under_repair");
        let note = json!({ "text": "主板供电故障", "arrived_at": app.clock.now().to_string() });
        app.by(&desk.technician).post(&format!("{path}/site-notes"), note).ok().await;
        app.by(&desk.technician).post(&format!("{path}/comments"), json!({ "text": "疑似进水", "internal": true })).ok().await;
        // Nothing leaves the house without an appraisal that says why.
        let send = json!({ "action": "send_to_vendor", "vendor": "联想服务站", "expected_back": "2099-01-01" });
        app.by(&desk.technician).post(&format!("{path}/transitions"), send.clone()).if_match(ticket["version"].as_i64().unwrap()).refused(409, "ticket.appraisal_required").await;
        let ticket = step(&app, &desk.technician, &ticket, json!({ "action": "appraise", "cause": "主板短路", "text": "需更换主板", "repairable": false })).await;
        let ticket = step(&app, &desk.technician, &ticket, send).await;
        assert_eq!(state_of(&app, &desk, &laptop).await, "external_repair");
        // While it is away nothing else is possible.
        let resolve = json!({ "action": "resolve", "text": "已修好" });
        app.by(&desk.technician).post(&format!("{path}/transitions"), resolve.clone()).if_match(ticket["version"].as_i64().unwrap()).refused(409, "ticket.vendor_pending").await;
        let retire = json!({ "action": "retire", "reason": "x" });
        let version = app.by(&desk.keeper).get(&format!("/equipment/{}", text(&laptop["id"]))).ok().await["version"].as_i64().unwrap();
        app.by(&desk.keeper).post(&format!("/equipment/{}/transitions", text(&laptop["id"])), retire).if_match(version).refused(409, "equipment.wrong_state").await;
        let ticket = step(&app, &desk.technician, &ticket, json!({ "action": "return_from_vendor", "text": "已更换主板", "repaired": true })).await;
        assert_eq!(state_of(&app, &desk, &laptop).await, "under_repair");
        let ticket = step(&app, &desk.technician, &ticket, resolve).await;
        assert_eq!(state_of(&app, &desk, &laptop).await, "in_use");
        let ticket = step(&app, &desk.employee, &ticket, json!({ "action": "confirm", "satisfaction": 5, "text": "很快" })).await;
        assert_eq!((ticket["state"].as_str(), ticket["satisfaction"].as_i64()), (Some("closed"), Some(5)));
        // The reporter's story has no internal comment, the technician's has.
        let story = app.by(&desk.employee).get(&format!("{path}/timeline")).ok().await.to_string();
        assert!(story.contains("主板供电故障") && !story.contains("疑似进水"));
        assert!(app.by(&desk.technician).get(&format!("{path}/timeline")).ok().await.to_string().contains("疑似进水"));
        // The auditor sees each step once, of the ticket and of the equipment, and can change nothing.
        let records = app.by(&desk.auditor).get(&format!("/records?subject_id={}", text(&laptop["id"]))).ok().await;
        let actions: Vec<&str> = records["items"].as_array().unwrap().iter().rev().filter_map(|record| record["action"].as_str()).collect();
        assert_eq!(actions.iter().filter(|action| action.starts_with("equipment.")).copied().collect::<Vec<_>>(),
            ["equipment.created", "equipment.fault_reported", "equipment.repair_started", "equipment.sent_out", "equipment.came_back", "equipment.repaired"]);
        for format in ["csv", "xlsx", "ndjson"] {
            let reply = app.by(&desk.auditor).get(&format!("/records/export?format={format}&subject_id={}", text(&ticket["id"]))).send().await;
            assert!(reply.status == 200 && reply.bytes.len() > 100, "{format}");
        }
        app.by(&desk.auditor).post(&format!("{path}/comments"), json!({ "text": "x" })).refused(403, "forbidden").await;
    }

    async fn the_clock_stands_still_while_the_reporter_is_asked(app: TestApp) {
        let desk = desk(&app).await;
        let laptop = computer(&app, &desk).await;
        let ticket = report(&app, &desk, &laptop).await;
        let path = format!("/tickets/{}", text(&ticket["id"]));
        let due = app.by(&desk.employee).get(&format!("{path}/due")).ok().await;
        assert_eq!(due["resolve"]["due"], ticket["resolve_due"]);
        let counted: i64 = due["resolve"]["stretches"].as_array().unwrap().iter().map(|stretch| stretch["minutes"].as_i64().unwrap()).sum();
        assert_eq!(Some(counted), due["resolve"]["minutes"].as_i64());
        let ticket = step(&app, &desk.desk, &ticket, json!({ "action": "dispatch", "unit_id": desk.it })).await;
        let ticket = step(&app, &desk.technician, &ticket, json!({ "action": "start" })).await;
        let ticket = step(&app, &desk.technician, &ticket, json!({ "action": "ask_reporter", "text": "指示灯亮吗？" })).await;
        assert_eq!((ticket["paused"].as_bool(), &ticket["resolve_due"]), (Some(true), &Value::Null));
        app.clock.advance(3 * 24 * 3600);
        let ticket = step(&app, &given::again(&app, &desk.employee).await, &ticket, json!({ "action": "answer", "text": "不亮" })).await;
        assert_eq!((ticket["state"].as_str(), ticket["overdue"].as_bool()), (Some("in_progress"), Some(false)));
        assert!(ticket["resolve_due"].is_string());
    }

    async fn what_is_closed_can_be_reopened_for_a_while(app: TestApp) {
        let desk = desk(&app).await;
        let laptop = computer(&app, &desk).await;
        let ticket = report(&app, &desk, &laptop).await;
        let ticket = step(&app, &desk.desk, &ticket, json!({ "action": "start" })).await;
        let ticket = step(&app, &desk.desk, &ticket, json!({ "action": "resolve", "text": "重启" })).await;
        let ticket = step(&app, &desk.employee, &ticket, json!({ "action": "confirm" })).await;
        let ticket = step(&app, &desk.employee, &ticket, json!({ "action": "reopen", "text": "又坏了" })).await;
        assert_eq!(state_of(&app, &desk, &laptop).await, "under_repair");
        let ticket = step(&app, &desk.desk, &ticket, json!({ "action": "resolve", "text": "换电源" })).await;
        app.clock.advance(8 * 24 * 3600);
        let path = format!("/tickets/{}/transitions", text(&ticket["id"]));
        app.by(&given::again(&app, &desk.employee).await).post(&path, json!({ "action": "reopen", "text": "x" })).if_match(ticket["version"].as_i64().unwrap()).refused(409, "ticket.reopen_period_over").await;
    }

    async fn steps_refuse_fields_that_are_not_theirs(app: TestApp) {
        let desk = desk(&app).await;
        let laptop = computer(&app, &desk).await;
        let ticket = report(&app, &desk, &laptop).await;
        let path = format!("/tickets/{}/transitions", text(&ticket["id"]));
        let reply = app.by(&desk.desk).post(&path, json!({ "action": "refuse", "vendor": "x" })).if_match(1).refused(422, "request.invalid").await;
        let pointers: Vec<&str> = reply.json["errors"].as_array().unwrap().iter().filter_map(|error| error["pointer"].as_str()).collect();
        assert_eq!(pointers, ["/text", "/vendor"]);
        assert_eq!(app.by(&desk.desk).get(&format!("/tickets/{}", text(&ticket["id"]))).ok().await["version"], 1);
    }

    async fn two_characters_and_pinyin_initials_find_a_ticket(app: TestApp) {
        let desk = desk(&app).await;
        let laptop = computer(&app, &desk).await;
        let ticket = report(&app, &desk, &laptop).await;
        for words in ["开机", "bjb", "无法", &text(&ticket["number"])] {
            let found = app.by(&desk.desk).get(&format!("/tickets?q={words}")).ok().await;
            assert_eq!(found["items"][0]["id"], ticket["id"], "{words}");
        }
        let hits = async |query: &str| app.by(&desk.desk).get(&format!("/tickets?{query}")).ok().await["items"].as_array().unwrap().len();
        assert_eq!(hits("q=打印").await, 0);
        assert_eq!(hits("state=new&state=dispatched&state=closed").await, 1);
        assert_eq!(hits("state=dispatched&state=closed").await, 0);
        let counts = app.by(&desk.desk).get("/tickets/counts").ok().await;
        assert_eq!((counts["open"].as_i64(), counts["by_state"]["new"].as_i64(), counts["unread"].as_i64()), (Some(1), Some(1), Some(1)));
        // By its new words, and no longer by the old ones; twice in a row, as a hurried hand does.
        let path = format!("/tickets/{}", text(&ticket["id"]));
        for (version, title) in [(1, "台式机蓝屏"), (2, "打印机卡纸")] {
            app.by(&desk.employee).patch(&path, version, json!({ "title": title })).ok().await;
        }
        assert_eq!((hits("q=打印").await, hits("q=开机").await, hits("q=蓝屏").await, hits("q=dyj").await), (1, 0, 0, 1));
    }

    async fn photographs_are_seen_by_whoever_sees_the_ticket_and_by_nobody_else(app: TestApp) {
        let desk = desk(&app).await;
        let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[0; 40]].concat();
        let file = app.by(&desk.employee).request(reqwest::Method::POST, "/files?name=%E7%85%A7%E7%89%87.png").bytes("image/png", png.clone()).ok().await;
        let body = json!({ "kind": "fault", "title": "打印机卡纸", "file_ids": [file["id"]] });
        let ticket = app.by(&desk.employee).post("/tickets", body).ok().await;
        let path = format!("/tickets/{}/attachments/{}", text(&ticket["id"]), text(&file["id"]));
        let reply = app.by(&desk.desk).get(&path).send().await;
        assert_eq!((reply.status, reply.bytes), (200, png));
        app.by(&desk.technician).get(&path).refused(404, "not_found").await;
        let renamed = app.by(&desk.employee).request(reqwest::Method::POST, "/files?name=a.png").bytes("image/png", &b"MZ\x90\0program"[..]);
        renamed.refused(422, "file.type").await;
    }

    async fn who_still_has_work_hands_it_over_before_leaving(app: TestApp) {
        let desk = desk(&app).await;
        computer(&app, &desk).await;
        let person = app.by(&desk.company.admin).get(&format!("/people/{}", desk.employee.id)).ok().await;
        let path = format!("/people/{}/deactivate", desk.employee.id);
        let leave = app.by(&desk.company.admin).post(&path, json!({ "reason": "离职" })).if_match(person["version"].as_i64().unwrap());
        leave.refused(409, "person.has_work").await;
    }

    async fn a_calendar_can_be_imported_and_a_wrong_one_is_refused(app: TestApp) {
        let desk = desk(&app).await;
        let admin = app.by(&desk.company.admin);
        let sheet = "日期,类型,名称\n2027-01-01,休,元旦\n2027/1/3,班,元旦调休\n";
        let import = |csv: &str, version| admin.request(reqwest::Method::POST, "/calendar/years/2027/import").bytes("text/csv", csv).if_match(version);
        let year = import(sheet, 0).ok().await;
        assert_eq!((year["days"].as_array().unwrap().len(), year["version"].as_i64()), (2, Some(1)));
        import("日期,类型,名称\n2026-01-01,休,元旦\n", 1).refused(422, "request.invalid").await;
        let hours = json!({ "time_zone": "Mars/Base", "hours": [{ "weekday": 1, "spans": [{ "from": "09:00", "to": "12:00" }] }] });
        admin.put("/calendar", 1, hours).refused(422, "calendar.invalid").await;
    }
}

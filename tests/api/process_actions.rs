//! What processes do by themselves: actions, what they undo, the records that a case drives, and who answers for them.

use tests::{Value, given, given::text, json, on_both_databases};

use crate::office::{HEAD, SECOND, agree, approval, bpmn, case, form, office, publish, published, start, step, steps_of, work};

on_both_databases! {
    async fn a_failed_action_stops_the_case_visibly_and_is_done_once_when_it_is_repaired(app: TestApp) {
        let office = office(&app).await;
        let create = "<b:serviceTask id=\"act\" name=\"开工单\"><b:extensionElements><zhidu:action name=\"ticket.create\"><zhidu:input name=\"title\" value=\"名称\"/><zhidu:input name=\"equipment\" value=\"说明\"/><zhidu:output field=\"单号\" value=\"number\"/></zhidu:action></b:extensionElements></b:serviceTask>";
        let elements = format!("{}{create}", approval("a", "", HEAD));
        let bpmn = bpmn("", &elements, &[("start", "apply", ""), ("apply", "a", ""), ("a", "act", ""), ("act", "end", "")]);
        let body = json!({ "key": "acts", "name": "开工单", "bpmn": bpmn, "form": form() });
        let process = app.by(&office.designer).post("/processes", body).ok().await;
        // Whoever publishes it must hold what the action needs.
        app.by(&office.designer).post(&format!("/processes/{}/publish", text(&process["id"])), json!({})).if_match(1).refused(403, "process.action_denied").await;
        given::assign(&app, &office.company.security, &office.designer, "service_desk", "all", None).await;
        let process = publish(&app, &office, &process).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "换电脑", "说明": "EQ-没有" })).await;
        agree(&app, &office.head, &begun).await;
        let stopped = case(&app, &office.designer, &begun).await;
        assert_eq!((stopped["incident"].as_bool(), stopped["incidents"][0]["step"].as_str()), (Some(true), Some("act")), "{stopped}");
        assert_eq!(app.by(&office.designer).get("/cases?incident=true").ok().await["items"].as_array().unwrap().len(), 1);
        let english = app.by(&office.designer).get(&format!("/cases/{}", text(&begun["id"]))).header("Accept-Language", "en").ok().await;
        let (zh, en) = (text(&stopped["incidents"][0]["reason"]), text(&english["incidents"][0]["reason"]));
        assert!(zh.contains("/equipment") && en.contains("/equipment") && zh != en && en.is_ascii(), "{zh} | {en}");
        let token = stopped["incidents"][0]["token"].as_i64().unwrap();
        let path = format!("/cases/{}/incidents/{token}", text(&begun["id"]));
        app.by(&office.applicant).post(&format!("{path}/retry"), json!({})).refused(403, "forbidden").await;
        let again = app.by(&office.designer).post(&format!("{path}/retry"), json!({})).ok().await;
        assert_eq!(again["incident"], true);
        let token = again["incidents"][0]["token"].as_i64().unwrap();
        let path = format!("/cases/{}/incidents/{token}", text(&begun["id"]));
        let over = app.by(&office.designer).post(&format!("{path}/resolve"), json!({ "reason": "电话已处理", "output": { "number": "T-0" } })).ok().await;
        assert_eq!((over["state"].as_str(), over["form"]["data"]["单号"].as_str()), (Some("completed"), Some("T-0")));
        assert_eq!(app.by(&office.applicant).get("/tickets").ok().await["items"].as_array().unwrap().len(), 0);
        // And one that works: the ticket is there, once.
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "换键盘" })).await;
        agree(&app, &office.head, &begun).await;
        let tickets = app.by(&office.applicant).get("/tickets").ok().await;
        let over = case(&app, &office.applicant, &begun).await;
        assert_eq!(over["form"]["data"]["单号"], tickets["items"][0]["number"]);
    }

    async fn a_ticket_that_a_case_drives_is_closed_by_the_case_and_tells_it_what_happens(app: TestApp) {
        let office = office(&app).await;
        given::assign(&app, &office.company.security, &office.designer, "service_desk", "all", None).await;
        let act = |id: &str, name: &str, inputs: &str| format!("<b:serviceTask id=\"{id}\"><b:extensionElements><zhidu:action name=\"{name}\">{inputs}</zhidu:action></b:extensionElements></b:serviceTask>");
        let ticket = "<zhidu:input name=\"ticket\" value=\"说明\"/>";
        let drive = act("drive", "ticket.drive", &format!("{ticket}<zhidu:input name=\"steps\" value=\"&quot;confirm cancel&quot;\"/>"));
        let wait = "<b:intermediateCatchEvent id=\"wait\"><b:messageEventDefinition messageRef=\"m\"/></b:intermediateCatchEvent>";
        let elements = format!("{drive}{wait}{}", approval("a", "", HEAD));
        let flows = [("start", "apply", ""), ("apply", "drive", ""), ("drive", "wait", ""), ("wait", "a", ""), ("a", "end", "")];
        let bpmn = bpmn("", &elements, &flows).replace("<b:process", "<b:message id=\"m\" name=\"ticket.resolved\"/><b:process");
        let process = published(&app, &office, "driven", &bpmn).await;
        let desk = &office.designer;
        let report = app.by(desk).post("/tickets", json!({ "kind": "request", "title": "开通账号" })).ok().await;
        let path = format!("/tickets/{}", text(&report["id"]));
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲", "说明": report["id"] })).await;
        let shown = app.by(desk).get(&path).ok().await;
        assert_eq!((&shown["driven_by"]["case_number"], &shown["driven_by"]["case_id"]), (&begun["number"], &begun["id"]));
        let cancel = shown["allowed_actions"].as_array().unwrap().iter().find(|action| action["name"] == "cancel").unwrap();
        assert_eq!((cancel["allowed"].as_bool(), cancel["reason"].as_str()), (Some(false), Some("driven_by_case")));
        let go = async |body: Value| {
            let version = app.by(desk).get(&path).ok().await["version"].as_i64().unwrap();
            app.by(desk).post(&format!("{path}/transitions"), body).if_match(version).send().await
        };
        let refused = go(json!({ "action": "cancel", "text": "不要了" })).await;
        assert_eq!((refused.status, refused.json["code"].as_str()), (409, Some("driven_by_case")), "{:?}", refused.json);
        assert_eq!(refused.json["params"]["case_id"], begun["id"]);
        // A second case cannot take it over: it stops visibly, and the first keeps it.
        let late = start(&app, &office.applicant, &process, json!({ "名称": "乙", "说明": report["id"] })).await;
        assert_eq!(case(&app, desk, &late).await["incidents"][0]["step"], "drive");
        assert_eq!(go(json!({ "action": "start" })).await.status, 200);
        assert_eq!(steps_of(&case(&app, desk, &begun).await), Vec::<String>::new(), "nothing waits for a start");
        assert_eq!(go(json!({ "action": "resolve", "text": "已开通" })).await.status, 200);
        agree(&app, &office.head, &begun).await;
        assert_eq!(case(&app, desk, &begun).await["state"], "completed");
        let free = app.by(desk).get(&path).ok().await;
        assert_eq!((free["driven_by"].is_null(), free["state"].as_str()), (true, Some("resolved")), "the record stays as it is");
        assert_eq!(go(json!({ "action": "confirm" })).await.status, 200);
    }

    async fn what_a_process_did_is_undone_when_the_case_goes_back_across_it(app: TestApp) {
        let office = office(&app).await;
        given::assign(&app, &office.company.security, &office.designer, "service_desk", "all", None).await;
        let create = "<b:serviceTask id=\"act\"><b:extensionElements><zhidu:action name=\"ticket.create\"><zhidu:input name=\"title\" value=\"名称\"/><zhidu:output field=\"单号\" value=\"number\"/></zhidu:action></b:extensionElements></b:serviceTask>";
        let elements = format!("{}{create}{}", approval("a", "", HEAD), approval("b", "", SECOND));
        let flows = [("start", "apply", ""), ("apply", "a", ""), ("a", "act", ""), ("act", "b", ""), ("b", "end", "")];
        let process = published(&app, &office, "undone", &bpmn("", &elements, &flows)).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "换电脑" })).await;
        agree(&app, &office.head, &begun).await;
        let item = work(&app, &office.second, &begun).await;
        step(&app, &office.second, &item, json!({ "action": "return", "target": "a", "opinion": "换一台" })).ok().await;
        let tickets = app.by(&office.applicant).get("/tickets?state=cancelled").ok().await;
        assert_eq!(tickets["items"].as_array().unwrap().len(), 1, "{tickets}");
        agree(&app, &office.head, &begun).await;
        let tickets = app.by(&office.applicant).get("/tickets").ok().await["items"].as_array().unwrap().clone();
        assert_eq!(tickets.len(), 2);
        let standing = tickets.iter().find(|ticket| ticket["state"] == "new").unwrap();
        // Somebody works on it: it cannot be undone, and so the case does not go back.
        let path = format!("/tickets/{}", text(&standing["id"]));
        let version = standing["version"].as_i64().unwrap();
        let version = app.by(&office.designer).post(&format!("{path}/transitions"), json!({ "action": "start" })).if_match(version).ok().await["version"].as_i64().unwrap();
        app.by(&office.designer).post(&format!("{path}/transitions"), json!({ "action": "resolve", "text": "好了" })).if_match(version).ok().await;
        let item = work(&app, &office.second, &begun).await;
        let refused = step(&app, &office.second, &item, json!({ "action": "return", "target": "a", "opinion": "再换" })).refused(409, "case.cannot_undo").await;
        assert!(text(&refused.json["detail"]).contains("创建工单"), "{:?}", refused.json);
        assert_eq!(work(&app, &office.second, &begun).await["state"], "open");
        agree(&app, &office.second, &begun).await;
        let kinds: Vec<Value> = case(&app, &office.designer, &begun).await["story"].as_array().unwrap().iter().map(|line| line["kind"].clone()).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == "undone").count(), 1, "{kinds:?}");
    }

    async fn who_lacks_an_actions_permission_publishes_together_with_somebody_who_has_it(app: TestApp) {
        let office = office(&app).await;
        let grant = "<b:serviceTask id=\"act\"><b:extensionElements><zhidu:action name=\"role.assign\"><zhidu:input name=\"person\" value=\"经办\"/><zhidu:input name=\"role\" value=\"&quot;technician&quot;\"/></zhidu:action></b:extensionElements></b:serviceTask>";
        let flows = [("start", "apply", ""), ("apply", "act", ""), ("act", "b", ""), ("b", "end", "")];
        let body = json!({ "key": "grants", "name": "授权", "bpmn": bpmn("", &format!("{grant}{}", approval("b", "", HEAD)), &flows), "form": form() });
        let process = app.by(&office.designer).post("/processes", body).ok().await;
        let path = format!("/processes/{}/publish", text(&process["id"]));
        let publish = |body: Value| app.by(&office.designer).post(&path, body).if_match(1);
        publish(json!({})).refused(403, "process.security_needed").await;
        let with = |login: &str, password: &str| json!({ "second_login": login, "second_password": password });
        publish(json!({ "second_login": "security" })).refused(422, "request.invalid").await;
        publish(with(&office.head.login, given::PASSWORD)).refused(403, "process.security_needed").await;
        publish(with(&office.company.security.login, "falsch-falsch-1")).refused(422, "request.invalid").await;
        let process = publish(with(&office.company.security.login, given::PASSWORD)).ok().await;
        // It runs, and goes back across what it did: the role is away again.
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲", "经办": office.second.id })).await;
        let roles = async || app.by(&office.designer).get(&format!("/people/{}", office.second.id)).ok().await["roles"].as_array().unwrap().len();
        assert_eq!(roles().await, 2);
        let item = work(&app, &office.head, &begun).await;
        step(&app, &office.head, &item, json!({ "action": "return", "target": "apply", "opinion": "不必" })).ok().await;
        assert_eq!(roles().await, 1);
    }
}

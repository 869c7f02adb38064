//! Releases of processes: pilots, migration, replay, tables that are in force at once, called processes.

use tests::{given, given::text, json, on_both_databases};

use crate::office::{
    HEAD, administrator, agree, approval, bpmn, case, form, office, person, publish, published, start, step, steps_of, work,
};

on_both_databases! {
    async fn a_table_that_is_live_decides_in_cases_of_earlier_releases_from_its_day(app: TestApp) {
        let office = office(&app).await;
        let decide = "<b:businessRuleTask id=\"decide\"><b:extensionElements><zhidu:decision table=\"级别\"/></b:extensionElements></b:businessRuleTask>";
        let flows = [("start", "apply", ""), ("apply", "a", ""), ("a", "decide", ""), ("decide", "end", "")];
        let bpmn = bpmn("", &format!("{}{decide}", approval("a", "", HEAD)), &flows);
        let table = |then: &str, from: Option<&str>| {
            let mut table = json!({ "name": "级别", "hit": "F", "inputs": [{ "expression": "金额", "type": "number" }], "outputs": [{ "name": "单号", "type": "string" }], "rules": [{ "when": ["-"], "then": [format!("\"{then}\"")] }] });
            if let Some(from) = from {
                table["live_from"] = json!(from);
            }
            json!({ "级别": table })
        };
        for (key, pinned, from, expected) in [("live", false, "2020-01-01", "新"), ("later", false, "2199-01-01", "旧"), ("pinned", true, "2020-01-01", "旧")] {
            let body = json!({ "key": key, "name": "定级", "bpmn": bpmn, "form": form() });
            let process = app.by(&office.designer).post("/processes", body).ok().await;
            let path = format!("/processes/{}", text(&process["id"]));
            let first = table("旧", (!pinned).then_some("2020-01-01"));
            let process = app.by(&office.designer).patch(&path, 1, json!({ "decisions": first })).ok().await;
            let process = publish(&app, &office, &process).await;
            let begun = start(&app, &office.applicant, &process, json!({ "名称": key, "金额": 5 })).await;
            let process = app.by(&office.designer).patch(&path, process["version"].as_i64().unwrap(), json!({ "decisions": table("新", Some(from)) })).ok().await;
            publish(&app, &office, &process).await;
            agree(&app, &office.head, &begun).await;
            let over = case(&app, &office.designer, &begun).await;
            assert_eq!(over["form"]["data"]["单号"], expected, "{key}");
            let told = over["story"].as_array().unwrap().iter().find(|line| line["kind"] == "decision").unwrap();
            let named = match key { "live" => "级别 @2: 1", "later" => "级别 @1: 1", _ => "级别: 1" };
            assert_eq!(told["text"], named);
            // What begins under the newest release is never decided by an older one.
            let fresh = start(&app, &office.applicant, &process, json!({ "名称": key, "金额": 5 })).await;
            agree(&app, &office.head, &fresh).await;
            assert_eq!(case(&app, &office.designer, &fresh).await["form"]["data"]["单号"], "新", "{key}");
        }
    }

    async fn releases_pilots_migration_and_replay(app: TestApp) {
        let office = office(&app).await;
        let one = bpmn("", &approval("a", "", HEAD), &[("start", "apply", ""), ("apply", "a", ""), ("a", "end", "")]);
        let process = published(&app, &office, "versions", &one).await;
        let id = text(&process["id"]);
        let path = format!("/processes/{id}");
        let old = start(&app, &office.applicant, &process, json!({ "名称": "旧" })).await;
        let finished = start(&app, &office.applicant, &process, json!({ "名称": "完" })).await;
        agree(&app, &office.head, &finished).await;
        let two = bpmn("", &format!("{}{}", approval("a", "", HEAD), approval("b", "", &person(&office.second))), &[("start", "apply", ""), ("apply", "a", ""), ("a", "b", ""), ("b", "end", "")]);
        app.by(&office.designer).post(&format!("{path}/publish"), json!({})).if_match(process["version"].as_i64().unwrap()).refused(409, "process.no_changes").await;
        let changed = app.by(&office.designer).patch(&path, process["version"].as_i64().unwrap(), json!({ "bpmn": two })).ok().await;
        // Replay: which of the finished cases would have gone another way.
        let replay = app.by(&office.designer).post(&format!("{path}/replay"), json!({ "last": 10 })).ok().await;
        assert_eq!((replay["items"].as_array().unwrap().len(), replay["items"][0]["same"].as_bool()), (1, Some(false)), "{replay}");
        assert!(replay["items"][0]["now"].to_string().contains("审批b"));
        // 灰度: only the unit of the pilot uses it.
        let other = given::unit(&app, &office.company, &office.company.unit, "别的部门").await;
        let pilot = app.by(&office.designer).post(&format!("{path}/publish"), json!({ "pilot_unit_ids": [other] })).if_match(changed["version"].as_i64().unwrap()).ok().await;
        assert_eq!((pilot["release"].as_i64(), pilot["pilot"]["release"].as_i64()), (Some(1), Some(2)));
        assert_eq!(start(&app, &office.applicant, &process, json!({ "名称": "仍旧" })).await["release"], 1);
        let promoted = app.by(&office.designer).post(&format!("{path}/promote"), json!({})).if_match(pilot["version"].as_i64().unwrap()).ok().await;
        assert_eq!(promoted["release"], 2);
        // Migration: a dry run says what would happen; then it happens.
        let plan = app.by(&office.designer).post(&format!("{path}/migrate"), json!({ "from": 1, "to": 2, "dry_run": true, "reason": "新制度" })).ok().await;
        assert!(plan["items"].as_array().unwrap().iter().all(|item| item["possible"] == true), "{plan}");
        let other = administrator(&app, &office).await;
        app.by(&office.designer).post(&format!("{path}/migrate"), json!({ "from": 1, "to": 2, "dry_run": false, "reason": "新制度" })).refused(422, "request.invalid").await;
        app.by(&office.designer).post(&format!("{path}/migrate"), json!({ "from": 1, "to": 2, "dry_run": false, "reason": "新制度", "second_login": other.login, "second_password": other.password })).ok().await;
        agree(&app, &office.head, &old).await;
        assert_eq!(steps_of(&case(&app, &office.applicant, &old).await), ["b"]);
        let numbers = app.by(&office.designer).get(&format!("{path}/statistics")).ok().await;
        assert!(numbers["steps"].as_array().unwrap().iter().any(|step| step["step"] == "a" && step["done"].as_i64() >= Some(2)), "{numbers}");
        let gone = app.by(&office.designer).post(&format!("{path}/withdraw"), json!({ "reason": "不再使用" })).if_match(promoted["version"].as_i64().unwrap()).ok().await;
        assert_eq!(gone["state"], "withdrawn");
        app.by(&office.applicant).post("/cases", json!({ "process_id": id, "data": { "名称": "晚" } })).refused(409, "process.withdrawn").await;
    }

    async fn a_called_process_is_bound_when_its_caller_is_published_and_brings_its_result_back(app: TestApp) {
        let office = office(&app).await;
        let child = bpmn("", &approval("c", "", &person(&office.second)), &[("start", "apply", ""), ("apply", "c", ""), ("c", "end", "")]);
        let called = published(&app, &office, "child", &child).await;
        let call = "<b:callActivity id=\"call\" calledElement=\"child\"><b:extensionElements><zhidu:input name=\"名称\" value=\"名称\"/><zhidu:output field=\"说明\" value=\"说明\"/></b:extensionElements></b:callActivity>";
        let parent = bpmn("", call, &[("start", "apply", ""), ("apply", "call", ""), ("call", "end", "")]);
        let process = published(&app, &office, "parent", &parent).await;
        // A newer release of the child does not change what the parent calls.
        let changed = child.replace("审批c", "别的名字");
        let path = format!("/processes/{}", text(&called["id"]));
        let called = app.by(&office.designer).patch(&path, called["version"].as_i64().unwrap(), json!({ "bpmn": changed })).ok().await;
        publish(&app, &office, &called).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "总包" })).await;
        let whole = case(&app, &office.applicant, &begun).await;
        let inner = whole["children"][0].clone();
        let mine = work(&app, &office.applicant, &inner).await;
        assert_eq!((mine["step"].as_str(), mine["form"]["data"]["名称"].as_str()), (Some("apply"), Some("总包")));
        app.by(&office.applicant).post(&format!("/cases/{}/transitions", text(&begun["id"])), json!({ "action": "withdraw" })).if_match(1).refused(409, "case.cannot_withdraw").await;
        step(&app, &office.applicant, &mine, json!({ "action": "complete", "outcome": "done", "data": { "说明": "分包完成" } })).ok().await;
        let item = work(&app, &office.second, &inner).await;
        assert_eq!(item["name"], "审批c");
        step(&app, &office.second, &item, json!({ "action": "complete", "outcome": "agree" })).ok().await;
        let whole = case(&app, &office.applicant, &begun).await;
        assert_eq!((whole["state"].as_str(), whole["form"]["data"]["说明"].as_str()), (Some("completed"), Some("分包完成")));
        // The end of a parent is the end of its child.
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "作废" })).await;
        app.by(&office.designer).post(&format!("/cases/{}/transitions", text(&begun["id"])), json!({ "action": "terminate", "reason": "停工" })).if_match(1).ok().await;
        let whole = case(&app, &office.applicant, &begun).await;
        assert_eq!(whole["children"][0]["state"], "terminated");
    }
}

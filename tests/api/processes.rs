//! Processes from the first drawing to the archive: a designer, an applicant, approvers, an administrator.

use reqwest::Method;
use tests::{
    TestApp, Value, given,
    given::{Person, text},
    json, on_both_databases,
};

/// A company with a department, its head, two colleagues, and a designer.
pub struct Office {
    pub company: given::Company,
    pub unit: String,
    pub head: Person,
    pub second: Person,
    pub applicant: Person,
    pub designer: Person,
}

pub async fn office(app: &TestApp) -> Office {
    let company = given::company(app).await;
    let unit = given::unit(app, &company, &company.unit, "采购部").await;
    let head = given::employee(app, &company.admin, &unit, "head").await;
    let second = given::employee(app, &company.admin, &unit, "second").await;
    let applicant = given::employee(app, &company.admin, &unit, "applicant").await;
    let version = app.by(&company.admin).get(&format!("/org-units/{unit}")).ok().await["version"].as_i64().unwrap();
    app.by(&company.admin).patch(&format!("/org-units/{unit}"), version, json!({ "head_id": head.id })).ok().await;
    let designer = company.admin.clone();
    Office { company, unit, head, second, applicant, designer }
}

/// A second administrator, who agrees to what the first does by hand.
async fn administrator(app: &TestApp, office: &Office) -> Person {
    let other = given::employee(app, &office.company.admin, &office.unit, "chief").await;
    given::assign(app, &office.company.security, &other, "system_administrator", "all", None).await;
    other
}

/// BPMN of elements in a compact form: user tasks with their work, and flows.
pub fn bpmn(process: &str, elements: &str, flows: &[(&str, &str, &str)]) -> String {
    let flows: String = flows
        .iter()
        .map(|(from, to, condition)| {
            let condition = match *condition {
                "" | "default" => String::new(),
                condition => {
                    let condition = condition.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                    format!("<b:conditionExpression xsi:type=\"b:tFormalExpression\">{condition}</b:conditionExpression>")
                }
            };
            format!("<b:sequenceFlow id=\"{from}_{to}\" sourceRef=\"{from}\" targetRef=\"{to}\">{condition}</b:sequenceFlow>")
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><b:definitions xmlns:b=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:zhidu=\"urn:zhidu:bpmn:1\" targetNamespace=\"t\" id=\"d\"><b:process id=\"p\" name=\"试验流程\" isExecutable=\"true\"><b:extensionElements><zhidu:process title=\"{{名称}}\" number=\"CG\" clauses=\"G3.2\" {process}/></b:extensionElements><b:startEvent id=\"start\"/>{}{elements}<b:endEvent id=\"end\"/>{flows}</b:process></b:definitions>",
        task(
            "apply",
            "填写申请",
            "kind=\"do\"",
            "<zhidu:people by=\"starter\"/><zhidu:field name=\"*\" right=\"edit\"/><zhidu:field name=\"名称\" right=\"required\"/><zhidu:field name=\"内部意见\" right=\"hidden\"/>"
        ),
    )
}

pub fn task(id: &str, name: &str, attributes: &str, inside: &str) -> String {
    format!(
        "<b:userTask id=\"{id}\" name=\"{name}\"><b:extensionElements><zhidu:work {attributes}>{inside}</zhidu:work></b:extensionElements></b:userTask>"
    )
}

pub fn approval(id: &str, attributes: &str, people: &str) -> String {
    task(
        id,
        &format!("审批{id}"),
        &format!("kind=\"approve\" {attributes}"),
        &format!("{people}<zhidu:field name=\"*\" right=\"read\"/><zhidu:field name=\"内部意见\" right=\"edit\"/>"),
    )
}

pub fn form() -> Value {
    json!({
        "schema": { "type": "object", "properties": {
            "名称": { "type": "string", "maxLength": 40 },
            "金额": { "type": "number", "minimum": 0 },
            "说明": { "type": "string" },
            "经办": { "type": "string", "x-widget": "person" },
            "内部意见": { "type": "string", "x-shared": true },
            "单号": { "type": "string" },
        } },
        "ui": { "groups": [{ "title": "内容", "fields": ["名称", "金额", "说明"] }] },
    })
}

/// Publishes a process of these elements.
pub async fn published(app: &TestApp, office: &Office, key: &str, bpmn: &str) -> Value {
    let body = json!({ "key": key, "name": "试验流程", "bpmn": bpmn, "form": form() });
    let process = app.by(&office.designer).post("/processes", body).ok().await;
    publish(app, office, &process).await
}

pub async fn publish(app: &TestApp, office: &Office, process: &Value) -> Value {
    let path = format!("/processes/{}/publish", text(&process["id"]));
    app.by(&office.designer).post(&path, json!({})).if_match(process["version"].as_i64().unwrap()).ok().await
}

pub async fn start(app: &TestApp, by: &Person, process: &Value, data: Value) -> Value {
    app.by(by).post("/cases", json!({ "process_id": process["id"], "data": data })).ok().await
}

/// The work of somebody in a case.
pub async fn work(app: &TestApp, by: &Person, case: &Value) -> Value {
    let mut all = app.by(by).get("/work-items").ok().await["items"].as_array().unwrap().clone();
    all.extend(app.by(by).get("/work-items?lens=claimable").ok().await["items"].as_array().unwrap().clone());
    let item = all.iter().find(|item| item["case"]["id"] == case["id"]).unwrap_or_else(|| panic!("no work for {}", by.login)).clone();
    app.by(by).get(&format!("/work-items/{}", text(&item["id"]))).ok().await
}

pub fn step(app: &TestApp, by: &Person, item: &Value, body: Value) -> tests::Request {
    app.by(by).post(&format!("/work-items/{}/transitions", text(&item["id"])), body).if_match(item["version"].as_i64().unwrap())
}

pub async fn agree(app: &TestApp, by: &Person, case: &Value) -> Value {
    let item = work(app, by, case).await;
    step(app, by, &item, json!({ "action": "complete", "outcome": "agree", "opinion": "同意" })).ok().await
}

pub async fn case(app: &TestApp, by: &Person, case: &Value) -> Value {
    app.by(by).get(&format!("/cases/{}", text(&case["id"]))).ok().await
}

fn person(person: &Person) -> String {
    format!("<zhidu:people by=\"person\" value=\"{}\"/>", person.login)
}

fn steps_of(case: &Value) -> Vec<String> {
    case["at"].as_array().unwrap().iter().map(|place| text(&place["step"])).collect()
}

const HEAD: &str = "<zhidu:people by=\"head\"/>";
const SECOND: &str = "<zhidu:people by=\"person\" value=\"second\"/>";

on_both_databases! {
    async fn a_stranger_is_told_why_her_draft_would_wait_for_ever_corrects_it_and_two_colleagues_carry_a_case_through(app: TestApp) {
        let office = office(&app).await;
        let both = |split: &str| {
            let elements = format!(
                "{}{}<b:{split} id=\"split\" default=\"split_b\"/><b:parallelGateway id=\"join\"/>",
                approval("a", "", HEAD),
                approval("b", "", &person(&office.second)),
            );
            let condition = if split == "exclusiveGateway" { "金额 > 100" } else { "" };
            bpmn("", &elements, &[("start", "apply", ""), ("apply", "split", ""), ("split", "a", condition), ("split", "b", "default"), ("a", "join", ""), ("b", "join", ""), ("join", "end", "")])
        };
        let wrong = both("exclusiveGateway");
        let checked = app.by(&office.designer).post("/processes/check", json!({ "bpmn": wrong, "form": form() })).ok().await;
        assert_eq!(checked["publishable"], false);
        let finding = checked["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "deadlock").expect("a deadlock").clone();
        assert!(text(&finding["text"]).contains("永远等待") && finding["element"] == "join" && !finding["run"].as_array().unwrap().is_empty(), "{finding}");
        let process = app.by(&office.designer).post("/processes", json!({ "key": "first", "name": "试验", "bpmn": wrong, "form": form() })).ok().await;
        let path = format!("/processes/{}", text(&process["id"]));
        let refused = app.by(&office.designer).post(&format!("{path}/publish"), json!({})).if_match(1).refused(422, "process.not_publishable").await;
        assert!(refused.json["errors"].to_string().contains("永远等待"));
        let process = app.by(&office.designer).patch(&path, 1, json!({ "bpmn": both("parallelGateway").replace(" default=\"split_b\"", "") })).ok().await;
        let process = publish(&app, &office, &process).await;
        assert_eq!(process["release"], 1);
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "服务器", "金额": 5000 })).await;
        assert!(text(&begun["number"]).starts_with("CG-"));
        assert_eq!(begun["title"], "服务器");
        assert_eq!(steps_of(&begun), ["a", "b"]);
        // 加签: the head asks the applicant's colleague for advice first.
        let item = work(&app, &office.head, &begun).await;
        step(&app, &office.head, &item, json!({ "action": "add_signer", "to": [office.company.security.id], "position": "before", "opinion": "请安全管理员先看" })).ok().await;
        let advice = work(&app, &office.company.security, &begun).await;
        step(&app, &office.company.security, &advice, json!({ "action": "complete", "outcome": "agree", "opinion": "无异议" })).ok().await;
        // 退回: to the applicant; the branch beside goes with it, since the target lies before both.
        let item = work(&app, &office.head, &begun).await;
        assert_eq!(item["targets"][0]["step"], "apply");
        step(&app, &office.head, &item, json!({ "action": "return", "target": "apply", "opinion": "请补充说明" })).ok().await;
        let again = work(&app, &office.applicant, &begun).await;
        assert_eq!(again["step"], "apply");
        step(&app, &office.applicant, &again, json!({ "action": "complete", "outcome": "done", "data": { "说明": "旧的坏了" } })).ok().await;
        agree(&app, &office.second, &begun).await;
        agree(&app, &office.head, &begun).await;
        let over = case(&app, &office.applicant, &begun).await;
        assert_eq!((over["state"].as_str(), over["form"]["data"]["说明"].as_str()), (Some("completed"), Some("旧的坏了")));
        let kinds: Vec<String> = over["story"].as_array().unwrap().iter().map(|entry| text(&entry["kind"])).collect();
        assert!(kinds.contains(&"added_signer".to_owned()) && kinds.contains(&"returned".to_owned()) && kinds.last() == Some(&"ended".to_owned()), "{kinds:?}");
    }

    async fn two_who_complete_the_same_item_one_wins_and_the_other_learns_who_and_when(app: TestApp) {
        let office = office(&app).await;
        let people = format!("{}{}", person(&office.head), person(&office.second));
        let elements = approval("a", "policy=\"claim\"", &people);
        let process = published(&app, &office, "claim", &bpmn("", &elements, &[("start", "apply", ""), ("apply", "a", ""), ("a", "end", "")])).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲" })).await;
        let (one, other) = (work(&app, &office.head, &begun).await, work(&app, &office.second, &begun).await);
        assert_eq!((one["claimable"].as_bool(), &one["id"]), (Some(true), &other["id"]));
        step(&app, &office.head, &one, json!({ "action": "complete", "outcome": "agree" })).refused(409, "work_item.not_claimed").await;
        let mine = step(&app, &office.head, &one, json!({ "action": "claim" })).ok().await;
        step(&app, &office.second, &other, json!({ "action": "claim" })).refused(403, "work_item.not_yours").await;
        let mine = step(&app, &office.head, &mine, json!({ "action": "unclaim" })).ok().await;
        let mine = step(&app, &office.head, &mine, json!({ "action": "claim" })).ok().await;
        step(&app, &office.head, &mine, json!({ "action": "complete", "outcome": "agree" })).ok().await;
        let late = step(&app, &office.head, &mine, json!({ "action": "complete", "outcome": "agree" })).refused(409, "work_item.done").await;
        assert!(late.json["detail"].as_str().unwrap_or_default().contains("员工head"), "{}", late.json);
        let late = step(&app, &office.second, &other, json!({ "action": "complete", "outcome": "agree" })).send().await;
        assert_eq!(late.json["code"], "work_item.done");
    }

    async fn what_a_step_does_not_name_neither_leaves_the_server_nor_comes_in(app: TestApp) {
        let office = office(&app).await;
        let elements = approval("a", "", HEAD);
        let process = published(&app, &office, "fields", &bpmn("", &elements, &[("start", "apply", ""), ("apply", "a", ""), ("a", "end", "")])).await;
        let path = format!("/processes/{}/start", text(&process["id"]));
        let form = app.by(&office.applicant).get(&path).ok().await;
        assert!(form["form"]["schema"]["properties"].get("内部意见").is_none() && form["form"]["rights"]["名称"] == "required");
        let body = |data: Value| json!({ "process_id": process["id"], "data": data });
        let refused = app.by(&office.applicant).post("/cases", body(json!({ "内部意见": "x" }))).refused(422, "request.invalid").await;
        let pointers: Vec<&str> = refused.json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/data/内部意见", "/data/名称"]);
        app.by(&office.applicant).post("/cases", body(json!({ "名称": "甲", "金额": -1 }))).refused(422, "request.invalid").await;
        app.by(&office.applicant).post("/cases", body(json!({ "名称": "甲", "经办": kernel::PersonId::new() }))).refused(422, "request.invalid").await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲", "金额": 3 })).await;
        let item = work(&app, &office.head, &begun).await;
        step(&app, &office.head, &item, json!({ "action": "complete", "outcome": "agree", "data": { "金额": 4 } })).refused(422, "request.invalid").await;
        // 暂存: kept for oneself.
        let item = step(&app, &office.head, &item, json!({ "action": "save", "opinion": "想一想", "data": { "内部意见": "价格偏高" } })).ok().await;
        assert_eq!((item["saved_opinion"].as_str(), item["form"]["data"]["内部意见"].as_str()), (Some("想一想"), Some("价格偏高")));
        assert!(case(&app, &office.applicant, &begun).await["form"]["data"].get("内部意见").is_none());
        step(&app, &office.head, &item, json!({ "action": "complete", "outcome": "agree", "data": { "内部意见": "价格偏高" } })).ok().await;
        let seen = case(&app, &office.applicant, &begun).await;
        assert!(!seen.to_string().contains("价格偏高"), "a hidden field has left the server: {seen}");
        let seen = case(&app, &office.head, &begun).await;
        assert_eq!(seen["form"]["data"]["内部意见"], "价格偏高");
        app.by(&office.second).get(&format!("/cases/{}", text(&begun["id"]))).refused(404, "not_found").await;
        app.by(&office.second).get(&format!("/work-items/{}", text(&item["id"]))).refused(404, "not_found").await;
    }

    async fn what_another_has_written_meanwhile_is_not_overwritten(app: TestApp) {
        let office = office(&app).await;
        let fork = "<b:parallelGateway id=\"f\"/><b:parallelGateway id=\"j\"/>";
        let elements = format!("{}{}{fork}", approval("a", "", HEAD), approval("b", "", SECOND));
        let flows = [("start", "apply", ""), ("apply", "f", ""), ("f", "a", ""), ("f", "b", ""), ("a", "j", ""), ("b", "j", ""), ("j", "end", "")];
        let process = published(&app, &office, "shared", &bpmn("", &elements, &flows)).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲" })).await;
        let (one, other) = (work(&app, &office.head, &begun).await, work(&app, &office.second, &begun).await);
        let complete = |by, item, words: &str, seen: Value| step(&app, by, item, json!({ "action": "complete", "outcome": "agree", "data": { "内部意见": words }, "seen": { "内部意见": seen } }));
        complete(&office.head, &one, "价格偏高", Value::Null).ok().await;
        let refused = complete(&office.second, &other, "可以接受", Value::Null).refused(409, "work_item.fields_changed").await;
        assert_eq!(refused.json["errors"][0]["pointer"], "/data/内部意见");
        complete(&office.second, &other, "可以接受", json!("价格偏高")).ok().await;
        assert_eq!(case(&app, &office.designer, &begun).await["form"]["data"]["内部意见"], "可以接受");
    }

    async fn policies_decide_as_soon_as_the_result_is_determined(app: TestApp) {
        let office = office(&app).await;
        let three = format!("{}{}{}", person(&office.head), person(&office.second), person(&office.company.security));
        let mut results = Vec::new();
        for (policy, answers, expected) in [
            ("policy=\"all\"", &["agree", "refuse"][..], "refused"),
            ("policy=\"any\"", &["agree"][..], "completed"),
            ("policy=\"ratio\" share=\"0.5\"", &["agree", "agree"][..], "completed"),
            ("policy=\"ratio\" share=\"0.6\"", &["refuse", "refuse"][..], "refused"),
            ("policy=\"sequential\"", &["agree", "agree", "agree"][..], "completed"),
        ] {
            let key = format!("policy{}", results.len());
            let process = published(&app, &office, &key, &bpmn("", &approval("a", policy, &three), &[("start", "apply", ""), ("apply", "a", ""), ("a", "end", "")])).await;
            let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲" })).await;
            for (person, answer) in [&office.head, &office.second, &office.company.security].into_iter().zip(answers) {
                let item = work(&app, person, &begun).await;
                step(&app, person, &item, json!({ "action": "complete", "outcome": answer, "opinion": "意见" })).ok().await;
            }
            let over = case(&app, &office.applicant, &begun).await;
            assert_eq!(over["state"], expected, "{policy}");
            assert_eq!(app.by(&office.company.security).get("/work-items").ok().await["items"].as_array().unwrap().len(), 0, "{policy}: open work is left");
            results.push(over);
        }
    }

    async fn transfer_delegation_deputies_and_removal_keep_each_seat_with_one_person(app: TestApp) {
        let office = office(&app).await;
        let process = published(&app, &office, "seats", &bpmn("", &approval("a", "policy=\"all\"", HEAD), &[("start", "apply", ""), ("apply", "a", ""), ("a", "end", "")])).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲" })).await;
        let item = work(&app, &office.head, &begun).await;
        // 委派 goes and comes back.
        step(&app, &office.head, &item, json!({ "action": "delegate", "to": [office.second.id] })).ok().await;
        let theirs = work(&app, &office.second, &begun).await;
        assert_eq!(theirs["delegated"], true);
        step(&app, &office.second, &theirs, json!({ "action": "complete", "outcome": "agree" })).refused(409, "work_item.delegated").await;
        step(&app, &office.second, &theirs, json!({ "action": "delegate", "to": [office.head.id] })).refused(409, "work_item.delegation_depth").await;
        step(&app, &office.second, &theirs, json!({ "action": "give_back", "opinion": "可行" })).ok().await;
        // 加签 parallel, then 减签; nobody twice, never the last.
        let item = work(&app, &office.head, &begun).await;
        let item = step(&app, &office.head, &item, json!({ "action": "add_signer", "to": [office.second.id], "position": "parallel" })).ok().await;
        step(&app, &office.head, &item, json!({ "action": "add_signer", "to": [office.second.id], "position": "parallel" })).refused(409, "work_item.seat_held").await;
        step(&app, &office.head, &item, json!({ "action": "transfer", "to": [office.second.id] })).refused(409, "work_item.seat_held").await;
        let item = step(&app, &office.head, &item, json!({ "action": "remove_signer", "to": [office.second.id] })).ok().await;
        step(&app, &office.head, &item, json!({ "action": "remove_signer", "to": [office.head.id] })).refused(409, "work_item.last_seat").await;
        // 转办 is for good.
        step(&app, &office.head, &item, json!({ "action": "transfer", "to": [office.second.id], "opinion": "请代为办理" })).ok().await;
        let theirs = work(&app, &office.second, &begun).await;
        // 代理: the deputy acts, both names are recorded.
        let now = app.clock.now();
        let deputy = json!({ "deputy_id": office.company.security.id, "from": now.plus_seconds(-60).to_string(), "to": now.plus_seconds(86_400).to_string() });
        app.by(&office.second).post("/deputies", deputy).ok().await;
        let acting = work(&app, &office.company.security, &begun).await;
        assert_eq!((acting["for_somebody"].as_bool(), &acting["id"]), (Some(true), &theirs["id"]));
        step(&app, &office.company.security, &acting, json!({ "action": "complete", "outcome": "agree", "opinion": "代签" })).ok().await;
        let over = case(&app, &office.applicant, &begun).await;
        let opinion = over["story"].as_array().unwrap().iter().rev().find(|entry| entry["kind"] == "opinion").unwrap();
        assert_eq!((opinion["by"].as_str(), opinion["on_behalf_of"].as_str()), (Some("员工sec"), Some("员工second")));
    }

    async fn withdrawing_taking_back_urging_and_the_three_ends_are_different_things(app: TestApp) {
        let office = office(&app).await;
        let elements = format!("{}{}", approval("a", "", HEAD), approval("b", "", &person(&office.second)));
        let process = published(&app, &office, "back", &bpmn("", &elements, &[("start", "apply", ""), ("apply", "a", ""), ("a", "b", ""), ("b", "end", "")])).await;
        let path = |case: &Value, rest: &str| format!("/cases/{}{rest}", text(&case["id"]));
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲" })).await;
        // 撤回: until somebody has spoken.
        let back = app.by(&office.applicant).post(&path(&begun, "/transitions"), json!({ "action": "withdraw" })).if_match(1).ok().await;
        assert_eq!(steps_of(&back), ["apply"]);
        let mine = work(&app, &office.applicant, &begun).await;
        step(&app, &office.applicant, &mine, json!({ "action": "complete", "outcome": "done", "data": { "名称": "乙" } })).ok().await;
        let done = agree(&app, &office.head, &begun).await;
        let now = case(&app, &office.applicant, &begun).await;
        assert_eq!(now["title"], "乙");
        app.by(&office.applicant).post(&path(&begun, "/transitions"), json!({ "action": "withdraw" })).if_match(now["version"].as_i64().unwrap()).refused(409, "case.cannot_withdraw").await;
        // 拿回: as long as nobody has opened what followed.
        let done = app.by(&office.head).get(&format!("/work-items/{}", text(&done["id"]))).ok().await;
        step(&app, &office.head, &done, json!({ "action": "take_back" })).ok().await;
        let done = agree(&app, &office.head, &begun).await;
        let theirs = work(&app, &office.second, &begun).await;
        app.by(&office.second).post(&format!("/work-items/{}/seen", text(&theirs["id"])), json!({})).send().await;
        step(&app, &office.head, &done, json!({ "action": "take_back" })).refused(409, "work_item.take_back").await;
        // 催办: not again at once.
        assert_eq!(app.by(&office.applicant).post(&path(&begun, "/urge"), json!({ "text": "请尽快" })).send().await.status, 204);
        app.by(&office.applicant).post(&path(&begun, "/urge"), json!({})).refused(429, "case.urged_just_now").await;
        let told = app.by(&office.second).get("/notifications?unread=true").ok().await;
        assert!(told["items"].as_array().unwrap().iter().any(|notice| notice["kind"] == "urged"));
        // 抄送 with receipts, 沟通 without moving.
        app.by(&office.applicant).post(&path(&begun, "/cc"), json!({ "person_ids": [office.company.security.id] })).ok().await;
        assert_eq!(app.by(&office.company.security).post(&path(&begun, "/seen"), json!({})).send().await.status, 204);
        let asked = app.by(&office.second).post(&path(&begun, "/questions"), json!({ "to": office.applicant.id, "text": "型号是什么" })).ok().await;
        let question = text(&asked["questions"][0]["id"]);
        let answered = app.by(&office.applicant).post(&path(&begun, &format!("/questions/{question}/answer")), json!({ "text": "R740" })).ok().await;
        assert_eq!((answered["questions"][0]["answer"].as_str(), answered["cc"][0]["read_at"].is_string()), (Some("R740"), true));
        // 撤销 by the starter, 终止 and 作废 by an administrator.
        let now = case(&app, &office.applicant, &begun).await;
        app.by(&office.applicant).post(&path(&begun, "/transitions"), json!({ "action": "terminate", "reason": "x" })).if_match(now["version"].as_i64().unwrap()).refused(403, "forbidden").await;
        let ended = app.by(&office.applicant).post(&path(&begun, "/transitions"), json!({ "action": "revoke", "reason": "不需要了" })).if_match(now["version"].as_i64().unwrap()).ok().await;
        assert_eq!((ended["state"].as_str(), ended["at"].as_array().map(Vec::len)), (Some("revoked"), Some(0)));
        let other = administrator(&app, &office).await;
        let void = |body: Value| app.by(&office.designer).post(&path(&begun, "/transitions"), body).if_match(ended["version"].as_i64().unwrap());
        void(json!({ "action": "void", "reason": "误填" })).refused(422, "request.invalid").await;
        void(json!({ "action": "void", "reason": "误填", "second_login": office.head.login, "second_password": office.head.password })).refused(403, "case.second_person").await;
        let ended = app.by(&office.designer).post(&path(&begun, "/transitions"), json!({ "action": "void", "reason": "误填", "second_login": other.login, "second_password": other.password })).if_match(ended["version"].as_i64().unwrap()).ok().await;
        assert_eq!(ended["state"], "voided");
    }

    async fn straight_back_after_repair_asks_only_those_who_see_something_new(app: TestApp) {
        let office = office(&app).await;
        let elements = format!("{}{}", approval("a", "", HEAD), approval("b", "", &person(&office.second)));
        let process = published(&app, &office, "straight", &bpmn("", &elements, &[("start", "apply", ""), ("apply", "a", ""), ("a", "b", ""), ("b", "end", "")])).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲" })).await;
        agree(&app, &office.head, &begun).await;
        let item = work(&app, &office.second, &begun).await;
        step(&app, &office.second, &item, json!({ "action": "return", "target": "apply", "resume": "straight", "opinion": "少附件" })).ok().await;
        let mine = work(&app, &office.applicant, &begun).await;
        step(&app, &office.applicant, &mine, json!({ "action": "complete", "outcome": "done", "data": { "说明": "补充" } })).ok().await;
        // The head is not asked again; whoever sent it back is.
        let now = case(&app, &office.applicant, &begun).await;
        assert_eq!(steps_of(&now), ["b"]);
        assert!(now["story"].as_array().unwrap().iter().any(|entry| entry["automatic"] == "straight" && entry["step_id"] == "a"));
    }

    async fn timers_fire_once_also_those_that_were_due_while_nothing_ran(app: TestApp) {
        let office = office(&app).await;
        let boundary = "<b:boundaryEvent id=\"late\" attachedToRef=\"a\" cancelActivity=\"false\"><b:timerEventDefinition><b:timeDuration>PT1H</b:timeDuration></b:timerEventDefinition></b:boundaryEvent><b:endEvent id=\"told\"/>";
        let note = "<b:serviceTask id=\"note\"><b:extensionElements><zhidu:action name=\"notify\"><zhidu:input name=\"people\" value=\"&quot;second&quot;\"/><zhidu:input name=\"text\" value=\"&quot;逾期：&quot; + 名称\"/></zhidu:action></b:extensionElements></b:serviceTask>";
        let elements = format!("{}{boundary}{note}", approval("a", "due=\"PT1H\" overdue=\"agree\"", HEAD));
        let process = published(&app, &office, "timers", &bpmn("", &elements, &[("start", "apply", ""), ("apply", "a", ""), ("a", "end", ""), ("late", "note", ""), ("note", "told", "")])).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "甲" })).await;
        app.clock.advance(3 * 86_400);
        let office_data = app.app.office.clone().into_inner();
        for _ in 0..3 {
            workflows::service::timers::tick(&app.app.db, &office_data).await.expect("timers can be looked at");
        }
        app.clock.reset();
        let over = case(&app, &office.applicant, &begun).await;
        assert_eq!(over["state"], "completed", "{over}");
        let opinion = over["story"].as_array().unwrap().iter().find(|entry| entry["automatic"] == "overdue").expect("an automatic opinion");
        assert_eq!(opinion["step_id"], "a");
        let told = app.by(&office.second).get("/notifications").ok().await;
        let notes = told["items"].as_array().unwrap().iter().filter(|notice| notice["text"] == "逾期：甲").count();
        assert_eq!(notes, 1, "the timer fired once");
    }

    async fn a_case_that_stops_says_why_in_the_readers_language(app: TestApp) {
        let office = office(&app).await;
        let nobody = "<zhidu:people by=\"handler\" value=\"b\"/>";
        let elements = format!("{}{}", approval("a", "empty=\"refuse\"", nobody), approval("b", "", HEAD));
        let process = published(&app, &office, "nobody", &bpmn("", &elements, &[("start", "apply", ""), ("apply", "a", ""), ("a", "b", ""), ("b", "end", "")])).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "无人" })).await;
        let path = format!("/cases/{}", text(&begun["id"]));
        for (language, reason) in [("zh-CN", "没有找到办理人"), ("en", "Nobody was found to do it")] {
            let stopped = app.by(&office.designer).get(&path).header("Accept-Language", language).ok().await;
            assert_eq!(stopped["incidents"][0]["reason"], reason);
            let told = stopped["story"].as_array().unwrap().iter().filter(|line| line["kind"] == "incident").count();
            assert_eq!(told, 1, "{stopped}");
        }
    }

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
        }
    }

    async fn every_process_of_every_pack_can_be_installed_and_published(app: TestApp) {
        let office = office(&app).await;
        for role in ["service_desk", "asset_keeper"] {
            given::assign(&app, &office.company.security, &office.designer, role, "all", None).await;
        }
        let packs = app.by(&office.designer).get("/packs").ok().await;
        let packs = packs["items"].as_array().unwrap();
        assert_eq!(packs.len(), 4);
        let mut count = 0;
        for pack in packs {
            let path = format!("/packs/{}/install", text(&pack["key"]));
            let done = app.by(&office.designer).post(&path, json!({ "publish": true })).ok().await;
            for item in done["items"].as_array().unwrap() {
                assert_eq!(item["result"], "installed", "{item}");
                count += 1;
            }
            let again = app.by(&office.designer).post(&path, json!({ "publish": true })).ok().await;
            assert!(again["items"].as_array().unwrap().iter().all(|item| item["result"] == "kept"), "{again}");
        }
        assert!(count >= 50, "{count}");
        let catalogue = app.by(&office.applicant).get("/processes?startable=true").ok().await;
        let first = catalogue["items"].as_array().unwrap().iter().find(|item| item["key"] == "purchase").expect("the purchase").clone();
        let form = app.by(&office.applicant).get(&format!("/processes/{}/start", text(&first["id"]))).ok().await;
        assert!(form["form"]["schema"]["properties"].as_object().unwrap().len() > 3);
    }

    async fn an_update_of_a_pack_is_compared_in_three_ways_and_taken_or_left_by_a_person(app: TestApp) {
        let office = office(&app).await;
        let by = || app.by(&office.designer);
        let import = async |files: Vec<(String, Vec<u8>)>, signer: Option<&merkle::Signer>| {
            let mut pack = workflows::packs::Pack::read(files.into_iter().collect()).expect("a pack");
            if let Some(signer) = signer {
                let note = pack.sign(signer).expect("a signature");
                pack.files.insert(workflows::packs::SIGNATURE.to_owned(), note.into_bytes());
            }
            by().request(Method::POST, "/packs/import").bytes("application/octet-stream", pack.zip().expect("an archive")).send().await
        };
        let shipped = workflows::packs::shipped().expect("packs")["quality"].files.clone();
        // The company has what an older version of the pack had, signed by somebody whose key nobody asks for here.
        let older: Vec<(String, Vec<u8>)> = shipped.iter().map(|(path, content)| {
            let changed = String::from_utf8(content.clone()).unwrap().replace("version = \"1.0.0\"", "version = \"0.9.0\"").replace("质量信息反馈", "质量反馈");
            (path.clone(), changed.into_bytes())
        }).collect();
        let signer = merkle::Signer::new("example.com/packs", [7; 32]).expect("a key");
        let imported = import(older.clone(), Some(&signer)).await;
        assert_eq!((imported.status, &imported.json["signed_by"]), (201, &Value::Null), "{}", imported.json);
        assert_eq!(imported.json["unknown_signers"], json!(["example.com/packs"]));
        let state = async || {
            let pack = by().get("/packs/quality").ok().await;
            let found = pack["processes"].as_array().unwrap().iter().find(|one| one["key"] == "quality-feedback").unwrap().clone();
            (text(&found["state"]), text(&found["process_id"]))
        };
        let (found, id) = state().await;
        assert_eq!(found, "update");
        // A signature that belongs to other files is refused, whoever made it.
        let mut pack = workflows::packs::Pack::read(older.into_iter().collect()).unwrap();
        pack.files.insert(workflows::packs::SIGNATURE.to_owned(), pack.sign(&signer).unwrap().into_bytes());
        pack.files.insert("forms/extra.json".to_owned(), b"{}".to_vec());
        by().request(Method::POST, "/packs/import").bytes("application/octet-stream", pack.zip().unwrap()).refused(422, "pack.signature").await;
        // Both have changed it: it is left alone until somebody decides.
        let mine = by().get(&format!("/processes/{id}")).ok().await;
        let bpmn = text(&mine["draft"]["bpmn"]).replace("name=\"质量反馈", "name=\"本厂质量反馈");
        by().patch(&format!("/processes/{id}"), mine["version"].as_i64().unwrap(), json!({ "bpmn": bpmn })).ok().await;
        let install = |changed: &str| by().post("/packs/quality/install", json!({ "process_keys": ["quality-feedback"], "publish": false, "changed": changed }));
        let left = install("leave").ok().await;
        assert_eq!((left["items"][0]["result"].as_str(), state().await.0.as_str()), (Some("kept"), "both"));
        let ways = by().get("/packs/quality/processes/quality-feedback").ok().await;
        let named = |side: &str, name: &str| text(&ways[side]["bpmn"]).contains(&format!("name=\"{name}"));
        assert!(named("base", "质量反馈") && named("here", "本厂质量反馈") && named("pack", "质量信息反馈"));
        install("keep").ok().await;
        assert_eq!(state().await.0, "changed");
        let taken = install("take").ok().await;
        assert_eq!((taken["items"][0]["result"].as_str(), state().await.0.as_str()), (Some("updated"), "installed"));
        by().get("/packs/quality/processes/nothing").refused(404, "not_found").await;
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

    async fn thirty_two_signers_of_one_case_all_get_through(app: TestApp) {
        let office = office(&app).await;
        let mut people = Vec::new();
        for number in 0..32 {
            people.push(given::employee(&app, &office.company.admin, &office.unit, &format!("signer{number}")).await);
        }
        let all: String = people.iter().map(person).collect();
        let process = published(&app, &office, "many", &bpmn("", &approval("a", "policy=\"all\"", &all), &[("start", "apply", ""), ("apply", "a", ""), ("a", "end", "")])).await;
        let begun = start(&app, &office.applicant, &process, json!({ "名称": "会签" })).await;
        let mut items = Vec::new();
        for signer in &people {
            items.push(work(&app, signer, &begun).await);
        }
        let sent = people.iter().zip(&items).map(|(signer, item)| step(&app, signer, item, json!({ "action": "complete", "outcome": "agree" })).send());
        for reply in futures_util::future::join_all(sent).await {
            assert_eq!(reply.status, 200, "{}", reply.json);
        }
        assert_eq!(case(&app, &office.applicant, &begun).await["state"], "completed");
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

    async fn two_replicas_that_look_at_once_fire_a_timer_once(app: TestApp) {
        let office = office(&app).await;
        let note = |id: &str| format!("<b:serviceTask id=\"{id}\"><b:extensionElements><zhidu:action name=\"notify\"><zhidu:input name=\"people\" value=\"&quot;second&quot;\"/><zhidu:input name=\"text\" value=\"名称\"/></zhidu:action></b:extensionElements></b:serviceTask>");
        let wait = "<b:intermediateCatchEvent id=\"wait\"><b:timerEventDefinition><b:timeDuration>PT1H</b:timeDuration></b:timerEventDefinition></b:intermediateCatchEvent>";
        let elements = format!("{wait}{}", note("note"));
        let process = published(&app, &office, "once", &bpmn("", &elements, &[("start", "apply", ""), ("apply", "wait", ""), ("wait", "note", ""), ("note", "end", "")])).await;
        let mut cases = Vec::new();
        for number in 0..6 {
            cases.push(start(&app, &office.applicant, &process, json!({ "名称": format!("第{number}件") })).await);
        }
        app.clock.advance(2 * 3_600);
        let replicas = (0..4).map(|_| {
            let (db, data) = (app.app.db.clone(), app.app.office.clone().into_inner());
            async move { workflows::service::timers::tick(&db, &data).await }
        });
        for looked in futures_util::future::join_all(replicas).await {
            looked.expect("timers can be looked at");
        }
        app.clock.reset();
        let told = app.by(&office.second).get("/notifications?limit=100").ok().await;
        for begun in &cases {
            let count = told["items"].as_array().unwrap().iter().filter(|notice| notice["text"] == begun["title"]).count();
            assert_eq!((count, case(&app, &office.applicant, begun).await["state"].as_str()), (1, Some("completed")));
        }
    }
}

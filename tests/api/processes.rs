//! Processes from the first drawing to the archive: a designer, an applicant, approvers, an administrator.

use tests::{Value, given, given::text, json, on_both_databases};

use crate::office::{
    HEAD, SECOND, administrator, agree, approval, bpmn, case, form, office, person, publish, published, start, step, steps_of, work,
};

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

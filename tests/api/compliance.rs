//! Regulations and controls (X5).

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use tests::{Person, TestApp, Value, given, given::text, json, on_both_databases};

use crate::backup_plans::{made, until};

/// Two who manage compliance, somebody who audits, and the desk.
pub struct Officers {
    pub company: given::Company,
    pub one: Person,
    pub other: Person,
    pub auditor: Person,
    pub desk: Person,
}

pub async fn officers(app: &TestApp) -> Officers {
    let company = given::company(app).await;
    Officers {
        one: given::with_role(app, &company, "one", "compliance_officer").await,
        other: given::with_role(app, &company, "other", "compliance_officer").await,
        auditor: given::with_role(app, &company, "auditor", "auditor").await,
        desk: given::with_role(app, &company, "desk", "service_desk").await,
        company,
    }
}

pub const DISPATCH: &str = r#"
[[control]]
id = "dispatch"
clause = "G3.3"
title = "派人"
en = "Somebody is sent"
template = "response"
when = { event = "ticket.created", where = 'kind = "fault"' }
then = { event = "ticket.dispatched" }
unless = { event = "ticket.cancelled" }
within = "PT4H"
"#;

/// Puts a regulation into force.
pub async fn in_force(app: &TestApp, officers: &Officers, pack: &str, controls: Option<&str>) -> String {
    let proposed = app.by(&officers.one).post("/regulations", json!({ "pack": pack, "controls": controls })).ok().await;
    let id = text(&proposed["id"]);
    app.by(&officers.other).post(&format!("/regulations/{id}/approve"), json!({})).if_match(1).ok().await;
    id
}

/// Proposes a regulation as a newer pack would have it: such a pack comes with a newer product.
async fn propose(app: &TestApp, by: &Person, pack: workflows::packs::Pack) -> String {
    let everything = kernel::Reach { all: true, ..kernel::Reach::default() };
    let actor = kernel::Actor {
        id: Some(by.id.parse().expect("an id")),
        grants: std::sync::Arc::new([(kernel::Permission::ManageCompliance, everything)].into()),
        ..kernel::Actor::of_kind(kernel::ActorKind::Person, &by.login)
    };
    let proposed = app.app.db.write(&std::sync::Arc::new(actor), move |tx| compliance::regulations::propose(tx, &pack, None)).await;
    proposed.expect("a version is proposed").to_string()
}

/// Waits until the controls have looked at everything that is recorded now.
pub async fn looked(app: &TestApp, officers: &Officers) -> i64 {
    for _ in 0..600 {
        let newest = app.by(&officers.auditor).get("/records?limit=1").ok().await["items"][0].clone();
        let size = app.by(&officers.auditor).get("/compliance").ok().await["log_size"].as_i64().expect("a size");
        if newest["index"].as_i64().is_some_and(|index| size > index) {
            return size;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the controls do not follow the log");
}

pub async fn fault(app: &TestApp, officers: &Officers, title: &str) -> Value {
    let body = json!({ "title": title, "kind": "fault" });
    app.by(&officers.desk).post("/tickets", body).ok().await
}

pub async fn dispatch(app: &TestApp, officers: &Officers, ticket: &Value) {
    let body = json!({ "action": "dispatch", "unit_id": officers.company.unit, "assignee_id": officers.desk.id });
    let path = format!("/tickets/{}/transitions", text(&ticket["id"]));
    app.by(&officers.desk).post(&path, body).if_match(ticket["version"].as_i64().expect("a version")).ok().await;
}

pub async fn obligations(app: &TestApp, officers: &Officers, query: &str) -> Vec<Value> {
    looked(app, officers).await;
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = app.by(&officers.auditor).get(&format!("/obligations?limit=100{query}{after}")).ok().await;
        all.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => return all,
        }
    }
}

/// Sets the clock on, and everybody logs in again.
pub async fn later(app: &TestApp, officers: &mut Officers, seconds: i64) {
    app.app.db.clock().advance(seconds);
    for person in [&mut officers.one, &mut officers.other, &mut officers.auditor, &mut officers.desk] {
        *person = given::again(app, person).await;
    }
}

on_both_databases! {
    async fn a_regulation_holds_when_somebody_else_has_approved_it(app: TestApp) {
        let officers = officers(&app).await;
        let proposed = app.by(&officers.one).post("/regulations", json!({ "pack": "group-it" })).ok().await;
        assert_eq!((proposed["state"].as_str(), proposed["version"].as_i64()), (Some("proposed"), Some(1)));
        let path = format!("/regulations/{}", text(&proposed["id"]));
        // Who proposed it sees that it is not theirs to decide, and is refused.
        assert_eq!(proposed["allowed_actions"][0]["reason"], "compliance.second_person");
        app.by(&officers.one).post(&format!("{path}/approve"), json!({})).if_match(1).refused(409, "compliance.second_person").await;
        app.by(&officers.one).post("/regulations", json!({ "pack": "group-it" })).refused(409, "regulation.proposed_already").await;
        app.by(&officers.one).post("/regulations", json!({ "pack": "nothing" })).refused(422, "request.invalid").await;
        let approved = app.by(&officers.other).post(&format!("{path}/approve"), json!({})).if_match(1).ok().await;
        assert_eq!(approved["state"], "in_force");
        app.by(&officers.other).post(&format!("{path}/approve"), json!({})).if_match(2).refused(409, "regulation.decided").await;
        app.by(&officers.one).post("/regulations", json!({ "pack": "group-it" })).refused(409, "regulation.unchanged").await;
        // Everybody reads it once; who has not is visible.
        app.by(&officers.desk).post(&format!("{path}/acknowledge"), json!({})).send().await;
        app.by(&officers.desk).post(&format!("{path}/acknowledge"), json!({})).send().await;
        let shown = app.by(&officers.auditor).get(&path).ok().await;
        assert_eq!((shown["acknowledged"].as_i64(), shown["people"].as_i64()), (Some(1), Some(6)));
        let missing = app.by(&officers.auditor).get(&format!("{path}/acknowledgements")).ok().await;
        let names: Vec<String> = missing["items"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
        assert_eq!((names.len(), names.contains(&"员工desk".to_owned())), (5, false));
    }

    async fn two_versions_of_a_regulation_are_compared_clause_by_clause_and_control_by_control(app: TestApp) {
        let officers = officers(&app).await;
        let first = in_force(&app, &officers, "group-it", Some(DISPATCH)).await;
        app.by(&officers.one).put(&format!("/regulations/{first}/clauses/G3.3/owner"), 0, json!({ "unit_id": officers.company.unit })).ok().await;
        app.by(&officers.desk).post(&format!("/regulations/{first}/acknowledge"), json!({})).send().await;
        let path = format!("/regulations/{first}");
        let reply = app.by(&officers.auditor).get(&format!("{path}/comparison")).refused(422, "request.invalid").await;
        assert_eq!((reply.json["errors"][0]["pointer"].as_str(), reply.json["errors"][0]["code"].as_str()), (Some("?with"), Some("regulation.first")));

        // Of a newer pack: a clause came, one went, one says more; a control has another time, and one came.
        let mut pack = workflows::packs::shipped().expect("packs")["group-it"].clone();
        let count = pack.clauses.len();
        pack.version = "1.1.0".to_owned();
        pack.clauses.retain(|clause| clause.id != "G1.2");
        let changed = pack.clauses.iter_mut().find(|clause| clause.id == "G2.1").expect("a clause");
        let was = changed.text.clone();
        changed.text = was.replace("提前规划", "统一规划");
        pack.clauses.push(workflows::packs::Clause { id: "G9.9".to_owned(), number: "附则".to_owned(), text: "本制度由信息部解释。".to_owned(), en: String::new() });
        let more = "[[control]]\nid = \"tickets\"\nclause = \"G9.9\"\ntitle = \"不报单\"\ntemplate = \"absence\"\nwhen = { event = \"ticket.created\" }\n";
        pack.files.insert("controls.toml".to_owned(), format!("{}{more}", DISPATCH.replace("PT4H", "PT8H")).into_bytes());
        let second = propose(&app, &officers.one, pack).await;

        // Who decides sees all of it before deciding.
        let path = format!("/regulations/{second}");
        let shown = app.by(&officers.other).get(&path).ok().await;
        assert_eq!(text(&shown["before"]["id"]), first);
        let compared = app.by(&officers.other).get(&format!("{path}/comparison")).ok().await;
        assert_eq!((text(&compared["before"]["id"]), text(&compared["after"]["id"])), (first.clone(), second.clone()));
        let clauses = compared["clauses"].as_array().expect("clauses");
        let of = |id: &str| clauses.iter().find(|clause| clause["id"] == id).expect("the clause");
        assert_eq!(clauses.len(), count + 1);
        assert_eq!(clauses.iter().filter(|clause| clause["difference"] == "unchanged").count(), count - 2);
        assert_eq!((clauses[0]["id"].as_str(), clauses[0]["difference"].as_str()), (Some("G1.2"), Some("removed")));
        assert_eq!(of("G9.9")["difference"], "added");
        let pieces = of("G2.1")["text"].as_array().expect("pieces");
        let marked: Vec<(&str, &str)> = pieces.iter().map(|piece| (piece["stands_in"].as_str().unwrap(), piece["text"].as_str().unwrap())).collect();
        assert!(marked.contains(&("before", "提前")) && marked.contains(&("after", "统一")), "{marked:?}");
        let without = |side: &str| marked.iter().filter(|(stands_in, _)| *stands_in != side).map(|(_, text)| *text).collect::<String>();
        assert_eq!(without("after"), was);
        assert_eq!(compared["controls"][0]["parts"], json!([{ "part": "within", "before": "PT4H", "after": "PT8H" }]));
        assert_eq!((compared["controls"][1]["id"].as_str(), compared["controls"][1]["difference"].as_str()), (Some("tickets"), Some("added")));
        assert_eq!(compared["events"].as_array().expect("events").iter().filter(|event| event["difference"] != "unchanged").count(), 0);
        assert_eq!(text(&compared["owners"]["G3.3"]["id"]), officers.company.unit);

        // The one that was proposed first comes first, whichever is asked about; and in the other language.
        let back = app.by(&officers.other).get(&format!("/regulations/{first}/comparison?with={second}")).header("accept-language", "en").ok().await;
        assert_eq!((&back["before"]["id"], &back["after"]["id"]), (&compared["before"]["id"], &compared["after"]["id"]));
        assert_eq!(back["clauses"][0]["difference"], "removed");
        let same = back["clauses"].as_array().unwrap().iter().find(|clause| clause["id"] == "G2.1").unwrap();
        assert_eq!((same["text"].as_array().unwrap().len(), same["other_language_changed"].as_bool()), (1, Some(true)));

        // Everybody reads the clauses; the controls are for who may see how it is kept.
        app.by(&officers.desk).get(&format!("{path}/comparison")).refused(403, "forbidden").await;
        let read = app.by(&officers.desk).get(&format!("{path}/text/comparison")).ok().await;
        assert_eq!((read["clauses"] == compared["clauses"], read["controls"].is_null()), (true, true));

        // Whoever has read the one before is told since when; it is the one that was read, not the one before.
        app.by(&officers.other).post(&format!("{path}/approve"), json!({})).if_match(1).ok().await;
        let third = in_force(&app, &officers, "group-it", Some(DISPATCH)).await;
        let read = app.by(&officers.desk).get(&format!("/regulations/{third}/text")).ok().await;
        assert_eq!((text(&read["before"]["id"]), text(&read["read_before"]["id"])), (second.clone(), first.clone()));
        assert!(app.by(&officers.one).get(&format!("/regulations/{third}/text")).ok().await["read_before"].is_null());
        let versions = app.by(&officers.desk).get(&format!("/regulations/{first}/versions")).ok().await;
        let versions: Vec<(String, &str)> = versions["items"].as_array().unwrap().iter().map(|one| (text(&one["id"]), one["state"].as_str().unwrap())).collect();
        assert_eq!(versions, [(third.clone(), "in_force"), (second, "superseded"), (first, "superseded")]);

        // Only versions of the same regulation are.
        let other = in_force(&app, &officers, "quality", None).await;
        let path = format!("/regulations/{third}/comparison");
        for (with, code) in [(other, "regulation.other"), (kernel::PersonId::new().to_string(), "not_found"), ("x".to_owned(), "field.wrong_type")] {
            let reply = app.by(&officers.auditor).get(&format!("{path}?with={with}")).refused(422, "request.invalid").await;
            assert_eq!((reply.json["errors"][0]["pointer"].as_str(), reply.json["errors"][0]["code"].as_str()), (Some("?with"), Some(code)));
        }
        let same = app.by(&officers.auditor).get(&format!("{path}?with={third}")).ok().await;
        assert!(same["clauses"].as_array().unwrap().iter().all(|clause| clause["difference"] == "unchanged"));
        app.by(&officers.auditor).get(&format!("/regulations/{}/comparison", kernel::PersonId::new())).refused(404, "not_found").await;
    }

    async fn every_event_is_known_by_its_name(app: TestApp) {
        let officers = officers(&app).await;
        let items = app.by(&officers.desk).get("/compliance/events").ok().await["items"].as_array().expect("items").clone();
        assert!(items.iter().all(|one| !text(&one["title"]).is_empty()));
        let entered = items.iter().find(|one| one["name"] == "room.entered").expect("an event of a process");
        assert_eq!((&entered["title"], &entered["facts"]["process"]), (&json!("进入机房"), &json!("string")));
    }

    async fn controls_that_cannot_work_are_refused_field_by_field(app: TestApp) {
        let officers = officers(&app).await;
        let wrong = DISPATCH.replace("ticket.dispatched", "ticket.sent").replace("G3.3", "G99");
        let body = json!({ "pack": "group-it", "controls": wrong });
        let reply = app.by(&officers.one).post("/regulations", body.clone()).refused(422, "request.invalid").await;
        let pointers: Vec<&str> = reply.json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/controls/dispatch/clause", "/controls/dispatch/then"]);
        app.by(&officers.one).post("/compliance/simulate", body).refused(422, "request.invalid").await;
        let body = json!({ "pack": "group-it", "controls": "[[control]" });
        app.by(&officers.one).post("/regulations", body).refused(422, "control.unreadable").await;
        assert_eq!(app.by(&officers.auditor).get("/regulations").ok().await["items"], json!([]));
    }

    async fn what_the_controls_found_is_what_anybody_would_find_on_the_log(app: TestApp) {
        let mut officers = officers(&app).await;
        in_force(&app, &officers, "group-it", None).await;
        in_force(&app, &officers, "bureau-data", None).await;
        for round in 0..6 {
            let ticket = fault(&app, &officers, &format!("故障 {round}")).await;
            if round % 2 == 0 {
                dispatch(&app, &officers, &ticket).await;
            }
            later(&app, &mut officers, 3 * 3_600 + round * 3_600).await;
        }
        // Whatever day this runs on: what nobody was sent for is missed after three weeks, and one is open when the hours change.
        later(&app, &mut officers, 21 * 86_400).await;
        fault(&app, &officers, "换班之前").await;
        // New hours of work enter the log and move what is open.
        let admin = given::again(&app, &officers.company.admin).await;
        let hours = app.by(&admin).get("/calendar").ok().await;
        let week: Vec<Value> = (1..=5).map(|day| json!({ "weekday": day, "spans": [{ "from": "08:00", "to": "10:00" }] })).collect();
        let body = json!({ "time_zone": "Asia/Shanghai", "hours": week });
        app.by(&admin).put("/calendar", hours["version"].as_i64().expect("a version"), body).ok().await;
        fault(&app, &officers, "换班之后").await;
        looked(&app, &officers).await;
        let adopted = app.by(&officers.auditor).get("/records?action=calendar.adopted").ok().await;
        assert_eq!(adopted["items"].as_array().unwrap().len(), 2, "as it was, and as it is");
        // The log grows by itself: what is compared is of one size.
        let (size, found) = loop {
            let size = looked(&app, &officers).await;
            let found = obligations(&app, &officers, "").await;
            if looked(&app, &officers).await == size {
                break (size, found.iter().map(|one| (text(&one["id"]), text(&one["state"]))).collect::<BTreeMap<_, _>>());
            }
        };
        let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
        let derived = app.app.db.read(&actor, move |tx| compliance::derive(tx, size)).await.expect("the log can be read");
        let derived: BTreeMap<String, String> = derived.into_values().map(|duty| (duty.id.to_string(), duty.state.to_string())).collect();
        assert_eq!(found, derived);
        assert!(found.values().any(|state| state == "missed") && found.values().any(|state| state == "met"));
    }

    async fn a_draft_is_tried_on_the_log_before_it_is_switched_on(app: TestApp) {
        let mut officers = officers(&app).await;
        let ticket = fault(&app, &officers, "打印机坏了").await;
        fault(&app, &officers, "网络断了").await;
        dispatch(&app, &officers, &ticket).await;
        later(&app, &mut officers, 5 * 3_600).await;
        looked(&app, &officers).await;
        let body = json!({ "pack": "group-it", "controls": DISPATCH });
        let tried = app.by(&officers.one).post("/compliance/simulate", body).ok().await;
        let control = &tried["controls"][0];
        assert_eq!((control["numbers"]["met"].as_i64(), control["numbers"]["missed"].as_i64()), (Some(1), Some(1)));
        assert!(control["examples"][0]["subject"].as_str().unwrap().contains("网络断了"));
        assert_eq!(obligations(&app, &officers, "").await.len(), 0, "nothing is kept");
        // Put to work now, it judges only what comes.
        in_force(&app, &officers, "group-it", Some(DISPATCH)).await;
        assert_eq!(obligations(&app, &officers, "").await.len(), 0);
    }

    async fn what_a_control_passes_over_is_drawn_the_same_again_by_anybody(app: TestApp) {
        let officers = officers(&app).await;
        in_force(&app, &officers, "group-it", Some(DISPATCH)).await;
        fault(&app, &officers, "打印机坏了").await;
        let unit = given::unit(&app, &officers.company, &officers.company.unit, "销售部").await;
        let seller = given::employee(&app, &officers.company.admin, &unit, "seller").await;
        let mut asked = Vec::new();
        for number in 0..6 {
            let by = if number == 0 { &seller } else { &officers.desk };
            asked.push(app.by(by).post("/tickets", json!({ "title": format!("咨询 {number}"), "kind": "request" })).ok().await);
        }
        let size = looked(&app, &officers).await;
        let path = "/compliance/controls/dispatch/sample";
        let draw = async |seed: &str| app.by(&officers.auditor).get(&format!("{path}?seed={seed}&size={size}&count=3")).ok().await;
        let first = draw("a").await;
        assert_eq!((first["seen"].as_i64(), first["passed_over"].as_i64(), first["log_size"].as_i64()), (Some(7), Some(6), Some(size)));
        assert_eq!(first["conditions"], json!([{ "event": "ticket.created", "condition": "kind = \"fault\"" }]));
        let items = first["items"].as_array().expect("items");
        assert_eq!(items.len(), 3);
        assert!(items.iter().all(|item| item["facts"]["kind"] == "request" && asked.iter().any(|ticket| ticket["id"] == item["subject_id"])));
        // Anybody draws the same, as the description says: the least SHA-256 of the seed, a colon and the leaf.
        assert_eq!(draw("a").await["items"], first["items"]);
        let all = app.by(&officers.one).get(&format!("{path}?seed=a&size={size}")).ok().await;
        let mut leaves: Vec<i64> = all["items"].as_array().expect("items").iter().map(|item| item["leaf"].as_i64().expect("a leaf")).collect();
        leaves.sort_by_key(|leaf| kernel::hex(&Sha256::digest(format!("a:{leaf}"))));
        leaves.truncate(3);
        leaves.sort_unstable();
        let drawn: Vec<i64> = items.iter().map(|item| item["leaf"].as_i64().expect("a leaf")).collect();
        assert_eq!(drawn, leaves);
        // What is recorded later is not in it; without a seed one is made up; a log that is not so large has no sample.
        let none = app.by(&officers.auditor).get(&format!("{path}?size=1")).ok().await;
        assert!(none["passed_over"] == 0 && !text(&none["seed"]).is_empty(), "{none}");
        let refused = app.by(&officers.auditor).get(&format!("{path}?size={}", size + 1_000)).refused(422, "request.invalid").await;
        assert_eq!(refused.json["errors"][0]["pointer"], "?size");
        app.by(&officers.auditor).get("/compliance/controls/nothing/sample").refused(404, "not_found").await;
        app.by(&seller).get(path).refused(403, "forbidden").await;
        // Whoever reads one unit draws from it.
        given::assign(&app, &officers.company.security, &seller, "compliance_officer", "subtree", Some(&unit)).await;
        let seller = given::again(&app, &seller).await;
        let own = app.by(&seller).get(&format!("{path}?seed=a&size={size}")).ok().await;
        assert_eq!((own["seen"].as_i64(), own["items"][0]["subject_id"].as_str()), (Some(1), asked[0]["id"].as_str()));
    }

    async fn an_officer_of_one_unit_decides_nothing_for_the_company_and_nothing_elsewhere(app: TestApp) {
        let officers = officers(&app).await;
        let unit = given::unit(&app, &officers.company, &officers.company.unit, "销售部").await;
        let local = given::employee(&app, &officers.company.admin, &unit, "local").await;
        given::assign(&app, &officers.company.security, &local, "compliance_officer", "subtree", Some(&unit)).await;
        app.by(&local).post("/regulations", json!({ "pack": "group-it" })).refused(403, "forbidden").await;
        let controls = "[[control]]\nid = \"tickets\"\nclause = \"G3.3\"\ntitle = \"不报单\"\ntemplate = \"absence\"\nwhen = { event = \"ticket.created\" }\n";
        in_force(&app, &officers, "group-it", Some(controls)).await;
        let ask = json!({ "control": "tickets", "reason": "一", "measures": "二", "until": app.app.db.clock().now().plus_seconds(86_400).to_string() });
        app.by(&local).post("/waivers", ask).refused(403, "forbidden").await;
        fault(&app, &officers, "打印机坏了").await;
        app.by(&local).post("/tickets", json!({ "title": "电脑坏了", "kind": "fault" })).ok().await;
        let found = obligations(&app, &officers, "&state=breached").await;
        let of = |here: bool| found.iter().find(|one| (one["unit_id"] == json!(unit)) == here).expect("one of each").clone();
        // What happened elsewhere is not even seen; what happened here is this officer's.
        let due = app.app.db.clock().now().plus_seconds(86_400).to_string();
        let to = json!({ "responsible_id": officers.desk.id, "due_at": due });
        let path = |one: &Value| format!("/obligations/{}/assign", text(&one["id"]));
        app.by(&local).post(&path(&of(false)), to.clone()).if_match(0).refused(404, "not_found").await;
        app.by(&local).post(&path(&of(true)), to.clone()).if_match(0).ok().await;
        let seen = app.by(&local).get("/obligations").ok().await;
        assert_eq!(seen["items"].as_array().unwrap().len(), 1);
        // Once the unit answers for the clause its officer is told of what is missed elsewhere, and sees it; who decides is as before.
        let regulation = text(&app.by(&officers.one).get("/regulations").ok().await["items"][0]["id"]);
        let owner = format!("/regulations/{regulation}/clauses/G3.3/owner");
        app.by(&officers.one).put(&owner, 0, json!({ "unit_id": unit })).ok().await;
        app.by(&local).get(&format!("/obligations/{}", text(&of(false)["id"]))).ok().await;
        app.by(&local).post(&path(&of(false)), to).if_match(0).refused(403, "forbidden").await;
    }

    async fn what_nothing_can_say_is_never_green(app: TestApp) {
        let officers = officers(&app).await;
        let id = in_force(&app, &officers, "quality", None).await;
        looked(&app, &officers).await;
        // No process of quality is published here: nobody could keep the clause, and nobody could break it.
        let shown = app.by(&officers.auditor).get(&format!("/regulations/{id}")).ok().await;
        let clause = shown["clause_items"].as_array().unwrap().iter().find(|clause| clause["id"] == "Q2.2a").unwrap();
        assert_eq!((clause["verdict"].as_str(), clause["processes"].as_i64()), (Some("not_evaluable"), Some(0)));
        let coverage = app.by(&officers.auditor).get("/compliance/coverage").ok().await;
        let silent = coverage["not_evaluable"].as_array().unwrap().iter().find(|control| control["id"] == "Q2.2a-separate").unwrap();
        assert_eq!(silent["silent_events"], json!(["quality.reported"]));
        assert_eq!(coverage["regulations_not_in_force"].as_array().unwrap().len(), 3);
        assert!(!coverage["never_seen"].as_array().unwrap().is_empty() && !coverage["not_recorded"].as_array().unwrap().is_empty());
    }
    async fn the_controls_on_backups_see_what_the_product_itself_does(app: TestApp) {
        let officers = officers(&app).await;
        let admin = &officers.company.admin;
        let custodian = given::with_role(&app, &officers.company, "lin.bao", "backup_custodian").await;
        for pack in ["group-it", "bureau-data"] {
            in_force(&app, &officers, pack, None).await;
        }
        let states = async |control: &str| -> Vec<String> {
            obligations(&app, &officers, &format!("&control={control}")).await.iter().map(|one| text(&one["state"])).collect()
        };

        // What another system's keeper reports is no backup of the product.
        let plan = json!({ "name": "财务", "subject": "application", "application": "用友 U8", "late_hours": 26 });
        let plan = app.by(admin).post("/backup-plans", plan).ok().await;
        let told = json!({ "state": "completed", "started_at": app.app.db.clock().now().plus_seconds(-60), "verified": true });
        app.by(admin).post(&format!("/backup-plans/{}/results", text(&plan["id"])), told).ok().await;
        assert_eq!(states("G6.2-completed").await, ["open"]);
        let plan = json!({ "name": "每日", "subject": "zhidu", "daily_at": "02:30", "target": "local" });
        let plan = app.by(admin).post("/backup-plans", plan).ok().await;
        let backup = made(&app, admin, &plan).await;
        assert!(states("G6.2-completed").await.contains(&"met".to_owned()));

        // A drill of the product is one, if it passed; one that finds damage is more than none.
        let path = format!("/backups/{}", text(&backup["id"]));
        let drill = async |result: &str| {
            app.by(admin).post(&format!("{path}/drill"), json!({})).ok().await;
            until(&app, admin, &path, |backup| backup["drill"] == result).await
        };
        assert_eq!(states("B2.1-drill").await, ["open"]);
        drill("passed").await;
        assert!(states("B2.1-drill").await.contains(&"met".to_owned()));
        assert!(states("B2.2-unchanged").await.is_empty());
        std::fs::write(app.folder.join("backups").join(text(&backup["folder"])).join("files.tar.zst"), "of another").expect("written");
        drill("failed").await;
        assert_eq!(states("B2.2-unchanged").await, ["breached"]);

        // Who does not take a medium has answered.
        let medium = app.by(admin).post("/backup-media", json!({ "serial": "D-01", "kind": "disk" })).ok().await;
        let given = json!({ "medium_id": medium["id"], "receiver_id": custodian.id });
        let given = app.by(admin).post("/backup-handovers", given).ok().await;
        assert_eq!(states("B2.3-received").await, ["open"]);
        let receive = format!("/backup-handovers/{}/receive", text(&given["id"]));
        app.by(&custodian).post(&receive, json!({ "accept": false, "note": "封签破损" })).if_match(1).ok().await;
        assert_eq!(states("B2.3-received").await, ["vacated"]);

        // What was lacking has to be found there later.
        let place = app.by(admin).post("/backup-places", json!({ "name": "数据保管室", "inspect_days": 30 })).ok().await;
        let inspect = async |damp: bool| {
            let six = json!({ "fire": true, "heat": true, "damp": damp, "dust": true, "magnetism": true, "theft": true, "note": "除湿机" });
            app.by(admin).post(&format!("/backup-places/{}/inspections", text(&place["id"])), six).ok().await;
        };
        inspect(false).await;
        assert_eq!(states("B2.5-fit").await, ["open"]);
        inspect(true).await;
        assert_eq!(states("B2.5-fit").await, ["met"]);
    }
}

//! Every operation that changes something, once with success: it leaves records and names them in its answer, its repetition and an empty change leave none, and
//! whoever may not do it leaves a note of the refusal. That no version step is without its record, or has two, is checked after
//! every test. An operation of the document that is not done here fails the test.

use std::collections::BTreeSet;

use reqwest::Method;
use tests::{Request, TestApp, Value, app::document, app::template_of, given, given::Person, given::text, json, on_both_databases};

/// What is not done here, since it needs another beginning or changes nothing that a regulation speaks of; it has tests of its own.
const ELSEWHERE: &[&str] = &[
    "POST /auth/login",
    "POST /auth/logout",
    "POST /auth/password",
    "POST /auth/refresh",
    "POST /auth/setup",
    "POST /log/cosignatures",
    // What they ask for is done in the background, with records of its own.
    "POST /backup-plans/{id}/run",
    "POST /backups/{id}/drill",
    "POST /report-runs",
];
/// They read, and POST only because the question is long.
const QUESTIONS: &[&str] = &[
    "POST /processes/check",
    "POST /processes/test-run",
    "POST /processes/{id}/preview",
    "POST /processes/{id}/replay",
    "POST /compliance/simulate",
];
/// The operations of processes, which have a life of their own.
const PROCESSES: &[&str] =
    &["/processes", "/packs", "/cases", "/case-drafts", "/work-items", "/deputies", "/phrases", "/notifications", "/webhooks"];
/// Marks of reading: housekeeping.
const UNRECORDED: &[&str] = &["POST /tickets/{id}/seen"];

struct Life<'a> {
    app: &'a TestApp,
    /// Without any role but that of an employee, in another unit.
    stranger: Person,
    auditor: Person,
    done: BTreeSet<String>,
}

/// One change to be made.
struct Change<'a> {
    by: &'a Person,
    method: Method,
    path: String,
    body: Option<Value>,
    bytes: Option<(&'static str, Vec<u8>)>,
    version: Option<i64>,
    /// Whether a stranger is refused.
    refused: bool,
    /// Whether a repetition cannot give the same answer.
    secret: bool,
}

impl<'a> Change<'a> {
    fn new(by: &'a Person, what: &str) -> Self {
        let (method, path) = what.split_once(' ').expect("a method and a path");
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Self { by, method, path: path.to_owned(), body: None, bytes: None, version: None, refused: true, secret: false }
    }
    fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
    fn bytes(mut self, media_type: &'static str, text: &str) -> Self {
        self.bytes = Some((media_type, text.as_bytes().to_vec()));
        self
    }
    fn sheet(self, csv: &str) -> Self {
        self.bytes("text/csv", csv)
    }
    fn archive(mut self, bytes: Vec<u8>) -> Self {
        self.bytes = Some(("application/zip", bytes));
        self
    }
    /// Its answer is shown once.
    fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
    /// Of the row as it is now.
    fn of(mut self, row: &Value) -> Self {
        self.version = row["version"].as_i64();
        self
    }
    fn at(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }
    /// What anybody may do about themselves.
    fn own(mut self) -> Self {
        self.refused = false;
        self
    }
    fn request(&self, app: &TestApp, by: &Person) -> Request {
        let mut request = app.by(by).request(self.method.clone(), &self.path);
        if let Some(version) = self.version {
            request = request.if_match(version);
        }
        match (&self.body, &self.bytes) {
            (Some(body), _) => request.json(body.clone()),
            (None, Some((media_type, bytes))) => request.bytes(media_type, bytes.clone()),
            (None, None) => request,
        }
    }
}

impl Life<'_> {
    async fn records(&self, outcome: &str) -> i64 {
        let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
        let sql = format!("select count(*) as n from audit_record where outcome = '{outcome}'");
        self.app.app.db.read(&actor, move |tx| tests::invariants::count(tx.conn(), &sql)).await.expect("a count")
    }

    /// Makes a change and demands of its records what the top of this file says.
    async fn make(&mut self, change: Change<'_>) -> Value {
        let template = template_of(&change.path).expect("an operation of the document");
        let name = format!("{} {}", change.method, template.strip_prefix("/api/v1").expect("the prefix"));
        if change.refused {
            let (done, denied) = (self.records("success").await, self.records("denied").await);
            let reply = change.request(self.app, &self.stranger).send().await;
            assert!([403, 404].contains(&reply.status), "{name} by a stranger: {} {}", reply.status, reply.json);
            assert_eq!(
                (self.records("success").await, self.records("denied").await),
                (done, denied + 1),
                "{name}: the note of the refusal"
            );
        }
        let before = self.records("success").await;
        let key = format!("{before}-{}", self.done.len());
        let once = |request: Request| if change.method == Method::POST { request.header("idempotency-key", &key) } else { request };
        let reply = once(change.request(self.app, change.by)).send().await;
        assert!((200..300).contains(&reply.status), "{name}: {} {}", reply.status, reply.json);
        let after = self.records("success").await;
        let recorded = !UNRECORDED.contains(&name.as_str());
        self.receipts(&name, &reply, after - before).await;
        assert_eq!(after > before, recorded, "{name}: {} records", after - before);
        // Again: the same POST under the same key is a replay; anything else is out of date, gone, or changes nothing.
        let again = once(change.request(self.app, change.by)).send().await;
        let expected: &[u16] = match change.method {
            Method::POST => &[reply.status, 409],
            Method::DELETE => &[204, 404, 409, 412],
            _ => &[200, 204, 409, 412],
        };
        assert!(expected.contains(&again.status), "{name} again: {} {}", again.status, again.json);
        if change.method == Method::POST && again.status == reply.status {
            assert_eq!(again.json, reply.json, "{name}: a replay gives the same answer");
            assert_eq!(again.headers.get("audit-record"), reply.headers.get("audit-record"), "{name}: and names the same records");
        }
        assert_eq!(self.records("success").await, after, "{name}: a repetition left a record");
        // The same content on top of the new version: nothing changes.
        let replaces = [Method::PUT, Method::PATCH].contains(&change.method);
        if let Some(version) = reply.json["version"].as_i64().filter(|_| replaces) {
            let same = Change { version: Some(version), ..change };
            let same = same.request(self.app, same.by).send().await;
            assert!((200..300).contains(&same.status), "{name} once more: {} {}", same.status, same.json);
            assert_eq!((self.records("success").await, same.json["version"].as_i64()), (after, Some(version)), "{name}: an empty change");
        }
        self.done.insert(name);
        reply.json
    }

    /// The answer names each record that was made, with the hash that the log has of it.
    async fn receipts(&self, name: &str, reply: &tests::Reply, made: i64) {
        let named = reply.headers.get("audit-record").map_or("", |header| header.to_str().expect("ASCII"));
        let named: Vec<&str> = named.split(", ").filter(|one| !one.is_empty()).collect();
        assert_eq!(i64::try_from(named.len()).ok(), Some(made), "{name}: {named:?}");
        let mut before = String::new();
        for receipt in named {
            let (id, leaf) = receipt.split_once(";leaf=").expect("an id and a hash");
            let canonical = text(&self.app.by(&self.auditor).get(&format!("/records/{id}")).ok().await["canonical"]);
            let root = merkle::tree::leaf_hash(canonical.as_bytes());
            let line = merkle::Checkpoint { origin: String::new(), size: 0, root, extensions: Vec::new() }.to_string();
            assert_eq!(line.lines().nth(2), Some(leaf), "{name}");
            assert!(id > before.as_str(), "{name}: in order");
            id.clone_into(&mut before);
        }
    }

    async fn now(&self, by: &Person, path: &str) -> Value {
        self.app.by(by).get(path).ok().await
    }
}

on_both_databases! {
    async fn leaves_its_records_and_nothing_else_does(app: TestApp) {
        let company = given::company(&app).await;
        let (admin, security) = (&company.admin, &company.security);
        let elsewhere = given::unit(&app, &company, &company.unit, "别处").await;
        let stranger = given::employee(&app, admin, &elsewhere, "stranger").await;
        let keeper = given::with_role(&app, &company, "keeper", "asset_keeper").await;
        let desk = given::with_role(&app, &company, "desk", "service_desk").await;
        let custodian = given::with_role(&app, &company, "custodian", "backup_custodian").await;
        let reporter = given::employee(&app, admin, &company.unit, "reporter").await;
        let auditor = given::with_role(&app, &company, "wu.shen", "auditor").await;
        let mut life = Life { app: &app, stranger, auditor, done: BTreeSet::new() };

        // The organisation.
        let unit = life.make(Change::new(admin, "POST /org-units").body(json!({ "parent_id": company.unit, "code": "FIN", "name": "财务部", "kind": "unit" }))).await;
        let unit_path = format!("/org-units/{}", text(&unit["id"]));
        let unit = life.make(Change::new(admin, &format!("PATCH {unit_path}")).body(json!({ "name": "财务中心", "head_id": reporter.id })).of(&unit)).await;
        let done = life.make(Change::new(admin, "POST /org-units/import?dry_run=false").sheet("编码,名称,上级\nFIN-1,会计组,FIN\n")).await;
        life.make(Change::new(admin, &format!("POST /org-units/imports/{}/undo", text(&done["import_id"]))).at(1)).await;
        let done = life.make(Change::new(admin, "POST /people/import?dry_run=false").sheet("姓名,账号,部门,岗位\n周正,zhou.zheng,FIN,会计\n")).await;
        life.make(Change::new(admin, &format!("POST /people/imports/{}/undo", text(&done["import_id"]))).at(1)).await;
        let made = life.make(Change::new(admin, "POST /people").body(json!({ "name": "钱多", "login": "qian.duo", "unit_id": unit["id"], "title": "出纳" }))).await;
        let person_path = format!("/people/{}", text(&made["person"]["id"]));
        let person = life.make(Change::new(admin, &format!("PATCH {person_path}")).body(json!({ "phone": "8001" })).of(&made["person"])).await;
        life.make(Change::new(admin, &format!("POST {person_path}/posts")).body(json!({ "unit_id": company.unit, "title": "兼职", "kind": "side" })).of(&person)).await;
        let person = life.now(admin, &person_path).await;
        let side = person["posts"].as_array().unwrap().iter().find(|post| post["kind"] == "side").unwrap()["id"].clone();
        life.make(Change::new(admin, &format!("POST {person_path}/posts/{}/end", text(&side))).of(&person)).await;

        // Names in the log, where a law demands it.
        let record = life.now(&life.auditor, "/records?action=org_unit.created&limit=1").await["items"][0].clone();
        life.make(Change::new(security, &format!("POST /records/{}/erasure", text(&record["id"]))).body(json!({ "legal_basis": "第四十七条" }))).await;

        // Reports.
        let plan = json!({ "report": "logins", "name": "登录", "period": "week" });
        let auditor = life.auditor.clone();
        let plan = life.make(Change::new(&auditor, "POST /report-plans").body(plan)).await;
        life.make(Change::new(&auditor, &format!("PATCH /report-plans/{}", text(&plan["id"]))).body(json!({ "period": "month" })).of(&plan)).await;
        let mut run = app.by(&auditor).post("/report-runs", json!({ "report": "logins" })).ok().await;
        for _ in 0..3_000 {
            if run["state"] != "queued" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            run = life.now(&auditor, &format!("/report-runs/{}", text(&run["id"]))).await;
        }
        life.make(Change::new(&auditor, &format!("POST /report-runs/{}/discard", text(&run["id"]))).of(&run)).await;

        // Records for the authorities.
        let first = given::with_role(&app, &company, "approver.one", "extraction_approver").await;
        let second = given::with_role(&app, &company, "approver.two", "extraction_approver").await;
        let wanted = json!({ "authority": "公安局", "document_number": "〔2026〕1 号", "legal_basis": "网络安全法", "selection": { "actor_id": admin.id } });
        for _ in 0..3_000 {
            if life.now(&auditor, "/records?limit=1").await["items"][0]["index"].is_i64() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let mut asked = Vec::new();
        for _ in 0..3 {
            asked.push(life.make(Change::new(&auditor, "POST /extractions").body(wanted.clone())).await);
        }
        let of = |row: &Value, step: &str| format!("POST /extractions/{}/{step}", text(&row["id"]));
        let half = life.make(Change::new(&first, &of(&asked[0], "approve")).of(&asked[0])).await;
        life.make(Change::new(&second, &of(&half, "approve")).of(&half)).await;
        life.make(Change::new(&first, &of(&asked[1], "decline")).body(json!({ "reason": "依据不足" })).of(&asked[1])).await;
        life.make(Change::new(&auditor, &of(&asked[2], "withdraw")).of(&asked[2])).await;

        // Roles, and who holds them.
        let role = life.make(Change::new(security, "POST /roles").body(json!({ "code": "clerk", "name": "文员", "permissions": ["org.read"] }))).await;
        let role_path = format!("/roles/{}", text(&role["id"]));
        life.make(Change::new(security, &format!("PATCH {role_path}")).body(json!({ "permissions": ["org.read", "tickets.read"] })).of(&role)).await;
        let person = life.now(security, &person_path).await;
        life.make(Change::new(security, &format!("POST {person_path}/roles")).body(json!({ "role_id": role["id"], "scope": "all" })).of(&person)).await;
        let person = life.now(security, &person_path).await;
        let held = person["roles"].as_array().unwrap().iter().find(|held| held["role_id"] == role["id"] || held["role"]["id"] == role["id"]).unwrap()["id"].clone();
        life.make(Change::new(security, &format!("DELETE {person_path}/roles/{}", text(&held))).of(&person)).await;
        let person = life.now(admin, &person_path).await;
        life.make(Change::new(admin, &format!("POST {person_path}/reset-password")).of(&person)).await;
        for _ in 0..5 {
            app.anonymous().post("/auth/login", json!({ "login": "qian.duo", "password": "wrong" })).send().await;
        }
        let person = life.now(security, &person_path).await;
        life.make(Change::new(security, &format!("POST {person_path}/unlock")).of(&person)).await;
        let person = life.now(admin, &person_path).await;
        life.make(Change::new(admin, &format!("POST {person_path}/deactivate")).body(json!({ "reason": "离职" })).of(&person)).await;
        let person = life.now(admin, &person_path).await;
        life.make(Change::new(admin, &format!("POST {person_path}/reactivate")).of(&person)).await;
        let empty = life.make(Change::new(admin, "POST /org-units").body(json!({ "parent_id": company.unit, "code": "OLD", "name": "旧部门", "kind": "unit" }))).await;
        life.make(Change::new(admin, &format!("POST /org-units/{}/close", text(&empty["id"]))).of(&empty)).await;

        // One's own.
        let me = life.now(&reporter, "/me").await;
        life.make(Change::new(&reporter, "PATCH /me").body(json!({ "theme": "dark" })).of(&me).own()).await;
        let token = json!({ "name": "脚本", "scopes": ["tickets.read"], "expires_at": "2099-01-01T00:00:00Z" });
        let token = life.make(Change::new(&reporter, "POST /me/tokens").body(token).own()).await;
        life.make(Change::new(&reporter, &format!("DELETE /me/tokens/{}", text(&token["id"])))).await;
        let phone = app.anonymous().post("/auth/login", json!({ "login": reporter.login, "password": reporter.password })).ok().await;
        let sessions = app.with_token(&text(&phone["access_token"])).get("/me/sessions").ok().await;
        let session = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap()["id"].clone();
        life.make(Change::new(&reporter, &format!("DELETE /me/sessions/{}", text(&session)))).await;

        // Equipment.
        let kind = life.make(Change::new(admin, "POST /equipment-types").body(json!({ "code": "ups", "name": "不间断电源" }))).await;
        let kind_path = format!("/equipment-types/{}", text(&kind["id"]));
        let attribute = json!({ "key": "kva", "label": "容量", "type": "decimal" });
        life.make(Change::new(admin, &format!("PATCH {kind_path}")).body(json!({ "name": "UPS", "attributes": [attribute] })).of(&kind)).await;
        let credential = life.make(Change::new(admin, "POST /inventory-credentials").body(json!({ "name": "机房" }))).await;
        life.make(Change::new(admin, &format!("DELETE /inventory-credentials/{}", text(&credential["id"])))).await;
        let facts = json!({ "name": "UPS 一号", "type_id": kind["id"], "unit_id": company.unit, "holder_id": reporter.id });
        let thing = life.make(Change::new(&keeper, "POST /equipment").body(facts.clone())).await;
        let thing_path = format!("/equipment/{}", text(&thing["id"]));
        let facts = json!({ "name": "UPS 二号", "type_id": kind["id"], "number": thing["number"], "serial": "UPS-4711" });
        let thing = life.make(Change::new(&keeper, &format!("PATCH {thing_path}")).body(facts).of(&thing)).await;
        life.make(Change::new(&keeper, &format!("POST {thing_path}/transitions")).body(json!({ "action": "assign", "unit_id": company.unit, "holder_id": desk.id, "place": "二楼机房" })).of(&thing)).await;
        let done = life.make(Change::new(&keeper, "POST /equipment/import?dry_run=false").sheet("名称,类型,序列号\nUPS 三号,ups,UPS-4712\n")).await;
        life.make(Change::new(&keeper, &format!("POST /equipment/imports/{}/undo", text(&done["import_id"]))).at(1)).await;

        // Data sets.
        let manager = given::with_role(&app, &company, "manager", "data_manager").await;
        let facts = json!({ "name": "检验记录", "classification": "internal", "purpose": "质量追溯", "location": "质量系统", "unit_id": company.unit, "custodian_id": manager.id });
        let dataset = life.make(Change::new(&manager, "POST /datasets").body(facts)).await;
        let path = format!("/datasets/{}", text(&dataset["id"]));
        let dataset = life.make(Change::new(&manager, &format!("PATCH {path}")).body(json!({ "location": "质量系统二期" })).of(&dataset)).await;
        let to = json!({ "person_id": reporter.id, "mode": "read", "purpose": "编制年报", "valid_until": "2099-12-31" });
        let grant = life.make(Change::new(&manager, &format!("POST {path}/grants")).body(to)).await;
        life.make(Change::new(&manager, &format!("POST /dataset-grants/{}/revoke", text(&grant["id"]))).body(json!({ "reason": "调离" })).of(&grant)).await;
        life.make(Change::new(&manager, &format!("POST {path}/transitions")).body(json!({ "action": "retire", "reason": "停用" })).of(&dataset)).await;

        // The desk's settings.
        let category = life.make(Change::new(admin, "POST /ticket-categories").body(json!({ "name": "供电" }))).await;
        let category_path = format!("/ticket-categories/{}", text(&category["id"]));
        life.make(Change::new(admin, &format!("PATCH {category_path}")).body(json!({ "name": "供配电" })).of(&category)).await;
        let levels = life.now(admin, "/service-levels").await;
        let reopen = json!({ "levels": levels["levels"], "reopen_days": 14 });
        life.make(Change::new(admin, "PUT /service-levels").body(reopen).of(&levels)).await;
        let hours = life.now(admin, "/calendar").await;
        let nine_to_five = json!({ "time_zone": "Asia/Shanghai", "hours": [{ "weekday": 1, "spans": [{ "from": "09:00", "to": "17:00" }] }] });
        life.make(Change::new(admin, "PUT /calendar").body(nine_to_five).of(&hours)).await;
        let days = json!({ "days": [{ "date": "2031-01-01", "kind": "holiday", "name": "元旦" }] });
        let year = life.make(Change::new(admin, "PUT /calendar/years/2031").body(days).at(0)).await;
        life.make(Change::new(admin, "POST /calendar/years/2031/import").sheet("日期,类型,名称\n2031-01-02,休,元旦\n").of(&year)).await;

        // Regulations, what breaks them, and what is done about it.
        let one = given::with_role(&app, &company, "one", "compliance_officer").await;
        let other = given::with_role(&app, &company, "other", "compliance_officer").await;
        let controls = "[[control]]\nid = \"units\"\nclause = \"G1.2\"\ntitle = \"不再设单位\"\ntemplate = \"absence\"\nwhen = { event = \"org_unit.created\" }\n";
        let pack = json!({ "pack": "group-it", "controls": controls });
        let proposed = life.make(Change::new(&one, "POST /regulations").body(pack.clone())).await;
        let path = format!("/regulations/{}", text(&proposed["id"]));
        life.make(Change::new(&other, &format!("POST {path}/decline")).body(json!({ "reason": "再看看" })).of(&proposed)).await;
        let proposed = life.make(Change::new(&one, "POST /regulations").body(pack)).await;
        let path = format!("/regulations/{}", text(&proposed["id"]));
        life.make(Change::new(&other, &format!("POST {path}/approve")).of(&proposed)).await;
        life.make(Change::new(&reporter, &format!("POST {path}/acknowledge")).own()).await;
        life.make(Change::new(&one, &format!("PUT {path}/clauses/G1.2/owner")).body(json!({ "unit_id": elsewhere }))).await;
        let until = app.app.db.clock().now().plus_seconds(30 * 86_400).to_string();
        let upload = Change::new(&one, "POST /files?name=roster.txt").bytes("text/plain", "花名册").own();
        let roster = life.make(upload).await;
        let word = json!({ "statement": "看过花名册", "kept": true, "file_ids": [roster["id"]] });
        life.make(Change::new(&one, &format!("POST {path}/clauses/G1.2/attestations")).body(word)).await;
        let asked = json!({ "control": "units", "reason": "正在重组", "measures": "逐一报备", "until": until });
        let waiver = life.make(Change::new(&one, "POST /waivers").body(asked.clone())).await;
        let path = format!("/waivers/{}", text(&waiver["id"]));
        let waiver = life.make(Change::new(&other, &format!("POST {path}/approve")).of(&waiver)).await;
        life.make(Change::new(&other, &format!("POST {path}/end")).of(&waiver)).await;
        let waiver = life.make(Change::new(&one, "POST /waivers").body(asked)).await;
        life.make(Change::new(&other, &format!("POST /waivers/{}/decline", text(&waiver["id"]))).of(&waiver)).await;
        given::unit(&app, &company, &company.unit, "又一个部").await;
        let mut found = json!(null);
        for _ in 0..200 {
            found = app.by(&one).get("/obligations?unsettled=true").ok().await["items"][0].clone();
            if found.is_object() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let path = format!("/obligations/{}", text(&found["id"]));
        let chosen = json!({ "process_keys": ["finding-rectification"], "publish": true });
        app.by(admin).post("/packs/group-it/install", chosen).ok().await;
        let process = app.by(&one).get(&format!("{path}/processes")).ok().await["items"][0].clone();
        let mut data = process["data"].clone();
        (data["责任部门"], data["整改期限"]) = (json!(company.unit), json!("2036-12-10"));
        let body = json!({ "process_id": process["id"], "data": data });
        life.make(Change::new(&one, &format!("POST {path}/case")).body(body)).await;
        let to = json!({ "responsible_id": reporter.id, "due_at": until });
        let finding = life.make(Change::new(&one, &format!("POST {path}/assign")).body(to).at(0)).await;
        let said = json!({ "cause": "没有看制度", "correction": "已合并" });
        let finding = life.make(Change::new(&reporter, &format!("POST {path}/correct")).body(said).of(&finding)).await;
        let said = json!({ "holds": true, "words": "看过组织树" });
        life.make(Change::new(&one, &format!("POST {path}/verify")).body(said).of(&finding)).await;

        // Backups, their media and places.
        let body = json!({ "name": "财务系统", "subject": "application", "application": "用友 U8", "daily_at": "02:30" });
        let plan = life.make(Change::new(admin, "POST /backup-plans").body(body)).await;
        let plan_path = format!("/backup-plans/{}", text(&plan["id"]));
        life.make(Change::new(admin, &format!("PATCH {plan_path}")).body(json!({ "custodian_id": keeper.id })).of(&plan)).await;
        let medium = life.make(Change::new(admin, "POST /backup-media").body(json!({ "serial": "TAPE-0001", "kind": "tape" }))).await;
        let medium_path = format!("/backup-media/{}", text(&medium["id"]));
        let medium = life.make(Change::new(admin, &format!("PATCH {medium_path}")).body(json!({ "note": "LTO-8" })).of(&medium)).await;
        let place = life.make(Change::new(admin, "POST /backup-places").body(json!({ "name": "档案室", "inspect_days": 30 }))).await;
        let place_path = format!("/backup-places/{}", text(&place["id"]));
        life.make(Change::new(admin, &format!("PATCH {place_path}")).body(json!({ "inspect_days": 90 })).of(&place)).await;
        let six = json!({ "fire": true, "heat": true, "damp": false, "dust": true, "magnetism": true, "theft": true, "note": "缺除湿机" });
        life.make(Change::new(admin, &format!("POST {place_path}/inspections")).body(six)).await;
        let to = json!({ "place_id": place["id"], "seal_number": "F-17" });
        life.make(Change::new(admin, &format!("POST {medium_path}/move")).body(to).of(&medium)).await;
        let result = json!({ "state": "completed", "started_at": "2026-01-01T00:00:00Z", "verified": true, "medium_id": medium["id"] });
        life.make(Change::new(admin, &format!("POST {plan_path}/results")).body(result)).await;
        let given = json!({ "medium_id": medium["id"], "receiver_id": custodian.id });
        let handover = life.make(Change::new(admin, "POST /backup-handovers").body(given)).await;
        let receive = format!("POST /backup-handovers/{}/receive", text(&handover["id"]));
        life.make(Change::new(&custodian, &receive).body(json!({ "accept": true })).of(&handover)).await;
        let back = json!({ "medium_id": medium["id"], "receiver_id": admin.id });
        let handover = life.make(Change::new(&custodian, "POST /backup-handovers").body(back)).await;
        life.make(Change::new(&custodian, &format!("POST /backup-handovers/{}/withdraw", text(&handover["id"]))).of(&handover)).await;

        // A ticket.
        let file = life.make(Change::new(&reporter, "POST /files?name=a.txt").bytes("text/plain", "现场情况").own()).await;
        let alert = json!({ "status": "firing", "labels": {}, "annotations": {}, "startsAt": "2026-11-27T01:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": "f" });
        let alerts = json!({ "version": "4", "groupKey": "g", "status": "firing", "receiver": "r", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "", "alerts": [alert] });
        life.make(Change::new(&reporter, "POST /alerts/alertmanager").body(alerts).own()).await;
        let ticket = life.make(Change::new(&reporter, "POST /tickets").body(json!({ "kind": "fault", "title": "机房断电" })).own()).await;
        let path = format!("/tickets/{}", text(&ticket["id"]));
        let ticket = life.make(Change::new(&reporter, &format!("PATCH {path}")).body(json!({ "urgency": "high" })).of(&ticket)).await;
        life.make(Change::new(&reporter, &format!("POST {path}/attachments")).body(json!({ "file_id": file["id"] }))).await;
        life.make(Change::new(&reporter, &format!("POST {path}/comments")).body(json!({ "text": "还没有来电" }))).await;
        life.make(Change::new(&desk, &format!("POST {path}/equipment")).body(json!({ "equipment_id": thing["id"] }))).await;
        life.make(Change::new(&desk, &format!("DELETE {path}/equipment/{}", text(&thing["id"])))).await;
        life.make(Change::new(&desk, &format!("PUT {path}/watchers/{}", keeper.id))).await;
        life.make(Change::new(&desk, &format!("DELETE {path}/watchers/{}", keeper.id))).await;
        life.make(Change::new(&desk, &format!("POST {path}/transitions")).body(json!({ "action": "start" })).of(&ticket)).await;
        life.make(Change::new(&desk, &format!("POST {path}/site-notes")).body(json!({ "text": "空开跳闸" }))).await;
        life.make(Change::new(&desk, &format!("POST {path}/seen"))).await;
        let ticket = life.now(&desk, &path).await;
        let bulk = json!({ "items": [{ "id": ticket["id"], "version": ticket["version"] }], "step": { "action": "resolve", "text": "已合闸" } });
        life.make(Change::new(&desk, "POST /tickets/bulk").body(bulk).own()).await;
        assert_eq!(life.now(&desk, &path).await["state"], "resolved");
        let view = life.make(Change::new(&desk, "POST /ticket-views").body(json!({ "name": "断电", "filter": "q=断电" })).own()).await;
        let view_path = format!("/ticket-views/{}", text(&view["id"]));
        life.make(Change::new(&desk, &format!("PUT {view_path}")).body(json!({ "name": "停电", "filter": "q=断电" })).of(&view)).await;
        life.make(Change::new(&desk, &format!("DELETE {view_path}"))).await;

        assert_eq!(life.done, changes(false));
    }

    async fn of_processes_leaves_its_records_and_nothing_else_does(app: TestApp) {
        use crate::office::{approval, bpmn, form, office, work};
        let office = office(&app).await;
        let (admin, applicant, head, second) = (&office.designer, &office.applicant, &office.head, &office.second);
        let elsewhere = given::unit(&app, &office.company, &office.company.unit, "别处").await;
        let stranger = given::employee(&app, admin, &elsewhere, "stranger").await;
        let auditor = given::with_role(&app, &office.company, "wu.shen", "auditor").await;
        let mut life = Life { app: &app, stranger, auditor, done: BTreeSet::new() };

        // A definition.
        let hook = life.make(Change::new(admin, "POST /webhooks").body(json!({ "name": "门户", "url": "https://hooks.example.org/zhidu" })).secret()).await;
        life.make(Change::new(admin, &format!("PATCH /webhooks/{}", text(&hook["id"]))).body(json!({ "name": "门户网站" })).of(&hook)).await;
        let act = "<b:serviceTask id=\"act\"><b:extensionElements><zhidu:action name=\"notify\"><zhidu:input name=\"people\" value=\"说明\"/><zhidu:input name=\"text\" value=\"名称\"/></zhidu:action></b:extensionElements></b:serviceTask>";
        let wait = "<b:intermediateCatchEvent id=\"wait\"><b:messageEventDefinition/></b:intermediateCatchEvent>";
        let elements = format!("{}{}{act}{wait}", approval("a", "", "<zhidu:people by=\"head\"/>"), approval("b", "", "<zhidu:people by=\"person\" value=\"second\"/>"));
        let drawn = bpmn("", &elements, &[("start", "apply", ""), ("apply", "a", ""), ("a", "b", ""), ("b", "act", ""), ("act", "wait", ""), ("wait", "end", "")]);
        let process = life.make(Change::new(admin, "POST /processes").body(json!({ "key": "life", "name": "一生", "bpmn": drawn, "form": form() }))).await;
        let path = format!("/processes/{}", text(&process["id"]));
        let process = life.make(Change::new(admin, &format!("PATCH {path}")).body(json!({ "category": "采购" })).of(&process)).await;
        let process = life.make(Change::new(admin, &format!("POST {path}/publish")).body(json!({})).of(&process)).await;
        let process = life.make(Change::new(admin, &format!("PATCH {path}")).body(json!({ "bpmn": drawn.replace("审批a", "审批") })).of(&process)).await;
        let process = app.by(admin).post(&format!("{path}/publish"), json!({ "pilot_unit_ids": [elsewhere] })).if_match(process["version"].as_i64().unwrap()).ok().await;
        life.make(Change::new(applicant, &format!("PUT {path}/favourite")).own()).await;
        life.make(Change::new(applicant, &format!("DELETE {path}/favourite")).own()).await;

        // A case from draft to incident.
        let draft = life.make(Change::new(applicant, "POST /case-drafts").body(json!({ "process_id": process["id"], "data": { "名称": "甲" } })).own()).await;
        let draft_path = format!("/case-drafts/{}", text(&draft["id"]));
        life.make(Change::new(applicant, &format!("PUT {draft_path}")).body(json!({ "data": { "名称": "乙" } })).of(&draft)).await;
        life.make(Change::new(applicant, &format!("DELETE {draft_path}"))).await;
        let case = life.make(Change::new(applicant, "POST /cases").body(json!({ "process_id": process["id"], "data": { "名称": "甲", "说明": "nobody" } })).own()).await;
        let case_path = format!("/cases/{}", text(&case["id"]));
        life.make(Change::new(applicant, &format!("POST {case_path}/urge")).body(json!({ "text": "请尽快" }))).await;
        life.make(Change::new(applicant, &format!("POST {case_path}/cc")).body(json!({ "person_ids": [second.id] }))).await;
        life.make(Change::new(second, &format!("POST {case_path}/seen"))).await;
        let asked = life.make(Change::new(applicant, &format!("POST {case_path}/questions")).body(json!({ "to": head.id, "text": "何时可批" }))).await;
        let question = text(&asked["questions"][0]["id"]);
        life.make(Change::new(head, &format!("POST {case_path}/questions/{question}/answer")).body(json!({ "text": "今天" }))).await;
        let item = work(&app, head, &case).await;
        life.make(Change::new(head, &format!("POST /work-items/{}/seen", text(&item["id"])))).await;
        let item = work(&app, head, &case).await;
        life.make(Change::new(head, &format!("POST /work-items/{}/transitions", text(&item["id"]))).body(json!({ "action": "complete", "outcome": "agree" })).of(&item)).await;
        life.make(Change::new(admin, "POST /work-items/hand-over").body(json!({ "from": second.id, "to": head.id, "reason": "离职" }))).await;
        let item = work(&app, head, &case).await;
        life.make(Change::new(head, "POST /work-items/bulk").body(json!({ "items": [{ "id": item["id"], "version": item["version"] }], "outcome": "agree" })).own()).await;
        let stopped = app.by(admin).get(&case_path).ok().await;
        let token = stopped["incidents"][0]["token"].as_i64().expect("an incident");
        let again = life.make(Change::new(admin, &format!("POST {case_path}/incidents/{token}/retry"))).await;
        let token = again["incidents"][0]["token"].as_i64().expect("still an incident");
        life.make(Change::new(admin, &format!("POST {case_path}/incidents/{token}/resolve")).body(json!({ "reason": "已口头通知" }))).await;
        life.make(Change::new(admin, &format!("POST {case_path}/messages")).body(json!({ "name": "wait" }))).await;
        assert_eq!(app.by(applicant).get(&case_path).ok().await["state"], "completed");

        // Another, sent back and ended; a migration; the end of the process.
        let case = app.by(applicant).post("/cases", json!({ "process_id": process["id"], "data": { "名称": "丙" } })).ok().await;
        let case_path = format!("/cases/{}", text(&case["id"]));
        crate::office::agree(&app, head, &case).await;
        let other = given::employee(&app, admin, &elsewhere, "chief").await;
        given::assign(&app, &office.company.security, &other, "system_administrator", "all", None).await;
        let now = app.by(admin).get(&case_path).ok().await;
        life.make(Change::new(admin, &format!("POST {case_path}/jump")).body(json!({ "to": "a", "reason": "审批有误", "second_login": other.login, "second_password": other.password })).of(&now)).await;
        life.make(Change::new(admin, &format!("POST {path}/migrate")).body(json!({ "from": 1, "to": 2, "dry_run": false, "reason": "换新版本", "second_login": other.login, "second_password": other.password }))).await;
        let now = app.by(applicant).get(&case_path).ok().await;
        life.make(Change::new(applicant, &format!("POST {case_path}/transitions")).body(json!({ "action": "revoke", "reason": "不需要" })).of(&now)).await;
        let process = life.now(admin, &path).await;
        let process = life.make(Change::new(admin, &format!("POST {path}/promote")).body(json!({})).of(&process)).await;
        let process = life.make(Change::new(admin, &format!("POST {path}/withdraw")).body(json!({ "reason": "不再使用" })).of(&process)).await;
        life.make(Change::new(admin, &format!("POST {path}/restore")).body(json!({})).of(&process)).await;

        // The desk, and packs.
        let period = json!({ "deputy_id": second.id, "from": "2026-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z" });
        let deputies = life.make(Change::new(head, "POST /deputies").body(period).own()).await;
        life.make(Change::new(head, &format!("DELETE /deputies/{}", text(&deputies["items"][0]["id"])))).await;
        life.make(Change::new(head, "PUT /phrases").body(json!({ "phrases": ["同意，请尽快"] })).own()).await;
        life.make(Change::new(head, "POST /notifications/read").body(json!({})).own()).await;
        life.make(Change::new(admin, "POST /packs/quality/install").body(json!({ "publish": false }))).await;
        let archive = app.by(admin).get("/packs/bureau-data/export").send().await.bytes;
        life.make(Change::new(admin, "POST /packs/import").archive(archive)).await;

        assert_eq!(life.done, changes(true));
    }
}

/// Every operation that changes something: of processes, or of everything else.
fn changes(of_processes: bool) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (template, item) in document()["paths"].as_object().expect("paths") {
        let path = template.strip_prefix("/api/v1").expect("the prefix");
        if PROCESSES.iter().any(|own| path.starts_with(own)) == of_processes {
            let methods = item.as_object().expect("operations").keys().filter(|method| *method != "get");
            all.extend(methods.map(|method| format!("{} {path}", method.to_ascii_uppercase())));
        }
    }
    all.retain(|name| !ELSEWHERE.contains(&name.as_str()) && !QUESTIONS.contains(&name.as_str()));
    all
}

//! A company in which processes run, and the short ways in which tests write and walk them.

use tests::{
    TestApp, Value, given,
    given::{Person, text},
    json,
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
pub async fn administrator(app: &TestApp, office: &Office) -> Person {
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

pub fn person(person: &Person) -> String {
    format!("<zhidu:people by=\"person\" value=\"{}\"/>", person.login)
}

pub fn steps_of(case: &Value) -> Vec<String> {
    case["at"].as_array().unwrap().iter().map(|place| text(&place["step"])).collect()
}

pub const HEAD: &str = "<zhidu:people by=\"head\"/>";
pub const SECOND: &str = "<zhidu:people by=\"person\" value=\"second\"/>";

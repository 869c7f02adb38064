//! Every operation of the document: without a token, with the wrong permission, in the wrong unit.

use kernel::Permission;
use reqwest::Method;
use tests::{TestApp, Value, app::document, given, given::text, json, on_both_databases};

/// What needs nobody.
const PUBLIC: &[(&str, &str)] =
    &[("post", "/auth/login"), ("post", "/auth/refresh"), ("get", "/auth/password-rules"), ("get", "/auth/setup"), ("post", "/auth/setup")];
/// What everybody may do who is logged in; about themselves only.
const ANYBODY: &[&str] = &[
    "/auth/logout",
    "/auth/password",
    "/me",
    "/files",
    "/events",
    "/changes",
    "/regulations",
    "/obligations",
    "/compliance/events",
    "/reports",
    "/report-runs",
    "/report-plans",
    "/extractions",
    "/datasets",
    "/dataset-grants",
];

/// Method and path of every operation, with ids that name nothing.
fn operations() -> Vec<(String, String, Option<String>)> {
    let paths = document()["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (template, item) in paths {
        for (method, operation) in item.as_object().expect("operations") {
            let path = template.strip_prefix("/api/v1").expect("the prefix");
            let filled: Vec<String> = path
                .split('/')
                .map(|part| match part {
                    "{year}" => "2026".to_owned(),
                    "{number}" | "{token}" => "1".to_owned(),
                    part if part.starts_with('{') => kernel::PersonId::new().to_string(),
                    part => part.to_owned(),
                })
                .collect();
            let permission = operation["x-permission"].as_str().map(str::to_owned);
            all.push((method.clone(), filled.join("/"), permission));
        }
    }
    assert!(all.len() > 80, "the document has lost operations");
    all
}

fn verb(method: &str) -> Method {
    Method::from_bytes(method.to_ascii_uppercase().as_bytes()).expect("a method")
}

fn is_public(method: &str, path: &str) -> bool {
    PUBLIC.contains(&(method, path))
}

async fn token_with(app: &TestApp, person: &given::Person, scopes: &[&str]) -> String {
    let body = json!({ "name": "matrix", "scopes": scopes, "expires_at": "2099-01-01T00:00:00Z" });
    text(&app.by(person).post("/me/tokens", body).ok().await["token"])
}

on_both_databases! {
    async fn without_a_token_nothing_is_open_but_the_doors(app: TestApp) {
        given::company(&app).await;
        for (method, path, _) in operations() {
            if !is_public(&method, &path) {
                app.anonymous().request(verb(&method), &path).refused(401, "auth.required").await;
            }
            let reply = app.with_token("nonsense").request(verb(&method), &path).send().await;
            assert!(is_public(&method, &path) || reply.status == 401, "{method} {path}: {}", reply.status);
        }
    }

    async fn exactly_its_permission_opens_an_operation_and_everything_else_does_not(app: TestApp) {
        let company = given::company(&app).await;
        // Nobody can hold everything: the three administrators exclude each other.
        let sides: [&[&str]; 3] = [&["org.manage", "people.manage"], &["roles.manage", "roles.assign", "security.manage"], &["records.read"]];
        let mut people = Vec::new();
        for (index, side) in sides.iter().enumerate() {
            let others: Vec<&str> = sides.iter().enumerate().filter(|(other, _)| *other != index).flat_map(|(_, side)| side.iter().copied()).collect();
            let held: Vec<&str> = Permission::ALL.iter().map(|permission| permission.as_str()).filter(|permission| !others.contains(permission)).collect();
            assert!(side.iter().all(|permission| held.contains(permission)));
            let code = format!("side{index}");
            app.by(&company.security).post("/roles", json!({ "code": code, "name": code, "permissions": held })).ok().await;
            people.push((given::with_role(&app, &company, &code, &code).await, held));
        }
        let mut tokens = std::collections::BTreeMap::new();
        for permission in Permission::ALL.iter().map(|permission| permission.as_str()) {
            let mut without = Vec::new();
            for (person, held) in &people {
                let rest: Vec<&str> = held.iter().copied().filter(|other| *other != permission).collect();
                without.push(token_with(&app, person, &rest).await);
            }
            let (holder, _) = people.iter().find(|(_, held)| held.contains(&permission)).expect("somebody holds it");
            tokens.insert(permission, (token_with(&app, holder, &[permission]).await, without));
        }
        let mut demanded = std::collections::BTreeSet::new();
        for (method, path, permission) in operations() {
            let Some(permission) = permission else {
                assert!(is_public(&method, &path) || ANYBODY.iter().any(|open| path.starts_with(open)), "{method} {path} demands nothing");
                continue;
            };
            let (exactly, without) = &tokens[permission.as_str()];
            for token in without {
                let reply = app.with_token(token).request(verb(&method), &path).send().await;
                assert_eq!(reply.status, 403, "{method} {path} without {permission}: {}", reply.json);
            }
            let reply = app.with_token(exactly).request(verb(&method), &path).send().await;
            assert_ne!(reply.status, 403, "{method} {path} with {permission}: {}", reply.json);
            demanded.insert(permission);
        }
        // The rest is asked for by policies, not by an operation alone.
        let inside = ["tickets.dispatch", "tickets.manage", "datasets.read"];
        let all: std::collections::BTreeSet<String> = Permission::ALL.iter().map(|one| one.as_str().to_owned()).filter(|one| !inside.contains(&one.as_str())).collect();
        assert_eq!(demanded, all);
    }

    async fn in_the_wrong_unit_nothing_can_be_seen_or_done(app: TestApp) {
        let company = given::company(&app).await;
        let here = given::unit(&app, &company, &company.unit, "甲部").await;
        let there = given::unit(&app, &company, &company.unit, "乙部").await;
        let stranger = given::employee(&app, &company.admin, &there, "stranger").await;
        for role in ["service_desk", "asset_keeper"] {
            given::assign(&app, &company.security, &stranger, role, "unit", Some(&there)).await;
        }
        let keeper = given::with_role(&app, &company, "keeper", "asset_keeper").await;
        let reporter = given::employee(&app, &company.admin, &here, "reporter").await;
        let types = app.by(&keeper).get("/equipment-types").ok().await;
        let body = json!({ "name": "主机", "type_id": types["items"][0]["id"], "unit_id": here });
        let thing = app.by(&keeper).post("/equipment", body.clone()).ok().await;
        let ticket = app.by(&reporter).post("/tickets", json!({ "kind": "request", "title": "开通账号" })).ok().await;
        let (ticket_path, thing_path) = (format!("/tickets/{}", text(&ticket["id"])), format!("/equipment/{}", text(&thing["id"])));
        app.by(&stranger).post("/equipment", body).refused(403, "forbidden").await;
        let attempts: Vec<(Method, String, Value)> = vec![
            (Method::GET, ticket_path.clone(), Value::Null),
            (Method::GET, format!("{ticket_path}/timeline"), Value::Null),
            (Method::GET, format!("{ticket_path}/due"), Value::Null),
            (Method::POST, format!("{ticket_path}/seen"), Value::Null),
            (Method::PATCH, ticket_path.clone(), json!({ "title": "别人的" })),
            (Method::POST, format!("{ticket_path}/transitions"), json!({ "action": "start" })),
            (Method::POST, format!("{ticket_path}/transitions"), json!({ "action": "cancel", "text": "x" })),
            (Method::POST, format!("{ticket_path}/comments"), json!({ "text": "x" })),
            (Method::POST, format!("{ticket_path}/site-notes"), json!({ "text": "x" })),
            (Method::POST, format!("{ticket_path}/equipment"), json!({ "equipment_id": thing["id"] })),
            (Method::PUT, format!("{ticket_path}/watchers/{}", stranger.id), Value::Null),
            (Method::DELETE, format!("{ticket_path}/watchers/{}", reporter.id), Value::Null),
            (Method::DELETE, format!("{ticket_path}/equipment/{}", text(&thing["id"])), Value::Null),
            (Method::POST, format!("{ticket_path}/attachments"), json!({ "file_id": kernel::PersonId::new() })),
            (Method::GET, format!("{ticket_path}/attachments/{}", kernel::PersonId::new()), Value::Null),
            (Method::GET, thing_path.clone(), Value::Null),
            (Method::GET, format!("{thing_path}/movements"), Value::Null),
            (Method::GET, format!("{thing_path}/software"), Value::Null),
            (Method::PATCH, thing_path.clone(), json!({ "name": "x", "type_id": types["items"][0]["id"] })),
            (Method::POST, format!("{thing_path}/transitions"), json!({ "action": "report_fault", "reason": "x" })),
        ];
        // A new operation on a ticket or a piece of equipment has to be attempted here too.
        let attempted: Vec<(Method, String)> = attempts.iter().filter_map(|(method, path, _)| Some((method.clone(), tests::app::template_of(path)?))).collect();
        for (template, item) in document()["paths"].as_object().expect("paths") {
            if ["/api/v1/tickets/{id}", "/api/v1/equipment/{id}"].iter().any(|owned| template.starts_with(owned)) {
                for method in item.as_object().expect("operations").keys() {
                    assert!(attempted.contains(&(verb(method), template.clone())), "{method} {template} is not attempted in the wrong unit");
                }
            }
        }
        for (method, path, body) in attempts {
            let mut request = app.by(&stranger).request(method.clone(), &path).if_match(1);
            if body != Value::Null {
                request = request.json(body);
            }
            let reply = request.send().await;
            assert_eq!(reply.status, 404, "{method} {path}: {}", reply.json);
        }
        for list in ["/tickets", "/equipment"] {
            assert_eq!(app.by(&stranger).get(list).ok().await["items"].as_array().map(Vec::len), Some(0), "{list}");
        }
        let bulk = json!({ "items": [{ "id": ticket["id"], "version": 1 }], "step": { "action": "start" } });
        assert_eq!(app.by(&stranger).post("/tickets/bulk", bulk).ok().await["items"][0]["done"], false);
        assert_eq!(app.by(&reporter).get(&ticket_path).ok().await["version"], 1);
    }
}

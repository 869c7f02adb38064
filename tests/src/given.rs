//! A company to test with: made through the API, as an administrator would.

use serde_json::{Value, json};

use crate::TestApp;

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub login: String,
    pub password: String,
    pub token: String,
}

/// A company with its three administrators.
#[derive(Clone, Debug)]
pub struct Company {
    pub unit: String,
    pub admin: Person,
    pub security: Person,
}

/// Of everybody.
pub const PASSWORD: &str = "Plum-Rain-4711-xq";

/// Sets the company up by the one-time link.
pub async fn company(app: &TestApp) -> Company {
    let token = identity::bootstrap::open_setup(&app.app.db).await.expect("set-up").expect("nobody is there yet");
    let body = json!({ "token": token, "company": "试验公司", "name": "系统管理员甲", "login": "root.admin", "password": PASSWORD });
    let session = app.anonymous().post("/auth/setup", body).ok().await;
    let admin = Person {
        id: text(&session["person"]["id"]),
        login: "root.admin".to_owned(),
        password: PASSWORD.to_owned(),
        token: text(&session["access_token"]),
    };
    let units = app.by(&admin).get("/org-units").ok().await;
    let unit = text(&units["items"][0]["id"]);
    let security = employee(app, &admin, &unit, "sec").await;
    assign(app, &admin, &security, "security_administrator", "all", None).await;
    Company { unit, admin, security }
}

/// Adds a unit under another.
pub async fn unit(app: &TestApp, company: &Company, parent: &str, name: &str) -> String {
    let code = format!("U{}", kernel::PersonId::new().uuid().simple());
    let body = json!({ "parent_id": parent, "code": code, "name": name, "kind": "unit" });
    text(&app.by(&company.admin).post("/org-units", body).ok().await["id"])
}

/// Adds an employee who has changed the initial password.
pub async fn employee(app: &TestApp, admin: &Person, unit: &str, login: &str) -> Person {
    let body = json!({ "name": format!("员工{login}"), "login": login, "unit_id": unit, "title": "职员" });
    let made = app.by(admin).post("/people", body).ok().await;
    let initial = text(&made["initial_password"]);
    let session = app.anonymous().post("/auth/login", json!({ "login": login, "password": initial })).ok().await;
    assert_eq!(session["must_change_password"], true);
    let token = text(&session["access_token"]);
    let change = json!({ "current_password": initial, "new_password": PASSWORD });
    let session = app.with_token(&token).post("/auth/password", change).ok().await;
    Person {
        id: text(&made["person"]["id"]),
        login: login.to_owned(),
        password: PASSWORD.to_owned(),
        token: text(&session["access_token"]),
    }
}

/// Adds an employee with one more role, over everything.
pub async fn with_role(app: &TestApp, company: &Company, login: &str, role: &str) -> Person {
    let person = employee(app, &company.admin, &company.unit, login).await;
    assign(app, &company.security, &person, role, "all", None).await;
    person
}

/// Assigns a role by its code.
pub async fn assign(app: &TestApp, by: &Person, to: &Person, role: &str, scope: &str, unit: Option<&str>) {
    let roles = app.by(by).get("/roles").ok().await;
    let role = roles["items"].as_array().expect("roles").iter().find(|item| item["code"] == role).expect("the role").clone();
    let version = app.by(by).get(&format!("/people/{}", to.id)).ok().await["version"].as_i64().expect("a version");
    let body = json!({ "role_id": role["id"], "scope": scope, "unit_id": unit });
    app.by(by).post(&format!("/people/{}/roles", to.id), body).if_match(version).ok().await;
}

/// A JSON string as text.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// The same person, logged in again: after the clock has been set on, sessions have ended.
pub async fn again(app: &TestApp, person: &Person) -> Person {
    let session = app.anonymous().post("/auth/login", json!({ "login": person.login, "password": person.password })).ok().await;
    Person { token: text(&session["access_token"]), ..person.clone() }
}

/// Fills the empty database with the demonstration company; what it gives back is asked for log-ins.
pub async fn demo(app: &TestApp) -> Demo {
    let printed = server::demo::seed(&app.app, &identity::Hasher::for_tests()).await.expect("seeding").expect("an empty database");
    Demo { printed }
}

/// The demonstration company with its initial passwords.
pub struct Demo {
    printed: String,
}

impl Demo {
    /// Somebody of the company, logged in, with a password of their own. To be asked once for each.
    pub async fn person(&self, app: &TestApp, login: &str) -> Person {
        let line = self.printed.lines().find(|line| line.contains(login)).expect("a log-in");
        let initial = line.split_whitespace().nth(1).expect("a password");
        let first = app.anonymous().post("/auth/login", json!({ "login": login, "password": initial })).ok().await;
        assert_eq!(first["must_change_password"], true);
        let change = json!({ "current_password": initial, "new_password": PASSWORD });
        let session = app.with_token(&text(&first["access_token"])).post("/auth/password", change).ok().await;
        Person {
            id: text(&session["person"]["id"]),
            login: login.to_owned(),
            password: PASSWORD.to_owned(),
            token: text(&session["access_token"]),
        }
    }
}

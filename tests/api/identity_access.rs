//! Log-in, first password, roles, sessions, tokens.

use tests::{given, json, on_both_databases};

on_both_databases! {
    async fn the_setup_link_works_once(app: TestApp) {
        let company = given::company(&app).await;
        assert_eq!(app.anonymous().get("/auth/setup").ok().await["open"], false);
        let again = json!({ "token": "x", "company": "c", "name": "n", "login": "ll", "password": "Plum-Rain-4711-xq" });
        app.anonymous().post("/auth/setup", again).refused(409, "setup.closed").await;
        app.by(&company.admin).get("/me").ok().await;
    }

    async fn the_initial_password_opens_nothing_but_its_change(app: TestApp) {
        let company = given::company(&app).await;
        let body = json!({ "name": "新人", "login": "new", "unit_id": company.unit, "title": "职员" });
        let made = app.by(&company.admin).post("/people", body).ok().await;
        let login = json!({ "login": "new", "password": made["initial_password"] });
        let session = app.anonymous().post("/auth/login", login).ok().await;
        let token = given::text(&session["access_token"]);
        app.with_token(&token).get("/org-units").refused(403, "auth.password_must_change").await;
        app.with_token(&token).get("/me").ok().await;
        let weak = json!({ "current_password": made["initial_password"], "new_password": "Password1" });
        let reply = app.with_token(&token).post("/auth/password", weak).refused(422, "request.invalid").await;
        assert_eq!(reply.json["errors"][0]["pointer"], "/new_password");
    }

    async fn five_wrong_passwords_lock_the_account_even_for_the_right_one(app: TestApp) {
        let company = given::company(&app).await;
        let person = given::employee(&app, &company.admin, &company.unit, "lin").await;
        for _ in 0..5 {
            app.anonymous().post("/auth/login", json!({ "login": "lin", "password": "wrong" })).refused(401, "auth.failed").await;
        }
        let right = json!({ "login": "lin", "password": person.password });
        app.anonymous().post("/auth/login", right.clone()).refused(429, "auth.locked").await;
        app.clock.advance(601);
        app.anonymous().post("/auth/login", right).ok().await;
    }

    async fn a_refresh_token_used_by_two_tabs_gives_the_same_successor_and_reuse_ends_the_session(app: TestApp) {
        let company = given::company(&app).await;
        let login = json!({ "login": company.admin.login, "password": company.admin.password });
        let reply = app.anonymous().post("/auth/login", login).send().await;
        let first = reply.cookie().expect("a cookie");
        let refresh = |cookie: String| app.anonymous().request(reqwest::Method::POST, "/auth/refresh").header("cookie", &cookie).send();
        let (one, two) = tokio::join!(refresh(first.clone()), refresh(first.clone()));
        assert_eq!((one.status, two.status), (200, 200));
        assert_eq!(one.cookie(), two.cookie());
        app.clock.advance(31);
        refresh(first).await.is_problem(401, "auth.session_ended");
        refresh(one.cookie().expect("a cookie")).await.is_problem(401, "auth.session_ended");
    }

    async fn the_three_administrators_exclude_each_other(app: TestApp) {
        let company = given::company(&app).await;
        let roles = app.by(&company.admin).get("/roles").ok().await;
        let audit = roles["items"].as_array().unwrap().iter().find(|role| role["exclusive"] == "audit").unwrap()["id"].clone();
        let admin = app.by(&company.security).get(&format!("/people/{}", company.admin.id)).ok().await;
        let body = json!({ "role_id": audit, "scope": "all" });
        let path = format!("/people/{}/roles", company.admin.id);
        let version = admin["version"].as_i64().unwrap();
        app.by(&company.security).post(&path, body).if_match(version).refused(409, "role.exclusive").await;
        // Nor by roles of one's own making: what counts is what they permit.
        let role = |code: &str, permissions: &[&str]| app.by(&company.security).post("/roles", json!({ "code": code, "name": code, "permissions": permissions }));
        role("both", &["people.manage", "roles.assign"]).refused(409, "role.exclusive").await;
        let reader = role("reader", &["records.read"]).ok().await;
        let assign = json!({ "role_id": reader["id"], "scope": "all" });
        app.by(&company.security).post(&path, assign.clone()).if_match(version).refused(409, "role.exclusive").await;
        let plain = role("plain", &["org.read"]).ok().await;
        let body = json!({ "role_id": plain["id"], "scope": "all" });
        app.by(&company.security).post(&path, body).if_match(version).ok().await;
        let role_path = format!("/roles/{}", given::text(&plain["id"]));
        app.by(&company.security).patch(&role_path, 1, json!({ "permissions": ["records.read"] })).refused(409, "role.exclusive").await;
        app.by(&company.security).patch(&role_path, 1, json!({ "permissions": ["org.read", "tickets.read"] })).ok().await;
        // A role that nobody holds yet is no way for the system administrator to appoint people.
        let security = role("second", &["roles.assign"]).ok().await;
        let anybody = given::employee(&app, &company.admin, &company.unit, "anybody").await;
        let body = json!({ "role_id": security["id"], "scope": "all" });
        app.by(&company.admin).post(&format!("/people/{}/roles", anybody.id), body).if_match(1).refused(403, "forbidden").await;
    }

    async fn ending_a_session_is_effective_at_once(app: TestApp) {
        let company = given::company(&app).await;
        app.by(&company.admin).request(reqwest::Method::POST, "/auth/logout").ok().await;
        app.by(&company.admin).get("/me").refused(401, "auth.session_ended").await;
    }

    async fn an_access_token_does_what_its_scopes_say_and_no_more(app: TestApp) {
        let company = given::company(&app).await;
        let body = json!({ "name": "脚本", "scopes": ["org.read"], "networks": ["127.0.0.0/8"], "expires_at": "2099-01-01T00:00:00Z" });
        let made = app.by(&company.admin).post("/me/tokens", body).ok().await;
        let token = given::text(&made["token"]);
        app.with_token(&token).get("/org-units").ok().await;
        let unit = json!({ "parent_id": company.unit, "code": "X", "name": "新部门", "kind": "unit" });
        app.with_token(&token).post("/org-units", unit).refused(403, "forbidden").await;
        let mine = app.by(&company.admin).get("/me/tokens").ok().await;
        assert!(mine["items"][0].get("token").is_none());
        app.by(&company.admin).delete(&format!("/me/tokens/{}", given::text(&made["id"]))).ok().await;
        app.with_token(&token).get("/org-units").refused(401, "auth.session_ended").await;
    }

    async fn a_unit_cannot_hang_below_itself(app: TestApp) {
        let company = given::company(&app).await;
        let a = given::unit(&app, &company, &company.unit, "甲部").await;
        let b = given::unit(&app, &company, &a, "乙组").await;
        app.by(&company.admin).patch(&format!("/org-units/{a}"), 1, json!({ "parent_id": b })).refused(409, "org_unit.cycle").await;
        app.by(&company.admin).patch(&format!("/org-units/{b}"), 1, json!({ "parent_id": company.unit })).ok().await;
        app.by(&company.admin).patch(&format!("/org-units/{b}"), 1, json!({ "name": "旧" })).refused(412, "version.stale").await;
    }

    async fn people_come_in_from_sheets_with_reasons_for_each_row(app: TestApp) {
        let company = given::company(&app).await;
        let good = "姓名,账号,部门,岗位\n张三,zhang.san,HQ,工程师\n李四,li.si,HQ,会计\n";
        let gb18030 = { let bad = "姓名,账号,部门\n王五,,无此部门\n"; bad.as_bytes().to_vec() };
        let report = app.by(&company.admin).request(reqwest::Method::POST, "/people/import?dry_run=true").bytes("text/csv", good).ok().await;
        assert_eq!((report["created"].as_i64(), report["dry_run"].as_bool()), (Some(2), Some(true)));
        let report = app.by(&company.admin).request(reqwest::Method::POST, "/people/import?dry_run=true").bytes("text/csv", gb18030.clone()).ok().await;
        assert_eq!(report["errors"].as_array().unwrap().len(), 2);
        app.by(&company.admin).request(reqwest::Method::POST, "/people/import?dry_run=false").bytes("text/csv", gb18030).refused(422, "import.has_errors").await;
        let again = |expected: &'static str| {
            let request = app.by(&company.admin).request(reqwest::Method::POST, "/people/import?dry_run=false").bytes("text/csv", good);
            async move { assert_eq!(request.ok().await[expected], 2) }
        };
        again("created").await;
        again("unchanged").await;
        let found = app.by(&company.admin).get("/people?q=zs").ok().await;
        assert_eq!(found["items"][0]["name"], "张三");
    }
}

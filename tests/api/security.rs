//! What a browser and a proxy are told, and what strangers are not believed.

use tests::{TestApp, given, json, on_both_databases};

const HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
];

on_both_databases! {
    async fn every_answer_carries_the_security_headers(app: TestApp) {
        given::company(&app).await;
        for path in ["/", "/tickets", "/healthz", "/api/v1/openapi.json", "/api/v1/me", "/api/v1/nothing", "/inventory"] {
            let answer = app.client.get(format!("{}{path}", app.base)).send().await.expect("an answer");
            let headers = answer.headers();
            for (name, value) in HEADERS {
                assert_eq!(headers.get(*name).and_then(|value| value.to_str().ok()), Some(*value), "{path} {name}");
            }
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert!(!policy.contains("script-src 'self' 'unsafe-inline'") && !policy.contains("unsafe-eval"), "{path}: {policy}");
            assert!(headers.contains_key("x-request-id"), "{path}");
            assert!(headers.get("server").is_none() && headers.get("x-powered-by").is_none(), "{path} says what it runs on");
            if path.starts_with("/api/") {
                assert_eq!(headers["cache-control"], "no-store", "{path}");
            }
        }
    }

    async fn the_session_cookie_is_for_this_site_alone(app: TestApp) {
        let company = given::company(&app).await;
        let login = json!({ "login": company.admin.login, "password": company.admin.password });
        let reply = app.anonymous().post("/auth/login", login).send().await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        let cookie = reply.headers["set-cookie"].to_str().unwrap().to_owned();
        for flag in ["__Host-", "HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
            assert!(cookie.contains(flag), "{flag} is missing in {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert!(!reply.json.to_string().contains(&cookie[cookie.find('=').unwrap() + 1..cookie.find(';').unwrap()]), "the refresh token is in the body");
        let pair = reply.cookie().unwrap();
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            app.anonymous().post("/auth/refresh", json!({})).header("cookie", &pair).header(name, value).refused(403, "request.foreign_origin").await;
        }
        assert_eq!(app.anonymous().post("/auth/refresh", json!({})).header("cookie", &pair).send().await.status, 200);
    }
}

async fn address_seen(app: &TestApp) -> String {
    let company = given::company(app).await;
    let login = json!({ "login": company.admin.login, "password": company.admin.password });
    let forwarded = "203.0.113.9, 198.51.100.7";
    let session =
        app.anonymous().post("/auth/login", login).header("x-forwarded-for", forwarded).header("x-forwarded-proto", "https").ok().await;
    let sessions = app.with_token(session["access_token"].as_str().unwrap()).get("/me/sessions").ok().await;
    let mine = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == true).cloned();
    mine.unwrap_or_else(|| panic!("{sessions}"))["address"].as_str().unwrap().to_owned()
}

#[test]
fn what_a_stranger_forwards_is_not_believed() {
    TestApp::run(db::Backend::Sqlite, |app| async move { assert_eq!(address_seen(&app).await, "127.0.0.1") });
}

#[test]
fn a_named_proxy_is_believed_for_the_last_hop() {
    TestApp::run_with(db::Backend::Sqlite, &["--trusted-proxy", "127.0.0.1"], |app| async move {
        assert_eq!(address_seen(&app).await, "198.51.100.7")
    });
}

#[test]
fn the_server_speaks_https_with_a_certificate_of_its_own() {
    // Not one that a connection of somebody else may be given meanwhile.
    let mut below = (10_000..32_000).map(|port| format!("127.0.0.1:{port}"));
    let listen = below.find(|address| std::net::TcpListener::bind(address).is_ok()).expect("a free port");
    TestApp::run_with(db::Backend::Sqlite, &["--https-listen", &listen.clone()], |app| async move {
        let client = tokio::task::spawn_blocking(move || {
            std::process::Command::new("openssl")
                .args(["s_client", "-connect", &listen, "-brief"])
                .stdin(std::process::Stdio::null())
                .output()
        });
        let output = client.await.expect("it runs").expect("openssl is installed");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(app.base.starts_with("http://") && said.contains("TLSv1.3"), "{said}");
    });
}

on_both_databases! {
    async fn what_is_measured_is_for_this_machine_and_says_how_things_are(app: TestApp) {
        let company = given::company(&app).await;
        let body = json!({ "name": "财务", "subject": "application", "application": "U8" });
        app.by(&company.admin).post("/backup-plans", body).ok().await;
        app.by(&company.admin).get(&format!("/people/{}", company.admin.id)).ok().await;
        for probe in ["livez", "readyz"] {
            let answer = app.client.get(format!("{}/{probe}", app.base)).send().await.expect("an answer");
            assert_eq!(answer.status(), 200, "{probe}");
        }
        let answer = app.client.get(format!("{}/metrics", app.base)).send().await.expect("an answer");
        let text = answer.text().await.expect("a text");
        for line in [
            "route=\"/api/v1/people/{id}\",status=\"200\"",
            "zhidu_log_size ",
            "zhidu_log_backlog ",
            "zhidu_log_backlog_seconds ",
            "zhidu_open_work_items 0",
            "zhidu_database_connections{pool=\"read\",state=\"idle\"}",
            "zhidu_backup_late{plan=\"财务\"} 0",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}

#[test]
fn what_is_measured_is_hidden_from_others() {
    TestApp::run_with(db::Backend::Sqlite, &["--trusted-proxy", "127.0.0.1", "--metrics-network", "10.0.0.0/8"], |app| async move {
        for (from, status) in [("198.51.100.7", 404), ("10.1.2.3", 200)] {
            let request =
                app.client.get(format!("{}/metrics", app.base)).header("x-forwarded-for", from).header("x-forwarded-proto", "https");
            assert_eq!(request.send().await.expect("an answer").status(), status, "{from}");
        }
    });
}

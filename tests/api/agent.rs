//! A real inventory agent reports this very machine.

use std::process::Command;

use tests::{given, given::text, json, on_both_databases};

on_both_databases! {
    async fn the_machine_appears_and_a_second_report_changes_only_what_changed(app: TestApp) {
        if Command::new("fusioninventory-agent").arg("--version").output().is_err() {
            println!("skipped: fusioninventory-agent is not installed");
            return;
        }
        let company = given::company(&app).await;
        let keeper = given::with_role(&app, &company, "keeper", "asset_keeper").await;
        let credential = app.by(&company.admin).post("/inventory-credentials", json!({ "name": "测试" })).ok().await;
        let run = || {
            let base = app.base.clone();
            let config = app.folder.join("agent.cfg");
            std::fs::write(&config, "").expect("a file");
            let (user, secret) = (text(&credential["user_name"]), text(&credential["secret"]));
            async move {
                let agent = tokio::task::spawn_blocking(move || {
                    Command::new("fusioninventory-agent")
                        .args(["--server", &format!("{base}/inventory"), "--user", &user, "--password", &secret])
                        .args(["--force", "--tasks", "inventory", "--logger", "stderr", "--conf-file"])
                        .arg(config)
                        .env_remove("http_proxy")
                        .env_remove("HTTP_PROXY")
                        .output()
                });
                let output = agent.await.expect("it runs").expect("it starts");
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success() && !said.contains("[error]"), "{said}");
            }
        };
        run().await;
        let found = app.by(&keeper).get("/equipment?registered=false").ok().await;
        let machine = &found["items"][0];
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
        let path = format!("/equipment/{}", text(&machine["id"]));
        let detail = app.by(&keeper).get(&path).ok().await;
        assert!(detail["hardware"]["memory_mb"].as_i64().unwrap_or(0) > 100, "{detail}");
        assert!(!detail["hardware"]["cpus"].as_array().unwrap().is_empty() && detail["hardware"]["os"]["name"].is_string());
        let dpkg = app.by(&keeper).get(&format!("{path}/software?q=dpkg")).ok().await;
        assert!(dpkg["items"].as_array().unwrap().iter().any(|package| package["name"] == "dpkg"), "{dpkg}");
        // What is nobody's business is nowhere.
        let actor = std::sync::Arc::new(kernel::Actor::of_kind(kernel::ActorKind::SystemJob, "test"));
        let leaked = "select count(*) as n from audit_detail where detail like '%PATH=%' or detail like '%/usr/local/sbin%'";
        assert_eq!(app.app.db.read(&actor, move |tx| tests::invariants::count(tx.conn(), leaked)).await.expect("a count"), 0);
        run().await;
        let again = app.by(&keeper).get(&path).ok().await;
        assert!(again["version"].as_i64().unwrap() - detail["version"].as_i64().unwrap() <= 1, "{again}");
        let step = json!({ "action": "register", "unit_id": company.unit, "holder_id": keeper.id });
        let registered = app.by(&keeper).post(&format!("{path}/transitions"), step).if_match(again["version"].as_i64().unwrap()).ok().await;
        assert_eq!((registered["registered"].as_bool(), registered["state"].as_str()), (Some(true), Some("in_use")));
    }

    async fn the_door_says_what_is_wrong_with_a_report(app: TestApp) {
        let company = given::company(&app).await;
        let credential = app.by(&company.admin).post("/inventory-credentials", json!({ "name": "测试" })).ok().await;
        let (user, secret) = (text(&credential["user_name"]), text(&credential["secret"]));
        let send = async |secret: &str, body: Vec<u8>| {
            let request = app.client.post(format!("{}/inventory", app.base)).basic_auth(&user, Some(secret)).body(body);
            request.send().await.expect("an answer").status().as_u16()
        };
        assert_eq!(send("wrong", b"x".to_vec()).await, 401);
        // A stranger is told so even about what would be too much.
        assert_eq!(send("wrong", vec![b' '; 17 << 20]).await, 401);
        assert_eq!(send(&secret, vec![b' '; 17 << 20]).await, 413);
        assert_eq!(send(&secret, b"not a report".to_vec()).await, 400);
        assert_eq!(send(&secret, b"<?xml version=\"1.0\"?><REQUEST><QUERY>PROLOG</QUERY></REQUEST>".to_vec()).await, 200);
        app.by(&company.admin).delete(&format!("/inventory-credentials/{}", text(&credential["id"]))).ok().await;
        assert_eq!(send(&secret, b"x".to_vec()).await, 401, "a revoked credential opens the door");
    }
}

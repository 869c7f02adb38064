//! A real inventory agent reports this very machine.

use std::process::Command;

use tests::{TestApp, Value, given, given::text, json, on_both_databases};

/// Somebody who keeps equipment, and the door for agents.
async fn door(app: &TestApp) -> (given::Person, Door) {
    let company = given::company(app).await;
    let keeper = given::with_role(app, &company, "keeper", "asset_keeper").await;
    let credential = app.by(&company.admin).post("/inventory-credentials", json!({ "name": "测试" })).ok().await;
    (keeper, Door { user: text(&credential["user_name"]), secret: text(&credential["secret"]) })
}

struct Door {
    user: String,
    secret: String,
}

impl Door {
    async fn send(&self, app: &TestApp, body: Vec<u8>) -> u16 {
        let request = app.client.post(format!("{}/inventory", app.base)).basic_auth(&self.user, Some(&self.secret)).body(body);
        request.send().await.expect("an answer").status().as_u16()
    }
    async fn report(&self, app: &TestApp, report: &Value) -> u16 {
        self.send(app, report.to_string().into_bytes()).await
    }
}

async fn only_unregistered(app: &TestApp, keeper: &given::Person) -> Value {
    let found = app.by(keeper).get("/equipment?registered=false").ok().await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    app.by(keeper).get(&format!("/equipment/{}", text(&found["items"][0]["id"]))).ok().await
}

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

    async fn a_partial_report_changes_only_what_it_speaks_of(app: TestApp) {
        let (keeper, send) = door(&app).await;
        let whole = json!({ "action": "inventory", "deviceid": "pc-7", "content": {
            "hardware": { "name": "pc-7", "memory": 8192 }, "bios": { "ssn": "PF4KD2X7" },
            "cpus": [{ "name": "i5", "core": 4 }], "storages": [{ "name": "nvme0n1", "disksize": 256_000 }],
            "networks": [{ "description": "eth0", "ipaddress": "10.0.0.7" }],
            "softwares": [{ "name": "bash", "version": "5.2" }, { "name": "vim", "version": "9" }] } });
        let partial = json!({ "action": "inventory", "deviceid": "pc-7", "partial": true, "content": {
            "hardware": { "name": "pc-7", "memory": 16_384 }, "bios": { "ssn": "PF4KD2X7" } } });
        assert_eq!(send.report(&app, &whole).await, 200);
        assert_eq!(send.report(&app, &partial).await, 200);
        let machine = only_unregistered(&app, &keeper).await;
        let hardware = &machine["hardware"];
        assert_eq!((&hardware["memory_mb"], &hardware["cpus"][0]["cores"], &hardware["disks"][0]["size_mb"]), (&json!(16_384), &json!(4), &json!(256_000)));
        let software = app.by(&keeper).get(&format!("/equipment/{}/software", text(&machine["id"]))).ok().await;
        assert_eq!(software["items"].as_array().unwrap().len(), 2);
        // A whole report that names no disk: it is gone.
        let mut later = whole.clone();
        later["content"].as_object_mut().unwrap().remove("storages");
        assert_eq!(send.report(&app, &later).await, 200);
        assert_eq!(only_unregistered(&app, &keeper).await["hardware"]["disks"], json!([]));
    }

    async fn the_examples_of_the_format_are_taken(app: TestApp) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/inventory");
        if !folder.exists() {
            println!("skipped: the examples of the inventory format are not here");
            return;
        }
        let (keeper, send) = door(&app).await;
        // Three reports of one computer, a switch, a printer.
        for name in ["computer_1", "computer_1_partial_memory", "computer_1_partial_softs", "networkequipment_1", "printer_1"] {
            let example = std::fs::read(folder.join(format!("{name}.json"))).expect("an example");
            assert_eq!(send.send(&app, example).await, 200, "{name}");
        }
        let found = app.by(&keeper).get("/equipment?registered=false").ok().await;
        let mut seen: Vec<(&str, &str, &str)> = Vec::new();
        for item in found["items"].as_array().expect("items") {
            seen.push((item["type"]["name"].as_str().unwrap(), item["name"].as_str().unwrap(), item["serial"].as_str().unwrap()));
        }
        seen.sort_unstable();
        assert_eq!(seen, [("打印机", "NPIF2BE10", "PHCVN191TG"), ("网络设备", "ucs6248up-cluster-pa3-B", "SSI1912014B"), ("计算机", "glpixps", "640HP72")]);
        let switch = found["items"].as_array().unwrap().iter().find(|item| item["serial"] == "SSI1912014B").unwrap();
        let switch = app.by(&keeper).get(&format!("/equipment/{}", text(&switch["id"]))).ok().await;
        assert_eq!((switch["hardware"]["firmware"].as_str(), &switch["hardware"]["networks"][0]["addresses"][1]), (Some("5.0(3)N2(4.02b)"), &json!("10.2.5.10")));
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

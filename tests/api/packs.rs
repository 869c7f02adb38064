//! Regulation packs: what ships can be run, and an update meets what the company has changed.

use reqwest::Method;
use tests::{Value, given, given::text, json, on_both_databases};

use crate::office::office;

on_both_databases! {
    async fn every_process_of_every_pack_can_be_installed_and_published(app: TestApp) {
        let office = office(&app).await;
        for role in ["service_desk", "asset_keeper", "data_manager"] {
            given::assign(&app, &office.company.security, &office.designer, role, "all", None).await;
        }
        let packs = app.by(&office.designer).get("/packs").ok().await;
        let packs = packs["items"].as_array().unwrap();
        assert_eq!(packs.len(), 4);
        let mut count = 0;
        for pack in packs {
            let path = format!("/packs/{}/install", text(&pack["key"]));
            let done = app.by(&office.designer).post(&path, json!({ "publish": true })).ok().await;
            for item in done["items"].as_array().unwrap() {
                assert_eq!(item["result"], "installed", "{item}");
                count += 1;
            }
            let again = app.by(&office.designer).post(&path, json!({ "publish": true })).ok().await;
            assert!(again["items"].as_array().unwrap().iter().all(|item| item["result"] == "kept"), "{again}");
        }
        assert!(count >= 50, "{count}");
        let catalogue = app.by(&office.applicant).get("/processes?startable=true").ok().await;
        let first = catalogue["items"].as_array().unwrap().iter().find(|item| item["key"] == "purchase").expect("the purchase").clone();
        let form = app.by(&office.applicant).get(&format!("/processes/{}/start", text(&first["id"]))).ok().await;
        assert!(form["form"]["schema"]["properties"].as_object().unwrap().len() > 3);
    }

    async fn an_update_of_a_pack_is_compared_in_three_ways_and_taken_or_left_by_a_person(app: TestApp) {
        let office = office(&app).await;
        let by = || app.by(&office.designer);
        let import = async |files: Vec<(String, Vec<u8>)>, signer: Option<&merkle::Signer>| {
            let mut pack = workflows::packs::Pack::read(files.into_iter().collect()).expect("a pack");
            if let Some(signer) = signer {
                let note = pack.sign(signer).expect("a signature");
                pack.files.insert(workflows::packs::SIGNATURE.to_owned(), note.into_bytes());
            }
            by().request(Method::POST, "/packs/import").bytes("application/octet-stream", pack.zip().expect("an archive")).send().await
        };
        let shipped = workflows::packs::shipped().expect("packs")["quality"].files.clone();
        // The company has what an older version of the pack had, signed by somebody whose key nobody asks for here.
        let older: Vec<(String, Vec<u8>)> = shipped.iter().map(|(path, content)| {
            let changed = String::from_utf8(content.clone()).unwrap().replace("version = \"1.0.0\"", "version = \"0.9.0\"").replace("质量信息反馈", "质量反馈");
            (path.clone(), changed.into_bytes())
        }).collect();
        let signer = merkle::Signer::new("example.com/packs", [7; 32]).expect("a key");
        let imported = import(older.clone(), Some(&signer)).await;
        assert_eq!((imported.status, &imported.json["signed_by"]), (201, &Value::Null), "{}", imported.json);
        assert_eq!(imported.json["unknown_signers"], json!(["example.com/packs"]));
        let state = async || {
            let pack = by().get("/packs/quality").ok().await;
            let found = pack["processes"].as_array().unwrap().iter().find(|one| one["key"] == "quality-feedback").unwrap().clone();
            (text(&found["state"]), text(&found["process_id"]))
        };
        let (found, id) = state().await;
        assert_eq!(found, "update");
        // A signature that belongs to other files is refused, whoever made it.
        let mut pack = workflows::packs::Pack::read(older.into_iter().collect()).unwrap();
        pack.files.insert(workflows::packs::SIGNATURE.to_owned(), pack.sign(&signer).unwrap().into_bytes());
        pack.files.insert("forms/extra.json".to_owned(), b"{}".to_vec());
        by().request(Method::POST, "/packs/import").bytes("application/octet-stream", pack.zip().unwrap()).refused(422, "pack.signature").await;
        // Both have changed it: it is left alone until somebody decides.
        let mine = by().get(&format!("/processes/{id}")).ok().await;
        let bpmn = text(&mine["draft"]["bpmn"]).replace("name=\"质量反馈", "name=\"本厂质量反馈");
        by().patch(&format!("/processes/{id}"), mine["version"].as_i64().unwrap(), json!({ "bpmn": bpmn })).ok().await;
        let install = |changed: &str| by().post("/packs/quality/install", json!({ "process_keys": ["quality-feedback"], "publish": false, "changed": changed }));
        let left = install("leave").ok().await;
        assert_eq!((left["items"][0]["result"].as_str(), state().await.0.as_str()), (Some("kept"), "both"));
        let ways = by().get("/packs/quality/processes/quality-feedback").ok().await;
        let named = |side: &str, name: &str| text(&ways[side]["bpmn"]).contains(&format!("name=\"{name}"));
        assert!(named("base", "质量反馈") && named("here", "本厂质量反馈") && named("pack", "质量信息反馈"));
        install("keep").ok().await;
        assert_eq!(state().await.0, "changed");
        let taken = install("take").ok().await;
        assert_eq!((taken["items"][0]["result"].as_str(), state().await.0.as_str()), (Some("updated"), "installed"));
        by().get("/packs/quality/processes/nothing").refused(404, "not_found").await;
    }
}

//! Many at once: one result.

use tests::{TestApp, given, given::text, json, on_both_databases};

/// How many at once.
const CROWD: usize = 50;

async fn keeper(app: &TestApp) -> (given::Company, given::Person) {
    let company = given::company(app).await;
    let keeper = given::with_role(app, &company, "keeper", "asset_keeper").await;
    given::assign(app, &company.security, &keeper, "service_desk", "all", None).await;
    (company, keeper)
}

fn count(statuses: &[u16], wanted: u16) -> usize {
    statuses.iter().filter(|status| **status == wanted).count()
}

on_both_databases! {
    async fn one_idempotency_key_makes_one_ticket(app: TestApp) {
        let (_, desk) = keeper(&app).await;
        let send = || app.by(&desk).post("/tickets", json!({ "kind": "request", "title": "开通账号" })).header("idempotency-key", "one").send();
        let replies = futures_util::future::join_all((0..CROWD).map(|_| send())).await;
        assert!(replies.iter().all(|reply| reply.status == 201), "{:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
        assert!(replies.iter().all(|reply| reply.json["id"] == replies[0].json["id"]));
        let list = app.by(&desk).get("/tickets").ok().await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
    }

    async fn one_etag_dispatches_once(app: TestApp) {
        let (company, desk) = keeper(&app).await;
        let ticket = app.by(&desk).post("/tickets", json!({ "kind": "request", "title": "开通账号" })).ok().await;
        let path = format!("/tickets/{}/transitions", text(&ticket["id"]));
        let send = || app.by(&desk).post(&path, json!({ "action": "dispatch", "unit_id": company.unit })).if_match(1).send();
        let replies = futures_util::future::join_all((0..CROWD).map(|_| send())).await;
        let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        assert_eq!((count(&statuses, 200), count(&statuses, 412)), (1, CROWD - 1), "{statuses:?}");
    }

    async fn one_serial_registers_once(app: TestApp) {
        let (company, keeper) = keeper(&app).await;
        let types = app.by(&keeper).get("/equipment-types").ok().await;
        let body = json!({ "name": "主机", "type_id": types["items"][0]["id"], "serial": "SN-77-A", "unit_id": company.unit });
        let replies = futures_util::future::join_all((0..CROWD).map(|_| app.by(&keeper).post("/equipment", body.clone()).send())).await;
        let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        assert_eq!((count(&statuses, 201), count(&statuses, 422)), (1, CROWD - 1), "{statuses:?}");
        // A serial that is none may be there as often as it likes.
        for _ in 0..2 {
            let body = json!({ "name": "主机", "type_id": types["items"][0]["id"], "serial": "Default string", "unit_id": company.unit });
            app.by(&keeper).post("/equipment", body).ok().await;
        }
    }
}

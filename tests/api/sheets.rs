//! What comes in and goes out as sheets, in the encodings that offices use.

use reqwest::Method;
use tests::{Request, TestApp, given, given::text, json, on_both_databases};

fn import(app: &TestApp, by: &given::Person, path: &str, dry: bool, bytes: impl Into<Vec<u8>>) -> Request {
    app.by(by).request(Method::POST, &format!("{path}/import?dry_run={dry}")).bytes("text/csv", bytes)
}

/// What `iconv -t GB18030` makes of these few words.
fn gb18030(text: &str) -> Vec<u8> {
    let table = [
        ("编码", &[0xb1, 0xe0, 0xc2, 0xeb][..]),
        ("名称", &[0xc3, 0xfb, 0xb3, 0xc6]),
        ("上级", &[0xc9, 0xcf, 0xbc, 0xb6]),
        ("财务部", &[0xb2, 0xc6, 0xce, 0xf1, 0xb2, 0xbf]),
        ("出纳组", &[0xb3, 0xf6, 0xc4, 0xc9, 0xd7, 0xe9]),
    ];
    let mut bytes = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some((word, coded)) = table.iter().find(|(word, _)| rest.starts_with(word)) {
            bytes.extend_from_slice(coded);
            rest = &rest[word.len()..];
        } else {
            bytes.push(rest.as_bytes()[0]);
            rest = &rest[1..];
        }
    }
    bytes
}

on_both_databases! {
    async fn units_and_people_come_in_from_whatever_an_office_saves(app: TestApp) {
        let company = given::company(&app).await;
        let admin = &company.admin;
        // A parent may stand below its child.
        let units = gb18030("编码,名称,上级\r\nFIN-1,出纳组,FIN\r\nFIN,财务部,\r\n");
        let checked = import(&app, admin, "/org-units", true, units.clone()).ok().await;
        assert_eq!((&checked["dry_run"], &checked["created"], &checked["errors"]), (&json!(true), &json!(2), &json!([])));
        assert_eq!(app.by(admin).get("/org-units").ok().await["items"].as_array().unwrap().len(), 1, "a dry run wrote something");
        import(&app, admin, "/org-units", false, units.clone()).ok().await;
        let again = import(&app, admin, "/org-units", false, units).ok().await;
        assert_eq!((&again["created"], &again["updated"], &again["unchanged"]), (&json!(0), &json!(0), &json!(2)));

        // With a byte order mark, semicolons, and what is wrong named by row and by the title that stands in the sheet.
        let people = "\u{feff}姓名;登录名;部门编码;邮箱\r\n王芳;wang.fang;FIN;wang.fang@example.com\r\n;li.si;FIN;\r\n赵六;wang.fang;NIX;x\r\n";
        let checked = import(&app, admin, "/people", true, people).ok().await;
        let wrong: Vec<(i64, &str, &str)> = checked["errors"].as_array().unwrap().iter()
            .map(|error| (error["row"].as_i64().unwrap(), error["column"].as_str().unwrap(), error["code"].as_str().unwrap()))
            .collect();
        assert_eq!(wrong, [(3, "姓名", "field.required"), (4, "部门编码", "field.unknown_reference"), (4, "邮箱", "field.bad_format")]);
        import(&app, admin, "/people", false, people).refused(422, "import.has_errors").await;
        let good = "姓名,登录名,部门编码,邮箱,工号\n王芳,wang.fang,FIN,wang.fang@example.com,0042\n李四,li.si,FIN-1,,0043\n";
        assert_eq!(import(&app, admin, "/people", false, good).ok().await["created"], 2);
        let found = app.by(admin).get("/people?q=wf").ok().await;
        assert_eq!((&found["items"][0]["login"], &found["items"][0]["main_post"]["unit"]["name"]), (&json!("wang.fang"), &json!("财务部")));
        let changed = good.replace("0043", "0044");
        let report = import(&app, admin, "/people", false, changed.as_str()).ok().await;
        assert_eq!((&report["updated"], &report["unchanged"]), (&json!(1), &json!(1)));
        for nonsense in [&b"\xff\xfe\x00\xd8"[..], b"", b"PK\x03\x04nothing"] {
            import(&app, admin, "/people", true, nonsense).refused(422, "import.unreadable").await;
        }
    }

    async fn an_import_is_taken_back_as_far_as_nobody_has_gone_on_from_it(app: TestApp) {
        let company = given::company(&app).await;
        let admin = &company.admin;
        let undo = |by: &given::Person, path: &str, report: &tests::Value, version: i64| {
            app.by(by).request(Method::POST, &format!("{path}/imports/{}/undo", text(&report["import_id"]))).if_match(version)
        };
        let person = async |login: &str| app.by(admin).get(&format!("/people?q={login}")).ok().await["items"][0].clone();

        // Two are changed, two are new; one of each is touched afterwards.
        let first = "姓名,登录名,部门编码,电话\n王芳,wang.fang,HQ,8001\n李四,li.si,HQ,8002\n";
        let first = first.replace("HQ", &text(&app.by(admin).get(&format!("/org-units/{}", company.unit)).ok().await["code"]));
        import(&app, admin, "/people", false, first.as_str()).ok().await;
        let second = first.replace("8001", "9001").replace("8002", "9002");
        let unit_code = second.lines().nth(1).unwrap().split(',').nth(2).unwrap().to_owned();
        let second = format!("{second}赵六,zhao.liu,{unit_code},9003\n钱七,qian.qi,{unit_code},9004\n");
        let report = import(&app, admin, "/people", false, second.as_str()).ok().await;
        assert_eq!((&report["created"], &report["updated"]), (&json!(2), &json!(2)));
        let li = person("li.si").await;
        app.by(admin).request(Method::PATCH, &format!("/people/{}", text(&li["id"]))).json(json!({ "phone": "7777" })).if_match(2).ok().await;
        let qian = person("qian.qi").await;
        let path = format!("/people/{}/reset-password", text(&qian["id"]));
        app.by(admin).request(Method::POST, &path).if_match(1).ok().await;

        undo(admin, "/people", &report, 7).refused(412, "version.stale").await;
        undo(admin, "/equipment", &report, 1).refused(403, "forbidden").await;
        undo(admin, "/org-units", &report, 1).refused(404, "not_found").await;
        let done = undo(admin, "/people", &report, 1).ok().await;
        let kept: Vec<(&str, &str)> = done["kept"].as_array().unwrap().iter().map(|one| (one["name"].as_str().unwrap(), one["code"].as_str().unwrap())).collect();
        assert_eq!((&done["undone"], kept), (&json!(2), vec![("钱七", "import.changed_since"), ("李四", "import.changed_since")]));
        assert_eq!(person("wang.fang").await["phone"], "8001");
        assert_eq!(person("li.si").await["phone"], "7777");
        assert!(person("zhao.liu").await.is_null());
        assert!(!person("qian.qi").await.is_null());
        // What stays may be tried again; nothing has changed, so nothing is recorded. The account that went may come again.
        assert_eq!(undo(admin, "/people", &report, 2).ok().await["undone"], 0);
        let listed = app.by(admin).get("/people/imports").ok().await;
        assert_eq!((&listed["items"][0]["remaining"], &listed["items"][0]["version"]), (&json!(2), &json!(2)));
        assert_eq!(import(&app, admin, "/people", false, second.as_str()).ok().await["created"], 1);

        // Units go with those below them, but not while somebody works there.
        let units = import(&app, admin, "/org-units", false, "编码,名称,上级\nA,甲,\nA-1,甲一,A\nB,乙,\n").ok().await;
        import(&app, admin, "/people", false, "姓名,登录名,部门编码\n孙八,sun.ba,B\n").ok().await;
        let done = undo(admin, "/org-units", &units, 1).ok().await;
        assert_eq!((&done["undone"], &done["kept"][0]["name"], &done["kept"][0]["code"]), (&json!(2), &json!("乙"), &json!("import.in_use")));

        // Equipment: what a ticket speaks of stays, the rest goes and its number is free again; all taken back is all.
        let keeper = given::with_role(&app, &company, "keeper", "asset_keeper").await;
        let sheet = "资产编号,名称,类型,序列号\nX-1,电脑一,computer,SN-1\nX-2,电脑二,computer,SN-2\n";
        let report = import(&app, &keeper, "/equipment", false, sheet).ok().await;
        let found = app.by(&keeper).get("/equipment?q=X-1").ok().await["items"][0].clone();
        let desk = given::with_role(&app, &company, "desk", "service_desk").await;
        app.by(&desk).post("/tickets", json!({ "kind": "fault", "title": "无法开机", "equipment_ids": [found["id"]] })).ok().await;
        let done = undo(&keeper, "/equipment", &report, 1).ok().await;
        assert_eq!((&done["undone"], &done["kept"][0]["name"]), (&json!(1), &json!("电脑一")));
        assert_eq!(app.by(&keeper).get("/equipment?q=X-2").ok().await["items"], json!([]));
        let again = import(&app, &keeper, "/equipment", false, sheet).ok().await;
        assert_eq!((&again["created"], &again["unchanged"]), (&json!(1), &json!(1)));
        undo(&keeper, "/equipment", &again, 1).ok().await;
        undo(&keeper, "/equipment", &again, 2).refused(409, "import.undone").await;
    }

    async fn equipment_that_was_exported_can_be_imported_again(app: TestApp) {
        let company = given::company(&app).await;
        let keeper = given::with_role(&app, &company, "keeper", "asset_keeper").await;
        // Two units and two people of the same name: what tells them apart is in the sheet.
        let mut homes = Vec::new();
        for (code, login) in [("MFG-QA", "wang.wei"), ("SW-QA", "wang.wei2")] {
            let body = json!({ "parent_id": company.unit, "code": code, "name": "质量部", "kind": "unit" });
            let unit = app.by(&company.admin).post("/org-units", body).ok().await;
            let body = json!({ "name": "王伟", "login": login, "unit_id": unit["id"], "title": "质检员" });
            homes.push((unit["id"].clone(), app.by(&company.admin).post("/people", body).ok().await["person"]["id"].clone()));
        }
        let attribute = json!({ "key": "ports", "label": "端口数", "type": "integer" });
        let kind = app.by(&company.admin).post("/equipment-types", json!({ "code": "switch", "name": "交换机", "attributes": [attribute] })).ok().await;
        for (index, (unit, holder)) in homes.iter().enumerate() {
            let body = json!({
                "name": format!("=交换机, \"{index}\""), "type_id": kind["id"], "unit_id": unit, "holder_id": holder, "serial": format!("SW-000{index}X"),
                "price": "1234.50", "purchased_on": "2026-03-01", "warranty_until": "2029-02-28", "place": "二楼机房", "attributes": { "ports": 48 },
            });
            app.by(&keeper).post("/equipment", body).ok().await;
        }
        for format in ["csv", "xlsx"] {
            let file = app.by(&keeper).get(&format!("/equipment/export?format={format}")).send().await;
            assert_eq!(file.status, 200);
            let report = import(&app, &keeper, "/equipment", false, file.bytes.clone()).ok().await;
            assert_eq!((&report["rows"], &report["unchanged"], &report["errors"]), (&json!(2), &json!(2), &json!([])), "{format}: {report}");
            if format == "csv" {
                let sheet = String::from_utf8(file.bytes).expect("UTF-8");
                assert!(sheet.contains("'=交换机"), "a spreadsheet would run this: {sheet}");
                let moved = sheet.replacen("二楼机房", "三楼机房", 1);
                let report = import(&app, &keeper, "/equipment", false, moved.as_str()).ok().await;
                assert_eq!((&report["updated"], &report["unchanged"]), (&json!(1), &json!(1)));
                let back = sheet.replacen("三楼机房", "二楼机房", 1);
                import(&app, &keeper, "/equipment", false, back.as_str()).ok().await;
            }
        }
        // Into another register: the rows are new there, and belong to the same people.
        let file = app.by(&keeper).get("/equipment/export?format=csv").send().await;
        let elsewhere = String::from_utf8(file.bytes).expect("UTF-8").replace("E-2", "X-2").replace("SW-000", "SX-000");
        assert_eq!(import(&app, &keeper, "/equipment", false, elsewhere.as_str()).ok().await["created"], 2);
        let mine = app.by(&keeper).get(&format!("/equipment?holder_id={}", text(&homes[1].1))).ok().await;
        assert_eq!(mine["items"].as_array().unwrap().len(), 2);
    }
}

//! What a list shows is exactly what its reader may open: the condition in SQL against the policy, on companies made up at random.

use std::collections::BTreeSet;

use reqwest::Method;
use tests::{TestApp, given, given::Person, given::text, json, on_both_databases};

/// Knuth's generator: the same company for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
    fn once_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

async fn listed(app: &TestApp, by: &Person, list: &str) -> BTreeSet<String> {
    let (mut found, mut after) = (BTreeSet::new(), String::new());
    loop {
        let page = app.by(by).get(&format!("{list}{}limit=7{after}", if list.contains('?') { '&' } else { '?' })).ok().await;
        for item in page["items"].as_array().expect("items") {
            assert!(found.insert(text(&item["id"])), "{list} shows something twice");
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => return found,
        }
    }
}

async fn company(app: &TestApp, chance: &mut Chance) -> (Vec<Person>, Vec<String>, Vec<String>) {
    let company = given::company(app).await;
    let mut units = vec![company.unit.clone()];
    for number in 0..7 {
        let parent = chance.of(&units).clone();
        units.push(given::unit(app, &company, &parent, &format!("单位{number}")).await);
    }
    let mut people = vec![company.security.clone()];
    for number in 0..9 {
        let unit = chance.of(&units).clone();
        let person = given::employee(app, &company.admin, &unit, &format!("person{number}")).await;
        for _ in 0..chance.below(3) {
            let role = *chance.of(&["service_desk", "technician", "asset_keeper", "auditor"]);
            let scope = *chance.of(&["own", "unit", "subtree", "all"]);
            let unit = ["unit", "subtree"].contains(&scope).then(|| chance.of(&units).clone());
            given::assign(app, &company.security, &person, role, scope, unit.as_deref()).await;
        }
        if chance.once_in(3) {
            let row = app.by(&company.admin).get(&format!("/people/{}", person.id)).ok().await;
            let side = json!({ "unit_id": chance.of(&units), "title": "兼职", "kind": "side" });
            app.by(&company.admin)
                .post(&format!("/people/{}/posts", person.id), side)
                .if_match(row["version"].as_i64().unwrap())
                .ok()
                .await;
        }
        people.push(person);
    }
    let keeper = given::with_role(app, &company, "keeper", "asset_keeper").await;
    let desk = given::with_role(app, &company, "desk", "service_desk").await;
    let kinds = app.by(&keeper).get("/equipment-types").ok().await;
    let mut things = Vec::new();
    for number in 0..14 {
        let mut body = json!({ "name": format!("设备{number}"), "type_id": kinds["items"][0]["id"], "unit_id": chance.of(&units) });
        if chance.once_in(2) {
            body["holder_id"] = json!(chance.of(&people).id);
        }
        things.push(text(&app.by(&keeper).post("/equipment", body).ok().await["id"]));
    }
    let mut tickets = Vec::new();
    for number in 0..22 {
        let reporter = chance.of(&people).clone();
        let ticket = app.by(&reporter).post("/tickets", json!({ "kind": "request", "title": format!("请求{number}") })).ok().await;
        let path = format!("/tickets/{}", text(&ticket["id"]));
        if chance.once_in(2) {
            let dispatch = json!({ "action": "dispatch", "unit_id": chance.of(&units) });
            app.by(&desk).post(&format!("{path}/transitions"), dispatch).if_match(1).ok().await;
        }
        if chance.once_in(3) {
            app.by(&desk).request(Method::PUT, &format!("{path}/watchers/{}", chance.of(&people).id)).send().await;
        }
        tickets.push(text(&ticket["id"]));
    }
    people.extend([keeper, desk, company.admin]);
    (people, tickets, things)
}

async fn holds(app: TestApp, seed: u64) {
    let (people, tickets, things) = company(&app, &mut Chance(seed)).await;
    let (mut seen, mut hidden) = (0, 0);
    for person in &people {
        for (list, ids) in [("/tickets", &tickets), ("/equipment", &things)] {
            let shown = listed(&app, person, list).await;
            for id in ids {
                let status = app.by(person).get(&format!("{list}/{id}")).send().await.status;
                assert_eq!(status, if shown.contains(id) { 200 } else { 404 }, "seed {seed}: {} {list}/{id}", person.login);
            }
            seen += shown.len();
            hidden += ids.len() - shown.len();
            let lenses: &[&str] =
                if list == "/tickets" { &["mine", "assigned", "group", "unit", "watching", "all"] } else { &["mine", "unit", "all"] };
            for lens in lenses {
                let through = listed(&app, person, &format!("{list}?lens={lens}")).await;
                assert!(through.is_subset(&shown), "seed {seed}: {} sees through {lens} what is not hers", person.login);
            }
        }
    }
    assert!(seen > 50 && hidden > 50, "seed {seed} tells nothing: {seen} seen, {hidden} hidden");
}

on_both_databases! {
    async fn lists_and_policies_agree_on_one_company(app: TestApp) { holds(app, 1).await; }
    async fn lists_and_policies_agree_on_another_company(app: TestApp) { holds(app, 20_261_124).await; }
    async fn lists_and_policies_agree_on_a_third_company(app: TestApp) { holds(app, 4_711).await; }
}

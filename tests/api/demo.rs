//! The demonstration company lives by the same rules as any other.

use std::{collections::BTreeSet, sync::Arc};

use diesel::prelude::*;
use identity::Hasher;
use kernel::{Actor, ActorKind};
use tests::{TestApp, given, given::text, on_both_databases};

on_both_databases! {
    async fn it_has_half_a_year_behind_it_and_its_log_ins_work(app: TestApp) {
        let before = app.clock.now();
        let company = given::demo(&app).await;
        assert!(app.clock.now().micros() - before.micros() < 600_000_000, "the clock was not set right again");
        assert!(server::demo::seed(&app.app, &Hasher::for_tests()).await.expect("seeding").is_none());
        let desk = company.person(&app, "he.min").await;
        let desk = app.by(&desk);
        let counts = desk.get("/tickets/counts").ok().await;
        assert!((10..60).contains(&counts["open"].as_i64().unwrap()), "{counts}");
        let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "test"));
        let count = async |sql: &'static str| app.app.db.read(&actor, move |tx| tests::invariants::count(tx.conn(), sql)).await.expect("a count");
        assert_eq!(count("select count(*) as n from ticket").await, 300);
        assert_eq!(count("select count(*) as n from person").await, 60);
        assert_eq!(count("select count(*) as n from equipment").await, 120);
        let faulty_without_ticket = "select count(*) as n from equipment one where state in ('faulty', 'under_repair', 'external_repair') \
            and not exists (select 1 from ticket_equipment link join ticket on ticket.id = link.ticket_id \
            where link.equipment_id = one.id and ticket.state not in ('closed', 'refused', 'cancelled'))";
        assert_eq!(count(faulty_without_ticket).await, 0);
    }

    async fn a_list_shows_what_can_be_seen_and_nothing_else(app: TestApp) {
        let company = given::demo(&app).await;
        let mut all: std::collections::BTreeMap<&str, std::collections::BTreeSet<String>> = std::collections::BTreeMap::new();
        let mut seen = Vec::new();
        // The desk and the asset keeper come first: they see everything there is.
        for login in ["he.min", "zhou.jie", "wang.fang", "li.qiang", "wu.shen", "chen.li"] {
            let person = company.person(&app, login).await;
            let caller = app.by(&person);
            for list in ["/tickets", "/equipment"] {
                let (mut listed, mut after) = (std::collections::BTreeSet::new(), String::new());
                loop {
                    let page = caller.get(&format!("{list}?limit=100{after}")).ok().await;
                    listed.extend(page["items"].as_array().expect("items").iter().map(|item| text(&item["id"])));
                    match page["next_cursor"].as_str() {
                        Some(cursor) => after = format!("&after={cursor}"),
                        None => break,
                    }
                }
                all.entry(list).or_default().extend(listed.iter().cloned());
                seen.push((person.clone(), list, listed));
            }
        }
        assert!(all["/tickets"].len() == 300 && all["/equipment"].len() >= 118, "{:?}", all.iter().map(|(list, ids)| (list, ids.len())).collect::<Vec<_>>());
        for (person, list, listed) in seen {
            for id in &all[list] {
                let status = app.by(&person).get(&format!("{list}/{id}")).send().await.status;
                assert_eq!(status, if listed.contains(id) { 200 } else { 404 }, "{} {list}/{id}", person.login);
            }
        }
    }

    async fn every_test_of_every_pack_ends_the_same_with_its_people(app: TestApp) {
        let failed = server::demo::walk_everything(&app.app).await.expect("the company lives");
        assert!(failed.is_empty(), "{failed:#?}");
        // Whoever follows a process to its end breaks no rule of order by it. What went out of the house was not cleared: that stands.
        let breached = breached(&app).await;
        let wrong: Vec<&String> = breached.iter().filter(|control| !control.starts_with("B3.6")).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(!breached.is_empty());
    }
}

/// The controls that were breached on the log as it is, each once.
async fn breached(app: &TestApp) -> BTreeSet<String> {
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "test"));
    for _ in 0..600 {
        let waiting = |tx: &mut db::ReadTx<'_>| Ok(db::schema::audit_pending::table.count().get_result::<i64>(tx.conn())?);
        if app.app.db.read(&actor, waiting).await.expect("the queue") == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let duties = app.app.db.read(&actor, |tx| compliance::derive(tx, i64::MAX)).await.expect("the log");
    duties.into_values().filter(|duty| duty.state.as_str() == "breached").map(|duty| duty.control.to_string()).collect()
}

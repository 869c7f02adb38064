use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use proptest::{
    prelude::*,
    test_runner::{TestRng, TestRunner},
};

use serde_json::json;

use super::{check, check_conditions, publishable};
use crate::{
    finding::{Finding, Rule, Severity},
    model::{End, NodeKind, Scope},
    testing::{model, process},
};

/// The rules that a model of arrows breaks, with the elements.
fn broken(arrows: &str) -> Vec<(Rule, String)> {
    check(&process(arrows)).into_iter().map(|finding| (finding.rule, finding.element.unwrap_or_default())).collect()
}

fn at(rule: Rule, id: &str) -> Vec<(Rule, String)> {
    vec![(rule, id.to_owned())]
}

#[test]
fn an_approval_with_a_choice_a_loop_and_branches_is_published() {
    assert_eq!(broken("s > A > x1; x1 > B > x2; x1 > C > x2; x2 > D > e"), []);
    assert_eq!(broken("s > xj > A > xs; xs > xj; xs > e"), []);
    assert_eq!(broken("s > p1; p1 > A > p2; p1 > B > p2; p2 > e"), []);
    assert_eq!(broken("s > xj > p1; p1 > A > p2; p1 > B > p2; p2 > xs; xs > xj; xs > e"), []);
    assert_eq!(broken("s > o1; o1 > A > o2; o1 > B > o2; o2 > e"), []);
    assert_eq!(broken("s > g1; g1 > c1 > A > e1; g1 > c2 > e2"), []);
    assert_eq!(broken("s > A > e1; b_A > B > e2; n_A > C > e3"), []);
}

#[test]
fn branches_may_end_each_by_itself_but_not_some_of_them() {
    assert_eq!(broken("s > p1; p1 > A > e1; p1 > B > e2"), []);
    assert_eq!(broken("s > p1; p1 > A > p2; p1 > B > p2; p1 > C > e1; p2 > e2"), at(Rule::EndsBesideJoin, "p1"));
}

#[test]
fn an_arrow_out_of_a_branch_is_refused_with_the_remedy() {
    // The refusal in one branch goes past the join.
    let found = check(&process("s > p1; p1 > A > x1; x1 > p2; x1 > e1; p1 > B > p2; p2 > e2"));
    assert_eq!((found[0].rule, found[0].element.as_deref()), (Rule::EndsBesideJoin, Some("p1")));
    assert!(found[0].text(true).contains("拒绝"));
    // An end of everything is allowed there.
    assert_eq!(broken("s > p1; p1 > A > x1; x1 > p2; x1 > t1; p1 > B > p2; p2 > e2"), []);
    // A jump back to before the split.
    let found = broken("s > xj > p1; p1 > A > x1; x1 > xj; x1 > p2; p1 > B > p2; p2 > e");
    assert_eq!(found[0].0, Rule::LackOfSynchronisation);
}

#[test]
fn a_join_that_waits_for_ever_is_shown_by_a_run() {
    let found = check(&process("s > x1; x1 > A > p1; x1 > B > p1; p1 > e"));
    let [Finding { rule: Rule::Deadlock, element, run, params }] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(element.as_deref(), Some("p1"));
    let names: Vec<&str> = run.iter().filter(|id| !id.starts_with('f')).map(String::as_str).collect();
    assert!(names == ["s", "x1", "A"] || names == ["s", "x1", "B"], "{run:?}");
    let other = if names[2] == "A" { "B" } else { "A" };
    assert_eq!(params["waits"], other);
    assert_eq!(found[0].text(false), format!("A case would wait here for ever: {other}"));
}

#[test]
fn a_branch_that_is_not_joined_is_walked_twice() {
    assert_eq!(broken("s > p1; p1 > A > x1; p1 > B > x1; x1 > C > e"), at(Rule::LackOfSynchronisation, "x1"));
}

#[test]
fn a_join_that_stands_before_its_split_waits_for_ever() {
    let found = check(&process("s > p1; p1 > A > p3; p1 > B > p2; p2 > p9; p9 > C > p2; p9 > D > p3; p3 > e"));
    assert_eq!((found[0].rule, found[0].element.as_deref(), found[0].params["waits"].as_str()), (Rule::Deadlock, Some("p2"), "C"));
    let into = broken("s > o1; o1 > o9; o9 > A > o1; o9 > B > e");
    assert_eq!(into[0].0, Rule::InclusivePair);
}

#[test]
fn tokens_of_one_rigid_fragment_meet_whichever_split_they_come_from() {
    // An engine with a scope for each fork hangs on this, although it is sound (PROCESSES 1).
    let arrows = "s > p1; p1 > A > p3; p1 > p2; p2 > B > p3; p2 > C > p4; p3 > p4; p4 > e";
    assert_eq!(broken(arrows), []);
}

#[test]
fn inclusive_gateways_come_in_pairs() {
    assert_eq!(broken("s > o1; o1 > A > x1; o1 > B > x1; x1 > e"), at(Rule::InclusivePair, "o1"));
    assert_eq!(broken("s > x1; x1 > A > o1; x1 > B > o1; o1 > e"), at(Rule::InclusivePair, "o1"));
    // A loop may go round the pair, never into it.
    assert_eq!(broken("s > xj > o1; o1 > A > o2; o1 > B > o2; o2 > xs; xs > xj; xs > e"), []);
    let into = broken("s > o1; o1 > xj > A > o2; o1 > B > o2; o2 > xs; xs > xj; xs > e");
    assert_eq!(into, [(Rule::InclusivePair, "o1".to_owned()), (Rule::InclusivePair, "o2".to_owned())]);
}

#[test]
fn structure_is_checked_element_by_element() {
    assert_eq!(broken("s > A > e; A > B > e2"), at(Rule::ImplicitSplit, "A"));
    assert_eq!(broken("s > A > e; B > e"), [at(Rule::Unreachable, "B")].concat());
    assert_eq!(broken("s > x1; x1 > A > x2; x1 > B > x2; x2 > x3; x3 > C > x2; x3 > e"), at(Rule::GatewayJoinFork, "x2")[..0].to_vec());
    assert!(broken("s > A > A2").iter().any(|(rule, _)| *rule == Rule::EndMissing));
    assert_eq!(broken("s > x1 > e"), at(Rule::SuperfluousGateway, "x1"));
    assert_eq!(
        broken("s > A > x1; x1 > x2; x1 > e; x2 > x1"),
        at(Rule::GatewayJoinFork, "x1").into_iter().chain([(Rule::SuperfluousGateway, "x2".to_owned())]).collect::<Vec<_>>()
    );
    assert_eq!(broken("s > A > xj > e; n_A > B > xj"), at(Rule::SideMerges, "n_A"));
    assert_eq!(broken("s > g1; g1 > A > e; g1 > c1 > e"), at(Rule::EventGatewayTarget, "g1"));
    let mut without = process("s > x1; x1 > A > e; x1 > B > e");
    without.scope.flows.values_mut().for_each(|flow| flow.default = false);
    let rules: BTreeSet<Rule> = check(&without).into_iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, BTreeSet::from([Rule::ConditionMissing, Rule::DefaultMissing]));
}

#[test]
fn conditions_fit_the_form_whose_fields_they_read() {
    let with = |source: &str| {
        let mut definition = process("s > x1; x1 > A > x2; x1 > B > x2; x2 > e");
        let flow = definition.scope.flows.values_mut().find(|flow| flow.condition.is_some()).unwrap();
        flow.condition = Some(feel::Expression::parse(source).unwrap());
        let form = json!({ "type": "object", "properties": { "金额": { "type": "number" }, "部门": { "enum": ["信息部", "财务部"] } } });
        check_conditions(&definition, &feel::Schema::from_json(&form).unwrap())
    };
    assert_eq!(with("金额 > 5000 and 部门 = \"信息部\""), []);
    let found = with("金额 > \"5000\"");
    assert_eq!(found[0].rule, Rule::ConditionInvalid);
    assert_eq!(with("部门 = \"信息中心\"")[0].rule, Rule::ConditionInvalid);
    assert_eq!(with("金钱 > 1")[0].rule, Rule::ConditionInvalid);
    assert_eq!(with("金额 + 1")[0].rule, Rule::ConditionNoTruth);
}

#[test]
fn a_loop_in_which_nobody_works_is_pointed_out() {
    let found = check(&process("s > xj > z1 > xs; xs > xj; xs > e"));
    assert_eq!(found[0].rule, Rule::EndlessLoop);
    assert!(publishable(&found));
    assert_eq!(broken("s > xj > A > xs; xs > xj; xs > e"), []);
}

#[test]
fn what_cannot_be_decided_is_said() {
    // Twenty branches, each free to go on without the others, and a knot of joins.
    let mut arrows = String::from("s > p0;");
    for n in 0..20 {
        arrows += &format!("p0 > A{n} > p_{n}; p_{n} > p9{n}; p_{n} > B{n} > p9{};", (n + 1) % 20);
    }
    for n in 0..20 {
        arrows += &format!("p9{n} > C{n} > pz;");
    }
    arrows += "pz > e";
    assert_eq!(check(&process(&arrows))[0].rule, Rule::NotDecided);
}

// The same question, asked of the model itself by somebody who knows nothing of graphs and fragments: all markings of its flows.

type Tokens = BTreeMap<String, u32>;

/// What can happen next; `None` if everything ends at once.
fn literally(scope: &Scope, tokens: &Tokens) -> Vec<Tokens> {
    let mut all = Vec::new();
    for node in scope.nodes.values() {
        let ins: Vec<&String> = scope.incoming(&node.id).map(|flow| &flow.id).collect();
        let outs: Vec<&String> = scope.outgoing(&node.id).map(|flow| &flow.id).collect();
        let held: Vec<&String> = ins.iter().copied().filter(|id| tokens.contains_key(*id)).collect();
        let together = node.kind == NodeKind::Parallel;
        if held.is_empty() || (together && held.len() < ins.len()) {
            continue;
        }
        let takes: Vec<Vec<&String>> = if together { vec![held] } else { held.into_iter().map(|id| vec![id]).collect() };
        let gives: Vec<Vec<&String>> =
            if matches!(node.kind, NodeKind::Exclusive) { outs.into_iter().map(|id| vec![id]).collect() } else { vec![outs] };
        for take in &takes {
            for give in &gives {
                if node.kind == NodeKind::End(End::Terminate) {
                    all.push(Tokens::new());
                    continue;
                }
                let mut next = tokens.clone();
                for id in take {
                    let left = next[*id] - 1;
                    if left == 0 {
                        next.remove(*id);
                    } else {
                        next.insert((*id).clone(), left);
                    }
                }
                for id in give {
                    *next.entry((*id).clone()).or_default() += 1;
                }
                all.push(next);
            }
        }
    }
    all
}

/// Whether every run can end, no flow ever holds two tokens, and nothing waits for ever; none if there are too many states.
fn sound(scope: &Scope) -> Option<bool> {
    let first: Tokens = scope
        .nodes
        .values()
        .filter(|node| matches!(node.kind, NodeKind::Start(_)))
        .flat_map(|node| scope.outgoing(&node.id))
        .map(|flow| (flow.id.clone(), 1))
        .collect();
    // What leads only to the end of everything may be come to from several branches.
    let alive = crate::graph::Graph::of(scope, &super::structure::starts(scope), true);
    let living: BTreeSet<&str> = alive.alive().into_iter().filter_map(|vertex| alive.element(vertex)).collect();
    let doubled = |tokens: &Tokens| tokens.iter().any(|(flow, count)| *count > 1 && living.contains(scope.flows[flow].source.as_str()));
    let mut states = vec![first.clone()];
    let mut number = HashMap::from([(first, 0usize)]);
    let mut back: Vec<Vec<usize>> = vec![Vec::new()];
    let mut at = 0;
    while at < states.len() {
        if states.len() > 4_000 {
            return None;
        }
        let next = literally(scope, &states[at]);
        if (next.is_empty() && !states[at].is_empty()) || doubled(&states[at]) {
            return Some(false);
        }
        for tokens in next {
            let known = *number.entry(tokens).or_insert_with_key(|tokens| {
                states.push(tokens.clone());
                back.push(Vec::new());
                states.len() - 1
            });
            back[known].push(at);
        }
        at += 1;
    }
    let mut good: BTreeSet<usize> = (0..states.len()).filter(|state| states[*state].is_empty()).collect();
    let mut waiting: Vec<usize> = good.iter().copied().collect();
    while let Some(state) = waiting.pop() {
        waiting.extend(back[state].iter().copied().filter(|from| good.insert(*from)).collect::<Vec<_>>());
    }
    Some(good.len() == states.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn block_structured_models_are_sound(plan in proptest::collection::vec(any::<u8>(), 1..40)) {
        let definition = crate::Definition { scope: model(&plan, &[], false), ..process("s > e") };
        let errors: Vec<Finding> = check(&definition).into_iter().filter(|finding| !publishable(std::slice::from_ref(finding))).collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
    }
}

/// Whatever is bent: what is published is sound, and what is refused for its behaviour is not. Only what a rule refuses on principle may
/// be sound all the same.
#[test]
fn the_check_agrees_with_a_literal_reading() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1200);
    let config = ProptestConfig { cases, max_shrink_iters: 2000, failure_persistence: None, ..ProptestConfig::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let (published, refused) = (Cell::new(0), Cell::new(0));
    let plans = (proptest::collection::vec(any::<u8>(), 1..24), proptest::collection::vec(any::<(u8, u8)>(), 1..4));
    let agrees = |(plan, cuts): (Vec<u8>, Vec<(u8, u8)>)| {
        let definition = crate::Definition { scope: model(&plan, &cuts, false), ..process("s > e") };
        let findings = check(&definition);
        let errors: BTreeSet<Rule> =
            findings.iter().map(|finding| finding.rule).filter(|rule| rule.severity() == Severity::Error).collect();
        let behaviour = [Rule::Deadlock, Rule::LackOfSynchronisation, Rule::NoOptionToEnd];
        let on_principle = !errors.iter().all(|rule| behaviour.contains(rule));
        if let Some(sound) = sound(&definition.scope).filter(|_| !on_principle) {
            let flows: Vec<String> = definition.scope.flows.values().map(|flow| format!("{} > {}", flow.source, flow.target)).collect();
            // Where something ends everything, what waits for ever elsewhere is swept away with it. That is refused all the same.
            let swept = !errors.is_empty() && definition.scope.nodes.values().any(|node| node.kind == NodeKind::End(End::Terminate));
            prop_assert!(swept || errors.is_empty() == sound, "{:?} in {:?}", findings, flows);
            let count = if sound { &published } else { &refused };
            count.set(count.get() + 1);
        }
        Ok(())
    };
    TestRunner::new_with_rng(config, rng).run(&plans, agrees).unwrap_or_else(|error| panic!("{error}"));
    println!("{} published, {} refused for their behaviour", published.get(), refused.get());
    assert!(published.get() > 300 && refused.get() > 300, "{published:?} {refused:?}");
}

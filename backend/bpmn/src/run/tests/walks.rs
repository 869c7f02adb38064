//! Random walks over random models: what must be true stays true, every case can end, and a literal interpreter that knows nothing of
//! boxes agrees at every step.

use std::{cell::Cell, collections::BTreeMap};

use proptest::{
    prelude::*,
    test_runner::{TestRng, TestRunner},
};

use super::{By, Case, Event, Judge};
use crate::{
    Definition,
    check::{check, publishable},
    finding::Rule,
    model::{End, Flow, NodeKind, Scope},
    run::targets,
    testing::{model, process},
};

/// Whether a flow is taken in this round: by chance, but the same for whoever asks.
fn chance(seed: u64, round: u64, flow: &Flow) -> bool {
    let mut hash = seed ^ round.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for byte in flow.id.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash >> 33).is_multiple_of(2)
}

/// The model read literally: tokens on flows, and open tasks. It counts; it has no idea where a token came from.
#[derive(Default)]
struct Literal {
    flows: BTreeMap<String, u32>,
    tasks: Vec<String>,
}

impl Literal {
    fn put(&mut self, scope: &Scope, node: &str) {
        scope.outgoing(node).for_each(|flow| *self.flows.entry(flow.id.clone()).or_default() += 1);
    }

    fn take(&mut self, flow: &str) {
        let left = self.flows[flow] - 1;
        if left == 0 {
            self.flows.remove(flow);
        } else {
            self.flows.insert(flow.to_owned(), left);
        }
    }

    fn settle(&mut self, scope: &Scope, judge: &dyn Judge) {
        loop {
            let ready = self.flows.keys().find_map(|id| {
                let target = &scope.nodes[&scope.flows[id].target];
                let all = scope.incoming(&target.id).all(|flow| self.flows.contains_key(&flow.id));
                (target.kind != NodeKind::Parallel || all).then(|| (id.clone(), target))
            });
            let Some((flow, node)) = ready else { return };
            match &node.kind {
                NodeKind::Parallel => {
                    scope.incoming(&node.id).for_each(|flow| self.take(&flow.id));
                    self.put(scope, &node.id);
                }
                NodeKind::Exclusive => {
                    self.take(&flow);
                    let ways: Vec<&Flow> = scope.outgoing(&node.id).collect();
                    let chosen = ways.iter().find(|way| ways.len() == 1 || (!way.default && judge.holds(way).unwrap()));
                    let chosen = chosen.or_else(|| ways.iter().find(|way| way.default)).expect("a way");
                    *self.flows.entry(chosen.id.clone()).or_default() += 1;
                }
                NodeKind::End(End::None) => self.take(&flow),
                NodeKind::End(_) => *self = Self::default(),
                _ => {
                    self.take(&flow);
                    self.tasks.push(node.id.clone());
                }
            }
        }
    }

    fn names(&self) -> Vec<String> {
        let mut names = self.tasks.clone();
        names.sort();
        names
    }
}

/// Walks so many models, or as many as PROPTEST_CASES says.
fn run(cases: u32, walk: impl Fn((Vec<u8>, Vec<(u8, u8)>, Vec<u16>, u64)) -> Result<(), TestCaseError>) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(cases);
    let config = ProptestConfig { cases, max_shrink_iters: 3000, failure_persistence: None, ..ProptestConfig::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let strategy = (
        proptest::collection::vec(any::<u8>(), 1..24),
        proptest::collection::vec(any::<(u8, u8)>(), 0..4),
        proptest::collection::vec(any::<u16>(), 1..60),
        any::<u64>(),
    );
    TestRunner::new_with_rng(config, rng).run(&strategy, walk).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_literal_reading_agrees_at_every_step() {
    let (walked, steps) = (Cell::new(0u32), Cell::new(0u32));
    run(1500, |(plan, cuts, choices, seed)| {
        let definition = Definition { scope: model(&plan, &cuts, false), ..process("s > e") };
        let findings = check(&definition);
        if !publishable(&findings) || findings.iter().any(|finding| finding.rule == Rule::EndlessLoop) {
            return Ok(());
        }
        let start = definition.scope.nodes.keys().find(|id| id.starts_with('s')).unwrap().clone();
        let mut case = Case::new(&definition);
        let mut literal = Literal::default();
        let judge = By(|flow: &Flow| chance(seed, 0, flow));
        literal.put(&definition.scope, &start);
        literal.settle(&definition.scope, &judge);
        case.deliver(Event::Started { at: start }, &judge);
        for (round, choice) in (1u64..).zip(&choices) {
            prop_assert_eq!(case.names(), literal.names());
            let works = case.works();
            if works.is_empty() {
                break;
            }
            let (name, token, item) = works[usize::from(*choice) % works.len()].clone();
            let judge = By(|flow: &Flow| chance(seed, round, flow));
            case.deliver(Event::Completed { token, item }, &judge);
            let place = literal.tasks.iter().position(|task| *task == name).expect("it is open there too");
            literal.tasks.remove(place);
            literal.put(&definition.scope, &name);
            literal.settle(&definition.scope, &judge);
            steps.set(steps.get() + 1);
        }
        prop_assert_eq!(case.names(), literal.names());
        let flows = || definition.scope.flows.values().map(|flow| format!("{} > {}", flow.source, flow.target)).collect::<Vec<_>>();
        prop_assert_eq!(case.state.ended.is_some(), case.names().is_empty(), "{:?} {:#?}", flows(), case.state);
        walked.set(walked.get() + 1);
        Ok(())
    });
    println!("{} models walked, {} steps", walked.get(), steps.get());
    assert!(walked.get() > 500, "{walked:?}");
}

/// Does one thing that is possible, chosen by a number; false if nothing is.
fn something(case: &mut Case, choice: usize, judge: &dyn Judge, only_work: bool) -> bool {
    if let Some(token) = case.counts.first().copied() {
        case.deliver(Event::Counted { token, items: u32::try_from(choice % 4).unwrap() }, judge);
        return true;
    }
    let works = case.works();
    let kind = if only_work { 0 } else { choice % 8 };
    let pick = choice / 8;
    match kind {
        1 if !case.armed.is_empty() => {
            let (owner, event) = case.armed.iter().nth(pick % case.armed.len()).unwrap().clone();
            case.deliver(Event::Fired { owner, event }, judge);
        }
        2 | 3 if !works.is_empty() => {
            let (_, token, _) = works[pick % works.len()].clone();
            let all = targets(&case.state, token);
            if let Some(to) = all.get(pick % all.len().max(1)) {
                sent_back(case, token, to, judge);
            }
        }
        4 if !works.is_empty() => {
            let (_, token, item) = works[pick % works.len()].clone();
            let removed = case.try_deliver(Event::ItemRemoved { token, item: item.unwrap_or(0) }, judge);
            let added = case.try_deliver(Event::ItemAdded { token }, judge);
            assert!(item.is_some() || (removed.is_err() && added.is_err()));
        }
        _ if !works.is_empty() => {
            let (_, token, item) = works[pick % works.len()].clone();
            case.deliver(Event::Completed { token, item }, judge);
        }
        _ if !case.armed.is_empty() => {
            let (owner, event) = case.armed.iter().next().unwrap().clone();
            case.deliver(Event::Fired { owner, event }, judge);
        }
        _ => return false,
    }
    true
}

/// After a return the target's work is open, and who stood elsewhere stands there still.
fn sent_back(case: &mut Case, token: u64, to: &str, judge: &dyn Judge) {
    let before = case.state.clone();
    case.deliver(Event::Returned { token, to: to.to_owned() }, judge);
    let from = &before.tokens[&token];
    assert!(!case.state.tokens.contains_key(&token), "who sent back is gone");
    let visit = crate::run::returns::targets(&before, token).filter(|visit| visit.element == to).last().expect("a visit");
    let inside = |boxes: &[crate::run::Box]| visit.boxes.len() <= boxes.len() && visit.boxes.iter().zip(boxes).all(|(a, b)| a == b);
    for (id, other) in before.tokens.iter().filter(|(_, other)| other.scope == from.scope && !inside(&other.boxes)) {
        assert_eq!(case.state.tokens.get(id), Some(other), "a branch beside was touched: {token} to {to} in {before:#?}");
    }
    let opened = case.state.tokens.iter().any(|(id, other)| *id >= before.next && other.scope == from.scope);
    assert!(opened, "nothing is open at the target");
}

#[test]
fn whatever_is_done_every_case_can_end() {
    let (walked, sent_back) = (Cell::new(0u32), Cell::new(0usize));
    run(1500, |(plan, _, choices, seed)| {
        let definition = Definition { scope: model(&plan, &[], true), ..process("s > e") };
        prop_assert!(publishable(&check(&definition)), "{:?}", check(&definition));
        let start = definition.scope.nodes.values().find(|node| matches!(node.kind, NodeKind::Start(_))).unwrap().id.clone();
        let mut case = Case::new(&definition);
        case.deliver(Event::Started { at: start }, &By(|flow: &Flow| chance(seed, 0, flow)));
        for (round, choice) in (1u64..).zip(&choices) {
            if case.state.ended.is_some() {
                break;
            }
            prop_assert!(something(&mut case, usize::from(*choice), &By(|flow: &Flow| chance(seed, round, flow)), false), "it is stuck");
        }
        // From here on everybody just works.
        let mut round = 1_000;
        while case.state.ended.is_none() {
            round += 1;
            prop_assert!(round < 6_000, "it does not come to its end: {:?}", case.names());
            let choice = usize::try_from((seed ^ round).wrapping_mul(0x9E37_79B9) >> 7).unwrap_or(0);
            prop_assert!(something(&mut case, choice, &By(|flow: &Flow| chance(seed, round, flow)), true), "it is stuck");
        }
        sent_back.set(sent_back.get() + case.history.iter().filter(|event| matches!(event, Event::Returned { .. })).count());
        walked.set(walked.get() + 1);
        Ok(())
    });
    println!("{} cases walked, {} returns", walked.get(), sent_back.get());
    assert!(sent_back.get() > 1_000, "{sent_back:?}");
}

/// Two works that are open at the same time in a model without choices: whichever is done first, the case stands at the same place.
#[test]
fn the_order_of_independent_work_does_not_matter() {
    run(600, |(plan, _, choices, seed)| {
        let definition = Definition { scope: model(&plan, &[], true), ..process("s > e") };
        let start = definition.scope.nodes.values().find(|node| matches!(node.kind, NodeKind::Start(_))).unwrap().id.clone();
        let mut case = Case::new(&definition);
        // Conditions that do not depend on when they are asked.
        let judge = By(|flow: &Flow| chance(seed, 0, flow));
        case.deliver(Event::Started { at: start }, &judge);
        for choice in &choices {
            let works = case.works();
            if case.state.ended.is_none() && works.len() > 1 {
                let (one, other) =
                    (works[usize::from(*choice) % works.len()].clone(), works[(usize::from(*choice) + 1) % works.len()].clone());
                let after = |first: &(String, u64, Option<u32>), second: &(String, u64, Option<u32>)| {
                    let mut case = Case {
                        program: case.program.clone(),
                        state: case.state.clone(),
                        open: case.open.clone(),
                        armed: case.armed.clone(),
                        counts: case.counts.clone(),
                        history: Vec::new(),
                        failed: None,
                    };
                    case.deliver(Event::Completed { token: first.1, item: first.2 }, &judge);
                    let still = case.open.contains(&(second.1, second.0.clone(), second.2));
                    if still {
                        case.deliver(Event::Completed { token: second.1, item: second.2 }, &judge);
                    }
                    (still, case.names(), case.state.ended)
                };
                let (ab, ba) = (after(&one, &other), after(&other, &one));
                prop_assert!(!(ab.0 && ba.0) || ab == ba, "{ab:?} {ba:?}");
            }
            if case.state.ended.is_some() || !something(&mut case, usize::from(*choice), &judge, true) || case.history.len() > 80 {
                break;
            }
        }
        Ok(())
    });
}

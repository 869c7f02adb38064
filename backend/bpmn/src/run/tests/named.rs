//! The rules of `PROCESSES` 1 and 2, one by one.

use feel::{Context, Expression, Value};

use super::{By, Case, Event, Refused, Stay};
use crate::{
    model::{End, Flow, NodeKind, Repeated, Scope, Trigger},
    run::{Conditions, Ended, Reason, targets},
    testing::{process, scope},
};

fn begun(arrows: &str) -> Case {
    let mut case = Case::new(&process(arrows));
    case.starts(&[]);
    case
}

/// A process with a subprocess or an event subprocess `V`.
fn with_inner(arrows: &str, id: &str, kind: impl Fn(Scope) -> NodeKind, inner: Scope) -> Case {
    let mut definition = process(arrows);
    let node = crate::model::Node { id: id.to_owned(), name: None, kind: kind(inner), repeated: None };
    definition.scope.nodes.insert(id.to_owned(), node);
    Case::new(&definition)
}

#[test]
fn a_sequence_a_choice_and_a_join_are_walked_to_the_end() {
    let mut case = begun("s > A > x1; x1 > B > x2; x1 > C > x2; x2 > p1; p1 > D > p2; p1 > E > p2; p2 > F > e");
    assert_eq!(case.names(), ["A"]);
    case.does("A", &["C"]);
    assert_eq!(case.names(), ["C"]);
    case.does("C", &[]);
    assert_eq!(case.names(), ["D", "E"]);
    case.does("E", &[]);
    assert_eq!(case.names(), ["D"]);
    case.does("D", &[]);
    case.does("F", &[]);
    assert!(case.completed());
    let again = case.try_deliver(Event::Terminated, &By(|_: &Flow| true));
    assert_eq!(again, Err(Refused::Ended));
}

#[test]
fn withdrawing_begins_again_and_leaves_nothing_open() {
    let mut case = begun("s > A > p1; p1 > B > p2; p1 > C > p2; p2 > e");
    case.does("A", &[]);
    case.does("B", &[]);
    case.deliver(Event::Restarted { at: "s".to_owned() }, &By(|_: &Flow| true));
    assert_eq!(case.names(), ["A"]);
    let token = case.token("A");
    assert!(targets(&case.state, token).is_empty(), "what was done before is done no longer");
    assert_eq!(case.try_deliver(Event::Started { at: "s".to_owned() }, &By(|_: &Flow| true)), Err(Refused::NotAStart));
    case.does("A", &[]);
    case.does("B", &[]);
    case.does("C", &[]);
    assert!(case.completed());
}

#[test]
fn conditions_are_answered_from_the_fields_of_the_case() {
    let walked = |fields: Vec<(&str, Value)>| {
        let mut case = begun("s > A > x1; x1 > B > x2; x1 > C > x2; x2 > e");
        let token = case.token("A");
        case.deliver(Event::Completed { token, item: None }, &Conditions(Context::new(fields)));
        case
    };
    // The flow to C has the condition 金额 > 5000.
    assert_eq!(walked(vec![("金额", Value::Number(6000.into()))]).names(), ["C"]);
    assert_eq!(walked(vec![("金额", Value::Number(100.into()))]).names(), ["B"]);
    // What is not known does not hold.
    assert_eq!(walked(vec![]).names(), ["B"]);
    let mut definition = process("s > A > x1; x1 > B > x2; x1 > C > x2; x2 > e");
    let flow = definition.scope.flows.values_mut().find(|flow| flow.condition.is_some()).unwrap();
    flow.condition = Expression::parse("金额").ok();
    let mut case = Case::new(&definition);
    case.starts(&[]);
    let token = case.token("A");
    let fields = Context::new([("金额", Value::Number(1.into()))]);
    case.deliver(Event::Completed { token, item: None }, &Conditions(fields));
    let stays: Vec<&Stay> = case.state.tokens.values().map(|token| &token.stay).collect();
    assert!(matches!(stays[..], [Stay::Incident { reason: Reason::Condition(_) }]), "{stays:?}");
}

#[test]
fn a_loop_with_branches_does_not_mix_its_rounds() {
    let mut case = begun("s > xj > p1; p1 > A > p2; p1 > B > p2; p2 > C > xs; xs > e; xs > xj");
    for _ in 0..3 {
        case.does("A", &[]);
        case.does("B", &[]);
        case.does("C", &["xj"]);
    }
    case.does("B", &[]);
    case.does("A", &[]);
    case.does("C", &[]);
    assert!(case.completed());
}

#[test]
fn tokens_of_one_rigid_fragment_meet_whichever_split_they_come_from() {
    let mut case = begun("s > p1; p1 > A > p3; p1 > p2; p2 > B > p3; p2 > C > p4; p3 > p4; p4 > e");
    for name in ["C", "B", "A"] {
        case.does(name, &[]);
    }
    assert!(case.completed());
}

#[test]
fn an_inclusive_join_waits_for_those_that_were_sent() {
    let arrows = "s > Z > o1; o1 > A > o2; o1 > B > o2; o1 > C > o2; o2 > D > e";
    let mut case = begun(arrows);
    case.does("Z", &["B", "C"]);
    assert_eq!(case.names(), ["B", "C"]);
    case.does("C", &[]);
    case.does("B", &[]);
    assert_eq!(case.names(), ["D"]);
    // Nothing holds: the default.
    let mut case = begun(arrows);
    case.does("Z", &[]);
    assert_eq!(case.names(), ["A"]);
    case.does("A", &[]);
    assert_eq!(case.names(), ["D"]);
}

#[test]
fn terminate_ends_everything_in_its_scope_only() {
    let mut case = begun("s > p1; p1 > A > x1; x1 > p2; x1 > t1; p1 > B > p2; p2 > e");
    case.does("A", &["t1"]);
    assert!(case.completed());
    // Inside a subprocess only the subprocess ends.
    let inner = scope("s2 > p1; p1 > A > x1; x1 > p2; x1 > t1; p1 > B > p2; p2 > e2");
    let mut case = with_inner("s > Sub > D > e", "Sub", NodeKind::SubProcess, inner);
    case.starts(&[]);
    case.does("A", &["t1"]);
    assert_eq!(case.names(), ["D"]);
}

#[test]
fn the_event_that_comes_first_decides() {
    let mut case = begun("s > g1; g1 > c1 > A > e1; g1 > c2 > B > e2");
    assert_eq!(case.armed.len(), 2);
    case.fires("c2");
    assert_eq!((case.names(), case.armed.len()), (vec!["B".to_owned()], 0));
}

#[test]
fn an_event_at_a_border_interrupts_or_runs_beside() {
    let mut case = begun("s > A > x1 > C > e1; b_A > B > x1; n_A > D > e2");
    case.fires("n_A");
    assert_eq!(case.names(), ["A", "D"]);
    // Who is beside an activity that is taken away goes with it.
    case.fires("b_A");
    assert_eq!(case.names(), ["B"]);
    let mut case = begun("s > A > x1 > C > e1; b_A > B > x1; n_A > D > e2");
    case.fires("n_A");
    case.does("A", &[]);
    case.does("C", &[]);
    assert_eq!((case.names(), case.completed()), (vec!["D".to_owned()], false));
    case.does("D", &[]);
    assert!(case.completed());
}

#[test]
fn an_event_subprocess_takes_the_place_of_what_runs_or_runs_beside_it() {
    let timer = || crate::model::Trigger::Timer(crate::model::Timer::Duration("P3D".to_owned()));
    let inner = || {
        let mut inner = scope("s2 > V1 > e2");
        inner.nodes.get_mut("s2").unwrap().kind = NodeKind::Start(Some(timer()));
        inner
    };
    let mut case = with_inner("s > A > e", "V", |scope| NodeKind::EventSubProcess { scope, interrupting: true }, inner());
    case.starts(&[]);
    case.fires("V");
    assert_eq!(case.names(), ["V1"]);
    case.does("V1", &[]);
    assert!(case.completed());
    let mut case = with_inner("s > A > e", "V", |scope| NodeKind::EventSubProcess { scope, interrupting: false }, inner());
    case.starts(&[]);
    case.fires("V");
    assert_eq!(case.names(), ["A", "V1"]);
    case.does("A", &[]);
    assert!(!case.completed());
    case.does("V1", &[]);
    assert!(case.completed());
}

#[test]
fn an_error_is_caught_by_the_nearest_or_stops_where_everybody_sees_it() {
    let thrown = || {
        let mut inner = scope("s2 > A > e2");
        inner.nodes.get_mut("e2").unwrap().kind = NodeKind::End(End::Error { code: Some("NO".to_owned()) });
        inner
    };
    let caught = |code: Option<&str>| {
        let mut case = with_inner("s > Sub > e1; b_Sub > B > e3", "Sub", NodeKind::SubProcess, thrown());
        let plan = case.program.scopes.get_mut(&None).unwrap();
        let trigger = Trigger::Error { code: code.map(str::to_owned) };
        plan.scope.nodes.get_mut("b_Sub").unwrap().kind = NodeKind::Boundary { host: "Sub".to_owned(), trigger, interrupting: true };
        case.starts(&[]);
        case.does("A", &[]);
        case
    };
    assert_eq!(caught(Some("NO")).names(), ["B"]);
    assert_eq!(caught(None).names(), ["B"]);
    let stopped = caught(Some("OTHER"));
    let token = stopped.state.tokens.values().find(|token| token.at == "e2").expect("it stays at its end");
    assert!(matches!(token.stay, Stay::Incident { .. }));
    // A failed action likewise; it is tried again when somebody has repaired it.
    let mut case = begun("s > z1 > A > e");
    let token = case.token("z1");
    case.deliver(Event::Failed { token, code: Some("DOWN".to_owned()) }, &By(|_: &Flow| false));
    assert!(case.names().is_empty());
    case.deliver(Event::Retried { token }, &By(|_: &Flow| false));
    case.does("z1", &[]);
    assert_eq!(case.names(), ["A"]);
}

#[test]
fn repetitions_are_all_at_once_or_one_after_the_other_and_may_be_more_or_fewer() {
    let repeated = |how| {
        let mut definition = process("s > A > B > e");
        definition.scope.nodes.get_mut("A").unwrap().repeated = Some(how);
        let mut case = Case::new(&definition);
        case.starts(&[]);
        let token = *case.counts.first().unwrap();
        (case, token)
    };
    let nobody = By(|_: &Flow| false);
    let (mut case, token) = repeated(Repeated::InParallel);
    case.deliver(Event::Counted { token, items: 2 }, &nobody);
    case.deliver(Event::ItemAdded { token }, &nobody);
    assert_eq!(case.names(), ["A", "A", "A"]);
    case.deliver(Event::ItemRemoved { token, item: 0 }, &nobody);
    case.deliver(Event::ItemRemoved { token, item: 2 }, &nobody);
    assert_eq!(case.try_deliver(Event::ItemRemoved { token, item: 1 }, &nobody), Err(Refused::LastItem));
    case.does("A", &[]);
    assert_eq!(case.names(), ["B"]);
    let (mut case, token) = repeated(Repeated::Sequentially);
    case.deliver(Event::Counted { token, items: 2 }, &nobody);
    case.deliver(Event::ItemAdded { token }, &nobody);
    let order: Vec<Option<u32>> = (0..3)
        .map(|_| {
            let (_, token, item) = case.works()[0].clone();
            case.deliver(Event::Completed { token, item }, &nobody);
            item
        })
        .collect();
    // The added one comes after the one that was open.
    assert_eq!((order, case.names()), (vec![Some(0), Some(2), Some(1)], vec!["B".to_owned()]));
    let (mut case, token) = repeated(Repeated::InParallel);
    case.deliver(Event::Counted { token, items: 0 }, &nobody);
    assert_eq!(case.names(), ["B"]);
}

#[test]
fn a_loop_without_anybody_stops_visibly() {
    let case = begun("s > xj > xs; xs > xj; xs > e");
    // The default leads back for ever.
    let reasons: Vec<&Stay> = case.state.tokens.values().map(|token| &token.stay).collect();
    assert!(matches!(reasons[..], [Stay::Incident { reason: Reason::Fuel }]), "{reasons:?}");
}

#[test]
fn what_is_not_open_is_refused_and_changes_nothing() {
    let mut case = begun("s > A > B > e");
    let token = case.token("A");
    case.does("A", &[]);
    let before = case.state.clone();
    let nobody = By(|_: &Flow| false);
    for event in [
        Event::Started { at: "s".to_owned() },
        Event::Completed { token, item: None },
        Event::Completed { token: case.token("B"), item: Some(1) },
        Event::Counted { token: case.token("B"), items: 3 },
        Event::ItemAdded { token: case.token("B") },
        Event::Retried { token: case.token("B") },
        Event::Fired { owner: super::Owner::Token(case.token("B")), event: "c1".to_owned() },
        Event::Returned { token: case.token("B"), to: "B".to_owned() },
        Event::Returned { token: case.token("B"), to: "e".to_owned() },
    ] {
        assert!(case.try_deliver(event.clone(), &nobody).is_err(), "{event:?}");
        assert_eq!(case.state, before);
    }
    case.deliver(Event::Terminated, &nobody);
    assert_eq!(case.state.ended, Some(Ended::Terminated));
}

// Sending back.

#[test]
fn sending_back_in_one_branch_leaves_the_others_alone() {
    let mut case = begun("s > Z > p1; p1 > A > B > p2; p1 > C > p2; p2 > D > e");
    case.does("Z", &[]);
    case.does("A", &[]);
    let other = case.token("C");
    case.returns("B", "A").unwrap();
    assert_eq!((case.names(), case.token("C")), (vec!["A".to_owned(), "C".to_owned()], other));
    for name in ["A", "B", "C"] {
        case.does(name, &[]);
    }
    assert_eq!(case.names(), ["D"]);
}

#[test]
fn sending_back_to_before_a_split_takes_all_branches_away() {
    let mut case = begun("s > Z > p1; p1 > A > B > p2; p1 > C > p2; p2 > D > e");
    case.does("Z", &[]);
    case.does("A", &[]);
    case.returns("B", "Z").unwrap();
    assert_eq!(case.names(), ["Z"]);
    for name in ["Z", "A", "B", "C", "D"] {
        case.does(name, &[]);
    }
    assert!(case.completed());
}

#[test]
fn nobody_is_sent_into_another_branch_and_a_finished_block_is_a_target_as_a_whole() {
    let mut case = begun("s > Z > p1; p1 > A > B > p2; p1 > C > p2; p2 > D > e");
    case.does("Z", &[]);
    case.does("A", &[]);
    assert_eq!(case.returns("C", "A"), Err(Refused::NotATarget));
    case.does("B", &[]);
    case.does("C", &[]);
    assert_eq!(targets(&case.state, case.token("D")), ["p1", "Z"]);
    case.returns("D", "p1").unwrap();
    assert_eq!(case.names(), ["A", "C"]);
}

#[test]
fn a_rigid_fragment_is_a_target_by_its_entry_only() {
    let mut case = begun("s > Z > p1; p1 > A > p3; p1 > p2; p2 > B > p3; p2 > C > p4; p3 > D > p4; p4 > E > e");
    for name in ["Z", "A", "B"] {
        case.does(name, &[]);
    }
    assert_eq!(targets(&case.state, case.token("D")), ["p1", "Z"]);
    case.returns("D", "p1").unwrap();
    assert_eq!(case.names(), ["A", "B", "C"]);
}

#[test]
fn branches_before_an_end_of_everything_are_branches_too() {
    // A rigid fragment first, then a block that only an end of everything follows.
    let rigid = "s > p1; p1 > A > p3; p1 > p2; p2 > B > p3; p2 > C > p4; p3 > p4; p4 > Z > x1; x1 > e; x1 > p7";
    let arrows = format!("{rigid}; p7 > D > F > p8; p7 > E > p8; p8 > t1");
    assert!(crate::check(&process(&arrows)).is_empty());
    let mut case = begun(&arrows);
    for name in ["A", "B", "C"] {
        case.does(name, &[]);
    }
    case.does("Z", &["p7"]);
    case.does("D", &[]);
    assert_eq!(case.returns("E", "D"), Err(Refused::NotATarget));
    let other = case.token("E");
    case.returns("F", "D").unwrap();
    assert_eq!((case.names(), case.token("E")), (vec!["D".to_owned(), "E".to_owned()], other));
}

#[test]
fn a_walked_choice_belongs_to_the_sequence_and_one_never_walked_does_not() {
    let mut case = begun("s > Z > x1; x1 > A > x2; x1 > B > x2; x2 > C > e");
    case.does("Z", &["B"]);
    case.does("B", &[]);
    assert_eq!(targets(&case.state, case.token("C")), ["B", "Z"]);
    case.returns("C", "B").unwrap();
    // What comes after is done no longer.
    assert_eq!(targets(&case.state, case.token("B")), ["Z"]);
}

#[test]
fn body_and_back_of_a_loop_are_one_sequence() {
    let mut case = begun("s > xj > A > xs; xs > C > e; xs > B > xj");
    case.does("A", &["B"]);
    case.does("B", &[]);
    assert_eq!(targets(&case.state, case.token("A")), ["B"]);
    case.returns("A", "B").unwrap();
    assert_eq!(case.names(), ["B"]);
}

#[test]
fn a_subprocess_is_a_target_as_a_whole_and_is_not_left_by_a_return() {
    let mut case = with_inner("s > Z > Sub > D > e", "Sub", NodeKind::SubProcess, scope("s2 > A > B > e2"));
    case.starts(&[]);
    for name in ["Z", "A"] {
        case.does(name, &[]);
    }
    assert_eq!(targets(&case.state, case.token("B")), ["A"]);
    case.does("B", &[]);
    assert_eq!(targets(&case.state, case.token("D")), ["Sub", "Z"]);
    case.returns("D", "Sub").unwrap();
    assert_eq!(case.names(), ["A"]);
}

/// States that were kept once are read for ever: a new version of the engine is held against every file of this folder.
#[test]
fn states_of_every_version_are_read_and_go_on() {
    let kept = [include_str!("golden/v1-parallel.json"), include_str!("golden/v1-incident.json")];
    for json in kept {
        let kept: crate::State = serde_json::from_str(json).unwrap();
        let again: crate::State = serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap();
        assert_eq!(kept, again);
    }
    let program = crate::Program::new(&process(GOLDEN));
    let mut state: crate::State = serde_json::from_str(kept[0]).unwrap();
    while let Some((token, _)) = state.tokens.iter().find(|(_, token)| matches!(token.stay, Stay::Work { .. })) {
        let event = Event::Completed { token: *token, item: None };
        state = crate::step(&program, &state, &event, &By(|_: &Flow| true)).unwrap().0;
    }
    assert_eq!(state.ended, Some(Ended::Completed));
    let state: crate::State = serde_json::from_str(kept[1]).unwrap();
    let token = *state.tokens.keys().next().unwrap();
    let (state, _) = crate::step(&program, &state, &Event::Retried { token }, &By(|_: &Flow| true)).unwrap();
    assert!(state.tokens.values().any(|token| matches!(token.stay, Stay::Work { .. })));
}

const GOLDEN: &str = "s > A > p1; p1 > B > p2; p1 > C > p2; p2 > D > e";

//! Going back across what actions have done.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    Case,
    moves::Resume,
    tests::{answer, blueprint, flows, open, outside, people, task},
    trial::{self, Pretend, TrialStarter},
};
use crate::{
    actions::Repeat,
    blueprint::{Blueprint, Data},
    model::StoryEvent,
};

/// Where the action stands: in the sequence, in a branch of a block that is over, in a subprocess that is over.
fn structures() -> Vec<(&'static str, Blueprint)> {
    let act = "<b:serviceTask id=\"act\"><b:extensionElements><zhidu:action name=\"document.number\"><zhidu:input name=\"kind\" value=\"事由\"/></zhidu:action></b:extensionElements></b:serviceTask>";
    let (a, b, c) = (task("A", "", &people(&["甲"])), task("B", "", &people(&["乙"])), task("C", "", &people(&["丙"])));
    let fork = "<b:parallelGateway id=\"f\"/><b:parallelGateway id=\"j\"/>";
    let inner = format!(
        "<b:subProcess id=\"sub\"><b:startEvent id=\"is\"/>{act}<b:endEvent id=\"ie\"/>{}</b:subProcess>",
        flows("is > act, act > ie")
    );
    vec![
        ("sequence", blueprint("", &format!("{a}{act}{c}{}", flows("s > apply, apply > A, A > act, act > C, C > e")))),
        (
            "parallel",
            blueprint(
                "",
                &format!("{a}{b}{c}{act}{fork}{}", flows("s > apply, apply > A, A > f, f > act, f > B, act > j, B > j, j > C, C > e")),
            ),
        ),
        ("subprocess", blueprint("", &format!("{a}{c}{inner}{}", flows("s > apply, apply > A, A > sub, sub > C, C > e")))),
    ]
}

fn at_c<'a>(blueprint: &'a Blueprint, repeat: Repeat) -> (Case<'a>, Pretend<'static>) {
    let mut out = outside();
    out.repeats = BTreeMap::from([("document.number".to_owned(), repeat)]);
    let mut case = trial::case(blueprint, &TrialStarter::imagined());
    let data: Data = json!({ "金额": 3, "事由": "甲" }).as_object().unwrap().clone();
    case.start(None, data, &mut out).unwrap();
    for step in ["A", "B"] {
        if !open(&case, step).is_empty() {
            answer(&mut case, step, "agree", &mut out);
        }
    }
    assert_eq!(open(&case, "C").len(), 1);
    (case, out)
}

#[test]
fn nothing_goes_back_across_what_cannot_be_repeated_wherever_it_was_done() {
    for (name, blueprint) in structures() {
        let (mut case, mut out) = at_c(&blueprint, Repeat::Once);
        let seat = open(&case, "C").pop().unwrap();
        assert!(case.targets(super::token_of(&seat)).iter().all(|target| target != "A" && target != "apply"), "{name}");
        assert!(case.send_back(seat.id, "A", Resume::Again, Some("x".to_owned()), &mut out).is_err(), "{name}");
        assert!(case.check_withdraw().is_err(), "{name}");
    }
}

#[test]
fn what_can_be_undone_is_undone_once_and_done_anew() {
    for (name, blueprint) in structures() {
        let (mut case, mut out) = at_c(&blueprint, Repeat::Reversible);
        let seat = open(&case, "C").pop().unwrap();
        case.send_back(seat.id, "A", Resume::Again, Some("x".to_owned()), &mut out).unwrap();
        assert_eq!(out.undone, ["act"], "{name}");
        assert!(!case.control.outputs.contains_key("act"), "{name}");
        answer(&mut case, "A", "agree", &mut out);
        if !open(&case, "B").is_empty() {
            answer(&mut case, "B", "agree", &mut out);
        }
        let ran = case.story.iter().filter(|line| line.kind == StoryEvent::Action).count();
        assert_eq!((ran, open(&case, "C").len()), (2, 1), "{name}");
        assert_eq!(case.story.iter().filter(|line| line.kind == StoryEvent::Undone).count(), 1, "{name}");
    }
}

#[test]
fn what_stands_before_the_target_is_not_undone() {
    let act = "<b:serviceTask id=\"act\"><b:extensionElements><zhidu:action name=\"document.number\"><zhidu:input name=\"kind\" value=\"事由\"/></zhidu:action></b:extensionElements></b:serviceTask>";
    let (a, c) = (task("A", "", &people(&["甲"])), task("C", "", &people(&["丙"])));
    let blueprint = blueprint("", &format!("{a}{act}{c}{}", flows("s > apply, apply > act, act > A, A > C, C > e")));
    let (mut case, mut out) = at_c(&blueprint, Repeat::Reversible);
    let seat = open(&case, "C").pop().unwrap();
    case.send_back(seat.id, "A", Resume::Again, Some("x".to_owned()), &mut out).unwrap();
    assert!(out.undone.is_empty());
    case.withdraw(None, &mut out).unwrap_err();
}

#[test]
fn withdrawing_undoes_everything_that_can_be_undone() {
    let act = "<b:serviceTask id=\"act\"><b:extensionElements><zhidu:action name=\"document.number\"><zhidu:input name=\"kind\" value=\"事由\"/></zhidu:action></b:extensionElements></b:serviceTask>";
    let a = task("A", "", &people(&["甲"]));
    let blueprint = blueprint("", &format!("{act}{a}{}", flows("s > apply, apply > act, act > A, A > e")));
    let mut out = outside();
    out.repeats = BTreeMap::from([("document.number".to_owned(), Repeat::Reversible)]);
    let mut case = trial::case(&blueprint, &TrialStarter::imagined());
    case.start(None, json!({ "金额": 3, "事由": "甲" }).as_object().unwrap().clone(), &mut out).unwrap();
    case.withdraw(None, &mut out).unwrap();
    assert_eq!(out.undone, ["act"]);
    answer(&mut case, "apply", "done", &mut out);
    assert_eq!(open(&case, "A").len(), 1);
}

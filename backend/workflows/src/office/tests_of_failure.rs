//! What cannot be computed stops visibly where it stands, or is told: nothing is guessed.

use bpmn::run::{Owner, Stay};
use serde_json::json;

use super::{
    Case,
    moves::Resume,
    tests::{answer, blueprint, flows, open, outside, people, task},
    trial::{self, TrialStarter},
};
use crate::{
    blueprint::{Blueprint, Data},
    model::StoryEvent,
};

fn started<'a>(blueprint: &'a Blueprint, amount: i64) -> Case<'a> {
    let mut case = trial::case(blueprint, &TrialStarter::imagined());
    let data: Data = json!({ "金额": amount, "事由": "明年" }).as_object().unwrap().clone();
    case.start(None, data, &mut outside()).unwrap();
    case
}

fn stands_still(case: &Case<'_>, at: &str) -> bool {
    case.control.state.tokens.values().any(|token| token.at == at && matches!(token.stay, Stay::Incident { .. }))
}

fn told<'a>(case: &'a Case<'_>) -> Vec<&'a str> {
    case.story.iter().filter(|line| line.kind == StoryEvent::Incident).filter_map(|line| line.element.as_deref()).collect()
}

fn timer(kind: &str, text: &str) -> String {
    format!("<b:timerEventDefinition><b:{kind}>{text}</b:{kind}></b:timerEventDefinition>")
}

#[test]
fn a_time_that_nobody_can_read_fires_nothing() {
    for kind in ["timeDuration", "timeDate", "timeCycle"] {
        let catch = format!("<b:intermediateCatchEvent id=\"w\">{}</b:intermediateCatchEvent>", timer(kind, "=事由"));
        let a = task("A", "", &people(&["甲"]));
        let blueprint = blueprint("", &format!("{catch}{a}{}", flows("s > apply, apply > w, w > A, A > e")));
        let case = started(&blueprint, 1);
        assert!(stands_still(&case, "w"), "{kind}");
        assert_eq!(told(&case), ["w"], "it is told once, with its reason");
        assert!(case.waits.is_empty() && open(&case, "A").is_empty(), "{kind}");
    }
}

#[test]
fn a_timer_at_the_border_that_nobody_can_read_is_told_and_the_work_goes_on() {
    let a = task("A", "", &people(&["甲"]));
    let border = format!("<b:boundaryEvent id=\"late\" attachedToRef=\"A\">{}</b:boundaryEvent>", timer("timeDuration", "=事由"));
    let blueprint = blueprint("", &format!("{a}{border}{}", flows("s > apply, apply > A, A > e, late > e")));
    let mut case = started(&blueprint, 1);
    assert_eq!(told(&case), ["late"]);
    assert!(case.waits.is_empty());
    answer(&mut case, "A", "agree", &mut outside());
    assert_eq!(case.state, crate::model::CaseState::Completed);
}

#[test]
fn a_day_begins_by_the_clock_of_the_office() {
    let catch = format!("<b:intermediateCatchEvent id=\"w\">{}</b:intermediateCatchEvent>", timer("timeDate", "=\"2026-12-01\""));
    let blueprint = blueprint("", &format!("{catch}{}", flows("s > apply, apply > w, w > e")));
    let case = started(&blueprint, 1);
    let due = case.waits.iter().find(|wait| matches!(super::waits::owner_of(&wait.owner), Some(Owner::Token(_)))).and_then(|wait| wait.due);
    assert_eq!(due.unwrap().to_string(), "2026-11-30T16:00:00.000000Z");
}

#[test]
fn repetitions_that_cannot_be_counted_stop_the_case() {
    for (over, amount, still) in [("金额", 200, false), ("金额", 201, true), ("金额", -1, true), ("金额 / 2", 1, true)] {
        let a = task("A", "", &people(&["甲"]))
            .replacen("<b:extensionElements>", &format!("<b:extensionElements><zhidu:repeat over=\"{over}\"/>"), 1)
            .replace("</b:userTask>", "<b:multiInstanceLoopCharacteristics/></b:userTask>");
        let blueprint = blueprint("", &format!("{a}{}", flows("s > apply, apply > A, A > e")));
        assert_eq!(stands_still(&started(&blueprint, amount), "A"), still, "{over} of {amount}");
    }
}

#[test]
fn straight_back_does_not_answer_for_a_signature() {
    for (attributes, asked) in [("", false), ("sign=\"true\"", true), ("separate=\"A\"", true)] {
        let steps = [task("A", "", &people(&["甲"])), task("B", attributes, &people(&["乙"])), task("C", "", &people(&["丙"]))].concat();
        let blueprint = blueprint("", &format!("{steps}{}", flows("s > apply, apply > A, A > B, B > C, C > e")));
        let (mut case, mut out) = (started(&blueprint, 1), outside());
        answer(&mut case, "A", "agree", &mut out);
        answer(&mut case, "B", "agree", &mut out);
        let seat = open(&case, "C").pop().unwrap();
        case.send_back(seat.id, "A", Resume::Straight, Some("x".to_owned()), &mut out).unwrap();
        answer(&mut case, "A", "agree", &mut out);
        assert_eq!(open(&case, "B").len(), usize::from(asked), "{attributes}");
        assert_eq!(open(&case, "C").len(), usize::from(!asked), "{attributes}");
    }
}

#[test]
fn a_fact_that_cannot_be_told_is_said_to_be_missing() {
    let endless = "abcdef".chars().map(|name| format!("every {name} in [1, 2, 3, 4, 5, 6, 7, 8, 9] satisfies ")).collect::<String>();
    let facts = format!("<zhidu:fact name=\"never\" value=\"{endless} true\"/><zhidu:fact name=\"amount\" value=\"金额\"/>");
    let event = format!("<zhidu:event name=\"x.done\">{facts}</zhidu:event>");
    let a = task("A", "", &people(&["甲"])).replacen("</zhidu:work>", &format!("</zhidu:work>{event}"), 1);
    let blueprint = blueprint("", &format!("{a}{}", flows("s > apply, apply > A, A > e")));
    let mut case = started(&blueprint, 7);
    answer(&mut case, "A", "agree", &mut outside());
    let facts: Vec<(&String, &String)> = case.emitted.iter().flat_map(|emission| &emission.facts).collect();
    assert_eq!(facts, [(&"amount".to_owned(), &"7".to_owned())]);
    assert_eq!(told(&case), ["A"]);
}

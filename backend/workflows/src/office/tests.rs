//! Every operation of the office in every structure, by name. After each the invariants hold, and the case can still end.

use std::collections::BTreeSet;

use bpmn::run::Stay;
use kernel::{
    Ts,
    calendar::{Calendar, Hours},
};
use serde_json::{Map, json};

use super::{
    Case, Delivered, Done, fold, item_of,
    moves::{Resume, SignerPosition},
    token_of,
    trial::{self, Pretend, TrialStarter, imagined, somebody},
};
use crate::{
    blueprint::{Blueprint, Data, Source},
    model::{CaseState, Seat, SeatState, StoryEvent, Vote},
};

pub(super) fn task(id: &str, attributes: &str, people: &str) -> String {
    format!(
        "<b:userTask id=\"{id}\"><b:extensionElements><zhidu:work kind=\"approve\" {attributes}>{people}<zhidu:field name=\"*\" right=\"read\"/></zhidu:work></b:extensionElements></b:userTask>"
    )
}

pub(super) fn people(names: &[&str]) -> String {
    names.iter().map(|name| format!("<zhidu:people by=\"person\" value=\"{name}\"/>")).collect()
}

pub(super) fn flows(flows: &str) -> String {
    let mut text = String::new();
    for flow in flows.split(", ") {
        let (from, to) = flow.split_once(" > ").unwrap();
        text.push_str(&format!("<b:sequenceFlow id=\"{from}_{to}\" sourceRef=\"{from}\" targetRef=\"{to}\">"));
        if let "x" | "o" = from {
            let condition = if to == "B" { "金额 &gt; 1" } else { "金额 &gt; 2" };
            text.push_str(&format!("<b:conditionExpression>{condition}</b:conditionExpression>"));
        }
        text.push_str("</b:sequenceFlow>");
    }
    text
}

/// A process of these elements, behind the application.
pub(super) fn blueprint(process: &str, elements: &str) -> Blueprint {
    let bpmn = format!(
        "<b:definitions xmlns:b=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:zhidu=\"urn:zhidu:bpmn:1\"><b:process id=\"p\" isExecutable=\"true\"><b:extensionElements><zhidu:process {process}/></b:extensionElements><b:startEvent id=\"s\"/><b:userTask id=\"apply\"><b:extensionElements><zhidu:work kind=\"do\"><zhidu:people by=\"starter\"/><zhidu:field name=\"*\" right=\"edit\"/></zhidu:work></b:extensionElements></b:userTask><b:endEvent id=\"e\"/>{elements}</b:process></b:definitions>"
    );
    let form = json!({ "schema": { "type": "object", "properties": { "金额": { "type": "number" }, "事由": { "type": "string" } } }, "ui": { "groups": [] } });
    let source = Source { bpmn, form, decisions: Map::new(), tests: Vec::new() };
    let (blueprint, findings) = source.check(&crate::actions::Actions::of(Vec::new()).known());
    let errors: Vec<String> =
        findings.iter().filter(|finding| finding.rule.severity() == bpmn::Severity::Error).map(|finding| format!("{finding:?}")).collect();
    assert!(errors.is_empty(), "{errors:?}");
    blueprint.unwrap()
}

/// The structures in which every operation is tried; `A` is where it is tried, `B` runs beside or after.
fn structures(policy: &str) -> Vec<(&'static str, Blueprint)> {
    let a = task("A", policy, &people(&["甲", "乙"]));
    let b = task("B", "", &people(&["丙"]));
    let z = task("Z", "", &people(&["丁"]));
    let many = "<b:multiInstanceLoopCharacteristics/>";
    let repeated = task("A", policy, &people(&["甲", "乙"])).replace("</b:userTask>", &format!("{many}</b:userTask>"));
    vec![
        ("sequence", blueprint("", &format!("{a}{b}{z}{}", flows("s > apply, apply > B, B > A, A > Z, Z > e")))),
        (
            "exclusive",
            blueprint(
                "",
                &format!(
                    "<b:exclusiveGateway id=\"x\" default=\"x_D\"/><b:exclusiveGateway id=\"y\"/>{a}{z}{}{}",
                    task("D", "", &people(&["丙"])),
                    flows("s > apply, apply > x, x > A, x > D, A > y, D > y, y > Z, Z > e")
                        .replacen(
                            "<b:conditionExpression>金额 &gt; 2</b:conditionExpression>",
                            "<b:conditionExpression>金额 &gt; 1</b:conditionExpression>",
                            1
                        )
                        .replace(
                            "id=\"x_D\" sourceRef=\"x\" targetRef=\"D\"><b:conditionExpression>金额 &gt; 2</b:conditionExpression>",
                            "id=\"x_D\" sourceRef=\"x\" targetRef=\"D\">"
                        ),
                ),
            ),
        ),
        (
            "parallel",
            blueprint(
                "",
                &format!(
                    "<b:parallelGateway id=\"f\"/><b:parallelGateway id=\"j\"/>{a}{b}{z}{}",
                    flows("s > apply, apply > f, f > A, f > B, A > j, B > j, j > Z, Z > e")
                ),
            ),
        ),
        (
            "inclusive",
            blueprint(
                "",
                &format!(
                    "<b:inclusiveGateway id=\"o\" default=\"o_C\"/><b:inclusiveGateway id=\"j\"/>{a}{b}{z}{}{}",
                    task("C", "", &people(&["丙"])),
                    flows("s > apply, apply > o, o > A, o > B, o > C, A > j, B > j, C > j, j > Z, Z > e")
                        .replace("targetRef=\"C\"><b:conditionExpression>金额 &gt; 2</b:conditionExpression>", "targetRef=\"C\">"),
                ),
            ),
        ),
        ("multi_instance", blueprint("", &format!("{repeated}{b}{z}{}", flows("s > apply, apply > B, B > A, A > Z, Z > e")))),
        (
            "subprocess",
            blueprint(
                "",
                &format!(
                    "<b:subProcess id=\"sub\"><b:startEvent id=\"is\"/>{b}{a}<b:endEvent id=\"ie\"/>{}</b:subProcess>{z}{}",
                    flows("is > B, B > A, A > ie"),
                    flows("s > apply, apply > sub, sub > Z, Z > e"),
                ),
            ),
        ),
    ]
}

pub(super) fn outside() -> Pretend<'static> {
    let calendar = std::sync::Arc::new(Calendar::new(&Hours::china(), &[]).unwrap());
    let find = |rule: &crate::blueprint::People, case: &Case<'_>| match rule.by {
        crate::blueprint::words::PeopleRule::Person => Ok(vec![somebody(rule.value.as_deref().unwrap())]),
        _ => imagined(rule, case),
    };
    Pretend::new(Ts::from_micros(1_780_300_800_000_000), calendar, Box::new(find))
}

/// A case that has come to `A`.
fn at_a<'a>(blueprint: &'a Blueprint, out: &mut Pretend<'_>) -> Case<'a> {
    let mut case = trial::case(blueprint, &TrialStarter::imagined());
    let data: Data = json!({ "金额": 3, "事由": "甲" }).as_object().unwrap().clone();
    case.start(None, data, out).unwrap();
    if open(&case, "A").is_empty() {
        answer(&mut case, "B", "agree", out);
    }
    assert!(!open(&case, "A").is_empty());
    sound(&case);
    case
}

pub(super) fn open(case: &Case<'_>, step: &str) -> Vec<Seat> {
    case.seats.iter().filter(|seat| seat.element == step && seat.state == SeatState::Open).cloned().collect()
}

pub(super) fn answer(case: &mut Case<'_>, step: &str, outcome: &str, out: &mut Pretend<'_>) {
    let seat = open(case, step).into_iter().next().unwrap_or_else(|| panic!("nothing is open at {step}"));
    case.doer.id = seat.owner_id;
    let done = Done { outcome: outcome.to_owned(), opinion: Some("意见".to_owned()), ..Done::default() };
    case.complete(seat.id, &done, out).unwrap();
    sound(case);
}

/// What must be true of a case at any time.
fn sound(case: &Case<'_>) {
    let work: BTreeSet<(u64, Option<u32>)> = case
        .control
        .state
        .tokens
        .iter()
        .filter_map(|(id, token)| match &token.stay {
            Stay::Work { open, .. } if case.blueprint.settings.work.contains_key(&token.at) => Some(open.iter().map(|item| (*id, *item))),
            _ => None,
        })
        .flatten()
        .collect();
    let waits = |seat: &&Seat| seat.state.is_pending();
    let seats: BTreeSet<(u64, Option<u32>)> = case.seats.iter().filter(waits).map(|seat| (token_of(seat), item_of(seat))).collect();
    assert_eq!(seats, work, "each open seat has its token, and each token its seats");
    for round in &work {
        let open = case.seats.iter().filter(|seat| (token_of(seat), item_of(seat)) == *round && seat.state == SeatState::Open);
        assert!(open.count() > 0, "somebody can go on");
    }
    let mut owners = BTreeSet::new();
    for seat in case.seats.iter().filter(waits) {
        assert!(owners.insert((seat.token, seat.item, seat.owner_id)), "nobody sits twice at a step");
    }
    let delivered: Vec<Delivered> = case.delivered.clone();
    assert_eq!(fold(&case.blueprint.program, bpmn::State::new(), &delivered).unwrap(), case.control.state, "events give the state");
}

/// Everybody agrees until it ends.
fn ends(case: &mut Case<'_>, out: &mut Pretend<'_>) {
    for _ in 0..60 {
        if case.state != CaseState::Running {
            assert_eq!(case.state, CaseState::Completed);
            assert!(case.seats.iter().all(|seat| !seat.state.is_pending()));
            return;
        }
        for seat in case.seats.clone().iter().filter(|seat| !seat.delegators.is_empty() && seat.state == SeatState::Open) {
            case.give_back(seat.id, &somebody("甲"), Some("可以".to_owned())).unwrap();
        }
        case.agree_once(out).unwrap();
        sound(case);
    }
    panic!("it does not end");
}

/// An operation on the first open seat of `A`.
type Operation = fn(&mut Case<'_>, &Seat, &mut Pretend<'_>);

fn try_everywhere(structure: &str, operation: Operation) {
    for policy in ["policy=\"all\"", "policy=\"sequential\"", "policy=\"any\"", "policy=\"ratio\" share=\"1\""] {
        let (name, blueprint) = structures(policy).into_iter().find(|(name, _)| *name == structure).unwrap();
        {
            let mut out = outside();
            let mut case = at_a(&blueprint, &mut out);
            let seat = open(&case, "A").into_iter().next().unwrap();
            case.doer.id = seat.owner_id;
            operation(&mut case, &seat, &mut out);
            sound(&case);
            if case.state == CaseState::Running {
                ends(&mut case, &mut out);
            }
            assert!(case.story.iter().any(|entry| entry.kind == StoryEvent::Ended), "{name} {policy}");
        }
    }
}

fn completing(case: &mut Case<'_>, _: &Seat, out: &mut Pretend<'_>) {
    answer(case, "A", "agree", out);
}

fn refusing(case: &mut Case<'_>, _: &Seat, out: &mut Pretend<'_>) {
    answer(case, "A", "refuse", out);
    if !case.seats.iter().any(|seat| seat.element == "A" && seat.state == SeatState::Open) {
        assert_eq!(case.state, CaseState::Refused);
    }
}

fn transferring(case: &mut Case<'_>, seat: &Seat, _: &mut Pretend<'_>) {
    case.transfer(seat.id, &somebody("戊"), StoryEvent::Transferred, None).unwrap();
    assert_eq!(case.seats.iter().find(|other| other.id == seat.id).unwrap().owner_name.as_deref(), Some("戊"));
}

fn delegating(case: &mut Case<'_>, seat: &Seat, _: &mut Pretend<'_>) {
    case.delegate(seat.id, &somebody("戊"), None).unwrap();
    case.delegate(seat.id, &somebody("己"), None).unwrap();
    case.delegate(seat.id, &somebody("庚"), None).unwrap();
    assert!(case.delegate(seat.id, &somebody("辛"), None).is_err(), "three deep");
    assert!(case.delegate(seat.id, &somebody("戊"), None).is_err(), "in a circle");
    for back in ["己", "戊"] {
        case.give_back(seat.id, &somebody(back), None).unwrap();
    }
    let owner = somebody(seat.owner_name.as_deref().unwrap());
    case.give_back(seat.id, &owner, None).unwrap();
    assert_eq!(case.seats.iter().find(|other| other.id == seat.id).unwrap().owner_id, seat.owner_id);
}

fn adding(position: SignerPosition, case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    case.add_signer(seat.id, &[somebody("戊"), somebody("己")], position, None, out).unwrap();
    sound(case);
    assert!(case.add_signer(seat.id, &[somebody("戊")], position, None, out).is_err(), "nobody sits twice");
    let added: Vec<Seat> = case.seats.iter().filter(|other| other.parent_id == Some(seat.id)).cloned().collect();
    let vote = match position {
        SignerPosition::Before => Vote::Advises,
        SignerPosition::After => Vote::Follows,
        SignerPosition::Parallel => Vote::Counts,
    };
    assert!(added.len() == 2 && added.iter().all(|other| other.vote == vote));
    if position == SignerPosition::Before {
        // The seat that asked waits until all advice is there.
        assert_eq!(case.seats.iter().find(|other| other.id == seat.id).unwrap().state, SeatState::Waiting);
    }
}

fn removing(case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    let others: Vec<Seat> = case
        .seats
        .iter()
        .filter(|other| other.token == seat.token && other.item == seat.item && other.id != seat.id && other.state.is_pending())
        .cloned()
        .collect();
    for other in others {
        case.remove_signer(seat.id, other.owner_id.unwrap(), None, out).unwrap();
        sound(case);
    }
    assert!(case.remove_signer(seat.id, seat.owner_id.unwrap(), None, out).is_err(), "the last one stays");
}

fn returning(resume: Resume, case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    let targets = case.targets(token_of(seat));
    assert!(!targets.is_empty(), "there is always somewhere to go back to");
    for target in &targets {
        assert!(case.blueprint.settings.work.contains_key(target));
    }
    let target = targets.last().unwrap().clone();
    case.send_back(seat.id, &target, resume, Some("请修改".to_owned()), out).unwrap();
    assert!(open(case, "A").is_empty() || target == "A");
    assert_eq!(open(case, &target).len(), 1, "who had it has it again");
}

fn withdrawing(case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    let spoken = case.seats.iter().any(|other| other.state == SeatState::Done && other.element != "apply");
    assert_eq!(case.withdraw(None, out).is_err(), spoken, "only until somebody has spoken");
    if !spoken {
        assert_eq!(open(case, "apply").len(), 1);
        assert!(open(case, "A").is_empty());
    }
    let _ = seat;
}

fn taking_back(case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    answer(case, "A", "agree", out);
    if case.check_take_back(seat.id).is_ok() {
        case.take_back(seat.id, out).unwrap();
        sound(case);
        assert!(open(case, "A").iter().any(|other| other.owner_id == seat.owner_id), "it is open again for whoever took it back");
    }
}

fn terminating(case: &mut Case<'_>, _: &Seat, out: &mut Pretend<'_>) {
    case.end(CaseState::Terminated, Some("不再需要".to_owned()), out).unwrap();
    assert!(case.seats.iter().all(|seat| !seat.state.is_pending()) && case.waits.is_empty());
}

fn adding_before(case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    adding(SignerPosition::Before, case, seat, out);
}
fn adding_after(case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    adding(SignerPosition::After, case, seat, out);
}
fn adding_beside(case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    adding(SignerPosition::Parallel, case, seat, out);
}
fn returning_to_walk_again(case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    returning(Resume::Again, case, seat, out);
}
fn returning_straight_back(case: &mut Case<'_>, seat: &Seat, out: &mut Pretend<'_>) {
    returning(Resume::Straight, case, seat, out);
}

macro_rules! every_operation_in {
    ($($structure:ident),+) => {$(
        mod $structure {
            use super::try_everywhere;
            const HERE: &str = stringify!($structure);
            #[test] fn completing() { try_everywhere(HERE, super::completing); }
            #[test] fn refusing() { try_everywhere(HERE, super::refusing); }
            #[test] fn transferring() { try_everywhere(HERE, super::transferring); }
            #[test] fn delegating() { try_everywhere(HERE, super::delegating); }
            #[test] fn adding_a_signer_before() { try_everywhere(HERE, super::adding_before); }
            #[test] fn adding_a_signer_after() { try_everywhere(HERE, super::adding_after); }
            #[test] fn adding_a_signer_beside() { try_everywhere(HERE, super::adding_beside); }
            #[test] fn removing_signers() { try_everywhere(HERE, super::removing); }
            #[test] fn returning_to_walk_again() { try_everywhere(HERE, super::returning_to_walk_again); }
            #[test] fn returning_straight_back() { try_everywhere(HERE, super::returning_straight_back); }
            #[test] fn withdrawing() { try_everywhere(HERE, super::withdrawing); }
            #[test] fn taking_back() { try_everywhere(HERE, super::taking_back); }
            #[test] fn terminating() { try_everywhere(HERE, super::terminating); }
        }
    )+};
}
every_operation_in!(sequence, exclusive, parallel, inclusive, multi_instance, subprocess);

#[test]
fn an_answer_is_taken_back_until_somebody_goes_on_from_it() {
    let steps = [task("A", "", &people(&["甲"])), task("B", "", &people(&["乙"])), task("C", "", &people(&["丙"]))].concat();
    let blueprint = blueprint("", &format!("{steps}{}", flows("s > apply, apply > A, A > B, B > C, C > e")));
    let mut out = outside();
    let mut case = trial::case(&blueprint, &TrialStarter::imagined());
    case.start(None, Data::new(), &mut out).unwrap();
    let seat = open(&case, "A").pop().unwrap();
    answer(&mut case, "A", "agree", &mut out);
    case.check_take_back(seat.id).unwrap();
    case.take_back(seat.id, &mut out).unwrap();
    sound(&case);
    assert_eq!((open(&case, "A").len(), open(&case, "B").len()), (1, 0));
    let seat = open(&case, "A").pop().unwrap();
    answer(&mut case, "A", "agree", &mut out);
    answer(&mut case, "B", "agree", &mut out);
    assert!(case.check_take_back(seat.id).is_err(), "somebody went on from it");
}

#[test]
fn a_return_within_one_branch_leaves_the_other_alone() {
    let a = task("A", "", &people(&["甲"]));
    let a2 = task("A2", "", &people(&["乙"]));
    let b = task("B", "", &people(&["丙"]));
    let blueprint = blueprint(
        "",
        &format!(
            "<b:parallelGateway id=\"f\"/><b:parallelGateway id=\"j\"/>{a}{a2}{b}{}",
            flows("s > apply, apply > f, f > A, A > A2, f > B, A2 > j, B > j, j > e")
        ),
    );
    let mut out = outside();
    let mut case = trial::case(&blueprint, &TrialStarter::imagined());
    case.start(None, Data::new(), &mut out).unwrap();
    let beside = open(&case, "B").pop().unwrap();
    answer(&mut case, "A", "agree", &mut out);
    let seat = open(&case, "A2").pop().unwrap();
    assert_eq!(case.targets(token_of(&seat)), ["A", "apply"]);
    case.send_back(seat.id, "A", Resume::Again, Some("x".to_owned()), &mut out).unwrap();
    assert_eq!(open(&case, "B"), [beside], "the branch beside lives on, untouched");
    ends(&mut case, &mut out);
}

#[test]
fn what_must_be_signed_is_never_answered_by_a_rule() {
    for (attributes, asked) in [("", false), ("sign=\"true\"", true), ("separate=\"A\"", true)] {
        let second = task("B", attributes, &people(&["甲", "乙"]));
        let blueprint = blueprint(
            "dedup=\"any\"",
            &format!("{}{second}{}", task("A", "", &people(&["甲"])), flows("s > apply, apply > A, A > B, B > e")),
        );
        let mut out = outside();
        let mut case = trial::case(&blueprint, &TrialStarter::imagined());
        case.start(None, Data::new(), &mut out).unwrap();
        answer(&mut case, "A", "agree", &mut out);
        let names: Vec<String> = open(&case, "B").into_iter().filter_map(|seat| seat.owner_name).collect();
        // Who did A may not do B where duties are separated.
        let expected: &[&str] = if attributes.starts_with("separate") {
            &["乙"]
        } else if asked {
            &["甲", "乙"]
        } else {
            &["乙"]
        };
        assert_eq!(names, expected, "{attributes}");
    }
}

#[test]
fn a_changed_form_asks_again_whoever_had_agreed_to_the_old_one() {
    let again = task("B", "", &people(&["甲"])).replace("right=\"read\"", "right=\"edit\"");
    let blueprint = blueprint(
        "dedup=\"any\"",
        &format!(
            "{}{}{again}{}",
            task("A", "", &people(&["甲"])),
            task("C", "", &people(&["乙"])).replace("right=\"read\"", "right=\"edit\""),
            flows("s > apply, apply > A, A > C, C > B, B > e")
        ),
    );
    let mut out = outside();
    for (changed, asked) in [(false, false), (true, true)] {
        let mut case = trial::case(&blueprint, &TrialStarter::imagined());
        case.start(None, Data::new(), &mut out).unwrap();
        answer(&mut case, "A", "agree", &mut out);
        let seat = open(&case, "C").pop().unwrap();
        let data = changed.then(|| json!({ "事由": "别的" }).as_object().unwrap().clone());
        case.complete(seat.id, &Done { outcome: "agree".to_owned(), data, ..Done::default() }, &mut out).unwrap();
        assert_eq!(case.state == CaseState::Running, asked);
    }
}

#[test]
fn nobody_found_is_skipped_given_to_administrators_or_stops_the_case() {
    let nobody = "<zhidu:people by=\"handler\" value=\"apply\"/>".replace("apply", "Z");
    for (empty, expected) in [("skip", "completed"), ("administrator", "流程管理员"), ("refuse", "incident")] {
        let a = task("A", &format!("empty=\"{empty}\""), &nobody);
        let blueprint = blueprint("", &format!("{a}{}{}", task("Z", "", &people(&["丁"])), flows("s > apply, apply > A, A > Z, Z > e")));
        let mut out = outside();
        let mut case = trial::case(&blueprint, &TrialStarter::imagined());
        case.start(None, Data::new(), &mut out).unwrap();
        match expected {
            "completed" => assert_eq!(open(&case, "Z").len(), 1),
            "incident" => assert!(case.control.state.tokens.values().any(|token| matches!(token.stay, Stay::Incident { .. }))),
            name => assert_eq!(open(&case, "A").pop().unwrap().owner_name.as_deref(), Some(name)),
        }
    }
}

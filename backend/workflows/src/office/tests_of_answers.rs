//! What the answers at a step make together: returns that wait, what is demanded with some outcomes, lines that each writes alone.

use serde_json::{Map, json};

use super::{
    Case, Done,
    moves::Resume,
    tests::{answer, blueprint, flows, open, outside, people, task},
    trial::{self, Pretend, TrialStarter},
};
use crate::{
    blueprint::{Blueprint, Data, Source, words::FieldRight},
    model::CaseState,
};

fn started<'a>(blueprint: &'a Blueprint) -> Case<'a> {
    let mut case = trial::case(blueprint, &TrialStarter::imagined());
    let data: Data = json!({ "金额": 3, "事由": "甲" }).as_object().unwrap().clone();
    case.start(None, data, &mut outside()).unwrap();
    case
}

#[test]
fn a_return_waits_until_everybody_has_been_heard_and_goes_the_farthest() {
    for (policy, waits) in [("", false), ("return=\"after_all\"", true), ("policy=\"sequential\" return=\"after_all\"", true)] {
        let steps = [task("A", "", &people(&["甲"])), task("B", policy, &people(&["乙", "丙"]))].concat();
        let blueprint = blueprint("", &format!("{steps}{}", flows("s > apply, apply > A, A > B, B > e")));
        let (mut case, mut out) = (started(&blueprint), outside());
        answer(&mut case, "A", "agree", &mut out);
        let first = open(&case, "B").remove(0);
        case.send_back(first.id, "A", Resume::Again, Some("x".to_owned()), &mut out).unwrap();
        assert_eq!(open(&case, "B").len(), usize::from(waits), "{policy}");
        if waits {
            let second = open(&case, "B").remove(0);
            case.send_back(second.id, "apply", Resume::Again, Some("y".to_owned()), &mut out).unwrap();
        }
        let expected = if waits { "apply" } else { "A" };
        assert_eq!((open(&case, expected).len(), open(&case, "B").len()), (1, 0), "{policy}");
        assert!(case.control.returning.is_empty());
    }
}

#[test]
fn who_agrees_after_a_return_does_not_undo_it() {
    let steps = [task("A", "", &people(&["甲"])), task("B", "policy=\"any\" return=\"after_all\"", &people(&["乙", "丙"]))].concat();
    let blueprint = blueprint("", &format!("{steps}{}", flows("s > apply, apply > A, A > B, B > e")));
    let (mut case, mut out) = (started(&blueprint), outside());
    answer(&mut case, "A", "agree", &mut out);
    let first = open(&case, "B").remove(0);
    case.send_back(first.id, "A", Resume::Again, Some("x".to_owned()), &mut out).unwrap();
    answer(&mut case, "B", "agree", &mut out);
    assert_eq!(open(&case, "A").len(), 1);
    // Walked again, everybody is asked again.
    answer(&mut case, "A", "agree", &mut out);
    assert_eq!(open(&case, "B").len(), 2);
}

#[test]
fn a_refusal_that_cannot_go_back_to_the_starter_ends_the_case() {
    let act = "<b:serviceTask id=\"act\"><b:extensionElements><zhidu:action name=\"document.number\"><zhidu:input name=\"kind\" value=\"事由\"/></zhidu:action></b:extensionElements></b:serviceTask>";
    let a = task("A", "refuse=\"return\"", &people(&["甲"]));
    let blueprint = blueprint("", &format!("{act}{a}{}", flows("s > apply, apply > act, act > A, A > e")));
    let mut out = outside();
    out.repeats.insert("document.number".to_owned(), crate::actions::Repeat::Once);
    let mut case = trial::case(&blueprint, &TrialStarter::imagined());
    case.start(None, json!({ "金额": 3, "事由": "甲" }).as_object().unwrap().clone(), &mut out).unwrap();
    answer(&mut case, "A", "refuse", &mut out);
    assert_eq!(case.state, CaseState::Refused);
}

#[test]
fn what_is_demanded_with_one_outcome_may_be_left_empty_with_another() {
    let a = "<b:userTask id=\"A\"><b:extensionElements><zhidu:work kind=\"do\"><zhidu:people by=\"person\" value=\"甲\"/><zhidu:field name=\"*\" right=\"edit\"/><zhidu:field name=\"事由\" right=\"required\" on=\"fixed\"/><zhidu:outcome id=\"fixed\" name=\"已修复\"/><zhidu:outcome id=\"transfer\" name=\"转交\"/></zhidu:work></b:extensionElements></b:userTask>";
    let blueprint = blueprint("", &format!("{a}{}", flows("s > apply, apply > A, A > e")));
    for (outcome, refused) in [("fixed", true), ("transfer", false)] {
        let (mut case, mut out) = (trial::case(&blueprint, &TrialStarter::imagined()), outside());
        case.start(None, Map::new(), &mut out).unwrap();
        let seat = open(&case, "A").pop().unwrap();
        let done = Done { outcome: outcome.to_owned(), data: Some(Map::new()), ..Done::default() };
        assert_eq!(case.complete(seat.id, &done, &mut out).is_err(), refused, "{outcome}");
    }
}

/// A task that is done once for each person, who writes a line of their own.
fn scores() -> Source {
    let task = "<b:userTask id=\"A\"><b:extensionElements><zhidu:repeat into=\"评分\" by=\"评审人\"/><zhidu:work kind=\"do\"><zhidu:people by=\"person\" value=\"甲\"/><zhidu:people by=\"person\" value=\"乙\"/><zhidu:field name=\"*\" right=\"read\"/></zhidu:work></b:extensionElements><b:multiInstanceLoopCharacteristics/></b:userTask>";
    let bpmn = format!(
        "<b:definitions xmlns:b=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:zhidu=\"urn:zhidu:bpmn:1\"><b:process id=\"p\" isExecutable=\"true\"><b:startEvent id=\"s\"/><b:userTask id=\"apply\"><b:extensionElements><zhidu:work kind=\"do\"><zhidu:people by=\"starter\"/><zhidu:field name=\"事由\" right=\"edit\"/></zhidu:work></b:extensionElements></b:userTask><b:endEvent id=\"e\"/>{task}{}{}</b:process></b:definitions>",
        self::task("Z", "", &people(&["丙"])),
        flows("s > apply, apply > A, A > Z, Z > e")
    );
    let form = json!({
        "schema": { "type": "object", "properties": {
            "事由": { "type": "string" },
            "评分": { "type": "array", "x-widget": "rows", "items": { "type": "object", "required": ["分数"], "properties": {
                "评审人": { "type": "string" }, "分数": { "type": "integer", "minimum": 0, "maximum": 100 }, "评语": { "type": "string" } } } },
            "最低": { "type": "number", "x-computed": "min(评分.分数)" },
        } },
        "ui": { "groups": [{ "title": "内容", "fields": ["事由", "评分"] }], "steps": { "Z": { "groups": [{ "title": "结果", "fields": ["最低"] }] } } },
    });
    Source { bpmn, form, decisions: Map::new(), tests: Vec::new() }
}

fn score(case: &mut Case<'_>, out: &mut Pretend<'_>, at: usize, data: serde_json::Value) -> Result<(), kernel::Error> {
    let seat = open(case, "A").remove(at);
    case.doer.name = seat.owner_name.clone().unwrap();
    let data = data.as_object().cloned();
    case.complete(seat.id, &Done { outcome: "done".to_owned(), data, ..Done::default() }, out)
}

#[test]
fn each_repetition_writes_a_line_that_the_others_do_not_see_meanwhile() {
    let (blueprint, findings) = scores().check(&crate::blueprint::Known::default());
    assert!(crate::blueprint::publishable(&findings), "{findings:?}");
    let blueprint = blueprint.unwrap();
    let rights = blueprint.rights("A");
    let right = |name: &str| rights.get(name).copied();
    assert_eq!(
        (right("分数"), right("评语"), right("评审人")),
        (Some(FieldRight::Required), Some(FieldRight::Edit), Some(FieldRight::Hidden))
    );
    assert_eq!((right("评分"), right("事由")), (Some(FieldRight::Hidden), Some(FieldRight::Read)));
    let (schema, ui) = blueprint.form_at("A").view(&rights, Some("A"));
    assert_eq!(schema["properties"].as_object().unwrap().keys().collect::<Vec<_>>(), ["事由", "分数", "评语"]);
    assert_eq!(ui["groups"][0]["fields"], json!(["事由", "分数", "评语"]));
    assert_eq!(blueprint.form.view(&blueprint.rights("Z"), Some("Z")).1["groups"][0]["title"], "结果");

    let mut out = outside();
    let mut case = trial::case(&blueprint, &TrialStarter::imagined());
    case.start(None, json!({ "事由": "选型" }).as_object().unwrap().clone(), &mut out).unwrap();
    // The second answers first; the lines keep the order of the people.
    let refused = score(&mut case, &mut out, 1, json!({ "分数": 101 })).unwrap_err();
    assert_eq!(refused.fields()[0].pointer, "/data/分数");
    assert!(score(&mut case, &mut out, 1, json!({ "评语": "空" })).is_err(), "the score is demanded");
    score(&mut case, &mut out, 1, json!({ "分数": 70 })).unwrap();
    assert!(!case.data_at(&open(&case, "A")[0]).contains_key("分数"), "the line of another");
    score(&mut case, &mut out, 0, json!({ "分数": 90, "评语": "好" })).unwrap();
    assert_eq!(case.data["评分"], json!([{ "评审人": "甲", "分数": 90, "评语": "好" }, { "评审人": "乙", "分数": 70 }]));
    assert_eq!(case.data["最低"], json!(70));
    // Walked again, the list begins anew.
    let seat = open(&case, "Z").pop().unwrap();
    case.send_back(seat.id, "A", Resume::Again, Some("x".to_owned()), &mut out).unwrap();
    assert!(!case.data.contains_key("评分"));
    assert_eq!(open(&case, "A").len(), 2);
}

#[test]
fn a_list_whose_columns_are_fields_of_the_form_is_refused() {
    for (from, to) in [("\"评语\"", "\"事由\""), ("\"items\"", "\"prefixItems\"")] {
        let source = scores();
        let form = serde_json::from_str(&source.form.to_string().replace(from, to)).unwrap();
        let (_, findings) = Source { form, ..source }.check(&crate::blueprint::Known::default());
        assert!(!crate::blueprint::publishable(&findings), "{to}");
    }
}

#[test]
fn a_block_that_is_over_is_done_again_as_a_whole() {
    let steps = [task("A", "", &people(&["甲"])), task("B", "", &people(&["乙"])), task("C", "", &people(&["丙"]))].concat();
    let fork = "<b:parallelGateway id=\"f\"/><b:parallelGateway id=\"j\"/>";
    let inner = format!(
        "<b:subProcess id=\"sub\" name=\"复核\"><b:startEvent id=\"is\"/>{}<b:endEvent id=\"ie\"/>{}</b:subProcess>",
        task("D", "", &people(&["丁"])),
        flows("is > D, D > ie")
    );
    let blueprint = blueprint(
        "",
        &format!("{steps}{fork}{inner}{}", flows("s > apply, apply > f, f > A, f > B, A > j, B > j, j > sub, sub > C, C > e")),
    );
    for (to, opened, resume) in
        [("f", vec!["A", "B"], Resume::Again), ("f", vec!["A", "B"], Resume::Straight), ("sub", vec!["D"], Resume::Again)]
    {
        let (mut case, mut out) = (started(&blueprint), outside());
        for step in ["A", "B", "D"] {
            answer(&mut case, step, "agree", &mut out);
        }
        let seat = open(&case, "C").pop().unwrap();
        let targets = case.targets(super::token_of(&seat));
        assert_eq!(targets, ["sub", "f", "apply"]);
        assert_eq!((blueprint.name("f", true).as_str(), blueprint.name("sub", true).as_str()), ("A、B", "复核"));
        case.send_back(seat.id, to, resume, Some("x".to_owned()), &mut out).unwrap();
        for step in ["A", "B", "C", "D"] {
            assert_eq!(open(&case, step).len(), usize::from(opened.contains(&step)), "{to} {step}");
        }
        for step in opened {
            answer(&mut case, step, "agree", &mut out);
        }
        // Straight back goes over the review, which stands; otherwise it is asked for again.
        let next = if to == "f" && resume == Resume::Again { "D" } else { "C" };
        assert_eq!(open(&case, next).len(), 1, "{to}");
    }
}

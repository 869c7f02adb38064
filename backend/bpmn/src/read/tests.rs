use super::read;
use crate::{
    finding::Rule,
    model::{End, NodeKind, Repeated, Timer, Trigger},
};

/// A file as designers write it.
fn file(inside: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:error id="Err" errorCode="NO_STOCK" /><bpmn:message id="Msg" name="回执" />
  {inside}
  <bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane id="P" bpmnElement="purchase" /></bpmndi:BPMNDiagram>
</bpmn:definitions>"#
    )
}

fn process(inside: &str) -> String {
    file(&format!(r#"<bpmn:process id="purchase" name="采购 &amp; 付款" isExecutable="true">{inside}</bpmn:process>"#))
}

/// The rules that a file breaks, with the elements.
fn broken(text: &str) -> Vec<(Rule, Option<String>)> {
    read(text).1.into_iter().map(|finding| (finding.rule, finding.element)).collect()
}

const SIMPLE: &str = r#"<bpmn:startEvent id="s" /><bpmn:userTask id="A" name="填写申请" /><bpmn:endEvent id="e" />
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="A" /><bpmn:sequenceFlow id="f2" sourceRef="A" targetRef="e" />"#;

#[test]
fn a_file_of_a_designer_is_read_and_kept_byte_for_byte() {
    let text = process(SIMPLE);
    let (definition, findings) = read(&text);
    let definition = definition.expect("it is read");
    assert_eq!((findings.len(), definition.source.as_str()), (0, text.as_str()));
    assert_eq!((definition.id.as_str(), definition.name.as_deref()), ("purchase", Some("采购 & 付款")));
    assert_eq!(definition.scope.nodes["A"].label(), "填写申请");
    assert!(crate::check(&definition).is_empty());
    // The same names under another prefix, or none.
    assert!(read(&text.replace("bpmn:", "").replace("xmlns:bpmn=", "xmlns=")).0.is_some());
}

#[test]
fn all_that_is_executed_is_read() {
    let text = process(
        r#"<bpmn:extensionElements><camunda:formData /></bpmn:extensionElements>
        <bpmn:startEvent id="s" /><bpmn:startEvent id="sm"><bpmn:messageEventDefinition messageRef="Msg" /></bpmn:startEvent>
        <bpmn:exclusiveGateway id="x" default="f2" />
        <bpmn:sequenceFlow id="f1" sourceRef="x" targetRef="U"><bpmn:conditionExpression> <![CDATA[金额 > 5000]]> </bpmn:conditionExpression></bpmn:sequenceFlow>
        <bpmn:sequenceFlow id="f2" sourceRef="x" targetRef="Z" />
        <bpmn:userTask id="U"><bpmn:multiInstanceLoopCharacteristics isSequential="true" /></bpmn:userTask><bpmn:serviceTask id="Z" />
        <bpmn:businessRuleTask id="R" /><bpmn:callActivity id="C" calledElement="payment" />
        <bpmn:parallelGateway id="p" /><bpmn:inclusiveGateway id="o" /><bpmn:eventBasedGateway id="g" />
        <bpmn:intermediateCatchEvent id="w"><bpmn:timerEventDefinition><bpmn:timeDuration>PT4H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
        <bpmn:boundaryEvent id="b" attachedToRef="S" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeCycle>R3/P1D</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
        <bpmn:subProcess id="S"><bpmn:multiInstanceLoopCharacteristics /><bpmn:startEvent id="s2" /><bpmn:endEvent id="e2"><bpmn:errorEventDefinition errorRef="Err" /></bpmn:endEvent></bpmn:subProcess>
        <bpmn:subProcess id="V" triggeredByEvent="true"><bpmn:startEvent id="s3" isInterrupting="false"><bpmn:errorEventDefinition /></bpmn:startEvent></bpmn:subProcess>
        <bpmn:endEvent id="t"><bpmn:terminateEventDefinition /></bpmn:endEvent><bpmn:textAnnotation id="note" />"#,
    );
    let (definition, findings) = read(&text);
    assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::ForeignExtension]);
    let scope = definition.expect("it is read").scope;
    let kind = |id: &str| scope.nodes[id].kind.clone();
    assert_eq!(kind("sm"), NodeKind::Start(Some(Trigger::Message { name: Some("回执".to_owned()) })));
    assert_eq!(kind("w"), NodeKind::Catch(Trigger::Timer(Timer::Duration("PT4H".to_owned()))));
    assert_eq!(
        kind("b"),
        NodeKind::Boundary { host: "S".to_owned(), trigger: Trigger::Timer(Timer::Cycle("R3/P1D".to_owned())), interrupting: false }
    );
    assert_eq!(kind("C"), NodeKind::CallActivity { called: Some("payment".to_owned()) });
    assert_eq!(kind("t"), NodeKind::End(End::Terminate));
    assert_eq!((scope.nodes["U"].repeated, scope.nodes["S"].repeated), (Some(Repeated::Sequentially), Some(Repeated::InParallel)));
    let NodeKind::SubProcess(inner) = kind("S") else { panic!("a subprocess") };
    assert_eq!(inner.nodes["e2"].kind, NodeKind::End(End::Error { code: Some("NO_STOCK".to_owned()) }));
    assert!(matches!(kind("V"), NodeKind::EventSubProcess { interrupting: false, .. }));
    assert_eq!(
        (scope.flows["f1"].condition.as_ref().map(ToString::to_string).as_deref(), scope.flows["f2"].default),
        (Some("金额 > 5000"), true)
    );
}

#[test]
fn what_is_not_executed_is_refused_with_what_to_draw_instead() {
    for (element, what) in [
        (r#"<bpmn:task id="X" />"#, "task"),
        (r#"<bpmn:scriptTask id="X" />"#, "scriptTask"),
        (r#"<bpmn:complexGateway id="X" />"#, "complexGateway"),
        (r#"<bpmn:intermediateThrowEvent id="X" />"#, "intermediateThrowEvent"),
        (r#"<bpmn:adHocSubProcess id="X" />"#, "adHocSubProcess"),
        (r#"<bpmn:userTask id="X"><bpmn:standardLoopCharacteristics /></bpmn:userTask>"#, "standardLoopCharacteristics"),
        (r#"<bpmn:endEvent id="X"><bpmn:signalEventDefinition /></bpmn:endEvent>"#, "signalEventDefinition"),
        (
            r#"<bpmn:boundaryEvent id="X" attachedToRef="A"><bpmn:escalationEventDefinition /></bpmn:boundaryEvent>"#,
            "escalationEventDefinition",
        ),
        (r#"<bpmn:somethingOfTomorrow id="X" />"#, "somethingOfTomorrow"),
    ] {
        let (definition, findings) = read(&process(&format!("{SIMPLE}{element}")));
        assert!(definition.is_none(), "{element}");
        assert_eq!((findings[0].rule, findings[0].element.as_deref()), (Rule::NotExecuted, Some("X")), "{element}");
        assert_eq!(findings[0].params["what"], what);
    }
}

#[test]
fn references_ids_and_timers_must_be_right() {
    assert_eq!(broken(&process(&format!(r#"{SIMPLE}<bpmn:userTask id="A" />"#))), [(Rule::IdDuplicate, Some("A".to_owned()))]);
    assert_eq!(broken(&process(&format!("{SIMPLE}<bpmn:userTask />"))), [(Rule::IdMissing, None)]);
    let message = r#"<bpmn:intermediateCatchEvent id="X"><bpmn:messageEventDefinition messageRef="Nix" /></bpmn:intermediateCatchEvent>"#;
    assert_eq!(broken(&process(&format!("{SIMPLE}{message}"))), [(Rule::ReferenceUnknown, Some("X".to_owned()))]);
    let timer = r#"<bpmn:intermediateCatchEvent id="X"><bpmn:timerEventDefinition /></bpmn:intermediateCatchEvent>"#;
    assert_eq!(broken(&process(&format!("{SIMPLE}{timer}"))), [(Rule::TimerInvalid, Some("X".to_owned()))]);
    assert_eq!(
        broken(&process(&format!(r#"{SIMPLE}<bpmn:exclusiveGateway id="x" default="nix" />"#))),
        [(Rule::ReferenceUnknown, Some("x".to_owned()))]
    );
}

#[test]
fn a_condition_that_is_no_expression_is_refused_where_it_goes_wrong() {
    let flow = |text: &str| {
        format!(
            r#"<bpmn:sequenceFlow id="f9" sourceRef="A" targetRef="e"><bpmn:conditionExpression>{text}</bpmn:conditionExpression></bpmn:sequenceFlow>"#
        )
    };
    let (definition, findings) = read(&process(&format!("{SIMPLE}{}", flow("金额 &gt;&gt; 5"))));
    assert!(definition.is_none());
    assert_eq!(
        (findings[0].rule, findings[0].element.as_deref(), findings[0].params["column"].as_str()),
        (Rule::ConditionInvalid, Some("f9"), "5")
    );
    // Another tool's language is not guessed at.
    assert_eq!(broken(&process(&format!("{SIMPLE}{}", flow("${amount &gt; 5}")))), [(Rule::ConditionInvalid, Some("f9".to_owned()))]);
}

#[test]
fn of_several_pools_the_executable_one_is_taken() {
    let pool =
        |id: &str, executable: &str| format!(r#"<bpmn:process id="{id}" {executable}><bpmn:startEvent id="s{id}" /></bpmn:process>"#);
    let two = file(&(pool("a", r#"isExecutable="true""#) + &pool("b", "")));
    let (definition, findings) = read(&two);
    assert_eq!(definition.map(|definition| definition.id), Some("a".to_owned()));
    assert_eq!((findings[0].rule, findings[0].element.as_deref()), (Rule::DrawnOnly, Some("b")));
    assert_eq!(broken(&file(&(pool("a", "") + &pool("b", "")))), [(Rule::OneProcess, None)]);
    assert_eq!(broken(&file("")), [(Rule::OneProcess, None)]);
}

#[test]
fn what_is_no_bpmn_is_said_to_be_none() {
    assert_eq!(broken("<svg/>"), [(Rule::NotBpmn, None)]);
    for text in ["", "nonsense", "<a>", "<a></b>", "<a/><b/>", "<x:a/>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a>&b;</a>"] {
        assert_eq!(broken(text), [(Rule::NotXml, None)], "{text}");
    }
    let deep = "<a>".repeat(100_000);
    assert_eq!(broken(&deep), [(Rule::TooLarge, None)]);
    assert_eq!(broken(&format!("<a>{}</a>", "<b/>".repeat(30_000))), [(Rule::TooLarge, None)]);
    assert_eq!(read("<a>\n<b>\n</a>").1[0].params["line"], "3");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[<>/a-c:=\"&; \\n\u{0}\u{ff}制]{0,200}", at in 0usize..2000, byte: u8) {
        let _ = read(&text);
        let mut bytes = process(SIMPLE).into_bytes();
        let place = at % bytes.len();
        bytes[place] = byte;
        let _ = read(&String::from_utf8_lossy(&bytes));
    }
}

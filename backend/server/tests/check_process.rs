//! `zhidu check-process` as it is called.

// A panic is how a test fails.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

/// A purchase whose joint signing waits for a branch that is never taken.
const WAITS: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="purchase">
  <startEvent id="s" name="开始" /><exclusiveGateway id="x" name="金额判断" default="f2" />
  <userTask id="A" name="部门审批" /><userTask id="B" name="财务审批" /><parallelGateway id="p" name="会签汇合" /><endEvent id="e" />
  <sequenceFlow id="f1" sourceRef="s" targetRef="x" /><sequenceFlow id="f2" sourceRef="x" targetRef="A" />
  <sequenceFlow id="f3" sourceRef="x" targetRef="B"><conditionExpression>金额 &gt; 5000</conditionExpression></sequenceFlow>
  <sequenceFlow id="f4" sourceRef="A" targetRef="p" /><sequenceFlow id="f5" sourceRef="B" targetRef="p" />
  <sequenceFlow id="f6" sourceRef="p" targetRef="e" />
</process></definitions>"#;

fn check(text: &str, arguments: &[&str]) -> (bool, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zhidu"))
        .args(["check-process", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    (status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

#[test]
fn a_process_that_would_wait_for_ever_is_said_to_in_plain_words() {
    let (fine, said) = check(WAITS, &[]);
    assert!(!fine);
    let lines: Vec<&str> = said.lines().collect();
    let [first, way, last] = lines.as_slice() else { panic!("{said}") };
    // Either branch shows it.
    let (walked, missing) = if way.contains("部门审批") { ("部门审批", "财务审批") } else { ("财务审批", "部门审批") };
    assert_eq!(*first, format!("错误 deadlock [会签汇合]: 案例会在这里永远等待：{missing}"));
    assert_eq!(*way, format!("    经过： 开始 → 金额判断 → {walked}"));
    assert_eq!(*last, "不能发布。");
    let (fine, said) = check(&WAITS.replace("parallelGateway", "exclusiveGateway"), &["--language", "en"]);
    assert_eq!((fine, said.as_str()), (true, "It can be published.\n"));
}

#[test]
fn programs_get_json_and_conditions_are_checked_against_a_form() {
    let sound = WAITS.replace("parallelGateway", "exclusiveGateway");
    let form = std::env::temp_dir().join(format!("zhidu-form-{}.json", std::process::id()));
    std::fs::write(&form, r#"{ "type": "object", "properties": { "总价": { "type": "number" } } }"#).expect("a file");
    let (fine, said) = check(&sound, &["--json", "--form", &form.display().to_string()]);
    std::fs::remove_file(&form).expect("it is there");
    let answer: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((fine, &answer["publishable"]), (false, &serde_json::json!(false)));
    assert_eq!((&answer["findings"][0]["rule"], &answer["findings"][0]["element"]), (&"condition-invalid".into(), &"f3".into()));
    assert!(!check("<svg/>", &[]).0);
    let (fine, said) = check(&sound, &["--form", "/nowhere/form.json"]);
    assert!(!fine && said.starts_with("/nowhere/form.json: "), "{said}");
}

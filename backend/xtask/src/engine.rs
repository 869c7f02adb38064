//! How many steps the process engine takes in a second, in memory and on one core.

use std::time::{Duration, Instant};

use bpmn::{
    Program, State,
    run::{Command, Conditions, Event, TokenId},
    step,
};
use feel::{Context, Value};

use crate::Outcome;

/// Three tasks, a choice, two branches.
const PROCESS: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="purchase">
  <startEvent id="s" /><userTask id="apply" /><exclusiveGateway id="x1" default="f2" /><parallelGateway id="p1" />
  <userTask id="finance" /><userTask id="lead" /><parallelGateway id="p2" /><exclusiveGateway id="x2" /><endEvent id="e" />
  <sequenceFlow id="f0" sourceRef="s" targetRef="apply" /><sequenceFlow id="f1" sourceRef="apply" targetRef="x1" />
  <sequenceFlow id="f2" sourceRef="x1" targetRef="x2" />
  <sequenceFlow id="f3" sourceRef="x1" targetRef="p1"><conditionExpression>amount > 5000</conditionExpression></sequenceFlow>
  <sequenceFlow id="f4" sourceRef="p1" targetRef="finance" /><sequenceFlow id="f5" sourceRef="p1" targetRef="lead" />
  <sequenceFlow id="f6" sourceRef="finance" targetRef="p2" /><sequenceFlow id="f7" sourceRef="lead" targetRef="p2" />
  <sequenceFlow id="f8" sourceRef="p2" targetRef="x2" /><sequenceFlow id="f9" sourceRef="x2" targetRef="e" />
</process></definitions>"#;

/// Walks cases for some seconds and prints the rate.
pub fn run(seconds: u64) -> Outcome {
    let (definition, findings) = bpmn::read(PROCESS);
    let definition = definition.ok_or_else(|| format!("{findings:?}"))?;
    let program = Program::new(&definition);
    let judge = Conditions(Context::new([("amount", Value::Number(6000.into()))]));
    let (begun, limit) = (Instant::now(), Duration::from_secs(seconds));
    let (mut cases, mut steps) = (0u64, 0u64);
    while begun.elapsed() < limit {
        let mut state = State::new();
        let mut open: Vec<TokenId> = Vec::new();
        let mut event = Event::Started { at: "s".to_owned() };
        loop {
            let (next, commands) = step(&program, &state, &event, &judge).map_err(|refused| format!("{refused:?}"))?;
            steps += 1;
            state = next;
            open.extend(commands.iter().filter_map(|command| match command {
                Command::Open { token, .. } => Some(*token),
                _ => None,
            }));
            let Some(token) = open.pop() else { break };
            event = Event::Completed { token, item: None };
        }
        if state.ended.is_none() {
            return Err("a case did not end".into());
        }
        cases += 1;
    }
    let rate = |count: u64| count as f64 / begun.elapsed().as_secs_f64();
    println!("{:.0} steps per second, {:.0} cases of four steps, on one core", rate(steps), rate(cases));
    Ok(())
}

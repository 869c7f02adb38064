//! Times and messages beside the work: what does not interrupt comes again, as long as the case waits for it.

use serde_json::json;

use super::{
    Case,
    tests::{answer, blueprint, flows, open, outside, people, task},
    trial::{self, TrialStarter},
};
use crate::{blueprint::Data, model::CaseState};

const CYCLE: &str = "<b:timerEventDefinition><b:timeCycle>R3/PT1H</b:timeCycle></b:timerEventDefinition>";
const MESSAGE: &str = "<b:messageEventDefinition/>";

/// At the border of `A`, and around everything.
fn beside(trigger: &str) -> [String; 2] {
    let (a, extra) = (task("A", "", &people(&["甲"])), task("X", "", &people(&["乙"])));
    [
        format!(
            "{a}{extra}<b:boundaryEvent id=\"w\" attachedToRef=\"A\" cancelActivity=\"false\">{trigger}</b:boundaryEvent><b:endEvent id=\"xe\"/>{}",
            flows("s > apply, apply > A, A > e, w > X, X > xe")
        ),
        format!(
            "{a}<b:subProcess id=\"w\" triggeredByEvent=\"true\"><b:startEvent id=\"ws\" isInterrupting=\"false\">{trigger}</b:startEvent>{extra}<b:endEvent id=\"xe\"/>{}</b:subProcess>{}",
            flows("ws > X, X > xe"),
            flows("s > apply, apply > A, A > e")
        ),
    ]
}

fn waiting(case: &Case<'_>) -> usize {
    case.waits.iter().filter(|wait| wait.element == "w").count()
}

#[test]
fn a_cycle_comes_as_often_as_it_says_and_a_message_as_often_as_it_comes() {
    for (trigger, last) in [(CYCLE, 0), (MESSAGE, 1)] {
        for elements in beside(trigger) {
            let blueprint = blueprint("", &elements);
            let (mut case, mut out) = (trial::case(&blueprint, &TrialStarter::imagined()), outside());
            let data: Data = json!({ "金额": 3, "事由": "甲" }).as_object().unwrap().clone();
            case.start(None, data, &mut out).unwrap();
            for time in 1..=3 {
                let wait = case.waits.iter().find(|wait| wait.element == "w").cloned().unwrap_or_else(|| panic!("{time} of {elements}"));
                case.fire(&wait, &mut out).unwrap();
                assert_eq!(open(&case, "X").len(), time, "{elements}");
            }
            assert_eq!((waiting(&case), open(&case, "A").len()), (last, 1), "{elements}");
            for _ in 0..3 {
                answer(&mut case, "X", "agree", &mut out);
            }
            answer(&mut case, "A", "agree", &mut out);
            assert_eq!((case.state, waiting(&case)), (CaseState::Completed, 0), "{elements}");
        }
    }
}

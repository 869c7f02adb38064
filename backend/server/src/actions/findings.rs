//! Findings of the controls.

use compliance::cases::{self, Settled};
use db::{Recorded, WriteTx};
use kernel::Error;
use serde_json::{Value as Json, json};
use workflows::actions::ActionCall;

use super::Described;

pub const ALL: &[Described] = &[Described {
    name: "finding.settle",
    title: ("关闭控制点发现的问题", "Close the finding of a control"),
    permission: None,
    undo: None,
    input: &[
        ("cause!", "原因"),
        ("correction!", "整改措施"),
        ("corrected_in!", "整改环节的编号"),
        ("verification", "验证说明"),
        ("verified_in!", "验证环节的编号"),
    ],
    output: &[("finding", "问题；不是由控制点发现的则为空")],
    run: settle,
}];

fn settle(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let said = Settled {
        cause: call.demanded("cause")?.to_owned(),
        correction: call.demanded("correction")?.to_owned(),
        corrected_by: call.handler("corrected_in")?,
        verification: call.text("verification").map(str::to_owned),
        verified_by: call.handler("verified_in")?,
    };
    Ok(cases::settle(tx, call.case, said)?.map(|finding| json!({ "finding": finding })))
}

//! Data sets.

use datasets::{
    Classification, GrantId, GrantMode,
    service::{ByCase, Giving},
};
use db::{Recorded, WriteTx};
use kernel::{Code, Error, Permission};
use serde_json::{Value as Json, json};
use workflows::actions::ActionCall;

use super::{Described, date, field, person, wrong};

pub const ALL: &[Described] = &[Described {
    name: "dataset.grant",
    title: ("授予数据集权限", "Grant access to a data set"),
    permission: Some(Permission::ManageDatasets),
    undo: Some(take_back),
    input: &[
        ("dataset!", "数据集"),
        ("mode!", "方式（查阅、导出、修改）"),
        ("purpose!", "用途"),
        ("until!", "截止日期"),
        ("from", "起始日期；不填为当天"),
        ("person", "使用人；不填为发起人"),
        ("classification", "审批时的密级；低于目录中的密级时不予授权"),
    ],
    output: &[("id", "授权"), ("dataset", "数据集")],
    run: grant,
}];

fn grant(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let dataset = datasets::service::named(tx, call.demanded("dataset")?)?.ok_or_else(|| wrong("dataset"))?;
    let mode = GrantMode::named(call.demanded("mode")?).ok_or_else(|| Error::invalid("/mode", Code::NotAChoice))?;
    let approved = call.text("classification").map(|word| Classification::named(word).ok_or(word)).transpose();
    let approved = approved.map_err(|_| Error::invalid("/classification", Code::NotAChoice))?;
    let giving = Giving {
        person: person(tx, call, "person")?.unwrap_or(call.starter),
        mode,
        purpose: call.demanded("purpose")?.to_owned(),
        from: date(call, "from")?,
        until: date(call, "until")?.ok_or_else(|| Error::invalid("/until", Code::Required))?,
    };
    let case = ByCase { id: call.case.uuid(), number: call.number.clone(), approved };
    Ok(datasets::service::give_for_case(tx, dataset, &giving, case)?.map(|id| json!({ "id": id, "dataset": dataset })))
}

fn take_back(tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
    datasets::service::take_back(tx, field::<GrantId>(given, "id")?, &call.number)
}

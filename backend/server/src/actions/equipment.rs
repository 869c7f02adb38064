//! Equipment.

use db::{Recorded, WriteTx};
use equipment::{
    EquipmentId,
    service::{Destination, Facts},
};
use kernel::{Code, Error, Permission};
use serde_json::{Value as Json, json};
use workflows::actions::ActionCall;

use super::{
    Described, date,
    driving::{drive, free, steps_of},
    field, person, unit, wrong,
};

pub const ALL: &[Described] = &[
    Described {
        name: "equipment.register",
        title: ("登记设备", "Register equipment"),
        permission: Some(Permission::ManageEquipment),
        undo: None,
        input: &[
            ("name!", "名称"),
            ("type!", "类型代码"),
            ("serial", "序列号"),
            ("manufacturer", "厂商"),
            ("model", "型号"),
            ("place", "地点"),
            ("purchased_on", "购置日期"),
            ("unit", "单位"),
            ("holder", "保管人"),
        ],
        output: &[("number", "设备编号"), ("id", "设备")],
        run: register,
    },
    Described {
        name: "equipment.transition",
        title: ("变更设备状态或归属", "Move equipment or change its state"),
        permission: Some(Permission::ManageEquipment),
        undo: None,
        input: &[
            ("equipment!", "设备"),
            ("action!", "动作（assign、lend、retire…）"),
            ("unit", "单位"),
            ("holder", "保管人"),
            ("place", "地点"),
            ("until", "到期日"),
            ("reason", "原因"),
        ],
        output: &[("number", "设备编号")],
        run: transition,
    },
    Described {
        name: "equipment.drive",
        title: ("由本流程推进设备", "Drive equipment by this process"),
        permission: Some(Permission::ManageEquipment),
        undo: Some(let_go),
        input: &[("equipment!", "设备"), ("steps", "只由本流程执行的动作，空格分隔；不填为全部")],
        output: &[("id", "设备"), ("number", "设备编号")],
        run: take_over,
    },
];

fn register(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let code = call.demanded("type")?;
    let type_id = equipment::service::types_by_code(tx)?.into_iter().find(|(known, _)| known == code).map(|(_, id)| id);
    let text = |name: &str| call.text(name).map(str::to_owned);
    let facts = Facts {
        number: None,
        name: call.demanded("name")?.to_owned(),
        type_id: Some(type_id.ok_or_else(|| wrong("type"))?),
        serial: text("serial"),
        manufacturer: text("manufacturer"),
        model: text("model"),
        place: None,
        purchased_on: date(call, "purchased_on")?,
        price_cents: None,
        warranty_until: None,
        attributes: Default::default(),
    };
    let to = Destination { unit: unit(tx, call, "unit")?, holder: person(tx, call, "holder")?, place: text("place") };
    equipment::service::create(tx, &facts, &to)?.and_then(|id| {
        let number = equipment::service::references(tx, &[id])?.into_iter().next().map(|found| found.number).unwrap_or_default();
        Ok(json!({ "id": id, "number": number }))
    })
}

fn transition(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let text = call.demanded("equipment")?;
    let row = equipment::service::named(tx, text)?.ok_or_else(|| wrong("equipment"))?;
    let step = equipment::service::Step {
        action: call.demanded("action")?.parse().map_err(|_| Error::invalid("/action", Code::NotAChoice))?,
        to: Destination {
            unit: unit(tx, call, "unit")?,
            holder: person(tx, call, "holder")?,
            place: call.text("place").map(str::to_owned),
        },
        until: date(call, "until")?,
        reason: call.text("reason").map(str::to_owned),
        ticket: None,
    };
    let (id, number, version) = row;
    Ok(equipment::service::transition(tx, id, version, &step)?.map(|()| json!({ "number": number })))
}

fn take_over(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let (id, number, _) = equipment::service::named(tx, call.demanded("equipment")?)?.ok_or_else(|| wrong("equipment"))?;
    let steps = steps_of::<equipment::EquipmentAction>(call)?;
    Ok(drive(tx, call, "equipment.driven", id, number.clone(), &steps)?.map(|()| json!({ "id": id, "number": number })))
}

fn let_go(tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
    free(tx, call, "equipment.freed", field::<EquipmentId>(given, "id")?, field(given, "number")?)
}

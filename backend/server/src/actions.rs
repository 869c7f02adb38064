//! Actions of the slices that processes may call. They live here because the slices do not know processes, and processes do not know
//! the slices.

use std::{str::FromStr, sync::Arc};

use datasets::{Classification, GrantId, GrantMode};
use db::{Driver, Event, ReadTx, Recorded, WriteTx};
use equipment::{
    EquipmentId,
    service::{Destination, Facts},
};
use identity::{
    RoleScope, directory,
    service::{
        people::{self, NewPerson, PersonChange},
        roles,
    },
};
use kernel::{Code, Date, Error, Id, Kind, Permission, PersonId, UnitId};
use serde_json::{Value as Json, json};
use tickets::{TicketId, TicketType};
use workflows::actions::{Action, ActionCall, Actions, Repeat, texts};

type Run = fn(&mut WriteTx<'_>, &ActionCall) -> Result<Recorded<Json>, Error>;
type Undo = fn(&mut WriteTx<'_>, &ActionCall, &Json) -> Result<(), Error>;

/// An action that is a function with a description.
struct Described {
    name: &'static str,
    title: (&'static str, &'static str),
    /// None: whoever may do it has done so before, and this only writes it down.
    permission: Option<Permission>,
    /// Accounts, and states of equipment and tickets, are not undone by sending a paper back.
    undo: Option<Undo>,
    input: &'static [(&'static str, &'static str)],
    output: &'static [(&'static str, &'static str)],
    run: Run,
}

impl Action for Described {
    fn name(&self) -> &'static str {
        self.name
    }
    fn title(&self) -> (&'static str, &'static str) {
        self.title
    }
    fn permission(&self) -> Option<Permission> {
        self.permission
    }
    fn repeat(&self) -> Repeat {
        if self.undo.is_some() { Repeat::Reversible } else { Repeat::Once }
    }
    fn security(&self) -> bool {
        matches!(self.permission, Some(Permission::ManagePeople | Permission::AssignRoles))
    }
    fn input(&self) -> Json {
        texts(self.input)
    }
    fn output(&self) -> Json {
        texts(self.output)
    }
    fn run(&self, tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
        (self.run)(tx, call)
    }
    fn undo(&self, tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
        match self.undo {
            Some(undo) => undo(tx, call, given),
            None => Err(Error::internal(format!("{} cannot be undone", self.name))),
        }
    }
}

/// Everything that processes may call.
#[must_use]
pub fn all() -> Actions {
    Actions::of(DESCRIBED.iter().map(|action| Arc::new(Described { ..*action }) as Arc<dyn Action>).collect())
}

const DESCRIBED: &[Described] = &[
    Described {
        name: "account.create",
        title: ("开通账号", "Open an account"),
        permission: Some(Permission::ManagePeople),
        undo: None,
        input: &[
            ("name!", "姓名"),
            ("login!", "账号"),
            ("unit!", "单位"),
            ("title!", "岗位"),
            ("employee_number", "工号"),
            ("email", "邮箱"),
            ("phone", "电话"),
        ],
        output: &[("person", "人员"), ("login", "账号")],
        run: create_account,
    },
    Described {
        name: "account.change",
        title: ("变更账号", "Change an account"),
        permission: Some(Permission::ManagePeople),
        undo: None,
        input: &[("person!", "人员"), ("name", "姓名"), ("employee_number", "工号"), ("email", "邮箱"), ("phone", "电话")],
        output: &[("person", "人员")],
        run: change_account,
    },
    Described {
        name: "account.close",
        title: ("停用账号", "Close an account"),
        permission: Some(Permission::ManagePeople),
        undo: None,
        input: &[("person!", "人员"), ("reason!", "原因")],
        output: &[("person", "人员")],
        run: close_account,
    },
    Described {
        name: "role.assign",
        title: ("分配角色", "Assign a role"),
        permission: Some(Permission::AssignRoles),
        undo: Some(revoke_role),
        input: &[("person!", "人员"), ("role!", "角色代码"), ("unit", "单位（含下级）；不填为全部")],
        output: &[("person", "人员"), ("role", "角色代码"), ("unit", "单位")],
        run: assign_role,
    },
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
        run: register_equipment,
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
        run: move_equipment,
    },
    Described {
        name: "ticket.create",
        title: ("创建工单", "Report a ticket"),
        permission: Some(Permission::DispatchTickets),
        undo: Some(cancel_ticket),
        input: &[
            ("title!", "标题"),
            ("kind", "类型（fault、request、incident）"),
            ("description", "说明"),
            ("place", "地点"),
            ("equipment", "设备"),
        ],
        output: &[("number", "工单号"), ("id", "工单")],
        run: create_ticket,
    },
    Described {
        name: "ticket.transition",
        title: ("推进工单", "Move a ticket on"),
        permission: Some(Permission::ManageTickets),
        undo: None,
        input: &[
            ("ticket!", "工单"),
            ("action!", "动作（dispatch、resolve…）"),
            ("text", "说明"),
            ("unit", "处理组"),
            ("assignee", "处理人"),
        ],
        output: &[("ticket", "工单")],
        run: move_ticket,
    },
    Described {
        name: "ticket.drive",
        title: ("由本流程推进工单", "Drive a ticket by this process"),
        permission: Some(Permission::ManageTickets),
        undo: Some(free_ticket),
        input: &[("ticket!", "工单"), ("steps", "只由本流程执行的动作，空格分隔；不填为全部")],
        output: &[("ticket", "工单")],
        run: drive_ticket,
    },
    Described {
        name: "dataset.grant",
        title: ("授予数据集权限", "Grant access to a data set"),
        permission: Some(Permission::ManageDatasets),
        undo: Some(take_grant_back),
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
        run: grant_dataset,
    },
    Described {
        name: "equipment.drive",
        title: ("由本流程推进设备", "Drive equipment by this process"),
        permission: Some(Permission::ManageEquipment),
        undo: Some(free_equipment),
        input: &[("equipment!", "设备"), ("steps", "只由本流程执行的动作，空格分隔；不填为全部")],
        output: &[("id", "设备"), ("number", "设备编号")],
        run: drive_equipment,
    },
    Described {
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
        run: settle_finding,
    },
];

fn wrong(name: &str) -> Error {
    Error::invalid(format!("/{name}"), Code::UnknownReference)
}

fn person(tx: &mut ReadTx<'_>, call: &ActionCall, name: &str) -> Result<Option<PersonId>, Error> {
    let Some(text) = call.text(name) else { return Ok(None) };
    match text.parse::<PersonId>() {
        Ok(id) => Ok(Some(directory::active_person(tx, id, &format!("/{name}"))?.id)),
        Err(_) => directory::find_person(tx, text)?.map(|person| Some(person.id)).ok_or_else(|| wrong(name)),
    }
}

fn unit(tx: &mut ReadTx<'_>, call: &ActionCall, name: &str) -> Result<Option<UnitId>, Error> {
    let Some(text) = call.text(name) else { return Ok(None) };
    match text.parse::<UnitId>() {
        Ok(id) => Ok(Some(directory::active_unit(tx, id, &format!("/{name}"))?.id)),
        Err(_) => directory::find_unit(tx, text)?.map(|unit| Some(unit.id)).ok_or_else(|| wrong(name)),
    }
}

fn date(call: &ActionCall, name: &str) -> Result<Option<Date>, Error> {
    call.text(name).map(|text| text.parse().map_err(|_| Error::invalid(format!("/{name}"), Code::BadFormat))).transpose()
}

fn create_account(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let login = call.demanded("login")?.to_lowercase();
    let fits = login.len() <= 40 && login.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !fits {
        return Err(Error::invalid("/login", Code::BadFormat));
    }
    if directory::find_person(tx, &login)?.is_some() {
        return Err(Error::invalid("/login", Code::AlreadyTaken));
    }
    let new = NewPerson {
        name: call.demanded("name")?.to_owned(),
        login: login.clone(),
        employee_number: call.text("employee_number").map(str::to_owned),
        email: call.text("email").map(str::to_owned),
        phone: call.text("phone").map(str::to_owned),
        unit: unit(tx, call, "unit")?.ok_or_else(|| Error::invalid("/unit", Code::Required))?,
        title: call.demanded("title")?.to_owned(),
        // The initial password is given out by whoever manages accounts, who sees it once; a process never knows it.
        password_hash: None,
    };
    Ok(people::create(tx, &new)?.map(|id| json!({ "person": id, "login": login })))
}

fn change_account(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let id = person(tx, call, "person")?.ok_or_else(|| Error::invalid("/person", Code::Required))?;
    let version = people::show(tx, id)?.person.version;
    let text = |name: &str| call.text(name).map(|text| Some(text.to_owned()));
    let change = PersonChange {
        name: call.text("name").map(str::to_owned),
        employee_number: text("employee_number"),
        email: text("email"),
        phone: text("phone"),
    };
    Ok(people::change(tx, id, version, &change)?.map(|()| json!({ "person": id })))
}

fn close_account(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let id = person(tx, call, "person")?.ok_or_else(|| Error::invalid("/person", Code::Required))?;
    let version = people::show(tx, id)?.person.version;
    Ok(people::deactivate(tx, id, version, call.demanded("reason")?)?.map(|()| json!({ "person": id })))
}

fn assign_role(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let id = person(tx, call, "person")?.ok_or_else(|| Error::invalid("/person", Code::Required))?;
    let unit = unit(tx, call, "unit")?;
    let code = call.demanded("role")?;
    let role = roles::list(tx)?.into_iter().find(|role| role.code == code).ok_or_else(|| wrong("role"))?;
    let version = people::show(tx, id)?.person.version;
    let scope = if unit.is_some() { RoleScope::Subtree } else { RoleScope::All };
    Ok(roles::assign(tx, id, version, role.id, scope, unit)?.map(|()| json!({ "person": id, "role": code, "unit": unit })))
}

/// A role that somebody has taken away meanwhile is away.
fn revoke_role(tx: &mut WriteTx<'_>, _: &ActionCall, given: &Json) -> Result<(), Error> {
    let id: PersonId = field(given, "person")?;
    let unit: Option<UnitId> = given.get("unit").map_or(Ok(None), |unit| serde_json::from_value(unit.clone())).map_err(Error::internal)?;
    let code: String = field(given, "role")?;
    let role = roles::list(tx)?.into_iter().find(|role| role.code == code);
    let shown = people::show(tx, id)?;
    let held = shown
        .roles
        .iter()
        .find(|held| Some(held.role.id) == role.as_ref().map(|role| role.id) && held.unit.as_ref().map(|unit| unit.id) == unit);
    match held {
        Some(held) => roles::revoke(tx, id, shown.person.version, held.id).map(Recorded::into_inner),
        None => Ok(()),
    }
}

fn register_equipment(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
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

fn move_equipment(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
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

fn create_ticket(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let kind = call.text("kind").unwrap_or("request");
    let equipment =
        call.text("equipment").map(|text| equipment::service::named(tx, text)?.ok_or_else(|| wrong("equipment"))).transpose()?;
    let report = tickets::service::Report {
        kind: kind.parse::<TicketType>().map_err(|_| Error::invalid("/kind", Code::NotAChoice))?,
        title: call.demanded("title")?.chars().take(120).collect(),
        description: call.text("description").unwrap_or_default().to_owned(),
        impact: tickets::Level::Low,
        urgency: tickets::Level::Medium,
        category_id: None,
        place: call.text("place").map(str::to_owned),
        contact: None,
        equipment_ids: equipment.into_iter().map(|(id, ..)| id).collect(),
        label_code: None,
        file_ids: Vec::new(),
        reporter_id: Some(call.starter),
    };
    Ok(tickets::service::report(tx, &report)?.map(|whole| json!({ "id": whole.row.id, "number": whole.row.number })))
}

/// A ticket on which somebody works already stays, and the case with it.
fn cancel_ticket(tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
    let id: TicketId = field(given, "id")?;
    let row = tickets::service::whole(tx, id)?.row;
    if !row.open {
        return Ok(());
    }
    let mut step = tickets::service::Step::of(tickets::TicketAction::Cancel);
    step.text = Some(call.number.clone());
    tickets::service::transition(tx, id, row.version, &step).map(Recorded::into_inner)
}

fn ticket(tx: &mut ReadTx<'_>, call: &ActionCall) -> Result<tickets::service::Whole, Error> {
    let id: TicketId = call.demanded("ticket")?.parse().map_err(|_| wrong("ticket"))?;
    tickets::service::whole(tx, id)
}

/// The steps that only the case takes, each one that there is.
fn steps_of<T: FromStr>(call: &ActionCall) -> Result<Vec<&str>, Error> {
    let steps: Vec<&str> = call.text("steps").unwrap_or_default().split_whitespace().collect();
    let known = steps.iter().all(|step| step.parse::<T>().is_ok());
    if known { Ok(steps) } else { Err(Error::invalid("/steps", Code::NotAChoice)) }
}

fn drive<K: Kind>(
    tx: &mut WriteTx<'_>,
    call: &ActionCall,
    event: &'static str,
    id: Id<K>,
    label: String,
    steps: &[&str],
) -> Result<Recorded<()>, Error> {
    let driver = Driver::of(id, call.case, &call.number, steps);
    let event = Event::new(event, id, label).related(call.case, "case", call.number.clone());
    tx.record(event, |rows| rows.drive(&driver))
}

fn free<K: Kind>(tx: &mut WriteTx<'_>, call: &ActionCall, event: &'static str, id: Id<K>, label: String) -> Result<(), Error> {
    let event = Event::new(event, id, label).related(call.case, "case", call.number.clone());
    tx.record(event, |rows| rows.free_record(id)).map(Recorded::into_inner)
}

fn drive_ticket(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let row = ticket(tx, call)?.row;
    let steps = steps_of::<tickets::TicketAction>(call)?;
    Ok(drive(tx, call, "ticket.driven", row.id, row.label(), &steps)?.map(|()| json!({ "ticket": row.id })))
}

fn free_ticket(tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
    let row = tickets::service::whole(tx, field(given, "ticket")?)?.row;
    free(tx, call, "ticket.freed", row.id, row.label())
}

fn drive_equipment(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let (id, number, _) = equipment::service::named(tx, call.demanded("equipment")?)?.ok_or_else(|| wrong("equipment"))?;
    let steps = steps_of::<equipment::EquipmentAction>(call)?;
    Ok(drive(tx, call, "equipment.driven", id, number.clone(), &steps)?.map(|()| json!({ "id": id, "number": number })))
}

fn free_equipment(tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
    free(tx, call, "equipment.freed", field::<EquipmentId>(given, "id")?, field(given, "number")?)
}

fn grant_dataset(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let dataset = datasets::service::named(tx, call.demanded("dataset")?)?.ok_or_else(|| wrong("dataset"))?;
    let mode = GrantMode::named(call.demanded("mode")?).ok_or_else(|| Error::invalid("/mode", Code::NotAChoice))?;
    let approved = call.text("classification").map(|word| Classification::named(word).ok_or(word)).transpose();
    let approved = approved.map_err(|_| Error::invalid("/classification", Code::NotAChoice))?;
    let giving = datasets::service::Giving {
        person: person(tx, call, "person")?.unwrap_or(call.starter),
        mode,
        purpose: call.demanded("purpose")?.to_owned(),
        from: date(call, "from")?,
        until: date(call, "until")?.ok_or_else(|| Error::invalid("/until", Code::Required))?,
    };
    let case = datasets::service::ByCase { id: call.case.uuid(), number: call.number.clone(), approved };
    Ok(datasets::service::give_for_case(tx, dataset, &giving, case)?.map(|id| json!({ "id": id, "dataset": dataset })))
}

fn take_grant_back(tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
    datasets::service::take_back(tx, field::<GrantId>(given, "id")?, &call.number)
}

/// What an action gave.
fn field<T: serde::de::DeserializeOwned>(given: &Json, name: &str) -> Result<T, Error> {
    serde_json::from_value(given.get(name).cloned().unwrap_or_default()).map_err(Error::internal)
}

fn move_ticket(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let row = ticket(tx, call)?.row;
    let action = call.demanded("action")?.parse().map_err(|_| Error::invalid("/action", Code::NotAChoice))?;
    let mut step = tickets::service::Step::of(action);
    step.text = call.text("text").map(str::to_owned);
    step.unit_id = unit(tx, call, "unit")?;
    step.assignee_id = person(tx, call, "assignee")?;
    Ok(tickets::service::transition(tx, row.id, row.version, &step)?.map(|()| json!({ "ticket": row.id })))
}

fn settle_finding(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let said = compliance::cases::Settled {
        cause: call.demanded("cause")?.to_owned(),
        correction: call.demanded("correction")?.to_owned(),
        corrected_by: call.handler("corrected_in")?,
        verification: call.text("verification").map(str::to_owned),
        verified_by: call.handler("verified_in")?,
    };
    Ok(compliance::cases::settle(tx, call.case, said)?.map(|finding| json!({ "finding": finding })))
}

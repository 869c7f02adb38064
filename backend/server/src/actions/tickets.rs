//! Tickets.

use db::{ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, Permission};
use serde_json::{Value as Json, json};
use tickets::{TicketId, TicketType};
use workflows::actions::ActionCall;

use super::{
    Described,
    driving::{drive, free, steps_of},
    field, person, unit, wrong,
};

pub const ALL: &[Described] = &[
    Described {
        name: "ticket.create",
        title: ("创建工单", "Report a ticket"),
        permission: Some(Permission::DispatchTickets),
        undo: Some(cancel),
        input: &[
            ("title!", "标题"),
            ("kind", "类型（fault、request、incident）"),
            ("description", "说明"),
            ("place", "地点"),
            ("equipment", "设备"),
        ],
        output: &[("number", "工单号"), ("id", "工单")],
        run: create,
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
        run: transition,
    },
    Described {
        name: "ticket.drive",
        title: ("由本流程推进工单", "Drive a ticket by this process"),
        permission: Some(Permission::ManageTickets),
        undo: Some(let_go),
        input: &[("ticket!", "工单"), ("steps", "只由本流程执行的动作，空格分隔；不填为全部")],
        output: &[("ticket", "工单")],
        run: take_over,
    },
];

fn create(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
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
fn cancel(tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
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

fn transition(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let row = ticket(tx, call)?.row;
    let action = call.demanded("action")?.parse().map_err(|_| Error::invalid("/action", Code::NotAChoice))?;
    let mut step = tickets::service::Step::of(action);
    step.text = call.text("text").map(str::to_owned);
    step.unit_id = unit(tx, call, "unit")?;
    step.assignee_id = person(tx, call, "assignee")?;
    Ok(tickets::service::transition(tx, row.id, row.version, &step)?.map(|()| json!({ "ticket": row.id })))
}

fn take_over(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
    let row = ticket(tx, call)?.row;
    let steps = steps_of::<tickets::TicketAction>(call)?;
    Ok(drive(tx, call, "ticket.driven", row.id, row.label(), &steps)?.map(|()| json!({ "ticket": row.id })))
}

fn let_go(tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
    let row = tickets::service::whole(tx, field(given, "ticket")?)?.row;
    free(tx, call, "ticket.freed", row.id, row.label())
}

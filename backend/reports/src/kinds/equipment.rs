//! The register of equipment, and what went from hand to hand.

use std::collections::BTreeSet;

use ::equipment::EquipmentState;
use kernel::{Date, Error, Ts, Uuid};
use serde_json::Value;

use crate::{
    source::{Source, Thing},
    table::{
        Cell, ReportColumn,
        ReportColumnType::{Cents, Date as Day, Integer, Text, Time},
        Table,
    },
};

fn states(key: &str, zh: &str, en: &str) -> ReportColumn {
    ReportColumn::words(key, zh, en, EquipmentState::ALL.iter().map(|state| (state.as_str(), state.title(true), state.title(false))))
}

fn day(thing: &Thing, field: &str) -> Option<Date> {
    thing.text(field).and_then(|text| text.parse().ok())
}

/// Whole months between two days; nothing if the first is the later.
fn months(from: Date, to: Date) -> Option<i64> {
    let (from, to) = (from.civil(), to.civil());
    let whole = i64::from(to.year() - from.year()) * 12 + i64::from(to.month() - from.month()) - i64::from(to.day() < from.day());
    (whole >= 0).then_some(whole)
}

/// How the warranty stands on a day.
fn warranty(until: Option<Date>, today: Date) -> &'static str {
    match until {
        None => "",
        Some(until) if until < today => "over",
        Some(until) if months(today, until).is_some_and(|months| months < 3) => "ending",
        Some(_) => "valid",
    }
}

/// Everything that was there at the moment and not disposed of before, also what an agent had found and nobody had registered yet.
pub fn register(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let (units, people, types) = (source.units(), source.people()?, source.things("equipment_type", &["equipment_type."])?);
    let things = source.things("equipment", &["equipment."])?;
    let today = source.day();
    let mut table = Table::new(vec![
        ReportColumn::new(Text, "number", "编号", "Number"),
        ReportColumn::new(Text, "name", "名称", "Name"),
        ReportColumn::new(Text, "type", "类型", "Type"),
        states("state", "状态", "State"),
        ReportColumn::words(
            "registered",
            "登记",
            "Registered",
            [("registered", "已登记", "Registered"), ("discovered", "待登记", "Found, not registered")],
        ),
        ReportColumn::new(Text, "unit", "部门", "Unit"),
        ReportColumn::new(Text, "holder", "保管人", "Holder"),
        ReportColumn::new(Text, "place", "位置", "Place"),
        ReportColumn::new(Text, "manufacturer", "厂商", "Manufacturer"),
        ReportColumn::new(Text, "model", "型号", "Model"),
        ReportColumn::new(Text, "serial", "序列号", "Serial number"),
        ReportColumn::new(Day, "purchased_on", "购置日期", "Purchased on"),
        ReportColumn::new(Integer, "age_months", "使用月数", "Age in months"),
        ReportColumn::new(Cents, "price", "购置价格", "Price"),
        ReportColumn::new(Day, "warranty_until", "保修至", "Warranty until"),
        ReportColumn::words(
            "warranty",
            "保修情况",
            "Warranty",
            [("valid", "在保", "Valid"), ("ending", "三个月内到期", "Ends within three months"), ("over", "已过保", "Over")],
        ),
        ReportColumn::new(Time, "known_since", "首次记录时间", "Known since"),
    ]);
    for thing in things.0.values() {
        if !units.within(thing.unit) || thing.text("state") == Some(EquipmentState::Disposed.as_str()) {
            continue;
        }
        let registered = thing.fields.get("registered").and_then(Value::as_bool).unwrap_or(true);
        let (bought, warranty_until) = (day(thing, "purchased_on"), day(thing, "warranty_until"));
        let price = thing.text("price_cents").and_then(|cents| cents.parse::<i64>().ok());
        table.add([
            thing.text("number").into(),
            thing.text("name").unwrap_or(&thing.label).into(),
            types.name(thing.id("type_id")).into(),
            thing.text("state").into(),
            if registered { "registered" } else { "discovered" }.into(),
            units.name(thing.unit).into(),
            people.name(thing.id("holder_id")).into(),
            thing.text("place").into(),
            thing.text("manufacturer").into(),
            thing.text("model").into(),
            thing.text("serial").into(),
            bought.into(),
            bought.and_then(|bought| months(bought, today)).into(),
            price.into(),
            warranty_until.into(),
            warranty(warranty_until, today).into(),
            thing.since.into(),
        ])?;
    }
    Ok(table)
}

/// A movement as its record tells it.
struct Movement {
    time: Ts,
    action: String,
    label: String,
    by: String,
    reason: Option<String>,
    state: (Option<String>, Option<String>),
    unit: (Option<String>, Option<String>),
    holder: (Option<Uuid>, Option<Uuid>),
    place: (Option<String>, Option<String>),
}

/// Every step that a piece of equipment took in the time.
pub fn movements(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let (units, people) = (source.units(), source.people()?);
    let mut moved = Vec::new();
    let taken_back: BTreeSet<Uuid> = {
        let mut all = BTreeSet::new();
        source.read(&["equipment.withdrawn"], |entry| {
            all.insert(entry.subject);
            Ok(())
        })?;
        all
    };
    source.read_time(&["equipment."], |entry| {
        let new = matches!(entry.action.as_str(), "equipment.created" | "equipment.discovered");
        let step = new || entry.changes.iter().any(|change| matches!(change.field.as_str(), "state" | "unit_id" | "holder_id"));
        // What left a unit is told there too.
        let left = entry.changes.iter().find(|change| change.field == "unit_id").and_then(|change| change.old.as_str()?.parse().ok());
        let here = units.within(entry.unit) || left.is_some() && units.within(left);
        if !step || entry.outcome != "success" || !here || taken_back.contains(&entry.subject) {
            return Ok(());
        }
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let both = |field: &str| {
            let change = entry.changes.iter().find(|change| change.field == field);
            (text(change.map(|change| &change.old)), text(change.map(|change| &change.new)))
        };
        let id = |(old, new): (Option<String>, Option<String>)| {
            let id = |text: Option<String>| text.and_then(|text| text.parse::<Uuid>().ok());
            (id(old), id(new))
        };
        moved.push(Movement {
            time: entry.time,
            action: entry.action.clone(),
            label: entry.label.clone(),
            by: entry.actor_name.clone(),
            reason: entry.note.clone(),
            state: both("state"),
            unit: both("unit_id"),
            holder: id(both("holder_id")),
            place: both("place"),
        });
        Ok(())
    })?;
    let mut table = Table::new(vec![
        ReportColumn::new(Time, "time", "时间", "Time"),
        ReportColumn::new(Text, "equipment", "设备", "Equipment"),
        ReportColumn::words(
            "action",
            "变动",
            "Step",
            [
                ("equipment.created", "登记", "Registered by hand"),
                ("equipment.discovered", "自动发现", "Discovered"),
                ("equipment.registered", "认领登记", "Registered"),
                ("equipment.assigned", "领用或调拨", "Handed out"),
                ("equipment.returned_to_stock", "退库", "Returned to stock"),
                ("equipment.fault_reported", "报障", "Fault reported"),
                ("equipment.repair_started", "开始维修", "Repair started"),
                ("equipment.sent_out", "送外维修", "Sent out for repair"),
                ("equipment.came_back", "外修返回", "Came back"),
                ("equipment.repaired", "修复", "Repaired"),
                ("equipment.lent", "借出", "Lent"),
                ("equipment.taken_back", "归还", "Taken back"),
                ("equipment.retired", "退役", "Retired"),
                ("equipment.disposed", "处置", "Disposed of"),
            ],
        ),
        states("from_state", "原状态", "State before"),
        states("to_state", "新状态", "State after"),
        ReportColumn::new(Text, "from_unit", "原部门", "Unit before"),
        ReportColumn::new(Text, "to_unit", "新部门", "Unit after"),
        ReportColumn::new(Text, "from_holder", "原保管人", "Holder before"),
        ReportColumn::new(Text, "to_holder", "新保管人", "Holder after"),
        ReportColumn::new(Text, "from_place", "原位置", "Place before"),
        ReportColumn::new(Text, "to_place", "新位置", "Place after"),
        ReportColumn::new(Text, "by", "经办人", "By"),
        ReportColumn::new(Text, "reason", "原因", "Reason"),
    ]);
    let unit = |id: &Option<String>| -> Cell { units.name(id.as_deref().and_then(|id| id.parse().ok())).into() };
    for step in moved {
        table.add([
            step.time.into(),
            step.label.into(),
            step.action.into(),
            step.state.0.into(),
            step.state.1.into(),
            unit(&step.unit.0),
            unit(&step.unit.1),
            people.name(step.holder.0).into(),
            people.name(step.holder.1).into(),
            step.place.0.into(),
            step.place.1.into(),
            step.by.into(),
            step.reason.into(),
        ])?;
    }
    Ok(table)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_age_counts_whole_months() {
        let months = |from: &str, to: &str| months(from.parse().unwrap(), to.parse().unwrap());
        assert_eq!(months("2026-01-31", "2026-02-28"), Some(0));
        assert_eq!(months("2025-11-27", "2026-11-27"), Some(12));
        assert_eq!(months("2026-11-28", "2026-11-27"), None);
    }

    #[test]
    fn a_warranty_is_over_the_day_after() {
        let on = |until: &str| warranty(until.parse().ok(), "2026-11-27".parse().unwrap());
        assert_eq!([on("2026-11-26"), on("2026-11-27"), on("2027-02-26"), on("2027-02-27")], ["over", "ending", "ending", "valid"]);
    }
}

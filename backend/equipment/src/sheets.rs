//! Equipment as rows of sheets; what is exported can be imported again.

use std::collections::BTreeSet;

use db::{ReadTx, Recorded, WriteTx};
use identity::{
    directory,
    import::{self, ImportId, ImportReport, ImportedKind, Touched, UndoReport, check_size},
};
use kernel::{Code, Date, Error};
use web::{
    exports::ExportRow,
    sheet::{Cell, Column, Row, Sheet},
};

use crate::{
    http::EquipmentItem,
    model::{Attributes, parse_cents},
    service::{self, Destination, Facts},
    store,
};

/// Field, Chinese title, English title.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("number", "资产编号", "Number"),
    ("name", "名称", "Name"),
    ("type", "类型", "Type"),
    ("state", "状态", "State"),
    ("serial", "序列号", "Serial"),
    ("manufacturer", "厂商", "Manufacturer"),
    ("model", "型号", "Model"),
    ("unit", "使用单位", "Unit"),
    ("unit_code", "单位编码", "Unit code"),
    ("holder", "保管人", "Custodian"),
    ("holder_login", "保管人账号", "Custodian's account"),
    ("place", "存放地点", "Place"),
    ("purchased_on", "购置日期", "Purchased on"),
    ("price", "价格", "Price"),
    ("warranty_until", "保修截止", "Warranty until"),
    ("attributes", "属性", "Attributes"),
];

/// The columns, in the reader's language.
pub fn columns(chinese: bool) -> Vec<Column> {
    COLUMNS.iter().map(|(key, zh, en)| Column::new(key, if chinese { zh } else { en })).collect()
}

/// Rows of a download: cells, and the same as JSON. Names are for people; what tells one unit or person from another of the same
/// name stands beside.
pub fn rows(tx: &mut ReadTx<'_>, items: Vec<EquipmentItem>) -> Result<Vec<ExportRow>, Error> {
    let codes = directory::unit_codes(tx, items.iter().filter_map(|item| Some(item.unit.as_ref()?.id)))?;
    let logins = directory::logins(tx, items.iter().filter_map(|item| Some(item.holder.as_ref()?.id)))?;
    let chinese = tx.actor().chinese;
    items
        .into_iter()
        .map(|item| {
            let unit_code = item.unit.as_ref().and_then(|unit| codes.get(&unit.id).cloned());
            let holder_login = item.holder.as_ref().and_then(|holder| logins.get(&holder.id).cloned());
            Ok((cells(&item, unit_code, holder_login, chinese), serde_json::to_value(&item).map_err(Error::internal)?))
        })
        .collect()
}

fn cells(item: &EquipmentItem, unit_code: Option<String>, holder_login: Option<String>, chinese: bool) -> Vec<Cell> {
    let attributes = serde_json::to_string(&item.attributes).unwrap_or_default();
    vec![
        Cell::Text(item.number.clone()),
        Cell::Text(item.name.clone()),
        Cell::Text(item.kind.name.clone()),
        Cell::Text(item.state.title(chinese).to_owned()),
        Cell::text(item.serial.clone()),
        Cell::text(item.manufacturer.clone()),
        Cell::text(item.model.clone()),
        Cell::text(item.unit.as_ref().map(|unit| unit.name.clone())),
        Cell::text(unit_code),
        Cell::text(item.holder.as_ref().map(|holder| holder.name.clone())),
        Cell::text(holder_login),
        Cell::text(item.place.clone()),
        Cell::text(item.purchased_on.map(|day| day.to_string())),
        Cell::text(item.price.clone()),
        Cell::text(item.warranty_until.map(|day| day.to_string())),
        if item.attributes.is_empty() { Cell::Empty } else { Cell::Text(attributes) },
    ]
}

fn find(sheet: &Sheet, key: &str) -> Option<usize> {
    sheet.column(&titles(key))
}

fn titles(key: &str) -> [&str; 3] {
    COLUMNS.iter().find(|(name, ..)| *name == key).map_or([key; 3], |(key, zh, en)| [key, zh, en])
}

fn row_of(tx: &mut ReadTx<'_>, sheet: &Sheet, row: &Row, report: &mut ImportReport) -> Result<Option<(Facts, Destination)>, Error> {
    let chinese = tx.actor().chinese;
    let before = report.errors.len();
    let get = |key: &str| row.get(find(sheet, key));
    let mut refuse = |key: &str, code| report.refuse(chinese, row.number, &sheet.title(&titles(key), chinese), code);
    let name = get("name");
    if name.as_ref().is_none_or(|name| name.chars().count() > 100) {
        refuse("name", if name.is_none() { Code::Required } else { Code::TooLong });
    }
    let wanted = get("type").unwrap_or_default();
    let kind = store::types(tx)?.into_iter().find(|kind| kind.code == wanted || kind.name == wanted);
    if kind.is_none() {
        refuse("type", Code::UnknownReference);
    }
    let mut day = |key: &str| match get(key).map(|text| text.parse::<Date>()) {
        None => None,
        Some(Ok(day)) => Some(day),
        Some(Err(_)) => {
            refuse(key, Code::BadFormat);
            None
        }
    };
    let (purchased_on, warranty_until) = (day("purchased_on"), day("warranty_until"));
    let price_cents = get("price").map(|text| parse_cents(&text.replace(',', "")));
    if price_cents == Some(None) {
        refuse("price", Code::BadFormat);
    }
    let unit = match get("unit_code").or_else(|| get("unit")) {
        Some(text) => Some(directory::find_unit(tx, &text)?),
        None => None,
    };
    if matches!(unit, Some(None)) {
        refuse("unit", Code::UnknownReference);
    }
    let holder = match get("holder_login").or_else(|| get("holder")) {
        Some(text) => Some(directory::find_person(tx, &text)?),
        None => None,
    };
    if matches!(holder, Some(None)) {
        refuse("holder", Code::UnknownReference);
    }
    let attributes: Option<Attributes> = get("attributes").map_or(Some(Attributes::new()), |text| serde_json::from_str(&text).ok());
    if attributes.is_none() {
        refuse("attributes", Code::BadFormat);
    }
    let (Some(name), Some(kind), Some(attributes), true) = (name, kind, attributes, report.errors.len() == before) else { return Ok(None) };
    let facts = Facts {
        number: get("number"),
        name,
        type_id: Some(kind.id),
        serial: get("serial"),
        manufacturer: get("manufacturer"),
        model: get("model"),
        place: get("place"),
        purchased_on,
        price_cents: price_cents.flatten(),
        warranty_until,
        attributes,
    };
    Ok(Some((
        facts,
        Destination { unit: unit.flatten().map(|unit| unit.id), holder: holder.flatten().map(|holder| holder.id), place: None },
    )))
}

fn rows_of(tx: &mut ReadTx<'_>, sheet: &Sheet, report: &mut ImportReport) -> Result<Vec<(Facts, Destination)>, Error> {
    check_size(sheet)?;
    let chinese = tx.actor().chinese;
    for key in ["name", "type"] {
        if find(sheet, key).is_none() {
            report.refuse(chinese, 1, &sheet.title(&titles(key), chinese), Code::ImportColumnMissing);
        }
    }
    let mut found = Vec::new();
    let (mut numbers, mut serials) = (BTreeSet::new(), BTreeSet::new());
    if report.errors.is_empty() {
        for row in &sheet.rows {
            if let Some((facts, to)) = row_of(tx, sheet, row, report)? {
                if facts.number.as_ref().is_some_and(|number| !numbers.insert(number.clone())) {
                    report.refuse(chinese, row.number, &sheet.title(&titles("number"), chinese), Code::Duplicate);
                }
                let real = facts.serial.as_deref().and_then(crate::inventory::real);
                if real.is_some_and(|serial| !serials.insert(serial.to_lowercase())) {
                    report.refuse(chinese, row.number, &sheet.title(&titles("serial"), chinese), Code::Duplicate);
                }
                found.push((facts, to));
            }
        }
    }
    Ok(found)
}

fn same(known: &crate::model::Equipment, facts: &Facts) -> bool {
    let attributes: Attributes = known.attributes.parse().unwrap_or_default();
    known.name == facts.name
        && Some(known.type_id) == facts.type_id
        && known.serial == facts.serial
        && known.manufacturer == facts.manufacturer
        && known.model == facts.model
        && known.place == facts.place
        && known.purchased_on == facts.purchased_on
        && known.price_cents == facts.price_cents
        && known.warranty_until == facts.warranty_until
        && attributes == facts.attributes
}

/// Checks without writing. Rows are told apart by their number; without one they are new.
pub fn check(tx: &mut ReadTx<'_>, sheet: &Sheet) -> Result<ImportReport, Error> {
    let mut report = ImportReport { dry_run: true, rows: sheet.rows.len(), ..ImportReport::default() };
    for (facts, _) in rows_of(tx, sheet, &mut report)? {
        let known = match &facts.number {
            Some(number) => store::by_number(tx, number)?,
            None => None,
        };
        match known {
            None => report.created += 1,
            Some(known) if same(&known, &facts) => report.unchanged += 1,
            Some(_) => report.updated += 1,
        }
    }
    Ok(report)
}

/// Imports. Unit and custodian of what is known already change by steps, not by import.
pub fn import(tx: &mut WriteTx<'_>, sheet: &Sheet) -> Result<Recorded<ImportReport>, Error> {
    let checked = check(tx, sheet)?;
    let report = ImportReport { dry_run: false, ..checked }.into_result()?;
    let mut touched = Vec::new();
    for (facts, to) in rows_of(tx, sheet, &mut ImportReport::default())? {
        let known = match &facts.number {
            Some(number) => store::by_number(tx, number)?,
            None => None,
        };
        match known {
            None => touched.push(Touched::created(service::create(tx, &facts, &to)?.into_inner(), &facts.name)),
            Some(known) if same(&known, &facts) => {}
            Some(known) => {
                service::change(tx, known.id, known.version, &facts)?.into_inner();
                touched.push(Touched::updated(known.id, &facts.name, known.version, &service::facts_of(&known)?)?);
            }
        }
    }
    import::keep(tx, ImportedKind::Equipment, report, touched)
}

/// Takes an import back.
pub fn undo(tx: &mut WriteTx<'_>, id: ImportId, expected: i32) -> Result<Recorded<UndoReport>, Error> {
    import::undo(tx, ImportedKind::Equipment, id, expected, |tx, row| {
        let id = row.id();
        let known = store::find(tx, id)?;
        import::taken_back(row, known.map(|known| known.version))?;
        match row.before()? {
            None => service::take_back(tx, id, row.version),
            Some(facts) => service::change(tx, id, row.version, &facts),
        }
    })
}

//! Units from sheets.

use std::collections::{BTreeMap, BTreeSet};

use db::{ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, UnitId};
use serde::{Deserialize, Serialize};
use web::sheet::Sheet;

use super::{ImportId, ImportReport, ImportedKind, Touched, UndoReport, batches, check_size};
use crate::{
    model::UnitType,
    service::units::{self, NewUnit, UnitChange},
    store,
};

const CODE: &[&str] = &["code", "编码", "部门编码", "单位编码"];
const NAME: &[&str] = &["name", "名称", "部门名称", "单位名称"];
const PARENT: &[&str] = &["parent", "上级", "上级编码", "上级部门"];
const KIND: &[&str] = &["kind", "类型"];

struct UnitRow {
    number: usize,
    code: String,
    name: String,
    parent: Option<String>,
    kind: UnitType,
}

/// The rows of units in an order in which parents come first.
fn unit_rows(tx: &mut ReadTx<'_>, sheet: &Sheet, report: &mut ImportReport) -> Result<Vec<UnitRow>, Error> {
    let chinese = tx.actor().chinese;
    let (code, name) = (sheet.column(CODE), sheet.column(NAME));
    let (parent, kind) = (sheet.column(PARENT), sheet.column(KIND));
    for (found, titles) in [(code, CODE), (name, NAME)] {
        if found.is_none() {
            report.refuse(chinese, 1, &sheet.title(titles, chinese), Code::ImportColumnMissing);
        }
    }
    let mut waiting = Vec::new();
    let mut seen = BTreeSet::new();
    for row in &sheet.rows {
        let (Some(row_code), Some(row_name)) = (row.get(code), row.get(name)) else {
            report.refuse(chinese, row.number, &sheet.title(if row.get(code).is_none() { CODE } else { NAME }, chinese), Code::Required);
            continue;
        };
        if web::rules::code(&row_code).is_err() || row_code.len() > 40 {
            report.refuse(chinese, row.number, &sheet.title(CODE, chinese), Code::BadFormat);
        }
        if row_name.chars().count() > 100 {
            report.refuse(chinese, row.number, &sheet.title(NAME, chinese), Code::TooLong);
        }
        if !seen.insert(row_code.clone()) {
            report.refuse(chinese, row.number, &sheet.title(CODE, chinese), Code::Duplicate);
        }
        let kind = match row.get(kind).as_deref() {
            None | Some("unit" | "部门" | "科室") => UnitType::Unit,
            Some("company" | "公司" | "子公司" | "集团") => UnitType::Company,
            Some(_) => {
                report.refuse(chinese, row.number, &sheet.title(KIND, chinese), Code::NotAChoice);
                UnitType::Unit
            }
        };
        waiting.push(UnitRow { number: row.number, code: row_code, name: row_name, parent: row.get(parent), kind });
    }
    let mut known: BTreeSet<String> = store::units(tx)?.into_iter().filter(|unit| unit.active).map(|unit| unit.code).collect();
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let (ready, rest): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|row| row.parent.as_ref().is_none_or(|parent| known.contains(parent)));
        if ready.is_empty() {
            // Neither known nor in the sheet, or a circle.
            rest.iter().for_each(|row| report.refuse(chinese, row.number, &sheet.title(PARENT, chinese), Code::UnknownReference));
            break;
        }
        known.extend(ready.iter().map(|row| row.code.clone()));
        ordered.extend(ready);
        waiting = rest;
    }
    Ok(ordered)
}

/// Checks units without writing.
pub fn check_units(tx: &mut ReadTx<'_>, sheet: &Sheet) -> Result<ImportReport, Error> {
    check_size(sheet)?;
    let mut report = ImportReport { dry_run: true, rows: sheet.rows.len(), ..ImportReport::default() };
    let known: BTreeMap<String, crate::model::OrgUnit> = store::units(tx)?.into_iter().map(|unit| (unit.code.clone(), unit)).collect();
    for row in unit_rows(tx, sheet, &mut report)? {
        match known.get(&row.code) {
            None => report.created += 1,
            Some(unit) => {
                let parent = row.parent.as_ref().and_then(|code| known.get(code)).map(|unit| unit.id);
                let same = unit.name == row.name && unit.parent_id == parent;
                if same { report.unchanged += 1 } else { report.updated += 1 }
            }
        }
    }
    Ok(report)
}

/// Imports units: each new or changed one with its record.
pub fn import_units(tx: &mut WriteTx<'_>, sheet: &Sheet) -> Result<Recorded<ImportReport>, Error> {
    let checked = check_units(tx, sheet)?;
    let mut report = ImportReport { dry_run: false, ..checked }.into_result()?;
    (report.created, report.updated, report.unchanged) = (0, 0, 0);
    let mut touched = Vec::new();
    for row in unit_rows(tx, sheet, &mut ImportReport::default())? {
        let parent: Option<UnitId> = match &row.parent {
            Some(code) => store::unit_by_code(tx, code)?.map(|unit| unit.id),
            None => None,
        };
        match store::unit_by_code(tx, &row.code)? {
            None => {
                let new = NewUnit { parent, code: row.code, name: row.name, kind: row.kind };
                let id = units::create(tx, &new)?.into_inner();
                touched.push(Touched::created(id, &new.name));
                report.created += 1;
            }
            Some(unit) if unit.name == row.name && unit.parent_id == parent => report.unchanged += 1,
            Some(unit) => {
                touched.push(Touched::updated(unit.id, &row.name, unit.version, &Before { name: unit.name, parent: unit.parent_id })?);
                let change = UnitChange { name: Some(row.name), parent: Some(parent), ..UnitChange::default() };
                units::change(tx, unit.id, unit.version, &change)?.into_inner();
                report.updated += 1;
            }
        }
    }
    batches::keep(tx, ImportedKind::Unit, report, touched)
}

/// What an import replaces in a unit.
#[derive(Serialize, Deserialize)]
struct Before {
    name: String,
    parent: Option<UnitId>,
}

/// Takes an import of units back.
pub fn undo_units(tx: &mut WriteTx<'_>, id: ImportId, expected: i32) -> Result<Recorded<UndoReport>, Error> {
    batches::undo(tx, ImportedKind::Unit, id, expected, |tx, row| {
        let id = row.id();
        let unit = store::unit(tx, id)?;
        batches::taken_back(row, unit.map(|unit| unit.version))?;
        match row.before::<Before>()? {
            None => units::take_back(tx, id, row.version),
            Some(before) => {
                let change = UnitChange { name: Some(before.name), parent: Some(before.parent), ..UnitChange::default() };
                units::change(tx, id, row.version, &change)
            }
        }
    })
}

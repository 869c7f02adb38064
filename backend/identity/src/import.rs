//! Units and people from sheets: first everything is checked, then everything is done, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use db::{ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, Params, UnitId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{
    View,
    sheet::{Row, Sheet},
};

use crate::{
    model::UnitType,
    service::{
        people::{self, NewPerson, PersonChange},
        units::{self, NewUnit, UnitChange},
    },
    store,
};

/// How to import.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ImportQuery {
    /// True: only say what would happen.
    #[param(default = true)]
    dry_run: Option<bool>,
}

impl ImportQuery {
    /// Whether only to say what would happen.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.dry_run.unwrap_or(true)
    }
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ImportReport {
    /// True if nothing was written.
    pub dry_run: bool,
    /// Rows of the sheet.
    pub rows: usize,
    /// New ones.
    pub created: usize,
    /// Changed ones.
    pub updated: usize,
    /// Rows that say what already is.
    pub unchanged: usize,
    /// What is wrong; nothing is imported while there is any.
    pub errors: Vec<RowError>,
}
impl View for ImportReport {}

/// What is wrong with a row.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RowError {
    /// As the spreadsheet numbers it.
    pub row: usize,
    /// The column's title.
    pub column: String,
    /// Stable code.
    pub code: String,
    /// In the reader's language.
    pub detail: String,
}

impl ImportReport {
    /// Notes an error.
    pub fn refuse(&mut self, chinese: bool, row: usize, column: &str, code: Code) {
        let params = Params::from([("column", column.to_owned()), ("max", "100".to_owned()), ("min", "1".to_owned())]);
        self.errors.push(RowError { row, column: column.to_owned(), code: code.to_string(), detail: code.text(chinese, &params) });
    }

    /// Refuses the whole when anything is wrong.
    pub fn into_result(self) -> Result<Self, Error> {
        if self.errors.is_empty() || self.dry_run {
            Ok(self)
        } else {
            Err(Error::new(Code::ImportHasErrors).with("count", self.errors.len()))
        }
    }
}

/// The largest import in one transaction.
pub const MAX_ROWS: usize = 500;

/// Refuses more rows than one transaction may write.
pub fn check_size(sheet: &Sheet) -> Result<(), Error> {
    if sheet.rows.len() > MAX_ROWS { Err(Error::new(Code::TooLarge).with("limit", format!("{MAX_ROWS} rows"))) } else { Ok(()) }
}

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
    for row in unit_rows(tx, sheet, &mut ImportReport::default())? {
        let parent: Option<UnitId> = match &row.parent {
            Some(code) => store::unit_by_code(tx, code)?.map(|unit| unit.id),
            None => None,
        };
        match store::unit_by_code(tx, &row.code)? {
            None => {
                units::create(tx, &NewUnit { parent, code: row.code, name: row.name, kind: row.kind })?.into_inner();
                report.created += 1;
            }
            Some(unit) if unit.name == row.name && unit.parent_id == parent => report.unchanged += 1,
            Some(unit) => {
                let change = UnitChange { name: Some(row.name), parent: Some(parent), ..UnitChange::default() };
                units::change(tx, unit.id, unit.version, &change)?.into_inner();
                report.updated += 1;
            }
        }
    }
    Ok(tx.unchanged(report))
}

const PERSON_NAME: &[&str] = &["name", "姓名"];
const LOGIN: &[&str] = &["login", "账号", "登录名", "用户名"];
const NUMBER: &[&str] = &["employee_number", "工号", "员工编号"];
const UNIT: &[&str] = &["unit", "部门", "部门编码", "单位", "单位编码"];
const TITLE: &[&str] = &["title", "岗位", "职务"];
const EMAIL: &[&str] = &["email", "邮箱", "电子邮件"];
const PHONE: &[&str] = &["phone", "电话", "手机", "手机号"];

/// A row of people with its columns found.
fn person_row(tx: &mut ReadTx<'_>, sheet: &Sheet, row: &Row, report: &mut ImportReport) -> Result<Option<NewPerson>, Error> {
    let chinese = tx.actor().chinese;
    let before = report.errors.len();
    let required = |report: &mut ImportReport, titles: &[&str], max: usize| {
        let value = row.get(sheet.column(titles));
        let title = sheet.title(titles, chinese);
        match &value {
            None => report.refuse(chinese, row.number, &title, Code::Required),
            Some(text) if text.chars().count() > max => report.refuse(chinese, row.number, &title, Code::TooLong),
            Some(_) => {}
        }
        value.unwrap_or_default()
    };
    let name = required(report, PERSON_NAME, 60);
    let login = required(report, LOGIN, 60).to_lowercase();
    let unit_text = required(report, UNIT, 100);
    if !login.is_empty() && web::rules::code(&login).is_err() {
        report.refuse(chinese, row.number, &sheet.title(LOGIN, chinese), Code::BadFormat);
    }
    let unit = crate::directory::find_unit(tx, &unit_text)?;
    if unit.is_none() && !unit_text.is_empty() {
        report.refuse(chinese, row.number, &sheet.title(UNIT, chinese), Code::UnknownReference);
    }
    let email = row.get(sheet.column(EMAIL));
    if email.as_ref().is_some_and(|email| !validator::ValidateEmail::validate_email(email)) {
        report.refuse(chinese, row.number, &sheet.title(EMAIL, chinese), Code::BadFormat);
    }
    let employee_number = row.get(sheet.column(NUMBER));
    if let Some(number) = &employee_number
        && store::person_by_number(tx, number)?.is_some_and(|other| other.login != login)
    {
        report.refuse(chinese, row.number, &sheet.title(NUMBER, chinese), Code::AlreadyTaken);
    }
    let Some(unit) = unit.filter(|_| report.errors.len() == before) else { return Ok(None) };
    Ok(Some(NewPerson {
        name,
        login,
        employee_number,
        email,
        phone: row.get(sheet.column(PHONE)),
        unit: unit.id,
        title: row.get(sheet.column(TITLE)).unwrap_or_else(|| if chinese { "员工".to_owned() } else { "Employee".to_owned() }),
        password_hash: None,
    }))
}

fn person_rows(tx: &mut ReadTx<'_>, sheet: &Sheet, report: &mut ImportReport) -> Result<Vec<NewPerson>, Error> {
    check_size(sheet)?;
    let chinese = tx.actor().chinese;
    for titles in [PERSON_NAME, LOGIN, UNIT] {
        if sheet.column(titles).is_none() {
            report.refuse(chinese, 1, &sheet.title(titles, chinese), Code::ImportColumnMissing);
        }
    }
    if !report.errors.is_empty() {
        return Ok(Vec::new());
    }
    let (mut logins, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    let mut people = Vec::new();
    for row in &sheet.rows {
        if let Some(person) = person_row(tx, sheet, row, report)? {
            if !logins.insert(person.login.clone()) {
                report.refuse(chinese, row.number, &sheet.title(LOGIN, chinese), Code::Duplicate);
            }
            if person.employee_number.as_ref().is_some_and(|number| !numbers.insert(number.clone())) {
                report.refuse(chinese, row.number, &sheet.title(NUMBER, chinese), Code::Duplicate);
            }
            people.push(person);
        }
    }
    Ok(people)
}

fn differs(person: &crate::model::Person, row: &NewPerson) -> bool {
    person.name != row.name
        || (row.employee_number.is_some() && person.employee_number != row.employee_number)
        || (row.email.is_some() && person.email != row.email)
        || (row.phone.is_some() && person.phone != row.phone)
}

/// Checks people without writing. They are told apart by their account.
pub fn check_people(tx: &mut ReadTx<'_>, sheet: &Sheet) -> Result<ImportReport, Error> {
    let mut report = ImportReport { dry_run: true, rows: sheet.rows.len(), ..ImportReport::default() };
    for row in person_rows(tx, sheet, &mut report)? {
        match store::person_by_login(tx, &row.login)? {
            None => report.created += 1,
            Some(person) if differs(&person, &row) => report.updated += 1,
            Some(_) => report.unchanged += 1,
        }
    }
    Ok(report)
}

/// Imports people. They get no password: an administrator issues the first one when the account is handed over (E4.5).
pub fn import_people(tx: &mut WriteTx<'_>, sheet: &Sheet) -> Result<Recorded<ImportReport>, Error> {
    let checked = check_people(tx, sheet)?;
    let mut report = ImportReport { dry_run: false, ..checked }.into_result()?;
    for row in person_rows(tx, sheet, &mut ImportReport::default())? {
        match store::person_by_login(tx, &row.login)? {
            None => drop(people::create(tx, &row)?.into_inner()),
            Some(person) if differs(&person, &row) => {
                let change = PersonChange {
                    name: Some(row.name),
                    employee_number: row.employee_number.map(Some),
                    email: row.email.map(Some),
                    phone: row.phone.map(Some),
                };
                people::change(tx, person.id, person.version, &change)?.into_inner();
            }
            Some(_) => {}
        }
    }
    report.dry_run = false;
    Ok(tx.unchanged(report))
}

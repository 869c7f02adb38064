//! People from sheets.

use std::collections::BTreeSet;

use db::{ReadTx, Recorded, WriteTx};
use kernel::{Code, Error};
use serde::{Deserialize, Serialize};
use web::sheet::{Row, Sheet};

use super::{ImportId, ImportReport, ImportedKind, Touched, UndoReport, batches, check_size};
use crate::{
    model::Person,
    service::people::{self, NewPerson, PersonChange},
    store,
};

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

fn differs(person: &Person, row: &NewPerson) -> bool {
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
    let report = ImportReport { dry_run: false, ..checked }.into_result()?;
    let mut touched = Vec::new();
    for row in person_rows(tx, sheet, &mut ImportReport::default())? {
        match store::person_by_login(tx, &row.login)? {
            None => touched.push(Touched::created(people::create(tx, &row)?.into_inner(), &row.name)),
            Some(person) if differs(&person, &row) => {
                let (id, version) = (person.id, person.version);
                touched.push(Touched::updated(id, &row.name, version, &Before::from(person))?);
                let change = PersonChange {
                    name: Some(row.name),
                    employee_number: row.employee_number.map(Some),
                    email: row.email.map(Some),
                    phone: row.phone.map(Some),
                };
                people::change(tx, id, version, &change)?.into_inner();
            }
            Some(_) => {}
        }
    }
    batches::keep(tx, ImportedKind::Person, report, touched)
}

/// What an import replaces in a person.
#[derive(Serialize, Deserialize)]
struct Before {
    name: String,
    employee_number: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

impl From<Person> for Before {
    fn from(person: Person) -> Self {
        Self { name: person.name, employee_number: person.employee_number, email: person.email, phone: person.phone }
    }
}

/// Takes an import of people back.
pub fn undo_people(tx: &mut WriteTx<'_>, id: ImportId, expected: i32) -> Result<Recorded<UndoReport>, Error> {
    batches::undo(tx, ImportedKind::Person, id, expected, |tx, row| {
        let id = row.id();
        let person = store::person(tx, id)?;
        batches::taken_back(row, person.map(|person| person.version))?;
        match row.before::<Before>()? {
            None => people::take_back(tx, id, row.version),
            Some(before) => {
                let change = PersonChange {
                    name: Some(before.name),
                    employee_number: Some(before.employee_number),
                    email: Some(before.email),
                    phone: Some(before.phone),
                };
                people::change(tx, id, row.version, &change)
            }
        }
    })
}

//! Accounts: what each could do, and which nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use audit::ledger::Entry;
use kernel::{Error, Ts, Uuid};
use serde_json::Value;

use crate::{
    source::{Source, seconds},
    table::{
        Cell, ReportColumn,
        ReportColumnType::{Integer, Text, Time},
        Table,
    },
};

/// An account that nobody has used for so long is stale.
const STALE_DAYS: i64 = 90;

/// A role that somebody holds: its code, how far it reaches, where.
type Held = (String, String, Option<String>);

/// Who holds what, as the records tell it.
#[derive(Default)]
struct Rights {
    /// By code: name, permissions.
    roles: BTreeMap<String, (String, BTreeSet<String>)>,
    by_id: BTreeMap<Uuid, String>,
    held: BTreeMap<Uuid, BTreeMap<Held, Ts>>,
}

impl Rights {
    fn see(&mut self, entry: &Entry) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        match entry.action.as_str() {
            "role.created" | "role.updated" => {
                let code = text(entry.new_value("code")).or_else(|| self.by_id.get(&entry.subject).cloned()).unwrap_or_default();
                self.by_id.insert(entry.subject, code.clone());
                let role = self.roles.entry(code).or_default();
                if !entry.label.is_empty() {
                    role.0.clone_from(&entry.label);
                }
                if let Some(Value::Array(permissions)) = entry.new_value("permissions") {
                    role.1 = permissions.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                }
            }
            "person.created" => {
                let given = entry.fact("roles").into_iter().flat_map(|roles| roles.split(',')).filter_map(|role| role.split_once(':'));
                let all = self.held.entry(entry.subject).or_default();
                all.extend(given.map(|(code, scope)| ((code.to_owned(), scope.to_owned(), None), entry.time)));
            }
            // By facts, which stay when details are erased; records of before they had them are read by their details.
            "role.assigned" | "role.revoked" => {
                let detail = |field: &str| {
                    let change = entry.changes.iter().find(|change| change.field == field)?;
                    text(Some(if entry.action == "role.assigned" { &change.new } else { &change.old }))
                };
                let fact = |name: &str| entry.fact(name).map(str::to_owned);
                let scope = fact("scope").or_else(|| detail("scope")).unwrap_or_default();
                let held = (fact("role").unwrap_or_default(), scope, fact("scope_unit").or_else(|| detail("unit_id")));
                let all = self.held.entry(entry.subject).or_default();
                if entry.action == "role.assigned" {
                    all.insert(held, entry.time);
                } else {
                    all.remove(&held);
                }
            }
            _ => {}
        }
    }

    fn title(&self, code: &str) -> String {
        self.roles.get(code).map_or_else(|| code.to_owned(), |(name, _)| name.clone())
    }
}

/// Whoever had an account at the moment, with every role held; one row for each.
pub fn rights(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let (units, people) = (source.units(), source.people()?);
    let mut rights = Rights::default();
    source.read(&["role.", "person.created"], |entry| {
        rights.see(entry);
        Ok(())
    })?;
    let mut table = Table::new(vec![
        ReportColumn::new(Text, "login", "账号", "Account"),
        ReportColumn::new(Text, "name", "姓名", "Name"),
        ReportColumn::new(Text, "unit", "部门", "Unit"),
        ReportColumn::words("active", "账号状态", "Account is", [("active", "启用", "Active"), ("inactive", "停用", "Deactivated")]),
        ReportColumn::new(Text, "role", "角色", "Role"),
        ReportColumn::words(
            "scope",
            "范围",
            "Scope",
            [("own", "本人", "Own"), ("unit", "部门", "Unit"), ("subtree", "部门及下级", "Unit and below"), ("all", "全部", "Everything")],
        ),
        ReportColumn::new(Text, "scope_unit", "范围部门", "Unit of the scope"),
        ReportColumn::new(Text, "permissions", "可执行的操作", "Permissions"),
        ReportColumn::new(Time, "since", "授予时间", "Since"),
    ]);
    for (id, person) in &people.0 {
        if !units.within(person.unit) {
            continue;
        }
        let active = if person.active { "active" } else { "inactive" };
        let none = BTreeMap::new();
        let held = rights.held.get(id).unwrap_or(&none);
        let known = |code: &str| rights.roles.get(code).map(|(_, permissions)| permissions.iter().cloned().collect::<Vec<_>>().join(" "));
        let lines = held.iter().map(|((code, scope, unit), since)| {
            let place = units.name(unit.as_deref().and_then(|unit| unit.parse().ok()));
            (Cell::from(rights.title(code)), Cell::from(scope), Cell::from(place), Cell::from(known(code)), Cell::from(*since))
        });
        // An account without a role can be used to log in: it is not left out.
        let bare = || (Cell::empty(), Cell::empty(), Cell::empty(), Cell::empty(), Cell::empty());
        let lines: Vec<_> = if held.is_empty() { vec![bare()] } else { lines.collect() };
        for (role, scope, place, permissions, since) in lines {
            let (login, name) = (person.text("login").into(), people.name(Some(*id)).into());
            table.add([login, name, units.name(person.unit).into(), active.into(), role, scope, place, permissions, since])?;
        }
    }
    Ok(table)
}

/// Accounts that were active at the moment and not used for long.
pub fn stale(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let (units, people) = (source.units(), source.people()?);
    let mut last: BTreeMap<Uuid, Ts> = BTreeMap::new();
    let mut rights = Rights::default();
    source.read(&["session.opened", "role.", "person.created"], |entry| {
        rights.see(entry);
        if let Some(person) = entry.touched("person").filter(|_| entry.action == "session.opened") {
            last.insert(person.id, entry.time);
        }
        Ok(())
    })?;
    let mut table = Table::new(vec![
        ReportColumn::new(Text, "login", "账号", "Account"),
        ReportColumn::new(Text, "name", "姓名", "Name"),
        ReportColumn::new(Text, "unit", "部门", "Unit"),
        ReportColumn::new(Time, "created_at", "创建时间", "Created at"),
        ReportColumn::new(Time, "last_login", "最近登录", "Last log-in"),
        ReportColumn::new(Integer, "days", "未用天数", "Days unused"),
        ReportColumn::new(Text, "roles", "角色", "Roles"),
    ]);
    for (id, person) in people.0.iter().filter(|(_, person)| person.active && units.within(person.unit)) {
        let used = last.get(id).copied();
        let days = seconds(used.unwrap_or(person.since), source.at) / 86_400;
        if days >= STALE_DAYS {
            let roles: BTreeSet<String> = rights.held.get(id).into_iter().flatten().map(|((code, ..), _)| rights.title(code)).collect();
            table.add([
                person.text("login").into(),
                people.name(Some(*id)).into(),
                units.name(person.unit).into(),
                person.since.into(),
                used.into(),
                days.into(),
                roles.into_iter().collect::<Vec<_>>().join("、").into(),
            ])?;
        }
    }
    Ok(table)
}

//! Accounts and roles.

use db::{Recorded, WriteTx};
use identity::{
    RoleScope, directory,
    service::{
        people::{self, NewPerson, PersonChange},
        roles,
    },
};
use kernel::{Code, Error, Permission, PersonId, UnitId};
use serde_json::{Value as Json, json};
use workflows::actions::ActionCall;

use super::{Described, field, person, unit, wrong};

pub const ALL: &[Described] = &[
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
        run: create,
    },
    Described {
        name: "account.change",
        title: ("变更账号", "Change an account"),
        permission: Some(Permission::ManagePeople),
        undo: None,
        input: &[("person!", "人员"), ("name", "姓名"), ("employee_number", "工号"), ("email", "邮箱"), ("phone", "电话")],
        output: &[("person", "人员")],
        run: change,
    },
    Described {
        name: "account.close",
        title: ("停用账号", "Close an account"),
        permission: Some(Permission::ManagePeople),
        undo: None,
        input: &[("person!", "人员"), ("reason!", "原因")],
        output: &[("person", "人员")],
        run: close,
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
];

fn create(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
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

fn change(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
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

fn close(tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
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

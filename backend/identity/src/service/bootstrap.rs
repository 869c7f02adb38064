//! The first roles and the first administrator.

use std::sync::Arc;

use db::{Database, Event, Housekeeping, Recorded, WriteTx};
use kernel::{Actor, ActorKind, Code, Error, Permission, PersonId, UnitId};

use crate::{
    model::{Assignment, AssignmentId, OrgUnit, Person, Post, PostId, PostType, Role, RoleId, RoleScope, Theme, UnitType},
    policy, secrets, store,
};

/// What everybody is.
pub const EMPLOYEE: &str = "employee";

/// Code, Chinese and English name, permissions.
type BuiltIn = (&'static str, &'static str, &'static str, &'static [Permission]);

/// Roles shipped with the product.
const ROLES: &[BuiltIn] = {
    use Permission::*;
    &[
        (EMPLOYEE, "员工", "Employee", &[ReportTickets, ReadTickets, ReadEquipment, ReadOrg, UseProcesses]),
        (
            "service_desk",
            "服务台",
            "Service desk",
            &[ReportTickets, ReadTickets, DispatchTickets, HandleTickets, ManageTickets, ReadEquipment, ReadOrg, UseProcesses],
        ),
        ("technician", "维护工程师", "Technician", &[ReportTickets, ReadTickets, HandleTickets, ReadEquipment, ReadOrg, UseProcesses]),
        ("asset_keeper", "资产管理员", "Asset keeper", &[ReadEquipment, ManageEquipment, ReadOrg, UseProcesses]),
        ("data_manager", "数据管理员", "Data manager", &[ReadDatasets, ManageDatasets, ReadOrg, UseProcesses]),
        (
            "system_administrator",
            "系统管理员",
            "System administrator",
            &[
                ReadOrg,
                ManageOrg,
                ManagePeople,
                ConfigureTickets,
                ConfigureEquipment,
                UseProcesses,
                DesignProcesses,
                PublishProcesses,
                ReadCases,
                ManageCases,
                ManageWebhooks,
                ReadBackups,
                ManageBackups,
            ],
        ),
        (
            "security_administrator",
            "安全管理员",
            "Security administrator",
            &[ReadOrg, ReadDatasets, UseProcesses, ManageRoles, AssignRoles, ManageSecurity],
        ),
        (
            "audit_administrator",
            "审计管理员",
            "Audit administrator",
            &[ReadOrg, ReadDatasets, UseProcesses, ReadCases, ReadBackups, ReadRecords, ReadCompliance],
        ),
        (
            "auditor",
            "审计员",
            "Auditor",
            &[ReadOrg, ReadTickets, ReadEquipment, ReadDatasets, UseProcesses, ReadCases, ReadBackups, ReadRecords, ReadCompliance],
        ),
        (
            "compliance_officer",
            "合规专员",
            "Compliance officer",
            &[ReadOrg, ReadDatasets, UseProcesses, ReadCases, ReadCompliance, ManageCompliance],
        ),
        ("extraction_approver", "提取批准人", "Approver of extractions", &[ReadOrg, UseProcesses, ApproveExtractions]),
        ("backup_custodian", "数据保管员", "Backup custodian", &[ReadOrg, UseProcesses, ReadBackups]),
    ]
};

/// What a role shipped with the product is called in English.
pub fn english_name(code: &str) -> Option<&'static str> {
    ROLES.iter().find(|(known, ..)| *known == code).map(|(_, _, english, _)| *english)
}

/// Makes sure that the built-in roles are there.
pub async fn ensure_roles(db: &Database) -> Result<(), Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::Bootstrap, "bootstrap"));
    for (code, name, _, permissions) in ROLES {
        db.write(&actor, move |tx: &mut WriteTx<'_>| {
            if store::role_by_code(tx, code)?.is_some() {
                return Ok(tx.unchanged(()));
            }
            let role = Role {
                id: RoleId::new(),
                code: (*code).to_owned(),
                name: (*name).to_owned(),
                exclusive: policy::side(permissions)?,
                built_in: true,
                version: 1,
            };
            let event = Event::new("role.created", role.id, *name).created().set("code", code).set("permissions", permissions);
            tx.record(event, |rows| store::insert_role(rows, &role, permissions))
        })
        .await?;
    }
    Ok(())
}

/// Whether nobody is there yet.
pub async fn is_new(db: &Database) -> Result<bool, Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::Bootstrap, "bootstrap"));
    db.read(&actor, store::anybody).await.map(|anybody| !anybody)
}

/// A new one-time token, if there is nobody yet; older ones stop working.
pub async fn open_setup(db: &Database) -> Result<Option<String>, Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::Bootstrap, "bootstrap"));
    if db.read(&actor, store::anybody).await? {
        return Ok(None);
    }
    let token = secrets::random_token();
    let hash = secrets::hash(&token);
    db.housekeep(Housekeeping::Sessions, move |rows| store::sessions::set_setup_link(rows, hash.clone())).await?;
    Ok(Some(token))
}

/// The first administrator with the company.
#[derive(Clone, Debug)]
pub struct Setup {
    pub token: String,
    pub company: String,
    pub name: String,
    pub login: String,
    pub password_hash: String,
}

/// Makes the company and its system administrator. The link then works no more.
pub fn set_up(tx: &mut WriteTx<'_>, setup: &Setup) -> Result<Recorded<Person>, Error> {
    if store::anybody(tx)? {
        return Err(Error::new(Code::SetupClosed));
    }
    if store::sessions::setup_link(tx)? != Some(secrets::hash(&setup.token)) {
        return Err(Error::forbidden(Code::SetupTokenWrong));
    }
    let now = tx.now();
    let role = store::role_by_code(tx, "system_administrator")?.ok_or_else(|| Error::internal("the built-in roles are missing"))?;
    let employee = store::role_by_code(tx, EMPLOYEE)?.ok_or_else(|| Error::internal("the built-in roles are missing"))?;
    let unit = OrgUnit {
        id: UnitId::new(),
        parent_id: None,
        code: "HQ".to_owned(),
        name: setup.company.clone(),
        kind: UnitType::Company,
        active: true,
        created_at: now,
        version: 1,
    };
    let event =
        Event::new("org_unit.created", unit.id, unit.name.clone()).created().unit(unit.id).set("name", &unit.name).set("code", &unit.code);
    tx.record(event, |rows| store::insert_unit(rows, &unit, &[]))?.into_inner();
    let person = Person {
        id: PersonId::new(),
        name: setup.name.clone(),
        login: setup.login.to_lowercase(),
        employee_number: None,
        email: None,
        phone: None,
        active: true,
        language: None,
        theme: Theme::System,
        created_at: now,
        version: 1,
    };
    let post = Post {
        id: PostId::new(),
        person_id: person.id,
        unit_id: unit.id,
        title: role.name.clone(),
        kind: PostType::Main,
        valid_from: now,
        valid_to: None,
    };
    let assignment = |role: &Role, scope| Assignment {
        id: AssignmentId::new(),
        person_id: person.id,
        role_id: role.id,
        scope,
        unit_id: None,
        valid_from: now,
        valid_to: None,
    };
    let event = Event::new("person.created", person.id, person.name.clone())
        .created()
        .unit(unit.id)
        .related(role.id, "role", role.name.clone())
        .set("name", &person.name)
        .set("login", &person.login)
        .fact("roles", format!("{}:{},{}:{}", role.code, RoleScope::All, employee.code, RoleScope::Own));
    tx.record(event, |rows| {
        store::insert_person(rows, &person)?;
        store::insert_post(rows, &post)?;
        store::set_password(rows, person.id, &setup.password_hash, false, None)?;
        store::insert_assignment(rows, &assignment(&role, RoleScope::All))?;
        store::insert_assignment(rows, &assignment(&employee, RoleScope::Own))?;
        store::sessions::drop_setup_link(rows)?;
        Ok(person.clone())
    })
}

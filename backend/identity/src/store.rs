//! Queries on units, people, roles. Sessions and tokens are in `store_sessions.rs`.

use std::collections::{BTreeMap, BTreeSet, HashMap, btree_map::Entry};

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use kernel::{Error, Grants, PageRequest, Permission, PersonId, Ts, UnitId};

use crate::{
    model::{Assignment, AssignmentId, OrgUnit, Person, PersonRef, Post, PostId, PostType, Role, RoleId, RoleScope, UnitRef},
    schema::{
        credential, login_throttle, org_unit, org_unit_head, org_unit_tree, password_history, person, post, role, role_assignment,
        role_permission,
    },
};

// Units.

pub fn units(tx: &mut ReadTx<'_>) -> Result<Vec<OrgUnit>, Error> {
    Ok(org_unit::table.select(OrgUnit::as_select()).order((org_unit::code, org_unit::id)).load(tx.conn())?)
}

pub fn unit(tx: &mut ReadTx<'_>, id: UnitId) -> Result<Option<OrgUnit>, Error> {
    Ok(org_unit::table.find(id).select(OrgUnit::as_select()).get_result(tx.conn()).optional()?)
}

pub fn unit_by_code(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<OrgUnit>, Error> {
    Ok(org_unit::table.filter(org_unit::code.eq(code)).select(OrgUnit::as_select()).get_result(tx.conn()).optional()?)
}

pub fn unit_by_name(tx: &mut ReadTx<'_>, name: &str) -> Result<Vec<OrgUnit>, Error> {
    Ok(org_unit::table.filter(org_unit::name.eq(name)).select(OrgUnit::as_select()).limit(2).load(tx.conn())?)
}

pub fn unit_names(tx: &mut ReadTx<'_>, ids: &BTreeSet<UnitId>) -> Result<HashMap<UnitId, String>, Error> {
    let rows: Vec<(UnitId, String)> =
        org_unit::table.filter(one_of(org_unit::id, ids.iter().copied())).select((org_unit::id, org_unit::name)).load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

pub fn unit_codes(tx: &mut ReadTx<'_>, ids: &BTreeSet<UnitId>) -> Result<HashMap<UnitId, String>, Error> {
    let of = one_of(org_unit::id, ids.iter().copied());
    let rows: Vec<(UnitId, String)> = org_unit::table.filter(of).select((org_unit::id, org_unit::code)).load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

/// Heads today.
pub fn heads(tx: &mut ReadTx<'_>) -> Result<HashMap<UnitId, PersonRef>, Error> {
    let rows: Vec<(UnitId, PersonId, String)> = org_unit_head::table
        .inner_join(person::table.on(person::id.eq(org_unit_head::person_id)))
        .filter(org_unit_head::valid_to.is_null())
        .select((org_unit_head::unit_id, person::id, person::name))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(unit, id, name)| (unit, PersonRef { id, name })).collect())
}

pub fn is_below(tx: &mut ReadTx<'_>, descendant: UnitId, ancestor: UnitId) -> Result<bool, Error> {
    Ok(diesel::select(diesel::dsl::exists(org_unit_tree::table.find((ancestor, descendant)))).get_result(tx.conn())?)
}

pub fn descendants(tx: &mut ReadTx<'_>, ancestor: UnitId) -> Result<Vec<UnitId>, Error> {
    Ok(org_unit_tree::table.filter(org_unit_tree::ancestor.eq(ancestor)).select(org_unit_tree::descendant).load(tx.conn())?)
}

/// Whether somebody works there or an open unit is below.
pub fn unit_is_used(tx: &mut ReadTx<'_>, id: UnitId) -> Result<bool, Error> {
    let posts = post::table.filter(post::unit_id.eq(id)).filter(post::valid_to.is_null());
    let below = org_unit::table.filter(org_unit::parent_id.eq(id)).filter(org_unit::active.eq(true));
    Ok(diesel::select(diesel::dsl::exists(posts)).get_result::<bool>(tx.conn())?
        || diesel::select(diesel::dsl::exists(below)).get_result::<bool>(tx.conn())?)
}

pub fn insert_unit(rows: &mut Rows<'_>, unit: &OrgUnit, ancestors: &[(UnitId, i32)]) -> Result<(), Error> {
    diesel::insert_into(org_unit::table).values(unit.clone()).execute(rows.conn())?;
    let own = [(unit.id, 0)];
    for (ancestor, depth) in ancestors.iter().chain(&own) {
        let row = (org_unit_tree::ancestor.eq(*ancestor), org_unit_tree::descendant.eq(unit.id), org_unit_tree::depth.eq(*depth));
        diesel::insert_into(org_unit_tree::table).values(row).execute(rows.conn())?;
    }
    Ok(())
}

/// The units above, with their distance from a unit that would hang under `parent`.
pub fn ancestors_under(tx: &mut ReadTx<'_>, parent: Option<UnitId>) -> Result<Vec<(UnitId, i32)>, Error> {
    let Some(parent) = parent else { return Ok(Vec::new()) };
    let rows: Vec<(UnitId, i32)> = org_unit_tree::table
        .filter(org_unit_tree::descendant.eq(parent))
        .select((org_unit_tree::ancestor, org_unit_tree::depth))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(ancestor, depth)| (ancestor, depth + 1)).collect())
}

pub fn update_unit(rows: &mut Rows<'_>, unit: &OrgUnit, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(org_unit::table.find(unit.id).filter(org_unit::version.eq(expected)))
        .set((
            org_unit::parent_id.eq(unit.parent_id),
            org_unit::code.eq(&unit.code),
            org_unit::name.eq(&unit.name),
            org_unit::active.eq(unit.active),
            org_unit::version.eq(expected + 1),
        ))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

/// Deletes a unit that nothing hangs under and nobody works in.
pub fn delete_unit(rows: &mut Rows<'_>, id: UnitId, expected: i32) -> Result<(), Error> {
    diesel::delete(org_unit_tree::table.filter(org_unit_tree::descendant.eq(id))).execute(rows.conn())?;
    let gone = diesel::delete(org_unit::table.find(id).filter(org_unit::version.eq(expected))).execute(rows.conn());
    rows.hit_one(db::unreferred(gone)?)
}

/// Hangs a subtree elsewhere: cuts it from everything above, joins it to the new ancestors.
pub fn move_subtree(rows: &mut Rows<'_>, moved: &[(UnitId, i32)], ancestors: &[(UnitId, i32)]) -> Result<(), Error> {
    let inside: Vec<UnitId> = moved.iter().map(|(id, _)| *id).collect();
    diesel::delete(
        org_unit_tree::table
            .filter(one_of(org_unit_tree::descendant, inside.iter().copied()))
            .filter(diesel::dsl::not(one_of(org_unit_tree::ancestor, inside.iter().copied()))),
    )
    .execute(rows.conn())?;
    for (ancestor, above) in ancestors {
        for (descendant, below) in moved {
            let row =
                (org_unit_tree::ancestor.eq(*ancestor), org_unit_tree::descendant.eq(*descendant), org_unit_tree::depth.eq(above + below));
            diesel::insert_into(org_unit_tree::table).values(row).execute(rows.conn())?;
        }
    }
    Ok(())
}

/// A unit's descendants with their depth below it.
pub fn subtree(tx: &mut ReadTx<'_>, root: UnitId) -> Result<Vec<(UnitId, i32)>, Error> {
    Ok(org_unit_tree::table
        .filter(org_unit_tree::ancestor.eq(root))
        .select((org_unit_tree::descendant, org_unit_tree::depth))
        .load(tx.conn())?)
}

pub fn set_head(rows: &mut Rows<'_>, unit: UnitId, head: Option<PersonId>) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(org_unit_head::table.filter(org_unit_head::unit_id.eq(unit)).filter(org_unit_head::valid_to.is_null()))
        .set(org_unit_head::valid_to.eq(now))
        .execute(rows.conn())?;
    if let Some(head) = head {
        let row = (
            org_unit_head::id.eq(PostId::new()),
            org_unit_head::unit_id.eq(unit),
            org_unit_head::person_id.eq(head),
            org_unit_head::valid_from.eq(now),
        );
        diesel::insert_into(org_unit_head::table).values(row).execute(rows.conn())?;
    }
    Ok(())
}

// People.

#[derive(Clone, Debug, Default)]
pub struct PeopleFilter {
    pub words: Option<String>,
    pub unit: Option<UnitId>,
    pub active: Option<bool>,
}

pub fn people(tx: &mut ReadTx<'_>, filter: &PeopleFilter, page: &PageRequest) -> Result<Vec<Person>, Error> {
    let backend = tx.backend();
    let mut query = person::table.select(Person::as_select()).into_boxed();
    if let Some(active) = filter.active {
        query = query.filter(person::active.eq(active));
    }
    if let Some(unit) = filter.unit {
        let below = org_unit_tree::table.filter(org_unit_tree::ancestor.eq(unit)).select(org_unit_tree::descendant);
        let there = post::table.filter(post::valid_to.is_null()).filter(post::unit_id.eq_any(below)).select(post::person_id);
        query = query.filter(person::id.eq_any(there));
    }
    if let Some(words) = &filter.words {
        query = query.filter(db::search::matches(backend, "person.id", "person", words));
    }
    if let Some(after) = &page.after {
        let (name, id): (String, PersonId) = after.key()?;
        query = query.filter(person::name_key.ge(name.clone()).and(person::name_key.gt(name).or(person::id.gt(id))));
    }
    Ok(query.order((person::name_key, person::id)).limit(page.limit + 1).load(tx.conn())?)
}

pub fn person(tx: &mut ReadTx<'_>, id: PersonId) -> Result<Option<Person>, Error> {
    Ok(person::table.find(id).select(Person::as_select()).get_result(tx.conn()).optional()?)
}

pub fn person_by_login(tx: &mut ReadTx<'_>, login: &str) -> Result<Option<Person>, Error> {
    Ok(person::table.filter(person::login.eq(login)).select(Person::as_select()).get_result(tx.conn()).optional()?)
}

pub fn person_by_number(tx: &mut ReadTx<'_>, number: &str) -> Result<Option<Person>, Error> {
    Ok(person::table.filter(person::employee_number.eq(number)).select(Person::as_select()).get_result(tx.conn()).optional()?)
}

/// The only person of this name, if there is exactly one.
pub fn person_by_name(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<Person>, Error> {
    let mut named = person::table.filter(person::name.eq(name)).select(Person::as_select()).limit(2).load(tx.conn())?;
    Ok(if named.len() == 1 { named.pop() } else { None })
}

pub fn person_names(tx: &mut ReadTx<'_>, ids: &BTreeSet<PersonId>) -> Result<HashMap<PersonId, String>, Error> {
    let rows: Vec<(PersonId, String)> =
        person::table.filter(one_of(person::id, ids.iter().copied())).select((person::id, person::name)).load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

pub fn logins(tx: &mut ReadTx<'_>, ids: &BTreeSet<PersonId>) -> Result<HashMap<PersonId, String>, Error> {
    let of = one_of(person::id, ids.iter().copied());
    let rows: Vec<(PersonId, String)> = person::table.filter(of).select((person::id, person::login)).load(tx.conn())?;
    Ok(rows.into_iter().collect())
}

pub fn anybody(tx: &mut ReadTx<'_>) -> Result<bool, Error> {
    Ok(diesel::select(diesel::dsl::exists(person::table.select(person::id))).get_result(tx.conn())?)
}

pub fn insert_person(rows: &mut Rows<'_>, row: &Person) -> Result<(), Error> {
    let name_key = person::name_key.eq(db::search::sort_key(&row.name));
    diesel::insert_into(person::table).values((row.clone(), name_key)).execute(rows.conn())?;
    db::search::add(rows, "person", row.id.uuid(), &words(row))
}

pub fn update_person(rows: &mut Rows<'_>, row: &Person, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(person::table.find(row.id).filter(person::version.eq(expected)))
        .set((
            person::name.eq(&row.name),
            person::name_key.eq(db::search::sort_key(&row.name)),
            person::employee_number.eq(&row.employee_number),
            person::email.eq(&row.email),
            person::phone.eq(&row.phone),
            person::active.eq(row.active),
            person::language.eq(row.language),
            person::theme.eq(row.theme),
            person::version.eq(expected + 1),
        ))
        .execute(rows.conn())?;
    rows.hit_one(hit)?;
    db::search::replace(rows, "person", row.id.uuid(), &words(row))
}

/// Deletes a person of whom there is nothing but a post and a role.
pub fn delete_person(rows: &mut Rows<'_>, id: PersonId, expected: i32) -> Result<(), Error> {
    diesel::delete(post::table.filter(post::person_id.eq(id))).execute(rows.conn())?;
    diesel::delete(role_assignment::table.filter(role_assignment::person_id.eq(id))).execute(rows.conn())?;
    db::search::remove(rows, "person", id.uuid())?;
    let gone = diesel::delete(person::table.find(id).filter(person::version.eq(expected))).execute(rows.conn());
    rows.hit_one(db::unreferred(gone)?)
}

/// What a person is found by.
fn words(row: &Person) -> String {
    [Some(&row.name), Some(&row.login), row.employee_number.as_ref()].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")
}

/// Counts one change of a person that lies in another table: a post, a role.
pub fn bump_person(rows: &mut Rows<'_>, id: PersonId, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(person::table.find(id).filter(person::version.eq(expected)))
        .set(person::version.eq(expected + 1))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

// Posts.

pub fn posts(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<Post>, Error> {
    Ok(post::table.filter(post::person_id.eq(person)).select(Post::as_select()).order(post::valid_from.desc()).load(tx.conn())?)
}

pub fn main_posts(tx: &mut ReadTx<'_>, people: &[PersonId]) -> Result<HashMap<PersonId, (UnitRef, String)>, Error> {
    let rows: Vec<(PersonId, UnitId, String, String)> = post::table
        .inner_join(org_unit::table.on(org_unit::id.eq(post::unit_id)))
        .filter(one_of(post::person_id, people.iter().copied()))
        .filter(post::kind.eq(PostType::Main))
        .filter(post::valid_to.is_null())
        .select((post::person_id, org_unit::id, org_unit::name, post::title))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(person, id, name, title)| (person, (UnitRef { id, name }, title))).collect())
}

/// Name of a person, whether they work here, and the unit of their main post.
pub fn main_post(tx: &mut ReadTx<'_>, id: PersonId) -> Result<Option<(String, bool, UnitRef)>, Error> {
    let row: Option<(String, bool, UnitId, String)> = person::table
        .inner_join(post::table.on(post::person_id.eq(person::id)))
        .inner_join(org_unit::table.on(org_unit::id.eq(post::unit_id)))
        .filter(person::id.eq(id))
        .filter(post::kind.eq(PostType::Main))
        .filter(post::valid_to.is_null())
        .select((person::name, person::active, org_unit::id, org_unit::name))
        .get_result(tx.conn())
        .optional()?;
    Ok(row.map(|(person, active, id, name)| (person, active, UnitRef { id, name })))
}

pub fn insert_post(rows: &mut Rows<'_>, row: &Post) -> Result<(), Error> {
    diesel::insert_into(post::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn end_post(rows: &mut Rows<'_>, id: PostId) -> Result<(), Error> {
    let now = rows.now();
    let hit = diesel::update(post::table.find(id).filter(post::valid_to.is_null())).set(post::valid_to.eq(now)).execute(rows.conn())?;
    rows.hit_one(hit)
}

// Roles.

pub fn roles(tx: &mut ReadTx<'_>) -> Result<Vec<Role>, Error> {
    Ok(role::table.select(Role::as_select()).order(role::code).load(tx.conn())?)
}

pub fn role(tx: &mut ReadTx<'_>, id: RoleId) -> Result<Option<Role>, Error> {
    Ok(role::table.find(id).select(Role::as_select()).get_result(tx.conn()).optional()?)
}

pub fn role_by_code(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<Role>, Error> {
    Ok(role::table.filter(role::code.eq(code)).select(Role::as_select()).get_result(tx.conn()).optional()?)
}

pub fn permissions(tx: &mut ReadTx<'_>) -> Result<HashMap<RoleId, Vec<Permission>>, Error> {
    let rows: Vec<(RoleId, Permission)> =
        role_permission::table.select((role_permission::role_id, role_permission::permission)).load(tx.conn())?;
    let mut by_role: HashMap<RoleId, Vec<Permission>> = HashMap::new();
    for (role, permission) in rows {
        by_role.entry(role).or_default().push(permission);
    }
    by_role.values_mut().for_each(|permissions| permissions.sort_unstable());
    Ok(by_role)
}

pub fn insert_role(rows: &mut Rows<'_>, row: &Role, permissions: &[Permission]) -> Result<(), Error> {
    diesel::insert_into(role::table).values(row.clone()).execute(rows.conn())?;
    set_permissions(rows, row.id, permissions)
}

pub fn update_role(rows: &mut Rows<'_>, row: &Role, permissions: &[Permission], expected: i32) -> Result<(), Error> {
    let hit = diesel::update(role::table.find(row.id).filter(role::version.eq(expected)))
        .set((role::name.eq(&row.name), role::exclusive.eq(row.exclusive), role::version.eq(expected + 1)))
        .execute(rows.conn())?;
    rows.hit_one(hit)?;
    set_permissions(rows, row.id, permissions)
}

fn set_permissions(rows: &mut Rows<'_>, id: RoleId, permissions: &[Permission]) -> Result<(), Error> {
    diesel::delete(role_permission::table.filter(role_permission::role_id.eq(id))).execute(rows.conn())?;
    for permission in permissions {
        diesel::insert_into(role_permission::table)
            .values((role_permission::role_id.eq(id), role_permission::permission.eq(*permission)))
            .execute(rows.conn())?;
    }
    Ok(())
}

pub fn assignments(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<Assignment>, Error> {
    Ok(role_assignment::table
        .filter(role_assignment::person_id.eq(person))
        .filter(role_assignment::valid_to.is_null())
        .select(Assignment::as_select())
        .order(role_assignment::id)
        .load(tx.conn())?)
}

/// How many active people hold a role.
pub fn holders(tx: &mut ReadTx<'_>, role: RoleId) -> Result<i64, Error> {
    Ok(role_assignment::table
        .inner_join(person::table.on(person::id.eq(role_assignment::person_id)))
        .filter(role_assignment::role_id.eq(role))
        .filter(role_assignment::valid_to.is_null())
        .filter(person::active.eq(true))
        .count()
        .get_result(tx.conn())?)
}

pub fn insert_assignment(rows: &mut Rows<'_>, row: &Assignment) -> Result<(), Error> {
    diesel::insert_into(role_assignment::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn end_assignment(rows: &mut Rows<'_>, id: AssignmentId) -> Result<(), Error> {
    let now = rows.now();
    let hit = diesel::update(role_assignment::table.find(id).filter(role_assignment::valid_to.is_null()))
        .set(role_assignment::valid_to.eq(now))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

/// What a person may do today, and how far it reaches.
pub fn grants(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Grants, Error> {
    let rows: Vec<(Permission, RoleScope, Option<UnitId>)> = role_assignment::table
        .inner_join(role_permission::table.on(role_permission::role_id.eq(role_assignment::role_id)))
        .filter(role_assignment::person_id.eq(person))
        .filter(role_assignment::valid_to.is_null())
        .select((role_permission::permission, role_assignment::scope, role_assignment::unit_id))
        .load(tx.conn())?;
    let mut below: BTreeMap<UnitId, Vec<UnitId>> = BTreeMap::new();
    let mut grants = Grants::new();
    for (permission, scope, unit) in rows {
        let reach = grants.entry(permission).or_default();
        match (scope, unit) {
            (RoleScope::All, _) => reach.all = true,
            (RoleScope::Own, _) => reach.own = true,
            (RoleScope::Unit, Some(unit)) => {
                reach.units.insert(unit);
                reach.closure.insert(unit);
            }
            (RoleScope::Subtree, Some(unit)) => {
                let units = match below.entry(unit) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => new.insert(descendants(tx, unit)?),
                };
                reach.roots.insert(unit);
                reach.closure.extend(units.iter());
            }
            (RoleScope::Unit | RoleScope::Subtree, None) => {}
        }
    }
    Ok(grants)
}

// Credentials.

#[derive(Clone, Debug, Queryable)]
pub struct Credential {
    pub password_hash: String,
    pub must_change: bool,
    pub expires_at: Option<Ts>,
}

pub fn credential(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Option<Credential>, Error> {
    Ok(credential::table
        .find(person)
        .select((credential::password_hash, credential::must_change, credential::expires_at))
        .get_result(tx.conn())
        .optional()?)
}

pub fn former_passwords(tx: &mut ReadTx<'_>, person: PersonId, limit: i64) -> Result<Vec<String>, Error> {
    Ok(password_history::table
        .filter(password_history::person_id.eq(person))
        .order(password_history::changed_at.desc())
        .limit(limit)
        .select(password_history::password_hash)
        .load(tx.conn())?)
}

pub fn set_password(rows: &mut Rows<'_>, person: PersonId, hash: &str, must_change: bool, expires_at: Option<Ts>) -> Result<(), Error> {
    let now = rows.now();
    diesel::delete(credential::table.find(person)).execute(rows.conn())?;
    diesel::insert_into(credential::table)
        .values((
            credential::person_id.eq(person),
            credential::password_hash.eq(hash),
            credential::must_change.eq(must_change),
            credential::expires_at.eq(expires_at),
            credential::changed_at.eq(now),
        ))
        .execute(rows.conn())?;
    if !must_change {
        diesel::insert_into(password_history::table)
            .values((
                password_history::person_id.eq(person),
                password_history::changed_at.eq(now),
                password_history::password_hash.eq(hash),
            ))
            .execute(rows.conn())?;
    }
    Ok(())
}

// Locks after wrong passwords.

pub fn locked_until(tx: &mut ReadTx<'_>, subject: &str) -> Result<Option<Ts>, Error> {
    let now = tx.now();
    let until: Option<Option<Ts>> =
        login_throttle::table.find(subject).select(login_throttle::locked_until).get_result(tx.conn()).optional()?;
    Ok(until.flatten().filter(|until| *until > now))
}

/// Counts a failure; locks at the limit within the window.
pub fn count_failure(rows: &mut Rows<'_>, subject: &str, limit: i32, window_seconds: i64, lock_seconds: i64) -> Result<(), Error> {
    use login_throttle::dsl;
    let now = rows.now();
    let known: Option<(i32, Ts)> =
        dsl::login_throttle.find(subject).select((dsl::failures, dsl::window_from)).get_result(rows.conn()).optional()?;
    let (failures, from) = match known {
        Some((failures, from)) if from.plus_seconds(window_seconds) > now => (failures + 1, from),
        _ => (1, now),
    };
    let locked = (failures >= limit).then(|| now.plus_seconds(lock_seconds));
    diesel::delete(dsl::login_throttle.find(subject)).execute(rows.conn())?;
    diesel::insert_into(dsl::login_throttle)
        .values((dsl::subject.eq(subject), dsl::failures.eq(failures), dsl::window_from.eq(from), dsl::locked_until.eq(locked)))
        .execute(rows.conn())?;
    Ok(())
}

pub fn forget_failures(rows: &mut Rows<'_>, subject: &str) -> Result<(), Error> {
    diesel::delete(login_throttle::table.find(subject)).execute(rows.conn())?;
    Ok(())
}

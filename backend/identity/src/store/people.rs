//! People and their posts.

use std::collections::{BTreeSet, HashMap};

use db::{ReadTx, Rows, one_of};
use diesel::prelude::*;
use kernel::{Error, PageRequest, PersonId, UnitId};

use crate::{
    model::{Person, Post, PostId, PostType, UnitRef},
    schema::{org_unit, org_unit_tree, person, post, role_assignment},
};

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

/// How many active people have an address for mail that ends like this.
pub fn with_mail_at(tx: &mut ReadTx<'_>, ending: &str) -> Result<i64, Error> {
    let ends = person::email.like(format!("%{ending}"));
    Ok(person::table.filter(person::active.eq(true)).filter(ends).count().get_result(tx.conn())?)
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

//! People: come, change, leave.

use std::sync::OnceLock;

use db::{Event, ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, Page, PageRequest, PersonId, Ts, UnitId};
use web::AllowedAction;

use super::{roles, sessions};
use crate::{
    directory,
    model::{
        Assignment, AssignmentId, AssignmentView, MainPost, Person, PersonDetail, PersonView, Post, PostId, PostType, PostView, RoleRef,
        RoleScope, Theme, UnitRef,
    },
    policy,
    store::{self, PeopleFilter},
};

/// An initial password works this long.
pub const INITIAL_SECONDS: i64 = 7 * 24 * 3600;

/// A new person with a main post.
#[derive(Clone, Debug)]
pub struct NewPerson {
    pub name: String,
    pub login: String,
    pub employee_number: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub unit: UnitId,
    pub title: String,
    /// The hash of an initial password, made outside.
    pub password_hash: Option<String>,
}

/// Changes of a person; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct PersonChange {
    pub name: Option<String>,
    pub employee_number: Option<Option<String>>,
    pub email: Option<Option<String>>,
    pub phone: Option<Option<String>>,
}

/// People by words, unit, state.
pub fn list(tx: &mut ReadTx<'_>, filter: &PeopleFilter, page: &PageRequest) -> Result<Page<PersonView>, Error> {
    let rows = store::people(tx, filter, page)?;
    let ids: Vec<PersonId> = rows.iter().map(|person| person.id).collect();
    let mut posts = store::main_posts(tx, &ids)?;
    Ok(page.page(rows, |person| (db::search::sort_key(&person.name), person.id)).map(|person| {
        let main = posts.remove(&person.id);
        view_of(person, main)
    }))
}

fn view_of(person: Person, main: Option<(UnitRef, String)>) -> PersonView {
    PersonView {
        id: person.id,
        name: person.name,
        login: person.login,
        employee_number: person.employee_number,
        email: person.email,
        phone: person.phone,
        active: person.active,
        main_post: main.map(|(unit, title)| MainPost { unit, title }),
        version: person.version,
    }
}

/// One person with posts, roles, and what the reader may do.
pub fn show(tx: &mut ReadTx<'_>, id: PersonId) -> Result<PersonDetail, Error> {
    let person = store::person(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let main = store::main_posts(tx, &[id])?.remove(&id);
    let unit = main.as_ref().map(|(unit, _)| unit.id);
    let posts = store::posts(tx, id)?;
    let held = store::assignments(tx, id)?;
    let (actor, chinese) = (tx.actor(), tx.actor().chinese);
    let roles: std::collections::HashMap<_, _> =
        store::roles(tx)?.into_iter().map(|role| (role.id, roles::shown_name(&role, chinese))).collect();
    let units = directory::units(tx, posts.iter().map(|post| post.unit_id).chain(held.iter().filter_map(|held| held.unit_id)))?;
    let locked_until = store::locked_until(tx, &format!("account:{}", person.login))?;
    let inactive = |verdict: Result<(), Error>| verdict.and(if person.active { Err(Error::new(Code::PersonActive)) } else { Ok(()) });
    let active = |verdict: Result<(), Error>| verdict.and(if person.active { Ok(()) } else { Err(Error::new(Code::PersonInactive)) });
    let allowed_actions = [
        ("update", policy::check_person(actor, &person, unit)),
        ("deactivate", policy::check_deactivate(actor, &person, unit)),
        ("reactivate", inactive(policy::check_person(actor, &person, unit))),
        ("reset_password", active(policy::check_person(actor, &person, unit))),
        ("unlock", policy::check_unlock(actor, &person, locked_until.is_some())),
        ("add_post", active(policy::check_person(actor, &person, unit))),
        ("assign_role", active(policy::check_assign(actor, &person, unit))),
    ]
    .into_iter()
    .map(|(name, verdict)| AllowedAction::of(name, verdict, chinese))
    .collect();
    let unknown = |id| UnitRef { id, name: String::new() };
    Ok(PersonDetail {
        posts: posts
            .into_iter()
            .map(|post| PostView {
                id: post.id,
                unit: units.get(&post.unit_id).cloned().unwrap_or_else(|| unknown(post.unit_id)),
                title: post.title,
                kind: post.kind,
                valid_from: post.valid_from,
                valid_to: post.valid_to,
            })
            .collect(),
        roles: held
            .into_iter()
            .map(|held| AssignmentView {
                id: held.id,
                role: RoleRef { id: held.role_id, name: roles.get(&held.role_id).cloned().unwrap_or_default() },
                scope: held.scope,
                unit: held.unit_id.map(|id| units.get(&id).cloned().unwrap_or_else(|| unknown(id))),
            })
            .collect(),
        locked_until,
        allowed_actions,
        person: view_of(person, main),
    })
}

/// Adds a person, with a main post and the role of an employee.
pub fn create(tx: &mut WriteTx<'_>, new: &NewPerson) -> Result<Recorded<PersonId>, Error> {
    let unit = directory::active_unit(tx, new.unit, "/unit_id")?;
    let person = Person {
        id: PersonId::new(),
        name: new.name.clone(),
        login: new.login.to_lowercase(),
        employee_number: new.employee_number.clone(),
        email: new.email.clone(),
        phone: new.phone.clone(),
        active: true,
        language: None,
        theme: Theme::System,
        created_at: tx.now(),
        version: 1,
    };
    policy::check_person(tx.actor(), &person, Some(new.unit))?;
    if store::person_by_login(tx, &person.login)?.is_some() {
        return Err(Error::invalid("/login", Code::AlreadyTaken));
    }
    if let Some(number) = &person.employee_number
        && store::person_by_number(tx, number)?.is_some()
    {
        return Err(Error::invalid("/employee_number", Code::AlreadyTaken));
    }
    let post = Post {
        id: PostId::new(),
        person_id: person.id,
        unit_id: new.unit,
        title: new.title.clone(),
        kind: PostType::Main,
        valid_from: tx.now(),
        valid_to: None,
    };
    let employee = store::role_by_code(tx, super::bootstrap::EMPLOYEE)?;
    let expires_at = tx.now().plus_seconds(INITIAL_SECONDS);
    let mut event = Event::new("person.created", person.id, person.name.clone())
        .created()
        .unit(new.unit)
        .related(new.unit, "unit", unit.name)
        .set("name", &person.name)
        .set("login", &person.login)
        .set("employee_number", &person.employee_number)
        .set("email", &person.email)
        .set("phone", &person.phone)
        .set("title", &new.title);
    if let Some(role) = &employee {
        event = event.fact("roles", format!("{}:{}", role.code, RoleScope::Own));
    }
    tx.record(event, |rows| {
        store::insert_person(rows, &person)?;
        store::insert_post(rows, &post)?;
        if let Some(hash) = &new.password_hash {
            store::set_password(rows, person.id, hash, true, Some(expires_at))?;
        }
        if let Some(role) = &employee {
            let assignment = Assignment {
                id: AssignmentId::new(),
                person_id: person.id,
                role_id: role.id,
                scope: RoleScope::Own,
                unit_id: None,
                valid_from: rows.now(),
                valid_to: None,
            };
            store::insert_assignment(rows, &assignment)?;
        }
        Ok(person.id)
    })
}

fn managed(tx: &mut WriteTx<'_>, id: PersonId) -> Result<(Person, Option<UnitId>), Error> {
    let person = store::person(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let unit = directory::main_unit(tx, id)?;
    policy::check_person(tx.actor(), &person, unit)?;
    Ok((person, unit))
}

/// Changes what is known of a person.
pub fn change(tx: &mut WriteTx<'_>, id: PersonId, expected: i32, change: &PersonChange) -> Result<Recorded<()>, Error> {
    let (before, unit) = managed(tx, id)?;
    let mut after = before.clone();
    if let Some(name) = &change.name {
        after.name.clone_from(name);
    }
    if let Some(number) = &change.employee_number {
        if let Some(number) = number
            && store::person_by_number(tx, number)?.is_some_and(|other| other.id != id)
        {
            return Err(Error::invalid("/employee_number", Code::AlreadyTaken));
        }
        after.employee_number.clone_from(number);
    }
    if let Some(email) = &change.email {
        after.email.clone_from(email);
    }
    if let Some(phone) = &change.phone {
        after.phone.clone_from(phone);
    }
    let event = Event::new("person.updated", id, after.name.clone())
        .step(before.version)
        .unit(unit)
        .change("name", &before.name, &after.name)
        .change("employee_number", &before.employee_number, &after.employee_number)
        .change("email", &before.email, &after.email)
        .change("phone", &before.phone, &after.phone);
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_person(rows, &after, expected))
}

/// One's own language and theme.
pub fn change_preferences(
    tx: &mut WriteTx<'_>,
    expected: i32,
    language: Option<crate::model::Language>,
    theme: Option<Theme>,
) -> Result<Recorded<()>, Error> {
    let id = tx.actor().require_person()?;
    let before = store::person(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let after = Person { language: language.or(before.language), theme: theme.unwrap_or(before.theme), ..before.clone() };
    let event = Event::new("person.preferences_changed", id, after.name.clone())
        .step(before.version)
        .unit(tx.actor().unit)
        .change("language", &before.language, &after.language)
        .change("theme", &before.theme, &after.theme);
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update_person(rows, &after, expected))
}

type Work = fn(&mut ReadTx<'_>, PersonId) -> Result<i64, Error>;
/// A need against the arrow: tickets and equipment know people, not the reverse.
static WORK: OnceLock<Vec<Work>> = OnceLock::new();

/// Says how work in somebody's hands is counted; `server` registers it once.
pub fn register_work(counts: Vec<Work>) {
    WORK.get_or_init(|| counts);
}

/// The person leaves: sessions end at once, posts and roles stay on record. One system administrator remains.
pub fn deactivate(tx: &mut WriteTx<'_>, id: PersonId, expected: i32, reason: &str) -> Result<Recorded<()>, Error> {
    let (before, unit) = managed(tx, id)?;
    policy::check_deactivate(tx.actor(), &before, unit)?;
    for count in WORK.get().into_iter().flatten() {
        if count(tx, id)? > 0 {
            return Err(Error::new(Code::PersonHasWork));
        }
    }
    for held in store::assignments(tx, id)? {
        if store::role(tx, held.role_id)?.is_some_and(|role| roles::is_chief(&role)) && store::holders(tx, held.role_id)? <= 1 {
            return Err(Error::new(Code::LastAdministrator));
        }
    }
    sessions::end_all(tx, id, "person_deactivated", None)?;
    let after = Person { active: false, ..before.clone() };
    let event = Event::new("person.deactivated", id, before.name.clone())
        .step(before.version)
        .unit(unit)
        .change("active", &true, &false)
        .note(Some(reason.to_owned()));
    tx.record(event, |rows| store::update_person(rows, &after, expected))
}

/// The person is back; a new initial password opens the account.
pub fn reactivate(tx: &mut WriteTx<'_>, id: PersonId, expected: i32) -> Result<Recorded<()>, Error> {
    let (before, unit) = managed(tx, id)?;
    if before.active {
        return Err(Error::new(Code::PersonActive));
    }
    let after = Person { active: true, ..before.clone() };
    let event = Event::new("person.reactivated", id, before.name.clone()).step(before.version).unit(unit).change("active", &false, &true);
    tx.record(event, |rows| store::update_person(rows, &after, expected))
}

/// A new initial password; everything that was open with the old one ends.
pub fn reset_password(tx: &mut WriteTx<'_>, id: PersonId, expected: i32, hash: &str) -> Result<Recorded<()>, Error> {
    let (before, unit) = managed(tx, id)?;
    if !before.active {
        return Err(Error::new(Code::PersonInactive));
    }
    sessions::end_all(tx, id, "password_reset", None)?;
    let expires_at: Ts = tx.now().plus_seconds(INITIAL_SECONDS);
    let event = Event::new("password.reset", id, before.name.clone()).step(before.version).unit(unit);
    tx.record(event, |rows| {
        store::bump_person(rows, id, expected)?;
        store::forget_failures(rows, &format!("account:{}", before.login))?;
        store::set_password(rows, id, hash, true, Some(expires_at))
    })
}

/// Lifts the lock after wrong passwords.
pub fn unlock(tx: &mut WriteTx<'_>, id: PersonId, expected: i32) -> Result<Recorded<()>, Error> {
    let person = store::person(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let key = format!("account:{}", person.login);
    let locked = store::locked_until(tx, &key)?.is_some();
    policy::check_unlock(tx.actor(), &person, locked)?;
    let unit = directory::main_unit(tx, id)?;
    let event = Event::new("person.unlocked", id, person.name).step(person.version).unit(unit);
    tx.record(event, |rows| {
        store::bump_person(rows, id, expected)?;
        store::forget_failures(rows, &key)
    })
}

/// Adds a post. A new main post ends the old one at the same moment.
pub fn add_post(
    tx: &mut WriteTx<'_>,
    id: PersonId,
    expected: i32,
    unit: UnitId,
    title: &str,
    kind: PostType,
) -> Result<Recorded<()>, Error> {
    let (person, before) = managed(tx, id)?;
    if !person.active {
        return Err(Error::new(Code::PersonInactive));
    }
    let named = directory::active_unit(tx, unit, "/unit_id")?;
    policy::check_person(tx.actor(), &person, Some(unit))?;
    let old_main = store::posts(tx, id)?.into_iter().find(|post| post.kind == PostType::Main && post.valid_to.is_none());
    let post =
        Post { id: PostId::new(), person_id: id, unit_id: unit, title: title.to_owned(), kind, valid_from: tx.now(), valid_to: None };
    let event = Event::new("post.added", id, person.name)
        .step(person.version)
        .unit(before)
        .related(unit, "unit", named.name)
        .fact("kind", kind)
        .set("title", title)
        .set("unit_id", &unit);
    tx.record(event, |rows| {
        store::bump_person(rows, id, expected)?;
        if let Some(old) = old_main.as_ref().filter(|_| kind == PostType::Main) {
            store::end_post(rows, old.id)?;
        }
        store::insert_post(rows, &post)
    })
}

/// Ends a side post; the main post only gives way to another.
pub fn end_post(tx: &mut WriteTx<'_>, id: PersonId, expected: i32, post: PostId) -> Result<Recorded<()>, Error> {
    let (person, unit) = managed(tx, id)?;
    let row = store::posts(tx, id)?.into_iter().find(|row| row.id == post && row.valid_to.is_none()).ok_or_else(|| Error::absent(post))?;
    if row.kind == PostType::Main {
        return Err(Error::new(Code::PostLastMain));
    }
    let event =
        Event::new("post.ended", id, person.name).step(person.version).unit(unit).related(row.unit_id, "unit", "").fact("kind", row.kind);
    tx.record(event, |rows| {
        store::bump_person(rows, id, expected)?;
        store::end_post(rows, post)
    })
}

/// Takes back an account that an import made and nobody has used. The only way in which a person goes: nothing ever referred to it.
pub fn take_back(tx: &mut WriteTx<'_>, id: PersonId, expected: i32) -> Result<Recorded<()>, Error> {
    let (before, unit) = managed(tx, id)?;
    let event = Event::new("person.withdrawn", id, before.name.clone())
        .step(expected)
        .unit(unit)
        .change("name", &Some(&before.name), &None)
        .change("login", &Some(&before.login), &None)
        .change("employee_number", &before.employee_number, &None);
    tx.record(event, |rows| store::delete_person(rows, id, expected))
}

//! A record as an event of the Open Cybersecurity Schema Framework (OCSF 1.8.0), for systems that watch over security (SIEM).
//!
//! Log-ins, accounts and roles have classes of their own; everything else is the management of an entity. What the schema has no place
//! for stands under `unmapped`, and the record itself, byte for byte, in `raw_data`: SHA-256 of a zero byte and these bytes is its leaf.
//! Names and addresses are told while the log has them; what changed in which field is not: it would leave the reach of an erasure.

use serde_json::{Map, Value, json};

use crate::ledger::{Entry, Touched};

/// The version of the schema.
pub const VERSION: &str = "1.8.0";

/// A class of events, all of them of the category Identity & Access Management (3).
#[derive(Clone, Copy)]
enum Class {
    AccountChange = 3001,
    Authentication = 3002,
    EntityManagement = 3004,
    UserAccess = 3005,
}

impl Class {
    const fn name(self) -> &'static str {
        match self {
            Self::AccountChange => "Account Change",
            Self::Authentication => "Authentication",
            Self::EntityManagement => "Entity Management",
            Self::UserAccess => "User Access Management",
        }
    }
}

/// What the schema has no activity for goes by its own name.
const OTHER: u32 = 99;

/// The class of an event, and what it is in it.
fn activity(action: &str) -> (Class, u32, &str) {
    use Class::{AccountChange, Authentication, EntityManagement, UserAccess};
    match action {
        "session.opened" | "login.failed" => (Authentication, 1, "Logon"),
        "session.ended" => (Authentication, 2, "Logoff"),
        "person.created" => (AccountChange, 1, "Create"),
        "person.reactivated" => (AccountChange, 2, "Enable"),
        "password.changed" => (AccountChange, 3, "Password Change"),
        "password.reset" => (AccountChange, 4, "Password Reset"),
        "person.deactivated" => (AccountChange, 5, "Disable"),
        "person.withdrawn" => (AccountChange, 6, "Delete"),
        "person.locked" => (AccountChange, 9, "Lock"),
        "person.unlocked" => (AccountChange, 12, "Unlock"),
        "role.assigned" => (UserAccess, 1, "Assign Privileges"),
        "role.revoked" => (UserAccess, 2, "Revoke Privileges"),
        _ => match action.rsplit('.').next().unwrap_or_default() {
            "created" | "added" => (EntityManagement, 1, "Create"),
            "exported" | "downloaded" | "taken" => (EntityManagement, 2, "Read"),
            "updated" | "changed" => (EntityManagement, 3, "Update"),
            "erased" | "discarded" => (EntityManagement, 4, "Delete"),
            _ => (EntityManagement, OTHER, action),
        },
    }
}

/// An id, with its name while the log has it.
fn named(id: impl serde::Serialize, name: &str) -> Map<String, Value> {
    let mut object = Map::from_iter([("uid".to_owned(), json!(id))]);
    if !name.is_empty() {
        object.insert("name".to_owned(), name.into());
    }
    object
}

/// Whoever acted: a person is a user (1), a program the system (3) or another (99). Nobody is known of who was not logged in.
fn actor(entry: &Entry) -> Option<Value> {
    let (type_id, kind) = match entry.actor_kind.as_str() {
        "person" => (1, "User"),
        "system_job" | "bootstrap" => (3, "System"),
        "anonymous" => return None,
        other => (OTHER, other),
    };
    let mut user = entry.actor.map_or_else(Map::new, |id| named(id, &entry.actor_name));
    if user.is_empty() {
        user.insert("name".to_owned(), if entry.actor_name.is_empty() { kind.into() } else { entry.actor_name.as_str().into() });
    }
    user.extend([("type_id".to_owned(), json!(type_id)), ("type".to_owned(), json!(kind))]);
    Some(json!({ "user": user }))
}

/// The record as an event. The same record gives the same event, as long as its details are there.
#[must_use]
pub fn event(entry: &Entry) -> Value {
    let (class, activity_id, activity_name) = activity(&entry.action);
    let class_uid = class as u32;
    let done = entry.outcome == "success";
    let touched = |one: &Touched| json!({ "kind": one.kind, "uid": one.id, "role": one.role, "name": one.label });
    let mut event = json!({
        "category_uid": 3,
        "category_name": "Identity & Access Management",
        "class_uid": class_uid,
        "class_name": class.name(),
        "activity_id": activity_id,
        "activity_name": activity_name,
        "type_uid": class_uid * 100 + activity_id,
        "time": entry.happened().millis(),
        // 1 is informational, 2 low: whoever watches decides what matters.
        "severity_id": if done { 1 } else { 2 },
        "status_id": if done { 1 } else { 2 },
        "status": if done { "Success" } else { "Failure" },
        "message": if entry.label.is_empty() { entry.action.clone() } else { format!("{} {}", entry.action, entry.label) },
        "metadata": {
            "version": VERSION,
            "product": { "name": "Zhidu", "vendor_name": "Zhidu", "version": env!("CARGO_PKG_VERSION") },
            "uid": entry.id,
            "sequence": entry.index,
            "event_code": entry.action,
            "logged_time": entry.time.millis(),
        },
        "raw_data": entry.canonical,
        "unmapped": {
            "outcome": entry.outcome,
            "facts": entry.facts,
            "clauses": entry.clauses,
            "unit": entry.unit,
            "actor_unit": entry.actor_unit,
            "related": entry.related.iter().map(touched).collect::<Vec<_>>(),
        },
    });
    let mut set = |name: &str, value: Value| {
        if let Some(event) = event.as_object_mut() {
            event.insert(name.to_owned(), value);
        }
    };
    if let Some(reason) = &entry.reason {
        set("status_detail", json!(reason));
    }
    if let Some(actor) = actor(entry) {
        set("actor", actor);
    }
    if let Some(address) = &entry.address {
        set("src_endpoint", json!({ "ip": address }));
    }
    let subject = named(entry.subject, &entry.label);
    // The subject of a log-in is the session; whose it is, it touches.
    let owner = || entry.touched("person").map_or_else(|| subject.clone(), |person| named(person.id, &person.label));
    match class {
        Class::EntityManagement => {
            let mut entity = subject;
            entity.insert("type".to_owned(), json!(entry.subject_kind));
            set("entity", json!(entity));
        }
        Class::Authentication => {
            set("user", json!(owner()));
            set("service", json!({ "name": "Zhidu" }));
        }
        Class::AccountChange => set("user", json!(owner())),
        Class::UserAccess => {
            set("user", json!(owner()));
            set("privileges", json!([entry.fact("role").unwrap_or_default()]));
        }
    }
    event
}

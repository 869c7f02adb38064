//! Who acts, and how far their rights reach.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{Error, Permission, PersonId, UnitId, Uuid};

kernel::text_enum! {
    /// Who may stand in a record as its actor.
    pub enum ActorKind {
        /// A person in the page.
        Person = "person",
        /// A program with a person's access token.
        Token = "token",
        /// An inventory agent on a device.
        DeviceAgent = "device_agent",
        /// A background job.
        SystemJob = "system_job",
        /// Nobody known: before log-in.
        Anonymous = "anonymous",
        /// The one-time set-up.
        Bootstrap = "bootstrap",
    }
}

/// How far one permission reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Every row.
    pub all: bool,
    /// Rows of the actor's own.
    pub own: bool,
    /// Rows of these units and everything below them.
    pub roots: BTreeSet<UnitId>,
    /// Rows of exactly these units.
    pub units: BTreeSet<UnitId>,
    /// `roots` with everything below them, and `units`: what pure policy looks at.
    pub closure: BTreeSet<UnitId>,
}

impl Reach {
    /// Whether a row of this unit is reached, the actor's own rows apart.
    #[must_use]
    pub fn unit(&self, unit: Option<UnitId>) -> bool {
        self.all || unit.is_some_and(|unit| self.closure.contains(&unit))
    }
}

/// Permissions with their reach.
pub type Grants = BTreeMap<Permission, Reach>;

/// What the records that a request wrote can be held to: `<id>;leaf=<leaf hash in Base 64>` of each, in order.
#[derive(Clone, Debug, Default)]
pub struct Receipts(Arc<Mutex<Vec<String>>>);

impl Receipts {
    /// These records have been written.
    pub fn add(&self, records: Vec<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(records);
    }

    /// Those of the request so far.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Who acts in a request or job.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The person, or the agent's credential or job; none when anonymous.
    pub id: Option<Uuid>,
    /// The name as it stands at this moment, copied into records.
    pub name: String,
    /// The unit of the main post.
    pub unit: Option<UnitId>,
    /// The session or token used.
    pub session: Option<Uuid>,
    /// The client's address as seen (or as a trusted proxy said).
    pub address: Option<String>,
    /// The client's own description of itself.
    pub user_agent: Option<String>,
    /// One id for everything that one request writes.
    pub request_id: Uuid,
    /// W3C trace id, when the caller sent one.
    pub trace_id: Option<String>,
    /// `POST /tickets/{id}/dispatch`: what was attempted, for records of refusals.
    pub operation: String,
    /// What the actor may do.
    pub grants: Arc<Grants>,
    /// The reader's language: Chinese unless English was asked for.
    pub chinese: bool,
    /// Where the receipts of a request go; none for jobs, to whom nobody answers.
    pub receipts: Option<Receipts>,
}

impl Actor {
    /// A background job or other actor without rights of its own.
    #[must_use]
    pub fn of_kind(kind: ActorKind, name: &str) -> Self {
        Self {
            kind,
            id: None,
            name: name.to_owned(),
            unit: None,
            session: None,
            address: None,
            user_agent: None,
            request_id: Uuid::from(PersonId::new()),
            trace_id: None,
            operation: name.to_owned(),
            grants: Arc::default(),
            chinese: true,
            receipts: None,
        }
    }

    /// The person who acts, in the page or through a token.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        matches!(self.kind, ActorKind::Person | ActorKind::Token).then_some(self.id).flatten().map(PersonId::from_uuid)
    }

    /// The person who acts; an error for everything that is not a person.
    pub fn require_person(&self) -> Result<PersonId, Error> {
        self.person().ok_or_else(|| Error::new(crate::Code::Unauthenticated))
    }

    /// Whether this is the acting person.
    #[must_use]
    pub fn is(&self, person: PersonId) -> bool {
        self.person() == Some(person)
    }

    /// Whether the actor holds the permission anywhere.
    #[must_use]
    pub fn holds(&self, permission: Permission) -> bool {
        self.grants.contains_key(&permission)
    }

    /// How far a permission reaches; empty if not held.
    #[must_use]
    pub fn reach(&self, permission: Permission) -> Reach {
        self.grants.get(&permission).cloned().unwrap_or_default()
    }

    /// Whether a permission reaches rows of this unit (own rows apart).
    #[must_use]
    pub fn may_in(&self, permission: Permission, unit: Option<UnitId>) -> bool {
        self.grants.get(&permission).is_some_and(|reach| reach.unit(unit))
    }

    /// Demands a permission for a unit, or for the whole company; who does not hold it there is told which.
    pub fn demand(&self, permission: Permission, unit: impl Into<Option<UnitId>>) -> Result<(), Error> {
        if self.may_in(permission, unit.into()) {
            Ok(())
        } else {
            Err(Error::forbidden(crate::Code::Forbidden).with("permission", permission))
        }
    }
}

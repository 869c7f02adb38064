//! Typed identifiers: UUIDv7, made in Rust, so that no insert needs RETURNING on either database.

use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};
use uuid::Uuid;

/// What an id identifies; its name is the `kind` of records, changes and links.
pub trait Kind: 'static {
    /// The word in the API, singular, snake_case.
    const NAME: &'static str;
}

/// The id of one thing of kind `K`. Ids of different kinds do not mix.
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow), diesel(sql_type = crate::column::DbUuid))]
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

/// Declares kinds and their id types: `kinds! { TicketKind, TicketId = "ticket"; }`.
#[macro_export]
macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident, $id:ident = $name:literal;)+) => {$(
        #[doc = concat!("The kind `", $name, "`.")]
        pub enum $kind {}
        impl $crate::Kind for $kind { const NAME: &'static str = $name; }
        $(#[$meta])*
        pub type $id = $crate::Id<$kind>;
    )+};
}

kinds! {
    /// A person, whether or not employed today.
    PersonKind, PersonId = "person";
    /// A company or a unit of one.
    UnitKind, UnitId = "org_unit";
}

impl<K> Id<K> {
    /// A new id; ids made later sort later (RFC 9562, version 7).
    #[must_use]
    #[allow(clippy::new_without_default, clippy::disallowed_methods)]
    pub fn new() -> Self {
        Self(Uuid::now_v7(), PhantomData)
    }

    /// An id read from somewhere else.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> From<Id<K>> for Uuid {
    fn from(id: Id<K>) -> Self {
        id.0
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hyphenated(text).map(Self::from_uuid)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("expected a UUID"))
    }
}
impl<K> utoipa::PartialSchema for Id<K> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into()
    }
}
impl<K> utoipa::ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

/// One spelling only: the `uuid` crate alone would also accept braces, `urn:` and bare hex.
fn hyphenated(text: &str) -> Result<Uuid, uuid::Error> {
    if text.len() == 36 { Uuid::try_parse(text) } else { Uuid::try_parse("") }
}

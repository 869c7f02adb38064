//! Column types that one `schema.rs` can use on both databases.
//!
//! | type | PostgreSQL | SQLite (STRICT) |
//! |---|---|---|
//! | [`DbUuid`] | uuid | blob of 16 bytes |
//! | [`DbTs`] | timestamptz | integer, microseconds since 1970 |
//! | [`DbJson`] | jsonb | text |
//!
//! `db` adds the third implementation, for its enum over both connections.

use std::io::Write as _;

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql},
    pg::{Pg, PgValue},
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{BigInt, Binary, SqlType, Text},
    sqlite::Sqlite,
};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{Date, Id, Ts};

/// A UUID.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct DbUuid;

/// An instant.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct DbTs;

/// A JSON document, passed through as text.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807))]
#[diesel(sqlite_type(name = "Text"))]
pub struct DbJson;

const PG_EPOCH_MICROS: i64 = 946_684_800_000_000;

/// A bare UUID as a column, where the kind is data (subjects of records, related objects).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = DbUuid)]
pub struct AnyId(pub Uuid);

impl<K> From<Id<K>> for AnyId {
    fn from(id: Id<K>) -> Self {
        Self(id.uuid())
    }
}

/// JSON text as it lies in the database.
#[derive(Debug, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = DbJson)]
pub struct RawJson(pub Box<RawValue>);

impl Clone for RawJson {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl RawJson {
    /// Serializes a value; fails only for maps whose keys are not text.
    pub fn of(value: &impl serde::Serialize) -> Result<Self, crate::Error> {
        serde_json::value::to_raw_value(value).map(Self).map_err(crate::Error::internal)
    }

    /// Reads the document as a value of ours.
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, crate::Error> {
        serde_json::from_str(self.0.get()).map_err(crate::Error::internal)
    }
}

macro_rules! uuid_column {
    ([$($generics:tt)*] $type:ty, $get:expr, $make:expr) => {
        impl<$($generics)*> ToSql<DbUuid, Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all($get(self).as_bytes())?;
                Ok(IsNull::No)
            }
        }
        impl<$($generics)*> ToSql<DbUuid, Sqlite> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value($get(self).as_bytes().to_vec());
                Ok(IsNull::No)
            }
        }
        impl<$($generics)*> FromSql<DbUuid, Pg> for $type {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok($make(Uuid::from_slice(value.as_bytes())?))
            }
        }
        impl<$($generics)*> FromSql<DbUuid, Sqlite> for $type {
            fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
                Ok($make(Uuid::from_slice(&bytes)?))
            }
        }
    };
}
uuid_column!([K: 'static] Id<K>, |id: &Id<K>| id.uuid(), Id::from_uuid);
uuid_column!([] AnyId, |id: &AnyId| id.0, AnyId);

impl ToSql<DbTs, Pg> for Ts {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(self.micros() - PG_EPOCH_MICROS).to_be_bytes())?;
        Ok(IsNull::No)
    }
}
impl ToSql<DbTs, Sqlite> for Ts {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.micros());
        Ok(IsNull::No)
    }
}
impl FromSql<DbTs, Pg> for Ts {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        Ok(Self::from_micros(micros.saturating_add(PG_EPOCH_MICROS)))
    }
}
impl FromSql<DbTs, Sqlite> for Ts {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, Sqlite>>::from_sql(value).map(Self::from_micros)
    }
}

impl ToSql<DbJson, Pg> for RawJson {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[1])?;
        out.write_all(self.0.get().as_bytes())?;
        Ok(IsNull::No)
    }
}
impl ToSql<DbJson, Sqlite> for RawJson {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.get());
        Ok(IsNull::No)
    }
}
impl FromSql<DbJson, Pg> for RawJson {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            [1, text @ ..] => Ok(Self(serde_json::from_slice(text)?)),
            _ => Err("unknown version of jsonb".into()),
        }
    }
}
impl FromSql<DbJson, Sqlite> for RawJson {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(RawValue::from_string(text)?))
    }
}

/// A type that is text in the database, on every backend.
#[macro_export]
macro_rules! text_column {
    ($type:ty, $text:expr) => {
        impl<DB> $crate::macro_support::diesel::serialize::ToSql<$crate::macro_support::diesel::sql_types::Text, DB> for $type
        where
            DB: $crate::macro_support::diesel::backend::Backend,
            str: $crate::macro_support::diesel::serialize::ToSql<$crate::macro_support::diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut $crate::macro_support::diesel::serialize::Output<'b, '_, DB>,
            ) -> $crate::macro_support::diesel::serialize::Result {
                let text: fn(&$type) -> &'static str = $text;
                <str as $crate::macro_support::diesel::serialize::ToSql<$crate::macro_support::diesel::sql_types::Text, DB>>::to_sql(
                    text(self),
                    out,
                )
            }
        }
        impl<DB> $crate::macro_support::diesel::deserialize::FromSql<$crate::macro_support::diesel::sql_types::Text, DB> for $type
        where
            DB: $crate::macro_support::diesel::backend::Backend,
            String: $crate::macro_support::diesel::deserialize::FromSql<$crate::macro_support::diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> $crate::macro_support::diesel::deserialize::Result<Self> {
                let text = <String as $crate::macro_support::diesel::deserialize::FromSql<
                    $crate::macro_support::diesel::sql_types::Text,
                    DB,
                >>::from_sql(value)?;
                Ok(text.parse()?)
            }
        }
    };
}

impl FromSql<Text, Pg> for Date {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(<String as FromSql<Text, Pg>>::from_sql(value)?.parse()?)
    }
}
impl FromSql<Text, Sqlite> for Date {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(<String as FromSql<Text, Sqlite>>::from_sql(value)?.parse()?)
    }
}
impl ToSql<Text, Pg> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.to_string().as_bytes())?;
        Ok(IsNull::No)
    }
}
impl ToSql<Text, Sqlite> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

//! The column types of `kernel` on the enum over both connections.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{HasSqlType, Text},
};
use kernel::{
    Date, Id, Ts,
    column::{AnyId, DbJson, DbTs, DbUuid, RawJson},
};

use crate::connection::MultiBackend;

macro_rules! multi_sql_type {
    ($sql:ty) => {
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }
    };
}
multi_sql_type!(DbUuid);
multi_sql_type!(DbTs);
multi_sql_type!(DbJson);

macro_rules! multi_value {
    ([$($generics:tt)*] $rust:ty, $sql:ty) => {
        impl<$($generics)*> FromSql<$sql, MultiBackend> for $rust {
            fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<$rust, $sql>()
            }
        }
        impl<$($generics)*> ToSql<$sql, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }
    };
}
multi_value!([K: 'static] Id<K>, DbUuid);
multi_value!([] AnyId, DbUuid);
multi_value!([] Ts, DbTs);
multi_value!([] RawJson, DbJson);

impl FromSql<Text, MultiBackend> for Date {
    fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, Text>()
    }
}
impl ToSql<Text, MultiBackend> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

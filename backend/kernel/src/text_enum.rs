//! Enums that are words on the wire, in the database and in the OpenAPI document, said once.

/// Declares such an enum:
/// `text_enum! { /// Doc. pub enum State { New = "new", Closed = "closed" } }`.
///
/// `$word` is a token tree on purpose: passed on as a literal fragment, utoipa would not see the renames.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $crate::__text_column! { $name
            $(#[$meta])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[derive($crate::macro_support::serde::Serialize, $crate::macro_support::serde::Deserialize)]
            #[derive($crate::macro_support::utoipa::ToSchema)]
            #[serde(crate = "kernel::macro_support::serde")]
            pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }
        }

        impl $name {
            /// All values, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word on the wire and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $word),+ } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ other => Err(format!("unknown {}: {other}", stringify!($name))) }
            }
        }
    };
}

/// With SQL: the enum is a text column of both databases.
#[cfg(feature = "diesel")]
#[doc(hidden)]
#[macro_export]
macro_rules! __text_column {
    ($name:ident $($definition:tt)*) => {
        #[derive($crate::macro_support::diesel::expression::AsExpression, $crate::macro_support::diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = $crate::macro_support::diesel::sql_types::Text)]
        $($definition)*
        $crate::text_column!($name, |value| value.as_str());
    };
}

/// Without SQL.
#[cfg(not(feature = "diesel"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __text_column {
    ($name:ident $($definition:tt)*) => { $($definition)* };
}

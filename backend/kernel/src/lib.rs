//! Words everybody shares: ids, time, errors with one code table, permissions, the actor, the working calendar, pages.
//!
//! Nothing here knows HTTP or SQL; with the feature `diesel` the shared types become column types of both databases.

extern crate self as kernel;

pub mod actor;
pub mod calendar;
mod clock;
mod codes;
#[cfg(feature = "diesel")]
pub mod column;
pub mod durations;
mod error;
mod id;
mod page;
mod permission;
mod text_enum;
mod time;

pub use actor::{Actor, ActorKind, Grants, Reach, Receipts};
pub use clock::Clock;
pub use codes::Code;
pub use error::{Error, FieldError, Params};
pub use id::{Id, Kind, PersonId, PersonKind, UnitId, UnitKind};
pub use page::{Cursor, Page, PageRequest};
pub use permission::{Permission, may};
pub use time::{Date, OFFICE_SECONDS, Ts};
pub use uuid::Uuid;

/// Bytes in lower-case hexadecimal, as hashes are written.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a hexadecimal text; none if it is none.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>()?;
    let byte = |pair: &[u32]| u8::try_from(pair.iter().fold(0, |byte, digit| byte << 4 | digit)).ok();
    if digits.len().is_multiple_of(2) { digits.chunks(2).map(byte).collect() } else { None }
}

#[doc(hidden)]
pub mod macro_support {
    #[cfg(feature = "diesel")]
    pub use diesel;
    pub use serde;
    pub use utoipa;
}

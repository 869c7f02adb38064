//! The differences between the two databases that stores may need.

use diesel::QueryResult;
use kernel::{Code, Error};

/// The result of a deletion, which a row elsewhere that refers to the deleted one forbids.
pub fn unreferred(deleted: QueryResult<usize>) -> Result<usize, Error> {
    use diesel::result::{DatabaseErrorKind::ForeignKeyViolation, Error::DatabaseError};
    match deleted {
        Err(error @ DatabaseError(ForeignKeyViolation, _)) => Err(Error::new(Code::ImportInUse).because(error)),
        other => Ok(other?),
    }
}

/// Whether an error is a violated unique constraint, and on which: `table.column` or the constraint's name.
/// SQLite names it only in its message.
#[must_use]
pub fn violated_unique(error: &diesel::result::Error) -> Option<String> {
    use diesel::result::{DatabaseErrorKind::UniqueViolation, Error::DatabaseError};
    match error {
        DatabaseError(UniqueViolation, info) => Some(info.constraint_name().map_or_else(|| info.message().to_owned(), str::to_owned)),
        _ => None,
    }
}

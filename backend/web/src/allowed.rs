//! What a reader may do with a thing, and why not: the page shows it and decides nothing.

use serde::Serialize;
use utoipa::ToSchema;

/// Something that can be done, and why not.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AllowedAction {
    /// The operation's last word: `dispatch`, `deactivate`…
    pub name: String,
    /// Whether it can be done now, by the reader.
    pub allowed: bool,
    /// Why not: a stable code.
    #[schema(required)]
    pub reason: Option<String>,
    /// The same in the reader's language.
    #[schema(required)]
    pub reason_text: Option<String>,
}

impl AllowedAction {
    /// From what a policy says.
    #[must_use]
    pub fn of(name: &str, verdict: Result<(), kernel::Error>, chinese: bool) -> Self {
        match verdict {
            Ok(()) => Self { name: name.to_owned(), allowed: true, reason: None, reason_text: None },
            Err(error) => Self {
                name: name.to_owned(),
                allowed: false,
                reason: Some(error.code().to_string()),
                reason_text: Some(error.code().text(chinese, error.params())),
            },
        }
    }
}

/// The case that takes a record's steps; whoever wants to take one goes there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DrivenBy {
    /// The case.
    pub case_id: kernel::Uuid,
    /// Its number.
    pub case_number: String,
}

impl From<db::Driver> for DrivenBy {
    fn from(driver: db::Driver) -> Self {
        Self { case_id: driver.case_id(), case_number: driver.case_number().to_owned() }
    }
}

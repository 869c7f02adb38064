//! One error type for everything that can be refused or go wrong.

use std::{collections::BTreeMap, fmt};

use uuid::Uuid;

use crate::{Code, Id, Kind};

/// Named values that a text about the error is filled with.
pub type Params = BTreeMap<&'static str, String>;

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// RFC 6901 pointer into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// Why it is refused.
    pub code: Code,
    /// Values for the text.
    pub params: Params,
}

/// A refusal or failure: a code, the values for its text, the fields concerned.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    params: Params,
    fields: Vec<FieldError>,
    subject: Option<(&'static str, Uuid)>,
    denied: bool,
    cause: Option<String>,
    retry: bool,
}

impl Error {
    /// An error with this code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self(Box::new(Inner { code, params: Params::new(), fields: Vec::new(), subject: None, denied: false, cause: None, retry: false }))
    }

    /// Something of ours broke. The cause goes to the log, never to a client.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(Code::Internal).because(cause)
    }

    /// The row exists, but not for this actor: 404 outside, a noted denial inside.
    #[must_use]
    pub fn hidden<K: Kind>(id: Id<K>) -> Self {
        let mut error = Self::new(Code::NotFound).about(id);
        error.0.denied = true;
        error
    }

    /// There is no such row.
    #[must_use]
    pub fn absent<K: Kind>(_: Id<K>) -> Self {
        Self::new(Code::NotFound)
    }

    /// The actor may see the row but not do this to it; noted.
    #[must_use]
    pub fn forbidden(code: Code) -> Self {
        let mut error = Self::new(code);
        error.0.denied = true;
        error
    }

    /// A body field is wrong; `pointer` by RFC 6901.
    pub fn invalid(pointer: impl Into<String>, code: Code) -> Self {
        Self::new(Code::Invalid).field(pointer, code)
    }

    /// A query parameter is wrong.
    #[must_use]
    pub fn invalid_parameter(name: &str, code: Code) -> Self {
        Self::new(Code::Invalid).field(format!("?{name}"), code)
    }

    /// Adds a wrong field.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<String>, code: Code) -> Self {
        self.0.fields.push(FieldError { pointer: pointer.into(), code, params: Params::new() });
        self
    }

    /// Adds wrong fields with their parameters.
    #[must_use]
    pub fn fields_of(mut self, fields: Vec<FieldError>) -> Self {
        self.0.fields.extend(fields);
        self
    }

    /// Adds a value for the text.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.params.insert(name, value.to_string());
        self
    }

    /// Names the row that it is about.
    #[must_use]
    pub fn about<K: Kind>(mut self, id: Id<K>) -> Self {
        self.0.subject = Some((K::NAME, id.uuid()));
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// Marks a failure that may succeed when the whole transaction is run again.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retry = true;
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }
    /// Values for the text.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.0.params
    }
    /// The fields concerned.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }
    /// The row concerned, if one is named.
    #[must_use]
    pub fn subject(&self) -> Option<(&'static str, Uuid)> {
        self.0.subject
    }
    /// Whether this is a refusal that must be noted in the log.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        self.0.denied
    }
    /// Whether running the transaction again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retry
    }
    /// The cause, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.code)?;
        for (name, value) in &self.0.params {
            write!(f, " {name}={value}")?;
        }
        for field in &self.0.fields {
            write!(f, " {}:{}", field.pointer, field.code)?;
        }
        if let Some(cause) = &self.0.cause {
            write!(f, " ({cause})")?;
        }
        Ok(())
    }
}
impl std::error::Error for Error {}

#[cfg(feature = "diesel")]
impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Sql};
        match &error {
            // Checked before it is written: who meets it was overtaken, and finds out when it is run again.
            Sql::DatabaseError(Kind::SerializationFailure | Kind::UniqueViolation, _) => {
                Self::new(Code::Unavailable).because(error).retryable()
            }
            Sql::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) | Sql::BrokenTransactionManager => {
                Self::new(Code::Unavailable).because(error)
            }
            Sql::DatabaseError(_, info) => {
                let message = info.message();
                let again = message.contains("deadlock detected") || message.contains("could not serialize");
                let away = [
                    "database or disk is full",
                    "disk I/O error",
                    "terminating connection",
                    "server closed the connection",
                    "database is locked",
                ];
                if again {
                    Self::new(Code::Unavailable).because(error).retryable()
                } else if away.iter().any(|text| message.contains(text)) {
                    Self::new(Code::Unavailable).because(error)
                } else {
                    Self::internal(error)
                }
            }
            _ => Self::internal(error),
        }
    }
}

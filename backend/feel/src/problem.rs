//! What is wrong with a text, and where.

use std::fmt;

use kernel::Params;

use crate::Code;

/// A place in the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Bytes from the start.
    pub offset: u32,
    /// From 1.
    pub line: u32,
    /// From 1, in characters (Unicode scalar values), as an editor counts them.
    pub column: u32,
}

/// A refusal of the parser or the type checker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// Values for its text.
    pub params: Params,
    /// Where.
    pub at: Position,
}

/// The text is not an expression of this language.
pub type SyntaxError = Problem;
/// The expression does not fit the schema.
pub type TypeError = Problem;

impl Problem {
    pub(crate) fn new(code: Code, at: Position) -> Self {
        Self { code, params: Params::new(), at }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.insert(name, value.to_string());
        self
    }

    /// The sentence for a reader, in Chinese or English.
    #[must_use]
    pub fn text(&self, chinese: bool) -> String {
        self.code.text(chinese, &self.params)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} ({})", self.at.line, self.at.column, self.text(false), self.code)
    }
}
impl std::error::Error for Problem {}

/// An evaluation that was stopped, or rules of a table that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// The stable code.
    pub code: Code,
    /// Values for its text.
    pub params: Params,
}

impl EvalError {
    pub(crate) fn new(code: Code) -> Self {
        Self { code, params: Params::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.insert(name, value.to_string());
        self
    }

    /// The sentence for a reader, in Chinese or English.
    #[must_use]
    pub fn text(&self, chinese: bool) -> String {
        self.code.text(chinese, &self.params)
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text(false), self.code)
    }
}
impl std::error::Error for EvalError {}

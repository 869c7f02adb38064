//! Rules that request types share, for `#[validate(custom(function = ...))]`.

use std::borrow::Cow;

use kernel::Code;
use validator::ValidationError;

fn refuse(code: Code) -> ValidationError {
    ValidationError { code: Cow::Borrowed(code.as_str()), message: None, params: std::collections::HashMap::new() }
}

/// One line that says something: not blank, no line ends.
pub fn line(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() {
        return Err(refuse(Code::Required));
    }
    if text.chars().any(char::is_control) { Err(refuse(Code::ControlCharacter)) } else { Ok(()) }
}

/// Words that say something; several lines are fine.
pub fn words(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() { Err(refuse(Code::Required)) } else { Ok(()) }
}

/// A short name for programs: letters, digits, `.`, `_`, `-`.
pub fn code(text: &str) -> Result<(), ValidationError> {
    let fine = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if fine { Ok(()) } else { Err(refuse(Code::BadFormat)) }
}

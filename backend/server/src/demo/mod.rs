//! A demonstration company.

use kernel::Error;

use crate::Application;

/// Fills an empty database; the text of the log-ins, or none if somebody is there already.
pub async fn seed(_app: &Application) -> Result<Option<String>, Error> {
    Ok(None)
}

//! A second person at the same screen, who proves who they are.

use std::sync::Arc;

use identity::Identity;
use kernel::{Actor, Code, Error, PersonId};

/// Who agrees, if anybody is named: account and password are checked and not kept.
pub async fn second(
    identity: &Identity,
    actor: &Arc<Actor>,
    login: Option<&String>,
    password: Option<&String>,
) -> Result<Option<PersonId>, Error> {
    match (login, password) {
        (Some(login), Some(password)) => identity.second_person(actor, login, password).await.map(Some),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Error::invalid("/second_password", Code::Required)),
        (None, Some(_)) => Err(Error::invalid("/second_login", Code::Required)),
    }
}

//! Imports of units and people.

use kernel::may;
use web::{ApiError, Bytes, Fine, Guard, Query, sheet};

use crate::import::{self, ImportQuery, ImportReport};

/// POST /org-units/import
pub async fn units(call: Guard<may::ManageOrg>, query: Query<ImportQuery>, body: Bytes) -> Result<Fine<ImportReport>, ApiError> {
    let sheet = sheet::read(&body.content)?;
    if query.into_inner().is_dry() {
        call.read(move |tx| import::check_units(tx, &sheet)).await
    } else {
        call.change(move |tx| import::import_units(tx, &sheet)).await
    }
}

/// POST /people/import
pub async fn people(call: Guard<may::ManagePeople>, query: Query<ImportQuery>, body: Bytes) -> Result<Fine<ImportReport>, ApiError> {
    let sheet = sheet::read(&body.content)?;
    if query.into_inner().is_dry() {
        call.read(move |tx| import::check_people(tx, &sheet)).await
    } else {
        call.change(move |tx| import::import_people(tx, &sheet)).await
    }
}

//! Imports of units and people.

use kernel::may;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use web::{ApiError, Bytes, Fine, Guard, Query, sheet};

use crate::import::{self, ImportReport};

/// How to import.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportQuery {
    /// True: only say what would happen.
    #[param(default = true)]
    dry_run: Option<bool>,
}

/// POST /org-units/import
pub async fn units(call: Guard<may::ManageOrg>, query: Query<ImportQuery>, body: Bytes) -> Result<Fine<ImportReport>, ApiError> {
    let sheet = sheet::read(&body.content)?;
    if query.into_inner().dry_run.unwrap_or(true) {
        call.read(move |tx| import::check_units(tx, &sheet)).await
    } else {
        call.change(move |tx| import::import_units(tx, &sheet)).await
    }
}

/// POST /people/import
pub async fn people(call: Guard<may::ManagePeople>, query: Query<ImportQuery>, body: Bytes) -> Result<Fine<ImportReport>, ApiError> {
    let sheet = sheet::read(&body.content)?;
    if query.into_inner().dry_run.unwrap_or(true) {
        call.read(move |tx| import::check_people(tx, &sheet)).await
    } else {
        call.change(move |tx| import::import_people(tx, &sheet)).await
    }
}

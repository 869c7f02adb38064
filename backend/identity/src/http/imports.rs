//! Imports of units and people, and taking them back.

use kernel::{Page, may};
use web::{ApiError, Bytes, Fine, Guard, IfMatch, List, Path, Query, sheet};

use crate::import::{self, ImportId, ImportQuery, ImportReport, Imported, ImportedKind, UndoReport};

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

/// GET /org-units/imports
pub async fn unit_imports(call: Guard<may::ManageOrg>, query: Query<List>) -> Result<Fine<Page<Imported>>, ApiError> {
    let page = query.into_inner().page()?;
    call.read(move |tx| import::list(tx, ImportedKind::Unit, &page)).await
}

/// GET /people/imports
pub async fn people_imports(call: Guard<may::ManagePeople>, query: Query<List>) -> Result<Fine<Page<Imported>>, ApiError> {
    let page = query.into_inner().page()?;
    call.read(move |tx| import::list(tx, ImportedKind::Person, &page)).await
}

/// POST /org-units/imports/{id}/undo
pub async fn undo_units(call: Guard<may::ManageOrg>, id: Path<ImportId>, expected: IfMatch) -> Result<Fine<UndoReport>, ApiError> {
    let id = *id;
    call.change(move |tx| import::undo_units(tx, id, expected.0)).await
}

/// POST /people/imports/{id}/undo
pub async fn undo_people(call: Guard<may::ManagePeople>, id: Path<ImportId>, expected: IfMatch) -> Result<Fine<UndoReport>, ApiError> {
    let id = *id;
    call.change(move |tx| import::undo_people(tx, id, expected.0)).await
}

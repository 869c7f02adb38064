//! Companies and units.

use kernel::{PersonId, UnitId, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, Path, Valid, View, rules};

use crate::{
    OrgUnitView,
    model::UnitType,
    service::units::{self, NewUnit, UnitChange},
};

/// The whole tree.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrgUnits {
    items: Vec<OrgUnitView>,
}
impl View for OrgUnits {}

/// GET /org-units
pub async fn tree(call: Guard<may::ReadOrg>) -> Result<Fine<OrgUnits>, ApiError> {
    call.read(|tx| Ok(OrgUnits { items: units::tree(tx)? })).await
}

/// GET /org-units/{id}
pub async fn show(call: Guard<may::ReadOrg>, id: Path<UnitId>) -> Result<Fine<OrgUnitView>, ApiError> {
    let id = *id;
    call.read(move |tx| units::show(tx, id)).await
}

/// A unit to be added.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUnit {
    /// Under which; null for the top.
    parent_id: Option<UnitId>,
    /// A short name for programs and sheets.
    #[validate(length(min = 1, max = 40), custom(function = "rules::code"))]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9._-]+$")]
    code: String,
    /// What people call it.
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// company or unit.
    kind: UnitType,
}

/// POST /org-units
pub async fn create(call: Guard<may::ManageOrg>, body: Valid<CreateUnit>) -> Result<Created<OrgUnitView>, ApiError> {
    let body = body.into_inner();
    let new = NewUnit { parent: body.parent_id, code: body.code, name: body.name, kind: body.kind };
    call.create(move |tx| units::create(tx, &new)?.and_then(|id| units::show(tx, id))).await
}

/// What to change; what is absent stays, null takes away.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeUnit {
    #[validate(length(min = 1, max = 40), custom(function = "rules::code"))]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9._-]+$")]
    code: Option<String>,
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::given")]
    #[schema(value_type = Option<UnitId>)]
    parent_id: Option<Option<UnitId>>,
    #[serde(default, deserialize_with = "web::given")]
    #[schema(value_type = Option<PersonId>)]
    head_id: Option<Option<PersonId>>,
}

/// PATCH /org-units/{id}
pub async fn change(
    call: Guard<may::ManageOrg>,
    id: Path<UnitId>,
    expected: IfMatch,
    body: Valid<ChangeUnit>,
) -> Result<Fine<OrgUnitView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let change = UnitChange { code: body.code, name: body.name, parent: body.parent_id, head: body.head_id };
    call.change(move |tx| units::change(tx, id, expected.0, &change)?.and_then(|()| units::show(tx, id))).await
}

/// POST /org-units/{id}/close
pub async fn close(call: Guard<may::ManageOrg>, id: Path<UnitId>, expected: IfMatch) -> Result<Fine<OrgUnitView>, ApiError> {
    let id = *id;
    call.change(move |tx| units::close(tx, id, expected.0)?.and_then(|()| units::show(tx, id))).await
}

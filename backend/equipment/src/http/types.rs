//! Types of equipment.

use kernel::{Error, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, Path, Valid, View, rules};

use crate::{
    model::{Attribute, EquipmentType, TypeId},
    service, store,
};

/// A type.
#[derive(Debug, Serialize, ToSchema)]
pub struct TypeView {
    id: TypeId,
    code: String,
    name: String,
    attributes: Vec<Attribute>,
    active: bool,
    /// For If-Match.
    version: i32,
}
impl View for TypeView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// All types.
#[derive(Debug, Serialize, ToSchema)]
pub struct TypeViews {
    items: Vec<TypeView>,
}
impl View for TypeViews {}

fn view(row: EquipmentType) -> Result<TypeView, Error> {
    Ok(TypeView {
        attributes: row.attributes.parse()?,
        id: row.id,
        code: row.code,
        name: row.name,
        active: row.active,
        version: row.version,
    })
}

fn show(tx: &mut db::ReadTx<'_>, id: TypeId) -> Result<TypeView, Error> {
    store::find_type(tx, id)?.ok_or_else(|| Error::absent(id)).and_then(view)
}

/// GET /equipment-types
pub async fn list(call: Guard<may::ReadEquipment>) -> Result<Fine<TypeViews>, ApiError> {
    call.read(|tx| Ok(TypeViews { items: store::types(tx)?.into_iter().map(view).collect::<Result<_, _>>()? })).await
}

/// A type to be added.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateType {
    #[validate(length(min = 1, max = 40), custom(function = "rules::code"))]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9._-]+$")]
    code: String,
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    #[serde(default)]
    #[validate(length(max = 30), nested)]
    #[schema(max_items = 30)]
    attributes: Vec<Attribute>,
}

/// POST /equipment-types
pub async fn create(call: Guard<may::ConfigureEquipment>, body: Valid<CreateType>) -> Result<Created<TypeView>, ApiError> {
    let body = body.into_inner();
    call.create(move |tx| service::create_type(tx, &body.code, &body.name, &body.attributes)?.and_then(|id| show(tx, id))).await
}

/// What to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeType {
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    #[validate(length(max = 30), nested)]
    #[schema(max_items = 30)]
    attributes: Option<Vec<Attribute>>,
    active: Option<bool>,
}

/// PATCH /equipment-types/{id}
pub async fn change(
    call: Guard<may::ConfigureEquipment>,
    id: Path<TypeId>,
    expected: IfMatch,
    body: Valid<ChangeType>,
) -> Result<Fine<TypeView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| {
        service::change_type(tx, id, expected.0, body.name.as_deref(), body.attributes.as_deref(), body.active)?.and_then(|()| show(tx, id))
    })
    .await
}

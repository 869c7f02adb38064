//! Roles and permissions.

use kernel::{Permission, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, Path, Valid, View, rules};

use crate::{
    model::{RoleId, RoleView},
    service::roles,
};

/// All roles.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleViews {
    items: Vec<RoleView>,
}
impl View for RoleViews {}

/// GET /roles
pub async fn list(call: Guard<may::ReadOrg>) -> Result<Fine<RoleViews>, ApiError> {
    call.read(|tx| Ok(RoleViews { items: roles::list(tx)? })).await
}

/// A role to be added.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRole {
    #[validate(length(min = 1, max = 40), custom(function = "rules::code"))]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9._-]+$")]
    code: String,
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    permissions: Vec<Permission>,
}

/// POST /roles
pub async fn create(call: Guard<may::ManageRoles>, body: Valid<CreateRole>) -> Result<Created<RoleView>, ApiError> {
    let mut body = body.into_inner();
    body.permissions.sort_unstable();
    body.permissions.dedup();
    call.create(move |tx| roles::create(tx, &body.code, &body.name, &body.permissions)?.and_then(|id| roles::show(tx, id))).await
}

/// What to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRole {
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    permissions: Option<Vec<Permission>>,
}

/// PATCH /roles/{id}
pub async fn change(
    call: Guard<may::ManageRoles>,
    id: Path<RoleId>,
    expected: IfMatch,
    body: Valid<ChangeRole>,
) -> Result<Fine<RoleView>, ApiError> {
    let (id, mut body) = (*id, body.into_inner());
    if let Some(permissions) = &mut body.permissions {
        permissions.sort_unstable();
        permissions.dedup();
    }
    call.change(move |tx| {
        roles::change(tx, id, expected.0, body.name.as_deref(), body.permissions.as_deref())?.and_then(|()| roles::show(tx, id))
    })
    .await
}

/// A permission.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionView {
    /// The wire name.
    name: Permission,
    /// What people read.
    title: String,
}

/// All permissions.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionViews {
    items: Vec<PermissionView>,
}
impl View for PermissionViews {}

/// GET /permissions
pub async fn permissions(call: Guard<may::ReadOrg>) -> Result<Fine<PermissionViews>, ApiError> {
    let chinese = call.actor().chinese;
    let items = Permission::ALL.iter().map(|permission| PermissionView { name: *permission, title: permission.title(chinese).to_owned() });
    Fine::with(&PermissionViews { items: items.collect() })
}

//! People.

use actix_web::web::Data;
use kernel::{Page, PersonId, UnitId, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, NoContent, Path, Query, Secret, Valid, page_of, rules};

use crate::{
    Identity,
    model::{AssignmentId, PersonDetail, PersonView, PostId, PostType, RoleId, RoleScope},
    passwords::initial_password,
    service::{
        people::{self, NewPerson, PersonChange},
        roles,
    },
    store::PeopleFilter,
};

/// Which people.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PeopleQuery {
    /// Words of the name, the account, the number; pinyin initials.
    #[validate(length(min = 1, max = 100))]
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Working in this unit or below.
    unit_id: Option<UnitId>,
    /// Only those who work here, or only those who left.
    active: Option<bool>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
}

/// GET /people
pub async fn list(call: Guard<may::ReadOrg>, query: Query<PeopleQuery>) -> Result<Fine<Page<PersonView>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    let filter = PeopleFilter { words: query.q.filter(|words| !words.trim().is_empty()), unit: query.unit_id, active: query.active };
    call.read(move |tx| people::list(tx, &filter, &page)).await
}

/// GET /people/{id}
pub async fn show(call: Guard<may::ReadOrg>, id: Path<PersonId>) -> Result<Fine<PersonDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| people::show(tx, id)).await
}

/// A person to be added.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePerson {
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    #[validate(length(min = 2, max = 60), custom(function = "rules::code"))]
    #[schema(min_length = 2, max_length = 60, pattern = "^[A-Za-z0-9._-]+$")]
    login: String,
    #[validate(length(min = 1, max = 40), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 40)]
    employee_number: Option<String>,
    #[validate(length(min = 3, max = 120), email)]
    #[schema(min_length = 3, max_length = 120)]
    email: Option<String>,
    #[validate(length(min = 3, max = 40), custom(function = "rules::line"))]
    #[schema(min_length = 3, max_length = 40)]
    phone: Option<String>,
    /// Where the main post is.
    unit_id: UnitId,
    /// The title of the main post.
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    title: String,
}

/// A person with an initial password.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonWithPassword {
    person: PersonDetail,
    /// Shown once; valid for seven days; opens nothing but its own change.
    initial_password: String,
}

/// POST /people
pub async fn create(
    call: Guard<may::ManagePeople>,
    identity: Data<Identity>,
    body: Valid<CreatePerson>,
) -> Result<Created<Secret<PersonWithPassword>>, ApiError> {
    let body = body.into_inner();
    let password = initial_password();
    let new = NewPerson {
        name: body.name.trim().to_owned(),
        login: body.login,
        employee_number: body.employee_number,
        email: body.email,
        phone: body.phone,
        unit: body.unit_id,
        title: body.title,
        password_hash: Some(identity.hasher().hash(&password).await?),
    };
    call.create(move |tx| {
        let person = people::create(tx, &new)?;
        person.and_then(|id| Ok(Secret(PersonWithPassword { person: people::show(tx, id)?, initial_password: password.clone() })))
    })
    .await
}

/// What to change; what is absent stays, null takes away.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePerson {
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 40))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    employee_number: Option<Option<String>>,
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 3, max = 120), email)]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 120)]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 3, max = 40))]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 40)]
    phone: Option<Option<String>>,
}

/// PATCH /people/{id}
pub async fn change(
    call: Guard<may::ManagePeople>,
    id: Path<PersonId>,
    expected: IfMatch,
    body: Valid<ChangePerson>,
) -> Result<Fine<PersonDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let change = PersonChange { name: body.name, employee_number: body.employee_number, email: body.email, phone: body.phone };
    call.change(move |tx| people::change(tx, id, expected.0, &change)?.and_then(|()| people::show(tx, id))).await
}

/// Why.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// POST /people/{id}/deactivate
pub async fn deactivate(
    call: Guard<may::ManagePeople>,
    id: Path<PersonId>,
    expected: IfMatch,
    body: Valid<Reason>,
) -> Result<Fine<PersonDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| people::deactivate(tx, id, expected.0, &body.reason)?.and_then(|()| people::show(tx, id))).await
}

/// POST /people/{id}/reactivate
pub async fn reactivate(call: Guard<may::ManagePeople>, id: Path<PersonId>, expected: IfMatch) -> Result<Fine<PersonDetail>, ApiError> {
    let id = *id;
    call.change(move |tx| people::reactivate(tx, id, expected.0)?.and_then(|()| people::show(tx, id))).await
}

/// POST /people/{id}/reset-password
pub async fn reset_password(
    call: Guard<may::ManagePeople>,
    identity: Data<Identity>,
    id: Path<PersonId>,
    expected: IfMatch,
) -> Result<Fine<Secret<PersonWithPassword>>, ApiError> {
    let (id, password) = (*id, initial_password());
    let hash = identity.hasher().hash(&password).await?;
    call.change(move |tx| {
        let reset = people::reset_password(tx, id, expected.0, &hash)?;
        reset.and_then(|()| Ok(Secret(PersonWithPassword { person: people::show(tx, id)?, initial_password: password.clone() })))
    })
    .await
}

/// POST /people/{id}/unlock
pub async fn unlock(call: Guard<may::ManageSecurity>, id: Path<PersonId>, expected: IfMatch) -> Result<Fine<PersonDetail>, ApiError> {
    let id = *id;
    call.change(move |tx| people::unlock(tx, id, expected.0)?.and_then(|()| people::show(tx, id))).await
}

/// A post to be added.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPost {
    unit_id: UnitId,
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    title: String,
    kind: PostType,
}

/// POST /people/{id}/posts
pub async fn add_post(
    call: Guard<may::ManagePeople>,
    id: Path<PersonId>,
    expected: IfMatch,
    body: Valid<AddPost>,
) -> Result<Created<PersonDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.create(move |tx| people::add_post(tx, id, expected.0, body.unit_id, &body.title, body.kind)?.and_then(|()| people::show(tx, id)))
        .await
}

/// POST /people/{id}/posts/{post_id}/end
pub async fn end_post(
    call: Guard<may::ManagePeople>,
    ids: Path<(PersonId, PostId)>,
    expected: IfMatch,
) -> Result<Fine<PersonDetail>, ApiError> {
    let (id, post) = *ids;
    call.change(move |tx| people::end_post(tx, id, expected.0, post)?.and_then(|()| people::show(tx, id))).await
}

/// A role to be assigned.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignRole {
    role_id: RoleId,
    scope: RoleScope,
    /// For scopes unit and subtree.
    unit_id: Option<UnitId>,
}

/// POST /people/{id}/roles
///
/// The guard asks only for a reader of the directory: the system administrator, who may not assign roles, appoints the
/// first security administrator.
pub async fn assign_role(
    call: Guard<may::ReadOrg>,
    id: Path<PersonId>,
    expected: IfMatch,
    body: Valid<AssignRole>,
) -> Result<Created<PersonDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.create(move |tx| roles::assign(tx, id, expected.0, body.role_id, body.scope, body.unit_id)?.and_then(|()| people::show(tx, id)))
        .await
}

/// DELETE /people/{id}/roles/{assignment_id}
pub async fn revoke_role(
    call: Guard<may::AssignRoles>,
    ids: Path<(PersonId, AssignmentId)>,
    expected: IfMatch,
) -> Result<NoContent, ApiError> {
    let (id, assignment) = *ids;
    call.done(move |tx| roles::revoke(tx, id, expected.0, assignment)).await
}

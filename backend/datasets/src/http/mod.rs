//! Handlers and request types.

pub mod grants;
mod views;

use kernel::{Page, PersonId, UnitId, may};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, Path, Query, Valid, page_of, rules};

use views::{DatasetDetail, DatasetItem};

use crate::{
    model::{Classification, DatasetAction, DatasetId, DatasetState},
    service::{self, Changed, Facts},
    store::{DatasetLens, Filter},
};

/// Which data sets.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DatasetQuery {
    /// Mine in one way or another; the whole catalogue if absent.
    lens: Option<DatasetLens>,
    /// Of one of these classes.
    #[serde(default)]
    #[param(max_items = 4)]
    classification: Vec<Classification>,
    /// In this state.
    state: Option<DatasetState>,
    /// Of this unit or one below.
    unit_id: Option<UnitId>,
    /// Words of number and name; pinyin initials.
    #[validate(length(min = 1, max = 100))]
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
}

/// GET /datasets: one has to know what there is in order to ask for it.
pub async fn list(call: Guard<may::UseAccount>, query: Query<DatasetQuery>) -> Result<Fine<Page<DatasetItem>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    let filter = Filter {
        lens: query.lens,
        classifications: query.classification,
        state: query.state,
        unit_id: query.unit_id,
        words: query.q.filter(|words| !words.trim().is_empty()),
    };
    call.read(move |tx| views::page(tx, &filter, &page)).await
}

/// A data set for the catalogue.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDataset {
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    classification: Classification,
    /// What it is for.
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    purpose: String,
    /// Where it lies: system, server, folder, cabinet.
    #[validate(length(min = 1, max = 200), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 200)]
    location: String,
    /// Whose it is.
    unit_id: UnitId,
    /// Who keeps it.
    custodian_id: PersonId,
}

/// POST /datasets
pub async fn create(call: Guard<may::ManageDatasets>, body: Valid<CreateDataset>) -> Result<Created<DatasetDetail>, ApiError> {
    let body = body.into_inner();
    let facts = Facts {
        name: body.name,
        classification: body.classification,
        purpose: body.purpose,
        location: body.location,
        unit: body.unit_id,
        custodian: body.custodian_id,
    };
    call.create(move |tx| service::create(tx, &facts)?.and_then(|id| views::detail(tx, id))).await
}

/// GET /datasets/{id}
pub async fn show(call: Guard<may::UseAccount>, id: Path<DatasetId>) -> Result<Fine<DatasetDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| views::detail(tx, id)).await
}

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDataset {
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    classification: Option<Classification>,
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    purpose: Option<String>,
    #[validate(length(min = 1, max = 200), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 200)]
    location: Option<String>,
    unit_id: Option<UnitId>,
    custodian_id: Option<PersonId>,
    /// Why; demanded where the classification is lowered.
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// PATCH /datasets/{id}
pub async fn change(
    call: Guard<may::ManageDatasets>,
    id: Path<DatasetId>,
    expected: IfMatch,
    body: Valid<ChangeDataset>,
) -> Result<Fine<DatasetDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let changed = Changed {
        name: body.name,
        classification: body.classification,
        purpose: body.purpose,
        location: body.location,
        unit: body.unit_id,
        custodian: body.custodian_id,
        reason: body.reason,
    };
    call.change(move |tx| service::change(tx, id, expected.0, &changed)?.and_then(|()| views::detail(tx, id))).await
}

/// A step.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetStep {
    /// What to do.
    action: DatasetAction,
    /// Why: retire.
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// POST /datasets/{id}/transitions
pub async fn transition(
    call: Guard<may::ManageDatasets>,
    id: Path<DatasetId>,
    expected: IfMatch,
    body: Valid<DatasetStep>,
) -> Result<Fine<DatasetDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| {
        service::transition(tx, id, expected.0, body.action, body.reason.as_deref())?.and_then(|()| views::detail(tx, id))
    })
    .await
}

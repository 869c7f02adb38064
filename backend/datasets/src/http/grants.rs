//! Handlers of grants.

use kernel::{Date, Page, PersonId, may};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, Path, Query, Valid, page_of, rules};

use super::views::{self, DatasetGrantView};
use crate::{
    model::{DatasetId, GrantId, GrantMode, GrantState},
    service::{self, Giving},
    store::grants::GrantFilter,
};

kernel::text_enum! {
    /// Whose grants.
    pub enum GrantLens {
        /// Mine.
        Mine = "mine",
        /// All of which I may know.
        All = "all",
    }
}

/// Which grants.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DatasetGrantQuery {
    /// Whose; all of which I may know if absent.
    lens: Option<GrantLens>,
    /// Of this data set.
    dataset_id: Option<DatasetId>,
    /// Of this person.
    person_id: Option<PersonId>,
    /// As they stand today.
    state: Option<GrantState>,
    /// Whose last day is this one or an earlier one.
    ends_by: Option<Date>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
}

/// GET /dataset-grants
pub async fn list(call: Guard<may::UseAccount>, query: Query<DatasetGrantQuery>) -> Result<Fine<Page<DatasetGrantView>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    let filter = GrantFilter {
        mine: query.lens == Some(GrantLens::Mine),
        dataset_id: query.dataset_id,
        person_id: query.person_id,
        state: query.state,
        ends_by: query.ends_by,
    };
    call.read(move |tx| views::grants(tx, &filter, &page)).await
}

/// Access for somebody.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveDatasetGrant {
    /// To whom.
    person_id: PersonId,
    mode: GrantMode,
    /// For what.
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    purpose: String,
    /// From which day; today if absent.
    valid_from: Option<Date>,
    /// Until which day, this one included.
    valid_until: Date,
}

/// POST /datasets/{id}/grants
pub async fn give(
    call: Guard<may::ManageDatasets>,
    id: Path<DatasetId>,
    body: Valid<GiveDatasetGrant>,
) -> Result<Created<DatasetGrantView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let giving = Giving { person: body.person_id, mode: body.mode, purpose: body.purpose, from: body.valid_from, until: body.valid_until };
    call.create(move |tx| service::give(tx, id, &giving)?.and_then(|id| views::grant(tx, id))).await
}

/// Why it is taken back.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeDatasetGrant {
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// POST /dataset-grants/{id}/revoke
pub async fn revoke(
    call: Guard<may::ManageDatasets>,
    id: Path<GrantId>,
    expected: IfMatch,
    body: Valid<RevokeDatasetGrant>,
) -> Result<Fine<DatasetGrantView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| service::revoke(tx, id, expected.0, &body.reason)?.and_then(|()| views::grant(tx, id))).await
}

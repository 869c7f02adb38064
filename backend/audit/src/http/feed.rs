//! What changed, for those who follow.

use actix_web::web::Data;
use kernel::may;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, AppState, Download, Fine, Guard, Query};

use crate::{Feed, Visibilities, changes, events, model::ChangesView};

/// Where to go on in the feed.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ChangesQuery {
    /// The `next` of the answer before; 0 for the beginning.
    #[validate(range(min = 0))]
    #[param(minimum = 0, default = 0)]
    pub after: Option<i64>,
    /// At most so many.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
}

/// GET /changes
pub async fn changes(
    call: Guard<may::UseAccount>,
    query: Query<ChangesQuery>,
    visibilities: Data<Visibilities>,
) -> Result<Fine<ChangesView>, ApiError> {
    let query = query.into_inner();
    let (limit, from) = (query.limit.unwrap_or(50), query.after.unwrap_or(0));
    let visibilities = visibilities.get_ref().clone();
    call.read(move |tx| changes::visible_changes(tx, &visibilities, from, limit)).await
}

/// GET /events
pub async fn events(
    call: Guard<may::UseAccount>,
    visibilities: Data<Visibilities>,
    feed: Data<Feed>,
    state: Data<AppState>,
) -> Result<Download, ApiError> {
    let request = call.request().clone();
    let after = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let still_welcome: events::StillWelcome = Box::new(move || {
        let (request, state) = (request.clone(), state.clone());
        Box::pin(async move { web::still_authenticated(&request, &state).await })
    });
    let stream = events::stream(
        call.db().clone(),
        feed.get_ref().clone(),
        visibilities.get_ref().clone(),
        call.actor().clone(),
        after,
        still_welcome,
    );
    Ok(Download(stream.await?))
}

//! Waivers.

use kernel::{Error, Page, Ts, Uuid, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{AllowedAction, ApiError, Created, Fine, Guard, IfMatch, List, Path, Query, Valid, View, rules};

use crate::{
    model::{Waiver, WaiverId, WaiverState},
    policy,
    service::waivers::{self, Asked},
    store,
};

/// A waiver.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaiverView {
    pub id: WaiverId,
    /// Of which control.
    pub control: String,
    /// About one thing only; null: everything that the control speaks of.
    #[schema(required)]
    pub subject_id: Option<Uuid>,
    pub reason: String,
    /// What is done instead.
    pub measures: String,
    pub until: Ts,
    pub state: WaiverState,
    /// Whether it holds now.
    pub holds: bool,
    pub requested_by: String,
    pub requested_at: Ts,
    #[schema(required)]
    pub decided_by: Option<String>,
    #[schema(required)]
    pub decided_at: Option<Ts>,
    /// `approve`, `decline`, `end`
    pub allowed_actions: Vec<AllowedAction>,
    pub version: i32,
}
impl View for WaiverView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn view(tx: &db::ReadTx<'_>, row: Waiver) -> WaiverView {
    let actor = tx.actor();
    let allowed_actions = [("approve", WaiverState::Approved), ("decline", WaiverState::Declined), ("end", WaiverState::Ended)]
        .into_iter()
        .map(|(name, to)| AllowedAction::of(name, policy::check_waive(actor, &row, to), actor.chinese))
        .collect();
    WaiverView {
        id: row.id,
        holds: row.holds(tx.now()),
        control: row.control,
        subject_id: row.subject_id.map(|id| id.0),
        reason: row.reason,
        measures: row.measures,
        until: row.until,
        state: row.state,
        requested_by: row.requested_by_name,
        requested_at: row.requested_at,
        decided_by: row.decided_by_name,
        decided_at: row.decided_at,
        allowed_actions,
        version: row.version,
    }
}

fn one(tx: &mut db::ReadTx<'_>, id: WaiverId) -> Result<WaiverView, Error> {
    let row = store::waiver(tx, id)?.ok_or_else(|| Error::absent(id))?;
    Ok(view(tx, row))
}

/// GET /waivers
pub async fn list(call: Guard<may::ReadCompliance>, query: Query<List>) -> Result<Fine<Page<WaiverView>>, ApiError> {
    let page = query.into_inner().page()?;
    call.read(move |tx| {
        let rows = store::waivers(tx, &page)?;
        Ok(page.page(rows, |row| (row.requested_at, row.id)).map(|row| view(tx, row)))
    })
    .await
}

/// What is asked for.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestWaiver {
    /// Of which control.
    #[validate(length(min = 1, max = 80), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 80)]
    control: String,
    /// About one thing only.
    subject_id: Option<Uuid>,
    /// Why it cannot be kept for now.
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
    /// What is done instead.
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    measures: String,
    /// At most 180 days ahead.
    until: Ts,
}

/// POST /waivers
pub async fn request(call: Guard<may::ManageCompliance>, body: Valid<RequestWaiver>) -> Result<Created<WaiverView>, ApiError> {
    let RequestWaiver { control, subject_id, reason, measures, until } = body.into_inner();
    let asked = Asked { control, subject_id, reason, measures, until };
    call.create(move |tx| waivers::request(tx, &asked)?.and_then(|id| one(tx, id))).await
}

async fn decide(call: Guard<may::ManageCompliance>, id: WaiverId, expected: i32, to: WaiverState) -> Result<Fine<WaiverView>, ApiError> {
    call.change(move |tx| waivers::decide(tx, id, expected, to)?.and_then(|()| one(tx, id))).await
}

/// POST /waivers/{id}/approve
pub async fn approve(call: Guard<may::ManageCompliance>, id: Path<WaiverId>, expected: IfMatch) -> Result<Fine<WaiverView>, ApiError> {
    decide(call, *id, expected.0, WaiverState::Approved).await
}

/// POST /waivers/{id}/decline
pub async fn decline(call: Guard<may::ManageCompliance>, id: Path<WaiverId>, expected: IfMatch) -> Result<Fine<WaiverView>, ApiError> {
    decide(call, *id, expected.0, WaiverState::Declined).await
}

/// POST /waivers/{id}/end
pub async fn end(call: Guard<may::ManageCompliance>, id: Path<WaiverId>, expected: IfMatch) -> Result<Fine<WaiverView>, ApiError> {
    decide(call, *id, expected.0, WaiverState::Ended).await
}

//! Versions of regulations: proposed, decided on, read.

use actix_web::web::Data;
use kernel::{Code, Error, Page, PersonId, Ts, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{AllowedAction, ApiError, Created, Fine, Guard, IfMatch, List, NoContent, Path, Query, Valid, View, rules};

use super::{
    clauses::{ClauseItem, clause_items},
    comparison::VersionItem,
    word,
};
use crate::{
    model::{Regulation, RegulationId, RegulationState},
    policy,
    service::{
        Office, regulations as service,
        standing::{Ground, RegulationStanding},
    },
    store,
};

/// A version of a regulation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationItem {
    pub id: RegulationId,
    /// The same in all its versions.
    pub key: String,
    pub edition: String,
    pub title: String,
    pub state: RegulationState,
    /// SHA-256 of what it says, as the record of its approval names it.
    pub content_hash: String,
    pub proposed_at: Ts,
    pub proposed_by: String,
    #[schema(required)]
    pub decided_at: Option<Ts>,
    #[schema(required)]
    pub decided_by: Option<String>,
    /// Why it was declined.
    #[schema(required)]
    pub reason: Option<String>,
    pub clauses: usize,
    pub controls: usize,
    /// When I said that I have read it.
    #[schema(required)]
    pub acknowledged_at: Option<Ts>,
    /// The version that held before this one.
    #[schema(required)]
    pub before: Option<VersionItem>,
    /// The newest of those that held before this one which I have read.
    #[schema(required)]
    pub read_before: Option<VersionItem>,
    pub allowed_actions: Vec<AllowedAction>,
    pub version: i32,
}

fn item(tx: &mut db::ReadTx<'_>, row: &Regulation) -> Result<RegulationItem, Error> {
    let content = service::content(tx, row)?;
    let actor = tx.actor();
    let chinese = actor.chinese;
    let read = actor.person().map(|me| store::acknowledged_by(tx, me)).transpose()?.unwrap_or_default();
    let versions = store::versions(tx, &row.key)?;
    let held_before = row.held_before(&versions);
    Ok(RegulationItem {
        id: row.id,
        key: row.key.clone(),
        edition: row.edition.clone(),
        title: row.title(chinese).to_owned(),
        state: row.state,
        content_hash: row.content.clone(),
        proposed_at: row.proposed_at,
        proposed_by: row.proposed_by_name.clone(),
        decided_at: row.decided_at,
        decided_by: row.decided_by_name.clone(),
        reason: row.reason.clone(),
        clauses: content.clauses.len(),
        controls: content.controls.len(),
        acknowledged_at: read.get(&row.id).copied(),
        before: held_before.first().map(|one| VersionItem::of(one, chinese)),
        read_before: held_before.iter().find(|one| read.contains_key(&one.id)).map(|one| VersionItem::of(one, chinese)),
        allowed_actions: vec![
            AllowedAction::of("approve", policy::check_decide(actor, row), chinese),
            AllowedAction::of("decline", policy::check_decide(actor, row), chinese),
            AllowedAction::of("acknowledge", policy::check_in_force(row), chinese),
        ],
        version: row.version,
    })
}

/// Versions of regulations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationList {
    pub items: Vec<RegulationItem>,
}
impl View for RegulationList {}

/// GET /regulations
pub async fn list(call: Guard<may::UseAccount>) -> Result<Fine<RegulationList>, ApiError> {
    call.read(|tx| {
        let rows = store::regulations(tx, &[RegulationState::InForce, RegulationState::Proposed])?;
        let items = rows.iter().map(|row| item(tx, row)).collect::<Result<_, _>>()?;
        Ok(RegulationList { items })
    })
    .await
}

/// A regulation to be.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeRegulation {
    /// The key of a pack.
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    pack: String,
    /// Controls in place of the pack's, as in `controls.toml`.
    #[validate(length(max = 200_000))]
    #[schema(max_length = 200_000)]
    controls: Option<String>,
}

/// POST /regulations
pub async fn propose(
    call: Guard<may::ManageCompliance>,
    office: Data<Office>,
    body: Valid<ProposeRegulation>,
) -> Result<Created<RegulationDetail>, ApiError> {
    let body = body.into_inner();
    let pack = workflows::packs::shipped()?.get(&body.pack).ok_or_else(|| Error::invalid("/pack", Code::NotFound))?;
    call.create(move |tx| service::propose(tx, pack, body.controls.as_deref())?.and_then(|id| detail(tx, &office, id))).await
}

/// One version with its clauses.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationDetail {
    #[serde(flatten)]
    pub regulation: RegulationItem,
    pub clause_items: Vec<ClauseItem>,
    /// People at work who have read it, and how many there are.
    pub acknowledged: i64,
    pub people: i64,
}
impl View for RegulationDetail {
    fn version(&self) -> Option<i32> {
        Some(self.regulation.version)
    }
}

pub fn standing_of(tx: &mut db::ReadTx<'_>, office: &Office, id: RegulationId) -> Result<(Ground, RegulationStanding), Error> {
    let row = service::find(tx, id)?;
    let content = service::content(tx, &row)?;
    let ground = Ground::load(tx, office)?;
    let standing = ground.standing(tx, row, content)?;
    Ok((ground, standing))
}

fn detail(tx: &mut db::ReadTx<'_>, office: &Office, id: RegulationId) -> Result<RegulationDetail, Error> {
    let (ground, standing) = standing_of(tx, office, id)?;
    let (acknowledged, people) = store::acknowledgement_counts(tx, id)?;
    Ok(RegulationDetail { regulation: item(tx, &standing.row)?, clause_items: clause_items(tx, &ground, &standing)?, acknowledged, people })
}

/// A clause as everybody reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClauseText {
    pub id: String,
    /// As it is numbered.
    pub number: String,
    pub text: String,
}

/// A version of a regulation as everybody reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationText {
    #[serde(flatten)]
    pub regulation: RegulationItem,
    pub clause_texts: Vec<ClauseText>,
}
impl View for RegulationText {
    fn version(&self) -> Option<i32> {
        Some(self.regulation.version)
    }
}

/// GET /regulations/{id}/text
pub async fn text(call: Guard<may::UseAccount>, id: Path<RegulationId>) -> Result<Fine<RegulationText>, ApiError> {
    let id = *id;
    call.read(move |tx| {
        let row = service::find(tx, id)?;
        let chinese = tx.actor().chinese;
        let clauses = service::content(tx, &row)?.clauses.into_iter();
        let clause_texts =
            clauses.map(|clause| ClauseText { text: word(chinese, &clause.text, &clause.en), id: clause.id, number: clause.number });
        Ok(RegulationText { clause_texts: clause_texts.collect(), regulation: item(tx, &row)? })
    })
    .await
}

/// GET /regulations/{id}
pub async fn show(
    call: Guard<may::ReadCompliance>,
    office: Data<Office>,
    id: Path<RegulationId>,
) -> Result<Fine<RegulationDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| detail(tx, &office, id)).await
}

/// POST /regulations/{id}/approve
pub async fn approve(
    call: Guard<may::ManageCompliance>,
    office: Data<Office>,
    id: Path<RegulationId>,
    expected: IfMatch,
) -> Result<Fine<RegulationDetail>, ApiError> {
    let id = *id;
    call.change(move |tx| service::approve(tx, &office, id, expected.0)?.and_then(|()| detail(tx, &office, id))).await
}

/// Why.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineRegulation {
    #[validate(length(min = 1, max = 1000), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// POST /regulations/{id}/decline
pub async fn decline(
    call: Guard<may::ManageCompliance>,
    office: Data<Office>,
    id: Path<RegulationId>,
    expected: IfMatch,
    body: Valid<DeclineRegulation>,
) -> Result<Fine<RegulationDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| service::decline(tx, id, expected.0, &body.reason)?.and_then(|()| detail(tx, &office, id))).await
}

/// POST /regulations/{id}/acknowledge
pub async fn acknowledge(call: Guard<may::UseAccount>, id: Path<RegulationId>) -> Result<NoContent, ApiError> {
    let id = *id;
    call.done(move |tx| service::acknowledge(tx, id)).await
}

/// Somebody who has not read it yet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotYetView {
    pub id: PersonId,
    pub name: String,
}

/// GET /regulations/{id}/acknowledgements
pub async fn acknowledgements(
    call: Guard<may::ReadCompliance>,
    id: Path<RegulationId>,
    query: Query<List>,
) -> Result<Fine<Page<NotYetView>>, ApiError> {
    let (id, page) = (*id, query.into_inner().page()?);

    call.read(move |tx| {
        service::find(tx, id)?;
        let rows = store::not_acknowledged(tx, id, &page)?;
        Ok(page.page(rows, |(id, name)| (name.clone(), *id)).map(|(id, name)| NotYetView { id, name }))
    })
    .await
}

//! Places, media, hand-overs.

use kernel::{Page, PersonId, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, List, Path, Query, Valid, View, page_of, rules};

use super::views::{self, BackupHandOverView, BackupMediumView, BackupPlaceView, MediumMoveView, PlaceInspectionView};
use crate::{
    model::{BackupId, HandOverId, HandOverState, MediumId, MediumType, PlaceId},
    policy,
    service::{self, HandOverFacts, MediumFacts, MediumMove, PlaceFacts, Points},
    store,
};

/// All places.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupPlaceViews {
    items: Vec<BackupPlaceView>,
}
impl View for BackupPlaceViews {}

/// GET /backup-places
pub async fn places(call: Guard<may::ReadBackups>) -> Result<Fine<BackupPlaceViews>, ApiError> {
    call.read(|tx| {
        policy::check_read(tx.actor())?;
        Ok(BackupPlaceViews { items: views::places(tx)? })
    })
    .await
}

/// What can be said of a place.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupPlaceBody {
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Building and room.
    #[validate(length(min = 1, max = 200), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 200)]
    location: Option<String>,
    /// Who answers for it.
    custodian_id: Option<PersonId>,
    /// It is inspected at least every so many days.
    #[validate(range(min = 1, max = 732))]
    #[schema(minimum = 1, maximum = 732)]
    inspect_days: i32,
    #[serde(default = "super::yes")]
    active: bool,
}

impl From<BackupPlaceBody> for PlaceFacts {
    fn from(body: BackupPlaceBody) -> Self {
        Self {
            name: body.name,
            location: body.location,
            custodian: body.custodian_id,
            inspect_days: body.inspect_days,
            active: body.active,
        }
    }
}

/// What is to change; what is left out stays.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBackupPlace {
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 200), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 200)]
    location: Option<Option<String>>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[schema(value_type = Option<PersonId>)]
    custodian_id: Option<Option<PersonId>>,
    #[validate(range(min = 1, max = 732))]
    #[schema(minimum = 1, maximum = 732)]
    inspect_days: Option<i32>,
    active: Option<bool>,
}

impl ChangeBackupPlace {
    fn of(self, was: PlaceFacts) -> PlaceFacts {
        PlaceFacts {
            name: self.name.unwrap_or(was.name),
            location: self.location.unwrap_or(was.location),
            custodian: self.custodian_id.unwrap_or(was.custodian),
            inspect_days: self.inspect_days.unwrap_or(was.inspect_days),
            active: self.active.unwrap_or(was.active),
        }
    }
}

/// POST /backup-places
pub async fn create_place(call: Guard<may::ManageBackups>, body: Valid<BackupPlaceBody>) -> Result<Created<BackupPlaceView>, ApiError> {
    let facts: PlaceFacts = body.into_inner().into();
    call.create(move |tx| service::create_place(tx, &facts)?.and_then(|id| views::place(tx, id))).await
}

/// PATCH /backup-places/{id}
pub async fn change_place(
    call: Guard<may::ManageBackups>,
    id: Path<PlaceId>,
    expected: IfMatch,
    body: Valid<ChangeBackupPlace>,
) -> Result<Fine<BackupPlaceView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| service::change_place(tx, id, expected.0, |was| body.clone().of(was))?.and_then(|()| views::place(tx, id))).await
}

/// Whether a place is protected against each of the six (B2.5).
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceInspectionBody {
    /// 防火
    fire: bool,
    /// 防热
    heat: bool,
    /// 防潮
    damp: bool,
    /// 防尘
    dust: bool,
    /// 防磁
    magnetism: bool,
    /// 防盗
    theft: bool,
    /// What is lacking, if something is.
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// POST /backup-places/{id}/inspections
pub async fn inspect(
    call: Guard<may::ManageBackups>,
    id: Path<PlaceId>,
    body: Valid<PlaceInspectionBody>,
) -> Result<Created<BackupPlaceView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let points =
        Points { fire: body.fire, heat: body.heat, damp: body.damp, dust: body.dust, magnetism: body.magnetism, theft: body.theft };
    call.create(move |tx| service::inspect(tx, id, points, body.note.clone())?.and_then(|()| views::place(tx, id))).await
}

/// GET /backup-places/{id}/inspections
pub async fn inspections(
    call: Guard<may::ReadBackups>,
    id: Path<PlaceId>,
    query: Query<List>,
) -> Result<Fine<Page<PlaceInspectionView>>, ApiError> {
    let (id, page) = (*id, query.into_inner().page()?);
    call.read(move |tx| {
        policy::check_read(tx.actor())?;
        views::inspections(tx, id, &page)
    })
    .await
}

/// Which media.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MediaQuery {
    /// At this place.
    place_id: Option<PlaceId>,
    /// Part of the serial.
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

/// GET /backup-media
pub async fn media(call: Guard<may::ReadBackups>, query: Query<MediaQuery>) -> Result<Fine<Page<BackupMediumView>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    call.read(move |tx| {
        policy::check_read(tx.actor())?;
        let rows = page.page(store::media(tx, query.place_id, query.q.as_deref(), &page)?, |row| row.serial.clone());
        Ok(Page { items: views::media(tx, rows.items)?, next_cursor: rows.next_cursor })
    })
    .await
}

/// What can be said of a medium.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupMediumBody {
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    serial: String,
    kind: MediumType,
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
    #[serde(default = "super::yes")]
    active: bool,
}

impl From<BackupMediumBody> for MediumFacts {
    fn from(body: BackupMediumBody) -> Self {
        Self { serial: body.serial, kind: body.kind, note: body.note, active: body.active }
    }
}

/// What is to change; what is left out stays.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBackupMedium {
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    serial: Option<String>,
    kind: Option<MediumType>,
    /// Null clears it.
    #[serde(default, deserialize_with = "web::given")]
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<Option<String>>,
    active: Option<bool>,
}

impl ChangeBackupMedium {
    fn of(self, was: MediumFacts) -> MediumFacts {
        MediumFacts {
            serial: self.serial.unwrap_or(was.serial),
            kind: self.kind.unwrap_or(was.kind),
            note: self.note.unwrap_or(was.note),
            active: self.active.unwrap_or(was.active),
        }
    }
}

/// POST /backup-media
pub async fn create_medium(call: Guard<may::ManageBackups>, body: Valid<BackupMediumBody>) -> Result<Created<BackupMediumView>, ApiError> {
    let facts: MediumFacts = body.into_inner().into();
    call.create(move |tx| service::create_medium(tx, &facts)?.and_then(|id| views::medium(tx, id))).await
}

/// PATCH /backup-media/{id}
pub async fn change_medium(
    call: Guard<may::ManageBackups>,
    id: Path<MediumId>,
    expected: IfMatch,
    body: Valid<ChangeBackupMedium>,
) -> Result<Fine<BackupMediumView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| service::change_medium(tx, id, expected.0, |was| body.clone().of(was))?.and_then(|()| views::medium(tx, id)))
        .await
}

/// Where a medium goes.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediumMoveBody {
    /// To which place; absent: it is out.
    place_id: Option<PlaceId>,
    /// In whose hands it is then.
    custodian_id: Option<PersonId>,
    /// The seal's number; absent: it stays.
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    seal_number: Option<String>,
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// POST /backup-media/{id}/move
pub async fn move_medium(
    call: Guard<may::ManageBackups>,
    id: Path<MediumId>,
    expected: IfMatch,
    body: Valid<MediumMoveBody>,
) -> Result<Fine<BackupMediumView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let to = MediumMove { place: body.place_id, custodian: body.custodian_id, seal_number: body.seal_number, reason: body.reason };
    call.change(move |tx| service::move_medium(tx, id, expected.0, &to)?.and_then(|()| views::medium(tx, id))).await
}

/// GET /backup-media/{id}/moves
pub async fn moves(call: Guard<may::ReadBackups>, id: Path<MediumId>, query: Query<List>) -> Result<Fine<Page<MediumMoveView>>, ApiError> {
    let (id, page) = (*id, query.into_inner().page()?);
    call.read(move |tx| {
        policy::check_read(tx.actor())?;
        views::moves(tx, id, &page)
    })
    .await
}

/// Which hand-overs.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HandOverQuery {
    /// In this state.
    state: Option<HandOverState>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[validate(length(min = 2, max = 1024))]
    #[param(min_length = 2, max_length = 1024)]
    after: Option<String>,
}

/// GET /backup-handovers
pub async fn handovers(call: Guard<may::ReadBackups>, query: Query<HandOverQuery>) -> Result<Fine<Page<BackupHandOverView>>, ApiError> {
    let query = query.into_inner();
    let page = page_of(query.limit, query.after.as_deref())?;
    call.read(move |tx| {
        policy::check_read(tx.actor())?;
        let rows = page.page(store::handovers(tx, query.state, &page)?, |row| (row.given_at, row.id));
        Ok(Page { items: views::handovers(tx, &rows.items)?, next_cursor: rows.next_cursor })
    })
    .await
}

/// What is handed over, to whom: a medium, a backup, or both.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupHandOverBody {
    backup_id: Option<BackupId>,
    medium_id: Option<MediumId>,
    /// Where the receiver will keep it.
    place_id: Option<PlaceId>,
    /// Somebody else than who gives it.
    receiver_id: PersonId,
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// POST /backup-handovers: who holds a medium gives it, also back.
pub async fn hand_over(call: Guard<may::ReadBackups>, body: Valid<BackupHandOverBody>) -> Result<Created<BackupHandOverView>, ApiError> {
    let body = body.into_inner();
    let facts =
        HandOverFacts { backup: body.backup_id, medium: body.medium_id, place: body.place_id, receiver: body.receiver_id, note: body.note };
    call.create(move |tx| service::hand_over(tx, &facts)?.and_then(|id| views::handover(tx, id))).await
}

/// The receiver's answer.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverAnswerBody {
    /// Whether it was received as described.
    accept: bool,
    /// Why not, if not.
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// POST /backup-handovers/{id}/receive: the second signature.
pub async fn receive(
    call: Guard<may::ReadBackups>,
    id: Path<HandOverId>,
    expected: IfMatch,
    body: Valid<HandOverAnswerBody>,
) -> Result<Fine<BackupHandOverView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| service::answer(tx, id, expected.0, body.accept, body.note.clone())?.and_then(|()| views::handover(tx, id))).await
}

/// POST /backup-handovers/{id}/withdraw
pub async fn withdraw(
    call: Guard<may::ReadBackups>,
    id: Path<HandOverId>,
    expected: IfMatch,
) -> Result<Fine<BackupHandOverView>, ApiError> {
    let id = *id;
    call.change(move |tx| service::withdraw(tx, id, expected.0)?.and_then(|()| views::handover(tx, id))).await
}

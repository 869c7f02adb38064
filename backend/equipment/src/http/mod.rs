//! Handlers, request and response types.

pub mod inventory;
pub mod types;
mod views;

use identity::import::{self, ImportId, ImportQuery, ImportReport, Imported, ImportedKind, UndoReport};
use kernel::{Code, Date, Error, Page, PageRequest, Permission, PersonId, UnitId, may};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{
    ApiError, AppState, Bytes, Created, Download, Fine, Guard, IfMatch, List, Path, Query, Valid, exports::Format, page_of, rules, sheet,
};

pub use views::EquipmentItem;
use views::{EquipmentDetail, LabelViews, MovementView, SoftwareView};

use crate::{
    model::{Attributes, EquipmentAction, EquipmentId, EquipmentRef, EquipmentState, TypeId, parse_cents},
    service::{self, Destination, Facts, Step},
    sheets,
    store::{self, EquipmentLens, Filter},
};

/// Which equipment.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EquipmentQuery {
    /// Whose; everything I may see if absent.
    lens: Option<EquipmentLens>,
    /// In one of these states.
    #[serde(default)]
    #[param(max_items = 8)]
    state: Vec<EquipmentState>,
    /// Of this type.
    type_id: Option<TypeId>,
    /// In this unit or below.
    unit_id: Option<UnitId>,
    /// In these hands.
    holder_id: Option<PersonId>,
    /// False: only what an agent found and nobody has registered.
    registered: Option<bool>,
    /// Words of number, name, serial, maker, model, place; pinyin initials.
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
    /// For exports.
    format: Option<Format>,
}

impl EquipmentQuery {
    fn filter(&self) -> Filter {
        Filter {
            lens: self.lens,
            states: self.state.clone(),
            type_id: self.type_id,
            unit_id: self.unit_id,
            holder_id: self.holder_id,
            registered: self.registered,
            words: self.q.clone().filter(|words| !words.trim().is_empty()),
        }
    }
}

/// GET /equipment
pub async fn list(call: Guard<may::ReadEquipment>, query: Query<EquipmentQuery>) -> Result<Fine<Page<EquipmentItem>>, ApiError> {
    let query = query.into_inner();
    let (filter, page) = (query.filter(), page_of(query.limit, query.after.as_deref())?);
    call.read(move |tx| views::page(tx, &filter, &page)).await
}

/// GET /equipment/export
pub async fn export(call: Guard<may::ReadEquipment>, query: Query<EquipmentQuery>) -> Result<Download, ApiError> {
    let query = query.into_inner();
    let (filter, chinese) = (query.filter(), call.actor().chinese);
    let noted = db::Event::about("equipment.exported", "person", call.actor().require_person()?.uuid(), call.actor().name.clone());
    call.db().note(call.actor(), noted).await?;
    web::exports::stream(
        &call,
        query.format.unwrap_or(Format::Csv),
        "equipment",
        sheets::columns(chinese),
        move |tx, page: &PageRequest| {
            let found = views::every(tx, &filter, page)?;
            Ok(Page { items: sheets::rows(tx, found.items)?, next_cursor: found.next_cursor })
        },
    )
    .await
}

/// What can be said of it.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EquipmentFacts {
    #[validate(length(min = 1, max = 100), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    type_id: TypeId,
    /// Given by the series when absent.
    #[validate(length(min = 1, max = 40), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 40)]
    number: Option<String>,
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    serial: Option<String>,
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    manufacturer: Option<String>,
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    model: Option<String>,
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    place: Option<String>,
    purchased_on: Option<Date>,
    /// In yuan, such as 1234.50.
    #[validate(length(min = 1, max = 15))]
    #[schema(min_length = 1, max_length = 15, pattern = r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]
    price: Option<String>,
    warranty_until: Option<Date>,
    /// By the type's attributes.
    #[serde(default)]
    #[schema(value_type = Object)]
    attributes: Attributes,
    /// Only when adding.
    unit_id: Option<UnitId>,
    /// Only when adding.
    holder_id: Option<PersonId>,
}

impl EquipmentFacts {
    fn split(self) -> Result<(Facts, Destination), Error> {
        let price_cents = match self.price.as_deref().map(parse_cents) {
            None => None,
            Some(Some(cents)) => Some(cents),
            Some(None) => return Err(Error::invalid("/price", Code::BadFormat)),
        };
        let facts = Facts {
            number: self.number,
            name: self.name,
            type_id: Some(self.type_id),
            serial: self.serial,
            manufacturer: self.manufacturer,
            model: self.model,
            place: self.place,
            purchased_on: self.purchased_on,
            price_cents,
            warranty_until: self.warranty_until,
            attributes: self.attributes,
        };
        Ok((facts, Destination { unit: self.unit_id, holder: self.holder_id, place: None }))
    }
}

/// POST /equipment
pub async fn create(call: Guard<may::ManageEquipment>, body: Valid<EquipmentFacts>) -> Result<Created<EquipmentDetail>, ApiError> {
    let (facts, to) = body.into_inner().split()?;
    call.create(move |tx| service::create(tx, &facts, &to)?.and_then(|id| views::detail(tx, id))).await
}

/// GET /equipment/{id}
pub async fn show(call: Guard<may::ReadEquipment>, id: Path<EquipmentId>) -> Result<Fine<EquipmentDetail>, ApiError> {
    let id = *id;
    call.read(move |tx| views::detail(tx, id)).await
}

/// GET /equipment/scan/{label_code}: whoever stands before a thing may know what it is, to report it.
pub async fn scan(call: Guard<may::ReadEquipment>, code: Path<String>) -> Result<Fine<EquipmentRef>, ApiError> {
    let code = code.into_inner();
    call.read(move |tx| service::labelled(tx, &code)?.ok_or_else(|| Error::new(Code::NotFound))).await
}

/// PATCH /equipment/{id}
pub async fn change(
    call: Guard<may::ManageEquipment>,
    id: Path<EquipmentId>,
    expected: IfMatch,
    body: Valid<EquipmentFacts>,
) -> Result<Fine<EquipmentDetail>, ApiError> {
    let id = *id;
    let (facts, to) = body.into_inner().split()?;
    if to.unit.is_some() || to.holder.is_some() {
        return Err(Error::invalid(if to.unit.is_some() { "/unit_id" } else { "/holder_id" }, Code::Unknown).into());
    }
    call.change(move |tx| service::change(tx, id, expected.0, &facts)?.and_then(|()| views::detail(tx, id))).await
}

/// A step.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EquipmentStep {
    /// What to do.
    action: EquipmentAction,
    /// To which unit: register, assign.
    unit_id: Option<UnitId>,
    /// Into whose hands: register, assign, lend.
    holder_id: Option<PersonId>,
    #[validate(length(min = 1, max = 120), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 120)]
    place: Option<String>,
    /// Until when: lend.
    until: Option<Date>,
    /// Why, or what came of it: report_fault, send_out, retire, dispose.
    #[validate(length(min = 1, max = 500), custom(function = "rules::words"))]
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// POST /equipment/{id}/transitions
pub async fn transition(
    call: Guard<may::ManageEquipment>,
    id: Path<EquipmentId>,
    expected: IfMatch,
    body: Valid<EquipmentStep>,
) -> Result<Fine<EquipmentDetail>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    let to = Destination { unit: body.unit_id, holder: body.holder_id, place: body.place };
    let step = Step { action: body.action, to, until: body.until, reason: body.reason, ticket: None };
    call.change(move |tx| service::transition(tx, id, expected.0, &step)?.and_then(|()| views::detail(tx, id))).await
}

/// GET /equipment/{id}/movements
pub async fn movements(
    call: Guard<may::ReadEquipment>,
    id: Path<EquipmentId>,
    query: Query<web::List>,
) -> Result<Fine<Page<MovementView>>, ApiError> {
    let (id, page) = (*id, query.into_inner().page()?);
    call.read(move |tx| views::movements(tx, id, &page)).await
}

/// Which software.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SoftwareQuery {
    /// Part of the name.
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

/// GET /equipment/{id}/software
pub async fn software(
    call: Guard<may::ReadEquipment>,
    id: Path<EquipmentId>,
    query: Query<SoftwareQuery>,
) -> Result<Fine<Page<SoftwareView>>, ApiError> {
    let (id, query) = (*id, query.into_inner());
    let page = page_of(query.limit, query.after.as_deref())?;
    call.read(move |tx| {
        service::visible(tx, id)?;
        let rows = store::software(tx, id, query.q.as_deref(), &page)?;
        Ok(page.page(rows, |row| (row.name.clone(), row.id)).map(SoftwareView::from))
    })
    .await
}

/// For which equipment labels are printed.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LabelsQuery {
    /// Up to 100.
    #[serde(default)]
    #[param(max_items = 100)]
    id: Vec<EquipmentId>,
}

/// GET /equipment/labels
pub async fn labels(
    call: Guard<may::ReadEquipment>,
    state: actix_web::web::Data<AppState>,
    query: Query<LabelsQuery>,
) -> Result<Fine<LabelViews>, ApiError> {
    let ids = query.into_inner().id;
    if ids.len() > 100 {
        return Err(Error::invalid_parameter("id", Code::TooLong).into());
    }
    let request = call.request().connection_info().clone();
    let base = state.public_url.clone().unwrap_or_else(|| format!("{}://{}", request.scheme(), request.host()));
    call.read(move |tx| views::labels(tx, &ids, &base)).await
}

/// POST /equipment/import
pub async fn import_sheet(
    call: Guard<may::ManageEquipment>,
    query: Query<ImportQuery>,
    body: Bytes,
) -> Result<Fine<ImportReport>, ApiError> {
    let sheet = sheet::read(&body.content)?;
    if query.into_inner().is_dry() {
        call.read(move |tx| sheets::check(tx, &sheet)).await
    } else {
        call.change(move |tx| sheets::import(tx, &sheet)).await
    }
}

/// GET /equipment/imports
pub async fn imports(call: Guard<may::ManageEquipment>, query: Query<List>) -> Result<Fine<Page<Imported>>, ApiError> {
    let page = query.into_inner().page()?;
    call.read(move |tx| import::list(tx, ImportedKind::Equipment, &page)).await
}

/// POST /equipment/imports/{id}/undo
pub async fn undo_import(call: Guard<may::ManageEquipment>, id: Path<ImportId>, expected: IfMatch) -> Result<Fine<UndoReport>, ApiError> {
    let id = *id;
    call.change(move |tx| sheets::undo(tx, id, expected.0)).await
}

/// How far reading reaches.
fn reach(tx: &db::ReadTx<'_>) -> kernel::Reach {
    tx.actor().reach(Permission::ReadEquipment)
}

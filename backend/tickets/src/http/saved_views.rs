//! Lists that somebody comes back to.

use db::Event;
use kernel::{Code, Error, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Created, Fine, Guard, IfMatch, NoContent, Path, Valid, View, rules};

use super::TicketQuery;
use crate::{
    model::{SavedView, SavedViewId},
    store,
};

/// How many one person may have.
const AT_MOST: usize = 50;

/// A saved view.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedViewView {
    id: SavedViewId,
    name: String,
    /// The query string of `GET /tickets`.
    filter: String,
    /// In which order the views are shown.
    position: i32,
    /// For If-Match.
    version: i32,
}
impl View for SavedViewView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

impl From<SavedView> for SavedViewView {
    fn from(row: SavedView) -> Self {
        Self { id: row.id, name: row.name, filter: row.filter, position: row.position, version: row.version }
    }
}

/// My views.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedViews {
    items: Vec<SavedViewView>,
}
impl View for SavedViews {}

/// GET /ticket-views
pub async fn list(call: Guard<may::ReadTickets>) -> Result<Fine<SavedViews>, ApiError> {
    call.read(|tx| {
        let me = tx.actor().require_person()?;
        Ok(SavedViews { items: store::views_of(tx, me)?.into_iter().map(Into::into).collect() })
    })
    .await
}

/// A view to be kept.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveView {
    #[validate(length(min = 1, max = 40), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// The query string of `GET /tickets`, without `after` and `limit`.
    #[validate(length(max = 1000))]
    #[schema(max_length = 1000)]
    filter: String,
    /// In which order; last if absent.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000)]
    position: Option<i32>,
}

impl SaveView {
    /// A view that the list would refuse is refused here.
    fn check(&self) -> Result<(), Error> {
        let query: TicketQuery = web::parse_query(&self.filter).map_err(|_| Error::invalid("/filter", Code::BadFormat))?;
        if query.after.is_some() || query.limit.is_some() || query.format.is_some() {
            Err(Error::invalid("/filter", Code::BadFormat))
        } else {
            Ok(())
        }
    }
}

/// POST /ticket-views
pub async fn create(call: Guard<may::ReadTickets>, body: Valid<SaveView>) -> Result<Created<SavedViewView>, ApiError> {
    let body = body.into_inner();
    body.check()?;
    call.create(move |tx| {
        let me = tx.actor().require_person()?;
        let mine = store::views_of(tx, me)?;
        if mine.iter().any(|other| other.name == body.name) {
            return Err(Error::invalid("/name", Code::AlreadyTaken));
        }
        if mine.len() >= AT_MOST {
            return Err(Error::invalid("/name", Code::TooLong));
        }
        let last = mine.iter().map(|view| view.position + 1).max().unwrap_or(0);
        let position = body.position.unwrap_or(last);
        let row =
            SavedView { id: SavedViewId::new(), person_id: me, name: body.name.clone(), filter: body.filter.clone(), position, version: 1 };
        let event = Event::new("ticket_view.created", row.id, row.name.clone()).created().set("name", &row.name).set("filter", &row.filter);
        Ok(tx.record(event, |rows| store::insert_view(rows, &row))?.map(|()| row.clone().into()))
    })
    .await
}

fn own(tx: &mut db::ReadTx<'_>, id: SavedViewId) -> Result<SavedView, Error> {
    let row = store::view(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if tx.actor().is(row.person_id) { Ok(row) } else { Err(Error::hidden(id)) }
}

/// PUT /ticket-views/{id}
pub async fn change(
    call: Guard<may::ReadTickets>,
    id: Path<SavedViewId>,
    expected: IfMatch,
    body: Valid<SaveView>,
) -> Result<Fine<SavedViewView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    body.check()?;
    call.change(move |tx| {
        let before = own(tx, id)?;
        if before.version != expected.0 {
            return Err(Error::new(Code::Stale));
        }
        if store::views_of(tx, before.person_id)?.iter().any(|other| other.id != id && other.name == body.name) {
            return Err(Error::invalid("/name", Code::AlreadyTaken));
        }
        let position = body.position.unwrap_or(before.position);
        let after = SavedView { name: body.name.clone(), filter: body.filter.clone(), position, ..before.clone() };
        let event = Event::new("ticket_view.updated", id, after.name.clone())
            .step(before.version)
            .change("name", &before.name, &after.name)
            .change("filter", &before.filter, &after.filter)
            .change("position", &before.position, &after.position);
        if event.changes_nothing() {
            return Ok(tx.unchanged(before.into()));
        }
        let recorded = tx.record(event, |rows| store::update_view(rows, &after, before.version))?;
        Ok(recorded.map(|()| SavedView { version: before.version + 1, ..after.clone() }.into()))
    })
    .await
}

/// DELETE /ticket-views/{id}
pub async fn delete(call: Guard<may::ReadTickets>, id: Path<SavedViewId>) -> Result<NoContent, ApiError> {
    let id = *id;
    call.done(move |tx| {
        let row = own(tx, id)?;
        let event =
            Event::new("ticket_view.deleted", id, row.name.clone()).step(row.version).change("filter", &Some(row.filter.clone()), &None);
        tx.record(event, |rows| store::delete_view(rows, id))
    })
    .await
}

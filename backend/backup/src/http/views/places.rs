//! Places, and their inspections.

use db::ReadTx;
use identity::{
    PersonRef,
    directory::{self, Names},
};
use kernel::{Error, Page, PageRequest, Ts};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use crate::{
    model::{Place, PlaceId},
    policy, store,
};

/// A place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupPlaceView {
    id: PlaceId,
    name: String,
    #[schema(required)]
    location: Option<String>,
    #[schema(required)]
    custodian: Option<PersonRef>,
    inspect_days: i32,
    #[schema(required)]
    inspected_at: Option<Ts>,
    /// Whether the last inspection found it protected against all six.
    #[schema(required)]
    fit: Option<bool>,
    /// When the next inspection is due.
    due_at: Ts,
    /// Whether it is past that.
    overdue: bool,
    active: bool,
    /// Whether the reader may change and inspect it.
    allowed_actions: Vec<AllowedAction>,
    /// For If-Match.
    version: i32,
}
impl View for BackupPlaceView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn place_views(tx: &mut ReadTx<'_>, rows: Vec<Place>) -> Result<Vec<BackupPlaceView>, Error> {
    let people = directory::people(tx, rows.iter().filter_map(|row| row.custodian_id))?;
    let (now, actor, chinese) = (tx.now(), tx.actor(), tx.actor().chinese);
    let view = |row: Place| BackupPlaceView {
        due_at: row.due_at(),
        overdue: row.active && row.due_at() <= now,
        custodian: row.custodian_id.and_then(|id| people.get(&id).cloned()),
        allowed_actions: vec![AllowedAction::of("update", policy::check_manage(actor), chinese)],
        id: row.id,
        name: row.name,
        location: row.location,
        inspect_days: row.inspect_days,
        inspected_at: row.inspected_at,
        fit: row.fit,
        active: row.active,
        version: row.version,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// All places by name.
pub fn places(tx: &mut ReadTx<'_>) -> Result<Vec<BackupPlaceView>, Error> {
    let rows = store::places(tx)?;
    place_views(tx, rows)
}

/// One place.
pub fn place(tx: &mut ReadTx<'_>, id: PlaceId) -> Result<BackupPlaceView, Error> {
    let row = store::place(tx, id)?.ok_or_else(|| Error::absent(id))?;
    place_views(tx, vec![row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

/// An inspection: whether there was protection against each of the six.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaceInspectionView {
    at: Ts,
    by: PersonRef,
    fire: bool,
    heat: bool,
    damp: bool,
    dust: bool,
    magnetism: bool,
    theft: bool,
    #[schema(required)]
    note: Option<String>,
}

/// Inspections of a place, newest first.
pub fn inspections(tx: &mut ReadTx<'_>, id: PlaceId, page: &PageRequest) -> Result<Page<PlaceInspectionView>, Error> {
    store::place(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let rows = store::inspections(tx, id, page)?;
    let names = Names::load(tx, rows.iter().map(|row| row.by_id), [])?;
    Ok(page.page(rows, |row| (row.at, row.id)).map(|row| PlaceInspectionView {
        at: row.at,
        by: names.person(row.by_id),
        fire: row.fire,
        heat: row.heat,
        damp: row.damp,
        dust: row.dust,
        magnetism: row.magnetism,
        theft: row.theft,
        note: row.note,
    }))
}

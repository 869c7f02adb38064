//! Media, and where they have been.

use db::ReadTx;
use identity::{PersonRef, directory};
use kernel::{Error, Page, PageRequest, Ts};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use super::{BackupNamedRef, place_ref};
use crate::{
    model::{Medium, MediumId, MediumType},
    policy, store,
};

/// A medium.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupMediumView {
    id: MediumId,
    serial: String,
    kind: MediumType,
    #[schema(required)]
    seal_number: Option<String>,
    /// Where it is; none when it is out.
    #[schema(required)]
    place: Option<BackupNamedRef>,
    #[schema(required)]
    custodian: Option<PersonRef>,
    #[schema(required)]
    note: Option<String>,
    active: bool,
    /// Whether the reader may change and move it, and give it away.
    allowed_actions: Vec<AllowedAction>,
    /// For If-Match.
    version: i32,
}
impl View for BackupMediumView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// Views of media.
pub fn media(tx: &mut ReadTx<'_>, rows: Vec<Medium>) -> Result<Vec<BackupMediumView>, Error> {
    let people = directory::people(tx, rows.iter().filter_map(|row| row.custodian_id))?;
    let places = store::places(tx)?;
    let (actor, chinese) = (tx.actor(), tx.actor().chinese);
    let view = |row: Medium| BackupMediumView {
        place: place_ref(&places, row.place_id),
        custodian: row.custodian_id.and_then(|id| people.get(&id).cloned()),
        allowed_actions: vec![
            AllowedAction::of("update", policy::check_manage(actor), chinese),
            AllowedAction::of("hand_over", policy::check_give(actor, Some(&row)), chinese),
        ],
        id: row.id,
        serial: row.serial,
        kind: row.kind,
        seal_number: row.seal_number,
        note: row.note,
        active: row.active,
        version: row.version,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// One medium.
pub fn medium(tx: &mut ReadTx<'_>, id: MediumId) -> Result<BackupMediumView, Error> {
    let row = store::medium(tx, id)?.ok_or_else(|| Error::absent(id))?;
    media(tx, vec![row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

/// A move of a medium.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MediumMoveView {
    at: Ts,
    /// Who noted it, as they were called then.
    by: String,
    #[schema(required)]
    from_place: Option<BackupNamedRef>,
    #[schema(required)]
    to_place: Option<BackupNamedRef>,
    #[schema(required)]
    from_custodian: Option<PersonRef>,
    #[schema(required)]
    to_custodian: Option<PersonRef>,
    #[schema(required)]
    seal_number: Option<String>,
    #[schema(required)]
    reason: Option<String>,
}

/// Moves of a medium, newest first.
pub fn moves(tx: &mut ReadTx<'_>, id: MediumId, page: &PageRequest) -> Result<Page<MediumMoveView>, Error> {
    store::medium(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let rows = store::moves(tx, id, page)?;
    let people = directory::people(tx, rows.iter().flat_map(|row| [row.from_custodian_id, row.to_custodian_id]).flatten())?;
    let places = store::places(tx)?;
    Ok(page.page(rows, |row| (row.at, row.id)).map(|row| MediumMoveView {
        at: row.at,
        by: row.by_name,
        from_place: place_ref(&places, row.from_place_id),
        to_place: place_ref(&places, row.to_place_id),
        from_custodian: row.from_custodian_id.and_then(|id| people.get(&id).cloned()),
        to_custodian: row.to_custodian_id.and_then(|id| people.get(&id).cloned()),
        seal_number: row.seal_number,
        reason: row.reason,
    }))
}

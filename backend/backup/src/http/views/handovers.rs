//! Hand-overs, and both signatures.

use db::ReadTx;
use identity::{PersonRef, directory::Names};
use kernel::{Error, Ts};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use super::{BackupNamedRef, place_ref};
use crate::{
    model::{BackupId, HandOver, HandOverId, HandOverState},
    policy, store,
};

/// A hand-over with both signatures, or one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupHandOverView {
    id: HandOverId,
    #[schema(required)]
    backup_id: Option<BackupId>,
    #[schema(required)]
    medium: Option<BackupNamedRef>,
    #[schema(required)]
    place: Option<BackupNamedRef>,
    giver: PersonRef,
    receiver: PersonRef,
    state: HandOverState,
    given_at: Ts,
    #[schema(required)]
    answered_at: Option<Ts>,
    #[schema(required)]
    note: Option<String>,
    /// What the receiver said.
    #[schema(required)]
    answer: Option<String>,
    allowed_actions: Vec<AllowedAction>,
    /// For If-Match.
    version: i32,
}
impl View for BackupHandOverView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// Views of hand-overs.
pub fn handovers(tx: &mut ReadTx<'_>, rows: &[HandOver]) -> Result<Vec<BackupHandOverView>, Error> {
    let names = Names::load(tx, rows.iter().flat_map(|row| [row.giver_id, row.receiver_id]), [])?;
    let serials = store::serials(tx, rows.iter().filter_map(|row| row.medium_id).collect())?;
    let places = store::places(tx)?;
    let (actor, chinese) = (tx.actor(), tx.actor().chinese);
    let view = |row: &HandOver| BackupHandOverView {
        id: row.id,
        backup_id: row.backup_id,
        medium: row.medium_id.and_then(|id| Some(BackupNamedRef { id: id.uuid(), name: serials.get(&id)?.clone() })),
        place: place_ref(&places, row.place_id),
        giver: names.person(row.giver_id),
        receiver: names.person(row.receiver_id),
        state: row.state,
        given_at: row.given_at,
        answered_at: row.answered_at,
        note: row.note.clone(),
        answer: row.answer.clone(),
        allowed_actions: vec![
            AllowedAction::of("receive", policy::check_answer(actor, row), chinese),
            AllowedAction::of("withdraw", policy::check_withdraw(actor, row), chinese),
        ],
        version: row.version,
    };
    Ok(rows.iter().map(view).collect())
}

/// One hand-over.
pub fn handover(tx: &mut ReadTx<'_>, id: HandOverId) -> Result<BackupHandOverView, Error> {
    let row = store::handover(tx, id)?.ok_or_else(|| Error::absent(id))?;
    handovers(tx, &[row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

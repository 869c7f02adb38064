//! What happens to tickets: reported, taken step by step, talked about, linked.
//!
//! Here is how a ticket is read; each file beside holds one thing that is done to it.

mod alerts;
mod links;
mod notes;
mod reporting;
mod steps;

use std::collections::BTreeSet;

use db::ReadTx;
use equipment::EquipmentId;
use identity::directory::Names;
use kernel::{Error, PersonId, Ts};

use crate::{
    model::{Attachment, Text, Ticket, TicketId},
    policy,
    settings::Settings,
    store,
};

pub use alerts::receive_alerts;
pub use links::{link, unlink, unwatch, watch};
pub use notes::{NewNote, add_note, attach, attachment};
pub use reporting::{Changes, Report, change, report};
pub use steps::{Step, check_action, transition};

/// A ticket with all that belongs to it.
pub struct Whole {
    /// The ticket.
    pub row: Ticket,
    /// Its long texts.
    pub text: Text,
    /// By which its times are reckoned.
    pub settings: Settings,
    /// Whether the reader watches it.
    pub watching: bool,
    /// When the reader looked last.
    pub seen_at: Option<Ts>,
    /// Equipment that it is about.
    pub equipment: Vec<EquipmentId>,
    /// Who watches it.
    pub watchers: Vec<PersonId>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// Of everybody and every unit that it names.
    pub names: Names,
}

/// Reads a whole ticket that the actor may see.
pub fn whole(tx: &mut ReadTx<'_>, id: TicketId) -> Result<Whole, Error> {
    let row = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let watchers = store::watchers(tx, id)?;
    let me = tx.actor().person();
    let watching = me.is_some_and(|me| watchers.contains(&me));
    if !policy::can_see(tx.actor(), &row, watching) {
        return Err(Error::hidden(id));
    }
    Ok(Whole {
        text: store::text(tx, id)?,
        settings: Settings::load(tx)?,
        watching,
        seen_at: store::seen_at(tx, &[id], me)?.remove(&id),
        equipment: store::equipment_of(tx, id)?,
        attachments: store::attachments(tx, id)?,
        names: names(tx, std::slice::from_ref(&row), &watchers)?,
        watchers,
        row,
    })
}

/// Names of everybody and every unit in these tickets, and of others.
pub fn names(tx: &mut ReadTx<'_>, rows: &[Ticket], others: &[PersonId]) -> Result<Names, Error> {
    let people = rows.iter().flat_map(|row| [Some(row.reporter_id), row.assignee_id]).flatten();
    let units = rows.iter().flat_map(|row| [Some(row.unit_id), row.assigned_unit_id]).flatten();
    Names::load(tx, people.chain(others.iter().copied()), units)
}

/// A ticket that the actor may see, and whether they watch it.
pub fn visible(tx: &mut ReadTx<'_>, id: TicketId) -> Result<(Ticket, bool), Error> {
    let row = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let person = tx.actor().person();
    let watches = !store::watched(tx, &[id], person)?.is_empty();
    if policy::can_see(tx.actor(), &row, watches) { Ok((row, watches)) } else { Err(Error::hidden(id)) }
}

/// Which of these the actor may see.
pub fn visible_among(tx: &mut ReadTx<'_>, ids: &[TicketId]) -> Result<BTreeSet<TicketId>, Error> {
    let person = tx.actor().person();
    let watched = store::watched(tx, ids, person)?;
    let rows = store::by_ids(tx, ids)?;
    Ok(rows.iter().filter(|row| policy::can_see(tx.actor(), row, watched.contains(&row.id))).map(|row| row.id).collect())
}

/// Open tickets about a piece of equipment, for its own rules.
pub fn open_tickets(tx: &mut ReadTx<'_>, equipment: EquipmentId) -> Result<i64, Error> {
    i64::try_from(store::open_about(tx, equipment)?.len()).map_err(Error::internal)
}

/// Open tickets in somebody's hands: who leaves hands them over first.
pub fn open_work(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    store::open_of_assignee(tx, person)
}

//! Use cases over a transaction.

pub mod cases;
pub mod findings;
pub mod regulations;
pub mod reminders;
pub mod standing;
pub mod waivers;

use std::sync::{Arc, OnceLock};

use controls::{CALENDAR, Catalogue, EventKind};
use db::{Database, Event, ReadTx, WriteTx};
use kernel::{
    Actor, ActorKind, Error,
    calendar::{Calendar, Hours, SpecialDay},
};
use serde::{Deserialize, Serialize};
use workflows::packs::PackEvent;

use crate::{model::hash, store};

/// The calendar of a company, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeHours {
    pub hours: Hours,
    pub special: Vec<SpecialDay>,
}

impl OfficeHours {
    /// Checked.
    pub fn calendar(&self) -> Result<Calendar, Error> {
        Calendar::new(&self.hours, &self.special)
    }
}

/// Where the calendar comes from.
type HoursSource = dyn Fn(&mut ReadTx<'_>) -> Result<(Hours, Vec<SpecialDay>), Error> + Send + Sync;

/// What the controls of this company stand on.
#[derive(Clone)]
pub struct Office {
    pub processes: Arc<workflows::Office>,
    hours: Arc<HoursSource>,
}

impl Office {
    /// These processes, this calendar.
    pub fn new(
        processes: Arc<workflows::Office>,
        hours: impl Fn(&mut ReadTx<'_>) -> Result<(Hours, Vec<SpecialDay>), Error> + Send + Sync + 'static,
    ) -> Self {
        Self { processes, hours: Arc::new(hours) }
    }

    /// The calendar now: its hash, its text.
    fn hours(&self, tx: &mut ReadTx<'_>) -> Result<(String, String), Error> {
        let (hours, special) = (self.hours)(tx)?;
        let text = serde_json::to_string(&OfficeHours { hours, special }).map_err(Error::internal)?;
        Ok((hash(&text), text))
    }
}

#[derive(Deserialize)]
struct Events {
    event: Vec<EventKind>,
}

/// What the product itself can say; read once.
pub fn product_events() -> Result<&'static [EventKind], Error> {
    static READ: OnceLock<Vec<EventKind>> = OnceLock::new();
    let read = || toml::from_str::<Events>(include_str!("../events.toml")).map(|events| events.event).map_err(Error::internal);
    match READ.get() {
        Some(events) => Ok(events),
        None => read().map(|events| READ.get_or_init(|| events).as_slice()),
    }
}

/// Every event that there is: those of the product, and those of the packs' processes; put together once.
pub fn catalogue() -> Result<&'static Catalogue, Error> {
    static READ: OnceLock<Catalogue> = OnceLock::new();
    if let Some(known) = READ.get() {
        return Ok(known);
    }
    let mut all = product_events()?.to_vec();
    for pack in workflows::packs::shipped()?.values() {
        all.extend(pack.events.iter().cloned().map(said_by_a_step));
    }
    Ok(READ.get_or_init(|| Catalogue::of(all)))
}

/// An event of a process also says which process and step it came from.
fn said_by_a_step(event: PackEvent) -> EventKind {
    let PackEvent { name, title, en, mut facts } = event;
    facts.extend(["process", "step"].map(|fact| (fact.to_owned(), "string".to_owned())));
    EventKind { name, title, en, facts }
}

/// The calendar that holds now enters the log, if it is another than the one that did last.
fn adopting_calendar(tx: &mut WriteTx<'_>, office: &Office) -> Result<(), Error> {
    let (hash, text) = office.hours(tx)?;
    if store::last_calendar(tx)?.as_deref() == Some(hash.as_str()) {
        return Ok(());
    }
    let event = Event::about(CALENDAR, "calendar", kernel::Uuid::nil(), "").fact("calendar", &hash);
    tx.record(event, |rows| store::keep(rows, &hash, "calendar", &text)).map(db::Recorded::into_inner)
}

/// A calendar that was changed enters the log.
pub async fn adopt_calendar(db: &Database, office: &Office, known: &str) -> Result<(), Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "controls"));
    let (reading, known) = (office.clone(), known.to_owned());
    // Looked at before, so that a calendar that stays the same costs no write.
    if db.read(&actor, move |tx| Ok(reading.hours(tx)?.0 == known)).await? {
        return Ok(());
    }
    let office = office.clone();
    db.write(&actor, move |tx| {
        adopting_calendar(tx, &office)?;
        Ok(tx.unchanged(()))
    })
    .await
}

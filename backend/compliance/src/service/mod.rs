//! Use cases over a transaction.

pub mod findings;
pub mod regulations;
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
    #[serde(default)]
    event: Vec<EventKind>,
}

/// What the product itself can say; read once.
pub fn product_events() -> Result<&'static [EventKind], Error> {
    static READ: OnceLock<Vec<EventKind>> = OnceLock::new();
    match READ.get() {
        Some(events) => Ok(events),
        None => read_events(include_str!("../events.toml")).map(|events| READ.get_or_init(|| events).as_slice()),
    }
}

/// The events of a file such as a pack's `events.toml`.
fn read_events(text: &str) -> Result<Vec<EventKind>, Error> {
    toml::from_str::<Events>(text).map(|events| events.event).map_err(Error::internal)
}

/// Every event that there is: those of the product, and those of the packs' processes.
pub fn catalogue() -> Result<Catalogue, Error> {
    let mut all = product_events()?.to_vec();
    for pack in workflows::packs::shipped()?.values() {
        all.extend(events_of(pack)?);
    }
    Ok(Catalogue::of(all))
}

/// The events of a pack; each also says which process and step it came from.
pub fn events_of(pack: &workflows::packs::Pack) -> Result<Vec<EventKind>, Error> {
    let text = pack.files.get("events.toml").map_or("", |bytes| std::str::from_utf8(bytes).unwrap_or_default());
    let mut events = read_events(text)?;
    for event in &mut events {
        for fact in ["process", "step"] {
            event.facts.insert(fact.to_owned(), "string".to_owned());
        }
    }
    Ok(events)
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

//! Service levels and the working calendar, and the due times that follow from them.

use std::sync::{Arc, Mutex, PoisonError};

use db::{Database, Event, ReadTx, Recorded, WriteTx};
use kernel::{
    Actor, ActorKind, Code, Error, Ts,
    calendar::{self, Calendar, Due, Hours, Pause, SpecialDay},
    column::RawJson,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    model::{Priority, Setting, SettingId, Text, Ticket},
    store,
};

/// Minutes of working time until the first response and the solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceLevel {
    /// Of this priority.
    pub priority: Priority,
    /// Until somebody begins.
    #[validate(range(min = 1, max = 100_000))]
    #[schema(minimum = 1, maximum = 100_000)]
    pub respond_minutes: i64,
    /// Until it is solved.
    #[validate(range(min = 1, max = 100_000))]
    #[schema(minimum = 1, maximum = 100_000)]
    pub resolve_minutes: i64,
}

/// The agreement with the users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceLevels {
    /// One for each priority.
    #[validate(length(min = 4, max = 4), nested)]
    #[schema(min_items = 4, max_items = 4)]
    pub levels: Vec<ServiceLevel>,
    /// For so many days after its solution a ticket can be opened again.
    #[validate(range(min = 0, max = 365))]
    #[schema(minimum = 0, maximum = 365)]
    pub reopen_days: i64,
}

impl ServiceLevels {
    fn usual() -> Self {
        let level = |priority, respond_minutes, resolve_minutes| ServiceLevel { priority, respond_minutes, resolve_minutes };
        let levels = vec![
            level(Priority::Critical, 15, 240),
            level(Priority::High, 30, 480),
            level(Priority::Medium, 120, 1350),
            level(Priority::Low, 240, 2250),
        ];
        Self { levels, reopen_days: 7 }
    }

    /// Each priority once.
    pub fn check(&self) -> Result<(), Error> {
        for (index, level) in self.levels.iter().enumerate() {
            if self.levels.iter().filter(|other| other.priority == level.priority).count() > 1 {
                return Err(Error::invalid(format!("/levels/{index}/priority"), Code::Duplicate));
            }
        }
        Ok(())
    }

    /// The level of a priority.
    pub fn of(&self, priority: Priority) -> Result<ServiceLevel, Error> {
        self.levels
            .iter()
            .copied()
            .find(|level| level.priority == priority)
            .ok_or_else(|| Error::internal("a priority without service level"))
    }
}

/// The name of the service levels among the settings.
pub const LEVELS: &str = "service_levels";
/// The name of the working hours among the settings.
pub const HOURS: &str = "hours";
/// The years for which special days may be given.
pub const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// The name of a year's special days among the settings.
pub fn year_name(year: i16) -> String {
    format!("calendar.{year}")
}

/// All settings, checked.
#[derive(Clone)]
pub struct Settings {
    /// What was promised.
    pub levels: Arc<ServiceLevels>,
    calendar: Arc<Calendar>,
}

/// Of which versions settings were built, and for which year.
type Made = (i16, Vec<(SettingId, i32)>);

/// The settings that were built last. Every ticket needs them and they hardly ever change; whether they did is read each time.
static LAST: Mutex<Option<(Made, Settings)>> = Mutex::new(None);

impl Settings {
    /// As they are now.
    pub fn load(tx: &mut ReadTx<'_>) -> Result<Self, Error> {
        let made: Made = (tx.now().office_year(), store::setting_versions(tx)?);
        if let Some((of, settings)) = LAST.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
            && *of == made
        {
            return Ok(settings.clone());
        }
        let settings = Self::build(tx)?;
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some((made, settings.clone()));
        Ok(settings)
    }

    fn build(tx: &mut ReadTx<'_>) -> Result<Self, Error> {
        let rows = store::settings(tx)?;
        let find = |name: &str| rows.iter().find(|row| row.name == name);
        let levels = find(LEVELS).map(|row| row.value.parse()).transpose()?.unwrap_or_else(ServiceLevels::usual);
        let (hours, special) = hours_of(&rows, tx.now().office_year())?;
        Ok(Self { levels: Arc::new(levels), calendar: Arc::new(Calendar::new(&hours, &special)?) })
    }

    /// The working calendar.
    #[must_use]
    pub fn calendar(&self) -> Arc<Calendar> {
        Arc::clone(&self.calendar)
    }

    /// Until when a ticket of this priority should be begun.
    pub fn respond(&self, priority: Priority, from: Ts) -> Result<Due, Error> {
        self.calendar.due(from, self.levels.of(priority)?.respond_minutes, &[])
    }

    /// Until when it should be solved; pauses do not count.
    pub fn resolve(&self, priority: Priority, from: Ts, pauses: &[Pause]) -> Result<Due, Error> {
        self.calendar.due(from, self.levels.of(priority)?.resolve_minutes, pauses)
    }

    /// Sets both due times of a ticket.
    pub fn set_due(&self, ticket: &mut Ticket, text: &Text) -> Result<(), Error> {
        let pauses: Vec<Pause> = text.pauses.parse()?;
        ticket.respond_due = self.respond(ticket.priority, ticket.created_at)?.at;
        ticket.resolve_due = self.resolve(ticket.priority, ticket.created_at, &pauses)?.at;
        Ok(())
    }

    /// Until when it may be opened again.
    pub fn reopen_until(&self, ticket: &Ticket) -> Option<Ts> {
        ticket.resolved_at.map(|at| at.plus_seconds(self.levels.reopen_days * 86_400))
    }
}

/// The working hours and the special days of the years around this one: what the calendar is made of.
fn hours_of(rows: &[Setting], this_year: i16) -> Result<(Hours, Vec<SpecialDay>), Error> {
    let find = |name: &str| rows.iter().find(|row| row.name == name);
    let hours: Hours = find(HOURS).map(|row| row.value.parse()).transpose()?.unwrap_or_else(Hours::china);
    let mut special: Vec<SpecialDay> = Vec::new();
    for year in this_year - 1..=this_year + 3 {
        special.extend(match find(&year_name(year)) {
            Some(row) => row.value.parse::<Vec<SpecialDay>>()?,
            None => calendar::china(year),
        });
    }
    Ok((hours, special))
}

/// What the working calendar is made of now.
pub fn office_hours(tx: &mut ReadTx<'_>) -> Result<(Hours, Vec<SpecialDay>), Error> {
    let rows = store::settings(tx)?;
    hours_of(&rows, tx.now().office_year())
}

/// Makes sure that there are service levels and working hours.
pub async fn ensure(db: &Database) -> Result<(), Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::Bootstrap, "bootstrap"));
    let first = [(LEVELS, RawJson::of(&ServiceLevels::usual())?), (HOURS, RawJson::of(&Hours::china())?)];
    for (name, value) in first {
        db.write(&actor, move |tx: &mut WriteTx<'_>| {
            if store::setting(tx, name)?.is_some() {
                return Ok(tx.unchanged(()));
            }
            add(tx, name, &value)
        })
        .await?;
    }
    Ok(())
}

fn add(tx: &mut WriteTx<'_>, name: &str, value: &RawJson) -> Result<Recorded<()>, Error> {
    let row = Setting { id: SettingId::new(), name: name.to_owned(), value: value.clone(), version: 1 };
    let event = Event::new("ticket_setting.created", row.id, name).created().set("value", &row.value.parse::<serde_json::Value>()?);
    tx.record(event, |rows| store::insert_setting(rows, &row))
}

/// A document with its version.
pub struct Versioned<T> {
    /// The document.
    pub value: T,
    /// 0 if it was never changed.
    pub version: i32,
}

/// Reads a document; none if it was never set.
pub fn read<T: DeserializeOwned>(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<Versioned<T>>, Error> {
    store::setting(tx, name)?.map(|row| Ok(Versioned { value: row.value.parse()?, version: row.version })).transpose()
}

/// The special days of a year: as set, or as announced.
pub fn year(tx: &mut ReadTx<'_>, year: i16) -> Result<Versioned<Vec<SpecialDay>>, Error> {
    Ok(read(tx, &year_name(year))?.unwrap_or_else(|| Versioned { value: calendar::china(year), version: 0 }))
}

/// Replaces a document.
pub fn write<T: Serialize>(tx: &mut WriteTx<'_>, name: &str, expected: i32, value: &T) -> Result<Recorded<()>, Error> {
    let value = RawJson::of(value)?;
    let Some(before) = store::setting(tx, name)? else {
        return if expected == 0 { add(tx, name, &value) } else { Err(Error::new(Code::Stale)) };
    };
    if before.version != expected {
        return Err(Error::new(Code::Stale));
    }
    let (old, new): (serde_json::Value, serde_json::Value) = (before.value.parse()?, value.parse()?);
    let event = Event::new("ticket_setting.updated", before.id, name).step(before.version).change("value", &old, &new);
    if event.changes_nothing() {
        return Ok(tx.unchanged(()));
    }
    tx.record(event, |rows| store::update_setting(rows, before.id, expected, &value))
}

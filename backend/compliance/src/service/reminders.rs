//! People are told of a duty before it is missed, and when it was.
//!
//! - Before: when a quarter of its time is left, at most seven days. The heads of the unit that it is about and of the unit that answers
//!   for the clause are told.
//! - Missed: the same, and the head above each of them.
//! - A finding: whoever has to correct it, a day before; when it is late, the head of the unit that it is about too.
//! - Where nobody heads a unit, those who manage compliance there are told. Each is told once of what one control demands, also where
//!   that is many things.

use std::{collections::BTreeMap, sync::Arc};

use db::{Database, Event, ReadTx};
use identity::{
    directory,
    finding::{self, Found},
};
use kernel::{Actor, ActorKind, Error, Permission, PersonId, Ts, UnitId, Uuid};
use workflows::Told;

use super::standing;
use crate::{
    model::{FindingId, ObligationRow, Stage},
    store,
};

const DAY: i64 = 86_400;
/// No duty is announced earlier than so many days before it is due.
const EARLIEST: i64 = 7 * DAY;
/// A record names at most 64 people.
const NAMED: usize = 60;

impl Stage {
    const fn kind(self) -> Told {
        match self {
            Self::Due => Told::Duty,
            Self::Missed => Told::Missed,
            Self::FindingDue | Self::FindingOverdue => Told::Finding,
        }
    }
}

/// Whether a quarter of the time of a duty is left, or less.
fn is_near(row: &ObligationRow, due: Ts, now: Ts) -> bool {
    let quarter = (due.millis() - row.opened_at.millis()) / 4;
    due.millis() - now.millis() <= quarter.min(EARLIEST * 1_000)
}

/// The heads of these units, with so many above each; of a unit without any, those who manage compliance there.
fn heads(tx: &mut ReadTx<'_>, units: &[UnitId], how_many: usize) -> Result<BTreeMap<PersonId, String>, Error> {
    let mut all = BTreeMap::new();
    for unit in units {
        all.extend(finding::heads(tx, *unit, how_many)?.into_iter().map(named));
    }
    if all.is_empty() {
        for person in finding::permitted(tx, Permission::ManageCompliance)? {
            if directory::may_in(tx, person.id, Permission::ManageCompliance, units.first().copied())? {
                all.extend([named(person)]);
            }
        }
    }
    Ok(all)
}

fn named(found: Found) -> (PersonId, String) {
    (found.id, found.name)
}

/// Whom a duty concerns: the unit that it is about, and the unit that answers for its clause.
fn units(tx: &mut ReadTx<'_>, row: &ObligationRow) -> Result<Vec<UnitId>, Error> {
    let owner = store::owner(tx, &row.regulation, &row.clause)?.map(|owner| owner.unit_id);
    Ok(row.unit_id.into_iter().chain(owner).collect())
}

/// Who is told when a duty is missed; they see it too.
pub fn concerned(tx: &mut ReadTx<'_>, row: &ObligationRow) -> Result<BTreeMap<PersonId, String>, Error> {
    let units = units(tx, row)?;
    heads(tx, &units, 2)
}

/// A duty of which people have to be told.
struct Notice {
    row: ObligationRow,
    due: Ts,
    to: BTreeMap<PersonId, String>,
}

fn notices(tx: &mut ReadTx<'_>, stage: Stage) -> Result<Vec<Notice>, Error> {
    let now = tx.now();
    let waivers = store::holding_waivers(tx)?;
    let held = |row: &ObligationRow| !waivers.iter().any(|waiver| waiver.covers(row));
    let mut all = Vec::new();
    match stage {
        Stage::Due => {
            for row in store::falling_due(tx, now.plus_seconds(EARLIEST))?.into_iter().filter(held) {
                if let Some(due) = row.due_at.filter(|due| is_near(&row, *due, now)) {
                    let units = units(tx, &row)?;
                    all.push(Notice { to: heads(tx, &units, 1)?, row, due });
                }
            }
        }
        Stage::Missed => {
            for row in store::newly_missed(tx)?.into_iter().filter(held) {
                all.push(Notice { to: concerned(tx, &row)?, due: row.changed_at, row });
            }
        }
        Stage::FindingDue | Stage::FindingOverdue => {
            let until = if stage == Stage::FindingDue { now.plus_seconds(DAY) } else { now };
            for (row, found) in store::corrections(tx, stage, until)? {
                let mut to = BTreeMap::from([(found.responsible_id, found.responsible_name)]);
                if stage == Stage::FindingOverdue {
                    let unit: Vec<UnitId> = row.unit_id.into_iter().collect();
                    to.extend(heads(tx, &unit, 1)?);
                } else if found.due_at <= now {
                    // It is late already: that is the other stage.
                    to.clear();
                }
                all.push(Notice { row, due: found.due_at, to });
            }
        }
    }
    Ok(all)
}

/// What one person is told of one control.
fn words(title: &str, mine: &[&Notice], subject: Option<&str>) -> String {
    let due = mine.iter().map(|notice| notice.due).min().map(Ts::office_minute).unwrap_or_default();
    let clause = mine.first().map(|notice| notice.row.clause.as_str()).unwrap_or_default();
    let more = if mine.len() > 1 { format!(" +{}", mine.len() - 1) } else { String::new() };
    let subject = subject.map(|subject| format!(" · {subject}{more}")).unwrap_or(more);
    format!("{clause} {title}{subject} · {due}")
}

/// Tells everybody who has to be told now.
pub async fn remind(db: &Database) -> Result<(), Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "reminders"));
    for stage in Stage::ALL.iter().copied() {
        let found = db.read(&actor, move |tx| {
            let found = notices(tx, stage)?;
            let mut titles = BTreeMap::new();
            for (_, content) in standing::in_force(tx)? {
                titles.extend(content.controls.into_iter().map(|control| (control.id, control.title)));
            }
            let leaves: Vec<i64> = found.iter().map(|notice| notice.row.trigger_leaf).collect();
            Ok((found, titles, audit::at_leaves(tx, &leaves)?))
        });
        let (found, titles, triggers) = found.await?;
        let mut by_control: BTreeMap<String, Vec<Notice>> = BTreeMap::new();
        for notice in found {
            by_control.entry(notice.row.control.clone()).or_default().push(notice);
        }
        for (control, notices) in by_control {
            let title = titles.get(&control).unwrap_or(&control);
            let mut people: BTreeMap<PersonId, (&str, Vec<&Notice>)> = BTreeMap::new();
            for notice in &notices {
                for (person, name) in &notice.to {
                    people.entry(*person).or_insert_with(|| (name.as_str(), Vec::new())).1.push(notice);
                }
            }
            let told: Vec<(FindingId, Ts)> = notices.iter().map(|notice| (notice.row.id, notice.due)).collect();
            let said: Vec<(PersonId, String, String)> = people
                .iter()
                .map(|(person, (_, mine))| {
                    let first = mine.first();
                    let subject = first
                        .and_then(|notice| triggers.get(&notice.row.trigger_leaf))
                        .filter(|record| first.is_some_and(|notice| record.subject.id == notice.row.subject_id.0));
                    let text = words(title, mine, subject.and_then(|record| record.subject.label.as_deref()));
                    let one = first.map(|notice| notice.row.id.to_string()).unwrap_or_default();
                    (*person, text, format!("/compliance/obligations?control={control}&one={one}"))
                })
                .collect();
            let clause = notices.first().map(|notice| notice.row.clause.clone()).unwrap_or_default();
            let mut event = Event::about("obligation.reminded", "control", Uuid::nil(), format!("{clause} {title}"))
                .fact("control", &control)
                .fact("stage", stage)
                .fact("count", told.len());
            for (person, (name, _)) in people.iter().take(NAMED) {
                event = event.related(*person, "told", (*name).to_owned());
            }
            let nobody = people.is_empty();
            db.write(&actor, move |tx| {
                let (told, said) = (told.clone(), said.clone());
                let write = move |rows: &mut db::Rows<'_>| {
                    store::set_told(rows, stage, &told)?;
                    said.iter().try_for_each(|(person, text, link)| workflows::tell(rows, *person, stage.kind(), text, link))
                };
                tx.record(event.clone(), write)
            })
            .await?;
            if nobody {
                tracing::warn!(control, %stage, "nobody could be told: no unit has a head, and nobody manages compliance");
            }
        }
    }
    Ok(())
}

//! People are told of a duty before it is missed, and when it was.
//!
//! - Before: when a quarter of its time is left, at most seven days. The heads of the unit that it is about and of the unit that answers
//!   for the clause are told.
//! - Missed: the same, and the head above each of them.
//! - A finding: whoever has to correct it, a day before; when it is late, the head of the unit that it is about too.
//! - Where nobody heads a unit, those who manage compliance there are told. Each is told once of what one control demands, also where
//!   that is many things.

use std::{collections::BTreeMap, sync::Arc};

use audit::RecordView;
use db::{Database, Event, ReadTx, Recorded, WriteTx};
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
pub fn units(tx: &mut ReadTx<'_>, row: &ObligationRow) -> Result<Vec<UnitId>, Error> {
    let owner = store::owner(tx, &row.regulation, &row.clause)?.map(|owner| owner.unit_id);
    Ok(row.unit_id.into_iter().chain(owner).collect())
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
                let units = units(tx, &row)?;
                all.push(Notice { to: heads(tx, &units, 2)?, due: row.changed_at, row });
            }
        }
        Stage::FindingDue => {
            for (row, found) in store::corrections(tx, stage, Some(now), now.plus_seconds(DAY))?.into_iter().filter(|(row, _)| held(row)) {
                all.push(Notice { row, due: found.due_at, to: [(found.responsible_id, found.responsible_name)].into() });
            }
        }
        Stage::FindingOverdue => {
            for (row, found) in store::corrections(tx, stage, None, now)?.into_iter().filter(|(row, _)| held(row)) {
                let unit: Vec<UnitId> = row.unit_id.into_iter().collect();
                let mut to = heads(tx, &unit, 1)?;
                to.insert(found.responsible_id, found.responsible_name);
                all.push(Notice { row, due: found.due_at, to });
            }
        }
    }
    Ok(all)
}

/// What one person is told of one control.
struct Letter {
    name: String,
    text: String,
    link: String,
}

/// What is told of one control at one stage.
struct Batch {
    control: String,
    label: String,
    duties: Vec<(FindingId, Ts)>,
    letters: BTreeMap<PersonId, Letter>,
}

/// The first duty and how many more, by the names that things had then; and where they stand.
fn letter(name: &str, title: &str, mine: &[&Notice], triggers: &BTreeMap<i64, RecordView>) -> Option<Letter> {
    let first = &mine.first()?.row;
    let due = mine.iter().map(|notice| notice.due).min()?.office_minute();
    let more = if mine.len() > 1 { format!(" +{}", mine.len() - 1) } else { String::new() };
    let trigger = triggers.get(&first.trigger_leaf).filter(|record| record.subject.id == first.subject_id.0);
    let subject = trigger.and_then(|record| record.subject.label.as_deref()).map(|label| format!(" · {label}")).unwrap_or_default();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("control", &first.control)
        .append_pair("one", &first.id.to_string())
        .finish();
    Some(Letter {
        name: name.to_owned(),
        text: format!("{} {title}{subject}{more} · {due}", first.clause),
        link: format!("/compliance/obligations?{query}"),
    })
}

/// Everything that has to be told now, by control.
fn gather(tx: &mut ReadTx<'_>, stage: Stage) -> Result<Vec<Batch>, Error> {
    let mut by_control: BTreeMap<String, Vec<Notice>> = BTreeMap::new();
    for notice in notices(tx, stage)? {
        by_control.entry(notice.row.control.clone()).or_default().push(notice);
    }
    if by_control.is_empty() {
        return Ok(Vec::new());
    }
    let mut titles = BTreeMap::new();
    for (_, content) in standing::in_force(tx)? {
        titles.extend(content.controls.into_iter().map(|control| (control.id, control.title)));
    }
    let leaves: Vec<i64> = by_control.values().flatten().map(|notice| notice.row.trigger_leaf).collect();
    let triggers = audit::at_leaves(tx, &leaves)?;
    let batch = |(control, notices): (String, Vec<Notice>)| {
        let title = titles.get(&control).unwrap_or(&control);
        let mut people: BTreeMap<PersonId, (&str, Vec<&Notice>)> = BTreeMap::new();
        for notice in &notices {
            for (person, name) in &notice.to {
                people.entry(*person).or_insert_with(|| (name, Vec::new())).1.push(notice);
            }
        }
        let letters = people.into_iter().filter_map(|(person, (name, mine))| Some((person, letter(name, title, &mine, &triggers)?)));
        Batch {
            label: format!("{} {title}", notices.first().map(|notice| notice.row.clause.as_str()).unwrap_or_default()),
            duties: notices.iter().map(|notice| (notice.row.id, notice.due)).collect(),
            letters: letters.collect(),
            control,
        }
    };
    Ok(by_control.into_iter().map(batch).collect())
}

fn tell(tx: &mut WriteTx<'_>, stage: Stage, batch: &Batch) -> Result<Recorded<()>, Error> {
    let mut event = Event::about("obligation.reminded", "control", Uuid::nil(), batch.label.clone())
        .fact("control", &batch.control)
        .fact("stage", stage)
        .fact("count", batch.duties.len());
    for (person, letter) in batch.letters.iter().take(NAMED) {
        event = event.related(*person, "told", letter.name.clone());
    }
    tx.record(event, |rows| {
        store::set_told(rows, stage, &batch.duties)?;
        batch.letters.iter().try_for_each(|(person, letter)| workflows::tell(rows, *person, stage.kind(), &letter.text, &letter.link))
    })
}

/// Tells everybody who has to be told now.
pub async fn remind(db: &Database) -> Result<(), Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "reminders"));
    for stage in Stage::ALL.iter().copied() {
        for batch in db.read(&actor, move |tx| gather(tx, stage)).await? {
            if batch.letters.is_empty() {
                tracing::warn!(batch.control, %stage, "nobody could be told: no unit has a head, and nobody manages compliance");
            }
            db.write(&actor, move |tx| tell(tx, stage, &batch)).await?;
        }
    }
    Ok(())
}

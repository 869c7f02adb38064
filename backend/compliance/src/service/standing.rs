//! How clauses and controls stand now, and what it is that nobody can see.

use std::collections::{BTreeMap, BTreeSet};

use controls::{Definition, Template};
use db::ReadTx;
use kernel::{Error, Permission, Reach, Ts, UnitId};
use workflows::{Served, served};

use super::{Office, product_events, regulations};
use crate::{
    model::{Content, Numbers, ObligationRow, Regulation, RegulationState, Verdict},
    store::{self, Count},
};

/// The regulations that hold, with what they say.
pub fn in_force(tx: &mut ReadTx<'_>) -> Result<Vec<(Regulation, Content)>, Error> {
    let rows = store::regulations(tx, &[RegulationState::InForce])?;
    rows.into_iter().map(|row| Ok((regulations::content(tx, &row)?, row))).map(|pair| pair.map(|(content, row)| (row, content))).collect()
}

/// How a control stands.
#[derive(Clone, Debug)]
pub struct ControlStanding {
    pub definition: Definition,
    pub numbers: Numbers,
    pub verdict: Verdict,
    /// Events without any of which it cannot be activated, and which nothing here can say.
    pub silent: Vec<String>,
}

/// How a regulation stands: the controls of each clause.
#[derive(Clone, Debug)]
pub struct RegulationStanding {
    pub row: Regulation,
    pub content: Content,
    pub controls: Vec<ControlStanding>,
    pub units: BTreeMap<Option<UnitId>, Numbers>,
}

impl RegulationStanding {
    /// The controls of a clause.
    pub fn of_clause<'s>(&'s self, clause: &'s str) -> impl Iterator<Item = &'s ControlStanding> {
        self.controls.iter().filter(move |control| control.definition.clause == clause)
    }

    /// The worst of them.
    #[must_use]
    pub fn verdict(&self, clause: &str) -> Verdict {
        Verdict::worst(self.of_clause(clause).map(|control| control.verdict))
    }

    /// All numbers together.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        self.controls.iter().fold(Numbers::default(), |sum, control| sum.and(control.numbers))
    }
}

/// What is true of all regulations at once.
pub struct Ground {
    pub processes: Vec<Served>,
    counts: Vec<Count>,
    unsettled: Vec<(ObligationRow, bool)>,
    /// What something here can say.
    said: BTreeSet<String>,
}

impl Ground {
    /// As it is now, within the reader's reach.
    pub fn load(tx: &mut ReadTx<'_>, office: &Office) -> Result<Self, Error> {
        let reach = tx.actor().reach(Permission::ReadCompliance);
        let processes = served(tx, &office.processes)?;
        let mut said: BTreeSet<String> = product_events()?.iter().map(|event| event.name.clone()).collect();
        said.extend(processes.iter().flat_map(|served| served.events.iter().cloned()));
        let counts = store::counts(tx, None, None, &reach)?;
        let unsettled = unsettled(tx, &reach)?;
        Ok(Self { processes, counts, unsettled, said })
    }

    /// How one regulation stands on it.
    pub fn standing(&self, tx: &mut ReadTx<'_>, row: Regulation, content: Content) -> Result<RegulationStanding, Error> {
        let mut controls = Vec::new();
        for control in content.checked()? {
            let definition = control.definition.clone();
            let mut numbers = Numbers::default();
            for (_, _, _, _, state, count) in self.counts.iter().filter(|count| count.0 == row.key && count.2 == definition.id) {
                numbers.count(*state, *count);
            }
            for (_, waived) in self.unsettled.iter().filter(|(duty, _)| duty.regulation == row.key && duty.control == definition.id) {
                *(if *waived { &mut numbers.waived } else { &mut numbers.unsettled }) += 1;
            }
            let activations: BTreeSet<String> = control.activations().into_iter().map(str::to_owned).collect();
            let silent: Vec<String> = activations.difference(&self.said).cloned().collect();
            let evaluable = activations.is_empty() || silent.len() < activations.len();
            // What forbids something leaves no trace when it is kept: it was tried if the event came at all.
            let forbids = matches!(definition.template, Template::Absence | Template::NeverAfter | Template::Count);
            let exercised = forbids && !store::seen_events(tx, &activations)?.is_empty();
            controls.push(ControlStanding { verdict: Verdict::of(&numbers, evaluable, exercised), definition, numbers, silent });
        }
        let mut units: BTreeMap<Option<UnitId>, Numbers> = BTreeMap::new();
        for (_, _, _, unit, state, count) in self.counts.iter().filter(|count| count.0 == row.key) {
            units.entry(*unit).or_default().count(*state, *count);
        }
        for (duty, waived) in self.unsettled.iter().filter(|(duty, _)| duty.regulation == row.key) {
            let numbers = units.entry(duty.unit_id).or_default();
            *(if *waived { &mut numbers.waived } else { &mut numbers.unsettled }) += 1;
        }
        Ok(RegulationStanding { row, content, controls, units })
    }

    /// The processes that serve a clause.
    pub fn serving<'s>(&'s self, clause: &'s str) -> impl Iterator<Item = &'s Served> {
        self.processes.iter().filter(move |served| served.clauses.contains(clause))
    }
}

/// Findings that nobody has settled; whether a waiver covers each now.
pub fn unsettled(tx: &mut ReadTx<'_>, reach: &Reach) -> Result<Vec<(ObligationRow, bool)>, Error> {
    let waivers = store::holding_waivers(tx)?;
    let rows = store::unsettled(tx, reach)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let waived = waivers.iter().any(|waiver| waiver.covers(&row));
            (row, waived)
        })
        .collect())
}

/// Met and missed in a stretch of time, by when the duty began.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub from: Ts,
    pub until: Ts,
    pub numbers: Numbers,
}

/// The last twelve stretches of thirty days, the oldest first, of all regulations or one, all clauses or one.
pub fn over_time(tx: &mut ReadTx<'_>, regulation: Option<&str>, clause: Option<&str>) -> Result<Vec<Stretch>, Error> {
    let (reach, now) = (tx.actor().reach(Permission::ReadCompliance), tx.now());
    let mut all = Vec::new();
    for back in (0..12).rev() {
        let at = |stretches: i64| now.plus_seconds(-stretches * 30 * 86_400);
        let (from, until) = (at(back + 1), at(back));
        let mut numbers = Numbers::default();
        for (of, in_clause, _, _, state, count) in store::counts(tx, Some(from), Some(until), &reach)? {
            if regulation.is_none_or(|key| key == of) && clause.is_none_or(|clause| clause == in_clause) {
                numbers.count(state, count);
            }
        }
        all.push(Stretch { from, until, numbers });
    }
    Ok(all)
}

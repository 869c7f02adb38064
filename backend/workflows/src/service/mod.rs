//! Use cases over a transaction.

pub mod cases;
pub mod definitions;
pub mod desk;
pub mod live;
pub mod operations;
pub mod packs;
mod people;
pub mod references;
pub mod starting;
pub mod statistics;
pub mod timers;
pub mod webhooks;
pub mod work;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use db::ReadTx;
use kernel::{Code, Error, calendar::Calendar};

use references::References;

use crate::{
    actions::Actions,
    blueprint::{Blueprint, Source},
    model::{Process, ProcessState, Release, ReleaseId, ReleaseState},
    store,
};

/// Where the working calendar comes from.
pub type CalendarSource = Box<dyn Fn(&mut ReadTx<'_>) -> Result<Arc<Calendar>, Error> + Send + Sync>;

/// What the processes of this company run with.
pub struct Office {
    actions: Actions,
    references: References,
    calendar: CalendarSource,
    /// Whose regulation packs are let in; everybody's if there are none.
    pack_keys: Vec<merkle::Verifier>,
    /// Releases never change: what was read once is kept.
    loaded: Mutex<HashMap<ReleaseId, Arc<Blueprint>>>,
}

/// Releases that are kept in memory.
const KEPT: usize = 300;

impl Office {
    /// With these actions, what forms may name, and this calendar.
    #[must_use]
    pub fn new(actions: Actions, references: References, calendar: CalendarSource, pack_keys: Vec<merkle::Verifier>) -> Self {
        Self { actions, references, calendar, pack_keys, loaded: Mutex::default() }
    }

    /// Where the rows of other slices come from that forms name.
    #[must_use]
    pub const fn references(&self) -> &References {
        &self.references
    }

    /// Whose regulation packs are let in; everybody's if there are none.
    #[must_use]
    pub fn pack_keys(&self) -> &[merkle::Verifier] {
        &self.pack_keys
    }

    /// The registry of actions.
    #[must_use]
    pub const fn actions(&self) -> &Actions {
        &self.actions
    }

    /// The calendar as it is now.
    pub fn calendar(&self, tx: &mut ReadTx<'_>) -> Result<Arc<Calendar>, Error> {
        (self.calendar)(tx)
    }

    /// A release, ready to run.
    pub fn release(&self, tx: &mut ReadTx<'_>, id: ReleaseId) -> Result<Arc<Blueprint>, Error> {
        if let Some(known) = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(known));
        }
        let row = store::release(tx, id)?.ok_or_else(|| Error::internal("a case without its release"))?;
        let blueprint = source_of_release(&row)?.load().map_err(|reason| Error::new(Code::ProcessBroken).with("reason", reason))?;
        let blueprint = Arc::new(blueprint);
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.len() >= KEPT {
            loaded.clear();
        }
        loaded.insert(id, Arc::clone(&blueprint));
        Ok(blueprint)
    }
}

/// What a process that people can use serves and says.
#[derive(Clone, Debug)]
pub struct Served {
    pub process: Process,
    /// Clauses that the process or one of its steps names.
    pub clauses: BTreeSet<String>,
    /// Events for which its steps stand.
    pub events: BTreeSet<String>,
}

/// The processes that people can use, by their current releases and pilots.
pub fn served(tx: &mut ReadTx<'_>, office: &Office) -> Result<Vec<Served>, Error> {
    let mut all = Vec::new();
    for process in store::processes(tx)?.into_iter().filter(|process| process.state == ProcessState::Published) {
        let (mut clauses, mut events) = (BTreeSet::new(), BTreeSet::new());
        for state in [ReleaseState::Current, ReleaseState::Pilot] {
            let Some(release) = store::release_in_state(tx, process.id, state)? else { continue };
            let blueprint = office.release(tx, release.id)?;
            let settings = &blueprint.settings;
            clauses.extend(settings.process.clauses.iter().chain(settings.work.values().flat_map(|work| &work.clauses)).cloned());
            events.extend(settings.events.values().flatten().map(|event| event.name.clone()));
        }
        all.push(Served { process, clauses, events });
    }
    Ok(all)
}

/// A release as it was written.
pub fn source_of_release(row: &Release) -> Result<Source, Error> {
    Ok(Source { bpmn: row.bpmn.clone(), form: row.form.parse()?, decisions: row.decisions.parse()?, tests: row.tests.parse()? })
}

/// A draft as it is written.
pub fn source_of_draft(row: &Process) -> Result<Source, Error> {
    Ok(Source { bpmn: row.bpmn.clone(), form: row.form.parse()?, decisions: row.decisions.parse()?, tests: row.tests.parse()? })
}

/// A case with everything that belongs to it.
pub fn load(tx: &mut ReadTx<'_>, office: &Office, row: crate::model::CaseRow) -> Result<live::Loaded, Error> {
    live::Loaded::load(tx, office, row)
}

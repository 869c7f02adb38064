//! What processes look like to readers.

use db::ReadTx;
use identity::{UnitRef, directory};
use kernel::{Code, Error, Permission, PersonId, Ts, UnitId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use crate::{
    blueprint::Source,
    model::{Process, ProcessId, ProcessState, ReleaseState},
    service::{Office, definitions, source_of_draft, starting},
    store,
};

/// A process in the catalogue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcessItem {
    pub id: ProcessId,
    pub key: String,
    /// In the reader's language.
    pub name: String,
    #[schema(required)]
    pub name_en: Option<String>,
    /// In the reader's language.
    #[schema(required)]
    pub category: Option<String>,
    #[schema(required)]
    pub category_en: Option<String>,
    /// In the reader's language.
    #[schema(required)]
    pub about: Option<String>,
    #[schema(required)]
    pub about_en: Option<String>,
    pub state: ProcessState,
    /// The release that new cases use.
    #[schema(required)]
    pub release: Option<i32>,
    /// Whether the reader may start it.
    pub startable: bool,
    /// Whether the reader marked it.
    pub favourite: bool,
    /// Cases that run.
    pub running: i64,
    /// The pack from which it came.
    #[schema(required)]
    pub origin: Option<String>,
}

/// What every item needs, read once.
pub(super) struct Shared {
    numbers: std::collections::HashMap<ProcessId, i32>,
    running: std::collections::HashMap<ProcessId, i64>,
    favourites: std::collections::BTreeSet<ProcessId>,
    unit: Option<UnitId>,
    me: PersonId,
}

impl Shared {
    pub(super) fn load(tx: &mut ReadTx<'_>) -> Result<Self, Error> {
        let me = tx.actor().require_person()?;
        Ok(Self {
            numbers: store::current_numbers(tx)?,
            running: store::running_by_process(tx)?,
            favourites: store::favourites(tx, me)?,
            unit: directory::main_unit(tx, me)?,
            me,
        })
    }

    pub(super) fn item(&self, tx: &mut ReadTx<'_>, office: &Office, process: &Process) -> Result<ProcessItem, Error> {
        let chinese = tx.actor().chinese;
        let startable = match (process.state, self.unit) {
            (ProcessState::Published, Some(unit)) => match starting::release_for(tx, process, unit) {
                Ok(release) => {
                    let blueprint = office.release(tx, release.id)?;
                    starting::check_starter(tx, &blueprint, self.me).is_ok() && blueprint.start().is_some()
                }
                Err(_) => false,
            },
            _ => false,
        };
        Ok(ProcessItem {
            id: process.id,
            key: process.key.clone(),
            name: process.name_en.clone().filter(|_| !chinese).unwrap_or_else(|| process.name.clone()),
            name_en: process.name_en.clone(),
            category: process.category_en.clone().filter(|_| !chinese).or_else(|| process.category.clone()),
            category_en: process.category_en.clone(),
            about: process.about_en.clone().filter(|_| !chinese).or_else(|| process.about.clone()),
            about_en: process.about_en.clone(),
            state: process.state,
            release: self.numbers.get(&process.id).copied(),
            startable,
            favourite: self.favourites.contains(&process.id),
            running: self.running.get(&process.id).copied().unwrap_or_default(),
            origin: process.origin.clone(),
        })
    }
}

/// One process as a list shows it.
pub fn item(tx: &mut ReadTx<'_>, office: &Office, process: &Process) -> Result<ProcessItem, Error> {
    Shared::load(tx)?.item(tx, office, process)
}

/// A release in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleaseItem {
    pub number: i32,
    pub state: ReleaseState,
    pub published_at: Ts,
    pub published_by: String,
    #[schema(required)]
    pub notes: Option<String>,
    /// SHA-256 of everything that was published.
    pub hash: String,
    /// Cases that run on it.
    pub running: i64,
}

/// A pilot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PilotView {
    pub release: i32,
    pub units: Vec<UnitRef>,
}

/// A draft.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DraftSource {
    #[serde(flatten)]
    pub source: Source,
    pub changed_at: Ts,
    pub changed_by: String,
    /// Whether it differs from the current release.
    pub differs: bool,
}

/// A process with its draft and releases.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcessDetail {
    #[serde(flatten)]
    pub item: ProcessItem,
    /// In Chinese, as it is written.
    pub name_zh: String,
    #[schema(required)]
    pub category_zh: Option<String>,
    #[schema(required)]
    pub about_zh: Option<String>,
    pub version: i32,
    /// For designers only.
    #[schema(required)]
    pub draft: Option<DraftSource>,
    pub releases: Vec<ReleaseItem>,
    #[schema(required)]
    pub pilot: Option<PilotView>,
    pub allowed_actions: Vec<AllowedAction>,
}
impl View for ProcessDetail {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// A process with its draft and releases, for whoever may know it.
pub(super) fn detail(tx: &mut ReadTx<'_>, office: &Office, id: ProcessId) -> Result<ProcessDetail, Error> {
    let process = starting::process(tx, id)?;
    let designs = tx.actor().holds(Permission::DesignProcesses);
    if process.state == ProcessState::Draft && !designs && !tx.actor().holds(Permission::PublishProcesses) {
        return Err(Error::hidden(id));
    }
    let rows = store::releases(tx, id)?;
    let running = store::running_by_release(tx)?;
    let current = rows.iter().find(|row| row.state == ReleaseState::Current).map(|row| row.hash.clone());
    let pilot_units = store::pilot_units(tx, id)?;
    let names = directory::units(tx, pilot_units.iter().copied())?;
    let pilot = rows
        .iter()
        .find(|row| row.state == ReleaseState::Pilot)
        .map(|row| PilotView { release: row.number, units: pilot_units.iter().filter_map(|unit| names.get(unit).cloned()).collect() });
    let source = source_of_draft(&process)?;
    let differs = current.as_ref() != Some(&definitions::hash_of(&source)?);
    let chinese = tx.actor().chinese;
    let may = |permission| definitions::check_design(tx, permission);
    let in_state = |fits: bool, code: Code| if fits { Ok(()) } else { Err(Error::new(code)) };
    let allowed_actions = vec![
        AllowedAction::of("edit", may(Permission::DesignProcesses), chinese),
        AllowedAction::of(
            "publish",
            may(Permission::PublishProcesses)
                .and_then(|()| in_state(differs || process.state != ProcessState::Published, Code::ProcessNoDraft)),
            chinese,
        ),
        AllowedAction::of(
            "promote",
            may(Permission::PublishProcesses).and_then(|()| in_state(pilot.is_some(), Code::ProcessNoPilot)),
            chinese,
        ),
        AllowedAction::of(
            "withdraw",
            may(Permission::PublishProcesses).and_then(|()| in_state(process.state == ProcessState::Published, Code::ProcessNotPublished)),
            chinese,
        ),
        AllowedAction::of(
            "restore",
            may(Permission::PublishProcesses).and_then(|()| in_state(process.state == ProcessState::Withdrawn, Code::NoChange)),
            chinese,
        ),
    ];
    let releases = rows
        .into_iter()
        .map(|row| ReleaseItem {
            number: row.number,
            state: row.state,
            published_at: row.published_at,
            published_by: row.published_by_name,
            notes: row.notes,
            hash: row.hash,
            running: running.get(&row.id).copied().unwrap_or_default(),
        })
        .collect();
    let draft = designs.then(|| DraftSource {
        source,
        changed_at: process.draft_changed_at,
        changed_by: process.draft_changed_by.clone(),
        differs,
    });
    Ok(ProcessDetail {
        name_zh: process.name.clone(),
        category_zh: process.category.clone(),
        about_zh: process.about.clone(),
        version: process.version,
        draft,
        releases,
        pilot,
        allowed_actions,
        item: item(tx, office, &process)?,
    })
}

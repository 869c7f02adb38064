//! Installing packs: their processes become drafts or releases of this company, their roles exist; who fills them is said elsewhere.

use db::{ReadTx, Recorded, WriteTx};
use identity::finding;
use kernel::{Code, Error, Permission, column::RawJson};

use super::{
    Office,
    definitions::{self, DraftChange, NewProcess},
    source_of_draft,
};
use crate::{
    blueprint::Source,
    model::{Process, ProcessId},
    packs::{Pack, PackProcess},
    store,
};

kernel::text_enum! {
    /// Where a process of a pack stands here.
    pub enum PackState {
        /// It has not been installed.
        New = "new",
        /// It is here as the pack has it.
        Installed = "installed",
        /// The company has changed it.
        Changed = "changed",
        /// The pack has a newer one, and nobody has changed the old one here.
        Update = "update",
        /// Both the pack and the company have changed it.
        Both = "both",
    }
}
kernel::text_enum! {
    /// What became of an installation.
    pub enum Installed {
        /// It is new here.
        Installed = "installed",
        /// The draft is the pack's new version.
        Updated = "updated",
        /// Nothing was to be done.
        Kept = "kept",
        /// It could not be published; the draft is here.
        Failed = "failed",
    }
}

kernel::text_enum! {
    /// What is done with a process that the company has changed.
    pub enum WhenChanged {
        /// It is left as it is, and so is the question.
        Leave = "leave",
        /// The pack's becomes the draft.
        Take = "take",
        /// The company's stays, and counts as made from the pack's newest.
        Keep = "keep",
    }
}

/// Where a process of a pack stands here.
pub fn state(tx: &mut ReadTx<'_>, pack: &Pack, process: &PackProcess) -> Result<(PackState, Option<ProcessId>), Error> {
    let Some(row) = store::process_by_key(tx, &process.key)? else { return Ok((PackState::New, None)) };
    let here = definitions::hash_of(&source_of_draft(&row)?)?;
    let there = definitions::hash_of(&normal(process)?)?;
    let origin = row.origin_hash.clone().unwrap_or_default();
    // What was made from a newer version of the pack is not updated to an older one.
    let news = there != origin && !row.origin.as_deref().is_some_and(|origin| is_newer(origin, pack));
    let state = match (here == origin, news) {
        _ if here == there => PackState::Installed,
        (true, false) => PackState::Installed,
        (true, true) => PackState::Update,
        (false, false) => PackState::Changed,
        (false, true) => PackState::Both,
    };
    Ok((state, Some(row.id)))
}

/// Whether `pack@version` is the same pack in a newer version.
fn is_newer(origin: &str, pack: &Pack) -> bool {
    let numbers = |version: &str| version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>();
    origin.split_once('@').is_some_and(|(key, version)| key == pack.key && numbers(version) > numbers(&pack.version))
}

/// A source as the database gives it back: the order of names is the same everywhere.
fn normal(process: &PackProcess) -> Result<Source, Error> {
    let text = serde_json::to_string(&process.source).map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// A process as the pack had it when it was installed, as it is here, and as the pack has it now.
#[derive(Clone, Debug)]
pub struct ThreeWays {
    pub state: PackState,
    pub base: Option<Source>,
    pub here: Option<Source>,
    pub pack: Source,
}

/// All three, to be compared.
pub fn three_ways(tx: &mut ReadTx<'_>, pack: &Pack, process: &PackProcess) -> Result<ThreeWays, Error> {
    let (state, _) = state(tx, pack, process)?;
    let row = store::process_by_key(tx, &process.key)?;
    let origin = row.as_ref().and_then(|row| row.origin_hash.clone());
    let base = origin.map(|hash| store::pack_source(tx, &hash)).transpose()?.flatten();
    Ok(ThreeWays {
        state,
        base: base.map(|base| base.parse()).transpose()?,
        here: row.as_ref().map(source_of_draft).transpose()?,
        pack: normal(process)?,
    })
}

/// One process that was installed, or not.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub key: String,
    pub process: Option<ProcessId>,
    pub result: Installed,
    pub reason: Option<String>,
}

/// Roles that the pack's processes ask for and that are missing here.
pub fn add_roles(tx: &mut WriteTx<'_>, pack: &Pack) -> Result<Recorded<usize>, Error> {
    let mut added = 0;
    let mut last = tx.unchanged(());
    for role in &pack.roles {
        if !finding::role_exists(tx, &role.code)? {
            last = identity::service::roles::create(tx, &role.code, &role.name, &[])?.map(|_| ());
            added += 1;
        }
    }
    Ok(last.map(|()| added))
}

/// Installs or updates one process; what the company has changed is left alone.
pub fn install(
    tx: &mut WriteTx<'_>,
    office: &Office,
    pack: &Pack,
    process: &PackProcess,
    publish: bool,
    changed: WhenChanged,
) -> Result<Recorded<Outcome>, Error> {
    definitions::check_design(tx, Permission::DesignProcesses)?;
    let (state, known) = state(tx, pack, process)?;
    let source = normal(process)?;
    let hash = definitions::hash_of(&source)?;
    let origin = (format!("{}@{}", pack.key, pack.version), hash);
    let kept = RawJson::of(&source)?;
    let outcome = |process_id, result, reason| Outcome { key: process.key.clone(), process: process_id, result, reason };
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let (id, result, recorded) = match (state, known) {
        (PackState::New, _) | (_, None) => {
            let new = NewProcess {
                key: process.key.clone(),
                name: process.name.clone(),
                name_en: text(&process.name_en),
                category: text(&process.category),
                category_en: text(&process.category_en),
                about: text(&process.about),
                about_en: text(&process.about_en),
                source: Some(source),
                origin: Some(origin.clone()),
            };
            let recorded = definitions::create(tx, &new)?;
            let id = *recorded.get();
            (id, Installed::Installed, derived(tx, id, &origin, &kept)?)
        }
        (PackState::Changed | PackState::Both, Some(id)) if changed == WhenChanged::Keep => {
            let recorded = derived(tx, id, &origin, &kept)?;
            return Ok(recorded.map(|()| outcome(Some(id), Installed::Kept, None)));
        }
        (PackState::Update, Some(id)) => (id, Installed::Updated, update(tx, id, source, &origin, &kept)?),
        (PackState::Changed | PackState::Both, Some(id)) if changed == WhenChanged::Take => {
            (id, Installed::Updated, update(tx, id, source, &origin, &kept)?)
        }
        (PackState::Installed | PackState::Changed | PackState::Both, Some(id)) => {
            let row = store::process(tx, id)?.ok_or_else(|| Error::absent(id))?;
            let unpublished = store::release_in_state(tx, id, crate::model::ReleaseState::Current)?.is_none();
            if !(publish && unpublished && state == PackState::Installed) {
                return Ok(tx.unchanged(outcome(Some(row.id), Installed::Kept, None)));
            }
            (id, Installed::Installed, tx.unchanged(()))
        }
    };
    if !publish {
        return Ok(recorded.map(|()| outcome(Some(id), result, None)));
    }
    definitions::check_design(tx, Permission::PublishProcesses)?;
    let version = store::process(tx, id)?.map_or(1, |row| row.version);
    let notes = format!("{} {}", pack.title, pack.version);
    let chinese = tx.actor().chinese;
    match tx.attempt(|tx| definitions::publish(tx, office, id, version, Some(&notes), &[], None))? {
        Ok(()) => Ok(recorded.map(|()| outcome(Some(id), result, None))),
        Err(error) if error.code() == Code::ProcessNoDraft => Ok(recorded.map(|()| outcome(Some(id), result, None))),
        Err(error) => {
            let fields: Vec<String> = error.fields().iter().map(|field| field.code.text(chinese, &field.params)).collect();
            let reason = if fields.is_empty() { error.code().text(chinese, error.params()) } else { fields.join("；") };
            Ok(recorded.map(|()| outcome(Some(id), Installed::Failed, Some(reason))))
        }
    }
}

/// The pack's becomes the draft.
fn update(tx: &mut WriteTx<'_>, id: ProcessId, source: Source, origin: &(String, String), kept: &RawJson) -> Result<Recorded<()>, Error> {
    let row = store::process(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let change = DraftChange {
        bpmn: Some(source.bpmn),
        form: Some(source.form),
        decisions: Some(source.decisions),
        tests: Some(source.tests),
        ..DraftChange::default()
    };
    definitions::change(tx, id, row.version, &change)?.into_inner();
    derived(tx, id, origin, kept)
}

/// A process counts as made from this version of a pack, which is kept for later comparison.
fn derived(tx: &mut WriteTx<'_>, id: ProcessId, origin: &(String, String), kept: &RawJson) -> Result<Recorded<()>, Error> {
    let row = store::process(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let after = Process { origin: Some(origin.0.clone()), origin_hash: Some(origin.1.clone()), ..row.clone() };
    let event = db::Event::new("process.derived", id, row.name.clone()).step(row.version).change("origin", &row.origin, &after.origin);
    tx.record(event, |rows| {
        store::keep_pack_source(rows, &origin.1, kept)?;
        store::update_process(rows, &after, row.version)
    })
}

/// Installs these processes of a pack, or all; with the roles that were missing.
pub fn install_all(
    tx: &mut WriteTx<'_>,
    office: &Office,
    pack: &Pack,
    keys: &[String],
    publish: bool,
    changed: WhenChanged,
) -> Result<Recorded<(Vec<Outcome>, usize)>, Error> {
    if let Some(place) = keys.iter().position(|key| !pack.processes.iter().any(|process| process.key == *key)) {
        return Err(Error::invalid(format!("/process_keys/{place}"), Code::PackUnknownProcess));
    }
    let roles_added = add_roles(tx, pack)?.into_inner();
    let mut outcomes = Vec::new();
    let mut last = tx.unchanged(());
    for process in pack.processes.iter().filter(|process| keys.is_empty() || keys.contains(&process.key)) {
        let done = install(tx, office, pack, process, publish, changed)?;
        outcomes.push(done.get().clone());
        last = done.map(|_| ());
    }
    Ok(last.map(|()| (outcomes, roles_added)))
}

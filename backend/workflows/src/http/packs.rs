//! Regulation packs: what ships, what of it is here, and archives of others.

use actix_web::{HttpResponse, web::Data};
use identity::finding;
use kernel::{Code, Error, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Bytes, Created, Download, Fine, Guard, Path, Valid, View};

use crate::{
    blueprint::Source,
    model::ProcessId,
    packs::{self, Clause, Pack},
    service::{
        Office,
        packs::{self as installing, Installed, PackState, ThreeWays, WhenChanged},
    },
};

/// A process of a pack.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PackProcessView {
    pub key: String,
    pub name: String,
    pub category: String,
    pub about: String,
    pub state: PackState,
    #[schema(required)]
    pub process_id: Option<ProcessId>,
}

/// A role that a pack asks for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PackRoleView {
    pub code: String,
    pub name: String,
    pub about: String,
    /// How many hold it here.
    pub holders: i64,
}

/// A pack.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PackView {
    pub key: String,
    pub title: String,
    pub version: String,
    pub clauses: Vec<Clause>,
    pub roles: Vec<PackRoleView>,
    pub processes: Vec<PackProcessView>,
}
impl View for PackView {}

/// All of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PackList {
    pub items: Vec<PackView>,
}
impl View for PackList {}

fn view(tx: &mut db::ReadTx<'_>, pack: &Pack) -> Result<PackView, Error> {
    let chinese = tx.actor().chinese;
    let holders = finding::holders_of_all(tx)?;
    let word = |zh: &str, en: &str| if chinese || en.is_empty() { zh } else { en }.to_owned();
    let mut processes = Vec::new();
    for process in &pack.processes {
        let (state, process_id) = installing::state(tx, pack, process)?;
        processes.push(PackProcessView {
            key: process.key.clone(),
            name: word(&process.name, &process.name_en),
            category: word(&process.category, &process.category_en),
            about: word(&process.about, &process.about_en),
            state,
            process_id,
        });
    }
    let roles = pack.roles.iter().map(|role| PackRoleView {
        code: role.code.clone(),
        name: word(&role.name, &role.en),
        about: role.about.clone(),
        holders: holders.get(&role.code).copied().unwrap_or_default(),
    });
    Ok(PackView {
        key: pack.key.clone(),
        title: word(&pack.title, &pack.title_en),
        version: pack.version.clone(),
        clauses: pack.clauses.clone(),
        roles: roles.collect(),
        processes,
    })
}

fn shipped(key: &str) -> Result<&'static Pack, Error> {
    packs::shipped()?.get(key).ok_or_else(|| Error::new(Code::NotFound))
}

/// GET /packs
pub async fn list(call: Guard<may::DesignProcesses>) -> Result<Fine<PackList>, ApiError> {
    call.read(|tx| {
        let items = packs::shipped()?.values().map(|pack| view(tx, pack)).collect::<Result<_, _>>()?;
        Ok(PackList { items })
    })
    .await
}

/// GET /packs/{key}
pub async fn show(call: Guard<may::DesignProcesses>, key: Path<String>) -> Result<Fine<PackView>, ApiError> {
    let key = key.into_inner();
    call.read(move |tx| view(tx, shipped(&key)?)).await
}

/// A process of a pack in three ways, to be compared; nothing is merged by itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PackProcessDetail {
    pub state: PackState,
    /// As the pack had it when it was installed.
    #[schema(required)]
    pub base: Option<Source>,
    /// As the company has it: its draft.
    #[schema(required)]
    pub here: Option<Source>,
    /// As the pack has it now.
    pub pack: Source,
}
impl View for PackProcessDetail {}

/// GET /packs/{key}/processes/{process_key}
pub async fn compare(call: Guard<may::DesignProcesses>, path: Path<(String, String)>) -> Result<Fine<PackProcessDetail>, ApiError> {
    let (key, process) = path.into_inner();
    call.read(move |tx| {
        let pack = shipped(&key)?;
        let process = pack.processes.iter().find(|known| known.key == process).ok_or_else(|| Error::new(Code::NotFound))?;
        let ThreeWays { state, base, here, pack } = installing::three_ways(tx, pack, process)?;
        Ok(PackProcessDetail { state, base, here, pack })
    })
    .await
}

/// What to install.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstallPack {
    /// Only these processes; all if empty.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    process_keys: Vec<String>,
    /// Whether to publish what is installed.
    publish: bool,
    /// What is done with processes that the company has changed; they are left if it is absent.
    changed: Option<WhenChanged>,
}

/// What became of one process.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InstalledProcess {
    pub key: String,
    #[schema(required)]
    pub process_id: Option<ProcessId>,
    pub result: Installed,
    #[schema(required)]
    pub reason: Option<String>,
}

/// What became of each.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InstalledPack {
    pub items: Vec<InstalledProcess>,
    /// Roles that were added; who fills them is said in the organisation.
    pub roles_added: usize,
    /// Whose signature an imported pack bears, of those who are trusted here.
    #[schema(required)]
    pub signed_by: Option<String>,
    /// Names under signatures of an imported pack whose keys are not known here.
    pub unknown_signers: Vec<String>,
}
impl View for InstalledPack {}

fn install_all(
    tx: &mut db::WriteTx<'_>,
    office: &Office,
    pack: &Pack,
    keys: &[String],
    publish: bool,
    changed: WhenChanged,
) -> Result<db::Recorded<InstalledPack>, Error> {
    let installed = installing::install_all(tx, office, pack, keys, publish, changed)?;
    Ok(installed.map(|(outcomes, roles_added)| {
        let view =
            |one: installing::Outcome| InstalledProcess { key: one.key, process_id: one.process, result: one.result, reason: one.reason };
        InstalledPack { items: outcomes.into_iter().map(view).collect(), roles_added, signed_by: None, unknown_signers: Vec::new() }
    }))
}

/// POST /packs/{key}/install
pub async fn install(
    call: Guard<may::DesignProcesses>,
    office: Data<Office>,
    key: Path<String>,
    body: Valid<InstallPack>,
) -> Result<Created<InstalledPack>, ApiError> {
    let (key, body) = (key.into_inner(), body.into_inner());
    call.create(move |tx| {
        install_all(tx, &office, shipped(&key)?, &body.process_keys, body.publish, body.changed.unwrap_or(WhenChanged::Leave))
    })
    .await
}

/// POST /packs/import
pub async fn import(call: Guard<may::DesignProcesses>, office: Data<Office>, body: Bytes) -> Result<Created<InstalledPack>, ApiError> {
    let pack = Pack::unzip(&body.content)?;
    let (signed_by, unknown_signers) = pack.signers(office.pack_keys())?;
    call.create(move |tx| {
        let installed = install_all(tx, &office, &pack, &[], false, WhenChanged::Leave)?;
        Ok(installed.map(|view| InstalledPack { signed_by: signed_by.clone(), unknown_signers: unknown_signers.clone(), ..view }))
    })
    .await
}

/// GET /packs/{key}/export
pub async fn export(_call: Guard<may::DesignProcesses>, key: Path<String>) -> Result<Download, ApiError> {
    let pack = shipped(&key)?;
    let name = format!("attachment; filename=\"{}-{}.zip\"", pack.key, pack.version);
    let content = pack.zip()?;
    Ok(Download(HttpResponse::Ok().content_type("application/zip").insert_header(("content-disposition", name)).body(content)))
}

//! Regulation packs (`backend/packs/`): a folder of clauses, roles, events and processes. Those that ship are in the binary; others come
//! as archives of the same shape.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    sync::OnceLock,
};

use bpmn::Finding;
use include_dir::{Dir, include_dir};
use kernel::{Code, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::{
    blueprint::{Form, Known, Source},
    office::examples::{self, TestResult},
};

/// The packs that ship.
static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../packs");

/// Files of an archive at most, and bytes of each.
const MAX_FILES: usize = 1_000;
const MAX_BYTES: u64 = 4 << 20;
/// And of all of them.
const MAX_TOTAL: usize = 64 << 20;

/// Where a pack's signature stands in it.
pub const SIGNATURE: &str = "pack.sig";

/// A regulation with what runs it.
#[derive(Clone, Debug)]
pub struct Pack {
    pub key: String,
    pub title: String,
    pub title_en: String,
    pub version: String,
    pub clauses: Vec<Clause>,
    pub roles: Vec<PackRole>,
    pub events: Vec<PackEvent>,
    pub processes: Vec<PackProcess>,
    /// Everything by path, as it is exported.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A clause of a regulation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its stable key.
    pub id: String,
    /// As it is numbered in the regulation.
    #[serde(default)]
    pub number: String,
    /// What it says.
    pub text: String,
    /// In English.
    #[serde(default)]
    pub en: String,
}

/// A role that a pack's processes ask for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackRole {
    /// Its code.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// In English.
    #[serde(default)]
    pub en: String,
    /// Who it is.
    #[serde(default)]
    pub about: String,
}

/// An event that a pack's processes emit.
#[derive(Clone, Debug, Deserialize)]
pub struct PackEvent {
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub title: String,
    /// In English.
    #[serde(default)]
    pub en: String,
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

/// A process of a pack.
#[derive(Clone, Debug)]
pub struct PackProcess {
    pub key: String,
    pub name: String,
    pub name_en: String,
    pub category: String,
    pub category_en: String,
    pub about: String,
    pub about_en: String,
    pub source: Source,
}

#[derive(Deserialize)]
struct Regulation {
    key: String,
    title: String,
    title_en: String,
    version: String,
    #[serde(default)]
    clause: Vec<Clause>,
    #[serde(default)]
    process: Vec<Listed>,
}
#[derive(Deserialize)]
struct Listed {
    key: String,
    name: String,
    #[serde(default)]
    en: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    category_en: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    about_en: String,
}
#[derive(Deserialize)]
struct Roles {
    #[serde(default)]
    role: Vec<PackRole>,
}
#[derive(Deserialize)]
struct Events {
    #[serde(default)]
    event: Vec<PackEvent>,
}

/// The packs that ship, by key; read once.
pub fn shipped() -> Result<&'static BTreeMap<String, Pack>, Error> {
    static READ: OnceLock<BTreeMap<String, Pack>> = OnceLock::new();
    match READ.get() {
        Some(packs) => Ok(packs),
        None => read_shipped().map(|packs| READ.get_or_init(|| packs)),
    }
}

fn read_shipped() -> Result<BTreeMap<String, Pack>, Error> {
    let mut packs = BTreeMap::new();
    for folder in SHIPPED.dirs() {
        let mut files = BTreeMap::new();
        gather(folder, folder.path().to_string_lossy().len() + 1, &mut files);
        let pack = Pack::read(files)?;
        packs.insert(pack.key.clone(), pack);
    }
    Ok(packs)
}

fn gather(folder: &Dir<'_>, cut: usize, files: &mut BTreeMap<String, Vec<u8>>) {
    for file in folder.files() {
        let path = file.path().to_string_lossy();
        files.insert(path.get(cut..).unwrap_or_default().to_owned(), file.contents().to_vec());
    }
    folder.dirs().for_each(|inner| gather(inner, cut, files));
}

fn unreadable(reason: impl std::fmt::Display) -> Error {
    Error::new(Code::PackUnreadable).with("reason", reason)
}

impl Pack {
    /// Reads the files of a pack.
    pub fn read(files: BTreeMap<String, Vec<u8>>) -> Result<Self, Error> {
        let text = |path: &str| -> Result<Option<&str>, Error> {
            let bytes = files.get(path).map(|bytes| std::str::from_utf8(bytes));
            bytes.transpose().map_err(|error| unreadable(format!("{path}: {error}")))
        };
        let wrong = |path: &str, error: &dyn std::fmt::Display| unreadable(format!("{path}: {error}"));
        let regulation = text("regulation.toml")?.ok_or_else(|| unreadable("regulation.toml"))?;
        let regulation: Regulation = toml::from_str(regulation).map_err(|error| wrong("regulation.toml", &error))?;
        let roles: Roles = toml::from_str(text("roles.toml")?.unwrap_or_default()).map_err(|error| wrong("roles.toml", &error))?;
        let events: Events = toml::from_str(text("events.toml")?.unwrap_or_default()).map_err(|error| wrong("events.toml", &error))?;
        let json = |path: String| -> Result<Option<Json>, Error> {
            text(&path)?.map(|text| serde_json::from_str(text).map_err(|error| wrong(&path, &error))).transpose()
        };
        let mut tables = Map::new();
        for path in files.keys().filter(|path| path.starts_with("decisions/")) {
            let key = path.trim_start_matches("decisions/").trim_end_matches(".json").to_owned();
            if let Some(table) = json(path.clone())? {
                tables.insert(key, table);
            }
        }
        let mut processes = Vec::new();
        for listed in regulation.process {
            let path = format!("processes/{}.bpmn", listed.key);
            let bpmn = text(&path)?.ok_or_else(|| unreadable(&path))?.to_owned();
            let used = |key: &String| bpmn.contains(&format!("table=\"{key}\""));
            let decisions = tables.iter().filter(|(key, _)| used(key)).map(|(key, table)| (key.clone(), table.clone())).collect();
            let form = json(format!("forms/{}.json", listed.key))?.unwrap_or_else(Form::empty);
            let tests = json(format!("tests/{}.json", listed.key))?.and_then(|tests| tests.as_array().cloned()).unwrap_or_default();
            let source = Source { bpmn, form, decisions, tests };
            let Listed { key, name, en, category, category_en, about, about_en } = listed;
            processes.push(PackProcess { key, name, name_en: en, category, category_en, about, about_en, source });
        }
        let Regulation { key, title, title_en, version, clause, .. } = regulation;
        Ok(Self { key, title, title_en, version, clauses: clause, roles: roles.role, events: events.event, processes, files })
    }

    /// Reads an archive.
    pub fn unzip(bytes: &[u8]) -> Result<Self, Error> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(unreadable)?;
        if archive.len() > MAX_FILES {
            return Err(unreadable(format!("> {MAX_FILES}")));
        }
        let (mut files, mut total) = (BTreeMap::new(), 0_usize);
        for index in 0..archive.len() {
            let file = archive.by_index(index).map_err(unreadable)?;
            let name = file.name().map_err(unreadable)?.into_owned();
            if file.is_dir() || name.contains("..") || name.starts_with('/') {
                continue;
            }
            let mut content = Vec::new();
            file.take(MAX_BYTES + 1).read_to_end(&mut content).map_err(unreadable)?;
            if u64::try_from(content.len()).unwrap_or(u64::MAX) > MAX_BYTES {
                return Err(unreadable(format!("{name} > {MAX_BYTES}")));
            }
            total += content.len();
            if total > MAX_TOTAL {
                return Err(unreadable(format!("> {MAX_TOTAL}")));
            }
            files.insert(name, content);
        }
        Self::read(files)
    }

    /// Makes an archive: the same files give the same bytes.
    pub fn zip(&self) -> Result<Vec<u8>, Error> {
        use std::io::Write as _;
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for (path, content) in &self.files {
            writer.start_file(path.as_str(), options).map_err(Error::internal)?;
            writer.write_all(content).map_err(Error::internal)?;
        }
        Ok(writer.finish().map_err(Error::internal)?.into_inner())
    }

    /// What a signature of the pack signs: which pack it is, and each file by its hash.
    fn manifest(&self) -> String {
        let mut text = format!("zhidu pack v1\n{} {}\n", self.key, self.version);
        for (path, content) in self.files.iter().filter(|(path, _)| *path != SIGNATURE) {
            let hash = kernel::hex(&Sha256::digest(content));
            text.push_str(&format!("{hash}  {path}\n"));
        }
        text
    }

    /// The signature that belongs into it: a signed note (C2SP) over the hashes of all other files.
    pub fn sign(&self, signer: &merkle::Signer) -> Result<String, Error> {
        signer.sign(&self.manifest()).map_err(unreadable)
    }

    /// Whose signature it bears, of those whose keys are known, and the names of others who signed. A signature that does not fit is
    /// refused, and so is a pack without a known one where keys are known at all.
    pub fn signers(&self, keys: &[merkle::Verifier]) -> Result<(Option<String>, Vec<String>), Error> {
        let wrong = || Error::new(Code::PackSignature);
        let (verified, unknown) = match self.files.get(SIGNATURE) {
            None => (None, Vec::new()),
            Some(bytes) => {
                let note = std::str::from_utf8(bytes).map_err(|_| wrong())?;
                let note = merkle::Note::open(note, keys).map_err(|_| wrong())?;
                if note.text != self.manifest() {
                    return Err(wrong());
                }
                (note.verified.first().map(|(key, _)| key.name().to_owned()), note.unknown)
            }
        };
        if verified.is_none() && !keys.is_empty() { Err(Error::new(Code::PackUnsigned)) } else { Ok((verified, unknown)) }
    }

    /// Everything that is wrong with its processes, by key, and the results of their tests.
    #[must_use]
    pub fn check(&self, known: &Known, chinese: bool) -> Vec<Checked> {
        let clauses: BTreeSet<&str> = self.clauses.iter().map(|clause| clause.id.as_str()).collect();
        let roles: BTreeSet<&str> = self.roles.iter().map(|role| role.code.as_str()).collect();
        let events: BTreeMap<&str, &PackEvent> = self.events.iter().map(|event| (event.name.as_str(), event)).collect();
        let mut known = known.clone();
        known.processes.extend(self.processes.iter().map(|process| process.key.clone()));
        let mut all = Vec::new();
        for process in &self.processes {
            let (blueprint, findings) = process.source.check(&known);
            let mut missing = Vec::new();
            let mut tests = Vec::new();
            if let Some(blueprint) = &blueprint {
                tests = examples::run_all(blueprint, &process.source.tests, chinese);
                let settings = &blueprint.settings;
                let said = settings.process.clauses.iter().chain(settings.work.values().flat_map(|work| &work.clauses));
                missing.extend(said.filter(|id| !clauses.contains(id.as_str())).map(|id| format!("clause {id}")));
                let asked = settings.work.values().flat_map(|work| &work.people);
                let asked = asked.filter(|people| people.by == crate::blueprint::words::PeopleRule::Role);
                let asked = asked.filter_map(|people| people.value.as_deref()).chain(settings.process.starters.iter().map(String::as_str));
                missing.extend(asked.filter(|code| !roles.contains(code)).map(|code| format!("role {code}")));
                for event in settings.events.values().flatten() {
                    match events.get(event.name.as_str()) {
                        None => missing.push(format!("event {}", event.name)),
                        Some(declared) => {
                            let undeclared = event.facts.keys().filter(|fact| !declared.facts.contains_key(*fact));
                            missing.extend(undeclared.map(|fact| format!("fact {fact} of {}", event.name)));
                        }
                    }
                }
                missing.sort();
                missing.dedup();
            }
            all.push(Checked { key: process.key.clone(), findings, tests, missing });
        }
        all
    }
}

/// What was found in a process of a pack.
#[derive(Clone, Debug)]
pub struct Checked {
    pub key: String,
    pub findings: Vec<Finding>,
    pub tests: Vec<TestResult>,
    /// Clauses, roles, events and facts that the pack does not declare.
    pub missing: Vec<String>,
}

impl Checked {
    /// Whether it may be published.
    #[must_use]
    pub fn passes(&self) -> bool {
        crate::blueprint::publishable(&self.findings) && self.tests.iter().all(|test| test.passed) && self.missing.is_empty()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn only_packs_of_those_who_are_trusted_get_in_where_anybody_is() {
        let mut pack = shipped().unwrap()["quality"].clone();
        let (ours, theirs) = (merkle::Signer::new("ours", [1; 32]).unwrap(), merkle::Signer::new("theirs", [2; 32]).unwrap());
        let keys = [ours.verifier()];
        let refused = |pack: &Pack| pack.signers(&keys).unwrap_err().code();
        assert_eq!((pack.signers(&[]).unwrap().0, refused(&pack)), (None, Code::PackUnsigned));
        let sign = |pack: &mut Pack, signer| pack.files.insert(SIGNATURE.to_owned(), pack.sign(signer).unwrap().into_bytes());
        sign(&mut pack, &theirs);
        assert_eq!((pack.signers(&[]).unwrap().0, refused(&pack)), (None, Code::PackUnsigned));
        sign(&mut pack, &ours);
        assert_eq!(pack.signers(&keys).unwrap().0.as_deref(), Some("ours"));
        pack.files.insert("events.toml".to_owned(), Vec::new());
        assert_eq!((refused(&pack), pack.signers(&[]).unwrap_err().code()), (Code::PackSignature, Code::PackSignature));
    }
}

//! The package: made here, verified anywhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{Cursor, Read as _, Write as _},
};

use audit::ledger::{self, Proven};
use db::ReadTx;
use kernel::{Error, PersonId, Ts, Uuid, hex, unhex};
use merkle::{Note, RecordProof, Verifier};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{
    model::{Extraction, Selection},
    service,
};

const MANIFEST: &str = "manifest.note";
const KEYS: &str = "keys.txt";
const README: &str = "README.txt";
const FORMAT: &str = "zhidu-extraction-1";
const WORDS: &str = include_str!("README.txt");
/// What a package may unpack to.
const MAX_UNPACKED: u64 = 512 << 20;

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub person: PersonId,
    pub name: String,
    pub at: Ts,
}

/// That no record of a time is missing: all leaves from the first to the last are here, and, where the time has a beginning or an end, the
/// record before or after, whose time lies outside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Whole {
    pub first: i64,
    pub last: i64,
}

impl Whole {
    /// The places of the records at its edges.
    fn edges(&self, selection: &Selection) -> impl Iterator<Item = i64> {
        let before = (selection.from.is_some() && self.first > 0).then_some(self.first - 1);
        before.into_iter().chain(selection.to.map(|_| self.last + 1))
    }
}

/// What a package says of itself, signed by the key of the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub extraction: Uuid,
    pub authority: String,
    pub document_number: String,
    pub legal_basis: String,
    pub requested_by: Signed,
    pub approved_by: Vec<Signed>,
    pub selection: Selection,
    /// Of the log when it was asked for.
    pub log_size: i64,
    /// The places of the records that are handed over.
    pub leaves: Vec<i64>,
    pub whole: Option<Whole>,
    /// SHA-256 of every other file but the keys, hexadecimal.
    pub files: BTreeMap<String, String>,
}

/// What is in a package, before it is signed and packed.
pub struct Content {
    manifest: Manifest,
    files: BTreeMap<String, Vec<u8>>,
}

fn approvals(row: &Extraction) -> Vec<Signed> {
    let one =
        |person: Option<PersonId>, name: &Option<String>, at: Option<Ts>| Some(Signed { person: person?, name: name.clone()?, at: at? });
    let (first, second) = (one(row.first_by, &row.first_by_name, row.first_at), one(row.decided_by, &row.decided_by_name, row.decided_at));
    first.into_iter().chain(second).collect()
}

fn record_path(leaf: i64) -> String {
    format!("records/{leaf:012}.json")
}

fn proof_path(leaf: i64) -> String {
    format!("proofs/{leaf:012}.tlog-proof")
}

fn detail_path(leaf: i64) -> String {
    format!("details/{leaf:012}.json")
}

/// Reads what an approved extraction hands over.
pub fn read(tx: &mut ReadTx<'_>, row: &Extraction) -> Result<Content, Error> {
    let selection: Selection = row.selection.parse()?;
    let leaves = service::selected(tx, &selection, row.log_size)?;
    let whole = match (selection.is_whole_time(), leaves.first(), leaves.last()) {
        (true, Some(&first), Some(&last)) => Some(Whole { first, last }),
        _ => None,
    };
    let edges = whole.iter().flat_map(|whole| whole.edges(&selection));
    let all: Vec<i64> = leaves.iter().copied().chain(edges).collect();
    let mut files = BTreeMap::from([(README.to_owned(), WORDS.as_bytes().to_vec())]);
    for Proven { index, canonical, detail, proof } in ledger::proven(tx, &all)? {
        files.insert(record_path(index), canonical.into_bytes());
        files.insert(proof_path(index), proof.into_bytes());
        // Of the records at the edges nothing is told but that they are there.
        if let Some((salt, detail)) = detail.filter(|_| leaves.binary_search(&index).is_ok()) {
            let line = serde_json::json!({ "salt": hex(&salt), "detail": detail });
            files.insert(detail_path(index), line.to_string().into_bytes());
        }
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        extraction: row.id.uuid(),
        authority: row.authority.clone(),
        document_number: row.document_number.clone(),
        legal_basis: row.legal_basis.clone(),
        requested_by: Signed { person: row.requested_by, name: row.requested_by_name.clone(), at: row.requested_at },
        approved_by: approvals(row),
        selection,
        log_size: row.log_size,
        leaves,
        whole,
        files: files.iter().map(|(name, bytes)| (name.clone(), hex(&Sha256::digest(bytes)))).collect(),
    };
    Ok(Content { manifest, files })
}

impl Content {
    /// Signs and packs it.
    pub fn pack(self, log: &audit::Log) -> Result<Vec<u8>, Error> {
        let text = serde_json_canonicalizer::to_string(&self.manifest).map_err(Error::internal)? + "\n";
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut put = |name: &str, bytes: &[u8]| -> Result<(), Error> {
            zip.start_file(name, SimpleFileOptions::default()).map_err(Error::internal)?;
            zip.write_all(bytes).map_err(Error::internal)
        };
        put(MANIFEST, log.sign(&text)?.as_bytes())?;
        put(KEYS, format!("{}\n", log.key()).as_bytes())?;
        for (name, bytes) in &self.files {
            put(name, bytes)?;
        }
        Ok(zip.finish().map_err(Error::internal)?.into_inner())
    }
}

/// What a package proves.
#[derive(Debug)]
pub struct Verified {
    pub manifest: Manifest,
    /// The name of the log under which the proofs stand.
    pub log: String,
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { authority, document_number, leaves, whole, approved_by, .. } = &self.manifest;
        writeln!(f, "verified: {} records for {authority} ({document_number}), each in the log {}", leaves.len(), self.log)?;
        for Signed { name, at, .. } in approved_by {
            writeln!(f, "approved by {name} at {at}")?;
        }
        match whole {
            Some(Whole { first, last }) => write!(f, "whole: no record from {first} to {last} is missing"),
            None => write!(f, "a selection: it does not say whether there are other records that fit"),
        }
    }
}

/// Verifies a package off-line. `keys` are those of the log, as they were written down before; without any it is held against the key that
/// it brings along, which proves only that it was not changed since. The error names what is wrong.
pub fn verify(package: &[u8], keys: &[Verifier]) -> Result<Verified, String> {
    let mut files = unpack(package)?;
    let mut take = |name: &str| files.remove(name).ok_or_else(|| format!("{name} is missing"));
    let (note, brought) = (text(MANIFEST, take(MANIFEST)?)?, text(KEYS, take(KEYS)?)?);
    let brought: Vec<Verifier> = brought.lines().filter_map(|line| line.parse().ok()).collect();
    let keys = if keys.is_empty() { &brought } else { keys };
    // Whatever the log was called when the key was written down.
    let firsts: Vec<Verifier> = keys.iter().map(audit::as_first).collect();
    let note = Note::open(&note, &firsts).map_err(|error| format!("{MANIFEST}: {error}"))?;
    if note.verified.is_empty() {
        return Err(format!("{MANIFEST} is not signed by a key that is trusted"));
    }
    let manifest: Manifest = serde_json::from_str(&note.text).map_err(|error| format!("{MANIFEST}: {error}"))?;
    if manifest.format != FORMAT {
        return Err(format!("this program reads {FORMAT}"));
    }
    let found: BTreeMap<String, String> = files.iter().map(|(name, bytes)| (name.clone(), hex(&Sha256::digest(bytes)))).collect();
    if let Some(name) = manifest.files.keys().chain(found.keys()).find(|name| manifest.files.get(*name) != found.get(*name)) {
        return Err(format!("{name} is not what was signed"));
    }
    check_approvals(&manifest)?;
    let log = check_records(&manifest, &files, keys)?;
    Ok(Verified { manifest, log })
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| format!("{name} is no text"))
}

fn unpack(package: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut zip = ZipArchive::new(Cursor::new(package)).map_err(|error| format!("no package: {error}"))?;
    // Of two files of one name programs disagree which is the one: the directory has as many entries as there are names. It ends with how
    // many those are (APPNOTE 4.3.16), and nothing of ours comes after that.
    let end = package.len().checked_sub(22).and_then(|at| package.get(at..)).filter(|end| end.starts_with(b"PK\x05\x06"));
    let entries = end.and_then(|end| end.get(10..12)?.try_into().ok()).map(u16::from_le_bytes);
    if entries.map(usize::from) != Some(zip.len()) {
        return Err("a file is there twice, or something was added behind".to_owned());
    }
    let (mut files, mut left) = (BTreeMap::new(), MAX_UNPACKED);
    for index in 0..zip.len() {
        let file = zip.by_index(index).map_err(|error| error.to_string())?;
        let name = file.name().map_err(|error| error.to_string())?.into_owned();
        let mut bytes = Vec::new();
        file.take(left + 1).read_to_end(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(|| format!("it unpacks to more than {} MiB", MAX_UNPACKED >> 20))?;
        files.insert(name, bytes);
    }
    Ok(files)
}

/// Two have approved, and neither of them asked.
fn check_approvals(manifest: &Manifest) -> Result<(), String> {
    match manifest.approved_by.as_slice() {
        [one, two] if one.person != two.person && [one, two].iter().all(|approval| approval.person != manifest.requested_by.person) => {
            Ok(())
        }
        _ => Err("it was not approved by two people who did not ask for it".to_owned()),
    }
}

#[derive(Deserialize)]
struct Thing {
    #[serde(default)]
    id: Option<Uuid>,
}

/// What is looked at in a record.
#[derive(Deserialize)]
struct Record {
    time: i64,
    detail_hash: String,
    actor: Thing,
    subject: Thing,
    #[serde(default)]
    related: Vec<Thing>,
    #[serde(default)]
    unit: Option<Uuid>,
}

impl Record {
    fn fits(&self, selection: &Selection) -> bool {
        let touches = |id: Uuid| self.subject.id == Some(id) || self.related.iter().any(|touched| touched.id == Some(id));
        selection.from.is_none_or(|from| self.time >= from.millis())
            && selection.to.is_none_or(|to| self.time < to.millis())
            && selection.actor_id.is_none_or(|actor| self.actor.id == Some(actor.uuid()))
            && selection.subject_id.is_none_or(touches)
            && selection.unit_id.is_none_or(|unit| self.unit == Some(unit.uuid()))
    }
}

/// Each record is proven under one and the same checkpoint, fits what was asked for, and has its own detail; nothing else is there.
fn check_records(manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>, keys: &[Verifier]) -> Result<String, String> {
    let Manifest { leaves, whole, selection, .. } = manifest;
    if leaves.is_empty() || !leaves.windows(2).all(|pair| matches!(pair, [one, next] if one < next)) {
        return Err("its records are not in the order of the log".to_owned());
    }
    let file = |name: String| files.get(&name).map(|bytes| (name.clone(), bytes)).ok_or(format!("{name} is missing"));
    let edges: Vec<i64> = whole.iter().flat_map(|whole| whole.edges(selection)).collect();
    let (mut records, mut checkpoint, mut expected) = (BTreeMap::new(), None::<String>, BTreeSet::from([README.to_owned()]));
    for leaf in leaves.iter().chain(&edges).copied() {
        let ((name, bytes), (proof_name, proof)) = (file(record_path(leaf))?, file(proof_path(leaf))?);
        let proof: RecordProof = text(&proof_name, proof.clone())?.parse().map_err(|error| format!("{proof_name}: {error}"))?;
        let origin = proof.checkpoint.lines().next().unwrap_or_default();
        let named = keys.iter().map(|key| key.renamed(origin)).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        if i64::try_from(proof.index) != Ok(leaf) || !named.iter().any(|key| proof.verify(bytes, key, &[]).is_ok()) {
            return Err(format!("{proof_name} does not prove {name}"));
        }
        if *checkpoint.get_or_insert_with(|| proof.checkpoint.clone()) != proof.checkpoint {
            return Err(format!("{proof_name} stands under another checkpoint than the others"));
        }
        let record: Record = serde_json::from_slice(bytes).map_err(|error| format!("{name}: {error}"))?;
        if !edges.contains(&leaf) {
            if whole.is_none() && !record.fits(selection) {
                return Err(format!("{name} is not what was asked for"));
            }
            if let Some(detail) = files.get(&detail_path(leaf)) {
                check_detail(leaf, &record, detail)?;
                expected.insert(detail_path(leaf));
            }
        }
        expected.extend([name, proof_name]);
        records.insert(leaf, record);
    }
    if let Some(name) = files.keys().find(|name| !expected.contains(*name)) {
        return Err(format!("{name} is of no record that is handed over"));
    }
    check_whole(manifest, &records)?;
    Ok(checkpoint.as_deref().and_then(|checkpoint| checkpoint.lines().next()).unwrap_or_default().to_owned())
}

#[derive(Deserialize)]
struct Detail {
    salt: String,
    detail: String,
}

/// A detail that is there is the one of its record.
fn check_detail(leaf: i64, record: &Record, bytes: &[u8]) -> Result<(), String> {
    let name = detail_path(leaf);
    let Detail { salt, detail } = serde_json::from_slice(bytes).map_err(|error| format!("{name}: {error}"))?;
    let salt = unhex(&salt).ok_or_else(|| format!("{name}: no salt"))?;
    let hash = hex(&Sha256::new().chain_update(salt).chain_update(&detail).finalize());
    if hash == record.detail_hash { Ok(()) } else { Err(format!("{name} is not the detail of its record")) }
}

/// Where a package says that it is whole, nothing but a time was asked for, its leaves are one range, and that reaches to where the time
/// ends: to a record outside it, or to the end of the log.
fn check_whole(Manifest { selection, leaves, whole, log_size, .. }: &Manifest, records: &BTreeMap<i64, Record>) -> Result<(), String> {
    let Some(Whole { first, last }) = whole else { return Ok(()) };
    let time = |leaf: i64| records.get(&leaf).map(|record| record.time);
    let begins = match selection.from {
        Some(from) if *first > 0 => time(first - 1).is_some_and(|time| time < from.millis()),
        _ => *first == 0,
    };
    let ends = match selection.to {
        Some(to) => time(last + 1).is_some_and(|time| time >= to.millis()),
        None => last + 1 == *log_size,
    };
    if selection.is_whole_time() && leaves.iter().copied().eq(*first..=*last) && begins && ends {
        Ok(())
    } else {
        Err("it says that it is whole, and is not: a record may be missing".to_owned())
    }
}

//! The package: made here, verified anywhere.

use std::{
    collections::BTreeMap,
    fmt,
    io::{Cursor, Read as _, Write as _},
};

use audit::ledger::{self, Proven};
use db::ReadTx;
use kernel::{Error, Ts, Uuid, hex};
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
/// What a file of a package may unpack to.
const MAX_FILE: u64 = 4 << 20;

/// Who approved, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Approval {
    pub name: String,
    pub at: Ts,
}

/// That no record of a time is missing: all leaves from the first to the last are here, and the record before and the one after, whose
/// times lie outside. `after` is none if the log ended there when this was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Whole {
    pub first: i64,
    pub last: i64,
    pub before: Option<i64>,
    pub after: Option<i64>,
}

/// What a package says of itself, signed by the key of the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub extraction: Uuid,
    pub authority: String,
    pub document_number: String,
    pub legal_basis: String,
    pub requested_by: String,
    pub requested_at: Ts,
    pub approved_by: Vec<Approval>,
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

fn approvals(row: &Extraction) -> Vec<Approval> {
    let one = |name: &Option<String>, at: Option<Ts>| Some(Approval { name: name.clone()?, at: at? });
    [one(&row.first_by_name, row.first_at), one(&row.decided_by_name, row.decided_at)].into_iter().flatten().collect()
}

fn record_path(leaf: i64) -> String {
    format!("records/{leaf:012}.json")
}

fn proof_path(leaf: i64) -> String {
    format!("proofs/{leaf:012}.tlog-proof")
}

/// Reads what an approved extraction hands over.
pub fn read(tx: &mut ReadTx<'_>, row: &Extraction) -> Result<Content, Error> {
    let selection: Selection = row.selection.parse()?;
    let leaves = service::selected(tx, &selection, row.log_size)?;
    let whole = match (selection.is_whole_time(), leaves.first(), leaves.last()) {
        (true, Some(&first), Some(&last)) => {
            Some(Whole { first, last, before: (first > 0).then_some(first - 1), after: (last + 1 < row.log_size).then_some(last + 1) })
        }
        _ => None,
    };
    let edges = whole.iter().flat_map(|whole| [whole.before, whole.after]).flatten();
    let all: Vec<i64> = leaves.iter().copied().chain(edges).collect();
    let mut files = BTreeMap::from([(README.to_owned(), WORDS.as_bytes().to_vec())]);
    for Proven { index, canonical, detail, proof } in ledger::proven(tx, &all)? {
        files.insert(record_path(index), canonical.into_bytes());
        files.insert(proof_path(index), proof.into_bytes());
        // Of the records at the edges nothing is told but that they are there.
        if let Some((salt, detail)) = detail.filter(|_| leaves.binary_search(&index).is_ok()) {
            let line = serde_json::json!({ "salt": hex(&salt), "detail": detail });
            files.insert(format!("details/{index:012}.json"), line.to_string().into_bytes());
        }
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        extraction: row.id.uuid(),
        authority: row.authority.clone(),
        document_number: row.document_number.clone(),
        legal_basis: row.legal_basis.clone(),
        requested_by: row.requested_by_name.clone(),
        requested_at: row.requested_at,
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
    /// The names of the log under which the proofs stand.
    pub logs: Vec<String>,
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { authority, document_number, leaves, whole, approved_by, .. } = &self.manifest;
        writeln!(f, "verified: {} records for {authority} ({document_number}), each in the log {}", leaves.len(), self.logs.join(", "))?;
        for Approval { name, at } in approved_by {
            writeln!(f, "approved by {name} at {at}")?;
        }
        match whole {
            Some(Whole { first, last, .. }) => write!(f, "whole: no record between {first} and {last} is missing"),
            None => write!(f, "a selection: other records may fit nothing that was asked for"),
        }
    }
}

/// Verifies a package off-line. `keys` are those of the log, as they were written down before; without any it is held against the key that
/// it brings along, which proves only that it was not changed since. The error names what is wrong.
pub fn verify(package: &[u8], keys: &[Verifier]) -> Result<Verified, String> {
    let mut zip = ZipArchive::new(Cursor::new(package)).map_err(|error| format!("no package: {error}"))?;
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let file = zip.by_index(index).map_err(|error| error.to_string())?;
        let name = file.name().map_err(|error| error.to_string())?.into_owned();
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(format!("{name} is too long"));
        }
        if files.insert(name.clone(), bytes).is_some() {
            return Err(format!("{name} is there twice"));
        }
    }
    let mut take = |name: &str| files.remove(name).ok_or_else(|| format!("{name} is missing"));
    let text = |name: &str, bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| format!("{name} is no text"));
    let (note, brought) = (text(MANIFEST, take(MANIFEST)?)?, text(KEYS, take(KEYS)?)?);
    let brought: Vec<Verifier> = brought.lines().filter_map(|line| line.parse().ok()).collect();
    let keys = if keys.is_empty() { &brought } else { keys };
    let note = Note::open(&note, keys).map_err(|error| format!("{MANIFEST}: {error}"))?;
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
    let mut logs = Vec::new();
    let file = |name: String| files.get(&name).ok_or(format!("{name} is missing"));
    let edges = manifest.whole.iter().flat_map(|whole| [whole.before, whole.after]).flatten();
    for leaf in manifest.leaves.iter().copied().chain(edges) {
        let record = file(record_path(leaf))?;
        let proof = text(&proof_path(leaf), file(proof_path(leaf))?.clone())?;
        let proof: RecordProof = proof.parse().map_err(|error| format!("{}: {error}", proof_path(leaf)))?;
        if i64::try_from(proof.index) != Ok(leaf) {
            return Err(format!("{} is of another record", proof_path(leaf)));
        }
        let origin = proof.checkpoint.lines().next().unwrap_or_default().to_owned();
        let named = keys.iter().map(|key| key.renamed(&origin)).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        if !named.iter().any(|key| proof.verify(record, key, &[]).is_ok()) {
            return Err(format!("{} does not prove {}", proof_path(leaf), record_path(leaf)));
        }
        check_detail(leaf, record, files.get(&format!("details/{leaf:012}.json")))?;
        if !logs.contains(&origin) {
            logs.push(origin);
        }
    }
    check_whole(&manifest, |leaf| file(record_path(leaf)))?;
    Ok(Verified { manifest, logs })
}

#[derive(Deserialize)]
struct Detail {
    salt: String,
    detail: String,
}

#[derive(Deserialize)]
struct Record {
    time: i64,
    detail_hash: String,
}

fn record(leaf: i64, bytes: &[u8]) -> Result<Record, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("{}: {error}", record_path(leaf)))
}

/// A detail that is there is the one of its record.
fn check_detail(leaf: i64, bytes: &[u8], detail: Option<&Vec<u8>>) -> Result<(), String> {
    let Some(detail) = detail else { return Ok(()) };
    let name = format!("details/{leaf:012}.json");
    let Detail { salt, detail } = serde_json::from_slice(detail).map_err(|error| format!("{name}: {error}"))?;
    let salt = unhex(&salt).ok_or_else(|| format!("{name}: no salt"))?;
    let hash = hex(&Sha256::new().chain_update(salt).chain_update(&detail).finalize());
    if hash == record(leaf, bytes)?.detail_hash { Ok(()) } else { Err(format!("{name} is not the detail of its record")) }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|letter| letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

/// Where a package says that it is whole, its leaves are one range, and the records at its edges lie outside the time.
fn check_whole<'f>(manifest: &Manifest, file: impl Fn(i64) -> Result<&'f Vec<u8>, String>) -> Result<(), String> {
    let Some(Whole { first, last, before, after }) = &manifest.whole else { return Ok(()) };
    if !manifest.leaves.iter().copied().eq(*first..=*last) {
        return Err("it says that it is whole, and a record between its first and its last is missing".to_owned());
    }
    let time = |leaf: i64| Ok::<_, String>(record(leaf, file(leaf)?)?.time);
    let outside = |leaf: &Option<i64>, edge: i64| -> Result<Option<i64>, String> {
        match leaf {
            Some(leaf) if *leaf == edge => time(*leaf).map(Some),
            Some(leaf) => Err(format!("record {leaf} is not at the edge")),
            None => Ok(None),
        }
    };
    let begins = outside(before, first - 1)?;
    if let (Some(from), Some(begins)) = (manifest.selection.from, begins)
        && begins >= from.millis()
    {
        return Err("the record before the first lies in the time that is asked for".to_owned());
    }
    let ends = outside(after, last + 1)?;
    if let (Some(to), Some(ends)) = (manifest.selection.to, ends)
        && ends < to.millis()
    {
        return Err("the record after the last lies in the time that is asked for".to_owned());
    }
    if before.is_none() && *first != 0 || after.is_none() && last + 1 != manifest.log_size {
        return Err("it says that it is whole, and the record at its edge is missing".to_owned());
    }
    Ok(())
}

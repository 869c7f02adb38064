//! Verifies a package without any server, record by record; it names the first record that is not what was signed. Of records and details
//! one at a time is in memory; of each tile its name, of each earlier checkpoint its root, of each erased detail its id.

mod details;
mod files;
mod later;
mod old;
mod walk;

use std::{collections::BTreeMap, fmt, fs::File, path::Path};

use kernel::Uuid;
use merkle::{Checkpoint, ProofError, Signers, Verifier, tree::Hash};
use serde::Deserialize;
use zip::ZipArchive;

use self::{
    details::Details,
    files::{bytes, lines, next, open, text},
    later::Later,
    old::Old,
    walk::Walk,
};
use super::{CHECKPOINT, CHECKPOINTS, CheckpointLine, DETAILS, KEY, KEYS, RECORDS};
use crate::succession::Succession;

/// Bytes of a line at most: a record as the format has it, a detail as JSON may escape it.
const RECORD_BYTES: u64 = 65_535;
const LINE_BYTES: u64 = 8 << 20;

/// A package that is what was signed.
#[derive(Debug)]
pub struct Verified {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The key of the log now: the one that was given, or what has become of it.
    pub key: Verifier,
    /// Who has signed it.
    pub signers: Signers,
    /// Details that were erased lawfully.
    pub erased: u64,
}

/// What is wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Bad {
    /// The first record concerned, counted from 0; none if it is not about one.
    pub index: Option<u64>,
    /// In words.
    pub what: String,
}

impl Bad {
    fn whole(what: impl fmt::Display) -> Self {
        Self { index: None, what: what.to_string() }
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "record {index}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}
impl std::error::Error for Bad {}

/// The parts of a record that its verification needs.
#[derive(Deserialize)]
struct Named {
    id: Uuid,
    action: String,
    subject: Subject,
    detail_hash: String,
    #[serde(default)]
    facts: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Subject {
    id: Uuid,
}

/// Verifies the package at a path against a key (its own, if none is given; one of an earlier year counts as long as nothing was restored
/// since), witnesses that one trusts, and an older checkpoint: of the same name, or of an earlier one as far as its records went on.
pub fn verify(path: &Path, key: Option<&Verifier>, witnesses: &[Verifier], old: Option<&str>) -> Result<Verified, Bad> {
    let mut package = open(path)?;
    let own = text(&mut package, KEY)?;
    let given = match key {
        Some(key) => key.clone(),
        None => own.parse().map_err(|error| Bad::whole(format!("{KEY}: {error}")))?,
    };
    let note = text(&mut package, CHECKPOINT)?;
    let origin = note.lines().next().unwrap_or_default();
    let (key, mut later) =
        Later::of(&given, origin, &changes(&mut package)?).map_or_else(|| (given.clone(), None), |(key, later)| (key, Some(later)));
    let (checkpoint, signers) = signed(&note, &key, witnesses)?;
    if let Some(missing) = witnesses.iter().find(|witness| signers.iter().all(|(signer, _)| signer != *witness)) {
        return Err(Bad::whole(format!("{} has not signed the checkpoint", missing.name())));
    }
    let mut known = earlier(path, &key, &checkpoint)?;
    let mut old = old.map(|old| Old::signed(old, &key, &given)).transpose()?;
    if let Some(Old { checkpoint: old, .. }) = &old {
        if old.origin == checkpoint.origin && old.size > checkpoint.size {
            return Err(Bad { index: Some(checkpoint.size), what: format!("the older checkpoint has {} records", old.size) });
        }
        known.push((old.size, old.root));
    }
    known.push((checkpoint.size, checkpoint.root));
    known.sort_unstable();

    let (mut of_records, mut of_details) = (open(path)?, open(path)?);
    let mut records = lines(&mut of_records, RECORDS)?;
    let mut walk = Walk::of(package, &checkpoint, known);
    let mut details = Details::of(lines(&mut of_details, DETAILS)?)?;
    let mut count = 0;
    walk.roots(0);
    while let Some(line) = next(&mut records, RECORDS, RECORD_BYTES)? {
        walk.record(count, &line)?;
        match serde_json::from_slice::<Named>(&line) {
            Ok(record) => {
                if let Some(later) = &mut later {
                    later.meets(count, &record);
                }
                if let Some(old) = &mut old {
                    old.meets(count, &record);
                }
                if let Some(what) = details.wrong(count, &record)? {
                    walk.bad(count, what);
                }
            }
            Err(error) => walk.bad(count, format!("it is no record: {error}")),
        }
        count += 1;
        walk.roots(count);
    }
    if count < checkpoint.size {
        walk.bad(count, format!("it is missing: {} were signed, {count} are there", checkpoint.size));
    }
    if let Some(index) = details.unexplained() {
        walk.bad(index, "its detail is missing, and no record says that it was erased");
    }
    if let Some(stray) = details.stray() {
        walk.bad(count, format!("the detail of {stray} belongs to no record"));
    }
    if let Some(stray) = walk.stray() {
        walk.bad(count, format!("{stray} is no part of the tree"));
    }
    if let Some(bad) = old.and_then(|old| old.beyond(&key)) {
        return Err(bad);
    }
    if let Some((index, what)) = walk.found() {
        return Err(Bad { index: Some(index), what });
    }
    match later.and_then(Later::refused) {
        Some(bad) => Err(bad),
        None => Ok(Verified { key, signers, erased: details.erased(), checkpoint }),
    }
}

/// How keys have followed each other; a package that is older than the file has had no change.
fn changes(package: &mut ZipArchive<File>) -> Result<Vec<Succession>, Bad> {
    let Some(lines) = bytes(package, KEYS)? else { return Ok(Vec::new()) };
    let named = |error: &dyn fmt::Display| Bad::whole(format!("{KEYS}: {error}"));
    let lines = String::from_utf8(lines).map_err(|error| named(&error))?;
    Succession::read_all(&lines).map_err(|error| named(&error))
}

/// A checkpoint that the log's key has signed.
fn signed(note: &str, key: &Verifier, witnesses: &[Verifier]) -> Result<(Checkpoint, Signers), Bad> {
    Checkpoint::signed(note, key, witnesses).map_err(|error| match error {
        ProofError::Note(error) => Bad::whole(format!("the checkpoint: {error}")),
        error => Bad::whole(error),
    })
}

/// What was signed before under the same name. What is not signed says nothing.
fn earlier(path: &Path, key: &Verifier, newest: &Checkpoint) -> Result<Vec<(u64, Hash)>, Bad> {
    let mut known = Vec::new();
    let mut package = open(path)?;
    let mut lines = lines(&mut package, CHECKPOINTS)?;
    while let Some(line) = next(&mut lines, CHECKPOINTS, LINE_BYTES)? {
        let line: CheckpointLine = serde_json::from_slice(&line).map_err(|error| Bad::whole(format!("{CHECKPOINTS}: {error}")))?;
        if let Ok((checkpoint, _)) = signed(&line.checkpoint, key, &[])
            && checkpoint.size < newest.size
        {
            known.push((checkpoint.size, checkpoint.root));
        }
    }
    Ok(known)
}

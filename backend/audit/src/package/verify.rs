//! Verifies a package without any server, record by record; it names the first record that is not what was signed. Of records and details
//! one at a time is in memory; of each tile its name, of each earlier checkpoint its root, of each erased detail its id.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::Path,
};

use kernel::{Uuid, hex};
use merkle::{
    Checkpoint, Note, ProofError, Signers, Verifier,
    tiles::{self, Tile, WIDTH},
    tree::{self, Frontier, Hash},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::{CHECKPOINT, CHECKPOINTS, CheckpointLine, DETAILS, DetailLine, KEY, RECORDS};
use crate::{anchor::turn, store::ERASED};

/// Bytes of a line at most: a record as the format has it, a detail as JSON may escape it.
const RECORD_BYTES: u64 = 65_535;
const LINE_BYTES: u64 = 8 << 20;
/// Bytes of any other file at most: a bundle of the longest records.
const FILE_BYTES: u64 = WIDTH * (RECORD_BYTES + 2);

/// A package that is what was signed.
#[derive(Debug)]
pub struct Verified {
    /// What was signed.
    pub checkpoint: Checkpoint,
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

/// A checkpoint that somebody has kept, under this name of the log or an earlier one.
struct Old {
    checkpoint: Checkpoint,
    /// How many records of that name went on under the next ones; none as long as no record says so.
    survived: Option<u64>,
}

impl Old {
    fn signed(note: &str, key: &Verifier) -> Result<Self, Bad> {
        let named = |bad: &dyn fmt::Display| Bad::whole(format!("the older checkpoint: {bad}"));
        let text = Note::open(note, &[]).map_err(|error| named(&error))?.text;
        let origin = text.parse::<Checkpoint>().map_err(|error| named(&error))?.origin;
        let ((log, now), (other, then)) = (turn(key.name()), turn(&origin));
        // The key of the log under that name; of another log, or of a later name, it has to be this one.
        let key = if log == other && then < now { key.renamed(&origin).map_err(|error| named(&error))? } else { key.clone() };
        let (checkpoint, _) = signed(note, &key, &[]).map_err(|bad| named(&bad))?;
        Ok(Self { checkpoint, survived: None })
    }

    /// A record of the log tells that a later name was opened, after so many records of the older one.
    fn meets(&mut self, index: u64, record: &Named) {
        if record.action != "log.restored" {
            return;
        }
        let later = record.facts.get("origin").is_some_and(|origin| turn(origin).1 > turn(&self.checkpoint.origin).1);
        if let Some(survived) = record.facts.get("survived").and_then(|survived| survived.parse::<u64>().ok()).filter(|_| later) {
            // Whatever it says: not more than there are before it.
            self.survived = Some(self.survived.unwrap_or(u64::MAX).min(survived).min(index));
        }
    }

    /// Why the log cannot be held against it.
    fn beyond(&self, key: &Verifier) -> Option<Bad> {
        let Checkpoint { origin, size, .. } = &self.checkpoint;
        if origin == key.name() {
            return None;
        }
        match self.survived {
            None => Some(Bad::whole(format!("the older checkpoint is of {origin}, and no record says how that became {}", key.name()))),
            Some(survived) if survived < *size => {
                let what =
                    format!("the older checkpoint has {size} records of {origin}; only {survived} of them went on under a later name");
                Some(Bad { index: Some(survived), what })
            }
            Some(_) => None,
        }
    }
}

/// Verifies the package at a path against a key (its own, if none is given), witnesses that one trusts, and an older checkpoint: of the
/// same name, or of an earlier one as far as its records went on.
pub fn verify(path: &Path, key: Option<&Verifier>, witnesses: &[Verifier], old: Option<&str>) -> Result<Verified, Bad> {
    let mut package = open(path)?;
    let own = text(&mut package, KEY)?;
    let key = match key {
        Some(key) => key.clone(),
        None => own.parse().map_err(|error| Bad::whole(format!("{KEY}: {error}")))?,
    };
    let (checkpoint, signers) = signed(&text(&mut package, CHECKPOINT)?, &key, witnesses)?;
    if let Some(missing) = witnesses.iter().find(|witness| signers.iter().all(|(signer, _)| signer != *witness)) {
        return Err(Bad::whole(format!("{} has not signed the checkpoint", missing.name())));
    }
    let mut known = earlier(path, &key, &checkpoint)?;
    let mut old = old.map(|old| Old::signed(old, &key)).transpose()?;
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
    let mut walk = Walk {
        package,
        checkpoint: &checkpoint,
        known: known.into(),
        held: 0,
        levels: Vec::new(),
        grown: Frontier::default(),
        first: None,
        unclear: None,
    };
    let mut details = Details { lines: lines(&mut of_details, DETAILS)?, next: None, missing: HashMap::new(), erased: 0 };
    details.go_on()?;
    let mut count = 0;
    walk.roots(0);
    while let Some(line) = next(&mut records, RECORDS, RECORD_BYTES)? {
        walk.record(count, &line)?;
        match serde_json::from_slice::<Named>(&line) {
            Ok(record) => {
                if let Some(old) = &mut old {
                    old.meets(count, &record);
                }
                if let Some(what) = details.of(count, &record)? {
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
    if let Some(index) = details.missing.values().min() {
        walk.bad(*index, "its detail is missing, and no record says that it was erased");
    }
    if let Some(stray) = &details.next {
        walk.bad(count, format!("the detail of {} belongs to no record", stray.id));
    }
    let expected: BTreeSet<String> = Tile::all(checkpoint.size)
        .iter()
        .flat_map(|tile| [tile.path()].into_iter().chain((tile.level == 0).then(|| tiles::bundle_path(tile.index, tile.width))))
        .collect();
    let mut files = walk.package.file_names().filter_map(Result::ok);
    let stray = files.find(|name| name.starts_with("tile/") && !expected.contains(name.as_ref())).map(Cow::into_owned);
    drop(files);
    if let Some(stray) = stray {
        let what = format!("{stray} is no part of the tree");
        walk.bad(count, what);
    }
    if let Some(bad) = old.and_then(|old| old.beyond(&key)) {
        return Err(bad);
    }
    let bad = match (walk.first, walk.unclear) {
        (Some((index, what)), Some((.., to, _))) if index < to => Some((index, what)),
        (_, Some((from, _, what))) => Some((from, what)),
        (first, None) => first,
    };
    match bad {
        Some((index, what)) => Err(Bad { index: Some(index), what }),
        None => Ok(Verified { signers, erased: details.erased, checkpoint }),
    }
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

/// The tree as the records make it, held against the tiles and against what was signed.
struct Walk<'w> {
    package: ZipArchive<File>,
    checkpoint: &'w Checkpoint,
    /// Sizes and roots that were signed and are still ahead.
    known: std::collections::VecDeque<(u64, Hash)>,
    /// The largest size whose root was right.
    held: u64,
    /// Of each level of tiles: the hashes so far of the present tile, and that tile as it stands in the package.
    levels: Vec<(Vec<Hash>, Vec<u8>)>,
    /// The tree so far.
    grown: Frontier,
    /// The first record that is not right.
    first: Option<(u64, String)>,
    /// The first range of records of which one must be wrong; said if none of them is known to be.
    unclear: Option<(u64, u64, String)>,
}

impl Walk<'_> {
    fn bad(&mut self, index: u64, what: impl Into<String>) {
        if self.first.as_ref().is_none_or(|(first, _)| index < *first) {
            self.first = Some((index, what.into()));
        }
    }

    fn unclear(&mut self, from: u64, to: u64, what: String) {
        if self.unclear.as_ref().is_none_or(|(first, ..)| from < *first) {
            self.unclear = Some((from, to, what));
        }
    }

    fn record(&mut self, index: u64, entry: &[u8]) -> Result<(), Bad> {
        if index >= self.checkpoint.size {
            self.bad(index, "it is more than was signed");
            return Ok(());
        }
        let leaf = tree::leaf_hash(entry);
        self.hash(0, index, leaf)?;
        if index.is_multiple_of(WIDTH) {
            self.bundle(index)?;
        }
        self.grown.push(leaf);
        Ok(())
    }

    /// A hash of a level, held against the tile; a full tile makes one of the next level.
    fn hash(&mut self, level: u32, place: u64, hash: Hash) -> Result<(), Bad> {
        let depth = usize::try_from(level).map_err(Bad::whole)?;
        let leaves = WIDTH.saturating_pow(level);
        if self.levels.len() <= depth {
            self.levels.push((Vec::new(), Vec::new()));
        }
        if place.is_multiple_of(WIDTH) {
            let width = (self.checkpoint.size / leaves).saturating_sub(place).min(WIDTH);
            let tile = Tile { level, index: place / WIDTH, width };
            let bytes = bytes(&mut self.package, &tile.path())?.unwrap_or_default();
            if u64::try_from(bytes.len()).ok() != Some(width * 32) {
                // As far as it goes its hashes are compared below.
                let there = u64::try_from(bytes.len()).map_err(Bad::whole)? / 32;
                self.bad((place + there.min(width)) * leaves, format!("{} is missing or cut off", tile.path()));
            }
            if let Some((hashes, known)) = self.levels.get_mut(depth) {
                (*hashes, *known) = (Vec::new(), bytes);
            }
        }
        let Some((hashes, known)) = self.levels.get_mut(depth) else { return Ok(()) };
        let expected = known.as_chunks::<32>().0.get(hashes.len()).copied();
        hashes.push(hash);
        let full = (hashes.len() as u64 == WIDTH).then(|| std::mem::take(hashes));
        if expected.is_some_and(|expected| expected != hash) {
            if level == 0 {
                self.bad(place, "it is not the record that was signed, or its leaf in the tree was changed");
            } else {
                let what = format!("the tree above it was changed, in level {level} of the tiles");
                self.unclear(place * leaves, (place + 1) * leaves, what);
            }
        }
        match full {
            Some(full) => self.hash(level + 1, place / WIDTH, tree::root(&mut full.as_slice(), WIDTH).map_err(Bad::whole)?),
            None => Ok(()),
        }
    }

    /// The bundle that begins at this record has as many entries as it should. That they are the records is seen by their hashes.
    fn bundle(&mut self, index: u64) -> Result<(), Bad> {
        let width = (self.checkpoint.size - index).min(WIDTH);
        let path = tiles::bundle_path(index / WIDTH, width);
        let bundle = bytes(&mut self.package, &path)?.unwrap_or_default();
        let tile = bytes(&mut self.package, &Tile { level: 0, index: index / WIDTH, width }.path())?.unwrap_or_default();
        let leaves = tiles::entries(&bundle).unwrap_or_default().into_iter().map(tree::leaf_hash);
        let same = leaves.zip(tile.as_chunks::<32>().0).take_while(|(leaf, known)| leaf == *known).count() as u64;
        if same < width {
            self.bad(index + same, format!("{path}: it is not the record that was signed"));
        }
        Ok(())
    }

    /// The roots of this many records that were signed.
    fn roots(&mut self, count: u64) {
        while let Some((_, root)) = self.known.pop_front_if(|(size, _)| *size == count) {
            if self.grown.root() == root {
                self.held = count;
            } else {
                let held = self.held;
                self.unclear(held, count, format!("the first {count} records are not those that were signed; the first {held} are"));
            }
        }
    }
}

/// Details, in the order of their records.
struct Details<L> {
    lines: L,
    next: Option<DetailLine>,
    /// Records without one, until an erasure is met.
    missing: HashMap<Uuid, u64>,
    erased: u64,
}

impl<L: BufRead> Details<L> {
    fn go_on(&mut self) -> Result<(), Bad> {
        let line = next(&mut self.lines, DETAILS, LINE_BYTES)?;
        self.next =
            line.map(|line| serde_json::from_slice(&line)).transpose().map_err(|error| Bad::whole(format!("{DETAILS}: {error}")))?;
        Ok(())
    }

    /// What is wrong with the detail of a record.
    fn of(&mut self, index: u64, record: &Named) -> Result<Option<&'static str>, Bad> {
        if record.action == ERASED && self.missing.remove(&record.subject.id).is_some() {
            self.erased += 1;
        }
        let Some(detail) = self.next.take_if(|next| next.id == record.id) else {
            self.missing.entry(record.id).or_insert(index);
            return Ok(None);
        };
        self.go_on()?;
        let hash = unhex(&detail.salt).map(|salt| hex(&Sha256::new().chain_update(salt).chain_update(&detail.detail).finalize()));
        Ok((hash.as_ref() != Some(&record.detail_hash)).then_some("its detail was changed"))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>()?;
    digits.chunks(2).map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte << 4 | digit)).ok()).collect()
}

fn open(path: &Path) -> Result<ZipArchive<File>, Bad> {
    let named = |error: &dyn fmt::Display| Bad::whole(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| named(&error))?;
    ZipArchive::new(file).map_err(|error| named(&error))
}

/// A file of the package; none if it is not there.
fn bytes(package: &mut ZipArchive<File>, name: &str) -> Result<Option<Vec<u8>>, Bad> {
    let file = match package.by_name(name) {
        Ok(file) => file,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(Bad::whole(format!("{name}: {error}"))),
    };
    let mut bytes = Vec::new();
    file.take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| Bad::whole(format!("{name}: {error}")))?;
    Ok(Some(bytes))
}

fn text(package: &mut ZipArchive<File>, name: &str) -> Result<String, Bad> {
    let bytes = bytes(package, name)?.ok_or_else(|| Bad::whole(format!("{name} is missing")))?;
    String::from_utf8(bytes).map_err(|error| Bad::whole(format!("{name}: {error}")))
}

/// A file of the package, to be read line by line.
fn lines<'p>(package: &'p mut ZipArchive<File>, name: &str) -> Result<BufReader<impl io::Read + use<'p>>, Bad> {
    package.by_name(name).map(BufReader::new).map_err(|error| Bad::whole(format!("{name}: {error}")))
}

/// The next line, without its end; none after the last.
fn next(lines: &mut impl BufRead, name: &str, limit: u64) -> Result<Option<Vec<u8>>, Bad> {
    let mut line = Vec::new();
    let read = lines.take(limit + 1).read_until(b'\n', &mut line).map_err(|error| Bad::whole(format!("{name}: {error}")))?;
    if read == 0 {
        return Ok(None);
    }
    match line.pop() {
        Some(b'\n') => Ok(Some(line)),
        _ => Err(Bad::whole(format!("{name}: a line is cut off, or too long"))),
    }
}

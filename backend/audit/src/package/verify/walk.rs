//! The tree as the records make it, held against the tiles and against what was signed.

use std::{
    borrow::Cow,
    collections::{BTreeSet, VecDeque},
    fs::File,
};

use merkle::{
    Checkpoint,
    tiles::{self, Tile, WIDTH},
    tree::{self, Frontier, Hash},
};
use zip::ZipArchive;

use super::{Bad, files::bytes};

/// The tree as the records make it, held against the tiles and against what was signed.
pub(super) struct Walk<'w> {
    package: ZipArchive<File>,
    checkpoint: &'w Checkpoint,
    /// Sizes and roots that were signed and are still ahead.
    known: VecDeque<(u64, Hash)>,
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

impl<'w> Walk<'w> {
    /// Before the first record. `known` are sizes and roots that were signed, the smallest first.
    pub(super) fn of(package: ZipArchive<File>, checkpoint: &'w Checkpoint, known: Vec<(u64, Hash)>) -> Self {
        let known = known.into();
        Self { package, checkpoint, known, held: 0, levels: Vec::new(), grown: Frontier::default(), first: None, unclear: None }
    }

    /// What is wrong, after the last record.
    pub(super) fn found(self) -> Option<(u64, String)> {
        match (self.first, self.unclear) {
            (Some((index, what)), Some((.., to, _))) if index < to => Some((index, what)),
            (_, Some((from, _, what))) => Some((from, what)),
            (first, None) => first,
        }
    }

    /// A file that looks like a part of the tree and is none.
    pub(super) fn stray(&self) -> Option<String> {
        let expected: BTreeSet<String> = Tile::all(self.checkpoint.size)
            .iter()
            .flat_map(|tile| [tile.path()].into_iter().chain((tile.level == 0).then(|| tiles::bundle_path(tile.index, tile.width))))
            .collect();
        let mut files = self.package.file_names().filter_map(Result::ok);
        files.find(|name| name.starts_with("tile/") && !expected.contains(name.as_ref())).map(Cow::into_owned)
    }

    /// A record is not right, as far as one can tell.
    pub(super) fn bad(&mut self, index: u64, what: impl Into<String>) {
        if self.first.as_ref().is_none_or(|(first, _)| index < *first) {
            self.first = Some((index, what.into()));
        }
    }

    fn unclear(&mut self, from: u64, to: u64, what: String) {
        if self.unclear.as_ref().is_none_or(|(first, ..)| from < *first) {
            self.unclear = Some((from, to, what));
        }
    }

    /// The next record.
    pub(super) fn record(&mut self, index: u64, entry: &[u8]) -> Result<(), Bad> {
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
    pub(super) fn roots(&mut self, count: u64) {
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

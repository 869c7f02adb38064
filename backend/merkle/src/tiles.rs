//! Tiles (C2SP `tlog-tiles`): the tree cut into files of at most 256 hashes, and the entries in bundles of as many. Anybody who has them
//! can compute every proof.

use crate::tree::{Hash, Missing, Nodes};

/// Hashes in a full tile.
pub const WIDTH: u64 = 256;
/// Levels of the tree in a tile.
const HEIGHT: u32 = 8;

/// One tile: level 0 has leaves; each hash of a higher one is the root of a full tile below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    pub level: u32,
    pub index: u64,
    /// Hashes in it: 1 to 256.
    pub width: u64,
}

impl Tile {
    /// Where it is served: `tile/0/x001/x234/067`, partial ones with `.p/7`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, numbered(self.index, self.width))
    }

    /// The tile of a level that is served at this place below it (`x001/x234/067`, `067.p/7`); none if no tile is.
    #[must_use]
    pub fn at(level: &str, place: &str) -> Option<Self> {
        let (index, width) = place_of(place)?;
        let tile = Self { level: level.parse().ok()?, index, width };
        (tile.path() == format!("tile/{level}/{place}")).then_some(tile)
    }

    /// The tiles of a tree of this size, from the leaves upwards.
    #[must_use]
    pub fn all(size: u64) -> Vec<Self> {
        let mut tiles = Vec::new();
        let (mut level, mut hashes) = (0, size);
        while hashes > 0 {
            let full = hashes / WIDTH;
            tiles.extend((0..full).map(|index| Self { level, index, width: WIDTH }));
            if !hashes.is_multiple_of(WIDTH) {
                tiles.push(Self { level, index: full, width: hashes % WIDTH });
            }
            (level, hashes) = (level + 1, full);
        }
        tiles
    }
}

/// Where a bundle of entries is served.
#[must_use]
pub fn bundle_path(index: u64, width: u64) -> String {
    format!("tile/entries/{}", numbered(index, width))
}

/// Index and width of what is served at this place; none if it is not written as the specification has it.
#[must_use]
pub fn place_of(place: &str) -> Option<(u64, u64)> {
    let (path, width) = match place.split_once(".p/") {
        Some((path, width)) => (path, width.parse().ok().filter(|width| (1..WIDTH).contains(width))?),
        None => (place, WIDTH),
    };
    let index = path.split('/').try_fold(0_u64, |index, group| {
        let group: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        index.checked_mul(1000)?.checked_add(group)
    })?;
    // Other spellings of the same number are other places.
    (numbered(index, width) == place).then_some((index, width))
}

fn numbered(index: u64, width: u64) -> String {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    let path = groups.join("/");
    if width < WIDTH { format!("{path}.p/{width}") } else { path }
}

/// Entries one after the other, each behind its length in two bytes. None if one is longer than 65,535 bytes.
#[must_use]
pub fn bundle<'e>(entries: impl IntoIterator<Item = &'e [u8]>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend(u16::try_from(entry.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Some(bytes)
}

/// The entries of a bundle; none if it is cut off.
#[must_use]
pub fn entries(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let (length, rest) = bundle.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        bundle = rest;
    }
    Some(entries)
}

/// Where tiles are read from.
pub trait TileSource {
    /// Why one could not be read.
    type Error;
    /// The hashes of a tile, as many as its width says.
    fn tile(&mut self, tile: Tile) -> Result<Vec<Hash>, Self::Error>;
    /// A tile had fewer hashes than its width says.
    fn cut_off(tile: Tile) -> Self::Error;
}

/// The complete subtrees of a tree of a known size, read from its tiles; each tile is read once.
pub struct Tiled<S> {
    source: S,
    size: u64,
    read: std::collections::HashMap<(u32, u64), Vec<Hash>>,
}

impl<S: TileSource> Tiled<S> {
    /// Of the tree of the first `size` leaves.
    pub fn new(source: S, size: u64) -> Self {
        Self { source, size, read: std::collections::HashMap::new() }
    }
}

impl<S: TileSource> Nodes for Tiled<S> {
    type Error = S::Error;
    fn node(&mut self, level: u32, index: u64) -> Result<Hash, S::Error> {
        // The level of the tile whose hashes are at or below this node, and how many of them the node covers.
        let (of, above) = (level / HEIGHT, level % HEIGHT);
        let first = index << above;
        let place = first / WIDTH;
        let hashes = self.size >> (of * HEIGHT);
        let tile = Tile { level: of, index: place, width: hashes.saturating_sub(place * WIDTH).min(WIDTH) };
        let read = match self.read.entry((of, place)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(free) => free.insert(self.source.tile(tile)?),
        };
        let from = usize::try_from(first % WIDTH).unwrap_or(usize::MAX);
        let mut covered = read.get(from..from.saturating_add(1 << above)).ok_or_else(|| S::cut_off(tile))?;
        covered.node(above, 0).map_err(|Missing| S::cut_off(tile))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn paths_are_those_of_the_specification() {
        let tile = |level, index, width| Tile { level, index, width }.path();
        assert_eq!(tile(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(tile(2, 0, 1), "tile/2/000.p/1");
        assert_eq!(bundle_path(1_000, 7), "tile/entries/x001/000.p/7");
    }

    #[test]
    fn places_are_read_as_they_are_written_and_not_otherwise() {
        for (index, width) in [(0, 256), (999, 1), (1_000, 255), (1_234_067, 256), (u64::MAX / 256, 7)] {
            assert_eq!(place_of(&numbered(index, width)), Some((index, width)));
        }
        for wrong in [
            "",
            "0",
            "0000",
            "1234",
            "x000/001",
            "001/002",
            "x001",
            "000.p/0",
            "000.p/256",
            "000.p/07",
            "000.p/",
            "+01",
            "../000",
            "000/",
            "x99999999999999999999/000",
        ] {
            assert_eq!(place_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_tree_has_the_tiles_that_the_specification_counts() {
        let tiles = Tile::all(70_000);
        let count = |level, width: fn(u64) -> bool| tiles.iter().filter(|tile| tile.level == level && width(tile.width)).count();
        let full = |width| width == WIDTH;
        assert_eq!((count(0, full), count(1, full), count(2, full)), (273, 1, 0));
        let partial: Vec<(u32, u64)> = tiles.iter().filter(|tile| tile.width < WIDTH).map(|tile| (tile.level, tile.width)).collect();
        assert_eq!(partial, [(0, 112), (1, 17), (2, 1)]);
        assert_eq!(Tile::all(256).iter().map(|tile| (tile.level, tile.width)).collect::<Vec<_>>(), [(0, 256), (1, 1)]);
        assert!(Tile::all(0).is_empty());
    }

    #[test]
    fn bundles_are_read_as_they_are_written() {
        let all: [&[u8]; 3] = [b"one", b"", b"three"];
        let bytes = bundle(all).unwrap();
        assert_eq!(entries(&bytes).unwrap(), all);
        assert_eq!((entries(bytes.get(..bytes.len() - 1).unwrap()), bundle([vec![0; 65_536].as_slice()])), (None, None));
    }

    /// Tiles of leaves in memory.
    struct Cut<'l>(&'l [Hash]);

    impl TileSource for Cut<'_> {
        type Error = Tile;
        fn tile(&mut self, tile: Tile) -> Result<Vec<Hash>, Tile> {
            let mut leaves = self.0;
            (0..tile.width).map(|place| leaves.node(tile.level * HEIGHT, tile.index * WIDTH + place).map_err(|Missing| tile)).collect()
        }
        fn cut_off(tile: Tile) -> Tile {
            tile
        }
    }

    #[test]
    fn proofs_from_tiles_are_those_from_leaves() {
        let leaves: Vec<Hash> = (0..1_000_u32).map(|number| tree::leaf_hash(&number.to_be_bytes())).collect();
        let mut frontier = tree::Frontier::default();
        for (size, leaf) in (0..).zip(&leaves) {
            assert_eq!((frontier.size(), frontier.root()), (size, tree::root(&mut leaves.as_slice(), size).unwrap()));
            frontier.push(*leaf);
        }
        for size in [1, 2, 255, 256, 257, 511, 512, 700, 1_000] {
            let mut plain = leaves.as_slice();
            let mut tiled = Tiled::new(Cut(&leaves), size);
            let root = tree::root(&mut plain, size).unwrap();
            assert_eq!(tree::root(&mut tiled, size).unwrap(), root, "{size}");
            for index in [0, 1, 200, 254, 255, 256, 300, 511, 699, 999].into_iter().filter(|index| *index < size) {
                assert_eq!(tree::inclusion(&mut tiled, index, size).unwrap(), tree::inclusion(&mut plain, index, size).unwrap());
                assert_eq!(
                    tree::consistency(&mut tiled, index + 1, size).unwrap(),
                    tree::consistency(&mut plain, index + 1, size).unwrap()
                );
            }
        }
    }
}

//! The tree of RFC 9162, section 2.1: a leaf is H(0x00 ‖ entry), a node H(0x01 ‖ left ‖ right), with SHA-256. Trees of different sizes over
//! the same entries share their complete subtrees: whoever keeps those can prove anything about any size.

use std::fmt;

use sha2::{Digest, Sha256};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// The hash of an entry.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// The hash of two subtrees.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without entries.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// Where the complete subtrees are kept.
pub trait Nodes {
    /// Why one could not be read.
    type Error;
    /// The hash of the complete subtree of `2^level` leaves that begins at leaf `index * 2^level`.
    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// A leaf that was asked for is not among those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing;

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tree has fewer leaves than its size says")
    }
}
impl std::error::Error for Missing {}

/// Leaves in memory.
impl Nodes for &[Hash] {
    type Error = Missing;
    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Missing> {
        let Some(below) = level.checked_sub(1) else {
            return usize::try_from(index).ok().and_then(|index| self.get(index)).copied().ok_or(Missing);
        };
        Ok(node_hash(&self.node(below, index * 2)?, &self.node(below, index * 2 + 1)?))
    }
}

/// The largest power of two below `size`, which is at least 2.
const fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The hash of the leaves from `start` up to `end`, where `start` is a multiple of the power of two that covers them.
fn range<N: Nodes>(nodes: &mut N, start: u64, end: u64) -> Result<Hash, N::Error> {
    let size = end - start;
    if size.is_power_of_two() {
        return nodes.node(size.trailing_zeros(), start / size);
    }
    let middle = start + split(size);
    let left = range(nodes, start, middle)?;
    Ok(node_hash(&left, &range(nodes, middle, end)?))
}

/// The root of the tree of the first `size` leaves.
pub fn root<N: Nodes>(nodes: &mut N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(empty_root()) } else { range(nodes, 0, size) }
}

/// A tree that grows leaf by leaf, of which nothing is kept but what its roots need.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    size: u64,
    /// Complete subtrees, the largest first, each with the number of its leaves.
    subtrees: Vec<(u64, Hash)>,
}

impl Frontier {
    /// Hangs the next leaf on.
    pub fn push(&mut self, leaf: Hash) {
        let mut subtree = (1, leaf);
        while let Some((size, left)) = self.subtrees.pop_if(|(size, _)| *size == subtree.0) {
            subtree = (size * 2, node_hash(&left, &subtree.1));
        }
        self.subtrees.push(subtree);
        self.size += 1;
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    #[must_use]
    pub fn root(&self) -> Hash {
        let made = self.subtrees.iter().rev().map(|(_, hash)| *hash).reduce(|right, left| node_hash(&left, &right));
        made.unwrap_or_else(empty_root)
    }
}

/// The proof that leaf `index` is in the tree of `size` leaves (section 2.1.3.1); none if it is not.
pub fn inclusion<N: Nodes>(nodes: &mut N, index: u64, size: u64) -> Result<Option<Vec<Hash>>, N::Error> {
    if index >= size {
        return Ok(None);
    }
    let (mut start, mut end, mut proof) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// The proof that the tree of `size` leaves begins with the tree of `old` leaves (section 2.1.4.1); none if that is larger or empty.
pub fn consistency<N: Nodes>(nodes: &mut N, old: u64, size: u64) -> Result<Option<Vec<Hash>>, N::Error> {
    if old == 0 || old > size {
        return Ok(None);
    }
    let (mut start, mut end, mut known, mut proof) = (0, size, true, Vec::new());
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, start, middle)?);
            (start, known) = (middle, false);
        }
    }
    if !known {
        proof.push(range(nodes, start, end)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Whether a leaf is in the tree with this size and root (section 2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut first, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if first & 1 == 1 || first == last {
            hash = node_hash(sibling, &hash);
            while first & 1 == 0 && first != 0 {
                (first, last) = (first >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (first, last) = (first >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the tree of `size` leaves begins with that of `old` (section 2.1.4.2). About an empty tree nothing can be proven.
#[must_use]
pub fn verify_consistency(old: u64, size: u64, proof: &[Hash], old_root: &Hash, root: &Hash) -> bool {
    if old == size {
        return proof.is_empty() && old_root == root && (size > 0 || *root == empty_root());
    }
    old > 0 && old < size && verify_subtree_consistency(0, old, size, proof, old_root, root)
}

/// Whether a leaf is in the subtree of the leaves from `start` up to `end` (Merkle Tree Certificates, section 4.3).
#[must_use]
pub fn verify_subtree_inclusion(leaf: &Hash, index: u64, start: u64, end: u64, proof: &[Hash], subtree: &Hash) -> bool {
    is_subtree(start, end) && (start..end).contains(&index) && verify_inclusion(leaf, index - start, end - start, proof, subtree)
}

/// Whether the tree with this size and root holds the subtree of the leaves from `start` up to `end` (Merkle Tree Certificates, section
/// 4.4). With `start` 0 this is consistency of trees.
#[must_use]
pub fn verify_subtree_consistency(start: u64, end: u64, size: u64, proof: &[Hash], subtree: &Hash, root: &Hash) -> bool {
    if start == end {
        // Nothing is in every tree.
        return end <= size && proof.is_empty() && *subtree == empty_root();
    }
    if !is_subtree(start, end) || end > size {
        return false;
    }
    let (mut first, mut second, mut last) = (start, end - 1, size - 1);
    let shift = |places: &mut [&mut u64; 3]| places.iter_mut().for_each(|place| **place >>= 1);
    while first != second && (second == last || second & 1 == 1) {
        shift(&mut [&mut first, &mut second, &mut last]);
    }
    let mut rest = proof.iter();
    let seed = if first == second { Some(subtree) } else { rest.next() };
    let Some((mut old, mut new)) = seed.map(|seed| (*seed, *seed)) else { return false };
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if second & 1 == 1 || second == last {
            if first < second {
                old = node_hash(sibling, &old);
            }
            new = node_hash(sibling, &new);
            while second & 1 == 0 && second != 0 {
                shift(&mut [&mut first, &mut second, &mut last]);
            }
        } else {
            new = node_hash(&new, sibling);
        }
        shift(&mut [&mut first, &mut second, &mut last]);
    }
    last == 0 && old == *subtree && new == *root
}

/// Whether these leaves are a subtree of every tree that holds them.
const fn is_subtree(start: u64, end: u64) -> bool {
    if start >= end {
        return false;
    }
    match (end - start).checked_next_power_of_two() {
        Some(width) => start.is_multiple_of(width),
        None => start == 0,
    }
}

//! Proofs against a reference that follows the RFC word by word, and against vectors that others made.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::path::Path;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use merkle::tree::{self, Hash};
use proptest::prelude::*;
use serde_json::Value;

/// Section 2.1.1 as it stands there.
fn reference_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => tree::empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(reference_split(leaves.len()));
            tree::node_hash(&reference_root(left), &reference_root(right))
        }
    }
}

fn reference_split(size: usize) -> usize {
    (0..).map(|power| 1 << power).take_while(|k| *k < size).last().unwrap()
}

/// Section 2.1.3.1.
fn reference_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(reference_split(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (reference_path(index, left), reference_root(right))
    } else {
        (reference_path(index - left.len(), right), reference_root(left))
    };
    path.push(sibling);
    path
}

/// Section 2.1.4.1.
fn reference_subproof(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![reference_root(leaves)] };
    }
    let (left, right) = leaves.split_at(reference_split(leaves.len()));
    let (mut proof, other) = if old <= left.len() {
        (reference_subproof(old, left, whole), reference_root(right))
    } else {
        (reference_subproof(old - left.len(), right, false), reference_root(left))
    };
    proof.push(other);
    proof
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|number| tree::leaf_hash(number.to_string().as_bytes())).collect()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap()
}

#[test]
fn every_proof_of_small_trees_is_that_of_the_rfc_and_is_verified() {
    let all = leaves(40);
    for size in 0..=all.len() {
        let mut nodes = &all[..size];
        let root = tree::root(&mut nodes, count(size)).unwrap();
        assert_eq!(root, reference_root(&all[..size]), "{size}");
        assert_eq!(tree::inclusion(&mut nodes, count(size), count(size)).unwrap(), None);
        for index in 0..size {
            let proof = tree::inclusion(&mut nodes, count(index), count(size)).unwrap().unwrap();
            assert_eq!(proof, reference_path(index, &all[..size]), "{index} of {size}");
            assert!(tree::verify_inclusion(&all[index], count(index), count(size), &proof, &root));
        }
        for old in 1..=size {
            let proof = tree::consistency(&mut nodes, count(old), count(size)).unwrap().unwrap();
            assert_eq!(proof, reference_subproof(old, &all[..size], true), "{old} to {size}");
            assert!(tree::verify_consistency(count(old), count(size), &proof, &reference_root(&all[..old]), &root), "{old} to {size}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_but_the_proof_proves(size in 2usize..200, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(), change in 0usize..5, bit in 0usize..256) {
        let all = leaves(size);
        let mut nodes = all.as_slice();
        let root = reference_root(&all);
        let (index, other) = (a.index(size), b.index(size));
        let proof = tree::inclusion(&mut nodes, count(index), count(size)).unwrap().unwrap();
        let mut changed = proof.clone();
        match change {
            0 => changed.push(all[other]),
            1 => drop(changed.pop()),
            2 => changed.insert(0, all[other]),
            _ => {
                let place = other % changed.len();
                changed[place][bit / 8] ^= 1 << (bit % 8);
            }
        }
        prop_assert!(!tree::verify_inclusion(&all[index], count(index), count(size), &changed, &root));
        prop_assert_eq!(tree::verify_inclusion(&all[index], count(other), count(size), &proof, &root), other == index);
        let old = index + 1;
        let old_root = reference_root(&all[..old]);
        let proof = tree::consistency(&mut nodes, count(old), count(size)).unwrap().unwrap();
        prop_assert!(tree::verify_consistency(count(old), count(size), &proof, &old_root, &root));
        let mut longer = proof.clone();
        longer.push(all[other]);
        prop_assert!(!tree::verify_consistency(count(old), count(size), &longer, &old_root, &root));
        if let Some(place) = other.checked_rem(proof.len()) {
            let mut changed = proof;
            changed[place][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!tree::verify_consistency(count(old), count(size), &changed, &old_root, &root));
        }
    }
}

fn hash(value: &Value) -> Option<Hash> {
    BASE64_STANDARD.decode(value.as_str()?).ok()?.try_into().ok()
}

/// Some vectors have words in place of roots, of which only matters whether they are the same.
fn root(value: &Value) -> Option<Hash> {
    hash(value).or_else(|| Some(tree::leaf_hash(value.as_str()?.as_bytes())))
}

/// A hash of a wrong length in a proof proves nothing.
fn verdict(case: &Value) -> Option<bool> {
    let number = |name: &str| case[name].as_u64();
    let proof = case["proof"].as_array().map(Vec::as_slice).unwrap_or_default().iter().map(hash).collect::<Option<Vec<Hash>>>()?;
    Some(match (number("start"), number("leafIdx")) {
        (Some(start), Some(index)) => {
            tree::verify_subtree_inclusion(&hash(&case["leafHash"])?, index, start, number("end")?, &proof, &root(&case["root"])?)
        }
        (Some(start), None) => {
            tree::verify_subtree_consistency(start, number("end")?, number("size")?, &proof, &root(&case["root1"])?, &root(&case["root2"])?)
        }
        (None, Some(index)) => tree::verify_inclusion(&hash(&case["leafHash"])?, index, number("treeSize")?, &proof, &root(&case["root"])?),
        (None, None) => {
            tree::verify_consistency(number("size1")?, number("size2")?, &proof, &root(&case["root1"])?, &root(&case["root2"])?)
        }
    })
}

fn vectors(folder: &Path, run: &mut dyn FnMut(&Path, &Value)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            vectors(&path, run);
        } else {
            run(&path, &serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap());
        }
    }
}

#[test]
fn the_vectors_of_others_are_decided_as_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/merkle");
    if !folder.is_dir() {
        println!("skipped: no vectors at {}", folder.display());
        return;
    }
    let mut seen = [0, 0];
    vectors(&folder, &mut |path, case| {
        let refused = case["wantErr"].as_bool().unwrap();
        assert_eq!(verdict(case).unwrap_or(false), !refused, "{}", path.display());
        seen[usize::from(refused)] += 1;
    });
    println!("{} accepted, {} refused", seen[0], seen[1]);
    assert!(seen[0] > 10 && seen[1] > 50);
}

#[test]
fn an_implementation_of_others_gives_the_same_roots_and_proofs() {
    let mut theirs = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, String>::new();
    let all = leaves(130);
    let mut nodes = all.as_slice();
    let bytes = |proof: Vec<Hash>| proof.concat();
    for size in 1..=all.len() {
        theirs.push((size - 1).to_string());
        let root = tree::root(&mut nodes, count(size)).unwrap();
        assert_eq!(theirs.root().as_bytes()[..], root, "{size}");
        for index in [0, size / 3, size - 1] {
            let proof = tree::inclusion(&mut nodes, count(index), count(size)).unwrap().unwrap();
            assert_eq!(theirs.prove_inclusion(index).as_bytes(), bytes(proof), "{index} of {size}");
            let proof = tree::consistency(&mut nodes, count(index + 1), count(size)).unwrap().unwrap();
            assert_eq!(theirs.prove_consistency(size - index - 1).as_bytes(), bytes(proof), "{} to {size}", index + 1);
        }
    }
}

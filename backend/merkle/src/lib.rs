//! What can be verified by tools that we did not write: the tree of RFC 9162, and of C2SP signed notes, checkpoints,
//! cosignatures, tiles and proofs. Pure; depends on nothing of ours.

mod checkpoint;
mod note;
mod proof;
pub mod tiles;
pub mod tree;

pub use checkpoint::{Checkpoint, Signers};
pub use note::{KeyError, Note, NoteError, Signer, Verifier};
pub use proof::{ProofError, Proven, RecordProof};

//! What can be verified by tools that we did not write: the tree of RFC 9162, signed notes (C2SP). Pure; depends on nothing of ours.

mod note;
pub mod tree;

pub use note::{KeyError, Note, NoteError, Signer, Verifier};

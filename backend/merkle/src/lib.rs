//! What can be verified by tools that we did not write: signed notes (C2SP). Pure; depends on nothing of ours.

mod note;

pub use note::{KeyError, Note, NoteError, Signer, Verifier};

//! Backups (G6.2, B2): of the product itself, made, drilled and kept by plan; of other systems, as their keepers report them.

pub mod archive;

//! The log as auditors verify it: its signed state, and proofs.

use db::ReadTx;
use kernel::{Code, Error, FieldError, Id};
use merkle::{Checkpoint, RecordProof, Signer, Verifier, tiles::Tiled, tree};

use crate::{
    model::RecordKind,
    store::{self, Stored},
};

/// Who signs the log of this company. The key lies outside the database.
pub struct Log {
    signer: Signer,
}

impl Log {
    /// With the key of a signed note; its name is the origin of the log.
    pub fn parse(key: &str) -> Result<Self, Error> {
        key.parse().map(|signer| Self { signer }).map_err(|error| Error::internal(format!("the key of the log: {error}")))
    }

    /// A new key, for a log that nobody knows yet.
    pub fn generate() -> Result<String, Error> {
        let (seed, name): ([u8; 32], u64) = rand::random();
        let signer = Signer::new(&format!("zhidu/{name:016x}"), seed).map_err(Error::internal)?;
        Ok(signer.secret())
    }

    /// The key with which everybody verifies.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        self.signer.verifier()
    }

    /// The state of the log now, and signed.
    pub fn checkpoint(&self, tx: &mut ReadTx<'_>) -> Result<(Checkpoint, String), Error> {
        let size = size(tx)?;
        let root = tree::root(&mut Tiled::new(Stored(tx), size), size)?;
        let checkpoint = Checkpoint { origin: self.verifier().name().to_owned(), size, root, extensions: Vec::new() };
        let signed = self.signer.sign(&checkpoint.to_string()).map_err(Error::internal)?;
        Ok((checkpoint, signed))
    }

    /// A text that ends with a line end, signed by the key of the log.
    pub fn sign(&self, text: &str) -> Result<String, Error> {
        self.signer.sign(text).map_err(Error::internal)
    }

    /// That a record is in the log as it is now.
    pub fn prove(&self, tx: &mut ReadTx<'_>, record: Id<RecordKind>, index: Option<i64>) -> Result<RecordProof, Error> {
        let index = index.ok_or_else(|| Error::new(Code::RecordPending).about(record))?;
        let index = u64::try_from(index).map_err(Error::internal)?;
        let (checkpoint, signed) = self.checkpoint(tx)?;
        let hashes = tree::inclusion(&mut Tiled::new(Stored(tx), checkpoint.size), index, checkpoint.size)?;
        let hashes = hashes.ok_or_else(|| Error::internal("a number beyond the log"))?;
        Ok(RecordProof { extra: None, index, hashes, checkpoint: signed })
    }
}

/// That the log of one size begins with that of another.
pub fn consistency(tx: &mut ReadTx<'_>, old: u64, new: u64) -> Result<Vec<tree::Hash>, Error> {
    let beyond = |name: &str, max: u64| {
        let params = [("min", "1".to_owned()), ("max", max.to_string())].into();
        Error::new(Code::Invalid).fields_of(vec![FieldError { pointer: format!("?{name}"), code: Code::OutOfRange, params }])
    };
    let size = size(tx)?;
    if new > size {
        return Err(beyond("new", size));
    }
    tree::consistency(&mut Tiled::new(Stored(tx), new), old, new)?.ok_or_else(|| beyond("old", new))
}

/// The size of the log and the root over its records, from the records alone: whatever the tiles say, and whatever stands beside a record
/// as its hash.
pub fn recompute(tx: &mut ReadTx<'_>) -> Result<(u64, tree::Hash), Error> {
    let mut leaves: Vec<tree::Hash> = Vec::new();
    loop {
        let next = i64::try_from(leaves.len()).map_err(Error::internal)?;
        let found = store::entries(tx, next, 1_000)?;
        if found.is_empty() {
            break;
        }
        for (index, entry) in found {
            if u64::try_from(index) != u64::try_from(leaves.len()) {
                return Err(Error::internal(format!("the log has no record {}", leaves.len())));
            }
            leaves.push(tree::leaf_hash(entry.as_bytes()));
        }
    }
    let size = u64::try_from(leaves.len()).map_err(Error::internal)?;
    Ok((size, tree::root(&mut leaves.as_slice(), size).map_err(Error::internal)?))
}

/// How many records are in the log, and how many have no place in it yet.
pub fn progress(tx: &mut ReadTx<'_>) -> Result<(i64, i64), Error> {
    Ok((store::size(tx)?, store::backlog(tx)?))
}

fn size(tx: &mut ReadTx<'_>) -> Result<u64, Error> {
    u64::try_from(store::size(tx)?).map_err(Error::internal)
}

//! The log as auditors verify it: its signed state, and proofs.

use db::ReadTx;
use kernel::{Code, Error, FieldError, Id};
use merkle::{Checkpoint, RecordProof, Signer, Verifier, tiles::Tiled, tree};

use crate::{
    anchor::{self, Anchor},
    model::RecordKind,
    names::{Turn, turn},
    store::{self, Kept, Stored},
    succession::Succession,
};

/// Who signs the log of this company, how often, and where what was signed is known outside the database. So is the key.
pub struct Log {
    signer: Signer,
    anchor: Anchor,
    pace_seconds: i64,
    witnesses: Vec<Verifier>,
    /// How this key came after others, oldest first.
    changes: Vec<Succession>,
}

impl Log {
    /// With the key of a signed note; its name is the first origin of the log. Checkpoints are at least `pace_seconds` apart.
    pub fn open(key: &str, anchor: Anchor, pace_seconds: u32, witnesses: Vec<Verifier>) -> Result<Self, Error> {
        let signer = key.parse().map_err(|error| Error::internal(format!("the key of the log: {error}")))?;
        Ok(Self { signer, anchor, pace_seconds: i64::from(pace_seconds), witnesses, changes: Vec::new() })
    }

    /// With how its key came after others. What does not lead to this key says nothing, and is left out.
    #[must_use]
    pub fn after(self, changes: Vec<Succession>) -> Self {
        let mut first = self.key();
        let mut chain = Vec::new();
        for change in changes.into_iter().rev() {
            if change.new == first {
                first = change.old.clone();
                chain.push(change);
            }
        }
        chain.reverse();
        Self { changes: chain, ..self }
    }

    /// The key, and those that have made it their successor: whatever was signed once by this log, one of them has signed it.
    #[must_use]
    pub fn keys(&self) -> Vec<Verifier> {
        self.changes.iter().map(|change| change.old.clone()).chain([self.key()]).collect()
    }

    /// The key that had this name, and how this one has come after it; none if it has not.
    pub(crate) fn before(&self, base: &str) -> Option<(&Verifier, &[Succession])> {
        let since = self.changes.iter().position(|change| change.old.name() == base)?;
        self.changes.split_at_checked(since).and_then(|(_, after)| Some((&after.first()?.old, after)))
    }

    /// A new key, for a log that nobody knows yet.
    pub fn generate() -> Result<String, Error> {
        let (seed, name): ([u8; 32], u64) = rand::random();
        let signer = Signer::new(&format!("zhidu/{name:016x}"), seed).map_err(Error::internal)?;
        Ok(signer.secret())
    }

    /// Who signs under a name of the log: the same key, under that name. Under a name of another key it signs nothing, and says so:
    /// nobody could tell such a signature from the other's.
    pub fn signer(&self, origin: &str) -> Result<Signer, Error> {
        if self.turn_of(origin).is_none() {
            return Err(Error::new(Code::Unavailable).because(format!("the key of this server does not sign for {origin}")));
        }
        self.signer.renamed(origin).map_err(Error::internal)
    }

    /// The key with which everybody verifies what is signed under a name: this one, or one that has made it its successor.
    pub fn verifier(&self, origin: &str) -> Result<Verifier, Error> {
        match self.before(turn(origin).0) {
            Some((old, _)) => old.renamed(origin).map_err(Error::internal),
            None => Ok(self.signer(origin)?.verifier()),
        }
    }

    /// The key with which everybody verifies what is signed by the first name of the log: backups, whatever the log is called then.
    #[must_use]
    pub fn key(&self) -> Verifier {
        self.signer.verifier()
    }

    /// The state of the log as this transaction sees it, signed under the name that it has there. It is not kept: what it stands in is.
    pub fn state(&self, tx: &mut ReadTx<'_>) -> Result<(Checkpoint, String), Error> {
        let origin = store::origins(tx)?.pop().map_or_else(|| self.name_of(Turn::FIRST), |origin| origin.name);
        let state = unsigned(tx, origin)?;
        let signed = self.signer(&state.origin)?.sign(&state.to_string()).map_err(Error::internal)?;
        Ok((state, signed))
    }

    /// A text that ends with a line end, signed by the key of the log.
    pub fn sign(&self, text: &str) -> Result<String, Error> {
        self.signer.sign(text).map_err(Error::internal)
    }

    /// The name of the log at this turn.
    pub(crate) fn name_of(&self, turn: Turn) -> String {
        turn.name(self.signer.name())
    }

    /// Which turn a name is; none if it is not of this key.
    pub(crate) fn turn_of(&self, origin: &str) -> Option<Turn> {
        let own = self.signer.name();
        if origin == own {
            return Some(Turn::FIRST);
        }
        let (base, turn) = turn(origin);
        (base == own).then_some(turn)
    }

    pub(crate) const fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    pub(crate) const fn pace_seconds(&self) -> i64 {
        self.pace_seconds
    }

    pub(crate) fn witnesses(&self) -> &[Verifier] {
        &self.witnesses
    }
}

/// The state of the log as this transaction sees it.
pub fn unsigned(tx: &mut ReadTx<'_>, origin: String) -> Result<Checkpoint, Error> {
    let size = u64::try_from(store::size(tx)?).map_err(Error::internal)?;
    let root = tree::root(&mut Tiled::new(Stored(tx), size), size)?;
    Ok(Checkpoint { origin, size, root, extensions: Vec::new() })
}

/// The last checkpoint, and under it the signatures of those who have seen it.
pub fn checkpoint(tx: &mut ReadTx<'_>) -> Result<(Kept, String), Error> {
    let kept = store::latest(tx)?.ok_or_else(|| Error::new(Code::Unavailable).because("the log has not been signed yet"))?;
    let note = seen(tx, &kept)?;
    Ok((kept, note))
}

/// A checkpoint with the signatures of those who have seen it.
pub fn seen(tx: &mut ReadTx<'_>, kept: &Kept) -> Result<String, Error> {
    let lines = store::cosignatures(tx, kept)?;
    Ok(lines.into_iter().fold(kept.note.clone(), |note, cosigned| note + &cosigned.line))
}

/// The checkpoint under which records up to this place are proven: the last that a witness has seen, or the last one if they are newer
/// than that.
fn beyond(tx: &mut ReadTx<'_>, index: i64) -> Result<(u64, String), Error> {
    let (last, note) = checkpoint(tx)?;
    let note = match store::latest_cosigned(tx, last.origin_number)?.filter(|cosigned| cosigned.size > index) {
        Some(cosigned) => seen(tx, &cosigned)?,
        None => note,
    };
    Ok((anchor::parse(&note).map_err(Error::internal)?.size, note))
}

/// That a record is in the log.
pub fn prove(tx: &mut ReadTx<'_>, record: Id<RecordKind>, index: Option<i64>) -> Result<RecordProof, Error> {
    let pending = || Error::new(Code::RecordPending).about(record);
    let index = index.ok_or_else(pending)?;
    prove_all(tx, &[index])?.pop().ok_or_else(pending)
}

/// That the records at these places are in the log, all under one checkpoint: so they are in one tree, and nothing can be left out between
/// them. Refused until the last of them is signed.
pub fn prove_all(tx: &mut ReadTx<'_>, leaves: &[i64]) -> Result<Vec<RecordProof>, Error> {
    let Some(last) = leaves.iter().max() else { return Ok(Vec::new()) };
    let (size, checkpoint) = beyond(tx, *last)?;
    let mut tree = Tiled::new(Stored(tx), size);
    let one = |index: &i64| {
        let index = u64::try_from(*index).map_err(Error::internal)?;
        let hashes = tree::inclusion(&mut tree, index, size)?.ok_or_else(|| Error::new(Code::RecordPending))?;
        Ok(RecordProof { extra: None, index, hashes, checkpoint: checkpoint.clone() })
    };
    leaves.iter().map(one).collect()
}

/// That the log of one size begins with that of another.
pub fn consistency(tx: &mut ReadTx<'_>, old: u64, new: u64) -> Result<Vec<tree::Hash>, Error> {
    let beyond = |name: &str, max: u64| {
        let params = [("min", "1".to_owned()), ("max", max.to_string())].into();
        Error::new(Code::Invalid).fields_of(vec![FieldError { pointer: format!("?{name}"), code: Code::OutOfRange, params }])
    };
    let size = u64::try_from(store::size(tx)?).map_err(Error::internal)?;
    if new > size {
        return Err(beyond("new", size));
    }
    tree::consistency(&mut Tiled::new(Stored(tx), new), old, new)?.ok_or_else(|| beyond("old", new))
}

/// The size of the log and the root over its records, from the records alone: whatever the tiles say, and whatever stands beside a record
/// as its hash.
pub fn recompute(tx: &mut ReadTx<'_>) -> Result<(u64, tree::Hash), Error> {
    recompute_passing(tx, |_, _| {})
}

/// The same, telling the root at each size on the way.
pub fn recompute_passing(tx: &mut ReadTx<'_>, mut passes: impl FnMut(u64, &tree::Frontier)) -> Result<(u64, tree::Hash), Error> {
    let mut grown = tree::Frontier::default();
    passes(0, &grown);
    loop {
        let next = i64::try_from(grown.size()).map_err(Error::internal)?;
        let found = store::entries(tx, next, next + 1_000)?;
        if found.is_empty() {
            return Ok((grown.size(), grown.root()));
        }
        for (index, entry) in found {
            if u64::try_from(index) != Ok(grown.size()) {
                return Err(Error::internal(format!("the log has no record {}", grown.size())));
            }
            grown.push(tree::leaf_hash(entry.as_bytes()));
            passes(grown.size(), &grown);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_under_its_own_names_only() {
        let log = Log::open(&Log::generate().unwrap(), Anchor::at("none".into()), 0, Vec::new()).unwrap();
        let name = log.key().name().to_owned();
        assert!(log.signer(&name).is_ok() && log.verifier(&format!("{name}/r2")).is_ok());
        assert!(log.verifier(&format!("{name}/2027")).is_ok());
        for other in ["zhidu/0000000000000000", &format!("{name}/r1"), &format!("{name}/x"), ""] {
            assert!(log.signer(other).is_err() && log.verifier(other).is_err(), "{other}");
        }
    }
}

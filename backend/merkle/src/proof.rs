//! The proof of one record in one file (C2SP `tlog-proof`): it verifies off-line, against nothing but the keys that one trusts.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{
    Checkpoint, NoteError, Signers, Verifier,
    checkpoint::{hash, number},
    tree::{self, Hash},
};

const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// That a record is in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordProof {
    /// Words of the application; nobody vouches for them.
    pub extra: Option<Vec<u8>>,
    /// Which leaf.
    pub index: u64,
    /// From the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, as it was issued.
    pub checkpoint: String,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The checkpoint is no note, or a key that is trusted has signed something else.
    Note(NoteError),
    /// The log whose key this is has not signed the checkpoint.
    NotOfThisLog,
    /// The record does not lead to the root of the checkpoint: one of them is another.
    NotIncluded,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => error.fmt(f),
            Self::NotOfThisLog => f.write_str("the checkpoint is not signed by the log whose key this is"),
            Self::NotIncluded => f.write_str("the record does not lead to the root of the checkpoint; one of them has been changed"),
        }
    }
}
impl std::error::Error for ProofError {}

impl From<NoteError> for ProofError {
    fn from(error: NoteError) -> Self {
        Self::Note(error)
    }
}

/// What a proof that was verified says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    pub checkpoint: Checkpoint,
    /// Who signed the checkpoint, of those whom one trusts.
    pub signers: Signers,
}

impl RecordProof {
    /// Verifies that an entry is in the log with this origin, by a checkpoint that the log's key has signed.
    pub fn verify(&self, entry: &[u8], log: &Verifier, witnesses: &[Verifier]) -> Result<Proven, ProofError> {
        let (checkpoint, signers) = Checkpoint::signed(&self.checkpoint, log, witnesses)?;
        let within = tree::verify_inclusion(&tree::leaf_hash(entry), self.index, checkpoint.size, &self.hashes, &checkpoint.root);
        if within { Ok(Proven { checkpoint, signers }) } else { Err(ProofError::NotIncluded) }
    }
}

impl fmt::Display for RecordProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64_STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", BASE64_STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for RecordProof {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(NoteError::Malformed)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEAD) {
            return Err(NoteError::Malformed);
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra.and_then(|line| line.strip_prefix("extra ")).map(|extra| BASE64_STANDARD.decode(extra));
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(number).ok_or(NoteError::Malformed)?;
        let hashes = lines.map(hash).collect::<Option<Vec<Hash>>>().ok_or(NoteError::Malformed)?;
        let extra = extra.transpose().map_err(|_| NoteError::Malformed)?;
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Signer;

    #[test]
    fn a_record_is_proven_by_one_file_and_nothing_else() {
        let entries: Vec<String> = (0..11).map(|number| format!("{{\"n\":{number}}}")).collect();
        let leaves: Vec<Hash> = entries.iter().map(|entry| tree::leaf_hash(entry.as_bytes())).collect();
        let mut nodes = leaves.as_slice();
        let (log, witness) = (Signer::new("example.com/log", [1; 32]).unwrap(), Signer::witness("witness", [2; 32]).unwrap());
        let checkpoint = Checkpoint {
            origin: "example.com/log".to_owned(),
            size: 11,
            root: tree::root(&mut nodes, 11).unwrap(),
            extensions: Vec::new(),
        };
        let text = checkpoint.to_string();
        let signed = log.sign(&text).unwrap() + &witness.cosign(&text, 1_700_000_000).unwrap();
        let hashes = tree::inclusion(&mut nodes, 6, 11).unwrap().unwrap();
        let proof = RecordProof { extra: Some(b"x".to_vec()), index: 6, hashes, checkpoint: signed };
        let read: RecordProof = proof.to_string().parse().unwrap();
        assert_eq!(read, proof);
        let verify = |proof: &RecordProof, entry: &str| proof.verify(entry.as_bytes(), &log.verifier(), &[witness.verifier()]);
        let proven = verify(&read, "{\"n\":6}").unwrap();
        assert_eq!((proven.checkpoint, proven.signers.len()), (checkpoint, 2));
        assert_eq!(verify(&read, "{\"n\":7}"), Err(ProofError::NotIncluded));
        assert_eq!(verify(&RecordProof { index: 7, ..read.clone() }, "{\"n\":6}"), Err(ProofError::NotIncluded));
        // Another log's checkpoint, or one that nobody known has signed, proves nothing.
        let other = Signer::new("example.com/other", [3; 32]).unwrap();
        assert!(read.verify(b"{\"n\":6}", &other.verifier(), &[]).is_err());
        let foreign = RecordProof { checkpoint: other.sign(&text).unwrap(), ..read.clone() };
        assert!(
            foreign.verify(b"{\"n\":6}", &other.verifier(), &[]).is_err() && foreign.verify(b"{\"n\":6}", &log.verifier(), &[]).is_err()
        );
        // Neither does a witness who has taken the name of the log.
        let witness = Signer::witness("example.com/log", [4; 32]).unwrap();
        let unsigned = other.sign(&text).unwrap() + &witness.cosign(&text, 1).unwrap();
        let alone = RecordProof { checkpoint: unsigned, ..read };
        assert_eq!(alone.verify(b"{\"n\":6}", &log.verifier(), &[witness.verifier()]), Err(ProofError::NotOfThisLog));
        for wrong in [
            "",
            "c2sp.org/tlog-proof@v1\nindex 06\n\nx",
            "c2sp.org/tlog-proof@v2\nindex 6\n\nx",
            "c2sp.org/tlog-proof@v1\nindex 6\nAAAA\n\nx",
        ] {
            assert_eq!(wrong.parse::<RecordProof>(), Err(NoteError::Malformed), "{wrong:?}");
        }
    }
}

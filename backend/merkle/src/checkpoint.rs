//! Checkpoints (C2SP `tlog-checkpoint`): which log, how many records, which root.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{Note, NoteError, ProofError, Verifier, tree::Hash};

/// The state of a log that somebody signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root of the tree of so many.
    pub root: Hash,
    /// Further lines, which mean nothing here.
    pub extensions: Vec<String>,
}

/// Who has signed, of those whose keys are known; witnesses with the time in seconds since 1970.
pub type Signers = Vec<(Verifier, Option<u64>)>;

impl Checkpoint {
    /// The checkpoint of a note that the log with this key has signed, and who has signed it besides, of these witnesses.
    pub fn signed(note: &str, log: &Verifier, witnesses: &[Verifier]) -> Result<(Self, Signers), ProofError> {
        let keys: Vec<Verifier> = std::iter::once(log).chain(witnesses).cloned().collect();
        let note = Note::open(note, &keys)?;
        if note.verified.iter().all(|(key, _)| key != log) {
            return Err(ProofError::NotOfThisLog);
        }
        let checkpoint: Self = note.text.parse()?;
        if checkpoint.origin == log.name() { Ok((checkpoint, note.verified)) } else { Err(ProofError::NotOfThisLog) }
    }
}

/// A number as the formats of C2SP have it: ASCII decimal without leading zeroes.
pub(crate) fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// A hash in standard Base 64.
pub(crate) fn hash(text: &str) -> Option<Hash> {
    BASE64_STANDARD.decode(text).ok()?.try_into().ok()
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, BASE64_STANDARD.encode(self.root))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The text of a note.
impl FromStr for Checkpoint {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.strip_suffix('\n').ok_or(NoteError::Malformed)?.split('\n');
        let mut next = || lines.next().filter(|line| !line.is_empty()).ok_or(NoteError::Malformed);
        let origin = next()?.to_owned();
        let size = number(next()?).ok_or(NoteError::Malformed)?;
        let root = hash(next()?).ok_or(NoteError::Malformed)?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) { Err(NoteError::Malformed) } else { Ok(Self { origin, size, root, extensions }) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_is_written() {
        let text = "example.com/log\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let checkpoint: Checkpoint = text.parse().unwrap();
        assert_eq!((checkpoint.size, checkpoint.to_string().as_str()), (20_852_163, text));
        let more: Checkpoint = format!("{text}extension\n").parse().unwrap();
        assert_eq!(more.extensions, ["extension"]);
        for wrong in [
            "",
            "a\n",
            &text.replace("2085", "02085"),
            &text.replace("2085", "+2085"),
            &text.replace("CsUY", ""),
            text.trim(),
            &text.replace("example.com/log", ""),
            &format!("{text}\n"),
        ] {
            assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong:?}");
        }
    }
}

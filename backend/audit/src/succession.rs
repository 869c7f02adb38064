//! One key of the log after another: the old one signs which comes next, so that whoever has written it down need not believe anybody
//! else. Without that a new key only cites what the old one has signed last.

use kernel::Error;
use merkle::{Note, Signer, Verifier};

use crate::names::as_first;

const HEAD: &str = "zhidu log key change";

/// That a key takes the place of another, signed by that other (C2SP signed note): a heading, the old key, the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// Until then, under its own name.
    pub old: Verifier,
    /// From then on, under its own name.
    pub new: Verifier,
    /// As it was signed.
    pub note: String,
}

impl Succession {
    /// Has the old key say so.
    pub fn sign(old: &Signer, new: &Verifier) -> Result<Self, Error> {
        let note = old.sign(&format!("{HEAD}\n{}\n{new}\n", old.verifier())).map_err(Error::internal)?;
        Ok(Self { old: old.verifier(), new: new.clone(), note })
    }

    /// What a note says, if the old key has signed it.
    #[must_use]
    pub fn read(note: &str) -> Option<Self> {
        let text = Note::open(note, &[]).ok()?.text;
        let [HEAD, old, new] = text.lines().collect::<Vec<_>>()[..] else { return None };
        let (old, new): (Verifier, Verifier) = (old.parse().ok()?, new.parse().ok()?);
        let signed = Note::open(note, std::slice::from_ref(&old)).is_ok_and(|note| !note.verified.is_empty());
        signed.then(|| Self { old, new, note: note.to_owned() })
    }

    /// Those of a file, as [`Self::line`] has written them: oldest first.
    pub fn read_all(lines: &str) -> Result<Vec<Self>, Error> {
        let one = |line: &str| {
            let note: String = serde_json::from_str(line).map_err(Error::internal)?;
            Self::read(&note).ok_or_else(|| Error::internal("a change of the key that the old key has not signed"))
        };
        lines.lines().filter(|line| !line.is_empty()).map(one).collect()
    }

    /// For a file with several.
    pub fn line(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(&self.note).map_err(Error::internal)? + "\n")
    }
}

/// Whom a key has made its successor, step by step, as far as these go; none if it has none.
#[must_use]
pub fn successor(key: &Verifier, changes: &[Succession]) -> Option<Verifier> {
    let follow = |known: Verifier, change: &Succession| if change.old == known { change.new.clone() } else { known };
    let key = as_first(key);
    let last = changes.iter().fold(key.clone(), follow);
    (last != key).then_some(last)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_old_key_says_who_comes_next() {
        let [one, two, three] = [1, 2, 3].map(|seed| Signer::new(&format!("zhidu/{seed}"), [seed; 32]).unwrap());
        let changes = [Succession::sign(&one, &two.verifier()).unwrap(), Succession::sign(&two, &three.verifier()).unwrap()];
        let file = changes.iter().map(|change| change.line().unwrap()).collect::<String>();
        assert_eq!(Succession::read_all(&file).unwrap(), changes);
        assert_eq!(successor(&one.verifier(), &changes), Some(three.verifier()));
        assert_eq!(successor(&one.verifier().renamed("zhidu/1/2027").unwrap(), &changes), Some(three.verifier()));
        assert_eq!(successor(&three.verifier(), &changes), None);
        assert_eq!(successor(&Signer::new("zhidu/9", [9; 32]).unwrap().verifier(), &changes), None);
        // The same words, signed by the one who would come next; and words of another kind.
        let [first, _] = &changes;
        let text = Note::open(&first.note, &[]).unwrap().text;
        assert_eq!(Succession::read(&two.sign(&text).unwrap()), None);
        assert_eq!(Succession::read(&one.sign("zhidu/1\n7\nroot\n").unwrap()), None);
        assert!(Succession::read_all("\"\"\n").is_err());
    }
}

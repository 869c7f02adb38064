//! The newest checkpoint, outside the database: what the database is held against when it comes back from a backup.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use kernel::Error;
use merkle::{Checkpoint, NoteError};

/// The file with it.
#[derive(Clone, Debug)]
pub struct Anchor(PathBuf);

impl Anchor {
    /// In this file, which need not be there yet.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// What was signed last, with the note; none before the first time. Who can write this file can read the key beside it: its
    /// signature would say nothing more.
    pub fn read(&self) -> Result<Option<(Checkpoint, String)>, Error> {
        let note = match fs::read_to_string(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| self.said(error))?,
        };
        let checkpoint = parse(&note).map_err(|error| self.said(error))?;
        Ok(Some((checkpoint, note)))
    }

    /// Keeps a newer one. Nothing takes the place of more records under the same name, or of other ones: a server that had been asleep
    /// would take away what tells that records are missing.
    pub fn write(&self, note: &str) -> Result<(), Error> {
        let new = parse(note).map_err(|error| self.said(error))?;
        if let Some((known, _)) = self.read()?
            && known.origin == new.origin
            && (known.size > new.size || (known.size == new.size && known.root != new.root))
        {
            return Err(self.said(format!("{} records are known of {}, which {} do not replace", known.size, known.origin, new.size)));
        }
        replace(&self.0, note.as_bytes()).map_err(|error| self.said(error))
    }

    /// Whether what was signed last went on after this state of the log, so that a database in this state gets another name.
    pub fn is_ahead_of(&self, state: &Checkpoint) -> Result<bool, Error> {
        Ok(self.read()?.is_some_and(|(known, _)| goes_on(&known, state)))
    }

    fn said(&self, error: impl std::fmt::Display) -> Error {
        Error::internal(format!("{}: {error}", self.0.display()))
    }
}

/// The name of a log without its turn, and the turn: `zhidu/…/r2` is the second of `zhidu/…`.
pub fn turn(name: &str) -> (&str, i32) {
    let Some((base, turn)) = name.rsplit_once("/r") else { return (name, 1) };
    match turn.parse::<i32>() {
        Ok(number) if number > 1 && number.to_string() == turn => (base, number),
        _ => (name, 1),
    }
}

/// Whether a checkpoint is of the same log as another, and later: of a later name, or of more records.
pub fn goes_on(known: &Checkpoint, state: &Checkpoint) -> bool {
    let ((log, now), (other, then)) = (turn(&known.origin), turn(&state.origin));
    log == other && (now, known.size) > (then, state.size)
}

/// Writes a file anew. It is whole at every moment, old or new, also when the power fails, and when several write it at once.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut newer = path.as_os_str().to_owned();
    newer.push(format!(".{:08x}.new", rand::random::<u32>()));
    let write = || {
        let mut file = fs::File::create_new(&newer)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&newer, path)
    };
    if let Err(error) = write() {
        // What went wrong before is what is told.
        drop(fs::remove_file(&newer));
        return Err(error);
    }
    // Elsewhere a folder cannot be opened, and need not be.
    #[cfg(unix)]
    fs::File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

/// The checkpoint of a note, whoever has signed it.
pub fn parse(note: &str) -> Result<Checkpoint, NoteError> {
    merkle::Note::open(note, &[])?.text.parse()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use merkle::{Signer, tree};

    use super::*;

    fn note(origin: &str, size: u64, root: u8) -> String {
        let text = Checkpoint { origin: origin.to_owned(), size, root: tree::leaf_hash(&[root]), extensions: Vec::new() }.to_string();
        Signer::new(origin, [1; 32]).unwrap().sign(&text).unwrap()
    }

    #[test]
    fn what_is_known_is_never_replaced_by_less() {
        let folder = std::env::temp_dir().join(format!("zhidu-anchor-{}", kernel::PersonId::new()));
        fs::create_dir_all(&folder).unwrap();
        let anchor = Anchor::at(folder.join("log.checkpoint"));
        let size = || anchor.read().unwrap().map(|(known, _)| (known.origin, known.size));
        anchor.write(&note("zhidu/1", 7, 0)).unwrap();
        anchor.write(&note("zhidu/1", 9, 0)).unwrap();
        assert!(anchor.write(&note("zhidu/1", 8, 0)).is_err());
        assert!(anchor.write(&note("zhidu/1", 9, 1)).is_err(), "another root of the same size");
        anchor.write(&note("zhidu/1", 9, 0)).unwrap();
        assert_eq!(size(), Some(("zhidu/1".to_owned(), 9)));
        // The next name begins where the database is.
        anchor.write(&note("zhidu/1/r2", 5, 0)).unwrap();
        assert_eq!(size(), Some(("zhidu/1/r2".to_owned(), 5)));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left behind");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_later_name_or_more_records_of_the_same_log_go_on() {
        let state = |origin: &str, size| parse(&note(origin, size, 0)).unwrap();
        for (known, size, goes) in
            [("l", 6, true), ("l", 5, false), ("l", 4, false), ("l/r2", 1, true), ("m", 9, false), ("l/r1", 9, false), ("l/r02", 9, false)]
        {
            assert_eq!(goes_on(&state(known, size), &state("l", 5)), goes, "{known} {size}");
        }
        assert!(!goes_on(&state("l", 9), &state("l/r2", 5)));
        assert_eq!((turn("a/b/r10"), turn("a/run"), turn("l/r2/r3")), (("a/b", 10), ("a/run", 1), ("l/r2", 3)));
    }
}

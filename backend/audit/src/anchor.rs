//! The newest checkpoint, outside the database: what the database is held against when it comes back from a backup.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use kernel::Error;
use merkle::{Checkpoint, NoteError};

use crate::names::goes_on;

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

    /// Keeps a newer one. Nothing takes the place of more records under the same name, of other ones, or of a later name of the log: a
    /// server that had been asleep would take away what tells that records are missing.
    pub fn write(&self, note: &str) -> Result<(), Error> {
        let new = parse(note).map_err(|error| self.said(error))?;
        if let Some((known, _)) = self.read()?
            && (goes_on(&known, &new) || (known.origin == new.origin && known.size == new.size && known.root != new.root))
        {
            let known = format!("{} records are known of {}", known.size, known.origin);
            return Err(self.said(format!("{known}, which {} of {} do not replace", new.size, new.origin)));
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
        assert!(anchor.write(&note("zhidu/1", 99, 0)).is_err(), "a name that is closed");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left behind");
        fs::remove_dir_all(&folder).unwrap();
    }
}

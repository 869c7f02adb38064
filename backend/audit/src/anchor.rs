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

    /// Keeps a newer one.
    pub fn write(&self, note: &str) -> Result<(), Error> {
        replace(&self.0, note.as_bytes()).map_err(|error| self.said(error))
    }

    fn said(&self, error: impl std::fmt::Display) -> Error {
        Error::internal(format!("{}: {error}", self.0.display()))
    }
}

/// Writes a file anew. It is whole at every moment, old or new, also when the power fails.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut newer = path.as_os_str().to_owned();
    newer.push(".new");
    let mut file = fs::File::create(&newer)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&newer, path)?;
    // Elsewhere a folder cannot be opened, and need not be.
    #[cfg(unix)]
    fs::File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

/// The checkpoint of a note, whoever has signed it.
pub fn parse(note: &str) -> Result<Checkpoint, NoteError> {
    merkle::Note::open(note, &[])?.text.parse()
}

//! Files that only their owner reads: keys.

use std::{fs, io, io::Write as _, path::Path};

use kernel::Error;

/// The text of a key: from the file that was named, or else from the server's own, which is made when it is missing.
pub fn key(named: Option<&Path>, own: &Path, make: impl FnOnce() -> Result<String, Error>) -> Result<String, Error> {
    if named.is_none() && !own.exists() {
        match create(own, &make()?) {
            // Another process has made it meanwhile: that one holds.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(Error::internal)?,
        }
    }
    existing(named.unwrap_or(own))
}

/// The text of a key that is there.
pub fn existing(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::internal(format!("{}: {error}", path.display())))
}

/// Writes a new file. Nothing that is there already is overwritten.
pub fn create(path: &Path, text: &str) -> io::Result<()> {
    new(path)?.write_all(text.as_bytes())
}

/// A new file, empty. Nothing that is there already is overwritten.
pub fn new(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

//! Files that only their owner reads: keys.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use audit::{Log, Succession};
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

/// The log of a key, with how that came after others, as it stands beside the key.
pub fn log(key: &Path, open: impl FnOnce(&str) -> Result<Log, Error>) -> Result<Log, Error> {
    Ok(open(&existing(key)?)?.after(changes(key)?))
}

/// How a key of the log came after others (`log.key.vouched`); nothing if it did not.
pub fn changes(key: &Path) -> Result<Vec<Succession>, Error> {
    let path = beside(key, VOUCHED);
    let said = |error: &dyn std::fmt::Display| Error::internal(format!("{}: {error}", path.display()));
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => Succession::read_all(&read.map_err(|error| said(&error))?).map_err(|error| said(&error)),
    }
}

/// What stands beside a key that has taken the place of another: that other, and its word for it.
pub const BEFORE: &str = "before";
pub const VOUCHED: &str = "vouched";

/// A file beside a key.
#[must_use]
pub fn beside(key: &Path, what: &str) -> PathBuf {
    let mut path = key.as_os_str().to_owned();
    path.push(format!(".{what}"));
    path.into()
}

/// Writes a key in the place of another, whole or not at all.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let whole = beside(path, &format!("{:08x}.new", rand::random::<u32>()));
    let replaced = write(&whole, text).and_then(|()| fs::rename(&whole, path));
    if replaced.is_err() {
        // What went wrong before is what is told.
        drop(fs::remove_file(&whole));
    }
    replaced
}

/// Writes a new file, whole or not at all: somebody else may read it at once, and nobody could tell an empty key from a lost one. Nothing
/// that is there already is overwritten.
pub fn create(path: &Path, text: &str) -> io::Result<()> {
    let whole = &beside(path, &format!("{:08x}.new", rand::random::<u32>()));
    let made = write(whole, text).and_then(|()| match fs::hard_link(whole, path) {
        // A stick without hard links.
        Err(error) if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) => write(path, text),
        linked => linked,
    });
    let removed = fs::remove_file(whole);
    made.and(removed)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A new file, empty. Nothing that is there already is overwritten.
pub fn new(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_there_whole_or_not_at_all_and_the_first_one_stays() {
        let folder = std::env::temp_dir().join(format!("zhidu-private-{}", kernel::PersonId::new()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("log.key");
        // Many at once, as replicas start: all of them read the same, and none of them nothing.
        let read: Vec<String> = std::thread::scope(|scope| {
            let start = |number: usize| {
                scope.spawn({
                    let path = &path;
                    move || key(None, path, || Ok(format!("key {number}"))).unwrap()
                })
            };
            (0..16).map(start).collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(read.iter().all(|text| text.starts_with("key ") && text == read.first().unwrap()), "{read:?}");
        assert_eq!(create(&path, "another").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left behind");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        fs::remove_dir_all(&folder).unwrap();
    }
}

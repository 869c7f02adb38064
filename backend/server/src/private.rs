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

/// Writes a new file, whole or not at all: somebody else may read it at once, and nobody could tell an empty key from a lost one. Nothing
/// that is there already is overwritten.
pub fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut whole = path.as_os_str().to_owned();
    whole.push(format!(".{:08x}.new", rand::random::<u32>()));
    let whole = Path::new(&whole);
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

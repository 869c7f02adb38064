//! Folders that are being worked in. Whoever is killed leaves one behind; the next who comes sees that nobody holds it and removes it.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use uuid::Uuid;

use super::failure::{At as _, Failure};

const PREFIX: &str = ".zhidu-work-";
const LOCK: &str = ".lock";
/// Whoever makes a folder holds its lock long before it is as old.
const SETTLED: Duration = Duration::from_secs(60);

/// A folder of one's own inside another; gone when it is dropped, unless it was moved away.
pub struct Workplace {
    /// Where it is.
    pub path: PathBuf,
    lock: PathBuf,
    _held: File,
}

impl Workplace {
    /// Makes one, and removes those of the dead.
    pub fn inside(folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).at(folder)?;
        for entry in fs::read_dir(folder).at(folder)?.flatten() {
            let (lock, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let Some(name) = name.strip_suffix(LOCK).filter(|name| name.starts_with(PREFIX)) else { continue };
            let Ok(held) = File::open(&lock) else { continue };
            if held.try_lock().is_ok() {
                let left = folder.join(name);
                let gone = if left.exists() { fs::remove_dir_all(&left) } else { Ok(()) };
                // In a folder that is shared it may be somebody else's, who will remove it.
                if let Err(error) = gone.and_then(|()| fs::remove_file(&lock)) {
                    tracing::warn!(%error, path = %left.display(), "a working folder that nobody holds could not be removed");
                }
            }
        }
        // The lock before the folder: whoever dies in between leaves nothing that nobody would remove.
        let path = folder.join(format!("{PREFIX}{}", Uuid::from(kernel::PersonId::new()).simple()));
        let lock = PathBuf::from(format!("{}{LOCK}", path.display()));
        let held = File::create_new(&lock).at(&lock)?;
        held.try_lock().map_err(std::io::Error::from).at(&lock)?;
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).at(&path)?;
        Ok(Self { path, lock, _held: held })
    }

    /// A folder in it.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.path.join(name);
        fs::create_dir(&path).at(&path)?;
        Ok(path)
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path).and_then(|()| fs::remove_file(&self.lock)) {
            tracing::warn!(%error, path = %self.path.display(), "a working folder stays behind; the next backup removes it");
        }
    }
}

/// What those have left in a folder who were killed at work. Nothing is removed; what is younger than a minute is left out, since to try
/// its lock could take it from whoever is about to hold it.
pub fn left_behind(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut left = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (lock, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let Some(name) = name.strip_suffix(LOCK).filter(|name| name.starts_with(PREFIX)) else { continue };
        let settled =
            fs::metadata(&lock).and_then(|found| found.modified()?.elapsed().map_err(io::Error::other)).is_ok_and(|age| age > SETTLED);
        if settled && File::open(&lock).is_ok_and(|held| !matches!(held.try_lock_shared(), Err(TryLockError::WouldBlock))) {
            left.push(folder.join(name));
        }
    }
    Ok(left)
}

/// Where a content lies in the folder for files.
pub fn blob(files: &Path, sha256: &str) -> PathBuf {
    files.join(sha256.get(..2).unwrap_or("xx")).join(sha256)
}

/// Makes what was written into a folder survive the loss of power.
pub fn sync(folder: &Path) -> Result<(), Failure> {
    File::open(folder).and_then(|folder| folder.sync_all()).at(folder)
}

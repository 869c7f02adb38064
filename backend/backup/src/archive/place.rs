//! Folders that are being worked in. Whoever is killed leaves one behind; the next who comes sees that nobody holds it and removes it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::failure::{At as _, Failure};

const PREFIX: &str = ".zhidu-work-";
const LOCK: &str = "lock";

/// A folder of one's own inside another; gone when it is dropped, unless it was moved away.
pub struct Workplace {
    /// Where it is.
    pub path: PathBuf,
    _lock: File,
}

impl Workplace {
    /// Makes one, and removes those of the dead.
    pub fn inside(folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).at(folder)?;
        for entry in fs::read_dir(folder).at(folder)?.flatten() {
            let path = entry.path();
            let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
            if ours && File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok()) {
                fs::remove_dir_all(&path).at(&path)?;
            }
        }
        let path = folder.join(format!("{PREFIX}{}", Uuid::from(kernel::PersonId::new()).simple()));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).at(&path)?;
        let lock = path.join(LOCK);
        let file = File::create_new(&lock).at(&lock)?;
        file.try_lock().map_err(std::io::Error::from).at(&lock)?;
        Ok(Self { path, _lock: file })
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
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "a working folder stays behind; the next backup removes it");
        }
    }
}

/// Makes what was written into a folder survive the loss of power.
pub fn sync(folder: &Path) -> Result<(), Failure> {
    File::open(folder).and_then(|folder| folder.sync_all()).at(folder)
}

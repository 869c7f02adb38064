//! Where backups may go. Whoever runs the server names the places; plans choose among the names, so that nobody makes the server write
//! elsewhere.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::archive::{At as _, Failure, FailureCode, MANIFEST, Manifest, sync, verify};

/// A place with its name: `name=/path/of/a/folder`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What plans call it.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
}

impl FromStr for Target {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, folder) = text.split_once('=').ok_or("expected name=/path/of/a/folder")?;
        let plain =
            !name.is_empty() && name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !plain || folder.is_empty() {
            return Err("expected name=/path/of/a/folder, with a name of letters, digits, - and _".to_owned());
        }
        Ok(Self { name: name.to_owned(), folder: PathBuf::from(folder) })
    }
}

/// The places that were named.
#[derive(Clone, Debug, Default)]
pub struct Targets(BTreeMap<String, PathBuf>);

impl Targets {
    /// Of these.
    #[must_use]
    pub fn of(all: &[Target]) -> Self {
        Self(all.iter().map(|target| (target.name.clone(), target.folder.clone())).collect())
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Whether there is such a name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The folder of a name.
    pub fn folder(&self, name: &str) -> Result<&Path, Failure> {
        let unknown = || Failure::new(FailureCode::Away, format!("no place is called {name} (--backup-target)"));
        self.0.get(name).map(PathBuf::as_path).ok_or_else(unknown)
    }
}

/// Copies a backup to a second place and reads it back there. The manifest comes last: what has none is no backup. Nothing is renamed or
/// overwritten, so a place that takes each file only once can be used.
pub fn copy(backup: &Path, manifest: &Manifest, to: &Path) -> Result<PathBuf, Failure> {
    if !to.is_dir() {
        return Err(Failure::new(FailureCode::Away, format!("{}: the place is not there", to.display())));
    }
    let Some(name) = backup.file_name() else { return Err(Failure::new(FailureCode::Failed, "a backup without a name")) };
    let folder = to.join(name);
    fs::create_dir(&folder).at(&folder)?;
    for file in manifest.objects.iter().map(|object| object.file.as_str()).chain([MANIFEST]) {
        let (from, into) = (backup.join(file), folder.join(file));
        let mut source = File::open(&from).at(&from)?;
        let mut copy = File::create_new(&into).at(&into)?;
        io::copy(&mut source, &mut copy).at(&into)?;
        copy.sync_all().at(&into)?;
    }
    sync(&folder)?;
    sync(to)?;
    manifest.objects.iter().try_for_each(|object| verify(&folder, object))?;
    if Manifest::open(&folder, &[])? != *manifest {
        return Err(Failure::new(FailureCode::Damaged, format!("{}: the manifest is not what was written", folder.display())));
    }
    Ok(folder)
}

/// Whether a backup's folder refuses that something is deleted from it: tried with a file of no worth, in that folder, since a lock on the
/// one above need not hold there. That the deletion failed for another reason says nothing about a lock.
pub fn is_locked(backup: &Path) -> Result<bool, Failure> {
    let probe = backup.join("lock-probe");
    File::create_new(&probe).and_then(|file| file.sync_all()).at(&probe)?;
    match fs::remove_file(&probe) {
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => Ok(true),
        removed => removed.map(|()| false).at(&probe),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_plain_name_and_a_folder() {
        let target: Target = "nas=/mnt/a=b".parse().unwrap();
        assert_eq!((target.name.as_str(), target.folder.as_path()), ("nas", Path::new("/mnt/a=b")));
        for wrong in ["nas", "=/mnt", "a b=/mnt", "nas="] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }
}

//! Where backups lie: a folder, or a bucket of a store that speaks S3. A location is of many backups, or of one that lies in it.

mod address;
mod bucket;
mod draft;
mod request;
mod upload;
mod xml;

use std::{
    fmt,
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use super::{
    failure::{At as _, Failure, FailureCode, open},
    manifest::MANIFEST,
    workplace::sync,
};

pub use address::{Access, Bucket};
pub use draft::Draft;

/// The file of no worth with which a deletion is tried.
const PROBE: &str = "lock-probe";

/// A folder, or a bucket with what its keys begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// `/path/of/a/folder`
    Folder(PathBuf),
    /// `s3://bucket/prefix?endpoint=https://host`
    Bucket(Bucket),
}

/// Where the bytes of a file go. There is no such file before it is done.
pub trait Sink: Write {
    /// From here on the file is there, and survives the loss of power.
    fn done(self: Box<Self>) -> Result<(), Failure>;
}

struct Written(BufWriter<File>, PathBuf);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Sink for Written {
    fn done(self: Box<Self>) -> Result<(), Failure> {
        let Self(buffered, path) = *self;
        buffered.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all()).at(&path)
    }
}

impl FromStr for Location {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("s3://") {
            return text.parse().map(Self::Bucket);
        }
        if text.is_empty() { Err("expected a folder or s3://bucket".to_owned()) } else { Ok(Self::Folder(text.into())) }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::Folder(path.to_owned())
    }
}

impl Location {
    /// With what a bucket needs to be reached.
    #[must_use]
    pub fn reached_by(self, access: Access) -> Self {
        match self {
            Self::Folder(_) => self,
            Self::Bucket(bucket) => Self::Bucket(Bucket { access, ..bucket }),
        }
    }

    /// The folder, if it is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        if let Self::Folder(path) = self { Some(path) } else { None }
    }

    /// What lies in it by this name.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        match self {
            Self::Folder(path) => Self::Folder(path.join(name)),
            Self::Bucket(bucket) => Self::Bucket(bucket.join(name)),
        }
    }

    /// By what name it lies where it lies.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Folder(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            Self::Bucket(bucket) => bucket.prefix.rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }

    /// Makes a place for a backup in it. There must be none of that name: each file is written once.
    pub fn make(&self, name: &str) -> Result<Self, Failure> {
        match self {
            Self::Folder(path) if !path.is_dir() => {
                Err(Failure::new(FailureCode::Away, format!("{}: the place is not there", path.display())))
            }
            Self::Folder(path) => {
                let folder = path.join(name);
                fs::create_dir(&folder).at(&folder)?;
                Ok(Self::Folder(folder))
            }
            Self::Bucket(bucket) => bucket.make(name).map(Self::Bucket),
        }
    }

    /// A new file in it.
    pub fn create(&self, file: &str) -> Result<Box<dyn Sink>, Failure> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(file);
                Ok(Box::new(Written(BufWriter::new(File::create_new(&path).at(&path)?), path)))
            }
            Self::Bucket(bucket) => Ok(Box::new(bucket.upload(file)?)),
        }
    }

    /// Reads a file of it. That it is gone is something else than that the place is away, as a disk that is not mounted.
    pub fn open(&self, file: &str) -> Result<Box<dyn Read>, Failure> {
        match self {
            Self::Folder(folder) => Ok(Box::new(open(folder, file)?)),
            Self::Bucket(bucket) => Ok(Box::new(bucket.download(file)?)),
        }
    }

    /// Makes what was created in a new place survive the loss of power.
    pub fn settle(&self) -> Result<(), Failure> {
        match self {
            Self::Folder(folder) => {
                sync(folder)?;
                folder.parent().map_or(Ok(()), sync)
            }
            Self::Bucket(_) => Ok(()),
        }
    }

    /// The names of the backups in it: of what has a manifest.
    pub fn backups(&self) -> Result<Vec<String>, Failure> {
        self.backups_named("")
    }

    /// The names of those that begin so.
    pub fn backups_named(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let mut names = match self {
            Self::Folder(path) => {
                let there = fs::read_dir(path).at(path)?.collect::<io::Result<Vec<_>>>().at(path)?;
                let whole = there.iter().filter(|entry| entry.path().join(MANIFEST).exists());
                whole.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
            }
            Self::Bucket(bucket) => bucket.backups(prefix)?,
        };
        names.retain(|name| !name.starts_with('.') && name.starts_with(prefix));
        names.sort();
        Ok(names)
    }

    /// The names of the files that lie in it by themselves, begin so, and come after a name if one is given.
    pub fn files_named(&self, prefix: &str, after: Option<&str>) -> Result<Vec<String>, Failure> {
        let mut names = match self {
            Self::Folder(path) => {
                let there = fs::read_dir(path).at(path)?.collect::<io::Result<Vec<_>>>().at(path)?;
                there.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
            }
            Self::Bucket(bucket) => bucket.keys(prefix, after)?,
        };
        names.retain(|name| name.starts_with(prefix) && !name.contains('/') && after.is_none_or(|after| name.as_str() > after));
        names.sort();
        Ok(names)
    }

    /// Whether there is nothing in it: a disk that is not mounted looks so.
    pub fn is_empty(&self) -> Result<bool, Failure> {
        match self {
            Self::Folder(path) => {
                let there = fs::read_dir(path).at(path)?.collect::<io::Result<Vec<_>>>().at(path)?;
                // What begins with a dot is somebody at work, and lost+found is of the file system.
                Ok(there
                    .iter()
                    .map(|entry| entry.file_name().to_string_lossy().into_owned())
                    .all(|name| name.starts_with('.') || name == "lost+found"))
            }
            Self::Bucket(bucket) => bucket.is_empty(),
        }
    }

    /// Removes a backup, and says whether it is gone for certain: where the place is not there, it is not.
    pub fn remove(&self) -> Result<bool, Failure> {
        match self {
            Self::Folder(folder) if !folder.parent().is_some_and(Path::is_dir) => Ok(false),
            Self::Folder(folder) if !folder.exists() => Ok(true),
            Self::Folder(folder) => fs::remove_dir_all(folder).at(folder).map(|()| true),
            Self::Bucket(bucket) => bucket.remove().map(|()| true),
        }
    }

    /// Whether a backup refuses that something is deleted from it: tried with a file of no worth, in that backup, since a lock on what is
    /// above need not hold there. That the deletion failed for another reason says nothing about a lock.
    pub fn is_locked(&self) -> Result<bool, Failure> {
        match self {
            Self::Folder(folder) => {
                let probe = folder.join(PROBE);
                File::create_new(&probe).and_then(|file| file.sync_all()).at(&probe)?;
                match fs::remove_file(&probe) {
                    Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => Ok(true),
                    removed => removed.map(|()| false).at(&probe),
                }
            }
            Self::Bucket(bucket) => bucket.is_locked(PROBE),
        }
    }
}

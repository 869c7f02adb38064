//! A backup on its way into a place.

use std::{fs, path::PathBuf};

use super::{
    super::{
        failure::{At as _, Failure, FailureCode},
        workplace::{Workplace, sync},
    },
    Location,
};

/// A backup that is being made. In a folder it has another name until it is whole; in a bucket nothing can be renamed, and what has no
/// manifest is no backup. Dropped before it is whole, it goes.
pub struct Draft {
    /// Where its files are written.
    pub at: Location,
    becomes: Option<(PathBuf, Workplace)>,
    done: bool,
}

impl Draft {
    /// Begins one, which will have this name.
    pub fn begin(target: &Location, name: &str) -> Result<Self, Failure> {
        let Location::Folder(path) = target else {
            return Ok(Self { at: target.make(name)?, becomes: None, done: false });
        };
        if !path.is_dir() {
            return Err(Failure::new(FailureCode::Away, format!("{}: the target is not there", path.display())));
        }
        let working = Workplace::inside(path)?;
        let at = Location::Folder(working.folder("backup")?);
        Ok(Self { at, becomes: Some((path.join(name), working)), done: false })
    }

    /// It is whole from here on; its manifest was written last.
    pub fn finish(mut self) -> Result<Location, Failure> {
        if let (Location::Folder(half), Some((folder, _))) = (&self.at, &self.becomes) {
            sync(half)?;
            fs::rename(half, folder).at(folder)?;
            folder.parent().map_or(Ok(()), sync)?;
            self.at = Location::Folder(folder.clone());
        }
        self.done = true;
        Ok(self.at.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.done || self.becomes.is_some() {
            return;
        }
        if let Err(failure) = self.at.remove() {
            tracing::warn!(%failure, "what there was of a backup that failed stays behind; without a manifest it is none");
        }
    }
}

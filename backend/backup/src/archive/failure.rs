//! Why a backup was not made, or is not one.

use std::{error, fs::File, io, path::Path};

use kernel::Error;

use super::location::Location;

kernel::text_enum! {
    /// Why a backup or a drill failed.
    pub enum FailureCode {
        /// 磁盘已满
        DiskFull = "disk_full",
        /// The target, the off-site place or the database cannot be reached.
        Away = "away",
        /// The store does not take the access key, or the key may not do that.
        Refused = "refused",
        /// There is no such bucket at the store.
        NoBucket = "no_bucket",
        /// A byte of the backup is not what was written.
        Damaged = "damaged",
        /// A file of the backup is not there, though the place where it lay is.
        Gone = "gone",
        /// An uploaded file that the database names is missing, or is not what it was: nothing whole can be made.
        UploadLost = "upload_lost",
        /// The manifest was not signed by the key of this log.
        Signature = "signature",
        /// None of the identities that were given opens it.
        NoIdentity = "no_identity",
        /// What was restored is not what the manifest says.
        Mismatch = "mismatch",
        /// The off-site place let a backup be deleted.
        NotLocked = "not_locked",
        /// Whoever made it ended meanwhile.
        Interrupted = "interrupted",
        /// Something else; the log of the server says what.
        Failed = "failed",
    }
}

/// A failure: its code, and a sentence for who has to mend it.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    /// What sort.
    pub code: FailureCode,
    /// What exactly, with the file or object concerned.
    pub text: String,
}

impl Failure {
    /// With a sentence.
    pub fn new(code: FailureCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// Something of the file system; or of what was read or written there, which says itself what it is.
    pub fn io(path: &Path, error: &io::Error) -> Self {
        if let Some(Self { code, text }) = within(error) {
            return Self::new(*code, text);
        }
        let code = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => FailureCode::DiskFull,
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => FailureCode::Away,
            _ => FailureCode::Failed,
        };
        Self::new(code, format!("{}: {error}", path.display()))
    }
}

/// The failure that an error was made of, however often it was wrapped.
pub fn within(error: &io::Error) -> Option<&Failure> {
    let mut next: Option<&(dyn error::Error + 'static)> = error.get_ref().map(|inner| inner as _);
    while let Some(error) = next {
        if let Some(failure) = error.downcast_ref() {
            return Some(failure);
        }
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        Self::other(failure)
    }
}

/// Opens a file of a backup. That it is gone is something else than that its whole place is away, as a disk that is not mounted.
pub fn open(folder: &Path, file: &str) -> Result<File, Failure> {
    let path = folder.join(file);
    File::open(&path).map_err(|error| {
        let failure = Failure::io(&path, &error);
        let gone = error.kind() == io::ErrorKind::NotFound && folder.parent().is_some_and(Path::is_dir);
        if gone { Failure { code: FailureCode::Gone, ..failure } } else { failure }
    })
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = error.cause().map_or_else(|| error.to_string(), str::to_owned);
        let full = text.contains("disk is full") || text.contains("No space left");
        let code = match error.code() {
            _ if full => FailureCode::DiskFull,
            kernel::Code::Unavailable => FailureCode::Away,
            _ => FailureCode::Failed,
        };
        Self::new(code, text)
    }
}

/// The failure of the file system at a path.
pub trait At<T> {
    /// Names the path.
    fn at(self, path: &Path) -> Result<T, Failure>;
    /// Names the file of a backup, wherever that lies.
    fn of(self, backup: &Location, file: &str) -> Result<T, Failure>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Failure> {
        self.map_err(|error| Failure::io(path, &error))
    }
    fn of(self, backup: &Location, file: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure::io(Path::new(&backup.join(file).to_string()), &error))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_found_in_what_it_was_wrapped_in() {
        let failure = || Failure::new(FailureCode::Refused, "no");
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::BrokenPipe, io::Error::from(failure())));
        for error in [failure().into(), wrapped] {
            let found = Failure::io(Path::new("/x"), &error);
            assert_eq!((found.code, found.text.as_str()), (FailureCode::Refused, "no"));
        }
        let found = Failure::io(Path::new("/x"), &io::Error::other("else"));
        assert_eq!((found.code, found.text.as_str()), (FailureCode::Failed, "/x: else"));
    }
}

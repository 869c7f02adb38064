//! Segments on their way into an archive and out of it.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use age::{Identity, x25519::Recipient};

use super::{
    super::{
        failure::{At as _, Failure, FailureCode},
        location::Location,
        streams::{self, Counted},
        workplace::{Workplace, sync},
    },
    name::{Stored, WalName},
};

/// What there is of a file in an archive: once, unless two have brought different contents at the same moment.
pub fn stored(archive: &Location, name: &WalName) -> Result<Vec<Stored>, Failure> {
    let there = archive.files_named(&format!("{name}."), None)?;
    Ok(there.into_iter().filter_map(Stored::of).filter(|stored| stored.name == *name).collect())
}

/// Brings a file into an archive, whole or not at all. One that is there already, with this content, is left alone. With another content
/// nothing is done: it may be of another server, and its own would be lost.
pub fn archive(path: &Path, name: &WalName, to: &Location, recipients: &[Recipient]) -> Result<(), Failure> {
    if let Some(folder) = to.folder().filter(|folder| !folder.is_dir()) {
        return Err(Failure::new(FailureCode::Away, format!("{}: the archive is not there", folder.display())));
    }
    let mut content = Counted::new(File::open(path).at(path)?);
    io::copy(&mut content, &mut io::sink()).at(path)?;
    let (_, _, sha256) = content.done();
    let there = stored(to, name)?;
    if there.iter().any(|stored| stored.sha256 == sha256) {
        // Whoever brought it may have died before its name was on the disk.
        return to.folder().map_or(Ok(()), sync);
    }
    if let Some(other) = there.first() {
        let text = format!(
            "{} is there already with another content than {}: another server archives here too",
            to.join(&other.file),
            path.display()
        );
        return Err(Failure::new(FailureCode::Failed, text));
    }
    let fill = |content: streams::Content<'_>| {
        let mut passing = Counted::new(File::open(path).at(path)?);
        io::copy(&mut passing, content).of(to, &name.to_string())?;
        let (_, _, passed) = passing.done();
        if passed == sha256 {
            Ok(())
        } else {
            Err(Failure::new(FailureCode::Failed, format!("{} changes while it is read", path.display())))
        }
    };
    let called = format!("{name}.{sha256}");
    match to {
        Location::Folder(folder) => {
            let working = Workplace::inside(folder)?;
            let written = streams::store(&Location::Folder(working.path.clone()), &called, recipients, fill)?;
            let whole = folder.join(&written.file);
            fs::rename(working.path.join(&written.file), &whole).at(&whole)?;
            sync(folder)
        }
        Location::Bucket(bucket) => {
            let bucket = Location::Bucket(bucket.clone().as_it_can()?);
            streams::store(&bucket, &called, recipients, fill).map(drop)
        }
    }
}

/// Puts a file of an archive where PostgreSQL wants it, and says whether there is one. It says no only where that is certain: where the
/// archive is empty its disk may be away, and where later segments are there it is lost.
pub fn fetch(name: &WalName, from: &Location, identities: &[Box<dyn Identity + Send + Sync>], to: &Path) -> Result<bool, Failure> {
    let there = stored(from, name)?;
    let [stored] = there.as_slice() else {
        return if there.is_empty() {
            is_missing(name, from)
        } else {
            let text = format!("{}: {} files of this name are there, with different contents", from.join(&name.to_string()), there.len());
            Err(Failure::new(FailureCode::Damaged, text))
        };
    };
    // It is not put to the disk: if the machine stops, PostgreSQL asks again.
    let mut half = to.as_os_str().to_owned();
    half.push(".half");
    let half = Path::new(&half);
    let took = unpack(stored, from, identities, half).and_then(|()| fs::rename(half, to).at(to));
    if took.is_err() {
        // What went wrong before is what is told.
        drop(fs::remove_file(half));
    }
    took.map(|()| true)
}

fn unpack(stored: &Stored, from: &Location, identities: &[Box<dyn Identity + Send + Sync>], to: &Path) -> Result<(), Failure> {
    let (_, sha256) = streams::read(from, &stored.file, identities, |content| {
        let mut file = File::create(to).at(to)?;
        io::copy(content, &mut file).at(to).map(drop)
    })?;
    if sha256 == stored.sha256 { Ok(()) } else { Err(streams::altered(from, &stored.file)) }
}

fn is_missing(name: &WalName, from: &Location) -> Result<bool, Failure> {
    if from.is_empty()? {
        let text = format!("{from}: there is nothing in it: it is no archive, or its disk is not mounted");
        return Err(Failure::new(FailureCode::Away, text));
    }
    if name.is_segment() {
        let after = from.files_named(name.timeline(), Some(&format!("{name}.~")))?;
        let mut later = after.into_iter().filter_map(Stored::of).map(|stored| stored.name);
        if let Some(later) = later.find(|later| later.is_segment() && later > name) {
            let text = format!("{from}: the segment {name} is missing, and {later}, which comes after it, is there");
            return Err(Failure::new(FailureCode::Gone, text));
        }
    }
    Ok(false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use age::x25519;

    use super::*;

    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("zhidu-wal-{}", kernel::PersonId::new()));
            fs::create_dir_all(path.join("archive")).unwrap();
            Self(path)
        }
        fn archive(&self) -> Location {
            Location::Folder(self.0.join("archive"))
        }
        fn file(&self, content: &[u8]) -> std::path::PathBuf {
            let path = self.0.join("file");
            fs::write(&path, content).unwrap();
            path
        }
        fn names(&self) -> Vec<String> {
            self.archive().files_named("", None).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn name(last: u8) -> WalName {
        format!("0000000100000000000000{last:02X}").parse().unwrap()
    }

    #[test]
    fn a_segment_is_brought_once_and_never_replaced() {
        let (folder, key) = (Folder::new(), x25519::Identity::generate());
        let to = [key.to_public()];
        let bring = |content: &[u8], recipients: &[Recipient]| archive(&folder.file(content), &name(3), &folder.archive(), recipients);
        bring(b"one", &to).unwrap();
        bring(b"one", &to).unwrap();
        bring(b"one", &[]).unwrap();
        assert!(bring(b"two", &to).unwrap_err().text.contains("another content"));
        assert!(matches!(folder.names().as_slice(), [file] if file.starts_with(&format!("{}.", name(3))) && file.ends_with(".zst.age")));
        let gone = Location::Folder(folder.0.join("none"));
        assert_eq!(archive(&folder.file(b"one"), &name(3), &gone, &to).unwrap_err().code, FailureCode::Away);
    }

    #[test]
    fn only_what_is_certainly_not_there_is_missing() {
        let (folder, key) = (Folder::new(), x25519::Identity::generate());
        let (at, into, to) = (folder.archive(), folder.0.join("into"), [key.to_public()]);
        let keys: Vec<Box<dyn Identity + Send + Sync>> = vec![Box::new(key)];
        let get = |last, keys: &[Box<dyn Identity + Send + Sync>]| fetch(&name(last), &at, keys, &into).map_err(|failure| failure.code);
        assert_eq!(get(3, &keys), Err(FailureCode::Away), "an empty archive may be a disk that is not mounted");
        for last in [3, 5] {
            archive(&folder.file(&[last; 100_000]), &name(last), &at, &to).unwrap();
        }
        assert_eq!((get(3, &keys), fs::read(&into).unwrap()), (Ok(true), vec![3; 100_000]));
        fs::remove_file(&into).unwrap();
        assert_eq!((get(4, &keys), get(6, &keys)), (Err(FailureCode::Gone), Ok(false)));
        assert!(!fetch(&"00000002.history".parse().unwrap(), &at, &keys, &into).unwrap());
        assert_eq!(get(3, &[]), Err(FailureCode::NoIdentity));
        let file = folder.0.join("archive").join(folder.names().into_iter().next().unwrap());
        let mut bytes = fs::read(&file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&file, &bytes).unwrap();
        assert_eq!(get(3, &keys), Err(FailureCode::Damaged));
        assert!(!into.exists() && fs::read_dir(&folder.0).unwrap().count() == 2, "nothing half is left");
        fs::rename(&file, file.with_file_name(format!("{}.{}.zst.age", name(3), "0".repeat(64)))).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(file.with_file_name(format!("{}.{}.zst.age", name(3), "0".repeat(64))), &bytes).unwrap();
        assert_eq!(get(3, &keys), Err(FailureCode::Damaged), "whole, and not what its name says");
    }
}

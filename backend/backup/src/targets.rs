//! Where backups may go. Whoever runs the server names the places; plans choose among the names, so that nobody makes the server write
//! elsewhere.

use std::{collections::BTreeMap, io, path::PathBuf, str::FromStr};

use crate::archive::{At as _, Failure, FailureCode, Location, MANIFEST, Manifest, verify};

/// A place with its name: `name=/path/of/a/folder`, `name=s3://bucket/prefix?endpoint=https://host`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What plans call it.
    pub name: String,
    /// The folder or the bucket.
    pub at: Location,
}

/// Whether a name is one that plans can use.
fn name(text: &str) -> Option<(String, &str)> {
    let (name, rest) = text.split_once('=')?;
    let plain =
        !name.is_empty() && name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (plain && !rest.is_empty()).then(|| (name.to_owned(), rest))
}

impl FromStr for Target {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str =
            "expected name=/path/of/a/folder or name=s3://bucket?endpoint=https://host, with a name of letters, digits, - and _";
        let (name, at) = name(text).ok_or(FORM)?;
        Ok(Self { name, at: at.parse()? })
    }
}

/// `name=/path/of/a/file` that holds the access key of the bucket of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetCredentials {
    /// Of which place.
    pub name: String,
    /// The file.
    pub file: PathBuf,
}

impl FromStr for TargetCredentials {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = name(text).ok_or("expected name=/path/of/a/file")?;
        Ok(Self { name, file: file.into() })
    }
}

/// The places that were named.
#[derive(Clone, Debug, Default)]
pub struct Targets(BTreeMap<String, Location>);

impl Targets {
    /// Of these.
    #[must_use]
    pub fn of(all: &[Target]) -> Self {
        Self(all.iter().map(|target| (target.name.clone(), target.at.clone())).collect())
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

    /// The place of a name.
    pub fn at(&self, name: &str) -> Result<&Location, Failure> {
        let unknown = || Failure::new(FailureCode::Away, format!("no place is called {name} (--backup-target)"));
        self.0.get(name).ok_or_else(unknown)
    }
}

/// Copies a backup to a second place and reads it back there. The manifest comes last: what has none is no backup. Nothing is renamed or
/// overwritten, so a place that takes each file only once can be used.
pub fn copy(backup: &Location, manifest: &Manifest, to: &Location) -> Result<Location, Failure> {
    let copy = to.make(&backup.name())?;
    for file in manifest.objects.iter().map(|object| object.file.as_str()).chain([MANIFEST]) {
        let mut source = backup.open(file)?;
        let mut sink = copy.create(file)?;
        io::copy(&mut source, &mut sink).of(&copy, file)?;
        sink.done()?;
    }
    copy.settle()?;
    manifest.objects.iter().try_for_each(|object| verify(&copy, object))?;
    if Manifest::open(&copy, &[])? != *manifest {
        return Err(Failure::new(FailureCode::Damaged, format!("{copy}: the manifest is not what was written")));
    }
    Ok(copy)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_plain_name_and_a_folder_or_a_bucket() {
        let target: Target = "nas=/mnt/a=b".parse().unwrap();
        assert_eq!((target.name.as_str(), target.at), ("nas", Location::Folder("/mnt/a=b".into())));
        let target: Target = "offsite=s3://b/zhidu?endpoint=https://nas".parse().unwrap();
        assert_eq!(target.at.to_string(), "s3://b/zhidu");
        for wrong in ["nas", "=/mnt", "a b=/mnt", "nas=", "offsite=s3://b"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }
}

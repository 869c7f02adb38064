//! What a backup says of itself, signed.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
};

use audit::Log;
use kernel::Ts;
use merkle::{Note, Verifier};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    failure::{At as _, Failure, FailureCode},
    location::Location,
};

/// The file whose presence makes a backup; it is written last.
pub const MANIFEST: &str = "manifest.note";
/// The format that this program writes and reads.
const FORMAT: &str = "zhidu-backup/1";

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// What it is: `database`, `files.tar`, `keys.tar`.
    pub name: String,
    /// Its file in the backup.
    pub file: String,
    /// Bytes of the content.
    pub size: u64,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: String,
    /// Bytes of the file: compressed and, if there are recipients, encrypted.
    pub stored_size: u64,
    /// SHA-256 of the file.
    pub stored_sha256: String,
}

/// What was backed up, when, and what it has to be when it is restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the backup.
    pub format: String,
    /// Of this backup alone.
    pub id: Uuid,
    /// Version of the product.
    pub product: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The moment that it shows.
    pub taken_at: Ts,
    /// Public keys (age) for whom it is encrypted; none if it is not.
    pub recipients: Vec<String>,
    /// The state of the log in it: a signed checkpoint.
    pub checkpoint: String,
    /// Records in the log.
    pub log_size: u64,
    /// Migrations of the database.
    pub migrations: Vec<String>,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// The files.
    pub objects: Vec<Object>,
}

impl Manifest {
    /// The format of a new one.
    #[must_use]
    pub fn format() -> String {
        FORMAT.to_owned()
    }

    /// As it is signed.
    pub fn text(&self) -> Result<String, Failure> {
        text(self)
    }

    /// Reads that of a backup. With keys, under whichever name of the log they were written down, one of them must have signed it.
    pub fn open(backup: &Location, keys: &[Verifier]) -> Result<Self, Failure> {
        opened(backup, FORMAT, keys)
    }

    /// Bytes of all files.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.objects.iter().map(|object| object.stored_size).sum()
    }
}

/// What every manifest has.
#[derive(Deserialize)]
struct Any {
    format: String,
    objects: Vec<Object>,
}

/// One line of canonical JSON (RFC 8785).
fn text(manifest: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json_canonicalizer::to_string(manifest).map_err(|error| Failure::new(FailureCode::Failed, error.to_string()))?;
    Ok(text + "\n")
}

/// Signs a manifest, and writes it into a backup that is whole but for it.
pub fn seal(half: &Location, log: &Log, manifest: &impl Serialize) -> Result<(), Failure> {
    let signed = log.sign(&text(manifest)?)?;
    let mut note = half.create(MANIFEST)?;
    note.write_all(signed.as_bytes()).of(half, MANIFEST)?;
    note.done()
}

/// Reads the manifest of a backup, of a format. With keys, under whichever name of the log they were written down, one of them must have
/// signed it.
pub fn opened<T: DeserializeOwned>(backup: &Location, format: &str, keys: &[Verifier]) -> Result<T, Failure> {
    let refused = |code, why: &str| Failure::new(code, format!("{}: {why}", backup.join(MANIFEST)));
    let damaged = |error: &dyn std::fmt::Display| refused(FailureCode::Damaged, &error.to_string());
    let note = String::from_utf8(read(backup)?).map_err(|error| damaged(&error))?;
    let firsts: Vec<Verifier> = keys.iter().map(audit::as_first).collect();
    let note = Note::open(&note, &firsts).map_err(|error| refused(FailureCode::Signature, &error.to_string()))?;
    if !keys.is_empty() && note.verified.is_empty() {
        return Err(refused(FailureCode::Signature, "it was signed by another key"));
    }
    let any: Any = serde_json::from_str(&note.text).map_err(|error| damaged(&error))?;
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if any.format != format || any.objects.iter().any(|object| !plain(&object.file) || object.file.starts_with('.')) {
        return Err(refused(FailureCode::Damaged, &format!("it is {}; here {format} is read", any.format)));
    }
    serde_json::from_str(&note.text).map_err(|error| damaged(&error))
}

/// The signed manifest of a backup, as it is.
pub fn read(backup: &Location) -> Result<Vec<u8>, Failure> {
    let mut note = Vec::new();
    backup.open(MANIFEST)?.read_to_end(&mut note).of(backup, MANIFEST)?;
    Ok(note)
}

/// SHA-256 of the signed manifest of a backup, hexadecimal; the manifest holds those of everything else.
pub fn fingerprint(backup: &Location) -> Result<String, Failure> {
    Ok(kernel::hex(&Sha256::digest(read(backup)?)))
}

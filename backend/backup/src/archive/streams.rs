//! Bytes on their way: counted and hashed, compressed, encrypted; and back.

use std::io::{self, BufReader, Read, Write};

use age::{Decryptor, Encryptor, Identity, Recipient, stream::StreamWriter, x25519};
use sha2::{Digest as _, Sha256};

use super::{
    failure::{At as _, Failure, FailureCode, within},
    location::Location,
    manifest::Object,
};

/// zstd's own default: more costs much time and saves little.
const LEVEL: i32 = 3;

/// Counts and hashes what passes.
pub struct Counted<T> {
    inner: T,
    size: u64,
    hash: Sha256,
}

impl<T> Counted<T> {
    /// Around a reader or a writer.
    pub fn new(inner: T) -> Self {
        Self { inner, size: 0, hash: Sha256::new() }
    }

    fn passed(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// How many bytes, and their SHA-256 in hexadecimal.
    pub fn done(self) -> (T, u64, String) {
        (self.inner, self.size, kernel::hex(&self.hash.finalize()))
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.passed(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.passed(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Encrypted or not.
enum Wrapped<W: Write> {
    Age(StreamWriter<W>),
    Plain(W),
}

impl<W: Write> Wrapped<W> {
    fn finish(self) -> io::Result<W> {
        match self {
            Self::Age(writer) => writer.finish(),
            Self::Plain(writer) => Ok(writer),
        }
    }
}

impl<W: Write> Write for Wrapped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Age(writer) => writer.write(bytes),
            Self::Plain(writer) => writer.write(bytes),
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Age(writer) => writer.flush(),
            Self::Plain(writer) => writer.flush(),
        }
    }
}

/// Where the content of an object is written to.
pub type Content<'a> = &'a mut dyn Write;

/// Writes one object of a backup: what `fill` writes, compressed and encrypted. It is there for good when this returns.
pub fn store(
    backup: &Location,
    name: &str,
    recipients: &[x25519::Recipient],
    fill: impl FnOnce(Content<'_>) -> Result<(), Failure>,
) -> Result<Object, Failure> {
    let file = if recipients.is_empty() { format!("{name}.zst") } else { format!("{name}.zst.age") };
    let stored = Counted::new(backup.create(&file)?);
    let sealed = if recipients.is_empty() {
        Wrapped::Plain(stored)
    } else {
        let recipients = recipients.iter().map(|recipient| recipient as &dyn Recipient);
        let encryptor =
            Encryptor::with_recipients(recipients).map_err(|error| Failure::new(FailureCode::Failed, format!("encryption: {error}")))?;
        Wrapped::Age(encryptor.wrap_output(stored).of(backup, &file)?)
    };
    let mut content = Counted::new(zstd::Encoder::new(sealed, LEVEL).of(backup, &file)?);
    fill(&mut content)?;
    let (compressed, size, sha256) = content.done();
    let (sink, stored_size, stored_sha256) = compressed.finish().and_then(Wrapped::finish).of(backup, &file)?.done();
    sink.done()?;
    Ok(Object { name: name.to_owned(), file, size, sha256, stored_size, stored_sha256 })
}

/// Whether the file of an object is what the manifest says, byte for byte. Needs no key.
pub fn verify(backup: &Location, object: &Object) -> Result<(), Failure> {
    let mut file = Counted::new(backup.open(&object.file)?);
    io::copy(&mut file, &mut io::sink()).of(backup, &object.file)?;
    let (_, size, sha256) = file.done();
    if (size, &sha256) == (object.stored_size, &object.stored_sha256) {
        return Ok(());
    }
    Err(Failure::new(FailureCode::Damaged, format!("{} is damaged: it is not what was written", backup.join(&object.file))))
}

/// Whether one of these identities opens what is encrypted for these recipients, tried with a few bytes.
pub fn opens(recipients: &[x25519::Recipient], identities: &[Box<dyn Identity + Send + Sync>]) -> Result<bool, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(FailureCode::Failed, format!("encryption: {error}"));
    let to = recipients.iter().map(|recipient| recipient as &dyn Recipient);
    let encryptor = Encryptor::with_recipients(to).map_err(|error| failed(&error))?;
    let mut sealed = Vec::new();
    encryptor.wrap_output(&mut sealed).and_then(StreamWriter::finish).map_err(|error| failed(&error))?;
    let identities = identities.iter().map(|identity| identity.as_ref() as &dyn Identity);
    match Decryptor::new_buffered(sealed.as_slice()).map_err(|error| failed(&error))?.decrypt(identities) {
        Ok(_) => Ok(true),
        Err(age::DecryptError::NoMatchingKeys) => Ok(false),
        Err(error) => Err(failed(&error)),
    }
}

/// Reads the content of an object, which has been verified; it has to be what the manifest says to its last byte.
pub fn load(
    backup: &Location,
    object: &Object,
    identities: &[Box<dyn Identity + Send + Sync>],
    take: impl FnOnce(&mut dyn Read) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (size, sha256) = read(backup, &object.file, identities, take)?;
    if (size, &sha256) == (object.size, &object.sha256) { Ok(()) } else { Err(altered(backup, &object.file)) }
}

/// A file whose content is another than when it was written.
pub fn altered(backup: &Location, file: &str) -> Failure {
    Failure::new(FailureCode::Damaged, format!("{}: its content is not what was written", backup.join(file)))
}

/// Reads the content of a file to its end, whatever it should be, and says how many bytes it has and their SHA-256. What cannot be
/// decrypted or decompressed is damaged.
pub fn read(
    backup: &Location,
    file: &str,
    identities: &[Box<dyn Identity + Send + Sync>],
    take: impl FnOnce(&mut dyn Read) -> Result<(), Failure>,
) -> Result<(u64, String), Failure> {
    let shown = backup.join(file);
    let stored = BufReader::new(backup.open(file)?);
    let opened: Box<dyn Read> = if file.ends_with(".age") {
        let refused = |error: age::DecryptError| match error {
            age::DecryptError::NoMatchingKeys => {
                let given = if identities.is_empty() { "no key was named" } else { "none of the keys that were named opens it" };
                Failure::new(FailureCode::NoIdentity, format!("{shown} is encrypted, and {given} (--backup-identity)"))
            }
            error => Failure::new(FailureCode::Damaged, format!("{shown}: {error}")),
        };
        let identities = identities.iter().map(|identity| identity.as_ref() as &dyn Identity);
        Box::new(Decryptor::new_buffered(stored).map_err(refused)?.decrypt(identities).map_err(refused)?)
    } else {
        Box::new(stored)
    };
    let mut content = Counted::new(Decoded(zstd::Decoder::new(opened).of(backup, file)?, shown.to_string()));
    take(&mut content)?;
    io::copy(&mut content, &mut io::sink()).of(backup, file)?;
    let (_, size, sha256) = content.done();
    Ok((size, sha256))
}

/// What comes out of decryption and decompression, and the file that it comes from.
struct Decoded<R>(R, String);

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            let of_the_system = error.raw_os_error().is_some() || within(&error).is_some();
            if of_the_system { error } else { Failure::new(FailureCode::Damaged, format!("{} is damaged: {error}", self.1)).into() }
        })
    }
}

//! Signed notes: a text and signatures under it, by the C2SP specification `signed-note` with Ed25519.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Ed25519, in keys.
const ALGORITHM: u8 = 1;
/// What begins a line with a signature.
const MARK: &str = "\u{2014} ";
/// Signatures that are looked at; more is refused.
const MAX_SIGNATURES: usize = 100;

/// A key cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyError;

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a key of a signed note")
    }
}
impl std::error::Error for KeyError {}

/// Why a note is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// It is no note.
    Malformed,
    /// A key that is known has signed something else.
    Invalid,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a signed note",
            Self::Invalid => "the signature does not belong to this text",
        })
    }
}
impl std::error::Error for NoteError {}

fn named(name: &str) -> bool {
    !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || letter == '+')
}

fn key_id(name: &str, key: &[u8]) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(key).finalize();
    let mut id = [0; 4];
    id.iter_mut().zip(hash).for_each(|(byte, hashed)| *byte = hashed);
    id
}

fn hex(id: [u8; 4]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `name+id+base64(algorithm, bytes)`: the name, and the 32 bytes.
fn parse(text: &str) -> Result<(String, String, [u8; 32]), KeyError> {
    let mut parts = text.trim().splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(KeyError) };
    let bytes = BASE64_STANDARD.decode(key).map_err(|_| KeyError)?;
    match bytes.split_first() {
        Some((&ALGORITHM, key)) if named(name) => Ok((name.to_owned(), id.to_owned(), key.try_into().map_err(|_| KeyError)?)),
        _ => Err(KeyError),
    }
}

/// Whoever signs.
pub struct Signer {
    name: String,
    key: SigningKey,
}

impl Signer {
    /// From 32 random bytes.
    pub fn new(name: &str, seed: [u8; 32]) -> Result<Self, KeyError> {
        if named(name) { Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(&seed) }) } else { Err(KeyError) }
    }

    /// The other half.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// The key as it is kept: whoever reads it can sign.
    #[must_use]
    pub fn secret(&self) -> String {
        let mut key = vec![ALGORITHM];
        key.extend(self.key.to_bytes());
        format!("PRIVATE+KEY+{}+{}+{}", self.name, hex(self.verifier().id()), BASE64_STANDARD.encode(key))
    }

    /// The text, which ends with a line end, with a signature under it.
    pub fn sign(&self, text: &str) -> Result<String, NoteError> {
        if !text.ends_with('\n') || text.contains(|letter: char| letter.is_control() && letter != '\n') {
            return Err(NoteError::Malformed);
        }
        let mut bytes = self.verifier().id().to_vec();
        bytes.extend(self.key.sign(text.as_bytes()).to_bytes());
        Ok(format!("{text}\n{MARK}{} {}\n", self.name, BASE64_STANDARD.encode(bytes)))
    }
}

impl FromStr for Signer {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, seed) = parse(text.trim().strip_prefix("PRIVATE+KEY+").ok_or(KeyError)?)?;
        let signer = Self::new(&name, seed)?;
        if hex(signer.verifier().id()) == id { Ok(signer) } else { Err(KeyError) }
    }
}

/// The key with which somebody's signatures are verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

impl Verifier {
    /// Whose it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn encoded(&self) -> Vec<u8> {
        let mut key = vec![ALGORITHM];
        key.extend(self.key.to_bytes());
        key
    }

    fn id(&self) -> [u8; 4] {
        key_id(&self.name, &self.encoded())
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, hex(self.id()), BASE64_STANDARD.encode(self.encoded()))
    }
}

impl FromStr for Verifier {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, key) = parse(text)?;
        let verifier = Self { name, key: VerifyingKey::from_bytes(&key).map_err(|_| KeyError)? };
        if hex(verifier.id()) == id { Ok(verifier) } else { Err(KeyError) }
    }
}

/// A note that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed; it ends with a line end.
    pub text: String,
    /// Names of those whose signature was verified.
    pub verified: Vec<String>,
    /// Names of those who signed with keys that are not known here.
    pub unknown: Vec<String>,
}

impl Note {
    /// Reads a note and verifies what these keys have signed. One false signature of a known key makes the whole note false; those of
    /// unknown keys say nothing.
    pub fn open(note: &str, keys: &[Verifier]) -> Result<Self, NoteError> {
        if note.contains(|letter: char| letter.is_control() && letter != '\n') {
            return Err(NoteError::Malformed);
        }
        let at = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, signatures) = note.split_at(at + 1);
        let signatures = signatures.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n')).ok_or(NoteError::Malformed)?;
        let mut opened = Self { text: text.to_owned(), verified: Vec::new(), unknown: Vec::new() };
        for (count, line) in signatures.split('\n').enumerate() {
            let (name, signature) = line.strip_prefix(MARK).and_then(|rest| rest.split_once(' ')).ok_or(NoteError::Malformed)?;
            let bytes = BASE64_STANDARD.decode(signature).map_err(|_| NoteError::Malformed)?;
            let (id, signature) = bytes.split_at_checked(4).filter(|(_, rest)| !rest.is_empty()).ok_or(NoteError::Malformed)?;
            if !named(name) || count >= MAX_SIGNATURES {
                return Err(NoteError::Malformed);
            }
            match keys.iter().find(|key| key.name == name && key.id() == id) {
                Some(key) if opened.verified.contains(&key.name) => {}
                Some(key) => {
                    let signature = Signature::from_slice(signature).map_err(|_| NoteError::Invalid)?;
                    key.key.verify_strict(text.as_bytes(), &signature).map_err(|_| NoteError::Invalid)?;
                    opened.verified.push(name.to_owned());
                }
                None => opened.unknown.push(name.to_owned()),
            }
        }
        Ok(opened)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The example of the reference implementation.
    const SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const SIGNED: &str =
        "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_reference_note_is_made_and_read() {
        let signer: Signer = SECRET.parse().unwrap();
        assert_eq!((signer.verifier().to_string(), signer.secret()), (PUBLIC.to_owned(), SECRET.to_owned()));
        let note = signer.sign(TEXT).unwrap();
        assert_eq!(note, format!("{TEXT}\n{SIGNED}"));
        let opened = Note::open(&note, &[PUBLIC.parse().unwrap()]).unwrap();
        assert_eq!((opened.text.as_str(), opened.verified.len(), opened.unknown.len()), (TEXT, 1, 0));
        assert_eq!(Note::open(&note, &[]).unwrap().unknown, ["PeterNeumann"]);
    }

    #[test]
    fn a_changed_text_or_signature_is_not_believed() {
        let key: Verifier = PUBLIC.parse().unwrap();
        let note = format!("{TEXT}\n{SIGNED}");
        let open = |note: &str| Note::open(note, std::slice::from_ref(&key));
        assert_eq!(open(&note.replace("answer", "Answer")), Err(NoteError::Invalid));
        assert_eq!(open(&note.replace("ZJku", "ZJkv")), Err(NoteError::Invalid));
        for broken in [
            TEXT,
            "",
            "\n\n",
            &note.replace("\n\n", "\n"),
            &note.replace(" x08g", "  x08g"),
            note.trim_end(),
            &note.replace('\u{2014}', "-"),
        ] {
            assert_eq!(open(broken), Err(NoteError::Malformed), "{broken:?}");
        }
    }

    #[test]
    fn keys_that_do_not_fit_their_id_are_refused() {
        for wrong in [&PUBLIC.replace("c74f", "c74e"), &PUBLIC.replace("Peter", "Petra"), "a+b", "", &PUBLIC.replace("ARpc", "Arpc")] {
            assert_eq!(wrong.parse::<Verifier>(), Err(KeyError), "{wrong}");
        }
        assert!(Signer::new("two words", [7; 32]).is_err() && Signer::new("a+b", [7; 32]).is_err());
        assert_eq!(Signer::new("a", [7; 32]).unwrap().sign("no line end"), Err(NoteError::Malformed));
    }
}

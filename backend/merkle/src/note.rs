//! Signed notes: a text and signatures under it, by the C2SP specifications `signed-note` and `tlog-cosignature`, with Ed25519.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Ed25519 over the text.
const PLAIN: u8 = 1;
/// Ed25519 over a time and the text: a witness says what it has seen, and when.
const COSIGNATURE: u8 = 4;
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

/// What a cosignature signs.
fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// `name+id+base64(algorithm, bytes)`: the name, the id, the algorithm and the 32 bytes.
fn parse(text: &str) -> Result<(String, String, u8, [u8; 32]), KeyError> {
    let mut parts = text.trim().splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(KeyError) };
    let bytes = BASE64_STANDARD.decode(key).map_err(|_| KeyError)?;
    match bytes.split_first() {
        Some((&algorithm @ (PLAIN | COSIGNATURE), key)) if named(name) => {
            Ok((name.to_owned(), id.to_owned(), algorithm, key.try_into().map_err(|_| KeyError)?))
        }
        _ => Err(KeyError),
    }
}

/// Whoever signs.
pub struct Signer {
    name: String,
    algorithm: u8,
    key: SigningKey,
}

impl Signer {
    /// From 32 random bytes.
    pub fn new(name: &str, seed: [u8; 32]) -> Result<Self, KeyError> {
        Self::with(name, PLAIN, seed)
    }

    /// A witness, from 32 random bytes. Its key must sign nothing else.
    pub fn witness(name: &str, seed: [u8; 32]) -> Result<Self, KeyError> {
        Self::with(name, COSIGNATURE, seed)
    }

    fn with(name: &str, algorithm: u8, seed: [u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(&seed);
        if named(name) { Ok(Self { name: name.to_owned(), algorithm, key }) } else { Err(KeyError) }
    }

    /// The same key under another name, which makes another verifier of it: what one name has signed, the other has not.
    pub fn renamed(&self, name: &str) -> Result<Self, KeyError> {
        Self::with(name, self.algorithm, self.key.to_bytes())
    }

    /// Whom it signs for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The other half.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.name.clone(), algorithm: self.algorithm, key: self.key.verifying_key() }
    }

    /// The key as it is kept: whoever reads it can sign.
    #[must_use]
    pub fn secret(&self) -> String {
        let mut key = vec![self.algorithm];
        key.extend(self.key.to_bytes());
        format!("PRIVATE+KEY+{}+{}+{}", self.name, hex(self.verifier().id()), BASE64_STANDARD.encode(key))
    }

    /// The text, which ends with a line end, with a signature under it.
    pub fn sign(&self, text: &str) -> Result<String, NoteError> {
        let control = text.contains(|letter: char| letter.is_control() && letter != '\n');
        if !text.ends_with('\n') || control || self.algorithm != PLAIN {
            return Err(NoteError::Malformed);
        }
        Ok(format!("{text}\n{}", self.line(&[], self.key.sign(text.as_bytes()))))
    }

    /// The line by which a witness says that it had seen this text at a time (seconds since 1970), to be put under the note.
    pub fn cosign(&self, text: &str, time: u64) -> Result<String, NoteError> {
        if !text.ends_with('\n') || self.algorithm != COSIGNATURE {
            return Err(NoteError::Malformed);
        }
        Ok(self.line(&time.to_be_bytes(), self.key.sign(cosigned(text, time).as_bytes())))
    }

    fn line(&self, time: &[u8], signature: Signature) -> String {
        let mut bytes = self.verifier().id().to_vec();
        bytes.extend(time);
        bytes.extend(signature.to_bytes());
        format!("{MARK}{} {}\n", self.name, BASE64_STANDARD.encode(bytes))
    }
}

impl FromStr for Signer {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, algorithm, seed) = parse(text.trim().strip_prefix("PRIVATE+KEY+").ok_or(KeyError)?)?;
        let signer = Self::with(&name, algorithm, seed)?;
        if hex(signer.verifier().id()) == id { Ok(signer) } else { Err(KeyError) }
    }
}

/// The key with which somebody's signatures are verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    algorithm: u8,
    key: VerifyingKey,
}

impl Verifier {
    /// Whose it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same key under another name, which is another verifier.
    pub fn renamed(&self, name: &str) -> Result<Self, KeyError> {
        if named(name) { Ok(Self { name: name.to_owned(), ..self.clone() }) } else { Err(KeyError) }
    }

    fn encoded(&self) -> Vec<u8> {
        let mut key = vec![self.algorithm];
        key.extend(self.key.to_bytes());
        key
    }

    /// Whether these bytes sign the text; with the time, if it is a cosignature.
    fn verify(&self, text: &str, bytes: &[u8]) -> Option<Option<u64>> {
        let (time, signature) = match self.algorithm {
            COSIGNATURE => bytes.split_first_chunk::<8>().map(|(time, rest)| (Some(u64::from_be_bytes(*time)), rest))?,
            _ => (None, bytes),
        };
        let signature = Signature::from_slice(signature).ok()?;
        let message = time.map_or_else(|| text.to_owned(), |time| cosigned(text, time));
        self.key.verify_strict(message.as_bytes(), &signature).ok().map(|()| time)
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
        let (name, id, algorithm, key) = parse(text)?;
        let verifier = Self { name, algorithm, key: VerifyingKey::from_bytes(&key).map_err(|_| KeyError)? };
        if hex(verifier.id()) == id { Ok(verifier) } else { Err(KeyError) }
    }
}

/// A note that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed; it ends with a line end.
    pub text: String,
    /// Keys whose signature was verified; of witnesses with the time in seconds since 1970.
    pub verified: Vec<(Verifier, Option<u64>)>,
    /// Names under signatures by keys that are not known here.
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
                Some(key) => {
                    let time = key.verify(text, signature).ok_or(NoteError::Invalid)?;
                    if opened.verified.iter().all(|(known, _)| known != key) {
                        opened.verified.push((key.clone(), time));
                    }
                }
                None => opened.unknown.push(name.to_owned()),
            }
        }
        Ok(opened)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
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

    #[test]
    fn a_witness_says_what_it_saw_and_when() {
        let (log, witness) = (Signer::new("log", [1; 32]).unwrap(), Signer::witness("witness", [2; 32]).unwrap());
        let text = "example.com/log\n7\nAAAA\n";
        let note = log.sign(text).unwrap() + &witness.cosign(text, 1_679_315_147).unwrap();
        let keys = [log.verifier(), witness.verifier().to_string().parse().unwrap()];
        let opened = Note::open(&note, &keys).unwrap();
        assert_eq!(opened.verified, [(log.verifier(), None), (witness.verifier(), Some(1_679_315_147))]);
        // Another time is another statement, and a witness signs nothing plainly.
        let line = witness.cosign(text, 1_679_315_148).unwrap();
        let bytes = BASE64_STANDARD.decode(line.trim().rsplit(' ').next().unwrap()).unwrap();
        let mut moved = bytes.clone();
        moved[11] -= 1;
        let forged = note.replace(&BASE64_STANDARD.encode(&bytes), "")
            + &line.replace(&BASE64_STANDARD.encode(&bytes), &BASE64_STANDARD.encode(&moved));
        assert_eq!(Note::open(&forged, &keys), Err(NoteError::Invalid));
        assert!(witness.sign(text).is_err() && log.cosign(text, 1).is_err());
    }

    #[test]
    fn the_example_of_the_cosignature_specification_is_read() {
        let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
        let opened = Note::open(note, &[]).unwrap();
        assert_eq!(opened.unknown, ["example.com/behind-the-sofa", "witness.example.com/w1"]);
    }
}

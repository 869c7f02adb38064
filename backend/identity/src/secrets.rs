//! Tokens: random ones, derived ones, signed ones. The key lies in a file outside the database.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use kernel::{Code, Error, PersonId, Ts};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::model::SessionId;

/// Seconds that an access token is valid.
pub const ACCESS_SECONDS: i64 = 600;
const ISSUER: &str = "zhidu";
const AUDIENCE: &str = "zhidu-api";

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The person.
    pub sub: PersonId,
    /// The session.
    pub sid: SessionId,
    iat: i64,
    exp: i64,
}

struct Key {
    id: String,
    bytes: Vec<u8>,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// The keys of the installation: the first signs, all verify, so that they can be rotated.
pub struct Secrets {
    keys: Vec<Key>,
    validation: Validation,
}

impl Secrets {
    /// Reads lines of `id:base64url of 32 bytes`; the first signs.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let keys = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                let (id, key) = line.split_once(':').ok_or_else(|| Error::internal("a line of the secret file is not id:key"))?;
                let bytes = URL_SAFE_NO_PAD.decode(key.trim()).map_err(Error::internal)?;
                if bytes.len() < 32 {
                    return Err(Error::internal("a key of the secret file is shorter than 32 bytes"));
                }
                let (encoding, decoding) = (EncodingKey::from_secret(&bytes), DecodingKey::from_secret(&bytes));
                Ok(Key { id: id.to_owned(), bytes, encoding, decoding })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 5;
        // The time is checked against our own clock below.
        validation.validate_exp = false;
        let secrets = Self { keys, validation };
        // A wrong build of the crypto provider shows here, not at the first log-in.
        secrets.sign(PersonId::new(), SessionId::new(), Ts::from_micros(0))?;
        Ok(secrets)
    }

    /// The text of a new secret file.
    #[must_use]
    pub fn generate() -> String {
        format!("k1:{}\n", random_token())
    }

    /// An access token.
    pub fn sign(&self, person: PersonId, session: SessionId, now: Ts) -> Result<String, Error> {
        let key = self.keys.first().ok_or_else(|| Error::internal("the secret file has no key"))?;
        let iat = now.micros() / 1_000_000;
        let claims = Claims { iss: ISSUER.to_owned(), aud: AUDIENCE.to_owned(), sub: person, sid: session, iat, exp: iat + ACCESS_SECONDS };
        let header = Header { kid: Some(key.id.clone()), typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims, &key.encoding).map_err(Error::internal)
    }

    /// What a token says, if it is one of ours and still valid.
    pub fn verify(&self, token: &str, now: Ts) -> Result<Claims, Error> {
        let refused = |_| Error::new(Code::SessionEnded);
        let header = decode_header(token).map_err(refused)?;
        let wanted = header.kid.unwrap_or_default();
        let key = self.keys.iter().find(|key| key.id == wanted).ok_or_else(|| Error::new(Code::SessionEnded))?;
        let claims = decode::<Claims>(token, &key.decoding, &self.validation).map_err(refused)?.claims;
        if header.typ.as_deref() != Some("at+jwt") || claims.exp <= now.micros() / 1_000_000 {
            return Err(Error::new(Code::SessionEnded));
        }
        Ok(claims)
    }

    /// The successor of a refresh token: always the same, so that two tabs that refresh at once get the same one.
    pub fn successor(&self, token: &str) -> Result<String, Error> {
        let key = self.keys.first().ok_or_else(|| Error::internal("the secret file has no key"))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.bytes).map_err(Error::internal)?;
        mac.update(b"refresh-successor:");
        mac.update(token.as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }
}

/// 256 random bits.
#[must_use]
pub fn random_token() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill(&mut bytes[..]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is stored of a token.
#[must_use]
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

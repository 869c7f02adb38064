//! Passwords: how they are stored and which ones are good enough.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{Code, Error, FieldError, Params};
use rand::seq::IndexedRandom as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

kernel::text_enum! {
    /// Which rules passwords follow.
    pub enum PasswordProfile {
        /// 等保 2.0: mixed characters, history.
        Mlps = "mlps",
        /// OWASP ASVS 5.0: length and no common ones, no composition rules.
        Asvs = "asvs",
    }
}

/// What a new password must be.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PasswordRules {
    /// The profile.
    pub profile: PasswordProfile,
    /// Characters at least.
    pub min_length: usize,
    /// Characters at most.
    pub max_length: usize,
    /// Kinds of characters at least: capitals, small letters, digits, symbols.
    pub classes: usize,
    /// So many former passwords are refused.
    pub history: usize,
}
impl web::View for PasswordRules {}

impl PasswordProfile {
    /// The rules of the profile.
    #[must_use]
    pub const fn rules(self) -> PasswordRules {
        match self {
            Self::Mlps => PasswordRules { profile: self, min_length: 8, max_length: 128, classes: 3, history: 5 },
            Self::Asvs => PasswordRules { profile: self, min_length: 12, max_length: 128, classes: 1, history: 1 },
        }
    }

    /// Checks a new password; `personal` are words that it must not be built from.
    pub fn check(self, pointer: &str, password: &str, personal: &[&str]) -> Result<(), Error> {
        let rules = self.rules();
        let length = password.chars().count();
        let refuse =
            |code, params| Err(Error::new(Code::Invalid).fields_of(vec![FieldError { pointer: pointer.to_owned(), code, params }]));
        if length < rules.min_length {
            return refuse(Code::TooShort, Params::from([("min", rules.min_length.to_string())]));
        }
        if length > rules.max_length {
            return refuse(Code::TooLong, Params::from([("max", rules.max_length.to_string())]));
        }
        let kinds: [fn(char) -> bool; 4] =
            [char::is_uppercase, char::is_lowercase, char::is_numeric, |c| !c.is_uppercase() && !c.is_lowercase() && !c.is_numeric()];
        if kinds.iter().filter(|kind| password.chars().any(**kind)).count() < rules.classes {
            return refuse(Code::PasswordClasses, Params::from([("min", rules.classes.to_string())]));
        }
        // The estimate knows 30,000 common passwords, keyboard walks, dates and l33t; below 10^7 guesses is weak.
        let estimate = zxcvbn::zxcvbn(&password.chars().take(72).collect::<String>(), personal);
        if estimate.guesses_log10() < 7.0 {
            return refuse(Code::PasswordWeak, Params::new());
        }
        Ok(())
    }
}

/// Hashes off the async threads, a few at a time, so that log-ins cannot starve everything else.
#[derive(Clone)]
pub struct Hasher {
    cost: u32,
    slots: Arc<Semaphore>,
}

impl Hasher {
    /// bcrypt at cost 12: about 0.3 s.
    #[must_use]
    pub fn production() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { cost: 12, slots: Arc::new(Semaphore::new((cores / 2).max(1))) }
    }

    /// The cheapest that bcrypt allows; no configuration leads here.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn for_tests() -> Self {
        Self { cost: 4, slots: Arc::new(Semaphore::new(4)) }
    }

    /// A hash of a new password.
    pub async fn hash(&self, password: &str) -> Result<String, Error> {
        let (input, cost) = (prehash(password), self.cost);
        self.run(move || bcrypt::non_truncating_hash(input, cost).map_err(Error::internal)).await
    }

    /// Whether it is the password. Without a stored hash it takes as long and says no.
    pub async fn verify(&self, password: &str, stored: Option<String>) -> Result<bool, Error> {
        let (input, cost) = (prehash(password), self.cost);
        self.run(move || match stored {
            Some(hash) => bcrypt::non_truncating_verify(input, &hash).map_err(Error::internal),
            None => bcrypt::non_truncating_hash(input, cost).map(|_| false).map_err(Error::internal),
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(slot);
            result
        })
        .await
        .map_err(Error::internal)?
    }
}

/// bcrypt reads 72 bytes, which are 24 Chinese characters: a digest first, so that every character counts.
fn prehash(password: &str) -> String {
    STANDARD.encode(Sha256::digest(password))
}

/// A random initial password: 16 characters of four kinds, none of them easy to confuse.
#[must_use]
pub fn initial_password() -> String {
    const KINDS: [&[u8]; 4] = [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnpqrstuvwxyz", b"23456789", b"-+=#@%"];
    let mut rng = rand::rng();
    (0..16).filter_map(|position| KINDS.get(position % 4).and_then(|kind| kind.choose(&mut rng))).map(|byte| char::from(*byte)).collect()
}

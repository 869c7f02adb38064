//! Who was authenticated a moment ago: so that not every request asks the database who it is from.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::Mutex,
    time::{Duration, Instant},
};

use kernel::{Ts, Uuid};
use web::Authenticated;

/// A server that has seen very many forgets them all: cheaper than counting their age.
const MOST: usize = 50_000;

/// What the client showed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shown {
    /// The session of a signed token.
    Session(Uuid),
    /// SHA-256 of an access token.
    Token(Vec<u8>),
}

/// Who it was, and what must still be true now.
#[derive(Clone, Debug)]
pub struct Known {
    /// As it was when the database was asked.
    pub who: Authenticated,
    /// Of an access token: until when it is good.
    pub expires_at: Option<Ts>,
    /// Of an access token: from where it is good; everywhere if empty.
    pub networks: Vec<ipnet::IpNet>,
}

impl Known {
    /// Whether it is good at this time, from this address.
    pub fn is_good(&self, now: Ts, address: Option<IpAddr>) -> bool {
        let inside = |address: IpAddr| self.networks.iter().any(|network| network.contains(&address));
        self.expires_at.is_none_or(|until| until > now) && (self.networks.is_empty() || address.is_some_and(inside))
    }
}

/// Remembers for a short time. A revocation elsewhere goes unnoticed for that long.
pub struct Memory {
    seen: Mutex<HashMap<Shown, (Instant, Known)>>,
    span: Duration,
}

impl Memory {
    /// Remembers for this long.
    pub fn new(span: Duration) -> Self {
        Self { seen: Mutex::default(), span }
    }

    /// Who showed this, if it was a moment ago.
    pub fn of(&self, shown: &Shown) -> Option<Known> {
        let seen = self.seen.lock().ok()?;
        seen.get(shown).filter(|(at, _)| at.elapsed() < self.span).map(|(_, known)| known.clone())
    }

    /// Remembers.
    pub fn keep(&self, shown: Shown, known: Known) {
        if let Ok(mut seen) = self.seen.lock() {
            if seen.len() >= MOST {
                seen.clear();
            }
            seen.insert(shown, (Instant::now(), known));
        }
    }

    /// Forgets a session or an access token, by its id.
    pub fn forget(&self, id: Uuid) {
        if let Ok(mut seen) = self.seen.lock() {
            seen.retain(|_, (_, known)| known.who.session != id);
        }
    }
}

//! A key that was written down in an earlier year: the log has got another name since, by itself.

use merkle::Verifier;

use super::{Bad, Named};
use crate::names::{in_later_year, turn};

/// The record of a name after a restore, and of that of a new year.
pub(super) const RESTORED: &str = "log.restored";
pub(super) const CONTINUED: &str = "log.continued";

/// How the name of a key became that of the log.
pub(super) struct Later {
    given: Verifier,
    origin: String,
    continued: bool,
    restored: Option<(u64, String)>,
}

impl Later {
    /// The key as it signs now, if the log has got another name since; and what its records have to tell of that.
    pub(super) fn of(given: &Verifier, origin: &str) -> Option<(Verifier, Self)> {
        let key = in_later_year(given, origin)?;
        Some((key, Self { given: given.clone(), origin: origin.to_owned(), continued: false, restored: None }))
    }

    pub(super) fn meets(&mut self, index: u64, record: &Named) {
        let Some(origin) = record.facts.get("origin") else { return };
        self.continued |= record.action == CONTINUED && *origin == self.origin;
        let ((log, then), (other, now)) = (turn(self.given.name()), turn(origin));
        if record.action == RESTORED && log == other && now > then && self.restored.is_none() {
            self.restored = Some((index, origin.clone()));
        }
    }

    /// Why the key does not count for this log.
    pub(super) fn refused(self) -> Option<Bad> {
        let Self { given, origin, continued, restored } = self;
        if let Some((index, name)) = restored {
            let what =
                format!("the log was restored and went on as {name}: the key of {} does not say whether that was right", given.name());
            return Some(Bad { index: Some(index), what });
        }
        let untold = || Bad::whole(format!("no record says how {} became {origin}", given.name()));
        if continued { None } else { Some(untold()) }
    }
}

//! A key, or a checkpoint, that was written down when the log had another name.

use merkle::Verifier;

use super::{Bad, Named};
use crate::{
    keep::{CONTINUED, RESTORED},
    names::{in_later_year, turn},
    succession::{Succession, successor},
};

/// A name of the log, and whether its records have come to it.
pub(super) struct Since {
    name: String,
    seen: bool,
}

impl Since {
    pub(super) fn of(name: &str) -> Self {
        Self { name: name.to_owned(), seen: false }
    }

    /// What the log is called from this record on, if that comes after the name.
    pub(super) fn renamed<'r>(&mut self, record: &'r Named) -> Option<&'r str> {
        if record.action != RESTORED && record.action != CONTINUED {
            return None;
        }
        let origin = record.facts.get("origin")?;
        let ((log, then), (other, now)) = (turn(&self.name), turn(origin));
        self.seen |= record.facts.get("old_origin") == Some(&self.name);
        let comes_after = self.seen || (log == other && now > then);
        self.seen |= *origin == self.name;
        comes_after.then_some(origin)
    }
}

/// How the name of a key became that of the log: with a year, or with a key that it has made its successor.
pub(super) struct Later {
    since: Since,
    origin: String,
    reached: bool,
    restored: Option<(u64, String)>,
}

impl Later {
    /// The key as it signs now, or its successor, if the log has got another name since; and what its records have to tell of that.
    pub(super) fn of(given: &Verifier, origin: &str, changes: &[Succession]) -> Option<(Verifier, Self)> {
        let key = match successor(given, changes) {
            Some(next) if next.name() == origin => Some(next),
            next => in_later_year(next.as_ref().unwrap_or(given), origin),
        }?;
        Some((key, Self { since: Since::of(given.name()), origin: origin.to_owned(), reached: false, restored: None }))
    }

    pub(super) fn meets(&mut self, index: u64, record: &Named) {
        let Some(name) = self.since.renamed(record) else { return };
        self.reached |= name == self.origin;
        if record.action == RESTORED && self.restored.is_none() {
            self.restored = Some((index, name.to_owned()));
        }
    }

    /// Why the key does not count for this log.
    pub(super) fn refused(self) -> Option<Bad> {
        let Self { since, origin, reached, restored } = self;
        if let Some((index, name)) = restored {
            let what = format!("the log was restored and went on as {name}: the key of {} does not say whether that was right", since.name);
            return Some(Bad { index: Some(index), what });
        }
        let untold = || Bad::whole(format!("no record says how {} became {origin}", since.name));
        if reached { None } else { Some(untold()) }
    }
}

//! A checkpoint that somebody has kept: under the present name of the log, or an earlier one.

use std::fmt;

use merkle::{Checkpoint, Note, Verifier};

use super::{Bad, Named, later::Since, signed};
use crate::names::turn;

/// A checkpoint that somebody has kept, under this name of the log or an earlier one.
pub(super) struct Old {
    pub(super) checkpoint: Checkpoint,
    since: Since,
    /// How many records of that name went on under the next ones; none as long as no record says so.
    survived: Option<u64>,
}

impl Old {
    pub(super) fn signed(note: &str, key: &Verifier, given: &Verifier) -> Result<Self, Bad> {
        let named = |bad: &dyn fmt::Display| Bad::whole(format!("the older checkpoint: {bad}"));
        let text = Note::open(note, &[]).map_err(|error| named(&error))?.text;
        let origin = text.parse::<Checkpoint>().map_err(|error| named(&error))?.origin;
        let log = turn(&origin).0;
        // A key of the log, under that name; of another log, it has to be this one.
        let key = [key, given].into_iter().find(|key| turn(key.name()).0 == log).unwrap_or(key);
        let key = if turn(key.name()).0 == log { key.renamed(&origin).map_err(|error| named(&error))? } else { key.clone() };
        let (checkpoint, _) = signed(note, &key, &[]).map_err(|bad| named(&bad))?;
        Ok(Self { checkpoint, since: Since::of(&origin), survived: None })
    }

    /// A record of the log may tell that a later name was opened, after so many records of the older one.
    pub(super) fn meets(&mut self, index: u64, record: &Named) {
        let later = self.since.renamed(record).is_some();
        if let Some(survived) = record.facts.get("survived").and_then(|survived| survived.parse::<u64>().ok()).filter(|_| later) {
            // Whatever it says: not more than there are before it.
            self.survived = Some(self.survived.unwrap_or(u64::MAX).min(survived).min(index));
        }
    }

    /// Why the log cannot be held against it.
    pub(super) fn beyond(&self, key: &Verifier) -> Option<Bad> {
        let Checkpoint { origin, size, .. } = &self.checkpoint;
        if origin == key.name() {
            return None;
        }
        match self.survived {
            None => Some(Bad::whole(format!("the older checkpoint is of {origin}, and no record says how that became {}", key.name()))),
            Some(survived) if survived < *size => {
                let what =
                    format!("the older checkpoint has {size} records of {origin}; only {survived} of them went on under a later name");
                Some(Bad { index: Some(survived), what })
            }
            Some(_) => None,
        }
    }
}

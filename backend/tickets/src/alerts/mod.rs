//! Alerts of Prometheus Alertmanager become incident tickets (G6.1): what is news, and what is done about it. Pure.
//!
//! - A group of alerts (`groupKey`) of one person's access tokens has one ticket at a time: monitoring that is not of one cluster has an
//!   account of its own.
//! - Alertmanager repeats itself; only what it has not told yet is news, and only news leaves a trace.
//! - The monitoring takes no step that its person could not take in the page, and takes nothing out of anybody's hands.

mod payload;
mod words;

use std::collections::BTreeSet;

use kernel::{PersonId, Ts, column::RawJson};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use payload::{Alert, AlertStatus, Notification};
pub use words::{description, note, solved, title};

use crate::{
    model::{Level, Ticket, TicketAction, TicketId, TicketState},
    schema,
};

/// What was told of a group, and the ticket that it is about.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::alert_group, primary_key(key), treat_none_as_default_value = false)]
pub struct Group {
    pub key: Vec<u8>,
    pub ticket_id: TicketId,
    pub told: RawJson,
    pub told_at: Ts,
}

/// The key of a group: two people's monitoring may call their groups the same, and must not meet in one ticket.
#[must_use]
pub fn key(person: PersonId, group: &str) -> Vec<u8> {
    Sha256::new().chain_update(person.uuid()).chain_update(group).finalize().to_vec()
}

/// Whether a group fires; which of its alerts do, and of which it was told that they have ended: their fingerprints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub status: AlertStatus,
    pub firing: BTreeSet<String>,
    pub resolved: BTreeSet<String>,
}

impl Told {
    /// What a notification tells.
    #[must_use]
    pub fn by(notification: &Notification) -> Self {
        let of = |status| notification.with(status).map(|alert| alert.fingerprint.clone()).collect();
        Self { status: notification.status, firing: of(AlertStatus::Firing), resolved: of(AlertStatus::Resolved) }
    }

    /// Of a group that nobody has heard of.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { status: AlertStatus::Resolved, firing: BTreeSet::new(), resolved: BTreeSet::new() }
    }

    /// Whether this is more than a repetition, by Alertmanager's own rule: others fire, or the end of one was not told yet. That an ended
    /// one is left out the next time is no news. The group's own status counts too: where alerts are left out (`max_alerts`), it may be all
    /// that says that something fires.
    #[must_use]
    pub fn is_news_after(&self, before: &Self) -> bool {
        self.status != before.status || self.firing != before.firing || !self.resolved.is_subset(&before.resolved)
    }
}

/// What news means for the ticket of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Nothing fires, and nothing ever did: no ticket.
    Nothing,
    /// A new ticket.
    Open,
    /// The ticket that was thought solved is opened again; a new one where that is not possible any more.
    Reopen,
    /// A note, and these steps if all of them can be taken.
    Note(&'static [TicketAction]),
}

impl Course {
    /// By what the notification says and where the ticket stands.
    ///
    /// Only what nobody has begun is started and solved at once, and what is in progress is solved. Starting what was given to somebody
    /// would take it from them, and who waits for a vendor or the reporter has a reason.
    #[must_use]
    pub const fn of(status: AlertStatus, ticket: Option<TicketState>) -> Self {
        use TicketAction::{Resolve, Start};
        match (status, ticket) {
            (AlertStatus::Resolved, None) => Self::Nothing,
            (AlertStatus::Firing, None | Some(TicketState::Closed | TicketState::Refused | TicketState::Cancelled)) => Self::Open,
            (AlertStatus::Firing, Some(TicketState::Resolved)) => Self::Reopen,
            (AlertStatus::Resolved, Some(TicketState::New)) => Self::Note(&[Start, Resolve]),
            (AlertStatus::Resolved, Some(TicketState::InProgress)) => Self::Note(&[Resolve]),
            (AlertStatus::Firing | AlertStatus::Resolved, Some(_)) => Self::Note(&[]),
        }
    }
}

/// Impact and urgency by the label `severity`, of the worst alert that fires: `critical` is a critical ticket, `warning` one of medium
/// priority, anything else one of low priority.
#[must_use]
pub fn levels(notification: &Notification) -> (Level, Level) {
    let has = |word: &str| notification.with(AlertStatus::Firing).any(|alert| alert.labels.get("severity").is_some_and(|it| it == word));
    if has("critical") {
        (Level::High, Level::High)
    } else if has("warning") {
        (Level::Medium, Level::Medium)
    } else {
        (Level::Low, Level::Medium)
    }
}

/// What became of a notification.
#[derive(Clone, Debug)]
pub struct Received {
    pub outcome: AlertOutcome,
    /// The ticket of the group, as it is now.
    pub ticket: Option<Ticket>,
}

kernel::text_enum! {
    /// What a notification of Alertmanager led to.
    pub enum AlertOutcome {
        /// A new ticket.
        Opened = "opened",
        /// The ticket that was thought solved is in work again.
        Reopened = "reopened",
        /// A note in the ticket.
        Noted = "noted",
        /// A note, and the ticket is solved.
        Resolved = "resolved",
        /// Nothing: it was told before, or there never was a ticket.
        Unchanged = "unchanged",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(firing: &[&str], resolved: &[&str]) -> Told {
        let set = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        let status = if firing.is_empty() { AlertStatus::Resolved } else { AlertStatus::Firing };
        Told { status, firing: set(firing), resolved: set(resolved) }
    }

    #[test]
    fn a_repetition_is_no_news() {
        let before = told(&["a"], &["b"]);
        assert!(!before.is_news_after(&before));
        assert!(!told(&["a"], &[]).is_news_after(&before), "the end of b was told");
    }

    #[test]
    fn another_that_fires_or_ends_is_news() {
        let before = told(&["a"], &["b"]);
        for after in [told(&["a", "c"], &[]), told(&[], &["a"]), told(&["a"], &["c"]), told(&["a", "b"], &[])] {
            assert!(after.is_news_after(&before), "{after:?}");
        }
    }

    #[test]
    fn what_fires_among_those_left_out_is_news() {
        let truncated = Told { status: AlertStatus::Firing, ..told(&[], &["a"]) };
        assert!(truncated.is_news_after(&Told::nothing()) && truncated.is_news_after(&told(&[], &["a"])));
    }

    #[test]
    fn the_steps_of_a_course_are_legal_one_after_the_other() {
        for state in TicketState::ALL {
            for status in AlertStatus::ALL {
                let course = Course::of(*status, Some(*state));
                assert_ne!(course, Course::Nothing, "there is a ticket");
                match course {
                    Course::Note(steps) => {
                        let end = steps.iter().try_fold(*state, |state, step| step.apply(state)).map_err(|error| error.to_string());
                        assert!(end.is_ok(), "{state} {status}: {end:?}");
                    }
                    Course::Reopen => assert!(TicketAction::Reopen.apply(*state).is_ok()),
                    Course::Open => assert!(!state.is_open()),
                    Course::Nothing => {}
                }
            }
        }
    }
}

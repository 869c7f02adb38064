//! One duty that one activation of a control created.

use std::{fmt, str::FromStr, sync::Arc};

use kernel::{Ts, Uuid};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Severity;

kernel::text_enum! {
    /// How an obligation stands.
    pub enum State {
        /// Neither met nor due.
        Open = "open",
        /// Met in time.
        Met = "met",
        /// Met after its time.
        MetLate = "met_late",
        /// It happened in time, and was recorded after.
        RecordedLate = "recorded_late",
        /// Its time has passed.
        Missed = "missed",
        /// What must not be has been.
        Breached = "breached",
        /// What created it was taken back, or its subject ended.
        Vacated = "vacated",
    }
}

impl State {
    /// Whether somebody has to answer for it: what was missed stays so, also when it was met later.
    #[must_use]
    pub const fn is_finding(self) -> bool {
        matches!(self, Self::MetLate | Self::RecordedLate | Self::Missed | Self::Breached)
    }
}

/// What the events of an obligation have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Everything.
    Global,
    /// The same object, person or unit.
    Of(Uuid),
    /// The event names nothing to correlate by: it stands alone, so nothing can meet it by chance.
    Alone(u64),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("*"),
            Self::Of(id) => id.fmt(f),
            Self::Alone(leaf) => write!(f, "leaf {leaf}"),
        }
    }
}

impl FromStr for Key {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("leaf ") {
            _ if text == "*" => Ok(Self::Global),
            Some(leaf) => leaf.parse().map(Self::Alone).map_err(|_| format!("not a key: {text}")),
            None => text.parse().map(Self::Of).map_err(|_| format!("not a key: {text}")),
        }
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One duty. Copies are cheap: its texts are shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligation {
    /// The same for everybody who evaluates the same log: a hash of control, version, key and trigger (RFC 9562, version 8).
    pub id: Uuid,
    /// The control's stable key.
    pub control: Arc<str>,
    /// The hash of the control that opened it.
    pub version: Arc<str>,
    /// The regulation and the clause that it serves.
    pub regulation: Arc<str>,
    pub clause: Arc<str>,
    pub severity: Severity,
    pub key: Key,
    /// The leaf that created it.
    pub trigger: u64,
    /// The clock of the log then.
    pub opened_at: Ts,
    /// From when its time counts: the clock then, or when somebody was last reached.
    pub since: Ts,
    /// None: no limit.
    pub due_at: Option<Ts>,
    pub state: State,
    /// The leaf that met, vacated or witnesses it.
    pub closed_by: Option<u64>,
    /// The clock of the log at its last change.
    pub changed_at: Ts,
    /// Whether its time passed before anything met it.
    pub late: bool,
    /// What the trigger was about.
    pub subject_kind: Arc<str>,
    pub subject: Uuid,
    pub unit: Option<Uuid>,
}

impl Obligation {
    /// The name of an obligation.
    #[must_use]
    pub fn id_of(control: &str, version: &str, key: Key, trigger: u64) -> Uuid {
        let hash = Sha256::digest(format!("{control}\n{version}\n{key}\n{trigger}"));
        let mut bytes = [0_u8; 16];
        bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        bytes[6] = (bytes[6] & 0x0f) | 0x80;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Uuid::from_bytes(bytes)
    }
}

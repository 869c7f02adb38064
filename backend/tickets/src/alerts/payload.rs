//! What Alertmanager posts: the payload of its webhook receiver, version 4.

use std::{borrow::Cow, collections::BTreeMap};

use kernel::{Code, Ts};
use serde::{Deserialize, Deserializer, Serialize, de::IntoDeserializer as _};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

kernel::text_enum! {
    /// The versions of the payload that are understood.
    pub enum PayloadVersion {
        /// Since Alertmanager 0.5.
        Four = "4",
    }
}

kernel::text_enum! {
    /// Of an alert, or of a group: it fires while one of its alerts does.
    pub enum AlertStatus {
        /// It is so now.
        Firing = "firing",
        /// It is over.
        Resolved = "resolved",
    }
}

/// Names with values, as Prometheus has them.
type Labels = BTreeMap<String, String>;

/// How long a text of a notification may be, in characters.
const TEXT: usize = 8192;
/// How many labels or annotations there may be.
const PAIRS: usize = 100;

/// A notification of Alertmanager about a group of alerts.
///
/// Unlike all other requests it may have fields that are not known: Alertmanager adds some from time to time without another `version`,
/// and does not repeat what was refused, so that an incident would be lost to a field which nobody reads. What is read is checked.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Of the payload.
    pub version: PayloadVersion,
    /// What makes these alerts one group.
    #[validate(length(min = 1, max = 8192))]
    #[schema(min_length = 1, max_length = 8192)]
    pub group_key: String,
    /// How many alerts were left out of it (`max_alerts`).
    #[serde(default)]
    #[validate(range(min = 0))]
    #[schema(minimum = 0)]
    pub truncated_alerts: i64,
    /// Whether any of them fires.
    pub status: AlertStatus,
    /// The receiver's name in Alertmanager's configuration.
    #[validate(length(max = 8192))]
    #[schema(max_length = 8192)]
    pub receiver: String,
    /// By which the alerts were grouped.
    #[validate(custom(function = "pairs"))]
    pub group_labels: Labels,
    /// What all of them have in common.
    #[validate(custom(function = "pairs"))]
    pub common_labels: Labels,
    /// The same of their annotations.
    #[validate(custom(function = "pairs"))]
    pub common_annotations: Labels,
    /// Alertmanager's own page.
    #[serde(rename = "externalURL")]
    #[validate(length(max = 8192))]
    #[schema(max_length = 8192)]
    pub external_url: String,
    /// Its alerts; more are one too many for a person to read, and `max_alerts` leaves them out.
    #[validate(length(min = 1, max = 500), nested)]
    #[schema(min_items = 1, max_items = 500)]
    pub alerts: Vec<Alert>,
}

impl Notification {
    /// Its alerts with this status.
    pub fn with(&self, status: AlertStatus) -> impl Iterator<Item = &Alert> {
        self.alerts.iter().filter(move |alert| alert.status == status)
    }
}

/// One alert.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    pub status: AlertStatus,
    /// What it is about; `severity` is `critical`, `warning` or anything else.
    #[validate(custom(function = "pairs"))]
    pub labels: Labels,
    /// Words for people: `summary`, `description`.
    #[validate(custom(function = "pairs"))]
    pub annotations: Labels,
    /// Since when.
    pub starts_at: Ts,
    /// When it ended; of one that fires, `0001-01-01T00:00:00Z`.
    #[serde(deserialize_with = "end")]
    #[schema(value_type = Ts)]
    pub ends_at: Option<Ts>,
    /// What it was computed from, in Prometheus.
    #[serde(rename = "generatorURL")]
    #[validate(length(max = 8192))]
    #[schema(max_length = 8192)]
    pub generator_url: String,
    /// Names it, whenever it fires.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    pub fingerprint: String,
}

/// How Go, in which Alertmanager is written, says that a time is none.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

fn end<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ts>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == NO_TIME { Ok(None) } else { Ts::deserialize(text.into_deserializer()).map(Some) }
}

/// Not too many of them, and none too long.
fn pairs(pairs: &Labels) -> Result<(), ValidationError> {
    let long = pairs.iter().any(|(name, value)| name.chars().count() > TEXT || value.chars().count() > TEXT);
    if pairs.len() > PAIRS || long {
        return Err(ValidationError {
            code: Cow::Borrowed(Code::TooLong.as_str()),
            message: None,
            params: std::collections::HashMap::new(),
        });
    }
    Ok(())
}

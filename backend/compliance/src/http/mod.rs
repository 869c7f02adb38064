//! Handlers, requests, views.

pub mod clauses;
pub mod comparison;
pub mod controls;
pub mod coverage;
pub mod findings;
pub mod overview;
pub mod regulations;
pub mod sampling;
pub mod waivers;

use ::controls::{Severity, Template};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    model::{Numbers, Verdict},
    service::standing::{ControlStanding, Stretch},
};

/// In the reader's language.
fn word(chinese: bool, zh: &str, en: &str) -> String {
    if chinese || en.is_empty() { zh } else { en }.to_owned()
}

/// How a control stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlView {
    /// Its stable key.
    pub id: String,
    /// The clause that it serves.
    pub clause: String,
    /// What it says.
    pub title: String,
    pub template: Template,
    pub severity: Severity,
    /// As it is written (the keys of `controls.toml`).
    pub definition: serde_json::Value,
    pub verdict: Verdict,
    pub numbers: Numbers,
    /// Events that would activate it, and that nothing here can say.
    pub silent_events: Vec<String>,
}

impl ControlView {
    fn of(standing: &ControlStanding, chinese: bool) -> Result<Self, kernel::Error> {
        let definition = &standing.definition;
        Ok(Self {
            id: definition.id.clone(),
            clause: definition.clause.clone(),
            title: word(chinese, &definition.title, &definition.en),
            template: definition.template,
            severity: definition.severity,
            definition: serde_json::to_value(definition).map_err(kernel::Error::internal)?,
            verdict: standing.verdict,
            numbers: standing.numbers,
            silent_events: standing.silent.clone(),
        })
    }
}

/// Thirty days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StretchView {
    pub from: kernel::Ts,
    pub until: kernel::Ts,
    /// Of duties that began then.
    pub numbers: Numbers,
}

impl From<Stretch> for StretchView {
    fn from(stretch: Stretch) -> Self {
        Self { from: stretch.from, until: stretch.until, numbers: stretch.numbers }
    }
}

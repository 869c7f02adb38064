//! Which records a part of a control means, and by what they are put together.

use feel::{Context, Expression};
use kernel::Uuid;
use serde::{Deserialize, Serialize};

use crate::{Catalogue, Entry, EventKind, Key};

/// As it is written: an event, and a condition on its facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// `ticket.created`
    pub event: String,
    /// A condition (FEEL) on its facts.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// How this event is correlated, if not as the control says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlate: Option<String>,
}

/// By what events belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correlate {
    Subject,
    /// Related objects of this kind, in this role or any.
    Related(String, Option<String>),
    Actor,
    Unit,
    Global,
}

impl Correlate {
    /// `subject`, `actor`, `unit`, `global`, `related(kind)` or `related(kind, role)`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "subject" => Self::Subject,
            "actor" => Self::Actor,
            "unit" => Self::Unit,
            "global" => Self::Global,
            other => {
                let inner = other.strip_prefix("related(")?.strip_suffix(')')?;
                let (kind, role) = inner.split_once(',').map_or((inner, None), |(kind, role)| (kind, Some(role.trim().to_owned())));
                let kind = kind.trim();
                if kind.is_empty() || role.as_deref() == Some("") {
                    return None;
                }
                Self::Related(kind.to_owned(), role)
            }
        })
    }

    /// The keys of a record; one that names nothing stands alone.
    fn keys(&self, entry: &Entry) -> Vec<Key> {
        let of = |id: Option<Uuid>| id.map(Key::Of).into_iter().collect();
        let mut keys: Vec<Key> = match self {
            Self::Subject => of(Some(entry.subject)),
            Self::Actor => of(entry.principal.or(entry.actor)),
            Self::Unit => of(entry.unit),
            Self::Global => vec![Key::Global],
            Self::Related(kind, role) => {
                let fits =
                    entry.related.iter().filter(|touched| touched.kind == *kind && role.as_ref().is_none_or(|role| touched.role == *role));
                fits.map(|touched| Key::Of(touched.id)).collect()
            }
        };
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() { vec![Key::Alone(entry.index)] } else { keys }
    }
}

/// A pattern that has been checked.
#[derive(Clone, Debug)]
pub struct Matcher {
    pub event: String,
    pub kind: EventKind,
    filter: Option<Expression>,
    correlate: Correlate,
}

/// What is wrong with a pattern.
pub enum PatternFlaw {
    UnknownEvent,
    Condition(String, String),
    Correlation,
}

impl Matcher {
    pub fn new(pattern: &Pattern, usual: &Correlate, catalogue: &Catalogue) -> Result<Self, PatternFlaw> {
        let kind = catalogue.get(&pattern.event).ok_or(PatternFlaw::UnknownEvent)?.clone();
        let wrong = |text: &dyn Fn(bool) -> String| PatternFlaw::Condition(text(true), text(false));
        let filter = match &pattern.filter {
            None => None,
            Some(source) => {
                let expression = Expression::parse(source).map_err(|error| wrong(&|chinese| error.text(chinese)))?;
                let schema = kind.schema().map_err(|error| wrong(&|chinese| error.text(chinese)))?;
                let checked = expression.check(&schema);
                checked
                    .map_err(|errors| wrong(&|chinese| errors.iter().map(|error| error.text(chinese)).collect::<Vec<_>>().join("; ")))?;
                Some(expression)
            }
        };
        let correlate = pattern.correlate.as_deref().map_or(Some(usual.clone()), Correlate::parse).ok_or(PatternFlaw::Correlation)?;
        Ok(Self { event: pattern.event.clone(), kind, filter, correlate })
    }

    /// The keys under which a record of this event counts; none if the condition does not hold.
    pub fn keys(&self, entry: &Entry) -> Option<Vec<Key>> {
        if entry.action != self.event {
            return None;
        }
        if let Some(expression) = &self.filter {
            // What has no value (a fact that is missing) does not hold.
            if !expression.evaluate(&Context::new(self.kind.typed(&entry.facts))).is_ok_and(|value| value.is_true()) {
                return None;
            }
        }
        Some(self.correlate.keys(entry))
    }
}

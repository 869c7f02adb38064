//! What an expression is evaluated in.

use std::{collections::BTreeMap, fmt};

use crate::{Value, WorkingTime, fuel::DEFAULT_STEPS, temporal::DateTime};

/// The fields that an expression can read, the time, the calendar, and how much it may cost.
#[derive(Clone)]
pub struct Context<'a> {
    pub(crate) fields: BTreeMap<String, Value>,
    pub(crate) now: Option<DateTime>,
    pub(crate) calendar: Option<&'a dyn WorkingTime>,
    pub(crate) steps: u32,
}

impl<'a> Context<'a> {
    /// These fields; no time and no calendar, so that functions that need them give null.
    #[must_use]
    pub fn new<K: Into<String>>(fields: impl IntoIterator<Item = (K, Value)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self { fields, now: None, calendar: None, steps: DEFAULT_STEPS }
    }

    /// The fields of a form, read with [`Value::from_json`] and [`Schema::as_type`](crate::Schema::as_type).
    #[must_use]
    pub fn of(form: &Value) -> Self {
        match form {
            Value::Context(fields) => Self::new(fields.iter().map(|(name, value)| (name.clone(), value.clone()))),
            _ => Self::default(),
        }
    }

    /// What `now()` and `today()` give.
    #[must_use]
    pub fn at(mut self, now: DateTime) -> Self {
        self.now = Some(now);
        self
    }

    /// What the functions of working time ask.
    #[must_use]
    pub fn with_calendar(mut self, calendar: &'a dyn WorkingTime) -> Self {
        self.calendar = Some(calendar);
        self
    }

    /// At most so many steps.
    #[must_use]
    pub fn with_steps(mut self, steps: u32) -> Self {
        self.steps = steps;
        self
    }
}

/// No fields.
impl Default for Context<'_> {
    fn default() -> Self {
        Self::new::<String>([])
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("fields", &self.fields).field("now", &self.now).field("steps", &self.steps).finish_non_exhaustive()
    }
}

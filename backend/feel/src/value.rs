//! What an expression gives.

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::{SignedDuration, civil};
use rust_decimal::Decimal;

use crate::{
    print::{Name, Quoted},
    temporal::{DateTime, Duration},
};

/// A value. Copies are cheap: what is large is shared.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, or not known.
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A decimal number of up to 28 digits.
    Number(Decimal),
    /// A text.
    String(Arc<str>),
    /// A day.
    Date(civil::Date),
    /// A time of day.
    Time(civil::Time),
    /// A day and a time of day.
    DateTime(DateTime),
    /// Days, hours, minutes, seconds.
    DaysDuration(SignedDuration),
    /// Years and months, counted in months.
    MonthsDuration(i64),
    /// A list.
    List(Arc<[Value]>),
    /// Named values.
    Context(Arc<BTreeMap<String, Value>>),
}

impl Value {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::String(text.into())
    }

    /// A list.
    #[must_use]
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// Named values.
    #[must_use]
    pub fn context<K: Into<String>>(fields: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Context(Arc::new(fields.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    /// Whether it is `true`, and not merely anything else.
    #[must_use]
    pub fn is_true(&self) -> bool {
        *self == Self::Boolean(true)
    }

    pub(crate) const fn boolean(&self) -> Option<bool> {
        if let Self::Boolean(value) = self { Some(*value) } else { None }
    }

    pub(crate) fn of_truth(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, Self::Boolean)
    }

    pub(crate) fn of_number(number: Option<Decimal>) -> Self {
        number.map_or(Self::Null, Self::Number)
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}
impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        match duration {
            Duration::Days(duration) => Self::DaysDuration(duration),
            Duration::Months(months) => Self::MonthsDuration(months),
        }
    }
}

/// As FEEL writes it; everything but a context reads as an expression that gives the value.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Number(number) => number.normalize().fmt(f),
            Self::String(text) => Quoted(text).fmt(f),
            Self::Date(date) => write!(f, "date(\"{date}\")"),
            Self::Time(time) => write!(f, "time(\"{time}\")"),
            Self::DateTime(at) => write!(f, "date and time(\"{at}\")"),
            Self::DaysDuration(duration) => write!(f, "duration(\"{}\")", Duration::Days(*duration)),
            Self::MonthsDuration(months) => write!(f, "duration(\"{}\")", Duration::Months(*months)),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Context(fields) => {
                f.write_str("{")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}: {value}", if index == 0 { "" } else { ", " }, Name(name))?;
                }
                f.write_str("}")
            }
        }
    }
}

//! What kind of value an expression gives. Null is a value of every type: any field can be missing.

use std::{collections::BTreeMap, fmt};

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Not known; everything is allowed with it.
    Any,
    /// Only null.
    Null,
    /// True or false.
    Boolean,
    /// Decimal numbers.
    Number,
    /// Texts.
    String,
    /// One of these texts: a field with an `enum`, and also a text in an expression, so that comparing the two finds a
    /// value that the field does not have.
    Choice(Vec<String>),
    /// Days.
    Date,
    /// Times of day.
    Time,
    /// A day and a time of day.
    DateTime,
    /// Durations in days and time.
    DaysDuration,
    /// Durations in years and months.
    MonthsDuration,
    /// Lists of one type.
    List(Box<Type>),
    /// Named fields.
    Context(BTreeMap<String, Type>),
}

impl Type {
    /// A list of this type.
    #[must_use]
    pub fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// Whether values of both can be compared for equality.
    pub(crate) fn compares_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any | Self::Null, _) | (_, Self::Any | Self::Null) => true,
            (Self::String | Self::Choice(_), Self::String | Self::Choice(_)) | (Self::Context(_), Self::Context(_)) => true,
            (Self::List(left), Self::List(right)) => left.compares_with(right),
            _ => self == other,
        }
    }

    /// Whether a value of this type can stand where the other is wanted.
    pub(crate) fn fits(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Choice(values), Self::Choice(choices)) => values.iter().all(|value| choices.contains(value)),
            (Self::String, Self::Choice(_)) => false,
            (Self::List(item), Self::List(wanted)) => item.fits(wanted),
            (Self::Context(fields), Self::Context(wanted)) => {
                wanted.iter().all(|(name, wanted)| fields.get(name).is_some_and(|field| field.fits(wanted)))
            }
            _ => self.compares_with(wanted),
        }
    }

    /// The type of a value that has one of the two; none if they have nothing in common.
    pub(crate) fn or(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Some(Self::Any),
            (Self::Null, other) | (other, Self::Null) => Some(other),
            (Self::Choice(mut values), Self::Choice(more)) => {
                let new: Vec<String> = more.into_iter().filter(|value| !values.contains(value)).collect();
                values.extend(new);
                Some(Self::Choice(values))
            }
            (Self::String | Self::Choice(_), Self::String | Self::Choice(_)) => Some(Self::String),
            (Self::List(left), Self::List(right)) => left.or(*right).map(Self::list),
            (left, right) => (left == right).then_some(left),
        }
    }

    /// Whether values of it have an order.
    pub(crate) const fn is_ordered(&self) -> bool {
        !matches!(self, Self::Null | Self::Boolean | Self::List(_) | Self::Context(_))
    }

    /// The type of a property; none if there is no such property.
    pub(crate) fn property(&self, name: &str) -> Option<Self> {
        let names: &[&str] = match self {
            Self::Any | Self::Null => return Some(Self::Any),
            Self::Context(fields) => return fields.get(name).cloned(),
            Self::List(item) => return item.property(name).map(Self::list),
            Self::Date => &["year", "month", "day", "weekday"],
            Self::Time => &["hour", "minute", "second"],
            Self::DateTime => &["year", "month", "day", "weekday", "hour", "minute", "second"],
            Self::DaysDuration => &["days", "hours", "minutes", "seconds"],
            Self::MonthsDuration => &["years", "months"],
            Self::Boolean | Self::Number | Self::String | Self::Choice(_) => &[],
        };
        names.contains(&name).then_some(Self::Number)
    }
}

/// The stable name that messages carry; clients translate it. Names are those of FEEL.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any",
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String | Self::Choice(_) => "string",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "date and time",
            Self::DaysDuration => "days and time duration",
            Self::MonthsDuration => "years and months duration",
            Self::List(item) => return write!(f, "list<{item}>"),
            Self::Context(_) => "context",
        })
    }
}

/// The name of a type for Chinese readers; what is no type's name stays as it is.
pub(crate) fn in_chinese(name: &str) -> String {
    if let Some(item) = name.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')) {
        return format!("{}列表", in_chinese(item));
    }
    let chinese = match name {
        "any" => "任意值",
        "null" => "空值",
        "boolean" => "是非值",
        "number" => "数字",
        "string" => "文本",
        "date" => "日期",
        "time" => "时间",
        "date and time" => "日期时间",
        "duration" | "days and time duration" => "时长",
        "years and months duration" => "年月时长",
        "context" => "分组",
        other => other,
    };
    chinese.to_owned()
}

//! What follows a dot: a field of a context, or a part of a date, time or duration.

use crate::{Value, temporal::DAY};

const SECOND: i128 = 1_000_000_000;

/// The property of a value; null if there is none of this name.
pub(crate) fn of(value: &Value, name: &str) -> Value {
    match value {
        Value::Context(fields) => fields.get(name).cloned().unwrap_or(Value::Null),
        Value::Date(date) => of_date(*date, name),
        Value::Time(time) => of_time(*time, name),
        Value::DateTime(at) => match of_date(at.local.date(), name) {
            Value::Null => of_time(at.local.time(), name),
            found => found,
        },
        Value::DaysDuration(duration) => {
            let nanos = duration.as_nanos();
            match name {
                "days" => number(nanos / DAY),
                "hours" => number(nanos / (3600 * SECOND) % 24),
                "minutes" => number(nanos / (60 * SECOND) % 60),
                "seconds" => number(nanos / SECOND % 60),
                _ => Value::Null,
            }
        }
        Value::MonthsDuration(months) => match name {
            "years" => number(months / 12),
            "months" => number(months % 12),
            _ => Value::Null,
        },
        _ => Value::Null,
    }
}

fn of_date(date: jiff::civil::Date, name: &str) -> Value {
    match name {
        "year" => number(date.year()),
        "month" => number(date.month()),
        "day" => number(date.day()),
        // 1 is Monday (ISO 8601).
        "weekday" => number(date.weekday().to_monday_one_offset()),
        _ => Value::Null,
    }
}

fn of_time(time: jiff::civil::Time, name: &str) -> Value {
    match name {
        "hour" => number(time.hour()),
        "minute" => number(time.minute()),
        "second" => number(time.second()),
        _ => Value::Null,
    }
}

fn number(number: impl TryInto<i64>) -> Value {
    number.try_into().map_or(Value::Null, Value::from)
}

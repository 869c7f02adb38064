//! Making dates, times and durations.

use jiff::civil;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{
    Function, Value,
    temporal::{self, DateTime, Duration},
};

pub(super) fn call(function: Function, arguments: &[Value]) -> Option<Value> {
    match (function, arguments) {
        (Function::Date, [Value::String(text)]) => temporal::date(text).map(Value::Date),
        (Function::Date, [Value::DateTime(at)]) => Some(Value::Date(at.local.date())),
        (Function::Date, [date @ Value::Date(_)]) => Some(date.clone()),
        (Function::Date, [Value::Number(year), Value::Number(month), Value::Number(day)]) => {
            let year: i16 = whole(*year).filter(|year| (0..=9999).contains(year))?;
            civil::Date::new(year, whole(*month)?, whole(*day)?).ok().map(Value::Date)
        }
        (Function::Time, [Value::String(text)]) => temporal::time(text).map(Value::Time),
        (Function::Time, [Value::DateTime(at)]) => Some(Value::Time(at.local.time())),
        (Function::Time, [time @ Value::Time(_)]) => Some(time.clone()),
        (Function::Time, [Value::Number(hour), Value::Number(minute), Value::Number(second)]) => {
            civil::Time::new(whole(*hour)?, whole(*minute)?, whole(*second)?, 0).ok().map(Value::Time)
        }
        (Function::DateAndTime, [Value::String(text)]) => DateTime::parse(text).map(Value::DateTime),
        (Function::DateAndTime, [Value::Date(date), Value::Time(time)]) => Some(joined(*date, *time)),
        (Function::DateAndTime, [Value::DateTime(at), Value::Time(time)]) => Some(joined(at.local.date(), *time)),
        (Function::Duration, [Value::String(text)]) => Duration::parse(text).map(Value::from),
        _ => None,
    }
}

fn joined(date: civil::Date, time: civil::Time) -> Value {
    Value::DateTime(DateTime { local: date.to_datetime(time), offset: None })
}

fn whole<T: TryFrom<i64>>(number: Decimal) -> Option<T> {
    if number.is_integer() { number.to_i64().and_then(|number| T::try_from(number).ok()) } else { None }
}

//! The operators between numbers, texts, dates and durations. What has no result is null.

use jiff::SignedDuration;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{Value, ast::Operator, temporal};

/// The greatest exponent.
pub const MAX_EXPONENT: i64 = 1000;

pub(crate) fn apply(operator: Operator, left: &Value, right: &Value) -> Value {
    let result = match operator {
        Operator::Add => add(left, right),
        Operator::Subtract => negative(right).and_then(|right| add(left, &right)).or_else(|| between(left, right)),
        Operator::Multiply => multiply(left, right).or_else(|| multiply(right, left)),
        Operator::Divide => divide(left, right),
        Operator::Power => match (left, right) {
            (Value::Number(base), Value::Number(exponent)) => power(*base, *exponent).map(Value::Number),
            _ => None,
        },
        _ => None,
    };
    result.unwrap_or(Value::Null)
}

/// Less than nothing by as much.
pub(crate) fn negative(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => Some(Value::Number(-*number)),
        Value::DaysDuration(duration) => duration.checked_neg().map(Value::DaysDuration),
        Value::MonthsDuration(months) => months.checked_neg().map(Value::MonthsDuration),
        _ => None,
    }
}

fn add(left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.checked_add(*right).map(Value::Number),
        (Value::DaysDuration(left), Value::DaysDuration(right)) => days(left.as_nanos() + right.as_nanos()),
        (Value::MonthsDuration(left), Value::MonthsDuration(right)) => left.checked_add(*right).map(Value::MonthsDuration),
        (Value::Date(date), Value::DaysDuration(duration)) => temporal::plus_days(*date, *duration).map(Value::Date),
        (Value::Date(date), Value::MonthsDuration(months)) => temporal::plus_months(*date, *months).map(Value::Date),
        (Value::DateTime(at), Value::DaysDuration(duration)) => at.plus(*duration).map(Value::DateTime),
        (Value::DateTime(at), Value::MonthsDuration(months)) => at.plus_months(*months).map(Value::DateTime),
        (Value::Time(time), Value::DaysDuration(duration)) => Some(Value::Time(time.wrapping_add(*duration))),
        (Value::DaysDuration(_) | Value::MonthsDuration(_), Value::Date(_) | Value::DateTime(_) | Value::Time(_)) => add(right, left),
        _ => None,
    }
}

/// The time between two dates, times, or dates and times.
fn between(later: &Value, earlier: &Value) -> Option<Value> {
    let duration = match (later, earlier) {
        (Value::Date(later), Value::Date(earlier)) => later.duration_since(*earlier),
        (Value::Time(later), Value::Time(earlier)) => later.duration_since(*earlier),
        (Value::DateTime(later), Value::DateTime(earlier)) => later.since(earlier)?,
        _ => return None,
    };
    Some(Value::DaysDuration(duration))
}

fn multiply(left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.checked_mul(*right).map(Value::Number),
        (Value::DaysDuration(duration), Value::Number(factor)) => days(decimal(*duration)?.checked_mul(*factor)?.trunc().to_i128()?),
        (Value::MonthsDuration(months), Value::Number(factor)) => {
            Decimal::from(*months).checked_mul(*factor)?.trunc().to_i64().map(Value::MonthsDuration)
        }
        _ => None,
    }
}

fn divide(left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.checked_div(*right).map(Value::Number),
        (Value::DaysDuration(duration), Value::Number(by)) => days(decimal(*duration)?.checked_div(*by)?.trunc().to_i128()?),
        (Value::DaysDuration(left), Value::DaysDuration(right)) => decimal(*left)?.checked_div(decimal(*right)?).map(Value::Number),
        (Value::MonthsDuration(months), Value::Number(by)) => {
            Decimal::from(*months).checked_div(*by)?.trunc().to_i64().map(Value::MonthsDuration)
        }
        (Value::MonthsDuration(left), Value::MonthsDuration(right)) => {
            Decimal::from(*left).checked_div(Decimal::from(*right)).map(Value::Number)
        }
        _ => None,
    }
}

fn days(nanos: i128) -> Option<Value> {
    temporal::nanoseconds(nanos).map(Value::DaysDuration)
}

fn decimal(duration: SignedDuration) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(duration.as_nanos(), 0).ok()
}

/// A whole power between -1000 and 1000, by squaring.
fn power(base: Decimal, exponent: Decimal) -> Option<Decimal> {
    let exponent = if exponent.is_integer() { exponent.to_i64()? } else { return None };
    if exponent.abs() > MAX_EXPONENT {
        return None;
    }
    let (mut result, mut square, mut rest) = (Decimal::ONE, base, exponent.unsigned_abs());
    while rest > 0 {
        if rest % 2 == 1 {
            result = result.checked_mul(square)?;
        }
        rest /= 2;
        if rest > 0 {
            square = square.checked_mul(square)?;
        }
    }
    if exponent < 0 { Decimal::ONE.checked_div(result) } else { Some(result) }
}

//! Equality and order. None is FEEL's null: the two cannot be compared.

use std::cmp::Ordering;

use crate::{EvalError, Value, fuel::Fuel};

/// Whether two values are equal. Null equals null only; values of different types cannot be compared.
pub(crate) fn equal(left: &Value, right: &Value, fuel: &mut Fuel) -> Result<Option<bool>, EvalError> {
    fuel.spend(1)?;
    Ok(match (left, right) {
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, _) | (_, Value::Null) => Some(false),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left == right),
        (Value::List(left), Value::List(right)) => {
            let mut same = left.len() == right.len();
            for (left, right) in left.iter().zip(right.iter()) {
                same = same && equal(left, right, fuel)? == Some(true);
            }
            Some(same)
        }
        (Value::Context(left), Value::Context(right)) => {
            let mut same = left.len() == right.len();
            for ((name, left), (other, right)) in left.iter().zip(right.iter()) {
                same = same && name == other && equal(left, right, fuel)? == Some(true);
            }
            Some(same)
        }
        _ => order(left, right, fuel)?.map(Ordering::is_eq),
    })
}

/// Which of two values comes first.
pub(crate) fn order(left: &Value, right: &Value, fuel: &mut Fuel) -> Result<Option<Ordering>, EvalError> {
    fuel.spend(1)?;
    Ok(match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => {
            fuel.read(left.len().min(right.len()))?;
            Some(left.cmp(right))
        }
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
        (Value::DateTime(left), Value::DateTime(right)) => left.since(right).map(|distance| distance.cmp(&jiff::SignedDuration::ZERO)),
        (Value::DaysDuration(left), Value::DaysDuration(right)) => Some(left.cmp(right)),
        (Value::MonthsDuration(left), Value::MonthsDuration(right)) => Some(left.cmp(right)),
        _ => None,
    })
}

//! Rounding.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

use crate::{Function, Value, arithmetic};

pub(super) fn call(function: Function, arguments: &[Value]) -> Value {
    let (number, scale) = match arguments {
        [value] if function == Function::Abs => return abs(value),
        [Value::Number(number)] => (*number, Decimal::ZERO),
        [Value::Number(number), Value::Number(scale)] => (*number, *scale),
        _ => return Value::Null,
    };
    let strategy = match function {
        Function::Floor => RoundingStrategy::ToNegativeInfinity,
        Function::Ceiling => RoundingStrategy::ToPositiveInfinity,
        Function::RoundUp => RoundingStrategy::AwayFromZero,
        Function::RoundDown => RoundingStrategy::ToZero,
        _ => RoundingStrategy::MidpointAwayFromZero,
    };
    Value::of_number(rounded(number, scale, strategy))
}

fn abs(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(number.abs()),
        Value::DaysDuration(duration) if !duration.is_negative() => value.clone(),
        Value::MonthsDuration(months) if *months >= 0 => value.clone(),
        Value::DaysDuration(_) | Value::MonthsDuration(_) => arithmetic::negative(value).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// To so many digits after the point; a negative scale rounds to tens, hundreds and so on.
fn rounded(number: Decimal, scale: Decimal, strategy: RoundingStrategy) -> Option<Decimal> {
    let scale = if scale.is_integer() { scale.to_i32().filter(|scale| (-28..=28).contains(scale))? } else { return None };
    if scale >= 0 {
        return Some(number.round_dp_with_strategy(scale.unsigned_abs(), strategy));
    }
    let unit = Decimal::try_from_i128_with_scale(10i128.checked_pow(scale.unsigned_abs())?, 0).ok()?;
    // Cut off first what cannot matter, or the quotient could be rounded before we round it.
    let (whole, rest) = (number.checked_div(unit)?.trunc(), number.checked_rem(unit)?);
    let part = rest.checked_div(unit)?.round_dp_with_strategy(0, strategy);
    whole.checked_add(part)?.checked_mul(unit)
}

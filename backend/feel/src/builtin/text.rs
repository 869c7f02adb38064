//! Texts. Lengths and positions count Unicode characters, not bytes.

use rust_decimal::prelude::ToPrimitive;

use crate::{EvalError, Function, Value, fuel::Fuel};

pub(super) fn call(function: Function, arguments: &[Value], fuel: &mut Fuel) -> Result<Value, EvalError> {
    let [Value::String(text), rest @ ..] = arguments else { return Ok(Value::Null) };
    fuel.read(text.len())?;
    Ok(match (function, rest) {
        (Function::StringLength, []) => Value::from(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)),
        // A capital can be longer than its small letter, at most three times.
        (Function::UpperCase, []) => made(text.to_uppercase(), fuel)?,
        (Function::LowerCase, []) => made(text.to_lowercase(), fuel)?,
        (Function::Contains, [Value::String(part)]) => Value::Boolean(text.contains(&**part)),
        (Function::StartsWith, [Value::String(part)]) => Value::Boolean(text.starts_with(&**part)),
        (Function::EndsWith, [Value::String(part)]) => Value::Boolean(text.ends_with(&**part)),
        (Function::Substring, rest) => substring(text, rest).map_or(Value::Null, |part| Value::text(&part)),
        _ => Value::Null,
    })
}

fn made(text: String, fuel: &mut Fuel) -> Result<Value, EvalError> {
    fuel.write(text.len())?;
    Ok(Value::text(&text))
}

/// From a position, counted from 1, or from the end if negative; so many characters, or all.
fn substring(text: &str, arguments: &[Value]) -> Option<String> {
    let number = |value: &Value| match value {
        Value::Number(number) if number.is_integer() => number.to_i64(),
        _ => None,
    };
    let (start, length) = match arguments {
        [start] => (number(start)?, usize::MAX),
        [start, length] => (number(start)?, usize::try_from(number(length)?).ok()?),
        _ => return None,
    };
    let skip = match start {
        0 => return None,
        1.. => usize::try_from(start).ok()? - 1,
        _ => text.chars().count().checked_sub(usize::try_from(start.unsigned_abs()).ok()?)?,
    };
    Some(text.chars().skip(skip).take(length).collect())
}

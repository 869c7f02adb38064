//! Lists: count, sum, smallest, largest, membership.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::{EvalError, Function, Value, compare, eval::Evaluator};

pub(super) fn call(function: Function, arguments: &[Value], evaluator: &mut Evaluator<'_>) -> Result<Value, EvalError> {
    // `sum(a, b)` is `sum([a, b])`.
    let items = match arguments {
        [Value::List(items), ..] => items,
        [_] | [] => return Ok(Value::Null),
        several => several,
    };
    match function {
        Function::Count => Ok(Value::from(i64::try_from(items.len()).unwrap_or(i64::MAX))),
        Function::ListContains => contains(arguments, evaluator),
        Function::Sum => {
            evaluator.fuel.walk(items.len())?;
            Ok(Value::of_number(sum(items)))
        }
        Function::Min => extreme(items, Ordering::Less, evaluator),
        _ => extreme(items, Ordering::Greater, evaluator),
    }
}

fn contains(arguments: &[Value], evaluator: &mut Evaluator<'_>) -> Result<Value, EvalError> {
    let [Value::List(items), wanted] = arguments else { return Ok(Value::Null) };
    evaluator.fuel.walk(items.len())?;
    for item in items.iter() {
        if evaluator.same(item, wanted)? {
            return Ok(Value::Boolean(true));
        }
    }
    Ok(Value::Boolean(false))
}

/// None for an empty list (as in FEEL), and if anything in it is no number.
fn sum(items: &[Value]) -> Option<Decimal> {
    let (first, rest) = items.split_first()?;
    let number = |value: &Value| if let Value::Number(number) = value { Some(*number) } else { None };
    rest.iter().try_fold(number(first)?, |sum, item| sum.checked_add(number(item)?))
}

/// The item before (less) or after (greater) all others; null if any two cannot be compared.
fn extreme(items: &[Value], wanted: Ordering, evaluator: &mut Evaluator<'_>) -> Result<Value, EvalError> {
    evaluator.fuel.walk(items.len())?;
    let Some((mut best, rest)) = items.split_first() else { return Ok(Value::Null) };
    for item in std::iter::once(best).chain(rest) {
        match compare::order(item, best, &mut evaluator.fuel)? {
            None => return Ok(Value::Null),
            Some(order) => best = if order == wanted { item } else { best },
        }
    }
    Ok(best.clone())
}

//! The functions. An argument of the wrong type gives null.

mod list;
mod number;
mod temporal;
mod text;
mod working;

use crate::{EvalError, Function, Value, eval::Evaluator};

pub(crate) fn call(function: Function, arguments: &[Value], evaluator: &mut Evaluator<'_>) -> Result<Value, EvalError> {
    use Function as F;
    match function {
        F::Count | F::Sum | F::Min | F::Max | F::ListContains => list::call(function, arguments, evaluator),
        F::Contains | F::StartsWith | F::EndsWith | F::StringLength | F::UpperCase | F::LowerCase | F::Substring => {
            text::call(function, arguments, &mut evaluator.fuel)
        }
        F::Floor | F::Ceiling | F::RoundUp | F::RoundDown | F::RoundHalfUp | F::Abs => Ok(number::call(function, arguments)),
        F::Date | F::Time | F::DateAndTime | F::Duration => Ok(temporal::call(function, arguments).unwrap_or(Value::Null)),
        F::Today => Ok(evaluator.context.now.map_or(Value::Null, |now| Value::Date(now.local.date()))),
        F::Now => Ok(evaluator.context.now.map_or(Value::Null, Value::DateTime)),
        F::WorkingDaysBetween | F::AddWorkingDays | F::AddWorkingTime => working::call(function, arguments, evaluator),
    }
}

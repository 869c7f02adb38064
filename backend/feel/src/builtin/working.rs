//! The functions of working time: our extension of FEEL. Without a calendar they give null.

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use crate::{EvalError, Function, Value, WorkingTime, eval::Evaluator, fuel::Fuel};

/// Beyond ten years nobody has announced any holidays.
const HORIZON_DAYS: i64 = 3660;
/// Asking the calendar about a day costs more than a step.
const COST_OF_A_DAY: u32 = 5;

pub(super) fn call(function: Function, arguments: &[Value], evaluator: &mut Evaluator<'_>) -> Result<Value, EvalError> {
    let Some(calendar) = evaluator.context.calendar else { return Ok(Value::Null) };
    match (function, arguments) {
        (Function::WorkingDaysBetween, [Value::Date(from), Value::Date(to)]) => between(*from, *to, calendar, &mut evaluator.fuel),
        (Function::AddWorkingDays, [Value::Date(from), Value::Number(days)]) if days.is_integer() => {
            add(*from, days.to_i64().unwrap_or(i64::MAX), calendar, &mut evaluator.fuel)
        }
        (Function::AddWorkingTime, [Value::DateTime(from), Value::DaysDuration(duration)]) => {
            evaluator.fuel.spend(COST_OF_A_DAY * 200)?;
            Ok(calendar.add_working_time(*from, *duration).map_or(Value::Null, Value::DateTime))
        }
        _ => Ok(Value::Null),
    }
}

/// Working days after the first date up to and including the second; negative if it is the earlier one.
fn between(from: Date, to: Date, calendar: &dyn WorkingTime, fuel: &mut Fuel) -> Result<Value, EvalError> {
    if to < from {
        let days = between(to, from, calendar, fuel)?;
        return Ok(crate::arithmetic::negative(&days).unwrap_or(Value::Null));
    }
    if to.duration_since(from).as_hours() > HORIZON_DAYS * 24 {
        return Ok(Value::Null);
    }
    let (mut day, mut count) = (from, 0);
    while day < to {
        let Ok(tomorrow) = day.tomorrow() else { return Ok(Value::Null) };
        day = tomorrow;
        fuel.spend(COST_OF_A_DAY)?;
        count += i64::from(calendar.is_working_day(day));
    }
    Ok(Value::from(count))
}

/// The date so many working days later (earlier, if negative); 0 is the date itself, working or not.
fn add(from: Date, days: i64, calendar: &dyn WorkingTime, fuel: &mut Fuel) -> Result<Value, EvalError> {
    let (mut day, mut left) = (from, days.unsigned_abs());
    for _ in 0..HORIZON_DAYS {
        if left == 0 {
            return Ok(Value::Date(day));
        }
        let Ok(next) = (if days > 0 { day.tomorrow() } else { day.yesterday() }) else { return Ok(Value::Null) };
        day = next;
        fuel.spend(COST_OF_A_DAY)?;
        left -= u64::from(calendar.is_working_day(day));
    }
    Ok(Value::Null)
}

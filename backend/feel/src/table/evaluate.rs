//! Which rules match, and what comes of it.

use rust_decimal::Decimal;

use super::{Aggregator, HitPolicy, Rule, Table};
use crate::{Code, Context, EvalError, Value, compare, fuel::Fuel};

/// The outcome of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// A context of the outputs by name, a list of such, or with an aggregator the one value; null if no rule matched
    /// and no list was asked for.
    pub value: Value,
    /// The rules that matched and count, from 0, for the record.
    pub rules: Vec<usize>,
}

impl Table {
    /// Decides. Fails if an expression costs too much, or if rules match together that must not.
    pub fn evaluate(&self, context: &Context<'_>) -> Result<Decision, EvalError> {
        let inputs = self.inputs.iter().map(|input| input.expression.evaluate(context)).collect::<Result<Vec<_>, _>>()?;
        let mut hits = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            if rule.matches(&inputs, context)? {
                hits.push((index, rule));
                if self.policy == HitPolicy::First {
                    break;
                }
            }
        }
        let value = self.outcome(&hits, context)?;
        Ok(Decision { value, rules: hits.into_iter().map(|(index, _)| index).collect() })
    }

    fn outcome(&self, hits: &[(usize, &Rule)], context: &Context<'_>) -> Result<Value, EvalError> {
        match (self.policy, hits) {
            (HitPolicy::Unique, [(first, _), (second, _), ..]) => Err(conflict(*first, *second)),
            (HitPolicy::Unique | HitPolicy::First | HitPolicy::Any, []) => Ok(Value::Null),
            (HitPolicy::Unique | HitPolicy::First, [(_, rule), ..]) => self.outputs_of(rule, context),
            (HitPolicy::Any, [(first, rule), others @ ..]) => {
                let outputs = self.outputs_of(rule, context)?;
                for (second, other) in others {
                    let same = compare::equal(&outputs, &self.outputs_of(other, context)?, &mut Fuel::new(context.steps))?;
                    if same != Some(true) {
                        return Err(conflict(*first, *second));
                    }
                }
                Ok(outputs)
            }
            (HitPolicy::RuleOrder | HitPolicy::Collect(Aggregator::List), hits) => {
                let all = hits.iter().map(|(_, rule)| self.outputs_of(rule, context)).collect::<Result<Vec<_>, _>>()?;
                Ok(Value::list(all))
            }
            (HitPolicy::Collect(Aggregator::Count), hits) => Ok(Value::from(i64::try_from(hits.len()).unwrap_or(i64::MAX))),
            (HitPolicy::Collect(aggregator), hits) => aggregated(aggregator, hits, context),
        }
    }

    fn outputs_of(&self, rule: &Rule, context: &Context<'_>) -> Result<Value, EvalError> {
        let values = rule.then.iter().map(|cell| cell.evaluate(context)).collect::<Result<Vec<_>, _>>()?;
        Ok(Value::context(self.outputs.iter().map(|output| output.name.as_str()).zip(values)))
    }
}

impl Rule {
    fn matches(&self, inputs: &[Value], context: &Context<'_>) -> Result<bool, EvalError> {
        for (cell, value) in self.when.iter().zip(inputs) {
            if !cell.matches(value, context)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Rules are told from 1, as they are numbered on the page.
fn conflict(first: usize, second: usize) -> EvalError {
    EvalError::new(Code::RulesConflict).with("first", first + 1).with("second", second + 1)
}

/// The sum, least or greatest of the only output; null without a hit, or if any is no number.
fn aggregated(aggregator: Aggregator, hits: &[(usize, &Rule)], context: &Context<'_>) -> Result<Value, EvalError> {
    let mut total: Option<Decimal> = None;
    for (_, rule) in hits {
        let value = rule.then.first().map_or(Ok(Value::Null), |cell| cell.evaluate(context))?;
        let Value::Number(number) = value else { return Ok(Value::Null) };
        total = match (total, aggregator) {
            (None, _) => Some(number),
            (Some(total), Aggregator::Min) => Some(total.min(number)),
            (Some(total), Aggregator::Max) => Some(total.max(number)),
            (Some(total), _) => match total.checked_add(number) {
                Some(total) => Some(total),
                None => return Ok(Value::Null),
            },
        };
    }
    Ok(Value::of_number(total))
}

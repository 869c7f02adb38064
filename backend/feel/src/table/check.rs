//! What is wrong with a table before it is used: types cell by cell, and rules that overlap or are never reached, as far
//! as that can be seen from cells made of literals. What cannot be decided so is not reported.

use super::{Aggregator, HitPolicy, Rule, Table, region::Region};
use crate::{
    Code, Schema, Type,
    problem::{Position, Problem},
};

/// A problem and the cell it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellProblem {
    /// The row, from 0; none for the head of a column or the table as a whole.
    pub rule: Option<usize>,
    /// The column, from 0, inputs first and outputs after them; none for a whole row.
    pub column: Option<usize>,
    /// What is wrong, with its place in the cell.
    pub problem: Problem,
}

impl Table {
    /// Everything that is wrong with the table, for these fields.
    pub fn check(&self, schema: &Schema) -> Result<(), Vec<CellProblem>> {
        let mut problems = Vec::new();
        for (column, input) in self.inputs.iter().enumerate() {
            let found = fitting(input.expression.check(schema), &input.of);
            problems.extend(found.into_iter().map(|problem| CellProblem { rule: None, column: Some(column), problem }));
        }
        for (row, rule) in self.rules.iter().enumerate() {
            problems.extend(self.check_rule(row, rule, schema));
        }
        problems.extend(self.check_aggregator());
        if problems.is_empty() {
            problems.extend(self.check_rules());
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn check_rule(&self, row: usize, rule: &Rule, schema: &Schema) -> Vec<CellProblem> {
        let (expected, found) = (self.inputs.len() + self.outputs.len(), rule.when.len() + rule.then.len());
        if rule.when.len() != self.inputs.len() || rule.then.len() != self.outputs.len() {
            let problem = Problem::new(Code::CellCount, Position::default()).with("expected", expected).with("found", found);
            return vec![CellProblem { rule: Some(row), column: None, problem }];
        }
        let conditions = self.inputs.iter().zip(&rule.when).map(|(input, cell)| cell.check(&input.of, schema).err().unwrap_or_default());
        let results = self.outputs.iter().zip(&rule.then).map(|(output, cell)| fitting(cell.check(schema), &output.of));
        let cells = conditions.chain(results).enumerate();
        let place = |(column, found): (usize, Vec<Problem>)| {
            found.into_iter().map(move |problem| CellProblem { rule: Some(row), column: Some(column), problem })
        };
        cells.flat_map(place).collect()
    }

    fn check_aggregator(&self) -> Option<CellProblem> {
        let HitPolicy::Collect(Aggregator::Sum | Aggregator::Min | Aggregator::Max) = self.policy else { return None };
        if let [output] = self.outputs.as_slice()
            && matches!(output.of, Type::Number | Type::Any)
        {
            return None;
        }
        let problem = Problem::new(Code::CannotAggregate, Position::default()).with("expected", Type::Number);
        Some(CellProblem { rule: None, column: None, problem })
    }

    /// With `U`, two rules that some input matches both of; with `F`, a rule that an earlier one covers.
    fn check_rules(&self) -> Vec<CellProblem> {
        let code = match self.policy {
            HitPolicy::Unique => Code::RulesOverlap,
            HitPolicy::First => Code::RuleUnreachable,
            _ => return Vec::new(),
        };
        let regions: Vec<Vec<Region>> = self.rules.iter().map(|rule| rule.when.iter().map(Region::of).collect()).collect();
        let meets = |first: &[Region], second: &[Region]| {
            first.iter().zip(second).all(|(first, second)| match code {
                Code::RulesOverlap => first.overlaps(second),
                _ => first.covers(second),
            })
        };
        let mut problems = Vec::new();
        for (second, later) in regions.iter().enumerate() {
            if let Some(first) = regions.iter().take(second).position(|earlier| meets(earlier, later)) {
                let problem = Problem::new(code, Position::default()).with("first", first + 1).with("second", second + 1);
                problems.push(CellProblem { rule: Some(second), column: None, problem });
            }
        }
        problems
    }
}

/// The problems of a cell whose value must be of a type.
fn fitting(checked: Result<Type, Vec<Problem>>, wanted: &Type) -> Vec<Problem> {
    let start = Position { offset: 0, line: 1, column: 1 };
    match checked {
        Err(problems) => problems,
        Ok(found) if found.fits(wanted) => Vec::new(),
        Ok(Type::Choice(values)) if let Type::Choice(choices) = wanted => {
            let value = values.iter().find(|value| !choices.contains(value)).cloned().unwrap_or_default();
            vec![Problem::new(Code::NotAChoice, start).with("value", value).with("choices", choices.join("、"))]
        }
        Ok(found) => vec![Problem::new(Code::WrongType, start).with("expected", wanted).with("found", found)],
    }
}

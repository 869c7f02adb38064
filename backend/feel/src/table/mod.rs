//! Decision tables: rules in rows, conditions and results in columns.

mod check;
mod evaluate;
mod region;

pub use check::CellProblem;
pub use evaluate::Decision;

use std::collections::BTreeSet;

use crate::{Expression, Type, UnaryTests};

/// A decision table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What is looked at.
    pub inputs: Vec<Input>,
    /// What is decided.
    pub outputs: Vec<Output>,
    /// In order.
    pub rules: Vec<Rule>,
    /// What happens when several rules match.
    pub policy: HitPolicy,
}

/// A column of conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Gives the value that the column's cells test.
    pub expression: Expression,
    /// The type of that value.
    pub of: Type,
}

/// A column of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The name of the result.
    pub name: String,
    /// The type of the result.
    pub of: Type,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// One cell for each input; the rule matches if all do.
    pub when: Vec<UnaryTests>,
    /// One cell for each output.
    pub then: Vec<Expression>,
}

/// What happens when several rules match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitPolicy {
    /// U: only one may match; two are an error that names both.
    Unique,
    /// F: the first counts.
    First,
    /// A: several may match if they agree.
    Any,
    /// R: a list of all results, in the order of the rules.
    RuleOrder,
    /// C: all results, as the aggregator puts them together.
    Collect(Aggregator),
}

/// How collected results are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregator {
    /// A list.
    List,
    /// C+
    Sum,
    /// C<
    Min,
    /// C>
    Max,
    /// C#
    Count,
}

impl Table {
    /// The fields that it reads, as [`Expression::names`] gives them.
    #[must_use]
    pub fn names(&self) -> BTreeSet<Vec<String>> {
        let cells = self.rules.iter().flat_map(|rule| {
            let conditions = rule.when.iter().flat_map(UnaryTests::names);
            conditions.chain(rule.then.iter().flat_map(Expression::names))
        });
        self.inputs.iter().flat_map(|input| input.expression.names()).chain(cells).collect()
    }
}

impl HitPolicy {
    /// The policy of a letter as DMN writes it: `U`, `F`, `A`, `R`, `C`, `C+`, `C<`, `C>`, `C#`.
    #[must_use]
    pub fn named(sign: &str) -> Option<Self> {
        let all = [Self::Unique, Self::First, Self::Any, Self::RuleOrder];
        let collect = [Aggregator::List, Aggregator::Sum, Aggregator::Min, Aggregator::Max, Aggregator::Count].map(Self::Collect);
        all.into_iter().chain(collect).find(|policy| policy.sign() == sign)
    }

    /// The letter.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Unique => "U",
            Self::First => "F",
            Self::Any => "A",
            Self::RuleOrder => "R",
            Self::Collect(Aggregator::List) => "C",
            Self::Collect(Aggregator::Sum) => "C+",
            Self::Collect(Aggregator::Min) => "C<",
            Self::Collect(Aggregator::Max) => "C>",
            Self::Collect(Aggregator::Count) => "C#",
        }
    }
}

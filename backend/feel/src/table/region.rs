//! The values that a cell matches, where literals show it.

use rust_decimal::Decimal;

use crate::{
    UnaryTests,
    ast::{Kind, Node, Operator, Range, Test},
};

/// A set of values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Region {
    /// All of them (`-`).
    All,
    /// These texts.
    Texts(Vec<String>),
    /// This one truth value.
    Truth(bool),
    /// Numbers between two ends.
    Numbers(Interval),
    /// It cannot be seen.
    Unknown,
}

/// Numbers between two ends; none is without end. The flag says whether the end belongs to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    low: Option<(Decimal, bool)>,
    high: Option<(Decimal, bool)>,
}

impl Region {
    pub(super) fn of(cell: &UnaryTests) -> Self {
        match cell.tests.as_slice() {
            [] => Self::All,
            _ if cell.negated => Self::Unknown,
            [test] => Self::of_test(test),
            tests => tests.iter().map(text).collect::<Option<_>>().map_or(Self::Unknown, Self::Texts),
        }
    }

    fn of_test(test: &Test) -> Self {
        let interval = match test {
            Test::Value(Node { kind: Kind::Text(text), .. }) => return Self::Texts(vec![text.clone()]),
            Test::Value(Node { kind: Kind::Boolean(truth), .. }) => return Self::Truth(*truth),
            Test::Value(node) => number(node).map(|at| Interval { low: Some((at, true)), high: Some((at, true)) }),
            Test::Compare(operator, node) => number(node).and_then(|end| half(*operator, end)),
            Test::Range(Range { low, high, with_low, with_high }) => {
                number(low).zip(number(high)).map(|(low, high)| Interval { low: Some((low, *with_low)), high: Some((high, *with_high)) })
            }
            Test::Condition(_) => None,
        };
        // What is empty overlaps nothing; we leave it alone.
        interval.filter(|interval| interval.meets(interval)).map_or(Self::Unknown, Self::Numbers)
    }

    /// Whether some value certainly lies in both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => false,
            (Self::All, _) | (_, Self::All) => true,
            (Self::Texts(left), Self::Texts(right)) => left.iter().any(|text| right.contains(text)),
            (Self::Numbers(left), Self::Numbers(right)) => left.meets(right),
            (left, right) => left == right,
        }
    }

    /// Whether every value of the other certainly lies in this.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Unknown, _) | (_, Self::Unknown | Self::All) => false,
            (Self::Texts(left), Self::Texts(right)) => right.iter().all(|text| left.contains(text)),
            (Self::Numbers(left), Self::Numbers(right)) => left.contains(right),
            (left, right) => left == right,
        }
    }
}

impl Interval {
    fn meets(&self, other: &Self) -> bool {
        let below = |low: Option<(Decimal, bool)>, high: Option<(Decimal, bool)>| match (low, high) {
            (Some((low, with_low)), Some((high, with_high))) => low < high || (low == high && with_low && with_high),
            _ => true,
        };
        below(self.low, other.high) && below(other.low, self.high) && below(self.low, self.high) && below(other.low, other.high)
    }

    fn contains(&self, other: &Self) -> bool {
        let low = match (self.low, other.low) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((mine, with)), Some((its, its_with))) => mine < its || (mine == its && (with || !its_with)),
        };
        let high = match (self.high, other.high) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((mine, with)), Some((its, its_with))) => mine > its || (mine == its && (with || !its_with)),
        };
        low && high
    }
}

fn half(operator: Operator, end: Decimal) -> Option<Interval> {
    match operator {
        Operator::Less | Operator::LessOrEqual => Some(Interval { low: None, high: Some((end, operator == Operator::LessOrEqual)) }),
        Operator::Greater | Operator::GreaterOrEqual => {
            Some(Interval { low: Some((end, operator == Operator::GreaterOrEqual)), high: None })
        }
        Operator::Equal => Some(Interval { low: Some((end, true)), high: Some((end, true)) }),
        _ => None,
    }
}

fn text(test: &Test) -> Option<String> {
    match test {
        Test::Value(Node { kind: Kind::Text(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

fn number(node: &Node) -> Option<Decimal> {
    match &node.kind {
        Kind::Number(number) => Some(*number),
        Kind::Negative(node) => number(node).map(|number| -number),
        _ => None,
    }
}

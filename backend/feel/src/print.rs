//! An expression as text: the shortest brackets, one space around operators. Reading it again gives the same tree.

use std::fmt::{self, Display, Formatter, Write};

use crate::{
    ast::{Kind, Level, Node, Quantifier, Range, Test},
    lexer::is_plain_name,
};

impl Node {
    fn level(&self) -> Level {
        match &self.kind {
            Kind::If(_) | Kind::Quantified(..) => Level::Open,
            Kind::Or(_) => Level::Or,
            Kind::And(_) => Level::And,
            Kind::Between(_) | Kind::In(..) => Level::Comparison,
            Kind::Binary(operator, ..) => operator.level(),
            Kind::Negative(_) => Level::Sign,
            _ => Level::Atom,
        }
    }
}

/// A node as an operand: in brackets if it binds less tightly than needed.
struct Operand<'a>(&'a Node, Level);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.level() < self.1 { write!(f, "({})", self.0) } else { self.0.fmt(f) }
    }
}

/// Things with something between them.
struct Separated<'a, T>(&'a [T], &'static str);

impl<T: Display> Display for Separated<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { self.1 })?;
            item.fmt(f)?;
        }
        Ok(())
    }
}

pub(crate) struct Name<'a>(pub(crate) &'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_plain_name(self.0) { f.write_str(self.0) } else { write!(f, "`{}`", self.0) }
    }
}

/// A text in its quotes.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Null => f.write_str("null"),
            Kind::Boolean(value) => value.fmt(f),
            Kind::Number(number) => number.fmt(f),
            Kind::Text(text) => Quoted(text).fmt(f),
            Kind::List(items) => write!(f, "[{}]", Separated(items, ", ")),
            Kind::Name(name) => Name(name).fmt(f),
            Kind::Input => f.write_char('?'),
            Kind::Path(node, name) => write!(f, "{}.{}", Operand(node, Level::Atom), Name(name)),
            // `--1` reads well, `- -1` reads better.
            Kind::Negative(node) if matches!(node.kind, Kind::Negative(_)) => write!(f, "- {node}"),
            Kind::Negative(node) => write!(f, "-{}", Operand(node, Level::Sign)),
            Kind::Not(node) => write!(f, "not({node})"),
            Kind::Binary(operator, left, right) => {
                // Comparisons do not chain; the others group to the left.
                let first = if operator.level() == Level::Comparison { Level::Sum } else { operator.level() };
                write!(f, "{} {} {}", Operand(left, first), operator.sign(), Operand(right, operator.level().tighter()))
            }
            Kind::And(nodes) => {
                let operands: Vec<_> = nodes.iter().map(|node| Operand(node, Level::Comparison)).collect();
                Separated(&operands, " and ").fmt(f)
            }
            Kind::Or(nodes) => {
                let operands: Vec<_> = nodes.iter().map(|node| Operand(node, Level::And)).collect();
                Separated(&operands, " or ").fmt(f)
            }
            Kind::Between(nodes) => {
                let [value, low, high] = nodes.each_ref().map(|node| Operand(node, Level::Sum));
                write!(f, "{value} between {low} and {high}")
            }
            Kind::In(value, tests) => {
                let value = Operand(value, Level::Sum);
                match tests.as_slice() {
                    [test] if test.stands_alone() => write!(f, "{value} in {test}"),
                    tests => write!(f, "{value} in ({})", Separated(tests, ", ")),
                }
            }
            Kind::If(nodes) => {
                let [condition, then, otherwise] = &**nodes;
                write!(f, "if {condition} then {then} else {otherwise}")
            }
            Kind::Quantified(quantifier, name, nodes) => {
                let word = if *quantifier == Quantifier::Some { "some" } else { "every" };
                let [list, condition] = &**nodes;
                write!(f, "{word} {} in {list} satisfies {condition}", Name(name))
            }
            Kind::Call(function, arguments) => write!(f, "{}({})", function.name(), Separated(arguments, ", ")),
        }
    }
}

impl Test {
    /// Whether `in` can be followed by it without brackets.
    fn stands_alone(&self) -> bool {
        match self {
            Self::Compare(..) | Self::Range(_) => true,
            Self::Value(node) | Self::Condition(node) => matches!(node.kind, Kind::Name(_) | Kind::List(_)),
        }
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(operator, node) => write!(f, "{} {}", operator.sign(), Operand(node, Level::Sum)),
            Self::Range(Range { low, high, with_low, with_high }) => {
                let (open, close) = (if *with_low { '[' } else { '(' }, if *with_high { ']' } else { ')' });
                write!(f, "{open}{low}..{high}{close}")
            }
            Self::Value(node) | Self::Condition(node) => node.fmt(f),
        }
    }
}

/// The tests of a cell.
pub(crate) struct Tests<'a>(pub(crate) &'a [Test]);

impl Display for Tests<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Separated(self.0, ", ").fmt(f)
    }
}

//! The tree of an expression.

use rust_decimal::Decimal;

use crate::{Function, problem::Position};

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `**`
    Power,
}

impl Operator {
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "**",
        }
    }

    pub(crate) fn of(sign: &str) -> Option<Self> {
        use Operator::*;
        let all = [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Add, Subtract, Multiply, Divide, Power];
        all.into_iter().find(|operator| operator.sign() == sign)
    }

    pub(crate) const fn level(self) -> Level {
        match self {
            Self::Add | Self::Subtract => Level::Sum,
            Self::Multiply | Self::Divide => Level::Product,
            Self::Power => Level::Power,
            _ => Level::Comparison,
        }
    }
}

/// How tightly an operator binds; a later level binds tighter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// `if`, `some`, `every`: reach as far to the right as they can.
    Open,
    Or,
    And,
    Comparison,
    Sum,
    Product,
    Power,
    /// Unary minus binds tighter than `**` (`-2 ** 2` is 4, as in FEEL).
    Sign,
    Atom,
}

impl Level {
    /// The level of an operand that must bind tighter than this.
    pub(crate) const fn tighter(self) -> Self {
        match self {
            Self::Open => Self::Or,
            Self::Or => Self::And,
            Self::And => Self::Comparison,
            Self::Comparison => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product => Self::Power,
            Self::Power => Self::Sign,
            Self::Sign | Self::Atom => Self::Atom,
        }
    }
}

/// `some` or `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// One is enough.
    Some,
    /// All.
    Every,
}

/// A part of an expression.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) at: Position,
    /// Levels below and including this one; the parser keeps it bounded, so that everything recursive is.
    pub(crate) height: usize,
}

/// Positions do not matter: two trees are equal if they mean the same.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What a part of an expression is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Null,
    Boolean(bool),
    /// Never negative: a minus sign is a node of its own.
    Number(Decimal),
    Text(String),
    List(Vec<Node>),
    Name(String),
    /// `?`, the value that a cell of a decision table tests.
    Input,
    Path(Box<Node>, String),
    Negative(Box<Node>),
    Not(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    /// Two or more operands.
    And(Vec<Node>),
    /// Two or more operands.
    Or(Vec<Node>),
    Between(Box<[Node; 3]>),
    In(Box<Node>, Vec<Test>),
    If(Box<[Node; 3]>),
    /// The name, the list, the condition.
    Quantified(Quantifier, String, Box<[Node; 2]>),
    Call(Function, Vec<Node>),
}

/// One of the things that a value is tested against.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// `< 5`
    Compare(Operator, Node),
    /// `[1..10)`
    Range(Range),
    /// A value to be equal to, or a list to be in.
    Value(Node),
    /// With `?` anywhere in it: what must be true.
    Condition(Node),
}

/// `[1..10)`: the ends and whether they belong to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) low: Box<Node>,
    pub(crate) high: Box<Node>,
    pub(crate) with_low: bool,
    pub(crate) with_high: bool,
}

impl Node {
    pub(crate) fn new(kind: Kind, at: Position) -> Self {
        let mut height = 0;
        kind.each(&mut |child| height = height.max(child.height));
        Self { kind, at, height: height + 1 }
    }

    /// Whether `?` stands anywhere in it.
    pub(crate) fn mentions_input(&self) -> bool {
        let mut found = self.kind == Kind::Input;
        self.kind.each(&mut |child| found = found || child.mentions_input());
        found
    }
}

impl Kind {
    /// Visits the parts directly below.
    pub(crate) fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Node)) {
        match self {
            Self::Null | Self::Boolean(_) | Self::Number(_) | Self::Text(_) | Self::Name(_) | Self::Input => {}
            Self::Path(node, _) | Self::Negative(node) | Self::Not(node) => visit(node),
            Self::Binary(_, left, right) => {
                visit(left);
                visit(right);
            }
            Self::And(nodes) | Self::Or(nodes) | Self::List(nodes) | Self::Call(_, nodes) => nodes.iter().for_each(visit),
            Self::Between(nodes) | Self::If(nodes) => nodes.iter().for_each(visit),
            Self::Quantified(_, _, nodes) => nodes.iter().for_each(visit),
            Self::In(node, tests) => {
                visit(node);
                tests.iter().for_each(|test| test.each(visit));
            }
        }
    }
}

impl Test {
    /// A test without sign or range.
    pub(crate) fn of(node: Node) -> Self {
        if node.mentions_input() { Self::Condition(node) } else { Self::Value(node) }
    }

    /// Visits the expressions in it.
    pub(crate) fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Node)) {
        match self {
            Self::Compare(_, node) | Self::Value(node) | Self::Condition(node) => visit(node),
            Self::Range(range) => {
                visit(&range.low);
                visit(&range.high);
            }
        }
    }
}

//! The two things that are parsed: expressions, and the conditions in cells of decision tables.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::{
    Context, EvalError, SyntaxError, Value,
    ast::{Kind, Node, Test},
    eval::Evaluator,
    parser,
    print::Tests,
};

/// A parsed expression. Two are equal if they mean the same, however they were laid out.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(pub(crate) Node);

impl Expression {
    /// Reads an expression.
    pub fn parse(source: &str) -> Result<Self, SyntaxError> {
        parser::expression(source).map(Self)
    }

    /// The value in a context; fails only if it costs more than it may.
    pub fn evaluate(&self, context: &Context<'_>) -> Result<Value, EvalError> {
        Evaluator::new(context, &Value::Null).value(&self.0)
    }

    /// The fields that it reads, as paths: `申请人.部门` is `["申请人", "部门"]`. A path stands for everything below it,
    /// and its last part can be a property such as `year`.
    #[must_use]
    pub fn names(&self) -> BTreeSet<Vec<String>> {
        let mut names = BTreeSet::new();
        collect(&self.0, &mut Vec::new(), &mut names);
        names
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl FromStr for Expression {
    type Err = SyntaxError;
    fn from_str(source: &str) -> Result<Self, SyntaxError> {
        Self::parse(source)
    }
}

/// A condition on one value: `-`, `< 5`, `[1..10]`, `"a", "b"`, `not("a")`, or anything with `?` for the value.
#[derive(Clone, Debug, PartialEq)]
pub struct UnaryTests {
    pub(crate) negated: bool,
    /// None of them: any value will do.
    pub(crate) tests: Vec<Test>,
}

impl UnaryTests {
    /// Reads a cell.
    pub fn parse(source: &str) -> Result<Self, SyntaxError> {
        parser::unary_tests(source).map(|(negated, tests)| Self { negated, tests })
    }

    /// Whether the value meets the condition; what is not known to be met is not.
    pub fn matches(&self, value: &Value, context: &Context<'_>) -> Result<bool, EvalError> {
        if self.tests.is_empty() {
            return Ok(true);
        }
        let passes = Evaluator::new(context, value).passes(value, &self.tests)?;
        Ok(passes == Some(!self.negated))
    }

    /// The fields that it reads beside the value, as [`Expression::names`] gives them.
    #[must_use]
    pub fn names(&self) -> BTreeSet<Vec<String>> {
        let mut names = BTreeSet::new();
        self.tests.iter().for_each(|test| test.each(&mut |node| collect(node, &mut Vec::new(), &mut names)));
        names
    }
}

impl fmt::Display for UnaryTests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tests = Tests(&self.tests).to_string();
        match tests.as_str() {
            "" => f.write_str("-"),
            _ if self.negated => write!(f, "not({tests})"),
            // What begins with `not` would negate the whole cell.
            _ if tests.starts_with("not(") => match self.tests.split_first() {
                Some((first, [])) => write!(f, "({first})"),
                Some((first, rest)) => write!(f, "({first}), {}", Tests(rest)),
                None => Ok(()),
            },
            tests => f.write_str(tests),
        }
    }
}
impl FromStr for UnaryTests {
    type Err = SyntaxError;
    fn from_str(source: &str) -> Result<Self, SyntaxError> {
        Self::parse(source)
    }
}

/// Collects the longest paths; `bound` are the names that `some` and `every` have given.
fn collect<'a>(node: &'a Node, bound: &mut Vec<&'a str>, names: &mut BTreeSet<Vec<String>>) {
    if let Some(path) = path(node) {
        if path.first().is_some_and(|first| !bound.contains(first)) {
            names.insert(path.into_iter().map(str::to_owned).collect());
        }
        return;
    }
    if let Kind::Quantified(_, name, nodes) = &node.kind {
        let [list, condition] = &**nodes;
        collect(list, bound, names);
        bound.push(name);
        collect(condition, bound, names);
        bound.pop();
        return;
    }
    node.kind.each(&mut |child| collect(child, bound, names));
}

/// `a.b.c` as its parts, if it begins with a name.
fn path(node: &Node) -> Option<Vec<&str>> {
    match &node.kind {
        Kind::Name(name) => Some(vec![name]),
        Kind::Path(node, name) => {
            let mut parts = path(node)?;
            parts.push(name);
            Some(parts)
        }
        _ => None,
    }
}

//! Type checking: an expression is refused before it is used if it can only be a mistake.

mod compare;
mod functions;
mod operators;

use crate::{
    Code, Expression, Schema, Type, TypeError, UnaryTests,
    ast::{Kind, Node, Operator, Range, Test},
    problem::{Position, Problem},
};

impl Expression {
    /// The type of its value with these fields, or everything that is wrong with it.
    pub fn check(&self, schema: &Schema) -> Result<Type, Vec<TypeError>> {
        let mut checker = Checker::new(schema, None);
        let of = checker.type_of(&self.0);
        if checker.problems.is_empty() { Ok(of) } else { Err(checker.problems) }
    }
}

impl UnaryTests {
    /// Whether a value of this type can be tested by it, with these fields beside it.
    pub fn check(&self, input: &Type, schema: &Schema) -> Result<(), Vec<TypeError>> {
        let mut checker = Checker::new(schema, Some(input));
        for test in &self.tests {
            checker.test(input, None, test);
        }
        if checker.problems.is_empty() { Ok(()) } else { Err(checker.problems) }
    }
}

struct Checker<'a> {
    schema: &'a Schema,
    /// The type of `?`.
    input: Option<&'a Type>,
    /// Names bound by `some` and `every`, the innermost last.
    bound: Vec<(&'a str, Type)>,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn new(schema: &'a Schema, input: Option<&'a Type>) -> Self {
        Self { schema, input, bound: Vec::new(), problems: Vec::new() }
    }

    /// Notes a problem; what it concerns counts as any, so that one mistake is told once.
    fn refuse(&mut self, problem: Problem) -> Type {
        self.problems.push(problem);
        Type::Any
    }

    fn expect(&mut self, node: &'a Node, wanted: &Type) {
        let found = self.type_of(node);
        self.expect_type(&found, wanted, node.at);
    }

    fn expect_type(&mut self, found: &Type, wanted: &Type, at: Position) {
        if *found != Type::Null && !found.compares_with(wanted) {
            self.refuse(Problem::new(Code::WrongType, at).with("expected", wanted).with("found", found));
        }
    }

    fn type_of(&mut self, node: &'a Node) -> Type {
        match &node.kind {
            Kind::Null => Type::Null,
            Kind::Boolean(_) => Type::Boolean,
            Kind::Number(_) => Type::Number,
            Kind::Text(text) => Type::Choice(vec![text.clone()]),
            Kind::List(items) => {
                let types: Vec<Type> = items.iter().map(|item| self.type_of(item)).collect();
                let common = types.into_iter().map(Some).reduce(|left, right| left?.or(right?));
                Type::list(common.flatten().unwrap_or(Type::Any))
            }
            Kind::Name(name) => self.named(name, node.at),
            Kind::Input => self.input.cloned().unwrap_or(Type::Any),
            Kind::Path(base, name) => self.path(base, name, node.at),
            Kind::Negative(operand) => self.negative(operand),
            Kind::Not(operand) => self.truth(std::slice::from_ref(operand)),
            Kind::And(nodes) | Kind::Or(nodes) => self.truth(nodes),
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, node.at),
            Kind::Between(nodes) => self.between(nodes),
            Kind::In(value, tests) => {
                let of = self.type_of(value);
                tests.iter().for_each(|test| self.test(&of, Some(value), test));
                Type::Boolean
            }
            Kind::If(nodes) => self.conditional(nodes),
            Kind::Quantified(_, name, nodes) => self.quantified(name, nodes),
            Kind::Call(function, arguments) => self.call(*function, arguments, node.at),
        }
    }

    fn named(&mut self, name: &str, at: Position) -> Type {
        let bound = self.bound.iter().rev().find(|(bound, _)| *bound == name).map(|(_, of)| of);
        match bound.or_else(|| self.schema.fields.get(name)) {
            Some(of) => of.clone(),
            None => self.refuse(Problem::new(Code::UnknownName, at).with("name", name)),
        }
    }

    fn path(&mut self, base: &'a Node, name: &str, at: Position) -> Type {
        let of = self.type_of(base);
        of.property(name).unwrap_or_else(|| self.refuse(Problem::new(Code::UnknownProperty, at).with("type", &of).with("name", name)))
    }

    fn truth<N: std::borrow::Borrow<Node>>(&mut self, nodes: &'a [N]) -> Type {
        for node in nodes {
            self.expect(node.borrow(), &Type::Boolean);
        }
        Type::Boolean
    }

    fn between(&mut self, nodes: &'a [Node; 3]) -> Type {
        let [value, low, high] = nodes;
        let of = self.type_of(value);
        for end in [low, high] {
            let end_type = self.type_of(end);
            self.compared(Operator::Less, (&of, Some(value)), (&end_type, Some(end)), end.at);
        }
        Type::Boolean
    }

    /// `value` is the tested node, if there is one beside its type.
    fn test(&mut self, of: &Type, value: Option<&'a Node>, test: &'a Test) {
        match test {
            Test::Compare(operator, node) => {
                let other = self.type_of(node);
                self.compared(*operator, (of, value), (&other, Some(node)), node.at);
            }
            Test::Range(Range { low, high, .. }) => {
                for end in [low, high] {
                    let end_type = self.type_of(end);
                    self.compared(Operator::Less, (of, value), (&end_type, Some(end)), end.at);
                }
            }
            Test::Condition(node) => self.expect(node, &Type::Boolean),
            Test::Value(Node { kind: Kind::List(items), .. }) if !matches!(of, Type::List(_)) => {
                for item in items {
                    let item_type = self.type_of(item);
                    self.compared(Operator::Equal, (of, value), (&item_type, Some(item)), item.at);
                }
            }
            Test::Value(node) => self.member(of, value, node),
        }
    }

    /// One value or a list of values that are allowed.
    fn member(&mut self, of: &Type, value: Option<&'a Node>, node: &'a Node) {
        let found = self.type_of(node);
        let other = match &found {
            Type::List(item) if !of.compares_with(&found) || matches!(**item, Type::List(_)) => item,
            other => other,
        };
        self.compared(Operator::Equal, (of, value), (other, Some(node)), node.at);
    }

    fn conditional(&mut self, nodes: &'a [Node; 3]) -> Type {
        let [condition, then, otherwise] = nodes;
        self.expect(condition, &Type::Boolean);
        let (left, right) = (self.type_of(then), self.type_of(otherwise));
        match left.clone().or(right.clone()) {
            Some(of) => of,
            None => self.refuse(Problem::new(Code::BranchesDiffer, otherwise.at).with("left", left).with("right", right)),
        }
    }

    fn quantified(&mut self, name: &'a str, nodes: &'a [Node; 2]) -> Type {
        let [list, condition] = nodes;
        let item = match self.type_of(list) {
            Type::List(item) => *item,
            Type::Any => Type::Any,
            found => {
                let expected = Type::list(Type::Any);
                self.refuse(Problem::new(Code::WrongType, list.at).with("expected", expected).with("found", found))
            }
        };
        self.bound.push((name, item));
        self.expect(condition, &Type::Boolean);
        self.bound.pop();
        Type::Boolean
    }
}

//! Evaluation: total, deterministic, and bounded by fuel. Only running out of it is an error; all else that has no
//! result is null.

use crate::{
    Context, EvalError, Value, arithmetic,
    ast::{Kind, Node, Operator, Quantifier, Range, Test},
    builtin, compare,
    fuel::Fuel,
    property,
};

pub(crate) struct Evaluator<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) fuel: Fuel,
    /// Names bound by `some` and `every`, the innermost last.
    bound: Vec<(&'a str, Value)>,
    /// What `?` stands for.
    input: &'a Value,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(context: &'a Context<'a>, input: &'a Value) -> Self {
        Self { context, fuel: Fuel::new(context.steps), bound: Vec::new(), input }
    }

    pub(crate) fn value(&mut self, node: &'a Node) -> Result<Value, EvalError> {
        self.fuel.spend(1)?;
        // One short call for each kind: in debug builds a large function would take a large part of the stack.
        match &node.kind {
            Kind::Null => Ok(Value::Null),
            Kind::Boolean(value) => Ok(Value::Boolean(*value)),
            Kind::Number(number) => Ok(Value::Number(*number)),
            Kind::Text(text) => Ok(Value::text(text)),
            Kind::List(items) => Ok(Value::List(self.values(items)?.into())),
            Kind::Name(name) => Ok(self.named(name)),
            Kind::Input => Ok(self.input.clone()),
            Kind::Path(node, name) => self.path(node, name),
            Kind::Negative(node) => Ok(arithmetic::negative(&self.value(node)?).unwrap_or(Value::Null)),
            Kind::Not(node) => Ok(Value::of_truth(self.value(node)?.boolean().map(|truth| !truth))),
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right),
            Kind::And(nodes) => self.all(nodes, false),
            Kind::Or(nodes) => self.all(nodes, true),
            Kind::Between(nodes) => self.between(nodes),
            Kind::In(node, tests) => self.is_in(node, tests),
            Kind::If(nodes) => self.conditional(nodes),
            Kind::Quantified(quantifier, name, nodes) => self.quantified(*quantifier, name, nodes),
            Kind::Call(function, arguments) => {
                let arguments = self.values(arguments)?;
                builtin::call(*function, &arguments, self)
            }
        }
    }

    fn values(&mut self, nodes: &'a [Node]) -> Result<Vec<Value>, EvalError> {
        nodes.iter().map(|node| self.value(node)).collect()
    }

    fn named(&self, name: &str) -> Value {
        let bound = self.bound.iter().rev().find(|(bound, _)| *bound == name).map(|(_, value)| value);
        bound.or_else(|| self.context.fields.get(name)).cloned().unwrap_or(Value::Null)
    }

    fn path(&mut self, node: &'a Node, name: &str) -> Result<Value, EvalError> {
        match self.value(node)? {
            // The property of each: `sum(明细.金额)`.
            Value::List(items) => {
                self.fuel.walk(items.len())?;
                Ok(Value::list(items.iter().map(|item| property::of(item, name))))
            }
            value => Ok(property::of(&value, name)),
        }
    }

    fn binary(&mut self, operator: Operator, left: &'a Node, right: &'a Node) -> Result<Value, EvalError> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        if let (Operator::Add, Value::String(left), Value::String(right)) = (operator, &left, &right) {
            self.fuel.write(left.len() + right.len())?;
            return Ok(Value::text(&format!("{left}{right}")));
        }
        Ok(match self.compare(operator, &left, &right)? {
            Some(truth) => Value::of_truth(truth),
            None => arithmetic::apply(operator, &left, &right),
        })
    }

    /// The outcome of a comparison; the outer `None` means that the operator is none.
    fn compare(&mut self, operator: Operator, left: &Value, right: &Value) -> Result<Option<Option<bool>>, EvalError> {
        if let Operator::Equal | Operator::NotEqual = operator {
            let equal = compare::equal(left, right, &mut self.fuel)?;
            return Ok(Some(equal.map(|equal| equal == (operator == Operator::Equal))));
        }
        let holds: fn(std::cmp::Ordering) -> bool = match operator {
            Operator::Less => std::cmp::Ordering::is_lt,
            Operator::LessOrEqual => std::cmp::Ordering::is_le,
            Operator::Greater => std::cmp::Ordering::is_gt,
            Operator::GreaterOrEqual => std::cmp::Ordering::is_ge,
            _ => return Ok(None),
        };
        Ok(Some(compare::order(left, right, &mut self.fuel)?.map(holds)))
    }

    /// Three-valued `or` (decided by true) or `and` (decided by false): what is no boolean is unknown.
    fn all(&mut self, nodes: &'a [Node], decisive: bool) -> Result<Value, EvalError> {
        let mut outcome = Some(!decisive);
        for node in nodes {
            match self.value(node)?.boolean() {
                Some(truth) if truth == decisive => return Ok(Value::Boolean(decisive)),
                Some(_) => {}
                None => outcome = None,
            }
        }
        Ok(Value::of_truth(outcome))
    }

    fn between(&mut self, nodes: &'a [Node; 3]) -> Result<Value, EvalError> {
        let [value, low, high] = nodes;
        let (value, low, high) = (self.value(value)?, self.value(low)?, self.value(high)?);
        self.within(&value, &low, true, &high, true).map(Value::of_truth)
    }

    fn within(&mut self, value: &Value, low: &Value, with_low: bool, high: &Value, with_high: bool) -> Result<Option<bool>, EvalError> {
        let above = compare::order(value, low, &mut self.fuel)?.map(|order| order.is_gt() || (with_low && order.is_eq()));
        let below = compare::order(value, high, &mut self.fuel)?.map(|order| order.is_lt() || (with_high && order.is_eq()));
        Ok(above.zip(below).map(|(above, below)| above && below))
    }

    fn is_in(&mut self, node: &'a Node, tests: &'a [Test]) -> Result<Value, EvalError> {
        let value = self.value(node)?;
        self.passes(&value, tests).map(Value::of_truth)
    }

    /// Whether one of the tests holds; unknown if none does and one is unknown.
    pub(crate) fn passes(&mut self, value: &Value, tests: &'a [Test]) -> Result<Option<bool>, EvalError> {
        let mut outcome = Some(false);
        for test in tests {
            match self.test(value, test)? {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => outcome = None,
            }
        }
        Ok(outcome)
    }

    fn test(&mut self, value: &Value, test: &'a Test) -> Result<Option<bool>, EvalError> {
        match test {
            Test::Compare(operator, node) => {
                let other = self.value(node)?;
                Ok(self.compare(*operator, value, &other)?.flatten())
            }
            Test::Range(Range { low, high, with_low, with_high }) => {
                let (low, high) = (self.value(low)?, self.value(high)?);
                self.within(value, &low, *with_low, &high, *with_high)
            }
            Test::Condition(node) => Ok(self.value(node)?.boolean()),
            Test::Value(node) => match self.value(node)? {
                Value::Null if node.kind != Kind::Null => Ok(None),
                Value::List(items) => self.listed(value, &items).map(Some),
                other => self.same(value, &other).map(Some),
            },
        }
    }

    /// Whether the value is an item of the list, or the list itself.
    fn listed(&mut self, value: &Value, items: &std::sync::Arc<[Value]>) -> Result<bool, EvalError> {
        self.fuel.walk(items.len())?;
        for item in items.iter() {
            if self.same(value, item)? {
                return Ok(true);
            }
        }
        self.same(value, &Value::List(items.clone()))
    }

    /// Membership knows no unknown: what cannot be compared is not the same.
    pub(crate) fn same(&mut self, left: &Value, right: &Value) -> Result<bool, EvalError> {
        Ok(compare::equal(left, right, &mut self.fuel)? == Some(true))
    }

    fn conditional(&mut self, nodes: &'a [Node; 3]) -> Result<Value, EvalError> {
        let [condition, then, otherwise] = nodes;
        if self.value(condition)?.is_true() { self.value(then) } else { self.value(otherwise) }
    }

    fn quantified(&mut self, quantifier: Quantifier, name: &'a str, nodes: &'a [Node; 2]) -> Result<Value, EvalError> {
        let [list, condition] = nodes;
        let Value::List(items) = self.value(list)? else { return Ok(Value::Null) };
        self.fuel.walk(items.len())?;
        let decisive = quantifier == Quantifier::Some;
        let mut outcome = Some(!decisive);
        for item in items.iter() {
            self.bound.push((name, item.clone()));
            let truth = self.value(condition)?.boolean();
            self.bound.pop();
            match truth {
                Some(truth) if truth == decisive => return Ok(Value::Boolean(decisive)),
                Some(_) => {}
                None => outcome = None,
            }
        }
        Ok(Value::of_truth(outcome))
    }
}

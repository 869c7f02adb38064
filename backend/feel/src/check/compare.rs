//! What can be compared with what.

use super::Checker;
use crate::{
    Code, Type,
    ast::{Kind, Node, Operator},
    problem::{Position, Problem},
};

/// A type, and the expression that has it, if there is one.
type Side<'t, 'a> = (&'t Type, Option<&'a Node>);

impl Checker<'_> {
    /// Notes what is wrong with comparing the two.
    pub(super) fn compared(
        &mut self,
        operator: Operator,
        (left, left_node): Side<'_, '_>,
        (right, right_node): Side<'_, '_>,
        at: Position,
    ) {
        if !left.compares_with(right) {
            self.refuse(Problem::new(Code::NotComparable, at).with("left", left).with("right", right));
            return;
        }
        let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        if !equality && let Some(of) = [left, right].into_iter().find(|of| !of.is_ordered()) {
            self.refuse(Problem::new(Code::NotOrdered, at).with("type", of));
            return;
        }
        if equality && let (Some(left), Some(right)) = (choices(left), choices(right)) {
            self.same_choices((left, left_node), (right, right_node), at);
        }
    }

    /// A field with choices can only be equal to one of them.
    fn same_choices(&mut self, left: (&[String], Option<&Node>), right: (&[String], Option<&Node>), at: Position) {
        let is_text = |node: Option<&Node>| node.is_some_and(|node| matches!(node.kind, Kind::Text(_)));
        if left.0.iter().any(|value| right.0.contains(value)) || (is_text(left.1) && is_text(right.1)) {
            return;
        }
        // The text in the expression is the mistake, not the field.
        let (value, field) = if is_text(left.1) { (left, right) } else { (right, left) };
        let at = value.1.map_or(at, |node| node.at);
        let problem = Problem::new(Code::NotAChoice, at).with("value", value.0.join("、"));
        self.refuse(problem.with("choices", field.0.join("、")));
    }
}

/// The texts that values of this type, or the items of such a list, can be.
fn choices(of: &Type) -> Option<&[String]> {
    match of {
        Type::Choice(choices) => Some(choices),
        Type::List(item) => choices(item),
        _ => None,
    }
}

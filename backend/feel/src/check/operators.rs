//! The types of arithmetic.

use super::Checker;
use crate::{
    Code, Type,
    ast::{Level, Node, Operator},
    problem::{Position, Problem},
};

impl<'a> Checker<'a> {
    pub(super) fn negative(&mut self, operand: &'a Node) -> Type {
        match self.type_of(operand) {
            of @ (Type::Any | Type::Number | Type::DaysDuration | Type::MonthsDuration) => of,
            found => self.refuse(Problem::new(Code::WrongType, operand.at).with("expected", Type::Number).with("found", found)),
        }
    }

    pub(super) fn binary(&mut self, operator: Operator, left: &'a Node, right: &'a Node, at: Position) -> Type {
        let (left_type, right_type) = (self.type_of(left), self.type_of(right));
        if operator.level() == Level::Comparison {
            self.compared(operator, (&left_type, Some(left)), (&right_type, Some(right)), at);
            return Type::Boolean;
        }
        if left_type == Type::Any || right_type == Type::Any {
            return Type::Any;
        }
        result(operator, &left_type, &right_type).unwrap_or_else(|| {
            let problem = Problem::new(Code::NoSuchOperation, at).with("operator", operator.sign());
            self.refuse(problem.with("left", left_type).with("right", right_type))
        })
    }
}

/// What an operator gives for these types.
fn result(operator: Operator, left: &Type, right: &Type) -> Option<Type> {
    use Operator::{Add, Divide, Multiply, Power, Subtract};
    use Type::{Choice, Date, DateTime, DaysDuration, MonthsDuration, Number, String, Time};
    match (operator, left, right) {
        (Add | Subtract | Multiply | Divide | Power, Number, Number) => Some(Number),
        (Add, String | Choice(_), String | Choice(_)) => Some(String),
        (Add | Subtract, DaysDuration, DaysDuration) | (Add | Subtract, MonthsDuration, MonthsDuration) => Some(left.clone()),
        (Add | Subtract, Date | DateTime, DaysDuration | MonthsDuration) | (Add | Subtract, Time, DaysDuration) => Some(left.clone()),
        (Add, DaysDuration | MonthsDuration, Date | DateTime) | (Add, DaysDuration, Time) => Some(right.clone()),
        (Subtract, Date, Date) | (Subtract, Time, Time) | (Subtract, DateTime, DateTime) => Some(DaysDuration),
        (Multiply | Divide, DaysDuration | MonthsDuration, Number) => Some(left.clone()),
        (Multiply, Number, DaysDuration | MonthsDuration) => Some(right.clone()),
        (Divide, DaysDuration, DaysDuration) | (Divide, MonthsDuration, MonthsDuration) => Some(Number),
        _ => None,
    }
}

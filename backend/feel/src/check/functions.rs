//! The types of functions' arguments and results.

use super::Checker;
use crate::{
    Code, Function, Type,
    ast::{Kind, Node, Operator},
    problem::{Position, Problem},
    temporal::{self, DateTime, Duration},
};

impl<'a> Checker<'a> {
    pub(super) fn call(&mut self, function: Function, arguments: &'a [Node], at: Position) -> Type {
        use Function as F;
        match function {
            F::Count => self.list(arguments, &Type::Any, Type::Number),
            F::Sum => {
                let expected = if arguments.len() == 1 { Type::list(Type::Number) } else { Type::Number };
                self.each(arguments, &expected, Type::Number)
            }
            F::Min | F::Max => self.extreme(arguments, at),
            F::ListContains => self.list_contains(arguments),
            F::Contains | F::StartsWith | F::EndsWith => self.each(arguments, &Type::String, Type::Boolean),
            F::StringLength => self.each(arguments, &Type::String, Type::Number),
            F::UpperCase | F::LowerCase => self.each(arguments, &Type::String, Type::String),
            F::Substring => self.several(arguments, &[Type::String, Type::Number, Type::Number], Type::String),
            F::Floor | F::Ceiling | F::RoundUp | F::RoundDown | F::RoundHalfUp => self.each(arguments, &Type::Number, Type::Number),
            F::Abs => arguments.first().map_or(Type::Any, |argument| self.negative(argument)),
            F::Date => self.made(arguments, Type::Date, &[Type::DateTime, Type::Date]),
            F::Time => self.made(arguments, Type::Time, &[Type::DateTime, Type::Time]),
            F::DateAndTime => self.made(arguments, Type::DateTime, &[]),
            F::Duration => self.duration(arguments),
            F::Today => Type::Date,
            F::Now => Type::DateTime,
            F::WorkingDaysBetween => self.each(arguments, &Type::Date, Type::Number),
            F::AddWorkingDays => self.several(arguments, &[Type::Date, Type::Number], Type::Date),
            F::AddWorkingTime => self.several(arguments, &[Type::DateTime, Type::DaysDuration], Type::DateTime),
        }
    }

    fn each(&mut self, arguments: &'a [Node], expected: &Type, result: Type) -> Type {
        arguments.iter().for_each(|argument| self.expect(argument, expected));
        result
    }

    fn several(&mut self, arguments: &'a [Node], expected: &[Type], result: Type) -> Type {
        arguments.iter().zip(expected).for_each(|(argument, expected)| self.expect(argument, expected));
        result
    }

    fn list(&mut self, arguments: &'a [Node], item: &Type, result: Type) -> Type {
        self.each(arguments, &Type::list(item.clone()), result)
    }

    /// `min([…])` or `min(a, b)`: what can be ordered, all of one type.
    fn extreme(&mut self, arguments: &'a [Node], at: Position) -> Type {
        let types: Vec<Type> = arguments.iter().map(|argument| self.type_of(argument)).collect();
        let common = match types.as_slice() {
            [Type::List(item)] => Some((**item).clone()),
            [Type::Any] => Some(Type::Any),
            [single] => {
                let problem = Problem::new(Code::WrongType, at).with("expected", Type::list(Type::Any));
                return self.refuse(problem.with("found", single));
            }
            several => several.iter().cloned().map(Some).reduce(|left, right| left?.or(right?)).flatten(),
        };
        match common {
            Some(of) if of.is_ordered() || of == Type::Null => of,
            Some(of) => self.refuse(Problem::new(Code::NotOrdered, at).with("type", of)),
            None => {
                let name = |index: usize| types.get(index).map_or(String::new(), Type::to_string);
                self.refuse(Problem::new(Code::NotComparable, at).with("left", name(0)).with("right", name(types.len() - 1)))
            }
        }
    }

    fn list_contains(&mut self, arguments: &'a [Node]) -> Type {
        if let [list, wanted] = arguments {
            let of = self.type_of(wanted);
            if let Kind::List(items) = &list.kind {
                for item in items {
                    let item_type = self.type_of(item);
                    self.compared(Operator::Equal, (&of, Some(wanted)), (&item_type, Some(item)), item.at);
                }
                return Type::Boolean;
            }
            match self.type_of(list) {
                Type::List(item) => self.compared(Operator::Equal, (&item, None), (&of, Some(wanted)), wanted.at),
                found => self.expect_type(&found, &Type::list(Type::Any), list.at),
            }
        }
        Type::Boolean
    }

    /// `date(…)` and its like: one text (checked if it is written here), one of the other types, or several parts.
    fn made(&mut self, arguments: &'a [Node], result: Type, others: &[Type]) -> Type {
        match arguments {
            [Node { kind: Kind::Text(text), at, .. }] => {
                let valid = match result {
                    Type::Date => temporal::date(text).is_some(),
                    Type::Time => temporal::time(text).is_some(),
                    _ => DateTime::parse(text).is_some(),
                };
                if !valid {
                    self.refuse(Problem::new(Code::BadLiteral, *at).with("value", text).with("type", &result));
                }
            }
            [argument] => {
                let found = self.type_of(argument);
                if !others.contains(&found) {
                    self.expect_type(&found, &Type::String, argument.at);
                }
            }
            [date, time] if result == Type::DateTime => {
                let found = self.type_of(date);
                if found != Type::DateTime {
                    self.expect_type(&found, &Type::Date, date.at);
                }
                self.expect(time, &Type::Time);
            }
            parts => {
                self.each(parts, &Type::Number, Type::Any);
                if parts.len() == 2 {
                    let at = parts.first().map_or(Position::default(), |part| part.at);
                    self.refuse(Problem::new(Code::ArgumentCount, at).with("function", &result).with("expected", "1, 3").with("found", 2));
                }
            }
        }
        result
    }

    /// What kind of duration a text is can only be known if it is written here.
    fn duration(&mut self, arguments: &'a [Node]) -> Type {
        match arguments {
            [Node { kind: Kind::Text(text), at, .. }] => match Duration::parse(text) {
                Some(Duration::Days(_)) => Type::DaysDuration,
                Some(Duration::Months(_)) => Type::MonthsDuration,
                None => self.refuse(Problem::new(Code::BadLiteral, *at).with("value", text).with("type", "duration")),
            },
            arguments => self.each(arguments, &Type::String, Type::Any),
        }
    }
}

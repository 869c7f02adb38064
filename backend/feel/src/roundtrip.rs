//! Properties of all expressions: what is printed is read back the same, nothing panics, and the value depends on
//! nothing but the expression and its context.

#![allow(clippy::unwrap_used)]

use proptest::{collection::vec, prelude::*, sample::select};
use rust_decimal::Decimal;

use crate::{
    Context, Expression, Function, Schema, Type, UnaryTests, Value,
    ast::{Kind, Node, Operator, Quantifier, Range, Test},
    problem::Position,
};

fn node(kind: Kind) -> Node {
    Node::new(kind, Position::default())
}

fn name() -> impl Strategy<Value = String> {
    let tricky = ["金额", "部门in", "总 金额", "and", "date", "starts", "for", "a.b", "x", "_", "count", "not", "é1", "list", "1号", "a-b"];
    select(tricky.to_vec()).prop_map(str::to_owned)
}

fn leaf() -> impl Strategy<Value = Node> {
    let number = (0i64..1_000_000_000, 0u32..8).prop_map(|(digits, scale)| Kind::Number(Decimal::new(digits, scale)));
    let kind = prop_oneof![
        Just(Kind::Null),
        any::<bool>().prop_map(Kind::Boolean),
        number,
        any::<String>().prop_map(Kind::Text),
        name().prop_map(Kind::Name),
    ];
    kind.prop_map(node)
}

fn comparison() -> impl Strategy<Value = Operator> {
    use Operator::*;
    select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual])
}

fn operator() -> impl Strategy<Value = Operator> {
    use Operator::*;
    prop_oneof![comparison(), select(vec![Add, Subtract, Multiply, Divide, Power])]
}

fn test(inner: impl Strategy<Value = Node> + Clone) -> impl Strategy<Value = Test> {
    let range = (inner.clone(), inner.clone(), any::<bool>(), any::<bool>());
    prop_oneof![
        (comparison(), inner.clone()).prop_map(|(operator, node)| Test::Compare(operator, node)),
        range.prop_map(|(low, high, with_low, with_high)| Test::Range(Range { low: low.into(), high: high.into(), with_low, with_high })),
        inner.prop_map(Test::of),
    ]
}

fn call(inner: impl Strategy<Value = Node> + Clone) -> impl Strategy<Value = Kind> {
    let function = select(Function::all().collect::<Vec<_>>());
    (function, vec(inner, 3)).prop_map(|(function, mut arguments)| {
        arguments.truncate(*function.arity().end());
        Kind::Call(function, arguments)
    })
}

fn tree() -> impl Strategy<Value = Node> {
    leaf().prop_recursive(6, 40, 4, |inner| {
        let three = (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| Box::new([a, b, c]));
        let quantifier = select(vec![Quantifier::Some, Quantifier::Every]);
        let quantified = (quantifier, name(), inner.clone(), inner.clone());
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Kind::List),
            (inner.clone(), name()).prop_map(|(base, name)| Kind::Path(base.into(), name)),
            inner.clone().prop_map(|operand| Kind::Negative(operand.into())),
            inner.clone().prop_map(|operand| Kind::Not(operand.into())),
            (operator(), inner.clone(), inner.clone()).prop_map(|(operator, left, right)| Kind::Binary(
                operator,
                left.into(),
                right.into()
            )),
            vec(inner.clone(), 2..4).prop_map(Kind::And),
            vec(inner.clone(), 2..4).prop_map(Kind::Or),
            three.clone().prop_map(Kind::Between),
            three.prop_map(Kind::If),
            (inner.clone(), vec(test(inner.clone()), 1..4)).prop_map(|(value, tests)| Kind::In(value.into(), tests)),
            quantified.prop_map(|(quantifier, name, list, condition)| Kind::Quantified(quantifier, name, Box::new([list, condition]))),
            call(inner),
        ]
        .prop_map(node)
    })
}

fn with_input() -> impl Strategy<Value = Node> {
    let input = prop_oneof![tree(), Just(node(Kind::Input))];
    (comparison(), input.clone(), input).prop_map(|(operator, left, right)| node(Kind::Binary(operator, left.into(), right.into())))
}

fn context() -> Context<'static> {
    let row = |number: i64| Value::context([("x", Value::from(number))]);
    Context::new([("金额", Value::from(5)), ("x", Value::text("信息")), ("list", Value::list([row(1), row(2), Value::Null]))])
}

proptest! {
    #[test]
    fn an_expression_is_read_as_it_is_printed(node in tree()) {
        let printed = node.to_string();
        prop_assume!(printed.len() <= crate::MAX_SOURCE);
        prop_assert_eq!(Expression::parse(&printed), Ok(Expression(node)), "{}", printed);
    }

    #[test]
    fn a_cell_is_read_as_it_is_printed(tests in vec(test(prop_oneof![tree(), with_input()]), 0..4), negated: bool) {
        let cell = UnaryTests { negated: negated && !tests.is_empty(), tests };
        let printed = cell.to_string();
        prop_assume!(printed.len() <= crate::MAX_SOURCE);
        prop_assert_eq!(UnaryTests::parse(&printed), Ok(cell), "{}", printed);
    }

    #[test]
    fn evaluation_is_total_and_repeatable(node in tree()) {
        let expression = Expression(node);
        let once = expression.evaluate(&context());
        prop_assert_eq!(&once, &expression.evaluate(&context()));
        prop_assert_eq!(once, expression.clone().evaluate(&context()));
        let _ = expression.check(&Schema::new([("金额", Type::Number), ("x", Type::String)]));
    }

    #[test]
    fn what_is_not_read_is_not_needed(node in tree()) {
        let expression = Expression(node);
        let all = context();
        let names = expression.names();
        let needed = all.fields.iter().filter(|(name, _)| names.iter().any(|path| path.first() == Some(name)));
        let few = Context::new(needed.map(|(name, value)| (name.clone(), value.clone())));
        prop_assert_eq!(expression.evaluate(&few), expression.evaluate(&all));
    }

    #[test]
    fn a_checked_expression_has_the_type_it_promised(node in tree()) {
        let row = Type::Context([("x".to_owned(), Type::Number)].into());
        let schema = Schema::new([("金额", Type::Number), ("x", Type::String), ("list", Type::list(row))]);
        let expression = Expression(node);
        if let Ok(of) = expression.check(&schema) {
            let value = expression.evaluate(&context()).unwrap();
            prop_assert!(has_type(&value, &of), "{} is {}, not {}", expression, value, of);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Expression::parse(&text);
        let _ = UnaryTests::parse(&text);
    }
}

fn has_type(value: &Value, of: &Type) -> bool {
    match (value, of) {
        (Value::Null, _) | (_, Type::Any) => true,
        (Value::Boolean(_), Type::Boolean) | (Value::Number(_), Type::Number) | (Value::String(_), Type::String) => true,
        (Value::String(text), Type::Choice(choices)) => choices.iter().any(|choice| **choice == **text),
        (Value::Date(_), Type::Date) | (Value::Time(_), Type::Time) | (Value::DateTime(_), Type::DateTime) => true,
        (Value::DaysDuration(_), Type::DaysDuration) | (Value::MonthsDuration(_), Type::MonthsDuration) => true,
        (Value::List(items), Type::List(of)) => items.iter().all(|item| has_type(item, of)),
        (Value::Context(_), Type::Context(_)) => true,
        _ => false,
    }
}

//! What an expression may cost.
#![allow(clippy::unwrap_used)]

use feel::{Code, Context, Expression, MAX_DEPTH, Schema, Type, UnaryTests, Value};

/// Runs on a stack of 2 MB, as threads of servers have.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(work).unwrap().join().unwrap();
}

fn nested(open: &str, inner: &str, close: &str, levels: usize) -> String {
    format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
}

const NESTS: &[(&str, &str)] = &[
    ("(", ")"),
    ("[", "]"),
    ("-", ""),
    ("not(", ")"),
    ("abs(", ")"),
    ("1 in (", ")"),
    ("1 in (2, (", "))"),
    ("x between 1 and (", ")"),
    ("if true then ", " else 1"),
    ("if ", " then 1 else 1"),
    ("some x in [1] satisfies ", ""),
    ("some x in ", " satisfies x"),
    ("list contains([", "], 1)"),
    ("date and time(date(", "), time(\"08:00:00\"))"),
    ("1 + (", ")"),
    ("1 ** ", ""),
    ("1 + if true then ", " else 1"),
    ("true and some x in [1] satisfies ", ""),
    ("- if 1 in ", " then 1 else 1"),
    ("", " + 1"),
    ("", ".x"),
];

#[test]
fn all_that_is_accepted_fits_on_a_small_stack() {
    on_a_small_stack(|| {
        let context = Context::new([("x", Value::from(1))]);
        for (open, close) in NESTS {
            let mut accepted = 0;
            for levels in (1..=12).chain(28..=34).chain(60..=66).chain(126..=130).chain([400]) {
                let source = nested(open, "1", close, levels);
                let cell = UnaryTests::parse(&source);
                match Expression::parse(&source) {
                    Ok(expression) => {
                        accepted = levels;
                        let _ = (expression.check(&Schema::new([("x", Type::Number)])), expression.evaluate(&context), expression.names());
                        let _ = cell.unwrap().matches(&Value::Null, &context);
                        assert_eq!(Expression::parse(&expression.to_string()).unwrap(), expression);
                    }
                    Err(problem) => {
                        assert!(matches!(problem.code, Code::TooDeep | Code::SourceTooLong | Code::Chained), "{source}: {problem}")
                    }
                }
            }
            assert!((1..=2 * MAX_DEPTH).contains(&accepted), "{open}: {accepted}");
        }
    });
}

#[test]
fn checking_takes_no_longer_than_the_text_is_long() {
    let start = std::time::Instant::now();
    for (open, close) in NESTS {
        for levels in [20, 30, 31, 60] {
            if let Ok(expression) = Expression::parse(&nested(open, "1", close, levels)) {
                let _ = expression.check(&Schema::default());
            }
        }
    }
    assert!(start.elapsed().as_secs() < 5);
}

#[test]
fn a_long_text_is_refused_and_a_long_list_of_conditions_is_not() {
    let long = Expression::parse(&"1".repeat(5000)).unwrap_err();
    assert_eq!((long.code, long.text(false).as_str()), (Code::SourceTooLong, "The expression is too long; the limit is 4096 bytes"));
    let many = vec!["x = 1"; 400].join(" or ");
    assert_eq!(Expression::parse(&many).unwrap().evaluate(&Context::new([("x", Value::from(1))])), Ok(Value::from(true)));
}

fn code(source: &str, context: &Context<'_>) -> Code {
    Expression::parse(source).unwrap().evaluate(context).unwrap_err().code
}

#[test]
fn fuel_ends() {
    let numbers = Value::list((0..1000).map(Value::from));
    let context = Context::new([("x", numbers)]);
    assert_eq!(code("some a in x satisfies (some b in x satisfies (some c in x satisfies a + b + c < 0))", &context), Code::OutOfSteps);
    assert_eq!(code("count([1, 2, 3]) = 3", &context.clone().with_steps(3)), Code::OutOfSteps);
}

#[test]
fn long_lists_and_texts_are_refused() {
    let context = Context::new([("x", Value::list(vec![Value::Null; 10_001])), ("t", Value::text(&"中".repeat(15_000)))]);
    assert_eq!(code("sum(x)", &context), Code::ListTooLong);
    assert_eq!(code("every a in x satisfies true", &context), Code::ListTooLong);
    assert_eq!(code("t + t", &context), Code::TextTooLong);
    assert_eq!(Expression::parse("count(x)").unwrap().evaluate(&context), Ok(Value::from(10_001)));
}

//! A second opinion: feelin (bpmn.io's FEEL, JavaScript) evaluates the same expressions; only the differences listed here
//! may be found. Needs Node 20.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the storm uses more of it")]
mod generator;

use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use feel::{Context, Expression, UnaryTests, Value};
use generator::Random;
use serde_json::{Value as Json, json};

/// One question to both.
struct Case {
    /// What kind of case it is: `deep`, or an operator between two leaves.
    operator: &'static str,
    /// The types of the leaves.
    types: Vec<&'static str>,
    source: String,
    /// For a cell, the value it is asked about, as FEEL.
    input: Option<&'static str>,
}

struct Answer<'a> {
    case: &'a Case,
    ours: &'a Value,
    /// None if feelin threw an error.
    theirs: Option<&'a Value>,
}

impl Answer<'_> {
    fn is(&self, operators: &[&str]) -> bool {
        operators.contains(&self.case.operator)
    }
    fn has(&self, of: &str) -> bool {
        self.case.types.contains(&of)
    }
    fn has_any(&self, of: &[&str]) -> bool {
        of.iter().any(|of| self.has(of))
    }
    fn same_types(&self) -> bool {
        self.case.types.windows(2).all(|pair| pair[0] == pair[1])
    }
}

/// A deliberate difference: its name, why, and which answers it explains.
type Difference = (&'static str, &'static str, fn(&Answer<'_>) -> bool);

const ORDER: &[&str] = &["<", "<=", ">", ">="];
const EQUALITY: &[&str] = &["=", "!="];
const ORDERED: &[&str] = &["number", "string", "date", "time", "local", "zoned", "days", "months"];

#[rustfmt::skip]
const DIFFERENCES: &[Difference] = &[
    ("no order across types", "null, as FEEL says; feelin compares as JavaScript does, or throws",
        |a| a.is(ORDER) && *a.ours == Value::Null && !(a.same_types() && a.has_any(ORDERED))),
    ("no range across types", "the same for `between` and ranges",
        |a| a.is(&["range", "between"]) && *a.ours == Value::Null && !a.has("number")),
    ("no cell across types", "the same in cells, which then do not match; not even negated ones",
        |a| a.is(&["cell"]) && *a.ours == Value::Boolean(false) && a.case.source.contains(['<', '>', '.']) && !a.has("number")),
    ("no equality across types", "null for local and zoned times and for the two kinds of durations; feelin says false",
        |a| a.is(EQUALITY) && *a.ours == Value::Null && (a.has("local") && a.has("zoned") || a.has("days") && a.has("months"))),
    ("a list of one is a list", "feelin takes [1] for 1 in comparisons, cells and arguments",
        |a| a.case.types.first() == Some(&"list") && a.is(&["in"]) && *a.ours == Value::Boolean(false)
            || a.has("list") && a.is(&["=", "!=", "cell", "floor"])),
    ("a list is in itself", "a list is also compared as a whole, for fields that hold lists; feelin compares items only",
        |a| a.is(&["in"]) && a.same_types() && a.has("list") && a.ours.is_true()),
    ("in null", "`in null` asks for equality, like a cell `null`; feelin says null",
        |a| a.is(&["in"]) && a.case.types[1] == "null"),
    ("one is no list", "count(1) is null (and refused by the checker); feelin counts 1",
        |a| a.is(&["count", "sum", "min", "max"]) && *a.ours == Value::Null && !a.has("list")),
    ("only true is true", "`if`, `some` and `every` take a condition that is no boolean as null; feelin takes it as true",
        |a| a.is(&["if", "some", "every"]) && !a.has("boolean")),
    ("null is not NaN", "feelin does arithmetic on JavaScript objects",
        |a| *a.ours == Value::Null && a.theirs == Some(&Value::text(NOT_A_DECIMAL)) && a.is(&["-", "*", "/", "**"])),
    ("durations can be multiplied", "as FEEL says; feelin cannot",
        |a| a.is(&["*", "/", "negative"]) && a.has_any(&["days", "months"]) && *a.ours != Value::Null),
    ("no difference across types", "a date minus a time, or a local minus a zoned one, is null",
        |a| a.is(&["-"]) && *a.ours == Value::Null && !a.same_types() && !a.has_any(&["days", "months"])),
    ("moments differ by what has passed", "feelin subtracts what the clocks show, whatever their zones",
        |a| a.is(&["-"]) && a.case.types == ["zoned", "zoned"]),
    ("a date has no hours", "date + PT4H is null, so that date + duration is always a date; feelin makes a UTC time of it",
        |a| a.is(&["+", "-"]) && a.has("date") && a.has("days") && *a.ours == Value::Null),
    ("a time has no months", "null; feelin ignores the months",
        |a| a.is(&["+", "-"]) && a.has("time") && a.has("months") && *a.ours == Value::Null),
    ("times of day have no zone", "time(…) of a zoned time drops the zone; feelin keeps it",
        |a| a.is(&["time"]) && a.has("zoned")),
    ("lists contain dates", "`list contains` uses equality; feelin compares objects",
        |a| a.is(&["list contains"]) && a.has("date")),
    ("lists among tests", "`1 in ([1, 2], 3)` looks into the list; feelin compares with it",
        |a| a.is(&["several"])),
    ("in binds tighter than or", "`a in b or c` is `(a in b) or c`, by FEEL's precedence; feelin reads `a in (b or c)`",
        |a| a.is(&["in before or"])),
    ("ranges do not turn round", "[3..1] is empty; feelin turns it round",
        |a| a.is(&["descending"])),
    ("a missing test is unknown", "null, so that a missing list of the allowed never allows; feelin says not equal",
        |a| a.is(&["missing test"]) && *a.ours == Value::Null),
    ("decimals", "0.1 + 0.2 is 0.3; JavaScript's numbers are binary",
        |a| a.is(&["tenths"]) && a.ours.is_true()),
    ("whole exponents", "other powers are null",
        |a| a.is(&["**", "fraction"]) && a.case.source.ends_with(".5") && *a.ours == Value::Null),
    ("28 digits", "greater numbers are null",
        |a| a.is(&["too large"]) && *a.ours == Value::Null),
    ("code points", "texts are ordered by Unicode code points; JavaScript orders UTF-16",
        |a| a.is(&["code points"])),
];

/// What stands for an answer of feelin that no number of ours can be.
const NOT_A_DECIMAL: &str = "not a decimal";

/// Leaves of all types, as FEEL writes them.
const LEAVES: &[(&str, &str)] = &[
    ("null", "null"),
    ("boolean", "true"),
    ("number", "1"),
    ("number", "2.5"),
    ("string", "\"a\""),
    ("string", "\"1\""),
    ("date", "date(\"2026-11-25\")"),
    ("time", "time(\"08:00:00\")"),
    ("local", "date and time(\"2026-11-25T08:00:00\")"),
    ("zoned", "date and time(\"2026-11-25T08:00:00Z\")"),
    ("zoned", "date and time(\"2026-11-25T16:00:00+08:00\")"),
    ("days", "duration(\"PT1H\")"),
    ("days", "duration(\"P2D\")"),
    ("months", "duration(\"P1M\")"),
    ("months", "duration(\"P1Y\")"),
    ("list", "[1]"),
    ("list", "[1, \"a\"]"),
    ("list", "[]"),
    ("list", "[null]"),
];

/// Every operator between every two leaves.
fn flat() -> Vec<Case> {
    let mut cases = Vec::new();
    let operators = ["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "**", "and", "or", "in"];
    for operator in operators {
        for (left_type, left) in LEAVES {
            for (right_type, right) in LEAVES {
                cases.push(Case {
                    operator,
                    types: vec![left_type, right_type],
                    source: format!("{left} {operator} {right}"),
                    input: None,
                });
            }
        }
    }
    let mut special = |operator, source: &str| cases.push(Case { operator, types: Vec::new(), source: source.to_owned(), input: None });
    special("in before or", "1 in [1] or false");
    special("descending", "2 between 3 and 1");
    special("descending", "2 in [3..1]");
    special("missing test", "1 in (单价, 2)");
    special("missing test", "单价 in (单价, 2)");
    special("tenths", "0.1 + 0.2 = 0.3");
    special("fraction", "2 ** 0.5");
    special("too large", "10 ** 30");
    special("code points", "\"\u{ffff}\" < \"\u{10000}\"");
    for (of, leaf) in LEAVES {
        let one = |operator, source| Case { operator, types: vec![of], source, input: None };
        for function in ["count", "sum", "min", "max", "floor", "abs", "string length", "upper case", "date", "time", "duration", "not"] {
            cases.push(one(function, format!("{function}({leaf})")));
        }
        cases.push(one("negative", format!("-{leaf}")));
        cases.push(one("if", format!("if {leaf} then 1 else 2")));
        cases.push(one("some", format!("some x in [{leaf}] satisfies x")));
        cases.push(one("every", format!("every x in [{leaf}] satisfies x")));
        cases.push(one("some of", format!("some x in {leaf} satisfies true")));
        cases.push(one("range", format!("{leaf} in [1..3]")));
        cases.push(one("between", format!("{leaf} between 1 and 3")));
        cases.push(one("several", format!("{leaf} in ([1, 2], \"a\")")));
        cases.push(one("list contains", format!("list contains([1, \"a\", null, date(\"2026-11-25\")], {leaf})")));
        for property in ["year", "hour", "days", "months", "x"] {
            cases.push(one("path", format!("{leaf}.{property}")));
        }
        for cell in [
            "-",
            "null",
            "1",
            "< 2",
            "[1..3]",
            "1, \"a\"",
            "not(1, \"a\")",
            "not(null)",
            "not(> 2)",
            "? = 1",
            "true",
            "[1, 2]",
            "date(\"2026-11-25\")",
        ] {
            cases.push(Case { operator: "cell", types: vec![of], source: cell.to_owned(), input: Some(leaf) });
        }
    }
    cases
}

/// Expressions of the right types over fields of which some are missing, printed with the fewest brackets, so that
/// precedence is compared too.
fn deep() -> Vec<Case> {
    let mut random = Random(20_261_125);
    let mut cases = Vec::new();
    while cases.len() < 3000 {
        let depth = 1 + cases.len() % 3;
        let source = match cases.len() % 5 {
            0 => random.number(depth),
            1 => random.text(depth),
            2 => random.date_time(depth),
            _ => random.truth(depth),
        };
        let printed = Expression::parse(&source).expect(&source).to_string();
        // What feelin takes for the right-hand side of `in` reaches too far (see the differences).
        let source = if source.contains(" in ") { source } else { printed };
        cases.push(Case { operator: "deep", types: Vec::new(), source, input: None });
    }
    cases
}

fn context() -> Context<'static> {
    Context::new(generator::fields())
}

fn value(source: &str) -> Value {
    Expression::parse(source).expect(source).evaluate(&context()).unwrap()
}

fn ours(case: &Case) -> Value {
    match case.input {
        Some(input) => Value::from(UnaryTests::parse(&case.source).expect(&case.source).matches(&value(input), &context()).unwrap()),
        None => value(&case.source),
    }
}

/// As `evaluate.mjs` reads it.
fn encode(value: &Value) -> Json {
    match value {
        Value::List(items) => items.iter().map(encode).collect(),
        Value::Context(fields) => fields.iter().map(|(name, value)| (name.clone(), encode(value))).collect(),
        Value::Date(_) | Value::Time(_) | Value::DateTime(_) | Value::DaysDuration(_) | Value::MonthsDuration(_) => {
            json!({ "$": value.to_string() })
        }
        plain => plain.to_json(),
    }
}

/// As `evaluate.mjs` writes it.
fn decode(json: &Json) -> Value {
    match json {
        Json::Array(items) => Value::list(items.iter().map(decode)),
        Json::Object(fields) => match fields.get("$").and_then(Json::as_str) {
            Some("NaN" | "Infinity" | "-Infinity") => Value::text(NOT_A_DECIMAL),
            Some(source) => value(source),
            None => Value::context(fields.iter().map(|(name, value)| (name.clone(), decode(value)))),
        },
        plain => Value::from_json(plain, &feel::Type::Any).unwrap_or(Value::text(NOT_A_DECIMAL)),
    }
}

/// JavaScript's numbers are binary: the last of their 17 digits do not count.
fn agree(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => {
            let (ours, theirs): (f64, f64) = (ours.to_string().parse().unwrap(), theirs.to_string().parse().unwrap());
            (ours - theirs).abs() <= 1e-9 * ours.abs().max(1.0)
        }
        (Value::List(ours), Value::List(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs.iter()).all(|(ours, theirs)| agree(ours, theirs))
        }
        _ => ours == theirs,
    }
}

/// The answers of feelin, one for each case.
fn ask(cases: &[Case]) -> Vec<Json> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/feel");
    if !folder.join("node_modules/feelin").exists() {
        let done = Command::new("npm").arg("ci").current_dir(&folder).stdout(Stdio::null()).status();
        assert!(done.is_ok_and(|status| status.success()), "`npm ci` in tests/feel failed: this test needs Node 20 with npm");
    }
    let fields: Json = generator::fields().iter().map(|(name, value)| ((*name).to_owned(), encode(value))).collect();
    let question = |case: &Case| {
        let input = case.input.map(|input| encode(&value(input)));
        json!({ "source": case.source, "cell": case.input.is_some(), "input": input, "context": fields }).to_string()
    };
    let questions = cases.iter().map(question).collect::<Vec<_>>().join("\n");
    let mut node = Command::new("node")
        .arg("evaluate.mjs")
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs Node 20 (`node` on the path)");
    let mut input = node.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(questions.as_bytes()));
    let output = node.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn feelin_agrees_but_for_the_differences_that_are_meant() {
    let cases: Vec<Case> = deep().into_iter().chain(flat()).collect();
    let answers = ask(&cases);
    assert_eq!(answers.len(), cases.len());
    let (mut explained, mut unexplained) = (BTreeMap::<&str, usize>::new(), Vec::new());
    for (case, answer) in cases.iter().zip(&answers) {
        let ours = ours(case);
        let theirs = answer.get("value").map(decode);
        if theirs.as_ref().is_some_and(|theirs| agree(&ours, theirs)) {
            continue;
        }
        let difference = Answer { case, ours: &ours, theirs: theirs.as_ref() };
        match DIFFERENCES.iter().find(|(_, _, explains)| explains(&difference)) {
            Some((name, ..)) => *explained.entry(name).or_default() += 1,
            None => unexplained.push(format!("{} {:?} {} | ours {ours} | theirs {answer}", case.source, case.input, case.operator)),
        }
    }
    println!("{} cases, differences: {explained:#?}", cases.len());
    assert!(unexplained.is_empty(), "{} differences:\n{}", unexplained.len(), unexplained.join("\n"));
    let unused: Vec<_> = DIFFERENCES.iter().map(|(name, ..)| *name).filter(|name| !explained.contains_key(name)).collect();
    assert!(unused.is_empty(), "listed, but not found: {unused:?}");
}

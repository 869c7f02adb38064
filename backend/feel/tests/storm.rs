//! A storm of inputs: noise, words in any order, expressions cut, doubled and mixed. Whatever comes, parsing, checking
//! and evaluating end, and nothing panics. 20,000 inputs in a debug build, a million with `--release`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod generator;

use std::time::Instant;

use feel::{Code, Context, DateTime, Expression, Schema, Type, UnaryTests, Value};
use generator::Random;

const INPUTS: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };

const WORDS: &[&str] = &[
    "and",
    "or",
    "not(",
    "in",
    "between",
    "if",
    "then",
    "else",
    "some",
    "every",
    "satisfies",
    "true",
    "false",
    "null",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "..",
    "?",
    "-",
    "+",
    "*",
    "/",
    "**",
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "1",
    "0",
    "0.5",
    "79228162514264337593543950335",
    "\"a\"",
    "\"\"",
    "金额",
    "明细",
    "部门",
    "x",
    "`总 金额`",
    "count(",
    "sum(",
    "list contains(",
    "date(",
    "time(",
    "date and time(",
    "duration(",
    "\"PT4H\"",
    "\"2026-11-25\"",
    "\"9999-12-31\"",
    "\"P9999Y\"",
    "today()",
    "now()",
    "substring(",
    "round half up(",
    "working days between(",
    "add working days(",
    "\"",
    "`",
    "\\",
    "\n",
    "）",
    "。",
    "{",
    "for",
    "year",
    "1e9",
];

impl Random {
    fn noise(&mut self) -> String {
        let bytes: Vec<u8> = (0..self.below(60)).map(|_| self.next() as u8).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn words(&mut self) -> String {
        (0..1 + self.below(25)).map(|_| self.pick(WORDS)).collect::<Vec<_>>().join(self.pick(&[" ", ""]))
    }

    fn valid(&mut self) -> String {
        let depth = self.below(4);
        match self.below(6) {
            0 => self.number(depth),
            1 => self.text(depth),
            2 => self.date(depth),
            3 => self.date_time(depth),
            4 => self.duration(depth),
            _ => self.truth(depth),
        }
    }

    /// A valid expression with some characters gone, doubled, or replaced by a word.
    fn mutated(&mut self) -> String {
        let mut chars: Vec<char> = self.valid().chars().collect();
        for _ in 0..1 + self.below(4) {
            let at = self.below(chars.len() + 1);
            let end = (at + self.below(6)).min(chars.len());
            match self.below(3) {
                0 => drop(chars.drain(at..end)),
                1 => chars.extend_from_within(at..end),
                _ => drop(chars.splice(at..end, self.pick(WORDS).chars())),
            }
        }
        chars.into_iter().collect()
    }

    /// One thing inside the other, up to the limits and beyond.
    fn tower(&mut self) -> String {
        let (open, close) = [
            ("(", ")"),
            ("[", "]"),
            ("not(", ")"),
            ("-", ""),
            ("1 in (", ")"),
            ("if true then ", " else 1"),
            ("1 + ", ""),
            ("", ".x"),
            ("some x in [1, 2, 3] satisfies ", ""),
            ("sum([1, ", "])"),
            ("list contains([", "], 1)"),
            ("", " ** 2"),
            ("abs(", ")"),
        ][self.below(13)];
        let height = self.below(90);
        format!("{}{}{}", open.repeat(height), self.valid(), close.repeat(height))
    }
}

#[test]
fn whatever_comes_is_refused_or_evaluated() {
    let start = Instant::now();
    let mut random = Random(20_261_125);
    let schema = generator::schema();
    let context = Context::new(generator::fields()).at(DateTime::parse("2026-11-25T08:30:00+08:00").unwrap()).with_steps(5_000);
    let (mut parsed, mut checked, mut evaluated, mut out_of_fuel) = (0, 0, 0, 0);
    for turn in 0..INPUTS {
        let source = match turn % 8 {
            0 => random.noise(),
            1 | 2 => random.words(),
            3 => random.valid(),
            4 => random.tower(),
            _ => random.mutated(),
        };
        if let Ok(expression) = Expression::parse(&source) {
            parsed += 1;
            checked += usize::from(expression.check(&schema).is_ok());
            match expression.evaluate(&context) {
                Ok(value) => {
                    evaluated += 1;
                    drop(value.to_json());
                }
                Err(_) => out_of_fuel += 1,
            }
        } else if let Ok(cell) = UnaryTests::parse(&source) {
            let _ = cell.check(&Type::Number, &schema);
            let _ = cell.matches(&Value::from(1), &context);
        }
    }
    println!(
        "{INPUTS} inputs in {:.1} s: {parsed} parsed, {checked} of them well typed, {evaluated} evaluated, {out_of_fuel} out of fuel",
        start.elapsed().as_secs_f64()
    );
    assert!(parsed > INPUTS / 6 && checked > INPUTS / 8 && out_of_fuel > 0);
}

#[test]
fn well_typed_expressions_pass_the_checker_and_give_what_it_promised() {
    let mut random = Random(7);
    let (schema, context): (Schema, _) = (generator::schema(), Context::new(generator::fields()));
    for _ in 0..2_000 {
        let source = random.valid();
        let expression = Expression::parse(&source).unwrap();
        match expression.check(&schema) {
            Ok(of) => {
                let json = expression.evaluate(&context).unwrap().to_json();
                assert!(Value::from_json(&json, &of).is_ok(), "{source} is {json}, not {of}");
            }
            // A choice between two texts can be compared with a third: that is refused, and rightly so.
            Err(problems) => assert!(problems.iter().all(|problem| problem.code == Code::NotAChoice), "{source}: {problems:?}"),
        }
    }
}

//! What a value is tested against: after `in`, and in the cells of decision tables.

use super::Parser;
use crate::{
    ast::{Kind, Level, Node, Operator, Range, Test},
    lexer::Lexeme,
    problem::{Position, Problem},
};

impl Parser {
    /// After `in`: one test, or several in brackets.
    pub(super) fn membership(&mut self) -> Result<Vec<Test>, Problem> {
        if !self.eats(&Lexeme::Sign("(")) {
            return Ok(vec![self.test(Level::Sum)?]);
        }
        let first = self.test(Level::Open)?;
        match first {
            // It was the bracket of a range: `x in (1..5]`.
            Test::Value(low) | Test::Condition(low) if self.eats(&Lexeme::Sign("..")) => Ok(vec![self.range(low, false)?]),
            first => {
                let tests = self.more_tests(first)?;
                self.expect(&Lexeme::Sign(")"))?;
                Ok(tests)
            }
        }
    }

    /// A whole cell: `-`, `not(…)` or tests with commas between them.
    pub(super) fn cell(mut self) -> Result<(bool, Vec<Test>), Problem> {
        let at = self.at();
        let negated = self.eats(&Lexeme::Keyword("not"));
        if negated {
            self.expect(&Lexeme::Sign("("))?;
        } else if self.eats(&Lexeme::Sign("-")) {
            if self.eats(&Lexeme::End) {
                return Ok((false, Vec::new()));
            }
            // A negative number, then.
            let operand = self.expression(Level::Sign)?;
            let number = self.node(Kind::Negative(Box::new(operand)), at)?;
            let first = Test::of(self.operators(number, Level::Open)?);
            let tests = self.more_tests(first)?;
            self.end()?;
            return Ok((false, tests));
        }
        let first = self.test(Level::Open)?;
        let tests = self.more_tests(first)?;
        if negated {
            self.expect(&Lexeme::Sign(")"))?;
        }
        self.end()?;
        Ok((negated, tests))
    }

    fn more_tests(&mut self, first: Test) -> Result<Vec<Test>, Problem> {
        let mut tests = vec![first];
        while self.eats(&Lexeme::Sign(",")) {
            tests.push(self.test(Level::Open)?);
        }
        Ok(tests)
    }

    fn test(&mut self, level: Level) -> Result<Test, Problem> {
        let at = self.at();
        if let Some(operator) = self.comparison_sign() {
            return Ok(Test::Compare(operator, self.expression(Level::Sum)?));
        }
        if self.eats(&Lexeme::Sign("(")) {
            let inner = self.expression(Level::Open)?;
            if self.eats(&Lexeme::Sign("..")) {
                return self.range(inner, false);
            }
            self.expect(&Lexeme::Sign(")"))?;
            return Ok(Test::of(self.operators(inner, level)?));
        }
        if self.eats(&Lexeme::Sign("[")) {
            return self.range_or_list(level, at);
        }
        Ok(Test::of(self.expression(level)?))
    }

    fn comparison_sign(&mut self) -> Option<Operator> {
        let token = self.tokens.next_if(|token| matches!(token.lexeme, Lexeme::Sign("=" | "!=" | "<" | "<=" | ">" | ">=")))?;
        match token.lexeme {
            Lexeme::Sign(sign) => Operator::of(sign),
            _ => None,
        }
    }

    fn range_or_list(&mut self, level: Level, at: Position) -> Result<Test, Problem> {
        if self.eats(&Lexeme::Sign("]")) {
            return self.listed(Vec::new(), level, at);
        }
        let first = self.expression(Level::Open)?;
        if self.eats(&Lexeme::Sign("..")) {
            return self.range(first, true);
        }
        let items = self.items(vec![first], "]")?;
        self.listed(items, level, at)
    }

    fn listed(&mut self, items: Vec<Node>, level: Level, at: Position) -> Result<Test, Problem> {
        let list = self.node(Kind::List(items), at)?;
        Ok(Test::of(self.operators(list, level)?))
    }

    /// The second half of a range, after its dots.
    fn range(&mut self, low: Node, with_low: bool) -> Result<Test, Problem> {
        let high = self.expression(Level::Open)?;
        let with_high = self.eats(&Lexeme::Sign("]"));
        if !with_high {
            self.expect(&Lexeme::Sign(")"))?;
        }
        Ok(Test::Range(Range { low: Box::new(low), high: Box::new(high), with_low, with_high }))
    }
}

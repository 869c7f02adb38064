//! Recursive descent with levels of binding. Depth is counted on the way down and heights on the way up, so that neither
//! the parser nor anything that walks the tree later can run out of stack.

mod tests;

use crate::{
    Code,
    ast::{Kind, Level, Node, Operator, Quantifier, Test},
    lexer::{Lexeme, Token, tokens},
    problem::{Position, Problem},
};

/// The longest source, in bytes.
pub const MAX_SOURCE: usize = 4096;
/// The highest tree.
pub const MAX_DEPTH: usize = 64;
/// The deepest brackets: printing puts at most one pair around each level of the tree, and what was printed must be read.
const MAX_BRACKETS: usize = 2 * MAX_DEPTH;

/// A text as an expression.
pub(crate) fn expression(source: &str) -> Result<Node, Problem> {
    let mut parser = Parser::new(source, false)?;
    let node = parser.expression(Level::Open)?;
    parser.end()?;
    Ok(node)
}

/// A text as a cell of a decision table: whether it is negated, and its tests; none for `-`.
pub(crate) fn unary_tests(source: &str) -> Result<(bool, Vec<Test>), Problem> {
    Parser::new(source, true)?.cell()
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
    /// Whether `?` means something.
    in_cell: bool,
}

impl Parser {
    fn new(source: &str, in_cell: bool) -> Result<Self, Problem> {
        if source.len() > MAX_SOURCE {
            return Err(Problem::new(Code::SourceTooLong, Position { offset: 0, line: 1, column: 1 }).with("max", MAX_SOURCE));
        }
        let tokens = tokens(source)?;
        if let [Token { lexeme: Lexeme::End, at }] = tokens.as_slice() {
            return Err(Problem::new(Code::Empty, *at));
        }
        Ok(Self { tokens: tokens.into_iter().peekable(), depth: 0, in_cell })
    }

    fn next(&mut self) -> Token {
        self.tokens.next().unwrap_or(Token { lexeme: Lexeme::End, at: Position::default() })
    }

    fn at(&mut self) -> Position {
        self.tokens.peek().map_or(Position::default(), |token| token.at)
    }

    fn sees(&mut self, lexeme: &Lexeme) -> bool {
        self.tokens.peek().is_some_and(|token| token.lexeme == *lexeme)
    }

    fn eats(&mut self, lexeme: &Lexeme) -> bool {
        self.tokens.next_if(|token| token.lexeme == *lexeme).is_some()
    }

    fn expect(&mut self, lexeme: &Lexeme) -> Result<(), Problem> {
        if self.eats(lexeme) { Ok(()) } else { Err(self.unexpected(Code::Expected).with("expected", describe(lexeme))) }
    }

    /// The next word is not what was expected.
    fn unexpected(&mut self, code: Code) -> Problem {
        let Token { lexeme, at } = self.next();
        match lexeme {
            Lexeme::End => Problem::new(Code::Unfinished, at),
            Lexeme::Sign("..") => Problem::new(Code::RangeNotHere, at),
            Lexeme::Sign("?") if !self.in_cell => Problem::new(Code::InputNotHere, at),
            lexeme => Problem::new(code, at).with("found", describe(&lexeme)),
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        if self.sees(&Lexeme::End) { Ok(()) } else { Err(self.unexpected(Code::ExpectedEnd)) }
    }

    /// A node, unless it would be too high.
    fn node(&self, kind: Kind, at: Position) -> Result<Node, Problem> {
        let node = Node::new(kind, at);
        if node.height > MAX_DEPTH { Err(too_deep(at)) } else { Ok(node) }
    }

    /// An expression whose operators bind at least as tightly as `level`.
    fn expression(&mut self, level: Level) -> Result<Node, Problem> {
        if self.depth == MAX_BRACKETS {
            return Err(too_deep(self.at()));
        }
        self.depth += 1;
        let first = self.prefix()?;
        let node = self.operators(first, level)?;
        self.depth -= 1;
        Ok(node)
    }

    fn prefix(&mut self) -> Result<Node, Problem> {
        let at = self.at();
        if self.eats(&Lexeme::Sign("-")) {
            let operand = self.expression(Level::Sign)?;
            return self.node(Kind::Negative(Box::new(operand)), at);
        }
        if self.eats(&Lexeme::Sign("(")) {
            let node = self.expression(Level::Open)?;
            self.expect(&Lexeme::Sign(")"))?;
            return Ok(node);
        }
        if self.eats(&Lexeme::Sign("[")) {
            let items = self.items(Vec::new(), "]")?;
            return self.node(Kind::List(items), at);
        }
        let known = match self.tokens.peek().map(|token| &token.lexeme) {
            Some(Lexeme::Sign("?")) => self.in_cell,
            Some(Lexeme::Keyword(word)) => matches!(*word, "not" | "if" | "some" | "every" | "true" | "false" | "null"),
            Some(Lexeme::Sign(_) | Lexeme::End) | None => false,
            Some(_) => true,
        };
        if !known {
            return Err(self.unexpected(Code::ExpectedValue));
        }
        match self.next().lexeme {
            Lexeme::Number(number) => self.node(Kind::Number(number), at),
            Lexeme::Text(text) => self.node(Kind::Text(text), at),
            Lexeme::Name(name) => self.node(Kind::Name(name), at),
            Lexeme::Function(function) => self.call(function, at),
            Lexeme::Keyword("not") => self.not(at),
            Lexeme::Keyword("if") => self.conditional(at),
            Lexeme::Keyword("some") => self.quantified(Quantifier::Some, at),
            Lexeme::Keyword("every") => self.quantified(Quantifier::Every, at),
            Lexeme::Keyword("true") => self.node(Kind::Boolean(true), at),
            Lexeme::Keyword("false") => self.node(Kind::Boolean(false), at),
            Lexeme::Sign(_) => self.node(Kind::Input, at),
            Lexeme::Keyword(_) | Lexeme::End => self.node(Kind::Null, at),
        }
    }

    /// What follows a value: paths, then operators while they bind tightly enough.
    fn operators(&mut self, mut left: Node, level: Level) -> Result<Node, Problem> {
        while self.eats(&Lexeme::Sign(".")) {
            let at = left.at;
            let name = self.name()?;
            left = self.node(Kind::Path(Box::new(left), name), at)?;
        }
        let mut compared = false;
        loop {
            let at = left.at;
            let Some(token) = self.tokens.peek() else { return Ok(left) };
            left = match token.lexeme {
                Lexeme::Keyword(word @ "or") if level <= Level::Or => {
                    Node { kind: Kind::Or(self.operands(left, word, Level::And)?), at, height: 0 }
                }
                Lexeme::Keyword(word @ "and") if level <= Level::And => {
                    Node { kind: Kind::And(self.operands(left, word, Level::Comparison)?), at, height: 0 }
                }
                Lexeme::Keyword("in" | "between") | Lexeme::Sign("=" | "!=" | "<" | "<=" | ">" | ">=") if level <= Level::Comparison => {
                    if std::mem::replace(&mut compared, true) {
                        return Err(Problem::new(Code::Chained, token.at));
                    }
                    self.comparison(left)?
                }
                Lexeme::Sign(sign) => match Operator::of(sign).filter(|operator| operator.level() >= level) {
                    Some(operator) if operator.level() > Level::Comparison => {
                        self.next();
                        let right = self.expression(operator.level().tighter())?;
                        Node { kind: Kind::Binary(operator, Box::new(left), Box::new(right)), at, height: 0 }
                    }
                    _ => return Ok(left),
                },
                _ => return Ok(left),
            };
            left = self.node(left.kind, at)?;
        }
    }

    /// `a and b and c` as one node, so that long lists of conditions are not deep.
    fn operands(&mut self, first: Node, word: &'static str, level: Level) -> Result<Vec<Node>, Problem> {
        let mut operands = vec![first];
        while self.eats(&Lexeme::Keyword(word)) {
            operands.push(self.expression(level)?);
        }
        Ok(operands)
    }

    fn comparison(&mut self, left: Node) -> Result<Node, Problem> {
        let at = left.at;
        let kind = match self.next().lexeme {
            Lexeme::Keyword("in") => Kind::In(Box::new(left), self.membership()?),
            Lexeme::Sign(sign) => {
                let operator = Operator::of(sign).unwrap_or(Operator::Equal);
                Kind::Binary(operator, Box::new(left), Box::new(self.expression(Level::Sum)?))
            }
            _ => {
                let low = self.expression(Level::Sum)?;
                self.expect(&Lexeme::Keyword("and"))?;
                Kind::Between(Box::new([left, low, self.expression(Level::Sum)?]))
            }
        };
        Ok(Node { kind, at, height: 0 })
    }

    fn not(&mut self, at: Position) -> Result<Node, Problem> {
        self.expect(&Lexeme::Sign("("))?;
        let operand = self.expression(Level::Open)?;
        self.expect(&Lexeme::Sign(")"))?;
        self.node(Kind::Not(Box::new(operand)), at)
    }

    fn call(&mut self, function: crate::Function, at: Position) -> Result<Node, Problem> {
        self.expect(&Lexeme::Sign("("))?;
        let arguments = self.items(Vec::new(), ")")?;
        let arity = function.arity();
        if !arity.contains(&arguments.len()) {
            let expected =
                if arity.start() == arity.end() { arity.start().to_string() } else { format!("{}–{}", arity.start(), arity.end()) };
            let problem = Problem::new(Code::ArgumentCount, at).with("function", function.name());
            return Err(problem.with("expected", expected).with("found", arguments.len()));
        }
        self.node(Kind::Call(function, arguments), at)
    }

    /// Expressions with commas between them, up to the closing bracket.
    fn items(&mut self, mut items: Vec<Node>, close: &'static str) -> Result<Vec<Node>, Problem> {
        if items.is_empty() && self.eats(&Lexeme::Sign(close)) {
            return Ok(items);
        }
        if items.is_empty() {
            items.push(self.expression(Level::Open)?);
        }
        while self.eats(&Lexeme::Sign(",")) {
            items.push(self.expression(Level::Open)?);
        }
        self.expect(&Lexeme::Sign(close))?;
        Ok(items)
    }

    fn conditional(&mut self, at: Position) -> Result<Node, Problem> {
        let condition = self.expression(Level::Open)?;
        self.expect(&Lexeme::Keyword("then"))?;
        let then = self.expression(Level::Open)?;
        self.expect(&Lexeme::Keyword("else"))?;
        let otherwise = self.expression(Level::Open)?;
        self.node(Kind::If(Box::new([condition, then, otherwise])), at)
    }

    fn quantified(&mut self, quantifier: Quantifier, at: Position) -> Result<Node, Problem> {
        let name = self.name()?;
        self.expect(&Lexeme::Keyword("in"))?;
        let list = self.expression(Level::Open)?;
        self.expect(&Lexeme::Keyword("satisfies"))?;
        let condition = self.expression(Level::Open)?;
        self.node(Kind::Quantified(quantifier, name, Box::new([list, condition])), at)
    }

    fn name(&mut self) -> Result<String, Problem> {
        match self.tokens.next_if(|token| matches!(token.lexeme, Lexeme::Name(_))).map(|token| token.lexeme) {
            Some(Lexeme::Name(name)) => Ok(name),
            _ => Err(self.unexpected(Code::ExpectedName)),
        }
    }
}

fn too_deep(at: Position) -> Problem {
    Problem::new(Code::TooDeep, at).with("max", MAX_DEPTH)
}

fn describe(lexeme: &Lexeme) -> String {
    match lexeme {
        Lexeme::Number(number) => number.to_string(),
        Lexeme::Text(text) => format!("\"{text}\""),
        Lexeme::Name(name) => name.clone(),
        Lexeme::Keyword(word) | Lexeme::Sign(word) => (*word).to_owned(),
        Lexeme::Function(function) => function.name().to_owned(),
        Lexeme::End => "end".to_owned(),
    }
}

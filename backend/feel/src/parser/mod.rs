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

    /// A value without operators behind it. Each kind has its own function: what all kinds need at once would be a large
    /// frame on the stack, 128 times over.
    fn prefix(&mut self) -> Result<Node, Problem> {
        match self.tokens.peek().map(|token| &token.lexeme) {
            Some(Lexeme::Sign("-")) => self.negative(),
            Some(Lexeme::Sign("(")) => self.bracketed(),
            Some(Lexeme::Sign("[")) => self.list(),
            Some(Lexeme::Function(_)) => self.call(),
            Some(Lexeme::Keyword("not")) => self.not(),
            Some(Lexeme::Keyword("if")) => self.conditional(),
            Some(Lexeme::Keyword("some" | "every")) => self.quantified(),
            _ => self.leaf(),
        }
    }

    fn leaf(&mut self) -> Result<Node, Problem> {
        let at = self.at();
        let in_cell = self.in_cell;
        let token = self.tokens.next_if(|token| match token.lexeme {
            Lexeme::Number(_) | Lexeme::Text(_) | Lexeme::Name(_) | Lexeme::Keyword("true" | "false" | "null") => true,
            Lexeme::Sign(sign) => in_cell && sign == "?",
            _ => false,
        });
        let kind = match token.map(|token| token.lexeme) {
            None => return Err(self.unexpected(Code::ExpectedValue)),
            Some(Lexeme::Number(number)) => Kind::Number(number),
            Some(Lexeme::Text(text)) => Kind::Text(text),
            Some(Lexeme::Name(name)) => Kind::Name(name),
            Some(Lexeme::Keyword("null")) => Kind::Null,
            Some(Lexeme::Keyword(word)) => Kind::Boolean(word == "true"),
            Some(_) => Kind::Input,
        };
        self.node(kind, at)
    }

    fn negative(&mut self) -> Result<Node, Problem> {
        let at = self.next().at;
        let operand = Box::new(self.expression(Level::Sign)?);
        self.node(Kind::Negative(operand), at)
    }

    fn bracketed(&mut self) -> Result<Node, Problem> {
        self.next();
        let node = self.expression(Level::Open)?;
        self.expect(&Lexeme::Sign(")"))?;
        Ok(node)
    }

    fn list(&mut self) -> Result<Node, Problem> {
        let at = self.next().at;
        let items = self.items(Vec::new(), "]")?;
        self.node(Kind::List(items), at)
    }

    fn not(&mut self) -> Result<Node, Problem> {
        let at = self.next().at;
        self.expect(&Lexeme::Sign("("))?;
        let operand = Box::new(self.expression(Level::Open)?);
        self.expect(&Lexeme::Sign(")"))?;
        self.node(Kind::Not(operand), at)
    }

    fn call(&mut self) -> Result<Node, Problem> {
        let Token { lexeme: Lexeme::Function(function), at } = self.next() else { return Err(self.unexpected(Code::ExpectedValue)) };
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
        while items.is_empty() || self.eats(&Lexeme::Sign(",")) {
            items.push(self.expression(Level::Open)?);
        }
        self.expect(&Lexeme::Sign(close))?;
        Ok(items)
    }

    fn conditional(&mut self) -> Result<Node, Problem> {
        let at = self.next().at;
        let condition = self.expression(Level::Open)?;
        self.expect(&Lexeme::Keyword("then"))?;
        let then = self.expression(Level::Open)?;
        self.expect(&Lexeme::Keyword("else"))?;
        let otherwise = self.expression(Level::Open)?;
        self.node(Kind::If(Box::new([condition, then, otherwise])), at)
    }

    fn quantified(&mut self) -> Result<Node, Problem> {
        let Token { lexeme, at } = self.next();
        let quantifier = if lexeme == Lexeme::Keyword("some") { Quantifier::Some } else { Quantifier::Every };
        let name = self.name()?;
        self.expect(&Lexeme::Keyword("in"))?;
        let list = self.expression(Level::Open)?;
        self.expect(&Lexeme::Keyword("satisfies"))?;
        let condition = self.expression(Level::Open)?;
        self.node(Kind::Quantified(quantifier, name, Box::new([list, condition])), at)
    }

    /// What follows a value: paths, then operators while they bind tightly enough.
    fn operators(&mut self, first: Node, level: Level) -> Result<Node, Problem> {
        let mut left = self.path(first)?;
        let mut compared = false;
        while let Some(next) = self.operator(level) {
            if next == Level::Comparison && std::mem::replace(&mut compared, true) {
                return Err(Problem::new(Code::Chained, self.at()));
            }
            left = match next {
                Level::Or | Level::And => self.chain(left, next)?,
                Level::Comparison => self.comparison(left)?,
                _ => self.arithmetic(left)?,
            };
        }
        Ok(left)
    }

    /// The level of the operator that comes next, if it binds tightly enough.
    fn operator(&mut self, level: Level) -> Option<Level> {
        let next = match self.tokens.peek()?.lexeme {
            Lexeme::Keyword("or") => Level::Or,
            Lexeme::Keyword("and") => Level::And,
            Lexeme::Keyword("in" | "between") => Level::Comparison,
            Lexeme::Sign(sign) => Operator::of(sign)?.level(),
            _ => return None,
        };
        (next >= level).then_some(next)
    }

    fn path(&mut self, mut node: Node) -> Result<Node, Problem> {
        while self.eats(&Lexeme::Sign(".")) {
            let at = node.at;
            let name = self.name()?;
            node = self.node(Kind::Path(Box::new(node), name), at)?;
        }
        Ok(node)
    }

    /// `a and b and c` as one node, so that long lists of conditions are not deep.
    fn chain(&mut self, first: Node, level: Level) -> Result<Node, Problem> {
        let at = first.at;
        let word = Lexeme::Keyword(if level == Level::Or { "or" } else { "and" });
        let mut operands = vec![first];
        while self.eats(&word) {
            operands.push(self.expression(level.tighter())?);
        }
        self.node(if level == Level::Or { Kind::Or(operands) } else { Kind::And(operands) }, at)
    }

    fn arithmetic(&mut self, left: Node) -> Result<Node, Problem> {
        let at = left.at;
        let operator = if let Lexeme::Sign(sign) = self.next().lexeme { Operator::of(sign) } else { None };
        let operator = operator.unwrap_or(Operator::Add);
        let right = self.expression(operator.level().tighter())?;
        self.node(Kind::Binary(operator, Box::new(left), Box::new(right)), at)
    }

    fn comparison(&mut self, left: Node) -> Result<Node, Problem> {
        let at = left.at;
        let kind = match self.next().lexeme {
            Lexeme::Keyword("in") => Kind::In(Box::new(left), self.membership()?),
            Lexeme::Sign(sign) => {
                let operator = Operator::of(sign).unwrap_or(Operator::Equal);
                Kind::Binary(operator, Box::new(left), Box::new(self.expression(Level::Sum)?))
            }
            _ => self.between(left)?,
        };
        self.node(kind, at)
    }

    fn between(&mut self, value: Node) -> Result<Kind, Problem> {
        let low = self.expression(Level::Sum)?;
        self.expect(&Lexeme::Keyword("and"))?;
        Ok(Kind::Between(Box::new([value, low, self.expression(Level::Sum)?])))
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

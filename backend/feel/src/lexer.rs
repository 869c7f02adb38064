//! Text to words: keywords, names, numbers, texts, signs. It never looks back.

use rust_decimal::Decimal;

use crate::{
    Code, Function,
    problem::{Position, Problem},
};

/// A word of the source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lexeme {
    Number(Decimal),
    Text(String),
    Name(String),
    Keyword(&'static str),
    Sign(&'static str),
    /// A function's name; an opening bracket follows.
    Function(Function),
    End,
}

/// A word and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) lexeme: Lexeme,
    pub(crate) at: Position,
}

const KEYWORDS: &[&str] =
    &["and", "or", "not", "in", "between", "if", "then", "else", "some", "every", "satisfies", "true", "false", "null"];
/// Words of FEEL that mean nothing here; a field of this name must be quoted, or the text would not be FEEL.
const RESERVED: &[&str] = &["for", "return", "function", "external", "instance", "of"];
/// Longer signs first.
const SIGNS: &[&str] = &["**", "..", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", ".", "?"];
/// What a Chinese input method writes by mistake.
const FULL_WIDTH: &[(char, &str)] = &[
    ('（', "("),
    ('）', ")"),
    ('，', ","),
    ('。', "."),
    ('“', "\""),
    ('”', "\""),
    ('＂', "\""),
    ('＝', "="),
    ('＜', "<"),
    ('＞', ">"),
    ('《', "<"),
    ('》', ">"),
    ('＋', "+"),
    ('－', "-"),
    ('＊', "*"),
    ('×', "*"),
    ('／', "/"),
    ('÷', "/"),
    ('【', "["),
    ('】', "]"),
    ('［', "["),
    ('］', "]"),
    ('？', "?"),
    ('！', "!"),
    ('≠', "!="),
    ('≤', "<="),
    ('≥', ">="),
    ('．', "."),
    ('、', ","),
];

pub(crate) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

pub(crate) fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a field can be written with this name as it is, without back quotes.
pub(crate) fn is_plain_name(name: &str) -> bool {
    name.starts_with(is_name_start)
        && name.chars().all(is_name_part)
        && !KEYWORDS.contains(&name)
        && !RESERVED.contains(&name)
        && !Function::begins_with(name)
}

/// All words of a text, an end mark last.
pub(crate) fn tokens(source: &str) -> Result<Vec<Token>, Problem> {
    let mut lexer = Lexer { rest: source, at: Position { offset: 0, line: 1, column: 1 } };
    let mut tokens = Vec::new();
    loop {
        lexer.skip(lexer.rest.len() - lexer.rest.trim_start().len());
        let at = lexer.at;
        let lexeme = lexer.lexeme()?;
        let end = lexeme == Lexeme::End;
        tokens.push(Token { lexeme, at });
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    at: Position,
}

impl<'a> Lexer<'a> {
    /// Goes on by so many bytes, which end at a character, and returns them.
    fn skip(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        for c in taken.chars() {
            self.at.offset += u32::try_from(c.len_utf8()).unwrap_or(0);
            (self.at.line, self.at.column) = if c == '\n' { (self.at.line + 1, 1) } else { (self.at.line, self.at.column + 1) };
        }
        self.rest = rest;
        taken
    }

    fn lexeme(&mut self) -> Result<Lexeme, Problem> {
        let Some(first) = self.rest.chars().next() else { return Ok(Lexeme::End) };
        let second = self.rest.chars().nth(1);
        if first.is_ascii_digit() || (first == '.' && second.is_some_and(|c| c.is_ascii_digit())) {
            return self.number();
        }
        if is_name_start(first) {
            return self.word();
        }
        if first == '"' {
            return self.text();
        }
        if first == '`' {
            return self.quoted();
        }
        if let Some(sign) = SIGNS.iter().find(|sign| self.rest.starts_with(**sign)) {
            self.skip(sign.len());
            return Ok(Lexeme::Sign(sign));
        }
        Err(match FULL_WIDTH.iter().find(|(wide, _)| *wide == first) {
            Some((wide, narrow)) => Problem::new(Code::FullWidthCharacter, self.at).with("found", wide).with("use", narrow),
            None => Problem::new(Code::UnexpectedCharacter, self.at).with("found", first.escape_debug()),
        })
    }

    /// `12`, `1.5`, `.5`; the two dots of a range are not part of it.
    fn number(&mut self) -> Result<Lexeme, Problem> {
        let at = self.at;
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mut length = digits(self.rest);
        if let Some(fraction) = self.rest.get(length..).and_then(|rest| rest.strip_prefix('.')) {
            length += if digits(fraction) > 0 { 1 + digits(fraction) } else { 0 };
        }
        let text = self.skip(length);
        let exact = Decimal::from_str_exact(text).or_else(|_| Decimal::from_str_exact(&format!("0{text}")));
        exact.map(Lexeme::Number).map_err(|_| Problem::new(Code::BadNumber, at).with("found", text))
    }

    fn word(&mut self) -> Result<Lexeme, Problem> {
        let at = self.at;
        if let Some((function, length)) = self.function_of_several_words() {
            self.skip(length);
            return Ok(Lexeme::Function(function));
        }
        let word = self.skip(self.rest.len() - self.rest.trim_start_matches(is_name_part).len());
        if let Some(keyword) = KEYWORDS.iter().find(|keyword| **keyword == word) {
            return Ok(Lexeme::Keyword(keyword));
        }
        if RESERVED.contains(&word) {
            return Err(Problem::new(Code::ReservedWord, at).with("found", word));
        }
        if !self.rest.trim_start().starts_with('(') {
            return Ok(Lexeme::Name(word.to_owned()));
        }
        Function::named(word).map(Lexeme::Function).ok_or_else(|| Problem::new(Code::UnknownFunction, at).with("found", word))
    }

    /// `starts with (`: the words, any space between them, and an opening bracket after them, as in FEEL the longest name.
    fn function_of_several_words(&self) -> Option<(Function, usize)> {
        Function::all().filter(|function| function.name().contains(' ')).find_map(|function| {
            let mut rest = self.rest;
            for word in function.name().split(' ') {
                rest = rest.trim_start().strip_prefix(word).filter(|rest| !rest.starts_with(is_name_part))?;
            }
            rest.trim_start().starts_with('(').then_some((function, self.rest.len() - rest.len()))
        })
    }

    /// `` `总 金额` ``: anything but back quotes and control characters.
    fn quoted(&mut self) -> Result<Lexeme, Problem> {
        let at = self.at;
        self.skip(1);
        let Some(length) = self.rest.find('`') else { return Err(Problem::new(Code::UnterminatedName, at)) };
        let name = self.skip(length);
        self.skip(1);
        if name.trim() != name || name.is_empty() || name.contains(char::is_control) {
            return Err(Problem::new(Code::BadName, at));
        }
        Ok(Lexeme::Name(name.to_owned()))
    }

    fn text(&mut self) -> Result<Lexeme, Problem> {
        let start = self.at;
        self.skip(1);
        let mut text = String::new();
        loop {
            let at = self.at;
            match self.rest.chars().next() {
                None | Some('\n' | '\r') => return Err(Problem::new(Code::UnterminatedText, start)),
                Some('"') => {
                    self.skip(1);
                    return Ok(Lexeme::Text(text));
                }
                Some('\\') => {
                    let (length, c) = escape(self.rest)
                        .ok_or_else(|| Problem::new(Code::BadEscape, at).with("found", self.rest.chars().take(2).collect::<String>()))?;
                    self.skip(length);
                    text.push(c);
                }
                Some(c) => {
                    self.skip(c.len_utf8());
                    text.push(c);
                }
            }
        }
    }
}

/// The character of an escape at the start of the text, and the escape's length in bytes.
fn escape(text: &str) -> Option<(usize, char)> {
    let hex = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    match text.chars().nth(1)? {
        '"' => Some((2, '"')),
        '\\' => Some((2, '\\')),
        'n' => Some((2, '\n')),
        'r' => Some((2, '\r')),
        't' => Some((2, '\t')),
        'U' => char::from_u32(hex(2, 8)?).map(|c| (8, c)),
        'u' => match (hex(2, 6)?, text.get(6..8), hex(8, 12)) {
            // Two halves of one character, as JSON and FEEL write what lies beyond the first plane.
            (high @ 0xD800..0xDC00, Some("\\u"), Some(low @ 0xDC00..0xE000)) => {
                char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).map(|c| (12, c))
            }
            (code, _, _) => char::from_u32(code).map(|c| (6, c)),
        },
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn lexemes(source: &str) -> Vec<Lexeme> {
        tokens(source).unwrap().into_iter().map(|token| token.lexeme).collect()
    }
    fn problem(source: &str) -> Problem {
        tokens(source).unwrap_err()
    }

    #[test]
    fn keywords_inside_names_are_names() {
        assert_eq!(lexemes("部门in"), [Lexeme::Name("部门in".into()), Lexeme::End]);
        assert_eq!(lexemes("android"), [Lexeme::Name("android".into()), Lexeme::End]);
        assert_eq!(lexemes("金额 in"), [Lexeme::Name("金额".into()), Lexeme::Keyword("in"), Lexeme::End]);
    }

    #[test]
    fn functions_are_functions_only_before_a_bracket() {
        assert_eq!(lexemes("count")[0], Lexeme::Name("count".into()));
        assert_eq!(lexemes("count (x")[0], Lexeme::Function(Function::Count));
        assert_eq!(lexemes("date  and\ntime(x")[0], Lexeme::Function(Function::DateAndTime));
        assert_eq!(lexemes("date and times")[..1], [Lexeme::Name("date".into())]);
        assert_eq!(problem("xor(1)").code, Code::UnknownFunction);
    }

    #[test]
    fn dots_of_a_range_are_not_decimals() {
        assert_eq!(lexemes("1..2")[1], Lexeme::Sign(".."));
        assert_eq!(lexemes("1.5")[0], Lexeme::Number("1.5".parse().unwrap()));
        assert_eq!(lexemes(".5")[0], Lexeme::Number("0.5".parse().unwrap()));
        assert_eq!(problem("0.12345678901234567890123456789").code, Code::BadNumber);
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(lexemes(r#""\"\\\n中""#)[0], Lexeme::Text("\"\\\n中".into()));
        assert_eq!(lexemes(r#""\uD83D\uDE00\U01F600""#)[0], Lexeme::Text("😀😀".into()));
        assert_eq!(problem(r#""\uD83D""#).code, Code::BadEscape);
        assert_eq!(problem("\"a\n\"").code, Code::UnterminatedText);
    }

    #[test]
    fn full_width_signs_are_named_with_their_place() {
        let problem = problem("金额 ＞ 3");
        assert_eq!((problem.code, problem.at.offset, problem.at.line, problem.at.column), (Code::FullWidthCharacter, 7, 1, 4));
        assert_eq!(problem.text(true), "请用半角“>”代替全角“＞”");
    }
}

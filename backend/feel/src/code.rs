//! The one table of codes: wire name and the texts. A code is never renamed; clients translate it.

use std::fmt;

use kernel::Params;

use crate::types;

/// Why an expression was refused, or could not be evaluated to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the table below says what each means")]
pub enum Code {
    SourceTooLong,
    TooDeep,
    Empty,
    UnexpectedCharacter,
    FullWidthCharacter,
    UnterminatedText,
    UnterminatedName,
    BadEscape,
    BadName,
    BadNumber,
    Expected,
    ExpectedValue,
    ExpectedName,
    ExpectedEnd,
    Unfinished,
    Chained,
    RangeNotHere,
    InputNotHere,
    ReservedWord,
    UnknownFunction,
    ArgumentCount,
    UnknownName,
    UnknownProperty,
    NotComparable,
    NotOrdered,
    NotAChoice,
    WrongType,
    NoSuchOperation,
    BranchesDiffer,
    BadLiteral,
    OutOfSteps,
    ListTooLong,
    TextTooLong,
    CellCount,
    CannotAggregate,
    RulesOverlap,
    RuleUnreachable,
    RulesConflict,
    BadValue,
    BadSchema,
}

impl Code {
    /// All codes, for the product's table of translations.
    pub const ALL: &'static [Self] = &[
        Self::SourceTooLong,
        Self::TooDeep,
        Self::Empty,
        Self::UnexpectedCharacter,
        Self::FullWidthCharacter,
        Self::UnterminatedText,
        Self::UnterminatedName,
        Self::BadEscape,
        Self::BadName,
        Self::BadNumber,
        Self::Expected,
        Self::ExpectedValue,
        Self::ExpectedName,
        Self::ExpectedEnd,
        Self::Unfinished,
        Self::Chained,
        Self::RangeNotHere,
        Self::InputNotHere,
        Self::ReservedWord,
        Self::UnknownFunction,
        Self::ArgumentCount,
        Self::UnknownName,
        Self::UnknownProperty,
        Self::NotComparable,
        Self::NotOrdered,
        Self::NotAChoice,
        Self::WrongType,
        Self::NoSuchOperation,
        Self::BranchesDiffer,
        Self::BadLiteral,
        Self::OutOfSteps,
        Self::ListTooLong,
        Self::TextTooLong,
        Self::CellCount,
        Self::CannotAggregate,
        Self::RulesOverlap,
        Self::RuleUnreachable,
        Self::RulesConflict,
        Self::BadValue,
        Self::BadSchema,
    ];

    /// Wire name, Chinese, English.
    #[rustfmt::skip]
    const fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            // Reading the text.
            Self::SourceTooLong => ("feel.source_too_long", "表达式过长，上限为 {max} 字节", "The expression is too long; the limit is {max} bytes"),
            Self::TooDeep => ("feel.too_deep", "嵌套过深，上限为 {max} 层", "Nested too deeply; the limit is {max} levels"),
            Self::Empty => ("feel.empty", "请填写表达式", "The expression is empty"),
            Self::UnexpectedCharacter => ("feel.unexpected_character", "此处不能使用字符“{found}”", "The character {found} is not possible here"),
            Self::FullWidthCharacter => ("feel.full_width_character", "请用半角“{use}”代替全角“{found}”", "Write {use} in place of the full-width {found}"),
            Self::UnterminatedText => ("feel.unterminated_text", "文本缺少结束的双引号", "The text lacks its closing double quote"),
            Self::UnterminatedName => ("feel.unterminated_name", "名称缺少结束的反引号", "The name lacks its closing back quote"),
            Self::BadEscape => ("feel.bad_escape", "转义“{found}”无效", "{found} is not an escape"),
            Self::BadName => ("feel.bad_name", "反引号内须有名称", "There must be a name between the back quotes"),
            Self::BadNumber => ("feel.bad_number", "数字“{found}”过长，有效数字不超过 28 位", "The number {found} has more than 28 digits"),
            Self::Expected => ("feel.expected", "此处应为“{expected}”，却是“{found}”", "Expected {expected}, found {found}"),
            Self::ExpectedValue => ("feel.expected_value", "此处应为字段、数字、文本或括号，却是“{found}”", "Expected a field, a number, a text or a bracket, found {found}"),
            Self::ExpectedName => ("feel.expected_name", "此处应为名称，却是“{found}”", "Expected a name, found {found}"),
            Self::ExpectedEnd => ("feel.expected_end", "表达式应到此为止，却还有“{found}”", "The expression should end here, found {found}"),
            Self::Unfinished => ("feel.unfinished", "表达式没有写完", "The expression is not finished"),
            Self::Chained => ("feel.chained_comparison", "比较不能连写，请用 and 或 between", "Comparisons cannot be chained; use and, or between"),
            Self::RangeNotHere => ("feel.range_not_here", "区间只能写在 in 之后或决策表的条件格中", "A range can only follow in, or stand in a cell of a decision table"),
            Self::InputNotHere => ("feel.input_not_here", "“?”只能用于决策表的条件格", "? can only be used in a condition of a decision table"),
            Self::ReservedWord => ("feel.reserved_word", "“{found}”是保留字，作名称时请加反引号", "{found} is a reserved word; put it in back quotes to use it as a name"),
            Self::UnknownFunction => ("feel.unknown_function", "没有函数“{found}”", "There is no function {found}"),
            // Types.
            Self::ArgumentCount => ("feel.argument_count", "函数“{function}”需要 {expected} 个参数，却有 {found} 个", "{function} takes {expected} arguments, here are {found}"),
            Self::UnknownName => ("feel.unknown_name", "没有名为“{name}”的字段", "There is no field {name}"),
            Self::UnknownProperty => ("feel.unknown_property", "{type}没有属性“{name}”", "{type} has no property {name}"),
            Self::NotComparable => ("feel.not_comparable", "{left}不能与{right}比较", "{left} cannot be compared with {right}"),
            Self::NotOrdered => ("feel.not_ordered", "{type}没有大小之分", "{type} has no order"),
            Self::NotAChoice => ("feel.not_a_choice", "“{value}”不在可选值之内：{choices}", "{value} is not one of the choices: {choices}"),
            Self::WrongType => ("feel.wrong_type", "此处应为{expected}，却是{found}", "Expected {expected}, found {found}"),
            Self::NoSuchOperation => ("feel.no_such_operation", "{left}与{right}之间不能作 {operator} 运算", "{operator} is not defined between {left} and {right}"),
            Self::BranchesDiffer => ("feel.branches_differ", "then 与 else 的类型不同：{left}与{right}", "then and else differ in type: {left} and {right}"),
            Self::BadLiteral => ("feel.bad_literal", "“{value}”不是有效的{type}", "{value} is not a valid {type}"),
            // Evaluation.
            Self::OutOfSteps => ("feel.out_of_steps", "计算量超过上限 {max} 步", "The evaluation takes more than {max} steps"),
            Self::ListTooLong => ("feel.list_too_long", "列表过长，上限为 {max} 项", "The list has more than {max} items"),
            Self::TextTooLong => ("feel.text_too_long", "文本过长，上限为 {max} 字节", "The text has more than {max} bytes"),
            // Decision tables.
            Self::CellCount => ("feel.cell_count", "该规则应有 {expected} 格，却有 {found} 格", "The rule needs {expected} cells and has {found}"),
            Self::CannotAggregate => ("feel.cannot_aggregate", "此汇总方式只能用于一个输出，且须为{expected}", "This aggregation needs exactly one output, of type {expected}"),
            Self::RulesOverlap => ("feel.rules_overlap", "规则 {first} 与规则 {second} 会同时命中", "Rules {first} and {second} can match at the same time"),
            Self::RuleUnreachable => ("feel.rule_unreachable", "规则 {second} 永远轮不到：规则 {first} 已全部包含", "Rule {second} is never reached: rule {first} covers it"),
            Self::RulesConflict => ("feel.rules_conflict", "规则 {first} 与规则 {second} 同时命中", "Rules {first} and {second} both match"),
            // What comes from outside.
            Self::BadValue => ("feel.bad_value", "{path} 处的值不是{expected}", "The value at {path} is not of type {expected}"),
            Self::BadSchema => ("feel.bad_schema", "表单结构有误：{reason}", "The schema is not valid: {reason}"),
        }
    }

    /// Whether its parameters are names of types.
    const fn names_types(self) -> bool {
        matches!(
            self,
            Self::UnknownProperty
                | Self::NotComparable
                | Self::NotOrdered
                | Self::WrongType
                | Self::NoSuchOperation
                | Self::BranchesDiffer
                | Self::CannotAggregate
                | Self::BadLiteral
                | Self::BadValue
        )
    }

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The text with its parameters, in Chinese or English.
    #[must_use]
    pub fn text(self, chinese: bool, params: &Params) -> String {
        let (_, zh, en) = self.row();
        params.iter().fold((if chinese { zh } else { en }).to_owned(), |text, (name, value)| {
            let value = if chinese && self.names_types() { types::in_chinese(value) } else { value.clone() };
            text.replace(&format!("{{{name}}}"), &value)
        })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_both_texts_use_the_same_parameters() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        assert_eq!(Code::ALL.last(), Some(&Code::BadSchema));
        assert_eq!(Code::ALL.len(), Code::BadSchema as usize + 1);
        let parameters = |text: &str| {
            let mut found: Vec<_> = text.split('{').skip(1).filter_map(|part| part.split('}').next().map(str::to_owned)).collect();
            found.sort();
            found
        };
        for code in Code::ALL {
            let (name, zh, en) = code.row();
            assert_eq!(parameters(zh), parameters(en), "{name}");
        }
    }
}

//! What the checker refuses, and how it says so.
#![allow(clippy::unwrap_used)]

use feel::{Expression, Schema, Type, UnaryTests};
use serde_json::json;

fn form() -> Schema {
    Schema::from_json(&json!({
        "type": "object",
        "properties": {
            "金额": { "type": "number" },
            "部门": { "enum": ["信息中心", "财务部"] },
            "标签": { "type": "array", "items": { "enum": ["急", "密"] } },
            "标题": { "type": "string" },
            "日期": { "type": "string", "format": "date" },
            "时刻": { "type": "string", "format": "date-time" },
            "时长": { "type": "string", "format": "duration" },
            "紧急": { "type": "boolean" },
            "明细": { "type": "array", "items": { "$ref": "#/$defs/行" } },
            "附加": {},
        },
        "$defs": { "行": { "type": "object", "properties": { "金额": { "type": "integer" } } } },
    }))
    .unwrap()
}

/// The type, or the problems with their columns.
fn verdict(source: &str) -> String {
    match Expression::parse(source).unwrap().check(&form()) {
        Ok(of) => of.to_string(),
        Err(problems) => {
            problems.iter().map(|problem| format!("{}: {}", problem.at.column, problem.text(false))).collect::<Vec<_>>().join("; ")
        }
    }
}

#[test]
fn expressions_have_the_types_that_their_fields_give_them() {
    for (source, of) in [
        ("金额 > 5000 and 部门 = \"信息中心\"", "boolean"),
        ("部门 in (\"信息中心\", \"财务部\")", "boolean"),
        ("部门 in [\"信息中心\"]", "boolean"),
        ("部门 = null or 标题 = 部门", "boolean"),
        ("if 紧急 then 1 else null", "number"),
        ("sum(明细.金额) * 1.06", "number"),
        ("明细.金额", "list<number>"),
        ("日期 - today()", "days and time duration"),
        ("日期 + duration(\"P1M\")", "date"),
        ("(时刻 - now()).hours", "number"),
        ("时长 * 2 < duration(\"PT4H\")", "boolean"),
        ("some 行 in 明细 satisfies 行.金额 > 1", "boolean"),
        ("附加.任何.东西 + 1", "any"),
        ("max(日期, today())", "date"),
        ("标题 + \"号\"", "string"),
        ("list contains(标签, \"急\")", "boolean"),
        ("\"急\" in 标签", "boolean"),
        ("add working days(today(), 3)", "date"),
    ] {
        assert_eq!(verdict(source), of, "{source}");
    }
}

#[test]
fn mistakes_are_named_with_their_column() {
    for (source, expected) in [
        ("金额 > \"5000\"", "1: number cannot be compared with string"),
        ("明细.金额 = [\"a\"]", "1: list<number> cannot be compared with list<string>"),
        ("金额 = 日期", "1: number cannot be compared with date"),
        ("金客 > 1", "1: There is no field 金客"),
        ("紧急 and 金额", "8: Expected boolean, found number"),
        ("紧急 < true", "1: boolean has no order"),
        ("部门 = \"信息中新\"", "6: 信息中新 is not one of the choices: 信息中心、财务部"),
        ("\"财务\" != 部门", "1: 财务 is not one of the choices: 信息中心、财务部"),
        ("部门 in (\"财务部\", \"人事部\")", "15: 人事部 is not one of the choices: 信息中心、财务部"),
        ("部门 in [\"财务部\", \"人事部\"]", "15: 人事部 is not one of the choices: 信息中心、财务部"),
        ("list contains(标签, \"绝密\")", "19: 绝密 is not one of the choices: 急、密"),
        ("list contains([\"财务部\", \"人\"], 部门)", "23: 人 is not one of the choices: 信息中心、财务部"),
        ("some 签 in 标签 satisfies 签 = \"慢\"", "28: 慢 is not one of the choices: 急、密"),
        ("(if 紧急 then \"急\" else \"密\") = \"慢\"", "29: 慢 is not one of the choices: 急、密"),
        ("日期 + 1", "1: + is not defined between date and number"),
        ("日期 > date(\"2026-02-30\")", "11: 2026-02-30 is not a valid date"),
        ("duration(\"4小时\")", "10: 4小时 is not a valid duration"),
        ("日期.hour", "1: date has no property hour"),
        ("明细.数量", "1: list<context> has no property 数量"),
        ("if 金额 then 1 else \"a\"", "4: Expected boolean, found number; 19: then and else differ in type: number and string"),
        ("contains(金额, \"1\")", "10: Expected string, found number"),
        ("min(金额, 日期)", "1: number cannot be compared with date"),
        ("金额 between 1 and \"2\"", "18: number cannot be compared with string"),
        ("金额 in [日期..2]", "8: number cannot be compared with date"),
        ("-标题", "2: Expected number, found string"),
        ("时刻 = 日期", "1: date and time cannot be compared with date"),
        ("some x in 金额 satisfies true", "11: Expected list<any>, found number"),
    ] {
        assert_eq!(verdict(source), expected, "{source}");
    }
}

#[test]
fn cells_are_checked_against_their_column() {
    let check = |cell: &str, of: &Type| {
        UnaryTests::parse(cell).unwrap().check(of, &form()).map_err(|problems| problems.first().unwrap().text(true))
    };
    let department = Type::Choice(vec!["信息中心".to_owned(), "财务部".to_owned()]);
    assert_eq!(check("\"信息中心\", \"财务部\"", &department), Ok(()));
    assert_eq!(check("-", &department), Ok(()));
    assert_eq!(check("not(\"人事部\")", &department), Err("“人事部”不在可选值之内：信息中心、财务部".to_owned()));
    assert_eq!(check("[1..金额]", &Type::Number), Ok(()));
    assert_eq!(check("< \"1\"", &Type::Number), Err("数字不能与文本比较".to_owned()));
    assert_eq!(check("? + 1", &Type::Number), Err("此处应为是非值，却是数字".to_owned()));
}

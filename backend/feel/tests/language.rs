//! What expressions mean.
#![allow(clippy::unwrap_used, clippy::panic)]

use feel::{Code, Context, DateTime, Expression, OfficeCalendar, UnaryTests, Value};

fn given() -> Context<'static> {
    let row = |name: &str, price: i64| Value::context([("名称", Value::text(name)), ("金额", Value::from(price))]);
    Context::new([
        ("金额", Value::from(5001)),
        ("部门", Value::text("信息中心")),
        ("总 金额", Value::from(7)),
        ("申请人", Value::context([("部门", Value::text("财务部")), ("级别", Value::from(3))])),
        ("明细", Value::list([row("电脑", 4000), row("鼠标", 100)])),
        ("空", Value::Null),
    ])
    .at(DateTime::parse("2026-11-25T08:30:00+08:00").unwrap())
}

fn value(source: &str) -> String {
    let expression = Expression::parse(source).unwrap_or_else(|problem| panic!("{source}: {problem}"));
    expression.evaluate(&given()).unwrap().to_string()
}

/// Each line: an expression, `=>`, the value as FEEL writes it.
fn all(lines: &str) {
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (source, expected) = line.split_once("=>").unwrap();
        assert_eq!(value(source.trim()), expected.trim(), "{source}");
    }
}

#[test]
fn the_documentation_says_what_is_so() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/feel.md")).unwrap();
    let block = |name: &str| page.split_once(&format!("```{name}\n")).and_then(|(_, rest)| rest.split_once("```")).unwrap().0;
    all(block("text"));
    block("cells").lines().for_each(|cell| drop(UnaryTests::parse(cell).unwrap()));
    for function in feel::Function::all() {
        assert!(page.contains(&format!("`{}(", function.name())), "{}", function.name());
    }
}

#[test]
fn conditions_read_as_an_administrator_writes_them() {
    all(r#"
        金额 > 5000 and 部门 = "信息中心" => true
        金额 > 5000 and 部门 in ("财务部", "人事部") => false
        `总 金额` + 1 => 8
        申请人.部门 => "财务部"
        申请人.级别 between 2 and 4 and not(金额 < 100) => true
        if 金额 > 1000 then "处长" else "科长" => "处长"
        sum(明细.金额) > 4000 => true
        some 行 in 明细 satisfies 行.金额 > 3000 => true
        every 行 in 明细 satisfies 行.金额 > 3000 => false
        金额 in [1..10] => false
        金额 in (5000..5001] => true
        金额 in (> 6000, 5001) => true
        金额 in [1, 5001] => true
        部门 != "信息中心" or 金额 >= 1 => true
    "#);
}

#[test]
fn numbers_are_decimals() {
    all("
        0.1 + 0.2 = 0.3 => true
        1.0 = 1 => true
        1 / 3 => 0.3333333333333333333333333333
        1 / 0 => null
        2 ** 10 => 1024
        2 ** -2 => 0.25
        2 ** 0.5 => null
        2 ** 1001 => null
        10 ** 30 => null
        -2 ** 2 => 4
        2 ** 3 ** 2 => 64
        7 - 2 - 1 => 4
        2 + 3 * 4 => 14
        (2 + 3) * 4 => 20
        79228162514264337593543950335 + 1 => null
        floor(-1.5) => -2
        ceiling(1.2) => 2
        floor(1.256, 2) => 1.25
        round half up(2.5, 0) => 3
        round half up(-2.5, 0) => -3
        round half up(1250, -2) => 1300
        round up(1.121, 2) => 1.13
        round down(1.129, 2) => 1.12
        abs(-3) => 3
        min(3, 1, 2) => 1
        max([3, 1, 2]) => 3
        max([]) => null
        sum([]) => null
        sum([1, null]) => null
        count([1, null]) => 2
    ");
}

#[test]
fn null_is_neither_true_nor_false() {
    all(r#"
        缺 => null
        缺 = null => true
        空 = null => true
        金额 = null => false
        缺 > 3 => null
        缺 != 1 => true
        缺 = 1 => false
        not(缺) => null
        not(null) => null
        true and 缺 => null
        false and 缺 => false
        true or 缺 => true
        false or 缺 => null
        1 = "1" => null
        1 < "1" => null
        true < false => null
        [1] = 1 => null
        [1, "a"] = [1, "a"] => true
        缺 + 1 => null
        缺.部门 => null
        申请人.没有 => null
        if 缺 then 1 else 2 => 2
        缺 between 1 and 2 => null
        缺 in [1, 2] => false
        缺 in [1..2] => null
        缺 in (null, 1) => true
        1 in 缺 => null
        some x in [1, null] satisfies x > 1 => null
        every x in [1, null] satisfies x > 1 => false
        some x in 缺 satisfies x > 1 => null
        every x in [] satisfies x => true
        "a" in (1, "a") => true
    "#);
}

#[test]
fn texts_count_characters() {
    all(r#"
        "信息" + "中心" = 部门 => true
        string length("中文😀") => 3
        contains(部门, "信息") => true
        starts with(部门, "信息") => true
        ends with(部门, "信息") => false
        upper case("abc") => "ABC"
        lower case("ABC") => "abc"
        substring("信息中心", 3) => "中心"
        substring("信息中心", -2, 1) => "中"
        substring("信息中心", 0) => null
        list contains(["a", null], null) => true
        contains(1, "1") => null
        "a\"b\\" => "a\"b\\"
        "a" < "b" => true
    "#);
}

#[test]
fn dates_times_and_durations_follow_the_calendar() {
    all(r#"
        date("2026-11-25") + duration("P1D") => date("2026-11-26")
        date("2026-01-31") + duration("P1M") => date("2026-02-28")
        date("2024-02-29") - duration("P1Y") => date("2023-02-28")
        date("2026-11-25") - date("2026-11-20") => duration("P5D")
        date("2026-11-25") + duration("PT4H") => null
        date and time("2026-11-25T22:00:00") + duration("PT4H") => date and time("2026-11-26T02:00:00")
        date and time("2026-11-25T08:00:00+08:00") = date and time("2026-11-25T00:00:00Z") => true
        date and time("2026-11-25T08:00:00+08:00") = date and time("2026-11-25T08:00:00") => null
        date and time(date("2026-11-25"), time("08:00:00")).hour => 8
        time("23:00:00") + duration("PT2H") => time("01:00:00")
        time("10:00:00") - time("09:30:00") => duration("PT30M")
        duration("PT36H").days => 1
        duration("PT36H").hours => 12
        duration("P1Y14M").years => 2
        duration("P1D") * 1.5 => duration("P1DT12H")
        duration("P1D") / duration("PT6H") => 4
        duration("P1D") > duration("PT23H") => true
        duration("P1M") = duration("P30D") => null
        abs(duration("-PT1H")) => duration("PT1H")
        date("2026-11-25").weekday => 3
        date("2026-02-29") => null
        date(2026, 2, 28).day => 28
        date("9999-12-31") + duration("P1D") => null
        date("0000-01-01") - duration("P1D") => null
        date("0000-01-01") - duration("P1M") => null
        today() => date("2026-11-25")
        now().minute => 30
        today() - date("2026-11-20") > duration("P3D") => true
        working days between(today(), today()) => null
    "#);
}

#[test]
fn working_days_leave_out_weekends_and_holidays() {
    let calendar = kernel::calendar::Calendar::new(&kernel::calendar::Hours::china(), &kernel::calendar::china(2026)).unwrap();
    let office = OfficeCalendar(&calendar);
    let context = given().with_calendar(&office);
    for (source, expected) in [
        // Monday to Friday of one week, then over a weekend, then over the National Day, whose Saturday 10 is worked.
        (r#"working days between(date("2026-11-23"), date("2026-11-27"))"#, "4"),
        (r#"working days between(date("2026-11-27"), date("2026-11-30"))"#, "1"),
        (r#"working days between(date("2026-11-30"), date("2026-11-27"))"#, "-1"),
        (r#"working days between(date("2026-09-30"), date("2026-10-10"))"#, "3"),
        (r#"add working days(date("2026-09-30"), 1)"#, r#"date("2026-10-08")"#),
        (r#"add working days(date("2026-10-08"), -1)"#, r#"date("2026-09-30")"#),
        (r#"add working days(date("2026-11-28"), 0)"#, r#"date("2026-11-28")"#),
        (r#"add working days(date("2026-11-28"), 1000000)"#, "null"),
        (r#"add working time(date and time("2026-11-27T17:30:00"), duration("PT1H"))"#, r#"date and time("2026-11-30T09:30:00")"#),
        (r#"add working time(date and time("2026-11-27T09:30:00Z"), duration("PT1H"))"#, r#"date and time("2026-11-30T01:30:00Z")"#),
        // A part of a minute counts as one.
        (r#"add working time(date and time("2026-11-27T17:30:00"), duration("PT30S"))"#, r#"date and time("2026-11-27T17:31:00")"#),
        (r#"add working time(now(), duration("-PT1H"))"#, "null"),
    ] {
        let value = Expression::parse(source).unwrap().evaluate(&context).unwrap().to_string();
        assert_eq!(value, expected, "{source}");
    }
}

#[test]
fn cells_match_what_they_say() {
    for (cell, value, expected) in [
        ("-", Value::Null, true),
        ("< 5", Value::from(3), true),
        ("< 5", Value::Null, false),
        ("[1..10]", Value::from(10), true),
        ("[1..10)", Value::from(10), false),
        (r#""a", "b""#, Value::text("b"), true),
        (r#"not("a", "b")"#, Value::text("b"), false),
        (r#"not("a", "b")"#, Value::text("c"), true),
        ("null", Value::Null, true),
        ("not(null)", Value::from(1), true),
        ("? > 金额", Value::from(6000), true),
        ("contains(?, \"信\")", Value::text("信息"), true),
        ("-1, 2", Value::from(-1), true),
        ("[1, 2]", Value::from(2), true),
        ("> 金额", Value::from(1), false),
        ("(not(?))", Value::from(false), true),
        ("true", Value::from(true), true),
    ] {
        let found = UnaryTests::parse(cell).unwrap().matches(&value, &given()).unwrap();
        assert_eq!(found, expected, "{value} against {cell}");
    }
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (source, code, line, column) in [
        ("", Code::Empty, 1, 1),
        ("金额 >", Code::Unfinished, 1, 5),
        ("金额 > 3 and\n  部门 == 1", Code::ExpectedValue, 2, 7),
        ("金额 部门", Code::ExpectedEnd, 1, 4),
        ("申请人.1", Code::ExpectedEnd, 1, 4),
        ("some 1 in x satisfies x", Code::ExpectedName, 1, 6),
        ("if 金额 else 1", Code::Expected, 1, 7),
        ("1 < 2 < 3", Code::Chained, 1, 7),
        ("[1..2]", Code::RangeNotHere, 1, 3),
        ("? > 1", Code::InputNotHere, 1, 1),
        ("for x in y return x", Code::ReservedWord, 1, 1),
        ("总额(1)", Code::UnknownFunction, 1, 1),
        ("count(1, 2)", Code::ArgumentCount, 1, 1),
        ("部门 = “信息中心”", Code::FullWidthCharacter, 1, 6),
        ("部门 = \"信息", Code::UnterminatedText, 1, 6),
        ("a # b", Code::UnexpectedCharacter, 1, 3),
        ("{a: 1}", Code::UnexpectedCharacter, 1, 1),
        ("``", Code::BadName, 1, 1),
    ] {
        let problem = Expression::parse(source).unwrap_err();
        assert_eq!((problem.code, problem.at.line, problem.at.column), (code, line, column), "{source}: {problem}");
    }
}

#[test]
fn a_field_named_like_a_function_keeps_its_quotes() {
    let source = "`date` and time(\"08:00:00\") = null";
    assert_eq!(Expression::parse(source).unwrap().to_string(), source);
}

#[test]
fn names_are_the_fields_that_are_read() {
    let names = |source: &str| {
        let names = Expression::parse(source).unwrap().names();
        names.into_iter().map(|path| path.join(".")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("金额 > 3 and 申请人.部门 = 部门"), "申请人.部门 部门 金额");
    assert_eq!(names("some 行 in 明细 satisfies 行.金额 > 上限"), "上限 明细");
    assert_eq!(names("日期.year = today().year"), "日期.year");
}

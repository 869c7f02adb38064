//! Decision tables.
#![allow(clippy::unwrap_used)]

use feel::{
    Code, Context, Expression, Schema, Type, UnaryTests, Value,
    table::{HitPolicy, Input, Output, Rule, Table},
};

/// A table over 金额 and 部门 that gives 审批; each rule is `金额 | 部门 | 审批`.
fn given(policy: &str, of: Type, rules: &[&str]) -> Table {
    let input = |name: &str, of: Type| Input { expression: Expression::parse(name).unwrap(), of };
    let rule = |text: &&str| {
        let cells: Vec<&str> = text.split('|').map(str::trim).collect();
        let [amount, department, result] = cells.as_slice() else { unreachable!() };
        Rule {
            when: vec![UnaryTests::parse(amount).unwrap(), UnaryTests::parse(department).unwrap()],
            then: vec![Expression::parse(result).unwrap()],
        }
    };
    Table {
        inputs: vec![input("金额", Type::Number), input("部门", department())],
        outputs: vec![Output { name: "审批".to_owned(), of }],
        rules: rules.iter().map(rule).collect(),
        policy: HitPolicy::named(policy).unwrap(),
    }
}

fn department() -> Type {
    Type::Choice(vec!["信息中心".to_owned(), "财务部".to_owned()])
}

fn schema() -> Schema {
    Schema::new([("金额", Type::Number), ("部门", department())])
}

fn decide(table: &Table, amount: i64) -> Result<(String, Vec<usize>), String> {
    let context = Context::new([("金额", Value::from(amount)), ("部门", Value::text("财务部"))]);
    table.evaluate(&context).map(|decision| (decision.value.to_string(), decision.rules)).map_err(|error| error.text(true))
}

const APPROVERS: &[&str] = &["< 1000 | - | \"科长\"", "[1000..5000) | - | \"处长\"", ">= 5000 | \"财务部\" | \"局长\""];

#[test]
fn unique_gives_the_one_rule_and_refuses_two() {
    let table = given("U", Type::String, APPROVERS);
    assert_eq!(table.check(&schema()), Ok(()));
    assert_eq!(decide(&table, 10), Ok(("{审批: \"科长\"}".to_owned(), vec![0])));
    assert_eq!(decide(&table, 5000), Ok(("{审批: \"局长\"}".to_owned(), vec![2])));
    let twice = given("U", Type::String, &["< 10 | - | \"a\"", "> 20 | - | \"b\"", "> 5 | - | \"c\""]);
    assert_eq!(decide(&twice, 7), Err("规则 1 与规则 3 同时命中".to_owned()));
    assert_eq!(decide(&twice, 15), Ok(("{审批: \"c\"}".to_owned(), vec![2])));
}

#[test]
fn no_rule_gives_null() {
    assert_eq!(decide(&given("U", Type::String, &["< 0 | - | \"a\""]), 7), Ok(("null".to_owned(), vec![])));
    assert_eq!(decide(&given("C", Type::String, &["< 0 | - | \"a\""]), 7), Ok(("[]".to_owned(), vec![])));
}

#[test]
fn each_policy_does_with_several_rules_what_it_says() {
    let rules = &["> 0 | - | 3", "> 5 | - | 1", "> 6 | - | 2", "> 100 | - | 9"];
    for (policy, value, hits) in [
        ("F", "{审批: 3}", vec![0]),
        ("R", "[{审批: 3}, {审批: 1}, {审批: 2}]", vec![0, 1, 2]),
        ("C", "[{审批: 3}, {审批: 1}, {审批: 2}]", vec![0, 1, 2]),
        ("C+", "6", vec![0, 1, 2]),
        ("C<", "1", vec![0, 1, 2]),
        ("C>", "3", vec![0, 1, 2]),
        ("C#", "3", vec![0, 1, 2]),
    ] {
        assert_eq!(decide(&given(policy, Type::Number, rules), 7), Ok((value.to_owned(), hits)), "{policy}");
    }
    assert_eq!(decide(&given("A", Type::Number, rules), 7), Err("规则 1 与规则 2 同时命中".to_owned()));
    assert_eq!(decide(&given("A", Type::Number, &["> 0 | - | 1 + 1", "> 5 | - | 2"]), 7), Ok(("{审批: 2}".to_owned(), vec![0, 1])));
}

#[test]
fn a_table_reads_what_its_cells_read() {
    let names = given("U", Type::String, &["< 上限 | - | 申请人.主管"]).names();
    let names: Vec<String> = names.into_iter().map(|path| path.join(".")).collect();
    assert_eq!(names, ["上限", "申请人.主管", "部门", "金额"]);
}

/// Row, column and code of each problem.
fn problems(table: &Table) -> Vec<(Option<usize>, Option<usize>, Code)> {
    let found = table.check(&schema()).err().unwrap_or_default();
    found.into_iter().map(|found| (found.rule, found.column, found.problem.code)).collect()
}

#[test]
fn mistakes_are_told_cell_by_cell() {
    let table = given("U", Type::String, &["< \"1\" | \"人事部\" | 1", "金客 | - | \"a\""]);
    let expected = [
        (Some(0), Some(0), Code::NotComparable),
        (Some(0), Some(1), Code::NotAChoice),
        (Some(0), Some(2), Code::WrongType),
        (Some(1), Some(0), Code::UnknownName),
    ];
    assert_eq!(problems(&table), expected);
    let choice = given("U", department(), &["1 | - | \"人事部\""]);
    assert_eq!(problems(&choice), [(Some(0), Some(2), Code::NotAChoice)]);
    let mut short = given("U", Type::String, &["1 | - | \"a\""]);
    short.rules.iter_mut().for_each(|rule| rule.when.truncate(1));
    assert_eq!(problems(&short), [(Some(0), None, Code::CellCount)]);
    assert_eq!(problems(&given("C+", Type::String, &[])), [(None, None, Code::CannotAggregate)]);
}

#[test]
fn overlaps_and_unreachable_rules_are_found_where_literals_show_them() {
    for (policy, rules, expected) in [
        ("U", ["[1..5] | - | 1", "[5..9] | \"财务部\" | 2"], Some(Code::RulesOverlap)),
        ("U", ["[1..5) | - | 1", "[5..9] | \"财务部\" | 2"], None),
        ("U", ["< 5 | \"信息中心\" | 1", "< 5 | \"财务部\" | 2"], None),
        ("U", ["< 5 | \"信息中心\", \"财务部\" | 1", "3 | \"财务部\" | 2"], Some(Code::RulesOverlap)),
        // Whether this overlaps depends on a field: nothing is said.
        ("U", ["< 金额 | - | 1", "- | - | 2"], None),
        ("U", ["not(1) | - | 1", "2 | - | 2"], None),
        ("F", ["< 10 | - | 1", "[1..5] | \"财务部\" | 2"], Some(Code::RuleUnreachable)),
        ("F", ["< 10 | - | 1", "- | - | 2"], None),
        ("F", ["- | - | 1", "? > 金额 | - | 2"], Some(Code::RuleUnreachable)),
        ("F", ["<= 5 | - | 1", "< 5 | - | 2"], Some(Code::RuleUnreachable)),
        ("F", ["< 5 | - | 1", "<= 5 | - | 2"], None),
        ("R", ["- | - | 1", "- | - | 2"], None),
    ] {
        let found = problems(&given(policy, Type::Number, &rules));
        assert_eq!(found, expected.map(|code| (Some(1), None, code)).into_iter().collect::<Vec<_>>(), "{rules:?}");
    }
}

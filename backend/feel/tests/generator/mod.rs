//! Expressions from a seed: of the right types, in full brackets, over the fields of [`fields`].

use feel::{DateTime, Schema, Type, Value};

/// SplitMix64: small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// What the expressions read; 单价 and 备注 are missing.
pub fn fields() -> Vec<(&'static str, Value)> {
    let feel = |source: &str| feel::Expression::parse(source).unwrap().evaluate(&feel::Context::default()).unwrap();
    let row = |name: &str, price: i64| Value::context([("名称", Value::text(name)), ("金额", Value::from(price))]);
    vec![
        ("金额", Value::from(5001)),
        ("数量", Value::from(3)),
        ("部门", Value::text("信息中心")),
        ("日期", feel("date(\"2026-11-25\")")),
        ("时间", Value::DateTime(DateTime::parse("2026-11-25T08:30:00").unwrap())),
        ("时长", feel("duration(\"PT4H\")")),
        ("紧急", Value::from(true)),
        ("申请人", Value::context([("部门", Value::text("财务部")), ("级别", Value::from(3))])),
        ("明细", Value::list([row("电脑", 4000), row("鼠标", 100)])),
    ]
}

/// Their types, and those of the missing ones.
pub fn schema() -> Schema {
    let person = Type::Context([("部门".to_owned(), Type::String), ("级别".to_owned(), Type::Number)].into());
    let row = Type::Context([("名称".to_owned(), Type::String), ("金额".to_owned(), Type::Number)].into());
    Schema::new([
        ("金额", Type::Number),
        ("数量", Type::Number),
        ("单价", Type::Number),
        ("部门", Type::String),
        ("备注", Type::String),
        ("日期", Type::Date),
        ("时间", Type::DateTime),
        ("时长", Type::DaysDuration),
        ("紧急", Type::Boolean),
        ("申请人", person),
        ("明细", Type::list(row)),
    ])
}

impl Random {
    pub fn number(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.pick(&["0", "1", "2", "3", "7", "20", "0.5", "2.25", "金额", "数量", "单价", "申请人.级别"]).to_owned();
        }
        let below = depth - 1;
        match self.below(16) {
            0 | 1 => format!("({} {} {})", self.number(below), self.pick(&["+", "-"]), self.number(below)),
            2 => format!("({} * {})", self.number(below), self.number(0)),
            3 => format!("({} / {})", self.number(below), self.pick(&["2", "4", "8", "0"])),
            4 => format!("(-{})", self.number(below)),
            5 => format!("({} ** {})", self.pick(&["2", "0.5", "数量", "(-2)"]), self.pick(&["0", "1", "2", "3", "(-1)"])),
            6 => format!("(if {} then {} else {})", self.truth(below), self.number(below), self.number(below)),
            7 => format!("{}({})", self.pick(&["sum", "min", "max", "count"]), self.numbers(below)),
            8 => format!("{}({}, {})", self.pick(&["min", "max", "sum"]), self.number(below), self.number(below)),
            9 => format!("{}({})", self.pick(&["floor", "ceiling", "abs"]), self.number(below)),
            10 => {
                format!("{}({}, {})", self.pick(&["round up", "round down", "round half up"]), self.number(below), self.pick(&["0", "1"]))
            }
            11 => format!("string length({})", self.text(below)),
            12 => format!("{}.{}", self.date(below), self.pick(&["year", "month", "day", "weekday"])),
            13 => format!("{}.{}", self.date_time(below), self.pick(&["year", "day", "hour", "minute", "second"])),
            14 => format!("{}.{}", self.duration(below), self.pick(&["days", "hours", "minutes"])),
            _ => self.number(0),
        }
    }

    pub fn numbers(&mut self, depth: usize) -> String {
        match self.below(3) {
            0 => "明细.金额".to_owned(),
            1 => format!("[{}, {}, {}]", self.number(depth), self.number(depth), self.number(depth)),
            _ => format!("[{}, {}]", self.number(0), self.number(depth)),
        }
    }

    pub fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.pick(&["true", "false", "紧急", "(金额 > 3)", "(单价 > 3)"]).to_owned();
        }
        let below = depth - 1;
        match self.below(16) {
            0 => format!("({} {} {})", self.number(below), self.comparison(), self.number(below)),
            1 => format!("({} {} {})", self.text(below), self.comparison(), self.text(below)),
            2 => format!("({} {} {})", self.date(below), self.comparison(), self.date(below)),
            3 => format!("({} {} {})", self.date_time(below), self.comparison(), self.date_time(below)),
            4 => format!("({} {} {})", self.duration(below), self.comparison(), self.duration(below)),
            5 => format!("({} and {} and {})", self.truth(below), self.truth(below), self.truth(below)),
            6 => format!("({} or {})", self.truth(below), self.truth(below)),
            7 => format!("not({})", self.truth(below)),
            8 => format!("({} between {} and {})", self.number(below), self.pick(&["0", "(-2)", "数量"]), self.pick(&["3", "20", "金额"])),
            9 => format!("({} in {})", self.number(below), self.numbers(below)),
            10 => {
                format!("({} in {}{}..20{})", self.number(below), self.pick(&["[", "("]), self.pick(&["1", "数量"]), self.pick(&["]", ")"]))
            }
            11 => {
                format!("({} in ({}, {}, > {}))", self.number(below), self.pick(&["0", "2.25"]), self.pick(&["数量", "7"]), self.number(0))
            }
            12 => format!("{}({}, {})", self.pick(&["contains", "starts with", "ends with"]), self.text(below), self.text(0)),
            13 => format!("({} {} = null)", self.pick(&["备注", "部门", "单价"]), self.pick(&["= null or null", "!= null and null"])),
            14 => format!(
                "({} q in [1, 2, 金额] satisfies (q {} {}))",
                self.pick(&["some", "every"]),
                self.comparison(),
                self.pick(&["1", "2", "数量"])
            ),
            _ => format!("list contains([\"a\", \"信息中心\", \"\"], {})", self.text(below)),
        }
    }

    pub fn comparison(&mut self) -> &'static str {
        self.pick(&["=", "!=", "<", "<=", ">", ">="])
    }

    pub fn text(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.pick(&["\"a\"", "\"中\"", "\"\"", "\"信息中心\"", "部门", "备注", "申请人.部门"]).to_owned();
        }
        let below = depth - 1;
        match self.below(6) {
            0 => format!("({} + {})", self.text(below), self.text(below)),
            1 => format!("{}({})", self.pick(&["upper case", "lower case"]), self.text(below)),
            2 => format!("substring({}, {})", self.text(below), self.pick(&["1", "2"])),
            3 => format!("(if {} then {} else {})", self.truth(below), self.text(below), self.text(below)),
            _ => self.text(0),
        }
    }

    pub fn date(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.pick(&["date(\"2026-11-01\")", "date(\"2026-12-31\")", "date(2026, 10, 31)", "日期", "date(时间)"]).to_owned();
        }
        match self.below(3) {
            0 => {
                let sign = self.pick(&["+", "-"]);
                format!(
                    "({} {sign} {})",
                    self.date(depth - 1),
                    self.pick(&["duration(\"P1D\")", "duration(\"P1M\")", "duration(\"-P10D\")"])
                )
            }
            _ => self.date(0),
        }
    }

    pub fn date_time(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.pick(&["时间", "date and time(\"2026-11-30T23:59:59\")", "date and time(日期, time(\"08:00:00\"))"]).to_owned();
        }
        match self.below(3) {
            0 => format!("({} {} {})", self.date_time(depth - 1), self.pick(&["+", "-"]), self.duration(0)),
            1 => format!("date and time({}, time(\"{}\"))", self.date(depth - 1), self.pick(&["00:00:00", "23:30:15"])),
            _ => self.date_time(0),
        }
    }

    pub fn duration(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.pick(&["duration(\"PT4H\")", "duration(\"P1DT30M\")", "duration(\"-PT90S\")", "时长"]).to_owned();
        }
        match self.below(4) {
            0 => format!("({} {} {})", self.duration(depth - 1), self.pick(&["+", "-"]), self.duration(0)),
            1 => format!("({} - {})", self.date(0), self.date(0)),
            2 => format!("abs({})", self.duration(depth - 1)),
            _ => self.duration(0),
        }
    }
}

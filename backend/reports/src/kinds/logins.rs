//! Who came in, who did not, and what was refused.

use std::collections::BTreeSet;

use kernel::{Code, Error, Params};

use crate::{
    source::Source,
    table::{
        ReportColumn,
        ReportColumnType::{Integer, Text, Time},
        ReportWord, Table,
    },
};

/// Every log-in, failure and refusal in the time.
pub fn make(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let mut table = Table::new(vec![
        ReportColumn::new(Time, "time", "时间", "Time"),
        ReportColumn::words(
            "event",
            "事件",
            "Event",
            [
                ("session.opened", "登录", "Logged in"),
                ("session.ended", "会话结束", "Session ended"),
                ("login.failed", "登录失败", "Log-in failed"),
                ("access.denied", "越权被拒", "Refused"),
            ],
        ),
        ReportColumn::new(Text, "person", "人员", "Person"),
        ReportColumn::new(Integer, "count", "次数", "Times"),
        ReportColumn::words("reason", "原因", "Reason", []),
        ReportColumn::new(Text, "operation", "操作", "Operation"),
        ReportColumn::new(Text, "address", "地址", "Address"),
    ]);
    let (people, mut reasons) = (source.people()?, BTreeSet::new());
    source.read_time(&["session.opened", "session.ended", "login.failed", "access.denied"], |entry| {
        let person = match entry.action.as_str() {
            "login.failed" => entry.label.as_str(),
            "access.denied" => entry.actor_name.as_str(),
            _ => people.name(entry.touched("person").map(|person| person.id)),
        };
        let reason = entry.reason.as_deref().or_else(|| entry.fact("reason"));
        reasons.extend(reason.map(str::to_owned));
        table.add([
            entry.time.into(),
            entry.action.as_str().into(),
            person.into(),
            entry.fact("count").and_then(|count| count.parse().ok()).unwrap_or(1_i64).into(),
            reason.into(),
            entry.fact("operation").into(),
            entry.address.as_deref().into(),
        ])
    })?;
    if let Some(column) = table.columns.iter_mut().find(|column| column.key == "reason") {
        column.words = reasons.iter().filter_map(|reason| word(reason)).collect();
    }
    Ok(table)
}

/// Why a session ended, as its record has it.
const ENDS: [(&str, &str, &str); 6] = [
    ("logout", "退出", "Logged out"),
    ("ended_by_owner", "本人结束", "Ended by its owner"),
    ("password_changed", "修改密码", "Password changed"),
    ("password_reset", "重置密码", "Password reset"),
    ("person_deactivated", "账号停用", "Account deactivated"),
    ("refresh_token_reused", "令牌被重复使用", "Refresh token used twice"),
];

/// What a reason says to people: those of refusals are codes of the API.
fn word(reason: &str) -> Option<ReportWord> {
    let said = ENDS.iter().find(|(known, ..)| *known == reason).map(|(_, zh, en)| ((*zh).to_owned(), (*en).to_owned()));
    let code = || reason.parse::<Code>().ok().map(|code| (code.text(true, &Params::new()), code.text(false, &Params::new())));
    let (zh, en) = said.or_else(code).filter(|(zh, _)| !zh.contains('{'))?;
    Some(ReportWord { value: reason.to_owned(), zh, en })
}

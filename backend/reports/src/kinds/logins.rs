//! Who came in, who did not, and what was refused.

use kernel::Error;

use crate::{
    source::Source,
    table::{
        ReportColumn,
        ReportColumnType::{Integer, Text, Time},
        Table,
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
        ReportColumn::words(
            "reason",
            "原因",
            "Reason",
            [
                ("auth.login_failed", "账号或密码不正确", "Wrong account or password"),
                ("not_found", "对其不可见", "Not visible to them"),
                ("forbidden", "没有权限", "Not permitted"),
                ("logout", "退出", "Logged out"),
                ("password_changed", "修改密码", "Password changed"),
                ("person_deactivated", "账号停用", "Account deactivated"),
                ("refresh_token_reused", "令牌被重复使用", "Refresh token used twice"),
            ],
        ),
        ReportColumn::new(Text, "operation", "操作", "Operation"),
        ReportColumn::new(Text, "address", "地址", "Address"),
    ]);
    let (from, people) = (source.parameters.from, source.people()?);
    source.read(&["session.opened", "session.ended", "login.failed", "access.denied"], |entry| {
        if from.is_some_and(|from| entry.time < from) {
            return Ok(());
        }
        let person = match entry.action.as_str() {
            "login.failed" => entry.label.as_str(),
            "access.denied" => entry.actor_name.as_str(),
            _ => people.name(entry.touched("person").map(|person| person.id)),
        };
        table.add([
            entry.time.into(),
            entry.action.as_str().into(),
            person.into(),
            entry.fact("count").and_then(|count| count.parse().ok()).unwrap_or(1_i64).into(),
            entry.reason.as_deref().or_else(|| entry.fact("reason")).into(),
            entry.fact("operation").into(),
            entry.address.as_deref().into(),
        ])
    })?;
    Ok(table)
}

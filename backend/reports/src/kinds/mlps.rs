//! What the log shows for the clauses of MLPS 2.0 (GB/T 22239-2019, level 3, with the number of level 2 where it differs).
//!
//! Only clauses for which this product records something are here; what is shown is that it happened, not that it was enough.

use kernel::{Error, Ts};

use crate::{
    source::Source,
    table::{
        ReportColumn,
        ReportColumnType::{Integer, Text, Time},
        Table,
    },
};

/// Numbers at levels 3 and 2, Chinese and English title, the events that are evidence.
type Line = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const LINES: &[Line] = &[
    (
        "8.1.4.1 a",
        "7.1.4.1 a",
        "身份鉴别：口令设置与定期更换",
        "Identification: passwords set and changed",
        &["password.changed", "password.reset"],
    ),
    ("8.1.4.1 b", "7.1.4.1 b", "身份鉴别：登录失败处理", "Identification: failed log-ins handled", &["login.failed", "person.unlocked"]),
    ("8.1.4.1", "7.1.4.1", "身份鉴别：登录", "Identification: log-ins", &["session.opened", "session.ended"]),
    (
        "8.1.4.2 a",
        "7.1.4.2 a",
        "访问控制：分配账户和权限",
        "Access control: accounts and rights given",
        &["person.created", "role.assigned", "role.revoked"],
    ),
    (
        "8.1.4.2 c",
        "7.1.4.2 c",
        "访问控制：停用多余、过期账户",
        "Access control: accounts no longer needed are closed",
        &["person.deactivated", "access_token.revoked"],
    ),
    (
        "8.1.4.2 d",
        "7.1.4.2 d",
        "访问控制：最小权限、越权被拒",
        "Access control: least privilege, refusals",
        &["role.created", "role.updated", "access.denied"],
    ),
    ("8.1.4.3 a", "7.1.4.3 a", "安全审计：覆盖到每个用户", "Audit: every user's acts are recorded", &["log.beat"]),
    (
        "8.1.4.3 c",
        "7.1.4.3 c",
        "安全审计：记录受保护、定期备份",
        "Audit: records protected and backed up",
        &["backup.completed", "record.erased", "log.exported"],
    ),
    (
        "8.1.4.7",
        "7.1.4.7",
        "数据完整性：恢复后日志仍可验证",
        "Integrity: the log verifies after a restore",
        &["log.restored", "backup.drilled"],
    ),
    ("8.1.4.9 a", "7.1.4.8 a", "数据备份恢复：本地备份与恢复", "Backup: local backup and restore", &["backup.completed", "backup.drilled"]),
    ("8.1.4.10", "7.1.4.9", "剩余信息、个人信息：依法删除", "Personal data: lawful erasure", &["record.erased"]),
    (
        "8.1.5.1",
        "7.1.5.1",
        "系统管理：组织、人员、流程的变更",
        "System management: changes of units, people, processes",
        &["org_unit.", "person.created", "person.updated", "person.deactivated", "person.reactivated", "process.published"],
    ),
    (
        "8.1.5.2",
        "7.1.5.2",
        "审计管理：日志导出与报表",
        "Audit management: exports of the log, reports",
        &["records.exported", "log.exported", "report.requested"],
    ),
    ("8.1.5.3", "—", "安全管理：角色与权限的变更", "Security management: changes of roles and rights", &["role."]),
    ("8.1.10.3", "7.1.10.3", "介质管理：登记、移动", "Media: registered and moved", &["medium.created", "medium.moved"]),
    (
        "8.1.10.11",
        "7.1.10.11",
        "备份与恢复管理：交接",
        "Backup management: hand-over",
        &["backup.handed_over", "backup.received", "place.inspected"],
    ),
    (
        "8.1.10.12",
        "7.1.10.12",
        "安全事件处置：工单的报告与解决",
        "Incidents: tickets reported and resolved",
        &["ticket.created", "ticket.resolved"],
    ),
];

/// For each clause, how many records of the time are evidence, and the latest.
pub fn make(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let mut found = vec![(0_i64, None::<Ts>, None::<i64>); LINES.len()];
    let mut wanted: Vec<&str> = LINES.iter().flat_map(|(.., events)| events.iter().copied()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    source.read_time(&wanted, |entry| {
        for (line, (count, last, leaf)) in LINES.iter().zip(&mut found) {
            let fits = |event: &str| event == entry.action || event.ends_with('.') && entry.action.starts_with(event);
            if line.4.iter().any(|event| fits(event)) {
                *count += 1;
                (*last, *leaf) = (Some(entry.time), Some(entry.index));
            }
        }
        Ok(())
    })?;
    let titles = LINES.iter().map(|(level3, _, zh, en, _)| (*level3, *zh, *en));
    let mut table = Table::new(vec![
        ReportColumn::new(Text, "level3", "三级条款", "Clause, level 3"),
        ReportColumn::new(Text, "level2", "二级条款", "Clause, level 2"),
        ReportColumn::words("demand", "要求与证据", "Demand and evidence", titles),
        ReportColumn::new(Text, "events", "记录动作", "Events"),
        ReportColumn::new(Integer, "count", "记录数", "Records"),
        ReportColumn::new(Time, "last", "最近一次", "Latest"),
        ReportColumn::new(Integer, "leaf", "最近一次的日志序号", "Leaf of the latest"),
    ]);
    for ((level3, level2, _, _, events), (count, last, leaf)) in LINES.iter().zip(found) {
        table.add([
            (*level3).into(),
            (*level2).into(),
            (*level3).into(),
            events.join(" ").into(),
            count.into(),
            last.into(),
            leaf.into(),
        ])?;
    }
    Ok(table)
}

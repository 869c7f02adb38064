//! Backups, drills, hand-overs, inspections: the record that G6.2 and B2 ask for.

use kernel::Error;

use crate::{
    source::Source,
    table::{
        ReportColumn,
        ReportColumnType::{Text, Time},
        Table,
    },
};

/// What is told of backups.
const EVENTS: [(&str, &str, &str); 21] = [
    ("backup.started", "开始备份", "Backup begun"),
    ("backup.completed", "备份完成", "Backup made"),
    ("backup.failed", "备份失败", "Backup failed"),
    ("backup.drill_requested", "要求演练", "Drill asked for"),
    ("backup.drilled", "恢复演练", "Restore drill"),
    ("backup.expired", "到期清理", "Expired"),
    ("backup.downloaded", "下载", "Downloaded"),
    ("backup.handed_over", "移交", "Handed over"),
    ("backup.received", "接收", "Received"),
    ("backup.declined", "拒收", "Declined"),
    ("backup.withdrawn", "撤回移交", "Hand-over taken back"),
    ("backup_plan.created", "建立计划", "Plan made"),
    ("backup_plan.changed", "修改计划", "Plan changed"),
    ("backup_plan.run_requested", "要求备份", "Backup asked for"),
    ("backup_plan.overdue", "备份超期", "Backup overdue"),
    ("place.created", "登记场所", "Place registered"),
    ("place.changed", "修改场所", "Place changed"),
    ("place.inspected", "场所检查", "Place inspected"),
    ("medium.created", "登记介质", "Medium registered"),
    ("medium.changed", "修改介质", "Medium changed"),
    ("medium.moved", "介质移动", "Medium moved"),
];

/// Every step of a backup in the time.
pub fn make(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let mut table = Table::new(vec![
        ReportColumn::new(Time, "time", "时间", "Time"),
        ReportColumn::words("event", "事件", "Event", EVENTS),
        ReportColumn::new(Text, "about", "对象", "About"),
        ReportColumn::new(Text, "detail", "说明", "Detail"),
        ReportColumn::new(Text, "explanation", "备注", "Remark"),
        ReportColumn::new(Text, "by", "经办人", "By"),
    ]);
    let people = source.people()?;
    source.read_time(&["backup.", "backup_plan.", "place.", "medium."], |entry| {
        if entry.outcome == "denied" {
            return Ok(());
        }
        // People are told by name: these are the signatures of B2.3.
        let shown = |value: &String| match value.parse() {
            Ok(id) if people.0.contains_key(&id) => people.name(Some(id)).to_owned(),
            _ => value.clone(),
        };
        let facts: Vec<String> = entry.facts.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
        let said = entry.note.clone().or_else(|| entry.new_value("explanation").and_then(|value| value.as_str().map(str::to_owned)));
        table.add([
            entry.time.into(),
            entry.action.as_str().into(),
            entry.label.as_str().into(),
            facts.join(" ").into(),
            said.into(),
            entry.actor_name.as_str().into(),
        ])
    })?;
    Ok(table)
}

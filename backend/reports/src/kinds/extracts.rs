//! Who took data out of the system.

use kernel::Error;

use crate::{
    source::Source,
    table::{
        ReportColumn,
        ReportColumnType::{Text, Time},
        Table,
    },
};

/// Every export and download in the time.
pub fn make(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let units = source.units();
    let mut table = Table::new(vec![
        ReportColumn::new(Time, "time", "时间", "Time"),
        ReportColumn::new(Text, "person", "人员", "Person"),
        ReportColumn::new(Text, "unit", "部门", "Unit"),
        ReportColumn::words(
            "what",
            "内容",
            "What",
            [
                ("ticket.exported", "工单列表", "Tickets"),
                ("equipment.exported", "设备列表", "Equipment"),
                ("records.exported", "审计记录", "Audit records"),
                ("log.exported", "日志验证包", "The log as a package"),
                ("backup.downloaded", "备份", "A backup"),
                ("report.downloaded", "报表", "A report"),
                ("extraction.taken", "提取包", "An extraction for an authority"),
            ],
        ),
        ReportColumn::new(Text, "about", "对象", "About"),
        ReportColumn::new(Text, "detail", "说明", "Detail"),
        ReportColumn::new(Text, "address", "地址", "Address"),
    ]);
    let all = [
        "ticket.exported",
        "equipment.exported",
        "records.exported",
        "log.exported",
        "backup.downloaded",
        "report.downloaded",
        "extraction.taken",
    ];
    source.read_time(&all, |entry| {
        if !units.within(entry.actor_unit) {
            return Ok(());
        }
        let facts: Vec<String> = entry.facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
        table.add([
            entry.time.into(),
            entry.actor_name.as_str().into(),
            units.name(entry.actor_unit).into(),
            entry.action.as_str().into(),
            entry.label.as_str().into(),
            entry.note.clone().unwrap_or_else(|| facts.join(" ")).into(),
            entry.address.as_deref().into(),
        ])
    })?;
    Ok(table)
}

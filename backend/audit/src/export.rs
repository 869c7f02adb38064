//! Records as rows of a sheet.

use web::sheet::{Cell, Column};

use crate::model::RecordView;

/// The columns, in the reader's language.
pub fn columns(chinese: bool) -> Vec<Column> {
    let titles: [(&str, &str, &str); 14] = [
        ("index", "序号", "Index"),
        ("time", "时间", "Time"),
        ("occurred_at", "发生时间", "Occurred at"),
        ("actor", "操作人", "Actor"),
        ("actor_id", "操作人编号", "Actor id"),
        ("action", "动作", "Action"),
        ("subject_kind", "对象类型", "Subject kind"),
        ("subject", "对象", "Subject"),
        ("subject_id", "对象编号", "Subject id"),
        ("version", "版本", "Version"),
        ("outcome", "结果", "Outcome"),
        ("changes", "变更前后", "Changes"),
        ("note", "说明", "Note"),
        ("request_id", "请求编号", "Request id"),
    ];
    titles.iter().map(|(key, zh, en)| Column::new(key, if chinese { zh } else { en })).collect()
}

/// One row.
pub fn cells(record: &RecordView) -> Vec<Cell> {
    let changes =
        record.changes.iter().map(|change| format!("{}: {} → {}", change.field, change.old, change.new)).collect::<Vec<_>>().join("\n");
    let version = match (record.subject.version_before, record.subject.version_after) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => format!("→ {after}"),
        _ => String::new(),
    };
    vec![
        record.index.map_or(Cell::Empty, Cell::Integer),
        Cell::Text(record.time.to_string()),
        record.occurred_at.map_or(Cell::Empty, |at| Cell::Text(at.to_string())),
        Cell::Text(record.actor.name.clone().unwrap_or_default()),
        Cell::Text(record.actor.id.map(|id| id.to_string()).unwrap_or_default()),
        Cell::Text(record.action.clone()),
        Cell::Text(record.subject.kind.clone()),
        Cell::Text(record.subject.label.clone().unwrap_or_default()),
        Cell::Text(record.subject.id.to_string()),
        Cell::Text(version),
        Cell::Text(record.outcome.clone()),
        Cell::Text(changes),
        Cell::Text(record.note.clone().unwrap_or_default()),
        Cell::Text(record.request_id.to_string()),
    ]
}

//! How regulations were kept, by clause and unit.

use std::collections::BTreeMap;

use controls::State;
use kernel::{Error, UnitId};

use crate::{
    source::Source,
    table::{
        Cell, ReportColumn,
        ReportColumnType::{Integer, Share, Text},
        Table,
    },
};

/// What became of duties.
#[derive(Default)]
struct Counts {
    met: i64,
    late: i64,
    missed: i64,
    open: i64,
    vacated: i64,
}

/// For each clause and unit, what became of its duties.
pub fn make(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let mut titles = BTreeMap::new();
    source.read(&[controls::ADOPTED], |entry| {
        titles.insert(entry.fact("regulation").unwrap_or_default().to_owned(), entry.label.clone());
        Ok(())
    })?;
    let units = source.units();
    let mut rows: BTreeMap<(String, String, Option<UnitId>), Counts> = BTreeMap::new();
    for duty in ::compliance::derive(source.tx, source.size)?.into_values() {
        let unit = duty.unit.map(UnitId::from_uuid);
        if !units.within(unit) {
            continue;
        }
        let counts = rows.entry((duty.regulation.to_string(), duty.clause.to_string(), unit)).or_default();
        *match duty.state {
            State::Met => &mut counts.met,
            State::MetLate | State::RecordedLate => &mut counts.late,
            State::Missed | State::Breached => &mut counts.missed,
            State::Open => &mut counts.open,
            State::Vacated => &mut counts.vacated,
        } += 1;
    }
    let mut table = Table::new(vec![
        ReportColumn::new(Text, "regulation", "制度", "Regulation"),
        ReportColumn::new(Text, "clause", "条款", "Clause"),
        ReportColumn::new(Text, "unit", "部门", "Unit"),
        ReportColumn::new(Integer, "met", "按时完成", "Met"),
        ReportColumn::new(Integer, "late", "逾期完成", "Met late"),
        ReportColumn::new(Integer, "missed", "未完成或违反", "Missed or breached"),
        ReportColumn::new(Integer, "open", "待完成", "Open"),
        ReportColumn::new(Integer, "vacated", "已取消", "Taken back"),
        ReportColumn::new(Share, "kept", "按时率", "Kept in time"),
    ]);
    for ((regulation, clause, unit), Counts { met, late, missed, open, vacated }) in rows {
        table.add([
            titles.get(&regulation).cloned().unwrap_or(regulation).into(),
            clause.into(),
            units.name(unit).into(),
            met.into(),
            late.into(),
            missed.into(),
            open.into(),
            vacated.into(),
            Cell::share(met, met + late + missed),
        ])?;
    }
    Ok(table)
}

//! Processes: how many were started, how they ended, how long they took.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Error, Ts, UnitId, Uuid};

use crate::{
    source::{Source, quantile, seconds},
    table::{
        Cell, ReportColumn,
        ReportColumnType::{Integer, Seconds, Share, Text},
        Table,
    },
};

#[derive(Default)]
struct Story {
    started: Option<Ts>,
    process: String,
    unit: Option<UnitId>,
    ended: Option<(Ts, String)>,
    /// Work items that were done, and that were late.
    work: BTreeSet<Uuid>,
    overdue: BTreeSet<Uuid>,
}

#[derive(Default)]
struct Group {
    started: i64,
    completed: i64,
    /// Ended in another way.
    broken: i64,
    took: Vec<i64>,
    work: i64,
    overdue: i64,
    /// Work items that were done or late.
    judged: i64,
}

/// For each process, what became of the cases that were started in the time.
pub fn make(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let units = source.units();
    let processes = source.things("process", &["process."])?;
    let titles: BTreeMap<&str, &str> =
        processes.0.values().filter_map(|process| Some((process.text("key")?, process.label.as_str()))).collect();
    let mut stories: BTreeMap<Uuid, Story> = BTreeMap::new();
    source.read(&["case.", "work_item.completed", "work_item.overdue"], |entry| {
        if entry.outcome != "success" || entry.subject_kind != "case" {
            return Ok(());
        }
        let story = stories.entry(entry.subject).or_default();
        story.unit = entry.unit.or(story.unit);
        match entry.action.as_str() {
            "case.started" => {
                story.started = Some(entry.time);
                story.process = entry.fact("process").unwrap_or_default().to_owned();
            }
            // A case that had ended well may still be voided: that is how it stands.
            "case.voided" => story.ended = Some((entry.time, "voided".to_owned())),
            "case.ended" => story.ended = Some((entry.time, entry.fact("state").unwrap_or_default().to_owned())),
            "work_item.completed" => story.work.extend(entry.touched("work_item").map(|item| item.id)),
            "work_item.overdue" => story.overdue.extend(entry.touched("work_item").map(|item| item.id)),
            _ => {}
        }
        Ok(())
    })?;
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for story in stories.into_values() {
        let Some(started) = story.started.filter(|at| source.in_time(*at)) else { continue };
        if !units.within(story.unit) {
            continue;
        }
        let group = groups.entry(story.process).or_default();
        group.started += 1;
        let count = |items: usize| i64::try_from(items).map_err(Error::internal);
        group.work += count(story.work.len())?;
        group.overdue += count(story.overdue.len())?;
        group.judged += count(story.work.union(&story.overdue).count())?;
        match &story.ended {
            Some((at, state)) if state == "completed" => {
                group.completed += 1;
                group.took.push(seconds(started, *at));
            }
            Some(_) => group.broken += 1,
            None => {}
        }
    }
    let mut table = Table::new(vec![
        ReportColumn::new(Text, "process", "流程", "Process"),
        ReportColumn::new(Integer, "started", "发起", "Started"),
        ReportColumn::new(Integer, "completed", "办结", "Completed"),
        ReportColumn::new(Integer, "broken", "撤销、作废或终止", "Revoked, voided or terminated"),
        ReportColumn::new(Integer, "running", "办理中", "Running"),
        ReportColumn::new(Seconds, "median", "用时中位数", "Median duration"),
        ReportColumn::new(Seconds, "p90", "九成在此时间内办结", "Nine in ten completed within"),
        ReportColumn::new(Integer, "work", "办理事项", "Work items completed"),
        ReportColumn::new(Integer, "overdue", "超期事项", "Overdue work items"),
        ReportColumn::new(Share, "overdue_share", "超期率", "Overdue share"),
    ]);
    for (process, mut group) in groups {
        table.add([
            titles.get(process.as_str()).copied().unwrap_or(&process).into(),
            group.started.into(),
            group.completed.into(),
            group.broken.into(),
            (group.started - group.completed - group.broken).into(),
            quantile(&mut group.took, 50).into(),
            quantile(&mut group.took, 90).into(),
            group.work.into(),
            group.overdue.into(),
            Cell::share(group.overdue, group.judged),
        ])?;
    }
    Ok(table)
}

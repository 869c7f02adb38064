//! Tickets: how soon they were answered and resolved.

use std::collections::BTreeMap;

use audit::ledger::Entry;
use kernel::{Error, Ts, Uuid};
use tickets::Priority;

use crate::{
    source::{Source, quantile, seconds},
    table::{
        Cell, ReportColumn,
        ReportColumnType::{Integer, Seconds, Share},
        Table,
    },
};

/// A ticket as its records made it.
#[derive(Default)]
struct Story {
    created: Option<Ts>,
    kind: String,
    priority: String,
    respond_due: Option<Ts>,
    resolve_due: Option<Ts>,
    responded: Option<Ts>,
    resolved: Option<Ts>,
    reopened: bool,
    /// Refused or cancelled: no promise was made.
    void: bool,
    satisfaction: Option<i64>,
}

impl Story {
    fn see(&mut self, entry: &Entry) {
        for (fact, of) in [("kind", &mut self.kind), ("priority", &mut self.priority)] {
            if let Some(value) = entry.fact(fact) {
                value.clone_into(of);
            }
        }
        for (field, of) in [("respond_due", &mut self.respond_due), ("resolve_due", &mut self.resolve_due)] {
            if let Some(value) = entry.new_value(field) {
                *of = value.as_str().and_then(|at| at.parse().ok());
            }
        }
        match entry.action.as_str() {
            "ticket.created" => self.created = Some(entry.time),
            "ticket.resolved" => self.resolved = Some(entry.time),
            "ticket.reopened" => (self.resolved, self.reopened) = (None, true),
            "ticket.refused" | "ticket.cancelled" => self.void = true,
            "ticket.confirmed" => self.satisfaction = entry.new_value("satisfaction").and_then(serde_json::Value::as_i64),
            _ => {}
        }
        // As the desk counts it: whoever works on it has answered.
        let works = !matches!(
            entry.action.as_str(),
            "ticket.created" | "ticket.updated" | "ticket.dispatched" | "ticket.cancelled" | "ticket.answered"
        ) && entry.fact("to_state").is_some();
        if works && self.responded.is_none() {
            self.responded = Some(entry.time);
        }
    }
}

/// Tickets of one kind and priority.
#[derive(Default)]
struct Group {
    reported: i64,
    void: i64,
    responded_in_time: i64,
    respond_judged: i64,
    resolved: i64,
    resolved_in_time: i64,
    resolve_judged: i64,
    took: Vec<i64>,
    reopened: i64,
    rated: i64,
    stars: i64,
}

impl Group {
    fn add(&mut self, story: &Story, created: Ts, at: Ts) {
        self.reported += 1;
        if story.void {
            self.void += 1;
            return;
        }
        // What is neither done nor due says nothing yet.
        let judge = |done: Option<Ts>, due: Option<Ts>, judged: &mut i64, kept: &mut i64| {
            if let Some(due) = due
                && (done.is_some() || due < at)
            {
                *judged += 1;
                *kept += i64::from(done.is_some_and(|done| done <= due));
            }
        };
        judge(story.responded, story.respond_due, &mut self.respond_judged, &mut self.responded_in_time);
        judge(story.resolved, story.resolve_due, &mut self.resolve_judged, &mut self.resolved_in_time);
        if let Some(resolved) = story.resolved {
            self.resolved += 1;
            self.took.push(seconds(created, resolved));
        }
        self.reopened += i64::from(story.reopened);
        if let Some(stars) = story.satisfaction {
            self.rated += 1;
            self.stars += stars;
        }
    }
}

/// For each kind and priority, what became of the tickets that were reported in the time.
pub fn make(source: &mut Source<'_, '_>) -> Result<Table, Error> {
    let units = source.units();
    let mut stories: BTreeMap<Uuid, (Option<kernel::UnitId>, Story)> = BTreeMap::new();
    source.read(&["ticket."], |entry| {
        if entry.outcome == "success" && entry.subject_kind == "ticket" {
            let (unit, story) = stories.entry(entry.subject).or_default();
            *unit = entry.unit.or(*unit);
            story.see(entry);
        }
        Ok(())
    })?;
    let mut groups: BTreeMap<(String, Option<Priority>), Group> = BTreeMap::new();
    for (unit, story) in stories.into_values() {
        let Some(created) = story.created.filter(|at| source.in_time(*at)) else { continue };
        if units.within(unit) {
            groups.entry((story.kind.clone(), story.priority.parse().ok())).or_default().add(&story, created, source.at);
        }
    }
    let mut table = Table::new(vec![
        ReportColumn::words(
            "kind",
            "类型",
            "Kind",
            [
                ("fault", "故障", "Fault"),
                ("request", "服务请求", "Service request"),
                ("incident", "事件", "Incident"),
                ("consultation", "咨询", "Consultation"),
            ],
        ),
        ReportColumn::words(
            "priority",
            "优先级",
            "Priority",
            [("critical", "紧急", "Critical"), ("high", "高", "High"), ("medium", "中", "Medium"), ("low", "低", "Low")],
        ),
        ReportColumn::new(Integer, "reported", "报告", "Reported"),
        ReportColumn::new(Integer, "void", "拒绝或取消", "Refused or cancelled"),
        ReportColumn::new(Integer, "resolved", "已解决", "Resolved"),
        ReportColumn::new(Share, "responded_in_time", "及时响应", "Answered in time"),
        ReportColumn::new(Share, "resolved_in_time", "及时解决", "Resolved in time"),
        ReportColumn::new(Seconds, "median", "解决用时中位数", "Median time to resolve"),
        ReportColumn::new(Seconds, "p90", "九成在此时间内解决", "Nine in ten resolved within"),
        ReportColumn::new(Integer, "reopened", "重新打开", "Reopened"),
        ReportColumn::new(Integer, "rated", "评价数", "Rated"),
        ReportColumn::new(Share, "satisfaction", "满意度（满分 100 %）", "Satisfaction (100 % is best)"),
    ]);
    for ((kind, priority), mut group) in groups {
        table.add([
            kind.into(),
            priority.map(Priority::as_str).into(),
            group.reported.into(),
            group.void.into(),
            group.resolved.into(),
            Cell::share(group.responded_in_time, group.respond_judged),
            Cell::share(group.resolved_in_time, group.resolve_judged),
            quantile(&mut group.took, 50).into(),
            quantile(&mut group.took, 90).into(),
            group.reopened.into(),
            group.rated.into(),
            Cell::share(group.stars, group.rated * 5),
        ])?;
    }
    Ok(table)
}

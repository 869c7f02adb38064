//! The traps of controls, by name.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Error, Ts, Uuid,
    calendar::{Calendar, DayHours, Hours, Span},
};

use crate::{ADOPTED, Archive, CALENDAR, Catalogue, Control, Entry, Evaluator, EventKind, Obligation, Saved, State, Touched, read};

/// Minutes of the log.
pub fn at(minute: i64) -> Ts {
    "2026-11-02T01:00:00Z".parse::<Ts>().unwrap().plus_seconds(minute * 60)
}

/// Somebody or something.
pub fn one(number: u8) -> Uuid {
    Uuid::from_bytes([number; 16])
}

pub fn catalogue() -> Catalogue {
    let event = |name: &str, facts: &[(&str, &str)]| EventKind {
        name: name.to_owned(),
        facts: facts.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect(),
        ..EventKind::default()
    };
    Catalogue::of([
        event("fault.opened", &[("kind", "string"), ("cost", "number")]),
        event("fault.dispatched", &[]),
        event("fault.withdrawn", &[]),
        event("ticket.reclassified", &[("kind", "string"), ("from_kind", "string")]),
        event("clearance.granted", &[]),
        event("equipment.left", &[]),
        event("equipment.created", &[("kind", "string")]),
        event("equipment.disposed", &[]),
        event("equipment.inspected", &[]),
        event("export.done", &[]),
        event("nobody.does_this", &[]),
        event("log.beat", &[]),
    ])
}

/// A log and what is kept beside it.
#[derive(Clone, Default)]
pub struct Log {
    pub entries: Vec<Entry>,
    pub texts: BTreeMap<String, String>,
    pub calendars: BTreeMap<String, Hours>,
}

impl Log {
    pub fn with(controls: &str) -> Self {
        let mut log = Self::default();
        log.adopt(0, "v1", controls);
        log
    }

    pub fn adopt(&mut self, minute: i64, hash: &str, controls: &str) {
        self.texts.insert(hash.to_owned(), controls.to_owned());
        let entry = self.say(minute, ADOPTED, 0);
        entry.facts.extend([("regulation".to_owned(), "r".to_owned()), ("controls".to_owned(), hash.to_owned())]);
    }

    pub fn say(&mut self, minute: i64, action: &str, subject: u8) -> &mut Entry {
        self.entries.push(Entry {
            index: self.entries.len() as u64,
            time: at(minute),
            occurred_at: None,
            action: action.to_owned(),
            subject_kind: "thing".into(),
            subject: one(subject),
            related: Vec::new(),
            facts: BTreeMap::new(),
            unit: None,
            actor: Some(one(200)),
            principal: None,
        });
        self.entries.last_mut().unwrap()
    }

    pub fn beat(&mut self, minute: i64) {
        self.say(minute, "log.beat", 0);
    }

    pub fn evaluate(&self) -> BTreeMap<Uuid, Obligation> {
        self.go_on(Evaluator::new().unwrap(), self.entries.len()).1
    }

    pub fn go_on(&self, mut evaluator: Evaluator, until: usize) -> (Evaluator, BTreeMap<Uuid, Obligation>) {
        let mut all = BTreeMap::new();
        let mut archive = self.clone();
        for entry in &self.entries[usize::try_from(evaluator.next()).unwrap()..until] {
            let mut out = Vec::new();
            evaluator.see(entry, &mut archive, &mut out).unwrap();
            all.extend(out.into_iter().map(|duty| (duty.id, duty)));
        }
        (evaluator, all)
    }

    /// How each stands, in the order of their triggers.
    pub fn states(&self) -> Vec<State> {
        let mut all: Vec<Obligation> = self.evaluate().into_values().collect();
        all.sort_by_key(|duty| (duty.trigger, duty.key));
        all.iter().map(|duty| duty.state).collect()
    }
}

impl Archive for Log {
    fn controls(&mut self, hash: &str) -> Result<Vec<Control>, Error> {
        Ok(read(&self.texts[hash]).unwrap().into_iter().map(|definition| Control::check(definition, &catalogue()).unwrap()).collect())
    }
    fn calendar(&mut self, hash: &str) -> Result<Calendar, Error> {
        Calendar::new(&self.calendars[hash], &[])
    }
    fn before(&mut self, events: &BTreeSet<&str>, leaf: u64, see: &mut dyn FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error> {
        self.entries.iter().filter(|entry| entry.index < leaf && events.contains(entry.action.as_str())).try_for_each(see)
    }
}

const DISPATCH: &str = r#"
[[control]]
id = "dispatch"
clause = "G3.3"
title = "派工"
template = "response"
when = { event = "fault.opened", where = 'kind = "fault"' }
then = { event = "fault.dispatched" }
unless = { event = "fault.withdrawn" }
within = "PT4H"
"#;

fn fault(log: &mut Log, minute: i64, subject: u8) {
    log.say(minute, "fault.opened", subject).facts.insert("kind".to_owned(), "fault".to_owned());
}

#[test]
fn met_exactly_at_the_due_time_is_met() {
    let mut log = Log::with(DISPATCH);
    fault(&mut log, 1, 1);
    log.say(241, "fault.dispatched", 1);
    assert_eq!(log.states(), [State::Met]);
}

#[test]
fn one_dispatch_does_not_meet_two_faults_of_the_same_thing() {
    let mut log = Log::with(DISPATCH);
    fault(&mut log, 1, 1);
    fault(&mut log, 2, 1);
    log.say(3, "fault.dispatched", 1);
    log.beat(300);
    assert_eq!(log.states(), [State::Met, State::Missed]);
}

#[test]
fn a_withdrawn_ticket_owes_nothing() {
    let mut log = Log::with(DISPATCH);
    fault(&mut log, 1, 1);
    log.say(2, "fault.withdrawn", 1);
    log.beat(1_000);
    assert_eq!(log.states(), [State::Vacated]);
}

#[test]
fn what_was_missed_stays_so_when_it_is_met_later() {
    let mut log = Log::with(DISPATCH);
    fault(&mut log, 1, 1);
    log.beat(242);
    log.say(250, "fault.dispatched", 1);
    assert_eq!(log.states(), [State::MetLate]);
    assert!(log.evaluate().values().all(|duty| duty.late && duty.state.is_finding()));
}

#[test]
fn a_late_record_of_what_was_done_in_time_is_met_and_recorded_late() {
    let mut log = Log::with(DISPATCH);
    fault(&mut log, 1, 1);
    log.say(250, "fault.dispatched", 1).occurred_at = Some(at(100));
    assert_eq!(log.states(), [State::RecordedLate]);
}

#[test]
fn a_condition_decides_and_a_missing_fact_does_not_hold() {
    let mut log = Log::with(DISPATCH);
    log.say(1, "fault.opened", 1).facts.insert("kind".to_owned(), "request".to_owned());
    log.say(2, "fault.opened", 2);
    log.beat(1_000);
    assert!(log.states().is_empty());
}

#[test]
fn the_clock_of_the_log_does_not_run_back() {
    let mut log = Log::with(DISPATCH);
    fault(&mut log, 1, 1);
    log.beat(242);
    // A replica with a slow clock: in its own time it was not yet due.
    log.say(100, "fault.dispatched", 1);
    assert_eq!(log.states(), [State::MetLate]);
}

const CLEARANCE: &str = r#"
[[control]]
id = "clearance"
clause = "B3.6"
title = "出门前清理"
template = "precedence"
when = { event = "equipment.left" }
then = { event = "clearance.granted", correlate = "related(equipment)" }
fresh = "P7D"
severity = "critical"
"#;

fn cleared(log: &mut Log, minute: i64, equipment: u8) {
    log.say(minute, "clearance.granted", 99).related =
        vec![Touched { kind: "equipment".to_owned(), id: one(equipment), role: "form".to_owned() }];
}

#[test]
fn one_clearance_does_not_cover_two_departures() {
    let mut log = Log::with(CLEARANCE);
    cleared(&mut log, 1, 1);
    log.say(2, "equipment.left", 1);
    log.say(3, "equipment.left", 1);
    log.say(4, "equipment.left", 2);
    assert_eq!(log.states(), [State::Met, State::Breached, State::Breached]);
}

#[test]
fn a_clearance_is_good_for_seven_days() {
    let week = 7 * 24 * 60;
    for (minute, state) in [(week, State::Met), (week + 1, State::Breached)] {
        let mut log = Log::with(CLEARANCE);
        cleared(&mut log, 0, 1);
        log.say(minute, "equipment.left", 1);
        assert_eq!(log.states(), [state]);
    }
}

#[test]
fn an_activation_without_a_key_is_met_by_nothing() {
    let mut log = Log::with(
        &CLEARANCE.replace("when = { event = \"equipment.left\" }", "when = { event = \"equipment.left\", correlate = \"unit\" }"),
    );
    cleared(&mut log, 1, 1);
    log.say(2, "equipment.left", 1);
    assert_eq!(log.states(), [State::Breached]);
}

const INSPECTION: &str = r#"
[[control]]
id = "inspection"
clause = "G6.5"
title = "每月检查"
template = "existence"
then = { event = "equipment.inspected" }
every = "P30D"
for_each = { from = { event = "equipment.created", where = 'kind = "computer"' }, until = { event = "equipment.disposed" } }
"#;

fn computer(log: &mut Log, minute: i64, subject: u8) {
    log.say(minute, "equipment.created", subject).facts.insert("kind".to_owned(), "computer".to_owned());
}

#[test]
fn a_computer_that_nobody_ever_inspected_shows() {
    let day = 24 * 60;
    let mut log = Log::default();
    computer(&mut log, 0, 1);
    computer(&mut log, 0, 2);
    computer(&mut log, 0, 3);
    log.say(0, "equipment.created", 4).facts.insert("kind".to_owned(), "printer".to_owned());
    log.say(day, "equipment.inspected", 2);
    log.say(2 * day, "equipment.disposed", 3);
    log.adopt(10 * day, "v1", INSPECTION);
    log.beat(31 * day + 1);
    // 2 was last seen to 30 days ago; 1 is due 30 days after there was a control at all.
    assert_eq!(log.states(), [State::Open, State::Missed]);
    log.say(32 * day, "equipment.inspected", 2);
    log.beat(40 * day + 1);
    assert_eq!(log.states(), [State::Missed, State::MetLate, State::Open]);
    log.say(41 * day, "equipment.disposed", 2);
    assert_eq!(log.states(), [State::Missed, State::MetLate, State::Vacated]);
}

#[test]
fn a_reclassified_ticket_opens_and_vacates() {
    let mut log = Log::with(
        r#"
[[control]]
id = "dispatch"
clause = "G3.3"
title = "派工"
template = "response"
when = [ { event = "fault.opened", where = 'kind = "fault"' }, { event = "ticket.reclassified", where = 'kind = "fault"' } ]
then = { event = "fault.dispatched" }
unless = { event = "ticket.reclassified", where = 'from_kind = "fault"' }
within = "PT4H"
"#,
    );
    log.say(1, "fault.opened", 1).facts.insert("kind".to_owned(), "request".to_owned());
    let facts = |kind: &str, from: &str| [("kind".to_owned(), kind.to_owned()), ("from_kind".to_owned(), from.to_owned())];
    log.say(2, "ticket.reclassified", 1).facts.extend(facts("fault", "request"));
    assert_eq!(log.states(), [State::Open]);
    log.say(3, "ticket.reclassified", 1).facts.extend(facts("request", "fault"));
    log.beat(1_000);
    assert_eq!(log.states(), [State::Vacated]);
}

#[test]
fn separation_looks_at_deputies_too() {
    let control = r#"
[[control]]
id = "separate"
clause = "B1.2"
title = "申请与批准分开"
template = "separation"
when = { event = "fault.opened" }
then = { event = "fault.dispatched" }
"#;
    for (actor, principal, state) in [(1, None, State::Breached), (2, None, State::Met), (2, Some(1), State::Breached)] {
        let mut log = Log::with(control);
        log.say(1, "fault.opened", 1).actor = Some(one(1));
        let entry = log.say(2, "fault.dispatched", 1);
        (entry.actor, entry.principal) = (Some(one(actor)), principal.map(one));
        assert_eq!(log.states(), [state]);
    }
}

#[test]
fn a_window_over_its_limit_is_said_once() {
    let mut log = Log::with(
        r#"
[[control]]
id = "exports"
clause = "B1.2"
title = "异常导出量"
template = "count"
when = { event = "export.done" }
correlate = "actor"
window = "P1D"
max = 2
"#,
    );
    for minute in [1, 2, 3, 4] {
        log.say(minute, "export.done", u8::try_from(minute).unwrap());
    }
    assert_eq!(log.states(), [State::Breached]);
    for minute in [2_000, 2_001, 2_002] {
        log.say(minute, "export.done", 9);
    }
    assert_eq!(log.states(), [State::Breached, State::Breached]);
}

#[test]
fn never_after_holds_until_it_is_lifted() {
    let mut log = Log::with(
        r#"
[[control]]
id = "disposed"
clause = "B3.6"
title = "报废后不再使用"
template = "never_after"
when = { event = "equipment.disposed" }
then = { event = "equipment.left" }
unless = { event = "equipment.created" }
"#,
    );
    log.say(1, "equipment.left", 1);
    log.say(2, "equipment.disposed", 1);
    log.say(3, "equipment.left", 1);
    log.say(4, "equipment.created", 1);
    log.say(5, "equipment.left", 1);
    assert_eq!(log.states(), [State::Breached]);
}

#[test]
fn succession_is_response_and_precedence() {
    let mut log = Log::with(&DISPATCH.replace("response", "succession"));
    fault(&mut log, 1, 1);
    log.say(2, "fault.dispatched", 1);
    log.say(3, "fault.dispatched", 1);
    assert_eq!(log.states(), [State::Met, State::Breached]);
}

#[test]
fn obligations_finish_under_the_version_that_opened_them() {
    let mut log = Log::with(DISPATCH);
    fault(&mut log, 1, 1);
    log.adopt(10, "v2", &DISPATCH.replace("PT4H", "PT1H"));
    fault(&mut log, 11, 2);
    log.beat(100);
    assert_eq!(log.states(), [State::Open, State::Missed]);
    // The same controls again change nothing.
    log.adopt(101, "v3", &DISPATCH.replace("PT4H", "PT1H"));
    log.say(102, "fault.dispatched", 1);
    assert_eq!(log.states(), [State::Met, State::Missed]);
    // Without any, what is open still finishes, and nothing new begins.
    fault(&mut log, 103, 3);
    log.adopt(104, "v4", "");
    fault(&mut log, 105, 4);
    log.beat(1_000);
    assert_eq!(log.states(), [State::Met, State::Missed, State::Missed]);
}

#[test]
fn a_new_calendar_moves_what_is_open() {
    let day = |weekday, from: &str, to: &str| DayHours { weekday, spans: vec![Span { from: from.to_owned(), to: to.to_owned() }] };
    let mut log = Log::with(&DISPATCH.replace("within = \"PT4H\"", "within = \"PT4H\"\ncalendar = \"work\""));
    // Monday, nine o'clock in Shanghai.
    fault(&mut log, 0, 1);
    let due = |log: &Log| log.evaluate().into_values().next().unwrap().due_at.unwrap();
    assert_eq!(due(&log), at(5 * 60 + 30), "over lunch");
    let hours = Hours { time_zone: "Asia/Shanghai".to_owned(), hours: vec![day(1, "09:00", "11:00"), day(2, "09:00", "11:00")] };
    log.calendars.insert("c2".to_owned(), hours);
    log.say(1, CALENDAR, 0).facts.insert("calendar".to_owned(), "c2".to_owned());
    assert_eq!(due(&log), at(26 * 60), "two hours today and two tomorrow");
}

#[test]
fn a_new_calendar_does_not_judge_backwards() {
    let day = 24 * 60;
    let mut log = Log::default();
    computer(&mut log, 0, 1);
    log.say(0, "equipment.inspected", 1);
    log.adopt(100 * day, "v1", INSPECTION);
    log.calendars.insert("c2".to_owned(), Hours::china());
    log.say(101 * day, CALENDAR, 0).facts.insert("calendar".to_owned(), "c2".to_owned());
    log.beat(129 * day);
    assert_eq!(log.states(), [State::Open], "it was overdue before there was a control, and is due thirty days after");
    log.beat(130 * day + 1);
    assert_eq!(log.states(), [State::Missed]);
}

#[test]
fn of_what_is_over_nothing_is_remembered() {
    let mut log = Log::with(&format!("{DISPATCH}{CLEARANCE}"));
    let empty = serde_json::to_string(&log.go_on(Evaluator::new().unwrap(), 1).0.save()).unwrap().len();
    for number in 1..100 {
        fault(&mut log, i64::from(number), number);
        log.say(i64::from(number), "fault.dispatched", number);
        // One that names nothing answers nothing, and leaves nothing.
        log.say(i64::from(number), "clearance.granted", number);
    }
    let (evaluator, _) = log.go_on(Evaluator::new().unwrap(), log.entries.len());
    assert!(serde_json::to_string(&evaluator.save()).unwrap().len() < empty + 100);
}

#[test]
fn what_can_be_wrong_is_said_by_field() {
    let flaws = |text: &str| {
        let definition = read(text).unwrap().remove(0);
        Control::check(definition, &catalogue()).unwrap_err().into_iter().map(|flaw| flaw.field).collect::<Vec<_>>()
    };
    assert_eq!(flaws(&DISPATCH.replace("fault.dispatched", "fault.dispatch")), ["then"]);
    assert_eq!(flaws(&DISPATCH.replace("kind = ", "kinds = ")), ["when.where"]);
    assert_eq!(flaws(&DISPATCH.replace("\"fault\"", "3")), ["when.where"]);
    assert_eq!(flaws(&DISPATCH.replace("PT4H", "4 hours")), ["within"]);
    assert_eq!(flaws(&DISPATCH.replace("within = ", "every = ")), ["every"]);
    assert_eq!(flaws(&format!("{DISPATCH}correlate = \"ticket\"")), ["correlate"]);
    assert_eq!(flaws(&DISPATCH.replace("response", "existence")), ["when", "every", "within", "unless", "correlate"]);
    assert!(read(&format!("{DISPATCH}sometimes = true")).is_err());
}

#[test]
fn it_goes_on_from_where_it_was_saved() {
    let mut log = Log::with(&format!("{DISPATCH}{CLEARANCE}{INSPECTION}"));
    computer(&mut log, 1, 1);
    fault(&mut log, 2, 1);
    cleared(&mut log, 3, 1);
    log.say(4, "equipment.left", 1);
    log.say(5, "fault.dispatched", 1);
    log.beat(100_000);
    let whole = log.evaluate();
    for cut in 0..=log.entries.len() {
        let (first, mut all) = log.go_on(Evaluator::new().unwrap(), cut);
        let saved: Saved = serde_json::from_str(&serde_json::to_string(&first.save()).unwrap()).unwrap();
        let (last, rest) = log.go_on(Evaluator::restore(saved.clone(), &mut log.clone()).unwrap(), log.entries.len());
        all.extend(rest);
        assert_eq!(all, whole, "{cut}");
        assert_eq!(first.save(), saved);
        assert_eq!(last.clock(), Some(at(100_000)));
    }
}

#[test]
fn what_no_condition_holds_on_is_passed_over() {
    let passed_over = |text: &str, log: &Log| -> Vec<u64> {
        let control = Control::check(read(text).unwrap().remove(0), &catalogue()).unwrap();
        log.entries.iter().filter(|entry| control.passes_over(entry)).map(|entry| entry.index).collect()
    };
    let mut log = Log::default();
    fault(&mut log, 1, 1);
    log.say(2, "fault.opened", 2).facts.insert("kind".to_owned(), "request".to_owned());
    log.say(3, "fault.opened", 3);
    log.say(4, "fault.dispatched", 2);
    computer(&mut log, 5, 4);
    log.say(6, "equipment.created", 5).facts.insert("kind".to_owned(), "printer".to_owned());
    log.say(7, "equipment.inspected", 4);
    assert_eq!(passed_over(DISPATCH, &log), [1, 2], "not what the condition holds on, and not what only meets");
    assert_eq!(passed_over(INSPECTION, &log), [5], "of a population, what is no member");
}

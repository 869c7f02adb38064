//! The evaluator against a literal reading of each template that looks at the whole log again for every question.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use kernel::Ts;
use proptest::prelude::*;

use crate::{
    Entry, Evaluator, State,
    tests::{Log, at, one},
};

const FOUR_HOURS: i64 = 240;

/// A control with events a, b, c of the catalogue.
fn control(template: &str, rest: &str) -> String {
    format!("[[control]]\nid = \"c\"\nclause = \"X\"\ntitle = \"x\"\ntemplate = \"{template}\"\n{rest}\n")
}

const A: &str = "fault.opened";
const B: &str = "fault.dispatched";
const C: &str = "fault.withdrawn";

/// The clock at a leaf: the latest time up to there.
fn clock(log: &[Entry], leaf: usize) -> Ts {
    log[..=leaf].iter().map(|entry| entry.time).max().unwrap()
}

fn of<'l>(log: &'l [Entry], event: &'l str, subject: u8) -> impl Iterator<Item = usize> + 'l {
    (0..log.len()).filter(move |leaf| log[*leaf].action == event && log[*leaf].subject == one(subject))
}

/// What a response says of one subject: pairs each `a` with the first `b` after it that no earlier `a` has taken.
fn response(log: &[Entry], subject: u8) -> Vec<(u64, State)> {
    let mut taken = BTreeSet::new();
    let end = log.iter().map(|entry| entry.time).max().unwrap();
    let mut all = Vec::new();
    for a in of(log, A, subject) {
        let due = clock(log, a).plus_seconds(FOUR_HOURS * 60);
        let withdrawn = of(log, C, subject).find(|c| *c > a).unwrap_or(usize::MAX);
        let met = of(log, B, subject).find(|b| *b > a && *b < withdrawn && !taken.contains(b));
        let state = match met {
            Some(b) => {
                taken.insert(b);
                match (clock(log, b) <= due, log[b].occurred_at.is_some_and(|at| at <= due)) {
                    (true, _) => State::Met,
                    (false, true) => State::RecordedLate,
                    (false, false) => State::MetLate,
                }
            }
            None if withdrawn != usize::MAX && clock(log, withdrawn) <= due => State::Vacated,
            None if end > due => State::Missed,
            None => State::Open,
        };
        all.push((a as u64, state));
    }
    all
}

/// Each `a` needs a `b` before it that no other `a` has used, not older than four hours; the oldest that still counts is used.
fn precedence(log: &[Entry], subject: u8) -> Vec<(u64, State)> {
    let mut used = BTreeSet::new();
    let mut all = Vec::new();
    for a in of(log, A, subject) {
        let since = of(log, C, subject).filter(|c| *c < a).max().map_or(0, |c| c + 1);
        let fits = |b: &usize| *b >= since && *b < a && !used.contains(b) && clock(log, *b).plus_seconds(FOUR_HOURS * 60) >= clock(log, a);
        let before = of(log, B, subject).find(fits);
        all.push((a as u64, if before.is_some() { State::Met } else { State::Breached }));
        used.extend(before);
    }
    all
}

/// From `a` on until `c`, a `b` every four hours since the last.
fn existence(log: &[Entry], subject: u8) -> Vec<(u64, State)> {
    let end = log.iter().map(|entry| entry.time).max().unwrap();
    let mut all = Vec::new();
    let mut leaf = 0;
    while let Some(from) = of(log, A, subject).find(|a| *a >= leaf) {
        let until = of(log, C, subject).find(|c| *c > from);
        let within = |b: &usize| *b > from && until.is_none_or(|until| *b < until);
        let mut starts = vec![from];
        starts.extend(of(log, B, subject).filter(within));
        for (place, start) in starts.iter().enumerate() {
            let due = clock(log, *start).plus_seconds(FOUR_HOURS * 60);
            let state = match (starts.get(place + 1), until) {
                (Some(next), _) if clock(log, *next) <= due => State::Met,
                (Some(next), _) if log[*next].occurred_at.is_some_and(|at| at <= due) => State::RecordedLate,
                (Some(_), _) => State::MetLate,
                (None, Some(until)) if clock(log, until) <= due => State::Vacated,
                (None, None) if end <= due => State::Open,
                (None, _) => State::Missed,
            };
            all.push((*start as u64, state));
        }
        match until {
            Some(until) => leaf = until + 1,
            None => break,
        }
    }
    all
}

/// `a` and `b` by different people.
fn separation(log: &[Entry], subject: u8) -> Vec<(u64, State)> {
    let mut all = Vec::new();
    for leaf in 0..log.len() {
        let other = match log[leaf].action.as_str() {
            A => B,
            B => A,
            _ => continue,
        };
        if log[leaf].subject != one(subject) {
            continue;
        }
        let since = of(log, C, subject).filter(|c| *c < leaf).max().map_or(0, |c| c + 1);
        let before: Vec<usize> = of(log, other, subject).filter(|earlier| (since..leaf).contains(earlier)).collect();
        let same = before.iter().any(|earlier| !log[*earlier].people().is_disjoint(&log[leaf].people()));
        if !before.is_empty() {
            all.push((leaf as u64, if same { State::Breached } else { State::Met }));
        }
    }
    all
}

type Naive = fn(&[Entry], u8) -> Vec<(u64, State)>;

fn cases() -> Vec<(String, Naive)> {
    let both = format!("when = {{ event = \"{A}\" }}\nthen = {{ event = \"{B}\" }}\nunless = {{ event = \"{C}\" }}\n");
    vec![
        (control("response", &format!("{both}within = \"PT4H\"")), response),
        (control("precedence", &format!("{both}fresh = \"PT4H\"")), precedence),
        (
            control(
                "existence",
                &format!(
                    "then = {{ event = \"{B}\" }}\nevery = \"PT4H\"\nfor_each = {{ from = {{ event = \"{A}\" }}, until = {{ event = \"{C}\" }} }}"
                ),
            ),
            existence,
        ),
        (control("separation", &both), separation),
    ]
}

fn logs() -> impl Strategy<Value = Vec<(u8, u8, i64, u8, Option<i64>)>> {
    // Which event, of what, how long after the one before (also earlier: clocks differ), by whom, and when it happened.
    let step = (0..5_u8, 1..3_u8, -60..200_i64, 1..4_u8, proptest::option::weighted(0.2, 0..3_000_i64));
    proptest::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_state_at_every_size_is_what_a_literal_reading_of_the_log_says(steps in logs(), cut in 0..60_usize) {
        for (text, naive) in cases() {
            let mut log = Log::with(&text);
            let mut minute = 0;
            for (event, subject, later, who, happened) in &steps {
                minute = (minute + later).max(0);
                let event = [A, B, B, C, "log.beat"][usize::from(*event)];
                let entry = log.say(minute, event, *subject);
                entry.actor = Some(one(*who));
                entry.occurred_at = happened.map(at);
            }
            let cut = cut.min(log.entries.len());
            // Saved and gone on somewhere in between.
            let (first, mut all) = log.go_on(Evaluator::new().unwrap(), cut);
            let (_, rest) = log.go_on(Evaluator::restore(first.save(), &mut log.clone()).unwrap(), log.entries.len());
            for (size, seen) in [(cut, all.clone()), (log.entries.len(), { all.extend(rest); all })] {
                if size == 0 {
                    continue;
                }
                let mut found: Vec<(u64, State)> = seen.values().map(|duty| (duty.trigger, duty.state)).collect();
                let mut wanted: Vec<(u64, State)> = (1..3).flat_map(|subject| naive(&log.entries[..size], subject)).collect();
                found.sort_unstable();
                wanted.sort_unstable();
                prop_assert_eq!(found, wanted, "{} at {}", text, size);
            }
        }
    }
}

//! The working calendar: hours of the week with breaks, public holidays, make-up workdays (调休), and due times that
//! can be explained.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Code, Date, Error, Ts};

/// A part of a working day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// `09:00`
    #[schema(pattern = "^[0-2][0-9]:[0-5][0-9]$")]
    pub from: String,
    /// `12:00`
    #[schema(pattern = "^[0-2][0-9]:[0-5][0-9]$")]
    pub to: String,
}

/// The hours of one weekday; two spans leave a lunch break between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayHours {
    /// 1 is Monday, 7 Sunday (ISO 8601).
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: i8,
    /// In order, not overlapping.
    #[schema(max_items = 4)]
    pub spans: Vec<Span>,
}

/// Working hours of a week in a time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// `Asia/Shanghai`
    #[schema(max_length = 60)]
    pub time_zone: String,
    /// Days without an entry are free.
    #[schema(max_items = 7)]
    pub hours: Vec<DayHours>,
}

crate::text_enum! {
    /// How a day differs from its weekday.
    pub enum DayKind {
        /// Free.
        Holiday = "holiday",
        /// A weekend day on which people work (调休).
        Workday = "workday",
    }
}

/// A day that differs from its weekday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// The day.
    pub date: Date,
    /// Free or working.
    pub kind: DayKind,
    /// 国庆节
    #[schema(max_length = 60)]
    pub name: String,
}

/// A stretch of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stretch {
    /// From.
    pub from: Ts,
    /// To.
    pub to: Ts,
    /// Working minutes that it counts.
    pub minutes: i64,
    /// working, off_hours, weekend, holiday, make_up_workday, paused
    pub why: String,
    /// The holiday's name.
    #[schema(required)]
    pub name: Option<String>,
}

/// A due time and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// None while the clock is stopped.
    pub at: Option<Ts>,
    /// What happened in between, day by day.
    pub stretches: Vec<Stretch>,
}

/// A time during which the clock stood still; without an end it still does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pause {
    /// From.
    pub from: Ts,
    /// To.
    pub to: Option<Ts>,
}

/// A calendar that has been checked.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    week: BTreeMap<i8, Vec<(civil::Time, civil::Time)>>,
    special: BTreeMap<civil::Date, (DayKind, String)>,
    /// The working time of the years that were asked for, each with the next.
    years: Arc<Mutex<BTreeMap<i16, Arc<Worked>>>>,
}

/// Working time in order: from, to, and what was worked before, in microseconds.
#[derive(Debug)]
struct Worked(Vec<(i64, i64, i64)>);

impl Worked {
    /// When so much more has been worked; none if that is not known here.
    fn after(&self, from: i64, micros: i64) -> Option<i64> {
        let next = self.0.partition_point(|(_, to, _)| *to <= from);
        let (start, _, before) = self.0.get(next)?;
        let wanted = before + (from - start).max(0) + micros;
        let last = self.0.partition_point(|(start, to, before)| before + (to - start) < wanted);
        let (start, _, before) = self.0.get(last)?;
        Some(start + (wanted - before))
    }
}

/// Due times lie at most so many days ahead.
const HORIZON_DAYS: usize = 366 * 3;

fn refuse(reason: impl std::fmt::Display) -> Error {
    Error::new(Code::CalendarInvalid).with("reason", reason)
}

impl Hours {
    /// Monday to Friday, 9 to 12 and 13:30 to 18, Shanghai.
    #[must_use]
    pub fn china() -> Self {
        let span = |from: &str, to: &str| Span { from: from.to_owned(), to: to.to_owned() };
        let day = |weekday| DayHours { weekday, spans: vec![span("09:00", "12:00"), span("13:30", "18:00")] };
        Self { time_zone: "Asia/Shanghai".to_owned(), hours: (1..=5).map(day).collect() }
    }
}

impl Calendar {
    /// Checks and builds: a known zone, spans in order, some working time in the week.
    pub fn new(hours: &Hours, special: &[SpecialDay]) -> Result<Self, Error> {
        let zone = TimeZone::get(&hours.time_zone).map_err(|_| refuse(format!("time zone {}", hours.time_zone)))?;
        let mut week: BTreeMap<i8, Vec<(civil::Time, civil::Time)>> = BTreeMap::new();
        for day in &hours.hours {
            if !(1..=7).contains(&day.weekday) || week.contains_key(&day.weekday) {
                return Err(refuse(format!("weekday {}", day.weekday)));
            }
            let mut spans = Vec::new();
            let mut last = None;
            for span in &day.spans {
                let time = |text: &str| text.parse::<civil::Time>().map_err(|_| refuse(text));
                let (from, to) = (time(&span.from)?, time(&span.to)?);
                if from >= to || last.is_some_and(|last| from < last) {
                    return Err(refuse(format!("{} - {}", span.from, span.to)));
                }
                last = Some(to);
                spans.push((from, to));
            }
            week.insert(day.weekday, spans);
        }
        if week.values().all(Vec::is_empty) {
            return Err(refuse("no working time"));
        }
        let special = special.iter().map(|day| (day.date.civil(), (day.kind, day.name.clone()))).collect();
        Ok(Self { zone, week, special, years: Arc::default() })
    }

    /// The moment at which so many working minutes have passed: what [`Self::due`] says, for whoever asks often and for no reasons.
    pub fn after(&self, from: Ts, minutes: i64) -> Result<Ts, Error> {
        let known = if minutes > 0 { self.worked(from).after(from.micros(), minutes.saturating_mul(60_000_000)) } else { None };
        if let Some(at) = known {
            return Ok(Ts::from_micros(at));
        }
        self.due(from, minutes, &[])?.at.ok_or_else(|| Error::internal("working time without end"))
    }

    /// The working time of the year of a moment, and of the next.
    fn worked(&self, from: Ts) -> Arc<Worked> {
        let year = from.timestamp().to_zoned_datetime(self.zone.clone()).year();
        let mut years = self.years.lock().unwrap_or_else(PoisonError::into_inner);
        let count = || {
            let mut spans = Vec::new();
            let mut worked = 0;
            let first = civil::Date::new(year, 1, 1).ok();
            let days = first.into_iter().flat_map(|first| first.series(jiff::Span::new().days(1)));
            for date in days.take_while(|date| date.year() <= year.saturating_add(1)) {
                for (start, stop) in self.day(date).0 {
                    let (Some(start), Some(stop)) = (self.instant(date, start), self.instant(date, stop)) else { continue };
                    let (start, stop) = (start.as_microsecond(), stop.as_microsecond());
                    if start < stop {
                        spans.push((start, stop, worked));
                        worked += stop - start;
                    }
                }
            }
            Arc::new(Worked(spans))
        };
        Arc::clone(years.entry(year).or_insert_with(count))
    }

    /// The spans of a day, and why it is as it is.
    fn day(&self, date: civil::Date) -> (Vec<(civil::Time, civil::Time)>, &'static str, Option<String>) {
        let weekday = date.weekday().to_monday_one_offset();
        let usual = self.week.get(&weekday).cloned().unwrap_or_default();
        match self.special.get(&date) {
            Some((DayKind::Holiday, name)) => (Vec::new(), "holiday", Some(name.clone())),
            Some((DayKind::Workday, name)) => {
                // A working Saturday has Monday's hours, unless Saturdays have their own.
                let spans =
                    if usual.is_empty() { self.week.values().find(|spans| !spans.is_empty()).cloned().unwrap_or_default() } else { usual };
                (spans, "make_up_workday", Some(name.clone()))
            }
            None if usual.is_empty() => (usual, "weekend", None),
            None => (usual, "working", None),
        }
    }

    /// Whether any of a day is working time.
    #[must_use]
    pub fn works_on(&self, date: civil::Date) -> bool {
        !self.day(date).0.is_empty()
    }

    /// How long a working day usually is, in minutes: what most days of the week have, the longer if there are as many of both.
    #[must_use]
    pub fn usual_day(&self) -> i64 {
        let minutes = |(from, to): &(civil::Time, civil::Time)| to.duration_since(*from).as_secs() / 60;
        let mut lengths: BTreeMap<i64, usize> = BTreeMap::new();
        for spans in self.week.values().filter(|spans| !spans.is_empty()) {
            *lengths.entry(spans.iter().map(minutes).sum()).or_default() += 1;
        }
        lengths.into_iter().max_by_key(|(length, days)| (*days, *length)).map_or(8 * 60, |(length, _)| length)
    }

    /// The zone in which hours and days are meant.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A time as people and expressions write it: with an offset, or a day, or a time of day as the office's clocks show it.
    #[must_use]
    pub fn moment(&self, text: &str) -> Option<Ts> {
        let local = || text.parse::<civil::DateTime>().ok()?.to_zoned_datetime(self.zone.clone()).ok();
        text.parse().ok().or_else(|| local().map(|zoned| Ts::from_timestamp(zoned.timestamp())))
    }

    fn instant(&self, date: civil::Date, time: civil::Time) -> Option<Timestamp> {
        date.to_datetime(time).to_zoned_datetime(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }

    /// The moment at which so many working minutes have passed since `from`, pauses apart, with its explanation, whose
    /// whole minutes add up to what was asked for.
    pub fn due(&self, from: Ts, minutes: i64, pauses: &[Pause]) -> Result<Due, Error> {
        let mut due = self.count(from, minutes, pauses)?;
        let (mut micros, mut told) = (0, 0);
        for stretch in &mut due.stretches {
            micros += stretch.minutes;
            stretch.minutes = micros / 60_000_000 - told;
            told += stretch.minutes;
        }
        Ok(due)
    }

    /// The same, with microseconds in place of minutes.
    fn count(&self, from: Ts, minutes: i64, pauses: &[Pause]) -> Result<Due, Error> {
        let mut left = minutes.saturating_mul(60_000_000);
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut date = from.timestamp().to_zoned_datetime(self.zone.clone()).date();
        for _ in 0..HORIZON_DAYS {
            let (spans, why, name) = self.day(date);
            let tomorrow = date.tomorrow().map_err(Error::internal)?;
            let midnight = self.instant(tomorrow, civil::Time::midnight()).map_or(from, Ts::from_timestamp);
            let first = stretches.last().map_or(from, |last| last.to);
            let (mut counted, mut end) = (0, None);
            for (start, stop) in &spans {
                let (Some(start), Some(stop)) = (self.instant(date, *start), self.instant(date, *stop)) else { continue };
                let (mut at, stop) = (Ts::from_timestamp(start).max(from), Ts::from_timestamp(stop));
                while at < stop && end.is_none() {
                    if let Some(pause) = pauses.iter().find(|pause| pause.from <= at && pause.to.is_none_or(|to| to > at)) {
                        let Some(to) = pause.to else {
                            stretches.push(stretch(first, at, counted, why, name));
                            stretches.push(Stretch { from: at, to: at, minutes: 0, why: "paused".to_owned(), name: None });
                            return Ok(Due { at: None, stretches });
                        };
                        at = to.min(stop).max(at);
                        continue;
                    }
                    let next =
                        pauses.iter().map(|pause| pause.from).filter(|pause| *pause > at).min().map_or(stop, |pause| pause.min(stop));
                    let step = (next.micros() - at.micros()).min(left);
                    left -= step;
                    counted += step;
                    at = Ts::from_micros(at.micros() + step);
                    if left == 0 {
                        end = Some(at);
                    }
                }
            }
            if let Some(end) = end {
                stretches.push(stretch(first, end, counted, why, name));
                return Ok(Due { at: Some(end), stretches });
            }
            stretches.push(stretch(first, midnight, counted, why, name));
            date = tomorrow;
        }
        Err(refuse("no end within three years"))
    }
}

fn stretch(from: Ts, to: Ts, counted: i64, why: &str, name: Option<String>) -> Stretch {
    let why = if counted == 0 && why == "working" { "off_hours" } else { why };
    Stretch { from, to, minutes: counted, why: why.to_owned(), name }
}

/// The public holidays and make-up workdays that the State Council has announced for a year.
#[must_use]
pub fn china(year: i16) -> Vec<SpecialDay> {
    type Block = (&'static str, &'static [(i8, i8, i8)], &'static [(i8, i8)]);
    let blocks: &[Block] = match year {
        2025 => &[
            ("元旦", &[(1, 1, 1)], &[]),
            ("春节", &[(1, 28, 31), (2, 1, 4)], &[(1, 26), (2, 8)]),
            ("清明节", &[(4, 4, 6)], &[]),
            ("劳动节", &[(5, 1, 5)], &[(4, 27)]),
            ("端午节", &[(5, 31, 31), (6, 1, 2)], &[]),
            ("国庆节、中秋节", &[(10, 1, 8)], &[(9, 28), (10, 11)]),
        ],
        2026 => &[
            ("元旦", &[(1, 1, 3)], &[(1, 4)]),
            ("春节", &[(2, 15, 23)], &[(2, 14), (2, 28)]),
            ("清明节", &[(4, 4, 6)], &[]),
            ("劳动节", &[(5, 1, 5)], &[(5, 9)]),
            ("端午节", &[(6, 19, 21)], &[]),
            ("中秋节", &[(9, 25, 27)], &[]),
            ("国庆节", &[(10, 1, 7)], &[(9, 20), (10, 10)]),
        ],
        _ => &[],
    };
    let day = |month, day, kind, name: &str| {
        civil::Date::new(year, month, day).ok().map(|date| SpecialDay { date: date.into(), kind, name: name.to_owned() })
    };
    blocks
        .iter()
        .flat_map(|(name, free, work)| {
            let free = free
                .iter()
                .flat_map(move |(month, first, last)| (*first..=*last).filter_map(move |at| day(*month, at, DayKind::Holiday, name)));
            let work = work.iter().filter_map(move |(month, at)| day(*month, *at, DayKind::Workday, &format!("{name}调休")));
            free.chain(work)
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::new(&Hours::china(), &china(2026)).unwrap()
    }
    fn ts(text: &str) -> Ts {
        format!("{text}+08:00").parse().unwrap()
    }

    #[test]
    fn asked_often_or_once_it_is_the_same() {
        let nights = |weekday| DayHours { weekday, spans: vec![Span { from: "00:30".to_owned(), to: "23:45".to_owned() }] };
        let berlin = Hours { time_zone: "Europe/Berlin".to_owned(), hours: [6, 7].map(nights).into() };
        for calendar in [calendar(), Calendar::new(&berlin, &[]).unwrap()] {
            let (mut seed, start) = (7_i64, ts("2026-01-01T00:00:00").micros());
            for round in 0..300 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Also at the edges of working time, and so far ahead that it is beyond what is kept.
                let at = start + (seed >> 20).rem_euclid(366 * 86_400_000_000);
                let from = Ts::from_micros(if round % 3 == 0 { at / 1_800_000_000 * 1_800_000_000 } else { at });
                let longest = match round % 3 {
                    0 => 480,
                    1 => 30_000,
                    _ => 400_000,
                };
                let minutes = (seed >> 33).rem_euclid(longest) / 30 * 30;
                let due = calendar.due(from, minutes, &[]).map(|due| due.at).map_err(|error| error.code());
                assert_eq!(calendar.after(from, minutes).map(Some).map_err(|error| error.code()), due, "{from} {minutes}");
            }
        }
    }

    #[test]
    fn lunch_night_weekend_and_holiday_do_not_count() {
        let due = |from: &str, minutes| calendar().due(ts(from), minutes, &[]).unwrap().at.unwrap();
        assert_eq!(due("2026-11-23T11:30:00", 60), ts("2026-11-23T14:00:00"));
        assert_eq!(due("2026-11-23T17:30:00", 60), ts("2026-11-24T09:30:00"));
        assert_eq!(due("2026-11-27T17:30:00", 60), ts("2026-11-30T09:30:00"));
        assert_eq!(due("2026-09-30T17:00:00", 120), ts("2026-10-08T10:00:00"));
        // 10 October is a Saturday on which people work.
        assert_eq!(due("2026-10-09T17:30:00", 60), ts("2026-10-10T09:30:00"));
    }

    #[test]
    fn the_clock_stands_still_in_a_pause() {
        let pause = Pause { from: ts("2026-11-23T10:00:00"), to: Some(ts("2026-11-24T10:00:00")) };
        assert_eq!(calendar().due(ts("2026-11-23T09:00:00"), 120, &[pause]).unwrap().at, Some(ts("2026-11-24T11:00:00")));
        let open = Pause { to: None, ..pause };
        assert_eq!(calendar().due(ts("2026-11-23T09:00:00"), 120, &[open]).unwrap().at, None);
    }

    proptest::proptest! {
        #[test]
        fn minutes_of_an_explanation_add_up(start in 0i64..31_000_000, minutes in 1i64..6000) {
            let from = ts("2026-01-01T00:00:00").plus_seconds(start / 60 * 60);
            let due = calendar().due(from, minutes, &[]).unwrap();
            proptest::prop_assert_eq!(due.stretches.iter().map(|stretch| stretch.minutes).sum::<i64>(), minutes);
            proptest::prop_assert!(due.at.unwrap() > from);
            proptest::prop_assert!(due.stretches.windows(2).all(|pair| pair.first().map(|one| one.to) == pair.last().map(|two| two.from)));
        }
    }
}

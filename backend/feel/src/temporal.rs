//! Dates, times and durations as FEEL writes them. Years 0 to 9999; what lies outside is no value.

use std::fmt;

use jiff::{SignedDuration, Span, Timestamp, civil, tz::Offset};

/// A date and time, local or with an offset from UTC. Two of them compare only if both have an offset, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// What the clock on the wall shows.
    pub local: civil::DateTime,
    /// Its distance from UTC, if known.
    pub offset: Option<Offset>,
}

impl DateTime {
    /// The moment, if there is an offset.
    #[must_use]
    pub fn instant(&self) -> Option<Timestamp> {
        self.offset?.to_timestamp(self.local).ok()
    }

    /// The time between two, if they compare.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Option<SignedDuration> {
        match (self.offset, earlier.offset) {
            (None, None) => Some(self.local.duration_since(earlier.local)),
            (Some(_), Some(_)) => Some(self.instant()?.duration_since(earlier.instant()?)),
            _ => None,
        }
    }

    pub(crate) fn plus(&self, duration: SignedDuration) -> Option<Self> {
        let local = self.local.checked_add(duration).ok().filter(|at| in_years(at.date()))?;
        Some(Self { local, ..*self })
    }

    pub(crate) fn plus_months(&self, months: i64) -> Option<Self> {
        Some(Self { local: plus_months(self.local.date(), months)?.to_datetime(self.local.time()), ..*self })
    }

    /// `2026-11-25T08:00:00`, with `Z` or `+08:00` or nothing after it; `2026-11-25` is midnight.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Some((day, rest)) = text.split_once('T') else {
            return Some(Self { local: date(text)?.to_datetime(civil::Time::midnight()), offset: None });
        };
        let (clock, offset) = match rest.find(['Z', '+', '-']) {
            Some(at) => (rest.get(..at)?, Some(offset(rest.get(at..)?)?)),
            None => (rest, None),
        };
        let at = Self { local: date(day)?.to_datetime(time(clock)?), offset };
        (offset.is_none() || at.instant().is_some()).then_some(at)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.local.fmt(f)?;
        match self.offset.map(Offset::seconds) {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(seconds) => {
                let minutes = seconds.unsigned_abs() / 60;
                write!(f, "{}{:02}:{:02}", if seconds < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
            }
        }
    }
}

/// Whether a text has this shape, in which `0` stands for any digit.
fn shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, model)| if model == b'0' { byte.is_ascii_digit() } else { byte == model })
}

fn in_years(date: civil::Date) -> bool {
    (0..=9999).contains(&date.year())
}

/// `2026-11-25`
pub(crate) fn date(text: &str) -> Option<civil::Date> {
    if shaped(text, "0000-00-00") { text.parse().ok() } else { None }
}

/// `08:30:00` or `08:30:00.5`; a leap second is none.
pub(crate) fn time(text: &str) -> Option<civil::Time> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if digits && shaped(clock, "00:00:00") && !clock.ends_with("60") { text.parse().ok() } else { None }
}

/// `Z`, `+08:00`
fn offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, clock) = text.split_at_checked(1)?;
    let clock = if shaped(clock, "00:00") { clock.parse::<civil::Time>().ok()? } else { return None };
    let seconds = (i32::from(clock.hour()) * 60 + i32::from(clock.minute())) * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

/// Later by so many months; a day that the month does not have becomes its last.
pub(crate) fn plus_months(date: civil::Date, months: i64) -> Option<civil::Date> {
    date.checked_add(Span::new().try_months(months).ok()?).ok().filter(|date| in_years(*date))
}

/// Later by whole days; hours have no meaning for a date.
pub(crate) fn plus_days(date: civil::Date, duration: SignedDuration) -> Option<civil::Date> {
    let whole = duration.as_nanos() % DAY == 0;
    if whole { date.checked_add(duration).ok().filter(|date| in_years(*date)) } else { None }
}

/// Nanoseconds of a day.
pub(crate) const DAY: i128 = 86_400_000_000_000;

/// A duration in days and time (`P1DT4H`) or in years and months (`P1Y2M`), never both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duration {
    Days(SignedDuration),
    Months(i64),
}

impl Duration {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let text = text.strip_prefix('P')?;
        let (days, clock) = text.split_once('T').map_or((text, None), |(days, clock)| (days, Some(clock)));
        if clock.is_some_and(str::is_empty) || (days.is_empty() && clock.is_none()) {
            return None;
        }
        let mut rest = days;
        let years = part(&mut rest, 'Y')?;
        let months = part(&mut rest, 'M')?;
        let whole_days = part(&mut rest, 'D')?;
        let mut clock = clock.unwrap_or_default();
        let hours = part(&mut clock, 'H')?;
        let minutes = part(&mut clock, 'M')?;
        let seconds = seconds(clock)?;
        let sign = if negative { -1 } else { 1 };
        if !rest.is_empty() {
            return None;
        }
        if years.is_some() || months.is_some() {
            let other = whole_days.or(hours).or(minutes).or(seconds.map(|_| 0));
            let total = years.unwrap_or(0).checked_mul(12)?.checked_add(months.unwrap_or(0))?;
            return if other.is_some() { None } else { Some(Self::Months(total.checked_mul(sign)?)) };
        }
        let minutes =
            whole_days.unwrap_or(0).checked_mul(24)?.checked_add(hours.unwrap_or(0))?.checked_mul(60)?.checked_add(minutes.unwrap_or(0))?;
        let nanos = i128::from(minutes) * 60_000_000_000 + seconds.unwrap_or(0);
        nanoseconds(nanos * i128::from(sign)).map(Self::Days)
    }
}

/// The longest duration: beyond the years that there are.
const LONGEST: i128 = 10_000 * 366 * DAY;

/// A duration of so many nanoseconds, unless it is longer than all years together.
pub(crate) fn nanoseconds(nanos: i128) -> Option<SignedDuration> {
    if nanos.abs() > LONGEST {
        return None;
    }
    let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    Some(SignedDuration::new(i64::try_from(seconds).ok()?, i32::try_from(rest).ok()?))
}

/// Takes `12X` off the front; the outer `None` is a number that is too long, the inner one no such part.
fn part(text: &mut &str, unit: char) -> Option<Option<i64>> {
    let Some((digits, rest)) = text.split_once(unit) else { return Some(None) };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.len() > 12 {
        return None;
    }
    *text = rest;
    digits.parse().ok().map(Some)
}

/// `4.5S` as nanoseconds; nothing is nothing.
fn seconds(text: &str) -> Option<Option<i128>> {
    if text.is_empty() {
        return Some(None);
    }
    let text = text.strip_suffix('S')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 12) || !digits(fraction, 9) {
        return None;
    }
    Some(Some(whole.parse::<i128>().ok()? * 1_000_000_000 + format!("{fraction:0<9}").parse::<i128>().ok()?))
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Months(0) => f.write_str("P0M"),
            Self::Months(months) => {
                let (years, rest) = (months.unsigned_abs() / 12, months.unsigned_abs() % 12);
                write!(f, "{}P", if months < 0 { "-" } else { "" })?;
                if years > 0 {
                    write!(f, "{years}Y")?;
                }
                if rest > 0 { write!(f, "{rest}M") } else { Ok(()) }
            }
            Self::Days(duration) => {
                let nanos = duration.as_nanos().unsigned_abs();
                let (seconds, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
                let parts = [(seconds / 86_400, "D"), (seconds / 3600 % 24, "H"), (seconds / 60 % 60, "M")];
                write!(f, "{}P", if duration.is_negative() { "-" } else { "" })?;
                let clock = seconds % 86_400 > 0 || fraction > 0 || nanos == 0;
                for (number, unit) in parts {
                    f.write_str(if unit == "H" && clock { "T" } else { "" })?;
                    if number > 0 {
                        write!(f, "{number}{unit}")?;
                    }
                }
                match (seconds % 60, fraction) {
                    (0, 0) if nanos > 0 => Ok(()),
                    (seconds, 0) => write!(f, "{seconds}S"),
                    (seconds, fraction) => write!(f, "{seconds}.{}S", format!("{fraction:09}").trim_end_matches('0')),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_they_are_read() {
        for text in ["PT4H", "P1DT4H", "P1D", "-PT30M", "PT0S", "PT1.5S", "P1Y2M", "P2M", "-P1Y", "P0M", "P400DT23H59M59.999999999S"] {
            assert_eq!(Duration::parse(text).map(|duration| duration.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Duration::parse("PT36H").map(|duration| duration.to_string()).as_deref(), Some("P1DT12H"));
        for text in ["", "P", "PT", "P1YT1H", "P1W", "P1.5D", "PT1.S", "P-1D", "1D", "P1D2H", "PT1M1H", "P9999999999999Y", "P99999999999D"]
        {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_and_times_are_read_strictly() {
        assert!(date("2026-02-28").is_some() && date("2026-02-29").is_none() && date("20260228").is_none());
        assert!(time("08:30:00").is_some() && time("08:30").is_none() && time("23:59:60").is_none() && time("24:00:00").is_none());
        for text in ["2026-11-25T08:00:00", "2026-11-25T08:00:00Z", "2026-11-25T08:00:00.5+08:00", "2026-11-25T08:00:00-05:30"] {
            assert_eq!(DateTime::parse(text).map(|at| at.to_string()).as_deref(), Some(text));
        }
        for text in ["2026-11-25T08:00", "2026-11-25T08:00:00+8", "2026-11-25T08:00:00@Asia/Shanghai", "2026-11-25 08:00:00"] {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_a_month_stays_the_end() {
        let day = |text| date(text);
        assert_eq!(day("2026-01-31").and_then(|date| plus_months(date, 1)), day("2026-02-28"));
        assert_eq!(day("2026-01-31").and_then(|date| plus_months(date, i64::MAX)), None);
    }
}

//! Times as regulations write them: ISO 8601 durations, on the clock and while people work, and how often something comes again.

use crate::{Error, Ts, calendar::Calendar};

/// Minutes of a day on the clock.
const DAY: i64 = 24 * 60;

/// Ten years in minutes: nothing takes longer.
const MAX: i64 = 10 * 366 * DAY;

/// A time that counts while people work: a day is as long as the office's, a week has five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingTime {
    pub days: i64,
    pub minutes: i64,
}

impl WorkingTime {
    /// An ISO 8601 duration.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (days, minutes) = parts(text, 5)?;
        Some(Self { days, minutes })
    }

    /// When it is over, if it begins now.
    pub fn after(self, from: Ts, calendar: &Calendar) -> Result<Ts, Error> {
        calendar.after(from, self.days * calendar.usual_day() + self.minutes)
    }
}

/// Minutes on the clock of an ISO 8601 duration.
#[must_use]
pub fn duration_minutes(text: &str) -> Option<i64> {
    parts(text, 7).map(|(days, minutes)| days * DAY + minutes)
}

/// `R3/PT1H` or `R/PT1H`: how often and the minutes between.
#[must_use]
pub fn cycle(text: &str) -> Option<(Option<u32>, i64)> {
    let (times, each) = text.strip_prefix('R')?.split_once('/')?;
    let times = if times.is_empty() { None } else { Some(times.parse().ok()?) };
    Some((times, duration_minutes(each)?))
}

/// Days and minutes of an ISO 8601 duration in weeks, days, hours and minutes; a week has so many days.
fn parts(text: &str, week: i64) -> Option<(i64, i64)> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = rest.split_once('T').map_or((rest, None), |(date, time)| (date, Some(time)));
    if date.is_empty() && time.is_none_or(str::is_empty) {
        return None;
    }
    let days = sum(date, [('W', week), ('D', 1)])?;
    let minutes = sum(time.unwrap_or_default(), [('H', 60), ('M', 1)])?;
    (1..=MAX).contains(&(days * DAY + minutes)).then_some((days, minutes))
}

/// What figures before these letters add up to; each letter once at most, in this order.
fn sum(text: &str, letters: [(char, i64); 2]) -> Option<i64> {
    let (mut total, mut digits, mut left) = (0, String::new(), letters.iter());
    for letter in text.chars() {
        if letter.is_ascii_digit() && digits.len() < 6 {
            digits.push(letter);
        } else {
            let (_, factor) = left.find(|(known, _)| *known == letter)?;
            total += digits.parse::<i64>().ok()? * factor;
            digits.clear();
        }
    }
    digits.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_days_hours_and_minutes() {
        assert_eq!(WorkingTime::parse("P1W2DT4H30M"), Some(WorkingTime { days: 7, minutes: 270 }));
        assert_eq!((duration_minutes("P1D"), duration_minutes("P1WT1H")), (Some(1440), Some(7 * 1440 + 60)));
        assert_eq!((cycle("R3/PT1H"), cycle("R/P1W"), cycle("R-1/PT1H")), (Some((Some(3), 60)), Some((None, 7 * 1440)), None));
        for wrong in ["", "P", "PT", "2D", "P1M", "PT1S", "P1HT", "PT4M1H", "P-1D", "PT0M", "P9999999D"] {
            assert_eq!(WorkingTime::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    #[allow(clippy::unwrap_used)]
    fn a_day_ends_when_the_next_working_day_shows_the_same_time() {
        let calendar = Calendar::new(&kernel::calendar::Hours::china(), &[]).unwrap();
        // Friday, ten o'clock in Shanghai, where people work seven hours and a half.
        let friday: Ts = "2026-11-27T02:00:00Z".parse().unwrap();
        for (duration, over) in
            [("P1D", "2026-11-30T02:00:00.000000Z"), ("P1W", "2026-12-04T02:00:00.000000Z"), ("PT7H30M", "2026-11-30T02:00:00.000000Z")]
        {
            assert_eq!(WorkingTime::parse(duration).unwrap().after(friday, &calendar).unwrap().to_string(), over, "{duration}");
        }
    }
}

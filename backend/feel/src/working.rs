//! The working calendar, as far as expressions need it.

use jiff::{SignedDuration, civil, tz::TimeZone};
use kernel::{Ts, calendar::Calendar};

use crate::temporal::DateTime;

/// Knows when people work. An extension of ours; FEEL has no such thing.
pub trait WorkingTime {
    /// Whether any of the day is working time.
    fn is_working_day(&self, date: civil::Date) -> bool;

    /// The time at which so much working time has passed since `from`; none if it is not known, or too far away.
    fn add_working_time(&self, from: DateTime, duration: SignedDuration) -> Option<DateTime>;
}

/// The kernel's calendar with its time zone, in which dates are meant and local times are read.
#[derive(Clone, Copy, Debug)]
pub struct OfficeCalendar<'a> {
    /// Hours and holidays.
    pub calendar: &'a Calendar,
    /// The zone of those hours.
    pub zone: &'a TimeZone,
}

impl OfficeCalendar<'_> {
    fn due(&self, from: jiff::Timestamp, minutes: i64) -> Option<jiff::ZonedDateTime> {
        let due = self.calendar.due(Ts::from_timestamp(from), minutes, &[]).ok()?;
        Some(due.at?.timestamp().to_zoned_datetime(self.zone.clone()))
    }
}

impl WorkingTime for OfficeCalendar<'_> {
    fn is_working_day(&self, date: civil::Date) -> bool {
        // The calendar tells when a minute's work is done; on a working day that is the same day.
        let midnight = self.zone.to_timestamp(date.to_datetime(civil::Time::midnight())).ok();
        midnight.and_then(|from| self.due(from, 1)).is_some_and(|done| done.date() == date)
    }

    /// Whole minutes; a part of one counts as one.
    fn add_working_time(&self, from: DateTime, duration: SignedDuration) -> Option<DateTime> {
        let minutes = duration.as_mins() + i64::from(duration.as_nanos() % 60_000_000_000 > 0);
        if duration.is_negative() || minutes == 0 {
            return (minutes == 0).then_some(from);
        }
        let start = match from.offset {
            Some(_) => from.instant()?,
            None => self.zone.to_timestamp(from.local).ok()?,
        };
        let done = self.due(start, minutes)?;
        Some(match from.offset {
            Some(offset) => DateTime { local: offset.to_datetime(done.timestamp()), offset: Some(offset) },
            None => DateTime { local: done.datetime(), offset: None },
        })
    }
}

//! The working calendar, as far as expressions need it.

use jiff::{SignedDuration, civil};
use kernel::{Ts, calendar::Calendar};

use crate::temporal::DateTime;

/// Knows when people work. An extension of ours; FEEL has no such thing.
pub trait WorkingTime {
    /// Whether any of the day is working time.
    fn is_working_day(&self, date: civil::Date) -> bool;

    /// The time at which so much working time has passed since `from`; none if it is not known, or too far away.
    fn add_working_time(&self, from: DateTime, duration: SignedDuration) -> Option<DateTime>;
}

/// The kernel's calendar. Dates are meant, and local times are read, in its time zone.
#[derive(Clone, Copy, Debug)]
pub struct OfficeCalendar<'a>(pub &'a Calendar);

impl WorkingTime for OfficeCalendar<'_> {
    fn is_working_day(&self, date: civil::Date) -> bool {
        self.0.works_on(date)
    }

    /// Whole minutes; a part of one counts as one.
    fn add_working_time(&self, from: DateTime, duration: SignedDuration) -> Option<DateTime> {
        let minutes = duration.as_mins() + i64::from(duration.as_nanos() % 60_000_000_000 > 0);
        if duration.is_negative() || minutes == 0 {
            return (minutes == 0).then_some(from);
        }
        let start = match from.offset {
            Some(_) => from.instant()?,
            None => self.0.zone().to_timestamp(from.local).ok()?,
        };
        let due = self.0.due(Ts::from_timestamp(start), minutes, &[]).ok()?;
        let done = due.at?.timestamp().to_zoned_datetime(self.0.zone().clone());
        Some(match from.offset {
            Some(offset) => DateTime { local: offset.to_datetime(done.timestamp()), offset: Some(offset) },
            None => DateTime { local: done.datetime(), offset: None },
        })
    }
}

//! Runs, plans, what is asked for. Pure.

use jiff::{ToSpan as _, civil};
use kernel::{Code, Date, Error, PersonId, Ts, UnitId, column::RawJson, kinds};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema;

kinds! {
    /// A run of a report.
    RunKind, RunId = "report_run";
    /// A report that comes by itself.
    PlanKind, PlanId = "report_plan";
}

/// Over what time and unit a report speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportParameters {
    /// From when on; null: from the beginning of the log. Reports about a moment do not have it.
    #[schema(required)]
    pub from: Option<Ts>,
    /// Until before when, or as things stood then; null: until the end of the log.
    #[schema(required)]
    pub to: Option<Ts>,
    /// Only this unit and what is below it; null: the whole company.
    #[schema(required)]
    pub unit_id: Option<UnitId>,
}

impl ReportParameters {
    /// With times as records carry them: finer ones would put a record in neither of two times that meet.
    #[must_use]
    pub fn whole_milliseconds(self) -> Self {
        Self { from: self.from.map(Ts::to_the_millisecond), to: self.to.map(Ts::to_the_millisecond), ..self }
    }
}

kernel::text_enum! {
    /// How far a run is.
    pub enum ReportRunState {
        /// It waits for its turn, or is being made.
        Queued = "queued",
        /// It can be downloaded.
        Made = "made",
        /// It could not be made.
        Failed = "failed",
        /// Its content was deleted; the run with its hash stays.
        Discarded = "discarded",
    }
}

kernel::text_enum! {
    /// Over which time a planned report speaks, as of the day on which it is made.
    pub enum ReportPeriod {
        /// The day before.
        Day = "day",
        /// The seven days from Monday to Sunday before.
        Week = "week",
        /// The month before.
        Month = "month",
        /// The three months before, from January, April, July or October on.
        Quarter = "quarter",
        /// The year before.
        Year = "year",
    }
}

impl ReportPeriod {
    /// From when until before when, for a report that is made at `now`. It is made again when the next such time is over.
    pub fn before(self, now: Ts) -> Result<(Ts, Ts), Error> {
        let end = self.start(now)?;
        Ok((self.start(end.plus_seconds(-1))?, end))
    }

    /// When the period begins in which `at` lies, in the time of the office.
    fn start(self, at: Ts) -> Result<Ts, Error> {
        let day = at.office_date().civil();
        let first = match self {
            Self::Day => day,
            Self::Week => day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).map_err(Error::internal)?,
            Self::Month => day.first_of_month(),
            Self::Quarter => civil::Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).map_err(Error::internal)?,
            Self::Year => day.first_of_year(),
        };
        Ok(Date::from(first).office_midnight())
    }

    /// When the period after the one in which `at` lies begins.
    pub fn next(self, at: Ts) -> Result<Ts, Error> {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 31,
            Self::Quarter => 92,
            Self::Year => 366,
        };
        self.start(self.start(at)?.plus_seconds(days * 86_400))
    }
}

/// A run's row, without its content.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::report_run, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Run {
    pub id: RunId,
    pub report: String,
    pub plan_id: Option<PlanId>,
    pub parameters: RawJson,
    pub unit_id: Option<UnitId>,
    /// Over how many records of the log it speaks.
    pub log_size: i64,
    pub state: ReportRunState,
    /// Rows of its table.
    pub rows: Option<i64>,
    /// SHA-256 of its content, hexadecimal.
    pub content_hash: Option<String>,
    /// Why it could not be made: a code.
    pub reason: Option<String>,
    pub requested_by: PersonId,
    pub requested_by_name: String,
    pub requested_at: Ts,
    pub finished_at: Option<Ts>,
    pub version: i32,
}

impl Run {
    /// Over what it speaks.
    pub fn parameters(&self) -> Result<ReportParameters, Error> {
        self.parameters.parse()
    }

    /// Only what was made can be handed out.
    pub fn check_made(&self) -> Result<(), Error> {
        match self.state {
            ReportRunState::Made => Ok(()),
            state => Err(Error::new(Code::ReportNotMade).with("state", state).about(self.id)),
        }
    }
}

/// A plan's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::report_plan, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Plan {
    pub id: PlanId,
    pub report: String,
    pub name: String,
    pub period: ReportPeriod,
    pub unit_id: Option<UnitId>,
    pub owner_id: PersonId,
    pub owner_name: String,
    pub active: bool,
    /// When it is made next.
    pub next_at: Ts,
    /// Why it was not made the last time: a code.
    pub problem: Option<String>,
    pub created_at: Ts,
    pub version: i32,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn before(period: ReportPeriod, now: &str) -> (String, String) {
        let (from, to) = period.before(now.parse().unwrap()).unwrap();
        (from.office_minute(), to.office_minute())
    }

    #[test]
    fn a_period_is_a_whole_one_in_the_time_of_the_office() {
        // 00:30 on Friday the 27th in China is still Thursday in UTC.
        let now = "2026-11-26T16:30:00Z";
        assert_eq!(before(ReportPeriod::Day, now), ("2026-11-26 00:00".into(), "2026-11-27 00:00".into()));
        assert_eq!(before(ReportPeriod::Week, now), ("2026-11-16 00:00".into(), "2026-11-23 00:00".into()));
        assert_eq!(before(ReportPeriod::Month, now), ("2026-10-01 00:00".into(), "2026-11-01 00:00".into()));
        assert_eq!(before(ReportPeriod::Quarter, now), ("2026-07-01 00:00".into(), "2026-10-01 00:00".into()));
        assert_eq!(before(ReportPeriod::Year, now), ("2025-01-01 00:00".into(), "2026-01-01 00:00".into()));
    }

    #[test]
    fn the_next_period_begins_when_this_one_ends() {
        for period in ReportPeriod::ALL {
            let mut at: Ts = "2023-12-31T16:00:00Z".parse().unwrap();
            for _ in 0..40 {
                let next = period.next(at).unwrap();
                assert!(next > at);
                assert_eq!(period.before(next).unwrap(), (at, next), "{period}");
                at = next;
                if *period == ReportPeriod::Day || *period == ReportPeriod::Week {
                    continue;
                }
                assert_eq!(at.office_date().civil().day(), 1);
            }
        }
        // From the middle of one, too.
        let middle: Ts = "2026-01-31T05:00:00Z".parse().unwrap();
        assert_eq!(ReportPeriod::Month.next(middle).unwrap().office_minute(), "2026-02-01 00:00");
    }
}

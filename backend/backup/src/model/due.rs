//! When something is due, and how long it stays.

use kernel::{OFFICE_SECONDS, Ts};

use super::{Backup, DrillResult, Place, Plan, PlanHealth, PlanSubject};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

impl Plan {
    /// When the next backup after this moment is due: so many hours later, or at the next such time on the office's clock.
    #[must_use]
    pub fn next_run(&self, after: Ts) -> Option<Ts> {
        if self.subject != PlanSubject::Zhidu {
            return None;
        }
        if let Some(hours) = self.every_hours {
            return Some(after.plus_seconds(i64::from(hours) * HOUR));
        }
        let at = self.daily_at.as_deref().and_then(seconds_of_day)?;
        let office = after.micros().div_euclid(1_000_000) + OFFICE_SECONDS;
        let today = office - office.rem_euclid(DAY) + at;
        let next = if today > office { today } else { today + DAY };
        Some(Ts::from_micros((next - OFFICE_SECONDS) * 1_000_000))
    }

    /// When the next drill after this moment is due.
    #[must_use]
    pub fn next_drill(&self, after: Ts) -> Option<Ts> {
        let days = self.drill_days.filter(|_| self.subject == PlanSubject::Zhidu)?;
        Some(after.plus_seconds(i64::from(days) * DAY))
    }

    /// Whether the plan is kept, with a newest verified backup of this time. A new plan has as long as any backup.
    #[must_use]
    pub fn health(&self, newest: Option<Ts>, now: Ts) -> PlanHealth {
        let since = newest.unwrap_or(self.created_at);
        match self.active {
            false => PlanHealth::Inactive,
            true if since.plus_seconds(i64::from(self.late_hours) * HOUR) < now => PlanHealth::Late,
            true => PlanHealth::Green,
        }
    }
}

impl Place {
    /// When the next inspection is due.
    #[must_use]
    pub fn due_at(&self) -> Ts {
        self.inspected_at.map_or(self.created_at, |at| at.plus_seconds(i64::from(self.inspect_days) * DAY))
    }
}

/// `02:30` in seconds.
#[must_use]
pub fn seconds_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |part: &str, below: i64| {
        let fine = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|number| fine && *number < below)
    };
    Some(number(hours, 24)? * HOUR + number(minutes, 60)? * 60)
}

/// Which backups stay, of these times, newest first: the last so many, and the newest of each of so many days, weeks and months on the
/// office's calendar. The newest always stays.
#[must_use]
pub fn kept(plan: &Plan, times: &[Ts]) -> Vec<bool> {
    let day = |at: &Ts| at.office_date().civil();
    let mut stay: Vec<bool> =
        (0..times.len()).map(|place| i64::try_from(place).is_ok_and(|place| place < i64::from(plan.keep_last.max(1)))).collect();
    let mut newest_of_each = |count: i32, period: &dyn Fn(&Ts) -> (i16, i16)| {
        let mut left = count;
        let mut last = None;
        for (stays, at) in stay.iter_mut().zip(times) {
            let this = Some(period(at));
            if left > 0 && this != last {
                *stays = true;
                left -= 1;
            }
            last = this;
        }
    };
    newest_of_each(plan.keep_daily, &|at| (day(at).year(), day(at).day_of_year()));
    newest_of_each(plan.keep_weekly, &|at| {
        let week = day(at).iso_week_date();
        (week.year(), i16::from(week.week()))
    });
    newest_of_each(plan.keep_monthly, &|at| (day(at).year(), i16::from(day(at).month())));
    stay
}

/// Which backups stay, newest first: of those that are verified what [`kept`] says, and the newest whose drill passed. One whose
/// verification was lost takes nobody's place; it goes when all that stay are newer.
#[must_use]
pub fn staying(plan: &Plan, rows: &[Backup]) -> Vec<bool> {
    let verified: Vec<Ts> = rows.iter().filter(|row| row.verified_at.is_some()).map(|row| row.started_at).collect();
    let mut of_verified = kept(plan, &verified).into_iter();
    let drilled = rows.iter().position(|row| row.verified_at.is_some() && row.drill == Some(DrillResult::Passed));
    let mut stay: Vec<bool> = (0_usize..)
        .zip(rows)
        .map(|(place, row)| (row.verified_at.is_some() && of_verified.next() == Some(true)) || drilled == Some(place))
        .collect();
    let oldest = stay.iter().rposition(|stays| *stays).unwrap_or(rows.len());
    for ((place, row), stays) in (0_usize..).zip(rows).zip(&mut stay) {
        *stays |= row.verified_at.is_none() && place < oldest;
    }
    stay
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            daily_at: Some("02:30".to_owned()),
            keep_last: 2,
            keep_daily: 3,
            keep_weekly: 2,
            keep_monthly: 2,
            drill_days: Some(7),
            late_hours: 26,
            active: true,
            ..Plan::empty(PlanSubject::Zhidu, Ts::from_micros(0))
        }
    }

    #[test]
    fn a_backup_that_is_none_takes_nobodys_place_and_the_newest_that_was_drilled_stays() {
        let plan = Plan { keep_daily: 0, keep_weekly: 0, keep_monthly: 0, ..plan() };
        // Newest first: whether it is verified, whether its drill passed.
        let stay = |rows: &[(bool, bool)]| {
            let row = |(step, (verified, drilled)): (i64, &(bool, bool))| {
                let at = Ts::from_micros(0).plus_seconds(-step * DAY);
                Backup { verified_at: verified.then_some(at), drill: drilled.then_some(DrillResult::Passed), ..Backup::begun(plan.id, at) }
            };
            let rows: Vec<Backup> = (0..).zip(rows).map(row).collect();
            staying(&plan, &rows)
        };
        let (good, bad, drilled) = ((true, false), (false, false), (true, true));
        assert_eq!(stay(&[good, good, good]), [true, true, false]);
        assert_eq!(stay(&[bad, bad, good]), [true, true, true], "the last good one");
        assert_eq!(stay(&[good, bad, good, bad, good]), [true, true, true, false, false]);
        assert_eq!(stay(&[good, good, good, drilled, drilled]), [true, true, false, true, false]);
        assert_eq!(stay(&[bad, bad, bad]), [true, true, true], "nothing better is there");
    }

    #[test]
    fn a_daily_backup_is_due_at_the_next_such_time_of_the_office() {
        let next = |after: &str| plan().next_run(after.parse().unwrap()).unwrap().to_string();
        assert_eq!(next("2026-11-26T10:00:00Z"), "2026-11-26T18:30:00.000000Z");
        assert_eq!(next("2026-11-26T18:30:00Z"), "2026-11-27T18:30:00.000000Z");
        assert_eq!(next("2026-12-31T18:29:59Z"), "2026-12-31T18:30:00.000000Z");
    }

    #[test]
    fn times_of_a_day_have_two_digits_each() {
        assert_eq!(seconds_of_day("23:59"), Some(86_340));
        for wrong in ["24:00", "2:30", "02:60", "02", "+2:30", ""] {
            assert_eq!(seconds_of_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_last_and_the_newest_of_each_period_stay() {
        // Two a day for ninety days, newest first.
        let newest: Ts = "2026-11-26T10:00:00Z".parse().unwrap();
        let times: Vec<Ts> = (0..180).map(|step| newest.plus_seconds(-step * 43_200)).collect();
        let stay: Vec<Ts> = times.iter().zip(kept(&plan(), &times)).filter_map(|(at, stays)| stays.then_some(*at)).collect();
        let days: Vec<String> = stay.iter().map(|at| at.office_date().to_string()).collect();
        assert_eq!(days, ["2026-11-26", "2026-11-26", "2026-11-25", "2026-11-24", "2026-11-22", "2026-10-31"]);
        assert!(kept(&Plan { keep_last: 0, keep_daily: 0, keep_weekly: 0, keep_monthly: 0, ..plan() }, &times).first().unwrap());
    }

    #[test]
    fn a_plan_is_late_when_its_newest_backup_is_too_old() {
        let at = |hours: i64| Ts::from_micros(0).plus_seconds(hours * HOUR);
        assert_eq!(plan().health(None, at(26)), PlanHealth::Green);
        assert_eq!(plan().health(None, at(27)), PlanHealth::Late);
        assert_eq!(plan().health(Some(at(10)), at(27)), PlanHealth::Green);
        assert_eq!(Plan { active: false, ..plan() }.health(None, at(99)), PlanHealth::Inactive);
    }
}

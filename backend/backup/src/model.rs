//! Rows, words, and when something is due. Pure.

use equipment::EquipmentId;
use kernel::{Error, PersonId, Ts, kinds};

use crate::{archive::FailureCode, schema};

kinds! {
    /// A plan.
    PlanKind, PlanId = "backup_plan";
    /// A backup.
    BackupKind, BackupId = "backup";
    /// A place where media are kept.
    PlaceKind, PlaceId = "backup_place";
    /// An inspection of a place.
    InspectionKind, InspectionId = "backup_inspection";
    /// A medium.
    MediumKind, MediumId = "backup_medium";
    /// A move of a medium.
    MoveKind, MoveId = "backup_medium_move";
    /// A hand-over.
    HandOverKind, HandOverId = "backup_handover";
}

kernel::text_enum! {
    /// What a plan backs up.
    pub enum PlanSubject {
        /// This product: made by itself (G6.2).
        Zhidu = "zhidu",
        /// A registered computer; its keeper reports the results (B2.1).
        Equipment = "equipment",
        /// Another system, by its name; its keeper reports the results (B2.1).
        Application = "application",
    }
}

kernel::text_enum! {
    /// How far a backup is.
    pub enum BackupState {
        /// 进行中
        Running = "running",
        /// 成功
        Completed = "completed",
        /// 失败
        Failed = "failed",
    }
}

kernel::text_enum! {
    /// What became of the copy at the second place.
    pub enum OffsiteState {
        /// It is there, read back.
        Copied = "copied",
        /// It is there, but that place lets backups be deleted although the plan demands otherwise (B2.2).
        Unlocked = "unlocked",
        /// It is not there.
        Failed = "failed",
    }
}

kernel::text_enum! {
    /// How a restore drill ended.
    pub enum DrillResult {
        /// Everything was restored as it was.
        Passed = "passed",
        /// It could not be restored.
        Failed = "failed",
    }
}

kernel::text_enum! {
    /// Whether a plan is kept.
    pub enum PlanHealth {
        /// The newest verified backup is young enough.
        Green = "green",
        /// It is not, or there is none.
        Late = "late",
        /// The plan rests.
        Inactive = "inactive",
    }
}

kernel::text_enum! {
    /// What a medium is.
    pub enum MediumType {
        /// 移动硬盘
        Disk = "disk",
        /// 磁带
        Tape = "tape",
        /// 光盘
        Optical = "optical",
        /// U 盘
        Usb = "usb",
        /// 网络存储
        Nas = "nas",
        /// 云存储
        Cloud = "cloud",
    }
}

kernel::text_enum! {
    /// How far a hand-over is.
    pub enum HandOverState {
        /// Signed by the giver.
        Given = "given",
        /// Signed by both (B2.3).
        Received = "received",
        /// The receiver did not take it.
        Declined = "declined",
    }
}

/// A plan's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::backup_plan, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Plan {
    pub id: PlanId,
    pub name: String,
    pub subject: PlanSubject,
    pub equipment_id: Option<EquipmentId>,
    pub application: Option<String>,
    pub custodian_id: Option<PersonId>,
    pub every_hours: Option<i32>,
    pub daily_at: Option<String>,
    pub keep_last: i32,
    pub keep_daily: i32,
    pub keep_weekly: i32,
    pub keep_monthly: i32,
    pub target: Option<String>,
    pub offsite: Option<String>,
    pub offsite_locked: bool,
    pub drill_days: Option<i32>,
    pub late_hours: i32,
    pub active: bool,
    pub next_run_at: Option<Ts>,
    pub next_drill_at: Option<Ts>,
    pub busy_until: Option<Ts>,
    pub alarmed_at: Option<Ts>,
    pub created_at: Ts,
    pub updated_at: Ts,
    pub version: i32,
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// The office's clock is eight hours ahead of UTC, all year.
const OFFICE: i64 = 8 * HOUR;

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
        let office = after.micros().div_euclid(1_000_000) + OFFICE;
        let today = office - office.rem_euclid(DAY) + at;
        let next = if today > office { today } else { today + DAY };
        Some(Ts::from_micros((next - OFFICE) * 1_000_000))
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

/// A backup's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::backup, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Backup {
    pub id: BackupId,
    pub plan_id: PlanId,
    pub state: BackupState,
    pub started_at: Ts,
    pub finished_at: Option<Ts>,
    pub duration_ms: Option<i64>,
    pub size: Option<i64>,
    pub log_size: Option<i64>,
    pub target: Option<String>,
    pub folder: Option<String>,
    pub sha256: Option<String>,
    pub encrypted: Option<bool>,
    pub reason: Option<FailureCode>,
    pub explanation: Option<String>,
    pub offsite: Option<OffsiteState>,
    pub verified_at: Option<Ts>,
    pub drill: Option<DrillResult>,
    pub drilled_at: Option<Ts>,
    pub recovery_ms: Option<i64>,
    pub age_seconds: Option<i64>,
    pub drill_wanted: bool,
    pub reported_by: Option<PersonId>,
    pub medium_id: Option<MediumId>,
    pub removed_at: Option<Ts>,
    pub version: i32,
}

impl Backup {
    /// A row about which nothing is known yet.
    #[must_use]
    pub fn begun(plan: PlanId, started_at: Ts) -> Self {
        Self {
            id: BackupId::new(),
            plan_id: plan,
            state: BackupState::Running,
            started_at,
            finished_at: None,
            duration_ms: None,
            size: None,
            log_size: None,
            target: None,
            folder: None,
            sha256: None,
            encrypted: None,
            reason: None,
            explanation: None,
            offsite: None,
            verified_at: None,
            drill: None,
            drilled_at: None,
            recovery_ms: None,
            age_seconds: None,
            drill_wanted: false,
            reported_by: None,
            medium_id: None,
            removed_at: None,
            version: 1,
        }
    }
}

/// A place's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::backup_place, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Place {
    pub id: PlaceId,
    pub name: String,
    pub location: Option<String>,
    pub custodian_id: Option<PersonId>,
    pub inspect_days: i32,
    pub inspected_at: Option<Ts>,
    pub fit: Option<bool>,
    pub active: bool,
    pub created_at: Ts,
    pub version: i32,
}

impl Place {
    /// When the next inspection is due.
    #[must_use]
    pub fn due_at(&self) -> Ts {
        self.inspected_at.map_or(self.created_at, |at| at.plus_seconds(i64::from(self.inspect_days) * DAY))
    }
}

/// What an inspection found: whether the place is protected against each of the six (B2.5).
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::backup_inspection, treat_none_as_default_value = false)]
pub struct Inspection {
    pub id: InspectionId,
    pub place_id: PlaceId,
    pub at: Ts,
    pub by_id: PersonId,
    pub fire: bool,
    pub heat: bool,
    pub damp: bool,
    pub dust: bool,
    pub magnetism: bool,
    pub theft: bool,
    pub note: Option<String>,
}

impl Inspection {
    /// The six with their answers.
    #[must_use]
    pub fn points(&self) -> [(&'static str, bool); 6] {
        [
            ("fire", self.fire),
            ("heat", self.heat),
            ("damp", self.damp),
            ("dust", self.dust),
            ("magnetism", self.magnetism),
            ("theft", self.theft),
        ]
    }
}

/// A medium's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::backup_medium, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Medium {
    pub id: MediumId,
    pub serial: String,
    pub kind: MediumType,
    pub seal_number: Option<String>,
    pub place_id: Option<PlaceId>,
    pub custodian_id: Option<PersonId>,
    pub note: Option<String>,
    pub active: bool,
    pub created_at: Ts,
    pub version: i32,
}

/// A move's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::backup_medium_move, treat_none_as_default_value = false)]
pub struct Move {
    pub id: MoveId,
    pub medium_id: MediumId,
    pub at: Ts,
    pub by_name: String,
    pub from_place_id: Option<PlaceId>,
    pub to_place_id: Option<PlaceId>,
    pub from_custodian_id: Option<PersonId>,
    pub to_custodian_id: Option<PersonId>,
    pub seal_number: Option<String>,
    pub reason: Option<String>,
}

/// A hand-over's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::backup_handover, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct HandOver {
    pub id: HandOverId,
    pub backup_id: Option<BackupId>,
    pub medium_id: Option<MediumId>,
    pub place_id: Option<PlaceId>,
    pub giver_id: PersonId,
    pub receiver_id: PersonId,
    pub state: HandOverState,
    pub given_at: Ts,
    pub answered_at: Option<Ts>,
    pub note: Option<String>,
    pub answer: Option<String>,
    pub version: i32,
}

/// What counts bytes or milliseconds elsewhere, as a column holds it.
pub fn whole(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(Error::internal)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let now = Ts::from_micros(0);
        Plan {
            id: PlanId::new(),
            name: String::new(),
            subject: PlanSubject::Zhidu,
            equipment_id: None,
            application: None,
            custodian_id: None,
            every_hours: None,
            daily_at: Some("02:30".to_owned()),
            keep_last: 2,
            keep_daily: 3,
            keep_weekly: 2,
            keep_monthly: 2,
            target: None,
            offsite: None,
            offsite_locked: false,
            drill_days: Some(7),
            late_hours: 26,
            active: true,
            next_run_at: None,
            next_drill_at: None,
            busy_until: None,
            alarmed_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
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

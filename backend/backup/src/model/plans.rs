//! Plans.

use equipment::EquipmentId;
use kernel::{PersonId, Ts};

use super::PlanId;
use crate::schema;

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

impl Plan {
    /// A plan about which nothing is known yet.
    #[must_use]
    pub fn empty(subject: PlanSubject, now: Ts) -> Self {
        Self {
            id: PlanId::new(),
            name: String::new(),
            subject,
            equipment_id: None,
            application: None,
            custodian_id: None,
            every_hours: None,
            daily_at: None,
            keep_last: 0,
            keep_daily: 0,
            keep_weekly: 0,
            keep_monthly: 0,
            target: None,
            offsite: None,
            offsite_locked: false,
            drill_days: None,
            late_hours: 0,
            active: false,
            next_run_at: None,
            next_drill_at: None,
            busy_until: None,
            alarmed_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

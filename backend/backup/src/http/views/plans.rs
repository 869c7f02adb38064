//! Plans, and how they are kept.

use db::ReadTx;
use equipment::EquipmentRef;
use identity::{PersonRef, directory};
use kernel::{Error, Ts};
use serde::Serialize;
use utoipa::ToSchema;
use web::{AllowedAction, View};

use crate::{
    model::{Plan, PlanHealth, PlanId, PlanSubject},
    policy, store,
};

/// A plan with how it is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BackupPlanView {
    id: PlanId,
    name: String,
    subject: PlanSubject,
    #[schema(required)]
    equipment: Option<EquipmentRef>,
    #[schema(required)]
    application: Option<String>,
    #[schema(required)]
    custodian: Option<PersonRef>,
    #[schema(required)]
    every_hours: Option<i32>,
    /// On the office's clock (UTC+8).
    #[schema(required)]
    daily_at: Option<String>,
    keep_last: i32,
    keep_daily: i32,
    keep_weekly: i32,
    keep_monthly: i32,
    #[schema(required)]
    target: Option<String>,
    #[schema(required)]
    offsite: Option<String>,
    offsite_locked: bool,
    #[schema(required)]
    drill_days: Option<i32>,
    late_hours: i32,
    active: bool,
    /// Green, or the alarm.
    health: PlanHealth,
    /// When the newest verified backup was begun.
    #[schema(required)]
    newest_verified_at: Option<Ts>,
    #[schema(required)]
    next_run_at: Option<Ts>,
    #[schema(required)]
    next_drill_at: Option<Ts>,
    /// Whether a replica is at work on it.
    busy: bool,
    created_at: Ts,
    updated_at: Ts,
    allowed_actions: Vec<AllowedAction>,
    /// For If-Match.
    version: i32,
}
impl View for BackupPlanView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn plan_views(tx: &mut ReadTx<'_>, rows: Vec<Plan>) -> Result<Vec<BackupPlanView>, Error> {
    let people = directory::people(tx, rows.iter().filter_map(|row| row.custodian_id))?;
    let things: Vec<_> = rows.iter().filter_map(|row| row.equipment_id).collect();
    let things = equipment::service::references(tx, &things)?;
    let newest = store::newest_verified(tx)?;
    let (now, actor, chinese) = (tx.now(), tx.actor(), tx.actor().chinese);
    let view = |row: Plan| {
        let newest = newest.get(&row.id).copied();
        BackupPlanView {
            health: row.health(newest, now),
            newest_verified_at: newest,
            busy: row.busy_until.is_some_and(|until| until > now),
            allowed_actions: vec![
                AllowedAction::of("update", policy::check_manage(actor), chinese),
                AllowedAction::of("run", policy::check_run(actor, &row), chinese),
                AllowedAction::of("report", policy::check_report(actor, &row), chinese),
            ],
            equipment: things.iter().find(|thing| Some(thing.id) == row.equipment_id).cloned(),
            custodian: row.custodian_id.and_then(|id| people.get(&id).cloned()),
            id: row.id,
            name: row.name,
            subject: row.subject,
            application: row.application,
            every_hours: row.every_hours,
            daily_at: row.daily_at,
            keep_last: row.keep_last,
            keep_daily: row.keep_daily,
            keep_weekly: row.keep_weekly,
            keep_monthly: row.keep_monthly,
            target: row.target,
            offsite: row.offsite,
            offsite_locked: row.offsite_locked,
            drill_days: row.drill_days,
            late_hours: row.late_hours,
            active: row.active,
            next_run_at: row.next_run_at,
            next_drill_at: row.next_drill_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// All plans by name.
pub fn plans(tx: &mut ReadTx<'_>) -> Result<Vec<BackupPlanView>, Error> {
    let rows = store::plans(tx)?;
    plan_views(tx, rows)
}

/// One plan.
pub fn plan(tx: &mut ReadTx<'_>, id: PlanId) -> Result<BackupPlanView, Error> {
    let row = store::plan(tx, id)?.ok_or_else(|| Error::absent(id))?;
    plan_views(tx, vec![row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

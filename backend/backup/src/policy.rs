//! May this actor look after backups? Pure. Backups hold everything, so a reach of some units is not enough.

use kernel::{Actor, Code, Error, Permission, PersonId};

use crate::model::{Backup, BackupState, HandOver, HandOverState, Medium, Plan, PlanSubject};

/// Looking at plans, backups, media, places and hand-overs.
pub fn check_read(actor: &Actor) -> Result<(), Error> {
    actor.demand(Permission::ReadBackups, None)
}

/// Changing them.
pub fn check_manage(actor: &Actor) -> Result<(), Error> {
    actor.demand(Permission::ManageBackups, None)
}

/// Asking for a backup now: only those of the product itself are made by it.
pub fn check_run(actor: &Actor, plan: &Plan) -> Result<(), Error> {
    check_manage(actor)?;
    match plan.subject {
        _ if !plan.active => Err(Error::new(Code::BackupPlanInactive)),
        PlanSubject::Zhidu => Ok(()),
        PlanSubject::Equipment | PlanSubject::Application => Err(Error::new(Code::BackupNotOwn)),
    }
}

/// Reporting the result of another system's backup.
pub fn check_report(actor: &Actor, plan: &Plan) -> Result<(), Error> {
    check_manage(actor)?;
    match plan.subject {
        _ if !plan.active => Err(Error::new(Code::BackupPlanInactive)),
        PlanSubject::Zhidu => Err(Error::new(Code::BackupOwn)),
        PlanSubject::Equipment | PlanSubject::Application => Ok(()),
    }
}

/// Drilling a backup: it is one of the product, and still there.
pub fn check_drill(actor: &Actor, plan: &Plan, backup: &Backup) -> Result<(), Error> {
    check_manage(actor)?;
    check_there(plan, backup)
}

/// Downloading one. What is not encrypted would hand every record of the company to whoever manages backups.
pub fn check_download(actor: &Actor, plan: &Plan, backup: &Backup) -> Result<(), Error> {
    check_manage(actor)?;
    check_there(plan, backup)?;
    if backup.encrypted == Some(true) { Ok(()) } else { Err(Error::new(Code::BackupNotEncrypted)) }
}

fn check_there(plan: &Plan, backup: &Backup) -> Result<(), Error> {
    if plan.subject != PlanSubject::Zhidu {
        return Err(Error::new(Code::BackupNotOwn));
    }
    let there = backup.state == BackupState::Completed && backup.removed_at.is_none();
    if there { Ok(()) } else { Err(Error::new(Code::BackupNotThere)) }
}

/// Giving a medium away: who holds it does; of what nobody holds, who manages.
pub fn check_give(actor: &Actor, medium: Option<&Medium>) -> Result<(), Error> {
    check_read(actor)?;
    match medium.and_then(|medium| Some((medium, medium.custodian_id?))) {
        None => check_manage(actor),
        Some((_, holder)) if actor.is(holder) => Ok(()),
        Some((medium, _)) => Err(Error::forbidden(Code::HandOverNotHolder).about(medium.id)),
    }
}

/// Handing something over: to somebody else.
pub fn check_hand_over(actor: &Actor, medium: Option<&Medium>, receiver: PersonId) -> Result<(), Error> {
    check_give(actor, medium)?;
    if actor.is(receiver) { Err(Error::new(Code::HandOverSamePerson)) } else { Ok(()) }
}

/// Answering a hand-over: the receiver signs, once, and nobody else for them.
pub fn check_answer(actor: &Actor, row: &HandOver) -> Result<(), Error> {
    check_read(actor)?;
    if !actor.is(row.receiver_id) {
        return Err(Error::forbidden(Code::HandOverNotReceiver).about(row.id));
    }
    if row.state == HandOverState::Given { Ok(()) } else { Err(Error::new(Code::HandOverAnswered)) }
}

/// Withdrawing a hand-over: who gave, as long as nobody has answered.
pub fn check_withdraw(actor: &Actor, row: &HandOver) -> Result<(), Error> {
    check_read(actor)?;
    if !actor.is(row.giver_id) {
        return Err(Error::forbidden(Code::HandOverNotGiver).about(row.id));
    }
    if row.state == HandOverState::Given { Ok(()) } else { Err(Error::new(Code::HandOverAnswered)) }
}

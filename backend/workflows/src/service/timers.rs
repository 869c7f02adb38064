//! What time brings: timers of cases, work that is due. Whoever takes the row away in its transaction has fired it, so that nothing fires
//! twice, however many replicas look.

use std::sync::Arc;

use db::{Database, Event, Recorded, WriteTx};
use kernel::{Actor, ActorKind, Error};

use super::{
    Office,
    live::{Live, Loaded, system, work_on},
};
use crate::{
    blueprint::words::{OverduePolicy, SeatPolicy},
    model::{Automatic, CaseId, CaseState, SeatState, StoryEvent, Told, Wait, WaitId, WorkItemId},
    office::{Done, Outside as _},
    store,
};

/// Rows looked at in one round.
const ROUND: i64 = 100;

/// Fires everything that is due; how many.
pub async fn tick(db: &Database, office: &Arc<Office>) -> Result<usize, Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::SystemJob, "流程定时"));
    let (waits, items) = db.read(&actor, |tx| Ok((store::due_waits(tx, ROUND)?, store::overdue(tx, ROUND)?))).await?;
    let mut done = 0;
    for (wait, case) in waits {
        let office = Arc::clone(office);
        let fired = db.behind(case.uuid()).write(&actor, move |tx| fire_due(tx, &office, wait, case)).await;
        done += usize::from(settled(fired, case));
    }
    for (item, case) in items {
        let office = Arc::clone(office);
        let dealt = db.behind(case.uuid()).write(&actor, move |tx| overdue(tx, &office, item, case)).await;
        done += usize::from(settled(dealt, case));
    }
    Ok(done)
}

fn settled(result: Result<(), Error>, case: CaseId) -> bool {
    if let Err(error) = &result {
        tracing::warn!(%error, %case, "a timer could not be fired; it is tried again");
    }
    result.is_ok()
}

/// Fires a timer, unless somebody else has.
fn fire_due(tx: &mut WriteTx<'_>, office: &Office, id: WaitId, case: CaseId) -> Result<Recorded<()>, Error> {
    let Some(row) = store::case(tx, case)?.filter(|row| row.state == CaseState::Running) else { return Ok(tx.unchanged(())) };
    let loaded = Loaded::load(tx, office, row)?;
    let Some(wait) = loaded.waits.iter().find(|wait| wait.id == id).cloned() else { return Ok(tx.unchanged(())) };
    fire(tx, office, &loaded, &wait, "timer.fired")
}

/// Delivers what was waited for.
pub fn fire(tx: &mut WriteTx<'_>, office: &Office, loaded: &Loaded, wait: &Wait, action: &'static str) -> Result<Recorded<()>, Error> {
    let row = &loaded.row;
    let event = Event::new(action, row.id, format!("{} {}", row.number, row.title)).fact("step", wait.element.clone());
    let doer = system(tx);
    work_on(tx, office, loaded, doer, event, |case, live| case.fire(wait, live))
}

/// Deals with work whose time is over, as its step says.
fn overdue(tx: &mut WriteTx<'_>, office: &Office, id: WorkItemId, case: CaseId) -> Result<Recorded<()>, Error> {
    let Some(row) = store::case(tx, case)?.filter(|row| row.state == CaseState::Running) else { return Ok(tx.unchanged(())) };
    let loaded = Loaded::load(tx, office, row)?;
    let Some(seat) = loaded.seats.iter().find(|seat| seat.id == id).cloned() else { return Ok(tx.unchanged(())) };
    if seat.state != SeatState::Open || seat.overdue_at.is_some() {
        return Ok(tx.unchanged(()));
    }
    let Some(work) = loaded.blueprint.settings.work.get(&seat.element).cloned() else { return Ok(tx.unchanged(())) };
    let row = &loaded.row;
    let event = Event::new("work_item.overdue", row.id, format!("{} {}", row.number, row.title))
        .related(id, "work_item", loaded.blueprint.name(&seat.element, true))
        .fact("step", seat.element.clone())
        .fact("process", loaded.blueprint.definition.id.clone())
        .clauses(loaded.blueprint.clauses(&seat.element));
    let doer = system(tx);
    let unit = row.unit_id;
    work_on(tx, office, &loaded, doer, event, |case, live| {
        let now = live.now();
        if let Some(seat) = case.seats.iter_mut().find(|seat| seat.id == id) {
            seat.overdue_at = Some(now);
        }
        let holders: Vec<kernel::PersonId> =
            case.candidates.get(&id).into_iter().flatten().map(|person| person.id).chain(seat.owner_id).collect();
        // What must be signed by hand is never answered by time.
        let by_hand = work.sign || seat.owner_id.is_none() || !seat.delegators.is_empty();
        match work.overdue {
            OverduePolicy::Agree | OverduePolicy::Refuse if !by_hand => {
                let refuse = work.overdue == OverduePolicy::Refuse && work.kind == crate::blueprint::words::WorkKind::Approve;
                let outcome = if refuse { "refuse".to_owned() } else { work.usual_outcome() };
                return case.complete(id, &Done { outcome, opinion: None, data: None, automatic: Some(Automatic::Overdue) }, live);
            }
            OverduePolicy::Transfer if work.policy != SeatPolicy::Claim || seat.owner_id.is_some() => {
                let head = head_of(live, seat.owner_id, unit)?;
                if let Some(head) = head.filter(|head| Some(head.id) != seat.owner_id)
                    && case.transfer(id, &head, StoryEvent::Transferred, None).is_ok()
                {
                    return Ok(());
                }
            }
            OverduePolicy::Escalate => {
                if let Some(head) = head_of(live, seat.owner_id, unit)? {
                    case.told.push((head.id, Told::Overdue, None));
                }
            }
            _ => {}
        }
        case.told.extend(holders.into_iter().map(|person| (person, Told::Overdue, Some(id))));
        Ok(())
    })
}

/// The head of whoever has the work, or of the case's unit.
fn head_of(
    live: &mut Live<'_, '_>,
    owner: Option<kernel::PersonId>,
    unit: kernel::UnitId,
) -> Result<Option<crate::model::Colleague>, Error> {
    let main = owner.map(|owner| identity::directory::main_unit(live.tx, owner)).transpose()?.flatten();
    let heads = identity::finding::heads(live.tx, main.unwrap_or(unit), 3)?;
    Ok(heads.into_iter().find(|head| Some(head.id) != owner).map(super::people::colleague))
}

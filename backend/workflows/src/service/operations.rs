//! Administration: incidents, jumps, migration.

use db::{Event, ReadTx, Recorded, WriteTx};
use identity::finding::Found;
use kernel::{Code, Error, column::RawJson};
use serde_json::{Map, Value as Json};

use super::{
    Office,
    cases::visible_case,
    live::{Loaded, system, work_on},
    starting,
};
use crate::{
    model::{CaseId, CaseRow, CaseState, ProcessId, SeatState, StoryEvent, StoryId, StoryRow},
    office::token_of,
    policy,
    said::both,
    store,
};

fn label(row: &CaseRow) -> String {
    format!("{} {}", row.number, row.title)
}

fn managed(tx: &mut ReadTx<'_>, office: &Office, id: CaseId) -> Result<Loaded, Error> {
    let row = visible_case(tx, id)?;
    policy::check_manages(tx.actor(), &row)?;
    if row.state != CaseState::Running {
        return Err(Error::new(Code::CaseOver));
    }
    Loaded::load(tx, office, row)
}

/// Tries again what failed.
pub fn retry(tx: &mut WriteTx<'_>, office: &Office, id: CaseId, token: u64) -> Result<Recorded<()>, Error> {
    let loaded = managed(tx, office, id)?;
    let event = Event::new("incident.retried", id, label(&loaded.row)).fact("token", token);
    let doer = system(tx);
    work_on(tx, office, &loaded, doer, event, |case, live| {
        let at = incident_at(case, token)?;
        case.tell(StoryEvent::Repaired, Some(&at), None, None, None, None);
        case.deliver(bpmn::run::Event::Retried { token }, live)
    })
}

fn incident_at(case: &crate::office::Case<'_>, token: u64) -> Result<String, Error> {
    let found = case.control.state.tokens.get(&token).filter(|token| matches!(token.stay, bpmn::run::Stay::Incident { .. }));
    found.map(|token| token.at.clone()).ok_or_else(|| Error::new(Code::CaseNoIncident))
}

/// Says by hand what an action, table or called process would have given; the case goes on behind it.
pub fn resolve(
    tx: &mut WriteTx<'_>,
    office: &Office,
    id: CaseId,
    token: u64,
    reason: &str,
    output: &Map<String, Json>,
) -> Result<Recorded<()>, Error> {
    let loaded = managed(tx, office, id)?;
    let event =
        Event::new("incident.resolved", id, label(&loaded.row)).fact("token", token).set("output", output).note(Some(reason.to_owned()));
    let doer = system(tx);
    work_on(tx, office, &loaded, doer, event, |case, live| {
        let at = incident_at(case, token)?;
        if !case.blueprint.settings.actions.contains_key(&at) {
            return Err(Error::new(Code::SeatPolicy));
        }
        case.tell(StoryEvent::Repaired, Some(&at), None, None, Some(reason.to_owned()), None);
        // The action counts as done with this result: trying again gives it.
        case.control.outputs.insert(at, Json::Object(output.clone()));
        case.deliver(bpmn::run::Event::Retried { token }, live)
    })
}

/// What a migration would do with a case.
#[derive(Clone, Debug)]
pub struct Migration {
    pub case: CaseRow,
    pub open: Vec<String>,
    pub problem: Option<String>,
}

/// Moves running cases to another release: each with every open element at its place, or not at all.
pub fn plan_migration(tx: &mut ReadTx<'_>, office: &Office, id: ProcessId, from: i32, to: i32) -> Result<Vec<Migration>, Error> {
    starting::process(tx, id)?;
    let source = store::release_numbered(tx, id, from)?.ok_or_else(|| Error::invalid("/from", Code::UnknownReference))?;
    let target = store::release_numbered(tx, id, to)?.ok_or_else(|| Error::invalid("/to", Code::UnknownReference))?;
    let (old, new) = (office.release(tx, source.id)?, office.release(tx, target.id)?);
    let chinese = tx.actor().chinese;
    let word = |zh: &str, en: &str| if chinese { zh } else { en }.to_owned();
    let mut plans = Vec::new();
    for row in store::running_of(tx, id, source.id)? {
        if !policy::manages(tx.actor(), &row) {
            continue;
        }
        let control: crate::office::Control = row.control.parse()?;
        let tokens = control.state.tokens.values();
        let open: Vec<String> = tokens.clone().map(|token| token.at.clone()).collect();
        let mut problem = None;
        for token in tokens {
            let (before, after) = (old.node(&token.at), new.node(&token.at));
            let same_kind = match (before, after) {
                (Some(before), Some(after)) => {
                    std::mem::discriminant(&before.kind) == std::mem::discriminant(&after.kind) && before.repeated == after.repeated
                }
                _ => false,
            };
            let boxes_stand = token.boxes.iter().all(|around| new.node(&around.level.entered_at).is_some());
            let scope = control.state.scopes.get(&token.scope).and_then(|scope| scope.of.clone());
            let scope_stands = scope.is_none_or(|scope| new.node(&scope).is_some());
            if !same_kind || !scope_stands {
                problem = Some(format!("{} {}", word("新版本中没有对应的元素", "the new release has no such element"), token.at));
            } else if !boxes_stand || !same_levels(&old, &new, &token.at) {
                problem = Some(format!("{} {}", word("并行结构已改变", "what runs at the same time has changed around"), token.at));
            }
        }
        if !control.state.sent.is_empty() && old.definition.scope != new.definition.scope && problem.is_none() {
            problem = Some(word("包容分支进行中，结构已改变", "an inclusive block is under way and the structure has changed"));
        }
        let data: crate::blueprint::Data = row.data.parse()?;
        if let Some(field) = data.keys().find(|field| !new.form.fields.contains_key(*field)).filter(|_| problem.is_none()) {
            problem = Some(format!("{}“{field}”", word("新表单中没有字段", "the new form has no field ")));
        }
        plans.push(Migration { case: row, open, problem });
    }
    Ok(plans)
}

/// Whether the boxes around an element are the same in both.
fn same_levels(old: &crate::blueprint::Blueprint, new: &crate::blueprint::Blueprint, at: &str) -> bool {
    let around = |blueprint: &crate::blueprint::Blueprint| {
        let mut found = None;
        blueprint.definition.scope.each(&mut |scope| {
            if scope.nodes.contains_key(at) {
                found = Some(bpmn::levels::Levels::of(scope).around(at).to_vec());
            }
        });
        found
    };
    around(old) == around(new)
}

/// What an administrator does by hand, a second person of the same permission agrees to.
pub fn confirming(tx: &mut ReadTx<'_>, case: CaseId, second: Option<kernel::PersonId>) -> Result<Found, Error> {
    let second = second.ok_or_else(|| Error::invalid("/second_login", Code::Required))?;
    let holders = identity::finding::permitted(tx, kernel::Permission::ManageCases)?;
    let found = holders.into_iter().find(|person| person.id == second).filter(|person| !tx.actor().is(person.id));
    found.ok_or_else(|| Error::forbidden(Code::CaseSecondPerson).about(case))
}

/// Both stand in the record.
pub fn confirmed(tx: &mut ReadTx<'_>, event: Event, case: CaseId, second: Option<kernel::PersonId>) -> Result<Event, Error> {
    let found = confirming(tx, case, second)?;
    Ok(event.related(found.id, "second", found.name))
}

/// Carries a plan out, for the cases that can move.
pub fn migrate(
    tx: &mut WriteTx<'_>,
    office: &Office,
    id: ProcessId,
    from: i32,
    to: i32,
    reason: &str,
    second: Option<kernel::PersonId>,
) -> Result<Recorded<Vec<Migration>>, Error> {
    let plans = plan_migration(tx, office, id, from, to)?;
    let target = store::release_numbered(tx, id, to)?.ok_or_else(|| Error::invalid("/to", Code::UnknownReference))?;
    let mut last = tx.unchanged(());
    for plan in plans.iter().filter(|plan| plan.problem.is_none()) {
        let row = &plan.case;
        let event = Event::new("case.migrated", row.id, label(row))
            .step(row.version)
            .unit(row.unit_id)
            .fact("from_release", from)
            .fact("to_release", to)
            .note(Some(reason.to_owned()));
        let event = confirmed(tx, event, row.id, second)?;
        let story = StoryRow {
            id: StoryId::new(),
            case_id: row.id,
            at: tx.now(),
            kind: StoryEvent::Migrated,
            element: None,
            work_item_id: None,
            by_id: tx.actor().person(),
            by_name: tx.actor().name.clone(),
            on_behalf_of: None,
            outcome: None,
            text: Some(format!("{from} → {to}：{reason}")),
            automatic: None,
        };
        let moved = CaseRow { release_id: target.id, ..row.clone() };
        let event_row = RawJson::of(&serde_json::json!({ "migrated": { "from": from, "to": to } }))?;
        let seq = store::last_event(tx, row.id)? + 1;
        last = tx.record(event, |rows| {
            store::update_case(rows, row, &moved)?;
            store::insert_event(rows, row.id, seq, &event_row)?;
            store::insert_story(rows, &story)
        })?;
    }
    Ok(last.map(|()| plans))
}

/// An administrator sends a case back to an earlier step (跳转): with a reason, and confirmed by a second person.
pub fn jump(
    tx: &mut WriteTx<'_>,
    office: &Office,
    id: CaseId,
    expected: i32,
    to: &str,
    reason: &str,
    second: kernel::PersonId,
) -> Result<Recorded<()>, Error> {
    let loaded = managed(tx, office, id)?;
    if loaded.row.version != expected {
        return Err(Error::new(Code::Stale));
    }
    let found = confirming(tx, id, Some(second))?;
    let event = Event::new("case.jumped", id, label(&loaded.row)).fact("to_step", to).note(Some(reason.to_owned()));
    let event = event.related(found.id, "second", found.name.clone());
    let doer = system(tx);
    let reason = format!("{reason}（{}）", found.name);
    work_on(tx, office, &loaded, doer, event, |case, live| {
        let from = case.seats.iter().filter(|seat| seat.state == SeatState::Open).map(token_of);
        let from = from.into_iter().find(|token| case.targets(*token).iter().any(|target| target == to));
        let token = from.ok_or_else(|| Error::new(Code::ReturnTarget))?;
        let said = both(|chinese| format!("→ {}: {reason}", case.blueprint.name(to, chinese)));
        case.control.agreed.clear();
        case.tell(StoryEvent::Returned, None, None, None, Some(said), None);
        case.deliver(bpmn::run::Event::Returned { token, to: to.to_owned() }, live)
    })
}

/// What happened to a record that a case drives, as a message to it.
pub fn told(tx: &mut WriteTx<'_>, office: &Office, case: kernel::Uuid, event: &str) -> Result<(), Error> {
    let case = CaseId::from_uuid(case);
    let Some(row) = store::case(tx, case)?.filter(|row| row.state == CaseState::Running) else { return Ok(()) };
    let Some(wait) = store::waits_for_message(tx, case, event)?.into_iter().next() else { return Ok(()) };
    let loaded = Loaded::load(tx, office, row)?;
    super::timers::fire(tx, office, &loaded, &wait, "message.received").map(Recorded::into_inner)
}

/// Delivers a message to a case that waits for it; true if one did.
pub fn message(tx: &mut WriteTx<'_>, office: &Office, id: CaseId, name: &str) -> Result<Recorded<bool>, Error> {
    let row = visible_case(tx, id)?;
    let waiting = store::waits_for_message(tx, id, name)?;
    let Some(wait) = waiting.into_iter().next().filter(|_| row.state == CaseState::Running) else { return Ok(tx.unchanged(false)) };
    let loaded = Loaded::load(tx, office, row)?;
    super::timers::fire(tx, office, &loaded, &wait, "message.received").map(|recorded| recorded.map(|()| true))
}

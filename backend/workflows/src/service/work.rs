//! Work items: what their owners, deputies and candidates do.

use db::{Event, ReadTx, Recorded, WriteTx};
use identity::finding;
use kernel::{Code, Error, PersonId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    Office,
    cases::visible_case,
    live::{Loaded, work_on},
    people::colleague,
    references,
};
use crate::{
    blueprint::Work,
    model::{CaseId, Colleague, Seat, SeatState, StoryEvent, WorkItemId},
    office::{
        Doer, Done,
        moves::{Resume, SignerPosition},
        token_of,
    },
    policy::{self, Acting},
    store,
};

kernel::text_enum! {
    /// What is done with a work item.
    pub enum WorkAction {
        /// Takes it.
        Claim = "claim",
        /// Puts it back.
        Unclaim = "unclaim",
        /// Completes it with an outcome.
        Complete = "complete",
        /// Keeps what has been put down (暂存).
        Save = "save",
        /// Hands it over for good (转办).
        Transfer = "transfer",
        /// Gives it to somebody, to come back (委派).
        Delegate = "delegate",
        /// Gives back what was delegated, with an opinion.
        GiveBack = "give_back",
        /// Sends the case back (退回).
        Return = "return",
        /// Adds signers (加签).
        AddSigner = "add_signer",
        /// Removes a signer who has not answered (减签).
        RemoveSigner = "remove_signer",
        /// Takes back what one has done (拿回).
        TakeBack = "take_back",
    }
}

/// A step with a work item.
#[derive(Clone, Debug)]
pub struct WorkStep {
    pub action: WorkAction,
    pub outcome: Option<String>,
    pub opinion: Option<String>,
    pub data: Option<Map<String, Json>>,
    /// Fields as they were when the form was shown: whoever changed one meanwhile is not overwritten.
    pub seen: Option<Map<String, Json>>,
    pub to: Vec<PersonId>,
    pub target: Option<String>,
    pub resume: Resume,
    pub position: SignerPosition,
}

/// What somebody has put down meanwhile.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Saved {
    #[serde(default)]
    pub opinion: Option<String>,
    #[serde(default)]
    pub data: Map<String, Json>,
}

/// Nobody overwrites what somebody else has written meanwhile into a field that several steps share.
fn unchanged(data: &Map<String, Json>, seat: &Seat, step: &WorkStep) -> Result<(), Error> {
    let (Some(patch), Some(seen)) = (&step.data, &step.seen) else { return Ok(()) };
    let saved: Saved = seat.saved.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?.unwrap_or_default();
    let now = |name: &String| data.get(name).unwrap_or(&Json::Null);
    // What one has put down oneself was shown in its place.
    let differs = |name: &String, seen: &Json| seen != now(name) && saved.data.get(name) != Some(seen);
    let changed = patch.iter().filter(|(name, value)| *value != now(name) && seen.get(*name).is_some_and(|seen| differs(name, seen)));
    let fields: Vec<kernel::FieldError> = changed
        .map(|(name, _)| kernel::FieldError {
            pointer: format!("/data/{}", crate::blueprint::escaped(name)),
            code: Code::FieldChanged,
            params: Default::default(),
        })
        .collect();
    if fields.is_empty() { Ok(()) } else { Err(Error::new(Code::WorkItemFieldsChanged).fields_of(fields)) }
}

/// A seat with its case, if the actor may see it.
pub fn visible(tx: &mut ReadTx<'_>, office: &Office, id: WorkItemId) -> Result<(Seat, Loaded), Error> {
    let seat = store::seat(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let row = visible_case(tx, seat.case_id)?;
    Ok((seat, Loaded::load(tx, office, row)?))
}

/// The case of a work item: its turnstile.
pub fn case_of(tx: &mut ReadTx<'_>, id: WorkItemId) -> Result<Option<CaseId>, Error> {
    Ok(store::seat(tx, id)?.map(|seat| seat.case_id))
}

/// For whom the actor acts at a seat.
pub fn acting(tx: &mut ReadTx<'_>, loaded: &Loaded, seat: &Seat) -> Result<Option<Acting>, Error> {
    let me = tx.actor().require_person()?;
    let principals = store::principals(tx, me)?;
    let candidates = loaded.candidates.get(&seat.id).map_or(&[][..], Vec::as_slice);
    let work = loaded.blueprint.settings.work.get(&seat.element);
    Ok(policy::acting(tx.actor(), &loaded.row, seat, work, candidates, &principals))
}

/// Whether an action is possible now, for this actor.
pub fn check(tx: &mut ReadTx<'_>, loaded: &Loaded, seat: &Seat, action: WorkAction) -> Result<Doer, Error> {
    let me = tx.actor().require_person()?;
    let myself = Doer { id: Some(me), name: tx.actor().name.clone(), on_behalf_of: None };
    if action == WorkAction::TakeBack {
        if seat.done_by != Some(me) {
            return Err(Error::forbidden(Code::WorkItemNotYours).about(seat.id));
        }
        let case = loaded.case(myself.clone())?;
        case.check_take_back(seat.id)?;
        return Ok(myself);
    }
    let manager = policy::manages(tx.actor(), &loaded.row) && matches!(action, WorkAction::Transfer | WorkAction::RemoveSigner);
    let acting = acting(tx, loaded, seat)?;
    let doer = match &acting {
        // Who is neither is told why only after what everybody may know: that it is done.
        None if manager => myself,
        None => {
            policy::check_open(&loaded.row, seat)?;
            return Err(Error::forbidden(Code::WorkItemNotYours).about(seat.id));
        }
        Some(Acting::Owner | Acting::Candidate) => myself,
        Some(Acting::Deputy(owner)) => Doer { on_behalf_of: Some((*owner, seat.owner_name.clone().unwrap_or_default())), ..myself },
    };
    policy::check_open(&loaded.row, seat)?;
    let work = loaded.blueprint.settings.work.get(&seat.element).ok_or_else(|| Error::internal("no work at this step"))?;
    let claimed = seat.owner_id.is_some();
    let delegated = !seat.delegators.is_empty();
    match action {
        WorkAction::Claim if claimed => Err(Error::new(Code::WorkItemClaimed).with("by", seat.owner_name.clone().unwrap_or_default())),
        WorkAction::Claim => Ok(()),
        WorkAction::Unclaim if !taken(tx, seat)? => Err(Error::new(Code::WorkItemNotClaimed)),
        WorkAction::Unclaim => Ok(()),
        _ if !claimed => Err(Error::new(Code::WorkItemNotClaimed)),
        WorkAction::Complete | WorkAction::Return if delegated => Err(Error::new(Code::DelegatedOnly)),
        WorkAction::Complete => check_separate(loaded, work, me),
        WorkAction::GiveBack if !delegated => Err(Error::new(Code::SeatPolicy)),
        WorkAction::Transfer | WorkAction::Delegate | WorkAction::AddSigner | WorkAction::Return if work.is_application() => {
            Err(Error::new(Code::SeatPolicy))
        }
        WorkAction::Return => {
            let case = loaded.case(doer.clone())?;
            if case.targets(token_of(seat)).is_empty() { Err(Error::new(Code::ReturnTarget)) } else { Ok(()) }
        }
        WorkAction::RemoveSigner => {
            let others =
                loaded.seats.iter().filter(|other| other.token == seat.token && other.item == seat.item && other.state.is_pending());
            if others.count() < 2 { Err(Error::new(Code::SeatLast)) } else { Ok(()) }
        }
        _ => Ok(()),
    }?;
    Ok(doer)
}

/// Whether a seat was taken out of several people's.
fn taken(tx: &mut ReadTx<'_>, seat: &Seat) -> Result<bool, Error> {
    Ok(seat.owner_id.is_some() && store::candidates(tx, &[seat.id])?.contains_key(&seat.id))
}

fn check_separate(loaded: &Loaded, work: &Work, me: PersonId) -> Result<(), Error> {
    let case = loaded.case(Doer { id: Some(me), name: String::new(), on_behalf_of: None })?;
    if case.separated(work, me) { Err(Error::new(Code::SeparationOfDuties)) } else { Ok(()) }
}

/// Does a step with a work item.
pub fn transition(tx: &mut WriteTx<'_>, office: &Office, id: WorkItemId, expected: i32, step: &WorkStep) -> Result<Recorded<()>, Error> {
    let (seat, loaded) = visible(tx, office, id)?;
    let doer = check(tx, &loaded, &seat, step.action)?;
    if seat.version != expected {
        return Err(Error::new(Code::Stale));
    }
    let people = recipients(tx, step)?;
    let words = step.opinion.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let action = match step.action {
        WorkAction::Claim => "work_item.claimed",
        WorkAction::Unclaim => "work_item.released",
        WorkAction::Complete => "work_item.completed",
        WorkAction::Save => "work_item.saved",
        WorkAction::Transfer => "work_item.transferred",
        WorkAction::Delegate => "work_item.delegated",
        WorkAction::GiveBack => "work_item.given_back",
        WorkAction::Return => "case.returned",
        WorkAction::AddSigner => "signer.added",
        WorkAction::RemoveSigner => "signer.removed",
        WorkAction::TakeBack => "work_item.taken_back",
    };
    let mut event = Event::new(action, loaded.row.id, format!("{} {}", loaded.row.number, loaded.row.title))
        .related(id, "work_item", loaded.blueprint.name(&seat.element, true))
        .fact("process", loaded.blueprint.definition.id.clone())
        .fact("step", seat.element.clone())
        .clauses(loaded.blueprint.clauses(&seat.element))
        .on_behalf_of(doer.on_behalf_of.as_ref().map(|(person, _)| *person))
        .note(words.clone());
    if let Some(outcome) = step.outcome.as_ref().filter(|_| step.action == WorkAction::Complete) {
        event = event.fact("outcome", outcome.clone());
    }
    for person in &people {
        event = event.related(person.id, "to", person.name.clone());
    }
    let checked = step.data.clone().unwrap_or_default();
    references::check(tx, office, &loaded.blueprint, &checked)?;
    work_on(tx, office, &loaded, doer.clone(), event, |case, live| {
        let one = || people.first().cloned().ok_or_else(|| Error::invalid("/to", Code::Required));
        match step.action {
            WorkAction::Claim | WorkAction::Unclaim => {
                let claims = step.action == WorkAction::Claim;
                let Some(seat) = case.seats.iter_mut().find(|seat| seat.id == id) else { return Ok(()) };
                (seat.owner_id, seat.owner_name) = if claims { (doer.id, Some(doer.name.clone())) } else { (None, None) };
                let element = seat.element.clone();
                case.tell(if claims { StoryEvent::Claimed } else { StoryEvent::Unclaimed }, Some(&element), Some(id), None, None, None);
                Ok(())
            }
            WorkAction::Complete => {
                let outcome = step.outcome.clone().ok_or_else(|| Error::invalid("/outcome", Code::Required))?;
                if outcome == "refuse" && words.is_none() {
                    return Err(Error::invalid("/opinion", Code::OpinionRequired));
                }
                unchanged(&case.data_at(&seat), &seat, step)?;
                case.complete(id, &Done { outcome, opinion: words, data: step.data.clone(), automatic: None }, live)
            }
            WorkAction::Save => {
                let rights = case.blueprint.rights(&seat.element);
                let patch = step.data.clone().unwrap_or_default();
                // Only what may be written, and only if its values are right; it need not be whole.
                let form = case.blueprint.form_at(&seat.element);
                form.patched(&case.data_at(&seat), &patch, &rights, false).map_err(|fields| Error::new(Code::Invalid).fields_of(fields))?;
                let saved = serde_json::to_string(&Saved { opinion: words, data: patch }).map_err(Error::internal)?;
                if let Some(seat) = case.seats.iter_mut().find(|seat| seat.id == id) {
                    seat.saved = Some(saved);
                }
                Ok(())
            }
            WorkAction::Transfer => case.transfer(id, &one()?, StoryEvent::Transferred, words),
            WorkAction::Delegate => case.delegate(id, &one()?, words),
            WorkAction::GiveBack => {
                let last = seat.delegators.split_whitespace().next_back().and_then(|id| id.parse().ok());
                let back = last.map(|id: PersonId| finding::people(live.tx, &[id])).transpose()?.unwrap_or_default();
                let back = back.into_iter().next().map(colleague).ok_or_else(|| Error::new(Code::PersonInactive))?;
                case.give_back(id, &back, words)
            }
            WorkAction::Return => {
                let target = step.target.clone().ok_or_else(|| Error::invalid("/target", Code::Required))?;
                if words.is_none() {
                    return Err(Error::invalid("/opinion", Code::OpinionRequired));
                }
                case.send_back(id, &target, step.resume, words, live)
            }
            WorkAction::AddSigner => {
                if people.is_empty() {
                    return Err(Error::invalid("/to", Code::Required));
                }
                case.add_signer(id, &people, step.position, words, live)
            }
            WorkAction::RemoveSigner => case.remove_signer(id, one()?.id, words, live),
            WorkAction::TakeBack => case.take_back(id, live),
        }
    })
}

/// Who is named, and works here today.
fn recipients(tx: &mut ReadTx<'_>, step: &WorkStep) -> Result<Vec<Colleague>, Error> {
    let found = finding::people(tx, &step.to)?;
    if found.len() != step.to.len() {
        return Err(Error::invalid("/to", Code::UnknownReference));
    }
    Ok(found.into_iter().map(colleague).collect())
}

/// The owner has opened it: what came before can no longer be taken back.
pub fn seen(tx: &mut WriteTx<'_>, office: &Office, id: WorkItemId) -> Result<Recorded<()>, Error> {
    let (seat, loaded) = visible(tx, office, id)?;
    let mine = tx.actor().person().is_some_and(|me| seat.owner_id == Some(me));
    if seat.opened_at.is_some() || !mine || seat.state != SeatState::Open {
        return Ok(tx.unchanged(()));
    }
    let event = Event::new("work_item.opened", loaded.row.id, format!("{} {}", loaded.row.number, loaded.row.title))
        .related(id, "work_item", loaded.blueprint.name(&seat.element, true))
        .unit(loaded.row.unit_id)
        .fact("step", seat.element);
    tx.record(event, |rows| store::mark_opened(rows, id))
}

/// Hands over a leaver's open work.
pub fn hand_over(tx: &mut WriteTx<'_>, office: &Office, from: PersonId, to: PersonId, reason: &str) -> Result<Recorded<usize>, Error> {
    let receiver = identity::directory::active_person(tx, to, "/to")?;
    let receiver = Colleague { id: receiver.id, name: receiver.name, login: String::new() };
    if from == to {
        return Err(Error::invalid("/to", Code::Duplicate));
    }
    let mut moved = 0;
    let mut last = tx.unchanged(());
    for seat in store::open_seats_of_person(tx, from)? {
        let row = store::case(tx, seat.case_id)?.ok_or_else(|| Error::internal("a work item without its case"))?;
        if !policy::manages(tx.actor(), &row) {
            continue;
        }
        let loaded = Loaded::load(tx, office, row)?;
        let event = Event::new("work_item.handed_over", loaded.row.id, format!("{} {}", loaded.row.number, loaded.row.title))
            .related(seat.id, "work_item", loaded.blueprint.name(&seat.element, true))
            .related(to, "to", receiver.name.clone())
            .note(Some(reason.to_owned()));
        let doer = super::live::system(tx);
        let reason = Some(reason.to_owned());
        last = work_on(tx, office, &loaded, doer, event, |case, _| case.transfer(seat.id, &receiver, StoryEvent::HandedOver, reason))?;
        moved += 1;
    }
    Ok(last.map(|()| moved))
}

/// Open work of a person, for whoever wants to deactivate them.
pub fn open_work(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    Ok(i64::try_from(store::open_seats_of_person(tx, person)?.len()).unwrap_or(i64::MAX))
}

/// Open work of everybody, for whoever watches the server.
pub fn all_open_work(tx: &mut ReadTx<'_>) -> Result<i64, Error> {
    store::count_open(tx)
}

/// An open work item, with those who may do it.
#[derive(Clone, Debug)]
pub struct OpenItem {
    pub id: WorkItemId,
    pub version: i32,
    pub step: String,
    pub claimed: bool,
    pub people: Vec<PersonId>,
}

/// What is open in a case.
pub fn open_in(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<OpenItem>, Error> {
    let seats = store::open_seats_of(tx, &[case])?;
    let unclaimed: Vec<WorkItemId> = seats.iter().filter(|seat| seat.owner_id.is_none()).map(|seat| seat.id).collect();
    let candidates = if unclaimed.is_empty() { std::collections::BTreeMap::new() } else { store::candidates(tx, &unclaimed)? };
    Ok(seats
        .into_iter()
        .map(|seat| {
            let taken = candidates.get(&seat.id).into_iter().flatten().map(|person| person.id);
            OpenItem {
                people: seat.owner_id.into_iter().chain(taken).collect(),
                claimed: seat.owner_id.is_some(),
                id: seat.id,
                version: seat.version,
                step: seat.element,
            }
        })
        .collect())
}

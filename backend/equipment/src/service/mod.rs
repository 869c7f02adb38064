//! The register: what comes, goes from hand to hand, is repaired and retired.

mod agents;
mod types;

use std::sync::OnceLock;

use db::{Event, ReadTx, Recorded, WriteTx, numbers};
use identity::directory;
use kernel::{
    Code, Date, Error, Id, Kind, PersonId, UnitId, Uuid,
    column::{AnyId, RawJson},
};
use rand::seq::IndexedRandom as _;

use crate::{
    inventory,
    model::{
        Attribute, Attributes, Equipment, EquipmentAction, EquipmentId, EquipmentRef, EquipmentState, EquipmentType, Movement, MovementId,
        TypeId, check_attributes,
    },
    policy, store,
};

pub use agents::{Received, receive, sync_software};
pub use types::{change_type, create_type, types_by_code};

type OpenTickets = fn(&mut ReadTx<'_>, EquipmentId) -> Result<i64, Error>;
/// A need against the arrow: tickets know equipment, not the reverse.
static OPEN_TICKETS: OnceLock<OpenTickets> = OnceLock::new();

/// Says how open tickets of a piece of equipment are counted; `server` registers it once.
pub fn register_open_tickets(count: OpenTickets) {
    OPEN_TICKETS.get_or_init(|| count);
}

/// Open tickets about it.
pub fn open_tickets(tx: &mut ReadTx<'_>, id: EquipmentId) -> Result<i64, Error> {
    OPEN_TICKETS.get().map_or(Ok(0), |count| count(tx, id))
}

/// Equipment in somebody's hands: who leaves hands it over first.
pub fn held(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    store::count_held(tx, person)
}

/// What can be said of a piece of equipment.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Facts {
    pub number: Option<String>,
    pub name: String,
    pub type_id: Option<TypeId>,
    pub serial: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub place: Option<String>,
    pub purchased_on: Option<Date>,
    pub price_cents: Option<i64>,
    pub warranty_until: Option<Date>,
    pub attributes: Attributes,
}

/// Where something goes.
#[derive(Clone, Debug, Default)]
pub struct Destination {
    pub unit: Option<UnitId>,
    pub holder: Option<PersonId>,
    pub place: Option<String>,
}

/// A step with what belongs to it.
#[derive(Clone, Debug)]
pub struct Step {
    pub action: EquipmentAction,
    pub to: Destination,
    pub until: Option<Date>,
    pub reason: Option<String>,
    /// The ticket on whose behalf it is done.
    pub ticket: Option<(Uuid, String)>,
}

/// The kind of tickets, named here because they are above.
enum TicketKind {}
impl Kind for TicketKind {
    const NAME: &'static str = "ticket";
}

/// A row that the actor may see.
pub fn visible(tx: &mut ReadTx<'_>, id: EquipmentId) -> Result<Equipment, Error> {
    let row = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    if policy::can_see(tx.actor(), &row) { Ok(row) } else { Err(Error::hidden(id)) }
}

/// Equipment that a ticket may name: what the reporter can see.
pub fn referable(tx: &mut ReadTx<'_>, id: EquipmentId, pointer: &str) -> Result<EquipmentRef, Error> {
    let row = store::find(tx, id)?.filter(|row| policy::can_see(tx.actor(), row));
    row.as_ref().map(Into::into).ok_or_else(|| Error::invalid(pointer, Code::UnknownReference))
}

/// The equipment whose label was scanned. Who stands before a thing may name it, whoever holds it.
pub fn labelled(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<EquipmentRef>, Error> {
    Ok(store::by_label(tx, &code.to_ascii_uppercase())?.as_ref().map(Into::into))
}

/// A piece of equipment by id or number, with its version: for processes.
pub fn named(tx: &mut ReadTx<'_>, text: &str) -> Result<Option<(EquipmentId, String, i32)>, Error> {
    let row = match text.parse() {
        Ok(id) => store::find(tx, id)?,
        Err(_) => store::by_number(tx, text)?,
    };
    Ok(row.map(|row| (row.id, row.number, row.version)))
}

/// References for views of other slices; what they refer to has been allowed by them.
pub fn references(tx: &mut ReadTx<'_>, ids: &[EquipmentId]) -> Result<Vec<EquipmentRef>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store::by_ids(tx, ids)?.iter().map(Into::into).collect())
}

fn serial_key(serial: Option<&String>) -> Option<String> {
    serial.and_then(|serial| inventory::real(serial)).map(|serial| serial.to_lowercase())
}

fn check_type(tx: &mut ReadTx<'_>, id: Option<TypeId>, values: &Attributes) -> Result<EquipmentType, Error> {
    let id = id.ok_or_else(|| Error::invalid("/type_id", Code::Required))?;
    let found = store::find_type(tx, id)?.ok_or_else(|| Error::invalid("/type_id", Code::UnknownReference))?;
    let attributes: Vec<Attribute> = found.attributes.parse()?;
    check_attributes(&attributes, values)?;
    Ok(found)
}

fn label_code() -> String {
    const LETTERS: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut rng = rand::rng();
    (0..10).filter_map(|_| LETTERS.choose(&mut rng)).map(|byte| char::from(*byte)).collect()
}

fn movement(tx: &ReadTx<'_>, before: Option<&Equipment>, after: &Equipment, reason: Option<String>, ticket: Option<Uuid>) -> Movement {
    Movement {
        id: MovementId::new(),
        equipment_id: after.id,
        at: tx.now(),
        by_name: tx.actor().name.clone(),
        from_state: before.map(|row| row.state),
        to_state: after.state,
        from_unit_id: before.and_then(|row| row.unit_id),
        to_unit_id: after.unit_id,
        from_holder_id: before.and_then(|row| row.holder_id),
        to_holder_id: after.holder_id,
        from_place: before.and_then(|row| row.place.clone()),
        to_place: after.place.clone(),
        reason,
        ticket_id: ticket.map(AnyId),
    }
}

/// Adds a piece of equipment, in stock or in somebody's hands.
pub fn create(tx: &mut WriteTx<'_>, facts: &Facts, to: &Destination) -> Result<Recorded<EquipmentId>, Error> {
    policy::check_unit(tx.actor(), to.unit)?;
    check_type(tx, facts.type_id, &facts.attributes)?;
    check_destination(tx, to)?;
    let key = serial_key(facts.serial.as_ref());
    check_unique(tx, None, facts.number.as_deref(), key.as_deref())?;
    let (given, now) = (facts.number.clone(), tx.now());
    let type_id = facts.type_id.ok_or_else(|| Error::invalid("/type_id", Code::Required))?;
    let mut row = Equipment {
        id: EquipmentId::new(),
        number: given.clone().unwrap_or_default(),
        name: facts.name.clone(),
        type_id,
        state: if to.holder.is_some() { EquipmentState::InUse } else { EquipmentState::InStock },
        registered: true,
        serial: facts.serial.clone(),
        serial_key: key,
        hardware_key: None,
        manufacturer: facts.manufacturer.clone(),
        model: facts.model.clone(),
        unit_id: to.unit,
        holder_id: to.holder,
        place: to.place.clone().or_else(|| facts.place.clone()),
        purchased_on: facts.purchased_on,
        price_cents: facts.price_cents,
        warranty_until: facts.warranty_until,
        attributes: RawJson::of(&facts.attributes)?,
        hardware: None,
        inventory_at: None,
        label_code: label_code(),
        lent_until: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let step = movement(tx, None, &row, None, None);
    if given.is_none() {
        row.number = next_number(tx)?;
    }
    let event = Event::new("equipment.created", row.id, facts.name.clone()).created().unit(row.unit_id).fact("to_state", row.state);
    let event = described(event, None, &row)?.set("state", &row.state).set("unit_id", &row.unit_id).set("holder_id", &row.holder_id);
    tx.record(event, |rows| {
        store::insert(rows, &row, &step)?;
        Ok(row.id)
    })
}

/// The next number of the register.
fn next_number(tx: &mut WriteTx<'_>) -> Result<String, Error> {
    let year = tx.now().office_year();
    Ok(format!("E-{year}-{:05}", numbers::take(tx, numbers::Series::Equipment, year)?))
}

/// Everything that is said of it, before and after: the register at any time can be made from the records alone.
fn described(event: Event, before: Option<&Equipment>, after: &Equipment) -> Result<Event, Error> {
    let attributes = |row: &Equipment| row.attributes.parse::<Attributes>();
    let (old, new) = (before.map(attributes).transpose()?, Some(attributes(after)?));
    let price = |row: &Equipment| row.price_cents.map(|cents| cents.to_string());
    Ok(event
        .change("number", &before.map(|row| &row.number), &Some(&after.number))
        .change("name", &before.map(|row| &row.name), &Some(&after.name))
        .change("type_id", &before.map(|row| row.type_id), &Some(after.type_id))
        .change("serial", &before.and_then(|row| row.serial.as_ref()), &after.serial.as_ref())
        .change("manufacturer", &before.and_then(|row| row.manufacturer.as_ref()), &after.manufacturer.as_ref())
        .change("model", &before.and_then(|row| row.model.as_ref()), &after.model.as_ref())
        .change("place", &before.and_then(|row| row.place.as_ref()), &after.place.as_ref())
        .change("purchased_on", &before.and_then(|row| row.purchased_on), &after.purchased_on)
        .change("price_cents", &before.and_then(price), &price(after))
        .change("warranty_until", &before.and_then(|row| row.warranty_until), &after.warranty_until)
        .change("attributes", &old, &new))
}

fn check_destination(tx: &mut ReadTx<'_>, to: &Destination) -> Result<(), Error> {
    if let Some(unit) = to.unit {
        directory::active_unit(tx, unit, "/unit_id")?;
    }
    if let Some(holder) = to.holder {
        directory::active_person(tx, holder, "/holder_id")?;
    }
    Ok(())
}

fn check_unique(tx: &mut ReadTx<'_>, own: Option<EquipmentId>, number: Option<&str>, key: Option<&str>) -> Result<(), Error> {
    if let Some(number) = number
        && store::by_number(tx, number)?.is_some_and(|other| Some(other.id) != own)
    {
        return Err(Error::invalid("/number", Code::AlreadyTaken));
    }
    if let Some(key) = key
        && store::by_serial_key(tx, key)?.is_some_and(|other| Some(other.id) != own)
    {
        return Err(Error::invalid("/serial", Code::AlreadyTaken));
    }
    Ok(())
}

/// Changes what is known of it; holder, unit and state change by steps only.
pub fn change(tx: &mut WriteTx<'_>, id: EquipmentId, expected: i32, facts: &Facts) -> Result<Recorded<()>, Error> {
    let before = visible(tx, id)?;
    policy::check_manage(tx.actor(), &before)?;
    check_type(tx, facts.type_id, &facts.attributes)?;
    let key = serial_key(facts.serial.as_ref());
    check_unique(tx, Some(id), facts.number.as_deref(), key.as_deref())?;
    let mut after = before.clone();
    after.number = facts.number.clone().unwrap_or(after.number);
    after.name.clone_from(&facts.name);
    after.type_id = facts.type_id.unwrap_or(after.type_id);
    after.serial.clone_from(&facts.serial);
    after.serial_key = key;
    after.manufacturer.clone_from(&facts.manufacturer);
    after.model.clone_from(&facts.model);
    after.place.clone_from(&facts.place);
    after.purchased_on = facts.purchased_on;
    after.price_cents = facts.price_cents;
    after.warranty_until = facts.warranty_until;
    after.attributes = RawJson::of(&facts.attributes)?;
    after.updated_at = tx.now();
    let event = Event::new("equipment.updated", id, after.label()).step(before.version).unit(before.unit_id);
    let event = described(event, Some(&before), &after)?;
    if event.changes_nothing() {
        return if expected == before.version { Ok(tx.unchanged(())) } else { Err(Error::new(Code::Stale)) };
    }
    tx.record(event, |rows| store::update(rows, &after, expected, None))
}

/// What is known of a row, as it can be said again.
pub fn facts_of(row: &Equipment) -> Result<Facts, Error> {
    Ok(Facts {
        number: Some(row.number.clone()),
        name: row.name.clone(),
        type_id: Some(row.type_id),
        serial: row.serial.clone(),
        manufacturer: row.manufacturer.clone(),
        model: row.model.clone(),
        place: row.place.clone(),
        purchased_on: row.purchased_on,
        price_cents: row.price_cents,
        warranty_until: row.warranty_until,
        attributes: row.attributes.parse()?,
    })
}

/// Takes back what an import registered and nobody has used.
pub fn take_back(tx: &mut WriteTx<'_>, id: EquipmentId, expected: i32) -> Result<Recorded<()>, Error> {
    let before = visible(tx, id)?;
    policy::check_manage(tx.actor(), &before)?;
    let event = Event::new("equipment.withdrawn", id, before.label())
        .step(expected)
        .unit(before.unit_id)
        .change("number", &Some(&before.number), &None)
        .change("name", &Some(&before.name), &None)
        .change("serial", &before.serial, &None);
    tx.record(event, |rows| store::delete(rows, id, expected))
}

/// Does a step as who manages equipment.
pub fn transition(tx: &mut WriteTx<'_>, id: EquipmentId, expected: i32, step: &Step) -> Result<Recorded<()>, Error> {
    let before = visible(tx, id)?;
    let open = open_tickets(tx, id)?;
    policy::check_action(tx.actor(), &before, step.action, open)?;
    if step.to.unit.is_some() {
        policy::check_unit(tx.actor(), step.to.unit)?;
    }
    if expected != before.version {
        return Err(Error::new(Code::Stale));
    }
    take(tx, &before, step)
}

/// Does a step as part of a ticket, whose own rules have allowed it. A state that it has already is left alone.
pub fn transition_for_ticket(tx: &mut WriteTx<'_>, id: EquipmentId, step: &Step) -> Result<Recorded<()>, Error> {
    let before = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    policy::check_step(&before, step.action, 0)?;
    take(tx, &before, step)
}

/// Whether a step would be legal now.
pub fn can_step(tx: &mut ReadTx<'_>, id: EquipmentId, action: EquipmentAction) -> Result<bool, Error> {
    let free = tx.driver(id)?.is_none_or(|driver| driver.check(action.as_str()).is_ok());
    Ok(free && store::find(tx, id)?.is_some_and(|row| policy::check_step(&row, action, 0).is_ok()))
}

fn take(tx: &mut WriteTx<'_>, before: &Equipment, step: &Step) -> Result<Recorded<()>, Error> {
    tx.check_driver(before.id, step.action.as_str())?;
    let to = &step.to;
    check_destination(tx, to)?;
    let required = |missing: bool, pointer: &str| if missing { Err(Error::invalid(pointer, Code::Required)) } else { Ok(()) };
    if matches!(step.action, EquipmentAction::Register | EquipmentAction::Assign) {
        required(to.unit.is_none(), "/unit_id")?;
        required(to.holder.is_none(), "/holder_id")?;
    }
    if step.action == EquipmentAction::Lend {
        required(to.holder.is_none(), "/holder_id")?;
        required(step.until.is_none(), "/until")?;
    }
    if matches!(step.action, EquipmentAction::ReportFault | EquipmentAction::Retire | EquipmentAction::Dispose | EquipmentAction::SendOut) {
        required(step.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()), "/reason")?;
    }
    let mut after = before.clone();
    after.state = step.action.apply(before.state, before.holder_id.is_some())?;
    after.registered = true;
    after.unit_id = to.unit.or(before.unit_id);
    after.place = to.place.clone().or_else(|| before.place.clone());
    after.lent_until = step.until;
    match step.action {
        EquipmentAction::Register | EquipmentAction::Assign | EquipmentAction::Lend => after.holder_id = to.holder,
        EquipmentAction::ReturnToStock | EquipmentAction::TakeBack | EquipmentAction::Retire | EquipmentAction::Dispose => {
            after.holder_id = None
        }
        _ => {}
    }
    after.updated_at = tx.now();
    let ticket = step.ticket.as_ref().map(|(id, _)| *id);
    let moved = movement(tx, Some(before), &after, step.reason.clone(), ticket);
    let mut event = Event::new(step.action.event(), before.id, after.label())
        .step(before.version)
        .unit(after.unit_id)
        .fact("from_state", before.state)
        .fact("to_state", after.state)
        .change("state", &before.state, &after.state)
        .change("registered", &before.registered, &after.registered)
        .change("unit_id", &before.unit_id, &after.unit_id)
        .change("holder_id", &before.holder_id, &after.holder_id)
        .change("place", &before.place, &after.place)
        .note(step.reason.clone());
    if let Some((ticket, label)) = &step.ticket {
        event = event.related(Id::<TicketKind>::from_uuid(*ticket), "ticket", label.clone());
    }
    let recorded = tx.record(event, |rows| store::update(rows, &after, before.version, Some(&moved)))?;
    tx.tell_driver(before.id, step.action.event())?;
    Ok(recorded)
}

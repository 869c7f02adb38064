//! What inventory agents report.

use db::{Event, Recorded, WriteTx};
use kernel::{Error, column::RawJson};

use super::{described, label_code, movement, next_number};
use crate::{
    inventory::{self, Inventory, Package},
    model::{Attributes, Equipment, EquipmentId, EquipmentState, Installed, SoftwareId},
    store,
};

/// What became of a report.
pub struct Received {
    /// The computer.
    pub id: EquipmentId,
    /// Its packages as reported; none if the report was silent about them.
    pub packages: Option<Vec<Package>>,
}

/// Takes a report: a known computer is brought up to date, an unknown one appears as unregistered.
pub fn receive(tx: &mut WriteTx<'_>, report: &Inventory) -> Result<Recorded<Received>, Error> {
    let serial_key = report.serial.as_ref().map(|serial| serial.to_lowercase());
    let hardware_key = report.hardware_key.clone();
    let known = match &serial_key {
        Some(key) => store::by_serial_key(tx, key)?,
        None => None,
    };
    let known = match known {
        Some(row) => Some(row),
        None => store::by_hardware_key(tx, &hardware_key)?,
    };
    let received = |id| Received { id, packages: report.packages.clone() };
    match known {
        Some(before) => {
            let old: Option<inventory::Hardware> = before.hardware.as_ref().map(RawJson::parse).transpose()?;
            let new = report.said.after(old.as_ref(), report.partial);
            let mut after = before.clone();
            after.hardware = Some(RawJson::of(&new)?);
            after.inventory_at = Some(tx.now());
            // What people have entered is theirs; an agent fills in what is empty.
            after.serial = before.serial.clone().or_else(|| report.serial.clone());
            after.serial_key = before.serial_key.clone().or(serial_key);
            after.hardware_key = before.hardware_key.clone().or(Some(hardware_key));
            after.manufacturer = before.manufacturer.clone().or_else(|| report.manufacturer.clone());
            after.model = before.model.clone().or_else(|| report.model.clone());
            if !before.registered {
                after.name.clone_from(&report.name);
            }
            let event = Event::new("equipment.inventoried", before.id, after.label())
                .step(before.version)
                .unit(before.unit_id)
                .change("name", &before.name, &after.name)
                .change("serial", &before.serial, &after.serial)
                .change("manufacturer", &before.manufacturer, &after.manufacturer)
                .change("model", &before.model, &after.model)
                .change("hardware", &old, &Some(new));
            if event.changes_nothing() {
                return Ok(tx.unchanged(received(before.id)));
            }
            after.updated_at = tx.now();
            tx.record(event, |rows| store::update(rows, &after, before.version, None))?.and_then(|()| Ok(received(before.id)))
        }
        None => {
            let kind = store::type_by_code(tx, report.type_code)?
                .ok_or_else(|| Error::internal(format!("the type {} is missing", report.type_code)))?;
            let hardware = report.said.after(None, false);
            let now = tx.now();
            let mut row = Equipment {
                id: EquipmentId::new(),
                number: String::new(),
                name: report.name.clone(),
                type_id: kind.id,
                state: EquipmentState::InUse,
                registered: false,
                serial: report.serial.clone(),
                serial_key,
                hardware_key: Some(hardware_key),
                manufacturer: report.manufacturer.clone(),
                model: report.model.clone(),
                unit_id: None,
                holder_id: None,
                place: None,
                purchased_on: None,
                price_cents: None,
                warranty_until: None,
                attributes: RawJson::of(&Attributes::new())?,
                hardware: Some(RawJson::of(&hardware)?),
                inventory_at: Some(now),
                label_code: label_code(),
                lent_until: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let moved = movement(tx, None, &row, None, None);
            row.number = next_number(tx)?;
            let event = Event::new("equipment.discovered", row.id, row.name.clone()).created().fact("to_state", row.state);
            let event =
                described(event, None, &row)?.set("state", &row.state).set("registered", &row.registered).set("hardware", &hardware);
            tx.record(event, |rows| {
                store::insert(rows, &row, &moved)?;
                Ok(received(row.id))
            })
        }
    }
}

/// Packages of one transaction.
const CHUNK: usize = 400;

/// Brings the software list nearer to what was reported, by one chunk; true when nothing is left to do.
pub fn sync_software(tx: &mut WriteTx<'_>, id: EquipmentId, reported: &[Package]) -> Result<Recorded<bool>, Error> {
    let row = store::find(tx, id)?.ok_or_else(|| Error::absent(id))?;
    let installed = store::installed(tx, id)?;
    let known: std::collections::BTreeSet<(&str, &str)> = installed.iter().map(|row| (row.name.as_str(), row.version.as_str())).collect();
    let wanted: std::collections::BTreeSet<(&str, &str)> =
        reported.iter().map(|package| (package.name.as_str(), package.version.as_str())).collect();
    let added: Vec<Installed> = reported
        .iter()
        .filter(|package| !known.contains(&(package.name.as_str(), package.version.as_str())))
        .take(CHUNK)
        .map(|package| Installed {
            id: SoftwareId::new(),
            equipment_id: id,
            name: package.name.clone(),
            version: package.version.clone(),
            publisher: package.publisher.clone(),
            first_seen: tx.now(),
            removed_at: None,
        })
        .collect();
    let removed: Vec<&Installed> =
        installed.iter().filter(|row| !wanted.contains(&(row.name.as_str(), row.version.as_str()))).take(CHUNK - added.len()).collect();
    if added.is_empty() && removed.is_empty() {
        return Ok(tx.unchanged(true));
    }
    let names = |rows: &mut dyn Iterator<Item = &Installed>| rows.map(|row| format!("{} {}", row.name, row.version)).collect::<Vec<_>>();
    let event = Event::new("equipment.software_changed", id, row.label())
        .unit(row.unit_id)
        .fact("added", added.len())
        .fact("removed", removed.len())
        .set("added", &names(&mut added.iter()))
        .change("removed", &names(&mut removed.iter().copied()), &Vec::<String>::new());
    let ids: Vec<SoftwareId> = removed.iter().map(|row| row.id).collect();
    tx.record(event, |rows| {
        if !added.is_empty() {
            store::add_software(rows, &added)?;
        }
        if !ids.is_empty() {
            store::remove_software(rows, &ids)?;
        }
        Ok(false)
    })
}

//! What equipment looks like to readers.

use db::ReadTx;
use identity::{PersonRef, UnitRef, directory};
use kernel::{Date, Error, Page, PageRequest, Ts, Uuid};
use qrcode::{QrCode, render::svg};
use serde::Serialize;
use utoipa::ToSchema;
use web::View;

use super::reach;
use crate::{
    inventory::Hardware,
    model::{Attributes, Equipment, EquipmentAction, EquipmentId, EquipmentState, Installed, TypeId, show_cents},
    policy, service,
    store::{self, Filter},
};

/// A type as others refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TypeRef {
    pub id: TypeId,
    pub name: String,
}

/// Equipment in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EquipmentItem {
    pub id: EquipmentId,
    pub number: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: TypeRef,
    pub state: EquipmentState,
    /// False while only an agent has seen it.
    pub registered: bool,
    #[schema(required)]
    pub serial: Option<String>,
    #[schema(required)]
    pub manufacturer: Option<String>,
    #[schema(required)]
    pub model: Option<String>,
    #[schema(required)]
    pub unit: Option<UnitRef>,
    #[schema(required)]
    pub holder: Option<PersonRef>,
    #[schema(required)]
    pub place: Option<String>,
    #[schema(required)]
    pub purchased_on: Option<Date>,
    /// In yuan.
    #[schema(required)]
    pub price: Option<String>,
    #[schema(required)]
    pub warranty_until: Option<Date>,
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    /// What the label's QR code says.
    pub label_code: String,
    pub updated_at: Ts,
    /// For If-Match.
    pub version: i32,
}

/// Equipment with everything.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EquipmentDetail {
    #[serde(flatten)]
    pub item: EquipmentItem,
    #[schema(required)]
    pub lent_until: Option<Date>,
    /// Open tickets about it.
    pub open_tickets: i64,
    /// What an agent found.
    #[schema(required)]
    pub hardware: Option<Hardware>,
    #[schema(required)]
    pub inventory_at: Option<Ts>,
    pub created_at: Ts,
    /// The case that takes some or all of its steps.
    #[schema(required)]
    pub driven_by: Option<web::DrivenBy>,
    pub allowed_actions: Vec<web::AllowedAction>,
}
impl View for EquipmentDetail {
    fn version(&self) -> Option<i32> {
        Some(self.item.version)
    }
}

fn items(tx: &mut ReadTx<'_>, rows: &[Equipment]) -> Result<Vec<EquipmentItem>, Error> {
    let people = directory::people(tx, rows.iter().filter_map(|row| row.holder_id))?;
    let units = directory::units(tx, rows.iter().filter_map(|row| row.unit_id))?;
    let types = store::type_names(tx)?;
    rows.iter()
        .map(|row| {
            Ok(EquipmentItem {
                id: row.id,
                number: row.number.clone(),
                name: row.name.clone(),
                kind: TypeRef { id: row.type_id, name: types.get(&row.type_id).cloned().unwrap_or_default() },
                state: row.state,
                registered: row.registered,
                serial: row.serial.clone(),
                manufacturer: row.manufacturer.clone(),
                model: row.model.clone(),
                unit: row.unit_id.and_then(|id| units.get(&id).cloned()),
                holder: row.holder_id.and_then(|id| people.get(&id).cloned()),
                place: row.place.clone(),
                purchased_on: row.purchased_on,
                price: row.price_cents.map(show_cents),
                warranty_until: row.warranty_until,
                attributes: row.attributes.parse()?,
                label_code: row.label_code.clone(),
                updated_at: row.updated_at,
                version: row.version,
            })
        })
        .collect()
}

/// One page of a list.
pub fn page(tx: &mut ReadTx<'_>, filter: &Filter, page: &PageRequest) -> Result<Page<EquipmentItem>, Error> {
    let reach = reach(tx);
    let rows = store::page(tx, filter, &reach, page)?;
    let page = page.page(rows, |row| (row.updated_at, row.id));
    Ok(Page { items: items(tx, &page.items)?, next_cursor: page.next_cursor })
}

/// One page of everything, in an order that no change disturbs.
pub fn every(tx: &mut ReadTx<'_>, filter: &Filter, page: &PageRequest) -> Result<Page<EquipmentItem>, Error> {
    let reach = reach(tx);
    let rows = store::every(tx, filter, &reach, page)?;
    let page = page.page(rows, |row| row.id);
    Ok(Page { items: items(tx, &page.items)?, next_cursor: page.next_cursor })
}

/// One piece with what the reader may do.
pub fn detail(tx: &mut ReadTx<'_>, id: EquipmentId) -> Result<EquipmentDetail, Error> {
    let row = service::visible(tx, id)?;
    let open_tickets = service::open_tickets(tx, id)?;
    let (actor, chinese) = (tx.actor(), tx.actor().chinese);
    let driver = tx.driver(id)?;
    let verdict = |action: EquipmentAction| {
        policy::check_action(actor, &row, action, open_tickets)?;
        driver.as_ref().map_or(Ok(()), |driver| driver.check(action.as_str()))
    };
    let steps = EquipmentAction::ALL.iter().map(|action| web::AllowedAction::of(action.as_str(), verdict(*action), chinese));
    let allowed_actions =
        std::iter::once(web::AllowedAction::of("update", policy::check_manage(actor, &row), chinese)).chain(steps).collect();
    let hardware = row.hardware.as_ref().map(kernel::column::RawJson::parse).transpose()?;
    let item = items(tx, std::slice::from_ref(&row))?.pop().ok_or_else(|| Error::internal("a row without its view"))?;
    Ok(EquipmentDetail {
        item,
        lent_until: row.lent_until,
        open_tickets,
        hardware,
        inventory_at: row.inventory_at,
        created_at: row.created_at,
        allowed_actions,
        driven_by: driver.map(Into::into),
    })
}

/// A movement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MovementView {
    pub at: Ts,
    /// Who did it, as they were called then.
    pub by: String,
    #[schema(required)]
    pub from_state: Option<EquipmentState>,
    pub to_state: EquipmentState,
    #[schema(required)]
    pub from_unit: Option<UnitRef>,
    #[schema(required)]
    pub to_unit: Option<UnitRef>,
    #[schema(required)]
    pub from_holder: Option<PersonRef>,
    #[schema(required)]
    pub to_holder: Option<PersonRef>,
    #[schema(required)]
    pub from_place: Option<String>,
    #[schema(required)]
    pub to_place: Option<String>,
    #[schema(required)]
    pub reason: Option<String>,
    /// The ticket on whose behalf it was done.
    #[schema(required)]
    pub ticket_id: Option<Uuid>,
}

/// Movements, newest first.
pub fn movements(tx: &mut ReadTx<'_>, id: EquipmentId, page: &PageRequest) -> Result<Page<MovementView>, Error> {
    service::visible(tx, id)?;
    let rows = store::movements(tx, id, page)?;
    let people = directory::people(tx, rows.iter().flat_map(|row| [row.from_holder_id, row.to_holder_id]).flatten())?;
    let units = directory::units(tx, rows.iter().flat_map(|row| [row.from_unit_id, row.to_unit_id]).flatten())?;
    Ok(page.page(rows, |row| (row.at, row.id)).map(|row| MovementView {
        at: row.at,
        by: row.by_name,
        from_state: row.from_state,
        to_state: row.to_state,
        from_unit: row.from_unit_id.and_then(|id| units.get(&id).cloned()),
        to_unit: row.to_unit_id.and_then(|id| units.get(&id).cloned()),
        from_holder: row.from_holder_id.and_then(|id| people.get(&id).cloned()),
        to_holder: row.to_holder_id.and_then(|id| people.get(&id).cloned()),
        from_place: row.from_place,
        to_place: row.to_place,
        reason: row.reason,
        ticket_id: row.ticket_id.map(|id| id.0),
    }))
}

/// An installed program.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SoftwareView {
    pub name: String,
    pub version: String,
    #[schema(required)]
    pub publisher: Option<String>,
    pub first_seen: Ts,
    #[schema(required)]
    pub removed_at: Option<Ts>,
}

impl From<Installed> for SoftwareView {
    fn from(row: Installed) -> Self {
        Self { name: row.name, version: row.version, publisher: row.publisher, first_seen: row.first_seen, removed_at: row.removed_at }
    }
}

/// A label.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LabelView {
    pub id: EquipmentId,
    pub number: String,
    pub name: String,
    pub type_name: String,
    #[schema(required)]
    pub unit_name: Option<String>,
    #[schema(required)]
    pub holder_name: Option<String>,
    /// What the code leads to.
    pub url: String,
    /// The code as an SVG picture.
    pub qr_svg: String,
}

/// Labels.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LabelViews {
    pub items: Vec<LabelView>,
}
impl View for LabelViews {}

/// Labels of what the reader may see, in the order asked for.
pub fn labels(tx: &mut ReadTx<'_>, ids: &[EquipmentId], base: &str) -> Result<LabelViews, Error> {
    let rows = store::by_ids(tx, ids)?;
    let mut visible: Vec<Equipment> = rows.into_iter().filter(|row| policy::can_see(tx.actor(), row)).collect();
    visible.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    let items = items(tx, &visible)?
        .into_iter()
        .map(|item| {
            let url = format!("{}/e/{}", base.trim_end_matches('/'), item.label_code);
            let code = QrCode::new(&url).map_err(Error::internal)?;
            let qr_svg = code.render::<svg::Color<'_>>().min_dimensions(160, 160).quiet_zone(true).build();
            Ok(LabelView {
                id: item.id,
                number: item.number,
                name: item.name,
                type_name: item.kind.name,
                unit_name: item.unit.map(|unit| unit.name),
                holder_name: item.holder.map(|holder| holder.name),
                url,
                qr_svg,
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(LabelViews { items })
}

//! Types and the state machine. Pure.

use kernel::{
    Code, Date, Error, PersonId, Ts, UnitId,
    column::{AnyId, RawJson},
    kinds,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::rules;

use crate::schema;

kinds! {
    /// A piece of equipment.
    EquipmentKind, EquipmentId = "equipment";
    /// A type of equipment.
    TypeKind, TypeId = "equipment_type";
    /// A movement.
    MovementKind, MovementId = "equipment_movement";
    /// A credential of inventory agents.
    CredentialKind, CredentialId = "inventory_credential";
    /// An installed program.
    SoftwareKind, SoftwareId = "software";
}

kernel::text_enum! {
    /// In what state a piece of equipment is.
    pub enum EquipmentState {
        /// 在库
        InStock = "in_stock",
        /// 在用
        InUse = "in_use",
        /// 故障
        Faulty = "faulty",
        /// 维修中
        UnderRepair = "under_repair",
        /// 外修中
        ExternalRepair = "external_repair",
        /// 借出
        Lent = "lent",
        /// 已退役
        Retired = "retired",
        /// 已处置
        Disposed = "disposed",
    }
}

impl EquipmentState {
    /// The word people read.
    #[must_use]
    pub const fn title(self, chinese: bool) -> &'static str {
        match (self, chinese) {
            (Self::InStock, true) => "在库",
            (Self::InUse, true) => "在用",
            (Self::Faulty, true) => "故障",
            (Self::UnderRepair, true) => "维修中",
            (Self::ExternalRepair, true) => "外修中",
            (Self::Lent, true) => "借出",
            (Self::Retired, true) => "已退役",
            (Self::Disposed, true) => "已处置",
            (other, false) => other.as_str(),
        }
    }
}

kernel::text_enum! {
    /// What can be done with a piece of equipment. Each step is legal from some states only.
    pub enum EquipmentAction {
        /// 登记: an agent's find gets a unit and a custodian (G6.5).
        Register = "register",
        /// 领用/调拨
        Assign = "assign",
        /// 退库
        ReturnToStock = "return_to_stock",
        /// 报障
        ReportFault = "report_fault",
        /// 开始维修
        StartRepair = "start_repair",
        /// 送外维修
        SendOut = "send_out",
        /// 外修返回
        ComeBack = "come_back",
        /// 修复
        Repaired = "repaired",
        /// 借出
        Lend = "lend",
        /// 归还
        TakeBack = "take_back",
        /// 退役
        Retire = "retire",
        /// 处置
        Dispose = "dispose",
    }
}

impl EquipmentAction {
    /// The state after it; refuses what is not legal from here. `holder`: whether somebody has it afterwards.
    pub fn apply(self, from: EquipmentState, holder: bool) -> Result<EquipmentState, Error> {
        use EquipmentState::*;
        let in_hand = if holder { InUse } else { InStock };
        match (self, from) {
            (Self::Register, InStock | InUse) | (Self::Assign, InStock | InUse | Lent) => Ok(InUse),
            (Self::ReturnToStock, InUse | Lent) | (Self::TakeBack, Lent) => Ok(InStock),
            (Self::ReportFault, InStock | InUse | Lent) => Ok(Faulty),
            (Self::StartRepair, Faulty) | (Self::ComeBack, ExternalRepair) => Ok(UnderRepair),
            (Self::SendOut, Faulty | UnderRepair) => Ok(ExternalRepair),
            (Self::Repaired, Faulty | UnderRepair) => Ok(in_hand),
            (Self::Lend, InStock) => Ok(Lent),
            (Self::Retire, InStock | InUse | Faulty | UnderRepair) => Ok(Retired),
            (Self::Dispose, Retired) => Ok(Disposed),
            _ => Err(Error::new(Code::EquipmentState).with("state", from.title(true))),
        }
    }

    /// The action of a record.
    #[must_use]
    pub const fn event(self) -> &'static str {
        match self {
            Self::Register => "equipment.registered",
            Self::Assign => "equipment.assigned",
            Self::ReturnToStock => "equipment.returned_to_stock",
            Self::ReportFault => "equipment.fault_reported",
            Self::StartRepair => "equipment.repair_started",
            Self::SendOut => "equipment.sent_out",
            Self::ComeBack => "equipment.came_back",
            Self::Repaired => "equipment.repaired",
            Self::Lend => "equipment.lent",
            Self::TakeBack => "equipment.taken_back",
            Self::Retire => "equipment.retired",
            Self::Dispose => "equipment.disposed",
        }
    }
}

kernel::text_enum! {
    /// What an attribute holds.
    pub enum AttributeType {
        /// One line.
        Text = "text",
        /// A whole number.
        Integer = "integer",
        /// A decimal number, as text.
        Decimal = "decimal",
        /// A day.
        Date = "date",
        /// Yes or no.
        Boolean = "boolean",
        /// One of a list.
        Choice = "choice",
    }
}

/// An attribute of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The field's name.
    #[validate(length(min = 1, max = 40), custom(function = "rules::code"))]
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9._-]+$")]
    pub key: String,
    /// What people read.
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    pub label: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// Whether it must be given.
    #[serde(default)]
    pub required: bool,
    /// For choices.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    pub choices: Vec<String>,
}

/// Values of attributes.
pub type Attributes = serde_json::Map<String, serde_json::Value>;

/// Checks values against a type's attributes, each by itself.
pub fn check_attributes(attributes: &[Attribute], values: &Attributes) -> Result<(), Error> {
    use serde_json::Value;
    let mut error = Error::new(Code::Invalid);
    let mut bad = false;
    let mut refuse = |key: &str, code| {
        let refused = std::mem::replace(&mut error, Error::new(Code::Invalid));
        error = refused.field(format!("/attributes/{key}"), code);
        bad = true;
    };
    for key in values.keys().filter(|key| !attributes.iter().any(|attribute| attribute.key == **key)) {
        refuse(&key.replace('~', "~0").replace('/', "~1"), Code::AttributeUnknown);
    }
    for attribute in attributes {
        let code = match (attribute.kind, values.get(&attribute.key)) {
            (_, None | Some(Value::Null)) => attribute.required.then_some(Code::Required),
            (AttributeType::Text, Some(Value::String(text))) => (text.chars().count() > 500).then_some(Code::TooLong),
            (AttributeType::Integer, Some(Value::Number(number))) => (!number.is_i64()).then_some(Code::WrongType),
            (AttributeType::Decimal, Some(Value::String(text))) => parse_cents(text).is_none().then_some(Code::BadFormat),
            (AttributeType::Date, Some(Value::String(text))) => text.parse::<Date>().is_err().then_some(Code::BadFormat),
            (AttributeType::Boolean, Some(Value::Bool(_))) => None,
            (AttributeType::Choice, Some(Value::String(text))) => (!attribute.choices.contains(text)).then_some(Code::NotAChoice),
            _ => Some(Code::WrongType),
        };
        if let Some(code) = code {
            refuse(&attribute.key, code);
        }
    }
    if bad { Err(error) } else { Ok(()) }
}

/// An amount such as `1234.50` in hundredths.
#[must_use]
pub fn parse_cents(text: &str) -> Option<i64> {
    let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(cents) || cents.len() > 2 {
        return None;
    }
    let cents: i64 = format!("{cents:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)
}

/// Hundredths as an amount.
#[must_use]
pub fn show_cents(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A row of the register.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::equipment, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Equipment {
    pub id: EquipmentId,
    pub number: String,
    pub name: String,
    pub type_id: TypeId,
    pub state: EquipmentState,
    pub registered: bool,
    pub serial: Option<String>,
    pub serial_key: Option<String>,
    pub hardware_key: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    pub unit_id: Option<UnitId>,
    pub holder_id: Option<PersonId>,
    pub place: Option<String>,
    pub purchased_on: Option<Date>,
    pub price_cents: Option<i64>,
    pub warranty_until: Option<Date>,
    pub attributes: RawJson,
    pub hardware: Option<RawJson>,
    pub inventory_at: Option<Ts>,
    pub label_code: String,
    pub lent_until: Option<Date>,
    pub created_at: Ts,
    pub updated_at: Ts,
    pub version: i32,
}

impl Equipment {
    /// How records name it.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.number, self.name)
    }
}

/// A type's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::equipment_type, treat_none_as_default_value = false)]
pub struct EquipmentType {
    pub id: TypeId,
    pub code: String,
    pub name: String,
    pub attributes: RawJson,
    pub active: bool,
    pub version: i32,
}

/// A movement's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::equipment_movement, treat_none_as_default_value = false)]
pub struct Movement {
    pub id: MovementId,
    pub equipment_id: EquipmentId,
    pub at: Ts,
    pub by_name: String,
    pub from_state: Option<EquipmentState>,
    pub to_state: EquipmentState,
    pub from_unit_id: Option<UnitId>,
    pub to_unit_id: Option<UnitId>,
    pub from_holder_id: Option<PersonId>,
    pub to_holder_id: Option<PersonId>,
    pub from_place: Option<String>,
    pub to_place: Option<String>,
    pub reason: Option<String>,
    pub ticket_id: Option<AnyId>,
}

/// An installed program's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::equipment_software, treat_none_as_default_value = false)]
pub struct Installed {
    pub id: SoftwareId,
    pub equipment_id: EquipmentId,
    pub name: String,
    pub version: String,
    pub publisher: Option<String>,
    pub first_seen: Ts,
    pub removed_at: Option<Ts>,
}

/// A credential's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::inventory_credential, treat_none_as_default_value = false)]
pub struct Credential {
    pub id: CredentialId,
    pub name: String,
    pub user_name: String,
    pub secret_hash: Vec<u8>,
    pub created_at: Ts,
    pub last_used_at: Option<Ts>,
    pub revoked_at: Option<Ts>,
    pub version: i32,
}

/// Equipment as others refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EquipmentRef {
    /// The equipment.
    pub id: EquipmentId,
    /// Its number.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: EquipmentState,
}

impl web::View for EquipmentRef {}

impl From<&Equipment> for EquipmentRef {
    fn from(row: &Equipment) -> Self {
        Self { id: row.id, number: row.number.clone(), name: row.name.clone(), state: row.state }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_disposed_of_that_was_not_retired() {
        for state in EquipmentState::ALL {
            assert_eq!(EquipmentAction::Dispose.apply(*state, false).is_ok(), *state == EquipmentState::Retired);
            assert!(EquipmentAction::ALL.iter().all(|action| action.apply(EquipmentState::Disposed, true).is_err()));
        }
    }

    #[test]
    fn amounts_are_exact() {
        assert_eq!(parse_cents("1234.5"), Some(123_450));
        assert_eq!(show_cents(123_405), "1234.05");
        assert_eq!(parse_cents("1.234"), None);
        assert_eq!(parse_cents("-1"), None);
    }
}

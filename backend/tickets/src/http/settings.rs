//! Categories, service levels, the working calendar.

use db::{Event, WriteTx};
use identity::{UnitRef, directory};
use kernel::{
    Code, Error, UnitId,
    calendar::{Calendar, DayKind, Hours, SpecialDay},
    may,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;
use web::{ApiError, Bytes, Created, Fine, Guard, IfMatch, Path, Valid, View, given, rules, sheet};

use crate::{
    model::{Category, CategoryId, TicketType},
    settings::{self, HOURS, LEVELS, ServiceLevels},
    store,
};

/// A category.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryView {
    id: CategoryId,
    name: String,
    /// For tickets of this kind only.
    #[schema(required)]
    kind: Option<TicketType>,
    /// To which unit its tickets go first.
    #[schema(required)]
    default_unit: Option<UnitRef>,
    active: bool,
    /// For If-Match.
    version: i32,
}
impl View for CategoryView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

/// All categories.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryViews {
    items: Vec<CategoryView>,
}
impl View for CategoryViews {}

fn category_views(tx: &mut db::ReadTx<'_>, rows: Vec<Category>) -> Result<Vec<CategoryView>, Error> {
    let units = directory::units(tx, rows.iter().filter_map(|row| row.default_unit_id))?;
    Ok(rows
        .into_iter()
        .map(|row| CategoryView {
            id: row.id,
            name: row.name,
            kind: row.kind,
            default_unit: row.default_unit_id.and_then(|id| units.get(&id).cloned()),
            active: row.active,
            version: row.version,
        })
        .collect())
}

fn category_view(tx: &mut db::ReadTx<'_>, id: CategoryId) -> Result<CategoryView, Error> {
    let row = store::category(tx, id)?.ok_or_else(|| Error::absent(id))?;
    category_views(tx, vec![row])?.pop().ok_or_else(|| Error::internal("a row without its view"))
}

/// GET /ticket-categories
pub async fn categories(call: Guard<may::ReadTickets>) -> Result<Fine<CategoryViews>, ApiError> {
    call.read(|tx| {
        let rows = store::categories(tx)?;
        Ok(CategoryViews { items: category_views(tx, rows)? })
    })
    .await
}

/// A category to be added.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCategory {
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// For tickets of this kind only.
    kind: Option<TicketType>,
    /// To which unit its tickets go first.
    default_unit_id: Option<UnitId>,
}

fn check_name(tx: &mut db::ReadTx<'_>, own: Option<CategoryId>, name: &str) -> Result<(), Error> {
    match store::category_by_name(tx, name)? {
        Some(other) if Some(other.id) != own => Err(Error::invalid("/name", Code::AlreadyTaken)),
        _ => Ok(()),
    }
}

/// Adds a category.
pub fn add_category(
    tx: &mut WriteTx<'_>,
    name: &str,
    kind: Option<TicketType>,
    default_unit_id: Option<UnitId>,
) -> Result<db::Recorded<CategoryId>, Error> {
    check_name(tx, None, name)?;
    default_unit_id.map(|unit| directory::active_unit(tx, unit, "/default_unit_id")).transpose()?;
    let row = Category { id: CategoryId::new(), name: name.to_owned(), kind, default_unit_id, active: true, version: 1 };
    let event = Event::new("ticket_category.created", row.id, row.name.clone())
        .created()
        .set("name", &row.name)
        .set("kind", &row.kind)
        .set("default_unit_id", &row.default_unit_id);
    tx.record(event, |rows| {
        store::insert_category(rows, &row)?;
        Ok(row.id)
    })
}

/// POST /ticket-categories
pub async fn create_category(call: Guard<may::ConfigureTickets>, body: Valid<CreateCategory>) -> Result<Created<CategoryView>, ApiError> {
    let body = body.into_inner();
    call.create(move |tx| add_category(tx, &body.name, body.kind, body.default_unit_id)?.and_then(|id| category_view(tx, id))).await
}

/// What to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCategory {
    #[validate(length(min = 1, max = 60), custom(function = "rules::line"))]
    #[schema(min_length = 1, max_length = 60)]
    name: Option<String>,
    /// Null: for all kinds.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<TicketType>)]
    kind: Option<Option<TicketType>>,
    /// Null: to nobody in particular.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<UnitId>)]
    default_unit_id: Option<Option<UnitId>>,
    active: Option<bool>,
}

/// PATCH /ticket-categories/{id}
pub async fn change_category(
    call: Guard<may::ConfigureTickets>,
    id: Path<CategoryId>,
    expected: IfMatch,
    body: Valid<ChangeCategory>,
) -> Result<Fine<CategoryView>, ApiError> {
    let (id, body) = (*id, body.into_inner());
    call.change(move |tx| {
        let before = store::category(tx, id)?.ok_or_else(|| Error::absent(id))?;
        if before.version != expected.0 {
            return Err(Error::new(Code::Stale));
        }
        let mut after = before.clone();
        after.name = body.name.clone().unwrap_or(after.name);
        after.kind = body.kind.unwrap_or(after.kind);
        after.default_unit_id = body.default_unit_id.unwrap_or(after.default_unit_id);
        after.active = body.active.unwrap_or(after.active);
        check_name(tx, Some(id), &after.name)?;
        body.default_unit_id.flatten().map(|unit| directory::active_unit(tx, unit, "/default_unit_id")).transpose()?;
        let event = Event::new("ticket_category.updated", id, after.name.clone())
            .step(before.version)
            .change("name", &before.name, &after.name)
            .change("kind", &before.kind, &after.kind)
            .change("default_unit_id", &before.default_unit_id, &after.default_unit_id)
            .change("active", &before.active, &after.active);
        if event.changes_nothing() {
            return tx.unchanged(()).and_then(|()| category_view(tx, id));
        }
        tx.record(event, |rows| store::update_category(rows, &after, before.version))?.and_then(|()| category_view(tx, id))
    })
    .await
}

/// Service levels with their version.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceLevelsView {
    /// One for each priority.
    levels: Vec<crate::settings::ServiceLevel>,
    /// For so many days after its solution a ticket can be opened again.
    reopen_days: i64,
    /// For If-Match.
    version: i32,
}
impl View for ServiceLevelsView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn levels_view(tx: &mut db::ReadTx<'_>) -> Result<ServiceLevelsView, Error> {
    let found = settings::read::<ServiceLevels>(tx, LEVELS)?.ok_or_else(|| Error::internal("the service levels are missing"))?;
    Ok(ServiceLevelsView { levels: found.value.levels, reopen_days: found.value.reopen_days, version: found.version })
}

/// GET /service-levels
pub async fn levels(call: Guard<may::ReadTickets>) -> Result<Fine<ServiceLevelsView>, ApiError> {
    call.read(levels_view).await
}

/// PUT /service-levels
pub async fn put_levels(
    call: Guard<may::ConfigureTickets>,
    expected: IfMatch,
    body: Valid<ServiceLevels>,
) -> Result<Fine<ServiceLevelsView>, ApiError> {
    let levels = body.into_inner();
    levels.check()?;
    call.change(move |tx| settings::write(tx, LEVELS, expected.0, &levels)?.and_then(|()| levels_view(tx))).await
}

/// Working hours with their version.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoursView {
    /// `Asia/Shanghai`
    time_zone: String,
    /// Days without an entry are free.
    hours: Vec<kernel::calendar::DayHours>,
    /// For If-Match.
    version: i32,
}
impl View for HoursView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn hours_view(tx: &mut db::ReadTx<'_>) -> Result<HoursView, Error> {
    let found = settings::read::<Hours>(tx, HOURS)?.ok_or_else(|| Error::internal("the working hours are missing"))?;
    Ok(HoursView { time_zone: found.value.time_zone, hours: found.value.hours, version: found.version })
}

/// GET /calendar
pub async fn hours(call: Guard<may::ReadTickets>) -> Result<Fine<HoursView>, ApiError> {
    call.read(hours_view).await
}

/// The hours of a week.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutHours {
    /// `Asia/Shanghai`
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    time_zone: String,
    /// Days without an entry are free.
    #[validate(length(min = 1, max = 7))]
    #[schema(min_items = 1, max_items = 7)]
    hours: Vec<kernel::calendar::DayHours>,
}

/// PUT /calendar
pub async fn put_hours(call: Guard<may::ConfigureTickets>, expected: IfMatch, body: Valid<PutHours>) -> Result<Fine<HoursView>, ApiError> {
    let body = body.into_inner();
    let hours = Hours { time_zone: body.time_zone, hours: body.hours };
    Calendar::new(&hours, &[])?;
    call.change(move |tx| settings::write(tx, HOURS, expected.0, &hours)?.and_then(|()| hours_view(tx))).await
}

/// The special days of a year.
#[derive(Debug, Serialize, ToSchema)]
pub struct YearView {
    year: i16,
    days: Vec<SpecialDay>,
    /// For If-Match; 0 while nobody has set this year.
    version: i32,
}
impl View for YearView {
    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

fn checked_year(year: i16) -> Result<i16, Error> {
    if settings::YEARS.contains(&year) { Ok(year) } else { Err(Error::new(Code::NotFound)) }
}

fn year_view(tx: &mut db::ReadTx<'_>, year: i16) -> Result<YearView, Error> {
    let found = settings::year(tx, year)?;
    Ok(YearView { year, days: found.value, version: found.version })
}

/// GET /calendar/years/{year}
pub async fn year(call: Guard<may::ReadTickets>, year: Path<i16>) -> Result<Fine<YearView>, ApiError> {
    let year = checked_year(*year)?;
    call.read(move |tx| year_view(tx, year)).await
}

/// Holidays and make-up workdays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutYear {
    /// Each day once, of that year.
    #[validate(length(max = 366))]
    #[schema(max_items = 366)]
    days: Vec<SpecialDay>,
}

fn check_days(year: i16, days: &[SpecialDay], pointer: impl Fn(usize) -> String) -> Result<(), Error> {
    for (index, day) in days.iter().enumerate() {
        if day.date.civil().year() != year {
            return Err(Error::invalid(pointer(index), Code::OutOfRange));
        }
        if days.iter().take(index).any(|other| other.date == day.date) {
            return Err(Error::invalid(pointer(index), Code::Duplicate));
        }
        if day.name.chars().count() > 60 || day.name.chars().any(char::is_control) {
            return Err(Error::invalid(pointer(index), Code::BadFormat));
        }
    }
    Ok(())
}

fn set_year(tx: &mut WriteTx<'_>, year: i16, expected: i32, days: &[SpecialDay]) -> Result<db::Recorded<YearView>, Error> {
    let mut days = days.to_vec();
    days.sort_by_key(|day| day.date.civil());
    settings::write(tx, &settings::year_name(year), expected, &days)?.and_then(|()| year_view(tx, year))
}

/// PUT /calendar/years/{year}
pub async fn put_year(
    call: Guard<may::ConfigureTickets>,
    year: Path<i16>,
    expected: IfMatch,
    body: Valid<PutYear>,
) -> Result<Fine<YearView>, ApiError> {
    let (year, days) = (checked_year(*year)?, body.into_inner().days);
    check_days(year, &days, |index| format!("/days/{index}/date"))?;
    call.change(move |tx| set_year(tx, year, expected.0, &days)).await
}

/// POST /calendar/years/{year}/import: columns date, kind, name.
pub async fn import_year(
    call: Guard<may::ConfigureTickets>,
    year: Path<i16>,
    expected: IfMatch,
    body: Bytes,
) -> Result<Fine<YearView>, ApiError> {
    let year = checked_year(*year)?;
    let days = days_of(&sheet::read(&body.content)?)?;
    check_days(year, &days, |index| format!("/rows/{}/date", index + 2))?;
    call.change(move |tx| set_year(tx, year, expected.0, &days)).await
}

fn days_of(sheet: &sheet::Sheet) -> Result<Vec<SpecialDay>, Error> {
    let missing = |column: &str| Error::new(Code::ImportUnreadable).with("reason", column);
    let date = sheet.column(&["日期", "date"]).ok_or_else(|| missing("日期"))?;
    let kind = sheet.column(&["类型", "kind"]).ok_or_else(|| missing("类型"))?;
    let name = sheet.column(&["名称", "name"]);
    let row = |(index, row): (usize, &sheet::Row)| {
        let wrong = |column: &str| Error::invalid(format!("/rows/{}/{column}", index + 2), Code::BadFormat);
        let text = row.get(Some(date)).unwrap_or_default();
        // 2027/1/3 as spreadsheets write it.
        let text = text.split(['-', '/', '.']).map(|part| format!("{part:0>2}")).collect::<Vec<_>>().join("-");
        Ok(SpecialDay {
            date: text.parse().map_err(|_| wrong("date"))?,
            kind: match row.get(Some(kind)).as_deref() {
                Some("休" | "放假" | "假日" | "holiday") => DayKind::Holiday,
                Some("班" | "上班" | "调休" | "workday") => DayKind::Workday,
                _ => return Err(wrong("kind")),
            },
            name: row.get(name).unwrap_or_default(),
        })
    };
    sheet.rows.iter().enumerate().map(row).collect()
}

//! Instants and dates as the API and both databases know them.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};

/// An instant in microseconds, the finest that both databases keep. On the wire always six decimals:
/// `2026-11-23T16:42:43.296030Z`, so that texts sort as times.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow), diesel(sql_type = crate::column::DbTs))]
pub struct Ts(Timestamp);

/// The office's clock is eight hours ahead of UTC, all year.
pub const OFFICE_SECONDS: i64 = 8 * 3600;

impl Ts {
    /// Cuts an instant to microseconds: what is written equals what is read back.
    #[must_use]
    pub fn from_timestamp(at: Timestamp) -> Self {
        Self::from_micros(at.as_microsecond())
    }

    /// Microseconds since 1970, clamped to what a timestamp can hold.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX }))
    }

    /// The instant for calendar arithmetic.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Milliseconds since 1970, as records carry them.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Cut to milliseconds, as records carry times.
    #[must_use]
    pub fn to_the_millisecond(self) -> Self {
        Self::from_micros(self.millis() * 1_000)
    }

    /// The year on an office's wall in China, by which running numbers are counted.
    #[must_use]
    pub fn office_year(self) -> i16 {
        self.plus_seconds(OFFICE_SECONDS).0.to_zoned_datetime(jiff::tz::TimeZone::UTC).year()
    }

    /// The day that it is in the office.
    #[must_use]
    pub fn office_date(self) -> Date {
        Date(self.plus_seconds(OFFICE_SECONDS).0.to_zoned_datetime(jiff::tz::TimeZone::UTC).date())
    }

    /// As it is read in the office: `2026-11-23 14:05`.
    #[must_use]
    pub fn office_minute(self) -> String {
        let there = self.plus_seconds(8 * 3600).0.to_zoned_datetime(jiff::tz::TimeZone::UTC);
        format!("{} {:02}:{:02}", there.date(), there.hour(), there.minute())
    }

    /// Later by whole seconds (earlier if negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_micros(self.micros().saturating_add(seconds.saturating_mul(1_000_000)))
    }
}

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}
impl fmt::Debug for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl FromStr for Ts {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from_timestamp(text.parse()?))
    }
}
impl Serialize for Ts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Ts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let at: Self = text.parse().map_err(|_| de::Error::custom("expected an RFC 3339 time"))?;
        // Outside these years the databases disagree about what they can store.
        if at.micros() < -2_208_988_800_000_000 || at.micros() > 7_258_118_400_000_000 {
            return Err(de::Error::custom("expected a time between 1900 and 2200"));
        }
        Ok(at)
    }
}
impl utoipa::PartialSchema for Ts {
    fn schema() -> RefOr<Schema> {
        string_of(KnownFormat::DateTime)
    }
}
impl utoipa::ToSchema for Ts {
    fn name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
}

/// A day of the calendar, `2026-11-23`. Stored as text, which sorts as dates do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow), diesel(sql_type = diesel::sql_types::Text))]
pub struct Date(civil::Date);

impl Date {
    /// The day itself.
    #[must_use]
    pub const fn civil(self) -> civil::Date {
        self.0
    }
}
impl Date {
    /// When the day begins in the office.
    #[must_use]
    pub fn office_midnight(self) -> Ts {
        let at_utc = self.0.to_zoned_datetime(jiff::tz::TimeZone::UTC).map_or(Timestamp::MIN, |midnight| midnight.timestamp());
        Ts::from_timestamp(at_utc).plus_seconds(-8 * 3600)
    }
}
impl From<civil::Date> for Date {
    fn from(date: civil::Date) -> Self {
        Self(date)
    }
}
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl FromStr for Date {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 10 {
            return "".parse().map(Self);
        }
        text.parse().map(Self)
    }
}
impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let date: Self = text.parse().map_err(|_| de::Error::custom("expected a date such as 2026-11-23"))?;
        if !(1900..2200).contains(&date.0.year()) {
            return Err(de::Error::custom("expected a date between 1900 and 2199"));
        }
        Ok(date)
    }
}
impl utoipa::PartialSchema for Date {
    fn schema() -> RefOr<Schema> {
        string_of(KnownFormat::Date)
    }
}
impl utoipa::ToSchema for Date {
    fn name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }
}

fn string_of(format: KnownFormat) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format))).into()
}

//! What a report says: columns and rows that mean the same in every language and every form of file. Pure.

use kernel::{Date, Error, Ts, hex};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

kernel::text_enum! {
    /// How the values of a column are to be read.
    pub enum ReportColumnType {
        /// Text as it stands.
        Text = "text",
        /// A word of `words`, or text as it stands.
        Word = "word",
        /// A whole number.
        Integer = "integer",
        /// A share in ten-thousandths: 9512 is 95.12%.
        Share = "share",
        /// A length of time in seconds.
        Seconds = "seconds",
        /// An amount in cents of the company's currency.
        Cents = "cents",
        /// A day, as `2026-11-23`.
        Date = "date",
        /// A moment in UTC (RFC 3339).
        Time = "time",
    }
}

impl ReportColumnType {
    /// Whether its values stand on the right.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Share | Self::Seconds | Self::Cents)
    }
}

/// A word in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportWord {
    /// As it stands in the rows.
    pub value: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportColumn {
    /// Its stable name.
    pub key: String,
    /// What stands above it, in Chinese.
    pub zh: String,
    /// What stands above it, in English.
    pub en: String,
    #[serde(rename = "type")]
    pub kind: ReportColumnType,
    /// What words mean.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<ReportWord>,
}

impl ReportColumn {
    /// A column.
    #[must_use]
    pub fn new(kind: ReportColumnType, key: &str, zh: &str, en: &str) -> Self {
        Self { key: key.to_owned(), zh: zh.to_owned(), en: en.to_owned(), kind, words: Vec::new() }
    }

    /// A column of words.
    #[must_use]
    pub fn words<'w>(key: &str, zh: &str, en: &str, words: impl IntoIterator<Item = (&'w str, &'w str, &'w str)>) -> Self {
        let word = |(value, zh, en): (&str, &str, &str)| ReportWord { value: value.to_owned(), zh: zh.to_owned(), en: en.to_owned() };
        Self { words: words.into_iter().map(word).collect(), ..Self::new(ReportColumnType::Word, key, zh, en) }
    }

    /// What stands above it.
    #[must_use]
    pub fn title(&self, chinese: bool) -> &str {
        if chinese { &self.zh } else { &self.en }
    }

    /// A value as people read it.
    #[must_use]
    pub fn shown(&self, value: &Value, chinese: bool) -> String {
        match (self.kind, value) {
            (_, Value::Null) => String::new(),
            (ReportColumnType::Word, Value::String(text)) => {
                let word = self.words.iter().find(|word| word.value == *text);
                word.map_or_else(|| text.clone(), |word| if chinese { word.zh.clone() } else { word.en.clone() })
            }
            (ReportColumnType::Time, Value::String(text)) => text.parse().map_or_else(|_| text.clone(), |at: Ts| at.office_minute()),
            (ReportColumnType::Share, Value::Number(number)) => {
                let share = number.as_i64().unwrap_or_default();
                format!("{}.{:02}%", share / 100, share.rem_euclid(100))
            }
            (ReportColumnType::Cents, Value::Number(number)) => {
                let cents = number.as_i64().unwrap_or_default();
                format!("{}.{:02}", cents / 100, cents.rem_euclid(100))
            }
            (ReportColumnType::Seconds, Value::Number(number)) => length(number.as_i64().unwrap_or_default(), chinese),
            (_, Value::String(text)) => text.clone(),
            (_, other) => other.to_string(),
        }
    }
}

/// A length of time as people say it: two units are enough.
fn length(seconds: i64, chinese: bool) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, chinese) {
        (0, 0, true) => format!("{minutes} 分钟"),
        (0, 0, false) => format!("{minutes} min"),
        (0, _, true) => format!("{hours} 小时 {minutes} 分"),
        (0, _, false) => format!("{hours} h {minutes} min"),
        (_, _, true) => format!("{days} 天 {hours} 小时"),
        (_, _, false) => format!("{days} d {hours} h"),
    }
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell(pub Value);

impl Cell {
    /// Nothing is known.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Value::Null)
    }

    /// A share in ten-thousandths; nothing if there is no whole.
    #[must_use]
    pub fn share(part: i64, whole: i64) -> Self {
        if whole == 0 { Self::empty() } else { (part * 10_000 / whole).into() }
    }
}
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::empty() } else { Self(Value::String(text.to_owned())) }
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}
impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}
impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self(Value::Number(Number::from(number)))
    }
}
impl From<Ts> for Cell {
    fn from(at: Ts) -> Self {
        Self(Value::String(at.to_string()))
    }
}
impl From<Date> for Cell {
    fn from(day: Date) -> Self {
        Self(Value::String(day.to_string()))
    }
}
impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::empty, Into::into)
    }
}

/// Columns and rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub columns: Vec<ReportColumn>,
    pub rows: Vec<Vec<Value>>,
}

/// What a report can hold at most, in rows; a longer one asks for a shorter time or a smaller unit.
pub const MAX_ROWS: usize = 200_000;

impl Table {
    /// An empty one.
    #[must_use]
    pub const fn new(columns: Vec<ReportColumn>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row, as long as there is room.
    pub fn add<const N: usize>(&mut self, cells: [Cell; N]) -> Result<(), Error> {
        if self.columns.len() != N {
            return Err(Error::internal(format!("{N} cells for {} columns", self.columns.len())));
        }
        if self.rows.len() >= MAX_ROWS {
            return Err(Error::new(kernel::Code::ReportTooLong).with("limit", MAX_ROWS));
        }
        self.rows.push(cells.into_iter().map(|cell| cell.0).collect());
        Ok(())
    }
}

/// What a run of a report stands for: with the same parameters and the same size of the log it is the same, byte for byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Which report.
    pub report: String,
    /// Over how many records of the log it speaks.
    pub log_size: i64,
    /// When the last of them was recorded.
    pub log_time: Option<Ts>,
    /// Over what time and unit.
    pub parameters: crate::model::ReportParameters,
    /// What the unit was called then; none: the whole company.
    pub unit: Option<String>,
    #[serde(flatten)]
    pub table: Table,
}

impl Content {
    /// The bytes that are kept and hashed (RFC 8785).
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        serde_json_canonicalizer::to_vec(self).map_err(Error::internal)
    }
}

/// SHA-256, hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_people_read_them() {
        let shown = |kind, value: Cell| ReportColumn::new(kind, "", "", "").shown(&value.0, true);
        assert_eq!(shown(ReportColumnType::Share, Cell::share(1, 3)), "33.33%");
        assert_eq!(shown(ReportColumnType::Share, Cell::share(1, 0)), "");
        assert_eq!(shown(ReportColumnType::Cents, 123_405.into()), "1234.05");
        assert_eq!(shown(ReportColumnType::Seconds, 59.into()), "0 分钟");
        assert_eq!(shown(ReportColumnType::Seconds, 93_600.into()), "1 天 2 小时");
        assert_eq!(shown(ReportColumnType::Time, Ts::from_micros(0).into()), "1970-01-01 08:00");
        let words = ReportColumn::words("state", "状态", "State", [("open", "进行中", "Open")]);
        assert_eq!(words.shown(&Value::String("open".to_owned()), true), "进行中");
        assert_eq!(words.shown(&Value::String("else".to_owned()), true), "else");
    }

    #[test]
    fn a_row_has_as_many_cells_as_there_are_columns() {
        let mut table = Table::new(vec![ReportColumn::new(ReportColumnType::Text, "a", "", "")]);
        assert!(table.add(["x".into(), "y".into()]).is_err());
        assert!(table.add(["x".into()]).is_ok());
    }
}

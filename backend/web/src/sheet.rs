//! Tables that people upload and download: CSV as Chinese offices save it, XLSX, NDJSON.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};
use kernel::{Code, Error};

/// One cell of a download.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A whole number.
    Integer(i64),
    /// A number with the format in which a spreadsheet shows it; CSV has its text.
    Number {
        /// What is calculated with.
        value: f64,
        /// As spreadsheets write formats: `0.00%`.
        format: &'static str,
        /// As people read it.
        text: String,
    },
    /// Text; never a formula.
    Text(String),
}

impl Cell {
    /// A text, or nothing.
    #[must_use]
    pub fn text(value: impl Into<Option<String>>) -> Self {
        value.into().map_or(Self::Empty, Self::Text)
    }
}

/// A column of a download.
#[derive(Clone, Debug)]
pub struct Column {
    /// The field's name.
    pub key: String,
    /// What people read above it.
    pub title: String,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(key: &str, title: &str) -> Self {
        Self { key: key.to_owned(), title: title.to_owned() }
    }
}

/// An uploaded table.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The first row.
    pub header: Vec<String>,
    /// The others, blank ones left out.
    pub rows: Vec<Row>,
}

/// A row with its number as the spreadsheet shows it; the header is 1.
#[derive(Clone, Debug)]
pub struct Row {
    /// From 2.
    pub number: usize,
    /// Trimmed texts.
    pub cells: Vec<String>,
}

impl Row {
    /// The cell of a column, if it holds anything.
    #[must_use]
    pub fn get(&self, column: Option<usize>) -> Option<String> {
        self.cells.get(column?).filter(|text| !text.is_empty()).cloned()
    }
}

impl Sheet {
    /// Where the column with one of these titles stands.
    #[must_use]
    pub fn column(&self, titles: &[&str]) -> Option<usize> {
        self.header.iter().position(|title| titles.iter().any(|wanted| title.eq_ignore_ascii_case(wanted)))
    }

    /// What people read above that column: as it stands in the sheet, or else its usual title. Of `titles` the first is the field's
    /// name, the second the usual Chinese title.
    #[must_use]
    pub fn title(&self, titles: &[&str], chinese: bool) -> String {
        let here = self.column(titles).and_then(|column| self.header.get(column)).map(String::as_str);
        here.or_else(|| titles.get(usize::from(chinese)).copied()).unwrap_or_default().to_owned()
    }
}

const MAX_ROWS: usize = 100_000;
const MAX_COLUMNS: usize = 200;
/// What an XLSX may unpack to.
const MAX_UNPACKED: u64 = 200 << 20;

fn unreadable(reason: impl std::fmt::Display) -> Error {
    Error::new(Code::ImportUnreadable).with("reason", reason)
}

/// Reads CSV (UTF-8 with or without BOM, GB18030, UTF-16 with BOM; comma, semicolon or tab) or XLSX (first sheet).
pub fn read(bytes: &[u8]) -> Result<Sheet, Error> {
    let lines = if bytes.starts_with(b"PK\x03\x04") { read_xlsx(bytes)? } else { read_csv(bytes)? };
    let mut lines = lines.into_iter().filter(|row| row.cells.iter().any(|cell| !cell.is_empty()));
    let header = lines.next().ok_or_else(|| unreadable("no rows"))?.cells;
    let rows: Vec<Row> = lines.take(MAX_ROWS + 1).collect();
    if rows.len() > MAX_ROWS {
        return Err(Error::new(Code::TooLarge).with("limit", format!("{MAX_ROWS} rows")));
    }
    if header.len() > MAX_COLUMNS {
        return Err(Error::new(Code::TooLarge).with("limit", format!("{MAX_COLUMNS} columns")));
    }
    Ok(Sheet { header, rows })
}

fn decode(bytes: &[u8]) -> Result<String, Error> {
    if let Some((encoding, bom)) = encoding_rs::Encoding::for_bom(bytes) {
        let rest = bytes.get(bom..).unwrap_or_default();
        return encoding
            .decode_without_bom_handling_and_without_replacement(rest)
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| unreadable(format!("not valid {}", encoding.name())));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    // What Excel in Chinese saves as "CSV".
    encoding_rs::GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| unreadable("neither UTF-8 nor GB18030"))
}

fn read_csv(bytes: &[u8]) -> Result<Vec<Row>, Error> {
    let text = decode(bytes)?;
    let first = text.lines().next().unwrap_or_default();
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|delimiter| first.bytes().filter(|byte| byte == delimiter).count()).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        rows.push(Row { number: rows.len() + 1, cells: record.iter().map(clean).collect() });
        if rows.len() > MAX_ROWS + 1 {
            break;
        }
    }
    Ok(rows)
}

/// Our own exports guard a leading `=` with `'`; it is taken off again, so that what was exported can be imported.
fn clean(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('\'') {
        Some(rest) if starts_formula(rest) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

fn read_xlsx(bytes: &[u8]) -> Result<Vec<Row>, Error> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    // What the archive says of its own size may be a lie: it is unpacked once to nowhere.
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(unreadable)?;
        let size = std::io::copy(&mut member.take(left + 1), &mut std::io::sink()).map_err(unreadable)?;
        left = left.checked_sub(size).ok_or_else(|| Error::new(Code::TooLarge).with("limit", format!("{} MiB", MAX_UNPACKED >> 20)))?;
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let range = book.worksheet_range_at(0).ok_or_else(|| unreadable("no sheet"))?.map_err(unreadable)?;
    let start = range.start().map_or(0, |(row, _)| row as usize);
    Ok(range
        .rows()
        .take(MAX_ROWS + 2)
        .enumerate()
        .map(|(index, cells)| Row { number: start + index + 1, cells: cells.iter().map(|cell| clean(&shown(cell))).collect() })
        .collect())
}

/// A cell as people see it.
fn shown(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::DateTime(at) if !at.is_duration() => {
            let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
            if hour == 0 && minute == 0 {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
            }
        }
        other => other.to_string(),
    }
}

fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// One line of CSV. A text that a spreadsheet would run as a formula gets a `'` before it.
pub fn csv_line(cells: &[Cell]) -> Result<Vec<u8>, Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let texts = cells.iter().map(|cell| match cell {
        Cell::Empty => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Number { text, .. } => text.clone(),
        Cell::Text(text) if starts_formula(text) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
    });
    writer.write_record(texts).map_err(Error::internal)?;
    writer.into_inner().map_err(Error::internal)
}

/// A workbook that is written row by row.
pub struct Workbook {
    book: rust_xlsxwriter::Workbook,
    columns: Vec<Column>,
    row: u32,
    sheets: usize,
}

/// Rows of a sheet, the header apart.
const SHEET_ROWS: u32 = 1_048_575;

impl Workbook {
    /// An empty one; its rows go to disk, not to memory.
    #[must_use]
    pub fn new(columns: Vec<Column>) -> Self {
        Self { book: rust_xlsxwriter::Workbook::new(), columns, row: SHEET_ROWS, sheets: 0 }
    }

    fn next_sheet(&mut self) -> Result<(), Error> {
        let sheet = self.book.add_worksheet_with_constant_memory().map_err(Error::internal)?;
        sheet.set_freeze_panes(1, 0).map_err(Error::internal)?;
        let bold = rust_xlsxwriter::Format::new().set_bold();
        for (column, title) in (0u16..).zip(&self.columns) {
            sheet.write_string_with_format(0, column, &title.title, &bold).map_err(Error::internal)?;
        }
        self.sheets += 1;
        self.row = 0;
        Ok(())
    }

    /// Adds a row.
    pub fn add(&mut self, cells: &[Cell]) -> Result<(), Error> {
        if self.row >= SHEET_ROWS {
            self.next_sheet()?;
        }
        self.row += 1;
        let (row, index) = (self.row, self.sheets - 1);
        let sheet = self.book.worksheet_from_index(index).map_err(Error::internal)?;
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                Cell::Empty => {}
                // Beyond 2^53 a spreadsheet would round.
                Cell::Integer(number) => {
                    sheet.write_number(row, column, *number as f64).map_err(Error::internal)?;
                }
                Cell::Number { value, format, .. } => {
                    let format = rust_xlsxwriter::Format::new().set_num_format(*format);
                    sheet.write_number_with_format(row, column, *value, &format).map_err(Error::internal)?;
                }
                Cell::Text(text) => {
                    sheet.write_string(row, column, text.chars().take(32_767).collect::<String>()).map_err(Error::internal)?;
                }
            }
        }
        Ok(())
    }

    /// Says when it was made: otherwise the same rows would give another file each time.
    pub fn made_at(&mut self, at: kernel::Ts) -> Result<(), Error> {
        let made = rust_xlsxwriter::ExcelDateTime::from_timestamp(at.micros() / 1_000_000).map_err(Error::internal)?;
        self.book.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&made));
        Ok(())
    }

    /// Adds a sheet of names and values after the rows.
    pub fn notes(&mut self, title: &str, lines: &[(String, String)]) -> Result<(), Error> {
        if self.sheets == 0 {
            self.next_sheet()?;
        }
        let sheet = self.book.add_worksheet_with_constant_memory().map_err(Error::internal)?;
        sheet.set_name(title).map_err(Error::internal)?;
        sheet.set_column_width(0, 20).map_err(Error::internal)?;
        sheet.set_column_width(1, 80).map_err(Error::internal)?;
        for (row, (name, value)) in (0u32..).zip(lines) {
            sheet.write_string(row, 0, name).map_err(Error::internal)?;
            sheet.write_string(row, 1, value).map_err(Error::internal)?;
        }
        Ok(())
    }

    /// The file.
    pub fn finish(mut self) -> Result<Vec<u8>, Error> {
        if self.sheets == 0 {
            self.next_sheet()?;
        }
        self.book.save_to_buffer().map_err(Error::internal)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_read_in_every_encoding_that_offices_use() {
        let text = "姓名,账号\n张三,zhang.san\n";
        let gb = encoding_rs::GB18030.encode(text).0.into_owned();
        let bom = [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat();
        for bytes in [text.as_bytes().to_vec(), bom, gb] {
            let sheet = read(&bytes).unwrap();
            assert_eq!(sheet.header, ["姓名", "账号"]);
            assert_eq!((sheet.rows[0].number, sheet.rows[0].cells[0].as_str()), (2, "张三"));
        }
        assert!(read(b"\xff\xff\xff").is_err());
    }

    #[test]
    fn formulas_are_defused_and_come_back() {
        let line = csv_line(&[Cell::Text("=1+1".to_owned()), Cell::Integer(-3)]).unwrap();
        assert_eq!(line, b"'=1+1,-3\r\n");
        assert_eq!(clean("'=1+1"), "=1+1");
        let mut book = Workbook::new(vec![Column::new("a", "甲")]);
        book.add(&[Cell::Text("=1+1".to_owned())]).unwrap();
        let sheet = read(&book.finish().unwrap()).unwrap();
        assert_eq!((sheet.header[0].as_str(), sheet.rows[0].cells[0].as_str()), ("甲", "=1+1"));
    }
}

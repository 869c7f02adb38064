//! A report as a file. The same content gives the same file, byte for byte.

mod font;
mod oscal;
mod pdf;

use kernel::{Code, Error, Ts};
use serde_json::Value;
use web::sheet::{self, Workbook, csv_line};

use crate::{
    kinds,
    model::Run,
    table::{Content, ReportColumn, ReportColumnType},
};

kernel::text_enum! {
    /// The form of a file.
    pub enum ReportFormat {
        /// The content itself (RFC 8785), whose hash is in the log.
        Json = "json",
        /// CSV, UTF-8 with BOM, as spreadsheets open it.
        Csv = "csv",
        /// A workbook.
        Xlsx = "xlsx",
        /// For printing and filing.
        Pdf = "pdf",
        /// Assessment results of OSCAL; of the report `compliance` only.
        Oscal = "oscal",
    }
}

impl ReportFormat {
    /// How the name of a file ends.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        if matches!(self, Self::Oscal) { "oscal.json" } else { self.as_str() }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json | Self::Oscal => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
        }
    }
}

/// What stands above a report: names and values, in the reader's language.
pub fn heading(run: &Run, content: &Content, chinese: bool) -> Vec<(String, String)> {
    let zh_en = |zh: &str, en: &str| if chinese { zh.to_owned() } else { en.to_owned() };
    let time = |at: Option<Ts>, open: String| at.map_or(open, Ts::office_minute);
    let of = content.parameters;
    let mut lines = Vec::new();
    if kinds::find(&content.report).is_some_and(|kind| kind.span == kinds::Span::Period) {
        lines.push((zh_en("起", "From"), time(of.from, zh_en("日志开始", "the beginning of the log"))));
        lines.push((zh_en("止", "Until"), time(of.to, zh_en("日志末尾", "the end of the log"))));
    } else {
        lines.push((zh_en("时点", "As of"), time(of.to.or(content.log_time), zh_en("日志末尾", "the end of the log"))));
    }
    let company = zh_en("全公司", "the whole company");
    lines.push((zh_en("部门", "Unit"), content.unit.clone().unwrap_or(company)));
    lines.push((zh_en("申请人", "Asked for by"), format!("{} {}", run.requested_by_name, run.requested_at.office_minute())));
    let log = match content.log_time {
        Some(at) => format!("{} ({})", content.log_size, at.office_minute()),
        None => content.log_size.to_string(),
    };
    lines.push((zh_en("日志条数", "Records in the log"), log));
    lines.push((zh_en("内容 SHA-256", "SHA-256 of the content"), run.content_hash.clone().unwrap_or_default()));
    lines.push((zh_en("报表编号", "Run"), run.id.to_string()));
    lines
}

/// A run as a file; `bytes` is its content as it is kept.
pub fn file(format: ReportFormat, run: &Run, content: &Content, bytes: Vec<u8>, chinese: bool) -> Result<Vec<u8>, Error> {
    match format {
        ReportFormat::Json => Ok(bytes),
        ReportFormat::Csv => csv(content, chinese),
        ReportFormat::Xlsx => xlsx(run, content, &heading(run, content, chinese), chinese),
        ReportFormat::Oscal if content.report != "compliance" => Err(Error::invalid_parameter("format", Code::NotAChoice)),
        ReportFormat::Oscal => oscal::make(run, content, chinese),
        ReportFormat::Pdf => pdf::make(run, content, &heading(run, content, chinese), chinese),
    }
}

fn cell(column: &ReportColumn, value: &Value, chinese: bool) -> sheet::Cell {
    let text = column.shown(value, chinese);
    let number = |scale: f64, format| match value.as_i64() {
        // Shares, times and amounts are far below 2^53.
        Some(number) => sheet::Cell::Number { value: number as f64 / scale, format, text: text.clone() },
        None => sheet::Cell::Empty,
    };
    match column.kind {
        ReportColumnType::Integer => value.as_i64().map_or(sheet::Cell::Empty, sheet::Cell::Integer),
        ReportColumnType::Share => number(10_000.0, "0.00%"),
        ReportColumnType::Cents => number(100.0, "#,##0.00"),
        ReportColumnType::Seconds => number(86_400.0, "[h]:mm"),
        ReportColumnType::Text | ReportColumnType::Word | ReportColumnType::Date | ReportColumnType::Time if text.is_empty() => {
            sheet::Cell::Empty
        }
        ReportColumnType::Text | ReportColumnType::Word | ReportColumnType::Date | ReportColumnType::Time => sheet::Cell::Text(text),
    }
}

fn rows(content: &Content, chinese: bool) -> impl Iterator<Item = Vec<sheet::Cell>> {
    let columns = &content.table.columns;
    content.table.rows.iter().map(move |row| columns.iter().zip(row).map(|(column, value)| cell(column, value, chinese)).collect())
}

fn csv(content: &Content, chinese: bool) -> Result<Vec<u8>, Error> {
    let titles: Vec<_> = content.table.columns.iter().map(|column| sheet::Cell::Text(column.title(chinese).to_owned())).collect();
    let mut file = [&b"\xef\xbb\xbf"[..], &csv_line(&titles)?].concat();
    for row in rows(content, chinese) {
        file.extend(csv_line(&row)?);
    }
    Ok(file)
}

fn xlsx(run: &Run, content: &Content, heading: &[(String, String)], chinese: bool) -> Result<Vec<u8>, Error> {
    let columns = content.table.columns.iter().map(|column| sheet::Column::new(&column.key, column.title(chinese))).collect();
    let mut book = Workbook::new(columns);
    book.made_at(run.finished_at.unwrap_or(run.requested_at))?;
    for row in rows(content, chinese) {
        book.add(&row)?;
    }
    let lines: Vec<_> = [(kinds::title(&content.report, chinese), String::new())].into_iter().chain(heading.iter().cloned()).collect();
    book.notes(if chinese { "说明" } else { "About" }, &lines)?;
    book.finish()
}

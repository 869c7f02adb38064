//! A report for printing and filing: PDF/A-2u on A4, with its fonts in it.

use kernel::{Code, Error, Ts};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Archival, ConfigurationBuilder},
    geom::{PathBuilder, Point},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
};

use super::font::Fonts;
use crate::{kinds, model::Run, table::Content};

/// A4 in points, upright.
const A4: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 36.0;
/// Sizes of letters, in points.
const TITLE: f32 = 16.0;
const TEXT: f32 = 8.5;
const SMALL: f32 = 7.5;
/// From line to line, in parts of the size.
const LEADING: f32 = 1.35;
/// Between the rows, and between a text and the edge of its cell.
const PAD: f32 = 3.0;
/// A column is no wider than this before what is left is shared out.
const WIDEST: f32 = 150.0;
/// What can be printed; a longer report is for a spreadsheet.
const MAX_ROWS: usize = 5_000;

const BLACK: (u8, u8, u8) = (28, 28, 28);
const GREY: (u8, u8, u8) = (110, 110, 110);
const LINE: (u8, u8, u8) = (205, 205, 205);

/// Where the rows go on a page.
struct Sheet {
    width: f32,
    height: f32,
    columns: Vec<f32>,
}

/// A row whose texts are broken into lines.
struct Row<'t> {
    cells: Vec<Vec<&'t str>>,
    height: f32,
}

impl<'t> Row<'t> {
    fn of(cells: Vec<Vec<&'t str>>) -> Self {
        let lines = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
        Self { cells, height: lines as f32 * TEXT * LEADING + 2.0 * PAD }
    }

    /// A row that is too high for a page goes on below, so that nothing of it is lost.
    fn parts(self, most: usize) -> Vec<Self> {
        let lines = self.cells.iter().map(Vec::len).max().unwrap_or_default();
        if lines <= most {
            return vec![self];
        }
        let part = |from: usize| Self::of(self.cells.iter().map(|cell| cell.iter().skip(from).take(most).copied().collect()).collect());
        (0..lines).step_by(most).map(part).collect()
    }
}

/// The file.
pub fn make(run: &Run, content: &Content, heading: &[(String, String)], chinese: bool) -> Result<Vec<u8>, Error> {
    if content.table.rows.len() > MAX_ROWS {
        return Err(Error::new(Code::ReportTooLong).with("limit", MAX_ROWS).about(run.id));
    }
    let fonts = Fonts::get()?;
    let heads: Vec<String> = content.table.columns.iter().map(|column| column.title(chinese).to_owned()).collect();
    let texts: Vec<Vec<String>> = content
        .table
        .rows
        .iter()
        .map(|row| content.table.columns.iter().zip(row).map(|(column, value)| printable(&column.shown(value, chinese))).collect())
        .collect();
    let numbers: Vec<bool> = content.table.columns.iter().map(|column| column.kind.is_number()).collect();
    let sheet = lay_out(fonts, &heads, &texts);
    let head = broken(fonts, &sheet, &heads);
    let name = kinds::title(&content.report, chinese);
    let first = heading_height(heading.len());
    let room = sheet.height - 2.0 * MARGIN - head.height - SMALL * LEADING;
    let most = ((room - first - 2.0 * PAD) / (TEXT * LEADING)).max(1.0) as usize;
    let rows: Vec<Row<'_>> = texts.iter().flat_map(|texts| broken(fonts, &sheet, texts).parts(most)).collect();
    let pages = paginate(&rows, room, first);
    let mut document = Document::new_with(settings()?);
    document.set_metadata(metadata(run, &name, chinese));
    let count = pages.len();
    for (number, range) in pages.into_iter().enumerate() {
        let settings = PageSettings::from_wh(sheet.width, sheet.height).ok_or_else(|| Error::internal("a page without a size"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut pen = Pen { surface: &mut surface, fonts, y: MARGIN };
        if number == 0 {
            pen.heading(&name, heading, sheet.width)?;
        }
        pen.row(&head, &sheet, &numbers, GREY)?;
        for row in rows.get(range).unwrap_or_default() {
            pen.rule(&sheet)?;
            pen.row(row, &sheet, &numbers, BLACK)?;
        }
        if rows.is_empty() {
            pen.y += TEXT * LEADING;
            pen.text(MARGIN, TEXT, GREY, if chinese { "没有符合条件的记录" } else { "Nothing to show" });
        }
        pen.y = sheet.height - MARGIN + SMALL;
        let foot = format!("{}    {} / {count}", run.content_hash.as_deref().unwrap_or_default(), number + 1);
        pen.text(MARGIN, SMALL, GREY, &foot);
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| Error::internal(format!("a PDF could not be made: {error:?}")))
}

/// Without what PDF/A does not allow in a text, and nobody sees: marks of the order of bytes, from cells that were copied.
fn printable(text: &str) -> String {
    text.replace(['\u{feff}', '\u{fffe}', '\u{ffff}'], "")
}

fn settings() -> Result<SerializeSettings, Error> {
    let archival = ConfigurationBuilder::new().with_archival_validator(Archival::A2_U).finish();
    let configuration = archival.map_err(|error| Error::internal(format!("no PDF/A: {error:?}")))?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

/// When it was made is when the run was: the same run gives the same file.
fn metadata(run: &Run, name: &str, chinese: bool) -> Metadata {
    let at: Ts = run.finished_at.unwrap_or(run.requested_at);
    let utc = at.timestamp().to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let date = DateTime::new(u16::try_from(utc.year()).unwrap_or_default())
        .month(part(utc.month()))
        .day(part(utc.day()))
        .hour(part(utc.hour()))
        .minute(part(utc.minute()))
        .second(part(utc.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(name.to_owned())
        .language(if chinese { "zh-CN" } else { "en" }.to_owned())
        .creator("Zhidu".to_owned())
        .creation_date(date)
        .document_id(run.id.to_string())
}

/// How wide each column is; the page lies on its side when that gives the columns more room.
fn lay_out(fonts: &Fonts, heads: &[String], texts: &[Vec<String>]) -> Sheet {
    let widest = |measure: &dyn Fn(&str) -> f32| -> Vec<f32> {
        let of = |(column, head): (usize, &String)| {
            let cells = texts.iter().filter_map(|row| row.get(column)).flat_map(|text| text.lines());
            let widest = cells.chain([head.as_str()]).map(|text| measure(text) * TEXT).fold(0.0, f32::max);
            widest.min(WIDEST) + 2.0 * PAD
        };
        heads.iter().enumerate().map(of).collect()
    };
    let wanted = widest(&|text| fonts.width(text));
    let sum: f32 = wanted.iter().sum();
    let (width, height) = if sum > A4.0 - 2.0 * MARGIN { (A4.1, A4.0) } else { A4 };
    let room = width - 2.0 * MARGIN;
    if sum <= room {
        let columns = wanted.iter().map(|wanted| wanted * (room / sum).min(1.6)).collect();
        return Sheet { width, height, columns };
    }
    // What cannot be broken stays whole, if there is room for that.
    let least = widest(&|text| fonts.unbroken(text));
    let rest = room - least.iter().sum::<f32>();
    let columns = if rest > 0.0 {
        let more: Vec<f32> = wanted.iter().zip(&least).map(|(wanted, least)| wanted - least).collect();
        shared(&more, rest).iter().zip(&least).map(|(more, least)| more + least).collect()
    } else {
        shared(&wanted, room)
    };
    Sheet { width, height, columns }
}

/// Who wants less than an equal share gets it; the others share what is left.
fn shared(wanted: &[f32], room: f32) -> Vec<f32> {
    let mut order: Vec<f32> = wanted.to_vec();
    order.sort_by(f32::total_cmp);
    let (mut left, mut others) = (room, wanted.len());
    let mut most = room;
    for wanted in order {
        most = left / others as f32;
        if wanted > most {
            break;
        }
        left -= wanted;
        others -= 1;
    }
    wanted.iter().map(|wanted| wanted.min(most)).collect()
}

fn broken<'t>(fonts: &Fonts, sheet: &Sheet, texts: &'t [String]) -> Row<'t> {
    Row::of(sheet.columns.iter().zip(texts).map(|(width, text)| fonts.lines(text, ((width - 2.0 * PAD) / TEXT).max(1.0))).collect())
}

fn heading_height(lines: usize) -> f32 {
    TITLE * LEADING + 4.0 + lines as f32 * TEXT * LEADING + 8.0
}

/// Which rows stand on which page; each is low enough for any page.
fn paginate(rows: &[Row<'_>], room: f32, first: f32) -> Vec<std::ops::Range<usize>> {
    let (mut pages, mut start, mut used) = (Vec::new(), 0, first);
    for (at, row) in rows.iter().enumerate() {
        if used + row.height > room && at > start {
            pages.push(start..at);
            (start, used) = (at, 0.0);
        }
        used += row.height;
    }
    pages.push(start..rows.len());
    pages
}

struct Pen<'p, 's> {
    surface: &'p mut Surface<'s>,
    fonts: &'p Fonts,
    y: f32,
}

impl Pen<'_, '_> {
    /// Writes a line from this x on, below y.
    fn text(&mut self, x: f32, size: f32, color: (u8, u8, u8), line: &str) {
        let paint = rgb::Color::new(color.0, color.1, color.2).into();
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: krilla::paint::FillRule::default() }));
        let mut x = x;
        for stretch in self.fonts.stretches(line) {
            let width = stretch.glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * size;
            self.surface.draw_glyphs(Point::from_xy(x, self.y), &stretch.glyphs, stretch.font, stretch.text, size, false);
            x += width;
        }
    }

    fn heading(&mut self, name: &str, lines: &[(String, String)], width: f32) -> Result<(), Error> {
        self.y += TITLE;
        self.text(MARGIN, TITLE, BLACK, name);
        self.y += TITLE * (LEADING - 1.0) + 4.0;
        let names = lines.iter().map(|(name, _)| self.fonts.width(name) * TEXT).fold(0.0, f32::max) + 12.0;
        for (name, value) in lines {
            self.y += TEXT * LEADING;
            self.text(MARGIN, TEXT, GREY, name);
            let room = (width - 2.0 * MARGIN - names) / TEXT;
            let value = printable(value);
            let fits = self.fonts.lines(&value, room).first().copied().unwrap_or_default();
            self.text(MARGIN + names, TEXT, BLACK, fits);
        }
        self.y += 8.0;
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>, sheet: &Sheet, numbers: &[bool], color: (u8, u8, u8)) -> Result<(), Error> {
        let (top, mut left) = (self.y, MARGIN);
        for ((lines, width), number) in row.cells.iter().zip(&sheet.columns).zip(numbers) {
            self.y = top + PAD + TEXT;
            for line in lines {
                let indent = if *number { width - PAD - self.fonts.width(line) * TEXT } else { PAD };
                self.text(left + indent, TEXT, color, line);
                self.y += TEXT * LEADING;
            }
            left += width;
        }
        self.y = top + row.height;
        Ok(())
    }

    fn rule(&mut self, sheet: &Sheet) -> Result<(), Error> {
        let mut path = PathBuilder::new();
        path.move_to(MARGIN, self.y);
        path.line_to(MARGIN + sheet.columns.iter().sum::<f32>(), self.y);
        let path = path.finish().ok_or_else(|| Error::internal("a line without length"))?;
        self.surface.set_fill(None);
        let paint = rgb::Color::new(LINE.0, LINE.1, LINE.2).into();
        self.surface.set_stroke(Some(Stroke { paint, width: 0.5, ..Stroke::default() }));
        self.surface.draw_path(&path);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn narrow_columns_keep_their_width() {
        assert_eq!(shared(&[10.0, 90.0, 200.0], 150.0), [10.0, 70.0, 70.0]);
        assert_eq!(shared(&[10.0, 20.0, 200.0], 150.0), [10.0, 20.0, 120.0]);
    }

    #[test]
    fn no_row_is_lost_between_pages() {
        let row = |lines: usize| Row::of(vec![vec!["x"; lines], vec!["y"]]);
        let rows: Vec<_> = [3, 200, 1, 1].into_iter().flat_map(|lines| row(lines).parts(40)).collect();
        assert_eq!(rows.iter().map(|row| row.cells.iter().flatten().filter(|cell| **cell == "x").count()).sum::<usize>(), 205);
        let pages = paginate(&rows, 600.0, 100.0);
        assert_eq!(pages.iter().flat_map(Clone::clone).collect::<Vec<_>>(), (0..rows.len()).collect::<Vec<_>>());
        assert!(pages.len() > 3);
        assert_eq!(paginate(&[], 600.0, 100.0).len(), 1);
    }
}

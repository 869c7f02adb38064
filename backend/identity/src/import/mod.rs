//! Units and people from sheets: first everything is checked, then everything is done, or nothing; and it can be taken back as one.

mod batches;
mod people;
mod units;

use kernel::{Code, Error, Params};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use web::{View, sheet::Sheet};

pub use batches::{ImportId, Imported, ImportedKind, ImportedList, Touched, UndoReport, keep, list, taken_back, undo};
pub use people::{check_people, import_people, undo_people};
pub use units::{check_units, import_units, undo_units};

/// How to import.
#[derive(Debug, Deserialize, IntoParams, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ImportQuery {
    /// True: only say what would happen.
    #[param(default = true)]
    dry_run: Option<bool>,
}

impl ImportQuery {
    /// Whether only to say what would happen.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.dry_run.unwrap_or(true)
    }
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ImportReport {
    /// True if nothing was written.
    pub dry_run: bool,
    /// Rows of the sheet.
    pub rows: usize,
    /// New ones.
    pub created: usize,
    /// Changed ones.
    pub updated: usize,
    /// Rows that say what already is.
    pub unchanged: usize,
    /// What is wrong; nothing is imported while there is any.
    pub errors: Vec<RowError>,
    /// By which it can be taken back; null if nothing was changed.
    pub import_id: Option<ImportId>,
}
impl View for ImportReport {}

/// What is wrong with a row.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RowError {
    /// As the spreadsheet numbers it.
    pub row: usize,
    /// The column's title.
    pub column: String,
    /// Stable code.
    pub code: String,
    /// In the reader's language.
    pub detail: String,
}

impl ImportReport {
    /// Notes an error.
    pub fn refuse(&mut self, chinese: bool, row: usize, column: &str, code: Code) {
        let params = Params::from([("column", column.to_owned()), ("max", "100".to_owned()), ("min", "1".to_owned())]);
        self.errors.push(RowError { row, column: column.to_owned(), code: code.to_string(), detail: code.text(chinese, &params) });
    }

    /// Refuses the whole when anything is wrong.
    pub fn into_result(self) -> Result<Self, Error> {
        if self.errors.is_empty() || self.dry_run {
            Ok(self)
        } else {
            Err(Error::new(Code::ImportHasErrors).with("count", self.errors.len()))
        }
    }
}

/// The largest import in one transaction.
pub const MAX_ROWS: usize = 500;

/// Refuses more rows than one transaction may write.
pub fn check_size(sheet: &Sheet) -> Result<(), Error> {
    if sheet.rows.len() > MAX_ROWS { Err(Error::new(Code::TooLarge).with("limit", format!("{MAX_ROWS} rows"))) } else { Ok(()) }
}

//! Imports as a whole: who brought in what, and taking it back. Each row is taken back by itself, and only if nobody has changed or
//! used since what the import made of it; what stays is named with the reason.

use db::{Event, ReadTx, Recorded, WriteTx};
use kernel::{Code, Error, Id, Kind, Page, PageRequest, Permission, PersonId, Ts, Uuid, column::RawJson, kinds};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use web::View;

use super::ImportReport;
use crate::{PersonRef, directory, model::ImportBatch, store::imports as store};

kinds! {
    /// One import.
    ImportBatchKind, ImportId = "import";
}

kernel::text_enum! {
    /// What was imported.
    pub enum ImportedKind {
        /// Companies and units.
        Unit = "org_unit",
        /// People.
        Person = "person",
        /// Equipment.
        Equipment = "equipment",
    }
}

impl ImportedKind {
    /// What people call it.
    const fn title(self, chinese: bool) -> &'static str {
        match (self, chinese) {
            (Self::Unit, true) => "单位",
            (Self::Person, true) => "人员",
            (Self::Equipment, true) => "设备",
            (Self::Unit, false) => "Units",
            (Self::Person, false) => "People",
            (Self::Equipment, false) => "Equipment",
        }
    }

    /// Who may import it may take it back.
    const fn permission(self) -> Permission {
        match self {
            Self::Unit => Permission::ManageOrg,
            Self::Person => Permission::ManagePeople,
            Self::Equipment => Permission::ManageEquipment,
        }
    }
}

/// One row of an import that made or changed something.
#[derive(Clone, Debug)]
pub struct Touched {
    pub(crate) subject: Uuid,
    pub(crate) label: String,
    /// What the import left.
    pub version: i32,
    pub(crate) before: Option<RawJson>,
}

impl Touched {
    /// A new one.
    pub fn created<K>(id: Id<K>, label: &str) -> Self {
        Self { subject: id.uuid(), label: label.to_owned(), version: 1, before: None }
    }

    /// A changed one, with its version and what it was before.
    pub fn updated<K>(id: Id<K>, label: &str, version: i32, before: &impl Serialize) -> Result<Self, Error> {
        Ok(Self { subject: id.uuid(), label: label.to_owned(), version: version + 1, before: Some(RawJson::of(before)?) })
    }

    /// Whose row it is.
    #[must_use]
    pub const fn id<K: Kind>(&self) -> Id<K> {
        Id::from_uuid(self.subject)
    }

    /// What it was before; none if the import made it.
    pub fn before<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        self.before.as_ref().map(RawJson::parse).transpose()
    }
}

/// An import that was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Imported {
    /// The import.
    pub id: ImportId,
    /// Who made it.
    pub by: PersonRef,
    /// When.
    pub at: Ts,
    /// So many were new.
    pub created: i32,
    /// So many were changed.
    pub updated: i32,
    /// So many have not been taken back.
    pub remaining: i32,
    /// For If-Match.
    pub version: i32,
}
/// A page of imports.
pub type ImportedList = Page<Imported>;

/// What taking an import back did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UndoReport {
    /// So many are as they were before the import.
    pub undone: usize,
    /// What stays as it is, and why.
    pub kept: Vec<Kept>,
}
impl View for UndoReport {}

/// One that stays.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Kept {
    /// Whose row.
    pub id: Uuid,
    /// Its name when it was imported.
    pub name: String,
    /// Stable code.
    pub code: String,
    /// In the reader's language.
    pub detail: String,
}

/// Keeps what an import did, so that it can be taken back.
pub fn keep(
    tx: &mut WriteTx<'_>,
    kind: ImportedKind,
    report: ImportReport,
    touched: Vec<Touched>,
) -> Result<Recorded<ImportReport>, Error> {
    if touched.is_empty() {
        return Ok(tx.unchanged(report));
    }
    let count = |n: usize| i32::try_from(n).map_err(Error::internal);
    let updated = touched.iter().filter(|row| row.before.is_some()).count();
    let batch = ImportBatch {
        id: ImportId::new(),
        kind,
        made_by: tx.actor().require_person()?,
        made_at: tx.now(),
        created: count(touched.len() - updated)?,
        updated: count(updated)?,
        remaining: count(touched.len())?,
        version: 1,
    };
    let event = Event::new("import.done", batch.id, kind.title(tx.actor().chinese))
        .created()
        .unit(tx.actor().unit)
        .fact("kind", kind)
        .set("created", &batch.created)
        .set("updated", &batch.updated);
    let done = tx.record(event, |rows| store::insert(rows, &batch, &touched))?;
    Ok(done.map(|()| ImportReport { import_id: Some(batch.id), ..report }))
}

/// One's own imports; who manages everything sees everybody's.
pub fn list(tx: &mut ReadTx<'_>, kind: ImportedKind, page: &PageRequest) -> Result<ImportedList, Error> {
    let rows = store::list(tx, kind, everybodys(tx, kind)?, page)?;
    let names = directory::people(tx, rows.iter().map(|row| row.made_by))?;
    Ok(page.page(rows, |row| (row.made_at, row.id)).map(|row| Imported {
        id: row.id,
        by: names.get(&row.made_by).cloned().unwrap_or_else(|| PersonRef { id: row.made_by, name: String::new() }),
        at: row.made_at,
        created: row.created,
        updated: row.updated,
        remaining: row.remaining,
        version: row.version,
    }))
}

/// Whose imports the reader sees: everybody's, or only one's own.
fn everybodys(tx: &ReadTx<'_>, kind: ImportedKind) -> Result<Option<PersonId>, Error> {
    if tx.actor().reach(kind.permission()).all { Ok(None) } else { tx.actor().require_person().map(Some) }
}

/// Whether a row still is what the import left; `now` is its version, if it is there at all.
pub fn taken_back(row: &Touched, now: Option<i32>) -> Result<(), Error> {
    if now == Some(row.version) { Ok(()) } else { Err(Error::new(Code::ImportChangedSince)) }
}

/// Takes back what can be taken back, the last row first, since units hang under units.
pub fn undo(
    tx: &mut WriteTx<'_>,
    kind: ImportedKind,
    id: ImportId,
    expected: i32,
    reverse: impl Fn(&mut WriteTx<'_>, &Touched) -> Result<Recorded<()>, Error>,
) -> Result<Recorded<UndoReport>, Error> {
    let batch = store::find(tx, id)?.filter(|batch| batch.kind == kind).ok_or_else(|| Error::absent(id))?;
    if everybodys(tx, kind)?.is_some_and(|me| me != batch.made_by) {
        return Err(Error::hidden(id));
    }
    if batch.version != expected {
        return Err(Error::new(Code::Stale));
    }
    if batch.remaining == 0 {
        return Err(Error::new(Code::ImportUndone));
    }
    let chinese = tx.actor().chinese;
    let (mut undone, mut kept) = (Vec::new(), Vec::new());
    for row in store::remaining(tx, id)? {
        match tx.attempt(|tx| reverse(tx, &row))? {
            Ok(()) => undone.push(row.subject),
            Err(error) => {
                kept.push(Kept {
                    id: row.subject,
                    name: row.label,
                    code: error.code().to_string(),
                    detail: error.code().text(chinese, error.params()),
                });
            }
        }
    }
    let report = UndoReport { undone: undone.len(), kept };
    if undone.is_empty() {
        return Ok(tx.unchanged(report));
    }
    let remaining = i32::try_from(report.kept.len()).map_err(Error::internal)?;
    let event = Event::new("import.undone", id, kind.title(chinese)).step(batch.version).unit(tx.actor().unit).fact("kind", kind).change(
        "remaining",
        &batch.remaining,
        &remaining,
    );
    Ok(tx.record(event, |rows| store::mark_undone(rows, &batch, remaining, &undone))?.map(|()| report))
}

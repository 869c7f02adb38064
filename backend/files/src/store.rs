//! Queries on files.

use db::{ReadTx, Rows};
use diesel::prelude::*;
use kernel::{Error, PersonId, Ts};

use crate::{schema::file, service::FileId};

/// A file's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = file, treat_none_as_default_value = false)]
pub struct File {
    pub id: FileId,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub sha256: String,
    pub uploaded_by: PersonId,
    pub created_at: Ts,
    pub attached_at: Option<Ts>,
    pub version: i32,
}

pub fn find(tx: &mut ReadTx<'_>, id: FileId) -> Result<Option<File>, Error> {
    Ok(file::table.find(id).select(File::as_select()).get_result(tx.conn()).optional()?)
}

pub fn contents(tx: &mut ReadTx<'_>) -> Result<Vec<String>, Error> {
    Ok(file::table.select(file::sha256).distinct().load(tx.conn())?)
}

/// Each content, with its size.
pub fn sizes(tx: &mut ReadTx<'_>) -> Result<Vec<(String, i64)>, Error> {
    Ok(file::table.select((file::sha256, file::size)).distinct().load(tx.conn())?)
}

pub fn waiting(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    Ok(file::table.filter(file::uploaded_by.eq(person)).filter(file::attached_at.is_null()).count().get_result(tx.conn())?)
}

pub fn insert(rows: &mut Rows<'_>, row: &File) -> Result<(), Error> {
    diesel::insert_into(file::table).values(row.clone()).execute(rows.conn())?;
    Ok(())
}

pub fn attach(rows: &mut Rows<'_>, id: FileId) -> Result<(), Error> {
    let now = rows.now();
    let hit = diesel::update(file::table.find(id).filter(file::attached_at.is_null()))
        .set((file::attached_at.eq(now), file::version.eq(2)))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn forget_unused(rows: &mut Rows<'_>, before: Ts) -> Result<usize, Error> {
    Ok(diesel::delete(file::table.filter(file::attached_at.is_null()).filter(file::created_at.lt(before))).execute(rows.conn())?)
}

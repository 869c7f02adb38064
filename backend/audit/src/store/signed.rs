//! What was signed: names, checkpoints, cosignatures.

use db::{
    ReadTx,
    schema::{audit_checkpoint, audit_cosignature, audit_origin},
};
use diesel::{pg::Pg, prelude::*, sqlite::Sqlite};
use kernel::{Error, PageRequest, Ts};

/// A name under which the log was or is signed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_origin, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
pub struct Origin {
    pub number: i32,
    pub name: String,
    /// How many records there were when it was opened.
    pub since: i64,
    pub opened_at: Ts,
    /// The last checkpoint of the name before.
    pub cites: Option<String>,
    /// That the key of the name before has made that of this one its successor: see [`Origin::vouches`].
    pub vouched: Option<String>,
}

impl Origin {
    /// The signed notes by which keys have followed each other up to this name.
    pub fn vouches(&self) -> Result<Vec<String>, Error> {
        self.vouched.as_deref().map_or(Ok(Vec::new()), |notes| serde_json::from_str(notes).map_err(Error::internal))
    }
}

/// All names, the oldest first.
pub fn origins(tx: &mut ReadTx<'_>) -> Result<Vec<Origin>, Error> {
    Ok(audit_origin::table.order(audit_origin::number).select(Origin::as_select()).load(tx.conn())?)
}

/// From now on the log has this name.
pub fn open_origin(rows: &mut db::Rows<'_>, origin: &Origin) -> Result<(), Error> {
    diesel::insert_into(audit_origin::table).values(origin.clone()).execute(rows.conn())?;
    Ok(())
}

/// A checkpoint that was signed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_checkpoint, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
pub struct Kept {
    pub origin_number: i32,
    pub size: i64,
    pub root: Vec<u8>,
    pub note: String,
    pub signed_at: Ts,
}

/// The last checkpoint.
pub fn latest(tx: &mut ReadTx<'_>) -> Result<Option<Kept>, Error> {
    Ok(checkpoints(tx, &PageRequest { limit: 0, after: None })?.pop())
}

/// Checkpoints, newest first.
pub fn checkpoints(tx: &mut ReadTx<'_>, page: &PageRequest) -> Result<Vec<Kept>, Error> {
    let mut query = audit_checkpoint::table.select(Kept::as_select()).into_boxed();
    if let Some(after) = &page.after {
        let (origin, size): (i32, i64) = after.key()?;
        query = query.filter(
            audit_checkpoint::origin_number.le(origin).and(audit_checkpoint::origin_number.lt(origin).or(audit_checkpoint::size.lt(size))),
        );
    }
    Ok(query.order((audit_checkpoint::origin_number.desc(), audit_checkpoint::size.desc())).limit(page.limit + 1).load(tx.conn())?)
}

/// Keeps a checkpoint, if its name is still that of the log, and says whether it is. A second root of one size is refused by the primary
/// key.
pub fn keep(rows: &mut db::Rows<'_>, kept: &Kept) -> Result<bool, Error> {
    let newest: Option<i32> = audit_origin::table.select(diesel::dsl::max(audit_origin::number)).get_result(rows.conn())?;
    let holds = newest == Some(kept.origin_number);
    if holds {
        diesel::insert_into(audit_checkpoint::table).values(kept.clone()).execute(rows.conn())?;
    }
    Ok(holds)
}

/// The checkpoint of a log at a size.
pub fn kept(tx: &mut ReadTx<'_>, origin: &str, size: i64) -> Result<Option<Kept>, Error> {
    let number = audit_origin::table.filter(audit_origin::name.eq(origin.to_owned())).select(audit_origin::number);
    let Some(number) = number.first::<i32>(tx.conn()).optional()? else { return Ok(None) };
    Ok(audit_checkpoint::table.find((number, size)).select(Kept::as_select()).first(tx.conn()).optional()?)
}

/// A checkpoint of this name that a witness has signed, the newest.
pub fn latest_cosigned(tx: &mut ReadTx<'_>, origin_number: i32) -> Result<Option<Kept>, Error> {
    let query = audit_cosignature::table.filter(audit_cosignature::origin_number.eq(origin_number)).order(audit_cosignature::size.desc());
    let Some(size) = query.select(audit_cosignature::size).first::<i64>(tx.conn()).optional()? else { return Ok(None) };
    Ok(audit_checkpoint::table.find((origin_number, size)).select(Kept::as_select()).first(tx.conn()).optional()?)
}

/// What a witness has signed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_cosignature, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
pub struct Cosigned {
    pub origin_number: i32,
    pub size: i64,
    /// Its key.
    pub witness: String,
    /// Goes under the note.
    pub line: String,
    pub seen_at: Ts,
}

/// Who has signed a checkpoint besides the log.
pub fn cosignatures(tx: &mut ReadTx<'_>, kept: &Kept) -> Result<Vec<Cosigned>, Error> {
    let of = audit_cosignature::origin_number.eq(kept.origin_number).and(audit_cosignature::size.eq(kept.size));
    let query = audit_cosignature::table.filter(of).order((audit_cosignature::seen_at, audit_cosignature::witness));
    Ok(query.select(Cosigned::as_select()).load(tx.conn())?)
}

/// The last that a witness has signed.
pub fn last_of(tx: &mut ReadTx<'_>, witness: &str) -> Result<Option<Cosigned>, Error> {
    let query = audit_cosignature::table
        .filter(audit_cosignature::witness.eq(witness.to_owned()))
        .order((audit_cosignature::origin_number.desc(), audit_cosignature::size.desc()));
    Ok(query.select(Cosigned::as_select()).first(tx.conn()).optional()?)
}

/// Keeps a witness's signature; the first under a checkpoint is enough.
pub fn cosign(rows: &mut db::Rows<'_>, cosigned: &Cosigned) -> Result<(), Error> {
    let there = audit_cosignature::table.find((cosigned.origin_number, cosigned.size, &cosigned.witness)).count();
    if there.get_result::<i64>(rows.conn())? == 0 {
        diesel::insert_into(audit_cosignature::table).values(cosigned.clone()).execute(rows.conn())?;
    }
    Ok(())
}

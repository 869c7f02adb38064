//! How far each receiver is.

use db::{Conn, ReadTx, Rows};
use diesel::prelude::*;
use kernel::{Error, Ts, Uuid, column::AnyId};

use crate::schema::log_receiver::{self, dsl};

/// How a receiver stands.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = log_receiver)]
pub struct Standing {
    pub name: String,
    /// The first leaf that it has not confirmed; so, how many it has.
    pub next_leaf: i64,
    /// When it last confirmed a batch.
    pub delivered_at: Option<Ts>,
    /// Since when it has confirmed none, if the last attempt failed.
    pub failing_since: Option<Ts>,
    /// Why the last attempt failed.
    pub failure: Option<String>,
    /// Whether this outage is a record.
    pub recorded: bool,
}

/// All receivers that there ever were, by name.
pub fn standings(tx: &mut ReadTx<'_>) -> Result<Vec<Standing>, Error> {
    Ok(log_receiver::table.select(Standing::as_select()).order(dsl::name).load(tx.conn())?)
}

pub fn find(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<Standing>, Error> {
    Ok(log_receiver::table.find(name).select(Standing::as_select()).get_result(tx.conn()).optional()?)
}

/// Takes or keeps the lease; none while another's is running. A receiver that is new begins with the first record.
pub fn lease(rows: &mut Rows<'_>, name: &str, holder: Uuid, until: Ts) -> Result<Option<Standing>, Error> {
    let now = rows.now();
    let new = (dsl::name.eq(name), dsl::next_leaf.eq(0_i64), dsl::recorded.eq(false));
    match rows.conn() {
        Conn::Pg(conn) => diesel::insert_into(log_receiver::table).values(new).on_conflict_do_nothing().execute(conn)?,
        Conn::Sqlite(conn) => diesel::insert_or_ignore_into(log_receiver::table).values(new).execute(conn)?,
    };
    let taken = diesel::update(log_receiver::table.find(name))
        .filter(dsl::holder.is_null().or(dsl::holder.eq(AnyId(holder))).or(dsl::lease_until.lt(now)))
        .set((dsl::holder.eq(AnyId(holder)), dsl::lease_until.eq(until)))
        .execute(rows.conn())?;
    if taken == 0 {
        return Ok(None);
    }
    Ok(Some(log_receiver::table.find(name).select(Standing::as_select()).get_result(rows.conn())?))
}

/// A batch was confirmed. Another who has taken the lease meanwhile has its own.
pub fn confirmed(rows: &mut Rows<'_>, name: &str, holder: Uuid, to: i64) -> Result<(), Error> {
    let now = rows.now();
    let none = (dsl::failing_since.eq(None::<Ts>), dsl::failure.eq(None::<String>), dsl::recorded.eq(false));
    diesel::update(log_receiver::table.find(name))
        .filter(dsl::holder.eq(AnyId(holder)))
        .set((dsl::next_leaf.eq(to), dsl::delivered_at.eq(now), none))
        .execute(rows.conn())?;
    Ok(())
}

/// An attempt failed, and so have all since then. Another who has taken the lease meanwhile has its own.
pub fn failed(rows: &mut Rows<'_>, name: &str, holder: Uuid, reason: &str, since: Ts) -> Result<(), Error> {
    let set = (dsl::failing_since.eq(since), dsl::failure.eq(reason));
    diesel::update(log_receiver::table.find(name)).filter(dsl::holder.eq(AnyId(holder))).set(set).execute(rows.conn())?;
    Ok(())
}

/// This outage is a record now.
pub fn recorded(rows: &mut Rows<'_>, name: &str) -> Result<(), Error> {
    diesel::update(log_receiver::table.find(name)).set(dsl::recorded.eq(true)).execute(rows.conn())?;
    Ok(())
}

//! Queries on groups of alerts.

use db::{ReadTx, Rows};
use diesel::prelude::*;
use kernel::Error;

use crate::{alerts::Group, schema::alert_group};

/// The group with this key.
pub fn find(tx: &mut ReadTx<'_>, key: &[u8]) -> Result<Option<Group>, Error> {
    Ok(alert_group::table.find(key).select(Group::as_select()).get_result(tx.conn()).optional()?)
}

/// Keeps what was told. Who keeps the first word of a group at the same time as another is run again, and finds it.
pub fn keep(rows: &mut Rows<'_>, group: &Group) -> Result<(), Error> {
    let known = diesel::update(alert_group::table.find(&group.key)).set(group.clone()).execute(rows.conn())?;
    if known == 0 {
        diesel::insert_into(alert_group::table).values(group.clone()).execute(rows.conn())?;
    }
    Ok(())
}

//! The story of one thing, for the slice that owns it and has already allowed it to be seen.

use std::collections::BTreeMap;

use db::ReadTx;
use kernel::{Error, Id, Kind};

use crate::{http::records, model::RecordView, store};

/// How long a story is told at most.
const LONGEST: i64 = 500;

/// Its latest records, oldest first; refusals and records that only mention it are left out.
pub fn history<K: Kind>(tx: &mut ReadTx<'_>, id: Id<K>) -> Result<Vec<RecordView>, Error> {
    Ok(store::of_subject(tx, id.uuid(), LONGEST)?.iter().map(records::view).collect())
}

/// The records at these places of the log, for what refers to them as evidence.
pub fn at_leaves(tx: &mut ReadTx<'_>, leaves: &[i64]) -> Result<BTreeMap<i64, RecordView>, Error> {
    let loaded = store::at_leaves(tx, leaves)?;
    Ok(loaded.iter().filter_map(|loaded| Some((loaded.index?, records::view(loaded)))).collect())
}

//! How the log stands, for whoever looks at it from outside and signs nothing.

use db::ReadTx;
use kernel::{Error, Ts};
use merkle::Checkpoint;

use crate::{
    Log, anchor,
    beat::BEAT,
    keep::{self, Verdict},
    ledger, store,
};

/// What the next start would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Go on under this name.
    As(String),
    /// Give the log its first name.
    New,
    /// Give it another one, for this reason.
    Apart(String, &'static str),
}

/// What a start with this key and this anchor would do. Who reads the anchor reads it before the transaction begins: what is signed
/// meanwhile is in the database by then.
pub fn standing(tx: &mut ReadTx<'_>, log: &Log, anchored: Option<(Checkpoint, String)>) -> Result<Standing, Error> {
    Ok(match keep::judge(tx, log, anchored)? {
        Verdict::As(origin) => Standing::As(origin.name),
        Verdict::New(_) => Standing::New,
        Verdict::Apart { origin, because, .. } => Standing::Apart(origin.name, because),
    })
}

/// For how many records the newest checkpoint in the database speaks; none before the first. Fails if the key of the log has not signed
/// it under the name that it bears.
pub fn signed(tx: &mut ReadTx<'_>, log: &Log) -> Result<Option<u64>, Error> {
    let Some(kept) = store::latest(tx)? else { return Ok(None) };
    let name = anchor::parse(&kept.note).map_err(Error::internal)?.origin;
    let (checkpoint, _) = Checkpoint::signed(&kept.note, &log.verifier(&name)?, &[]).map_err(Error::internal)?;
    Ok(Some(checkpoint.size))
}

/// When the log last gave a sign of life up to now: its beat, or, before the first, any record.
pub fn alive(tx: &mut ReadTx<'_>) -> Result<Option<Ts>, Error> {
    let now = tx.now();
    match store::last(tx, BEAT, now)? {
        Some(last) => Ok(Some(last)),
        None => {
            let size = store::size(tx)?;
            ledger::time(tx, size)
        }
    }
}

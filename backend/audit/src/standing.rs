//! How the log stands, for whoever looks at it from outside and signs nothing.

use db::ReadTx;
use kernel::{Error, Ts};
use merkle::{Checkpoint, Verifier};

use crate::{
    Log, anchor,
    beat::BEAT,
    keep::{self, Verdict},
    ledger,
    names::turn,
    store,
};

/// What the next start would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Go on under this name.
    As(String),
    /// Give the log its first name.
    New,
    /// Give it this one, of a key that the one before has made its successor.
    Successor(String),
    /// Give it another one, for this reason.
    Apart(String, &'static str),
}

/// What a start with this key and this anchor would do. Who reads the anchor reads it before the transaction begins: what is signed
/// meanwhile is in the database by then.
pub fn standing(tx: &mut ReadTx<'_>, log: &Log, anchored: Option<(Checkpoint, String)>) -> Result<Standing, Error> {
    Ok(match keep::judge(tx, log, anchored)? {
        Verdict::As(origin) => Standing::As(origin.name),
        Verdict::New(_) => Standing::New,
        Verdict::Apart { origin, .. } if origin.vouched.is_some() => Standing::Successor(origin.name),
        Verdict::Apart { origin, because, .. } => Standing::Apart(origin.name, because),
    })
}

/// For how many records the newest checkpoint in the database speaks, or why it is none that the key of the log has signed under the name
/// that it bears; nothing before the first.
pub fn signed(tx: &mut ReadTx<'_>, log: &Log) -> Result<Option<Result<u64, Error>>, Error> {
    let verified = |note: &str| {
        let name = anchor::parse(note).map_err(Error::internal)?.origin;
        let (checkpoint, _) = Checkpoint::signed(note, &log.verifier(&name)?, &[]).map_err(Error::internal)?;
        Ok(checkpoint.size)
    };
    Ok(store::latest(tx)?.map(|kept| verified(&kept.note)))
}

/// The newest checkpoint in the database, and, if there are keys, whether one of them has signed it, under whatever name the log had then;
/// nothing before the first.
pub fn newest(tx: &mut ReadTx<'_>, keys: &[Verifier]) -> Result<Option<(Checkpoint, bool)>, Error> {
    let Some(kept) = store::latest(tx)? else { return Ok(None) };
    let checkpoint = anchor::parse(&kept.note).map_err(Error::internal)?;
    let base = |name: &str| turn(name).0.to_owned();
    let mut own =
        keys.iter().filter(|key| base(key.name()) == base(&checkpoint.origin)).filter_map(|key| key.renamed(&checkpoint.origin).ok());
    let signed = keys.is_empty() || own.any(|key| Checkpoint::signed(&kept.note, &key, &[]).is_ok());
    Ok(Some((checkpoint, signed)))
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

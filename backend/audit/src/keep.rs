//! What is signed, and under which name. A name is never continued by a database that is behind what was signed under it, or another:
//! whoever keeps an old checkpoint would see two logs under one name. With each year the log gets a new name as well, and the last
//! checkpoint of the old one is cited: it closes the year.

use std::{cmp::Ordering, sync::Arc};

use db::{Database, Event, Housekeeping, ReadTx};
use kernel::{Actor, Code, Error, Uuid};
use merkle::{Checkpoint, tiles::Tiled, tree};

use crate::{
    Log, anchor, log,
    names::{Turn, goes_on, turn},
    sequencer::LEASE_SECONDS,
    store::{self, Kept, Origin, Stored},
};

pub const ANOTHER_KEY: &str = "another key";

/// The log has another name: records may have been lost before, or not.
pub const RESTORED: &str = "log.restored";
pub const CONTINUED: &str = "log.continued";

/// How the log goes on.
pub enum Verdict {
    /// Under its name.
    As(Origin),
    /// It has no name yet.
    New(Origin),
    /// Under another name, for this reason; the note is the last that was signed under the old one.
    Apart { origin: Origin, because: &'static str, last: Option<String> },
}

/// Compares the database with the newest checkpoint that is known, and opens a new origin if it is behind that or different. Another key
/// is taken up at the start only: two replicas with different keys would take the log from each other for ever.
pub async fn settle(db: &Database, actor: &Arc<Actor>, log: &Arc<Log>, starts: bool) -> Result<Origin, Error> {
    let anchored = read_anchor(log).await?;
    let judging = Arc::clone(log);
    match db.read(actor, move |tx| judge(tx, &judging, anchored.clone())).await? {
        Verdict::As(origin) => Ok(origin),
        Verdict::New(origin) => {
            let first = origin.clone();
            db.housekeep(Housekeeping::Sequencer, move |rows| store::open_origin(rows, &origin)).await?;
            Ok(first)
        }
        Verdict::Apart { because: ANOTHER_KEY, .. } if !starts => Err(Error::internal("another server signs this log with another key")),
        Verdict::Apart { origin, because, last } => {
            if origin.vouched.is_some() {
                tracing::info!(origin = origin.name, because, "the log goes on under the name of its new key");
            } else {
                tracing::error!(origin = origin.name, because, "the log goes on under a new name; the old one is closed");
            }
            let next = origin.clone();
            db.write(actor, move |tx| {
                let action = if origin.vouched.is_some() { CONTINUED } else { RESTORED };
                let event = opened(action, &origin, last.as_deref())?.fact("because", because);
                tx.record(event, |rows| store::open_origin(rows, &origin))
            })
            .await?;
            Ok(next)
        }
    }
}

/// The log has another name, and this is the last that was signed under the old one.
fn opened(action: &'static str, origin: &Origin, last: Option<&str>) -> Result<Event, Error> {
    let mut event = Event::about(action, "log", Uuid::nil(), origin.name.clone());
    event = event.fact("origin", &origin.name).fact("survived", origin.since);
    let Some(note) = last else { return Ok(event) };
    let old = anchor::parse(note).map_err(Error::internal)?;
    event = event.fact("old_origin", &old.origin).fact("old_size", old.size).fact("old_root", crate::http::base64(&old.root));
    Ok(event.set("old_checkpoint", note))
}

/// How the log goes on, with this as the newest checkpoint that is known outside.
pub fn judge(tx: &mut ReadTx<'_>, log: &Log, anchored: Option<(Checkpoint, String)>) -> Result<Verdict, Error> {
    let origins = store::origins(tx)?;
    let kept = store::latest(tx)?;
    // A checkpoint that another key has signed says nothing about what this one may sign.
    let (anchored, foreign) = match anchored {
        Some((known, note)) if log.turn_of(&known.origin).is_none() => (None, Some((known, note))),
        anchored => (anchored, None),
    };
    let taken = origins.iter().map(|origin| &origin.name).chain(anchored.iter().map(|(known, _)| &known.origin));
    let free = taken.filter_map(|name| log.turn_of(name)).max().map_or(Turn::FIRST, Turn::again);
    let number = origins.last().map_or(1, |last| last.number + 1);
    let next = Origin { number, name: log.name_of(free), since: store::size(tx)?, opened_at: tx.now(), cites: None, vouched: None };
    let apart =
        |because, last: Option<String>| Ok(Verdict::Apart { origin: Origin { cites: last.clone(), ..next.clone() }, because, last });
    let Some(current) = origins.last() else {
        return match anchored {
            Some((_, note)) => apart("the database knows nothing of it", Some(note)),
            None => Ok(Verdict::New(next)),
        };
    };
    let Some(present) = log.turn_of(&current.name) else {
        let notes = [foreign.as_ref().map(|(_, note)| note), kept.as_ref().map(|kept| &kept.note)];
        // What this key has signed already is not in the database: that was put back.
        let vouched = if anchored.is_some() { None } else { vouched(tx, log, current, notes)? };
        let last = newest(current, foreign, kept)?;
        return Ok(Verdict::Apart { origin: Origin { cites: last.clone(), vouched, ..next }, because: ANOTHER_KEY, last });
    };
    if let Some((known, note)) = anchored {
        match log.turn_of(&known.origin).unwrap_or(Turn::FIRST).cmp(&present) {
            // Of a name that is closed.
            Ordering::Less => {}
            Ordering::Greater => return apart("the database is older than the name", Some(note)),
            Ordering::Equal => match agrees(tx, &known)? {
                Agreement::Grown => {}
                Agreement::Behind => return apart("the database is behind", Some(note)),
                Agreement::Different => return apart("the database is different", Some(note)),
            },
        }
    }
    if let Some(kept) = kept.filter(|kept| kept.origin_number == current.number) {
        let known = anchor::parse(&kept.note).map_err(Error::internal)?;
        if agrees(tx, &known)? != Agreement::Grown {
            return apart("the database is different", Some(kept.note));
        }
    }
    Ok(Verdict::As(current.clone()))
}

/// That the key of the present name has made this one its successor, if the database has all that the other has signed: in its table, and
/// outside, as far as that is of this log.
fn vouched(tx: &mut ReadTx<'_>, log: &Log, current: &Origin, notes: [Option<&String>; 2]) -> Result<Option<String>, Error> {
    let Some((old, changes)) = log.before(turn(&current.name).0) else { return Ok(None) };
    let key = old.renamed(&current.name).map_err(Error::internal)?;
    for note in notes.into_iter().flatten() {
        let known = anchor::parse(note).map_err(Error::internal)?;
        let is_ours = known.origin == current.name && Checkpoint::signed(note, &key, &[]).is_ok();
        if !is_ours || agrees(tx, &known)? != Agreement::Grown {
            return Ok(None);
        }
    }
    let notes: Vec<&str> = changes.iter().map(|change| change.note.as_str()).collect();
    serde_json::to_string(&notes).map(Some).map_err(Error::internal)
}

/// The newest note that is known of a log whose key is here no more: that outside of the database, if it tells of more records.
fn newest(current: &Origin, outside: Option<(Checkpoint, String)>, kept: Option<Kept>) -> Result<Option<String>, Error> {
    let own = match kept.as_ref().filter(|kept| kept.origin_number == current.number) {
        Some(kept) => anchor::parse(&kept.note).map_err(Error::internal)?,
        None => Checkpoint { origin: current.name.clone(), size: 0, root: tree::empty_root(), extensions: Vec::new() },
    };
    let ahead = outside.filter(|(known, _)| goes_on(known, &own)).map(|(_, note)| note);
    Ok(ahead.or_else(|| kept.map(|kept| kept.note)))
}

#[derive(PartialEq, Eq)]
enum Agreement {
    Grown,
    Behind,
    Different,
}

/// Whether the log of the database begins with what was signed.
fn agrees(tx: &mut ReadTx<'_>, known: &Checkpoint) -> Result<Agreement, Error> {
    let size = u64::try_from(store::size(tx)?).map_err(Error::internal)?;
    if size < known.size {
        return Ok(Agreement::Behind);
    }
    let root = tree::root(&mut Tiled::new(Stored(tx), known.size), known.size)?;
    Ok(if root == known.root { Agreement::Grown } else { Agreement::Different })
}

async fn read_anchor(log: &Arc<Log>) -> Result<Option<(Checkpoint, String)>, Error> {
    let log = Arc::clone(log);
    tokio::task::spawn_blocking(move || log.anchor().read()).await.map_err(Error::internal)?
}

async fn write_anchor(log: &Arc<Log>, note: &str) -> Result<(), Error> {
    let (log, note) = (Arc::clone(log), note.to_owned());
    tokio::task::spawn_blocking(move || log.anchor().write(&note)).await.map_err(Error::internal)?
}

/// Puts what another replica has signed into the anchor of this one, unless the anchor knows as much, or of something else: then that
/// stays, and this replica opens a new origin as soon as it has the lease.
async fn follow(db: &Database, actor: &Arc<Actor>, log: &Arc<Log>, last: &Kept) -> Result<(), Error> {
    let known = anchor::parse(&last.note).map_err(Error::internal)?;
    // Whoever has the database could write into its table what nobody has signed.
    Checkpoint::signed(&last.note, &log.verifier(&known.origin)?, &[]).map_err(Error::internal)?;
    let Some(anchored) = read_anchor(log).await? else { return write_anchor(log, &last.note).await };
    if known.origin == anchored.0.origin && known.size <= anchored.0.size {
        return Ok(());
    }
    let judging = Arc::clone(log);
    match db.read(actor, move |tx| judge(tx, &judging, Some(anchored.clone()))).await? {
        Verdict::As(_) => write_anchor(log, &last.note).await,
        Verdict::New(_) | Verdict::Apart { .. } => Ok(()),
    }
}

/// Signs the log and keeps that, if it has grown since the last time, that was long enough ago, and this process holds the lease.
/// `anchored` is what it has put into its anchor last.
pub async fn keep(db: &Database, actor: &Arc<Actor>, log: &Arc<Log>, holder: Uuid, anchored: &mut Option<(i32, i64)>) -> Result<(), Error> {
    let pace = log.pace_seconds();
    let (last, due) = db
        .read(actor, move |tx| {
            let (origin, last, size) = (store::origins(tx)?.pop(), store::latest(tx)?, store::size(tx)?);
            let last = last.filter(|last| origin.is_some_and(|origin| last.origin_number == origin.number));
            let due = last.as_ref().is_none_or(|last| last.size < size && last.signed_at.plus_seconds(pace) <= tx.now());
            Ok((last, due))
        })
        .await?;
    if let Some(last) = last.filter(|last| *anchored != Some((last.origin_number, last.size))) {
        follow(db, actor, log, &last).await?;
        *anchored = Some((last.origin_number, last.size));
    }
    if !due || !db.housekeep(Housekeeping::Sequencer, move |rows| holds(rows, holder)).await? {
        return Ok(());
    }
    let origin = settle(db, actor, log, false).await?;
    let signed = sign(db, actor, log, &origin).await?;
    // First outside: what was shown to anybody must be known when the database comes back from a backup.
    write_anchor(log, &signed.note).await?;
    *anchored = Some((signed.origin_number, signed.size));
    let kept = signed.clone();
    let keep = move |rows: &mut db::Rows<'_>| {
        if !holds(rows, holder)? {
            return Ok(false);
        }
        store::keep(rows, &Kept { signed_at: rows.now(), ..kept.clone() })
    };
    if !db.housekeep(Housekeeping::Sequencer, keep).await? || origin.opened_at.office_year() >= signed.signed_at.office_year() {
        return Ok(());
    }
    close_year(db, actor, log, holder, &origin, &signed).await
}

/// The log as it is now, signed under its name.
async fn sign(db: &Database, actor: &Arc<Actor>, log: &Log, origin: &Origin) -> Result<Kept, Error> {
    let name = origin.name.clone();
    let (signed_at, checkpoint) = db.read(actor, move |tx| Ok((tx.now(), log::unsigned(tx, name.clone())?))).await?;
    let size = i64::try_from(checkpoint.size).map_err(Error::internal)?;
    let note = log.signer(&origin.name)?.sign(&checkpoint.to_string()).map_err(Error::internal)?;
    Ok(Kept { origin_number: origin.number, size, root: checkpoint.root.to_vec(), note, signed_at })
}

/// A name that was opened in an earlier year has signed for the last time: the log gets the name of this year, under which every record
/// of the old one stays where it is. Only while nobody else may sign: what was signed under the old name afterwards would be of more
/// records than the new one says went on.
async fn close_year(db: &Database, actor: &Arc<Actor>, log: &Log, holder: Uuid, old: &Origin, last: &Kept) -> Result<(), Error> {
    let present = log.turn_of(&old.name).unwrap_or(Turn::FIRST);
    // A clock that was wrong may have been in a later year.
    let name = log.name_of(Turn::of_year(last.signed_at.office_year()).max(present.again()));
    tracing::info!(name, old = old.name, "the log goes on under the name of the year");
    let cites = Some(last.note.clone());
    let next = Origin { number: old.number + 1, name, since: last.size, opened_at: last.signed_at, cites, vouched: None };
    db.write(actor, move |tx| {
        let other = || Error::new(Code::Unavailable).because("another server signs the log now, and closes the year");
        if store::latest(tx)?.map(|kept| kept.note) != next.cites {
            return Err(other());
        }
        let event = opened(CONTINUED, &next, next.cites.as_deref())?;
        tx.record(event, |rows| if holds(rows, holder)? { store::open_origin(rows, &next) } else { Err(other()) })
    })
    .await
}

fn holds(rows: &mut db::Rows<'_>, holder: Uuid) -> Result<bool, Error> {
    let until = rows.now().plus_seconds(LEASE_SECONDS);
    Ok(store::lease(rows, holder, until)?.is_some())
}

//! The log, as far as it can be seen without computing it anew.

use audit::{Backlog, Log, Standing};
use db::look::Look;
use kernel::Ts;

use super::{Finding, count, database::read, keys, length, moment, words};
use crate::{Serve, private};

/// Records wait about a second for their place.
const LONG: i64 = 10;
/// Clocks of several machines may differ by this much.
const AHEAD: i64 = 60;
/// So many beats may be missing before silence means something.
const BEATS: i64 = 3;

/// What is signed, what waits, and when the log last lived.
pub fn checks(serve: &Serve, look: &mut Look, now: Ts, runs: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    match private::log(&serve.log_key_path(), |key| keys::log(serve, key)) {
        Ok(log) => found.extend([signature(look, now, &log), anchor(serve, look, now, &log)]),
        Err(_) => found.push(without_key(look, now)),
    }
    found.push(backlog(look, now));
    found.push(times(look, now));
    if serve.log_beat_seconds > 0 {
        found.push(beat(serve, look, now, runs));
    }
    found
}

/// What is wrong with the key itself has a check of its own.
fn without_key(look: &mut Look, now: Ts) -> Finding {
    const CHECK: &str = "log";
    read(
        CHECK,
        look.read(now, audit::size).map(|size| {
            if size == 0 {
                return Finding::ok(CHECK, "none yet");
            }
            let records = count(usize::try_from(size).unwrap_or_default(), "record");
            let advice = "put log.key back, or name it with --log-key-file: with another key the log gets another name";
            Finding::wrong(CHECK, format!("{records}, and no key that says whether they are what was signed"), advice)
        }),
    )
}

fn signature(look: &mut Look, now: Ts, log: &Log) -> Finding {
    const CHECK: &str = "log";
    let signed = match look.read(now, |tx| audit::signed(tx, log)) {
        Ok(signed) => signed,
        Err(error) => return read(CHECK, Err(error)),
    };
    match signed {
        Some(Ok(size)) => {
            let records = count(usize::try_from(size).unwrap_or_default(), "record");
            Finding::ok(CHECK, format!("{records} signed by the log key; zhidu verify-log --database recomputes them"))
        }
        None => Finding::warn(CHECK, "nothing is signed yet", "start the server; it signs within seconds"),
        Some(Err(error)) => {
            let advice =
                "if log.key was changed, put the old one back; if not, somebody wrote into the database: zhidu verify-log --database";
            Finding::wrong(CHECK, format!("the newest checkpoint is not signed by the log key: {}", words(&error)), advice)
        }
    }
}

/// What was signed last is known outside the database too, and the database has not gone back behind it.
fn anchor(serve: &Serve, look: &mut Look, now: Ts, log: &Log) -> Finding {
    const CHECK: &str = "anchor";
    let anchored = match serve.anchor().read() {
        Ok(anchored) => anchored,
        Err(error) => {
            let advice =
                "put back the newest copy of that file, or move it away if there is none: as long as it cannot be read nothing is signed";
            return Finding::wrong(CHECK, words(&error), advice);
        }
    };
    let known = anchored.as_ref().map(|(known, _)| count(usize::try_from(known.size).unwrap_or_default(), "record"));
    let origin = anchored.as_ref().map(|(known, _)| known.origin.clone());
    let found = look.read(now, |tx| audit::standing(tx, log, anchored.clone()));
    read(
        CHECK,
        found.map(|standing| match (standing, known) {
            (Standing::Apart(name, because), known) => {
                let outside = known.map_or_else(|| "no file".to_owned(), |known| format!("{known} in the file"));
                let advice = format!(
                    "if a backup was put back, start: the log goes on as {name}; tell those who wrote the key down. If not, look for the database that was in use"
                );
                Finding::wrong(CHECK, format!("the log cannot go on under its name: {because} ({outside})"), advice)
            }
            (Standing::Successor(name), _) => {
                Finding::ok(CHECK, format!("the key before has made log.key its successor; the next start goes on as {name}"))
            }
            (Standing::New, None) => Finding::ok(CHECK, "none yet, as the log has no name"),
            (Standing::As(name), None) => {
                let advice = "put back its newest copy, or correct --log-anchor; the server makes a new one, which knows nothing of what may have been lost";
                Finding::warn(CHECK, format!("there is no checkpoint of {name} outside the database"), advice)
            }
            (Standing::As(name), Some(known)) if origin.as_deref() == Some(name.as_str()) => {
                Finding::ok(CHECK, format!("the database has the {known} that are known outside, or more"))
            }
            (Standing::As(_) | Standing::New, Some(_)) => {
                let advice = "if it is the file of another log, correct --log-anchor before you start: it would be written over";
                let found = format!("the file speaks of {}, which is not the name of this log", origin.unwrap_or_default());
                Finding::warn(CHECK, found, advice)
            }
        }),
    )
}

fn backlog(look: &mut Look, now: Ts) -> Finding {
    const CHECK: &str = "backlog";
    read(
        CHECK,
        look.read(now, audit::backlog).map(|Backlog { waiting, seconds }| {
            let records = count(usize::try_from(waiting).unwrap_or_default(), "record");
            if waiting > 0 && seconds > LONG {
                let found = format!("{records} waiting for a place in the log, the oldest for {}", length(seconds));
                return Finding::warn(
                    CHECK,
                    found,
                    "start the server, which gives it to them; if one runs, its messages on standard error say what stops it",
                );
            }
            Finding::ok(CHECK, format!("{records} waiting for a place in the log"))
        }),
    )
}

fn times(look: &mut Look, now: Ts) -> Finding {
    const CHECK: &str = "time of the log";
    let last = look.read(now, |tx| {
        let size = audit::size(tx)?;
        audit::ledger::time(tx, size)
    });
    read(
        CHECK,
        last.map(|last| match last {
            Some(last) if last > now.plus_seconds(AHEAD) => {
                let ahead = length((last.millis() - now.millis()) / 1_000);
                let advice = "set this machine's clock right before you start: records get its time; if the record's time is wrong, the clock was wrong then";
                Finding::wrong(CHECK, format!("the last record is of {}, {ahead} in the future", moment(last)), advice)
            }
            Some(last) => Finding::ok(CHECK, format!("the last record is of {}", moment(last))),
            None => Finding::ok(CHECK, "no record has a place yet"),
        }),
    )
}

fn beat(serve: &Serve, look: &mut Look, now: Ts, runs: bool) -> Finding {
    const CHECK: &str = "sign of life";
    let every = i64::from(serve.log_beat_seconds);
    read(
        CHECK,
        look.read(now, audit::alive).map(|alive| match alive {
            Some(last) if (now.millis() - last.millis()) / 1_000 > BEATS * every => {
                let ago = length((now.millis() - last.millis()) / 1_000);
                if runs {
                    let advice =
                        format!("look again in {}; if it stays so, the server's messages on standard error say why", length(2 * every));
                    return Finding::warn(
                        CHECK,
                        format!("a server answers, but the log has had no sign of life since {} ({ago} ago)", moment(last)),
                        advice,
                    );
                }
                let advice = "zhidu serve starts it; if it was stopped on purpose, nothing is to be done";
                Finding::warn(CHECK, format!("the server has not run since {} ({ago} ago)", moment(last)), advice)
            }
            Some(last) => Finding::ok(CHECK, format!("the last is of {}", moment(last))),
            None => Finding::ok(CHECK, "none yet: the server has not run"),
        }),
    )
}

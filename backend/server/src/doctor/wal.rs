//! Whether PostgreSQL archives what it writes, so that a lost machine costs seconds instead of what came after the last backup.

use db::{Archiving, Backend, look::Look};
use kernel::Ts;

use super::{
    Finding,
    Verdict::{Ok as Fine, Warn, Wrong},
    database::read,
    length,
};

const CHECK: &str = "wal archive";
/// Older than that nothing of worth should be that is only on one disk.
const LATE: i64 = 900;

/// Nothing on SQLite.
pub fn check(look: &mut Look, now: Ts) -> Option<Finding> {
    if look.backend() == Backend::Sqlite {
        return None;
    }
    let found = look.read(now, db::archiving).map(|archiving| match archiving {
        Some(archiving) => judge(&archiving, now),
        None => Finding::warn(CHECK, "the role may not see it", "grant select on pg_stat_archiver to it"),
    });
    Some(read(CHECK, found))
}

fn judge(archiving: &Archiving, now: Ts) -> Finding {
    let ago = |at: Ts| length(((now.millis() - at.millis()) / 1_000).max(0));
    let often = "set archive_timeout = 60 in PostgreSQL, so that what is written in a quiet hour is archived too";
    let (verdict, found, advice) = match (&archiving.archived, &archiving.failed) {
        _ if !archiving.works && archiving.mode != "off" => (
            Wrong,
            "archive_mode is on, and nothing archives: what was written stays until the disk is full".to_owned(),
            "set archive_command, or archive_mode = off; docs/operations.md, To the second",
        ),
        _ if !archiving.works => (
            Warn,
            "not archived: what is lost with the machine is all since the last backup".to_owned(),
            "zhidu wal: docs/operations.md, To the second",
        ),
        (last, Some((name, at))) if last.as_ref().is_none_or(|(_, last)| at > last) => {
            let since =
                last.as_ref().map_or_else(|| "nothing was archived yet".to_owned(), |(_, last)| format!("the last was {} ago", ago(*last)));
            let found = format!("{name} could not be archived {} ago; {since}", ago(*at));
            (
                Wrong,
                found,
                "the log of PostgreSQL says why; it tries again by itself, and keeps what is not archived until its disk is full",
            )
        }
        (None, _) => (Warn, "nothing was archived yet".to_owned(), often),
        (Some((_, at)), _) if (now.millis() - at.millis()) / 1_000 > LATE && archiving.waiting_bytes.is_none_or(|waiting| waiting > 0) => {
            (Warn, format!("the last segment was archived {} ago, and more was written since", ago(*at)), often)
        }
        (Some((_, at)), _) if archiving.timeout_seconds == 0 => {
            (Warn, format!("the last segment was archived {} ago, and the next is only when it is full", ago(*at)), often)
        }
        (Some((_, at)), _) => (Fine, format!("the last segment was archived {} ago", ago(*at)), ""),
    };
    Finding { check: CHECK, verdict, found, advice: Some(advice.to_owned()).filter(|advice| !advice.is_empty()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_archived_is_told() {
        let now = Ts::from_micros(1_000_000_000_000);
        let ago = |seconds: i64| Some(("000000010000000000000003".to_owned(), now.plus_seconds(-seconds)));
        let on = Archiving { mode: "on".to_owned(), works: true, timeout_seconds: 60, ..Archiving::default() };
        let silent = Archiving { works: false, ..on.clone() };
        for (archiving, verdict, said) in [
            (Archiving { mode: "off".to_owned(), ..Archiving::default() }, Warn, "not archived"),
            (silent, Wrong, "nothing archives"),
            (on.clone(), Warn, "nothing was archived yet"),
            (Archiving { archived: ago(30), ..on.clone() }, Fine, "30 seconds ago"),
            (Archiving { archived: ago(30), failed: ago(40), ..on.clone() }, Fine, "30 seconds ago"),
            (
                Archiving { archived: ago(50), failed: ago(40), ..on.clone() },
                Wrong,
                "000000010000000000000003 could not be archived 40 seconds ago",
            ),
            (Archiving { failed: ago(40), ..on.clone() }, Wrong, "nothing was archived yet"),
            (Archiving { archived: ago(1_000), waiting_bytes: Some(9), ..on.clone() }, Warn, "16 minutes ago, and more was written"),
            (Archiving { archived: ago(1_000), waiting_bytes: Some(0), ..on.clone() }, Fine, "16 minutes ago"),
            (Archiving { archived: ago(30), timeout_seconds: 0, ..on }, Warn, "only when it is full"),
        ] {
            let found = judge(&archiving, now);
            assert_eq!((found.verdict, found.advice.is_some()), (verdict, verdict != Fine), "{}", found.found);
            assert!(found.found.contains(said), "{}", found.found);
        }
    }
}

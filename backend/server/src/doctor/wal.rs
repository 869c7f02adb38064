//! Whether PostgreSQL archives what it writes, so that a lost machine costs seconds instead of what came after the last backup.

use db::{Archiving, ArchivingState, Backend, look::Look};
use kernel::Ts;

use super::{
    Finding,
    Verdict::{Ok as Fine, Warn, Wrong},
    database::read,
    length,
};

const CHECK: &str = "wal archive";

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
    let ago = |last: &Option<(String, Ts)>| last.as_ref().map(|(_, at)| length(((now.millis() - at.millis()) / 1_000).max(0)));
    let last = ago(&archiving.archived).unwrap_or_default();
    let often = "set archive_timeout = 60 in PostgreSQL, so that what is written in a quiet hour is archived too";
    let (verdict, found, advice) = match archiving.state(now) {
        ArchivingState::Silent => (
            Wrong,
            "archive_mode is on, and nothing archives: what was written stays until the disk is full".to_owned(),
            "set archive_command, or archive_mode = off; docs/operations.md, To the second",
        ),
        ArchivingState::Off => (
            Warn,
            "not archived: what is lost with the machine is all since the last backup".to_owned(),
            "zhidu wal: docs/operations.md, To the second",
        ),
        ArchivingState::Failing => {
            let name = archiving.failed.as_ref().map_or("", |(name, _)| name);
            let since = if last.is_empty() { "nothing was archived yet".to_owned() } else { format!("the last was {last} ago") };
            (
                Wrong,
                format!("{name} could not be archived {} ago; {since}", ago(&archiving.failed).unwrap_or_default()),
                "the log of PostgreSQL says why; it tries again by itself, and keeps what is not archived until its disk is full",
            )
        }
        ArchivingState::Waiting => (Warn, "nothing was archived yet".to_owned(), often),
        ArchivingState::Late => (Warn, format!("the last segment was archived {last} ago, and more was written since"), often),
        ArchivingState::WhenFull => {
            (Warn, format!("the last segment was archived {last} ago, and the next is only when it is full"), often)
        }
        ArchivingState::Works => (Fine, format!("the last segment was archived {last} ago"), ""),
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

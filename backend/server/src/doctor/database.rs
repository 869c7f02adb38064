//! The database: whether it is there, whole, of the right kind and version, and as this binary expects it.

use std::path::Path;

use db::{
    Backend,
    look::{self, Look, Schema},
    snapshot::{self, path_of},
};
use kernel::{Clock, Error};

use super::{Finding, count, data::is_used, length, words};
use crate::Serve;

const CHECK: &str = "database";
/// What to do where the database does not answer a question.
pub const REFUSED: &str =
    "let the role read every table (grants: docs/operations.md, PostgreSQL); if it may, the database is damaged: restore a backup";
const OLDEST: i64 = 15;
/// Clocks that differ by more seconds make wrong times; by more than the second number, wrong orders.
const DRIFT: i64 = 2;
const WRONG_DRIFT: i64 = 60;

/// What is found, and the database itself if its tables are what this binary knows, so that they can be read.
pub fn checks(serve: &Serve, clock: &Clock) -> (Vec<Finding>, Option<Look>) {
    let url = match serve.config.url() {
        Ok(url) => url,
        Err(error) => return (vec![Finding::wrong(CHECK, words(&error), "correct --database-url-file")], None),
    };
    let mut look = match open(serve, &url) {
        Ok(look) => look,
        Err(finding) => return (vec![finding], None),
    };
    let mut found = match look.backend() {
        Backend::Sqlite => {
            let (whole, damage) = match look.damage() {
                Ok(None) => (true, Finding::ok(CHECK, format!("SQLite, {}; quick_check finds nothing", look::shown(&url)))),
                Ok(Some(damage)) => (false, damaged(&url, &damage)),
                Err(error) => (false, unreadable(&url, &words(&error))),
            };
            if !whole {
                return (vec![damage], None);
            }
            vec![damage, journal(Path::new(path_of(&url)))]
        }
        Backend::Postgres => vec![kind(&mut look, &url), encoding(&mut look), drift(&mut look, clock), rights(&mut look), tools(&mut look)],
    };
    match look.schema() {
        Ok(schema) => {
            let readable = schema.pending.is_empty() && schema.unknown.is_empty();
            found.push(judge(&schema, serve.no_migrate));
            (found, readable.then_some(look))
        }
        Err(error) => {
            found.push(Finding::wrong("schema", words(&error), REFUSED));
            (found, None)
        }
    }
}

fn open(serve: &Serve, url: &str) -> Result<Look, Finding> {
    let shown = look::shown(url);
    let own = Backend::of_url(url) == Backend::Sqlite;
    if own && !Path::new(path_of(url)).exists() {
        if is_used(&serve.config.data_dir) {
            let advice = "a start would make an empty one: correct --database-url, or put a backup back (zhidu restore)";
            return Err(Finding::wrong(CHECK, format!("{shown} is missing, and this data folder was in use"), advice));
        }
        let advice = "zhidu serve makes it and prints a link for the first administrator; if there are data already, correct --data-dir";
        return Err(Finding::warn(CHECK, format!("{shown} is not there: nothing was started here yet"), advice));
    }
    Look::at(url).map_err(|error| {
        let advice = if own {
            "run this as the user that the server runs as, who has to read it"
        } else {
            "start PostgreSQL, or correct the address, name or password of --database-url"
        };
        Finding::wrong(CHECK, format!("{shown} cannot be opened: {}", words(&error)), advice)
    })
}

fn damaged(url: &str, damage: &str) -> Finding {
    let advice = "stop the server, keep a copy of the file, and put the newest backup back (zhidu restore --replace)";
    Finding::wrong(CHECK, format!("{} is damaged: {damage}", look::shown(url)), advice)
}

/// What SQLite says of a file that is none of its own or not whole; everything else may be over at the next look.
fn unreadable(url: &str, said: &str) -> Finding {
    if said.contains("malformed") || said.contains("not a database") {
        return damaged(url, said);
    }
    let advice = "look again; if it stays so, see whether another program has the file open, and whether its disk is well";
    Finding::wrong(CHECK, format!("{} cannot be read: {said}", look::shown(url)), advice)
}

fn journal(path: &Path) -> Finding {
    const CHECK: &str = "journal";
    match look::writes_ahead(path) {
        Ok(true) => Finding::ok(CHECK, "writes ahead (WAL)"),
        Ok(false) => {
            let advice =
                "start the server, which switches it; if it stays so, put the file on a local disk: network file systems cannot do it";
            Finding::warn(CHECK, "does not write ahead (WAL): readers stop writers, and writers readers", advice)
        }
        Err(error) => Finding::wrong(CHECK, words(&error), "run this as the user that the server runs as, who has to read it"),
    }
}

fn kind(look: &mut Look, url: &str) -> Finding {
    match look.version() {
        Ok(Some((number, written))) => kind_of(number, &format!("PostgreSQL {written}, {}", look::shown(url))),
        Ok(None) => Finding::wrong(CHECK, "it says no version", "name a PostgreSQL with --database-url"),
        Err(error) => Finding::wrong(CHECK, words(&error), REFUSED),
    }
}

fn kind_of(version: i64, shown: &str) -> Finding {
    if version < OLDEST {
        return Finding::wrong(CHECK, shown, format!("take PostgreSQL {OLDEST} or newer: nothing older is tested"));
    }
    Finding::ok(CHECK, shown)
}

fn encoding(look: &mut Look) -> Finding {
    const CHECK: &str = "encoding";
    match look.encoding() {
        Ok(Some(encoding)) if encoding == "UTF8" => Finding::ok(CHECK, encoding),
        Ok(encoding) => {
            let advice = "make a database with: create database … encoding 'UTF8' template template0; and restore a backup into it";
            Finding::wrong(CHECK, format!("texts are kept as {}, not UTF8", encoding.unwrap_or_default()), advice)
        }
        Err(error) => Finding::wrong(CHECK, words(&error), REFUSED),
    }
}

/// This machine's clock is read when PostgreSQL has said its time, so that no waiting lies between.
fn drift(look: &mut Look, clock: &Clock) -> Finding {
    const CHECK: &str = "clock";
    const ADVICE: &str = "let both machines follow the same time (chrony or systemd-timesyncd)";
    match look.clock() {
        Ok(Some(theirs)) => {
            let apart = (theirs.micros() - clock.now().micros()) / 1_000_000;
            let found = format!("PostgreSQL's is {} {} this machine's", length(apart.abs()), if apart < 0 { "behind" } else { "before" });
            if apart.abs() > WRONG_DRIFT {
                Finding::wrong(CHECK, found, ADVICE)
            } else if apart.abs() > DRIFT {
                Finding::warn(CHECK, found, ADVICE)
            } else {
                Finding::ok(CHECK, format!("at most {DRIFT} seconds from PostgreSQL's"))
            }
        }
        Ok(None) => Finding::wrong(CHECK, "PostgreSQL says no time", REFUSED),
        Err(error) => Finding::wrong(CHECK, words(&error), REFUSED),
    }
}

/// Who takes over the server should not get the log with it.
fn rights(look: &mut Look) -> Finding {
    const CHECK: &str = "rights";
    match look.rights() {
        Ok(Some((role, could))) if could.is_empty() => Finding::ok(CHECK, format!("the role {role} cannot change the log")),
        Ok(None) => Finding::ok(CHECK, "there is no log yet"),
        Ok(Some((role, could))) => {
            let found = format!(
                "the role {role} could change {} of the log, {} among them",
                count(could.len(), "table"),
                could.first().map_or("none", String::as_str)
            );
            Finding::warn(
                CHECK,
                found,
                "take two roles: zhidu migrate as the owner, zhidu serve --no-migrate as another; the grants are in docs/operations.md, PostgreSQL",
            )
        }
        Err(error) => Finding::wrong(CHECK, words(&error), REFUSED),
    }
}

/// PostgreSQL is copied and put back by its own tools.
fn tools(look: &mut Look) -> Finding {
    const CHECK: &str = "pg_dump";
    let server = match look.version() {
        Ok(version) => version.map_or(0, |(number, _)| number),
        Err(error) => return read(CHECK, Err(error)),
    };
    let advice = format!(
        "install the client of PostgreSQL {server} (Debian: postgresql-client-{server}) and put it on the server's PATH; backups need it"
    );
    for tool in ["pg_dump", "pg_restore"] {
        match snapshot::tool_version(tool) {
            Err(error) => return Finding::wrong(CHECK, words(&error), advice),
            Ok(version) if version < server => {
                return Finding::wrong(CHECK, format!("{tool} {version} is older than PostgreSQL {server}"), advice);
            }
            Ok(_) => {}
        }
    }
    Finding::ok(CHECK, format!("pg_dump and pg_restore can copy PostgreSQL {server}"))
}

fn judge(schema: &Schema, no_migrate: bool) -> Finding {
    const CHECK: &str = "schema";
    if let Some(first) = schema.unknown.first() {
        let found = format!("newer than this binary: {}, the first is {first}", count(schema.unknown.len(), "unknown migration"));
        return Finding::wrong(
            CHECK,
            found,
            "take the zhidu that this database was used with last, or a newer one; schemas do not go back",
        );
    }
    if let Some(first) = schema.pending.first() {
        let found = format!(
            "{} of {}, the first is {first}; so the rest was not looked at",
            count(schema.pending.len(), "pending migration"),
            schema.applied + schema.pending.len()
        );
        if no_migrate {
            return Finding::wrong(CHECK, found, "zhidu migrate, as the role that owns the tables, after a backup");
        }
        return Finding::warn(CHECK, found, "zhidu serve applies them when it starts, or zhidu migrate; back up before");
    }
    Finding::ok(CHECK, format!("all {} applied", count(schema.applied, "migration")))
}

/// A finding of the database's content, or that it cannot be read.
pub fn read(check: &'static str, found: Result<Finding, Error>) -> Finding {
    found.unwrap_or_else(|error| Finding::wrong(check, words(&error), REFUSED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn an_old_postgres_is_wrong() {
        assert_eq!([14, 15, 18].map(|version| kind_of(version, "").verdict), [Verdict::Wrong, Verdict::Ok, Verdict::Ok]);
    }

    #[test]
    fn where_another_role_migrates_a_pending_migration_stops_the_server() {
        let schema = Schema { applied: 2, pending: vec!["one".to_owned()], unknown: Vec::new() };
        assert_eq!([judge(&schema, false).verdict, judge(&schema, true).verdict], [Verdict::Warn, Verdict::Wrong]);
    }
}

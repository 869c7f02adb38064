//! `zhidu doctor`: what is wrong with a set-up, and what to do about it.
//!
//! - It takes what `serve` takes, and looks at what `serve` would work with. It changes nothing: no folder, key or schema is made, no lock
//!   of the database is taken. So it may run while a server does, and where none can start.
//! - A check says what it found; what is not fine says in one sentence what to do. `wrong` is what stops a server, or has lost or will
//!   lose something; `warn` is what somebody should know and may want.
//! - What can be judged only by whoever knows the set-up is not judged.

mod backups;
mod data;
mod database;
mod forwarding;
mod keys;
mod log;
mod network;
mod people;
mod process;
mod wal;

use std::{
    fmt,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use clap::Args;
use kernel::{Clock, Error, Ts};
use serde::Serialize;

use crate::Serve;

/// What is examined.
#[derive(Args, Clone, Debug)]
pub struct Doctor {
    #[command(flatten)]
    serve: Serve,
    /// Print an array of {check, verdict, found, advice} for programs.
    #[arg(long)]
    json: bool,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and somebody should know this.
    Warn,
    /// It does not work, or something is lost or will be.
    Wrong,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Wrong => "wrong",
        })
    }
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Which check.
    pub check: &'static str,
    pub verdict: Verdict,
    pub found: String,
    /// What to do; only where it is not fine.
    pub advice: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, found: found.into(), advice: None }
    }
    fn warn(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Warn, found: found.into(), advice: Some(advice.into()) }
    }
    fn wrong(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Wrong, found: found.into(), advice: Some(advice.into()) }
    }
}

/// What went wrong, without the code that programs read.
fn words(error: &Error) -> String {
    error.cause().map_or_else(|| error.to_string(), |cause| cause.trim().replace('\n', "; "))
}

/// So many, of something whose plural is as usual.
fn count(number: usize, of: &str) -> String {
    if number == 1 { format!("1 {of}") } else { format!("{number} {of}s") }
}

/// A length of time as one says it.
fn length(seconds: i64) -> String {
    let whole = |unit: i64, name: &str| count(usize::try_from(seconds / unit).unwrap_or_default(), name);
    match seconds {
        ..120 => whole(1, "second"),
        120..7_200 => whole(60, "minute"),
        7_200..172_800 => whole(3_600, "hour"),
        _ => whole(86_400, "day"),
    }
}

/// A moment to the second, by the clock of no place in particular.
fn moment(at: Ts) -> String {
    let text = at.to_string();
    text.get(..19).map_or_else(|| text.clone(), |text| format!("{} UTC", text.replace('T', " ")))
}

/// A path from the root on: whoever was in another folder than he thought sees it.
fn whole(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Every check, in the order in which they are printed.
#[must_use]
pub fn examine(serve: &Serve, clock: &Clock) -> Vec<Finding> {
    let now = clock.now();
    let (server, runs) = network::server(serve);
    let mut found = vec![server];
    found.extend(data::checks(serve));
    found.extend(keys::checks(serve));
    let (of_database, mut look) = database::checks(serve, clock);
    found.extend(of_database);
    if let Some(look) = &mut look {
        found.extend(log::checks(serve, look, now, runs));
        found.extend(people::checks(look, now));
        found.push(data::uploads(serve, look, now));
        found.extend(wal::check(look, now));
    }
    found.extend(backups::checks(serve, look.as_mut(), now));
    found.extend(forwarding::checks(serve, look.as_mut(), now));
    found.extend(network::checks(serve, now));
    found.push(process::descriptors());
    found
}

impl Doctor {
    /// Prints what was found. Fails if something is wrong.
    pub fn run(&self) -> ExitCode {
        let found = examine(&self.serve, &Clock::default());
        let text = if self.json { serde_json::to_string_pretty(&found).map_err(io::Error::from) } else { Ok(report(&found)) };
        let printed = text.and_then(|text| writeln!(io::stdout(), "{text}"));
        let wrong = found.iter().any(|finding| finding.verdict == Verdict::Wrong);
        if wrong || printed.is_err() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// For people: a line for each check, a line below it for what to do, and the sum.
fn report(found: &[Finding]) -> String {
    let width = found.iter().map(|finding| finding.check.len()).max().unwrap_or_default();
    let mut text = String::new();
    for Finding { check, verdict, found, advice } in found {
        text.push_str(&format!("{verdict:<5}  {check:<width$}  {found}\n"));
        if let Some(advice) = advice {
            text.push_str(&format!("{:<5}  {:<width$}  -> {advice}\n", "", ""));
        }
    }
    let of = |verdict| found.iter().filter(|finding| finding.verdict == verdict).count();
    let (checks, ok, warn, wrong) = (count(found.len(), "check"), of(Verdict::Ok), of(Verdict::Warn), of(Verdict::Wrong));
    text.push_str(&format!("\n{checks}: {ok} ok, {warn} warn, {wrong} wrong"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_aligned_and_ends_with_the_sum() {
        let found = [
            Finding::ok("data folder", "data"),
            Finding::warn("schema", "1 migration is pending", "zhidu migrate"),
            Finding::wrong("log", "damaged", "restore it"),
        ];
        let lines = [
            "ok     data folder  data",
            "warn   schema       1 migration is pending",
            "                    -> zhidu migrate",
            "wrong  log          damaged",
            "                    -> restore it",
            "",
            "3 checks: 1 ok, 1 warn, 1 wrong",
        ];
        assert_eq!(report(&found), lines.join("\n"));
    }

    #[test]
    fn times_are_said_in_the_unit_that_fits() {
        let said = [(1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (7_200, "2 hours"), (200_000, "2 days")];
        said.iter().for_each(|(seconds, text)| assert_eq!(length(*seconds), *text));
    }
}

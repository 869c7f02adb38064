//! The database alone: the statements that the server sent for one request, taken from PostgreSQL's own log, sent again by
//! `pgbench -M prepared` from as many connections, without the server in between.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use crate::Outcome;

/// A PostgreSQL of our own, with a log that we may read.
pub struct Postgres {
    /// Of a superuser, with the database of the measurement.
    pub url: String,
    /// Its log file.
    pub log: String,
}

/// One statement with the values of its parameters as literals.
struct Statement {
    process: String,
    sql: String,
    values: Vec<String>,
}

impl Postgres {
    /// Runs one command of SQL.
    pub fn sql(&self, sql: &str) -> Outcome<String> {
        let output = Command::new("psql").args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.url]).output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into())
        }
    }

    /// Switches the log of statements.
    pub fn log_statements(&self, on: bool) -> Outcome {
        self.sql(&format!("alter system set log_statement = '{}'", if on { "all" } else { "none" }))?;
        self.sql("select pg_reload_conf()")?;
        std::thread::sleep(std::time::Duration::from_millis(500));
        Ok(())
    }

    /// Where the log ends now.
    pub fn mark(&self) -> Outcome<usize> {
        Ok(fs::read(&self.log)?.len())
    }

    /// A pgbench script of what one request sent since a mark: its transaction, or its statements if it only read.
    /// What the sequencer does meanwhile is not part of it.
    pub fn script_since(&self, mark: usize) -> Outcome<String> {
        let bytes = fs::read(&self.log)?;
        let text = String::from_utf8_lossy(bytes.get(mark..).unwrap_or_default()).into_owned();
        let mut read: Vec<Statement> = Vec::new();
        let mut written: Vec<Vec<Statement>> = Vec::new();
        let mut open: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
        for statement in statements(&text) {
            let process = statement.process.clone();
            let words = statement.sql.trim_start().to_ascii_lowercase();
            if words.starts_with("begin") {
                open.insert(process, vec![statement]);
            } else if words.starts_with("commit") {
                if let Some(mut whole) = open.remove(&process) {
                    whole.push(statement);
                    written.push(whole);
                }
            } else if let Some(inside) = open.get_mut(&process) {
                inside.push(statement);
            } else if !statement.sql.contains("audit_") {
                read.push(statement);
            }
        }
        let change = written.into_iter().find(|whole| whole.iter().any(|statement| statement.sql.contains("INSERT INTO \"audit_record\"")));
        let whole = change.unwrap_or(read);
        if whole.is_empty() { Err("the log shows no statement".into()) } else { Ok(replay(&whole)) }
    }

    /// Transactions in a second.
    pub fn pgbench(&self, script: &str, connections: u32, seconds: u32, folder: &Path) -> Outcome<f64> {
        let path = folder.join("raw.sql");
        fs::write(&path, script)?;
        let output = Command::new("pgbench")
            .args(["-n", "-M", "prepared", "--max-tries=20", &format!("-c{connections}"), "-j1", &format!("-T{seconds}"), "-f"])
            .arg(&path)
            .arg(&self.url)
            .output()
            .map_err(|error| format!("pgbench: {error}; on Debian it is part of the package postgresql"))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() || failed.contains("ERROR") {
            return Err(format!("pgbench: {failed}").into());
        }
        let tps =
            said.lines().find_map(|line| line.strip_prefix("tps = ")).and_then(|rest| rest.split_whitespace().next()).ok_or("no tps")?;
        Ok(tps.parse()?)
    }
}

fn statements(log: &str) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    let mut detail = false;
    for line in log.lines() {
        let process = line.split_once('[').and_then(|(_, rest)| Some(rest.split_once(']')?.0.to_owned()));
        if let Some((_, said)) = line.split_once("LOG:  ") {
            detail = false;
            if let Some((what, sql)) = said.split_once(": ")
                && (what.starts_with("execute") || what == "statement")
            {
                found.push(Statement { process: process.unwrap_or_default(), sql: sql.to_owned(), values: Vec::new() });
            }
        } else if let Some((_, said)) = line.split_once("DETAIL:  parameters: ") {
            detail = true;
            if let Some(last) = found.last_mut() {
                last.values = vec![said.to_owned()];
            }
        } else if let Some(last) = found.last_mut() {
            // A line of its own inside a statement or a value.
            let whole = if detail { last.values.last_mut() } else { Some(&mut last.sql) };
            if let Some(whole) = whole {
                whole.push('\n');
                whole.push_str(line);
            }
        }
    }
    for statement in &mut found {
        statement.values = statement.values.first().map(|text| values(text)).unwrap_or_default();
    }
    found
}

/// `$1 = 'a', $2 = NULL` as `'a'` and `NULL`.
fn values(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(" = ") {
        if let Some(quoted) = after.strip_prefix('\'') {
            let mut end = 0;
            let bytes = quoted.as_bytes();
            while end < bytes.len() {
                if bytes.get(end) == Some(&b'\'') {
                    if bytes.get(end + 1) == Some(&b'\'') {
                        end += 1;
                    } else {
                        break;
                    }
                }
                end += 1;
            }
            found.push(quoted.get(..end).unwrap_or_default().replace("''", "'"));
            rest = quoted.get(end + 1..).unwrap_or_default();
        } else {
            found.push("\u{0}".to_owned());
            rest = after.get(4..).unwrap_or_default();
        }
    }
    found
}

/// Values that a transaction makes and the next one must make anew.
fn is_new_id(value: &str) -> bool {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_millis());
    let hex: String = value.chars().filter(|c| *c != '-').take(12).collect();
    value.len() == 36 && u128::from_str_radix(&hex, 16).is_ok_and(|made| made <= now && now - made < 5_000)
}

fn replay(whole: &[Statement]) -> String {
    let mut ids: Vec<String> = Vec::new();
    let mut body = String::new();
    for statement in whole {
        let mut sql = statement.sql.replace('\n', " ");
        for (index, value) in statement.values.iter().enumerate().rev() {
            let literal = if value == "\u{0}" {
                "NULL".to_owned()
            } else if is_new_id(value) {
                let place = ids.iter().position(|id| id == value).unwrap_or_else(|| {
                    ids.push(value.clone());
                    ids.len() - 1
                });
                format!("('00000000-0000-7000-8000-'||lpad(to_hex(:k{place}::bigint),12,'0'))::uuid")
            } else if value.starts_with("T-2") && value.len() > 10 && value.is_ascii() {
                "('T-'||:k0::bigint)".to_owned()
            } else {
                let quoted = value.replace('\\', "\\\\").replace('\'', "''").replace('\n', "\\n").replace(':', "\\x3a");
                format!("E'{quoted}'")
            };
            sql = sql.replace(&format!("${}", index + 1), &literal);
        }
        body.push_str(&sql);
        body.push_str(";\n");
    }
    let mut script = String::new();
    for place in 0..ids.len().max(1) {
        script.push_str(&format!("\\set k{place} random(1, 281474976710655)\n"));
    }
    script + &body
}

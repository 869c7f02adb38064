//! The files that are keys.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use audit::Log;
use identity::Secrets;
use kernel::Error;

use super::{Finding, data::is_used, words};
use crate::{Serve, private, tls};

/// Bits of a mode that let others than the owner read or write.
const OTHERS: u32 = 0o077;

/// The two keys of every server, and who may read the other ones.
pub fn checks(serve: &Serve) -> Vec<Finding> {
    let parsed = |text: &str| Secrets::parse(text).map(drop);
    let secret = key("secret", "--secret-file", &serve.secret_path(), serve.secret_file.as_deref(), parsed).unwrap_or_else(|| {
        let found = format!("{} is missing", serve.secret_path().display());
        if is_used(&serve.config.data_dir) {
            Finding::warn(
                "secret",
                found,
                "put your copy back; otherwise the next start makes a new one, and everybody has to log in again",
            )
        } else {
            Finding::ok("secret", "none yet; the first start makes it")
        }
    });
    let parsed = |text: &str| log(serve, text).map(drop);
    let log = key("log key", "--log-key-file", &serve.log_key_path(), serve.log_key_file.as_deref(), parsed).unwrap_or_else(|| {
        let found = format!("{} is missing", serve.log_key_path().display());
        if is_used(&serve.config.data_dir) {
            let advice =
                "put your copy back before you start a server: a new key gives the log a new name, and backups no key to verify them";
            Finding::wrong("log key", found, advice)
        } else {
            Finding::ok("log key", "none yet; the first start makes it")
        }
    });
    vec![secret, log, others(serve)]
}

/// The log as its key opens it.
pub fn log(serve: &Serve, key: &str) -> Result<Log, Error> {
    Log::open(key, serve.anchor(), serve.log_checkpoint_seconds, serve.witness_key.clone())
}

/// A key that is there, or was named; nothing if it is the server's own and missing.
fn key(
    check: &'static str,
    option: &str,
    path: &Path,
    named: Option<&Path>,
    parse: impl FnOnce(&str) -> Result<(), Error>,
) -> Option<Finding> {
    let shown = path.display();
    let is_there = match path.try_exists() {
        Ok(is_there) => is_there,
        Err(error) => {
            return Some(Finding::wrong(
                check,
                format!("{shown}: {error}"),
                "run this as the user that the server runs as, who has to read it",
            ));
        }
    };
    if !is_there {
        return named.map(|_| {
            let advice = format!("put it there, or correct {option}: a server does not start, and makes none under a name of yours");
            Finding::wrong(check, format!("{shown} is missing"), advice)
        });
    }
    let text = match private::existing(path) {
        Ok(text) => text,
        Err(error) => {
            return Some(Finding::wrong(check, words(&error), "run this as the user that the server runs as, who has to read it"));
        }
    };
    if let Err(error) = parse(&text) {
        return Some(Finding::wrong(check, format!("{shown}: {}", words(&error)), "put back your copy of this file"));
    }
    Some(match open_to_others(path) {
        Some(mode) => Finding::warn(
            check,
            format!("{shown} has mode {mode:04o}"),
            format!("chmod 600 {shown}: whoever reads it can act as the server"),
        ),
        None => Finding::ok(check, format!("{shown}, for its owner only")),
    })
}

/// The mode of a file that others than its owner can read or write.
fn open_to_others(path: &Path) -> Option<u32> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & OTHERS != 0).then_some(mode)
}

/// Files that hold a password or a key besides those two.
fn others(serve: &Serve) -> Finding {
    const CHECK: &str = "other keys";
    let (_, of_certificate) = tls::paths(&serve.tls, &serve.config.data_dir);
    let mut all = vec![of_certificate];
    all.extend(serve.config.database_url_file.clone());
    all.extend(serve.identities.backup_identity.clone());
    all.extend(serve.forwarding.authorizations.iter().map(|one| one.file.clone()));
    all.extend(serve.places.backup_target_credentials.iter().map(|one| one.file.clone()));
    let open: Vec<String> = all.iter().filter(|path| open_to_others(path).is_some()).map(|path| path.display().to_string()).collect();
    if open.is_empty() {
        return Finding::ok(CHECK, "none that others can read");
    }
    Finding::warn(CHECK, format!("others than their owner can read {}", open.join(", ")), format!("chmod 600 {}", open.join(" ")))
}

//! What the system allows a process.

use rustix::process::{Resource, getrlimit};

use super::Finding;

/// Descriptors that a server should have: one for each open page, each request, each file.
const DESCRIPTORS: u64 = 4096;

/// How many files and connections a process started from here may have open.
pub fn descriptors() -> Finding {
    const CHECK: &str = "descriptors";
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < DESCRIPTORS => {
            let advice =
                format!("ulimit -n {DESCRIPTORS} before zhidu serve, or LimitNOFILE={DESCRIPTORS} in its systemd unit, which counts there");
            Finding::warn(CHECK, format!("a process started from here may open {limit} files and connections"), advice)
        }
        limit => {
            Finding::ok(CHECK, limit.map_or_else(|| "no limit".to_owned(), |limit| format!("{limit} for a process started from here")))
        }
    }
}

//! A record as a syslog message (RFC 5424), framed by its length (RFC 5425, RFC 6587).

use std::sync::OnceLock;

use audit::{ledger::Entry, ocsf};

/// Log audit (13), RFC 5424 table 1.
const FACILITY: u8 = 13;
const WARNING: u8 = 4;
const INFORMATIONAL: u8 = 6;

/// What the standard allows in a header field: printable ASCII without spaces, at most so long; `-` for nothing.
fn field(text: &str, longest: usize) -> String {
    let plain: String = text.chars().filter(char::is_ascii_graphic).take(longest).collect();
    if plain.is_empty() { "-".to_owned() } else { plain }
}

fn machine() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| field(&rustix::system::uname().nodename().to_string_lossy(), 255))
}

/// The message. What it says is the OCSF event as JSON, in UTF-8.
fn message(entry: &Entry) -> String {
    let severity = if entry.outcome == "success" { INFORMATIONAL } else { WARNING };
    format!(
        "<{priority}>1 {time} {machine} zhidu - {id} [origin software=\"Zhidu\" swVersion=\"{version}\"] {event}",
        priority = FACILITY * 8 + severity,
        time = entry.happened(),
        machine = machine(),
        id = field(&entry.action, 32),
        version = env!("CARGO_PKG_VERSION"),
        event = ocsf::event(entry),
    )
}

/// Messages in their frames.
#[must_use]
pub fn frames(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in entries.iter().map(message) {
        bytes.extend(format!("{} ", message.len()).into_bytes());
        bytes.extend(message.into_bytes());
    }
    bytes
}

//! The names of what PostgreSQL archives, and by what names it lies in an archive.

use std::{fmt, str::FromStr};

/// The name of a file that PostgreSQL archives: a segment, one that a new timeline left unfinished, the history of a timeline, or the
/// label of a base backup.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WalName(String);

const SEGMENT: usize = 24;
const EIGHT: usize = 8;

fn hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
}

impl FromStr for WalName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('.');
        let (Some(first), second, third, None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return Err(wrong(text)) };
        let known = match (second, third) {
            (None, None) | (Some("partial"), None) => hexadecimal(first, SEGMENT),
            (Some("history"), None) => hexadecimal(first, EIGHT),
            (Some(offset), Some("backup")) => hexadecimal(first, SEGMENT) && hexadecimal(offset, EIGHT),
            _ => false,
        };
        if known { Ok(Self(text.to_owned())) } else { Err(wrong(text)) }
    }
}

fn wrong(text: &str) -> String {
    format!("{text:?} is no name of a file that PostgreSQL archives (%f), as 0000000100000000000000A3 or 00000002.history is")
}

impl fmt::Display for WalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl WalName {
    /// Whether it is a whole segment.
    #[must_use]
    pub fn is_segment(&self) -> bool {
        self.0.len() == SEGMENT
    }

    /// The number of its timeline, as it stands in front.
    #[must_use]
    pub fn timeline(&self) -> &str {
        self.0.get(..EIGHT).unwrap_or_default()
    }
}

/// A file as it lies in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What PostgreSQL calls it.
    pub name: WalName,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
    /// What it is called there.
    pub file: String,
}

impl Stored {
    /// From what it is called there; nothing if that is something else.
    pub fn of(file: String) -> Option<Self> {
        let (name, sha256) = file.strip_suffix(".age").unwrap_or(&file).strip_suffix(".zst")?.rsplit_once('.')?;
        let plain = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let (name, sha256) = (name.parse().ok().filter(|_| plain)?, sha256.to_owned());
        Some(Self { name, sha256, file })
    }

    /// Whether whoever reads the archive can read it.
    pub fn is_readable(&self) -> bool {
        !self.file.ends_with(".age")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_postgres_gives_are_taken() {
        for (name, segment) in [
            ("0000000100000000000000A3", true),
            ("0000000100000000000000A3.partial", false),
            ("0000000100000000000000A3.00000028.backup", false),
            ("00000002.history", false),
        ] {
            let parsed: WalName = name.parse().unwrap();
            assert_eq!((parsed.to_string().as_str(), parsed.is_segment()), (name, segment));
        }
        assert_eq!("0000000200000000000000A3".parse::<WalName>().unwrap().timeline(), "00000002");
        let wrong =
            ["", "..", "../00000002.history", "0000000100000000000000a3", "0000000100000000000000A", "00000002.histories", "/etc/passwd"];
        let longer = [
            "0000000100000000000000A3.backup",
            "00000002.00000028.backup",
            "0000000100000000000000A3.00000028.backup.x",
            "00000002.history/",
        ];
        for name in wrong.into_iter().chain(longer) {
            assert!(name.parse::<WalName>().is_err(), "{name}");
        }
    }

    #[test]
    fn what_lies_in_an_archive_says_its_name_and_its_content() {
        let sha256 = "0f".repeat(32);
        for (ending, readable) in [("zst", true), ("zst.age", false)] {
            for name in ["0000000100000000000000A3", "0000000100000000000000A3.00000028.backup"] {
                let stored = Stored::of(format!("{name}.{sha256}.{ending}")).unwrap();
                assert_eq!((stored.name.to_string().as_str(), &stored.sha256, stored.is_readable()), (name, &sha256, readable));
            }
        }
        for file in [
            format!("0000000100000000000000A3.{sha256}"),
            "0000000100000000000000A3.zst".to_owned(),
            format!("x.{sha256}.zst"),
            ".zst".to_owned(),
        ] {
            assert_eq!(Stored::of(file.clone()), None, "{file}");
        }
    }
}

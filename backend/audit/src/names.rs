//! The names of a log, one after the other: `zhidu/…`, which is that of its key; from the next year on `zhidu/…/2027`; after a restore
//! `zhidu/…/2027/r2`. All are of one tree: what is proven under one name is in the log under the next, unless a restore has lost it.

use merkle::{Checkpoint, Verifier};

/// Where a name stands among those of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// None is before every year.
    year: Option<i16>,
    /// Counted from one in each year.
    number: i32,
}

impl Turn {
    /// The name of the key itself.
    pub const FIRST: Self = Self { year: None, number: 1 };

    /// The first name of a year.
    pub const fn of_year(year: i16) -> Self {
        Self { year: Some(year), number: 1 }
    }

    /// The name after a restore.
    #[must_use]
    pub const fn again(self) -> Self {
        Self { number: self.number + 1, ..self }
    }

    /// Whether a restore has made it necessary.
    pub const fn is_again(self) -> bool {
        self.number > 1
    }

    /// The name, of the log whose key has this one.
    pub fn name(self, base: &str) -> String {
        let year = self.year.map(|year| format!("/{year:04}")).unwrap_or_default();
        let number = if self.is_again() { format!("/r{}", self.number) } else { String::new() };
        format!("{base}{year}{number}")
    }
}

/// The name of a log's key, and where this name stands.
pub fn turn(name: &str) -> (&str, Turn) {
    let written = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let number = name.rsplit_once("/r").filter(|(_, number)| written(number));
    let (rest, number) =
        number.and_then(|(rest, number)| Some((rest, number.parse().ok().filter(|number| *number > 1)?))).unwrap_or((name, 1));
    let year = rest.rsplit_once('/').filter(|(_, year)| written(year) && year.len() == 4);
    let (base, year) = year.and_then(|(base, year)| Some((base, Some(year.parse().ok()?)))).unwrap_or((rest, None));
    (base, Turn { year, number })
}

/// Whether a checkpoint is of the same log as another, and later: of a later name, or of more records.
pub fn goes_on(known: &Checkpoint, state: &Checkpoint) -> bool {
    let ((log, now), (other, then)) = (turn(&known.origin), turn(&state.origin));
    log == other && (now, known.size) > (then, state.size)
}

/// The key that somebody has written down, as it signs under the name that the log has now: the same name, or that of a later year, which
/// the log gets by itself. A name after a restore is not among them: that has to be looked at by whoever trusts the log.
#[must_use]
pub fn in_later_year(key: &Verifier, origin: &str) -> Option<Verifier> {
    let ((log, then), (other, now)) = (turn(key.name()), turn(origin));
    let by_itself = log == other && now.year > then.year && !now.is_again();
    if by_itself { key.renamed(origin).ok() } else { None }
}

/// The key as it signs under a name of the log: that of a later year, or the one that it has.
#[must_use]
pub fn as_of(key: &Verifier, origin: &str) -> Verifier {
    in_later_year(key, origin).unwrap_or_else(|| key.clone())
}

/// The key of a log under any of its names, as it signs what is not the log itself: backups, packages for authorities.
#[must_use]
pub fn as_first(key: &Verifier) -> Verifier {
    key.renamed(turn(key.name()).0).unwrap_or_else(|_| key.clone())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use merkle::{Signer, tree};

    use super::*;

    #[test]
    fn a_later_name_or_more_records_of_the_same_log_go_on() {
        let state = |origin: &str, size| Checkpoint { origin: origin.to_owned(), size, root: tree::empty_root(), extensions: Vec::new() };
        let cases = [
            ("l", 6, true),
            ("l", 5, false),
            ("l", 4, false),
            ("l/r2", 1, true),
            ("l/2027", 1, true),
            ("m", 9, false),
            ("l/r1", 9, false),
            ("l/r02", 9, false),
            ("l/r+2", 9, false),
            ("l/20270", 9, false),
        ];
        for (known, size, goes) in cases {
            assert_eq!(goes_on(&state(known, size), &state("l", 5)), goes, "{known} {size}");
        }
        assert!(!goes_on(&state("l", 9), &state("l/r2", 5)));
        assert!(!goes_on(&state("l/r7", 9), &state("l/2027", 5)));
        assert!(goes_on(&state("l/2028", 5), &state("l/2027/r2", 9)));
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in ["a/b", "a/b/r2", "a/b/r10", "a/b/2027", "a/b/2027/r2"] {
            let (base, turn) = turn(name);
            assert_eq!((base, turn.name(base).as_str()), ("a/b", name));
        }
        for name in ["a/run", "l/r1", "l/r02", "l/0027", "l/207", "zhidu/0123456789012345", ""] {
            assert_eq!(turn(name), (name, Turn::FIRST), "{name}");
        }
        assert_eq!(turn("l/r2/r3").0, "l/r2");
        assert_eq!(turn("l/2027/r2").1, Turn::of_year(2027).again());
    }

    #[test]
    fn a_key_is_that_of_later_years_too() {
        let key = Signer::new("l", [1; 32]).unwrap().verifier();
        let of_year = key.renamed("l/2027").unwrap();
        assert_eq!(in_later_year(&key, "l/2027"), Some(of_year.clone()));
        assert_eq!(in_later_year(&key.renamed("l/2026/r2").unwrap(), "l/2027"), Some(of_year.clone()));
        for other in ["l", "l/r2", "l/2027/r2", "m/2027", "l/2027/x"] {
            assert_eq!(in_later_year(&key, other), None, "{other}");
        }
        assert_eq!(in_later_year(&of_year, "l/2026"), None);
        assert_eq!(as_first(&of_year), key);
    }
}

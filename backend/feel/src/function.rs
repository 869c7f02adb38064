//! The fixed list of functions; nobody can add to it at run time.

use std::ops::RangeInclusive;

/// A built-in function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the name is the documentation; docs/feel.md has the table")]
pub enum Function {
    Count,
    Sum,
    Min,
    Max,
    ListContains,
    Contains,
    StartsWith,
    EndsWith,
    StringLength,
    UpperCase,
    LowerCase,
    Substring,
    Floor,
    Ceiling,
    RoundUp,
    RoundDown,
    RoundHalfUp,
    Abs,
    Date,
    Time,
    DateAndTime,
    Duration,
    Today,
    Now,
    WorkingDaysBetween,
    AddWorkingDays,
    AddWorkingTime,
}

impl Function {
    /// All functions with their names and the number of arguments they take.
    #[rustfmt::skip]
    const TABLE: &'static [(Self, &'static str, RangeInclusive<usize>)] = &[
        (Self::Count, "count", 1..=1),
        (Self::Sum, "sum", 1..=64),
        (Self::Min, "min", 1..=64),
        (Self::Max, "max", 1..=64),
        (Self::ListContains, "list contains", 2..=2),
        (Self::Contains, "contains", 2..=2),
        (Self::StartsWith, "starts with", 2..=2),
        (Self::EndsWith, "ends with", 2..=2),
        (Self::StringLength, "string length", 1..=1),
        (Self::UpperCase, "upper case", 1..=1),
        (Self::LowerCase, "lower case", 1..=1),
        (Self::Substring, "substring", 2..=3),
        (Self::Floor, "floor", 1..=2),
        (Self::Ceiling, "ceiling", 1..=2),
        (Self::RoundUp, "round up", 2..=2),
        (Self::RoundDown, "round down", 2..=2),
        (Self::RoundHalfUp, "round half up", 2..=2),
        (Self::Abs, "abs", 1..=1),
        (Self::Date, "date", 1..=3),
        (Self::Time, "time", 1..=3),
        (Self::DateAndTime, "date and time", 1..=2),
        (Self::Duration, "duration", 1..=1),
        (Self::Today, "today", 0..=0),
        (Self::Now, "now", 0..=0),
        (Self::WorkingDaysBetween, "working days between", 2..=2),
        (Self::AddWorkingDays, "add working days", 2..=2),
        (Self::AddWorkingTime, "add working time", 2..=2),
    ];

    /// All functions.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::TABLE.iter().map(|(function, ..)| *function)
    }

    /// The name as it is written, words separated by one space.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// How many arguments it takes.
    #[must_use]
    pub fn arity(self) -> RangeInclusive<usize> {
        self.row().2.clone()
    }

    /// The function of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(_, known, _)| *known == name).map(|(function, ..)| *function)
    }

    /// Whether a function of several words begins with this word, so that a field of this name must be quoted.
    pub(crate) fn begins_with(word: &str) -> bool {
        Self::TABLE.iter().any(|(_, name, _)| name.split_once(' ').is_some_and(|(first, _)| first == word))
    }

    fn row(self) -> &'static (Self, &'static str, RangeInclusive<usize>) {
        // Every variant stands in the table (tested); the fallback keeps the lookup total.
        static NOTHING: (Function, &str, RangeInclusive<usize>) = (Function::Count, "count", 1..=1);
        Self::TABLE.iter().find(|(function, ..)| *function == self).unwrap_or(&NOTHING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found_by_its_name() {
        assert_eq!(Function::all().count(), Function::AddWorkingTime as usize + 1);
        assert!(Function::all().all(|function| Function::named(function.name()) == Some(function)));
    }
}

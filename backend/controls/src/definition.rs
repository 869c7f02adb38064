//! A control as it is written in `controls.toml`, and what can be wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    Error, Ts,
    calendar::Calendar,
    durations::{WorkingTime, duration_minutes},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::{
    Catalogue, Entry, EventKind, Pattern,
    pattern::{Correlate, Matcher, PatternFlaw},
};

kernel::text_enum! {
    /// The kind of constraint (Declare).
    pub enum Template {
        /// After `when`, `then` within the time.
        Response = "response",
        /// No `when` without a `then` before it.
        Precedence = "precedence",
        /// Both.
        Succession = "succession",
        /// `then` again and again, for everything or for each member of a population.
        Existence = "existence",
        /// No `when`.
        Absence = "absence",
        /// `when` and `then` by different people.
        Separation = "separation",
        /// After `when` no `then`, until `unless`.
        NeverAfter = "never_after",
        /// At most `max` of `when` in a window.
        Count = "count",
    }
}

kernel::text_enum! {
    /// How bad a breach is.
    pub enum Severity {
        /// To be put right.
        Minor = "minor",
        /// To be put right soon.
        Major = "major",
        /// To be put right at once.
        Critical = "critical",
    }
}

kernel::text_enum! {
    /// How many activations one record meets.
    pub enum Match {
        /// One: it is consumed.
        Each = "each",
        /// All that are open; an activation while one is open opens none.
        Once = "once",
    }
}

kernel::text_enum! {
    /// What time counts.
    pub enum Pace {
        /// Working time of the company's calendar.
        Work = "work",
        /// Every hour of the day.
        Clock = "clock",
    }
}

/// Who must be reached by an existence control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// What makes a member.
    pub from: OneOrMore,
    /// What ends membership.
    #[serde(default, skip_serializing_if = "OneOrMore::is_none")]
    pub until: OneOrMore,
}

/// A pattern or several, of which any counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    #[default]
    None,
    One(Pattern),
    More(Vec<Pattern>),
}

impl OneOrMore {
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    fn all(&self) -> &[Pattern] {
        match self {
            Self::None => &[],
            Self::One(pattern) => std::slice::from_ref(pattern),
            Self::More(patterns) => patterns,
        }
    }
}

/// A control, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Its stable key.
    pub id: String,
    /// The clause that it shows to be kept.
    pub clause: String,
    /// What it says, for people.
    pub title: String,
    /// In English.
    #[serde(default)]
    pub en: String,
    pub template: Template,
    #[serde(default, skip_serializing_if = "OneOrMore::is_none")]
    pub when: OneOrMore,
    #[serde(default, skip_serializing_if = "OneOrMore::is_none")]
    pub then: OneOrMore,
    /// Vacates.
    #[serde(default, skip_serializing_if = "OneOrMore::is_none")]
    pub unless: OneOrMore,
    /// The time for `then` (ISO 8601).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// How recent the `then` of a precedence must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh: Option<String>,
    /// How often an existence is due, since the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// The window of a count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// How many are allowed in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<Population>,
    #[serde(default = "clock")]
    pub calendar: Pace,
    #[serde(default = "subject")]
    pub correlate: String,
    #[serde(rename = "match", default = "each")]
    pub matching: Match,
    #[serde(default = "major")]
    pub severity: Severity,
}

const fn clock() -> Pace {
    Pace::Clock
}
fn subject() -> String {
    "subject".to_owned()
}
const fn each() -> Match {
    Match::Each
}
const fn major() -> Severity {
    Severity::Major
}

impl Definition {
    /// SHA-256 of its canonical JSON (RFC 8785), of which the first 16 bytes are the version, in hexadecimal.
    pub fn version(&self) -> Result<String, Error> {
        let canonical = serde_json_canonicalizer::to_string(self).map_err(Error::internal)?;
        Ok(kernel::hex(&Sha256::digest(canonical)).chars().take(32).collect())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    control: Vec<Definition>,
}

/// Reads `controls.toml`.
pub fn read(text: &str) -> Result<Vec<Definition>, String> {
    toml::from_str::<File>(text).map(|file| file.control).map_err(|error| error.to_string())
}

/// What is wrong with a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Flaw {
    /// Which control.
    pub control: String,
    /// Which of its keys.
    pub field: String,
    /// Why, in Chinese.
    pub zh: String,
    /// Why, in English.
    pub en: String,
}

/// A time limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Clock(i64),
    Work(WorkingTime),
}

impl Limit {
    fn parse(text: &str, pace: Pace) -> Option<Self> {
        match pace {
            Pace::Work => WorkingTime::parse(text).map(Self::Work),
            Pace::Clock => duration_minutes(text).map(Self::Clock),
        }
    }

    /// When it is over, if it begins now.
    pub fn after(self, from: Ts, calendar: &Calendar) -> Result<Ts, Error> {
        match self {
            Self::Clock(minutes) => Ok(from.plus_seconds(minutes * 60)),
            Self::Work(time) => time.after(from, calendar),
        }
    }
}

/// A control that has been checked.
#[derive(Clone, Debug)]
pub struct Control {
    pub definition: Definition,
    /// The hash of its definition.
    pub version: String,
    pub(crate) when: Vec<Matcher>,
    pub(crate) then: Vec<Matcher>,
    pub(crate) unless: Vec<Matcher>,
    pub(crate) from: Vec<Matcher>,
    pub(crate) until: Vec<Matcher>,
    pub(crate) within: Option<Limit>,
    pub(crate) every: Option<Limit>,
    /// Minutes on the clock.
    pub(crate) fresh: Option<i64>,
    pub(crate) window: Option<i64>,
}

impl Control {
    /// Checks a definition against the events that there are.
    pub fn check(definition: Definition, catalogue: &Catalogue) -> Result<Self, Vec<Flaw>> {
        use Template as T;
        let mut flaws = Flaws { control: definition.id.clone(), all: Vec::new() };
        let template = definition.template;
        let has = |list: &OneOrMore| !list.is_none();
        let needs_then = matches!(template, T::Response | T::Precedence | T::Succession | T::Existence | T::Separation | T::NeverAfter);
        flaws.must("when", has(&definition.when), template != T::Existence);
        flaws.must("then", has(&definition.then), needs_then);
        flaws.must("every", definition.every.is_some(), template == T::Existence);
        flaws.must("window", definition.window.is_some(), template == T::Count);
        flaws.must("max", definition.max.is_some(), template == T::Count);
        flaws.may("within", definition.within.is_some(), matches!(template, T::Response | T::Succession));
        flaws.may("fresh", definition.fresh.is_some(), template == T::Precedence);
        flaws.may("for_each", definition.for_each.is_some(), template == T::Existence);
        flaws.may("unless", has(&definition.unless), !matches!(template, T::Absence | T::Count | T::Existence));

        let usual = Correlate::parse(&definition.correlate);
        if usual.is_none() {
            flaws.correlation("correlate");
        }
        let usual = usual.unwrap_or(Correlate::Global);
        let own = definition.then.all().iter().any(|pattern| pattern.correlate.is_some());
        if template == T::Existence && definition.for_each.is_none() && (usual != Correlate::Global || own) {
            flaws.say("correlate", "没有 for_each 时须为 global", "must be global without for_each");
        }
        let mut matchers = |field: &str, list: &OneOrMore| -> Vec<Matcher> {
            list.all().iter().filter_map(|pattern| flaws.pattern(field, pattern, Matcher::new(pattern, &usual, catalogue))).collect()
        };
        let (when, then, unless) =
            (matchers("when", &definition.when), matchers("then", &definition.then), matchers("unless", &definition.unless));
        let (from, until) = definition.for_each.as_ref().map_or((Vec::new(), Vec::new()), |population| {
            (matchers("for_each.from", &population.from), matchers("for_each.until", &population.until))
        });
        let mut limit = |field: &str, text: &Option<String>, pace: Pace| {
            let limit = text.as_deref().map(|text| Limit::parse(text, pace));
            if limit == Some(None) {
                flaws.say(field, "不是有效的时长，例如 PT4H、P30D", "is not a duration such as PT4H or P30D");
            }
            limit.flatten()
        };
        let within = limit("within", &definition.within, definition.calendar);
        let every = limit("every", &definition.every, definition.calendar);
        let mut minutes = |field: &str, text: &Option<String>| match limit(field, text, Pace::Clock) {
            Some(Limit::Clock(minutes)) => Some(minutes),
            _ => None,
        };
        let (fresh, window) = (minutes("fresh", &definition.fresh), minutes("window", &definition.window));
        match definition.version() {
            Ok(version) if flaws.all.is_empty() => {
                Ok(Self { definition, version, when, then, unless, from, until, within, every, fresh, window })
            }
            Ok(_) => Err(flaws.all),
            Err(error) => {
                flaws.say("id", &error.to_string(), &error.to_string());
                Err(flaws.all)
            }
        }
    }

    /// The names of the events that it looks at.
    #[must_use]
    pub fn events(&self) -> BTreeSet<&str> {
        self.matchers().map(|matcher| matcher.event.as_str()).collect()
    }

    /// The events without any of which it can never be activated.
    #[must_use]
    pub fn activations(&self) -> BTreeSet<&str> {
        self.activating().map(|matcher| matcher.event.as_str()).collect()
    }

    fn activating(&self) -> impl Iterator<Item = &Matcher> {
        let existence = self.definition.template == Template::Existence;
        let first = if existence && !self.from.is_empty() { &self.from } else { &self.when };
        let then = if existence { self.then.as_slice() } else { &[] };
        first.iter().chain(then)
    }

    /// Those events with their conditions, as they are written.
    pub fn conditions(&self) -> impl Iterator<Item = &Pattern> {
        let Definition { template, when, then, for_each, .. } = &self.definition;
        let first = for_each.as_ref().filter(|_| *template == Template::Existence).map_or(when, |population| &population.from);
        let then = if *template == Template::Existence { then.all() } else { &[] };
        first.all().iter().chain(then)
    }

    /// Whether a record is of an event that could activate it and no condition on that event holds: what was recorded as something else
    /// than it was would be passed over like this.
    #[must_use]
    pub fn passes_over(&self, entry: &Entry) -> bool {
        let mut of_event = self.activating().filter(|matcher| matcher.event == entry.action).peekable();
        of_event.peek().is_some() && of_event.all(|matcher| matcher.keys(entry).is_none())
    }

    /// Those events, as the catalogue has them.
    #[must_use]
    pub fn kinds(&self) -> Vec<EventKind> {
        let kinds: BTreeMap<&str, &EventKind> = self.matchers().map(|matcher| (matcher.event.as_str(), &matcher.kind)).collect();
        kinds.into_values().cloned().collect()
    }

    fn matchers(&self) -> impl Iterator<Item = &Matcher> {
        [&self.when, &self.then, &self.unless, &self.from, &self.until].into_iter().flatten()
    }
}

/// Gathers what is wrong.
struct Flaws {
    control: String,
    all: Vec<Flaw>,
}

impl Flaws {
    fn say(&mut self, field: &str, zh: &str, en: &str) {
        self.all.push(Flaw { control: self.control.clone(), field: field.to_owned(), zh: zh.to_owned(), en: en.to_owned() });
    }

    /// It is needed here, and means nothing elsewhere.
    fn must(&mut self, field: &str, given: bool, needed: bool) {
        if needed && !given {
            self.say(field, "此模板必须填写", "is needed by this template");
        }
        self.may(field, given, needed);
    }

    fn may(&mut self, field: &str, given: bool, allowed: bool) {
        if given && !allowed {
            self.say(field, "此模板不用这一项", "means nothing to this template");
        }
    }

    fn correlation(&mut self, field: &str) {
        self.say(
            field,
            "关联方式应为 subject、actor、unit、global 或 related(类型, 角色)",
            "must be subject, actor, unit, global or related(kind, role)",
        );
    }

    fn pattern(&mut self, field: &str, pattern: &Pattern, matcher: Result<Matcher, PatternFlaw>) -> Option<Matcher> {
        match matcher {
            Ok(matcher) => return Some(matcher),
            Err(PatternFlaw::UnknownEvent) => {
                self.say(field, &format!("没有事件“{}”", pattern.event), &format!("there is no event “{}”", pattern.event))
            }
            Err(PatternFlaw::Condition(zh, en)) => self.say(&format!("{field}.where"), &zh, &en),
            Err(PatternFlaw::Correlation) => self.correlation(&format!("{field}.correlate")),
        }
        None
    }
}

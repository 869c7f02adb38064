//! What a case is at a moment: control only. What people wrote is elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{levels::Level, model::ElementId};

/// The number of a token in its case; never used twice.
pub type TokenId = u64;
/// The number of a running scope in its case.
pub type ScopeId = u64;

/// A version of the meaning of what is kept; states of all versions are read for ever.
pub const SEMANTICS: u32 = 1;

/// The state of a case. Between two deliveries every token waits for something outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// By which meaning it was made.
    pub semantics_version: u32,
    /// The next number that has not been used.
    pub next: u64,
    /// Scopes that run: the process, subprocesses.
    pub scopes: BTreeMap<ScopeId, Running>,
    /// Where the case stands.
    pub tokens: BTreeMap<TokenId, Token>,
    /// How many branches of an inclusive split were taken, by the number of its box.
    pub sent: BTreeMap<u64, usize>,
    /// What was done, in order: where somebody may return to.
    pub visits: Vec<Visit>,
    /// How it ended, if it did.
    pub ended: Option<Ended>,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// By its end events.
    Completed,
    /// Somebody ended it.
    Terminated,
}

/// A scope that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The subprocess; none for the process.
    pub of: Option<ElementId>,
    /// What goes on when it is done.
    pub parent: Parent,
    /// Event subprocesses that wait for their events.
    pub armed: BTreeSet<ElementId>,
}

/// What a scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parent {
    /// Nothing: it is the process.
    Nothing,
    /// A token at a subprocess, and which of its repetitions.
    Token(TokenId, Option<u32>),
    /// The scope in which an event subprocess was started.
    Scope(ScopeId),
}

/// A token: something is done, or waited for, here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// In which scope.
    pub scope: ScopeId,
    /// At which element.
    pub at: ElementId,
    /// The boxes around it, from the outside in, each with the number of its activation.
    pub boxes: Vec<Box>,
    /// The activity beside which it runs.
    pub beside: Option<TokenId>,
    /// For what it waits.
    pub stay: Stay,
    /// Events that may come: its own, or those at the border of its activity.
    pub armed: BTreeSet<ElementId>,
}

/// One activation of a fragment in which several tokens walk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Box {
    /// Its number.
    pub id: u64,
    /// Which fragment, and where in it.
    pub level: Level,
}

/// For what a token waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stay {
    /// For the others at a join.
    AtJoin {
        /// The flow by which it came.
        came_by: ElementId,
    },
    /// For an event.
    Event,
    /// To be told how often its activity is to be done.
    Count,
    /// For work: once, or the repetitions that are open.
    Work {
        /// Open repetitions; `None` is the only one of an activity that is done once.
        open: BTreeSet<Option<u32>>,
        /// Repetitions that have not begun, for those one after the other.
        waiting: Vec<u32>,
        /// The number of the next repetition to be added.
        next: u32,
    },
    /// For somebody who repairs it.
    Incident {
        /// What is wrong.
        reason: Reason,
    },
}

/// Why a case cannot go on by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A condition could not be answered.
    Condition(String),
    /// An error that nothing catches.
    Error(Option<String>),
    /// It went on and on without anybody.
    Fuel,
}

/// Something that was done, with the boxes around it then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// In which scope.
    pub scope: ScopeId,
    /// Which element.
    pub element: ElementId,
    /// The boxes around it.
    pub boxes: Vec<Box>,
}

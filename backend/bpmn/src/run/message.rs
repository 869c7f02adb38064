//! What is told to a case, and what it asks for.

use feel::{Context, Value};
use serde::{Deserialize, Serialize};

use super::state::{Ended, Reason, ScopeId, TokenId};
use crate::model::{ElementId, Flow};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It begins, at this start event.
    Started {
        /// Which.
        at: ElementId,
    },
    /// Work is done.
    Completed {
        /// Whose.
        token: TokenId,
        /// Which repetition; none if it is done once.
        item: Option<u32>,
    },
    /// An action failed with an error.
    Failed {
        /// Whose.
        token: TokenId,
        /// By which it may be caught.
        code: Option<String>,
    },
    /// So often is an activity to be done.
    Counted {
        /// Whose.
        token: TokenId,
        /// How often.
        items: u32,
    },
    /// One repetition more (加签).
    ItemAdded {
        /// Whose.
        token: TokenId,
    },
    /// One repetition less (减签); not the last.
    ItemRemoved {
        /// Whose.
        token: TokenId,
        /// Which.
        item: u32,
    },
    /// An event came that was waited for.
    Fired {
        /// Who waited.
        owner: Owner,
        /// Which event.
        event: ElementId,
    },
    /// Somebody sends the case back (退回).
    Returned {
        /// From where.
        token: TokenId,
        /// To where.
        to: ElementId,
    },
    /// What was wrong has been repaired: it is tried again.
    Retried {
        /// Whose.
        token: TokenId,
    },
    /// Somebody takes it back to its beginning (撤回): everything that is open goes, and it begins again, at this start event.
    Restarted {
        /// Which.
        at: ElementId,
    },
    /// Somebody ends the case.
    Terminated,
}

/// Who waits for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A token.
    Token(TokenId),
    /// A scope, for its event subprocesses.
    Scope(ScopeId),
}

/// What the case asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Work begins: people are asked, an action runs, a table is asked, another process starts, as the element says.
    Open {
        /// Whose.
        token: TokenId,
        /// What.
        element: ElementId,
        /// Which repetition.
        item: Option<u32>,
    },
    /// Work that is open is no longer to be done.
    Close {
        /// Whose.
        token: TokenId,
        /// What.
        element: ElementId,
        /// Which repetition.
        item: Option<u32>,
    },
    /// How often is it to be done?
    Count {
        /// Whose.
        token: TokenId,
        /// What.
        element: ElementId,
    },
    /// An event is waited for.
    Arm {
        /// Who waits.
        owner: Owner,
        /// Which event.
        event: ElementId,
    },
    /// It is waited for no longer.
    Disarm {
        /// Who waited.
        owner: Owner,
        /// Which event.
        event: ElementId,
    },
    /// Something is wrong here.
    Incident {
        /// Whose.
        token: TokenId,
        /// Where.
        element: ElementId,
        /// What.
        reason: Reason,
    },
    /// An end event was reached: by it one knows how a case ended.
    Reached {
        /// Which.
        element: ElementId,
    },
    /// The case is over.
    End(Ended),
}

/// Why an event was refused; nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The case has ended.
    Ended,
    /// It has begun already, or not at that element.
    NotAStart,
    /// Nothing there is open, or waits for this.
    NotOpen,
    /// The last repetition cannot be removed.
    LastItem,
    /// It cannot be sent back there.
    NotATarget,
}

/// Who answers conditions; the same question within one delivery gets the same answer.
pub trait Judge {
    /// Whether the condition of a flow holds.
    fn holds(&self, flow: &Flow) -> Result<bool, String>;
}

/// Conditions answered from the fields of a case. What is not known to hold does not.
#[derive(Clone, Debug)]
pub struct Conditions<'a>(pub Context<'a>);

impl Judge for Conditions<'_> {
    fn holds(&self, flow: &Flow) -> Result<bool, String> {
        match flow.condition.as_ref().map(|condition| condition.evaluate(&self.0)) {
            Some(Ok(Value::Boolean(holds))) => Ok(holds),
            None | Some(Ok(Value::Null)) => Ok(false),
            Some(Ok(other)) => Err(format!("{other} is neither true nor false")),
            Some(Err(error)) => Err(error.to_string()),
        }
    }
}

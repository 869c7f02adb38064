//! What an evaluation may cost. Every step, every item of a list that is looked at, and long texts are paid for.

use crate::{Code, EvalError};

/// Steps of one evaluation, unless the context says otherwise.
pub const DEFAULT_STEPS: u32 = 100_000;
/// The longest list that is walked through.
pub const MAX_LIST: usize = 10_000;
/// The longest text that is made, in bytes.
pub const MAX_TEXT: usize = 65_536;

pub(crate) struct Fuel {
    left: u32,
    all: u32,
}

impl Fuel {
    pub(crate) const fn new(steps: u32) -> Self {
        Self { left: steps, all: steps }
    }

    pub(crate) fn spend(&mut self, steps: u32) -> Result<(), EvalError> {
        self.left = self.left.checked_sub(steps).ok_or_else(|| EvalError::new(Code::OutOfSteps).with("max", self.all))?;
        Ok(())
    }

    /// A list of this length is walked through; each item costs what is done with it.
    pub(crate) fn walk(&mut self, items: usize) -> Result<(), EvalError> {
        if items > MAX_LIST {
            return Err(EvalError::new(Code::ListTooLong).with("max", MAX_LIST));
        }
        self.spend(u32::try_from(items).unwrap_or(u32::MAX))
    }

    /// A text of this length is looked at.
    pub(crate) fn read(&mut self, bytes: usize) -> Result<(), EvalError> {
        self.spend(u32::try_from(bytes / 64).unwrap_or(u32::MAX))
    }

    /// A text of this length is made.
    pub(crate) fn write(&mut self, bytes: usize) -> Result<(), EvalError> {
        if bytes > MAX_TEXT {
            return Err(EvalError::new(Code::TextTooLong).with("max", MAX_TEXT));
        }
        self.read(bytes)
    }
}

//! The one place that reads the time.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::Ts;

/// The time of this process. Tests and the demo seed move it; nothing else can.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
}

impl Clock {
    /// Now, to the microsecond.
    #[must_use]
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> Ts {
        let real = jiff::Timestamp::now().as_microsecond();
        Ts::from_micros(real.saturating_add(self.offset_micros.load(Ordering::Relaxed)))
    }

    /// Sets the clock so that it shows `at` now and runs on from there.
    #[allow(clippy::disallowed_methods)]
    pub fn set(&self, at: Ts) {
        let real = jiff::Timestamp::now().as_microsecond();
        self.offset_micros.store(at.micros().saturating_sub(real), Ordering::Relaxed);
    }

    /// Moves the clock by seconds.
    pub fn advance(&self, seconds: i64) {
        self.offset_micros.fetch_add(seconds.saturating_mul(1_000_000), Ordering::Relaxed);
    }

    /// Back to the machine's own time.
    pub fn reset(&self) {
        self.offset_micros.store(0, Ordering::Relaxed);
    }
}

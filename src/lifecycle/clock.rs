//! Where the present comes from. Only the composition root makes one of the system; all others are handed a time or this.

use crate::model::Timestamp;
use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// A source of the present, cheap to clone. Tests drive their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self::of(|| Timestamp::default().plus(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
    }

    /// A clock that shows what `present` says.
    #[must_use]
    pub fn of(present: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(present))
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[test]
    fn a_clock_of_a_test_stands_until_it_is_moved() {
        let hand = Arc::new(AtomicI64::new(7));
        let clock = Clock::of({
            let hand = Arc::clone(&hand);
            move || Timestamp::from_millis(hand.load(Ordering::Relaxed))
        });
        assert_eq!(clock.now(), Timestamp::from_millis(7));
        hand.store(9, Ordering::Relaxed);
        assert_eq!(clock.clone().now(), Timestamp::from_millis(9));
    }

    #[test]
    fn the_system_is_past_the_year_2025() {
        assert!(Clock::system().now() > Timestamp::from_seconds(1_735_689_600));
    }
}

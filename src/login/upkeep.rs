//! What a login API does while nobody asks: keeps its keys fresh, and forgets what is over.

use super::Logins;
use crate::lifecycle::CancellationToken;
use std::sync::atomic::Ordering;
use tokio::time::{Duration, Instant, MissedTickBehavior, interval_at};

/// A rotation or a removal of keys elsewhere is seen after this time.
const KEYS: Duration = Duration::from_secs(5);
/// Of those, this many between two sweeps: a minute.
const SWEEP_EVERY: u32 = 12;

impl Logins {
    /// Runs until `stop`.
    pub async fn keep_up(self, stop: CancellationToken) {
        let mut ticks = interval_at(Instant::now() + KEYS, KEYS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut until_sweep = SWEEP_EVERY;
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.tend().await;
            until_sweep -= 1;
            if until_sweep == 0 {
                until_sweep = SWEEP_EVERY;
                self.sweep().await;
            }
        }
    }

    async fn tend(&self) {
        let tended = self.0.tokens.tend(self.0.clock.now()).await;
        let was_silent = self.0.store_silent.swap(tended.is_err(), Ordering::Relaxed);
        match tended {
            Err(error) if !was_silent => {
                tracing::warn!(%error, "the signing keys cannot be read; those that are known stay");
            }
            Ok(()) if was_silent => tracing::info!("the login store answers again"),
            Ok(()) | Err(_) => {}
        }
    }

    /// Forgets what is over. Runs every minute by itself.
    pub async fn sweep(&self) {
        match self.0.store.sweep(self.0.clock.now(), &self.0.terms.retention).await {
            Ok(swept) => tracing::debug!(?swept, "swept the store"),
            Err(error) => tracing::warn!(%error, "the store could not be swept"),
        }
    }
}

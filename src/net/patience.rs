//! How long a request is wanted.

use super::Failure;
use crate::lifecycle::CancellationToken;
use tokio::time::{Instant, timeout_at};

/// How long an answer is wanted.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Until then.
    pub deadline: Instant,
    /// Or until this is cancelled, if by then nothing was sent: a request that has left is seen through, to save its connection.
    pub given_up: CancellationToken,
}

impl Patience {
    /// Wanted until then, whatever happens meanwhile.
    #[must_use]
    pub fn until(deadline: Instant) -> Self {
        Self { deadline, given_up: CancellationToken::new() }
    }

    /// Waits for what a request needs before it can leave.
    pub(super) async fn for_leave<T>(
        &self,
        wait: impl Future<Output = Result<T, Failure>>,
        late: Failure,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            ready = timeout_at(self.deadline, wait) => ready.unwrap_or(Err(late)),
            () = self.given_up.cancelled() => Err(Failure::NotAsked),
        }
    }
}

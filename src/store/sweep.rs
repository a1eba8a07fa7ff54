//! What is over is forgotten: in small bites, so that logins go on beside it.

use super::{Retention, Store, StoreError, Swept, statement::sql};
use crate::model::Timestamp;

/// Rows of one bite.
const BATCH: i64 = 1_000;

const CHALLENGES: &str = "DELETE FROM join_challenges WHERE jti IN \
    (SELECT jti FROM join_challenges WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
const ADDRESSES: &str = "UPDATE auth_sessions SET ip = NULL, user_agent = NULL WHERE id IN \
    (SELECT id FROM auth_sessions WHERE created_at <= $1 AND (ip IS NOT NULL OR user_agent IS NOT NULL) \
    ORDER BY created_at LIMIT $2)";
const SESSIONS: &str = "DELETE FROM auth_sessions WHERE id IN \
    (SELECT id FROM auth_sessions WHERE created_at <= $1 ORDER BY created_at LIMIT $2)";
const REVOCATIONS: &str = "DELETE FROM revoked_tokens WHERE jti IN \
    (SELECT jti FROM revoked_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

const FLOWS: &str = "DELETE FROM oauth_flows WHERE state_hash IN \
    (SELECT state_hash FROM oauth_flows WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

const REQUESTS: &str = "DELETE FROM consent_requests WHERE id IN \
    (SELECT id FROM consent_requests WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
const CODES: &str = "DELETE FROM service_codes WHERE code_hash IN \
    (SELECT code_hash FROM service_codes WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

impl Store {
    /// Takes away what has been kept long enough at `now`. Of several processes with one store, one does it at a time; the others
    /// leave it to that one.
    ///
    /// # Errors
    /// When the database fails. What was taken away until then is gone.
    pub async fn sweep(&self, now: Timestamp, keep: &Retention) -> Result<Swept, StoreError> {
        Ok(Swept {
            challenges: self.take_away(CHALLENGES, now.minus(keep.challenges)).await?,
            sessions: self.take_away(SESSIONS, now.minus(keep.sessions)).await?,
            addresses: self.take_away(ADDRESSES, now.minus(keep.addresses)).await?,
            flows: self.take_away(FLOWS, now).await?,
            requests: self.take_away(REQUESTS, now).await?,
            codes: self.take_away(CODES, now.minus(keep.challenges)).await?,
            revocations: self.take_away(REVOCATIONS, now).await?,
        })
    }

    async fn take_away(&self, batch: &'static str, until: Timestamp) -> Result<u64, StoreError> {
        let mut gone = 0;
        loop {
            let mut within = self.database.begin().await?;
            if !within.sweeps_alone().await? {
                within.roll_back().await?;
                return Ok(gone);
            }
            let bite = within.run(sql(batch).with(until).with(BATCH)).await?;
            within.commit().await?;
            gone += bite;
            if bite < BATCH.unsigned_abs() {
                return Ok(gone);
            }
        }
    }
}

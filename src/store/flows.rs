//! Sign-ins with Microsoft that are under way: each ends once.

use super::{Store, StoreError, statement::sql};
use crate::model::Timestamp;

/// A sign-in under way.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInFlow {
    /// The hash of what Microsoft brings back.
    pub state_hash: String,
    /// The hash of what the browser that began it has.
    pub browser_hash: String,
    /// What Microsoft was told the hash of.
    pub verifier: String,
    /// For whom.
    pub platform: Option<String>,
    /// Where the browser wants to go then.
    pub redirect: Option<String>,
    /// What is to go on then.
    pub resume: Option<String>,
    /// Until when it can end.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for SignInFlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignInFlow(platform {:?})", self.platform)
    }
}

impl Store {
    /// Keeps a sign-in. Whether there was room among at most so many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_flow(&self, flow: &SignInFlow, most: u64, now: Timestamp) -> Result<bool, StoreError> {
        let put = "INSERT INTO oauth_flows (state_hash, browser_hash, verifier, platform, redirect, resume, expires_at) \
            SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM oauth_flows WHERE expires_at > $8) < $9";
        let put = sql(put)
            .with(&*flow.state_hash)
            .with(&*flow.browser_hash)
            .with(&*flow.verifier)
            .with(flow.platform.as_deref())
            .with(flow.redirect.as_deref())
            .with(flow.resume.as_deref())
            .with(flow.expires_at)
            .with(now)
            .with(i64::try_from(most).unwrap_or(i64::MAX));
        Ok(self.database.run(put).await? == 1)
    }

    /// Takes a sign-in away to end it: nobody else gets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_flow(&self, state_hash: &str, now: Timestamp) -> Result<Option<SignInFlow>, StoreError> {
        let take = sql("DELETE FROM oauth_flows WHERE state_hash = $1 AND expires_at > $2 RETURNING *");
        let Some(row) = self.database.change(take.with(state_hash).with(now)).await? else { return Ok(None) };
        Ok(Some(SignInFlow {
            state_hash: row.get("state_hash")?,
            browser_hash: row.get("browser_hash")?,
            verifier: row.get("verifier")?,
            platform: row.get("platform")?,
            redirect: row.get("redirect")?,
            resume: row.get("resume")?,
            expires_at: row.time("expires_at")?,
        }))
    }
}

//! Tokens that count no more before their time.

use super::{
    Store, StoreError, TokenStanding,
    statement::{Statement, sql},
};
use crate::model::{Timestamp, UserId};

impl Store {
    /// Revokes a token. It is remembered until the later of all times given for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(
        &self,
        jti: &str,
        user: Option<UserId>,
        until: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        let revoke = "INSERT INTO revoked_tokens (jti, user_id, expires_at, reason) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (jti) DO UPDATE SET expires_at = excluded.expires_at \
            WHERE revoked_tokens.expires_at < excluded.expires_at";
        let user = user.map(|user| user.to_string());
        let revoke = sql(revoke).with(jti).with(user.as_deref()).with(until).with(reason);
        self.database.run(revoke).await?;
        Ok(())
    }

    /// Whether a token of a user still counts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standing(&self, user: &UserId, jti: &str) -> Result<TokenStanding, StoreError> {
        let standing = "SELECT (SELECT count(*) FROM revoked_tokens WHERE jti = $2) AS revoked, \
            (SELECT disabled FROM users WHERE id = $1) AS disabled, \
            (SELECT tokens_valid_after FROM users WHERE id = $1) AS tokens_valid_after, \
            (SELECT max(created_at) FROM auth_sessions WHERE token_jti = $2) AS begun_at";
        self.stands(sql(standing).with(user.to_string()).with(jti)).await
    }

    /// Whether a token that a user has let a service have still counts: not when the service is gone or switched off, nor when it was
    /// issued before the user took back what they had let it do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn service_standing(&self, user: &UserId, jti: &str, service: &str) -> Result<TokenStanding, StoreError> {
        let standing = "SELECT CASE WHEN EXISTS (SELECT 1 FROM services WHERE id = $3 AND disabled = 0) \
            AND EXISTS (SELECT 1 FROM consents WHERE user_id = $1 AND service_id = $3 AND revoked_at IS NULL) \
            THEN (SELECT count(*) FROM revoked_tokens WHERE jti = $2) ELSE 1 END AS revoked, \
            (SELECT disabled FROM users WHERE id = $1) AS disabled, \
            (SELECT max(tokens_valid_after) FROM (SELECT tokens_valid_after FROM users WHERE id = $1 UNION ALL \
            SELECT tokens_valid_after FROM consents WHERE user_id = $1 AND service_id = $3) AS marks) AS tokens_valid_after, \
            CAST(NULL AS BIGINT) AS begun_at";
        self.stands(sql(standing).with(user.to_string()).with(jti).with(service)).await
    }

    async fn stands(&self, standing: Statement) -> Result<TokenStanding, StoreError> {
        let row = self.database.row(standing).await?.ok_or(StoreError::Damaged("revoked"))?;
        let disabled: Option<i64> = row.get("disabled")?;
        Ok(TokenStanding {
            revoked: row.get::<i64>("revoked")? != 0,
            disabled: disabled.is_some_and(|disabled| disabled != 0),
            valid_after: Timestamp::from_millis(row.get::<Option<i64>>("tokens_valid_after")?.unwrap_or_default()),
            begun_at: row.get::<Option<i64>>("begun_at")?.map(Timestamp::from_millis),
            gone: disabled.is_none(),
        })
    }
}

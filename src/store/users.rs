//! Users: found, locked out, their tokens voided, erased.

use super::{
    Store, StoreError, User,
    statement::{Row, Statement, sql},
};
use crate::model::{ProfileId, Timestamp, UpstreamId, UserId};

impl User {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.read("id", UserId::parse)?,
            idp: row.read("idp", UpstreamId::new)?,
            player: row.read("mc_uuid", ProfileId::parse)?,
            name: row.get("name")?,
            created_at: row.time("created_at")?,
            last_seen_at: row.time("last_seen_at")?,
            disabled: row.get::<i64>("disabled")? != 0,
            tokens_valid_after: row.time("tokens_valid_after")?,
        })
    }
}

impl Store {
    /// A user by their id here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.found(sql("SELECT * FROM users WHERE id = $1").with(id.to_string())).await
    }

    /// A user by who they are: an upstream, and a UUID there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by(&self, idp: &UpstreamId, player: ProfileId) -> Result<Option<User>, StoreError> {
        let identity = sql("SELECT * FROM users WHERE idp = $1 AND mc_uuid = $2");
        self.found(identity.with(idp.as_str()).with(player.dashed().to_string())).await
    }

    async fn found(&self, statement: Statement) -> Result<Option<User>, StoreError> {
        self.database.row(statement).await?.map(|row| User::read(&row)).transpose()
    }

    /// Locks a user out, or in again. Whether there is such a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_disabled(&self, id: &UserId, disabled: bool) -> Result<bool, StoreError> {
        let lock = sql("UPDATE users SET disabled = $1 WHERE id = $2").with(i64::from(disabled)).with(id.to_string());
        Ok(self.database.run(lock).await? == 1)
    }

    /// Voids the tokens a user was given before `after`. What is void stays so. Whether there is such a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invalidate_tokens(&self, id: &UserId, after: Timestamp) -> Result<bool, StoreError> {
        let void = "UPDATE users SET tokens_valid_after = \
            CASE WHEN tokens_valid_after < $1 THEN $1 ELSE tokens_valid_after END WHERE id = $2";
        Ok(self.database.run(sql(void).with(after).with(id.to_string())).await? == 1)
    }

    /// Erases a user and their logins. What is revoked stays revoked. Whether there was such a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase(&self, id: &UserId) -> Result<bool, StoreError> {
        Ok(self.database.run(sql("DELETE FROM users WHERE id = $1").with(id.to_string())).await? == 1)
    }
}

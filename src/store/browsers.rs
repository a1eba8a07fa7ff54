//! What is kept of signed-in browsers: where each chain of tokens began, and how a player sees their own.

use super::{
    Login, Store, StoreError,
    statement::{Row, sql},
};
use crate::model::{Timestamp, UserId};

/// A login as the player sees it: the token it began with stands for all that were made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The id of the first token.
    pub token_jti: String,
    /// When.
    pub created_at: Timestamp,
    /// From where; `None` once that is forgotten.
    pub ip: Option<String>,
    /// With which program; `None` once that is forgotten.
    pub user_agent: Option<String>,
}

impl SignIn {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            token_jti: row.get("token_jti")?,
            created_at: row.time("created_at")?,
            ip: row.get("ip")?,
            user_agent: row.get("user_agent")?,
        })
    }
}

impl Store {
    /// Writes down that a token was made of another, and from which login both are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew(&self, user: &UserId, login: &Login, parent: &str, now: Timestamp) -> Result<(), StoreError> {
        let session = "INSERT INTO auth_sessions (id, user_id, kind, created_at, ip, user_agent, profile_name, server_id, \
            scopes, token_jti, token_exp, parent_jti) VALUES ($1, $2, 'exchange', $3, $4, $5, $6, '', $7, $1, $8, \
            COALESCE((SELECT parent_jti FROM auth_sessions WHERE token_jti = $9), $9))";
        let session = sql(session)
            .with(&*login.token_jti)
            .with(user.to_string())
            .with(now)
            .with(login.ip.as_deref())
            .with(login.user_agent.as_deref())
            .with(&*login.name)
            .with(login.scopes.join(" "))
            .with(login.token_expires_at)
            .with(parent);
        self.database.run(session).await?;
        Ok(())
    }

    /// The logins of a user, however they logged in: the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_ins(&self, user: &UserId, limit: u32) -> Result<Vec<SignIn>, StoreError> {
        let newest = "SELECT * FROM auth_sessions WHERE user_id = $1 AND parent_jti IS NULL \
            ORDER BY created_at DESC, id DESC LIMIT $2";
        let rows = self.database.rows(sql(newest).with(user.to_string()).with(i64::from(limit))).await?;
        rows.iter().map(SignIn::read).collect()
    }

    /// The first token of the login that a token is from: itself, when it was made of none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn first_of(&self, jti: &str) -> Result<String, StoreError> {
        let first = sql("SELECT parent_jti FROM auth_sessions WHERE token_jti = $1").with(jti);
        let row = self.database.row(first).await?;
        let parent: Option<String> = row.map(|row| row.get("parent_jti")).transpose()?.flatten();
        Ok(parent.unwrap_or_else(|| jti.to_owned()))
    }
}

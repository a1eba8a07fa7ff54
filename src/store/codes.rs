//! Codes that services fetch tokens with: each once, and a second try is noticed.

use super::{
    Store, StoreError,
    statement::{Row, Statement, sql},
};
use crate::model::{Timestamp, UserId};

/// A code that a service can fetch a token with. Only its hash is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCode {
    /// The hash of it.
    pub code_hash: String,
    /// Whose, by its id.
    pub service: String,
    /// Who has approved.
    pub user: UserId,
    /// Where it was sent, as the service wrote it.
    pub redirect: String,
    /// What is allowed.
    pub permissions: Vec<String>,
    /// The challenge of PKCE.
    pub challenge: String,
    /// How the player signed in.
    pub methods: Vec<String>,
    /// When.
    pub authenticated_at: Timestamp,
    /// The token with which they approved.
    pub parent_jti: String,
    /// When that was issued.
    pub parent_issued_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// A token that is about to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeToken {
    /// Its id.
    pub jti: String,
    /// Until when it may be good.
    pub until: Timestamp,
}

/// What became of a try to use a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeUse {
    /// It is used now.
    First(ServiceCode),
    /// It was used before: for this token.
    Again(CodeToken),
    /// There is no such code of this service, or its time is over.
    Unknown,
}

impl ServiceCode {
    pub(super) fn put(&self) -> Statement {
        let put = "INSERT INTO service_codes (code_hash, service_id, user_id, redirect, permissions, challenge, methods, \
            authenticated_at, parent_jti, parent_issued_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        sql(put)
            .with(&*self.code_hash)
            .with(&*self.service)
            .with(self.user.to_string())
            .with(&*self.redirect)
            .with(self.permissions.join(" "))
            .with(&*self.challenge)
            .with(self.methods.join(" "))
            .with(self.authenticated_at)
            .with(&*self.parent_jti)
            .with(self.parent_issued_at)
            .with(self.expires_at)
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            code_hash: row.get("code_hash")?,
            service: row.get("service_id")?,
            user: row.read("user_id", UserId::parse)?,
            redirect: row.get("redirect")?,
            permissions: row.words("permissions")?,
            challenge: row.get("challenge")?,
            methods: row.words("methods")?,
            authenticated_at: row.time("authenticated_at")?,
            parent_jti: row.get("parent_jti")?,
            parent_issued_at: row.time("parent_issued_at")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

impl Store {
    /// Uses a code up for this token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_code(
        &self,
        (code_hash, service): (&str, &str),
        token: &CodeToken,
        now: Timestamp,
    ) -> Result<CodeUse, StoreError> {
        let first = "UPDATE service_codes SET used_at = $1, token_jti = $2, token_exp = $3 \
            WHERE code_hash = $4 AND service_id = $5 AND used_at IS NULL AND expires_at > $1 RETURNING *";
        let first = sql(first).with(now).with(&*token.jti).with(token.until).with(code_hash).with(service);
        if let Some(row) = self.database.change(first).await? {
            return ServiceCode::read(&row).map(CodeUse::First);
        }
        let used = "SELECT token_jti, token_exp FROM service_codes WHERE code_hash = $1 AND service_id = $2 \
            AND used_at IS NOT NULL";
        match self.database.row(sql(used).with(code_hash).with(service)).await? {
            Some(row) => Ok(CodeUse::Again(CodeToken { jti: row.get("token_jti")?, until: row.time("token_exp")? })),
            None => Ok(CodeUse::Unknown),
        }
    }
}

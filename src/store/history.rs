//! A user's logins, a page at a time.

use super::{
    Page, Session, Store, StoreError,
    statement::{Row, sql},
};
use crate::model::UserId;

impl Session {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            created_at: row.time("created_at")?,
            ip: row.get("ip")?,
            user_agent: row.get("user_agent")?,
            profile_name: row.get("profile_name")?,
            server_id: row.get("server_id")?,
            scopes: row.words("scopes")?,
        })
    }
}

impl Store {
    /// The logins of a user by joining: the newest first, and of one moment those with the greater id first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions(&self, user: &UserId, page: &Page) -> Result<Vec<Session>, StoreError> {
        let user = user.to_string();
        let limit = i64::from(page.limit);
        let query = match page.before.as_deref() {
            None => sql("SELECT * FROM auth_sessions WHERE user_id = $1 AND kind IN ('join', 'feather') ORDER BY created_at DESC, id DESC LIMIT $2")
                .with(user)
                .with(limit),
            // Of somebody else's session, or of none, the inner query finds no row; nothing is less than that.
            Some(before) => sql("SELECT * FROM auth_sessions WHERE user_id = $1 AND kind IN ('join', 'feather') AND (created_at, id) < \
                (SELECT created_at, id FROM auth_sessions WHERE id = $3 AND user_id = $1) \
                ORDER BY created_at DESC, id DESC LIMIT $2")
            .with(user)
            .with(limit)
            .with(before),
        };
        self.database.rows(query).await?.iter().map(Session::read).collect()
    }
}

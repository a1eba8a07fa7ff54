//! Keys that sign tokens: one of a class at a time, which an index makes sure of whoever else starts or rotates at the same moment.

use super::{
    KeyState, SigningKey, Store, StoreError,
    database::Failed,
    statement::{Row, sql},
};
use crate::model::{Invalid, Timestamp};

impl KeyState {
    /// As it is stored.
    const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    fn parse(text: &str) -> Result<Self, Invalid> {
        [Self::Pending, Self::Active, Self::Retired]
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or(Invalid { what: "state", fault: "is none of a key" })
    }
}

impl SigningKey {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            kid: row.get("kid")?,
            class: row.get("class")?,
            alg: row.get("alg")?,
            state: row.read("state", KeyState::parse)?,
            wrapped_private: row.get("wrapped_private")?,
            public_jwk: row.get("public_jwk")?,
            not_before: row.time("not_before")?,
            retire_at: row.get::<Option<i64>>("retire_at")?.map(Timestamp::from_millis),
        })
    }
}

/// Whether a change was made; not when it would have made a second active key of a class.
fn changed(done: Result<u64, Failed>) -> Result<bool, StoreError> {
    match done {
        Ok(rows) => Ok(rows == 1),
        Err(failed) if failed.is_taken() => Ok(false),
        Err(failed) => Err(failed.into()),
    }
}

impl Store {
    /// All keys, by class and from the earliest on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        let all = sql("SELECT * FROM signing_keys ORDER BY class, not_before, kid");
        self.database.rows(all).await?.iter().map(SigningKey::read).collect()
    }

    /// Adds a key, unless there is one of its name, or it would be the second active one of its class. Whether it was added.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_key(&self, key: &SigningKey) -> Result<bool, StoreError> {
        let insert = "INSERT INTO signing_keys \
            (kid, class, alg, state, wrapped_private, public_jwk, not_before, retire_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        let insert = sql(insert)
            .with(&*key.kid)
            .with(&*key.class)
            .with(&*key.alg)
            .with(key.state.name())
            .with(&*key.wrapped_private)
            .with(&*key.public_jwk)
            .with(key.not_before)
            .with(key.retire_at);
        changed(self.database.run(insert).await)
    }

    /// Gives a key another state, unless it would be the second active one of its class. Whether it has it now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_key_state(
        &self,
        kid: &str,
        state: KeyState,
        retire_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let change = sql("UPDATE signing_keys SET state = $1, retire_at = $2 WHERE kid = $3");
        changed(self.database.run(change.with(state.name()).with(retire_at).with(kid)).await)
    }

    /// Replaces the sealed private part of a key. Whether there is such a key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reseal_key(&self, kid: &str, wrapped_private: &[u8]) -> Result<bool, StoreError> {
        let reseal = sql("UPDATE signing_keys SET wrapped_private = $1 WHERE kid = $2");
        changed(self.database.run(reseal.with(wrapped_private).with(kid)).await)
    }

    /// Removes a key: what it signed is worth nothing. Whether there was such a key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_key(&self, kid: &str) -> Result<bool, StoreError> {
        changed(self.database.run(sql("DELETE FROM signing_keys WHERE kid = $1").with(kid)).await)
    }

    /// Makes a key the one that signs for its class; the one that did is believed until `retired_until`. Whether it signs now: not
    /// when there is no such key, or when another was made active at the same moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activate_key(&self, kid: &str, retired_until: Timestamp) -> Result<bool, StoreError> {
        let mut within = self.database.begin().await?;
        let retire = "UPDATE signing_keys SET state = 'retired', retire_at = $1 WHERE state = 'active' AND kid <> $2 \
            AND class = (SELECT class FROM signing_keys WHERE kid = $2)";
        within.run(sql(retire).with(retired_until).with(kid)).await?;
        let activate = sql("UPDATE signing_keys SET state = 'active', retire_at = NULL WHERE kid = $1").with(kid);
        let active = changed(within.run(activate).await)?;
        if active {
            within.commit().await?
        } else {
            within.roll_back().await?
        }
        Ok(active)
    }
}

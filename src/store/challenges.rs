//! Challenges: made, leased to one verification at a time, and used once.
//!
//! That one statement changes the state and says what it found is what makes them safe: PostgreSQL checks its condition again once it
//! holds the row, and SQLite lets one write at a time.

use super::{
    Challenge, Kind, Lease, Leasing, Put, Store, StoreError,
    statement::{Statement, sql},
    tally::Room,
};
use crate::model::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// How long a verification may take before another may try.
const LEASE: Duration = Duration::from_secs(10);
/// How often a challenge may be tried.
const MOST_ATTEMPTS: i64 = 6;

const PENDING: i64 = 0;
const LEASED: i64 = 1;
const USED: i64 = 2;

impl Store {
    /// Keeps a new challenge, unless `most_pending` others wait for their verification.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_challenge(&self, new: &Challenge, most_pending: u64) -> Result<Put, StoreError> {
        if !self.has_room(most_pending, new.created_at).await? {
            return Ok(Put::Full);
        }
        let insert = "INSERT INTO join_challenges (jti, kind, server_id, state, created_at, expires_at) \
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let insert = sql(insert)
            .with(&*new.jti)
            .with(new.kind.name())
            .with(&*new.server_id)
            .with(PENDING)
            .with(new.created_at)
            .with(new.expires_at);
        match self.database.run(insert).await? {
            0 => Ok(Put::Taken),
            _ => Ok(Put::Stored),
        }
    }

    async fn has_room(&self, most: u64, now: Timestamp) -> Result<bool, StoreError> {
        let epoch = match self.pending.take(most, now) {
            Room::Yes => return Ok(true),
            Room::No => return Ok(false),
            Room::Count(epoch) => epoch,
        };
        let count = "SELECT count(*) AS pending FROM join_challenges WHERE expires_at > $1 AND state <> $2";
        let Some(row) = self.database.row(sql(count).with(now).with(USED)).await? else { return Ok(false) };
        let pending = u64::try_from(row.get::<i64>("pending")?).unwrap_or_default();
        Ok(self.pending.counted(epoch, pending, most, now))
    }

    /// Claims a challenge for one verification: until it is given back or used up, and for ten seconds at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lease(&self, jti: &str, kind: Kind, now: Timestamp) -> Result<Leasing, StoreError> {
        let id = Uuid::new_v4().to_string();
        let claim = "UPDATE join_challenges SET state = $1, lease_id = $2, lease_until = $3, attempts = attempts + 1 \
            WHERE jti = $4 AND kind = $5 AND expires_at > $6 AND attempts < $7 \
            AND (state = $8 OR (state = $1 AND lease_until < $6)) RETURNING server_id";
        let claim = sql(claim)
            .with(LEASED)
            .with(&*id)
            .with(now.plus(LEASE))
            .with(jti)
            .with(kind.name())
            .with(now)
            .with(MOST_ATTEMPTS)
            .with(PENDING);
        match self.database.change(claim).await? {
            Some(row) => Ok(Leasing::Granted(Lease { jti: jti.to_owned(), server_id: row.get("server_id")?, id })),
            None => self.why_not(jti, kind, now).await,
        }
    }

    /// The id of the challenge with this serverId; `None` when there is none of this kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn challenge_of(&self, server_id: &str, kind: Kind) -> Result<Option<String>, StoreError> {
        let known = sql("SELECT jti FROM join_challenges WHERE server_id = $1 AND kind = $2");
        let row = self.database.row(known.with(server_id).with(kind.name())).await?;
        row.map(|row| row.get("jti")).transpose()
    }

    /// What kept a challenge from being leased. It may have changed since: then somebody else was at it.
    async fn why_not(&self, jti: &str, kind: Kind, now: Timestamp) -> Result<Leasing, StoreError> {
        let seen = "SELECT state, attempts, lease_until, expires_at FROM join_challenges WHERE jti = $1 AND kind = $2";
        let Some(row) = self.database.row(sql(seen).with(jti).with(kind.name())).await? else {
            return Ok(Leasing::Unknown);
        };
        let state: i64 = row.get("state")?;
        Ok(match () {
            () if state == USED => Leasing::Used,
            () if row.time("expires_at")? <= now => Leasing::Expired,
            () if state == LEASED && row.time("lease_until")? >= now => Leasing::InUse,
            () if row.get::<i64>("attempts")? >= MOST_ATTEMPTS => Leasing::Exhausted,
            () => Leasing::InUse,
        })
    }

    /// Gives a challenge back, to be tried again. Whether the lease still held.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, lease: &Lease) -> Result<bool, StoreError> {
        Ok(self.database.run(end(lease, PENDING)).await? == 1)
    }

    /// Uses a challenge up without a login. Whether the lease still held.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn consume(&self, lease: &Lease) -> Result<bool, StoreError> {
        Ok(self.database.run(use_up(lease)).await? == 1)
    }

    /// Whether a challenge has this serverId, whatever became of it. One that is over counts until it is swept away: nobody else is to
    /// ask for who joined it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending(&self, server_id: &str) -> Result<bool, StoreError> {
        let known = sql("SELECT jti FROM join_challenges WHERE server_id = $1").with(server_id);
        Ok(self.database.row(known).await?.is_some())
    }
}

/// Changes one row, or none when the lease has gone to somebody else. Its time does not matter: while nobody took over, it holds.
pub(super) fn use_up(lease: &Lease) -> Statement {
    end(lease, USED)
}

fn end(lease: &Lease, state: i64) -> Statement {
    sql("UPDATE join_challenges SET state = $1, lease_id = NULL WHERE jti = $2 AND state = $3 AND lease_id = $4")
        .with(state)
        .with(&*lease.jti)
        .with(LEASED)
        .with(&*lease.id)
}

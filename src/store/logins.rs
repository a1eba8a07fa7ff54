//! A login that succeeded: the challenge used up, the user known, the session written, or none of it.

use super::{Finish, Lease, Login, Store, StoreError, User, challenges::use_up, database::Transaction, statement::sql};
use crate::model::{Timestamp, UserId};

impl Store {
    /// Writes a login under a lease.
    ///
    /// # Errors
    /// When the database fails. Then nothing is written, or all of it while the word of it was lost.
    pub async fn finish(&self, lease: &Lease, login: &Login, now: Timestamp) -> Result<Finish, StoreError> {
        let mut within = self.database.begin().await?;
        if within.run(use_up(lease)).await? != 1 {
            within.roll_back().await?;
            return Ok(Finish::LeaseLost);
        }
        let new = UserId::new(now);
        let done = match seen(&mut within, new, login, now).await? {
            Some(user) => {
                let begun = Begun { id: &lease.jti, kind: "", server_id: &lease.server_id };
                write(&mut within, &user, begun, login, now).await?;
                Finish::Finished { created: user.id == new, user }
            }
            None => Finish::Disabled(locked_out(&mut within, login).await?),
        };
        within.commit().await?;
        Ok(done)
    }

    /// Writes a login that somebody else than a session server vouches for: there is no lease to lose.
    ///
    /// # Errors
    /// When the database fails. Then nothing is written, or all of it while the word of it was lost.
    pub async fn sign_in(&self, login: &Login, now: Timestamp) -> Result<Finish, StoreError> {
        let mut within = self.database.begin().await?;
        let new = UserId::new(now);
        let done = match seen(&mut within, new, login, now).await? {
            Some(user) => {
                let begun = Begun { id: &login.token_jti, kind: "microsoft", server_id: "" };
                write(&mut within, &user, begun, login, now).await?;
                Finish::Finished { created: user.id == new, user }
            }
            None => Finish::Disabled(locked_out(&mut within, login).await?),
        };
        within.commit().await?;
        Ok(done)
    }
}

/// What a login began with.
struct Begun<'a> {
    id: &'a str,
    /// Of a challenge it is the challenge's own.
    kind: &'static str,
    server_id: &'a str,
}

/// The user of this login, new or with the name they have now. `None` when they are locked out.
async fn seen(
    within: &mut Transaction,
    new: UserId,
    login: &Login,
    now: Timestamp,
) -> Result<Option<User>, StoreError> {
    let upsert = "INSERT INTO users (id, idp, mc_uuid, name, created_at, last_seen_at) VALUES ($1, $2, $3, $4, $5, $5) \
        ON CONFLICT (idp, mc_uuid) DO UPDATE SET name = excluded.name, last_seen_at = excluded.last_seen_at \
        WHERE users.disabled = 0 RETURNING *";
    let upsert = sql(upsert)
        .with(new.to_string())
        .with(login.idp.as_str())
        .with(login.player.dashed().to_string())
        .with(&*login.name)
        .with(now);
    within.row(upsert).await?.map(|row| User::read(&row)).transpose()
}

async fn locked_out(within: &mut Transaction, login: &Login) -> Result<UserId, StoreError> {
    let known = sql("SELECT id FROM users WHERE idp = $1 AND mc_uuid = $2")
        .with(login.idp.as_str())
        .with(login.player.dashed().to_string());
    let row = within.row(known).await?.ok_or(StoreError::Damaged("disabled"))?;
    row.read("id", UserId::parse)
}

async fn write(
    within: &mut Transaction,
    user: &User,
    begun: Begun<'_>,
    login: &Login,
    now: Timestamp,
) -> Result<(), StoreError> {
    let session = "INSERT INTO auth_sessions \
        (id, user_id, kind, created_at, ip, user_agent, profile_name, server_id, scopes, token_jti, token_exp) \
        VALUES ($1, $2, COALESCE((SELECT kind FROM join_challenges WHERE jti = $1), $11), $3, $4, $5, $6, $7, $8, $9, $10)";
    let session = sql(session)
        .with(begun.id)
        .with(user.id.to_string())
        .with(now)
        .with(login.ip.as_deref())
        .with(login.user_agent.as_deref())
        .with(&*login.name)
        .with(begun.server_id)
        .with(login.scopes.join(" "))
        .with(&*login.token_jti)
        .with(login.token_expires_at)
        .with(begun.kind);
    within.run(session).await?;
    Ok(())
}

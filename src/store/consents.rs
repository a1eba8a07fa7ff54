//! What players let services do, and the requests for it: each is answered once.

use super::{
    Service, ServiceCode, Store, StoreError,
    database::Transaction,
    statement::{Row, sql},
};
use crate::model::{ServiceSlug, Timestamp, UserId};

/// A service asks a player, who has not answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRequest {
    /// What nobody can guess.
    pub id: String,
    /// Who asks, by its id.
    pub service: String,
    /// Where the browser goes then, as the service wrote it.
    pub redirect: String,
    /// What is asked for.
    pub permissions: Vec<String>,
    /// What the service wants back.
    pub state: Option<String>,
    /// The challenge of PKCE, of a service that wants a code; one that wants a token has none.
    pub challenge: Option<String>,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
}

/// A player's yes.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// Whose.
    pub user: &'a UserId,
    /// To which service, by its id.
    pub service: &'a str,
    /// To what.
    pub permissions: &'a [String],
    /// To which request, which is over then.
    pub request: Option<&'a str>,
    /// What the service can fetch its token with.
    pub code: Option<&'a ServiceCode>,
}

/// What a service may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Which.
    pub service: Service,
    /// All that it was allowed since.
    pub permissions: Vec<String>,
    /// Since when.
    pub granted_at: Timestamp,
}

impl ConsentRequest {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            service: row.get("service_id")?,
            redirect: row.get("redirect")?,
            permissions: row.words("permissions")?,
            state: row.get("state")?,
            challenge: row.get("challenge")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

impl Store {
    /// Keeps a request. Whether there was room among at most so many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_consent_request(
        &self,
        request: &ConsentRequest,
        most: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let put = "INSERT INTO consent_requests (id, service_id, redirect, permissions, state, challenge, expires_at) \
            SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM consent_requests WHERE expires_at > $8) < $9";
        let put = sql(put)
            .with(&*request.id)
            .with(&*request.service)
            .with(&*request.redirect)
            .with(request.permissions.join(" "))
            .with(request.state.as_deref())
            .with(request.challenge.as_deref())
            .with(request.expires_at)
            .with(now)
            .with(i64::try_from(most).unwrap_or(i64::MAX));
        Ok(self.database.run(put).await? == 1)
    }

    /// A request that waits for its answer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn consent_request(&self, id: &str, now: Timestamp) -> Result<Option<ConsentRequest>, StoreError> {
        let waiting = sql("SELECT * FROM consent_requests WHERE id = $1 AND expires_at > $2").with(id).with(now);
        self.database.row(waiting).await?.map(|row| ConsentRequest::read(&row)).transpose()
    }

    /// Takes a request away: nobody answers it any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_consent_request(&self, id: &str, now: Timestamp) -> Result<Option<ConsentRequest>, StoreError> {
        let take = sql("DELETE FROM consent_requests WHERE id = $1 AND expires_at > $2 RETURNING *").with(id).with(now);
        self.database.change(take).await?.map(|row| ConsentRequest::read(&row)).transpose()
    }

    /// Writes down a player's yes. Not when its request is over: whether it was written.
    ///
    /// # Errors
    /// When the database fails. Then nothing is written, or all of it while the word of it was lost.
    pub async fn grant(&self, grant: Grant<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let mut within = self.database.begin().await?;
        if let Some(request) = grant.request {
            let take = "DELETE FROM consent_requests WHERE id = $1 AND service_id = $2 AND expires_at > $3";
            if within.run(sql(take).with(request).with(grant.service).with(now)).await? != 1 {
                within.roll_back().await?;
                return Ok(false);
            }
        }
        allow(&mut within, grant, now).await?;
        if let Some(code) = grant.code {
            within.run(code.put()).await?;
        }
        within.commit().await?;
        Ok(true)
    }

    /// What a player lets services do, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn consents(&self, user: &UserId) -> Result<Vec<Consent>, StoreError> {
        let allowed = "SELECT services.*, consents.permissions AS granted, consents.granted_at FROM consents \
            JOIN services ON services.id = consents.service_id \
            WHERE consents.user_id = $1 AND consents.revoked_at IS NULL ORDER BY consents.granted_at DESC, services.slug";
        let rows = self.database.rows(sql(allowed).with(user.to_string())).await?;
        let consent = |row: &Row| {
            Ok(Consent {
                service: Service::read(row)?,
                permissions: row.words("granted")?,
                granted_at: row.time("granted_at")?,
            })
        };
        rows.iter().map(consent).collect()
    }

    /// Takes back what a player has let a service do: its tokens of this player, and its codes, are void. Whether there was anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_consent(&self, user: &UserId, slug: &ServiceSlug, now: Timestamp) -> Result<bool, StoreError> {
        let mut within = self.database.begin().await?;
        let codes = "DELETE FROM service_codes WHERE user_id = $1 AND used_at IS NULL \
            AND service_id = (SELECT id FROM services WHERE slug = $2)";
        within.run(sql(codes).with(user.to_string()).with(slug.as_str())).await?;
        let revoke = "UPDATE consents SET revoked_at = $1, tokens_valid_after = $1 WHERE user_id = $2 AND revoked_at IS NULL \
            AND service_id = (SELECT id FROM services WHERE slug = $3)";
        let revoked = within.run(sql(revoke).with(now).with(user.to_string()).with(slug.as_str())).await?;
        within.commit().await?;
        Ok(revoked == 1)
    }
}

/// What was allowed before stays, unless it was taken back since.
async fn allow(within: &mut Transaction, grant: Grant<'_>, now: Timestamp) -> Result<(), StoreError> {
    // Changes nothing that is there, but nobody else changes it until the end of the transaction.
    let hold = "INSERT INTO consents (user_id, service_id, permissions, granted_at) VALUES ($1, $2, '', $3) \
        ON CONFLICT (user_id, service_id) DO UPDATE SET permissions = consents.permissions \
        RETURNING permissions, granted_at, revoked_at";
    let hold = sql(hold).with(grant.user.to_string()).with(grant.service).with(now);
    let row = within.row(hold).await?.ok_or(StoreError::Damaged("permissions"))?;
    let is_live = row.get::<Option<i64>>("revoked_at")?.is_none();
    let (mut all, since) = match is_live {
        true => (row.words("permissions")?, row.time("granted_at")?),
        false => (Vec::new(), now),
    };
    for permission in grant.permissions {
        if !all.contains(permission) {
            all.push(permission.clone());
        }
    }
    let write = "UPDATE consents SET permissions = $1, granted_at = $2, revoked_at = NULL WHERE user_id = $3 AND service_id = $4";
    let write = sql(write).with(all.join(" ")).with(since).with(grant.user.to_string()).with(grant.service);
    within.run(write).await?;
    Ok(())
}

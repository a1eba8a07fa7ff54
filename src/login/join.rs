//! A challenge: what a client is told to join, and the token that says so.

use super::{Denied, Logins, challenge, scope::Scopes};
use crate::{
    model::ProfileId,
    store::{Challenge, Kind, Put},
    tokens::{Issued, JoinClaims, fresh_id},
};

/// What a client may say of the login it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Who will join.
    pub player: Option<ProfileId>,
    /// Under which name.
    pub name: Option<String>,
    /// For what.
    pub scopes: Option<Vec<String>>,
    /// Bound mode: base64url of the SHA-256 of a secret that only the client has.
    pub secret_hash: Option<String>,
}

/// A challenge that waits for its join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    /// What to join.
    pub server_id: String,
    /// What to come back with.
    pub join_token: String,
    /// Seconds until both are worth nothing.
    pub expires_in: i64,
    /// In bound mode, what the serverId was made of.
    pub bound: Option<Bound>,
}

/// What a client of bound mode needs to check the serverId.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// A fresh number.
    pub nonce: String,
    /// Who this service is. The client compares with what it knows, or the check is worth nothing.
    pub audience: String,
}

/// So many serverIds of 159 random bits are not taken one after the other.
const TRIES: usize = 3;

impl Logins {
    /// Begins a login. Asks nobody.
    ///
    /// # Errors
    /// When a scope cannot be given, too much waits already, or the machine fails.
    pub async fn join(&self, wish: Wish) -> Result<Joining, Denied> {
        let terms = &self.0.terms;
        let scopes = Scopes::chosen(wish.scopes.clone(), &terms.allowed_scopes, &terms.default_scopes)
            .map_err(|_| Denied::Scope)?;
        let kept = self.kept(|| self.challenge(&wish, &scopes));
        let (Challenge { server_id, created_at, expires_at, .. }, (join_token, bound)) = kept.await?;
        Ok(Joining { server_id, join_token, expires_in: expires_at.seconds() - created_at.seconds(), bound })
    }

    /// Keeps the first of the challenges made whose serverId is nobody's; with what was made beside it.
    pub(super) async fn kept<T>(
        &self,
        make: impl Fn() -> Result<(Challenge, T), Denied>,
    ) -> Result<(Challenge, T), Denied> {
        for _ in 0..TRIES {
            let (new, beside) = make()?;
            match self.0.store.put_challenge(&new, self.0.terms.max_pending).await? {
                Put::Stored => return Ok((new, beside)),
                Put::Taken => {}
                Put::Full => return Err(Denied::Full),
            }
        }
        Err(Denied::Lost)
    }

    /// A new challenge, its token, and what goes with it in bound mode.
    fn challenge(&self, wish: &Wish, scopes: &Scopes) -> Result<(Challenge, (String, Option<Bound>)), Denied> {
        let now = self.0.clock.now();
        let (server_id, bound) = self.server_id(wish.secret_hash.as_deref())?;
        let claims = JoinClaims {
            jti: fresh_id(now),
            server_id,
            scopes: scopes.as_slice().to_vec(),
            player: wish.player,
            name: wish.name.clone(),
            secret_hash: wish.secret_hash.clone(),
        };
        let Issued { token, expires_at } = self.0.tokens.issue_join(&claims, now)?;
        let JoinClaims { jti, server_id, .. } = claims;
        Ok((Challenge { jti, kind: Kind::Join, server_id, created_at: now, expires_at }, (token, bound)))
    }

    fn server_id(&self, secret_hash: Option<&str>) -> Result<(String, Option<Bound>), Denied> {
        let Some(secret_hash) = secret_hash else { return Ok((challenge::random()?, None)) };
        let bound = Bound { nonce: challenge::nonce()?, audience: self.0.terms.audience.clone() };
        Ok((challenge::bound(&bound.audience, &bound.nonce, secret_hash), Some(bound)))
    }
}

//! The flow of Feather's launcher: as join and verify, with nothing between them but the serverId.
//!
//! Weaker than the other one: who learns the serverId between the join and `has-joined` gets the token. So it is asked about at the
//! login upstreams alone, is good for one token, and for as short as a challenge.

use super::{Claim, Denied, Logins, challenge, verify::Written};
use crate::{
    model::{ProfileId, Timestamp, UserId},
    store::{Challenge, Kind, User},
    tokens::{FeatherClaims, FeatherPlayer, Issued, Read, fresh_id, subject},
};
use std::net::IpAddr;

/// A player who has logged in through Feather's flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatherLogin {
    /// The first token.
    pub token: String,
    /// Who it is here.
    pub user: UserId,
    /// Who it is to others.
    pub player: ProfileId,
    /// The player's name, as the upstream writes it.
    pub name: String,
    /// When they first logged in.
    pub registered_at: Timestamp,
}

impl Logins {
    /// A serverId to join.
    ///
    /// # Errors
    /// When too much waits already, or the machine fails.
    pub async fn feather_server_id(&self) -> Result<String, Denied> {
        let kept = self.kept(|| {
            let (now, server_id) = (self.0.clock.now(), challenge::random()?);
            let expires_at = now.plus(self.0.terms.join_ttl);
            let new = Challenge { jti: fresh_id(now), kind: Kind::Feather, server_id, created_at: now, expires_at };
            Ok((new, ()))
        });
        Ok(kept.await?.0.server_id)
    }

    /// The challenge that this serverId is of. Asks nobody else and changes nothing.
    ///
    /// # Errors
    /// When it is none of this flow: nobody can have joined it.
    pub async fn feather_claim(
        &self,
        (name, server_id): (&str, &str),
        (client, user_agent): (IpAddr, Option<String>),
    ) -> Result<Claim, Denied> {
        let question = self.question(name, server_id, client).ok_or(Denied::NotJoined)?;
        let jti = self.0.store.challenge_of(server_id, Kind::Feather).await?.ok_or(Denied::NotJoined)?;
        let scopes = self.0.terms.default_scopes.clone();
        Ok(Claim { question, challenge: (jti, Kind::Feather), scopes, player: None, client, user_agent })
    }

    /// Asks who joined, and issues the first token.
    ///
    /// # Errors
    /// When there is no token.
    pub async fn feather_verify(&self, claim: Claim) -> Result<FeatherLogin, Denied> {
        let Written { login, user, now } = self.written(claim).await?;
        let player = subject(&login.idp, login.player);
        let claims = FeatherClaims { user: user.id, player, jti: Some(login.token_jti) };
        let Issued { token, .. } = self.0.tokens.issue_feather(&claims, now)?;
        Ok(FeatherLogin { token, user: user.id, player, name: login.name, registered_at: user.created_at })
    }

    /// The second token, for who has the first.
    ///
    /// # Errors
    /// When the user is gone or locked out, or there is no token.
    pub async fn feather_full(&self, session: &Read<FeatherClaims>) -> Result<String, Denied> {
        let user = self.0.store.user(&session.claims.user).await?;
        let User { id, name, created_at, .. } = user.ok_or(Denied::JoinToken)?;
        let player = FeatherPlayer {
            user: id,
            player: session.claims.player,
            name,
            registered_at: created_at,
            permissions: self.0.terms.feather_permissions.clone(),
        };
        Ok(self.0.tokens.issue_feather_full(player, session, self.0.clock.now())?.token)
    }
}

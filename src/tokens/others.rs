//! Tokens that are not for this API: a service's, and Feather's. Issued and read beside the others, by keys of their own.

use super::{
    Class, FeatherClaims, FeatherPlayer, Flaw, Issued, LONGEST, Read, Refused, ServiceClaims, Token, TokenError,
    Tokens,
    claims::Span,
    feather::{FullWire, Origin, SessionWire},
    fresh_id,
    read::Wanted,
    service::ServiceWire,
};
use crate::{
    model::{Timestamp, UserId},
    store::StoreError,
};

/// The audiences of Feather's tokens, below the issuer.
const SESSION: &str = "/feather/session";
const FULL: &str = "/feather";

impl Tokens {
    /// A token for a service, until `ends` at the latest.
    ///
    /// # Errors
    /// When no key signs, or there is too much to say.
    pub fn issue_service(
        &self,
        claims: &ServiceClaims,
        ends: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Issued, TokenError> {
        let mut span = self.span(Class::Service, now);
        span.exp = ends.map_or(span.exp, |ends| span.exp.min(ends.seconds()));
        let wire = ServiceWire::of(claims, &self.0.settings.issuer, span);
        self.sealed(Class::Service, true, &wire, span, now)
    }

    /// The claims of a token that nobody has revoked: of this service, or of any.
    ///
    /// # Errors
    /// When it is not believed, or the store cannot tell.
    pub async fn read_service(
        &self,
        token: &str,
        slug: Option<&str>,
        now: Timestamp,
    ) -> Result<Read<ServiceClaims>, Refused> {
        let token = Token::parse(token.as_bytes())?;
        // What it says of itself is not believed yet, only what it is to be compared with.
        let said: ServiceWire = token.claims()?;
        let settings = &self.0.settings;
        let wanted = Wanted {
            class: Class::Service,
            kind: Class::Service.kind(),
            issuer: &settings.issuer,
            audience: slug.unwrap_or_else(|| said.slug()),
            early: settings.leeway,
            late: settings.leeway,
        };
        let wire: ServiceWire = self.believed(&token, wanted, now).await?;
        let read = wire.read().ok_or(Flaw::Claims)?;
        let access = &read.claims.access;
        match self
            .0
            .standings
            .flaw((&access.user, &access.jti, Some(&read.claims.service)), read.issued_at, now)
            .await?
        {
            None => Ok(read),
            Some(flaw) => Err(flaw.into()),
        }
    }

    /// Revokes a service's token. Whether it was one that could be revoked.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke_service(
        &self,
        token: &str,
        (user, reason): (Option<UserId>, &str),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Read { claims, expires_at, .. } = match self.read_service(token, None, now).await {
            Ok(read) => read,
            Err(Refused::Unavailable(error)) => return Err(error),
            Err(Refused::Invalid(_) | Refused::Expired) => return Ok(false),
        };
        if user.is_some_and(|user| user != claims.access.user) {
            return Ok(false);
        }
        self.revoke_id(&claims.access.jti, expires_at.plus(self.0.settings.leeway), reason).await?;
        Ok(true)
    }

    /// Revokes the token of that id, which is good until then at the latest.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke_id(&self, jti: &str, until: Timestamp, reason: &str) -> Result<(), StoreError> {
        self.0.store.revoke(jti, None, until, reason).await?;
        self.forget();
        Ok(())
    }

    /// The first of Feather's tokens.
    ///
    /// # Errors
    /// When no key signs.
    pub fn issue_feather(&self, claims: &FeatherClaims, now: Timestamp) -> Result<Issued, TokenError> {
        let span = self.span(Class::FeatherSession, now);
        let wire = SessionWire::of(claims, self.origin(SESSION, now), span);
        self.sealed(Class::FeatherSession, !self.0.settings.feather_strict, &wire, span, now)
    }

    /// The second of Feather's tokens, which lives from when to when the first does.
    ///
    /// # Errors
    /// When no key signs.
    pub fn issue_feather_full(
        &self,
        player: FeatherPlayer,
        session: &Read<FeatherClaims>,
        now: Timestamp,
    ) -> Result<Issued, TokenError> {
        let span = Span { iat: session.issued_at.seconds(), exp: session.expires_at.seconds() };
        let wire = FullWire::of(player, self.origin(FULL, now), span);
        self.sealed(Class::FeatherFull, !self.0.settings.feather_strict, &wire, span, now)
    }

    /// The claims of the first of Feather's tokens.
    ///
    /// # Errors
    /// When it is not believed, or the store cannot tell.
    pub async fn read_feather(&self, token: &str, now: Timestamp) -> Result<Read<FeatherClaims>, Refused> {
        let token = Token::parse(token.as_bytes())?;
        let settings = &self.0.settings;
        let audience = format!("{}{SESSION}", settings.issuer);
        let wanted = Wanted {
            class: Class::FeatherSession,
            kind: Class::FeatherSession.kind(),
            issuer: &settings.issuer,
            audience: &audience,
            early: settings.leeway,
            late: settings.leeway,
        };
        let wire: SessionWire = self.believed(&token, wanted, now).await?;
        let read = wire.read(settings.feather_strict).ok_or(Flaw::Claims)?;
        // One without an id cannot be revoked by itself, but its user's can all be.
        let jti = read.claims.jti.as_deref().unwrap_or_default();
        match self.0.standings.flaw((&read.claims.user, jti, None), read.issued_at, now).await? {
            None => Ok(read),
            Some(flaw) => Err(flaw.into()),
        }
    }

    fn origin(&self, below: &str, now: Timestamp) -> Origin {
        let issuer = &self.0.settings.issuer;
        match self.0.settings.feather_strict {
            true => Origin::default(),
            false => Origin::of(issuer, &format!("{issuer}{below}"), &fresh_id(now)),
        }
    }

    fn sealed(
        &self,
        class: Class,
        named: bool,
        wire: &impl serde::Serialize,
        span: Span,
        now: Timestamp,
    ) -> Result<Issued, TokenError> {
        let ring = self.0.keyring.ring();
        let entry = ring.active(class, now).ok_or(TokenError::NoKey(class))?;
        let token = entry.key.sign(class.kind(), named, wire)?;
        if token.len() > LONGEST {
            return Err(TokenError::TooLong);
        }
        Ok(Issued { token, expires_at: span.end() })
    }
}

#[cfg(test)]
mod tests;

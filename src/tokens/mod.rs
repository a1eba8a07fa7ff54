//! Tokens: what is signed here, and what is believed of what comes back.
//!
//! Decides how a login is written into a token, with which key, and whether a token is good. Who gets one, and what it opens, is
//! decided by `login`; where keys and revocations are kept, by `store`.

mod algorithm;
mod claims;
mod class;
mod feather;
mod key;
mod keyring;
mod others;
mod published;
mod read;
mod refused;
mod ring;
mod rotation;
mod seal;
mod service;
mod standing;
mod token;
mod upkeep;
mod wire;

pub use algorithm::Algorithm;
pub use claims::{AccessClaims, BY_JOIN, Issued, JOIN_CLIENT, JoinClaims, Read, fresh_id, subject};
pub use class::Class;
pub use feather::{FeatherClaims, FeatherPlayer};
pub use key::{Key, KeyError};
pub use keyring::{FeatherKeys, KeySettings, Keyring, KeyringError, Unusable};
pub use refused::{Flaw, Refused};
pub use ring::{Lifetimes, Phase};
pub use rotation::{Listed, Removed, Rotated, Rotation};
pub use seal::{Kek, SealError};
pub use service::ServiceClaims;
pub use token::Token;

use crate::{
    model::{ProfileId, Timestamp, UpstreamId},
    store::{Store, StoreError},
};
use bytes::Bytes;
use claims::{MOJANG, Span};
use read::{OLDER_KIND, Wanted};
use serde::de::DeserializeOwned;
use standing::Standings;
use std::{sync::Arc, time::Duration};
use wire::{AccessWire, JoinWire, OlderWire, Wire};

/// Where a join token is for.
const VERIFY: &str = "/v1/auth/session/minecraft/verify";

/// What a cookie holds, and more than a join token may have when it comes back.
const LONGEST: usize = 4096;

/// What tokens say of this program, and how strictly they are read.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// `iss`: the public URL, without a slash at the end.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// How far apart the clocks of the replicas may be; nothing for one alone. An access token is believed so long after its end, a
    /// join token never.
    pub leeway: Duration,
    /// Access tokens are issued, and also read, in the older form: HS256, no key named, five claims. Only Mojang's players can have one,
    /// since it does not say who vouched.
    pub older: bool,
    /// Feather's tokens are those of its seed to the letter: without issuer, audience, id, and key's name.
    pub feather_strict: bool,
    /// All scopes there are.
    pub scopes: Vec<String>,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No key signs now.
    #[error("there is no key to sign {} tokens with", .0.name())]
    NoKey(Class),
    /// The key does not sign.
    #[error("the signing key fails: {0}")]
    Key(#[from] KeyError),
    /// It would fit into no cookie.
    #[error("the token would be longer than 4096 bytes: it has too many scopes")]
    TooLong,
    /// A token of the older form cannot say that another upstream vouched.
    #[error("tokens of the older form are for Mojang's players only")]
    NotMojangs,
}

/// Tokens, shared: clones are the same.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

struct Inner {
    settings: TokenSettings,
    join_audience: String,
    keyring: Keyring,
    store: Store,
    standings: Standings,
}

impl Tokens {
    /// Those of these keys.
    #[must_use]
    pub fn new(settings: TokenSettings, keyring: Keyring, store: Store) -> Self {
        let join_audience = format!("{}{VERIFY}", settings.issuer);
        let standings = Standings::new(store.clone());
        Self(Arc::new(Inner { settings, join_audience, keyring, store, standings }))
    }

    /// A token for a challenge.
    ///
    /// # Errors
    /// When no key signs, or there is too much to say.
    pub fn issue_join(&self, claims: &JoinClaims, now: Timestamp) -> Result<Issued, TokenError> {
        let span = self.span(Class::Join, now);
        let wire = JoinWire::of(claims, (&self.0.settings.issuer, &self.0.join_audience), span);
        self.signed(Class::Join, Class::Join.kind(), &wire, span, now)
    }

    /// A token for a login.
    ///
    /// # Errors
    /// When no key signs, or there is too much to say.
    pub fn issue_access(&self, claims: &AccessClaims, now: Timestamp) -> Result<Issued, TokenError> {
        self.issue_access_until(claims, None, now)
    }

    /// A token for a login, until `ends` at the latest.
    ///
    /// # Errors
    /// As [`Tokens::issue_access`].
    pub fn issue_access_until(
        &self,
        claims: &AccessClaims,
        ends: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Issued, TokenError> {
        let settings = &self.0.settings;
        let mut span = self.span(Class::Access, now);
        span.exp = ends.map_or(span.exp, |ends| span.exp.min(ends.seconds()));
        if settings.older {
            let wire = OlderWire::of(claims, span).ok_or(TokenError::NotMojangs)?;
            return self.signed(Class::Access, OLDER_KIND, &wire, span, now);
        }
        let wire = AccessWire::of(claims, (&settings.issuer, &settings.audience), span);
        self.signed(Class::Access, Class::Access.kind(), &wire, span, now)
    }

    /// The claims of a join token. Whether it was used is not among them.
    ///
    /// # Errors
    /// When it is not believed.
    pub async fn read_join(&self, token: &str, now: Timestamp) -> Result<Read<JoinClaims>, Refused> {
        let token = Token::parse(token.as_bytes())?;
        let wanted = self.wanted(Class::Join, Class::Join.kind());
        let wire: JoinWire = self.believed(&token, wanted, now).await?;
        Ok(wire.read().ok_or(Flaw::Claims)?)
    }

    /// The claims of an access token that nobody has revoked.
    ///
    /// # Errors
    /// When it is not believed, or the store cannot tell.
    pub async fn read_access(&self, token: &str, now: Timestamp) -> Result<Read<AccessClaims>, Refused> {
        let read = self.read_unrevoked(token, now).await?;
        let named = (&read.claims.user, read.claims.jti.as_str(), None);
        match self.0.standings.flaw(named, read.issued_at, now).await? {
            None => Ok(read),
            Some(flaw) => Err(flaw.into()),
        }
    }

    /// Revokes a token, on this replica at once and on others within 5 s. Whether it was one that could be revoked.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke(&self, token: &str, reason: &str, now: Timestamp) -> Result<bool, StoreError> {
        let Read { claims, expires_at, .. } = match self.read_unrevoked(token, now).await {
            Ok(read) => read,
            Err(Refused::Unavailable(error)) => return Err(error),
            Err(Refused::Invalid(_) | Refused::Expired) => return Ok(false),
        };
        let until = expires_at.plus(self.0.settings.leeway);
        self.0.store.revoke(&claims.jti, Some(claims.user), until, reason).await?;
        self.forget();
        Ok(true)
    }

    /// Forgets what was known of revocations: to be called when a user was disabled, erased, or had all tokens declared void.
    pub fn forget(&self) {
        self.0.standings.forget();
    }

    /// Keeps the keys fresh: to be called every few seconds.
    ///
    /// # Errors
    /// When the store fails; the keys that are known stay.
    pub async fn tend(&self, now: Timestamp) -> Result<(), KeyringError> {
        self.0.keyring.refresh(now).await
    }

    /// `iss` of every token, and `aud` of access tokens.
    #[must_use]
    pub fn parties(&self) -> (&str, &str) {
        (&self.0.settings.issuer, &self.0.settings.audience)
    }

    /// The document of keys, RFC 7517.
    #[must_use]
    pub fn key_set(&self, now: Timestamp) -> Bytes {
        published::key_set(&self.0.keyring.ring(), now)
    }

    /// The document of endpoints, RFC 8414.
    #[must_use]
    pub fn metadata(&self) -> Bytes {
        published::metadata(&self.0.settings.issuer, &self.0.settings.scopes)
    }

    fn span(&self, class: Class, now: Timestamp) -> Span {
        Span::from(now, self.0.keyring.settings().lifetimes.of(class))
    }

    fn signed(
        &self,
        class: Class,
        kind: &str,
        wire: &impl serde::Serialize,
        span: Span,
        now: Timestamp,
    ) -> Result<Issued, TokenError> {
        let ring = self.0.keyring.ring();
        let key = match kind {
            OLDER_KIND => ring.shared_secret(class, now),
            _ => ring.active(class, now).map(|entry| &*entry.key),
        };
        let token = key.ok_or(TokenError::NoKey(class))?.sign(kind, kind != OLDER_KIND, wire)?;
        if token.len() > LONGEST {
            return Err(TokenError::TooLong);
        }
        Ok(Issued { token, expires_at: span.end() })
    }

    fn wanted(&self, class: Class, kind: &'static str) -> Wanted<'_> {
        let Inner { settings, join_audience, .. } = &*self.0;
        let (audience, late) = match class {
            Class::Join => (join_audience, Duration::ZERO),
            _ => (&settings.audience, settings.leeway),
        };
        Wanted { class, kind, issuer: &settings.issuer, audience, early: settings.leeway, late }
    }

    /// [`read::believed`]; keys that are not known are looked for once.
    async fn believed<T>(&self, token: &Token<'_>, wanted: Wanted<'_>, now: Timestamp) -> Result<T, Refused>
    where
        T: Wire + DeserializeOwned,
    {
        let keyring = &self.0.keyring;
        match read::believed(token, &keyring.ring(), wanted, now) {
            Err(Refused::Invalid(Flaw::UnknownKey)) if token.names_a_key() => {
                if let Err(error) = keyring.look_for_more(now).await {
                    tracing::warn!(%error, "the signing keys cannot be read again");
                }
                read::believed(token, &keyring.ring(), wanted, now)
            }
            outcome => outcome,
        }
    }

    /// The claims of an access token that may have been revoked.
    async fn read_unrevoked(&self, token: &str, now: Timestamp) -> Result<Read<AccessClaims>, Refused> {
        let token = Token::parse(token.as_bytes())?;
        if self.0.settings.older && token.header().kid.is_none() {
            let wire = self.believed(&token, self.wanted(Class::Access, OLDER_KIND), now).await?;
            return self.completed(wire).await;
        }
        let wire: AccessWire = self.believed(&token, self.wanted(Class::Access, Class::Access.kind()), now).await?;
        Ok(wire.read().ok_or(Flaw::Claims)?)
    }

    /// What a token of the older form leaves out is known to the store.
    async fn completed(&self, wire: OlderWire) -> Result<Read<AccessClaims>, Refused> {
        let player = ProfileId::parse(&wire.sub).map_err(|_| Flaw::Claims)?;
        let mojang = UpstreamId::new(MOJANG).map_err(|_| Flaw::Nobody)?;
        let user = self.0.store.user_by(&mojang, player).await?.ok_or(Flaw::Nobody)?;
        Ok(wire.read(player, mojang, (user.id, user.name)).ok_or(Flaw::Claims)?)
    }
}

#[cfg(test)]
mod tests;

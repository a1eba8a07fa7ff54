//! What tokens say: of a challenge, of a login, and for how long. How it is written is decided by `wire`.

use crate::model::{ProfileId, Timestamp, UpstreamId, UserId};
use std::{fmt, time::Duration};

/// How a player signed in by joining.
pub const BY_JOIN: &str = "mc_join";

/// The client of such a login, as far as it has one.
pub const JOIN_CLIENT: &str = "mc-join";

/// A challenge, as its token tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinClaims {
    /// The token's id, and the challenge's.
    pub jti: String,
    /// What the player joins.
    pub server_id: String,
    /// What the login asks for.
    pub scopes: Vec<String>,
    /// The player who is expected, if it was said.
    pub player: Option<ProfileId>,
    /// The name that is expected, if it was said.
    pub name: Option<String>,
    /// base64url of the SHA-256 of the client's secret, in bound mode.
    pub secret_hash: Option<String>,
}

/// A login, as its token tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// The token's id.
    pub jti: String,
    /// Who it is here.
    pub user: UserId,
    /// Who it is to others: [`subject`].
    pub subject: ProfileId,
    /// Who vouched.
    pub idp: UpstreamId,
    /// The player's name when the token was issued.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<String>,
    /// Which client asked for it.
    pub client: String,
    /// How the player signed in.
    pub methods: Vec<String>,
    /// When the player did.
    pub authenticated_at: Timestamp,
}

/// Claims that are true, and from when to when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// What the token says.
    pub claims: T,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// A token that has just been signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// The token.
    pub token: String,
    /// When its time is over.
    pub expires_at: Timestamp,
}

/// Whoever reads a token in a log can use it.
impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issued(until {})", self.expires_at)
    }
}

/// The name of a token, never given before: a UUIDv7.
#[must_use]
pub fn fresh_id(now: Timestamp) -> String {
    // A user's id is made in the same way.
    UserId::new(now).to_string()
}

/// Who a player is to those who read tokens: Mojang's own UUID, for all other upstreams one that no upstream gives, so that none can
/// vouch for another's players.
#[must_use]
pub fn subject(idp: &UpstreamId, player: ProfileId) -> ProfileId {
    if idp.as_str() == MOJANG { player } else { player.within(idp) }
}

/// The upstream whose UUIDs are left as they are.
pub(super) const MOJANG: &str = "mojang";

/// From when to when a token is good, in seconds.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) iat: i64,
    pub(super) exp: i64,
}

impl Span {
    pub(super) fn from(now: Timestamp, lifetime: Duration) -> Self {
        let iat = now.seconds();
        Self { iat, exp: Timestamp::from_seconds(iat).plus(lifetime).seconds() }
    }

    pub(super) fn end(self) -> Timestamp {
        Timestamp::from_seconds(self.exp)
    }
}

//! What is kept of users, their logins, their tokens and the keys of tokens.

use crate::model::{ProfileId, Timestamp, UpstreamId, UserId};

/// A player who has logged in once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// What this program calls them.
    pub id: UserId,
    /// Who vouches for them.
    pub idp: UpstreamId,
    /// Their UUID there: with `idp`, who they are.
    pub player: ProfileId,
    /// Their name when they last logged in.
    pub name: String,
    /// When they first logged in.
    pub created_at: Timestamp,
    /// When they last logged in.
    pub last_seen_at: Timestamp,
    /// They are locked out.
    pub disabled: bool,
    /// Tokens issued before are void.
    pub tokens_valid_after: Timestamp,
}

/// One login in a user's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The id of the login: that of the challenge it began with.
    pub id: String,
    /// When.
    pub created_at: Timestamp,
    /// From where; `None` once that is forgotten.
    pub ip: Option<String>,
    /// With which program; `None` once that is forgotten.
    pub user_agent: Option<String>,
    /// The player's name then.
    pub profile_name: String,
    /// What was joined.
    pub server_id: String,
    /// What the token allowed.
    pub scopes: Vec<String>,
}

/// Which of a user's logins are wanted: the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many.
    pub limit: u32,
    /// Only those before this session of the same user. One that is not theirs, or is gone, is before nothing.
    pub before: Option<String>,
}

/// Whether a token still counts, as far as the store knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenStanding {
    /// The token is revoked.
    pub revoked: bool,
    /// Its user is locked out.
    pub disabled: bool,
    /// Tokens of its user that were issued before are void.
    pub valid_after: Timestamp,
    /// When the login began that the token is of, if that is still known: to the millisecond, where the token knows seconds only.
    pub begun_at: Option<Timestamp>,
    /// Its user is no more.
    pub gone: bool,
}

/// Whether a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is published and will sign.
    Pending,
    /// It signs: one of its class.
    Active,
    /// It signed, and is still believed.
    Retired,
}

/// A key as it is kept. The store sees its private part only as it comes: sealed, when there is a key for that.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its name in tokens.
    pub kid: String,
    /// Which tokens it signs.
    pub class: String,
    /// How it signs.
    pub alg: String,
    /// Whether it does.
    pub state: KeyState,
    /// Its private part.
    pub wrapped_private: Vec<u8>,
    /// Its public part, as JSON.
    pub public_jwk: String,
    /// From when on it signs.
    pub not_before: Timestamp,
    /// Until when it is believed.
    pub retire_at: Option<Timestamp>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kid, class, alg, state, .. } = self;
        write!(f, "SigningKey({kid} {class} {alg} {state:?})")
    }
}

/// For how long things are kept after they are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Challenges and codes of services, after their end.
    pub challenges: std::time::Duration,
    /// Addresses and programs of logins.
    pub addresses: std::time::Duration,
    /// Logins.
    pub sessions: std::time::Duration,
}

/// What a sweep took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Challenges.
    pub challenges: u64,
    /// Logins that lost their address.
    pub addresses: u64,
    /// Logins.
    pub sessions: u64,
    /// Sign-ins that were never ended.
    pub flows: u64,
    /// Requests of services that nobody has answered.
    pub requests: u64,
    /// Codes of services.
    pub codes: u64,
    /// Revocations of tokens that are over anyway.
    pub revocations: u64,
}

//! A challenge as it is kept: what a client was told to join, and how far it got.

use super::User;
use crate::model::{ProfileId, Timestamp, UpstreamId, UserId};

/// Which flow made a challenge. One of another flow is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Join, verify, token.
    Join,
    /// The same with nothing but the serverId in between, as Feather's clients do it.
    Feather,
}

impl Kind {
    /// As it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Feather => "feather",
        }
    }
}

/// What a client was told to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The id of its join token.
    pub jti: String,
    /// Whose it is.
    pub kind: Kind,
    /// What to join: unique among all challenges.
    pub server_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
}

/// What became of a new challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is kept.
    Stored,
    /// Its id or its serverId is another's: make another.
    Taken,
    /// Too many wait already.
    Full,
}

/// Who may verify a challenge, for the next seconds and alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The challenge.
    pub jti: String,
    /// What was to be joined.
    pub server_id: String,
    /// This lease, and no earlier one.
    pub(super) id: String,
}

/// An attempt to verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leasing {
    /// It may go on.
    Granted(Lease),
    /// There is no such challenge, or it is of another kind.
    Unknown,
    /// Its time is over.
    Expired,
    /// It has been used.
    Used,
    /// Somebody else is at it.
    InUse,
    /// It has been tried too often.
    Exhausted,
}

/// A login that succeeded, to be written in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who vouches for the player.
    pub idp: UpstreamId,
    /// The player's UUID there.
    pub player: ProfileId,
    /// The player's name now.
    pub name: String,
    /// The id of the token that will be issued.
    pub token_jti: String,
    /// When that token ends.
    pub token_expires_at: Timestamp,
    /// What it allows.
    pub scopes: Vec<String>,
    /// From where; `None` when that is not to be kept.
    pub ip: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
}

/// What became of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It is written, and the challenge used up.
    Finished {
        /// Whose it is.
        user: User,
        /// This user is new.
        created: bool,
    },
    /// The lease is over: nothing was written.
    LeaseLost,
    /// The user is locked out: the challenge is used up, and nothing else was written.
    Disabled(UserId),
}

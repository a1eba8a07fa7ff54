//! Every way a login ends without a token.

use super::challenge::NoRandomness;
use crate::{store::StoreError, tokens::TokenError};

/// Why there is no token. Which status and code that is, is decided by `web`.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// A scope is unknown, or none is wanted.
    #[error("a scope cannot be given")]
    Scope,
    /// Neither the request nor the join token names the player.
    #[error("the player's name is missing")]
    NameMissing,
    /// The join token is of bound mode, and its secret is missing.
    #[error("the client's secret is missing")]
    SecretMissing,
    /// The join token is not believed, or not one for this serverId.
    #[error("the join token is not valid")]
    JoinToken,
    /// Its time is over.
    #[error("the join token has expired")]
    Expired,
    /// It has led to a token, or has been tried too often.
    #[error("the join token is used up")]
    Used,
    /// Another request is verifying it.
    #[error("the join token is in use")]
    InUse,
    /// No session server knows of the join.
    #[error("nobody has joined")]
    NotJoined,
    /// Another player has joined, or was announced, than the one who is named.
    #[error("it is another player")]
    Mismatch,
    /// The client's secret is not the one whose hash was announced.
    #[error("the client's secret is wrong")]
    Secret,
    /// The user is locked out.
    #[error("the account is disabled")]
    Disabled,
    /// A session server has answered with what is no profile of this player.
    #[error("the session server's answer is malformed")]
    UpstreamInvalid,
    /// A session server could not be asked, and no other has said yes.
    #[error("the session server cannot be asked")]
    UpstreamUnavailable,
    /// Too many challenges wait.
    #[error("too many challenges wait")]
    Full,
    /// The store does not work.
    #[error("the store fails: {0}")]
    Store(#[from] StoreError),
    /// There is nothing to sign with.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// There is nothing to make a serverId of.
    #[error("{0}")]
    Randomness(#[from] NoRandomness),
    /// The login was given up inside this program.
    #[error("the login ended without an outcome")]
    Lost,
}

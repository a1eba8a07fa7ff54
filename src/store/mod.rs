//! The store of the login API: challenges, users, their logins, revoked tokens and signing keys, in SQLite or PostgreSQL.
//!
//! Decides what is one transaction and what survives a crash. Knows nothing of HTTP, of tokens' contents, or of whom to believe.

mod challenge;
mod records;

pub use challenge::{Challenge, Finish, Kind, Lease, Leasing, Login, Put};
pub use records::{KeyState, Page, Retention, Session, SigningKey, Swept, TokenStanding, User};

//! Tokens: what is signed here, and what is believed of what comes back.
//!
//! Decides how a login is written into a token, with which key, and whether a token is good. Who gets one, and what it opens, is
//! decided by `login`; where keys and revocations are kept, by `store`.

mod algorithm;
mod claims;
mod class;
mod key;
mod read;
mod refused;
mod ring;
mod seal;
mod token;

pub use algorithm::Algorithm;
pub use claims::{AccessClaims, BY_JOIN, Issued, JoinClaims, Read, fresh_id, subject};
pub use class::Class;
pub use key::{Key, KeyError};
pub use refused::{Flaw, Refused};
pub use ring::{Lifetimes, Phase};
pub use seal::{Kek, SealError};
pub use token::Token;

//! What has been found out: an upstream's word, that of all of them, and what the client is to be told.

use crate::upstream::Presented;
use bytes::Bytes;

/// What the client is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This, as JSON.
    Found(Bytes),
    /// All who could know have said no; with these words, a JSON object, if one of them gave any.
    Unknown(Option<Bytes>),
    /// Nobody knows and somebody has said nothing.
    Undecided,
}

/// What one upstream has said.
#[derive(Debug)]
pub(super) enum Said {
    Found(Presented),
    Unknown(Option<Bytes>),
    Nothing,
}

/// What all have said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Beyond doubt: nobody who is trusted more was silent.
    Surely(Bytes),
    /// By one who is trusted less, while one who is trusted more was silent.
    Perhaps(Bytes),
    Unknown(Option<Bytes>),
    Undecided,
}

impl From<Found> for Answer {
    fn from(found: Found) -> Self {
        match found {
            Found::Surely(body) | Found::Perhaps(body) => Self::Found(body),
            Found::Unknown(words) => Self::Unknown(words),
            Found::Undecided => Self::Undecided,
        }
    }
}

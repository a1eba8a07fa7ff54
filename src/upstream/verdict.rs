//! What an answer means: "yes", "no", or neither.
//!
//! The rule of the whole program stands here: an answer that is not plainly a "no" is not a "no". A limit, an outage, a web page
//! from some front end or a malformed profile leaves the question open.

use super::{Upstream, profile};
use crate::{
    model::{Profile, Question},
    net::{self, Reply},
};
use http::StatusCode;
use serde::de::IgnoredAny;
use std::{collections::BTreeMap, fmt};

/// What one upstream says.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It vouches for the player.
    Joined(Profile),
    /// It does not know of such a join.
    NotJoined,
    /// It vouches for a player it may not vouch for, or was not even asked about one: as good as a "no".
    Barred(Barred),
    /// It has said neither.
    Failed(Failure),
}

/// Why an upstream may not vouch for a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Barred {
    /// Its `deny` list names the player.
    Denied,
    /// It has an `allow` list, which does not name the player.
    NotAllowed,
    /// The name belongs to a player of another upstream.
    BoundElsewhere,
}

impl fmt::Display for Barred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Denied => "denied",
            Self::NotAllowed => "not allowed",
            Self::BoundElsewhere => "bound elsewhere",
        })
    }
}

/// Why an upstream has said neither "yes" nor "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// No whole answer came.
    Net(net::Failure),
    /// An answer of a status that means nothing here.
    Status(u16),
    /// A 200 that is no profile of this player; the text says why.
    Malformed(&'static str),
    /// The question cannot be written as a URL of this upstream.
    Unaskable,
    /// It was not asked: it keeps failing, and is left alone for a while.
    Open,
    /// It was not asked: that would be more often than it allows.
    OverBudget,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Net(failure) => failure.fmt(f),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Malformed(why) => write!(f, "malformed ({why})"),
            Self::Unaskable => f.write_str("unaskable"),
            Self::Open => f.write_str("open"),
            Self::OverBudget => f.write_str("over budget"),
        }
    }
}

impl Verdict {
    /// Whether it is a "yes" that counts.
    #[must_use]
    pub fn joined(&self) -> bool {
        matches!(self, Self::Joined(_))
    }

    /// Why it has said neither, if so.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        match self {
            Self::Failed(failure) => Some(*failure),
            Self::Joined(_) | Self::NotJoined | Self::Barred(_) => None,
        }
    }
}

impl Upstream {
    /// Weighs a whole answer to the question.
    #[must_use]
    pub fn judge(&self, question: &Question, reply: &Reply) -> Verdict {
        let status = reply.status;
        if status == StatusCode::NO_CONTENT || (status == StatusCode::OK && reply.body.is_empty()) {
            return Verdict::NotJoined;
        }
        if status == StatusCode::OK {
            let namespace = self.dialect.namespaced.then_some(&self.id);
            return match profile::checked(&reply.body, &question.name, namespace) {
                Ok(presented) => {
                    let ids = [presented.own, presented.profile.id];
                    if let Some(barred) = self.dialect.guests.bars(&question.name, &ids) {
                        return Verdict::Barred(barred);
                    }
                    self.learn(&presented);
                    Verdict::Joined(presented.profile)
                }
                Err(why) => Verdict::Failed(Failure::Malformed(why)),
            };
        }
        match self.dialect.negative.contains(&status.as_u16()) && plain(&reply.body) {
            true => Verdict::NotJoined,
            false => Verdict::Failed(Failure::Status(status.as_u16())),
        }
    }
}

/// A refusal that comes from the session server itself: empty or JSON. A web page comes from what stands in front of it.
fn plain(body: &[u8]) -> bool {
    body.is_empty() || serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(body).is_ok()
}

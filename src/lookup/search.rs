//! One player, looked for at the trusted upstreams and then at the others.
//!
//! The search is a task that owns its calls: it tells what it found as soon as that is certain, then sees every call through to
//! its end, since an HTTP/1.1 connection is lost with the call that is dropped on it.

use super::{
    answer::{Found, Said},
    place::Wanted,
};
use crate::{
    session::Entrant,
    upstream::{Ask, Host, Presented, Properties, Upstream},
};
use bytes::Bytes;
use futures::{
    future::{BoxFuture, FutureExt},
    stream::{FuturesUnordered, StreamExt},
};
use http::StatusCode;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

type Calls<'a> = FuturesUnordered<BoxFuture<'a, Said>>;

/// A search that has not started.
pub(super) struct Search {
    entrants: Vec<Entrant>,
    wanted: Wanted,
}

impl Search {
    pub(super) fn new(entrants: Vec<Entrant>, wanted: Wanted) -> Self {
        Self { entrants, wanted }
    }

    /// Runs to the end of the last call; `tell` is called long before that.
    pub(super) async fn run(self, tell: impl FnOnce(&Wanted, Found)) {
        let mut calls = Calls::new();
        let found = self.decide(&mut calls).await;
        tell(&self.wanted, found);
        while calls.next().await.is_some() {}
    }

    async fn decide<'a>(&'a self, calls: &mut Calls<'a>) -> Found {
        let (mut words, mut silent) = (None, false);
        for trusted in [true, false] {
            let doubtful = silent;
            if doubtful && !self.wanted.by_id() {
                // The name may be that of a trusted upstream's player: another's of that name must not take their place.
                break;
            }
            let entrants = self.entrants.iter().filter(|entrant| entrant.trusted == trusted);
            calls.extend(entrants.filter_map(|entrant| self.call(entrant)));
            while let Some(said) = calls.next().await {
                match said {
                    Said::Found(Presented { profile, .. }) if doubtful => return Found::Perhaps(profile.body),
                    Said::Found(Presented { profile, .. }) => return Found::Surely(profile.body),
                    Said::Unknown(theirs) => words = words.or(theirs),
                    Said::Nothing => silent = true,
                }
            }
        }
        match silent {
            true => Found::Undecided,
            false => Found::Unknown(words),
        }
    }

    fn call<'a>(&'a self, entrant: &'a Entrant) -> Option<BoxFuture<'a, Said>> {
        let places = self.wanted.places(entrant);
        (!places.is_empty()).then(|| self.ask(entrant, places).boxed())
    }

    /// Asks at the first place; where a less trusted upstream may not have that route, at the next.
    async fn ask(&self, entrant: &Entrant, places: Vec<(&Host, Ask)>) -> Said {
        let mut said = Said::Unknown(None);
        for (host, ask) in places {
            said = self.ask_at(&entrant.upstream, host, &ask).await;
            if entrant.trusted || !matches!(said, Said::Unknown(_)) {
                break;
            }
        }
        said
    }

    async fn ask_at(&self, upstream: &Upstream, host: &Host, ask: &Ask) -> Said {
        let reply = match host.ask(ask).await {
            Ok(reply) => reply,
            Err(failure) => {
                tracing::debug!(upstream = %upstream.id(), %failure, "look-up failed");
                return Said::Nothing;
            }
        };
        match reply.status {
            StatusCode::NO_CONTENT => Said::Unknown(None),
            StatusCode::NOT_FOUND => Said::Unknown(Some(reply.body).filter(is_object)),
            StatusCode::OK if reply.body.is_empty() => Said::Unknown(None),
            StatusCode::OK => self.judge(upstream, &reply.body),
            status => {
                tracing::debug!(upstream = %upstream.id(), status = status.as_u16(), "look-up failed");
                Said::Nothing
            }
        }
    }

    /// Whether the body tells of the player who was asked about.
    fn judge(&self, upstream: &Upstream, body: &Bytes) -> Said {
        let properties = match self.wanted {
            Wanted::Profile { .. } => Properties::Required,
            Wanted::Id { .. } | Wanted::Name { .. } => Properties::Optional,
        };
        let malformed = |why| {
            tracing::debug!(upstream = %upstream.id(), why, "look-up answered with no profile");
            Said::Nothing
        };
        let presented = match upstream.present(body, properties) {
            Ok(presented) => presented,
            Err(why) => return malformed(why),
        };
        match &self.wanted {
            Wanted::Profile { id, .. } | Wanted::Name { id } if presented.profile.id != *id => malformed("another id"),
            Wanted::Id { name, .. } if !name.names(&presented.name) => malformed("another name"),
            _ => Said::Found(presented),
        }
    }
}

/// Words that may be passed on; a web page may not.
fn is_object(body: &Bytes) -> bool {
    serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(body).is_ok()
}

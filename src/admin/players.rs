//! What is known of single players: whose they are, and what would become of their next login.
//!
//! Decides the JSON only. `hasjoined bindings` and `hasjoined explain` print it for people.

use super::{Admin, answer};
use crate::{
    model::PlayerName,
    session::{Asked, Explanation, Login, Strategy},
    upstream::Verdict,
};
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use std::time::SystemTime;
use tokio::time::Instant;

/// Names in one answer.
const PAGE: usize = 1_000;

impl Admin {
    /// Names and the upstreams they are bound to, from the one after `after` in the query; `next` says where to go on.
    pub(super) fn bindings(&self, query: Option<&str>) -> Response<Full<Bytes>> {
        let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let after = pairs.find(|(key, _)| key == "after").map(|(_, value)| value).unwrap_or_default();
        let listed = self.memory.bindings.list(&after, PAGE);
        let next = listed.last().filter(|_| listed.len() == PAGE).map(|(name, _)| name);
        let names = listed.iter().map(|(name, upstream)| json!({"name": name, "upstream": upstream.as_str()}));
        answer::json(&json!({"bindings": names.collect::<Vec<_>>(), "next": next}))
    }

    /// Frees a name; 404 when it is bound to nobody.
    pub(super) fn release(&self, name: &PlayerName) -> Response<Full<Bytes>> {
        let Some(upstream) = self.memory.bindings.release(name) else {
            return answer::with_status(StatusCode::NOT_FOUND, answer::text("bound to nobody\n"));
        };
        tracing::warn!(player = name.as_str(), %upstream, "name released: the next upstream that vouches for it gets it");
        answer::json(&json!({"name": name.as_str(), "upstream": upstream.as_str()}))
    }

    /// What would become of the player's next login, and what became of the last one.
    pub(super) fn explain(&self, name: &PlayerName) -> Response<Full<Bytes>> {
        let Explanation { asked, bound, last, policy } = self.web.site().sessions.explain(name, Instant::now());
        let login = self.memory.journal.last_of(name);
        answer::json(&json!({
            "name": name.as_str(),
            "strategy": match policy.strategy { Strategy::Race => "race", Strategy::Affinity => "affinity" },
            "bound": bound.map(|upstream| upstream.to_string()),
            "vouched_last": last.map(|upstream| upstream.to_string()),
            "asked": asked.iter().map(one).collect::<Vec<_>>(),
            "last_login": login.map(|login| ended(&login)),
        }))
    }
}

fn ended(login: &Login) -> Value {
    let calls = login.calls().map(|call| {
        json!({
            "upstream": call.upstream.as_str(),
            "verdict": call.heard.to_string(),
            "took_ms": call.took.as_millis() as u64,
        })
    });
    json!({
        "seconds_ago": SystemTime::now().duration_since(login.at).unwrap_or_default().as_secs(),
        "outcome": login.outcome.label(),
        "winner": login.winner.as_ref().map(|(upstream, _)| upstream.as_str()),
        "took_ms": login.took.as_millis() as u64,
        "calls": calls.collect::<Vec<_>>(),
    })
}

fn one(asked: &Asked) -> Value {
    json!({
        "upstream": asked.upstream.as_str(),
        "trusted": asked.trusted,
        "after_ms": u64::try_from(asked.after.as_millis()).unwrap_or(u64::MAX),
        "not_asked": asked.unasked.as_ref().map(|verdict| match verdict {
            Verdict::Barred(barred) => barred.to_string(),
            Verdict::Failed(failure) => failure.to_string(),
            Verdict::Joined(_) | Verdict::NotJoined => String::new(),
        }),
        "bound_elsewhere": asked.bound_elsewhere,
    })
}

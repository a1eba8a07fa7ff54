//! Some names, put to one upstream in one call.

use super::place::Form;
use crate::{
    session::Entrant,
    upstream::{Presented, Properties, Upstream},
};
use bytes::Bytes;
use http::StatusCode;
use serde_json::value::RawValue;

/// Mojang answers no more at a time.
pub(super) const MOST: usize = 10;

/// Why an upstream has not said which names it knows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Silent;

/// Asks for these names. Who offers no such route knows nobody.
pub(super) async fn ask(entrant: &Entrant, names: &[&str], form: Form) -> Result<Vec<Presented>, Silent> {
    let upstream = &entrant.upstream;
    let json = serde_json::to_vec(names).map_err(|_| Silent)?;
    for (host, ask) in form.places(upstream.hosts(), json.into()) {
        let reply = host.ask(&ask).await.map_err(|failure| {
            tracing::debug!(upstream = %upstream.id(), %failure, "look-up of names failed");
            Silent
        })?;
        match reply.status {
            StatusCode::NO_CONTENT => return Ok(Vec::new()),
            StatusCode::OK => return people(upstream, &reply.body),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {}
            status => {
                tracing::debug!(upstream = %upstream.id(), status = status.as_u16(), "look-up of names failed");
                return Err(Silent);
            }
        }
    }
    Ok(Vec::new())
}

fn people(upstream: &Upstream, body: &Bytes) -> Result<Vec<Presented>, Silent> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let present =
        |entry: &RawValue| upstream.present(&Bytes::copy_from_slice(entry.get().as_bytes()), Properties::Optional);
    let entries = serde_json::from_slice::<Vec<&RawValue>>(body).map_err(|_| "no array");
    let people = entries.and_then(|entries| entries.into_iter().map(present).collect());
    people.map_err(|why| {
        tracing::debug!(upstream = %upstream.id(), why, "look-up of names answered with something else");
        Silent
    })
}

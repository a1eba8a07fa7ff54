//! `GET /v1/profile/auth/sessions`: a player's own logins.

use super::{LoginApi, bearer::bearer_of_any, denied::unavailable};
use crate::{
    store::{Page, Session},
    web::{
        answer::Body,
        edge::{Admitted, Refusal},
    },
};
use http::Response;
use serde::Serialize;

const SCOPE: &str = "profile:read";
const SCOPE_OF_SERVICES: &str = "sessions:read";
const USUAL: u32 = 20;
const MOST: u32 = 100;
const LONGEST_ID: usize = 64;

#[derive(Serialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    created_at: String,
    ip: Option<String>,
    user_agent: Option<String>,
    profile_name: String,
    server_id: String,
    scopes: Vec<String>,
}

impl From<Session> for Item {
    fn from(session: Session) -> Self {
        let Session { id, created_at, ip, user_agent, profile_name, server_id, scopes } = session;
        Self { id, created_at: created_at.to_string(), ip, user_agent, profile_name, server_id, scopes }
    }
}

pub(super) async fn sessions(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let (read, service) = bearer_of_any(api, admitted).await?;
    // Where somebody was when is nobody else's business, unless the player has said so.
    let needed = if service.is_some() { SCOPE_OF_SERVICES } else { SCOPE };
    if !read.claims.scopes.iter().any(|scope| scope == needed) {
        return Err(Refusal::scope(needed));
    }
    let page = page(admitted)?;
    let sessions = api.logins.history(&read.claims.user, &page).await.map_err(|error| unavailable(&error))?;
    Ok(admitted.envelope.json(&Answer { items: sessions.into_iter().map(Item::from).collect() }))
}

fn page(admitted: &Admitted) -> Result<Page, Refusal> {
    let limit = admitted.query.get("limit")?.map_or(Some(USUAL), limit).ok_or(Refusal::field("limit"))?;
    let before = admitted.query.get("before")?.map(str::to_owned);
    // A text that a store might not even take, for a zero byte in it, is no id.
    let is_id = |id: &String| (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if !before.as_ref().is_none_or(is_id) {
        return Err(Refusal::field("before"));
    }
    Ok(Page { limit, before })
}

/// Digits and nothing else, or no number is meant.
fn limit(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|limit| (1..=MOST).contains(limit))
}

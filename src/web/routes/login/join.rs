//! `POST /v1/auth/session/minecraft/join`: a challenge.

use super::{LoginApi, denied::denied};
use crate::{
    login::{Joining, Wish},
    model::ProfileId,
    web::{
        answer::Body,
        edge::{Admitted, Object, Refusal},
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Response;
use serde::Serialize;

/// Bytes of what is hashed to bind a login to its client, and of the hash.
const SECRET: usize = 32;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    server_id: &'a str,
    join_token: &'a str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<&'a str>,
}

pub(super) async fn join(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let joining = api.logins.join(wish(&admitted.object()?)?).await.map_err(denied)?;
    let Joining { server_id, join_token, expires_in, bound } = &joining;
    Ok(admitted.envelope.json(&Answer {
        server_id,
        join_token,
        expires_in: *expires_in,
        nonce: bound.as_ref().map(|bound| bound.nonce.as_str()),
        audience: bound.as_ref().map(|bound| bound.audience.as_str()),
    }))
}

fn wish(object: &Object) -> Result<Wish, Refusal> {
    let secret_hash = object.text("clientSecretHash")?;
    if secret_hash.is_some_and(|hash| thirty_two_bytes(hash).is_none()) {
        return Err(Refusal::field("clientSecretHash"));
    }
    Ok(Wish {
        player: player(object)?,
        name: name(object)?.map(str::to_owned),
        scopes: object.texts("scopes")?.map(|scopes| scopes.into_iter().map(str::to_owned).collect()),
        secret_hash: secret_hash.map(str::to_owned),
    })
}

/// `userId`: 32 hexadecimal digits, with or without dashes.
pub(super) fn player(object: &Object) -> Result<Option<ProfileId>, Refusal> {
    let text = object.text("userId")?;
    text.map(|text| ProfileId::parse(text).map_err(|_| Refusal::field("userId"))).transpose()
}

/// `name`: what the game itself takes for one, which is more than Mojang gives out today.
pub(super) fn name(object: &Object) -> Result<Option<&str>, Refusal> {
    let text = object.text("name")?;
    if text.is_none_or(is_name) { Ok(text) } else { Err(Refusal::field("name")) }
}

pub(super) fn is_name(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What base64url of 32 bytes stands for.
pub(super) fn thirty_two_bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == SECRET)
}

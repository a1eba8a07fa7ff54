//! The flow of Feather's launcher: `server-id`, `has-joined`, `auth-token`, as its clients know them.

use super::{
    LoginApi,
    denied::{denied, refused},
    is_meant,
};
use crate::{
    login::{Denied, FeatherLogin},
    tokens::{Flaw, Refused},
    web::{
        answer::Body,
        edge::{Admitted, Code, Limit, Refusal, Who},
    },
};
use http::{
    Response, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, AUTHORIZATION, HeaderValue},
};
use percent_encoding::percent_decode_str;
use serde::Serialize;

const LONGEST_SERVER_ID: usize = 64;
const LONGEST_TOKEN: usize = 8 * 1024;

/// A player, in the seed's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Player<'a> {
    id: String,
    username: Option<&'a str>,
    email: Option<&'a str>,
    kind: &'static str,
    #[serde(rename = "mcID")]
    mc_id: String,
    mc_username: &'a str,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    registered_at: &'a str,
    activated_at: &'a str,
    country: Option<&'a str>,
}

pub(super) async fn server_id(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    is_meant(admitted)?;
    let server_id = api.logins.feather_server_id().await.map_err(denied)?;
    Ok(admitted.envelope.json_with(StatusCode::CREATED, &server_id))
}

pub(super) async fn has_joined(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    is_meant(admitted)?;
    let name = name(admitted)?;
    let server_id = admitted.query.get("token")?.unwrap_or_default();
    if !(1..=LONGEST_SERVER_ID).contains(&server_id.len()) {
        return Err(Refusal::field("token"));
    }
    let client = (admitted.client, admitted.user_agent());
    let claim = api.logins.feather_claim((&name, server_id), client).await.map_err(challenged)?;
    api.edge.take(Limit::VerifyName, api.edge.named(claim.name().as_str()))?;
    api.edge.take(Limit::Outbound, Who::All).map_err(|_| Refusal::from(Code::UpstreamUnavailable))?;
    let login = api.logins.feather_verify(claim).await.map_err(challenged)?;
    let country = country(api, admitted);
    let mut response = admitted.envelope.json(&player(&login, &login.registered_at.with_millis(), country.as_deref()));
    let headers = response.headers_mut();
    let token = HeaderValue::try_from(login.token).map_err(|_| Refusal::from(Code::InternalError))?;
    headers.insert(AUTHORIZATION, token);
    if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("authorization"));
    }
    Ok(response)
}

/// The second token; the first may come with `Bearer` in front or without.
pub(super) async fn auth_token(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let token = bare_token(admitted)?;
    let session = api.logins.tokens().read_feather(token, api.logins.clock().now()).await.map_err(locked_out)?;
    let full = api.logins.feather_full(&session).await.map_err(|why| match why {
        Denied::JoinToken => Code::InvalidToken.into(),
        other => denied(other),
    })?;
    Ok(admitted.envelope.json(&full))
}

fn player<'a>(login: &'a FeatherLogin, registered_at: &'a str, country: Option<&'a str>) -> Player<'a> {
    Player {
        id: login.user.to_string(),
        username: None,
        email: None,
        kind: "player",
        mc_id: login.player.dashed().to_string(),
        mc_username: &login.name,
        first_name: None,
        last_name: None,
        registered_at,
        activated_at: registered_at,
        country,
    }
}

/// There is no join token in this flow: what is wrong is the challenge.
fn challenged(why: Denied) -> Refusal {
    match why {
        Denied::Used | Denied::InUse => Code::ChallengeUsed.into(),
        Denied::Expired => Code::ChallengeExpired.into(),
        Denied::JoinToken => Code::JoinNotFound.into(),
        other => denied(other),
    }
}

fn locked_out(why: Refused) -> Refusal {
    match why {
        Refused::Invalid(Flaw::Disabled) => Code::AccountDisabled.into(),
        other => refused(other),
    }
}

/// The player in the path, decoded once.
fn name(admitted: &Admitted) -> Result<String, Refusal> {
    let segment = admitted.segment.as_deref().unwrap_or_default();
    let decoded = percent_decode_str(segment).decode_utf8().map_err(|_| Refusal::field("username"))?;
    match super::join::is_name(&decoded) {
        true => Ok(decoded.into_owned()),
        false => Err(Refusal::field("username")),
    }
}

/// Two letters, from a proxy that is trusted to know.
fn country(api: &LoginApi, admitted: &Admitted) -> Option<String> {
    let header = api.country_header.as_deref().filter(|_| admitted.through_proxy)?;
    let text = admitted.headers().get(header)?.to_str().ok()?;
    let is_one = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_one.then(|| text.to_ascii_uppercase())
}

fn bare_token(admitted: &Admitted) -> Result<&str, Refusal> {
    let mut values = admitted.headers().get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Refusal::no_token())?;
    if values.next().is_some() {
        return Err(Code::InvalidRequest.into());
    }
    let text = value.to_str().map_err(|_| Refusal::from(Code::InvalidToken))?;
    let token = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
        Some(_) => return Err(Code::InvalidToken.into()),
        None => text,
    };
    if token.is_empty() || token.len() > LONGEST_TOKEN {
        return Err(Code::InvalidToken.into());
    }
    Ok(token)
}

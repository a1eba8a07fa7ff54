//! Access tokens after the login: whether one holds, what it says, and its end.

use super::{
    LoginApi,
    bearer::{bearer, bearer_or_cookie, read, read_service},
    client, cookies,
    denied::unavailable,
};
use crate::{
    model::UserId,
    tokens::{AccessClaims, Read, ServiceClaims},
    web::{
        answer::Body,
        edge::{Admitted, Code, Refusal},
    },
};
use http::{HeaderMap, Response, StatusCode, header::HeaderValue};
use serde::Serialize;

#[derive(Serialize)]
struct Verified {
    claims: VerifiedClaims,
}

#[derive(Serialize)]
struct VerifiedClaims {
    sub: String,
    exp: i64,
    iat: i64,
}

/// RFC 7662 §2.2.
#[derive(Default, Serialize)]
struct Introspected {
    active: bool,
    #[serde(flatten)]
    said: Option<Said>,
}

#[derive(Serialize)]
struct Said {
    scope: String,
    client_id: String,
    username: String,
    token_type: &'static str,
    exp: i64,
    iat: i64,
    sub: String,
    iss: String,
    aud: String,
    jti: String,
}

/// `GET /auth/verify`: the least that can be said of a token that holds.
pub(super) async fn verify(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let Read { claims, issued_at, expires_at } = match admitted.query.get("service")? {
        None => bearer_or_cookie(api, admitted).await?.1,
        Some(slug) => service_token(api, admitted, slug).await?,
    };
    let sub = claims.subject.dashed().to_string();
    let claims = VerifiedClaims { sub, exp: expires_at.seconds(), iat: issued_at.seconds() };
    Ok(admitted.envelope.json(&Verified { claims }))
}

/// A service that asks names itself, or else a token that a player gave to one would open another.
async fn service_token(api: &LoginApi, admitted: &Admitted, slug: &str) -> Result<Read<AccessClaims>, Refusal> {
    let token = admitted.bearer()?.ok_or(Refusal::no_token())?;
    let read = read_service(api, token, Some(slug)).await?.ok_or(Refusal::from(Code::InvalidToken))?;
    Ok(of_service(read))
}

/// `POST /v1/auth/introspect`: what a token of the one who asks says, be that a player or a service. Of a stranger's it says nothing.
pub(super) async fn introspect(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let said = match client::service(api, admitted).await? {
        Some(service) => {
            let slug = service.registered.slug.as_str();
            let own = read_service(api, &needed(admitted)?, Some(slug)).await?;
            own.filter(|read| read.claims.service == service.id).map(|read| said(api, of_service(read), slug))
        }
        None => of_player(api, admitted).await?,
    };
    Ok(admitted.envelope.json(&Introspected { active: said.is_some(), said }))
}

async fn of_player(api: &LoginApi, admitted: &Admitted) -> Result<Option<Said>, Refusal> {
    let (_, own) = bearer(api, admitted).await?;
    let token = needed(admitted)?;
    let is_own = |read: &Read<AccessClaims>| read.claims.user == own.claims.user;
    match read(api, &token).await {
        Ok(read) => Ok(Some(read).filter(is_own).map(|read| said(api, read, api.logins.tokens().parties().1))),
        Err(refusal) if refusal.code != Code::InvalidToken => Err(refusal),
        Err(_) => {
            let read = read_service(api, &token, None).await?.map(of_service).filter(is_own);
            Ok(read.map(|read| {
                let slug = read.claims.client.clone();
                said(api, read, &slug)
            }))
        }
    }
}

fn of_service(Read { claims, issued_at, expires_at }: Read<ServiceClaims>) -> Read<AccessClaims> {
    Read { claims: claims.access, issued_at, expires_at }
}

fn said(api: &LoginApi, Read { claims, issued_at, expires_at }: Read<AccessClaims>, audience: &str) -> Said {
    let issuer = api.logins.tokens().parties().0;
    Said {
        scope: claims.scopes.join(" "),
        client_id: claims.client,
        username: claims.name,
        token_type: "Bearer",
        exp: expires_at.seconds(),
        iat: issued_at.seconds(),
        sub: claims.subject.dashed().to_string(),
        iss: issuer.to_owned(),
        aud: audience.to_owned(),
        jti: claims.jti,
    }
}

/// `POST /v1/auth/revoke`: the end of a token. Who has it may end it; who says who they are, only one of their own. Of what is none
/// nothing is told (RFC 7009 §2.2).
pub(super) async fn revoke(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    if let Some(service) = client::service(api, admitted).await? {
        let token = needed(admitted)?;
        if read_service(api, &token, Some(service.registered.slug.as_str())).await?.is_some() {
            end_of_service(api, &token, None).await?;
        }
        return Ok(admitted.envelope.empty(StatusCode::OK));
    }
    let asker = match admitted.bearer()? {
        Some(_) => Some(bearer(api, admitted).await?.1.claims.user),
        None => None,
    };
    let token = needed(admitted)?;
    match read(api, &token).await {
        Ok(read) if asker.is_none_or(|asker| asker == read.claims.user) => end(api, &token, "revoked").await?,
        Err(refusal) if refusal.code != Code::InvalidToken => return Err(refusal),
        Ok(_) => {}
        // A service gives up what it was given.
        Err(_) => end_of_service(api, &token, asker).await?,
    }
    Ok(admitted.envelope.empty(StatusCode::OK))
}

/// `POST /v1/auth/logout`: the end of the token that comes with it, and of a browser's cookies.
pub(super) async fn log_out(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    if admitted.bearer()?.is_none() && !is_own_script(admitted.headers()) {
        return Err(Code::Forbidden.into());
    }
    let (token, _) = bearer_or_cookie(api, admitted).await?;
    end(api, token, "logged out").await?;
    let mut response = admitted.envelope.empty(StatusCode::NO_CONTENT);
    cookies::sign_out(api, &mut response)?;
    Ok(response)
}

/// A page of another site can make a browser send its cookies along, but not this header.
fn is_own_script(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    headers.contains_key("x-requested-with") && matches!(site, None | Some(b"same-origin" | b"same-site" | b"none"))
}

pub(super) async fn end(api: &LoginApi, token: &str, reason: &str) -> Result<(), Refusal> {
    let ended = api.logins.tokens().revoke(token, reason, api.logins.clock().now()).await;
    ended.map(|_| ()).map_err(|error| unavailable(&error))
}

async fn end_of_service(api: &LoginApi, token: &str, asker: Option<UserId>) -> Result<(), Refusal> {
    let (tokens, now) = (api.logins.tokens(), api.logins.clock().now());
    let ended = tokens.revoke_service(token, (asker, "revoked"), now).await;
    ended.map(|_| ()).map_err(|error| unavailable(&error))
}

fn needed(admitted: &Admitted) -> Result<String, Refusal> {
    admitted.text("token")?.filter(|token| !token.is_empty()).ok_or(Refusal::field("token"))
}

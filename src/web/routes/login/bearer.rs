//! Whose token a request carries.

use super::{LoginApi, cookies, denied::refused};
use crate::{
    tokens::{AccessClaims, Read, ServiceClaims},
    web::edge::{Admitted, Code, Refusal},
};

/// The token of the header, with what it says.
pub(super) async fn bearer<'a>(
    api: &LoginApi,
    admitted: &'a Admitted,
) -> Result<(&'a str, Read<AccessClaims>), Refusal> {
    let token = admitted.bearer()?.ok_or(Refusal::no_token())?;
    read(api, token).await.map(|read| (token, read))
}

/// The token of the header. Only where there is no such header, that of the first cookie with a good one.
pub(super) async fn bearer_or_cookie<'a>(
    api: &LoginApi,
    admitted: &'a Admitted,
) -> Result<(&'a str, Read<AccessClaims>), Refusal> {
    if admitted.bearer()?.is_some() {
        return bearer(api, admitted).await;
    }
    let mut refusal = Refusal::no_token();
    for token in cookies::TOKENS.into_iter().filter_map(|name| admitted.cookie(name)) {
        match read(api, token).await {
            Ok(read) => return Ok((token, read)),
            Err(refused) => refusal = refused,
        }
    }
    Err(refusal)
}

/// The token of the first cookie with a good one, whatever else the request carries; `None` when no cookie has one.
pub(super) async fn cookie_session<'a>(
    api: &LoginApi,
    admitted: &'a Admitted,
) -> Result<Option<(&'a str, Read<AccessClaims>)>, Refusal> {
    for token in cookies::TOKENS.into_iter().filter_map(|name| admitted.cookie(name)) {
        match read(api, token).await {
            Ok(read) => return Ok(Some((token, read))),
            Err(refusal) if refusal.code == Code::InvalidToken => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(None)
}

/// The token of the header: this API's own, or one that a service has with a player's leave, with the id of that service.
pub(super) async fn bearer_of_any(
    api: &LoginApi,
    admitted: &Admitted,
) -> Result<(Read<AccessClaims>, Option<String>), Refusal> {
    let token = admitted.bearer()?.ok_or(Refusal::no_token())?;
    match read(api, token).await {
        Ok(read) => Ok((read, None)),
        Err(refusal) => {
            // Most that are refused are no service's either.
            let Some(Read { claims, issued_at, expires_at }) = read_service(api, token, None).await? else {
                return Err(refusal);
            };
            Ok((Read { claims: claims.access, issued_at, expires_at }, Some(claims.service)))
        }
    }
}

/// What a service's token says; `None` when it is none, or of another service than that.
pub(super) async fn read_service(
    api: &LoginApi,
    token: &str,
    slug: Option<&str>,
) -> Result<Option<Read<ServiceClaims>>, Refusal> {
    match api.logins.tokens().read_service(token, slug, api.logins.clock().now()).await {
        Ok(read) => Ok(Some(read)),
        Err(why) => match refused(why) {
            refusal if refusal.code == Code::InvalidToken => Ok(None),
            refusal => Err(refusal),
        },
    }
}

pub(super) async fn read(api: &LoginApi, token: &str) -> Result<Read<AccessClaims>, Refusal> {
    api.logins.tokens().read_access(token, api.logins.clock().now()).await.map_err(refused)
}

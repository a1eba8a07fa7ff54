//! Whose token a request carries.

use super::{LoginApi, denied::refused};
use crate::{
    tokens::{AccessClaims, Read},
    web::edge::{Admitted, Refusal},
};

/// The cookies a browser may have, in the order they are tried.
pub(super) const COOKIES: [&str; 2] = ["uebliche_token", "auth_token"];

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
    for token in COOKIES.into_iter().filter_map(|name| admitted.cookie(name)) {
        match read(api, token).await {
            Ok(read) => return Ok((token, read)),
            Err(refused) => refusal = refused,
        }
    }
    Err(refusal)
}

pub(super) async fn read(api: &LoginApi, token: &str) -> Result<Read<AccessClaims>, Refusal> {
    api.logins.tokens().read_access(token, api.logins.clock().now()).await.map_err(refused)
}

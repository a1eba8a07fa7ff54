//! `session/exchange`: a browser that is signed in gets a token for another site, and nobody signs in again.
//!
//! Takes no address from the request: a page that could name its own would get the token of whoever is sent here.

use super::{LoginApi, bearer::cookie_session, cookies, denied::denied, is_meant, microsoft, people};
use crate::{
    login::{LoggedIn, Platform},
    web::{
        answer::Body,
        edge::{Admitted, Code, Endpoint, Refusal},
    },
};
use http::{HeaderValue, Response};

pub(super) async fn exchange(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    is_meant(admitted)?;
    let platform = microsoft::platform(admitted)?;
    let page = api.destinations.page(platform);
    let json = page.is_none() && people::wants_json(admitted.headers());
    if json && is_of_another_site(admitted) {
        return Err(Code::Forbidden.into());
    }
    let Some(player) = renewed(api, admitted, platform).await? else {
        return if json { Err(Code::LoginRequired.into()) } else { Ok(sign_in(api, admitted, platform)) };
    };
    let mut response = match page {
        Some(page) => {
            let parameters = microsoft::parameters(&player);
            admitted.envelope.found(page.with_fragment(&parameters.each()).as_str())
        }
        None => microsoft::shown(api, admitted, &player),
    };
    cookies::sign_in(api, &mut response, &player)?;
    Ok(response)
}

async fn renewed(api: &LoginApi, admitted: &Admitted, platform: Platform<'_>) -> Result<Option<LoggedIn>, Refusal> {
    let Some((_, read)) = cookie_session(api, admitted).await? else { return Ok(None) };
    api.logins.renew(&read, platform, (admitted.client, admitted.user_agent())).await.map_err(denied)
}

fn sign_in(api: &LoginApi, admitted: &Admitted, platform: Platform<'_>) -> Response<Body> {
    let path = api.edge.path(Endpoint::MicrosoftLogin);
    let query = platform.name().map(|name| format!("?platform={name}")).unwrap_or_default();
    admitted.envelope.found(&(path + &query))
}

/// Whether a script of another site asks: browsers say so.
fn is_of_another_site(admitted: &Admitted) -> bool {
    let site = admitted.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    !matches!(site, None | Some(b"same-origin" | b"same-site" | b"none"))
}

//! What a browser keeps: the token of a player who is signed in, and its part of a sign-in under way.
//!
//! Decides the names and attributes of cookies; tokens of others' making are read, never written.

use super::LoginApi;
use crate::{
    login::LoggedIn,
    web::{
        answer::Body,
        edge::{Admitted, Code, Refusal},
    },
};
use http::{
    Response,
    header::{HeaderValue, SET_COOKIE},
};
use std::time::Duration;

/// The cookies with a token, in the order they are tried.
pub(super) const TOKENS: [&str; 2] = ["uebliche_token", "auth_token"];

/// Browsers let no other host, and no other path, set a cookie with this prefix. They want it to be for https.
const FLOW: &str = "__Host-ms_flow";
const FLOW_INSECURE: &str = "ms_flow";

/// The browser's part of a sign-in under way.
pub(super) fn flow<'a>(api: &LoginApi, admitted: &'a Admitted) -> Option<&'a str> {
    admitted.cookie(flow_name(api))
}

/// A sign-in begins.
pub(super) fn begin(
    api: &LoginApi,
    response: &mut Response<Body>,
    secret: &str,
    lifetime: Duration,
) -> Result<(), Refusal> {
    append(response, format!("{}={secret}{}", flow_name(api), attributes(api, lifetime.as_secs())))
}

/// A sign-in is over, however it ended.
pub(super) fn end(api: &LoginApi, response: &mut Response<Body>) -> Result<(), Refusal> {
    append(response, format!("{}={}", flow_name(api), attributes(api, 0)))
}

/// A player is signed in.
pub(super) fn sign_in(
    api: &LoginApi,
    response: &mut Response<Body>,
    LoggedIn { token, expires_in, .. }: &LoggedIn,
) -> Result<(), Refusal> {
    let lifetime = u64::try_from(*expires_in).unwrap_or_default();
    append(response, format!("{}={token}{}{}", TOKENS[0], attributes(api, lifetime), domain(api)))
}

/// A player is signed out. A cookie goes only when it is named as it was set.
pub(super) fn sign_out(api: &LoginApi, response: &mut Response<Body>) -> Result<(), Refusal> {
    for name in TOKENS {
        append(response, format!("{name}={}", attributes(api, 0)))?;
        if api.cookie_domain.is_some() {
            append(response, format!("{name}={}{}", attributes(api, 0), domain(api)))?;
        }
    }
    Ok(())
}

fn flow_name(api: &LoginApi) -> &'static str {
    if api.secure_cookies { FLOW } else { FLOW_INSECURE }
}

/// Lax, so that they come along when Microsoft or a service sends the browser here, but not with the forms of other sites.
fn attributes(api: &LoginApi, seconds: u64) -> String {
    let secure = if api.secure_cookies { "; Secure" } else { "" };
    format!("; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn domain(api: &LoginApi) -> String {
    api.cookie_domain.as_ref().map(|domain| format!("; Domain={domain}")).unwrap_or_default()
}

fn append(response: &mut Response<Body>, cookie: String) -> Result<(), Refusal> {
    let cookie = HeaderValue::try_from(cookie).map_err(|_| Refusal::from(Code::InternalError))?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(())
}

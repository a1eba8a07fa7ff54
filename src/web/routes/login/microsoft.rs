//! `microsoft/login` and `microsoft/callback`: a browser goes to Microsoft, comes back, and goes where it wanted.
//!
//! A page that is not known to be allowed is never gone to. What the page is told stands in the fragment of its address, which no
//! server gets to see, or, when nobody has signed in, in its query.

use super::{LoginApi, cookies, denied::denied, is_meant, people};
use crate::{
    login::{Denied, Ended, Failed, Landing, LoggedIn, Platform, Resume, Returned, SignInRefused},
    model::Redirect,
    web::{
        answer::Body,
        edge::{Admitted, Code, Endpoint, Refusal},
        pages::login::{Player, Purpose, Redirecting, Target, Token},
    },
};
use http::Response;
use serde::Serialize;
use std::time::Duration;

/// What an application gets that is no browser.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    access_token: &'a str,
    expires_in: i64,
    expires_at: String,
    user: User<'a>,
}

#[derive(Serialize)]
struct User<'a> {
    id: String,
    name: &'a str,
}

pub(super) async fn login(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    is_meant(admitted)?;
    let platform = platform(admitted)?;
    let landing = match admitted.query.get("resume")? {
        Some(resume) => Landing::Resumed(Resume::read(resume).ok_or(Refusal::field("resume"))?),
        None => api.destinations.landing(platform, admitted.query.get("redirect")?).map_err(|why| {
            tracing::debug!(%why, "a redirect that is not allowed");
            Refusal::from(Code::InvalidRedirect)
        })?,
    };
    let begun = api.logins.begin_sign_in(platform, &landing).await.map_err(refused)?;
    let mut response = admitted.envelope.found(&begun.location);
    cookies::begin(api, &mut response, begun.browser.reveal(), begun.lifetime)?;
    Ok(response)
}

pub(super) async fn callback(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    is_meant(admitted)?;
    let (state, browser) = (admitted.query.get("state")?, cookies::flow(api, admitted));
    let code = match (admitted.query.get("code")?, admitted.query.get("error")?) {
        (Some(code), None) => Ok(code),
        (None, Some(error)) => Err(error),
        _ => return Err(Code::InvalidRequest.into()),
    };
    let (state, browser) = state.zip(browser).ok_or(Code::StateInvalid)?;
    let (client, user_agent) = (admitted.client, admitted.user_agent());
    let ended = api.logins.end_sign_in(Returned { state, browser, code, client, user_agent }).await;
    let Ended { landing, outcome } = ended.map_err(refused)?;
    let mut response = match outcome {
        Ok(player) => signed_in(api, admitted, &landing, &player)?,
        Err(failed) => not_signed_in(api, admitted, &landing, failed)?,
    };
    cookies::end(api, &mut response)?;
    Ok(response)
}

/// For whom a player signs in.
pub(super) fn platform(admitted: &Admitted) -> Result<Platform<'_>, Refusal> {
    Platform::read(admitted.query.get("platform")?).ok_or(Refusal::field("platform"))
}

fn signed_in(
    api: &LoginApi,
    admitted: &Admitted,
    landing: &Landing,
    player: &LoggedIn,
) -> Result<Response<Body>, Refusal> {
    let mut response = match landing {
        Landing::Page(page) => {
            leaving(api, admitted, page.with_fragment(&parameters(player).each()).as_str(), Purpose::SigningIn)?
        }
        Landing::Resumed(resume) => admitted.envelope.found(&resumed(api, resume)),
        Landing::Here => shown(api, admitted, player),
    };
    cookies::sign_in(api, &mut response, player)?;
    Ok(response)
}

/// What a page is told of a player who has signed in.
pub(super) fn parameters(player: &LoggedIn) -> Parameters {
    Parameters { token: player.token.clone(), expires_at: player.expires_at.to_string() }
}

/// `authToken` and `expiresAt`.
pub(super) struct Parameters {
    token: String,
    expires_at: String,
}

impl Parameters {
    pub(super) fn each(&self) -> [(&str, &str); 2] {
        [("authToken", &self.token), ("expiresAt", &self.expires_at)]
    }
}

/// The token itself, as a page or as JSON: nobody else wants it.
pub(super) fn shown(api: &LoginApi, admitted: &Admitted, player: &LoggedIn) -> Response<Body> {
    let LoggedIn { token, expires_in, expires_at, subject, name, .. } = player;
    let uuid = subject.dashed().to_string();
    if people::wants_json(admitted.headers()) {
        let (expires_at, user) = (expires_at.to_string(), User { id: uuid, name });
        return admitted.envelope.json(&Answer { access_token: token, expires_in: *expires_in, expires_at, user });
    }
    let token = Token {
        site: api.edge.site(),
        player: Player { name, uuid: &uuid },
        token,
        expires_at: *expires_at,
        lifetime: Duration::from_secs(u64::try_from(*expires_in).unwrap_or_default()),
        account: &api.edge.path(Endpoint::Account),
    };
    people::page(admitted, token.page())
}

/// The page between this site and another.
pub(super) fn leaving(
    api: &LoginApi,
    admitted: &Admitted,
    to: &str,
    purpose: Purpose,
) -> Result<Response<Body>, Refusal> {
    let target = Target::new(to).ok_or(Code::InternalError)?;
    Ok(people::page(admitted, Redirecting { site: api.edge.site(), purpose, target }.page()))
}

/// Where a player goes on with what they were about to do.
fn resumed(api: &LoginApi, resume: &Resume) -> String {
    match resume {
        Resume::Account => api.edge.path(Endpoint::Account),
        Resume::Consent(id) => format!("{}?request={id}", api.edge.path(Endpoint::ServiceConsent)),
    }
}

fn not_signed_in(
    api: &LoginApi,
    admitted: &Admitted,
    landing: &Landing,
    failed: Failed,
) -> Result<Response<Body>, Refusal> {
    let (status, name, sentence, code) = match failed {
        Failed::SignIn(error) => (error.status(), error.code(), error.sentence(), Code::SignInFailed),
        Failed::Denied(why) => {
            let Refusal { code, .. } = denied(why);
            (code.status(), code.name(), code.text(), code)
        }
    };
    match landing {
        Landing::Page(page) => Ok(told(admitted, page, (name, sentence), code)),
        Landing::Here if people::wants_json(admitted.headers()) => Err(code.into()),
        Landing::Here => Ok(people::failed(api, admitted, (name, status), &api.edge.path(Endpoint::MicrosoftLogin))),
        Landing::Resumed(resume) => Ok(people::failed(api, admitted, (name, status), &people::sign_in(api, resume))),
    }
}

/// The page is told why nobody has signed in, in words of this program alone.
fn told(admitted: &Admitted, page: &Redirect, (name, sentence): (&str, &str), code: Code) -> Response<Body> {
    let location = page.with_query(&[("loginError", sentence), ("loginErrorCode", name)]);
    let mut response = admitted.envelope.found(location.as_str());
    response.extensions_mut().insert(code);
    response
}

fn refused(why: SignInRefused) -> Refusal {
    match why {
        SignInRefused::NotConfigured => Code::MicrosoftNotConfigured.into(),
        SignInRefused::State => Code::StateInvalid.into(),
        SignInRefused::Denied(Denied::Full) => {
            tracing::warn!("as many sign-ins with Microsoft are under way as there may be: no more begin");
            Code::Unavailable.into()
        }
        SignInRefused::Denied(why) => denied(why),
    }
}

//! `GET /v1/auth/service/exchange` and `POST /v1/auth/service/token`: a service asks a player, and gets a token from a page that has
//! the answer.

use super::{LoginApi, bearer::bearer_of_any, denied::unserved};
use crate::{
    login::{Ask, ConsentAsked, ServiceDenied, ServiceToken, TokenWish},
    store::Registration,
    web::{
        answer::Body,
        edge::{Admitted, Code, Endpoint, Parameters, Refusal},
        pages::login::{Failure, Problem},
    },
};
use http::Response;
use serde::Serialize;

const LONGEST_STATE: usize = 512;
/// What base64url makes of a SHA-256.
const CHALLENGE: usize = 43;
/// More than any service asks for.
const MOST_PERMISSIONS: usize = 32;

/// As the seed has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    access_token: &'a str,
    expires_in: i64,
    expires_at: String,
    permissions: &'a [String],
    service: AnswerService<'a>,
    user: AnswerUser,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerService<'a> {
    id: &'a str,
    slug: &'a str,
    name: &'a str,
    verification_level: &'a str,
    verified: bool,
}

#[derive(Serialize)]
struct AnswerUser {
    id: String,
}

/// Sends the browser to the page that asks the player. On any fault it goes nowhere: who asks is then not known.
pub(super) async fn exchange(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let query = &admitted.query;
    let slug = either(query, ["service", "client_id"])?.filter(|slug| !slug.is_empty());
    let slug = slug.ok_or(Refusal::from(Code::MissingService))?;
    let permissions = either(query, ["permissions", "scope"])?.map(words);
    let ask = Ask {
        slug,
        redirect: either(query, ["redirect", "redirect_uri"])?.unwrap_or_default(),
        state: state(query)?,
        permissions: permissions.as_deref(),
        challenge: challenge(query)?,
    };
    match api.logins.ask_consent(ask).await {
        Ok(asked) => Ok(admitted.envelope.found(&asking(api, &asked, ask.state))),
        Err(ServiceDenied::Off) => Ok(switched_off(api, admitted)),
        Err(why) => Err(unserved(why)),
    }
}

/// A token for a service, for a player whose own token comes with the request.
pub(super) async fn token(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let (player, service) = bearer_of_any(api, admitted).await?;
    if service.is_some() {
        // Or else one service could make itself a token of another.
        return Err(Code::FirstPartyRequired.into());
    }
    let object = admitted.object()?;
    let permissions = object.texts("permissions")?;
    if permissions.as_ref().is_some_and(|permissions| !(1..=MOST_PERMISSIONS).contains(&permissions.len())) {
        return Err(Code::InvalidScope.into());
    }
    let permissions: Option<Vec<_>> = permissions.map(|all| all.into_iter().map(str::to_owned).collect());
    let wish = TokenWish {
        slug: object.needed_text("service")?,
        redirect: object.needed_text("redirect")?,
        request: object.text("consentRequest")?,
        permissions: permissions.as_deref(),
    };
    let token = api.logins.issue_service_token(&player, wish).await.map_err(unserved)?;
    Ok(admitted.envelope.json(&answer(&token)))
}

fn answer(token: &ServiceToken) -> Answer<'_> {
    let ServiceToken { issued, expires_in, permissions, service, subject } = token;
    let Registration { slug, name, verification_level, verified, .. } = &service.registered;
    Answer {
        access_token: &issued.token,
        expires_in: *expires_in,
        expires_at: issued.expires_at.to_string(),
        permissions,
        service: AnswerService { id: &service.id, slug: slug.as_str(), name, verification_level, verified: *verified },
        user: AnswerUser { id: subject.dashed().to_string() },
    }
}

/// The page that asks. Another than ours is told all about the request, but cannot give codes.
fn asking(api: &LoginApi, asked: &ConsentAsked, state: Option<&str>) -> String {
    let ConsentAsked { request, service, redirect, wants_code } = asked;
    match api.consent.as_ref().filter(|_| !wants_code) {
        None => format!("{}?request={request}", api.edge.path(Endpoint::ServiceConsent)),
        Some(page) => {
            let slug = service.registered.slug.as_str();
            let mut parameters = vec![("request", request.as_str()), ("service", slug), ("redirect", redirect)];
            parameters.extend(state.map(|state| ("state", state)));
            page.with_query(&parameters).into()
        }
    }
}

/// A player need not know the difference between a service that is gone and one that is switched off, but is told it.
fn switched_off(api: &LoginApi, admitted: &Admitted) -> Response<Body> {
    let request_id = admitted.envelope.request_id.to_string();
    let problem = Problem::ServiceDisabled;
    let page = Failure { site: api.edge.site(), problem, again: None, retry_after: None, request_id: &request_id };
    let mut page = page.response();
    page.extensions_mut().insert(Code::ServiceDisabled);
    admitted.envelope.page(page)
}

/// A parameter that goes by two names: the seed's, and that of OAuth clients. Both may be there if they agree.
fn either<'a>(query: &'a Parameters, [one, other]: [&'static str; 2]) -> Result<Option<&'a str>, Refusal> {
    match (query.get(one)?, query.get(other)?) {
        (Some(one), Some(other)) if one != other => Err(Code::InvalidRequest.into()),
        (one, other) => Ok(one.or(other)),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What the service wants back: visible signs and spaces (RFC 6749, Appendix A.5).
fn state(query: &Parameters) -> Result<Option<&str>, Refusal> {
    let state = query.get("state")?;
    let good = |state: &str| state.len() <= LONGEST_STATE && state.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
    if state.is_none_or(good) { Ok(state) } else { Err(Refusal::field("state")) }
}

/// The challenge of one that wants a code. PKCE by S256 is no choice: without it a stolen code is a token.
fn challenge(query: &Parameters) -> Result<Option<&str>, Refusal> {
    let (challenge, method) = (query.get("code_challenge")?, query.get("code_challenge_method")?);
    let whole = |text: &&str| {
        text.len() == CHALLENGE && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    match (query.get("response_type")?, challenge) {
        (None | Some("token"), None) => Ok(None),
        (None | Some("token"), Some(_)) => Err(Refusal::field("response_type")),
        (Some("code"), _) if method != Some("S256") => Err(Refusal::field("code_challenge_method")),
        (Some("code"), challenge) => challenge.filter(whole).map(Some).ok_or(Refusal::field("code_challenge")),
        _ => Err(Refusal::field("response_type")),
    }
}

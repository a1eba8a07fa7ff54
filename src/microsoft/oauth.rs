//! Microsoft's part: the address that browsers are sent to, and the code that comes back.

use super::{
    Setup, SignInError,
    chain::{Answer, Chain, Failed, Step},
    pkce, random,
    token::{Token, Wiped},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::ExposeSecret;
use serde::Deserialize;

/// The redirect address is registered for a page's own scripts, which redeem codes themselves.
const FOR_SCRIPTS: [u64; 2] = [90_023, 9_002_327];

pub(super) fn authorize_url(setup: &Setup, state: &str, challenge: &str) -> String {
    let scope = setup.scopes.join(" ");
    let mut query = form_urlencoded::Serializer::new(String::with_capacity(512));
    query.extend_pairs([
        ("client_id", setup.client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", &setup.redirect_uri),
        ("response_mode", "query"),
        ("scope", &scope),
        ("state", state),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
        ("prompt", "select_account"),
    ]);
    if asks_for_id(setup) {
        query.append_pair("nonce", &nonce(challenge));
    }
    let (endpoint, query) = (&setup.endpoints.authorize, query.finish());
    let joint = if endpoint.query().is_some() { '&' } else { '?' };
    format!("{endpoint}{joint}{query}")
}

/// Only then does an ID token come back, with a nonce in it.
fn asks_for_id(setup: &Setup) -> bool {
    setup.scopes.iter().any(|scope| scope == "openid")
}

/// It follows from the challenge, so there is nothing more to keep.
fn nonce(challenge: &str) -> String {
    random::hash(&format!("nonce {challenge}"))
}

/// What it means that a browser brings `error`.
pub(super) fn declined(error: &str) -> SignInError {
    match error {
        "access_denied" => SignInError::AccessDenied,
        "consent_required" | "interaction_required" | "login_required" => SignInError::ConsentRequired,
        "server_error" => SignInError::ServerError,
        "temporarily_unavailable" => SignInError::TemporarilyUnavailable,
        _ if is_ours(error) => SignInError::MicrosoftMisconfigured,
        _ => SignInError::MicrosoftError,
    }
}

/// Errors of RFC 6749 that say: this program, or its registration, is wrong.
fn is_ours(error: &str) -> bool {
    let known = [
        "invalid_client",
        "invalid_request",
        "invalid_resource",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_response_type",
    ];
    known.contains(&error)
}

/// What a code is redeemed for. A refresh token is not even read.
#[derive(Deserialize)]
struct Granted {
    access_token: Token,
    token_type: Option<String>,
    id_token: Option<Token>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: String,
    error_codes: Vec<u64>,
    error_description: String,
}

pub(super) async fn redeem(chain: &Chain<'_>, code: &str, verifier: &str) -> Result<Token, Failed> {
    let setup = chain.setup;
    let scope = setup.scopes.join(" ");
    let mut form = vec![
        ("client_id", setup.client_id.as_str()),
        ("code", code),
        ("redirect_uri", &setup.redirect_uri),
        ("grant_type", "authorization_code"),
        ("code_verifier", verifier),
        ("scope", &scope),
    ];
    if let Some(secret) = &setup.client_secret {
        form.push(("client_secret", secret.expose_secret()));
    }
    let answer = chain.post(Step::Token, "application/x-www-form-urlencoded", Wiped::form(&form)).await?;
    if !answer.is_ok() {
        return Err(refused(&answer));
    }
    let granted: Granted = answer.json().ok_or_else(|| answer.unusable())?;
    if granted.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("Bearer")) {
        return Err(answer.unusable());
    }
    if asks_for_id(setup) && !granted.id_token.is_some_and(|id| is_for(&id, verifier)) {
        return Err(answer.failed(SignInError::MicrosoftCodeInvalid));
    }
    Ok(granted.access_token)
}

/// Whether an ID token was made for the sign-in of this verifier. It came straight from Microsoft, so its signature adds nothing
/// (OpenID Connect Core §3.1.3.7).
fn is_for(id: &Token, verifier: &str) -> bool {
    #[derive(Deserialize)]
    struct Claims {
        nonce: String,
    }
    let payload = id.reveal().split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    let claims = payload.and_then(|payload| serde_json::from_slice::<Claims>(&payload).ok());
    claims.is_some_and(|claims| claims.nonce == nonce(&pkce::challenge_of(verifier)))
}

fn refused(answer: &Answer) -> Failed {
    let refusal: Refusal = answer.json().unwrap_or_default();
    let number = refusal.error_codes.first().copied().or_else(|| aadsts(&refusal.error_description));
    let error = match refusal.error.as_str() {
        _ if answer.is_outage() => return answer.unusable().numbered(number),
        "" | "server_error" | "temporarily_unavailable" => return answer.unusable().numbered(number),
        _ if number.is_some_and(|number| FOR_SCRIPTS.contains(&number)) => SignInError::MicrosoftMisconfigured,
        "invalid_grant" => SignInError::MicrosoftCodeInvalid,
        other => declined(other),
    };
    answer.failed(error).numbered(number)
}

/// The number in `AADSTS70008: …`.
fn aadsts(description: &str) -> Option<u64> {
    let (_, rest) = description.split_once("AADSTS")?;
    let end = rest.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

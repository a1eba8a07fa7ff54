//! `account`: what a player sees of their own account, and the forms of that page.

use super::{
    LoginApi,
    bearer::cookie_session,
    consent, cookies,
    denied::{denied, unavailable},
    people, tokens,
};
use crate::{
    login::Resume,
    store::{Consent, SignIn as Kept},
    tokens::{AccessClaims, Read},
    web::{
        answer::Body,
        edge::{Admitted, Endpoint, Refusal},
        pages::login::{Access, Account, Done, Player, SignIn, Why, field},
    },
};
use http::Response;

/// Sessions on the page.
const SHOWN: u32 = 20;

pub(super) async fn account(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    match cookie_session(api, admitted).await? {
        Some((token, read)) => page(api, admitted, (token, &read.claims), None).await,
        None => Ok(people::signed_out(api, admitted, Why::NotSignedIn, &Resume::Account)),
    }
}

async fn page(
    api: &LoginApi,
    admitted: &Admitted,
    (token, claims): (&str, &AccessClaims),
    done: Option<Done>,
) -> Result<Response<Body>, Refusal> {
    // One more than is shown tells whether there are more.
    let kept = api.logins.sign_ins(claims, SHOWN + 1).await;
    let (kept, first) = kept.map_err(|error| unavailable(&error))?;
    let sessions: Vec<_> = kept.iter().take(SHOWN as usize).map(|kept| sign_in(kept, &first)).collect();
    let consents = api.logins.consents(claims).await.map_err(denied)?;
    let services: Vec<_> = consents.iter().map(access).collect();
    let path = |endpoint| api.edge.path(endpoint);
    let account = Account {
        site: api.edge.site(),
        player: Player { name: &claims.name, uuid: &claims.subject.dashed().to_string() },
        done,
        services: &services,
        sessions: &sessions,
        older: kept.len() > sessions.len(),
        revoke: &path(Endpoint::AccountRevoke),
        sign_out: &path(Endpoint::AccountSignOut),
        sign_out_everywhere: &path(Endpoint::AccountSignOutEverywhere),
        csrf: &api.logins.form_token(token),
    };
    Ok(people::page(admitted, account.page()))
}

fn access(consent: &Consent) -> Access<'_> {
    let Consent { service, permissions, granted_at } = consent;
    Access { service: consent::service(&service.registered), permissions, granted_at: *granted_at }
}

fn sign_in<'a>(kept: &'a Kept, first: &str) -> SignIn<'a> {
    SignIn {
        created_at: kept.created_at,
        ip: kept.ip.as_deref(),
        user_agent: kept.user_agent.as_deref(),
        current: kept.token_jti == first,
    }
}

/// This browser's token ends, and its cookies go.
pub(super) async fn sign_out(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let resume = resume(admitted)?;
    let Some((token, _)) = people::sender(api, admitted).await? else { return Ok(nobody(api, admitted, &resume)) };
    tokens::end(api, token, "signed out").await?;
    gone(api, admitted, Why::Here, &resume)
}

/// Every token of the player ends.
pub(super) async fn sign_out_everywhere(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let Some((_, Read { claims, .. })) = people::sender(api, admitted).await? else {
        return Ok(nobody(api, admitted, &Resume::Account));
    };
    api.logins.sign_out_everywhere(&claims.user).await.map_err(|error| unavailable(&error))?;
    gone(api, admitted, Why::Everywhere, &Resume::Account)
}

/// A service loses its access.
pub(super) async fn revoke(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let slug = admitted.text(field::SERVICE)?.ok_or(Refusal::field(field::SERVICE))?;
    let Some((token, Read { claims, .. })) = people::sender(api, admitted).await? else {
        return Ok(nobody(api, admitted, &Resume::Account));
    };
    // It may have been pressed twice: then the service has lost it as well.
    api.logins.revoke_consent(&claims, &slug).await.map_err(denied)?;
    page(api, admitted, (token, &claims), Some(Done::Revoked)).await
}

/// What the player was about to do when they signed out.
fn resume(admitted: &Admitted) -> Result<Resume, Refusal> {
    let Some(request) = admitted.text(field::REQUEST)? else { return Ok(Resume::Account) };
    Resume::read(&Resume::Consent(request).written()).ok_or(Refusal::field(field::REQUEST))
}

fn gone(api: &LoginApi, admitted: &Admitted, why: Why, resume: &Resume) -> Result<Response<Body>, Refusal> {
    let mut response = people::signed_out(api, admitted, why, resume);
    cookies::sign_out(api, &mut response)?;
    Ok(response)
}

fn nobody(api: &LoginApi, admitted: &Admitted, resume: &Resume) -> Response<Body> {
    people::signed_out(api, admitted, Why::NotSignedIn, resume)
}

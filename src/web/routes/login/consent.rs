//! `service/consent`: the page that asks a player whether a service may use their account, and their answer.

use super::{LoginApi, bearer::cookie_session, denied::unserved, microsoft::leaving, people};
use crate::{
    login::{PendingConsent, Resume},
    store::Registration,
    tokens::AccessClaims,
    web::{
        answer::Body,
        edge::{Admitted, Code, Endpoint, Refusal},
        pages::login::{Consent, Player, Purpose, Service, Target, Why, field},
    },
};
use http::{Method, Response};

const REQUEST: &str = "request";

pub(super) async fn consent(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    match admitted.method {
        Method::POST => answered(api, admitted).await,
        _ => asked(api, admitted).await,
    }
}

/// The question. Who is not signed in does that first, and comes back.
async fn asked(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let resume = resume(admitted.query.get(REQUEST)?.map(str::to_owned))?;
    let Resume::Consent(request) = &resume else { return Err(Refusal::field(REQUEST)) };
    let pending = api.logins.consent(request).await.map_err(unserved)?;
    match cookie_session(api, admitted).await? {
        Some((token, read)) => page(api, admitted, (request, &pending), (token, &read.claims)),
        None => Ok(admitted.envelope.found(&people::sign_in(api, &resume))),
    }
}

fn page(
    api: &LoginApi,
    admitted: &Admitted,
    (request, pending): (&str, &PendingConsent),
    (token, claims): (&str, &AccessClaims),
) -> Result<Response<Body>, Refusal> {
    let permissions = pending.of(claims);
    if permissions.is_empty() {
        return Err(Code::InsufficientScope.into());
    }
    let consent = Consent {
        site: api.edge.site(),
        service: service(&pending.service.registered),
        redirect: Target::new(pending.redirect.as_str()).ok_or(Code::InternalError)?,
        player: Player { name: &claims.name, uuid: &claims.subject.dashed().to_string() },
        permissions: &permissions,
        lifetime: pending.lifetime,
        action: &api.edge.path(Endpoint::ServiceConsent),
        sign_out: &api.edge.path(Endpoint::AccountSignOut),
        request,
        csrf: &api.logins.form_token(token),
    };
    Ok(people::page(admitted, consent.page()))
}

/// A service as pages show it.
pub(super) fn service(registered: &Registration) -> Service<'_> {
    let Registration { slug, name, verified, .. } = registered;
    Service { name, slug: slug.as_str(), verified: *verified }
}

/// The answer. The browser leaves by a page, since a form must not lead to another site.
async fn answered(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    let resume = resume(admitted.text(field::REQUEST)?)?;
    let Resume::Consent(request) = &resume else { return Err(Refusal::field(REQUEST)) };
    let decision = admitted.text(field::DECISION)?.unwrap_or_default();
    let approves = match decision.as_str() {
        field::APPROVE => true,
        field::DENY => false,
        _ => return Err(Refusal::field(field::DECISION)),
    };
    let Some((_, player)) = people::sender(api, admitted).await? else {
        return Ok(people::signed_out(api, admitted, Why::NotSignedIn, &resume));
    };
    let (to, purpose) = match approves {
        true => (api.logins.approve(&player, request, None).await, Purpose::SigningIn),
        false => (api.logins.deny(request).await, Purpose::GoingBack),
    };
    leaving(api, admitted, &to.map_err(unserved)?, purpose)
}

fn resume(request: Option<String>) -> Result<Resume, Refusal> {
    let written = Resume::Consent(request.unwrap_or_default()).written();
    Resume::read(&written).ok_or(Refusal::field(REQUEST))
}

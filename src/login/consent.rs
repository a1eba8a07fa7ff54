//! A player's answer to a service, and the token that comes of a yes.

use super::{
    Denied, Logins, ServiceDenied,
    services::{check_redirect, is_id, permitted},
};
use crate::{
    model::{ProfileId, Redirect, ServiceSlug, Timestamp},
    store::{Consent, ConsentRequest, Grant, Service, ServiceCode},
    tokens::{AccessClaims, Issued, Read, ServiceClaims, fresh_id},
};
use std::time::Duration;

/// What a player is asked.
#[derive(Clone, Debug)]
pub struct PendingConsent {
    /// Who asks.
    pub service: Service,
    /// Where the player goes after the answer.
    pub redirect: Redirect,
    /// What it asks for.
    pub permissions: Vec<String>,
    /// For how long its token would be good.
    pub lifetime: Duration,
}

impl PendingConsent {
    /// What this player can give of that. Nothing, when their own token allows nothing of it.
    #[must_use]
    pub fn of(&self, player: &AccessClaims) -> Vec<String> {
        both(self.permissions.clone(), &player.scopes)
    }
}

/// What is wanted of a player who has said yes on another page.
#[derive(Clone, Copy, Debug)]
pub struct TokenWish<'a> {
    /// Which service it is for.
    pub slug: &'a str,
    /// Where the player goes with it.
    pub redirect: &'a str,
    /// The request that was answered.
    pub request: Option<&'a str>,
    /// What the player has agreed to. `None`: to all that was asked.
    pub permissions: Option<&'a [String]>,
}

/// A service's token.
#[derive(Clone, Debug)]
pub struct ServiceToken {
    /// The token.
    pub issued: Issued,
    /// For how many seconds it is good.
    pub expires_in: i64,
    /// What it allows.
    pub permissions: Vec<String>,
    /// Whose it is.
    pub service: Service,
    /// Whom it is about.
    pub subject: ProfileId,
}

impl Logins {
    /// What a request is about.
    ///
    /// # Errors
    /// When it is over, or its service is switched off.
    pub async fn consent(&self, request: &str) -> Result<PendingConsent, ServiceDenied> {
        let (request, service) = self.waiting(request, self.0.clock.now()).await?;
        let redirect = check_redirect(&service, &request.redirect)?;
        let permissions = permitted(&service, Some(&request.permissions));
        Ok(PendingConsent { service, redirect, permissions, lifetime: self.0.terms.access_ttl })
    }

    /// A player says yes to a request, or to these permissions of it, and goes to this address.
    ///
    /// # Errors
    /// When the request is over, or there is nothing to say yes to.
    pub async fn approve(
        &self,
        player: &Read<AccessClaims>,
        request: &str,
        permissions: Option<&[String]>,
    ) -> Result<String, ServiceDenied> {
        let now = self.0.clock.now();
        let (request, service) = self.waiting(request, now).await?;
        let redirect = check_redirect(&service, &request.redirect)?;
        let permissions = agreed(&service, Some(&request), permissions, player)?;
        if request.challenge.is_some() {
            return self.approved_with_code(player, (&request, &service), (&redirect, permissions), now).await;
        }
        self.grant((player, &service), &permissions, (Some(&request.id), None), now).await?;
        let ServiceToken { issued, service, .. } = self.service_token(&player.claims, service, permissions, now)?;
        let until = issued.expires_at.to_string();
        let mut parameters = vec![
            ("authToken", issued.token.as_str()),
            ("expiresAt", &until),
            ("service", service.registered.slug.as_str()),
        ];
        parameters.extend(request.state.as_deref().map(|state| ("state", state)));
        Ok(redirect.with_fragment(&parameters).into())
    }

    /// A player says no to a request, and goes to this address.
    ///
    /// # Errors
    /// When the request is over.
    pub async fn deny(&self, request: &str) -> Result<String, ServiceDenied> {
        let now = self.0.clock.now();
        let (request, service) = self.waiting(request, now).await?;
        let redirect = check_redirect(&service, &request.redirect)?;
        let taken = self.0.store.take_consent_request(&request.id, now).await.map_err(Denied::from)?;
        taken.ok_or(ServiceDenied::Over)?;
        let mut parameters = vec![("error", "access_denied")];
        parameters.extend(request.state.as_deref().map(|state| ("state", state)));
        if request.challenge.is_none() {
            return Ok(redirect.with_fragment(&parameters).into());
        }
        parameters.push(("iss", self.0.tokens.parties().0));
        Ok(redirect.with_query(&parameters).into())
    }

    /// A token for a service, for a player who has said yes on another page.
    ///
    /// # Errors
    /// When the service may not have one.
    pub async fn issue_service_token(
        &self,
        player: &Read<AccessClaims>,
        wish: TokenWish<'_>,
    ) -> Result<ServiceToken, ServiceDenied> {
        let now = self.0.clock.now();
        let service = self.service(wish.slug).await?;
        check_redirect(&service, wish.redirect)?;
        let request = match wish.request {
            Some(id) if !is_id(id) => return Err(ServiceDenied::Over),
            Some(id) => Some(self.answered(id, (&service, wish.redirect), now).await?),
            None if self.0.terms.require_consent_request => return Err(ServiceDenied::NoRequest),
            None => None,
        };
        let permissions = agreed(&service, request.as_ref(), wish.permissions, player)?;
        self.grant((player, &service), &permissions, (wish.request, None), now).await?;
        self.service_token(&player.claims, service, permissions, now)
    }

    /// What a player lets services do.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn consents(&self, player: &AccessClaims) -> Result<Vec<Consent>, Denied> {
        Ok(self.0.store.consents(&player.user).await?)
    }

    /// Takes back what a player lets a service do: its tokens of this player are void. Whether there was anything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke_consent(&self, player: &AccessClaims, slug: &str) -> Result<bool, Denied> {
        let Ok(slug) = ServiceSlug::new(slug) else { return Ok(false) };
        let revoked = self.0.store.revoke_consent(&player.user, &slug, self.0.clock.now()).await?;
        self.0.tokens.forget();
        Ok(revoked)
    }

    /// The request that was answered elsewhere: of this service, to this address, for a token.
    async fn answered(
        &self,
        id: &str,
        (service, redirect): (&Service, &str),
        now: Timestamp,
    ) -> Result<ConsentRequest, ServiceDenied> {
        let found = self.0.store.consent_request(id, now).await.map_err(Denied::from)?;
        let is_its = |request: &ConsentRequest| {
            request.service == service.id && request.redirect == redirect && request.challenge.is_none()
        };
        found.filter(is_its).ok_or(ServiceDenied::Over)
    }

    /// Writes a yes down, and ends its request.
    pub(super) async fn grant(
        &self,
        (player, service): (&Read<AccessClaims>, &Service),
        permissions: &[String],
        (request, code): (Option<&str>, Option<&ServiceCode>),
        now: Timestamp,
    ) -> Result<(), ServiceDenied> {
        let grant = Grant { user: &player.claims.user, service: &service.id, permissions, request, code };
        match self.0.store.grant(grant, now).await.map_err(Denied::from)? {
            true => {}
            false => return Err(ServiceDenied::Over),
        }
        tracing::info!(service = %service.registered.slug, player = ?player.claims.name, "consent");
        Ok(())
    }

    /// Signs a service's token. It ends with what the player's own sign-in could be renewed to.
    pub(super) fn service_token(
        &self,
        player: &AccessClaims,
        service: Service,
        permissions: Vec<String>,
        now: Timestamp,
    ) -> Result<ServiceToken, ServiceDenied> {
        let access = AccessClaims {
            jti: fresh_id(now),
            scopes: permissions.clone(),
            client: service.registered.slug.to_string(),
            ..player.clone()
        };
        self.signed_for_service(access, (service, permissions), now)
    }

    /// The same, where the token has its id already.
    pub(super) fn signed_for_service(
        &self,
        access: AccessClaims,
        (service, permissions): (Service, Vec<String>),
        now: Timestamp,
    ) -> Result<ServiceToken, ServiceDenied> {
        let (subject, ends) = (access.subject, access.authenticated_at.plus(self.0.terms.max_session));
        let claims = ServiceClaims { access, service: service.id.clone() };
        let issued = self.0.tokens.issue_service(&claims, Some(ends), now).map_err(Denied::from)?;
        let expires_in = issued.expires_at.seconds() - now.seconds();
        Ok(ServiceToken { issued, expires_in, permissions, service, subject })
    }
}

/// What the service may ask for, was asked for, was agreed to, and the player can give.
fn agreed(
    service: &Service,
    request: Option<&ConsentRequest>,
    wanted: Option<&[String]>,
    player: &Read<AccessClaims>,
) -> Result<Vec<String>, ServiceDenied> {
    let mut permissions = permitted(service, wanted);
    if let Some(request) = request {
        permissions = both(permissions, &request.permissions);
    }
    if permissions.is_empty() {
        return Err(ServiceDenied::Permissions);
    }
    let permissions = both(permissions, &player.claims.scopes);
    if permissions.is_empty() { Err(ServiceDenied::Scope) } else { Ok(permissions) }
}

fn both(mut some: Vec<String>, others: &[String]) -> Vec<String> {
    some.retain(|one| others.contains(one));
    some
}

//! Services: programs of others that ask a player whether they may use the account here.
//!
//! Decides who may ask for what, and where the answer goes. Whether the player agrees is decided on a page, here or elsewhere; what comes
//! of it, in [`consent`](super::consent) and [`code`](super::code).

use super::{Denied, Logins, challenge};
use crate::{
    model::{Denied as NotAllowed, Redirect, ServiceSlug, Timestamp, check_registered},
    store::{ConsentRequest, Service},
};
use std::time::Duration;

/// How long a player has for an answer.
const REQUEST: Duration = Duration::from_secs(600);
/// 32 random bytes in base64url.
const ID: usize = 43;
/// Requests that may wait for one.
const MOST_REQUESTS: u64 = 100_000;

/// What a service asks for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Who asks.
    pub slug: &'a str,
    /// Where the answer is to go.
    pub redirect: &'a str,
    /// What comes back with it.
    pub state: Option<&'a str>,
    /// What for. `None`: all that it may ask for.
    pub permissions: Option<&'a [String]>,
    /// The challenge of PKCE. With it the answer is a code, else a token.
    pub challenge: Option<&'a str>,
}

/// A request that now waits for its answer.
#[derive(Clone, Debug)]
pub struct ConsentAsked {
    /// Its id.
    pub request: String,
    /// Who asks.
    pub service: Service,
    /// Where the answer is to go, as the service has written it.
    pub redirect: String,
    /// Whether it is to be a code, which nobody but this program can give.
    pub wants_code: bool,
}

/// Why a service gets nothing.
#[derive(Debug, thiserror::Error)]
pub enum ServiceDenied {
    /// There is no such service.
    #[error("the service is not known")]
    Unknown,
    /// It is switched off.
    #[error("the service is switched off")]
    Off,
    /// It may not send players there.
    #[error("the redirect {0}")]
    Redirect(#[from] NotAllowed),
    /// It may not ask for any of this.
    #[error("the service may ask for none of these permissions")]
    Permissions,
    /// The player's own token allows none of this.
    #[error("the player's token allows none of these permissions")]
    Scope,
    /// There is no such request of this service, or it is over.
    #[error("the request is over")]
    Over,
    /// It has to begin with a request, and there is none.
    #[error("there is no request")]
    NoRequest,
    /// The service has not proved that it is the one.
    #[error("the client has not proved who it is")]
    Client,
    /// The code is used, over, or not for who presents it.
    #[error("the code is not good")]
    Code,
    /// Too many requests wait for an answer.
    #[error("too many requests wait")]
    Full,
    /// As for any other login.
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl Logins {
    /// Keeps a service's request for a player to answer.
    ///
    /// # Errors
    /// When the service may not ask for that. Then the browser goes nowhere.
    pub async fn ask_consent(&self, ask: Ask<'_>) -> Result<ConsentAsked, ServiceDenied> {
        let service = self.service(ask.slug).await?;
        check_redirect(&service, ask.redirect)?;
        let permissions = permitted(&service, ask.permissions);
        if permissions.is_empty() {
            return Err(ServiceDenied::Permissions);
        }
        let now = self.0.clock.now();
        let request = ConsentRequest {
            id: challenge::nonce().map_err(Denied::from)?,
            service: service.id.clone(),
            redirect: ask.redirect.to_owned(),
            permissions,
            state: ask.state.map(str::to_owned),
            challenge: ask.challenge.map(str::to_owned),
            expires_at: now.plus(REQUEST),
        };
        match self.0.store.put_consent_request(&request, MOST_REQUESTS, now).await.map_err(Denied::from)? {
            true => {}
            false => return Err(ServiceDenied::Full),
        }
        let ConsentRequest { id, redirect, challenge, .. } = request;
        Ok(ConsentAsked { request: id, service, redirect, wants_code: challenge.is_some() })
    }

    /// A service that may ask.
    pub(super) async fn service(&self, slug: &str) -> Result<Service, ServiceDenied> {
        let slug = ServiceSlug::new(slug).map_err(|_| ServiceDenied::Unknown)?;
        let service = self.0.store.service(&slug).await.map_err(Denied::from)?;
        on(service.ok_or(ServiceDenied::Unknown)?)
    }

    /// A request that waits, and who asks.
    pub(super) async fn waiting(
        &self,
        request: &str,
        now: Timestamp,
    ) -> Result<(ConsentRequest, Service), ServiceDenied> {
        if !is_id(request) {
            return Err(ServiceDenied::Over);
        }
        let request = self.0.store.consent_request(request, now).await.map_err(Denied::from)?;
        let request = request.ok_or(ServiceDenied::Over)?;
        let service = self.0.store.service_by_id(&request.service).await.map_err(Denied::from)?;
        Ok((request, on(service.ok_or(ServiceDenied::Over)?)?))
    }
}

/// Whether a text may be the id of a request. Others are none, and a store might not even take them.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == ID && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn on(service: Service) -> Result<Service, ServiceDenied> {
    if service.registered.disabled { Err(ServiceDenied::Off) } else { Ok(service) }
}

/// One of those that it has registered.
pub(super) fn check_redirect(service: &Service, raw: &str) -> Result<Redirect, ServiceDenied> {
    Ok(check_registered(raw, &service.registered.redirects, service.registered.native)?)
}

/// Those of a service's permissions that are wanted, in the service's order.
pub(super) fn permitted(service: &Service, wanted: Option<&[String]>) -> Vec<String> {
    let is_wanted = |permission: &&String| wanted.is_none_or(|wanted| wanted.contains(permission));
    service.registered.permissions.iter().filter(is_wanted).cloned().collect()
}

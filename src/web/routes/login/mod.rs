//! The login API: what each endpoint reads of a request, whom it asks, and what it writes.
//!
//! Decides which fields there are and what they may hold. Who may log in is decided by `login`, what a token is worth by `tokens`,
//! and all that is the same for every endpoint by `edge`.

mod account;
mod bearer;
mod client;
mod code;
mod consent;
mod cookies;
mod denied;
mod documents;
mod exchange;
mod feather;
mod history;
mod join;
mod microsoft;
mod people;
mod services;
mod tokens;
mod verify;

use crate::{
    login::{Destinations, Logins},
    model::Redirect,
    web::{
        answer::Body,
        edge::{Admitted, Code, Edge, Endpoint, Refusal},
    },
};
use bytes::Bytes;
use http::{Request, Response};
use std::net::IpAddr;

/// The login API of one configuration.
#[derive(Clone)]
pub struct LoginApi {
    /// Which requests come in.
    pub edge: Edge,
    /// Who gets a token.
    pub logins: Logins,
    /// Where browsers may be sent.
    pub destinations: Destinations,
    /// The page that asks players whether a service may use their account. `None`: the one here.
    pub consent: Option<Redirect>,
    /// Who else sees the cookie of a signed-in browser: all hosts of this domain.
    pub cookie_domain: Option<String>,
    /// Cookies are for https alone. Off only where the public URL is http, on this machine.
    pub secure_cookies: bool,
    /// Whether verify tells who has logged in, besides the token.
    pub extended_responses: bool,
    /// The header in which a trusted proxy tells a client's country.
    pub country_header: Option<String>,
}

/// Answers a request to an endpoint.
pub(in crate::web) async fn answer<B>(
    api: &LoginApi,
    endpoint: Endpoint,
    request: Request<B>,
    peer: IpAddr,
) -> Response<Body>
where
    B: hyper::body::Body<Data = Bytes>,
{
    let for_people = endpoint.is_for_people() && !people::wants_json(request.headers());
    let answer = match api.edge.admit(endpoint, request, peer).await {
        Ok(admitted) => {
            let answered = answered(api, &admitted).await;
            answered.unwrap_or_else(|refusal| admitted.envelope.refuse(refusal))
        }
        Err(refused) => refused,
    };
    if for_people { people::told(api, endpoint, answer) } else { answer }
}

async fn answered(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    match admitted.endpoint {
        Endpoint::Join => join::join(api, admitted).await,
        Endpoint::Verify => verify::verify(api, admitted).await,
        Endpoint::Sessions => history::sessions(api, admitted).await,
        Endpoint::AuthVerify => tokens::verify(api, admitted).await,
        Endpoint::Revoke => tokens::revoke(api, admitted).await,
        Endpoint::Introspect => tokens::introspect(api, admitted).await,
        Endpoint::Logout => tokens::log_out(api, admitted).await,
        Endpoint::Jwks => Ok(documents::keys(api, admitted)),
        Endpoint::Metadata => Ok(documents::metadata(api, admitted)),
        Endpoint::OpenApi => Ok(documents::description(admitted)),
        Endpoint::FeatherServerId => feather::server_id(api, admitted).await,
        Endpoint::FeatherHasJoined => feather::has_joined(api, admitted).await,
        Endpoint::FeatherAuthToken => feather::auth_token(api, admitted).await,
        Endpoint::MicrosoftLogin => microsoft::login(api, admitted).await,
        Endpoint::MicrosoftCallback => microsoft::callback(api, admitted).await,
        Endpoint::SessionExchange => exchange::exchange(api, admitted).await,
        Endpoint::Account => account::account(api, admitted).await,
        Endpoint::AccountSignOut => account::sign_out(api, admitted).await,
        Endpoint::AccountSignOutEverywhere => account::sign_out_everywhere(api, admitted).await,
        Endpoint::ServiceExchange => services::exchange(api, admitted).await,
        Endpoint::ServiceToken => services::token(api, admitted).await,
        Endpoint::Token => code::token(api, admitted).await,
        Endpoint::AccountRevoke => account::revoke(api, admitted).await,
        Endpoint::ServiceConsent => consent::consent(api, admitted).await,
    }
}

/// A browser that fetches what it may need later would use up what can be used once.
fn is_meant(admitted: &Admitted) -> Result<(), Refusal> {
    let purposes = ["sec-purpose", "purpose"].iter().filter_map(|name| admitted.headers().get(*name));
    match purposes.into_iter().any(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"prefetch")) {
        true => Err(Code::Forbidden.into()),
        false => Ok(()),
    }
}

/// Whether a game server asks about a challenge of this API, which is nobody's login to a game.
///
/// # Errors
/// When the store cannot tell.
pub(in crate::web) async fn has_made(api: &LoginApi, server_id: &str) -> Result<bool, Code> {
    api.logins.has_made(server_id).await.map_err(|error| {
        tracing::error!(%error, "whether a login is waiting for this serverId is not known");
        Code::Unavailable
    })
}
